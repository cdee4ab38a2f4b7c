"""Grades put together by dimension and in all: 优, 良, 中, 差, with the counts behind each.

The table of the handbook has a hole: very good and good together 80 % and more, none insufficient, but very good alone
below 80 % fits no row. That is said and left to a person, whose answer is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.health.judging.decisions import ALL, Decision
from models.health.judging.proposal import Proposal
from models.health.judging.rules import GRADES, JudgingRules


@dataclass(frozen=True, slots=True)
class RollUp:
    """A grade in all.

    Parameters
    ----------
    scope : str
        Id of a dimension, ``"all"`` for all.
    grade : str
        One of :data:`~models.health.judging.rules.OVERALL`, ``"between"`` in the hole of the table, empty for none.
    counts : tuple of int
        By :data:`~models.health.judging.rules.GRADES`.
    proposed : int
        How many of them are only proposed.
    without : tuple of str
        Indicators without a grade; they count for nothing.
    vetoed : tuple of str
        Bottom-line indicators that occur.
    refusal : str
        ``"too_few"`` where too many have no grade, ``"nothing"`` where none has.
    """

    scope: str
    grade: str
    counts: tuple[int, ...]
    proposed: int
    without: tuple[str, ...]
    vetoed: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def graded(self) -> int:
        """Return how many indicators have a grade."""
        return sum(self.counts)

    @property
    def total(self) -> int:
        """Return how many indicators there are."""
        return self.graded + len(self.without)

    @property
    def counts_text(self) -> str:
        """Return the counts as a text that no language changes: ``"3/2/1/0 of 9"``."""
        return f"{'/'.join(str(count) for count in self.counts)} of {self.total}"


def roll_up(
    scope: str,
    codes: Sequence[str],
    decided: Mapping[str, Decision],
    proposals: Mapping[str, Proposal],
    rules: JudgingRules,
    *,
    with_proposals: bool = True,
) -> RollUp:
    """Put the grades of some indicators together.

    Parameters
    ----------
    scope : str
    codes : sequence of str
    decided : mapping of str to Decision
        Decisions that hold.
    proposals : mapping of str to Proposal
    rules : JudgingRules
    with_proposals : bool
        Whether a proposal counts where nobody decided.
    """
    grades, proposed = {}, 0
    for code in codes:
        own = decided.get(code)
        offered = proposals[code].grade if with_proposals and code in proposals else ""
        grade = own.grade if own is not None else offered
        if grade:
            grades[code] = grade
            proposed += own is None
    found = list(grades.values())
    counts = tuple(found.count(grade) for grade in GRADES)
    vetoed = tuple(code for code in codes if code in proposals and proposals[code].occurrences)
    without = tuple(code for code in codes if code not in grades)
    refusal = "nothing" if not grades else "too_few" if len(grades) < rules.least_graded * len(codes) else ""
    grade = "" if refusal else by_table(counts, rules, is_vetoed=bool(vetoed))
    return RollUp(scope, grade, counts, proposed, without, vetoed, refusal)


def by_table(counts: Sequence[int], rules: JudgingRules, *, is_vetoed: bool = False) -> str:
    """Return the grade that the handbook's table gives to counts; ``"between"`` in its hole.

    A bottom-line indicator that occurs counts as an insufficient one.
    """
    total = sum(counts)
    best, fine = counts[0] / total, (counts[0] + counts[1]) / total
    has_insufficient = counts[3] > 0 or is_vetoed
    if fine >= rules.high:
        return "good" if has_insufficient else "excellent" if best >= rules.high else "between"
    if fine >= rules.middle:
        return "medium" if has_insufficient else "good"
    if fine >= rules.low:
        return "poor" if has_insufficient else "medium"
    return "poor"


def roll_ups(
    dimensions: Mapping[str, Iterable[str]],
    decided: Mapping[str, Decision],
    proposals: Mapping[str, Proposal],
    rules: JudgingRules,
    *,
    with_proposals: bool = True,
) -> tuple[RollUp, ...]:
    """Return the grade of each dimension, and last that of all."""
    scopes = {name: tuple(codes) for name, codes in dimensions.items()}
    scopes = {name: codes for name, codes in scopes.items() if codes} | {
        ALL: tuple(code for codes in scopes.values() for code in codes)
    }
    return tuple(
        roll_up(scope, codes, decided, proposals, rules, with_proposals=with_proposals)
        for scope, codes in scopes.items()
    )
