"""Sizes that a model states and its geometry rules out: found, refused, measured instead, and told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.bim import facts
from models.bim.fact import Fact
from models.bim.possible import Sizes, impossible
from models.checks.quality import issues
from models.geometry.meshes import MeshStore
from models.layers.layer import ModelData
from resources.words import LANGUAGES
from tests.support.bim_models import table_model
from tests.support.house_model import house
from viewers.texts.fact_texts import certainty_text, refused_text, whole_basis_text

UNITS = {"BaseQuantities": {"NetSideArea": "m²", "GrossSideArea": "m²", "NetFloorArea": "m²", "NetVolume": "m³"}}


def model(rows: list[dict[str, Any]]) -> ModelData:
    return table_model(rows, UNITS)


def wall(area: float, size: tuple[float, float, float] = (5.0, 0.2, 3.0), **more: float) -> dict[str, Any]:
    base = {"NetSideArea": area, **more}
    return {"ifc_class": "IfcWall", "box": ((0, 0, 0), size),
            "psets": {"BaseQuantities": base, "Pset_WallCommon": {"IsExternal": True}}}  # fmt: skip


def told(data: ModelData, code: str) -> Fact:
    return next(fact for fact in facts.facts(data) if fact.code == code)


def test_a_side_of_more_than_length_times_height_is_measured_instead() -> None:
    fact = told(model([wall(15.0), wall(33.0), wall(33.0)]), "external_wall_m2")
    assert fact.value == pytest.approx(45.0)
    assert (fact.certainty, fact.basis) == ("corrected", "quantity")
    assert fact.refused is not None
    assert (fact.refused.source, fact.refused.value, fact.refused.count) == ("BaseQuantities.NetSideArea", 81.0, 2)
    whole = told(model([wall(33.0)]), "external_wall_m2")
    assert (whole.value, whole.basis, whole.source) == (pytest.approx(15.0), "geometry", "measured_elements")


def test_what_can_be_stays_as_it_is_stated() -> None:
    fact = told(model([wall(15.0), wall(11.2)]), "external_wall_m2")
    assert (fact.value, fact.certainty, fact.refused) == (pytest.approx(26.2), "stated", None)
    silent = {**wall(99.0), "box": None}
    del silent["box"]
    assert told(model([silent]), "external_wall_m2").certainty == "stated"  # nothing is drawn to hold it against


def turned(data: ModelData, degrees: float) -> ModelData:
    """Return a model turned about the vertical."""
    angle = np.radians(degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    placed = np.asarray(data.meshes.placement_matrix)
    return replace(data, meshes=replace(data.meshes, placement_matrix=matrix @ placed))


@pytest.mark.parametrize("degrees", [0.0, 30.0, 45.0, 77.0])
def test_a_wall_is_measured_alike_whichever_way_it_stands(degrees: float) -> None:
    extent = Sizes(turned(model([wall(1.0)]), degrees)).extent(0)
    assert extent is not None
    assert (extent.length_m, extent.width_m, extent.height_m) == pytest.approx((5.0, 0.2, 3.0), abs=1e-5)
    assert extent.side_m2() == pytest.approx(15.0, abs=1e-4)


def test_a_curved_wall_counts_by_its_faces_not_by_its_chord() -> None:
    steps = np.linspace(0, np.pi, 33)
    inner, outer = (np.column_stack([r * np.cos(steps), r * np.sin(steps)]) for r in (4.9, 5.1))
    ring = np.concatenate([inner, outer[::-1]])
    count = len(ring)
    points = np.concatenate([np.column_stack([ring, np.full(count, z)]) for z in (0.0, 3.0)])
    sides = [(i, (i + 1) % count, count + (i + 1) % count, count + i) for i in range(count)]
    faces = np.array([t for a, b, c, d in sides for t in ((a, b, c), (a, c, d))], np.int32)
    data = model([wall(np.pi * 5.0 * 3.0)])
    store = MeshStore(
        points.astype(np.float32), faces, np.zeros(len(faces), np.int32), np.array([0, len(points)]),
        np.array([0, len(faces)]), np.zeros(1, np.int32), np.zeros(1, np.int32), np.eye(4)[None],
        np.ones((1, 4), np.float32),
    )  # fmt: skip
    curved = replace(data, meshes=store)
    assert told(curved, "external_wall_m2").certainty == "stated"
    extent = Sizes(curved).extent(0)
    assert extent is not None
    assert extent.side_m2() == pytest.approx(np.pi * 5.0 * 3.0, rel=0.02)


def test_a_net_size_above_the_gross_one_and_a_volume_above_its_box_are_found() -> None:
    data = model([wall(14.0, GrossSideArea=12.0), wall(15.0, NetVolume=3.0), wall(15.0, NetVolume=2.9e6)])
    assert [(one.oid, one.name) for one in impossible(data)] == [
        (2, "BaseQuantities.NetVolume"), (0, "BaseQuantities.NetSideArea")
    ]  # fmt: skip
    (issue,) = [issue for issue in issues(data) if issue.code == "impossible_size"]
    assert issue.oids.tolist() == [0, 2]


def test_a_room_larger_than_its_own_walls_is_measured() -> None:
    room = {"ifc_class": "IfcSpace", "name": "卧室", "box": ((0, 0, 0), (4.0, 3.0, 2.8)),
            "psets": {"BaseQuantities": {"NetFloorArea": 12.0e6}}}  # fmt: skip
    fact = told(model([room]), "areas_by_use")
    assert (fact.value, fact.certainty) == (pytest.approx(12.0), "corrected")


@pytest.mark.parametrize(
    ("stated", "code", "value"),
    [({"建筑面积": 240.0e6}, "gross_floor_area_m2", 240.0), ({"占地面积": 81.0e6}, "footprint_m2", 80.0),
     ({"建筑高度": 7200.0}, "height_m", 7.2), ({"建筑面积": 20.0}, "gross_floor_area_m2", 240.0)],
)  # fmt: skip
def test_figures_of_the_building_that_cannot_be_are_worked_out_instead(
    stated: dict[str, float], code: str, value: float
) -> None:
    fact = told(house(**stated), code)
    assert fact.value == pytest.approx(value, abs=0.1)
    assert fact.certainty == "corrected"
    assert facts.as_dict(house(**stated), fact)["refused"]["value"] == next(iter(stated.values()))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_source_says_what_was_refused(lang: str) -> None:
    fact = told(model([wall(33.0)]), "external_wall_m2")
    text = whole_basis_text(fact, lang)
    assert text.endswith(refused_text(fact, lang))
    assert "33" in text
    assert "BaseQuantities.NetSideArea" in text
    assert (
        certainty_text(fact, lang)
        == {"zh": "写明值不可能，改用量算", "en": "stated but impossible, measured instead"}[lang]
    )


def test_the_first_picture_refuses_nothing_and_neither_does_what_it_alone_could_draw() -> None:
    data = model([wall(33.0)])
    data.info["stage"] = "preview"
    assert told(data, "external_wall_m2").certainty == "stated"
    data.info.update(stage="exact", approximate=[0])
    assert told(data, "external_wall_m2").certainty == "stated"
    assert impossible(data) == []
