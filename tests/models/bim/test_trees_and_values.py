"""What is asked of models: trees, values, colours by value, measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.command_line.terminal import open_model
from app.session import Session
from models.bim import columns, measure, tree, values
from models.checks import quality
from models.core.errors import UserError
from models.layers.layer import ModelData
from tests.support.bim_models import table_model
from tests.support.paths import IFC_FILES

HOUSE: list[dict[str, Any]] = [
    {"ifc_class": "IfcProject", "name": "P"},
    {"ifc_class": "IfcSite", "name": "S", "parent": 0},
    {"ifc_class": "IfcBuilding", "name": "B", "parent": 1},
    {"ifc_class": "IfcBuildingStorey", "name": "1F", "parent": 2, "elevation_m": 0.0},
    {"ifc_class": "IfcBuildingStorey", "name": "10F", "parent": 2, "elevation_m": 30.0},
    {"ifc_class": "IfcBuildingStorey", "name": "2F", "parent": 2, "elevation_m": 3.0},
    {"ifc_class": "IfcSpace", "name": "101", "parent": 3},
    {
        "ifc_class": "IfcWall",
        "name": "W",
        "parent": 3,
        "type_name": "200",
        "material": "砖; 砂浆",
        "box": ((0, 0, 0), (4, 0.2, 3)),
    },
    {
        "ifc_class": "IfcWindow",
        "name": "F",
        "parent": 7,
        "classification": "Uniclass: EF_25 Windows",
        "box": ((1, 0, 1), (1, 0.1, 1)),
    },
    {"ifc_class": "IfcPump", "name": "Lost", "system": "给水; 消防"},
    {"ifc_class": "IfcBeam", "name": "Ring a", "parent": 11},
    {"ifc_class": "IfcBeam", "name": "Ring b", "parent": 10},
]


@pytest.fixture(scope="module")
def house() -> ModelData:
    return table_model(HOUSE)


def shape(node: tree.Node) -> Any:
    return {child.label or child.kind: shape(child) for child in node.children}


def test_the_spatial_tree_stands_as_the_building_does(house: ModelData) -> None:
    root = tree.build(house, "spatial")
    storeys = {"10F": {}, "2F": {}, "1F": {"101": {}, "W": {"F": {}}}}
    assert shape(root) == {"P": {"S": {"B": storeys}}, "unplaced": {"Lost": {}, "Ring a": {"Ring b": {}}}}
    assert list(shape(root)["P"]["S"]["B"]) == ["10F", "2F", "1F"]
    assert [node.label for node in tree.path_to(root, 8)] == ["", "P", "S", "B", "1F", "W", "F"]
    assert tree.path_to(root, 99) == ()


@pytest.mark.parametrize("by", tree.BYS)
def test_every_element_stands_in_every_tree(house: ModelData, by: str) -> None:
    root = tree.build(house, by)
    found = [node.oid for _, node in tree.walk(root) if node.oid is not None]
    assert set(found) == set(range(len(HOUSE)))
    for _, node in tree.walk(root):
        below = {one.oid for _, one in tree.walk(node) if one.oid is not None}
        assert sorted(below) == node.oids.tolist()


def test_an_element_of_two_materials_and_systems_stands_under_both(house: ModelData) -> None:
    materials = {node.label: node.oids.tolist() for node in tree.build(house, "material").children}
    assert materials["砖"] == materials["砂浆"] == [7]
    assert [node.label for node in tree.build(house, "system").children] == ["消防", "给水", ""]
    (system, none) = tree.build(house, "classification").children
    assert (system.label, system.children[0].label, none.kind) == ("Uniclass", "EF_25 Windows", "none")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-3, 14), min_size=1, max_size=12), st.integers(0, 3))
def test_any_chain_of_parents_gives_a_whole_tree(parents: list[int], spatial: int) -> None:
    classes = ["IfcProject", "IfcBuildingStorey", "IfcSpace"][:spatial] + ["IfcWall"] * 12
    data = table_model([{"ifc_class": c, "parent": p} for c, p in zip(classes, parents, strict=False)])
    root = tree.build(data, "spatial")
    found = sorted(node.oid for _, node in tree.walk(root) if node.oid is not None)
    assert found == list(range(len(data.elements)))


def test_twenty_thousand_elements_are_answered() -> None:
    rows: list[dict[str, Any]] = [
        {
            "ifc_class": "IfcWall",
            "name": f"W{n}",
            "psets": {"Qto": {"NetVolume": n / 7}, "Pset_WallCommon": {"IsExternal": n % 2 == 0}},
        }
        for n in range(20_000)
    ]
    data = table_model(rows)
    numbers, known = columns.column(data, "Qto.NetVolume")
    assert known.all()
    assert np.allclose(numbers, np.arange(20_000) / 7)
    assert len(tree.build(data, "spatial").children[0].oids) == 20_000


# --- values and colours


VALUED = [
    {
        "ifc_class": "IfcWall",
        "psets": {"A": {"n": 1, "b": True, "t": "x", "FireRating": "Fire Rating", "c": {"inner": 2}}},
        "box": ((0, 0, 0), (1, 1, 1)),
    },
    {
        "ifc_class": "IfcWall",
        "psets": {"A": {"n": 2.5, "b": False, "t": ["x", "y"]}, "A.B": {"n": 7}},
        "box": ((2, 0, 0), (1, 1, 1)),
    },
    {"ifc_class": "IfcDoor", "psets": {"A": {"n": None, "b": "UNKNOWN", "t": ""}}, "box": ((4, 0, 0), (1, 1, 1))},
    {"ifc_class": "IfcDoor", "box": ((6, 0, 0), (1, 1, 1))},
]


def test_fields_say_what_is_stated_and_by_how_many() -> None:
    data = table_model(VALUED, {"A": {"n": "m"}})
    found = {one.id: (one.kind, one.unit, one.count) for one in columns.fields(data)}
    assert found["A.n"] == ("number", "m", 2)
    assert found["A.b"] == ("bool", "", 2)
    assert found["A.t"] == ("text", "", 2)
    assert found["A.c.inner"] == ("number", "", 1)
    assert found["A.B.n"] == ("number", "", 1)
    assert "A.FireRating" not in found  # a template's placeholder states nothing
    numbers, known = columns.column(data, "A.n")
    assert known.tolist() == [True, True, False, False]
    assert np.isnan(numbers[2:]).all()
    with pytest.raises(UserError, match=r"bim\.no_field"):
        columns.column(data, "No.such")


@pytest.mark.parametrize("field_id", ["A.n", "A.b", "A.t", "ifc_class"])
def test_a_legend_accounts_for_every_element_once(field_id: str) -> None:
    data = table_model(VALUED)
    colouring = values.colour_classes(data, field_id)
    oids = np.concatenate([one.oids for one in colouring.classes])
    assert sorted(oids.tolist()) == [0, 1, 2, 3] == sorted(colouring.colours)
    assert all(one.count == len(one.oids) for one in colouring.classes)
    silent = [one for one in colouring.classes if not one.stated]
    assert [one.oids.tolist() for one in silent] == ([] if field_id == "ifc_class" else [[2, 3]])
    assert len({one.colour for one in colouring.classes}) == len(colouring.classes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.sampled_from(values.BREAKS), st.integers(2, 8))
def test_classes_of_numbers_hold_every_number_in_order(numbers: list[float], breaks: str, wanted: int) -> None:
    rows = [
        {"ifc_class": "IfcWall", "psets": {"Q": {"v": number}}, "box": ((0, 0, 0), (1, 1, 1))} for number in numbers
    ]
    made = values.colour_classes(table_model(rows), "Q.v", breaks, wanted).classes
    assert sum(one.count for one in made) == len(numbers)
    assert 1 <= len(made) <= wanted
    tops = [max(numbers[oid] for oid in one.oids) for one in made]
    lows = [min(numbers[oid] for oid in one.oids) for one in made]
    assert all(top <= low for top, low in zip(tops, lows[1:], strict=False))


def test_many_categories_end_in_one_class_of_the_rest() -> None:
    rows = [{"ifc_class": "IfcWall", "name": f"N{n % 40}", "box": ((0, 0, 0), (1, 1, 1))} for n in range(80)]
    made = values.colour_classes(table_model(rows), "name").classes
    assert len(made) == 12
    assert made[-1].rest
    assert sum(one.count for one in made) == 80


# --- measures


def test_lengths_areas_and_angles_are_those_of_geometry() -> None:
    assert measure.distance_m((500_000.0, 4_000_000.0, 0.0), (500_003.0, 4_000_004.0, 0.0)) == pytest.approx(
        5.0, abs=1e-9
    )
    assert measure.length_m([(0, 0, 0), (3, 4, 0), (3, 4, 12)]) == pytest.approx(17)
    slanted = [(0, 0, 0), (4, 0, 0), (4, 3, 3), (0, 3, 3)]
    assert measure.area_m2(slanted) == pytest.approx(4 * 3 * np.sqrt(2))
    assert measure.horizontal_area_m2(slanted) == pytest.approx(12)
    assert measure.off_plane_m(slanted) == pytest.approx(0, abs=1e-12)
    assert measure.off_plane_m([(0, 0, 0), (1, 0, 0), (1, 1, 1), (0, 1, 0)]) > 0.1
    assert measure.angle_deg((1, 0, 0), (0, 0, 0), (0, 0, 5)) == pytest.approx(90)
    assert measure.angle_deg((0, 0, 0), (0, 0, 0), (1, 0, 0)) is None


def test_a_body_far_from_the_origin_keeps_its_volume_and_an_open_one_has_none() -> None:
    data = table_model([{"ifc_class": "IfcWall", "box": ((5e6, 4e6, 10), (2, 3, 4))}, {"ifc_class": "IfcWall"}])
    found = measure.bodies(data.meshes, 2)
    assert found.volume_of(0) == pytest.approx(24)
    assert found.bounds_m[0].tolist() == [[5e6, 4e6, 10], [5e6 + 2, 4e6 + 3, 14]]
    assert found.volume_of(1) is None
    assert np.isnan(found.surface_m2[1])
    data.meshes.faces[0] = data.meshes.faces[1]  # now a hole
    try:
        assert measure.bodies(data.meshes, 2).volume_of(0) is None
    finally:
        data.meshes.faces[0] = (0, 2, 6)


# --- real files


@pytest.mark.data
@pytest.mark.parametrize("name", ["duplex.ifc", "AC20-FZK-Haus.ifc"])
def test_a_real_model_is_counted_and_measured_as_its_author_did(
    session: Session, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    if not (IFC_FILES / name).exists():
        pytest.skip("no real files here")
    import ifcopenshell

    session.cache_root = tmp_path_factory.getbasetemp() / "bim-cache"
    _, data = open_model(session, IFC_FILES / name)
    model: Any = ifcopenshell.open(str(IFC_FILES / name))
    for ifc_class in ("IfcWall", "IfcSpace", "IfcDoor", "IfcWindow", "IfcSlab", "IfcBuildingStorey"):
        assert len(_of(data, ifc_class)) == len(model.by_type(ifc_class)), ifc_class
    walls = {wall.GlobalId for wall in model.by_type("IfcWall") if _external(wall)}
    from models.bim.rules import parse

    assert {data.elements["guid"].iat[oid] for oid in parse("IfcWall, IsExternal").select(data)} == walls
    found = measure.bodies(data.meshes, len(data.elements))
    field = "PSet_Revit_Dimensions.Volume" if name == "duplex.ifc" else "BaseQuantities.NetVolume"
    stated, known = columns.column(data, field)
    both = known & found.closed
    assert both.sum() >= 18
    ratio = found.volume_m3[both] / stated[both]
    assert np.mean(np.abs(ratio - 1) < 0.01) > 0.9
    issues = quality.issues(data)
    assert not [issue for issue in issues if issue.severity == "error"]


def _of(data: ModelData, ifc_class: str) -> np.ndarray:
    from models.bim.rules import of_kind

    return of_kind(data, ifc_class)


def _external(wall: Any) -> bool:
    import ifcopenshell.util.element as util

    return util.get_pset(wall, "Pset_WallCommon", "IsExternal") is True
