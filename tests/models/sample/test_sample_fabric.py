"""The fabric of the sample city: it repeats, it holds together, and its truth file is true."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.ops import nearest_points

from app.usecases.project.sample import make_sample
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.compute import compute
from models.project.project import ProjectState
from models.sample import tiles
from models.sample.city import CENTRE, HALF_M, City
from models.sample.generate import make_city
from models.sample.tables import codes_at
from models.store.project_file import open_project
from tests.support.paths import ROOT

SEED = 7


@pytest.fixture(scope="module")
def city() -> City:
    return make_city(SEED)


@pytest.fixture(scope="module")
def opened(sample_city: Path) -> tuple[ProjectState, dict[str, Any], dict[str, Any]]:
    state, data = open_project(sample_city)
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))
    return state, data, truth


def standing(city: City) -> gpd.GeoDataFrame:
    """Return the buildings that stand on the ground, not on a podium."""
    return city.buildings[city.buildings["bottom_m"] == 0]


def carriageways(city: City) -> np.ndarray:
    roads = city.roads[city.roads["class"] != "lane"]
    return shapely.buffer(roads.geometry.to_numpy(), roads["width_m"].to_numpy() / 2, quad_segs=4, cap_style="flat")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(sample_city: Path, tmp_path: Path) -> None:
    """Made again in another process, with other hashes, at another time and place."""
    call = "import sys, pathlib, app.usecases.project.sample as s; s.make_sample(pathlib.Path(sys.argv[1]), 1)"
    again = {**os.environ, "PYTHONHASHSEED": "4711"}
    subprocess.run([sys.executable, "-c", call, str(tmp_path / "sample.gpkg")], cwd=ROOT, env=again, check=True)

    def digests(folder: Path) -> dict[str, str]:
        files = [folder / "sample.gpkg", *sorted((folder / "sample_files").iterdir())]
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    first, second = digests(sample_city.parent), digests(tmp_path)
    assert {"sample.gpkg", "dem.tif", "image.tif", "truth.json", "tower.ifc"} <= set(first)
    assert first == second


@pytest.mark.slow
def test_the_planted_parcels_are_the_ones_that_the_indicators_blame(
    opened: tuple[ProjectState, dict[str, Any], dict[str, Any]],
) -> None:
    state, data, truth = opened
    planted = {row["id"]: set(row["codes"]) for row in truth["planted"]}
    for code, name in (("HC25-25", "park_uncovered"), ("HC25-22", "school_uncovered")):
        frame = data["parcels"].frame
        blamed = {str(frame.loc[problem.key.oid, "code"]) for problem in compute(code, state, data).problems}
        assert blamed == planted[name]
        assert blamed
    assert planted["roads_sparse"] == {"370199001"}
    assert planted["parcels_not_surveyed"] == {"370199004"}
    assert planted["components_not_surveyed"] == {"370199003"}


@pytest.mark.slow
def test_every_layer_says_that_it_is_synthetic(opened: tuple[ProjectState, dict[str, Any], dict[str, Any]]) -> None:
    state, data, _ = opened
    assert all(layer.synthetic and layer.data_source and layer.name_en for layer in state.layers)
    linked = {layer.source.path for layer in state.layers if layer.source.path}
    assert {"sample_files/dem.tif", "sample_files/image.tif", "sample_files/tower.ifc"} <= linked
    assert len(data["components"].frame) >= 20_000


def test_the_city_has_the_numbers_that_were_promised(city: City) -> None:
    assert 1_500 <= len(city.buildings) <= 3_000
    assert (len(city.districts), len(city.communities)) == (4, 16)
    assert (city.communities["population"] > 0).sum() >= 15
    assert city.districts["population"].sum() == city.communities["population"].sum() > 30_000
    assert 2_000 <= len(city.trees) <= 6_000
    kinds = Counter(city.amenities["kind"])
    wanted = (
        "primary_school middle_school nine_year_school kindergarten elderly_care clinic hospital market fire_station"
    )
    for kind in [*wanted.split(), "shelter", "football_pitch", "running_track"]:
        assert kinds[kind] >= 1, kind
    assert set(city.ifc_sites) == {"tower", "school", "clinic"}
    roofs = Counter(city.buildings["roof"])
    assert roofs["gable"] > 300
    assert roofs["hip"] > 5


def test_districts_and_communities_tile_the_square(city: City) -> None:
    for units in (city.districts, city.communities):
        assert shapely.area(shapely.union_all(units.geometry.to_numpy())) == pytest.approx(4e6, rel=1e-6)
        assert units.geometry.area.sum() == pytest.approx(4e6, rel=1e-6)
    inside = city.communities["code"].str[:9] == city.communities["district_code"]
    assert inside.all()


def test_no_building_stands_in_another(city: City) -> None:
    shapes = standing(city).geometry.to_numpy()
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = a < b
    overlap = shapely.area(shapely.intersection(shapes[a[pairs]], shapes[b[pairs]]))
    assert not (overlap > 1.0).any()


def test_no_building_stands_on_a_road_or_in_the_water(city: City) -> None:
    shapes = city.buildings.geometry.to_numpy()
    for obstacle in (carriageways(city), city.water.geometry.to_numpy()):
        a, b = shapely.STRtree(obstacle).query(shapes, predicate="intersects")
        assert not (shapely.area(shapely.intersection(shapes[a], obstacle[b])) > 0.01).any()


def test_towers_stand_on_the_podium_below_them(city: City) -> None:
    upper = city.buildings[city.buildings["bottom_m"] > 0]
    lower = standing(city)
    assert len(upper) > 10
    for row in upper.itertuples():
        under = lower[shapely.contains(lower.geometry.to_numpy(), row.geometry.representative_point())]
        assert len(under) == 1
        assert row.base_m == under["base_m"].iloc[0]
        assert row.bottom_m >= under["height_m"].iloc[0] - 1e-6


def test_the_ground_under_a_building_is_the_terrain(city: City) -> None:
    point = city.buildings.geometry.representative_point()
    ground = city.terrain.height_m(point.x, point.y)
    gap = ground - city.buildings["base_m"].to_numpy()
    low = (city.buildings["bottom_m"] == 0).to_numpy()
    assert (gap[low] > -0.6).all()
    assert np.quantile(gap[low], 0.99) < 3.0


def test_all_roads_at_grade_hang_together(city: City) -> None:
    ends = [(line.coords[0], line.coords[-1]) for line in city.roads[city.roads["class"] != "expressway"].geometry]
    parent: dict[tuple[float, ...], tuple[float, ...]] = {}

    def root(node: tuple[float, ...]) -> tuple[float, ...]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in ends:
        parent[root(a)] = root(b)
    sizes = Counter(root(a) for a, _ in ends)
    main = city.roads[city.roads["class"].isin(["arterial", "sub_arterial", "branch"])]
    assert len({root(line.coords[0]) for line in main.geometry}) == 1
    assert max(sizes.values()) / len(ends) > 0.8


def test_every_gated_quarter_has_an_entry(city: City) -> None:
    lanes = city.roads[city.roads["class"] == "lane"].geometry.to_numpy()
    streets = shapely.union_all(city.roads[city.roads["class"].isin(["arterial", "sub_arterial", "branch"])].geometry)
    entries = lanes[shapely.distance(lanes, streets) < 0.05]
    gated = city.parcels[city.parcels["land_use"] != "R3"].geometry.to_numpy()
    with_entry = [bool(shapely.intersects(parcel, entries).any()) for parcel in gated]
    assert np.mean(with_entry) > 0.9


def test_slabs_face_south(city: City) -> None:
    slabs = city.buildings[(city.buildings["use"] == "residential") & (city.buildings["storeys"].between(5, 11))]
    turned = []
    for shape in slabs.geometry:
        ring = np.asarray(shape.minimum_rotated_rectangle.exterior.coords)
        edge = np.diff(ring, axis=0)[:2]
        long = edge[np.argmax(np.hypot(edge[:, 0], edge[:, 1]))]
        turned.append(abs((np.degrees(np.arctan2(long[1], long[0])) + 90) % 180 - 90))
    assert np.mean(np.asarray(turned) < 20) > 0.7


def test_the_river_lies_below_its_banks_and_the_hill_above_the_city(city: City) -> None:
    river = city.water[city.water["kind"] == "river"]
    level = float(river["level_m"].iloc[0])
    middle = shapely.points([(CENTRE[0] - 500, CENTRE[1] - 230), (CENTRE[0] + 420, CENTRE[1] + 125)])
    wet = [nearest_points(river.geometry.iloc[0].buffer(-12), p)[0] for p in middle]
    assert (city.terrain.height_m([p.x for p in wet], [p.y for p in wet]) < level - 0.5).all()
    streets = city.roads[(city.roads["class"] == "arterial") & ~city.roads["bridge"]].geometry.interpolate(
        0.5, normalized=True
    )
    assert (city.terrain.height_m(streets.x, streets.y) > level + 1.5).all()
    assert 95 < city.terrain.values.max() < 130
    reach = city.terrain.values.shape[0] * city.terrain.transform[0]
    assert reach == pytest.approx(2 * (HALF_M + 400))


def test_trees_keep_off_buildings_roads_and_water(city: City) -> None:
    trees = city.trees.geometry.to_numpy()
    for obstacle in (city.buildings.geometry.to_numpy(), carriageways(city), city.water.geometry.to_numpy()):
        assert len(shapely.STRtree(obstacle).query(trees, predicate="intersects")[0]) == 0


def test_reserved_sites_are_free(city: City) -> None:
    for site in city.ifc_sites.values():
        turn = np.radians(-site.bearing_deg)
        corners = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (site.width_m / 2, site.depth_m / 2)
        spun = corners @ np.asarray([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        shape = shapely.Polygon(spun + np.asarray([site.easting, site.northing]))
        assert not shapely.intersects(shape, city.buildings.geometry.to_numpy()).any()


@pytest.mark.parametrize("seed", [20])
def test_other_seeds_hold_together_too(seed: int) -> None:
    other = make_city(seed)
    assert 1_500 <= len(other.buildings) <= 3_000
    assert set(other.ifc_sites) == {"tower", "school", "clinic"}
    test_no_building_stands_in_another(other)
    test_no_building_stands_on_a_road_or_in_the_water(other)
    test_all_roads_at_grade_hang_together(other)
    test_towers_stand_on_the_podium_below_them(other)


def test_a_point_outside_belongs_to_no_district() -> None:
    square = shapely.box(0, 0, 10, 10)
    assert codes_at([{"geometry": square, "code": "A"}], [shapely.box(1, 1, 2, 2), shapely.box(20, 20, 21, 21)]) == [
        "A",
        None,
    ]


def test_a_size_or_seed_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"sample\.size"):
        make_sample(tmp_path / "a.gpkg", 1, "huge")
    with pytest.raises(UserError, match=r"sample\.seed"):
        make_sample(tmp_path / "a.gpkg", -1)
    assert list(tmp_path.iterdir()) == []


def test_tiles_of_the_big_city_fit_at_their_seams(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "COLUMNS", 2)
    monkeypatch.setattr(tiles, "WANTED", 3 * len(city.buildings))
    frames, terrain = tiles.make_tiled([city], SEED, Progress())
    assert len(frames["districts"]) == 4 * 4
    for name in ("buildings", "parcels", "districts", "amenities"):
        assert frames[name]["code"].is_unique, name
    shapes = frames["buildings"].geometry.to_numpy()[(frames["buildings"]["bottom_m"] == 0).to_numpy()]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert not (shapely.area(shapely.intersection(shapes[a[a < b]], shapes[b[a < b]])) > 1.0).any()
    river = frames["water"][frames["water"]["kind"] == "river"].geometry.to_numpy()
    row_one = river[shapely.get_y(shapely.centroid(river)) > CENTRE[1]]
    assert len(row_one) == 2
    assert shapely.union_all(row_one).geom_type == "Polygon"
    home = codes_at(
        [
            {"geometry": g, "code": c}
            for g, c in zip(frames["districts"].geometry, frames["districts"]["code"], strict=True)
        ],
        shapes,
    )
    low = frames["buildings"][frames["buildings"]["bottom_m"] == 0]
    assert list(low["district_code"]) == home
    assert terrain.values.shape == (500, 500)
