"""Two years, or two cities, held against each other: values by unit, problems by object, layers by row.

Invariants
----------
1. Figures of different meaning (edition, reading, formula, parameters) are shown side by side and never subtracted.
2. A problem counts as solved only where its object was looked at again and is good; everything else that is not found
   again cannot be told.
3. What only one side has is said, not taken for zero.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from models.health.editions import IndicatorDef
from models.health.lists.rectification import Rectification, rectification
from models.health.years import prints
from models.health.years.layers import LayerChange, layer_changes
from models.health.years.record import LEVELS, LayerPrint, Meaning, YearIndicator, YearProblem, YearRecord, YearValue

#: What became of a value; ``"changed"`` is neither better nor worse.
VERDICTS = (
    "improved", "worsened", "unchanged", "changed", "not_comparable", "only_before", "only_now", "no_data",
)  # fmt: skip
#: What became of an object that was, or is, a problem.
FATES = ("new", "still", "solved", "untold")
#: Why it cannot be told: the object is not in its layer any more, it has no business key, its indicator has no figure
#: now, the figure means something else, nobody looked at the object again, the earlier record names no objects.
REASONS = ("gone", "nameless", "no_result", "not_comparable", "not_looked_at", "no_objects")
#: A smaller change, as a share of the value, is none: figures are rounded when they travel.
LEAST_SHARE = 1e-9
#: Inputs that were known to so different shares make a change doubtful.
COVERAGE_STEP = 0.1


@dataclass(frozen=True, slots=True)
class ValueChange:
    """What became of an indicator in one unit.

    Parameters
    ----------
    before, now : YearValue or None
        None where a side does not have the unit.
    verdict : str
        One of :data:`VERDICTS`.
    change : float or None
        In the indicator's unit; None where there is nothing to subtract.
    by_name : bool
        Whether the unit was found by its name, since no code agrees.
    """

    before: YearValue | None
    now: YearValue | None
    verdict: str
    change: float | None = None
    by_name: bool = False

    @property
    def unit(self) -> YearValue:
        """Return the unit, as the later side names it."""
        one = self.now or self.before
        assert one is not None  # noqa: S101 - one side has it
        return one

    @property
    def has_other_coverage(self) -> bool:
        """Whether much more, or much less, of the inputs was known than then."""
        shares = [one.coverage if one is not None else None for one in (self.before, self.now)]
        return None not in shares and abs((shares[0] or 0.0) - (shares[1] or 0.0)) >= COVERAGE_STEP


@dataclass(frozen=True, slots=True)
class IndicatorChange:
    """What became of one indicator.

    Parameters
    ----------
    code : str
    before, now : YearIndicator or None
    differs : tuple of str
        Fields of :class:`~models.health.years.record.Meaning` in which they differ.
    city : ValueChange
    units : tuple of ValueChange
        Sub-districts, then estates.
    """

    code: str
    before: YearIndicator | None
    now: YearIndicator | None
    differs: tuple[str, ...]
    city: ValueChange
    units: tuple[ValueChange, ...] = ()

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        one = self.now or self.before
        assert one is not None  # noqa: S101 - one side has it
        return one.name_en if lang == "en" and one.name_en else one.name


@dataclass(frozen=True, slots=True)
class ProblemChange:
    """What became of one object that was, or is, a problem.

    Parameters
    ----------
    problem : YearProblem
        As it is now, else as it was.
    fate : str
        One of :data:`FATES`.
    reason : str
        One of :data:`REASONS` where it cannot be told. Of a new one: ``"not_looked_at"`` where nobody saw it then.
    """

    problem: YearProblem
    fate: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records held against each other.

    Parameters
    ----------
    before, now : YearRecord
    indicators : tuple of IndicatorChange
        In the order of the later record; what only the earlier one has at the end.
    problems : tuple of ProblemChange
        Empty for two cities: their objects are others.
    rectified : Rectification or None
        None for two cities, and where one of the two has no list.
    layers : tuple of LayerChange
        Empty where one of the two keeps no prints of its layers.
    """

    before: YearRecord
    now: YearRecord
    indicators: tuple[IndicatorChange, ...]
    problems: tuple[ProblemChange, ...] = ()
    rectified: Rectification | None = None
    layers: tuple[LayerChange, ...] = ()

    @property
    def is_other_city(self) -> bool:
        """Whether two cities are compared."""
        return self.before.city != self.now.city

    def verdicts(self) -> dict[str, int]:
        """Return how many indicators became what, by the city's value."""
        found = dict.fromkeys(VERDICTS, 0)
        for one in self.indicators:
            found[one.city.verdict] += 1
        return found

    def fates(self, code: str = "") -> dict[str, int]:
        """Return how many problems became what, of one indicator or of all."""
        found = dict.fromkeys(FATES, 0)
        for one in self.problems:
            if not code or one.problem.indicator == code:
                found[one.fate] += 1
        return found


