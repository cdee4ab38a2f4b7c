"""The CRS doctor: what it makes of files with known mistakes, exact inverses, fits, and what it must never do."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from app.usecases.crs import crs_doctor as doctor_crs
from app.usecases.project import opening
from models.core.errors import UserError
from models.crs.doctor import fits, heights
from models.crs.doctor import gcj02 as shifted
from models.crs.doctor.apply_standing import moved_affine, restated
from models.crs.doctor.evidence import Evidence, evidence_of, lonlat_of, neighbour_of
from models.crs.doctor.examine import CODES, examine
from models.crs.doctor.own_plane import OwnPlane, mean_radius_m
from models.crs.doctor.steps import Step, apply, degrees_of_dms, undo
from models.crs.doctor.verdict import CONFIDENT, Candidate, Standing, UserCrs, Verdict
from models.crs.frame import UNSETTLED
from models.layers.layer import CloudData, Layer, RasterData, VectorData
from resources.standards import standard
from resources.words import LANGUAGES, has
from tests.support.crs import cases as crs_cases
from tests.support.crs.files import write
from tests.support.paths import DATA, ROOT
from viewers.texts.crs_texts import footer_texts, reason_text, step_text

needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="no shared data")


# --- the matrix -------------------------------------------------------------------------------------------------------


def miss_m(one: Candidate | Verdict, case: crs_cases.Case) -> float:
    """Return how far a reading puts the points from where they truly are, by PROJ itself."""
    if not one.crs:
        return math.inf
    points = apply(one.steps, case.seen.points)
    lonlat = np.column_stack(Transformer.from_crs(one.crs, "EPSG:4490", always_xy=True).transform(*points.T))
    apart = (lonlat - case.truth) * [111_000 * math.cos(math.radians(30)), 111_000]
    return float(np.abs(apart).max()) if np.isfinite(apart).all() else math.inf


@pytest.fixture(scope="module")
def judged() -> list[tuple[crs_cases.Case, Verdict]]:
    """Every case of the matrix with what the doctor says of it, the fresh cities last."""
    cases = [*crs_cases.cases(), *crs_cases.cases(tuple(crs_cases.FRESH), seed=7)]
    return [(case, examine(case.seen, case.neighbours)) for case in cases]


def test_the_doctor_is_right_in_95_of_100_cases_and_never_confidently_wrong(
    judged: list[tuple[crs_cases.Case, Verdict]], capsys: pytest.CaptureFixture[str]
) -> None:
    rows: dict[str, list[tuple[bool, float]]] = {}
    wrong: list[str] = []
    blunders: list[str] = []
    fresh: list[bool] = []
    for case, found in judged:
        assert found.code in CODES
        is_there = miss_m(found, case) < 1.0
        among = is_there or any(miss_m(one, case) < 1.0 for one in found.alternatives)
        confident = found.sure >= CONFIDENT
        right = {"sure": confident and is_there, "open": not confident and among, "doubt": not confident}[case.expect]
        right = right and (not case.code or found.code == case.code)
        city, _, name = case.name.partition(": ")
        told = f"{case.name}: {found.code} {found.crs[:40]} {found.sure} {found.steps}"
        rows.setdefault(name, []).append((right, found.sure))
        fresh += [right] if city in crs_cases.FRESH else []
        wrong += [] if right else [told]
        blunders += [told] if confident and not is_there else []
    total, good = len(judged), sum(right for row in rows.values() for right, _ in row)
    with capsys.disabled():
        text = f"{good}/{total} right ({100 * good / total:.1f} %), of fresh cities {sum(fresh)}/{len(fresh)}"
        sys.stdout.write(f"\nCRS doctor: {text}, {len(blunders)} blunders\n")
        for name, row in rows.items():
            sure = [one for _, one in row]
            sys.stdout.write(f"  {sum(r for r, _ in row)}/{len(row)}  {min(sure):.2f}-{max(sure):.2f}  {name}\n")
    assert total >= 300
    assert not blunders, "\n".join(blunders)
    assert good / total >= 0.95, "\n".join(wrong)
    assert sum(fresh) / len(fresh) >= 0.95, "\n".join(wrong)


# --- GCJ-02 and BD-09 -------------------------------------------------------------------------------------------------

LONLAT = st.lists(st.tuples(st.floats(73.5, 135.0), st.floats(4.0, 53.5)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(LONLAT)
def test_the_inverses_of_gcj02_and_bd09_are_exact(points: list[tuple[float, float]]) -> None:
    lonlat = np.array(points)
    assert np.abs(shifted.wgs84_of_gcj02(shifted.gcj02_of(lonlat)) - lonlat).max() < 1e-9
    assert np.abs(shifted.wgs84_of_bd09(shifted.bd09_of(lonlat)) - lonlat).max() < 1e-9


def test_the_inverses_hold_over_a_grid_of_all_china_to_far_below_a_millimetre() -> None:
    grid = np.stack(np.meshgrid(np.linspace(73.5, 135, 240), np.linspace(4, 53.5, 200)), axis=-1).reshape(-1, 2)
    for forward, back in (
        (shifted.gcj02_of, shifted.wgs84_of_gcj02),
        (shifted.bd09_of, shifted.wgs84_of_bd09),
        (shifted.bd09_of_gcj02, shifted.gcj02_of_bd09),
    ):
        assert np.abs(back(forward(grid)) - grid).max() * 111_320 < 1e-5


def test_the_shift_is_the_published_formula_written_down_a_second_time() -> None:
    places = np.array([[lon, lat] for lon, lat, _ in crs_cases.CITIES.values()])
    assert np.abs(shifted.gcj02_of(places) - crs_cases.gcj02(places)).max() < 1e-12
    assert np.abs(shifted.bd09_of(places) - crs_cases.bd09(places)).max() < 1e-12


def test_the_shift_of_tiananmen_is_the_one_that_everybody_publishes() -> None:
    """The example in most re-implementations: 116.404, 39.915."""
    wgs = np.array([[116.404, 39.915]])
    assert shifted.gcj02_of(wgs)[0] == pytest.approx([116.41024449916938, 39.91640428150164], abs=1e-9)
    assert shifted.bd09_of_gcj02(wgs)[0] == pytest.approx([116.41036949371029, 39.92133699351021], abs=1e-9)


def test_abroad_nothing_is_shifted() -> None:
    there = np.array([[4.35, 52.01], [-63.0, 46.1]])
    assert np.array_equal(shifted.gcj02_of(there), there)
    assert np.array_equal(shifted.wgs84_of_bd09(there), there)


# --- steps ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([
    Step("swap"), Step("scale", (0.3048,)), Step("shift", (500000.0, -4e6)), Step("negate_x"),
    Step("similarity", (482059.6, 4028959.5, 0.99998, 0.002)), Step("height", (-0.029,)),
]), max_size=4))  # fmt: skip
def test_undoing_steps_gives_the_numbers_back(steps: list[Step]) -> None:
    points = np.array([[502345.678, 4059123.456], [501000.0, 4058000.5]])
    back = undo(steps, apply(steps, points))
    assert np.abs(back - points).max() < 1e-6


def test_packed_degrees_are_read_to_a_hundredth_of_a_millimetre() -> None:
    lonlat = np.array([[117.125, 36.3], [116.9999999, 36.0166666667], [117.0, 36.99999]])
    assert np.abs(degrees_of_dms(crs_cases.dms(lonlat)) - lonlat).max() < 1e-9
    assert degrees_of_dms(np.array([[117.0730, 36.3]])) == pytest.approx(np.array([[117.125, 36.5]]), abs=1e-12)


def test_steps_verdicts_and_standings_survive_json() -> None:
    houses, _ = crs_cases.town("Jinan")
    found = examine(crs_cases.evidence(crs_cases.spoilt(houses, crs_cases.gcj02), "EPSG:4326"))
    assert Verdict.from_dict(json.loads(json.dumps(found.as_dict()))) == found
    standing = Standing("EPSG:4548", (Step("similarity", (1.5, 2.5, 1.0, 0.1)),), "EPSG:4326", "points")
    assert Standing.from_dict(json.loads(json.dumps(standing.as_dict()))) == standing


# --- fits -------------------------------------------------------------------------------------------------------------


def points_of(count: int, noise_m: float, seed: int = 3) -> tuple[list[fits.ControlPoint], np.ndarray]:
    rng = np.random.default_rng(seed)
    a, b, tx, ty = 1.00002 * math.cos(0.002), 1.00002 * math.sin(0.002), 482_059.6, 4_028_959.5
    source = rng.uniform([17000, 27000], [25000, 34000], (count, 2))
    target = np.column_stack([tx + a * source[:, 0] - b * source[:, 1], ty + b * source[:, 0] + a * source[:, 1]])
    target += rng.normal(0, noise_m, target.shape) if noise_m else 0
    return [fits.ControlPoint(f"K{k}", *s, *t) for k, (s, t) in enumerate(zip(source, target, strict=True))], np.array(
        [tx, ty, a, b]
    )


def test_a_plane_fit_without_noise_finds_the_parameters() -> None:
    points, truth = points_of(6, 0.0)
    fit = fits.fit_plane(points)
    assert np.abs(np.array(fit.values) - truth).max() < 1e-5
    assert fit.rms_m < 1e-8
    assert fit.redundancy == 8


def test_a_plane_fit_is_what_least_squares_says() -> None:
    points, _ = points_of(9, 0.02)
    fit = fits.fit_plane(points)
    x, y = np.array([[p.x, p.y] for p in points]).T
    design = np.zeros((18, 4))
    design[0::2] = np.column_stack([np.ones(9), np.zeros(9), x - 2e4, -(y - 3e4)])
    design[1::2] = np.column_stack([np.zeros(9), np.ones(9), y - 3e4, x - 2e4])
    wanted = np.array([[p.easting, p.northing] for p in points])
    (_, _, a, b), residual, _, _ = np.linalg.lstsq(design, wanted.reshape(-1), rcond=None)
    assert fit.values[2:] == pytest.approx((a, b), abs=1e-9)
    assert fit.rms_m == pytest.approx(math.sqrt(residual[0] / 9), rel=1e-3)
    moved = apply((fit.step(),), np.column_stack([x, y]))
    assert np.abs(wanted - moved - np.array(fit.residuals_m)).max() < 1e-7


def test_the_blunder_of_one_point_is_found_and_leaving_it_out_mends_the_fit() -> None:
    points, truth = points_of(8, 0.005)
    points[3] = fits.ControlPoint("K3", points[3].x, points[3].y, points[3].easting + 0.3, points[3].northing)
    fit = fits.fit_plane(points)
    assert fit.outliers[0] == 3
    better = fits.fit_plane(fits.without_outliers(points, fit))
    assert not better.outliers
    assert better.rms_m < 0.01 < fit.rms_m
    assert abs(better.residuals_m[3][0] - 0.3) < 0.03
    assert np.abs(np.array(better.values[2:]) - truth[2:]).max() < 1e-5


def test_the_least_number_of_points_proves_nothing() -> None:
    fit = fits.fit_plane(points_of(2, 0.0)[0])
    assert fit.redundancy == 0
    assert all(math.isnan(w) for w in fit.normalised)
    with pytest.raises(UserError, match=r"crs_doctor\.few_points"):
        fits.fit_plane(points_of(1, 0.0)[0])
    one = points_of(1, 0.0)[0][0]
    with pytest.raises(UserError, match=r"crs_doctor\.one_spot"):
        fits.fit_plane([one, one])
    with pytest.raises(UserError, match=r"crs_doctor\.bad_points"):
        fits.fit_plane([one, fits.ControlPoint("n", math.nan, 1, 1e300, 4)])


def test_a_space_fit_recovers_a_helmert_that_proj_applied() -> None:
    """PROJ moves points of Beijing 1954 by a known Helmert (position vector); the fit finds it, and a CRS from it."""
    wanted = (12.3, -113.5, -41.2, 0.35, -0.21, 1.1, -4.2)
    pipeline = Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 +ellps=krass "
        "+step +proj=cart +ellps=krass "
        "+step +proj=helmert +x={} +y={} +z={} +rx={} +ry={} +rz={} +s={} +convention=position_vector "
        "+step +inv +proj=cart +ellps=GRS80 "
        "+step +proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80".format(*wanted)
    )
    rng = np.random.default_rng(5)
    source = np.column_stack([rng.uniform([440e3, 3.98e6], [570e3, 4.12e6], (12, 2)), rng.uniform(20, 600, 12)])
    target = np.column_stack(pipeline.transform(*source.T))
    points = [
        fits.ControlPoint(str(k), s[0], s[1], t[0], t[1], s[2], t[2])
        for k, (s, t) in enumerate(zip(source, target, strict=True))
    ]
    fit = fits.fit_space(points, "EPSG:2436", "EPSG:4548")
    assert fit.rms_m < 1e-4
    assert fit.values[6] == pytest.approx(wanted[6], abs=0.02)
    step = fit.step("EPSG:2436", "EPSG:4548")
    flat = np.column_stack(pipeline.transform(source[:, 0], source[:, 1], np.zeros(12)))[:, :2]
    assert np.abs(apply((step,), source[:, :2]) - flat).max() < 1e-3
    assert np.abs(undo((step,), apply((step,), source[:, :2])) - source[:, :2]).max() < 1e-6


def test_control_points_go_to_csv_and_back_and_come_from_a_spreadsheet() -> None:
    points, _ = points_of(4, 0.01)
    assert fits.from_text(fits.to_csv(points)) == points
    pasted = "K1\t18569.67\t28790.94\t500572.06\t4057788.04\nK2\t20600.6\t31371.4\t502597.9\t4060372.6\n"
    assert [p.name for p in fits.from_text(pasted)] == ["K1", "K2"]
    assert fits.from_text("1,2,3,4\n5,6,7,8")[1].northing == 8
    assert fits.from_text("点名,X,Y,E,N\nA,1,2,3,4")[0].name == "A"
    with pytest.raises(UserError, match=r"crs_doctor\.bad_line"):
        fits.from_text("K1,1,2,3,4\nK2,x,2,3,4")


# --- own planes -------------------------------------------------------------------------------------------------------


def test_an_own_plane_is_the_transverse_mercator_of_proj() -> None:
    plane = OwnPlane(117.0 + 1 / 3, 40_000.0, -4_000_000.0, 1.0, 85.0, 36.67, name="城建坐标")
    k = 1 + 85.0 / mean_radius_m(36.67)
    direct = Transformer.from_crs(
        "EPSG:4490", f"+proj=tmerc +lat_0=0 +lon_0={117 + 1 / 3!r} +k={k!r} +x_0=40000 +y_0=-4000000 +ellps=GRS80",
        always_xy=True,
    )  # fmt: skip
    ours = Transformer.from_crs("EPSG:4490", plane.wkt(), always_xy=True)
    assert np.array(ours.transform(117.02, 36.67)) == pytest.approx(np.array(direct.transform(117.02, 36.67)), abs=1e-3)
    assert "城建坐标" in CRS(plane.wkt()).name


def test_the_radius_is_the_mean_of_both_curvatures() -> None:
    a, f, phi = 6378137.0, 1 / 298.257222101, math.radians(36.67)
    e2 = f * (2 - f)
    w = math.sqrt(1 - e2 * math.sin(phi) ** 2)
    assert mean_radius_m(36.67) == pytest.approx(math.sqrt(a * (1 - e2) / w**3 * a / w), abs=1e-6)


@pytest.mark.parametrize("bad", [{"meridian_deg": 400}, {"scale": 2}, {"height_m": 1e6}, {"false_east_m": math.nan}])
def test_a_senseless_plane_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UserError, match=r"crs_doctor\.bad_plane"):
        OwnPlane(**{"meridian_deg": 117.0, **bad}).wkt()


# --- heights ----------------------------------------------------------------------------------------------------------


def test_heights_a_constant_off_the_terrain_are_seen_and_scattered_ones_are_not() -> None:
    rng = np.random.default_rng(1)
    terrain = rng.uniform(20, 90, 200)
    assert heights.against_terrain(terrain - 8.3 + rng.normal(0, 0.3, 200), terrain)[0] == "offset"
    assert heights.against_terrain(terrain + rng.normal(0, 0.3, 200), terrain)[0] == "agrees"
    assert heights.against_terrain(terrain + rng.uniform(0, 60, 200), terrain)[0] == ""
    assert heights.against_terrain(np.full(200, np.nan), terrain)[0] == ""


def test_names_tell_1956_from_1985_and_say_the_difference() -> None:
    square = shapely.force_3d(crs_cases.town("Jinan")[0][:40], 23.5)
    shapes = crs_cases.spoilt(square, lambda p: p)
    old = examine(crs_cases.evidence(shapely.force_3d(shapes, 23.5), "EPSG:4326", "管点_1956黄海高程"))
    new = examine(crs_cases.evidence(shapely.force_3d(shapes, 23.5), "EPSG:4326", "管点_85高程"))
    assert (old.vertical, new.vertical) == ("EPSG:5736", "EPSG:5737")
    assert any(reason.code == "height_1956" for reason in old.reasons)
    assert standard("crs")["vertical"]["h1985_minus_h1956_m"] == -0.029


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [
    np.empty((0, 2)), np.full((5, 2), np.nan), np.array([[np.inf, 1.0]]), np.array([[117.0, 36.0]]),
    np.tile([502000.0, 4059000.0], (50, 1)), np.full((3, 2), 1e300), np.array([[1e300, -1e300], [1.0, 2.0]]),
])  # fmt: skip
@pytest.mark.parametrize("declared", ["", "EPSG:4326", "EPSG:4548"])
def test_numbers_of_which_nothing_can_be_said_are_said_so(points: np.ndarray, declared: str) -> None:
    frame = gpd.GeoDataFrame(geometry=shapely.points(points), crs=declared or None)
    seen = evidence_of(Layer("a", "a", "vector"), VectorData(frame))
    assert seen is not None
    found = examine(seen)
    assert found.code == "cannot_tell"
    assert not found.is_confident
    assert found.reasons


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e9, 1e9)), min_size=2, max_size=8),
    st.sampled_from(["", "EPSG:4326", "EPSG:4490", "EPSG:4548", "EPSG:4527", "EPSG:3857", "EPSG:28992", "nonsense"]),
)
def test_no_numbers_make_the_doctor_fail(points: list[tuple[float, float]], declared: str) -> None:
    values = np.array(points)
    good = np.abs(values).max(axis=1) < 1e11
    seen = Evidence("a", "a", declared, values[good], np.arange(int(good.sum())), lost=int((~good).sum()))
    found = examine(seen)
    assert 0 <= found.sure <= 0.99
    assert sum(one.sure for one in found.alternatives) + found.sure < 1.01


# --- data that stands elsewhere -------------------------------------------------------------------------------------


def test_data_is_moved_and_moved_back_without_loss() -> None:
    houses, _ = crs_cases.town("Jinan")
    shapes = shapely.force_3d(houses[:50], 12.0)
    data = VectorData(gpd.GeoDataFrame({"a": range(50)}, geometry=shapes, crs="EPSG:4326"))
    standing = Standing("EPSG:4490", (Step("gcj02"), Step("height", (-0.029,))), "EPSG:4326")
    there = restated(data, None, standing)
    assert isinstance(there, VectorData)
    wanted = shifted.wgs84_of_gcj02(shapely.get_coordinates(shapes))
    assert np.array_equal(shapely.get_coordinates(there.frame.geometry.array), wanted)
    assert shapely.get_coordinates(there.frame.geometry.array, include_z=True)[0, 2] == pytest.approx(11.971)
    back = restated(there, standing, None)
    assert isinstance(back, VectorData)
    moved = shapely.get_coordinates(np.asarray(back.frame.geometry.array)) - shapely.get_coordinates(shapes)
    assert np.abs(moved).max() < 1e-12
    assert back.frame.crs == "EPSG:4326"


def test_changing_only_the_crs_copies_no_coordinate() -> None:
    houses, _ = crs_cases.town("Jinan")
    data = VectorData(gpd.GeoDataFrame(geometry=list(houses[:5]), crs="EPSG:4326"))
    there = restated(data, None, Standing("EPSG:4490", (), "EPSG:4326"))
    assert isinstance(there, VectorData)
    assert there.frame.geometry.iloc[0] is data.frame.geometry.iloc[0]


def test_a_grid_is_moved_by_an_affine_transform_to_a_decimetre() -> None:
    degree = 1e-4
    data = RasterData(np.zeros((100, 120), np.float32), (degree, 0, 117.0, 0, -degree, 36.7), "EPSG:4326")
    moved = restated(data, None, Standing("EPSG:4326", (Step("gcj02"),), "EPSG:4326"))
    assert isinstance(moved, RasterData)
    _, miss = moved_affine(data.transform, (100, 120), shifted.wgs84_of_gcj02)
    assert miss * 111_000 < 0.1
    corner = shifted.wgs84_of_gcj02(np.array([[117.0, 36.7]]))[0]
    assert np.abs(np.array([moved.transform[2], moved.transform[5]]) - corner).max() * 111_000 < 0.1


def test_a_point_cloud_is_moved_about_a_new_offset() -> None:
    data = CloudData(np.zeros((10, 3), np.float32), np.array([4059000.0, 502000.0, 30.0]), "EPSG:4548")
    there = restated(data, None, Standing("EPSG:4548", (Step("swap"),), "EPSG:4548"))
    assert isinstance(there, CloudData)
    assert there.offset[:2].tolist() == [502000.0, 4059000.0]


# --- in a project -----------------------------------------------------------------------------------------------------


def test_what_the_doctor_is_sure_of_is_done_on_opening_said_and_undone(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    swapped = crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4527")[:, ::-1])
    opening.open_files(session, [write(tmp_path / "houses.shp", swapped, "EPSG:4527")])
    layer = session.project.state.layers[0]
    assert layer.verdict.code == "swapped"
    assert layer.verdict.done == "applied"
    assert any(notice.key == "caution.crs_doctor.did.swapped" for notice in session.notices.all)
    wanted = crs_cases.project(shapely.get_coordinates(houses), "EPSG:4527")
    assert np.abs(shapely.get_coordinates(session.project.data[layer.id].frame.geometry) - wanted).max() < 1e-3
    assert session.project.state.frame.horizontal == "EPSG:4527"


def test_all_well_is_silent_but_can_be_inspected(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    path = write(tmp_path / "houses.gpkg", crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4548")), 4548)
    opening.open_files(session, [path])
    layer = session.project.state.layers[0]
    assert layer.verdict.code == "fine"
    assert layer.standing is None
    assert not [notice for notice in session.notices.all if "crs_doctor" in notice.key]
    assert doctor_crs.verdict_of(session, layer.id) == layer.verdict


def test_a_shifted_layer_is_found_when_a_true_one_comes_and_undo_takes_it_back(session, tmp_path) -> None:
    houses, streets = crs_cases.town("Nanjing")
    shift = write(tmp_path / "a.gpkg", crs_cases.spoilt(houses, crs_cases.gcj02), "EPSG:4326")
    true = write(tmp_path / "b.gpkg", houses[::2], "EPSG:4326")
    opening.open_files(session, [shift])
    assert session.project.state.layers[0].standing is None
    raw = session.project.data[session.project.state.layers[0].id]
    opening.open_files(session, [true])
    layer = session.project.state.layers[0]
    assert layer.verdict.code == "gcj02"
    assert layer.verdict.sure >= 0.9
    placed = shapely.get_coordinates(session.project.data[layer.id].frame.geometry)
    assert np.abs(placed - shapely.get_coordinates(houses)).max() * 111_000 < 1e-3
    session.history.undo()
    assert session.project.state.layers[0].standing is None
    assert session.project.data[layer.id] is raw
    session.history.redo()
    assert np.array_equal(shapely.get_coordinates(session.project.data[layer.id].frame.geometry), placed)
    del streets


def test_a_person_chooses_a_crs_without_the_file_being_read_again(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    path = write(tmp_path / "h.gpkg", crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4548")), 4549)
    opening.open_files(session, [path])
    path.unlink()
    layer_id = session.project.state.layers[0].id
    before = session.project.data[layer_id]
    doctor_crs.choose(session, layer_id, "EPSG:4548")
    assert session.project.data[layer_id].frame.crs == "EPSG:4548"
    assert session.project.state.layers[0].verdict.done == "changed"
    doctor_crs.as_read(session, layer_id)
    assert session.project.data[layer_id].frame.crs == "EPSG:4549"
    session.history.undo()
    session.history.undo()
    assert session.project.data[layer_id] is before
    with pytest.raises(UserError, match=r"crs\.unknown"):
        doctor_crs.choose(session, layer_id, "nonsense")


def test_without_prj_and_without_neighbours_opening_stays_refused_and_with_them_it_works(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    path = write(tmp_path / "h.shp", crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4527")), None)
    with pytest.raises(UserError, match=r"io\.no_crs"):
        opening.open_files(session, [path])
    metres = crs_cases.spoilt(houses[::3], lambda p: crs_cases.project(p, "EPSG:4548"))
    survey = write(tmp_path / "s.gpkg", metres, 4548)
    opening.open_files(session, [survey])
    opening.open_files(session, [path])
    layer = session.project.state.layers[-1]
    assert layer.verdict.code == "missing_found"
    assert layer.standing.crs == "EPSG:4527"


def test_metres_called_degrees_open_where_they_belong(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Shenzhen")
    path = write(tmp_path / "h.gpkg", crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4526")), 4490)
    opening.open_files(session, [path])
    assert session.project.state.layers[0].verdict.code == "metres_as_degrees"
    assert session.project.data[session.project.state.layers[0].id].frame.crs == "EPSG:4526"


def test_verdict_standing_and_own_crs_are_saved_and_opened(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    plane = OwnPlane(117.0, 50_000.0, -4_000_000.0, name="城市独立坐标系")
    path = write(tmp_path / "h.gpkg", crs_cases.spoilt(houses, lambda p: crs_cases.project(p, plane.wkt())), 4548)
    opening.open_files(session, [path])
    layer_id = session.project.state.layers[0].id
    doctor_crs.keep_crs(session, UserCrs(plane.name, plane.wkt(), "城建院 1998"))
    doctor_crs.choose(session, layer_id, plane.wkt())
    opening.save_project(session, tmp_path / "city.gpkg")
    state = session.project.state
    opening.open_project(session, tmp_path / "city.gpkg")
    assert session.project.state.user_crs == state.user_crs
    again = session.project.state.layers[0]
    assert again.standing == state.layers[0].standing
    assert again.verdict == state.layers[0].verdict
    lonlat = session.project.data[again.id].frame.to_crs("EPSG:4490").geometry
    assert np.abs(shapely.get_coordinates(lonlat) - shapely.get_coordinates(houses)).max() * 111_000 < 1e-3
    table = gpd.read_file(tmp_path / "city.gpkg", layer=gpd.list_layers(tmp_path / "city.gpkg").name[0])
    direct = Transformer.from_crs(table.crs, "EPSG:4490", always_xy=True).transform(*shapely.get_coordinates(
        table.geometry).T)  # fmt: skip
    assert np.abs(np.column_stack(direct) - shapely.get_coordinates(houses)).max() * 111_000 < 1e-3
    doctor_crs.as_read(session, again.id)
    assert session.project.data[again.id].frame.crs == "EPSG:4548"


def test_another_frame_takes_views_along(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    path = write(tmp_path / "h.gpkg", houses, 4490)
    opening.open_files(session, [path])
    before = session.project.state.frame
    doctor_crs.set_frame(session, "EPSG:4527")
    after = session.project.state.frame
    assert after.horizontal == "EPSG:4527"
    there = Transformer.from_crs(before.horizontal, "EPSG:4527", always_xy=True).transform(*before.origin[:2])
    assert np.abs(np.array(after.origin[:2]) - there).max() <= 0.5
    with pytest.raises(UserError, match=r"crs\.not_projected"):
        doctor_crs.set_frame(session, "EPSG:4326")
    session.history.undo()
    assert session.project.state.frame == before


def test_the_footer_names_what_is_in_doubt_and_only_that(session, tmp_path) -> None:
    houses, _ = crs_cases.town("Jinan")
    good = write(tmp_path / "g.gpkg", crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4548")), 4548)
    opening.open_files(session, [good])
    assert footer_texts(session.project.state, "zh") == []
    named = crs_cases.spoilt(houses, crs_cases.gcj02)
    opening.open_files(session, [write(tmp_path / "gcj02.gpkg", named, 4326)])
    (text,) = footer_texts(session.project.state, "en")
    assert "GCJ-02" in text


# --- the command line -------------------------------------------------------------------------------------------------


def test_crs_check_says_what_is_wrong_and_ends_with_3(tmp_path, capsys, monkeypatch) -> None:
    from app.command_line.main import run

    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    houses, _ = crs_cases.town("Jinan")
    good = write(tmp_path / "good.gpkg", houses[::2], 4490)
    bad = write(tmp_path / "bad.gpkg", crs_cases.spoilt(houses, crs_cases.bd09), 4326)
    assert run(["--lang", "en", "crs-check", str(good)]) == 0
    capsys.readouterr()
    assert run(["--lang", "en", "crs-check", str(bad), "--against", str(good), "--json"]) == 3
    (row,) = json.loads(capsys.readouterr().out)
    assert row["code"] == "bd09"
    assert row["sure"] > 0.9
    assert row["steps"][0]["name"] == "bd09"
    assert run(["--lang", "zh", "crs-check", str(tmp_path / "none.gpkg"), str(bad)]) == 3
    assert "BD-09" in capsys.readouterr().out


# --- words ------------------------------------------------------------------------------------------------------------


def test_every_code_step_and_reason_has_its_word() -> None:
    import ast

    root = ROOT
    for code in CODES:
        assert has(f"crs_doctor.code.{code}")
        if code not in ("fine", "cannot_tell"):
            assert has(f"caution.crs_doctor.think.{code}"), code
    used: set[str] = set()
    for path in (root / "models" / "crs" / "doctor").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "of":
                used |= {c.value for a in node.args for c in ast.walk(a) if isinstance(c, ast.Constant) and c.value} - {
                    "on"
                }
    assert "lies_on" in used
    assert not [code for code in used if not has(f"crs_doctor.reason.{code}")]


def test_reasons_and_steps_can_be_said_in_both_languages(judged: list[tuple[crs_cases.Case, Verdict]]) -> None:
    said = 0
    for _, found in judged[::3]:
        for lang in LANGUAGES:
            for reason in found.reasons:
                assert "{" not in reason_text(reason, lang)
                said += 1
            for step in (s for one in found.alternatives for s in one.steps):
                assert step_text(step, lang)
    assert said > 50


# --- real layers ------------------------------------------------------------------------------------------------------


def load(path: str) -> tuple[Layer, VectorData]:
    return Layer(path, Path(path).stem, "vector"), VectorData(gpd.read_file(DATA / path))


@needs_data
@pytest.mark.data
def test_datav_borders_are_gcj02_beside_the_communities_of_ningbo_and_these_are_not() -> None:
    datav, communities = load("cn/admin_datav/330200_full.json"), load("cn/ningbo/communities_shequ.geojson")
    found = examine(evidence_of(*datav), [neighbour_of(*communities, 0.72)])
    assert (found.code, found.is_confident) == ("gcj02", True)
    found = examine(evidence_of(*communities), [neighbour_of(*datav, 0.67)])
    assert (found.code, found.is_confident) == ("fine", True)


@needs_data
@pytest.mark.data
def test_bus_lines_of_jinan_are_bd09_beside_the_converted_ones_and_come_to_lie_on_them() -> None:
    rows = json.loads((DATA / "cn/shandong/jinan.data").read_text(encoding="utf-8"))
    lines = [np.cumsum(np.array(row[2:], dtype=float).reshape(-1, 2), axis=0) for row in rows if len(row) > 5]
    layer = Layer("bus", "bus", "vector")
    raw = VectorData(gpd.GeoDataFrame(geometry=[shapely.linestrings(line) for line in lines], crs=4326))
    converted = load("cn/shandong/buslines_jinan_wgs84.geojson")
    found = examine(evidence_of(layer, raw), [neighbour_of(*converted, 0.72)])
    assert (found.code, found.is_confident) == ("bd09", True)
    seen = evidence_of(layer, raw)
    placed = lonlat_of(seen.points, found.crs, found.steps)
    from scipy.spatial import cKDTree

    near, _ = cKDTree(shapely.get_coordinates(converted[1].frame.geometry)).query(placed)
    assert np.median(near) * 111_000 < 5.0


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("path", [
    "cn/nanjing_jianye/buildings_fwst.geojson", "cn/ningbo/communities_shequ.geojson",
    "cn/hefei_hfut_campus/buildings.geojson", "cn/shapefiles/区县界_area.shp",
])  # fmt: skip
def test_a_lonely_real_layer_in_degrees_is_never_confident(path: str) -> None:
    found = examine(evidence_of(*load(path)))
    assert not found.is_confident
    assert {"gcj02", "bd09"} <= {one.code for one in found.alternatives}


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("path", ["networks/epanet/ky4_pipes.geojson", "scenes/eindhoven_s1_bgt-paal_rd.geojson"])
def test_real_layers_abroad_are_as_declared(path: str) -> None:
    found = examine(evidence_of(*load(path)))
    assert found.code == "fine"
    assert found.is_confident


def test_the_unsettled_crs_is_neither_metres_nor_degrees() -> None:
    crs = CRS(UNSETTLED)
    assert not crs.is_projected
    assert not crs.is_geographic
