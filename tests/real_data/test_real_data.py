"""Files that nobody here wrote: each opens, with the counts and places known from elsewhere."""

import json
import time

import numpy as np
import pytest

from app.background.ingest import ingest
from app.background.workers import Workers
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import transformer
from models.io.inspect import inspect
from models.io.request import Opened, ReadRequest
from models.layers.layer import ModelData, RasterData, VectorData
from models.store.cache import GeometryCache
from tests.support.paths import DATA

# file, products with geometry (OpenCascade gives as many, openings and spaces apart), triangles at least, CRS,
# longitude and latitude of the middle where it has a place
IFC = [
    ("duplex.ifc", 215, 20_000, "", None),
    ("AC20-FZK-Haus.ifc", 83, 20_000, "EPSG:32632", (8.4366, 49.1004)),
    ("Van Brienenoordbrug-IFC4X3.ifc", 7, 20_000, "EPSG:28992", (4.5405, 51.9034)),
    ("Building-Architecture.ifc", 11, 1_000, "EPSG:32760", (179.0802, -8.4626)),
    ("revit2013_unicode.ifc", 22, 1_500, "", None),
    ("geographic-referencing-gk.ifc", 1, 12, "EPSG:31467", (8.4337, 49.0956)),
]
SEWERS = {
    "kamloops": {"buildings": 1463, "catchbasins": 583, "mains": 1064, "manholes": 303, "outlets": 21,
                 "sanitary_mains": 623, "sanitary_manholes": 435},
    "moncton": {"buildings": 1345, "combined_mains": 448, "inlets": 1025, "manholes": 810, "parcels": 1507,
                "sanitary_mains": 175, "storm_mains": 330},
}  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> GeometryCache:
    return GeometryCache(tmp_path_factory.mktemp("cache"))


def opened(cache: GeometryCache, name: str, **request: str) -> list[Opened]:
    return ingest(DATA / name, ReadRequest(**request), cache, Progress())  # type: ignore[arg-type]


def model_of(cache: GeometryCache, name: str) -> ModelData:
    data = opened(cache, name)[0].data
    assert isinstance(data, ModelData)
    return data


@pytest.mark.parametrize(("name", "shown", "triangles", "crs", "lonlat"), IFC, ids=[row[0] for row in IFC])
def test_an_ifc_opens_complete_and_where_it_stands(
    cache: GeometryCache, name: str, shown: int, triangles: int, crs: str, lonlat: tuple[float, float] | None
) -> None:
    data = model_of(cache, f"ifc/{name}")
    is_matter = ~data.elements["ifc_class"].isin(("IfcSpace", "IfcSpatialZone", "IfcAnnotation", "IfcGrid"))
    assert (data.elements["has_geometry"] & is_matter).sum() == shown
    assert data.meshes.triangle_count >= triangles
    assert data.crs == crs
    if lonlat is None:
        assert "io.no_georeference" in [caution.code for caution in data.cautions]
        return
    bounds = data.meshes.bounds()
    assert bounds is not None
    middle = data.placement @ np.append(bounds.mean(axis=0), 1.0)
    assert np.allclose(transformer(crs, "EPSG:4326").transform(*middle[:2]), lonlat, atol=0.003)


def test_names_that_are_not_latin_arrive_as_they_were_written(cache: GeometryCache) -> None:
    names = " ".join(model_of(cache, "ifc/revit2013_unicode.ifc").elements["type_name"])
    assert any("\u3040" <= letter <= "\u9fff" for letter in names)


