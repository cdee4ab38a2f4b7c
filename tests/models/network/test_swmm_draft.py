"""A SWMM model drafted from a register: what is recorded stays, what is not is filled and counted, and it runs."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.core.errors import UserError
from models.layers.layer import RasterData
from models.network.hydraulics.checks import check_model
from models.network.hydraulics.document import document_of
from models.network.hydraulics.draft.catchments import Surfaces
from models.network.hydraulics.draft.draft import Draft, draft_model
from models.network.hydraulics.draft.rain import RainFormula, chicago, formula_of, formulas
from models.network.hydraulics.draft.rules import Storm
from models.network.hydraulics.tables import tables_of
from models.terrain.ground import Ground

CRS = "EPSG:4548"
EAST, NORTH = 500_000.0, 4_000_000.0
FORMULA = RainFormula("entered", 11.5, 0.75, 9.0, 0.68, "t")


def register(**changes: dict[str, Any]) -> tuple[Any, Any]:
    """Return three drains in a row to an outfall, 100 m each."""
    x = EAST + 100.0 * np.arange(4)
    nodes = gpd.GeoDataFrame(
        {"code": ["A", "B", "C", "O"], "kind": "YS", "node_type": ["manhole"] * 3 + ["outfall"],
         "ground_m": [12.0, 11.5, 11.0, 10.5], "invert_m": [10.0, 9.5, 9.0, 8.5]},
        geometry=shapely.points(x, np.full(4, NORTH)), crs=CRS,
    )  # fmt: skip
    lines = [shapely.LineString([(x[at], NORTH), (x[at + 1], NORTH)]) for at in range(3)]
    pipes = gpd.GeoDataFrame(
        {"code": ["P1", "P2", "P3"], "kind": "YS", "material": "混凝土", "diameter_mm": [400.0, 500.0, 600.0],
         "start_node": ["A", "B", "C"], "end_node": ["B", "C", "O"], "start_invert_m": [10.0, 9.5, 9.0],
         "end_invert_m": [9.6, 9.1, 8.5]},
        geometry=lines, crs=CRS,
    )  # fmt: skip
    for name, values in changes.items():
        frame = pipes if name in pipes.columns and name != "code" else nodes
        for row, value in values.items():
            frame.loc[row, name] = value
    return pipes, nodes


def drafted(pipes: Any, nodes: Any, ground: Ground | None = None, **more: Any) -> tuple[Draft, Any, dict[str, int]]:
    draft = draft_model(pipes, nodes, ground, Storm(FORMULA), **more)
    tables = tables_of(document_of(draft.text.encode()))
    return draft, tables, {one.code: one.count for one in draft.assumptions}


def test_what_the_register_says_stands_in_the_model() -> None:
    draft, tables, assumed = drafted(*register())
    links, nodes = tables.links.set_index("code"), tables.nodes.set_index("code")
    assert draft.counts == {"junctions": 3, "outfalls": 1, "conduits": 3, "subcatchments": 3}
    assert links.loc["P1", ["start_node", "end_node"]].tolist() == ["A", "B"]
    assert links.loc["P1", ["diameter_mm", "length_m", "end_invert_m"]].tolist() == [400.0, 100.0, 9.6]
    assert nodes.loc["A", ["invert_m", "ground_m", "node_type"]].tolist() == [10.0, 12.0, "manhole"]
    assert nodes.loc["O", "node_type"] == "outfall"
    assert not {"diameter", "invert_of_ground", "outfall_lowest", "no_end_levels"} & set(assumed)
    assert check_model(document_of(draft.text.encode())) == []


def test_what_is_missing_is_filled_and_counted() -> None:
    pipes, nodes = register(diameter_mm={1: np.nan}, start_invert_m={1: np.nan}, end_invert_m={0: np.nan},
                            invert_m={1: np.nan}, ground_m={0: np.nan})  # fmt: skip
    _, tables, assumed = drafted(pipes, nodes)
    assert (assumed["diameter"], assumed["invert_of_neighbours"], assumed["ground_of_depth"]) == (1, 1, 1)
    assert assumed["no_end_levels"] == 2
    assert tables.links.set_index("code").loc["P2", "diameter_mm"] == 300
    invert = tables.nodes.set_index("code")["invert_m"]
    assert invert["C"] < invert["B"] < invert["A"]


def test_a_network_without_an_outfall_gets_its_lowest_node() -> None:
    pipes, nodes = register(node_type={3: "manhole"})
    draft, tables, assumed = drafted(pipes, nodes)
    assert assumed["outfall_lowest"] == 1
    assert tables.nodes.set_index("code").loc["O", "node_type"] == "outfall"
    assert draft.counts["outfalls"] == 1


def test_an_outfall_in_the_middle_gets_a_stub_of_its_own() -> None:
    pipes, nodes = register(node_type={1: "outfall"})
    draft, _, assumed = drafted(pipes, nodes)
    assert assumed["outfall_stub"] == 1
    assert check_model(document_of(draft.text.encode())) == []


def test_slope_and_imperviousness_come_from_terrain_and_surfaces() -> None:
    x = np.arange(60) * 10.0
    terrain = RasterData(np.tile((20 - x * 0.02).astype(np.float32), (60, 1)),
                         (10.0, 0.0, EAST - 150, 0.0, -10.0, NORTH + 300), CRS)  # fmt: skip
    house = np.array([shapely.box(EAST - 20, NORTH - 20, EAST + 20, NORTH + 20)], dtype=object)
    _, tables, assumed = drafted(*register(), Ground(terrain, CRS), surfaces=Surfaces(house))
    areas = tables.subcatchments
    assert assumed["slope_of_terrain"] == 3
    assert areas["slope_percent"].tolist() == pytest.approx([2.0] * 3, abs=0.01)
    first = areas[areas["outlet"] == "A"].iloc[0]
    size = first["area_ha"] * 10_000
    assert first["imperv_percent"] == pytest.approx(100 * (1600 + (size - 1600) * 0.4) / size, abs=0.1)
    cells = shapely.union_all(areas.geometry.to_numpy())
    assert cells.area == pytest.approx(areas.geometry.area.sum(), rel=1e-6)  # they do not overlap


def test_a_storm_has_the_depth_of_its_formula_whatever_the_step() -> None:
    for step in (1.0, 5.0, 10.0):
        rain = chicago(FORMULA, 3.0, 120.0, 0.4, step)
        assert rain.sum() * step / 60 == pytest.approx(FORMULA.intensity_mm_min(120.0, 3.0) * 120.0)
        assert abs(int(rain.argmax()) * step - 48.0) <= step


def test_no_formula_is_a_default_and_doubtful_ones_say_so() -> None:
    with pytest.raises(UserError, match=r"network\.no_rain"):
        formula_of("")
    for bad in ("1,2,3", "a,b,c,d", "nan,1,1,1", "-5,1,1,1"):
        with pytest.raises(UserError, match=r"network\.(no|bad)_rain"):
            formula_of(bad)
    assert formulas()["jinan"].certainty == "D"
    assert "qingdao" not in formulas()


def test_a_register_without_drains_is_refused() -> None:
    pipes, nodes = register()
    with pytest.raises(UserError, match=r"network\.no_drains"):
        draft_model(pipes.assign(kind="JS"), nodes, None, Storm(FORMULA))
