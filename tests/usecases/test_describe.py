"""Finding views and describing what was clicked."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from app.session import Session
from app.usecases.query import describe, query
from app.usecases.views import viewpoints
from models.core.errors import UserError
from models.layers.layer import Layer, ModelData, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from tests.support.small_city import CAMERA, FRAME, city


def test_a_view_is_found_by_id_and_by_either_name(session: Session) -> None:
    view = viewpoints.save_viewpoint(session, "全景", CAMERA, "Overview")
    for name in (view.id, "全景", "Overview"):
        assert viewpoints.find_viewpoint(session.project.state, name) == view
    again = viewpoints.save_viewpoint(session, "全景", replace(CAMERA, angle_deg=20.0))
    assert again.id == view.id
    assert len(session.project.state.viewpoints) == 1
    with pytest.raises(UserError) as caught:
        viewpoints.find_viewpoint(session.project.state, "海边")
    assert "全景" in str(caught.value.facts["known"])


def rows(session: Session, key: ObjectKey) -> dict[str, str]:
    return {label: value for section in describe.describe(session, key) for label, value in section.rows}


def test_a_building_is_described_with_units_words_and_honest_gaps(session: Session) -> None:
    city(session)
    said = rows(session, ObjectKey("buildings", 13))
    assert said["名称"] == "丙"
    assert said["用途"] == "居住"
    assert said["建成年份"] == "2001"
    assert said["高度"] == "—", "no height is no height, not zero"
    assert said["量算面积"] == "200 m²"
    assert "示例数据" in said["数据性质"]
    session.set_lang("en")
    said = rows(session, ObjectKey("buildings", 12))
    assert said["Height"] == "54 m"
    assert said["Use"] == "office"
    assert describe.title_of(session, ObjectKey("buildings", 12)) == "B"
    assert describe.title_of(session, ObjectKey("buildings", 13)) == "丙", "the name there is"


def test_what_came_in_degrees_has_degrees_and_an_area_on_the_ellipsoid(session: Session) -> None:
    square, line = shapely.box(120.3, 36.1, 120.31, 36.11), shapely.LineString([(120.3012345, 36.1), (120.4, 36.2)])
    frame = gpd.GeoDataFrame({"lon": [120.3012345, 1.23e-5]}, geometry=[square, line], crs="EPSG:4490")
    state = ProjectState(frame=FRAME, layers=(Layer("d", "度", "vector"),))
    session.project.replace_all(state, {"d": VectorData(frame)}, None)
    geod = Geod(a=6378137.0, rf=298.257222101)
    said = rows(session, ObjectKey("d", 0))
    assert float(said["椭球面面积"].split()[0].replace(",", "")) == pytest.approx(
        geod.geometry_area_perimeter(square)[0], abs=0.01
    )
    assert said["位置（经度, 纬度）"] == "120.305°, 36.105°"
    assert said["lon"] == "120.3012345"
    said = rows(session, ObjectKey("d", 1))
    assert float(said["大地线长度"].split()[0].replace(",", "")) == pytest.approx(geod.geometry_length(line), abs=0.01)
    assert said["lon"] == "1.23e-5"
    assert "位置（E, N）" not in said
    layer = session.project.state.layer("d")
    asked = query.matched(session, layer.id, f"$area_m2 > {geod.geometry_area_perimeter(square)[0] - 1}")
    assert asked.oids.tolist() == [0], "a question gets the area that the panel shows"


def test_a_component_says_what_its_code_means(session: Session) -> None:
    city(session)
    said = rows(session, ObjectKey("components", 2))
    assert said["行政区划"] == "370102"
    assert said["流水号"] == "000002"
    assert said["部件小类"].startswith("0101 ")
    assert said["朝向"] == "90°"
    assert "部件小类" not in rows(session, ObjectKey("components", 4)), "a bad code says nothing"


def test_an_element_is_described_with_its_property_sets(session: Session) -> None:
    import pandas as pd

    elements = pd.DataFrame(
        {"guid": ["a", "b"], "ifc_class": ["IfcBuilding", "IfcWall"], "name": ["楼", "外墙"], "storey": ["", "一层"],
         "type_name": ["", "240 墙"], "parent": [-1, 0], "has_geometry": [False, True]}
    )  # fmt: skip
    psets = {1: {"Pset_WallCommon": {"IsExternal": True, "ThermalTransmittance": 0.35}, "Empty": {}}}
    model = ModelData(SimpleNamespace(), elements, psets, np.eye(4), "EPSG:4548")  # type: ignore[arg-type]
    session.project.replace_all(
        ProjectState(frame=FRAME, layers=(Layer("m", "模型", "model", "model"),)), {"m": model}, None
    )
    sections = describe.describe(session, ObjectKey("m", 1))
    assert [section.title for section in sections] == ["基本信息", "Pset_WallCommon"]
    assert dict(sections[0].rows)["所在"] == "楼"
    assert dict(sections[1].rows) == {"IsExternal": "是", "ThermalTransmittance": "0.35"}


def test_what_is_not_there_is_said(session: Session) -> None:
    city(session)
    for key in (ObjectKey("buildings", 99), ObjectKey("nothing", 1)):
        with pytest.raises(UserError):
            describe.describe(session, key)
