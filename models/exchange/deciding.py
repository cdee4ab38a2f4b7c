"""How a person decides conflicts: one by one or many at once, and what a merge would come to before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.exchange.merging import Conflict, Known, RecordId, Said, merged
from models.exchange.records import Plain

#: Class, key and field.
RecordField = tuple[str, str, str]
#: Ways to decide one or many conflicts.
OURS, THEIRS, NEWEST, AUTHORITY = WAYS = ("ours", "theirs", "newest", "authority")


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What becomes of the records of one class if they are merged; each is counted once.

    Parameters
    ----------
    new, changed, deleted, same : int
    conflicting : int
        Of which a field, or whether they still exist, has to be decided first.
    """

    new: int = 0
    changed: int = 0
    deleted: int = 0
    same: int = 0
    conflicting: int = 0


def foresee(known: Known, touched: Iterable[RecordId], mine: Mapping[RecordId, str]) -> dict[str, Foreseen]:
    """Return by class what merging would change.

    Parameters
    ----------
    known : Known
    touched : iterable of (str, str)
        Records that the packages speak of.
    mine : mapping of (str, str) to str
        Record → hash of the version that this project has.
    """
    counted: dict[str, dict[str, int]] = {}
    for record in touched:
        what = _becomes(known, record, mine.get(record, ""))
        of_class = counted.setdefault(record[0], {})
        of_class[what] = of_class.get(what, 0) + 1
    return {kind: Foreseen(**counts) for kind, counts in counted.items()}


def _becomes(known: Known, record: RecordId, mine: str) -> str:
    one = merged(known, record, "hand", None, mine)
    own = known.versions(record).get(mine)
    if one is not None and one.conflicts:
        return "conflicting"
    if one is None or (own is not None and one.says(own)):
        return "same"
    is_here = own is not None and not own.deleted
    if one.deleted:
        return "deleted" if is_here else "same"
    return "changed" if is_here else "new"


def ours(conflict: Conflict, known: Known, mine: Mapping[RecordId, str]) -> Said | None:
    """Return what this project says of the field, None where it does not have the record."""
    own = known.versions((conflict.kind, conflict.key)).get(mine.get((conflict.kind, conflict.key), ""))
    return None if own is None else Said(own.said().get(conflict.field), own.sender, own.time_us, own.hash)


def theirs(conflict: Conflict, own: Said | None) -> tuple[Said, ...]:
    """Return what others say, the newest first."""
    return tuple(side for side in conflict.sides if own is None or side.version != own.version)


def side_by(conflict: Conflict, way: str, own: Said | None) -> Said | None:
    """Return the side that one of :data:`WAYS` takes; None where there is none."""
    if way == OURS:
        return own
    if way == THEIRS:
        return next(iter(theirs(conflict, own)), None)
    return conflict.chosen(way)


def values_of(conflicts: Iterable[Conflict], decided: Mapping[RecordField, Said]) -> dict[RecordField, Plain]:
    """Return the value of each conflict that was decided."""
    return {one.id: decided[one.id].value for one in conflicts if one.id in decided}
