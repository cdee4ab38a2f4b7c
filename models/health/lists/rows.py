"""Rows of the lists as the project keeps them.

Invariants
----------
1. A row is named by what it is of: indicator, check item (or reason), and object or sub-district. The same problem has
   the same id in the next check and in a workbook that was edited elsewhere.
2. :attr:`LedgerRow.edited` and :attr:`ProblemRow.edited` name the fields that a person set; making the lists again
   never touches them, and no row is ever dropped: what is not found any more is ``"gone"``.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from models.project.selection import ObjectKey

#: A person's answer to a question of yes and no; empty where nobody answered.
YES, NO = "yes", "no"
#: What became of a row when the lists were last made: found for the first time, again, not any more, or found although
#: it had been reported as mended.
STATES = ("new", "still", "gone", "again")
STATUSES = ("open", "under_way", "closed")
KINDS = ("limited", "best_effort")
DIFFICULTIES = ("low", "medium", "high")
LEVELS = ("city", "district", "street")
PROJECT_KINDS = ("rectify", "renew")
EVIDENCE_GRADES = ("A", "B", "C", "D", "E")
#: What must agree for a problem to count as found.
EVIDENCE = ("by_indicator", "by_place", "by_residents", "by_site")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One thing found at one object (台账).

    Parameters
    ----------
    id : str
        Indicator, check item or reason, and object.
    code : str
        Of the indicator.
    item : str
        Id of the check item; empty where the indicator has none, then ``reason`` says what fails.
    reason : str
        As :attr:`models.health.results.Problem.reason`.
    key : ObjectKey
        Where to fly; object id −2 where no layer has the object.
    object_code, object_name, object_kind : str
        Business key, name, and kind (``"building"`` …, or the role of its layer).
    district : str
        Code of its sub-district.
    severity : int
        1…5; 0 where nobody said.
    year, first_year : int
        Of the check in which it was found last, and first.
    state : str
        One of :data:`STATES`.
    checked_on, checked_by, note, photo : str
        As the record says; the photo is the evidence before mending.
    status : str
        One of :data:`STATUSES`.
    closed_on, closed_by, photo_after : str
    remark : str
    edited : tuple of str
    """

    id: str
    code: str
    item: str
    reason: str
    key: ObjectKey
    object_code: str
    object_name: str
    object_kind: str
    district: str
    severity: int = 0
    year: int = 0
    first_year: int = 0
    state: str = "new"
    checked_on: str = ""
    checked_by: str = ""
    note: str = ""
    photo: str = ""
    status: str = "open"
    closed_on: str = ""
    closed_by: str = ""
    photo_after: str = ""
    remark: str = ""
    edited: tuple[str, ...] = ()

    def problem(self, known: Container[str]) -> str:
        """Return the id of the problem to which it belongs: of its sub-district, else of the whole city; or empty."""
        what = self.item or self.reason
        ids = (problem_id(self.code, what, self.district), problem_id(self.code, what, ""))
        return next((one for one in ids if one in known), "")


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """One kind of problem in one sub-district or in the whole city (问题清单, 整治建议清单).

    Parameters
    ----------
    id : str
        Indicator, check item or reason, and code of the sub-district.
    code, item, reason, dimension : str
    district : str
        Code of the sub-district; empty for the whole city.
    count : int
        Objects.
    looked_at : int
        Of how many; 0 where nobody said.
    sentence : str
        A person's own; empty for the one that is made of ids.
    severity, prevalence, urgency : int
        1…5; 0 where nobody said.
    kind : str
        One of :data:`KINDS`, empty where nobody can say yet.
    difficulty : str
        One of :data:`DIFFICULTIES` or empty.
    advice, area : str
        What is to be done, and where.
    level, responsible : str
        One of :data:`LEVELS`, and the unit's name.
    year, first_year : int
    next_year : str
        Whether it goes into next year's plan: :data:`YES`, :data:`NO` or empty.
    priority : int
        1 is dealt with first, 5 last.
    due_on : str
        ISO date; empty for none.
    status : str
        One of :data:`STATUSES`.
    closed_on, closed_by : str
    before, after : str
        Evidence: files or texts.
    evidence : str
        Grade of the source, one of :data:`EVIDENCE_GRADES`; empty where nobody said.
    by_indicator, by_place, by_residents, by_site : str
        Which evidence agrees: :data:`YES`, :data:`NO`, empty where there is none.
    state : str
        One of :data:`STATES`.
    remark : str
    checked_on : str
        When it was looked at last, ISO date; empty where nobody was there.
    edited : tuple of str
    """

    id: str
    code: str
    item: str
    reason: str
    dimension: str
    district: str
    count: int = 0
    looked_at: int = 0
    sentence: str = ""
    severity: int = 0
    prevalence: int = 0
    urgency: int = 0
    kind: str = ""
    difficulty: str = ""
    advice: str = ""
    area: str = ""
    level: str = ""
    responsible: str = ""
    year: int = 0
    first_year: int = 0
    next_year: str = ""
    priority: int = 0
    due_on: str = ""
    status: str = "open"
    closed_on: str = ""
    closed_by: str = ""
    before: str = ""
    after: str = ""
    evidence: str = ""
    by_indicator: str = ""
    by_place: str = ""
    by_residents: str = ""
    by_site: str = ""
    state: str = "new"
    remark: str = ""
    checked_on: str = ""
    edited: tuple[str, ...] = ()

    def is_overdue(self, today: str) -> bool:
        """Whether it should have been mended by now; ``today`` is an ISO date."""
        return bool(self.due_on) and self.due_on < today and self.status != "closed"

    @property
    def agreeing(self) -> int:
        """Return how many of the four kinds of evidence agree."""
        return sum(getattr(self, name) == YES for name in EVIDENCE)


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project of the renewal list (更新项目库), made of problems; a problem may be in several.

    Parameters
    ----------
    id : str
        ``"P1"``, ``"P2"`` …
    name, content : str
    kind : str
        One of :data:`PROJECT_KINDS`: 整治 or 改造.
    cost_wan : float or None
        10,000 yuan.
    owner : str
    from_year, to_year : int
        0 where nobody said.
    place : str
    problems : tuple of str
        Ids of problems.
    remark : str
    """

    id: str
    name: str
    content: str = ""
    kind: str = "rectify"
    cost_wan: float | None = None
    owner: str = ""
    from_year: int = 0
    to_year: int = 0
    place: str = ""
    problems: tuple[str, ...] = ()
    remark: str = ""


def problem_id(code: str, what: str, district: str) -> str:
    """Return the id of a problem: indicator, check item or reason, sub-district."""
    return "|".join((code, what, district))


def is_finding(row: ProblemRow, never: tuple[str, ...] = ("E",)) -> bool:
    """Whether a problem counts as found: all four kinds of evidence agree and the grade of the source allows it.

    Everything else is a lead (线索). A source whose grade nobody stated proves nothing.
    """
    return row.agreeing == len(EVIDENCE) and row.evidence in EVIDENCE_GRADES and row.evidence not in never
