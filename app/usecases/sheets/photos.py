"""Photographs on a page: a file that somebody chose, or what the register says of the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.layers.layer import VectorData
from models.sheets.spec import Subject

if TYPE_CHECKING:
    from app.session import Session

#: More bytes are no photograph for a sheet.
MOST_BYTES = 64_000_000


def photo_named(session: Session, subject: Subject) -> str:
    """Return the photograph that the table of a subject's object or its ledger row names, empty for none."""
    for row in session.project.state.health.ledger:
        if row.photo and (row.id == subject.code or row.key in subject.objects):
            return row.photo
    for key in subject.objects:
        data = session.project.data.get(key.layer)
        if isinstance(data, VectorData) and data.has(key.oid):
            text = data.row(key.oid).get("photo")
            if isinstance(text, str) and text.strip():
                return text.strip()
    return ""


def photo_of(session: Session, subject: Subject, source: str) -> tuple[bytes, str]:
    """Return the bytes of a photograph and its caption: the file's name, or why it is not shown.

    What lies outside the project's folder is looked at only where a person allowed it.
    """
    from app.usecases.facilities.component_form import photos_of

    named = source or photo_named(session, subject)
    found = photos_of(session, named) if named else ()
    if not found:
        return b"", ""
    photo = found[0]
    if photo.path is None or photo.fault:
        return b"", session.word(f"sheets.photo.{photo.fault or 'missing'}", file=photo.text)
    try:
        with photo.path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError:
        return b"", session.word("sheets.photo.missing", file=photo.text)
    return (content if len(content) <= MOST_BYTES else b""), photo.path.name
