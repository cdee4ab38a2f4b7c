"""Counting components and computing indicators in a project."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from app.session import Session
from app.usecases.facilities import facilities
from app.usecases.health import health
from app.usecases.layers import layers
from app.usecases.project import opening
from app.usecases.query import query as ask
from models.core.errors import UserError
from models.facilities.fault_ranking import ranked_components
from models.health.profile import CityProfile
from models.layers.layer import Layer, VectorData
from models.project.selection import ObjectKey
from models.views.scene_state import Theme
from tests.support.bim_models import cubes
from tests.support.small_city import city
from viewers.render.symbology.theming import themed


def with_districts(session: Session) -> None:
    """Add two districts, so that indicators have units."""
    frame = gpd.GeoDataFrame(
        {"code": ["370102001", "370102002"], "name": ["东街", "西街"], "population": [1000, 2000]},
        geometry=[box(502000, 4058900, 502100, 4059100), box(501900, 4058900, 502000, 4059100)], crs="EPSG:4548",
        index=[1, 2],
    )  # fmt: skip
    session.project.put_data("districts", VectorData(frame))
    session.project.set_state(session.project.state.with_layer(Layer("districts", "街区", "vector", "districts")))
    session.project.mark_saved()


def test_components_are_counted_and_an_unknown_state_is_not_intact(session: Session) -> None:
    city(session)
    heads, table = facilities.counts_table(session)
    assert heads[0] == "部件类别"
    assert sum(int(row[-1]) for row in table) == 4  # type: ignore[call-overload]
    water = next(row for row in table if str(row[0]).startswith("0101"))
    by_state = dict(zip(heads, water, strict=True))
    assert by_state["完好"] == 1
    assert by_state["破损"] == 1
    opening.new_project(session)
    with pytest.raises(UserError, match=r"facilities\.none"):
        facilities.facility_counts(session)


def test_components_that_a_filter_takes_away_are_neither_counted_nor_listed(session: Session) -> None:
    city(session)
    ask.set_filter(session, "components", "ObjState = '破损' or ObjState is null")
    counted = facilities.facility_counts(session)
    assert {kind.code: count for kind, count in counted["total"].items()} == {"0101": 1, "0103": 1}
    _, rows = facilities.counts_table(session)
    assert [row[-1] for row in rows] == [1, 1]
    tables = [
        (layer.id, table, session.project.state.edition_of(layer))
        for layer, table in facilities.facility_tables(session)
    ]
    assert len(ranked_components(tables, "zh")) == 1, (
        "of the two that are left one is damaged, of the other nobody knows"
    )
    ask.set_filter(session, "components", "")
    assert facilities.facility_counts(session)["total"].sum() == 4


def test_a_filter_makes_a_result_old_and_taking_it_off_makes_it_good_again(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC21-49", "HC25-25"))
    ask.set_filter(session, "components", "ObjState = '破损'")
    assert health.latest(session, "HC21-49") is None
    assert health.kept(session, "HC21-49") is not None, "what is old keeps its value"
    assert health.latest(session, "HC25-25") is not None, "parks read no components"
    session.history.undo()
    assert health.latest(session, "HC21-49") is not None


def test_a_result_holds_until_what_it_read_changes(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC21-49", "HC25-58"))
    layers.set_visible(session, "buildings", False)
    layers.rename_layer(session, "components", "部件普查")
    assert set(health.all_latest(session)) == {"HC21-49", "HC25-58"}, "what is shown changes no figure"
    table = session.project.data["components"].frame
    session.project.put_data("components", VectorData(table.assign(bearing_deg=1.0, ObjName="井盖")))
    assert set(health.all_latest(session)) == {"HC21-49", "HC25-58"}, "fields that no figure read"
    session.project.put_data("components", VectorData(table.assign(ObjState="完好")))
    assert set(health.all_latest(session)) == {"HC25-58"}
    session.project.put_data("components", VectorData(table.copy()))
    assert set(health.all_latest(session)) == {"HC21-49", "HC25-58"}, "the same content is no change"
    layers.remove_layer(session, "components")
    assert set(health.all_latest(session)) == {"HC25-58"}
    layers.remove_layer(session, "buildings")
    assert not health.all_latest(session)
    session.history.undo()
    session.history.undo()
    assert set(health.all_latest(session)) == {"HC21-49", "HC25-58"}


def test_saying_what_kind_of_city_it_is_computes_again_what_it_decides_and_is_undone(session: Session) -> None:
    city(session)
    with_districts(session)
    built_up = session.project.data["districts"].frame[["geometry"]]
    session.project.put_data("built_up", VectorData(built_up))
    session.project.set_state(session.project.state.with_layer(Layer("built_up", "建成区", "vector", "built_up")))
    health.compute_indicators(session, ("HC21-49", "HC25-58"))
    covers = health.latest(session, "HC21-49")
    assert health.latest(session, "HC25-58").city.grade == "no_profile"
    health.set_profile(session, CityProfile("prefecture"))
    assert [benchmark.value for benchmark in health.latest(session, "HC25-58").benchmarks] == [30.0]
    assert health.latest(session, "HC21-49") is covers
    session.history.undo()
    session.history.undo()
    assert session.project.state.profile == CityProfile()
    assert health.latest(session, "HC25-58").city.grade == "no_profile"


def test_a_class_of_city_that_is_not_known_is_refused_with_those_that_are(session: Session) -> None:
    with pytest.raises(UserError, match=r"health\.no_class") as refused:
        health.profile_named(session, "village", "")
    assert "prefecture" in str(refused.value.facts["known"])


def test_a_finer_stage_of_a_model_changes_no_figure_and_another_place_does(session: Session) -> None:
    city(session)
    with_districts(session)
    layer, data = cubes(["IfcWall", "IfcSlab"])
    session.project.put_data(layer.id, data)
    session.project.set_state(session.project.state.with_layer(layer))
    health.compute_indicators(session, ("HC25-58",))
    meshes = replace(data.meshes, vertices=data.meshes.vertices * 1.0)
    session.project.put_data(layer.id, replace(data, meshes=meshes, info={**data.info, "stage": "exact"}))
    assert health.latest(session, "HC25-58") is not None
    moved = data.placement.copy()
    moved[0, 3] += 5.0
    session.project.put_data(layer.id, replace(data, placement=moved))
    assert health.latest(session, "HC25-58") is None


def test_a_result_leads_to_its_objects_after_reopening_without_being_computed(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC21-49", "HC25-58"))
    before = health.all_latest(session)
    picture = themed(session.project.state, session.project.data, Theme("indicator", "HC21-49"), before)
    opening.save_project(session, tmp_path / "p.gpkg")
    monkeypatch.setattr("models.health.compute.compute", lambda *_, **__: pytest.fail("computed again"))
    opening.open_project(session, tmp_path / "p.gpkg")
    after = health.all_latest(session)
    assert after == before
    covers = after["HC21-49"]
    assert [(p.key, p.reason, p.code) for p in covers.problems] == [
        (ObjectKey("components", 2), "cover_damaged", "3701020101000002")
    ]
    assert [(good.reason, list(good.keys)) for good in covers.good] == [("cover_intact", [ObjectKey("components", 1)])]
    assert (covers.city.numerator, covers.city.denominator) == (1.0, 2.0)
    assert any(rule.code == "good_states" for rule in covers.thresholds)
    again = themed(session.project.state, session.project.data, Theme("indicator", "HC21-49"), after)
    assert again.legend == picture.legend
    assert {layer: [part.tolist() for part in colours] for layer, colours in again.colours.items()} == {
        layer: [part.tolist() for part in colours] for layer, colours in picture.colours.items()
    }


def test_a_table_that_another_program_changed_makes_its_results_old(session: Session, tmp_path: Path) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC21-49", "HC25-58"))
    opening.save_project(session, tmp_path / "p.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "p.gpkg")) as other:
        table = next(name for (name,) in other.execute("SELECT table_name FROM gpkg_contents") if "comp" in name)
        triggers = other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:  # they call functions that only GeoPackage programs have
            other.execute(f'DROP TRIGGER "{name}"')
        other.execute(f'UPDATE "{table}" SET ObjState = ? WHERE fid = 2', ("完好",))  # noqa: S608 - our own name
        other.commit()
    opening.open_project(session, tmp_path / "p.gpkg")
    assert set(health.all_latest(session)) == {"HC25-58"}
    assert health.kept(session, "HC21-49") is not None


def test_computing_twice_keeps_one_set_of_results(session: Session) -> None:
    city(session)
    with_districts(session)
    health.compute_indicators(session, ("HC25-25",))
    kept = session.project.state.results
    health.compute_indicators(session, ("HC25-25",))
    assert session.project.state.results == kept
