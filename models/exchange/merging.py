"""Versions of records put together: what all say, what two say differently, and what then counts.

Invariants
----------
1. What is known is a *set* of versions, and joining two sets is their union. So the order in which packages come, and
   how often, changes nothing: what a record is follows from the set alone.
2. A field that only one side changed since the common ancestor is taken from that side. Only where several changed it,
   and differently, or where there is no common ancestor and both say something, is there a conflict.
3. A record that one side deleted while another changed it is a conflict, never a silent loss.
4. Newest and authority end in the hash of the version: two parties that know the same decide the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from models.exchange.authority import rank
from models.exchange.records import DELETED, GEOMETRY, Plain, Version

RecordId = tuple[str, str]


class Known:
    """A set of versions, by record."""

    def __init__(self, versions: Iterable[Version] = ()) -> None:
        self._records: dict[RecordId, dict[str, Version]] = {}
        self.add(versions)

    def add(self, versions: Iterable[Version]) -> None:
        """Take more versions in; one that is known changes nothing."""
        for one in versions:
            self._records.setdefault((one.kind, one.key), {})[one.hash] = one

    def joined(self, other: Known) -> Known:
        """Return what both know together."""
        made = Known()
        for known in (self, other):
            for versions in known._records.values():
                made.add(versions.values())
        return made

    def records(self) -> list[RecordId]:
        """Return which records are known, in a settled order."""
        return sorted(self._records)

    def versions(self, record: RecordId) -> dict[str, Version]:
        """Return what is known of a record by hash."""
        return self._records.get(record, {})

    def heads(self, record: RecordId) -> tuple[Version, ...]:
        """Return the versions of a record that no other takes the place of, in a settled order."""
        versions = self.versions(record)
        if len(versions) == 1:
            return tuple(versions.values())
        replaced = {base for one in versions.values() for base in one.bases}
        return tuple(versions[name] for name in sorted(versions) if name not in replaced)


@dataclass(frozen=True, slots=True)
class Said:
    """What one side says of a field.

    Parameters
    ----------
    value : Plain
    sender : str
    time_us : int
    version : str
        Hash.
    """

    value: Plain
    sender: str
    time_us: int
    version: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of a record of which several sides say different things.

    Parameters
    ----------
    kind, key, field : str
    base : Plain
        What the common ancestor says.
    has_base : bool
        Whether there is a common ancestor.
    sides : tuple of Said
        One for each version that changed it, the newest first.
    """

    kind: str
    key: str
    field: str
    base: Plain
    has_base: bool
    sides: tuple[Said, ...]

    @property
    def id(self) -> tuple[str, str, str]:
        """Return class, key and field."""
        return self.kind, self.key, self.field

    def chosen(self, policy: str) -> Said:
        """Return the side that a policy takes: ``"newest"`` or ``"authority"``."""
        if policy == "newest":
            return self.sides[0]
        return min(self.sides, key=lambda side: rank(side.sender, self.kind, self.key, self.field))


@dataclass(frozen=True, slots=True)
class Merged:
    """What a record comes to.

    Parameters
    ----------
    kind, key : str
    values : mapping of str to Plain
    geometry, crs : str
    deleted : bool
    conflicts : tuple of Conflict
    """

    kind: str
    key: str
    values: Mapping[str, Plain]
    geometry: str = ""
    crs: str = ""
    deleted: bool = False
    conflicts: tuple[Conflict, ...] = field(default=())

    def says(self, version: Version) -> bool:
        """Whether a version says the same."""
        return (
            self.deleted == version.deleted and self.geometry == version.geometry
            and dict(self.values) == dict(version.values)
        )  # fmt: skip


