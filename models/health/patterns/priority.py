"""Where renewal should begin: units ranked by a weighted score, every part of it shown, and how firm the ranks are.

Each component is scaled between the least and the greatest of all units. A unit without data for one is ranked by the
others, and how much of the weight that is is said. Weights are a judgement: all of them are varied at once, many times,
and the span of each unit's rank tells whether it hangs on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.core.table_columns import numbers
from models.health.patterns.places import Floats, Ground, placed
from models.health.patterns.problems import Problems
from models.health.patterns.rules import components, pattern_rules
from models.health.units.sources import rows_of_role, texts
from models.layers.layer import LayerData
from models.project.project import ProjectState

DWELLINGS = ("residential", "old_house")
#: Ends of the span of ranks under varied weights.
SPAN = (0.05, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Priority:
    """Units in the order in which renewal should begin.

    Parameters
    ----------
    rows : DataFrame
        One a unit, first the most urgent: ``unit`` (position), ``rank``, ``score`` (0…1, NaN without any data),
        ``known`` (share of the weight for which there is data), ``rank_low``, ``rank_high`` (5 % and 95 % under varied
        weights), ``firm`` (share of the draws in which it is among the first), ``problems``, and each component: its
        value under its id and its scaled value under ``scaled_<id>``.
    weights : mapping of str to float
    vary : float
        By what share weights were varied.
    draws, first : int
    """

    rows: pd.DataFrame
    weights: Mapping[str, float]
    vary: float
    draws: int
    first: int


def component_values(
    problems: Problems, ground: Ground, state: ProjectState, data: Mapping[str, LayerData], codes: frozenset[str]
) -> pd.DataFrame:
    """Return the components of each unit; NaN is no data.

    Parameters
    ----------
    problems : Problems
    ground : Ground
    state : ProjectState
    data : mapping of str to LayerData
    codes : frozenset of str
        Indicators that were looked at at all: without any, a unit without problems is not known to be without.
    """
    rules, count = pattern_rules()["priority"], len(ground.units)
    rows = problems.rows[problems.rows["unit"] >= 0]
    unit = rows["unit"].to_numpy()
    area = ground.units["area_km2"].to_numpy()
    number = np.bincount(unit, minlength=count).astype(np.float64)
    told = rows["severity"].to_numpy() > 0
    severe = rows["severity"].to_numpy() >= int(rules["severe_from"])
    stated = np.bincount(unit[told], minlength=count).astype(np.float64)
    breadth = rows.groupby("unit")["code"].nunique().reindex(range(count)).fillna(0.0).to_numpy(np.float64)
    people = ground.units["population"].to_numpy(np.float64)
    if not codes and not len(rows):
        number, breadth = np.full(count, np.nan), np.full(count, np.nan)
    return pd.DataFrame(
        {
            "problems": number,
            "density": _share(number, area),
            "severe": _share(np.bincount(unit[told & severe], minlength=count).astype(np.float64), stated),
            "breadth": breadth,
            "residents": _share(people, area),
            "age": _old_share(ground, state, data, int(rules["old_before"])),
        }
    )


def priority_of(values: pd.DataFrame, weights: Mapping[str, float]) -> Priority:
    """Return units ranked.

    Parameters
    ----------
    values : DataFrame
        As :func:`component_values` gives them.
    weights : mapping of str to float
        By component.
    """
    rules, names = pattern_rules()["priority"], components()
    scaled = np.column_stack([_scaled(values[name].to_numpy(np.float64)) for name in names])
    own = np.array([weights[name] for name in names])
    score, known = _scores(scaled, own[None, :])
    dice = np.random.default_rng(int(rules["seed"]))
    vary, draws = float(rules["vary"]), int(rules["draws"])
    varied = own * dice.uniform(1 - vary, 1 + vary, (draws, len(own)))
    ranks = _ranks(_scores(scaled, varied)[0])
    low, high = np.quantile(ranks, SPAN, axis=0, method="nearest")
    first = min(int(rules["first"]), len(values))
    rank = _ranks(score)[0]
    has_score = np.isfinite(score[0])
    rows = values.assign(
        **{f"scaled_{name}": scaled[:, at] for at, name in enumerate(names)},
        unit=np.arange(len(values)), rank=rank, score=score[0], known=known[0],
        rank_low=np.where(has_score, low, np.nan), rank_high=np.where(has_score, high, np.nan),
        firm=np.where(has_score, (ranks <= first).mean(axis=0), np.nan),
    )  # fmt: skip
    return Priority(rows.sort_values("rank", kind="stable").reset_index(drop=True), dict(weights), vary, draws, first)


def _scores(scaled: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return score and share of the weight with data, (draws, units)."""
    there = np.isfinite(scaled)
    weighted = weights @ np.where(there, scaled, 0.0).T
    held = weights @ there.T.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(held > 0, weighted / held, np.nan)
        known = np.where(weights.sum(axis=1)[:, None] > 0, held / weights.sum(axis=1)[:, None], 0.0)
    return score, known


def _ranks(scores: Floats) -> Floats:
    """Return ranks from 1 along each row, the highest first; equal ones share the best, those without data are last."""
    filled = np.where(np.isfinite(scores), scores, -1.0)
    return np.asarray(pd.DataFrame(filled).rank(axis=1, ascending=False, method="min").to_numpy(), dtype=np.float64)


def _scaled(values: Floats) -> Floats:
    known = np.isfinite(values)
    if not known.any():
        return np.full(len(values), np.nan)
    low, high = values[known].min(), values[known].max()
    return np.where(known, (values - low) / (high - low) if high > low else 0.0, np.nan)


def _share(part: Floats, whole: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _old_share(ground: Ground, state: ProjectState, data: Mapping[str, LayerData], before: int) -> Floats:
    """Return by unit the share of dwellings of known year that were built before a year."""
    count = len(ground.units)
    rows = rows_of_role(state, data, "buildings", ground.crs, ("use", "year"))
    year = numbers(rows, "year")
    chosen = np.isin(texts(rows["use"]), DWELLINGS) & np.isfinite(year)
    rows, year = rows[chosen], year[chosen]
    if not len(rows):
        return np.full(count, np.nan)
    unit = ground.unit_at(placed(rows["_layer"].to_numpy(object), rows["_oid"].to_numpy(np.int64), data, ground.crs))
    inside = unit >= 0
    old = np.bincount(unit[inside & (year < before)], minlength=count).astype(np.float64)
    return _share(old, np.bincount(unit[inside], minlength=count).astype(np.float64))
