"""Sources of a redacted package: building models without people, nothing that nobody can look through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from models.core.errors import UserError
from models.delivery.ifc_people import redact
from models.delivery.manifest import LeftOut, Redacted
from models.delivery.needles import Needles
from models.delivery.personal import kind_of_field
from models.project.project import ProjectState

#: Kinds of layers whose files hold numbers of places, and nothing of anybody.
_PLAIN_KINDS = ("terrain", "image", "surface", "cloud")
_BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class RedactedSources:
    """The files of a redacted package.

    Parameters
    ----------
    state : ProjectState
        Whose layers name them.
    files : dict of str to Path
        By name in the package.
    left_out : tuple of LeftOut
    redacted : tuple of Redacted
    """

    state: ProjectState
    files: dict[str, Path]
    left_out: tuple[LeftOut, ...]
    redacted: tuple[Redacted, ...]


def redacted_sources(state: ProjectState, files: Mapping[str, Path], work: Path, lang: str) -> RedactedSources:
    """Mask people in IFC files, and leave out models of which nobody can say what they tell.

    Parameters
    ----------
    state : ProjectState
        As packed: sources are named as in the package.
    files : mapping of str to Path
    work : Path
        A folder for what is written anew.
    lang : str
    """
    kept, left, layers = dict(files), list[LeftOut](), []
    told: list[Redacted] = []
    for layer in state.layers:
        name = layer.source.path
        if not name or layer.kind in _PLAIN_KINDS:
            layers.append(layer)
        elif name in files and name.lower().endswith(".ifc"):
            target = work / f"model_{len(told)}.ifc"
            count = redact(files[name], target, lambda text: bool(kind_of_field(text)))
            kept[name] = target
            told.append(Redacted("models", layer.title(lang), count))
            layers.append(layer)
        else:
            folder = name.rsplit("/", 1)[0] if name in files else name
            kept = {one: file for one, file in kept.items() if not one.startswith(f"{folder}/")}
            left.append(LeftOut(layer.title(lang), "redacted"))
            layers.append(replace(layer, source=replace(layer.source, path="")))
    return RedactedSources(replace(state, layers=tuple(layers)), kept, tuple(left), tuple(told))


def require_gone(needles: Needles, files: Iterable[Path]) -> None:
    """Look through files, byte by byte, for what was taken out.

    Raises
    ------
    UserError
        ``package.not_redacted``, with the beginning of what was found.
    """
    raw = Needles.of_bytes(needles)
    for file in files:
        with file.open("rb") as stream:
            rest = ""
            while block := stream.read(_BLOCK):
                text = rest + block.decode("latin-1")
                if found := raw.found_in(text):
                    first = min(found).encode("latin-1").decode("utf-8", "replace")
                    raise UserError("package.not_redacted", file=file.name, where=f"{first[:1]}…")
                rest = text[-256:]
