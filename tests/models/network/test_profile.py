"""Longitudinal profiles and cross-sections against shapely and rasterio."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from shapely.geometry import LineString, Point, box

from models.core.errors import UserError
from models.layers.layer import RasterData
from models.network.profile.cross_section import cross_section
from models.network.profile.longitudinal import long_profile
from models.network.profile.path import Step, in_order
from models.terrain.ground import Ground


def frame(rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    made = gpd.GeoDataFrame(rows, geometry="geometry", crs="EPSG:4548")
    made.index = made.index + 1
    return made


def sewer() -> gpd.GeoDataFrame:
    """Return three pipes eastwards with a bend, and what crosses them."""
    return frame([
        {"code": "W1", "kind": "WS", "diameter_mm": 400, "material": "钢筋混凝土", "start_node": "A", "end_node": "B",
         "start_invert_m": 10.0, "end_invert_m": 9.8, "geometry": LineString([(0, 0), (30, 0), (30, 10)])},
        {"code": "W2", "kind": "WS", "diameter_mm": 400, "material": "HDPE 双壁波纹管", "start_node": "B",
         "end_node": "C", "start_invert_m": 9.5, "end_invert_m": 9.7, "geometry": LineString([(30, 10), (60, 10)])},
        {"code": "W3", "kind": "WS", "diameter_mm": 500, "material": "", "start_node": "C", "end_node": "D",
         "start_invert_m": 9.7, "end_invert_m": None, "geometry": LineString([(60, 10), (100, 10)])},
        {"code": "J1", "kind": "JS", "diameter_mm": 200, "material": "", "start_node": "x", "end_node": "y",
         "geometry": LineString([(40, -20, 10.6), (40, 40, 10.6)])},
        {"code": "T1", "kind": "TX", "diameter_mm": 110, "material": "", "start_node": "p", "end_node": "q",
         "geometry": LineString([(80, -20, 11.0), (80, 40, 11.0)])},
        {"code": "S1", "kind": "WS", "diameter_mm": 300, "material": "", "start_node": "s", "end_node": "B",
         "start_invert_m": 9.9, "end_invert_m": 9.6, "geometry": LineString([(30, 40), (30, 10)])},
    ])  # fmt: skip


def manholes() -> gpd.GeoDataFrame:
    rows = [
        ("A", 12.0, 9.9, (0, 0)),
        ("B", 12.4, 9.4, (30, 10)),
        ("C", None, None, (60, 10)),
        ("D", 12.2, None, (100, 10)),
    ]
    return frame([{"code": c, "node_type": "manhole", "ground_m": g, "invert_m": i, "geometry": Point(p)}
                  for c, g, i, p in rows])  # fmt: skip


PATH = (Step(1), Step(2), Step(3))


def test_levels_stations_slopes_and_drops_are_those_on_record() -> None:
    profile = long_profile(sewer(), manholes(), PATH)
    assert [well.station_m for well in profile.wells] == pytest.approx([0, 40, 70, 110])
    first, second, third = profile.spans
    line = shapely.LineString([(0, 0, 10.0), (40, 0, 9.8)])  # the first pipe stretched out
    for station in (0.0, 12.5, 30.0, 36.0, 40.0):
        expected = line.interpolate(station).z
        assert np.interp(station, first.station_m, first.bottom_m) == pytest.approx(expected, abs=2e-3)
    assert first.slope == pytest.approx(0.005)
    assert (first.is_adverse, second.is_adverse) == (False, True)
    assert (first.wall_m, first.wall_certainty) == (0.035, "low")
    assert np.isnan(second.wall_m)  # depends on the class of stiffness
    assert third.has_gap
    assert third.left_m == 9.7
    assert np.isnan(third.right_m)
    assert np.isnan(third.slope)
    a, b, c, d = profile.wells
    assert b.drop_m == pytest.approx(0.3)
    assert (a.depth_m, b.depth_m) == pytest.approx((2.1, 3.0))
    assert (c.rim_source, d.rim_source) == ("", "node")
    assert np.isnan(d.depth_m)
    assert profile.ground_source == "nodes"
    assert np.isnan(profile.ground_m[2])  # a cover nobody measured is a gap, no straight line


def test_a_path_walked_upstream_tells_the_same_slopes() -> None:
    down = long_profile(sewer(), manholes(), PATH)
    up = long_profile(sewer(), manholes(), [Step(3, False), Step(2, False), Step(1, False)])
    assert [s.slope for s in up.spans[::-1]] == pytest.approx([s.slope for s in down.spans], nan_ok=True)
    assert [w.code for w in up.wells] == ["D", "C", "B", "A"]
    assert up.wells[2].drop_m == pytest.approx(0.3)
    for station in (75.0, 90.0):
        assert up.place_at(station)[:2] == pytest.approx(down.place_at(110 - station)[:2])
    assert [c.station_m for c in up.crossings] == pytest.approx([110 - c.station_m for c in down.crossings][::-1])


def test_crossing_pipes_stand_at_their_stations_with_their_clear_distance() -> None:
    profile = long_profile(sewer(), manholes(), PATH)
    water, duct = profile.crossings
    assert (water.code, duct.code) == ("J1", "T1")
    path = shapely.line_merge(shapely.union_all(sewer().geometry.to_numpy()[:3]))
    meeting = shapely.intersection(path, LineString([(40, -20), (40, 40)]))
    assert water.station_m == pytest.approx(shapely.line_locate_point(path, meeting))
    bottom = 9.5 + (9.7 - 9.5) * (water.station_m - 40) / 30
    assert water.clear_m == pytest.approx(10.6 - 0.1 - (bottom + 0.4), abs=1e-6)
    assert water.is_above
    assert (water.required_m, water.is_short) == (0.4, False)
    assert np.isnan(duct.clear_m)  # the sewer's level is not known there
    assert np.isnan(duct.required_m)


def test_what_joins_the_path_crosses_nothing_also_where_no_code_says_so() -> None:
    bare = sewer().drop(columns=["start_node", "end_node"])
    assert [one.code for one in long_profile(bare, None, PATH).crossings] == ["J1", "T1"]


def test_a_pipe_walked_in_part_keeps_its_levels() -> None:
    whole = long_profile(sewer(), None, [Step(1)])
    (part,) = long_profile(sewer(), None, [Step(1, True, 10.0, 35.0)]).spans
    assert part.length_m == pytest.approx(25)
    for station in (0.0, 13.0, 25.0):
        expected = np.interp(station + 10, whole.spans[0].station_m, whole.spans[0].bottom_m)
        assert np.interp(station, part.station_m, part.bottom_m) == pytest.approx(expected, abs=1e-6)


def test_ground_and_cover_come_from_the_terrain(tmp_path) -> None:
    cells = np.add.outer(np.linspace(14, 13, 40), np.linspace(0, 0.6, 120)).astype(np.float32)
    transform = rasterio.transform.from_origin(-5, 25, 1, 1)
    path = tmp_path / "dem.tif"
    with rasterio.open(path, "w", driver="GTiff", height=40, width=120, count=1, dtype="float32", crs="EPSG:4548",
                       transform=transform) as out:  # fmt: skip
        out.write(cells, 1)
    ground = Ground(RasterData(cells, tuple(transform)[:6], "EPSG:4548"), "EPSG:4548")
    profile = long_profile(sewer(), manholes(), PATH, ground.height_m)
    assert profile.ground_source == "terrain"
    with rasterio.open(path) as dem:
        for station, height in list(zip(profile.ground_station_m, profile.ground_m, strict=True))[::7]:
            x, y, _ = profile.place_at(float(station))
            nearest = float(next(dem.sample([(x, y)]))[0])
            assert height == pytest.approx(nearest, abs=0.03)  # the cells are read between their middles
    assert profile.wells[2].rim_source == "terrain"
    least = min(h - (10 - 0.005 * s + 0.4 + 0.035) for s, h in
                zip(profile.ground_station_m, profile.ground_m, strict=True) if s <= 40)  # fmt: skip
    assert profile.spans[0].cover_m == pytest.approx(least, abs=1e-6)


def test_pipes_in_their_order_are_walked_as_they_meet() -> None:
    pipes = sewer()
    assert in_order(pipes, [1, 2, 3]) == PATH
    assert in_order(pipes, [3, 2, 1]) == (Step(3, False), Step(2, False), Step(1, False))
    assert in_order(pipes, [6, 2]) == (Step(6), Step(2))
    assert in_order(pipes, [2]) == (Step(2),)
    bare = pipes.drop(columns=["start_node", "end_node"])
    assert in_order(bare, [1, 2, 3]) == PATH
    for fids, code in (([1, 3], "network.path_broken"), ([], "network.path_empty")):
        with pytest.raises(UserError) as error:
            in_order(pipes, fids)
        assert error.value.code == code


def test_a_pipe_without_length_is_refused_by_name() -> None:
    pipes = frame([{"code": "P", "kind": "WS", "geometry": LineString([(1, 1), (1, 1)])}])
    with pytest.raises(UserError) as error:
        long_profile(pipes, None, [Step(1)])
    assert error.value.facts["pipe"] == "P"


def street() -> gpd.GeoDataFrame:
    return frame([
        {"code": "W", "kind": "WS", "diameter_mm": 600, "material": "钢筋混凝土",
         "geometry": LineString([(-50, 0, 5), (50, 0, 5)])},
        {"code": "J", "kind": "JS", "diameter_mm": 300, "geometry": LineString([(-50, 2, 7), (50, 2, 7)])},
        {"code": "B", "kind": "YS", "width_mm": 2000, "section_height_mm": 1500, "shape": "矩形",
         "geometry": LineString([(-50, 8, 4), (50, 8, 4)])},
        {"code": "G", "kind": "RQ", "diameter_mm": 110, "geometry": LineString([(-50, 12), (50, 12)])},
        {"code": "far", "kind": "RQ", "diameter_mm": 110, "geometry": LineString([(60, -20), (60, 20)])},
    ])  # fmt: skip


def test_a_section_shows_every_pipe_it_cuts_at_its_offset_and_depth() -> None:
    cut = cross_section(street(), [(0, -5), (0, 20)], lambda x, y: np.full(np.shape(x), 10.0))
    assert [(p.code, round(p.offset_m, 6)) for p in cut.pipes] == [("W", 5), ("J", 7), ("B", 13), ("G", 17)]
    sewage, _water, box_drain, gas = cut.pipes
    assert sewage.bottom_m == pytest.approx(4.7)
    assert sewage.cover_m == pytest.approx(10 - 5 - 0.35)
    assert (box_drain.is_box, box_drain.half_width_m, box_drain.half_height_m) == (True, 1.0, 0.75)
    assert np.isnan(gas.axis_m)
    first, second, third = cut.gaps
    assert first.clear_m == pytest.approx(2 - 0.35 - 0.15)
    assert (first.table, first.required_m, first.is_short) == ("horizontal", 1.5, False)
    assert second.required_m == 1.5
    assert np.isnan(third.required_m)  # a gas main of unknown pressure
    assert third.clear_m == pytest.approx(4 - 1.0 - 0.055)


def test_a_section_askew_tells_the_distances_across_the_pipes() -> None:
    square = cross_section(street(), [(0, -5), (0, 20)])
    askew = cross_section(street(), [(-12.5, -5), (12.5, 20)])
    assert [g.clear_m for g in askew.gaps] == pytest.approx([g.clear_m for g in square.gaps])
    assert askew.pipes[0].sine == pytest.approx(np.sqrt(0.5))


def test_streets_footways_and_houses_lie_where_the_line_meets_them() -> None:
    roads = frame([{"name": "大街", "width_m": 8.0, "geometry": LineString([(-50, 2), (50, 2)])}])
    ways = frame([{"width_m": None, "geometry": LineString([(-50, 9), (50, 9)])}])
    houses = frame([{"name": "楼", "geometry": box(-20, 14, 20, 30)}])
    cut = cross_section(street(), [(0, -5), (0, 20)], None,
                        {"roads": [roads], "footways": [ways], "buildings": [houses]})  # fmt: skip
    strips = {strip.role: strip for strip in cut.strips}
    assert (strips["roads"].from_m, strips["roads"].to_m) == pytest.approx((3, 11))
    assert strips["footways"].is_assumed
    assert not strips["roads"].is_assumed
    assert strips["buildings"].from_m == pytest.approx(19)
    gap = cut.gaps[-1]
    assert (gap.left, gap.right) == (3, -1)
    assert gap.clear_m == pytest.approx(19 - 17 - 0.055)
    assert np.isnan(gap.required_m)  # gas to buildings is not settled


@pytest.mark.parametrize("line", [[(0, 0), (0, 0)], [(0, 0), (0, 900)], [(0, 0), (np.nan, 3)], [(0, 0)]])
def test_a_line_that_cuts_nothing_is_refused(line) -> None:
    with pytest.raises(UserError) as error:
        cross_section(street(), line)
    assert error.value.code == "network.section_line"
