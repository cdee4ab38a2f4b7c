"""Other files that a model names, and the copy of a model on which an engine may work.

Invariants
----------
1. An engine never sees the person's file, nor writes beside it: it works on a copy in a folder of its own.
2. Files that a model reads come from the model's own folder or below it and are copied; any other is refused by name.
3. Files that a model would write are written into the folder of the run, whatever path the model gives them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from models.core.errors import UserError
from models.network.hydraulics.document import InpDocument
from models.store import atomic

#: What a run is called in its folder.
MODEL, REPORT, OUTPUT = "model.inp", "model.rpt", "model.out"
#: A file of rain of this size is read; a larger one is no rain gage.
_MOST_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A file that a model names.

    Parameters
    ----------
    line, position : int
        Where: line from 0, token from 0.
    name : str
        As written.
    is_read : bool
        Whether the engine reads it; else it writes it.
    """

    line: int
    position: int
    name: str
    is_read: bool

    @property
    def plain_name(self) -> str:
        """Return the last part of its path, whichever system wrote it."""
        return PureWindowsPath(self.name.replace("/", "\\")).name


def references_of(document: InpDocument) -> list[Reference]:
    """Return the files that an engine would open for a model."""
    return _swmm_references(document) if document.dialect == "swmm" else _epanet_references(document)


def _swmm_references(document: InpDocument) -> list[Reference]:
    found = []
    for row in document.rows("RAINGAGES"):
        if len(row.tokens) > 5 and row.tokens[4].upper() == "FILE":
            found.append(Reference(row.line, 5, row.tokens[5], True))
    for row in document.rows("TIMESERIES"):
        if len(row.tokens) > 2 and row.tokens[1].upper() == "FILE":
            found.append(Reference(row.line, 2, row.tokens[2], True))
    for row in document.rows("TEMPERATURE"):
        if len(row.tokens) > 1 and row.tokens[0].upper() == "FILE":
            found.append(Reference(row.line, 1, row.tokens[1], True))
    for row in document.rows("FILES"):
        if len(row.tokens) > 2:
            found.append(Reference(row.line, 2, row.tokens[2], row.tokens[0].upper() == "USE"))
    for row in document.rows("LID_USAGE"):
        if len(row.tokens) > 8 and row.tokens[8] not in ("*", "NA"):
            found.append(Reference(row.line, 8, row.tokens[8], False))
    return found


def _epanet_references(document: InpDocument) -> list[Reference]:
    found = []
    for row in document.rows("OPTIONS"):
        if len(row.tokens) > 2 and row.tokens[0].upper().startswith("HYDR"):
            found.append(Reference(row.line, 2, row.tokens[2], row.tokens[1].upper() == "USE"))
    for row in document.rows("REPORT"):
        if len(row.tokens) > 1 and row.tokens[0].upper() == "FILE":
            found.append(Reference(row.line, 1, row.tokens[1], False))
    return found


def found_beside(reference: Reference, folder: Path) -> Path | None:
    """Return the file that is meant, None where it is not in the model's folder or below it."""
    if "\0" in reference.name:
        return None
    home = folder.resolve()
    for name in (reference.name.replace("\\", "/"), reference.plain_name):
        try:
            path = (home / name).resolve()
            if path.is_relative_to(home) and path.is_file() and path.stat().st_size <= _MOST_BYTES:
                return path
        except OSError:
            continue
    return None


def prepare_run(document: InpDocument, home: Path, folder: Path) -> InpDocument:
    """Write a copy of a model on which an engine may work, with the files that it reads.

    All objects are reported, so that each has a result; a folder for temporary files that the model names is not used.

    Parameters
    ----------
    document : InpDocument
    home : Path
        Folder of the model.
    folder : Path
        Empty, of the run.

    Returns
    -------
    InpDocument
        The copy: its lines are those of the model, further ones come after them.

    Raises
    ------
    UserError
        ``network.file_outside`` for a file that is not in the model's folder.
    """
    changes: dict[tuple[int, int], str] = {}
    taken = {MODEL, REPORT, OUTPUT}
    for number, reference in enumerate(references_of(document)):
        name = reference.plain_name or "file"
        if name.lower() in taken:
            name = f"{number}-{name}"
        if reference.is_read:
            path = found_beside(reference, home)
            if path is None:
                raise UserError(
                    "network.file_outside", file=document.file, name=reference.name, line=reference.line + 1
                )
            shutil.copyfile(path, folder / name)
        changes[reference.line, reference.position] = name
    copy = document.with_tokens(changes) if changes else document
    if document.dialect == "swmm":
        copy = copy.without(row.line for row in document.rows("OPTIONS") if row.tokens[0].upper() == "TEMPDIR")
        more = b"\r\n[REPORT]\r\nSUBCATCHMENTS ALL\r\nNODES ALL\r\nLINKS ALL\r\n"
        copy = InpDocument((*copy.lines, more), document.file)
    content = copy.as_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")
    atomic.write_bytes(folder / MODEL, content)
    return copy
