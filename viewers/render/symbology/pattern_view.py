"""Patterns of problems in the city: buildings by density, by their cell, or by the score of their unit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.core.value_text import number
from models.health.patterns.analysis import Patterns
from models.health.patterns.places import placed
from models.health.registers.placing import points_in
from models.layers.layer import LayerData
from models.project.project import ProjectState
from models.style.ramps import ramp
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theme_picture import Number, ThemePicture, joined, one_colour, table_of

#: Pale to dark on a light city; dark to pale, the other way round, on a dark one.
RAMP, STEPS = "sunset", 6
#: Behind this share of the greatest density nothing is worth a colour of its own.
_LEAST_SHARE = 0.02
#: Ranks stand so high over the ground, metres.
NUMBER_M = 60.0


def pattern_view(
    kind: str, found: Patterns, state: ProjectState, data: Mapping[str, LayerData], lang: str, *, dark: bool = False
) -> ThemePicture | None:  # fmt: skip
    """Return what an analysis looks like in the city; None where there is nothing to see.

    Parameters
    ----------
    kind : str
        ``"density"``, ``"hot"`` or ``"priority"``.
    found : Patterns
    state : ProjectState
    data : mapping of str to LayerData
    lang : {"zh", "en"}
    dark : bool
        Whether the city is drawn in its dark look.
    """
    if kind == "density" and not found.density.refusal:
        return _density(found, state, data, lang, dark=dark)
    if kind == "hot" and not found.hot.refusal:
        return _hot(found, state, data, lang)
    if kind == "priority" and found.priority.rows["score"].notna().any():
        return _priority(found, state, data, lang, dark=dark)
    return None


def _density(
    found: Patterns, state: ProjectState, data: Mapping[str, LayerData], lang: str, *, dark: bool
) -> ThemePicture:  # fmt: skip
    high = float(np.nanmax(found.density.per_km2))
    colours: dict[str, LayerColours] = {}
    for layer, (oids, xy) in _buildings(found, state, data).items():
        share = np.nan_to_num(found.density.at(xy)) / high
        table = np.full((len(oids), 4), 255, dtype=np.uint8)
        table[:, :3] = ramp(RAMP).at(share, reverse=dark)
        seen = share >= _LEAST_SHARE
        colours[layer] = oids[seen], table[seen]
    ends = tuple(number(value, 0) for value in (0.0, high / 2, high))
    entry = LegendEntry("", "", symbol="ramp", colours=ramp(RAMP).classes(STEPS, reverse=dark), ends=ends)
    return ThemePicture(colours, Legend(word("patterns.legend.density", lang), (entry,)))


def _hot(found: Patterns, state: ProjectState, data: Mapping[str, LayerData], lang: str) -> ThemePicture:
    grades, general = status()["grades"], status()["general"]
    shades = {1: grades["below"][0], -1: grades["met"][1], 0: general["calm"]}
    rows, columns = found.hot.grid.shape
    kinds = np.zeros(rows * columns, dtype=np.int64)
    kinds[found.hot.cells] = found.hot.kind
    colours: dict[str, LayerColours] = {}
    for layer, (oids, xy) in _buildings(found, state, data).items():
        cell = found.hot.grid.cell_of(xy)
        kind = np.where(cell >= 0, kinds[np.maximum(cell, 0)], 0)
        colours[layer] = joined([one_colour(oids[kind == one], rgba(shade)) for one, shade in shades.items()])
    counted = {kind: int(np.count_nonzero(found.hot.kind == kind)) for kind in shades}
    names = {1: "hot", -1: "cold", 0: "none"}
    entries = [
        LegendEntry(word(f"patterns.kind.{names[kind]}", lang), shade, count=counted[kind])
        for kind, shade in shades.items()
    ]
    note = word("patterns.legend.buildings", lang)
    return ThemePicture(colours, Legend(word("patterns.legend.hot", lang), tuple(entries), note))


def _priority(
    found: Patterns, state: ProjectState, data: Mapping[str, LayerData], lang: str, *, dark: bool
) -> ThemePicture:  # fmt: skip
    ground, rows, general = found.ground, found.priority.rows, status()["general"]
    score = np.full(len(ground.units), np.nan)
    score[rows["unit"].to_numpy()] = rows["score"].to_numpy(np.float64)
    colours: dict[str, LayerColours] = {}
    for layer, (oids, xy) in _buildings(found, state, data).items():
        unit = ground.unit_at(xy)
        mine = np.where(unit >= 0, score[np.maximum(unit, 0)], np.nan)
        table = np.empty((len(oids), 4), dtype=np.uint8)
        table[:] = rgba(general["no_data"])
        known = np.isfinite(mine)
        table[known, :3] = ramp(RAMP).at(mine[known], reverse=dark)
        colours[layer] = oids, table
    entries = [LegendEntry("", "", symbol="ramp", colours=ramp(RAMP).classes(STEPS, reverse=dark), ends=("0", "1"))]
    if not np.isfinite(score).all():
        entries.append(LegendEntry(word("legend.no_data", lang), general["no_data"], count=int(np.isnan(score).sum())))
    points = points_in(ground.units["_shape"].to_numpy(object))
    numbers = tuple(
        Number(f"{rank:.0f}", float(points[unit].x), float(points[unit].y), NUMBER_M)
        for unit, rank, own in zip(rows["unit"], rows["rank"], rows["score"], strict=True)
        if own == own
    )
    title = word("patterns.legend.priority", lang)
    legend = Legend(title, tuple(entries), word("patterns.legend.scores", lang))
    return ThemePicture(colours, legend, numbers=numbers)


def _buildings(
    found: Patterns, state: ProjectState, data: Mapping[str, LayerData]
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return the buildings of each layer with a point inside each."""
    result = {}
    for layer in state.with_role("buildings"):
        table = table_of(layer, data)
        if table is not None and len(table):
            oids = table.index.to_numpy(dtype=np.int64)
            result[layer.id] = oids, placed(np.full(len(oids), layer.id, object), oids, data, found.ground.crs)
    return result
