"""CIM levels of layers, worked out and stated."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import layers
from models.bim import cim_level as cim
from models.core.errors import UserError
from models.layers.layer import CloudData, Layer, RasterData, Style, VectorData
from models.project.project import ProjectState
from models.store import schema
from tests.support.bim_models import cubes as model
from tests.support.health_city import CRS, at, layer_of


def buildings(shapes, heights):
    layer, data = layer_of("buildings", shapes, height_m=heights)
    return replace(layer, style=Style(height_field="height_m")), data


def test_the_seven_levels_are_there_in_both_languages():
    assert tuple(cim.levels()) == cim.LEVELS
    for level in cim.levels().values():
        assert level.title("zh") != level.title("en")
        assert level.describe("zh") != level.describe("en")


def test_buildings_with_a_height_are_a_white_model_and_without_one_outlines():
    layer, data = buildings([at(box(0, 0, 10, 10))], [12.0])
    assert cim.level_of(layer, data) == cim.Level("CIM2", "height")
    unknown = buildings([at(box(0, 0, 10, 10))], [np.nan])
    assert cim.level_of(*unknown) == cim.Level("CIM1", "no_height")


@pytest.mark.parametrize(
    ("classes", "sets", "expected"),
    [
        (["IfcWall", "IfcSlab"], {}, ("CIM4", "shell")),
        (["IfcWall", "IfcSpace"], {}, ("CIM5", "spaces")),
        (["IfcWall", "IfcSlab"], {0: {"Pset_WallCommon": {"IsExternal": True}}}, ("CIM6", "components")),
        (["IfcWall", "IfcReinforcingBar"], {}, ("CIM7", "parts")),
        (["Building", "BuildingPart"], {}, ("CIM2", "frame")),
    ],
)
def test_a_model_is_as_fine_as_what_it_holds(classes, sets, expected):
    assert cim.level_of(*model(classes, sets)) == cim.Level(*expected)


def test_city_models_are_told_by_their_detail_and_textures():
    assert cim.level_of(*model(["Building"], info={"lod": "2.2", "textures": True})).id == "CIM3"
    assert cim.level_of(*model(["Building"], info={"lod": "3"})).id == "CIM4"
    assert cim.level_of(*model(["Building"], info={"lod": "4.0"})).id == "CIM5"


def test_what_is_no_model_of_the_city_has_no_level_and_a_lost_source_none_either():
    table = VectorData(pd.DataFrame({"a": [1]}))
    assert cim.level_of(Layer("t", "t", "table", "cases"), table).id == ""
    cloud = CloudData(np.zeros((1, 3), np.float32), np.zeros(3))
    assert cim.level_of(Layer("c", "c", "cloud"), cloud).id == ""
    assert cim.level_of(Layer("b", "b", "vector", "buildings"), None) == cim.Level("", "no_data")
    raster = RasterData(np.zeros((2, 2), np.float32), (1, 0, 0, 0, -1, 0), CRS)
    assert cim.level_of(Layer("d", "d", "terrain", "terrain"), raster).id == "CIM1"


def test_a_stated_level_holds_is_undone_and_survives_saving():
    session = Session(Settings(None), Jobs(inline=True), lang="en")
    layer, data = buildings([at(box(0, 0, 10, 10))], [12.0])
    session.project.replace_all(ProjectState(layers=(layer,)), {layer.id: data}, None)
    layers.set_cim_level(session, layer.id, "CIM3")
    stated = session.project.state.layer(layer.id)
    assert cim.level_of(stated, data) == cim.Level("CIM3", "stated")
    documents = schema.documents_of(session.project.state, "2026-11-22T00:00:00")
    assert schema.state_of(documents).layer(layer.id).cim_level == "CIM3"
    session.history.undo()
    assert cim.level_of(session.project.state.layer(layer.id), data).reason == "height"
    with pytest.raises(UserError):
        layers.set_cim_level(session, layer.id, "CIM8")
