"""Real files of every format stand where a second reading of the same bytes puts them, and on their neighbours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.paths import DATA
from tools import place_neighbours
from tools.place_table import Row, row_of

#: File, reader, what it holds at least, share of the file's own points that must be found in the layer.
FILES = [
    ("cn/nanjing_jianye/buildings_detail56.geojson", "vector", 56, 1.0),
    ("cn/nanjing_jianye/enterprises.json", "json_rows", 4071, 1.0),
    ("cn/shanghai/estate_price.json", "json_rows", 9995, 1.0),
    ("cn/shanghai_poi/shanghai_urban.csv", "points_csv", 449, 1.0),
    ("cn/shapefiles/区县界_area.shp", "vector", 38, 1.0),
    ("networks/epanet/ky4_pipes.geojson", "vector", 1156, 1.0),
    ("osm/shanghai_downtown.osm", "vector", 1251, 1.0),
    ("raster/rasterio/shade.tif", "raster", 1, 1.0),
    ("raster/s2a_l2a_fishbourne.tif", "raster", 1, 1.0),
    ("scenes/scene_brienenoord/export.gpkg", "vector", 6, 1.0),
    ("scenes/scene_brienenoord/export.obj", "obj", 1, 1.0),
    ("scenes/scene_delft_3dfier/ahn3/ahn3_cropped_2.laz", "pointcloud", 208_432, 1.0),
    ("scenes/scene_delft_3dfier/bgt/bgt_pand.sqlite", "vector", 160, 1.0),
    ("city3d/cjio/zurich_subset_lod2.json", "cityjson", 210, 1.0),
    ("city3d/cjdb/vienna.jsonl", "cityjson", 592, 1.0),
    ("city3d/plateau_libplateau/udx/bldg/53392642_bldg_6697_op2.gml", "citygml", 8, 0.8),  # LoD 1 is not shown
    ("city3d/3dtiles/TilesetWithDiscreteLOD/tileset.json", "tiles3d", 1, 0.8),  # of its coarser levels one is shown
    ("city3d/3dtiles/MetadataGranularities/house1-1.glb", "gltf", 1, 1.0),
]
REFUSED = [
    ("networks/sewers/esquimalt/outfalls.geojson", "io.no_features"),
    ("raster/rasterio/corrupt.tif", "io.damaged"),
    ("city3d/plateau_libplateau/udx/bldg/TestCaseOfInvalidFileNameGml.gml", "io.not_what_it_says"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize(("name", "reader", "least", "share"), FILES, ids=[row[0].rsplit("/", 1)[-1] for row in FILES])
def test_a_real_file_lands_within_a_millimetre_of_its_second_reading(
    cache: Path, name: str, reader: str, least: int, share: float
) -> None:
    row: Row = row_of(DATA / name, cache)
    assert (row.refused, row.reader) == ("", reader)
    assert row.objects >= least
    assert row.off_mm < 1.0
    assert row.found >= share


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_a_file_that_cannot_stand_anywhere_is_refused_by_name(cache: Path, name: str, code: str) -> None:
    assert row_of(DATA / name, cache).refused == code


def test_delft_is_one_place_in_five_formats(cache: Path) -> None:
    found = place_neighbours.delft(DATA, cache)
    assert float(found["box of OBJ against CityJSON, mm"]) < 1.0
    assert float(found["box of CityJSON 2.0 against 1.x, mm"]) < 1.0
    assert float(found["corners of the register's buildings on the CityJSON, median mm"]) < 1.0
    assert float(found["scan inside the register's buildings that is roof, %"]) > 98.0
    assert float(found["the same with the register moved 20 m to the east, %"]) < 90.0
    assert float(found["box of the scan in the box of the model, %"]) > 95.0
    assert float(found["boxes of CityJSON and OBJ, IoU"]) > 0.9999


def test_borders_in_gcj02_come_to_lie_around_their_communities(cache: Path) -> None:
    found = place_neighbours.ningbo(DATA, cache)
    assert found["doctor on the borders"] == "gcj02 proposed", "edges that nearly meet are no proof"
    assert 300.0 < float(found["borders moved, median m"]) < 700.0
    assert float(found["communities' area inside the borders, %"]) > 99.9


def test_mains_in_feet_stand_in_a_plane_of_metres_with_their_heights(cache: Path) -> None:
    found = place_neighbours.kentucky(DATA, cache)
    assert found["frame"] == "EPSG:32616"
    assert float(found["junctions to pipes, largest mm"]) < 1.0
    assert float(found["box of junctions in the raster, %"]) == pytest.approx(100.0)
