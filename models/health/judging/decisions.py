"""What named persons decided: the grade of an indicator, and the grade in all where the table leaves a hole.

Decisions are kept one after another; the last of an indicator holds, the others say how it came about. A decision keeps
what was proposed and on which result it stands, so that a figure that changed later is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.core.errors import UserError
from models.health.judging.proposal import Proposal
from models.health.judging.rules import GRADES, OVERALL
from models.health.results import IndicatorResult

#: Scope of a grade over all dimensions.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided of one indicator.

    Parameters
    ----------
    code : str
    grade : str
        One of :data:`~models.health.judging.rules.GRADES`; empty takes an earlier decision back.
    by : str
        The person.
    at : str
        When, ISO 8601.
    why : str
    proposed : str
        What the program proposed then; empty for nothing.
    value : float or None
        Of the city, on which it stands.
    stamp : str
        Of the result on which it stands: fingerprint of definition and value.
    """

    code: str
    grade: str
    by: str
    at: str
    why: str = ""
    proposed: str = ""
    value: float | None = None
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class OverallDecision:
    """What a person decided of a dimension, or of all.

    Parameters
    ----------
    scope : str
        Id of a dimension, :data:`ALL` for all.
    grade : str
        One of :data:`~models.health.judging.rules.OVERALL`; empty takes an earlier decision back.
    by, at, why : str
    counts : str
        The counts on which it stands, as :attr:`~models.health.judging.rollup.RollUp.counts_text` gives them.
    """

    scope: str
    grade: str
    by: str
    at: str
    why: str = ""
    counts: str = ""


def decision(
    proposal: Proposal, result: IndicatorResult | None, grade: str, by: str, at: str, why: str = ""
) -> Decision:
    """Return a decision on what is known now.

    Raises
    ------
    UserError
        ``health.judging.no_grade``, ``health.judging.no_person``, ``health.judging.no_why`` where a person decides
        otherwise than proposed and does not say why.
    """
    if grade and grade not in GRADES:
        raise UserError("health.judging.no_grade", grade=grade)
    if not by.strip():
        raise UserError("health.judging.no_person")
    if grade and grade != proposal.grade and not why.strip():
        raise UserError("health.judging.no_why", indicator=proposal.code)
    return Decision(proposal.code, grade, by.strip(), at, why.strip(), proposal.grade, proposal.value, mark_of(result))


def overall_decision(scope: str, grade: str, by: str, at: str, why: str, counts: str) -> OverallDecision:
    """Return what a person decided of a dimension or of all.

    Raises
    ------
    UserError
        ``health.judging.no_grade``, ``health.judging.no_person``, ``health.judging.no_why``.
    """
    if grade and grade not in OVERALL:
        raise UserError("health.judging.no_grade", grade=grade)
    if not by.strip():
        raise UserError("health.judging.no_person")
    if grade and not why.strip():
        raise UserError("health.judging.no_why", indicator=scope)
    return OverallDecision(scope, grade, by.strip(), at, why.strip(), counts)


def mark_of(result: IndicatorResult | None) -> str:
    """Return what tells the result on which a decision stands from a later one; empty for none."""
    if result is None:
        return ""
    return f"{result.stamp.definition}|{result.reading}|{result.city.value!r}|{result.city.coverage!r}"


def is_outdated(made: Decision, result: IndicatorResult | None) -> bool:
    """Whether a decision stands on another result than the present one."""
    return made.stamp != mark_of(result)


def standing(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Return the decision that holds of each indicator."""
    last = {one.code: one for one in decisions}
    return {code: one for code, one in last.items() if one.grade}


def standing_overall(decisions: Iterable[OverallDecision]) -> dict[str, OverallDecision]:
    """Return the decision that holds of each dimension, and of all."""
    last = {one.scope: one for one in decisions}
    return {scope: one for scope, one in last.items() if one.grade}
