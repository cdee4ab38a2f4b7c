"""Roads and covers of each unit: kilometres walked from border to border, covers counted by their codes."""

from __future__ import annotations

import numpy as np
import shapely

from models.sample.health.truth.registers import lengths_km
from models.sample.health.truth.units import Level, Sums, Town
from models.sample.truth import COVERS, ROAD_CLASSES, STATES


def roads(town: Town, level: Level) -> Sums:
    """Return the kilometres of roads that are no lanes, and the land, km²."""
    table = town.frames["roads"]
    lengths = [0.0] * len(level.codes)
    for pieces in lengths_km(table.geometry[table["class"].isin(ROAD_CLASSES)].to_numpy(), level):
        for position, length in pieces.items():
            lengths[position] += length
    land = [float(shape.area) / 1e6 for shape in level.shapes]
    return Sums(lengths, land, land)


def covers(town: Town, level: Level) -> Sums:
    """Return intact covers, covers of known state, and all covers."""
    table = town.frames["components"]
    chosen = table[[str(code)[6:10] in COVERS for code in table["ObjID"]]]
    state = chosen["ObjState"].to_numpy(dtype=object)
    intact, known = (np.asarray([value in wanted for value in state]) for wanted in (("完好",), STATES))
    here = [shapely.contains_xy(shape, chosen.geometry.x, chosen.geometry.y) for shape in level.shapes]
    return Sums(*([float((inside & which).sum()) for inside in here] for which in (intact, known, True)))
