"""Weaknesses of a model, each with its elements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.command_line.terminal import open_model
from app.session import Session
from models.checks import quality
from tests.support.bim_models import table_model
from tests.support.paths import IFC_FILES

# --- quality


def test_each_weakness_names_its_elements() -> None:
    rows: list[dict[str, Any]] = [
        {"ifc_class": "IfcBuilding", "name": "B"},
        {"ifc_class": "IfcBuildingStorey", "name": "Level 1", "parent": 0, "elevation_m": 3.0},
        {"ifc_class": "IfcBuildingStorey", "name": "Level 2", "parent": 0, "elevation_m": 0.0},
        {"ifc_class": "IfcBuildingStorey", "name": "Attic", "parent": 0},
        {
            "ifc_class": "IfcWall",
            "name": "a",
            "parent": 1,
            "guid": "x",
            "box": ((0, 0, 0), (1, 1, 1)),
            "material": "砖",
        },
        {
            "ifc_class": "IfcWall",
            "name": "b",
            "parent": 1,
            "box": ((0, 0, 0), (1, 1, 1)),
            "psets": {"P": {"a": 1}},
            "material": "砖",
        },
        {"ifc_class": "IfcSlab", "name": "", "box": ((0, 0, 0), (2e4, 1, 0.00001)), "material": "砼"},
        {"ifc_class": "IfcBuildingElementProxy", "name": "p", "parent": 2, "box": ((9e4, 0, 0), (1, 1, 1))},
        {"ifc_class": "IfcDoor", "name": "d", "parent": 2, "guid": "1" * 22},
        {"ifc_class": "IfcDoor", "name": "d", "parent": 2, "guid": "1" * 22, "box": ((5, 5, 5), (1, 1, 1))},
        {"ifc_class": "IfcStair", "name": "s", "parent": 1},
        {"ifc_class": "IfcStairFlight", "name": "f", "parent": 10, "box": ((3, 3, 0), (1, 1, 1)), "material": "砼"},
    ]
    found = {issue.code: issue.oids.tolist() for issue in quality.issues(table_model(rows))}
    assert found == {
        "duplicate_guid": [8, 9], "malformed_guid": [4], "unplaced": [6], "no_geometry": [8], "far_from_origin": [7],
        "huge": [6], "flat": [6], "same_place": [4, 5], "proxies": [7], "no_name": [6], "no_material": [9],
        "no_properties": [4, 6, 7, 8, 9, 10, 11], "storey_no_elevation": [3], "storey_order": [1, 2],
        "no_georeference": [],
    }  # fmt: skip


def test_a_sound_model_has_nothing_to_complain_of() -> None:
    rows: list[dict[str, Any]] = [
        {"ifc_class": "IfcBuildingStorey", "name": "1F", "elevation_m": 0.0},
        {
            "ifc_class": "IfcWall",
            "name": "a",
            "parent": 0,
            "material": "砖",
            "psets": {"P": {"a": 1}},
            "box": ((0, 0, 0), (1, 1, 1)),
        },
    ]
    assert quality.issues(table_model(rows, georef="map_conversion")) == []


@pytest.mark.data
def test_doubled_guids_are_found_in_the_file_that_is_known_for_them(session: Session) -> None:
    path: Path = IFC_FILES / "doubleguids.ifc"
    if not path.exists():
        pytest.skip("no real files here")
    _, data = open_model(session, path)
    guids = data.elements["guid"].tolist()
    doubled = {oid for oid, guid in enumerate(guids) if guids.count(guid) > 1}
    found = {issue.code: set(issue.oids.tolist()) for issue in quality.issues(data)}
    assert found["duplicate_guid"] == doubled != set()
