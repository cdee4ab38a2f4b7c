"""The CRS doctor before strangers' files: local planes, zeros, shifted planes, packed degrees, and where it doubts."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.session import Session
from app.usecases.crs import crs_doctor as doctor_crs
from app.usecases.project import opening
from models.crs.doctor.evidence import Evidence, Neighbour
from models.crs.doctor.examine import ALONE, examine
from models.crs.doctor.steps import Step, apply, undo
from models.crs.doctor.verdict import ACTS, CONFIDENT, Verdict
from models.crs.frame import transformer
from tests.support.crs import cases as crs_cases
from tests.support.crs.files import write
from tests.support.paths import CASES as ALL_CASES
from viewers.texts.crs_texts import reason_text, target_text

CASES = ALL_CASES / "crs"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="no shared cases")


def houses_in(crs: str, city: str = "Jinan") -> np.ndarray:
    return crs_cases.spoilt(crs_cases.town(city)[0], lambda p: crs_cases.project(p, crs))


def miss_m(found: Verdict, seen: Evidence, truth: np.ndarray) -> float:
    """Return how far a verdict puts the points from where they truly are, by PROJ itself."""
    lonlat = np.column_stack(transformer(found.crs, "EPSG:4490").transform(*apply(found.steps, seen.points).T))
    return float(np.abs((lonlat - truth) * [111_000 * math.cos(math.radians(30)), 111_000]).max())


def site() -> np.ndarray:
    """Return eight houses in metres from a corner of their site."""
    return np.array([shapely.box(5 + 9.0 * k, 8, 11 + 9.0 * k, 30) for k in range(8)])


# --- a plane of the site's own ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet"])
def test_a_site_in_metres_from_its_corner_is_asked_about_and_nothing_is_moved(
    session: Session, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"site.{suffix}"
    frame = gpd.GeoDataFrame({"n": range(8)}, geometry=list(site()), crs="EPSG:4549")
    frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    opening.open_files(session, [path])
    (layer,) = session.project.state.layers
    assert layer.verdict is not None
    assert (layer.verdict.code, layer.verdict.done, layer.standing) == ("local_grid", "proposed", None)
    data = session.project.data[layer.id]
    assert data.crs == "EPSG:4549"
    assert data.bounds == (5, 8, 74, 30)
    assert any(one.key == "caution.crs_doctor.think.local_grid" for one in session.notices.all)


def test_houses_in_degrees_under_a_projected_label_are_still_degrees(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "h.gpkg", crs_cases.town("Jinan")[0], "EPSG:4548")
    opening.open_files(session, [path])
    (layer,) = session.project.state.layers
    assert layer.verdict is not None
    assert (layer.verdict.code, layer.verdict.done) == ("degrees_as_metres", "applied")
    assert session.project.data[layer.id].crs == "EPSG:4490"


# --- zeros and lost rows ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [(0.0, 0.0), (-9999.0, -9999.0), (117.0, 36.6)])
def test_one_row_elsewhere_hides_no_zone_number_and_is_named(lost: tuple[float, float]) -> None:
    shapes = np.append(houses_in("EPSG:4527"), shapely.Point(lost).buffer(0.5) if any(lost) else shapely.Point(lost))
    found = examine(crs_cases.evidence(shapes, "EPSG:4548"))
    assert (found.code, found.crs) == ("zone_prefix", "EPSG:4527")
    assert CONFIDENT <= found.sure <= ALONE
    named = next(one for one in found.reasons if one.code == ("far_left_out" if any(lost) else "zeros_left_out"))
    assert dict(named.facts) == {"count": 1, "first": len(shapes) - 1}
    assert str(len(shapes) - 1) in reason_text(named, "zh")


def test_a_file_with_one_row_of_metres_among_degrees_opens(session: Session, tmp_path: Path) -> None:
    shapes = np.append(crs_cases.town("Jinan")[0], shapely.box(502000, 4059000, 502010, 4059010))
    opening.open_files(session, [write(tmp_path / "h.gpkg", shapes, "EPSG:4490")])
    (layer,) = session.project.state.layers
    assert layer.verdict is not None
    assert layer.verdict.code == "fine"
    assert any(reason.code == "far_left_out" for reason in layer.verdict.reasons)


# --- shifted planes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("crs", "shift"), [
    ("EPSG:4548", "gcj02"), ("EPSG:4527", "gcj02"), ("EPSG:4509", "gcj02"), ("EPSG:32650", "gcj02"),
    ("EPSG:4548", "bd09"), ("EPSG:3857", "gcj02"), ("EPSG:3857", "bd09"),
])  # fmt: skip
def test_a_web_maps_shift_that_was_projected_is_found_beside_a_survey_and_undone_exactly(crs: str, shift: str) -> None:
    houses, _ = crs_cases.town("Jinan")
    move = crs_cases.gcj02 if shift == "gcj02" else crs_cases.bd09
    seen = crs_cases.evidence(crs_cases.spoilt(houses, lambda p: crs_cases.project(move(p), crs)), crs)
    found = examine(seen, [crs_cases.neighbour(houses[::3], "EPSG:4490", 0.95, name="survey")])
    assert (found.code, found.crs) == (shift, crs)
    assert found.sure >= ACTS
    assert miss_m(found, seen, shapely.get_coordinates(houses)) < 1e-3
    assert np.abs(undo(found.steps, apply(found.steps, seen.points)) - seen.points).max() < 1e-6
    assert ">" not in target_text(found.crs, found.steps, "en")


def test_beside_streets_a_shifted_plane_is_offered_and_not_moved(session: Session, tmp_path: Path) -> None:
    houses, streets = crs_cases.town("Jinan")
    shapes = crs_cases.spoilt(houses, lambda p: crs_cases.project(crs_cases.gcj02(p), "EPSG:4548"))
    opening.open_files(session, [write(tmp_path / "streets.gpkg", streets, "EPSG:4490")])
    doctor_crs.accept(session, session.project.state.layers[0].id)
    opening.open_files(session, [write(tmp_path / "houses.gpkg", shapes, "EPSG:4548")])
    layer = session.project.state.layers[-1]
    assert layer.verdict is not None
    assert (layer.verdict.code, layer.verdict.done, layer.standing) == ("gcj02", "proposed", None)
    doctor_crs.accept(session, layer.id)
    placed = session.project.data[layer.id].frame.to_crs("EPSG:4490").geometry
    assert np.abs(shapely.get_coordinates(placed) - shapely.get_coordinates(houses)).max() * 111_000 < 1e-3


def test_a_shifted_plane_that_was_fine_alone_is_found_when_the_true_one_comes(session: Session, tmp_path: Path) -> None:
    houses, _ = crs_cases.town("Jinan")
    shapes = crs_cases.spoilt(houses, lambda p: crs_cases.project(crs_cases.gcj02(p), "EPSG:4548"))
    opening.open_files(session, [write(tmp_path / "shifted.gpkg", shapes, "EPSG:4548")])
    alone = session.project.state.layers[0].verdict
    assert alone is not None
    assert (alone.code, alone.sure < ACTS) == ("fine", True)
    opening.open_files(session, [write(tmp_path / "true.gpkg", houses[::2], "EPSG:4490")])
    first, second = session.project.state.layers
    assert first.verdict is not None
    assert first.verdict.code == "gcj02"
    assert second.verdict is not None
    assert second.standing is None


# --- alone it must doubt ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("crs", "move"), [
    ("EPSG:32650", lambda p: crs_cases.project(p, "EPSG:4509")),  # a 6-degree zone called UTM
    ("EPSG:4509", lambda p: crs_cases.project(p, "EPSG:32650")),
    ("EPSG:3857", lambda p: crs_cases.project(crs_cases.bd09(p), "EPSG:3857")),
    ("EPSG:4548", lambda p: crs_cases.project(crs_cases.gcj02(p), "EPSG:4548")),
    ("EPSG:4490", crs_cases.gcj02),
    ("EPSG:4548", lambda p: crs_cases.krassovsky(p, "EPSG:2436")),
    ("EPSG:4549", lambda p: crs_cases.project(p, "EPSG:4548")),
])  # fmt: skip
def test_what_numbers_alone_cannot_tell_is_never_sure(crs: str, move: object) -> None:
    found = examine(crs_cases.evidence(crs_cases.spoilt(crs_cases.town("Jinan")[0], move), crs))
    assert found.sure < ACTS


def minutes(p: np.ndarray) -> np.ndarray:
    degrees = np.floor(p)
    return degrees * 100 + (p - degrees) * 60


@pytest.mark.parametrize(("move", "code"), [
    (minutes, "dms"), (lambda p: minutes(p)[:, ::-1], "dms"),
    (lambda p: np.round(p * 1e6), "scaled_degrees"), (lambda p: np.round(p * 1e7), "scaled_degrees"),
    (lambda p: np.round(p * 1e6)[:, ::-1], "scaled_degrees"), (lambda p: p * 3600, "scaled_degrees"),
    (np.radians, "scaled_degrees"),
])  # fmt: skip
@pytest.mark.parametrize("declared", ["EPSG:4490", "EPSG:4548", None])
def test_degrees_in_other_clothes_are_read_and_never_sure_alone(move: object, code: str, declared: str | None) -> None:
    houses, streets = crs_cases.town("Jinan")
    seen = crs_cases.evidence(crs_cases.spoilt(houses, move), declared)
    alone = examine(seen)
    assert alone.sure < ACTS
    among = [alone.as_candidate(), *alone.alternatives]
    assert code in {one.code for one in among}
    found = examine(seen, [crs_cases.neighbour(streets, "EPSG:4490", 0.95)])
    assert found.code == code
    assert miss_m(found, seen, shapely.get_coordinates(houses)) < 0.2


def test_packed_minutes_go_there_and_back() -> None:
    lonlat = np.array([[120.3581407, 36.0635587], [117.0, 36.999999999], [-71.05, 42.36]])
    packed = undo((Step("dmm"),), lonlat)
    assert packed[0] == pytest.approx([12021.488442, 3603.813522], abs=1e-6)
    assert np.abs(apply((Step("dmm"),), packed) - lonlat).max() < 1e-11


def test_two_layers_that_agree_make_none_surer_than_the_other() -> None:
    houses, _ = crs_cases.town("Jinan")
    metres = crs_cases.spoilt(houses, lambda p: crs_cases.project(crs_cases.gcj02(p), "EPSG:4548"))
    found = examine(crs_cases.evidence(metres, "EPSG:4548"), [crs_cases.neighbour(metres[::3], "EPSG:4548", 0.85)])
    assert found.code == "fine"
    assert found.sure < ACTS, "both may be shifted alike"
    true = crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4548"))
    found = examine(crs_cases.evidence(true, "EPSG:4548"), [crs_cases.neighbour(houses[::3], "EPSG:4490", 0.97)])
    assert (found.code, found.sure >= ACTS) == ("fine", True)


def test_boxes_that_overlap_are_no_agreement() -> None:
    houses, _ = crs_cases.town("Jinan")
    seen = crs_cases.evidence(crs_cases.spoilt(houses, lambda p: crs_cases.project(p, "EPSG:4548")), "EPSG:4548")
    box = shapely.get_coordinates(houses)
    rng = np.random.default_rng(3)
    spots = rng.uniform(box.min(axis=0), box.max(axis=0), (400, 2))
    found = examine(seen, [Neighbour("spots", "spots", spots, np.arange(400), "point", 0.97)])
    assert (found.code, found.sure) == ("fine", ALONE)
    assert any(reason.code == "nothing_to_compare" for reason in found.reasons)


def mains() -> np.ndarray:
    """Return mains from manhole to manhole under the streets of a town, metres."""
    _, streets = crs_cases.town("Jinan")
    lines = crs_cases.spoilt(streets, lambda p: crs_cases.project(p, "EPSG:4548"))
    return np.array([shapely.segmentize(shapely.simplify(line, 3.0), 40.0) for line in lines])


def test_mains_beside_each_other_in_one_street_are_no_datum_shift() -> None:
    storm = mains()
    sanitary = np.array([line for line in shapely.offset_curve(storm, 2.0) if not line.is_empty])
    found = examine(crs_cases.evidence(storm, "EPSG:4548", "storm"),
                    [crs_cases.neighbour(sanitary, "EPSG:4548", 0.95, name="sanitary")])  # fmt: skip
    assert found.code == "fine"
    assert not [one for one in found.reasons if one.code == "offset_seen"]
    assert not [one for one in found.alternatives if one.code == "datum_offset"]


@pytest.mark.parametrize("shift", [(1.5, 2.0), (-60.0, 35.0)])
def test_mains_of_another_datum_are_still_seen_to_be_shifted(shift: tuple[float, float]) -> None:
    storm = mains()
    moved = crs_cases.spoilt(storm, lambda p: p + np.array(shift))
    found = examine(crs_cases.evidence(moved, "EPSG:4548", "storm"),
                    [crs_cases.neighbour(storm[::2], "EPSG:4548", 0.95, name="survey")])  # fmt: skip
    (one,) = [one for one in found.alternatives if one.code == "datum_offset"]
    assert one.steps[-1].values == pytest.approx(tuple(-v for v in shift), abs=0.3)
    assert found.sure < CONFIDENT


# --- the shared cases -------------------------------------------------------------------------------------------------


@needs_cases
@pytest.mark.data
def test_the_shared_cases_get_their_right_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from app.command_line.main import run

    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    run(["crs-check", str(CASES / "site_local.shp"), "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["code"], row["crs"], row["steps"]) == ("local_grid", "EPSG:4549", [])
    run(["crs-check", str(CASES / "zeros_prefix.shp"), "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["code"], row["crs"]) == ("zone_prefix", "EPSG:4528")
    assert any(reason["code"] == "zeros_left_out" for reason in row["reasons"])
    run(["crs-check", str(CASES / "gcj_gk.shp"), "--against", str(CASES / "qd_roads_true.shp"), "--json"])
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["code"], row["crs"]) == ("gcj02", "EPSG:4549")
