"""Bad files: each is refused with a clear code and a cure in both languages, quickly, and nothing else happens."""

import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from app.background.ingest import ingest
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.inspect import inspect
from models.io.registry import FORMATS, find_format
from models.io.request import ReadRequest
from models.store.cache import GeometryCache
from resources.words import table
from tests.support.io_models import write_model


def refused(path: Path, cache_root: Path) -> str:
    """Open a file that cannot work and return the code of the refusal, whose words must exist."""
    with pytest.raises(UserError) as caught:
        ingest(path, ReadRequest(), GeometryCache(cache_root), Progress())
    error = caught.value
    for key in (f"error.{error.code}", f"error.{error.code}.cure"):
        for lang in ("zh", "en"):
            text = table()[key][lang].format(**error.facts)
            assert text
            assert str(path.parent) not in text or error.code == "io.missing"
    return error.code


def geopackage(path: Path) -> Path:
    shapes = [shapely.box(502000 + i, 4059000, 502001 + i, 4059001) for i in range(2000)]
    gpd.GeoDataFrame({"n": range(2000)}, geometry=shapes, crs="EPSG:4548").to_file(path)
    return path


def tiff(path: Path) -> Path:
    values = np.random.default_rng(0).normal(30, 5, (400, 400)).astype(np.float32)
    with rasterio.open(path, "w", driver="GTiff", count=1, height=400, width=400, dtype="float32", crs="EPSG:4548",
                       transform=rasterio.Affine(1, 0, 502000, 0, -1, 4059000)) as target:  # fmt: skip
        target.write(values, 1)
    return path


@pytest.mark.parametrize("name", ["a.ifc", "a.gpkg", "a.tif", "a.csv", "a.geojson", "a.shp", "a.xyz"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()
    assert refused(path, tmp_path / "c") == "io.empty"


@pytest.mark.parametrize("name", ["a.ifc", "a.gpkg", "a.tif", "a.shp", "a.ifczip", "a.geojson"])
def test_text_under_another_ending_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("这不是模型，只是一段文字。\n" * 20, encoding="utf-8")
    assert refused(path, tmp_path / "c") == "io.not_what_it_says"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "a.ifc", tmp_path / "c") == "io.missing"
    assert refused(tmp_path, tmp_path / "c") == "io.folder"


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xyzzy"
    path.write_bytes(b"XY1032" + bytes(range(256)))
    assert refused(path, tmp_path / "c") == "io.unknown_kind"
    path = tmp_path / "a.dwg"
    path.write_bytes(b"AC1032" + bytes(range(256)))
    assert refused(path, tmp_path / "c") == "vector.dwg"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_truncated_ifc_is_refused(tmp_path: Path, share: float) -> None:
    path = write_model(tmp_path / "a.ifc")
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    assert refused(path, tmp_path / "c") == "io.truncated"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.98])
def test_a_truncated_geopackage_is_refused(tmp_path: Path, share: float) -> None:
    path = geopackage(tmp_path / "a.gpkg")
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    assert refused(path, tmp_path / "c") == "io.truncated"


@pytest.mark.parametrize("share", [0.001, 0.3, 0.95])
def test_a_truncated_tiff_is_refused(tmp_path: Path, share: float) -> None:
    path = tiff(tmp_path / "a.tif")
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    assert refused(path, tmp_path / "c") == "io.damaged"


def test_a_truncated_geojson_and_cityjson_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Poi')
    assert refused(path, tmp_path / "c") in ("io.damaged", "io.no_features")
    path = tmp_path / "a.json"
    path.write_text('{"type": "CityJSON", "version": "2.0", "CityObjects": {"a": {"type": "Buil')
    assert refused(path, tmp_path / "c") == "io.damaged"


@pytest.mark.parametrize("name", ["a.ifc", "a.gpkg", "a.tif", "a.csv", "a.geojson"])
def test_two_gigabytes_of_zeros_are_refused_at_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    started = time.monotonic()
    assert refused(path, tmp_path / "c") == "io.blank"
    assert time.monotonic() - started < 10


def test_two_gigabytes_behind_a_good_beginning_are_refused_at_once(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    with path.open("r+b") as file:
        file.truncate(2 * 1024**3)
    started = time.monotonic()
    assert refused(path, tmp_path / "c") == "io.truncated"
    assert time.monotonic() - started < 10


def test_an_ifczip_without_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ifczip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert refused(path, tmp_path / "c") == "io.not_what_it_says"


def test_an_ifc_of_which_the_parser_silently_drops_most_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    # one broken statement is taken out and the rest read; where most are broken nothing is left to show
    head, data = path.read_bytes().split(b"DATA;")
    path.write_bytes(head + b"DATA;" + data.replace(b");", b";"))
    assert refused(path, tmp_path / "c") == "io.mostly_lost"


def test_one_lost_statement_of_an_ifc_is_a_caution(tmp_path: Path) -> None:
    path = write_model(tmp_path / "a.ifc")
    path.write_bytes(path.read_bytes().replace(b"ENDSEC;\nEND", b"#99999=IFCNOSUCHTHING(0.);\nENDSEC;\nEND"))
    (opened,) = ingest(path, ReadRequest(), GeometryCache(tmp_path / "c"), Progress())
    assert "io.instances_lost" in [caution.code for caution in opened.data.cautions]


def test_a_format_is_told_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg")
    renamed = path.rename(tmp_path / "a.json")
    assert find_format(renamed).id == "vector"
    assert inspect(renamed).counts == {"a": 2000}


def test_a_read_only_folder_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "readonly"
    folder.mkdir()
    path = geopackage(folder / "a.gpkg")
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        before = sorted(folder.iterdir())
        assert len(ingest(path, ReadRequest(), GeometryCache(tmp_path / "c"), Progress())) == 1
        assert sorted(folder.iterdir()) == before
    finally:
        folder.chmod(0o755)


def test_every_reader_has_its_own_name_and_ending() -> None:
    assert len({row.id for row in FORMATS}) == len(FORMATS)
    assert all(suffix.startswith(".") and suffix.islower() for row in FORMATS for suffix in row.suffixes)
