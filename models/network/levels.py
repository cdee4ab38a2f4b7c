"""Levels of a register of pipes: a column of heights without the numbers that stand for "unknown"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.layers.layer import Layer, LayerData, VectorData

Floats = NDArray[np.float64]

#: No ground is so high, metres: 9999 and the like stand for "unknown".
HIGHEST_M = 9000.0
#: Where a city lies higher than this, a level of exactly 0 stands for "unknown".
ABOVE_SEA_M = 20.0
#: Usual depth of a pipe below its street, where only the pipe is known.
USUAL_DEPTH_M = 2.0


def levels_of(table: pd.DataFrame, name: str) -> Floats:
    """Return a column of levels (m), NaN where it says none or cannot mean what it says."""
    return plausible(numbers(table, name))


def plausible(levels: Floats) -> Floats:
    """Return levels with NaN for numbers that no place has, and for zeros where everything else lies high."""
    levels = np.where(np.abs(levels) < HIGHEST_M, levels, np.nan)
    other = levels[np.isfinite(levels) & (levels != 0.0)]
    if len(other) and float(np.median(other)) > ABOVE_SEA_M:
        levels = np.where(levels == 0.0, np.nan, levels)
    return levels


def street_level_m(layers: Iterable[Layer], data: Mapping[str, LayerData]) -> float | None:
    """Return about how high the streets over the pipes of a project lie, None where no register says a level.

    Parameters
    ----------
    layers : iterable of Layer
    data : mapping of str to LayerData
        By layer id; only columns are looked at.
    """
    grounds: list[Floats] = []
    beds: list[Floats] = []
    for layer in layers:
        held = data.get(layer.id)
        if layer.role not in ("pipes", "pipe_nodes") or not isinstance(held, VectorData):
            continue
        table = held.attributes
        grounds.append(levels_of(table, "ground_m"))
        beds += [levels_of(table, name) for name in ("invert_m", "start_invert_m", "end_invert_m")]
    for levels, depth_m in ((grounds, 0.0), (beds, USUAL_DEPTH_M)):
        known = np.concatenate(levels) if levels else np.zeros(0)
        known = known[np.isfinite(known)]
        if len(known):
            return float(np.median(known)) + depth_m
    return None
