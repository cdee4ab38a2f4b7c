"""All indicators of a project at a glance: how each stands, and how a dimension stands by its indicators."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.health.editions import Edition, IndicatorDef
from models.health.profile import CityProfile
from models.health.results import IndicatorResult

#: How an indicator can stand, in the order in which a bar shows it.
STATES = ("met", "not_met", "ungraded", "no_data", "missing", "not_applicable")
#: Ways to show only some of them.
FILTERS = ("all", "not_met", "no_data", "bottom_line", "to_decide")
ORDERS = ("number", "worst", "coverage", "change")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one indicator stands.

    Parameters
    ----------
    definition : IndicatorDef
    result : IndicatorResult or None
        None where nothing was computed, entered or imported.
    state : str
        One of :data:`STATES`: ``"ungraded"`` has a value and nothing that grades it (no benchmark, or the class of the
        city is not filled in), ``"no_data"`` was tried and came to nothing, ``"missing"`` was never there,
        ``"not_applicable"`` is not meant for such a city.
    is_old : bool
    before : float or None
        Its value a year ago.
    is_decided : bool
        Whether a person has decided over it.
    """

    definition: IndicatorDef
    result: IndicatorResult | None
    state: str
    is_old: bool = False
    before: float | None = None
    is_decided: bool = False

    @property
    def value(self) -> float | None:
        """Return the value of the city."""
        return self.result.city.value if self.result is not None else None

    @property
    def change(self) -> float | None:
        """Return by how much the value is another than a year ago."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def is_better(self) -> bool | None:
        """Whether the change is one for the better; None where there is none, or neither is better."""
        change = self.change
        if not change or self.definition.direction == "context":
            return None
        return (change > 0) == (self.definition.direction == "up")

    @property
    def gap(self) -> float | None:
        """Return how far the value misses its benchmark, as a share of the benchmark; negative where it is met."""
        benchmarks = self.result.benchmarks if self.result is not None else ()
        if self.value is None or not benchmarks:
            return None
        (first, *_) = benchmarks
        missing = first.value - self.value if first.op == ">=" else self.value - first.value
        return missing / max(abs(first.value), 1e-9)

    def passes(self, chosen: str) -> bool:
        """Whether it is among those of a filter of :data:`FILTERS`."""
        match chosen:
            case "not_met":
                return self.state == "not_met"
            case "no_data":
                return self.state in ("no_data", "missing")
            case "bottom_line":
                return self.definition.kind == "bottom_line"
            case "to_decide":
                return self.value is not None and self.state != "not_applicable" and not self.is_decided
        return True

    def speaks_of(self, text: str) -> bool:
        """Whether it holds every word of a text in its number, code or names."""
        one = self.definition
        told = " ".join((f"{one.number:02}", one.code, one.name, one.name_en, one.aspect, one.aspect_en)).casefold()
        return all(part in told for part in text.casefold().split())


def overview(
    book: Edition,
    results: Mapping[str, IndicatorResult],
    profile: CityProfile,
    old: Container[str] = (),
    before: Mapping[str, float] | None = None,
    decided: Container[str] = (),
) -> tuple[Standing, ...]:
    """Return how the indicators of a book stand, in its order.

    Parameters
    ----------
    book : Edition
    results : mapping of str to IndicatorResult
        By code.
    profile : CityProfile
    old : container of str
        Codes of what is out of date.
    before : mapping of str to float, optional
        Values of the city a year ago, by code.
    decided : container of str
        Codes over which a person has decided.
    """
    known = before or {}
    return tuple(
        Standing(
            row,
            results.get(code),
            _state(row, results.get(code), profile),
            code in old,
            known.get(code),
            code in decided,
        )
        for code, row in book.indicators.items()
    )


def _state(definition: IndicatorDef, result: IndicatorResult | None, profile: CityProfile) -> str:
    if not definition.applicable(profile):
        return "not_applicable"
    if result is None:
        return "missing"
    grade = result.city.grade
    return grade if grade in ("met", "not_met", "no_data") else "ungraded"


def counts(standings: Iterable[Standing]) -> dict[str, int]:
    """Return how many stand in each way."""
    found = dict.fromkeys(STATES, 0)
    for one in standings:
        found[one.state] += 1
    return found


def by_dimension(book: Edition, standings: Sequence[Standing]) -> dict[str, tuple[Standing, ...]]:
    """Return indicators by the dimension of the edition in which they stand; one that has none is left out."""
    groups = {name: tuple(one for one in standings if one.definition.dimension == name) for name in book.dimensions}
    return {name: rows for name, rows in groups.items() if rows}


def ordered(standings: Iterable[Standing], order: str) -> tuple[Standing, ...]:
    """Return indicators in an order of :data:`ORDERS`; those of which it says nothing come last, by number."""
    keys: dict[str, Callable[[Standing], float | None]] = {
        "worst": lambda one: None if one.gap is None else -one.gap,
        "coverage": lambda one: one.result.city.coverage if one.result is not None and one.value is not None else None,
        "change": _worsening,
    }
    if order not in keys:
        return tuple(standings)
    rows = [(keys[order](one), one) for one in standings]
    known = sorted((row for row in rows if row[0] is not None), key=lambda row: row[0] or 0.0)
    return tuple(one for _, one in (*known, *(row for row in rows if row[0] is None)))


def _worsening(one: Standing) -> float | None:
    """Return a key that puts what became worst first."""
    if one.change is None or one.before is None:
        return None
    share = abs(one.change) / max(abs(one.before), 1e-9)
    return 0.0 if one.is_better is None else share if one.is_better else -share
