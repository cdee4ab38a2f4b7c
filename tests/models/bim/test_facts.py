"""Facts that a city takes from models: storeys, areas, heights, fire ratings, and silence that is never zero."""

from __future__ import annotations

from typing import Any

import pytest

from app.command_line.terminal import open_model
from app.session import Session
from models.bim import facts, outline
from models.bim.fact import CODES, Fact
from models.layers.layer import ModelData
from tests.support.bim_models import table_model
from tests.support.house_model import house, wall
from tests.support.paths import IFC_FILES


def found(data: ModelData) -> dict[str, Fact]:
    return {fact.code: fact for fact in facts.facts(data)}


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
    assert [fact.code for fact in facts.facts(table_model([{"ifc_class": "IfcProject"}]))] == list(CODES)
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
    if not (IFC_FILES / name).exists():
        pytest.skip("no real files here")
    session.cache_root = tmp_path_factory.getbasetemp() / "bim-cache"
    _, data = open_model(session, IFC_FILES / name)
    told = found(data)
    assert told["storeys_above"].value == storeys
    assert told["dwellings"].value == dwellings
    assert told["year"].value == year
    if footprint_m2 is not None:
        assert told["footprint_m2"].value == pytest.approx(footprint_m2, rel=0.001)
    import ifcopenshell

    guids = {thing.GlobalId for thing in ifcopenshell.open(str(IFC_FILES / name)).by_type("IfcProduct")}
    for fact in told.values():
        assert set(facts.as_dict(data, fact)["elements"]) <= guids
        assert bool(fact.basis) == (fact.value is not None)