def merged(
    known: Known, record: RecordId, policy: str = "newest", choices: Mapping[tuple[str, str, str], str] | None = None,
    mine: str = "",
) -> Merged | None:  # fmt: skip
    """Return what a record comes to, None where nothing is known of it.

    Parameters
    ----------
    known : Known
    record : tuple of str
        Class and key.
    policy : str
        One of :data:`models.exchange.kinds.POLICIES`.
    choices : mapping, optional
        Conflict's id → hash of the version whose value a person chose.
    mine : str
        Hash of the version that this project has: kept where nobody chose (``"hand"``).
    """
    heads = known.heads(record)
    if not heads:
        return None
    if len(heads) == 1:
        return _as_merged(heads[0].said(), record, ())
    base = ancestor(known, record, heads)
    before = {} if base is None else base.said()
    conflicts: list[Conflict] = []
    said: dict[str, Plain] = {}
    for name in sorted({name for one in heads for name in one.said()} | set(before)):
        options = _options(name, heads, before, has_base=base is not None)
        if len({(type(one.value), one.value) for one in options}) == 1:
            said[name] = options[0].value
            continue
        conflict = Conflict(*record, name, before.get(name), base is not None, options)
        conflicts.append(conflict)
        said[name] = _decided(conflict, policy, choices or {}, mine, known).value
    return _as_merged(said, record, tuple(conflicts))


def ancestor(known: Known, record: RecordId, heads: tuple[Version, ...]) -> Version | None:
    """Return the last version that all heads follow from, None where there is none; of several the newest."""
    versions = known.versions(record)
    common = set.intersection(*(_lineage(one, versions) for one in heads))
    last = common - {base for name in common for base in _lineage(versions[name], versions) if base != name}
    return max((versions[name] for name in last), key=_age, default=None)


def _lineage(version: Version, versions: Mapping[str, Version]) -> set[str]:
    """Return the hashes of a version and of all that it follows from, as far as they are known."""
    found: set[str] = set()
    left = [version.hash]
    while left:
        name = left.pop()
        if name in versions and name not in found:
            found.add(name)
            left.extend(versions[name].bases)
    return found


def _age(version: Version) -> tuple[int, str, str]:
    return version.time_us, version.sender, version.hash


def _options(name: str, heads: tuple[Version, ...], before: Mapping[str, Plain], *, has_base: bool) -> tuple[Said, ...]:
    """Return who says something of a field that may count, the newest first."""
    told = [(one, one.said().get(name)) for one in sorted(heads, key=_age, reverse=True)]
    if name == DELETED:
        kept = [one for one, gone in told if not gone]
        untouched = has_base and all(_unchanged(one, before) for one in kept)
        changed = told if kept and not untouched else [(one, gone) for one, gone in told if gone] or told
    elif has_base:
        live = [(one, value) for one, value in told if not one.deleted] or told
        changed = [(one, value) for one, value in live if value != before.get(name)] or told[:1]
        if all(value == before.get(name) for _, value in changed):
            one = told[0][0]
            return (Said(before.get(name), one.sender, one.time_us, one.hash),)
    else:  # without an ancestor, who says nothing contradicts nobody
        changed = [(one, value) for one, value in told if value is not None] or told
    return tuple(Said(value, one.sender, one.time_us, one.hash) for one, value in changed)


def _unchanged(version: Version, before: Mapping[str, Plain]) -> bool:
    return version.said() == dict(before)


def _decided(
    conflict: Conflict, policy: str, choices: Mapping[tuple[str, str, str], str], mine: str, known: Known
) -> Said:
    wanted = choices.get(conflict.id, "")
    for side in conflict.sides:
        if side.version == wanted:
            return side
    if policy != "hand":
        return conflict.chosen(policy)
    own = known.versions((conflict.kind, conflict.key)).get(mine)
    if own is None:
        return conflict.sides[0]
    return Said(own.said().get(conflict.field), own.sender, own.time_us, own.hash)


def _as_merged(said: Mapping[str, Plain], record: RecordId, conflicts: tuple[Conflict, ...]) -> Merged:
    values = {name: value for name, value in said.items() if name not in (DELETED, GEOMETRY) and value is not None}
    crs, _, shape = str(said.get(GEOMETRY) or ";").partition(";")
    return Merged(*record, values, shape, crs, bool(said.get(DELETED)), conflicts)


def facts(conflict: Conflict) -> dict[str, Any]:
    """Return a conflict, JSON-ready."""
    return {
        "class": conflict.kind, "key": conflict.key, "field": conflict.field, "base": conflict.base,
        "has_base": conflict.has_base,
        "sides": [
            {"value": one.value, "sender": one.sender, "time_us": one.time_us, "version": one.version}
            for one in conflict.sides
        ],
    }  # fmt: skip
