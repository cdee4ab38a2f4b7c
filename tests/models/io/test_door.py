"""A stranger's file reads nothing but itself and what belongs to it, and goes nowhere."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import rasterio

from app.background.workers import run_child
from models.core import gdal_door
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from tests.support.paths import ROOT

CRS = "EPSG:4548"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Return a socket that hears on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return True
    return False


def open_file(path: Path) -> list[Opened]:
    return find_format(path).read(path, ReadRequest(crs=CRS), Progress())


def raster(path: Path) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", width=64, height=64, count=1, dtype="float32", crs=CRS,
        transform=rasterio.Affine(2, 0, 501000, 0, -2, 4060000),
    ) as target:  # fmt: skip
        target.write(np.full((1, 64, 64), 31.5, dtype=np.float32))
    return path


def virtual(path: Path, source: str) -> Path:
    path.write_text(
        f'<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>{CRS}</SRS><GeoTransform>501000,2,0,4060000,0,-2'
        '</GeoTransform><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="1">'
        f"{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    return path


def test_gdal_has_the_drivers_that_we_name_and_no_others() -> None:
    code = "import models.io, json, pyogrio; print(json.dumps(sorted(pyogrio.list_drivers())))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == sorted(gdal_door.VECTOR_DRIVERS)
    assert done.stderr == ""  # GDAL complains of a driver to leave out that it does not know


@pytest.mark.parametrize("kind", ["link", "url"])
def test_a_link_to_a_crs_is_not_followed_and_the_features_open(
    kind: str, tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    where = f"http://127.0.0.1:{listener.getsockname()[1]}/crs.wkt"
    feature = {"type": "Feature", "properties": {"a": 1}, "geometry": {"type": "Point", "coordinates": [120, 30]}}
    crs = {"type": kind, "properties": {"href": where, "url": where, "type": "ogcwkt"}}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    info = run_child("models.io.inspect:info_json", {"path": str(path)}, Progress())
    assert info["sublayers"][0]["count"] == 1
    assert nobody_came(listener)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xml", '<OGRVRTDataSource><!-- http://www.opengis.net/gml --><OGRVRTLayer name="s"><SrcDataSource>secret.csv'
         '</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'),
        ("a.gml", '<?xml version="1.0"?><!-- opengis.net/gml --><OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>'
         "/vsicurl/http://127.0.0.1:PORT/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"),
        ("b.xml", "<OGRWFSDataSource><!-- http://www.opengis.net/gml --><URL>http://127.0.0.1:PORT/wfs</URL>"
         "</OGRWFSDataSource>"),
        ("c.xml", "<GDAL_WMS><!-- opengis.net/gml --><Service name='TMS'><ServerUrl>http://127.0.0.1:PORT/</ServerUrl>"
         "</Service></GDAL_WMS>"),
        ("d.json", '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read /vsicurl/http://127.0.0.1:'
         'PORT/a.geojson", "x": [{"a": 1}]}'),
    ],
)  # fmt: skip
def test_a_text_that_only_names_others_is_refused(
    name: str, text: str, tmp_path: Path, listener: socket.socket
) -> None:
    (tmp_path / "secret.csv").write_text("x,y,word\n1,2,secret\n")
    path = tmp_path / name
    path.write_text(text.replace("PORT", str(listener.getsockname()[1])))
    for look in (open_file, inspect):
        if name.endswith(".json"):  # a table of plain JSON, which it is
            look(path)
            continue
        with pytest.raises(UserError, match=r"vector\.names_others"):
            look(path)
    assert nobody_came(listener)


def test_a_schema_on_a_server_is_not_fetched(tmp_path: Path, listener: socket.socket) -> None:
    from tests.support.layer_files import write

    path = write(tmp_path, ".gml")
    (tmp_path / "buildings.xsd").unlink()
    where = f"http://127.0.0.1:{listener.getsockname()[1]}/a.xsd"
    path.write_text(path.read_text(encoding="utf-8").replace("buildings.xsd", where), encoding="utf-8")
    assert len(open_file(path)[0].data.attributes) == 5
    assert nobody_came(listener)


def test_overviews_that_statistics_name_are_ignored_and_the_raster_opens(
    tmp_path: Path, listener: socket.socket
) -> None:
    path = raster(tmp_path / "a.tif")
    raster(tmp_path / "other.tif")
    for where in (f"/vsicurl/http://127.0.0.1:{listener.getsockname()[1]}/a.tif", str(tmp_path / "other.tif")):
        path.with_name("a.tif.aux.xml").write_text(
            f'<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">{where}</MDI></Metadata></PAMDataset>'
        )
        (opened,) = open_file(path)
        assert opened.data.info["overviews"] == []
        assert np.nanmedian(opened.data.values) == 31.5
        assert inspect(path).facts["overviews"] == []
    assert nobody_came(listener)


def test_a_virtual_raster_reads_rasters_of_its_own_folder(tmp_path: Path) -> None:
    raster(tmp_path / "a.tif")
    virtual(tmp_path / "inner.vrt", "a.tif")
    assert np.nanmedian(open_file(virtual(tmp_path / "outer.vrt", "inner.vrt"))[0].data.values) == 31.5


@pytest.mark.parametrize("source", ["../a.tif", "ABSOLUTE", "words.txt", "loop.vrt", "link.tif"])
def test_a_virtual_raster_that_reaches_elsewhere_is_refused(source: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    raster(tmp_path / "a.tif")
    (home / "words.txt").write_text("secret words")
    (home / "link.tif").symlink_to(tmp_path / "a.tif")
    path = virtual(home / "loop.vrt", source.replace("ABSOLUTE", str(tmp_path / "a.tif")))
    for look in (open_file, inspect):
        with pytest.raises(UserError, match=r"raster\.elsewhere"):
            look(path)


def test_overviews_beside_a_raster_that_are_a_list_of_other_files_are_refused(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif")
    virtual(tmp_path / "a.tif.ovr", "/etc/passwd")
    with pytest.raises(UserError, match=r"raster\.elsewhere"):
        open_file(path)
