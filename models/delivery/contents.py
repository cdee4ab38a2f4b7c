"""What goes into a review package: which layer how, which files beside them, and what is left out and why.

A layer whose table is here goes into the project file of the package, wherever it came from; rasters, clouds and models
go in as the files that they are, with what belongs to them. Nothing of a geometry cache does: an entry is mapped into
memory as it is, which nobody does with what a stranger made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any, Literal

import pandas as pd

from models.delivery.manifest import INDEX, MANIFEST, PROJECT, SOURCES, LeftOut
from models.delivery.member_names import folded, is_safe
from models.delivery.state_texts import mapped
from models.io.registry import companions, dependent_files
from models.layers.asked import asked_of
from models.layers.layer import Layer, LayerData, Source, VectorData
from models.project.project import ProjectState
from models.project.reaches import file_reach
from models.views.snapshot_spec import SnapshotSpec

How = Literal["inside", "file", "left_out"]
#: Files of one source, and pieces of evidence, that are taken along.
MOST_FILES, MOST_EVIDENCE = 5_000, 5_000
#: Endings of what is evidence, and the largest piece, bytes.
EVIDENCE = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".pdf")
MOST_EVIDENCE_BYTES = 64 * 1024**2
#: Fields of tables that name photos.
_PHOTO_FIELDS = ("photo", "photos", "picture", "image", "照片", "图片")
#: Option of a layer kept in the project that names the file it came from.
_ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Part:
    """One layer and how it goes into a package.

    Parameters
    ----------
    layer : str
    how : str
        ``"inside"`` the project file, as ``"file"``, or ``"left_out"``.
    why : str
        Why it is left out, as :class:`models.delivery.manifest.LeftOut` has it; else empty.
    files : tuple of (str, Path)
        Name in the package and file.
    size_bytes : int
        Of the files; of a table what its cells take in memory, about.
    """

    layer: str
    how: How
    why: str = ""
    files: tuple[tuple[str, Path], ...] = ()
    size_bytes: int = 0


def parts_of(
    state: ProjectState, data: Mapping[str, LayerData], withheld: Collection[str] = (), without: Collection[str] = ()
) -> tuple[Part, ...]:
    """Return how each layer goes into a package, in the order of the layers.

    Parameters
    ----------
    state : ProjectState
        With absolute paths.
    data : mapping of str to LayerData
    withheld : collection of str
        Ids of layers whose sources may not be looked at.
    without : collection of str
        Ids of layers that the person leaves out.
    """
    found: list[Part] = []
    numbers: dict[str, int] = {}
    for layer in state.layers:
        kept, path = data.get(layer.id), layer.source.path
        if layer.id in without:
            found.append(Part(layer.id, "left_out", "chosen"))
        elif isinstance(kept, VectorData):
            found.append(Part(layer.id, "inside", size_bytes=_memory(kept)))
        elif asked_of(layer) is not None or "url" in layer.source.options:
            found.append(Part(layer.id, "left_out", "server"))
        elif layer.id in withheld:
            found.append(Part(layer.id, "left_out", "untrusted"))
        elif not path or not Path(path).exists():
            found.append(Part(layer.id, "left_out", "missing"))
        else:
            number = numbers.setdefault(path, len(numbers) + 1)
            files = tuple(_named(Path(path), layer.source.reader, f"{SOURCES}/{number:02d}"))
            if not files or len(files) > MOST_FILES:
                found.append(Part(layer.id, "left_out", "unsafe_name" if not files else "unread"))
            else:
                found.append(Part(layer.id, "file", "", files, sum(file.stat().st_size for _, file in files)))
    return tuple(found)


def packed(state: ProjectState, parts: Collection[Part], lang: str) -> tuple[ProjectState, tuple[LeftOut, ...]]:
    """Return a project as it stands in the package: no path leads out of it, no server is named.

    Returns
    -------
    ProjectState
    tuple of LeftOut
    """
    by_layer = {part.layer: part for part in parts}
    layers, left_out = [], []
    for layer in state.layers:
        part = by_layer[layer.id]
        if part.how == "left_out":
            left_out.append(LeftOut(layer.title(lang), part.why))
            if part.why in ("chosen", "server"):
                continue
        layers.append(_packed(layer, part))
    groups = tuple(
        replace(group, layers=tuple(one for one in group.layers if any(layer.id == one for layer in layers)))
        for group in state.groups
    )

    def here(value: Any) -> Any:
        if isinstance(value, SnapshotSpec) and value.project:
            return replace(value, project=PureWindowsPath(value.project.replace("\\", "/")).name)
        return value

    return mapped(replace(state, layers=tuple(layers), groups=groups), whole=here), tuple(left_out)


def evidence(state: ProjectState, data: Mapping[str, LayerData], folder: Path | None) -> dict[str, Path]:
    """Return the photos and papers in the project's folder that tables, lists and sheets name, by name there."""
    found: dict[str, Path] = {}
    if folder is None:
        return found
    for text in sorted(_named_evidence(state, data)):
        name = text.strip().replace("\\", "/").removeprefix("./")
        if not is_safe(name) or not name.lower().endswith(EVIDENCE) or file_reach(name, folder) is not None:
            continue
        top = folded(name.partition("/")[0])
        if top in (SOURCES, folded(MANIFEST), folded(PROJECT), folded(INDEX)) or len(found) >= MOST_EVIDENCE:
            continue
        file = folder / name
        if file.is_file() and file.stat().st_size <= MOST_EVIDENCE_BYTES:
            found[name] = file
    return found


