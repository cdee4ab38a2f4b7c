"""Heights of buildings as people write them, and footprints that come twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from models.buildings.heights import heights, once, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("15m", 15), ("15 米", 15), ("约12", 12), ("１２．５", 12.5), ("39 ft", 11.8872), ("1,5", 1.5), ("12,000", 12000),
     ("十二层", 12), ("二十", 20), ("6F", 6), (7, 7)],
)  # fmt: skip
def test_heights_are_read_as_people_write_them(text: object, number: float) -> None:
    assert read_number(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "不详", None, True, float("nan")])
def test_what_says_no_number_is_no_data(text: object) -> None:
    assert np.isnan(read_number(text))


def test_nonsense_heights_are_not_drawn_and_are_said() -> None:
    table = pd.DataFrame({"height": [12.0, -3.0, 9999.0, 0.0, np.nan, np.nan], "floors": [4, 2, 3, 5, 6, np.nan]})
    known = heights(table, storey_height_m=3.0)
    assert known.height_m.tolist() == [12.0, 6.0, 9.0, 15.0, 18.0, 9.0]
    assert known.origin.tolist() == ["known", "storeys", "storeys", "storeys", "storeys", "assumed"]
    said = {one.code: dict(one.facts) for one in known.cautions}
    assert said["heights.nonsense"]["count"] == 2  # zero means "nothing is known" and is no nonsense
    assert said["heights.estimated"] == {"layer": "", "count": 5, "of": 6}


def test_a_building_part_of_openstreetmap_begins_where_it_says() -> None:
    known = heights(pd.DataFrame({"height": [30.0, 30.0], "min_height": [12.0, np.nan]}))
    assert known.bottom_m.tolist() == [12.0, 0.0]
    assert known.height_m.tolist() == [18.0, 30.0]  # its roof stays at 30 m


def test_of_repeated_footprints_the_highest_is_drawn_once() -> None:
    same, other = shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 11)
    kept = once(np.array([same, same, other, same]), np.array([9.0, 12.0, 9.0, 3.0]))
    assert kept.tolist() == [False, True, True, False]
