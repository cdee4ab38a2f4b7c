"""How satisfied residents are, 0…100, by question and unit, with intervals; weighted by age and sex where asked.

* The interval of a mean is Student's, on the effective number of answers (Kish) where they are weighted.
* Cells with few answers are suppressed and say why: nobody is to be recognised, and so few say nothing.
* Weights are raked (iterative proportional fitting) to the shares of the age bands that the handbook asks for and to
  equal numbers of women and men, for only these margins are known; a weighted figure has the plain one beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.health.book import definition_of
from models.health.questionnaire.questions import Questionnaire, questionnaire
from models.health.questionnaire.responses import responses_of, that_count
from models.health.units.effect import members_of_unit
from models.layers.layer import LayerData
from models.project.project import ProjectState

Floats = NDArray[np.float64]

#: Weights are held to this many times the mean, so that one person does not speak for a quarter.
MOST_WEIGHT = 5.0


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The mean of answers, 0 (worst) … 100 (best).

    Parameters
    ----------
    value : float or None
        None where nobody answered, or too few.
    low, high : float or None
        Interval of the confidence of the edition; None with fewer than two answers.
    answers : int
    status : str
        ``"ok"``, ``"thin"`` (too few to be shown) or ``"no_data"``.
    unweighted : float or None
        The plain mean; the same as ``value`` where nothing is weighted.
    effective : float
        Number of equal answers that the weighted ones are worth (Kish); ``answers`` where nothing is weighted.
    questions : tuple of str
        What it is the mean of.
    """

    value: float | None
    low: float | None
    high: float | None
    answers: int
    status: str
    unweighted: float | None = None
    effective: float = 0.0
    questions: tuple[str, ...] = ()


def satisfaction(
    state: ProjectState, data: Mapping[str, LayerData], code: str, unit: str = "", *, weighted: bool = False
) -> Satisfaction | None:
    """Return how satisfied residents are with what an indicator speaks of.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    code : str
        Of the indicator.
    unit : str
        Code of a community or sub-district; empty for the whole city.
    weighted : bool
        Whether answers are weighted by age and sex.

    Returns
    -------
    Satisfaction or None
        None where no question speaks of the indicator, or no answers were brought in.
    """
    asked = definition_of(state.health, code).questions
    table = responses_of(state, data) if asked else None
    if table is None:
        return None
    counted = that_count(table)
    weights = raked(counted) if weighted else None
    chosen = in_unit(counted, members_of_unit(state, unit) if unit else ())
    return mean_of(counted[chosen], asked, None if weights is None else weights[chosen])


def by_question(table: pd.DataFrame, weights: Floats | None = None) -> dict[str, Satisfaction]:
    """Return the satisfaction of each question that was asked, in the order of the questionnaire."""
    return {one: mean_of(table, (one,), weights) for one in questionnaire().questions if one in table.columns}


def by_unit(
    table: pd.DataFrame, field: str, questions: Sequence[str], weights: Floats | None = None
) -> dict[str, Satisfaction]:
    """Return the mean satisfaction with some questions by unit.

    Parameters
    ----------
    table : DataFrame
        Answers that count.
    field : str
        ``"community_code"`` or ``"district_code"``.
    questions : sequence of str
    weights : ndarray, shape (rows,), optional
    """
    if field not in table.columns:
        return {}
    places = table.groupby(table[field].astype("str").where(table[field].notna(), ""), sort=True).indices
    return {
        str(unit): mean_of(table.iloc[rows], questions, None if weights is None else weights[rows])
        for unit, rows in places.items()
        if unit
    }


def in_unit(table: pd.DataFrame, codes: Sequence[str]) -> NDArray[np.bool_]:
    """Return which answers come from some communities or sub-districts; all where none are named."""
    chosen = np.full(len(table), not codes)
    for field in ("community_code", "district_code"):
        if codes and field in table.columns:
            chosen |= table[field].astype("str").isin(codes).to_numpy()
    return chosen


def mean_of(table: pd.DataFrame, questions: Sequence[str], weights: Floats | None = None) -> Satisfaction:
    """Return the mean over people of each one's mean over some questions, with its interval.

    Parameters
    ----------
    table : DataFrame
        One row a person.
    questions : sequence of str
        Those that the table lacks were not asked.
    weights : ndarray, shape (rows,), optional
    """
    from scipy import stats

    book = questionnaire()
    asked = tuple(one for one in questions if one in table.columns)
    none = Satisfaction(None, None, None, 0, "no_data", questions=asked)
    if not asked or not len(table):
        return none
    points = table[list(asked)].apply(pd.to_numeric, errors="coerce").mean(axis=1).to_numpy(np.float64)
    answered = np.isfinite(points)
    count = int(answered.sum())
    if not count:
        return none
    if count < book.thin:
        return Satisfaction(None, None, None, count, "thin", questions=asked)
    points = points[answered]
    held = np.ones(count) if weights is None else np.asarray(weights, np.float64)[answered]
    value = float(np.average(points, weights=held))
    effective = float(held.sum() ** 2 / (held**2).sum())
    spread = np.average((points - value) ** 2, weights=held) * effective / max(effective - 1.0, 1e-9)
    reach = float(stats.t.ppf(0.5 + book.confidence / 2, max(effective - 1.0, 1.0)) * np.sqrt(spread / effective))
    return Satisfaction(
        value, max(value - reach, 0.0), min(value + reach, 100.0), count, "ok", float(points.mean()), effective, asked
    )


def raked(table: pd.DataFrame, rounds: int = 50) -> Floats:
    """Return weights by which age bands and sexes have the shares that they should have; their mean is 1.

    Who does not say, and a group that nobody is of, is left as it is.
    """
    book = questionnaire()
    weights = np.ones(len(table))
    margins = [one for one in (_ages(table, book), _sexes(table)) if one is not None]
    for _ in range(rounds if margins else 0):
        before = weights.copy()
        for group, shares in margins:
            known = group >= 0
            sums = np.bincount(group[known], weights[known], len(shares))
            there = sums > 0
            total, asked = sums.sum(), shares[there].sum()
            factor = np.ones(len(shares))
            factor[there] = shares[there] / asked * total / sums[there]
            weights[known] *= factor[group[known]]
        weights = np.minimum(weights / weights.mean(), MOST_WEIGHT)
        if np.allclose(before, weights, rtol=1e-9):
            break
    return weights / weights.mean() if len(weights) else weights


def _ages(table: pd.DataFrame, book: Questionnaire) -> tuple[NDArray[np.int64], Floats] | None:
    if "age_group" not in table.columns:
        return None
    ids = [band.id for band in book.ages]
    return _positions(table["age_group"], ids), np.array([band.share for band in book.ages])


def _sexes(table: pd.DataFrame) -> tuple[NDArray[np.int64], Floats] | None:
    if "sex" not in table.columns:
        return None
    return _positions(table["sex"], ["female", "male"]), np.array([0.5, 0.5])


def _positions(column: pd.Series, ids: Sequence[str]) -> NDArray[np.int64]:
    places = {one: at for at, one in enumerate(ids)}
    return np.asarray(column.astype("str").map(places).fillna(-1), dtype=np.int64)
