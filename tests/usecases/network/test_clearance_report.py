"""The report of clear distances, and profiles, on the sample city and on pipes in several layers."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import LineString, box

from app.session import Session
from app.usecases.checks.checks import export_report
from app.usecases.network import profiles, rules
from app.usecases.network.clearances import check_clearances
from app.usecases.network.profiles import Wanted
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey

CRS = "EPSG:4548"


def hold(session: Session, **tables: list[dict[str, object]]) -> None:
    """Let a session hold tables by layer id; what comes before "_" is the role."""
    state, data = ProjectState("p", frame=Frame(CRS, "EPSG:5737", (0, 0, 0))), {}
    for name, rows in tables.items():
        frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
        frame.index = frame.index + 1
        data[name] = VectorData(frame)
        state = state.with_layer(Layer(name, name, "vector", name.partition("_")[0]))
    session.project.replace_all(state, data, None)


def line(code: str, kind: str, *points: tuple[float, ...], **more: object) -> dict[str, object]:
    return {"code": code, "kind": kind, "diameter_mm": 300, "geometry": LineString(points), **more}


def two_layers() -> dict[str, list[dict[str, object]]]:
    return {
        "pipes_drains": [line("W1", "WS", (0, 0, 5), (40, 0, 5), start_node="A", end_node="B", start_invert_m=5.0,
                              end_invert_m=4.9)],
        "pipes_water": [line("J1", "JS", (0, 1.0, 6), (40, 1.0, 6)), line("J2", "JS", (20, -9, 5.1), (20, 9, 5.1))],
        "buildings": [{"name": "楼", "geometry": box(0, -9, 40, -2)}],
    }  # fmt: skip


def test_pipes_of_several_layers_and_buildings_are_one_report(session: Session, tmp_path: Path) -> None:
    hold(session, **two_layers())
    report = check_clearances(session).result
    told = {(one.code, *(party.name for party in one.parties)): one for one in report.findings}
    beside = told["clearance.horizontal", "J1", "W1"]
    assert beside.facts["distance_m"] == pytest.approx(0.7)
    assert (beside.facts["required_m"], beside.facts["certainty"]) == (1.5, "checked")
    assert {key.layer for key in beside.keys} == {"pipes_drains", "pipes_water"}
    assert told["clearance.hard", "J2", "W1"].severity == "error"
    assert told["clearance.building", "W1", "楼"].facts["distance_m"] == pytest.approx(2 - 0.15)
    assert told["clearance.building", "J2", "楼"].facts["distance_m"] == 0.0
    assert told["clearance.building", "J1", "楼"].facts["certainty"] == "medium"
    assert report.counts["short"] == 4
    assert report.counts["hard"] == 1
    for suffix in (".xlsx", ".json", ".gpkg", ".bcfzip"):
        export_report(session, report, tmp_path / f"r{suffix}")
    places = gpd.read_file(tmp_path / "r.gpkg")
    assert len(places) == len(report.findings)
    assert set(places["certainty"].dropna()) <= {"checked", "medium", "low"}


def test_own_limits_beside_the_project_hold_and_are_said(session: Session, tmp_path: Path) -> None:
    hold(session, **two_layers())
    with pytest.raises(UserError) as error:
        rules.make_own_file(session)
    assert error.value.code == "network.rules_unsaved"
    session.project.set_path(tmp_path / "town.gpkg")
    path = rules.make_own_file(session)
    assert path == tmp_path / "town.clearance.toml"
    report = check_clearances(session).result
    assert report.facts["own_rules"] == "town.clearance.toml"
    path.write_text(path.read_text("utf-8").replace("min_m = 1.5\ncertainty", "min_m = 0.5\ncertainty", 1), "utf-8")
    again = check_clearances(session).result
    assert not [one for one in again.findings if one.code == "clearance.horizontal"]
    assert rules.make_own_file(session).read_text("utf-8").count("min_m = 0.5\n")  # the edited file stays


def test_the_planted_clash_is_found_where_it_was_planted(sample_session: Session, sample_city: Path) -> None:
    (truth,) = sample_city.parent.rglob("truth.json")
    planted = next(
        one for one in json.loads(truth.read_text("utf-8"))["planted"] if one["id"] == "duct_through_gas_main"
    )
    report = check_clearances(sample_session, kinds=frozenset({"TX"}), buildings=False).result
    mine = [one for one in report.findings if {party.name for party in one.parties} == set(planted["codes"])]
    assert [one.code for one in mine] == ["clearance.hard"]
    # the duct bends through the main and back again: both places are as deep
    assert mine[0].point[:2] == pytest.approx(planted["at"][:2], abs=8)
    assert mine[0].point[2] == pytest.approx(planted["at"][2], abs=0.3)


def test_a_profile_of_one_layer_shows_what_crosses_in_another(session: Session) -> None:
    hold(session, **two_layers())
    made = profiles.profile_of(session, Wanted("pipes", (ObjectKey("pipes_drains", 1),)))
    (crossing,) = made.profile.crossings
    assert made.pipes.key(crossing.fid) == ObjectKey("pipes_water", 2)
    assert crossing.station_m == pytest.approx(20)
    for wanted, code in (
        (Wanted("between", ("A", "nowhere"), "pipes_drains"), "network.no_place"),
        (Wanted("between", ("A", "A"), "pipes_drains"), "network.same_place"),
        (Wanted("between", ((9e6, 0.0), "A"), "pipes_drains"), "network.no_place"),
    ):  # fmt: skip
        with pytest.raises(UserError) as error:
            profiles.profile_of(session, wanted)
        assert error.value.code == code
