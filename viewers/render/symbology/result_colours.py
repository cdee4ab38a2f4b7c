"""Colours of a simulation at one step: a value by object along a ramp, the same range at all steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.core.value_text import significant
from models.network.hydraulics.results import Results, Variable
from models.style.ramps import ramp
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.symbology.layer_colours import LayerColours
from viewers.texts.simulation_texts import variable_text

#: Pale to dark would vanish on a light city; this one begins dark.
RAMP = "dusk"
_LEGEND_STEPS = 6
#: A least value below this share of the greatest is as good as none.
_NEAR_ZERO = 0.02


@dataclass(frozen=True, slots=True)
class ResultRange:
    """The range over which a quantity is coloured, for all steps.

    Parameters
    ----------
    low, high : float
        SI.
    """

    low: float
    high: float

    def share(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where values lie in the range, 0…1."""
        return np.asarray((values - self.low) / max(self.high - self.low, 1e-12), dtype=np.float64)


def range_of(results: Results, variable: Variable) -> ResultRange:
    """Return the range of a quantity over all steps and objects; of a flow, of its amount."""
    low, high, _ = results.extremes(variable, absolute=variable.name == "flow")
    good = np.isfinite(low) & np.isfinite(high)
    if not good.any():
        return ResultRange(0.0, 1.0)
    least, most = float(low[good].min()), float(high[good].max())
    if 0 < least < _NEAR_ZERO * most:  # a range that begins at nothing is read at a glance
        least = 0.0
    return ResultRange(least, most)


def result_colours(
    results: Results, variable: Variable, step: int, rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    limits: ResultRange,
) -> LayerColours:  # fmt: skip
    """Return colours of a layer's objects at a step.

    Parameters
    ----------
    results : Results
    variable : Variable
    step : int
    rows : (oids, rows)
        Objects of the layer, and the row of the results that each one is.
    limits : ResultRange
    """
    values = results.moment(variable, step)
    if variable.name == "flow":
        values = np.abs(values)
    colours = np.full((len(rows[0]), 4), 255, dtype=np.uint8)
    colours[:, :3] = ramp(RAMP).at(limits.share(values[rows[1]]))
    return rows[0], colours


def result_legend(results: Results, variable: Variable, step: int, limits: ResultRange, lang: str) -> Legend:
    """Return the legend of a step."""
    colours = ramp(RAMP).classes(_LEGEND_STEPS)
    middle = (limits.low + limits.high) / 2
    ends = tuple(significant(float(f"{one:.3g}")) for one in (limits.low, middle, limits.high))
    element = word(f"network.tab.{variable.element}", lang)
    title = word("network.legend", lang, element=element, variable=variable_text(variable, lang))
    note = word("network.legend.note", lang, time=results.clock(step))
    return Legend(title, (LegendEntry("", colours[0], symbol="ramp", colours=colours, ends=ends),), note)
