"""Ways to colour pipes: what has no value is no data, and cover is what ground and crown say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.network.pipe_themes import classes_of, cover_m, pipe_themes, values_of


def test_every_theme_has_a_colour_for_each_class_and_limits_that_rise() -> None:
    for theme in pipe_themes().values():
        if theme.limits:
            assert list(theme.limits) == sorted(set(theme.limits))
            assert len(theme.colours) == len(theme.limits) + 1
        assert len(set(theme.colours)) == len(theme.colours)


def test_a_size_of_zero_and_a_year_to_come_are_no_data() -> None:
    table = pd.DataFrame({"diameter_mm": [300, 0, -5, None], "width_mm": [None, 1500, None, None],
                          "year": [1999, 9999, 0, 2015]})  # fmt: skip
    size, year = pipe_themes()["diameter"], pipe_themes()["age"]
    assert classes_of(size, values_of(size, table)).tolist() == [1, -1, -1, -1]
    assert classes_of(year, values_of(year, table)).tolist() == [2, -1, -1, 4]


def test_a_box_without_a_diameter_is_classed_by_its_width() -> None:
    table = pd.DataFrame({"diameter_mm": [None, 300.0], "width_mm": [1500.0, None]})
    size = pipe_themes()["diameter"]
    assert values_of(size, table).tolist() == [1500.0, 300.0]


def test_cover_is_ground_less_crown_at_the_end_where_it_is_less() -> None:
    pipes = gpd.GeoDataFrame(
        {"start_node": ["a", "a", "x", "a"], "end_node": ["b", "b", "y", "b"],
         "start_invert_m": [10.0, np.nan, np.nan, 10.0], "end_invert_m": [9.0, np.nan, np.nan, 9.0],
         "diameter_mm": [500, 500, 500, np.nan]},
        geometry=shapely.linestrings([
            [[0, 0, np.nan], [9, 0, np.nan]], [[0, 0, 10.0], [9, 0, 9.5]], [[0, 0, 0], [9, 0, 0]],
            [[0, 0, np.nan], [9, 0, np.nan]],
        ]),
    )  # fmt: skip
    nodes = pd.DataFrame({"code": ["a", "b"], "ground_m": [12.0, 10.5]})
    cover = cover_m(pipes, nodes, None)
    assert cover[0] == pytest.approx(1.0)
    assert cover[1] == pytest.approx(0.75)
    assert np.isnan(cover[2])  # zeros along a line are no heights
    assert np.isnan(cover[3])  # without a size nobody knows the crown
    with_terrain = cover_m(pipes.assign(start_node="?", end_node="?"), nodes, lambda x, y: np.full(len(x), 13.0))
    assert with_terrain[0] == pytest.approx(2.5)
