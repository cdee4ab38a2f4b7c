"""The score of a register: how much of what was judged is right, as a whole, by sub-district and by class.

    score = 100 × (1 − Σ w(o) / n)

over the n objects of which at least one rule could judge something; w(o) is the weight of the worst failure of an
object, by severity as the rule file gives it (error 1, warning 0.3, hint 0), 0 for an object that fails nothing.
Coverage stands beside it: the share of questions (object × rule) that could be judged. Without any judged object there
is no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.facilities.quality.tables import Mask, Objects, Table, Tables


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one group.

    Parameters
    ----------
    by : str
        ``"all"``, ``"district"`` or ``"class"``.
    key : str
        Code of the sub-district; class of components, ``"pipes/YS"``, ``"pipe_nodes/WS"``; empty for what is in none.
    objects, failing : int
        Judged objects, and those with a failure that weighs.
    percent : float or None
        0…100; None without judged objects.
    coverage : float or None
        0…1; None where no rule asked anything.
    """

    by: str
    key: str
    objects: int
    failing: int
    percent: float | None
    coverage: float | None


class Tally:
    """What the rules said of each object of a table so far."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.asked = np.zeros(len(table), np.int32)
        self.judged = np.zeros(len(table), np.int32)
        self.weight = np.zeros(len(table))

    def add(self, asked: Mask, judged: Mask, failed: Mask, weight: float) -> None:
        """Count one rule."""
        self.asked += asked
        self.judged += judged
        self.weight[failed] = np.maximum(self.weight[failed], weight)


def scores(tallies: Sequence[Tally], tables: Tables) -> tuple[Score, ...]:
    """Return the score of the whole, of each sub-district and of each class, in the order of their codes."""
    kept = [one for one in tallies if len(one.table)]
    if not kept:
        return (Score("all", "", 0, 0, None, None),)
    every = pd.concat([
        pd.DataFrame({
            "asked": one.asked, "judged": one.judged, "weight": one.weight,
            "district": districts_of(one.table, tables), "class": _class_of(one.table),
        })
        for one in kept
    ], ignore_index=True)  # fmt: skip
    found = [_score("all", "", every)]
    for by in ("district", "class"):
        found += [_score(by, str(key), group) for key, group in every.groupby(by, sort=True)]
    return tuple(one for one in found if one.objects or one.by == "all")


def _score(by: str, key: str, rows: pd.DataFrame) -> Score:
    judged = rows["judged"].to_numpy() > 0
    count, asked = int(judged.sum()), int(rows["asked"].sum())
    weight = rows["weight"].to_numpy()[judged]
    percent = 100.0 * (1.0 - float(weight.sum()) / count) if count else None
    coverage = float(rows["judged"].sum()) / asked if asked else None
    return Score(by, key, count, int((weight > 0).sum()), percent, coverage)


def districts_of(table: Table, tables: Tables) -> Objects:
    """Return the code of the sub-district in which each object stands, ``""`` for none."""
    areas = tables.of("districts")
    found = np.full(len(table), "", dtype=object)
    if not len(areas) or not areas.has_shape.any():
        return found
    codes = areas.text("code")[0]
    at, area = areas.tree.query(table.points, predicate="intersects")
    found[at[::-1]] = codes[area[::-1]]
    return found


def _class_of(table: Table) -> Objects:
    if table.role == "facilities":
        return table.classes
    if table.role not in ("pipes", "pipe_nodes"):
        return np.full(len(table), table.role, dtype=object)
    return (f"{table.role}/" + pd.Series(table.kind, dtype=object)).to_numpy(dtype=object)
