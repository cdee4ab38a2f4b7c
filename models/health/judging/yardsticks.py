"""What a value is held against when it is judged: limit, last year, the city's target, comparable cities, residents.

Each yardstick is kept with what it said, so that a person who decides sees all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from models.health.editions import Benchmark
from models.health.judging.rules import JudgingRules

#: Kinds of figures that people enter beside the results.
FIGURES = ("last_year", "target", "peer", "satisfaction")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that somebody entered, against which a value is held.

    Parameters
    ----------
    code : str
        Of the indicator.
    kind : str
        One of :data:`FIGURES`.
    value : float
        In the indicator's unit; satisfaction 0…100.
    name : str
        Whose it is: the city that is compared with, the year, the plan that sets a target.
    source : str
        Document, sheet or survey.
    by, at : str
        Who entered it, and when (ISO 8601).
    """

    code: str
    kind: str
    value: float
    name: str = ""
    source: str = ""
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What one yardstick says of a value.

    Parameters
    ----------
    kind : str
        ``"standard"`` or one of :data:`FIGURES`.
    says : str
        ``"clear"`` (better than the limit by a clear margin), ``"met"``, ``"near"``, ``"missed"``; ``"better"``,
        ``"same"``, ``"worse"``; ``"low"``, ``"enough"`` for residents; ``"absent"`` where nobody said.
    held_against : float or None
    name : str
        Whose figure it is.
    source : str
    count : int
        How many figures it is made of: comparable cities.
    """

    kind: str
    says: str
    held_against: float | None = None
    name: str = ""
    source: str = ""
    count: int = 1


def by_standard(value: float, benchmark: Benchmark, looked_at: float | None, rules: JudgingRules) -> Yardstick:
    """Hold a value against a limit.

    Parameters
    ----------
    value : float
    benchmark : Benchmark
    looked_at : float or None
        How many objects were looked at, for limits of zero.
    rules : JudgingRules
    """
    return Yardstick("standard", _against(value, benchmark.value, benchmark.op, looked_at, rules), benchmark.value,
                     benchmark.name, benchmark.source)  # fmt: skip


def _against(value: float, limit: float, op: str, looked_at: float | None, rules: JudgingRules) -> str:
    better = (value - limit) if op == ">=" else (limit - value)
    if limit == 0:
        if better >= 0:
            return "clear" if op == "<=" else "met"
        share = abs(value) / looked_at if looked_at else 1.0
        return "near" if share <= rules.few_share else "missed"
    if better >= 0:
        # a share cannot be better than all of it
        return "clear" if better >= rules.clear_margin * abs(limit) or (op == ">=" and value >= 100 == limit) else "met"
    return "near" if -better <= rules.near_shortfall * abs(limit) else "missed"


def by_figures(kind: str, value: float, figures: Sequence[Figure], direction: str, rules: JudgingRules) -> Yardstick:
    """Hold a value against figures of one kind that people entered.

    Last year's and the target are the last that were entered; comparable cities count by their median.

    Parameters
    ----------
    kind : str
        ``"last_year"``, ``"target"`` or ``"peer"``.
    value : float
    figures : sequence of Figure
        Of that kind.
    direction : str
        Of the indicator: ``"up"``, ``"down"``; with ``"context"`` more is neither better nor worse.
    rules : JudgingRules
    """
    if not figures or direction not in ("up", "down"):
        return Yardstick(kind, "absent", count=0)
    last = figures[-1]
    held = float(median(one.value for one in figures)) if kind == "peer" else last.value
    name = ", ".join(one.name for one in figures if one.name) if kind == "peer" else last.name
    better = value - held if direction == "up" else held - value
    if kind == "target":
        says = "met" if better >= 0 else "missed"
    elif abs(better) < rules.change * max(abs(held), 1e-9):
        says = "same"
    else:
        says = "better" if better > 0 else "worse"
    return Yardstick(kind, says, held, name, last.source, len(figures) if kind == "peer" else 1)


def by_residents(satisfaction: float | None, rules: JudgingRules, source: str = "") -> Yardstick:
    """Hold satisfaction, 0…100, against the least that does not lower a grade."""
    if satisfaction is None:
        return Yardstick("satisfaction", "absent", count=0)
    says = "low" if satisfaction < rules.least_satisfaction else "enough"
    return Yardstick("satisfaction", says, satisfaction, source=source)
