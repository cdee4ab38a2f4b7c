"""Models whose place nobody bears out, among layers that know where they stand, and on the origin of another model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from app.command_line.main import run
from app.session import Session
from app.usecases.crs import placement, unsure_place
from app.usecases.project import opening
from models.bim.placement import SHARED_ORIGIN
from models.bim.placement_value import BESIDE, SET_DOWN, SHARED, Placement
from models.layers.layer import Layer, ModelData
from models.store import project_file
from tests.support.io_models import write_model

LATLON = ((36, 39, 36, 0), (117, 1, 12, 0))
PLACE = {"Eastings": 502000.0, "Northings": 4059000.0, "OrthogonalHeight": 31.5}


def roads(folder: Path, lon: float, lat: float, name: str = "roads") -> Path:
    """Write a few streets about a place."""
    lines = [shapely.LineString([(lon + i * 1e-3, lat), (lon + i * 1e-3, lat + 4e-3)]) for i in range(5)]
    path = folder / f"{name}.gpkg"
    gpd.GeoDataFrame({"name": list("abcde")}, geometry=lines, crs="EPSG:4326").to_file(path)
    return path


def added(session: Session, path: Path) -> Layer:
    before = {layer.id for layer in session.project.state.layers}
    opening.open_files(session, [path])
    return next(layer for layer in session.project.state.layers if layer.id not in before)


def codes(session: Session) -> list[str]:
    return [notice.key.removeprefix("caution.") for notice in session.notices.all if notice.level == "caution"]


def lonlat(session: Session, layer_id: str) -> tuple[float, float]:
    frame = session.project.state.frame
    assert frame is not None
    matrix = placement.matrix_of(session, layer_id)
    found = Transformer.from_crs(frame.horizontal, "EPSG:4326", always_xy=True).transform(*matrix[:2, 3])
    return float(found[0]), float(found[1])


def apart_m(session: Session, one: str, other: str) -> float:
    return float(Geod(ellps="GRS80").inv(*lonlat(session, one), *lonlat(session, other))[2])


def test_a_lone_latitude_and_longitude_stands_unsure_by_itself(session: Session, tmp_path: Path) -> None:
    layer = added(session, write_model(tmp_path / "a.ifc", latlon=LATLON))
    assert layer.place is None
    assert "io.placed_by_latlon" in codes(session)
    assert unsure_place.weighed_report(session, layer.id).certainty == "unsure"


def test_streets_of_the_same_town_bear_it_out(session: Session, tmp_path: Path) -> None:
    added(session, roads(tmp_path, 117.03, 36.65))
    layer = added(session, write_model(tmp_path / "a.ifc", latlon=LATLON))
    assert layer.place is None
    assert codes(session)[-1] == "place.latlon_agrees"
    told = unsure_place.weighed_report(session, layer.id)
    assert told.certainty == "likely"
    assert told.reasons[-1]["code"] == "place.latlon_agrees"


def test_streets_elsewhere_contradict_it_and_its_own_place_is_offered(session: Session, tmp_path: Path) -> None:
    added(session, roads(tmp_path, 118.78, 32.06))
    layer = added(session, write_model(tmp_path / "a.ifc", latlon=LATLON))
    assert layer.place is not None
    assert layer.place.basis == SET_DOWN
    assert "place.latlon_contradicted" in codes(session)
    assert "io.placed_by_latlon" not in codes(session)
    assert unsure_place.weighed_report(session, layer.id).kind == "none"
    assert lonlat(session, layer.id) == pytest.approx((118.78, 32.06), abs=0.05)
    placement.reset_place(session, layer.id)
    assert lonlat(session, layer.id) == pytest.approx((117.02, 36.66), abs=1e-3)
    session.history.undo()
    assert session.project.state.layer(layer.id).place == layer.place


def test_the_project_goes_to_the_first_layer_that_knows_where_it_is(session: Session, tmp_path: Path) -> None:
    lone = added(session, write_model(tmp_path / "lone.ifc", latlon=LATLON))
    nowhere = added(session, write_model(tmp_path / "nowhere.ifc", at_m=(900.0, 0.0, 0.0)))
    added(session, roads(tmp_path, 118.78, 32.06))
    frame = session.project.state.frame
    assert frame is not None
    assert frame.horizontal == "EPSG:4549"
    for layer in (lone, nowhere):
        assert lonlat(session, layer.id) == pytest.approx((118.78, 32.06), abs=0.05)
    assert session.project.state.layer(lone.id).place is not None


def test_it_goes_there_within_one_zone_too(session: Session, tmp_path: Path) -> None:
    lone = added(session, write_model(tmp_path / "lone.ifc", latlon=LATLON))
    added(session, roads(tmp_path, 117.03, 35.2))
    frame = session.project.state.frame
    assert frame is not None
    assert frame.horizontal == "EPSG:4548"
    assert lonlat(session, lone.id) == pytest.approx((117.03, 35.2), abs=0.05)


def test_a_country_bears_nothing_out(session: Session, tmp_path: Path) -> None:
    land = gpd.GeoDataFrame({"name": ["CN"]}, geometry=[shapely.box(75, 20, 130, 50)], crs="EPSG:4326")
    land.to_file(tmp_path / "land.gpkg")
    added(session, tmp_path / "land.gpkg")
    layer = added(session, write_model(tmp_path / "a.ifc", latlon=LATLON))
    assert unsure_place.weighed_report(session, layer.id).certainty == "unsure"


@pytest.mark.parametrize("placed_first", [True, False])
@pytest.mark.parametrize("lost", [{}, {"latlon": ((42, 21, 31, 181945), (-71, -3, -24, -263305))}, {"latlon": LATLON}])
def test_the_same_origin_is_offered_and_taken_in_one_undoable_step(
    session: Session, tmp_path: Path, placed_first: bool, lost: dict[str, Any]
) -> None:
    files = [
        write_model(tmp_path / "placed.ifc", map_conversion={**PLACE, "Eastings": 702000.0}, crs="EPSG:4548"),
        write_model(tmp_path / "lost.ifc", columns=4, **lost),
    ]
    ids = {path.stem: added(session, path).id for path in (files if placed_first else files[::-1])}
    offer = next(notice for notice in session.notices.all if notice.key == "caution.model.same_origin")
    assert (offer.facts["layer_id"], offer.facts["other_id"]) == (ids["lost"], ids["placed"])
    before = session.project.state.layer(ids["lost"]).place
    assert before is None or before.basis == SET_DOWN  # never silently
    unsure_place.share_origin(session, ids["lost"], ids["placed"])
    assert apart_m(session, ids["lost"], ids["placed"]) < 1e-3
    assert np.allclose(
        placement.matrix_of(session, ids["lost"]), placement.matrix_of(session, ids["placed"]), atol=1e-5
    )
    assert placement.place_report(session, ids["lost"]).kind == SHARED_ORIGIN
    assert unsure_place.sharing(session, ids["lost"]) == []
    session.history.undo()
    assert session.project.state.layer(ids["lost"]).place == before


def test_boxes_that_do_not_agree_offer_nothing(session: Session, tmp_path: Path) -> None:
    added(session, write_model(tmp_path / "placed.ifc", map_conversion=PLACE))
    lost = added(session, write_model(tmp_path / "lost.ifc", at_m=(300.0, 80.0, 0.0)))
    assert unsure_place.sharing(session, lost.id) == []
    assert "model.same_origin" not in codes(session)


def test_models_without_any_place_stand_beside_each_other_and_go_together(session: Session, tmp_path: Path) -> None:
    first = added(session, write_model(tmp_path / "a.ifc"))
    second = added(session, write_model(tmp_path / "b.ifc", columns=5))
    assert second.place is not None
    assert second.place.basis == BESIDE
    assert unsure_place.weighed_report(session, second.id).certainty == "doubtful"
    added(session, roads(tmp_path, 117.03, 36.65))
    assert apart_m(session, first.id, second.id) < 1e-3
    assert lonlat(session, first.id) == pytest.approx((117.03, 36.65), abs=0.01)


def test_why_a_model_stands_where_it_does_lives_in_the_project_file(session: Session, tmp_path: Path) -> None:
    layer = added(session, write_model(tmp_path / "a.ifc"))
    placed = Placement(502100.0, 4059050.0, 31.5, 12.0, "EPSG:4548", (1.0, 2.0, 3.0), basis=SHARED)
    placement.place_model(session, layer.id, placed)
    project_file.save_project(session.project.state, {}, tmp_path / "town.gpkg")
    state, _ = project_file.open_project(tmp_path / "town.gpkg")
    assert state.layer(layer.id).place == placed
    assert Placement.from_dict({**placed.as_dict(), "basis": "<b>"}).basis == ""


# --- the command line -----------------------------------------------------------------------


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run([*words, "--lang", "en"])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_line_says_unsure_and_takes_the_origin_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_model(tmp_path / "placed.ifc", map_conversion=PLACE)
    write_model(tmp_path / "lost.ifc", columns=4, latlon=LATLON)
    write_model(tmp_path / "elsewhere.ifc", at_m=(900.0, 0.0, 0.0))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    code, out, err = told(capsys, "ifc", "georef", "../lost.ifc")
    assert (code, "unsure" in out, "unsure" in err) == (0, True, True)
    code, _, err = told(capsys, "ifc", "georef", "../lost.ifc", "--out", "copy.ifc")
    assert (code, "--like" in err) == (3, True)
    code, _, err = told(capsys, "ifc", "georef", "../lost.ifc", "--like", "../placed.ifc", "--out", "copy.ifc")
    assert (code, (folder / "copy.ifc").exists()) == (0, True), err
    code, out, _ = told(capsys, "ifc", "georef", "copy.ifc")
    assert "502,000.000, 4,059,000.000, 31.500" in out
    assert "sure: stated and consistent" in out
    code, _, err = told(capsys, "ifc", "georef", "../elsewhere.ifc", "--like", "../placed.ifc")
    assert (code, "do not agree" in err) == (3, True)


def test_models_of_one_origin_are_checked_for_clashes_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    placed, lost, away = (str(tmp_path / name) for name in ("placed.ifc", "lost.ifc", "away.ifc"))
    write_model(Path(placed), map_conversion=PLACE)
    write_model(Path(lost), latlon=((36, 30, 0, 0), (117, 1, 12, 0)))
    write_model(Path(away), at_m=(900.0, 0.0, 0.0))
    _, apart, _ = told(capsys, "ifc", "clash", lost, placed, "--json")
    code, together, err = told(capsys, "ifc", "clash", lost, placed, "--same-origin", "--json")
    assert (code, json.loads(apart)["counts"]["clashes"], json.loads(together)["counts"]["clashes"] > 0) == (0, 0, True)
    code, _, err = told(capsys, "ifc", "clash", away, placed, "--same-origin")
    assert (code, "do not agree" in err) == (3, True)


def test_the_mended_place_goes_into_a_copy_where_the_caller_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"Eastings": 553330.997, "Northings": 259994.429, "Scale": 0.001}
    write_model(tmp_path / "x.ifc", prefix="MILLI", map_conversion=values, crs="EPSG:27700")
    folder = tmp_path / "other"
    folder.mkdir()
    monkeypatch.chdir(folder)
    code, _, err = told(capsys, "ifc", "georef", "../x.ifc", "--out", "y.ifc")
    assert code == 0, err
    code, out, _ = told(capsys, "ifc", "georef", "y.ifc", "--json")
    assert '"certainty": "sure"' in out
    assert '"lon_deg": 0.24' in out


def test_a_model_of_a_city_is_no_building_that_shares_an_origin(session: Session, tmp_path: Path) -> None:
    lost = added(session, write_model(tmp_path / "lost.ifc"))
    other = added(session, write_model(tmp_path / "placed.ifc", map_conversion=PLACE))
    data = session.project.data[other.id]
    assert isinstance(data, ModelData)
    assert [one.id for one in unsure_place.sharing(session, lost.id)] == [other.id]
    data.info["city"] = "CityJSON"
    assert unsure_place.sharing(session, lost.id) == []
