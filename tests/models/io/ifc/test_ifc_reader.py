"""IFC: elements, properties, instancing, place, schemas, archives."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.ifc import reader as ifc
from models.io.ifc import step_text as ifc_text
from models.io.ifc.encoding import normalised
from models.io.ifc.place.georeference import degrees, is_default
from models.io.ifc.property_sets import PsetStore
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from tests.support.io_models import make_model, write_model

PLACE = {"Eastings": 502000.0, "Northings": 4059000.0, "OrthogonalHeight": 31.5}


def read(path: Path, **request: Any) -> ModelData:
    data = ifc.read(path, ReadRequest(**request), Progress())[0].data
    assert isinstance(data, ModelData)
    return data


def codes(data: ModelData) -> list[str]:
    return [caution.code for caution in data.cautions]


def world(data: ModelData) -> np.ndarray:
    bounds = data.meshes.bounds()
    assert bounds is not None
    corners = np.array([(*row, 1.0) for row in bounds])
    return (corners @ data.placement.T)[:, :3]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelData:
    return read(write_model(tmp_path_factory.mktemp("ifc") / "楼.ifc", map_conversion=PLACE))


def test_elements_hang_in_the_spatial_tree_with_their_storey_type_and_material(model: ModelData) -> None:
    frame = model.elements
    assert frame["ifc_class"].tolist()[:5] == ["IfcProject", "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcSpace"]
    assert frame["parent"].tolist()[:5] == [-1, 0, 1, 2, 3]
    column = frame[frame["name"] == "柱-1"].iloc[0]
    assert frame.loc[column["parent"], "name"] == "首层"
    assert (column["storey"], column["type_name"], column["material"]) == ("首层", "柱 400×400", "混凝土 C30")


def test_spaces_are_in_the_tree_and_not_in_the_picture(model: ModelData) -> None:
    space = model.elements[model.elements["ifc_class"] == "IfcSpace"]
    assert len(space) == 1
    assert not space["has_geometry"].any()
    assert set(model.elements.index[model.elements["has_geometry"]]) == set(model.meshes.placement_element.tolist())


def test_equal_columns_share_one_mesh(model: ModelData) -> None:
    assert len(model.meshes.mesh_faces) - 1 == 1
    assert len(model.meshes.placement_mesh) == 3
    assert model.meshes.triangle_count == 36


def test_an_elements_own_properties_win_over_its_types(model: ModelData) -> None:
    first, second = model.elements.index[model.elements["ifc_class"] == "IfcColumn"][:2]
    assert model.psets[first]["Pset_ColumnCommon"] == {"LoadBearing": True, "FireRating": "3h", "备注": "角柱"}
    assert model.psets[second]["Pset_ColumnCommon"] == {"LoadBearing": True, "FireRating": "2h"}
    assert model.psets[0] == {}


def test_a_map_conversion_places_the_model(model: ModelData) -> None:
    assert (model.crs, model.info["georef"]) == ("EPSG:4548", "map_conversion")
    assert np.allclose(world(model), [[501999.8, 4058999.8, 31.5], [502010.2, 4059000.2, 34.5]])


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4", "IFC4X3_ADD2"])
def test_millimetres_and_rotation_are_resolved(tmp_path: Path, schema: str) -> None:
    turned = {"XAxisAbscissa": 0.0, "XAxisOrdinate": 1.0}
    metres = PLACE if schema == "IFC2X3" else {name: value * 1000 for name, value in PLACE.items()}
    data = read(write_model(tmp_path / "a.ifc", schema=schema, prefix="MILLI", map_conversion={**metres, **turned}))
    assert data.crs == "EPSG:4548"
    assert data.info["georef"] == ("epset" if schema == "IFC2X3" else "map_conversion")
    corners = world(data)
    low, high = corners.min(axis=0), corners.max(axis=0)
    assert np.allclose(low, [501999.8, 4058999.8, 31.5], atol=1e-3)
    assert np.allclose(high, [502000.2, 4059010.2, 34.5], atol=1e-3)


def test_metres_typed_into_a_millimetre_project_are_recognised(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc", prefix="MILLI", map_conversion=PLACE))
    assert "io.map_unit_doubted" in codes(data)
    assert np.allclose(data.placement[:3, 3], [502000, 4059000, 31.5])


def test_a_model_that_is_georeferenced_twice_is_placed_once(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc", map_conversion=PLACE, at_m=(502000.0, 4059000.0, 30.0)))
    assert "io.double_georeference" in codes(data)
    assert np.allclose(world(data)[0], [501999.8, 4058999.8, 30.0])


def test_large_placements_keep_their_millimetres(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc", at_m=(502000.123, 4059000.456, 30.0)), crs="EPSG:4548")
    assert (data.crs, data.info["georef"]) == ("EPSG:4548", "coordinates")
    assert np.allclose(world(data)[0], [501999.923, 4059000.256, 30.0], atol=1e-3)


def test_a_model_without_a_place_says_so(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc"))
    assert (data.crs, data.info["georef"]) == ("", "none")
    assert codes(data) == ["io.no_georeference"]
    assert np.array_equal(data.placement, np.eye(4))


def test_latitude_and_longitude_place_a_model_upright_in_its_zone(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc", latlon=((36, 39, 36, 0), (117, 1, 12, 0))))
    assert (data.crs, data.info["georef"]) == ("EPSG:4548", "site_latlon")
    from models.crs.frame import transformer

    lon, lat = transformer(data.crs, "EPSG:4326").transform(*data.placement[:2, 3])
    assert np.allclose((lon, lat), (117.02, 36.66), atol=1e-7)
    assert np.isclose(data.placement[2, 3], 12.0)
    # near its central meridian grid north and true north differ by minutes of arc
    assert np.allclose(data.placement[:3, :3], np.eye(3), atol=1e-3)


def test_an_exporters_default_place_is_not_believed(tmp_path: Path) -> None:
    data = read(write_model(tmp_path / "a.ifc", latlon=((42, 21, 30, 240000), (-71, -3, -35, -280000))))
    assert data.crs == ""
    assert codes(data) == ["io.default_latlon", "io.no_georeference"]
    assert is_default(52.5167, 13.4)
    assert not is_default(36.66, 117.02)


def test_an_unknown_crs_name_is_said_and_the_users_is_taken(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc", map_conversion=PLACE, crs="市独立坐标系")
    assert codes(read(path)) == ["io.crs_name_unknown", "io.no_georeference"]
    assert read(path, crs="EPSG:4548").crs == "EPSG:4548"


@pytest.mark.parametrize("parts", [(49, 6, 1, 566000), (49, 6, 1), (-49, -6, -1, -566000)])
def test_degrees_minutes_seconds_become_degrees(parts: tuple[int, ...]) -> None:
    value = degrees(parts)
    assert value is not None
    assert abs(abs(value) - 49.1004) < 3e-4
    assert (value < 0) == (parts[0] < 0)


def test_a_schema_label_that_is_refused_is_read_as_the_nearest(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc", schema="IFC4X3_ADD2")
    path.write_bytes(path.read_bytes().replace(b"IFC4X3_ADD2", b"IFC4X3_RC2"))
    data = read(path)
    assert "io.schema_swapped" in codes(data)
    assert (data.info["label"], data.info["schema"]) == ("IFC4X3_RC2", "IFC4X3_ADD2")
    assert data.meshes.triangle_count == 36


def test_instances_that_another_schema_does_not_know_are_named(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc", schema="IFC4X3_ADD2")
    text = path.read_bytes().replace(b"IFC4X3_ADD2", b"IFC4X3_RC2")
    path.write_bytes(text.replace(b"ENDSEC;\nEND", b"#99999=IFCALIGNMENT2DVERTICAL(());\nENDSEC;\nEND"))
    lost = [caution for caution in read(path).cautions if caution.code == "io.classes_lost"]
    assert lost[0].facts["classes"] == "IFCALIGNMENT2DVERTICAL 1"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_raw_chinese_bytes_are_read_as_chinese(tmp_path: Path, encoding: str) -> None:
    path = write_model(tmp_path / "a.ifc")
    raw = path.read_bytes()
    written = ifc_text.decode(raw.decode("latin-1")) if encoding else ""
    path.write_bytes(written.encode(encoding))
    data = read(path)
    assert "首层" in data.elements["name"].tolist()
    assert "io.encoding_guessed" in codes(data)


def test_an_ifczip_opens_and_a_bomb_does_not(tmp_path: Path) -> None:
    inside = write_model(tmp_path / "a.ifc")
    path = tmp_path / "a.ifczip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inside, "../../escape/模型.ifc")
    assert len(read(path).elements) == 8
    assert not (tmp_path.parent / "escape").exists()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.ifc", b"ISO-10303-21;" + bytes(80_000_000))
    with pytest.raises(UserError, match=r"io\.zip_bomb"):
        read(path)


def test_products_whose_geometry_fails_are_named_and_the_rest_stays(tmp_path: Path) -> None:
    model = make_model()
    broken, context = model.by_type("IfcColumn")[0], model.by_type("IfcGeometricRepresentationContext")[0]
    broken.Representation = model.create_entity("IfcProductDefinitionShape", Representations=[
        model.create_entity("IfcShapeRepresentation", ContextOfItems=context,
                            RepresentationIdentifier="Body", RepresentationType="Brep", Items=[
            model.create_entity("IfcFacetedBrep", Outer=model.create_entity("IfcClosedShell", CfsFaces=[
                model.create_entity("IfcFace", Bounds=[])]))])])  # fmt: skip
    path = tmp_path / "a.ifc"
    model.write(str(path))
    data = read(path)
    failed = [caution for caution in data.cautions if caution.code == "io.no_shape"]
    assert failed[0].facts["count"] == 1
    assert data.elements["has_geometry"].sum() == 2


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_survives_the_escapes_of_step(text: str) -> None:
    raw, used = normalised(f"'{text}'".encode(), "utf-8")
    assert raw.isascii()
    if used and "\\" not in text and "'" not in text and "\x00" not in text:
        assert ifc_text.decode(raw.decode("ascii")) == f"'{text}'"


sets = st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=9)))


@given(st.lists(sets, max_size=6))
def test_property_sets_come_out_of_the_store_as_they_went_in(elements: list[dict[str, dict[str, Any]]]) -> None:
    store = PsetStore.of(dict(enumerate(elements)), len(elements))
    assert [store[oid] for oid in store] == elements
    with pytest.raises(KeyError):
        store[len(elements)]
