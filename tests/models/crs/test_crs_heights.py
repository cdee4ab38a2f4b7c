"""Heights against the ground of the project, moved rasters, city models and clouds: the doctor beyond the plane."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import Transformer

from app.usecases.crs import crs_doctor as doctor_crs
from app.usecases.crs import height_doctor as doctor_heights
from app.usecases.project import opening
from models.crs.doctor import gcj02 as shifted
from models.crs.doctor.apply_standing import restated
from models.crs.doctor.evidence import evidence_of
from models.crs.doctor.examine import examine
from models.crs.doctor.heights import H1956, lift_of
from models.crs.doctor.levels import levels_of
from models.crs.doctor.steps import Step
from models.crs.doctor.verdict import Lift, Standing, Verdict
from models.geometry.meshes import MeshStore
from models.io.raster.layer_pyramid import pyramid_of
from models.layers.layer import CloudData, Layer, ModelData, RasterData, Source, VectorData
from tests.support.crs import cases as crs_cases
from tests.support.crs.files import CRS, E0, N0, dem, points, relief
from viewers.texts.crs_texts import footer_texts, lift_text


def layer_named(session, name: str) -> Layer:
    return next(layer for layer in session.project.state.layers if layer.name == name)


def low_z(session, layer: Layer) -> np.ndarray:
    return shapely.get_coordinates(session.project.data[layer.id].frame.geometry, include_z=True)[:, 2]


def test_ellipsoidal_heights_are_offered_their_offset_which_one_click_applies_and_undo_takes_back(session, tmp_path):
    opening.open_files(session, [dem(tmp_path / "ground.tif")])
    opening.open_files(session, [points(tmp_path / "大地高_points.gpkg", -8.3)])
    layer = layer_named(session, "大地高_points")
    assert layer.verdict.lift.code == "ellipsoid"
    assert layer.verdict.lift.metres == pytest.approx(8.3, abs=0.1)
    assert layer.standing is None  # an estimate is never applied without asking
    assert any(notice.key == "caution.crs_doctor.height.ellipsoid" for notice in session.notices.all)
    assert "8.3" in footer_texts(session.project.state, "en")[-1]
    before = low_z(session, layer)
    doctor_heights.lift(session, layer.id)
    lifted = layer_named(session, layer.name)
    assert np.abs(low_z(session, lifted) - before - layer.verdict.lift.metres).max() < 1e-9
    assert lifted.standing.steps == (Step("height", (layer.verdict.lift.metres,)),)
    assert not doctor_heights.is_lift_open(lifted)
    assert "+8.3" in footer_texts(session.project.state, "zh")[-1]
    session.history.undo()
    assert np.array_equal(low_z(session, layer), before)
    session.history.redo()
    doctor_heights.lift(session, layer.id, 0.0)
    assert layer_named(session, layer.name).standing is None
    assert np.abs(low_z(session, layer) - before).max() < 1e-9


def test_a_terrain_that_comes_later_puts_heights_in_doubt_and_a_good_layer_stays_quiet(session, tmp_path):
    opening.open_files(session, [points(tmp_path / "survey.gpkg", 21.5)])
    opening.open_files(session, [points(tmp_path / "good.gpkg", 0.3)])
    assert layer_named(session, "survey").verdict.lift is None
    opening.open_files(session, [dem(tmp_path / "ground.tif")])
    lift = layer_named(session, "survey").verdict.lift
    assert (lift.code, lift.metres) == ("offset", pytest.approx(-21.5, abs=0.1))
    assert layer_named(session, "good").verdict.lift is None
    opening.open_files(session, [points(tmp_path / "later.gpkg", 0.3)])
    assert any(reason.code == "height_agrees" for reason in layer_named(session, "later").verdict.reasons)
    assert layer_named(session, "ground").verdict.lift is None


def test_of_two_terrains_the_later_one_is_in_doubt_and_can_be_lifted(session, tmp_path):
    opening.open_files(session, [dem(tmp_path / "ground.tif")])
    opening.open_files(session, [dem(tmp_path / "other.tif", 11.0)])
    layer = layer_named(session, "other")
    assert layer.verdict.lift.metres == pytest.approx(-11.0, abs=0.05)
    assert layer_named(session, "ground").verdict.lift is None
    doctor_heights.lift(session, layer.id)
    one, two = (session.project.data[layer_named(session, name).id].values for name in ("ground", "other"))
    assert np.nanmax(np.abs(one - two)) < 0.05


def test_1956_by_name_is_offered_the_national_mean_and_says_that_it_is_one(session, tmp_path):
    opening.open_files(session, [points(tmp_path / "管点_1956黄海高程.gpkg", 0.0)])
    layer = layer_named(session, "管点_1956黄海高程")
    assert layer.verdict.vertical == H1956
    assert (layer.verdict.lift.code, layer.verdict.lift.metres) == ("h1956", -0.029)
    assert "mean" in lift_text(layer.verdict.lift, "en")
    assert "平均" in lift_text(layer.verdict.lift, "zh")
    assert Verdict.from_dict(layer.verdict.as_dict()).lift == layer.verdict.lift
    doctor_heights.lift(session, layer.id)
    doctor_crs.choose(session, layer.id, "EPSG:4549")  # another plane leaves the heights as they were set
    assert layer_named(session, layer.name).standing.lift_m == -0.029
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.open_project(session, tmp_path / "p.gpkg")
    assert layer_named(session, layer.name).standing.lift_m == -0.029
    assert layer_named(session, layer.name).verdict.lift == layer.verdict.lift


def test_nothing_is_offered_for_zeros_relative_heights_or_without_a_geoid() -> None:
    rng = np.random.default_rng(2)
    ground = rng.uniform(30, 34, 300)
    plan = rng.uniform(0, 900, (300, 2))
    from models.crs.doctor.levels import Levels

    for own in (np.zeros(300), rng.uniform(0, 60, 300), np.full(300, 3.0)):
        assert lift_of("", Levels(plan, own), ground)[0] is None
    lift, reasons = lift_of("EPSG:4979", Levels(plan, ground), None)
    assert lift is None
    assert [reason.code for reason in reasons] == ["height_no_geoid"]
    assert lift_of(H1956, Levels(plan, ground), None, H1956)[0] is None
    # Pipes a few metres below ground are where pipes are; ten metres more are not.
    pipes = Levels(plan, ground - rng.uniform(1.5, 4.0, 300), 2.5, 3.0)
    assert lift_of("", pipes, ground)[0] is None
    lift, _ = lift_of("", replace(pipes, heights=pipes.heights + 22.0), ground)
    assert lift.metres == pytest.approx(-22.0, abs=1.0)
    assert lift.spread_m >= 3.0


def test_inverts_in_columns_are_compared_and_go_up_with_the_pipes(session, tmp_path) -> None:
    frame = gpd.GeoDataFrame(
        {"start_invert_m": [40.0, 41.0], "end_invert_m": [39.5, 40.5], "dn": [300, 400]},
        geometry=[shapely.linestrings([[E0, N0], [E0 + 9, N0]]), shapely.linestrings([[E0, N0 + 5], [E0 + 9, N0]])],
        crs=CRS,
    )
    layer, data = Layer("p", "pipes", "vector", "pipes"), VectorData(frame)
    levels = levels_of(layer, data)
    assert levels.heights.tolist() == [40.0, 41.0]
    assert levels.below_m > 0
    up = restated(data, None, Standing(CRS, (Step("height", (5.0,)),), CRS))
    assert up.frame["start_invert_m"].tolist() == [45.0, 46.0]
    assert up.frame["end_invert_m"].tolist() == [44.5, 45.5]
    assert up.frame["dn"].tolist() == [300, 400]


# --- moved rasters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [(Step("gcj02"),), (Step("shift", (0.001, -0.002)),), (Step("swap"),)])
def test_pieces_of_a_moved_raster_lie_where_the_steps_put_every_point(tmp_path, steps) -> None:
    """A file in which red is the column and green the row: what is read at a place tells which pixel it is."""
    size, pixel = 256, 2e-4
    rgb = np.zeros((3, size, size), np.uint8)
    rgb[0], rgb[1] = np.arange(size)[None, :], np.arange(size)[:, None]
    west, north = (117.0, 36.7) if steps[0].name != "swap" else (36.6, 117.1)
    transform = rasterio.transform.from_origin(west, north, pixel, pixel)
    path = tmp_path / "photo.tif"
    with rasterio.open(path, "w", driver="GTiff", height=size, width=size, count=3, dtype="uint8", crs="EPSG:4326",
                       transform=transform, photometric="RGB") as file:  # fmt: skip
        file.write(rgb)
    info = {"shape": (size, size), "stats": [{"min": 0, "max": 255}] * 3}
    raw = RasterData(np.moveaxis(rgb, 0, -1), tuple(transform)[:6], "EPSG:4326", info=info)
    standing = Standing("EPSG:4326", steps, "EPSG:4326")
    layer = Layer("photo", "photo", "image", "image", Source(str(path), "", "raster"), standing=standing)
    pyramid = pyramid_of(layer, restated(raw, None, standing))
    column, row = np.array([10, 100, 240]), np.array([20, 130, 200])
    own = np.column_stack([west + (column + 0.5) * pixel, north - (row + 0.5) * pixel])
    truth = shifted.wgs84_of_gcj02(own) if steps[0].name == "gcj02" else None
    if truth is None:
        truth = own[:, ::-1] if steps[0].name == "swap" else own + np.array([0.001, -0.002])
    to = Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
    x, y = pyramid.locate(CRS, *to.transform(*truth.T))
    for k in range(3):
        half = 0.5 * pixel
        box = (x[k] - half, y[k] - half, x[k] + half, y[k] + half)
        assert pyramid.read(box, (1, 1))[0, 0, :2].tolist() == [column[k], row[k]]
    assert type(pyramid_of(replace(layer, standing=None), raw)) is not type(pyramid)
    pyramid.close()


def test_a_raster_that_an_affine_transform_cannot_follow_says_by_how_much(tmp_path) -> None:
    many = np.broadcast_to(np.float32(0), (90_000, 90_000))
    sharp = RasterData(many, (2e-5, 0, 116.0, 0, -2e-5, 37.8), "EPSG:4326")
    fine = RasterData(np.zeros((900, 900), np.float32), (1e-5, 0, 117.0, 0, -1e-5, 36.7), "EPSG:4326")
    standing = Standing("EPSG:4326", (Step("gcj02"),), "EPSG:4326")
    assert not restated(fine, None, standing).cautions
    (caution,) = restated(sharp, None, standing).cautions
    assert caution.code == "crs_doctor.grid_bent"
    assert caution.facts["metres"] > 1
    assert not restated(restated(sharp, None, standing), standing, None).cautions


# --- clouds and city models -------------------------------------------------------------------------------------------


def city_model(houses: np.ndarray, crs: str, move, said: str = "crs") -> ModelData:
    """Boxes over outlines, as a reader of CityJSON makes them."""
    shapes = crs_cases.spoilt(houses, move)
    origin = np.floor(np.array([*shapely.get_coordinates(shapes).min(axis=0), 0.0]))
    vertices, faces, starts, ends = [], [], [0], [0]
    for shape in shapes:
        ring = shapely.get_coordinates(shape)[:-1] - origin[:2]
        foot = np.column_stack([ring, np.full(len(ring), 30.0)])
        vertices.append(np.concatenate([foot, foot + np.array([0, 0, 12.0])]))
        faces.append([[0, 1, 2]])
        starts.append(starts[-1] + len(vertices[-1]))
        ends.append(ends[-1] + 1)
    count = len(shapes)
    store = MeshStore(
        np.concatenate(vertices).astype(np.float32), np.concatenate(faces).astype(np.int32),
        np.full(count, -1, np.int32), np.array(starts), np.array(ends), np.arange(count, dtype=np.int32),
        np.arange(count, dtype=np.int32), np.tile(np.eye(4), (count, 1, 1)), np.empty((0, 4), np.float32),
    )  # fmt: skip
    placement = np.eye(4)
    placement[:3, 3] = origin
    elements = pd.DataFrame({"guid": range(count)})
    return ModelData(store, elements, {}, placement, crs, {"city": True, "georef": said})


def corners_lonlat(data: ModelData) -> np.ndarray:
    world = data.meshes.vertices.astype(np.float64) @ data.placement[:3, :3].T + data.placement[:3, 3]
    to = Transformer.from_crs(data.crs, "EPSG:4490", always_xy=True)
    return np.column_stack(to.transform(world[:, 0], world[:, 1]))


@pytest.mark.parametrize(
    ("declared", "made", "code"),
    [("EPSG:4548", "EPSG:4548", "fine"), ("EPSG:4548", "EPSG:4527", "zone_prefix"),
     ("EPSG:4528", "EPSG:4527", "zone_mismatch")],
)  # fmt: skip
def test_a_city_model_gets_a_verdict_and_is_moved_as_a_whole(declared: str, made: str, code: str) -> None:
    houses, streets = crs_cases.town("Jinan")
    data = city_model(houses[:300], declared, lambda p: crs_cases.project(p, made))
    layer = Layer("city", "city", "model")
    found = examine(evidence_of(layer, data), [crs_cases.neighbour(streets, "EPSG:4490", 0.95)])
    assert (found.code, found.is_confident) == (code, True)
    there = restated(data, None, Standing(found.crs, found.steps, declared))
    truth = shapely.get_coordinates(houses[:300])
    apart = np.abs(corners_lonlat(there).min(axis=0) - truth.min(axis=0)) * 111_000
    assert apart.max() < 0.1


def test_a_swapped_city_model_is_turned_back_and_lifted_and_undone_exactly() -> None:
    houses, _ = crs_cases.town("Jinan")
    data = city_model(houses[:50], "EPSG:4548", lambda p: crs_cases.project(p, "EPSG:4548")[:, ::-1])
    found = examine(evidence_of(Layer("city", "city", "model"), data))
    assert (found.code, found.is_confident) == ("swapped", True)
    standing = Standing(found.crs, (*found.steps, Step("height", (-8.0,))), "EPSG:4548")
    there = restated(data, None, standing)
    apart = (corners_lonlat(there).min(axis=0) - shapely.get_coordinates(houses[:50]).min(axis=0)) * 111_000
    assert np.abs(apart).max() < 0.1
    assert there.placement[2, 3] == data.placement[2, 3] - 8.0
    assert np.abs(restated(there, standing, None).placement - data.placement).max() < 1e-6


def test_a_model_without_a_crs_is_judged_by_its_own_numbers_and_a_small_one_not_at_all() -> None:
    from app.usecases.project.project_frame import placed
    from models.crs.frame import Frame

    houses, streets = crs_cases.town("Jinan")
    data = city_model(houses[:300], "", lambda p: crs_cases.project(p, "EPSG:4527"), "none")
    layer = Layer("city", "city", "model")
    stood = placed(data, Frame("EPSG:4548", None, (500000, 4060000, 0)))
    around = [crs_cases.neighbour(streets, "EPSG:4490", 0.95)]
    for one in (data, stood):
        found = examine(evidence_of(layer, one), around)
        assert (found.code, found.crs, found.declared) == ("missing_found", "EPSG:4527", "")
        there = restated(one, None, Standing(found.crs, found.steps, ""))
        truth = shapely.get_coordinates(houses[:300]).min(axis=0)
        assert np.abs(corners_lonlat(there).min(axis=0) - truth).max() * 111_000 < 0.1
    small = replace(data, placement=np.eye(4))
    assert evidence_of(layer, small) is None
    assert evidence_of(layer, replace(data, crs="EPSG:4548", info={"georef": "map_conversion"})) is None


def test_a_point_cloud_gets_a_verdict_and_its_ground_is_compared() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.uniform(E0 - 500, E0 + 500, 20_000), rng.uniform(N0 - 500, N0 + 500, 20_000)
    z = relief(x, y) + np.where(rng.random(20_000) < 0.5, 0.0, rng.uniform(0, 30, 20_000))
    offset = np.array([4058000.0, 501000.0, 0.0])
    data = CloudData((np.column_stack([y, x, z]) - offset).astype(np.float32), offset, CRS)
    layer = Layer("c", "scan", "cloud")
    found = examine(evidence_of(layer, data))
    assert (found.code, found.is_confident) == ("swapped", True)
    there = restated(data, None, Standing(found.crs, found.steps, CRS))
    levels = levels_of(layer, there)
    lift, _ = lift_of("", replace(levels, heights=levels.heights + 15.0), relief(*levels.points.T))
    assert lift == Lift("offset", pytest.approx(-15.0, abs=1.0), pytest.approx(0.5, abs=0.6), lift.count)
