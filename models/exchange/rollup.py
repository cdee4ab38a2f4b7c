"""Figures of many parties by division of a higher level: counts and sums add up, rates are worked out anew.

Invariants
----------
1. A rate is never the mean of rates: numerators and denominators are added, and divided once.
2. Nothing counts twice: where a division of the level itself handed out its own figure, that stands beside the sum of
   those below it.
3. Who handed nothing out, or has no data, is counted and said.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from models.core.errors import UserError
from models.exchange.divisions import LEVELS, division_at, level_of
from models.exchange.merging import Known, Merged, merged

#: Two factors that differ by less are the same, for they were rounded.
_SAME_FACTOR = 1e-6


@dataclass(frozen=True, slots=True)
class ObjectCount:
    """How many objects of a class of records are in a state."""

    division: str
    kind: str
    class_code: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class CaseCount:
    """Cases of a division, and the two rates whose denominators are settled.

    Parameters
    ----------
    division : str
    filed : int
    due : int
        Whose deadline has passed at ``as_of``; those without a deadline are in ``without_deadline``.
    closed, closed_in_time : int
        Of those that were due: closed at all, and by their deadline.
    without_deadline : int
    closing_rate, in_time_rate : float or None
        ``closed`` and ``closed_in_time`` ÷ ``due``; None where nothing was due.
    """

    division: str
    filed: int
    due: int
    closed: int
    closed_in_time: int
    without_deadline: int
    closing_rate: float | None
    in_time_rate: float | None


@dataclass(frozen=True, slots=True)
class ResultSum:
    """An indicator over the parties of a division.

    Parameters
    ----------
    division, indicator, edition, reading : str
    parties, without : int
        How many parties below have a figure, and how many handed one out without data.
    numerator, denominator : float or None
    value : float or None
        Worked out of the two.
    own : float or None
        What the division itself handed out.
    reason : str
        ``"unlike"`` where the parties work the indicator out with different factors, ``"no_data"``, else empty.
    """

    division: str
    indicator: str
    edition: str
    reading: str
    parties: int
    without: int
    numerator: float | None
    denominator: float | None
    value: float | None
    own: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollUp:
    """What all parties come to at a level.

    Parameters
    ----------
    level : str
    parties : tuple of str
        Division codes of who handed something out.
    conflicts : int
        Fields that were decided by the policy, for nobody has put an end to the conflict yet.
    """

    level: str
    parties: tuple[str, ...]
    objects: tuple[ObjectCount, ...]
    cases: tuple[CaseCount, ...]
    results: tuple[ResultSum, ...]
    conflicts: int

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, JSON-ready."""
        return asdict(self)


def roll_up(known: Known, level: str, as_of_us: int, policy: str = "newest") -> RollUp:
    """Add up what is known by division of a level.

    Parameters
    ----------
    known : Known
    level : str
        ``"county"``, ``"city"`` or ``"province"``.
    as_of_us : int
        Cases with a deadline up to here are due, µs since 1970 UTC.
    policy : str
        ``"newest"`` or ``"authority"``.

    Raises
    ------
    UserError
        ``exchange.bad_level``.
    """
    if level not in LEVELS:
        raise UserError("exchange.bad_level", level=level)
    objects: Counter[tuple[str, str, str, str]] = Counter()
    cases: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    results: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    conflicts, parties = 0, set()
    for record in known.records():
        one = merged(known, record, policy)
        senders = {version.sender for version in known.versions(record).values()}
        parties |= senders
        if one is None or one.deleted:
            continue
        conflicts += len(one.conflicts)
        origin = min(known.versions(record).values(), key=lambda version: (version.time_us, version.hash)).sender
        said = one.values
        if one.kind == "cases":
            cases[division_at(origin, level)].append(said)
        elif one.kind == "results":
            if said.get("scope") == "whole":
                place = division_at(str(said.get("division") or origin), level)
                named = (str(said.get("indicator")), str(said.get("edition")), str(said.get("reading") or ""))
                results[(place, *named)].append(said)
        else:
            state = said.get("ObjState") or said.get("state") or ""
            objects[(division_at(_place(one, origin), level), one.kind, _class(one), str(state))] += 1
    return RollUp(
        level, tuple(sorted(parties)), tuple(ObjectCount(*key, count) for key, count in sorted(objects.items())),
        tuple(_cases(place, rows, as_of_us) for place, rows in sorted(cases.items())),
        tuple(_results(key, rows, level) for key, rows in sorted(results.items())), conflicts,
    )  # fmt: skip


def _place(record: Merged, origin: str) -> str:
    try:
        level_of(record.key[:6])
    except UserError:
        return origin
    return record.key[:6] if record.kind == "components" and record.key.isdigit() else origin


def _class(record: Merged) -> str:
    return str(record.values.get("class_code") or record.values.get("kind") or record.values.get("node_type") or "")


def _moment(value: Any) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _cases(place: str, rows: Iterable[Mapping[str, Any]], as_of_us: int) -> CaseCount:
    as_of = dt.datetime.fromtimestamp(as_of_us / 1e6, dt.UTC)
    filed = due = closed = in_time = without = 0
    for said in rows:
        filed += 1
        deadline, end = _moment(said.get("due_at")), _moment(said.get("closed_at"))
        if deadline is None:
            without += 1
        elif deadline <= as_of:
            due += 1
            closed += end is not None and end <= as_of
            in_time += end is not None and end <= deadline
    rates = (closed / due, in_time / due) if due else (None, None)
    return CaseCount(place, filed, due, closed, in_time, without, *rates)


def _results(key: tuple[str, str, str, str], rows: list[Mapping[str, Any]], level: str) -> ResultSum:
    own = [said for said in rows if level_of(str(said["division"])) == level]
    below = [said for said in rows if level_of(str(said["division"])) != level] or own
    known = [said for said in below if isinstance(said.get("numerator"), (int, float))]
    own_value = next((said.get("value") for said in own), None) if below is not own else None
    blank = ResultSum(*key, len(known), len(below) - len(known), None, None, None, own_value, "no_data")
    if not known:
        return blank
    factors = [said["factor"] for said in known if said.get("factor") is not None]
    forms = {said.get("form") for said in known}
    if len(forms) > 1 or (factors and max(factors) - min(factors) > _SAME_FACTOR * max(map(abs, factors))):
        return ResultSum(*key, len(known), blank.without, None, None, None, own_value, "unlike")
    numerator = float(sum(said["numerator"] for said in known))
    denominator = float(sum(said.get("denominator") or 0 for said in known))
    factor = factors[0] if factors else (0.0 if numerator == 0 else None)
    by = 1.0 if forms == {"count"} else denominator
    value = factor * numerator / by if factor is not None and by else None
    return ResultSum(*key, len(known), blank.without, numerator, denominator, value, own_value)