@pytest.mark.slow
def test_a_large_building_opens_and_reopens_without_a_kernel(
    cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = model_of(cache, "ifc/revit2012_janesville_restaurant.ifc")
    assert data.meshes.triangle_count > 1_500_000
    assert len(data.meshes.placement_mesh) > 2 * (len(data.meshes.mesh_faces) - 1)  # instanced
    door = data.elements.index[data.elements["ifc_class"] == "IfcDoor"][0]
    assert data.psets[door]

    def no_child(*_: object, **__: object) -> None:
        raise AssertionError("a child was started")

    monkeypatch.setattr(Workers, "take", no_child)
    again = model_of(cache, "ifc/revit2012_janesville_restaurant.ifc")
    assert again.meshes.triangle_count == data.meshes.triangle_count


def test_a_georeference_in_property_sets_is_found(cache: GeometryCache) -> None:
    data = model_of(cache, "ifc/Duplex_A_20110907_georeferenced.ifc")
    assert (data.crs, data.info["georef"]) == ("EPSG:9897", "epset")
    assert np.allclose(data.placement[:2, 3], (76670.0, 77179.0))


def test_a_release_candidate_opens_with_its_terrain(cache: GeometryCache) -> None:
    model = model_of(cache, "ifc/Georeferencing-Tin-12d-1.ifc")
    codes = {caution.code: caution for caution in model.cautions}
    assert codes["io.schema_swapped"].facts["said"] == "IFC4X3_RC3"
    assert "IFCSOLIDSTRATUM" in str(codes["io.classes_mended"].facts["classes"])
    assert "io.classes_lost" not in codes
    assert model.meshes.triangle_count > 100


def test_files_that_stop_a_parser_midway_are_mended_statement_by_statement(cache: GeometryCache) -> None:
    for name in ("foum.ifc", "errorfile.ifc", "invalid.ifc"):
        assert model_of(cache, f"ifc/{name}").meshes.triangle_count > 50, name


def test_the_bridge_stands_in_one_place_in_every_format(cache: GeometryCache) -> None:
    model = model_of(cache, "ifc/Van Brienenoordbrug-IFC4X3.ifc")
    bounds = model.meshes.bounds()
    assert bounds is not None
    ifc = (model.placement @ np.append(bounds.mean(axis=0), 1.0))[:2]
    layers = opened(cache, "scenes/scene_brienenoord/export.gpkg")
    assert len(layers) == 6
    boxes = np.array([layer.data.frame.total_bounds for layer in layers])  # type: ignore[union-attr]
    assert all(layer.data.frame.has_z.all() for layer in layers)  # type: ignore[union-attr]
    city = model_of(cache, "scenes/scene_brienenoord/export.json")
    other = city.meshes.bounds()
    assert other is not None
    low, high = (other + city.placement[:3, 3])[:, :2]
    assert np.allclose(low, boxes[:, :2].min(axis=0), atol=0.1)
    assert np.allclose(high, boxes[:, 2:].max(axis=0), atol=0.1)
    assert np.all(ifc > low)
    assert np.all(ifc < high)


def test_delft_opens_from_cityjson_where_it_lies(cache: GeometryCache) -> None:
    data = model_of(cache, "scenes/scene_delft_3dfier/output/testarea.json")
    assert (len(data.elements), data.crs) == (570, "EPSG:7415")
    assert data.elements["ifc_class"].value_counts()["Building"] == 160
    bounds = data.meshes.bounds()
    assert bounds is not None
    low, high = (bounds + data.placement[:3, 3])[:, :2]
    assert np.all(low > (84600, 447400))
    assert np.all(high < (85150, 447760))


def test_chinese_districts_open_with_roles_heights_and_names(cache: GeometryCache) -> None:
    (buildings,) = opened(cache, "cn/nanjing_jianye/buildings_fwst.geojson")
    assert isinstance(buildings.data, VectorData)
    assert (len(buildings.data.frame), buildings.layer.role) == (5284, "buildings")
    heights = buildings.data.frame[buildings.layer.style.height_field]
    assert heights.dtype.kind == "f"
    assert 5 < heights.median() < 60
    (communities,) = opened(cache, "cn/ningbo/communities_shequ.geojson")
    assert isinstance(communities.data, VectorData)
    assert (len(communities.data.frame), communities.layer.role) == (401, "communities")


@pytest.mark.parametrize("town", sorted(SEWERS))
def test_sewers_open_as_pipes_and_nodes(cache: GeometryCache, town: str) -> None:
    for name, count in SEWERS[town].items():
        path = DATA / f"networks/sewers/{town}/{name}.geojson"
        info = inspect(path)
        assert (info.counts[name], info.crs) == (count, "EPSG:4326")
    wanted = ("mains", "manholes") if town == "kamloops" else ("storm_mains", "inlets")
    for name, role in zip(wanted, ("pipes", "pipe_nodes"), strict=True):
        (layer,) = opened(cache, f"networks/sewers/{town}/{name}.geojson")
        assert isinstance(layer.data, VectorData)
        assert (len(layer.data.frame), layer.layer.role) == (SEWERS[town][name], role)


def test_a_dem_is_terrain_and_streets_are_roads(cache: GeometryCache) -> None:
    (dem,) = opened(cache, "raster/pargo_dem_90m_utm51.tif")
    assert isinstance(dem.data, RasterData)
    assert (dem.layer.role, dem.data.crs, dem.data.values.shape) == ("terrain", "EPSG:32651", (124, 104))
    assert 0 < np.nanmin(dem.data.values) < np.nanmax(dem.data.values) < 2000
    layers = {one.layer.name: one for one in opened(cache, "osm/shanghai_downtown.osm")}
    assert layers["roads"].layer.role == "roads"
    assert len(layers["points"].data.frame) == 455  # type: ignore[union-attr]


def test_a_shapefile_without_crs_asks_for_one(cache: GeometryCache) -> None:
    with pytest.raises(UserError, match=r"io\.no_crs"):
        opened(cache, "cn/shapefiles/sz.shp")
    assert len(opened(cache, "cn/shapefiles/sz.shp", crs="EPSG:4326")) == 1


def test_info_answers_for_every_first_file_without_geometry() -> None:
    started = time.monotonic()
    for name in ("ifc/duplex.ifc", "ifc/revit2012_janesville_restaurant.ifc", "scenes/scene_brienenoord/export.gpkg",
                 "osm/shanghai_downtown.osm", "raster/pargo_dem_90m_utm51.tif", "cn/shanghai_poi/中学.csv",
                 "scenes/scene_delft_3dfier/output/testarea.json"):  # fmt: skip
        said = json.loads(json.dumps(inspect(DATA / name).as_dict(), ensure_ascii=False))
        assert said["counts"] or said["sublayers"]
    assert inspect(DATA / "ifc/duplex.ifc").counts["IfcFurnishingElement"] == 61
    assert time.monotonic() - started < 120