def compared(before: YearRecord, now: YearRecord, book: Mapping[str, IndicatorDef]) -> Comparison:
    """Hold two records against each other.

    Parameters
    ----------
    before, now : YearRecord
        Of two years of a city, or of two cities.
    book : mapping of str to IndicatorDef
        Says which way is better, by code; of others nobody says.
    """
    mine, theirs = now.by_code(), before.by_code()
    codes = [*mine, *(code for code in theirs if code not in mine)]
    directions = {code: book[code].direction if code in book else "context" for code in codes}
    changes = tuple(_indicator(code, theirs.get(code), mine.get(code), directions[code]) for code in codes)
    if before.city != now.city:
        return Comparison(before, now, changes)
    rectified = rectification(before.listed, now.listed) if before.listed and now.listed else None
    by_code = {one.code: one for one in changes}
    return Comparison(
        before, now, changes, tuple(_problems(before, now, by_code)), rectified,
        layer_changes(before.layers, now.layers) if before.layers and now.layers else (),
    )  # fmt: skip


def differing(before: Meaning, now: Meaning) -> tuple[str, ...]:
    """Return the fields in which two meanings differ."""
    return tuple(one.name for one in fields(Meaning) if getattr(before, one.name) != getattr(now, one.name))


# --- values -----------------------------------------------------------------------------------------------------------


def _indicator(code: str, before: YearIndicator | None, now: YearIndicator | None, direction: str) -> IndicatorChange:
    differs = differing(before.meaning, now.meaning) if before is not None and now is not None else ()
    found: list[ValueChange] = []
    for level in LEVELS:
        then = [one for one in before.values if one.level == level] if before is not None else []
        today = [one for one in now.values if one.level == level] if now is not None else []
        found += _matched(level, then, today, direction, bool(differs))
    head = [one for one in found if one.unit.level == "city"] or [ValueChange(None, None, "no_data")]
    return IndicatorChange(
        code, before, now, differs, head[0], tuple(one for one in found if one.unit.level != "city")
    )  # fmt: skip


def _matched(
    level: str, then: Sequence[YearValue], today: Sequence[YearValue], direction: str, is_other: bool
) -> Iterable[ValueChange]:
    if level == "city":
        pair = (then[0] if then else None, today[0] if today else None)
        if pair != (None, None):
            yield _changed(*pair, direction, is_other)
        return
    by_code = {one.code: one for one in then if one.code}
    codes = {one.code for one in today}
    named = [one for one in then if one.name and one.code not in codes]
    once = {one.name: one for one in named if sum(other.name == one.name for other in named) == 1}
    taken: set[int] = set()
    for one in today:
        old = by_code.get(one.code) if one.code else None
        by_name = old is None and one.name in once
        old = once.get(one.name) if by_name else old
        if old is not None:
            taken.add(id(old))
        yield _changed(old, one, direction, is_other, by_name=by_name)
    yield from (_changed(one, None, direction, is_other) for one in then if id(one) not in taken)


def _changed(
    before: YearValue | None, now: YearValue | None, direction: str, is_other: bool, *, by_name: bool = False
) -> ValueChange:
    if before is None or now is None:
        return ValueChange(before, now, "only_now" if before is None else "only_before")
    if before.value is None or now.value is None:
        both = before.value is None and now.value is None
        return ValueChange(before, now, "no_data" if both else "only_now" if before.value is None else "only_before",
                           by_name=by_name)  # fmt: skip
    if is_other:
        return ValueChange(before, now, "not_comparable", by_name=by_name)
    verdict = verdict_of(before.value, now.value, direction)
    change = 0.0 if verdict == "unchanged" else now.value - before.value
    return ValueChange(before, now, verdict, change, by_name)


