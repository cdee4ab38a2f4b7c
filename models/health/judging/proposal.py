"""The grade that the program proposes for an indicator, with what each yardstick said, or why it proposes none.

The rule is our own (``resources/standards/health/judging_2025.toml``); the handbook lets experts grade.

Invariants
----------
1. Without a value, with too little known, or for units that are not fit to be judged, nothing is proposed.
2. A yardstick that nobody filled in moves nothing.
3. One occurrence in a bottom-line indicator gives the grade of the veto, whatever the others say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.health.editions import Benchmark, IndicatorDef
from models.health.judging.rules import JudgingRules, no_better, worse
from models.health.judging.yardsticks import Figure, Yardstick, by_figures, by_residents, by_standard
from models.health.profile import CityProfile
from models.health.results import IndicatorResult

#: Grade by what the limit says of a value.
_BY_STANDARD = {"clear": "very_good", "met": "good", "near": "fair", "missed": "insufficient"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the program proposes for one indicator.

    Parameters
    ----------
    code : str
    grade : str
        One of :data:`~models.health.judging.rules.GRADES`; empty where nothing is proposed.
    refusal : str
        Why not: ``"no_result"``, ``"no_data"``, ``"thin_coverage"``, ``"units_unfit"``, ``"no_profile"``,
        ``"context"`` (more is neither better nor worse) or ``"no_yardstick"``.
    yardsticks : tuple of Yardstick
        The limit first, then last year, target, comparable cities, residents.
    moves : tuple of str
        What changed the grade that the limit gave, in order: ``"raised"``, ``"lowered"`` (trend and peers agree),
        ``"target_cap"``, ``"satisfaction"``, ``"veto"``.
    value, coverage : float or None
    occurrences : float or None
        With a bottom-line indicator: in how many places it occurs.
    is_unstated : bool
        Whether nobody recorded how complete the inputs are.
    """

    code: str
    grade: str
    refusal: str = ""
    yardsticks: tuple[Yardstick, ...] = ()
    moves: tuple[str, ...] = ()
    value: float | None = None
    coverage: float | None = None
    occurrences: float | None = None
    is_unstated: bool = False


def propose(
    definition: IndicatorDef,
    result: IndicatorResult | None,
    profile: CityProfile,
    rules: JudgingRules,
    figures: Sequence[Figure] = (),
    *,
    are_units_unfit: bool = False,
) -> Proposal:
    """Propose a grade for the city's value of an indicator.

    Parameters
    ----------
    definition : IndicatorDef
    result : IndicatorResult or None
    profile : CityProfile
        Decides which limits hold.
    rules : JudgingRules
    figures : sequence of Figure
        Of this indicator, in the order in which they were entered.
    are_units_unfit : bool
        Whether the units by which it is stated may not be judged alone.
    """
    code = definition.code
    if result is None:
        return Proposal(code, "", "no_result")
    city = result.city
    if city.value is None:
        return Proposal(code, "", "no_data", coverage=city.coverage)
    found = occurrences(definition, result)
    held = definition.benchmarks_for(profile)
    known = Proposal(
        code, "", "", _yardsticks(definition, result, held, rules, figures), (), city.value, city.coverage, found,
        city.coverage is None,
    )  # fmt: skip
    if found:  # one is enough, however little was looked at
        return replace(known, grade=rules.veto_grade, moves=("veto",))
    refusal = _refusal(definition, known, profile, rules, are_units_unfit)
    if refusal:
        return replace(known, refusal=refusal)
    grade, moves = _graded(known.yardsticks, rules)
    return replace(known, grade=grade, moves=moves) if grade else replace(known, refusal="no_yardstick")


def occurrences(definition: IndicatorDef, result: IndicatorResult) -> float | None:
    """Return in how many places a bottom-line indicator occurs; None for any other, and where nobody knows."""
    city = result.city
    if definition.kind != "bottom_line" or city.value is None or city.numerator is None:
        return None
    if definition.direction == "up":
        return max((city.denominator or 0.0) - city.numerator, 0.0)
    return city.numerator


def _yardsticks(
    definition: IndicatorDef, result: IndicatorResult, held: Sequence[Benchmark], rules: JudgingRules,
    figures: Sequence[Figure],
) -> tuple[Yardstick, ...]:  # fmt: skip
    value = result.city.value or 0.0
    own = {kind: [one for one in figures if one.kind == kind] for kind in ("last_year", "target", "peer")}
    told = next((one for one in reversed(figures) if one.kind == "satisfaction"), None)
    standard = by_standard(value, held[0], result.city.denominator, rules) if held else Yardstick("standard", "absent")
    residents = by_residents(None if told is None else told.value, rules, "" if told is None else told.source)
    return (
        standard, *(by_figures(kind, value, found, definition.direction, rules) for kind, found in own.items()),
        residents,
    )  # fmt: skip


def _refusal(
    definition: IndicatorDef, known: Proposal, profile: CityProfile, rules: JudgingRules, are_units_unfit: bool
) -> str:
    if known.coverage is not None and known.coverage < rules.least_coverage:
        return "thin_coverage"
    if are_units_unfit:
        return "units_unfit"
    if definition.undecided(profile):
        return "no_profile"
    if definition.direction not in ("up", "down") and known.yardsticks[0].says == "absent":
        return "context"
    return ""


def _graded(yardsticks: Sequence[Yardstick], rules: JudgingRules) -> tuple[str, tuple[str, ...]]:
    says = {one.kind: one.says for one in yardsticks}
    leaning = sum({"better": 1, "worse": -1}.get(says[kind], 0) for kind in ("last_year", "peer"))
    grade, moves = _BY_STANDARD.get(says["standard"], ""), []
    if not grade and says["target"] != "absent":  # without a limit the city's own target stands in its place
        grade = {"met": "good", "missed": "fair"}[says["target"]]
    if not grade:
        return "", ()
    if abs(leaning) >= rules.steps_agree:
        moved = worse(grade, -1 if leaning > 0 else 1)
        moves += [] if moved == grade else ["raised" if leaning > 0 else "lowered"]
        grade = moved
    if says["target"] == "missed" and no_better(grade, rules.target_missed_cap) != grade:
        grade, moves = rules.target_missed_cap, [*moves, "target_cap"]
    if says["satisfaction"] == "low":
        moved = worse(grade, int(rules.survey_lowers))
        moves += [] if moved == grade else ["satisfaction"]
        grade = moved
    return grade, tuple(moves)
