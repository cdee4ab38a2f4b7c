"""Levels of a register: what stands for "unknown" is no level, and streets lie where the register says."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.network.levels import levels_of
from models.terrain.ground import ground_under


def test_nines_and_zeros_in_a_city_that_lies_high_are_no_levels() -> None:
    levels = levels_of(pd.DataFrame({"invert_m": [571.2, 0.0, 9999.0, -9999.0, None, 570.1]}), "invert_m")
    assert np.isfinite(levels).tolist() == [True, False, False, False, False, True]


def test_zero_is_a_level_by_the_sea() -> None:
    assert levels_of(pd.DataFrame({"invert_m": [1.2, 0.0, -0.8]}), "invert_m").tolist() == [1.2, 0.0, -0.8]


def test_without_a_terrain_the_ground_is_as_high_as_the_streets_over_the_pipes() -> None:
    frame = Frame("EPSG:4548", None, (502_000, 4_059_000, 0))
    nodes = gpd.GeoDataFrame(
        {"ground_m": [575.0, 577.0, 9999.0]}, geometry=shapely.points([[502_000, 4_059_000]] * 3), crs="EPSG:4548"
    )
    layer = Layer("n", "n", "vector", "pipe_nodes")
    assert ground_under([layer], {"n": VectorData(nodes)}, frame).base_m == pytest.approx(576.0)
    assert ground_under([], {}, frame).base_m == 0.0
