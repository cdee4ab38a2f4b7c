"""Whether a sample of residents is what the handbook asks: how many, where, of what age, sex, work and income."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.responses import that_count


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """One demand on the sample.

    Parameters
    ----------
    id : str
        ``"total"``, ``"community"``, ``"age:<band>"``, ``"women"``, ``"public_servants"``, ``"income:<group>"``,
        ``"not_counted"``.
    state : str
        ``"met"``, ``"not_met"``, ``"unknown"`` (nobody said) or ``"told"`` (only counted).
    value, least, most : float or None
        Answers; shares 0…1 for ages, women and public servants; communities with enough answers of all.
    missing : int
        How many answers are still needed; how many too many where a share is above its limit.
    answers : int
        On which it rests: those who said.
    places : mapping of str to int
        Communities with too few answers → how many are missing.
    """

    id: str
    state: str
    value: float | None
    least: float | None = None
    most: float | None = None
    missing: int = 0
    answers: int = 0
    places: Mapping[str, int] = field(default_factory=dict)


def quotas(
    table: pd.DataFrame, communities: Mapping[str, str], population: float | None = None
) -> tuple[QuotaRow, ...]:
    """Return each demand on the sample and whether it is met.

    Parameters
    ----------
    table : DataFrame
        All answers, those that do not count too.
    communities : mapping of str to str
        Code → name of every community that should be asked.
    population : float, optional
        People of the built-up area; None where nobody knows.
    """
    book, counted = questionnaire(), that_count(table)
    quota, count = book.quota, len(counted)
    least = max(float(quota.total), np.ceil(quota.share_of_population * (population or 0.0)))
    total = QuotaRow("total", _state(count >= least), count, least, None, int(max(least - count, 0)), count)
    rows = [total, _by_community(counted, communities)]
    rows += _ages(counted)
    rows.append(_at_most("women", counted, "sex", "female", quota.women_most))
    rows.append(_at_most("public_servants", counted, "occupation", "public", quota.public_servants_most))
    rows += _incomes(counted)
    rows.append(QuotaRow("not_counted", "told", len(table) - count, answers=len(table)))
    return tuple(rows)


def _state(is_met: bool) -> str:
    return "met" if is_met else "not_met"


def _by_community(counted: pd.DataFrame, communities: Mapping[str, str]) -> QuotaRow:
    least = questionnaire().quota.per_community
    if not communities or "community_code" not in counted.columns:
        return QuotaRow("community", "unknown", None, float(least))
    found = counted["community_code"].astype("str").value_counts()
    short = {code: least - int(found.get(code, 0)) for code in communities if found.get(code, 0) < least}
    enough = len(communities) - len(short)
    return QuotaRow(
        "community", _state(not short), enough, len(communities), None, sum(short.values()), int(found.sum()), short
    )


def _said(counted: pd.DataFrame, name: str) -> pd.Series:
    if name not in counted.columns:
        return pd.Series(dtype=object)
    column = counted[name].astype("str").where(counted[name].notna(), "").str.strip()
    return column[column.ne("")]


def _ages(counted: pd.DataFrame) -> list[QuotaRow]:
    book, said = questionnaire(), _said(counted, "age_group")
    rows = []
    for band in book.ages:
        least, most = band.share - book.quota.tolerance, band.share + book.quota.tolerance
        if not len(said):
            rows.append(QuotaRow(f"age:{band.id}", "unknown", None, least, most))
            continue
        here, share = int(said.eq(band.id).sum()), float(said.eq(band.id).mean())
        missing = _needed(here, len(said), least) if share < least else _beyond(here, len(said), most)
        rows.append(QuotaRow(f"age:{band.id}", _state(_within(share, least, most)), share, least, most, missing,
                             len(said)))  # fmt: skip
    return rows


def _within(share: float, least: float, most: float) -> bool:
    return least - 1e-9 <= share <= most + 1e-9


def _needed(here: int, total: int, least: float) -> int:
    """Return how many more of a group bring it to a share, if only such are asked."""
    return int(np.ceil((least * total - here) / (1.0 - least) - 1e-9))


def _beyond(here: int, total: int, most: float) -> int:
    """Return how many others bring a group down to a share."""
    return max(int(np.ceil(here / most - total - 1e-9)), 0)


def _at_most(name: str, counted: pd.DataFrame, column: str, value: str, most: float) -> QuotaRow:
    said = _said(counted, column)
    if not len(said):
        return QuotaRow(name, "unknown", None, None, most)
    here, share = int(said.eq(value).sum()), float(said.eq(value).mean())
    return QuotaRow(name, _state(share <= most + 1e-9), share, None, most, _beyond(here, len(said), most), len(said))


def _incomes(counted: pd.DataFrame) -> list[QuotaRow]:
    """Return the groups of incomes: all have to be there."""
    said = _said(counted, "income")
    if not len(said):
        return [QuotaRow(f"income:{one.id}", "unknown", None, 1.0) for one in questionnaire().incomes]
    return [
        QuotaRow(f"income:{one.id}", _state(bool(said.eq(one.id).any())), int(said.eq(one.id).sum()), 1.0,
                 missing=int(not said.eq(one.id).any()), answers=len(said))
        for one in questionnaire().incomes
    ]  # fmt: skip
