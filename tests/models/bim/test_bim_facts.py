"""Facts that a city takes from models, into its building records and back; selection sets; the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.command_line import main as cli
from app.command_line.terminal import open_model
from app.session import Session
from app.usecases.bim import sets_and_facts as models
from app.usecases.project import opening
from models.bim import facts, outline
from models.bim.facts import Fact
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, ModelData, VectorData
from models.project.selection import ObjectKey
from tests.support.bim_models import DATA, table_model
from tests.support.io_models import write_model

CRS = "EPSG:4548"
AT = (502_000.0, 4_059_000.0)


def found(data: ModelData) -> dict[str, Fact]:
    return {fact.code: fact for fact in facts.facts(data)}


def wall(name: str, low: tuple[float, float, float], size: tuple[float, float, float], **more: Any) -> dict[str, Any]:
    return {"ifc_class": "IfcWall", "name": name, "box": (low, size), "material": "钢筋混凝土", **more}


def house(**building: Any) -> ModelData:
    """Return a house of 10 × 8 m with a basement, two storeys, a roof level and a terrace."""
    bearing = {"Pset_WallCommon": {"LoadBearing": True, "IsExternal": True, "ThermalTransmittance": 0.24}}
    ring = [((0, 0), (10, 0.3)), ((0, 7.7), (10, 0.3)), ((0, 0), (0.3, 8)), ((9.7, 0), (0.3, 8))]
    rows: list[dict[str, Any]] = [
        {"ifc_class": "IfcBuilding", "name": "B", "psets": {"Pset_BuildingCommon": building}},
        {"ifc_class": "IfcBuildingStorey", "name": "B1", "parent": 0, "elevation_m": -3.0},
        {"ifc_class": "IfcBuildingStorey", "name": "1F", "parent": 0, "elevation_m": 0.0},
        {"ifc_class": "IfcBuildingStorey", "name": "2F", "parent": 0, "elevation_m": 3.0},
        {"ifc_class": "IfcBuildingStorey", "name": "屋面", "parent": 0, "elevation_m": 6.0},
    ]
    for storey, base in ((1, -3.0), (2, 0.0), (3, 3.0)):
        rows += [wall("w", (*xy, base), (*size, 3.0), parent=storey, psets=bearing) for xy, size in ring]
        rows.append({"ifc_class": "IfcDoor", "name": "D", "parent": storey, "box": ((1, 0, base), (1, 0.1, 2.1))})
    rows += [
        {"ifc_class": "IfcSlab", "name": "露台", "parent": 2, "box": ((10, 0, -0.2), (4, 8, 0.2))},
        wall("女儿墙", (0, 0, 6.0), (10, 0.3, 1.2), parent=4),
        {
            "ifc_class": "IfcSpace",
            "name": "101",
            "long_name": "厨房",
            "parent": 2,
            "psets": {"Qto_SpaceBaseQuantities": {"NetFloorArea": 9.0}},
        },
        {
            "ifc_class": "IfcSpace",
            "name": "102",
            "long_name": "卧室",
            "parent": 2,
            "psets": {"Qto_SpaceBaseQuantities": {"NetFloorArea": 20.0}},
        },
        {
            "ifc_class": "IfcSpace",
            "name": "001",
            "long_name": "设备机房",
            "parent": 1,
            "psets": {"Qto_SpaceBaseQuantities": {"NetFloorArea": 30.0}},
        },
        {"ifc_class": "IfcTransportElement", "name": "客梯", "predefined_type": "ELEVATOR", "parent": 0},
        {"ifc_class": "IfcTransportElement", "name": "自动扶梯", "predefined_type": "ESCALATOR", "parent": 0},
    ]
    return table_model(rows)


def test_storeys_areas_and_height_are_those_of_the_house() -> None:
    told = found(house())
    assert (told["storeys_above"].value, told["storeys_below"].value) == (2, 1)
    assert told["storeys_above"].oids == (2, 3)
    assert told["footprint_m2"].value == pytest.approx(80.0, abs=0.01)  # the terrace is not of the house
    assert told["gross_floor_area_m2"].value == pytest.approx(240.0, abs=0.05)
    assert told["height_m"].value == pytest.approx(7.2)
    assert told["dwellings"].value == 1
    assert dict(told["areas_by_use"].parts) == {"residential": 29.0, "technical": 30.0}
    assert told["lifts"].value == 1
    assert (told["structure"].value, told["structure"].certainty) == ("concrete", "guessed")
    assert told["wall_u_value"].value == pytest.approx(0.24)


def test_silence_is_never_zero() -> None:
    empty = found(table_model([{"ifc_class": "IfcProject"}]))
    assert [fact.code for fact in facts.facts(table_model([{"ifc_class": "IfcProject"}]))] == list(facts.CODES)
    assert {code for code, fact in empty.items() if fact.value is not None} == set()
    assert found(house())["ramps"].value is None
    assert found(house())["fire_exits"].value is None


def test_a_zero_is_said_where_every_door_says_no() -> None:
    doors = [{"ifc_class": "IfcDoor", "psets": {"Pset_DoorCommon": {"FireExit": False}}} for _ in range(2)]
    assert found(table_model(doors))["fire_exits"].value == 0
    assert found(table_model([*doors, {"ifc_class": "IfcDoor"}]))["fire_exits"].value is None
    exits = [*doors, {"ifc_class": "IfcDoor", "psets": {"Pset_DoorCommon": {"FireExit": True}}}]
    assert (found(table_model(exits))["fire_exits"].value, found(table_model(exits))["fire_exits"].oids) == (1, (2,))


def test_what_is_stated_counts_before_what_is_worked_out() -> None:
    told = found(house(YearOfConstruction="1998-2001", 建筑高度=8.0, 结构类型="框架-剪力墙"))
    assert (told["year"].value, told["height_m"].value, told["structure"].value) == (1998, 8.0, "frame_wall")
    assert told["height_m"].certainty == "stated"
    assert facts.named("structure", "frame_wall", "zh") == "框架-剪力墙结构"
    assert found(house(YearOfConstruction="n/a"))["year"].value is None


def test_a_courtyard_is_not_covered_but_a_stair_hole_is() -> None:
    def ring(x: float, y: float, w: float, d: float) -> list[dict[str, Any]]:
        return [
            wall("w", low, size)
            for low, size in (
                ((x, y, 0), (w, 0.3, 3)),
                ((x, y + d - 0.3, 0), (w, 0.3, 3)),
                ((x, y, 0), (0.3, d, 3)),
                ((x + w - 0.3, y, 0), (0.3, d, 3)),
            )
        ]

    floor = [
        {"ifc_class": "IfcSlab", "box": (low, size)}
        for low, size in (
            ((0, 0, 0), (30, 10, 0.2)),
            ((0, 20, 0), (30, 10, 0.2)),
            ((0, 10, 0), (10, 10, 0.2)),
            ((20, 10, 0), (10, 8, 0.2)),
        )
    ]
    data = table_model([*ring(0, 0, 30, 30), *ring(9.7, 9.7, 10.6, 10.6), *floor])
    oids = range(len(data.elements))
    shape, _ = outline.of_building(data, [o for o in oids if o < 8], [o for o in oids if o >= 8])
    assert shape.area == pytest.approx(900 - 100, abs=0.5)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "storeys", "dwellings", "footprint_m2", "year"),
    [
        ("duplex.ifc", 2, 2, 17.8 * 8.8, None),
        ("AC20-FZK-Haus.ifc", 2, 1, 12.0 * 10.0, 2008),
        ("SampleHouse.ifc", 1, None, None, None),
        ("Office_A_20110811.ifc", 2, None, None, None),
    ],
)
def test_real_houses_are_told_as_they_are_known(
    session: Session,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    storeys: int,
    dwellings: int | None,
    footprint_m2: float | None,
    year: int | None,
) -> None:
    if not (DATA / name).exists():
        pytest.skip("no real files here")
    session.cache_root = tmp_path_factory.getbasetemp() / "bim-cache"
    _, data = open_model(session, DATA / name)
    told = found(data)
    assert told["storeys_above"].value == storeys
    assert told["dwellings"].value == dwellings
    assert told["year"].value == year
    if footprint_m2 is not None:
        assert told["footprint_m2"].value == pytest.approx(footprint_m2, rel=0.001)
    import ifcopenshell

    guids = {thing.GlobalId for thing in ifcopenshell.open(str(DATA / name)).by_type("IfcProduct")}
    for fact in told.values():
        assert set(facts.as_dict(data, fact)["elements"]) <= guids
        assert bool(fact.basis) == (fact.value is not None)


# --- into the record of a building and back


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
    assert np.isnan(table.at[11, "lifts"])
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


# --- the command line


@pytest.fixture
def ifc_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    return write_model(tmp_path / "小楼.ifc", columns=3)


def test_the_verbs_print_what_scripts_can_read(ifc_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ifc", "tree", str(ifc_file), "--json"]) == cli.DONE
    tree = json.loads(capsys.readouterr().out)
    assert tree["children"][0]["kind"] == "IfcProject"
    assert cli.run(["ifc", "psets", str(ifc_file), "--rule", "IfcColumn", "--json"]) == cli.DONE
    answer = json.loads(capsys.readouterr().out)
    assert answer["count"] == 3
    assert {element["class"] for element in answer["elements"]} == {"IfcColumn"}
    assert cli.run(["ifc", "facts", str(ifc_file), "--json"]) == cli.DONE
    told = json.loads(capsys.readouterr().out)
    assert [fact["fact"] for fact in told] == list(facts.CODES)


def test_the_verbs_print_what_people_can_read(ifc_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for lang, words in (("zh", ("未注明", "地上层数")), ("en", ("not stated", "Storeys above ground"))):
        assert cli.run(["ifc", "facts", str(ifc_file), "--lang", lang]) == cli.DONE
        out = capsys.readouterr().out
        assert all(text in out for text in words)
    for by in ("spatial", "class", "storey"):
        assert cli.run(["ifc", "tree", str(ifc_file), "--by", by, "--all", "--lang", "en"]) == cli.DONE
        assert "IfcColumn" in capsys.readouterr().out
    assert cli.run(["ifc", "psets", str(ifc_file), "--lang", "en"]) == cli.DONE
    assert "Set" in capsys.readouterr().out


def test_a_wrong_question_ends_with_exit_code_3(
    ifc_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["ifc", "psets", str(ifc_file), "--rule", "IfcWall and", "--lang", "en"]) == cli.CANNOT
    assert "Character 12" in capsys.readouterr().err
    assert cli.run(["ifc", "psets", str(ifc_file), "--guid", "x", "--lang", "en"]) == cli.CANNOT
    broken = tmp_path / "broken.ifc"
    broken.write_bytes(b"ISO-10303-21;\nHEADER;")
    assert cli.run(["ifc", "tree", str(broken), "--lang", "en"]) == cli.CANNOT
    assert cli.run(["ifc", "facts", str(tmp_path / "none.ifc"), "--lang", "en"]) == cli.CANNOT
    assert cli.run(["ifc", "tree", str(ifc_file), "--by", "nonsense"]) == cli.USAGE
