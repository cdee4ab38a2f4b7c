"""Facts of models into building records and back, and selection sets, in a project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from app.session import Session
from app.usecases.bim import sets_and_facts as models
from app.usecases.project import opening
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, ModelData, VectorData
from models.project.selection import ObjectKey
from tests.support.bim_models import table_model
from tests.support.house_model import house

CRS = "EPSG:4548"

AT = (502_000.0, 4_059_000.0)


@pytest.fixture
def city(session: Session) -> Session:
    """Return a session with the house standing in the middle of three buildings."""
    boxes = [shapely.box(x, y, x + 10, y + 8) for x, y in ((AT[0] - 20, AT[1]), AT, (AT[0] + 5, AT[1] + 9))]
    frame = gpd.GeoDataFrame(
        {"name": ["a", "b", "c"], "storeys": [5, 6, 7], "height_m": [15.0, np.nan, 21.0]}, geometry=boxes, crs=CRS
    )
    frame.index = [11, 12, 13]
    placed = replace_placement(house(YearOfConstruction="2008"))
    layers = (
        Layer("buildings", "建筑", "vector", "buildings"),
        Layer("house", "住宅", "model", "model", source=replace(Layer("x", "x", "model").source, path="house.ifc")),
    )
    state = replace(session.project.state, frame=Frame(CRS, None, (int(AT[0]), int(AT[1]), 0)), layers=layers)
    session.project.set_state(state)
    session.project.put_data("buildings", VectorData(frame))
    session.project.put_data("house", placed)
    return session


def replace_placement(data: ModelData) -> ModelData:
    data.placement[:3, 3] = (*AT, 30.0)
    data.crs = CRS
    return data


def test_the_building_under_a_model_is_found_by_its_footprint(city: Session) -> None:
    assert models.building_under(city, "house") == ObjectKey("buildings", 12)
    data = city.project.data["house"]
    assert isinstance(data, ModelData)
    data.placement[:3, 3] = (AT[0] + 500, AT[1], 30.0)
    assert models.building_under(city, "house") is None


def test_facts_go_into_the_record_and_come_out_again_by_undo(city: Session) -> None:
    before = city.project.data["buildings"]
    key = ObjectKey("buildings", 12)
    written = models.apply_facts(city, "house", key)
    table = city.project.data["buildings"].frame
    assert written == 8
    assert (table.at[12, "storeys"], table.at[12, "year"], table.at[12, "structure"]) == (2, 2008, "混凝土结构")
    assert table.at[12, "height_m"] == pytest.approx(7.2)
    assert table.at[11, "storeys"] == 5
    assert table["storeys"].dtype == np.int64
    assert pd.isna(table.at[11, "lifts"])
    edits = {edit.column: edit for edit in models.edits_of(city, key)}
    assert (edits["storeys"].before, edits["storeys"].after, edits["storeys"].source) == (6, 2, "house.ifc")
    assert edits["lifts"].elements == (city.project.data["house"].elements["guid"].iat[25],)
    assert models.apply_facts(city, "house", key) == 0
    city.history.undo()
    assert city.project.data["buildings"] is before
    city.history.redo()
    assert city.project.data["buildings"].frame.equals(table)


def test_facts_and_their_origin_live_in_the_project_file(city: Session, tmp_path: Path) -> None:
    models.apply_facts(city, "house", ObjectKey("buildings", 12))
    models.save_set(city, "外墙", "IfcWall, IsExternal")
    models.save_set(city, "两栋", keys=[ObjectKey("buildings", 11), ObjectKey("buildings", 12)])
    state, table = city.project.state, city.project.data["buildings"].frame
    opening.save_project(city, tmp_path / "a.gpkg")
    opening.open_project(city, tmp_path / "a.gpkg")
    assert (city.project.state.edits, city.project.state.sets) == (state.edits, state.sets)
    again = city.project.data["buildings"].frame
    assert again["storeys"].tolist() == table["storeys"].tolist()
    assert again.at[12, "year"] == 2008


def test_facts_of_nothing_are_refused_by_name(city: Session) -> None:
    with pytest.raises(UserError, match=r"bim\.no_building"):
        models.apply_facts(city, "house", ObjectKey("buildings", 99))
    with pytest.raises(UserError, match=r"bim\.no_model"):
        models.apply_facts(city, "buildings", ObjectKey("buildings", 12))
    city.project.put_data("house", table_model([{"ifc_class": "IfcProject"}]))
    with pytest.raises(UserError, match=r"bim\.no_facts"):
        models.apply_facts(city, "house", ObjectKey("buildings", 12))
    assert not city.history.undo_label


def test_selection_sets_are_kept_renamed_deleted_and_undone(city: Session) -> None:
    models.save_set(city, " 外墙 ", "IfcWall, IsExternal")
    assert {key.layer for key in models.keys_of_set(city, "外墙")} == {"house"}
    assert len(models.keys_of_set(city, "外墙")) == 12
    models.rename_set(city, "外墙", "外围护")
    models.save_set(city, "选中", keys=[ObjectKey("house", 5), ObjectKey("house", 999), ObjectKey("gone", 1)])
    assert models.keys_of_set(city, "选中") == [ObjectKey("house", 5)]
    with pytest.raises(UserError, match=r"set\.taken"):
        models.rename_set(city, "选中", "外围护")
    with pytest.raises(UserError, match=r"rule\.syntax"):
        models.save_set(city, "坏", "IfcWall and")
    models.delete_set(city, "外围护")
    assert [one.name for one in city.project.state.sets] == ["选中"]
    for _ in range(4):
        city.history.undo()
    assert city.project.state.sets == ()
