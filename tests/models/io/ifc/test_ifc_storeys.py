"""Levels of storeys: placement before Elevation, and what differs is told."""

from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.geometry
import ifcopenshell.api.root
import numpy as np
import pytest

from models.bim import facts
from models.core.progress import Progress
from models.io.ifc import reader as ifc
from models.io.ifc.elements import collect
from models.io.ifc.open_file import prepared_bytes
from models.io.ifc.skim import skimmed
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from models.views import section
from tests.support.io_models import make_model
from tests.support.paths import CASES


def tower(
    path: Path,
    placed_m: list[float | None],
    stated_m: list[float | None],
    site_m: float = 0.0,
    prefix: str | None = "MILLI",
) -> ModelData:
    """Return a building whose storeys are placed and stated so, on a site at a height."""
    model = make_model("IFC4", prefix=prefix)
    unit = 1000.0 if prefix else 1.0
    (site,), (building,), (ground,) = (model.by_type(name) for name in ("IfcSite", "IfcBuilding", "IfcBuildingStorey"))
    storeys = [ground]
    for number in range(1, len(placed_m)):
        storeys.append(ifcopenshell.api.root.create_entity(model, ifc_class="IfcBuildingStorey"))
        ifcopenshell.api.aggregate.assign_object(model, products=storeys[-1:], relating_object=building)
        storeys[-1].Name = f"{number + 1}F"
    _place(model, site, site_m)
    _place(model, building, site_m)
    for storey, placed, stated in zip(storeys, placed_m, stated_m, strict=True):
        storey.Elevation = None if stated is None else stated * unit
        if placed is None:
            storey.ObjectPlacement = None
        else:
            _place(model, storey, site_m + placed)
    model.write(str(path))
    data = ifc.read(path, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def _place(model: Any, thing: Any, height_m: float) -> None:
    matrix = np.eye(4)
    matrix[2, 3] = height_m
    ifcopenshell.api.geometry.edit_object_placement(model, product=thing, matrix=matrix, is_si=True)


def levels(data: ModelData) -> tuple[list[float], list[float]]:
    floors = section.floors_of(data)
    return [floor.elevation_m for floor in floors], [floor.level_m for floor in floors]


def codes(data: ModelData) -> list[str]:
    return [one.code for one in data.cautions if one.code.startswith("io.storeys")]


def test_a_site_at_thirty_metres_lifts_its_storeys(tmp_path: Path) -> None:
    data = tower(tmp_path / "a.ifc", [0.0, 3.0, 6.0], [0.0, 3.0, 6.0], site_m=30.0)
    assert levels(data) == ([0.0, 3.0, 6.0], [30.0, 33.0, 36.0])
    assert codes(data) == []


def test_the_case_of_the_site_at_thirty_metres_is_read_so() -> None:
    case = CASES / "ifc" / "site_at_30_m.ifc"
    if not case.exists():
        pytest.skip("no cases here")
    data = ifc.read(case, ReadRequest(), Progress())[0].data
    assert isinstance(data, ModelData)
    assert levels(data) == ([0.0, 3.0, 6.0], [30.0, 33.0, 36.0])
    walls = data.meshes.bounds()
    assert walls is not None
    assert walls[:, 2].tolist() == [30.0, 39.0]


def test_placement_counts_before_elevation_and_the_difference_is_told(tmp_path: Path) -> None:
    data = tower(tmp_path / "a.ifc", [0.0, 3.2, 6.4], [0.0, 3.0, 6.0])
    assert levels(data) == ([0.0, 3.2, 6.4], [0.0, 3.2, 6.4])
    told = [one for one in data.cautions if one.code == "io.storeys_differ"]
    assert told[0].facts["count"] == 2
    assert "2F 3.200 ≠ 3.000" in str(told[0].facts["names"])


def test_elevation_counts_where_nothing_is_placed(tmp_path: Path) -> None:
    data = tower(tmp_path / "a.ifc", [0.0, None, None], [0.0, 3.0, 6.0], site_m=30.0)
    assert levels(data) == ([0.0, 3.0, 6.0], [30.0, 33.0, 36.0])


def test_elevation_counts_where_all_storeys_are_placed_at_one_height(tmp_path: Path) -> None:
    data = tower(tmp_path / "a.ifc", [0.0, 0.0, 0.0], [0.0, 3.0, 6.0], site_m=30.0)
    assert levels(data) == ([0.0, 3.0, 6.0], [30.0, 33.0, 36.0])
    assert codes(data) == ["io.storeys_unplaced"]


@pytest.mark.parametrize(
    ("placed", "stated", "code"),
    [
        ([-3.0, 0.0, 3.0], [27.0, 30.0, 33.0], "io.storeys_placed_zero"),
        ([27.0, 30.0, 33.0], [-3.0, 0.0, 3.0], "io.storeys_stated_zero"),
    ],
)
def test_of_two_zeros_the_one_counts_at_which_a_storey_lies(
    tmp_path: Path, placed: list[float | None], stated: list[float | None], code: str
) -> None:
    data = tower(tmp_path / "a.ifc", placed, stated)
    assert levels(data) == ([-3.0, 0.0, 3.0], placed)
    assert codes(data) == [code]


def test_the_first_picture_knows_the_levels_too(tmp_path: Path) -> None:
    exact = tower(tmp_path / "a.ifc", [0.0, 3.0, 6.0], [0.0, 3.1, 6.0], site_m=30.0)
    small = skimmed(prepared_bytes(tmp_path / "a.ifc")[0])
    assert small is not None
    model = ifcopenshell.file.from_string(small.decode("latin-1"))
    brief = collect(model, set(), 0.001, brief=True).frame
    for name in ("elevation_m", "floor_level_m"):
        mine = brief[brief["ifc_class"] == "IfcBuildingStorey"][name].tolist()
        assert mine == exact.elements[exact.elements["ifc_class"] == "IfcBuildingStorey"][name].tolist()


def test_a_cellar_is_below_ground_wherever_the_site_lies(tmp_path: Path) -> None:
    data = tower(tmp_path / "a.ifc", [-3.0, 0.0, 3.0], [27.0, 30.0, 33.0], site_m=30.0)
    told = {fact.code: fact.value for fact in facts.facts(data)}
    assert told["storeys_below"] == 1  # the only room is in it
