"""Mapping profiles of the person: kept in the home folder, taken in from a file, given away as one."""

from __future__ import annotations

import re
from pathlib import Path

import tomli_w

from app.settings import home
from models.core.errors import UserError
from models.facilities.register.field_map import Mapping
from models.facilities.register.profiles import SUFFIX, document_of, read_profile
from models.store import atomic

#: Profiles that are listed at the most.
MOST = 200
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def folder() -> Path:
    """Return where the person's profiles lie."""
    return home() / "mappings"


def listed(kind: str = "") -> list[tuple[Path, Mapping]]:
    """Return the person's profiles, of one kind of register or of all, by name; what cannot be read is left out."""
    found = []
    for path in sorted(folder().glob(f"*{SUFFIX}"))[:MOST] if folder().is_dir() else []:
        try:
            mapping = read_profile(path)
        except UserError:
            continue
        if not kind or mapping.kind == kind:
            found.append((path, mapping))
    return sorted(found, key=lambda one: (one[1].name or one[0].stem).casefold())


def keep(mapping: Mapping) -> Path:
    """Keep a mapping under its name in the home folder, in the place of one of that name.

    Raises
    ------
    UserError
        ``register.profile_unnamed``; what writing a file can raise.
    """
    stem = _UNSAFE.sub("_", mapping.name).strip(" .")[:80]
    if not stem:
        raise UserError("register.profile_unnamed")
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"{stem}{SUFFIX}"
    give_away(mapping, path)
    return path


def give_away(mapping: Mapping, path: Path) -> None:
    """Write a mapping as a file that others can take in."""
    atomic.write_text(Path(path), tomli_w.dumps(document_of(mapping)))


def of_name(text: str, kind: str = "") -> Mapping:
    """Return a profile by its file, or by its name among the person's own.

    Raises
    ------
    UserError
        ``register.profile_missing``, ``register.profile_bad``, ``register.profile_kind``.
    """
    path = Path(text)
    mapping = (
        next((one for file, one in listed() if text in (one.name, file.stem)), None) if not path.is_file() else None
    )
    mapping = mapping or read_profile(path)
    if kind and mapping.kind != kind:
        raise UserError("register.profile_kind", file=text, found=mapping.kind, wanted=kind)
    return mapping
