"""Rates of cases, each with its denominator; one without a denominator is not printed as a number, and says why.

Definitions are data (``resources/standards/cases/rates.toml``); what the sources leave open a city sets, with its
document (:class:`~models.cases.denominator.Denominator`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from models.core.errors import UserError
from resources.standards import standard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.cases.denominator import Denominator
    from models.cases.measures import Measures

#: By what rates may be taken.
GROUPS = ("all", "district", "month", "class", "department")
_TEXTS = {"district": "district_code", "class": "class_code", "department": "department"}


@dataclass(frozen=True, slots=True)
class Count:
    """A set of cases: numerator or denominator of rates."""

    id: str
    zh: str
    en: str
    what: str = ""
    what_en: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class RateDef:
    """How a rate is taken.

    Parameters
    ----------
    id, zh, en : str
    numerator, denominator : str
        Ids of counts; no denominator where the sources leave it open and no city has set it.
    source, certainty : str
    by_city : bool
        Whether the city set the denominator.
    """

    id: str
    zh: str
    en: str
    numerator: str
    denominator: str = ""
    source: str = ""
    certainty: str = ""
    by_city: bool = False

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.en if lang == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of some cases.

    Parameters
    ----------
    rate : RateDef
    group : str
        Of which district, month, class or department; empty for those that say none, or for all.
    numerator, denominator : int
        Cases; the numerator counts among the denominator.
    unknown : int
        Cases of which nobody can tell, in neither.
    value : float or None
        0…1; None without a denominator or without a case in it.
    why : str
        Why there is no value: ``"no_denominator"``, ``"no_case"``, ``"no_data"``; empty where there is one.
    """

    rate: RateDef
    group: str
    numerator: int
    denominator: int
    unknown: int
    value: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases are so."""

    id: str
    zh: str
    en: str
    state: str = ""
    flag: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.en if lang == "en" else self.zh


@lru_cache(maxsize=1)
def counts() -> Mapping[str, Count]:
    """Return the sets of cases that rates speak of, by id."""
    return {row["id"]: Count(**row) for row in standard("cases/rates")["count"]}


@lru_cache(maxsize=1)
def tallies() -> tuple[Tally, ...]:
    """Return what is counted beside the rates."""
    return tuple(Tally(**row) for row in standard("cases/rates")["tally"])


def rate_defs(own: Sequence[Denominator] = ()) -> tuple[RateDef, ...]:
    """Return all rates, with the denominators that a city set where the sources leave them open."""
    set_by_city = {one.rate: one for one in own}
    found = []
    for row in standard("cases/rates")["rate"]:
        mine = set_by_city.get(row["id"])
        if mine is None or row.get("denominator"):
            found.append(RateDef(**row))
        else:
            source = f"{mine.document} {mine.clause}".strip()
            found.append(RateDef(**row | {"denominator": mine.of, "source": source, "certainty": "A", "by_city": True}))
    return tuple(found)


def checked(one: Denominator) -> Denominator:
    """Return a denominator if it may be set.

    Raises
    ------
    UserError
        ``cases.no_rate``, ``cases.has_denominator`` for a rate that has one, ``cases.no_count``, ``cases.no_document``.
    """
    rate = next((row for row in standard("cases/rates")["rate"] if row["id"] == one.rate), None)
    if rate is None:
        raise UserError("cases.no_rate", rate=one.rate)
    if rate.get("denominator"):
        raise UserError("cases.has_denominator", rate=rate["zh"], rate_en=rate["en"])
    if one.of not in counts():
        raise UserError("cases.no_count", count=one.of, known=", ".join(counts()))
    if not one.document.strip():
        raise UserError("cases.no_document", rate=rate["zh"], rate_en=rate["en"])
    return one


def rates(measures: Measures, defs: Sequence[RateDef], by: str = "all", among: Any = None) -> list[Rate]:
    """Return rates of cases.

    Parameters
    ----------
    measures : Measures
    defs : sequence of RateDef
    by : str
        One of :data:`GROUPS`.
    among : ndarray of bool, optional
        Which cases; all without it.
    """
    names, place = groups(measures, by)
    within = np.ones(len(place), bool) if among is None else np.asarray(among, bool)
    found = []
    for one in defs:
        top, bottom, unknown = members(measures, one)
        sums = [np.bincount(place[within & flags], minlength=len(names)) for flags in (top, bottom, unknown)]
        for k, name in enumerate(names):
            over, under, lost = (int(column[k]) for column in sums)
            why = "no_denominator" if not one.denominator else "" if under else "no_data" if lost else "no_case"
            found.append(Rate(one, name, over, under, lost, None if why else over / under, why))
    return found


def members(measures: Measures, one: RateDef) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which cases stand in numerator and denominator of a rate, and of which nobody can tell."""
    top = measures.answers[one.numerator]
    if not one.denominator:
        return top == 1, np.zeros(len(top), bool), np.isnan(top)
    bottom = measures.answers[one.denominator]
    unknown = np.isnan(bottom) | ((bottom == 1) & np.isnan(top))
    counted = (bottom == 1) & ~unknown
    return counted & (top == 1), counted, unknown


def groups(measures: Measures, by: str) -> tuple[list[str], NDArray[np.int64]]:
    """Return names of groups, and for each case which it is of.

    Raises
    ------
    UserError
        ``cases.no_group``.
    """
    if by not in GROUPS:
        raise UserError("cases.no_group", group=by, known=", ".join(GROUPS))
    if by == "all":
        return [""], np.zeros(len(measures.oids), np.int64)
    texts = measures.month if by == "month" else measures.texts[_TEXTS[by]]
    names, place = np.unique(texts.astype(str), return_inverse=True)
    return [str(name) for name in names], place.astype(np.int64)


def tallied(measures: Measures, among: Any = None) -> dict[str, int | None]:
    """Return how many cases are in each state and of each kind that is counted; None where nobody can tell of any."""
    within = np.ones(len(measures.oids), bool) if among is None else np.asarray(among, bool)
    return {one.id: _tally(one, measures, within) for one in tallies()}


def is_of(one: Tally, measures: Measures) -> NDArray[np.bool_]:
    """Return which cases a tally counts."""
    return np.asarray(measures.state == one.state if one.state else measures.answers[one.flag] == 1, dtype=bool)


def _tally(one: Tally, measures: Measures, within: NDArray[np.bool_]) -> int | None:
    if one.flag and within.any() and np.isnan(measures.answers[one.flag][within]).all():
        return None
    return int((is_of(one, measures) & within).sum())
