"""Files that prove values: named relative to the project, known again by their content, never copied."""

from __future__ import annotations

import hashlib
from pathlib import Path

from models.health.entered.values import EvidenceFile


def evidence_file(name: str, folder: Path | None) -> EvidenceFile:
    """Return a file as evidence.

    Parameters
    ----------
    name : str
        As somebody wrote it: absolute, or relative to ``folder``.
    folder : Path or None
        Of the project; None where it was never saved.

    Returns
    -------
    EvidenceFile
        Without a hash where the file is not there or cannot be read.
    """
    text = name.strip().replace("\\", "/")
    path = Path(text)
    if folder is not None and not path.is_absolute():
        path = folder / path
    shown = text
    if folder is not None and path.is_absolute() and path.resolve().is_relative_to(folder.resolve()):
        shown = path.resolve().relative_to(folder.resolve()).as_posix()
    try:
        if not path.is_absolute() or not path.is_file():
            return EvidenceFile(shown)
        with path.open("rb") as stream:
            return EvidenceFile(shown, hashlib.file_digest(stream, "sha256").hexdigest())
    except OSError:
        return EvidenceFile(shown)