def verdict_of(before: float, now: float, direction: str) -> str:
    """Return what became of a value where more is better (``"up"``), less is (``"down"``) or neither."""
    change = now - before
    if abs(change) <= LEAST_SHARE * max(abs(before), abs(now), 1.0):
        return "unchanged"
    if direction not in ("up", "down"):
        return "changed"
    return "improved" if (change > 0) == (direction == "up") else "worsened"


# --- problems ---------------------------------------------------------------------------------------------------------


def _problems(before: YearRecord, now: YearRecord, by_code: Mapping[str, IndicatorChange]) -> Iterable[ProblemChange]:
    then = {_name(one): one for one in before.problems if one.object}
    today = {_name(one): one for one in now.problems if one.object}
    seen_then, seen_now = _looked_at(before), _looked_at(now)
    present = _present(now.layers)
    fresh = [one for one in now.problems if not one.object or _name(one) not in then]
    lost = [one for one in before.problems if not one.object or _name(one) not in today]
    # an object that fails for another reason than then is still a problem of the indicator
    objects_now = {(one.indicator, one.role, one.object) for one in today.values()}
    for one in now.problems:
        if one.object and _name(one) in then:
            yield ProblemChange(one, "still")
    told = {one.indicator for one in before.problems} | {code for code, _ in seen_then}
    for one, mark in zip(fresh, prints.names([one.object for one in fresh]).tolist(), strict=True):
        change = by_code.get(one.indicator)
        if reason := _why_unsure(one, change, told):
            yield ProblemChange(one, "untold", reason)
        else:
            was_seen = _has(seen_then.get((one.indicator, one.role)), mark)
            yield ProblemChange(one, "new", "" if was_seen else "not_looked_at")
    for one, mark in zip(lost, prints.names([one.object for one in lost]).tolist(), strict=True):
        if one.object and (one.indicator, one.role, one.object) in objects_now:
            continue  # counted as what it is now
        reason = _why_untold(one, mark, by_code, seen_now, present)
        yield ProblemChange(one, "untold" if reason else "solved", reason)


def _why_unsure(one: YearProblem, change: IndicatorChange | None, told: Container[str]) -> str:
    """Return why nobody can say that a problem is new; empty where it is."""
    if not one.object:
        return "nameless"
    then = change.before.city if change is not None and change.before is not None else None
    if change is None or then is None or then.value is None:
        return "no_result"
    if change.differs:
        return "not_comparable"
    return "" if one.indicator in told or then.numerator == 0 else "no_objects"


def _name(one: YearProblem) -> tuple[str, str, str, str]:
    return one.indicator, one.reason, one.role, one.object


def _why_untold(
    one: YearProblem, mark: int, by_code: Mapping[str, IndicatorChange],
    seen: Mapping[tuple[str, str], prints.Prints], present: Mapping[str, prints.Prints | None],
) -> str:  # fmt: skip
    if not one.object:
        return "nameless"
    change = by_code.get(one.indicator)
    if change is None or change.now is None or change.now.city is None or change.now.city.value is None:
        return "no_result"
    if change.differs:
        return "not_comparable"
    if _has(seen.get((one.indicator, one.role)), mark):
        return ""
    names = present.get(one.role)
    return "gone" if names is not None and not _has(names, mark) else "not_looked_at"


def _looked_at(record: YearRecord) -> dict[tuple[str, str], prints.Prints]:
    return {
        (one.code, group.role): np.sort(prints.unpacked_names(group.names))
        for one in record.indicators
        for group in one.good
    }


def _present(layers: Sequence[LayerPrint]) -> dict[str, prints.Prints | None]:
    """Return the names of the objects of each role; None where a layer of it does not tell them."""
    found: dict[str, list[prints.Prints] | None] = {}
    for one in layers:
        parts = found.setdefault(one.role, [])
        if not one.names:
            found[one.role] = None
        elif parts is not None:
            parts.append(prints.unpacked_names(one.names))
    return {role: None if parts is None else np.sort(np.concatenate(parts)) for role, parts in found.items()}


def _has(names: prints.Prints | None, mark: int) -> bool:
    if names is None or not len(names):
        return False
    at = int(np.searchsorted(names, np.uint64(mark)))
    return at < len(names) and int(names[at]) == mark
