"""By which rules a grade is proposed: data, which a project may set otherwise, with who, when and by which document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from resources.standards import standard

#: Grades of an indicator, best first: 很好, 较好, 一般, 不足.
GRADES = ("very_good", "good", "fair", "insufficient")
#: Grades in all, best first: 优, 良, 中, 差.
OVERALL = ("excellent", "good", "medium", "poor")
_TABLE = "health/judging_2025"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A value of the rules that a project sets otherwise.

    Parameters
    ----------
    name : str
        A field of :class:`JudgingRules`.
    value : str
    by, at : str
        Who, and when (ISO 8601).
    source : str
        By which document.
    """

    name: str
    value: str
    by: str = ""
    at: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class JudgingRules:
    """The rules; ``resources/standards/health/judging_2025.toml`` says what each value is and where it comes from.

    Parameters
    ----------
    clear_margin, near_shortfall, few_share, change : float
        Shares, 0…1.
    steps_agree : float
    target_missed_cap : str
        A grade.
    least_satisfaction : float
        0…100.
    survey_lowers : float
        Steps.
    least_coverage, most_unfit : float
    veto_grade : str
        A grade.
    high, middle, low, least_graded : float
    """

    clear_margin: float
    near_shortfall: float
    few_share: float
    change: float
    steps_agree: float
    target_missed_cap: str
    least_satisfaction: float
    survey_lowers: float
    least_coverage: float
    most_unfit: float
    veto_grade: str
    high: float
    middle: float
    low: float
    least_graded: float

    def changed(self, change: RuleChange) -> JudgingRules:
        """Return the rules with one value set otherwise.

        Raises
        ------
        UserError
            ``health.judging.no_rule``, ``health.judging.bad_rule``.
        """
        if change.name not in JudgingRules.__dataclass_fields__:
            known = ", ".join(JudgingRules.__dataclass_fields__)
            raise UserError("health.judging.no_rule", name=change.name, known=known)
        value: Any = change.value
        if isinstance(getattr(self, change.name), str):
            if value not in GRADES:
                raise UserError("health.judging.bad_rule", name=change.name, value=change.value)
        else:
            value = _number(change)
        return replace(self, **{change.name: value})


def _number(change: RuleChange) -> float:
    try:
        value = float(change.value)
    except ValueError:
        value = -1.0
    most = {"least_satisfaction": 100.0, "steps_agree": 9.0, "survey_lowers": 3.0}.get(change.name, 1.0)
    if not 0.0 <= value <= most:
        raise UserError("health.judging.bad_rule", name=change.name, value=change.value)
    return value


@lru_cache(maxsize=1)
def default_rules() -> JudgingRules:
    """Return the rules as they come with the program."""
    table: Mapping[str, Any] = standard(_TABLE)
    return JudgingRules(
        **table["proposal"],
        least_satisfaction=table["survey"]["least"],
        survey_lowers=table["survey"]["lowers"],
        **table["refusal"],
        veto_grade=table["veto"]["grade"],
        **table["rollup"],
    )


def rules_of(changes: Iterable[RuleChange]) -> JudgingRules:
    """Return the rules of a project; of several changes of a value the last holds."""
    rules = default_rules()
    for change in changes:
        rules = rules.changed(change)
    return rules


def worse(grade: str, steps: int = 1) -> str:
    """Return a grade some steps lower (or, with a negative number, higher), the lowest at the most."""
    return GRADES[min(max(GRADES.index(grade) + steps, 0), len(GRADES) - 1)]


def no_better(grade: str, cap: str) -> str:
    """Return the lower of two grades."""
    return max(grade, cap, key=GRADES.index)