def _named_evidence(state: ProjectState, data: Mapping[str, LayerData]) -> set[str]:
    texts: set[str] = set()
    for layer in state.layers:
        kept = data.get(layer.id)
        if isinstance(kept, VectorData):
            for name in kept.fields:
                if name.casefold() in _PHOTO_FIELDS:
                    texts |= {one for one in kept.attributes[name].dropna().unique() if isinstance(one, str)}
    for row in state.health.ledger:
        texts |= {row.photo, row.photo_after}
    for problem in state.health.problems:
        texts |= {problem.before, problem.after}
    for value in state.health.entered:
        texts |= {one.path for one in value.evidence}
    for sheet in state.review.sheets:
        texts |= {item.source for item in sheet.items if item.kind == "photo"}
    return {part for text in texts for part in text.replace("；", ";").replace("|", ";").split(";") if part.strip()}


def _packed(layer: Layer, part: Part) -> Layer:
    if part.how == "inside":  # a table that stood in the project's file keeps how it was read
        options = {name: value for name, value in layer.source.options.items() if name != _ORIGIN}
        if layer.source.path or asked_of(layer) is not None:
            return replace(layer, source=Source(crs=layer.source.crs))
        return replace(layer, source=replace(layer.source, options=options))
    path = part.files[0][0] if part.how == "file" else ""
    return replace(layer, source=replace(layer.source, path=_root(path, layer) if path else ""))


def _root(first: str, layer: Layer) -> str:
    """Return where a source lies in the package: its file, or its folder."""
    if Path(layer.source.path).is_dir():
        return "/".join(first.split("/")[:3])
    return first


def _named(path: Path, reader: str, folder: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of a source with their names in the package, the source itself first; none if one is unsafe."""
    files: dict[Path, str] = {}
    if path.is_dir():
        for number, file in enumerate(sorted(path.rglob("*"))):
            if number > 4 * MOST_FILES:
                return
            if file.is_file() and not file.is_symlink():
                files[file] = f"{path.name}/{file.relative_to(path).as_posix()}"
    else:
        stem = path.stem if is_safe(path.name) else "source"
        for file in (path, *companions(path)):
            files[file] = stem + file.name[len(path.stem) :]
        for name, _, _ in dependent_files(path, reader):
            if (beside := path.parent / name).is_file():
                files.setdefault(beside, name)
    named = [(f"{folder}/{name}", file) for file, name in files.items()]
    if all(is_safe(name) for name, _ in named):
        yield from named


def _memory(kept: VectorData) -> int:
    columnar = kept.columnar
    if columnar is not None:
        return int(columnar.table.nbytes)
    frame = kept.frame
    return int(pd.DataFrame(frame).memory_usage(index=True).sum())
