"""A conflict in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.exchange.merging import Conflict, Said
from models.exchange.records import DELETED, GEOMETRY, Plain
from models.timeline.zone import moment_text

if TYPE_CHECKING:
    from app.session import Session


def cells_of(
    session: Session, conflict: Conflict, own: Said | None, others: Sequence[Said], decided: Said | None
) -> tuple[str, ...]:
    """Return the cells of a conflict: object, field, base, ours, theirs, who and when, what counts."""
    word, name = session.word, conflict.field
    theirs = value_text(session, name, others[0].value) if others else "–"
    if len(others) > 1:
        theirs = word("exchange.conflict.more", value=theirs, count=len(others) - 1)
    if decided is None:
        counts = word("exchange.decided.open")
    else:
        is_ours = own is not None and decided.version == own.version
        whose = word("exchange.decided.ours") if is_ours else decided.sender
        counts = f"{whose}: {value_text(session, name, decided.value)}"
    return (
        f"{word(f'exchange.class.{conflict.kind}')} {conflict.key}", field_title(session, name),
        value_text(session, name, conflict.base) if conflict.has_base else word("exchange.conflict.no_base"),
        word("exchange.conflict.not_here") if own is None else value_text(session, name, own.value), theirs,
        f"{others[0].sender} · {_when(session, others[0])}" if others else "–", counts,
    )  # fmt: skip


def heading_of(session: Session, side: Said, own: Said | None) -> str:
    """Return who says something and when."""
    is_ours = own is not None and side.version == own.version
    whose = session.word("exchange.conflict.ours") if is_ours else side.sender
    return f"{whose} · {_when(session, side)}"


def field_title(session: Session, name: str) -> str:
    """Return a field as it is named in the register; a shape and a deletion in words."""
    return session.word(f"exchange.field.{name}") if name in (DELETED, GEOMETRY) else name


def value_text(session: Session, name: str, value: Plain) -> str:
    """Return a value; of a shape its middle, metres."""
    if name == DELETED:
        return session.word("exchange.value.deleted" if value else "exchange.value.kept")
    if value is None:
        return session.word("exchange.value.nothing")
    if name == GEOMETRY:
        return _middle(str(value))
    return str(value)


def _middle(text: str) -> str:
    import shapely

    shape = shapely.from_wkt(text.partition(";")[2], on_invalid="ignore")
    if shape is None or shape.is_empty:
        return "–"
    return f"{shape.centroid.x:.2f}, {shape.centroid.y:.2f}"


def _when(session: Session, side: Said) -> str:
    return moment_text(side.time_us, session.project.state.operations.zone.name)
