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
from numpy.typing import NDArray

from models.facilities.quality.tables import Floats, Mask, Objects, Table, Tables

Counts = NDArray[np.int32]


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
    asked, judged, weight = (
        np.concatenate([getattr(one, name) for one in kept]) for name in ("asked", "judged", "weight")
    )
    keys = {
        "all": np.full(len(asked), "", dtype=object),
        "district": np.concatenate([districts_of(one.table, tables) for one in kept]),
        "class": np.concatenate([_class_of(one.table) for one in kept]),
    }
    found = [one for by, of in keys.items() for one in _scores(by, of, asked, judged, weight)]
    return tuple(one for one in found if one.objects or one.by == "all")


def _scores(by: str, keys: Objects, asked: Counts, judged: Counts, weight: Floats) -> list[Score]:
    """Return the score of each group, in the order of their keys."""
    numbers, names = pd.factorize(keys, sort=True)
    size = len(names)
    has = judged > 0
    objects = np.bincount(numbers[has], minlength=size)
    failing = np.bincount(numbers[has & (weight > 0)], minlength=size)
    lost = np.bincount(numbers[has], weight[has], size)
    questions, answers = np.bincount(numbers, asked, size), np.bincount(numbers, judged, size)
    return [
        Score(
            by, str(names[k]), int(objects[k]), int(failing[k]),
            100.0 * (1.0 - float(lost[k]) / int(objects[k])) if objects[k] else None,
            float(answers[k]) / float(questions[k]) if questions[k] else None,
        )
        for k in range(size)
    ]  # fmt: skip


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
