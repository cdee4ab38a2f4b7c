"""Base maps against a server of our own: places, keys, errors, offline, areas kept, and what a picture says of them."""

from __future__ import annotations

import io
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from pyproj import Transformer

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import basemaps
from app.usecases.project import opening
from models.core.addresses import Secrets
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.io.raster import basemap_tiles as tiles_io
from models.io.raster.basemap_tiles import TilePyramid, one_tile, store_at
from models.io.raster.tile_cache import TileStore
from models.io.raster.tile_fetch import fetch
from models.io.registry import find_format
from models.layers.basemaps import MERCATOR_M, Basemap, own_id
from models.store import project_file


def png(colour: tuple[int, int, int], size: int = 256) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


def colour_of(z: int, x: int, y: int) -> tuple[int, int, int]:
    return (10 * z % 256, x % 256, y % 256)


class Maps(BaseHTTPRequestHandler):
    """Answers as map servers do, well and badly."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.path)
        parts, query = urlsplit(self.path), {k.upper(): v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        kind = parts.path.split("/")[1]
        if kind == "xyz":
            z, x, y = (int(v) for v in re.findall(r"\d+", parts.path))
            self.answer(png(colour_of(z, x, y)))
        elif kind == "wmts":
            place = [int(query[name]) for name in ("TILEMATRIX", "TILECOL", "TILEROW")]
            self.answer(png(colour_of(*place))) if query.get("TK") == "good" else self.answer(b"no", 403)
        elif kind == "wms":
            server.boxes.append((query, [float(v) for v in query["BBOX"].split(",")]))
            self.answer(png((1, 2, 3)))
        elif kind == "html":
            self.answer(b"<html><body>Please <b>log in</b></body></html>", 200, "text/html")
        elif kind == "file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif kind == "moved":
            self.send_response(302)
            self.send_header("Location", parts.path.replace("/moved", "/xyz"))
            self.end_headers()
        elif kind == "slow":
            time.sleep(0.6)
            self.answer(png((0, 0, 0)))
        elif kind == "broken":
            self.answer(png((9, 9, 9))[:60])
        elif kind == "status":
            self.answer(b"", int(parts.path.split("/")[2]))

    def answer(self, data: bytes, status: int = 200, kind: str = "image/png") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), Maps)
    made.asked, made.boxes = [], []
    made.at = f"http://127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def pyramid(tmp_path: Path, basemap: Basemap, key: str = "", online: bool = True) -> TilePyramid:
    return TilePyramid(basemap, TileStore(store_at(tmp_path, basemap.id), basemap), lambda: Secrets(key), online)


def xyz(server: Any, path: str = "xyz", **more: Any) -> Basemap:
    return Basemap("test", "xyz", f"{server.at}/{path}/{{z}}/{{x}}/{{y}}.png", name="试验", high_zoom=14, **more)


@pytest.mark.parametrize("grid", ["mercator", "degrees"])
def test_a_tile_lies_where_its_numbers_say(grid: str) -> None:
    """Against the formulas of the Web Mercator grid and of the 天地图 matrix c, by pyproj."""
    basemap = Basemap("a", "xyz", "http://h/{z}/{x}/{y}", grid=grid)
    lon, lat, zoom = 116.391, 39.907, 12
    x, y = basemap.locate("EPSG:4326", np.array([lon]), np.array([lat]))
    columns, rows = basemap.tiles_in((x[0], y[0], x[0] + 1e-9, y[0] + 1e-9), zoom)
    if grid == "mercator":
        wanted = int((lon + 180) / 360 * 2**zoom), int(
            (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**zoom
        )  # fmt: skip
    else:
        wanted = int((lon + 180) / (360 / 2**zoom)), int((90 - lat) / (360 / 2**zoom))
    assert (columns[0], rows[0]) == wanted
    west, south, east, north = basemap.tile_bounds(zoom, *wanted)
    back = Transformer.from_crs(basemap.crs, "EPSG:4326", always_xy=True)
    assert back.transform(west, south) < (lon, lat) < back.transform(east, north)
    if grid == "mercator":
        assert east - west == pytest.approx(2 * MERCATOR_M / 2**zoom)


def test_tiles_come_from_the_server_once_and_from_the_store_after(tmp_path: Path, server: Any) -> None:
    one = pyramid(tmp_path, xyz(server))
    box = one.basemap.tile_bounds(10, 843, 388)
    first = one.read(box, (256, 256))
    assert first is not None
    assert (first[..., :3] == colour_of(10, 843, 388)).all()
    assert len(server.asked) == 1
    one.close()
    again = pyramid(tmp_path, xyz(server), online=False)
    second = again.read(box, (256, 256))
    assert np.array_equal(first, second)
    assert len(server.asked) == 1
    assert again.read(again.basemap.tile_bounds(10, 1, 1), (256, 256)) is None  # nothing known there
    finer = again.read(again.basemap.tile_bounds(12, 843 * 4 + 1, 388 * 4 + 2), (256, 256))
    assert finer is not None
    assert (finer[..., :3] == colour_of(10, 843, 388)).all()  # a coarser one stands in
    again.close()


def test_neighbouring_tiles_are_joined_in_their_places(tmp_path: Path, server: Any) -> None:
    one = pyramid(tmp_path, xyz(server))
    left, lower = one.basemap.tile_bounds(9, 420, 200), one.basemap.tile_bounds(9, 421, 201)
    seen = one.read((left[0], lower[1], lower[2], left[3]), (512, 512))
    assert seen is not None
    for row, column, (x, y) in ((50, 50, (420, 200)), (50, 400, (421, 200)), (400, 50, (420, 201))):
        assert seen[row, column, :3].tolist() == list(colour_of(9, x, y))
    one.close()


def test_a_store_is_an_mbtiles_that_other_programs_open(tmp_path: Path, server: Any) -> None:
    one = pyramid(tmp_path, xyz(server))
    one.read(one.basemap.tile_bounds(10, 843, 388), (256, 256))
    path = one.store.path
    one.close()
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT zoom_level, tile_column, tile_row FROM tiles").fetchall() == [
            (10, 843, 2**10 - 1 - 388)
        ]
    assert find_format(path).id == "raster"
    import rasterio

    with rasterio.open(path) as source:
        centre = source.bounds.left + 20, source.bounds.top - 20
        west, south, east, north = one.basemap.tile_bounds(10, 843, 388)
        assert west - 1 <= centre[0] <= east + 1
        assert south - 1 <= centre[1] <= north + 1


def test_a_damaged_store_costs_its_tiles_and_not_the_map(tmp_path: Path, server: Any) -> None:
    basemap = xyz(server)
    path = store_at(tmp_path, basemap.id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, but it is long enough to be taken for one" * 40)
    one = pyramid(tmp_path, basemap)
    assert one.read(basemap.tile_bounds(8, 200, 100), (256, 256)) is not None
    one.close()


def test_the_key_is_in_the_address_and_nowhere_else(tmp_path: Path, server: Any) -> None:
    url = f"{server.at}/wmts?SERVICE=WMTS&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
    basemap = Basemap("t", "wmts", url, grid="degrees", low_zoom=1, key_name="tianditu")
    with pytest.raises(UserError, match=r"basemap\.no_key"):
        basemap.address(3, 1, 1)
    one = pyramid(tmp_path, basemap, key="good")
    seen = one.read(basemap.tile_bounds(7, 100, 30), (256, 256))
    assert seen is not None
    assert seen[0, 0, :3].tolist() == list(colour_of(7, 100, 30))
    assert b"good" not in one.store.path.read_bytes()
    assert "good" not in str(basemap.as_options())
    one.close()
    with pytest.raises(UserError, match=r"basemap\.refused.*403"):
        one_tile(basemap, Secrets("bad"), (117.0, 36.6))


@pytest.mark.parametrize(("version", "grid"), [("1.1.1", "mercator"), ("1.3.0", "mercator"), ("1.3.0", "degrees")])
def test_a_wms_is_asked_for_the_tiles_box_in_the_order_of_its_version(
    tmp_path: Path, server: Any, version: str, grid: str
) -> None:
    basemap = Basemap("w", "wms", f"{server.at}/wms", layers="roads", version=version, grid=grid)
    one = pyramid(tmp_path, basemap)
    assert one.read(basemap.tile_bounds(8, 210, 50), (256, 256)) is not None
    query, box = server.boxes[0]
    west, south, east, north = basemap.tile_bounds(8, 210, 50)
    wanted = (south, west, north, east) if (version, grid) == ("1.3.0", "degrees") else (west, south, east, north)
    assert box == pytest.approx(wanted, rel=1e-9)
    assert query["CRS" if version == "1.3.0" else "SRS"] == basemap.crs
    one.close()


@pytest.mark.parametrize(
    ("path", "code"),
    [("html", "not_image"), ("file", "bad_redirect"), ("status/500", "server"), ("status/403", "refused"),
     ("status/404", "no_tile"), ("broken", "broken_image")],
)  # fmt: skip
def test_every_failure_of_a_server_has_its_name(server: Any, path: str, code: str) -> None:
    with pytest.raises(UserError, match=rf"basemap\.{code}") as caught:
        one_tile(xyz(server, path), Secrets(), (117.0, 36.6))
    if code == "not_image":
        assert caught.value.facts["said"] == "Please log in"
    if code == "bad_redirect":
        assert "root" not in str(caught.value)


def test_a_redirect_within_the_web_is_followed(server: Any) -> None:
    assert one_tile(xyz(server, "moved"), Secrets(), (117.0, 36.6)).shape == (256, 256, 4)


def test_no_answer_costs_one_wait_and_is_named(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match=r"basemap\.offline"):
        fetch(f"{server.at}/slow/1/1/1.png", timeout_s=0.1)
    basemap = Basemap("dead", "xyz", "http://127.0.0.1:9/{z}/{x}/{y}.png")
    asked: list[str] = []
    real = tiles_io.fetch_picture
    monkeypatch.setattr(tiles_io, "fetch_picture", lambda url, *rest: asked.append(url) or real(url, *rest))
    one = pyramid(tmp_path, basemap)
    for column in range(5):
        assert one.read(basemap.tile_bounds(8, 200 + column, 100), (256, 256)) is None
    assert len(asked) == 1
    assert one.trouble is not None
    assert one.trouble.code == "basemap.offline"
    one.close()


@pytest.mark.parametrize(
    ("kind", "url", "code"),
    [("xyz", "file:///etc/{z}/{x}/{y}", "bad_url"), ("xyz", "ftp://h/{z}/{x}/{y}", "bad_url"),
     ("xyz", "http://h/tile.png", "no_places"), ("wms", "http://h/wms", "no_layers"),
     ("arcgis", "http://h", "bad_kind"),
     ("xyz", "http://[::1/{z}/{x}/{y}", "bad_url")],
)  # fmt: skip
def test_an_address_that_cannot_work_is_refused_before_anything_is_asked(kind: str, url: str, code: str) -> None:
    with pytest.raises(UserError, match=rf"basemap\.{code}"):
        Basemap("a", kind, url).check()


def test_an_area_is_kept_whole_and_a_second_time_nothing_is_fetched(tmp_path: Path, server: Any) -> None:
    one = pyramid(tmp_path, xyz(server))
    west, south, _, north = one.basemap.tile_bounds(10, 843, 388)
    box = (west + 10, south + 10, west + 2.5 * one.basemap.tile_size(10), north - 10)
    count, size = one.estimate(box, 9, 11)
    assert size > count > 0
    assert one.fetch_area(box, 9, 11, Progress()) == (count, 0)
    assert one.store.count == count
    asked = len(server.asked)
    assert one.fetch_area(box, 9, 11, Progress()) == (0, 0)
    assert len(server.asked) == asked
    stopped = Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        one.fetch_area(box, 12, 12, stopped)
    with pytest.raises(UserError, match=r"basemap\.too_many"):
        one.fetch_area(one.basemap.bounds, 0, 12, Progress())
    one.close()
    with pytest.raises(UserError, match=r"basemap\.no_bulk"):
        pyramid(tmp_path, xyz(server, bulk=False)).fetch_area(box, 9, 9, Progress())


def test_a_shifted_map_is_laid_back_by_the_published_formula(server: Any) -> None:
    """GCJ-02 of a point in Jinan lies some hundred metres off, as the formula of the DOCTOR's tests says."""
    from models.crs.doctor.gcj02 import gcj02_of

    plain, shifted = xyz(server), xyz(server, datum="gcj02")
    x, y = np.array([502000.0]), np.array([4059000.0])
    px, py = plain.locate("EPSG:4548", x, y)
    sx, sy = shifted.locate("EPSG:4548", x, y)
    back = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    lonlat = np.array([back.transform(px[0], py[0])])
    assert np.allclose(back.transform(sx[0], sy[0]), gcj02_of(lonlat)[0], atol=1e-9)
    assert 300 < float(np.hypot(sx - px, sy - py)[0]) < 1200


def test_options_tell_the_whole_base_map(server: Any) -> None:
    for basemap in (*basemaps.offered(), xyz(server, datum="gcj02", bulk=False, overlay=True)):
        assert Basemap.of(basemap.as_options()) == basemap
        basemap.check()
    assert own_id("xyz", "a") != own_id("xyz", "b")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(tmp_path / "settings.toml"), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    yield made
    basemaps.close(made)
    made.close()


def test_a_base_map_is_undone_saved_without_its_key_and_comes_back(
    tmp_path: Path, server: Any, session: Session
) -> None:
    with pytest.raises(UserError, match=r"basemap\.no_project"):
        basemaps.add(session, xyz(server))
    dem = _dem(tmp_path)
    opening.open_files(session, [dem])
    tianditu = next(one for one in basemaps.offered() if one.id == "tianditu_img_w")
    with pytest.raises(UserError, match=r"basemap\.no_key"):
        basemaps.add(session, tianditu)
    basemaps.set_key(session, tianditu, " secret-key ")
    layer = basemaps.add(session, tianditu)
    assert session.project.state.layers[0].id == layer.id  # under everything
    assert "审图号" in layer.data_source
    opening.save_project(session, tmp_path / "a.gpkg")
    assert b"secret-key" not in (tmp_path / "a.gpkg").read_bytes()
    assert not (tmp_path / "settings.toml").exists() or "secret-key" not in (tmp_path / "settings.toml").read_text()
    assert session.keys.of("https://t0.tianditu.gov.cn/") == Secrets()  # bound to the addresses it was entered for
    assert session.keys.of(tianditu.url).key == "secret-key"
    session.history.undo()
    assert not any(basemaps.is_basemap(one) for one in session.project.state.layers)
    state, _ = project_file.open_project(tmp_path / "a.gpkg", Progress())
    assert any(basemaps.is_basemap(one) for one in state.layers)
    opening.open_project(session, tmp_path / "a.gpkg")
    kept = next(one for one in session.project.state.layers if basemaps.is_basemap(one))
    assert session.project.data[kept.id].pyramid.basemap == tianditu


def test_the_footer_of_a_picture_names_the_map_and_its_review_number(
    tmp_path: Path, server: Any, session: Session
) -> None:
    from models.views.camera import Camera
    from models.views.snapshot_spec import SnapshotSpec
    from viewers.sheets.content import sheet_of

    opening.open_files(session, [_dem(tmp_path)])
    basemaps.add(session, xyz(server, attribution="某地图", review="审图号：GS(2024)1号"))
    camera = Camera((502000, 4059000, 900), (502000, 4059000, 0), (0, 1, 0))
    spec = SnapshotSpec(project="", width_px=800, height_px=600, camera=camera, lang="zh")
    footer = " ".join(sheet_of(spec, session.project.state, None).footer)
    assert "某地图 审图号：GS(2024)1号" in footer


def _dem(tmp_path: Path) -> Path:
    import rasterio
    from affine import Affine

    path = tmp_path / "dem.tif"
    values = np.add.outer(np.arange(100), np.arange(100)).astype(np.float32) / 10 + 40
    with rasterio.open(path, "w", driver="GTiff", width=100, height=100, count=1, dtype="float32", crs="EPSG:4548",
                       transform=Affine(10, 0, 501500, 0, -10, 4059500)) as target:  # fmt: skip
        target.write(values, 1)
    return path


@pytest.mark.render
def test_a_base_map_covers_the_ground_of_a_picture(tmp_path: Path, server: Any, session: Session) -> None:
    from app.usecases.views import snapshots as pictures
    from viewers.render.scene.offscreen import render_picture

    opening.open_files(session, [_dem(tmp_path)])
    camera = pictures.top_camera(session, (240, 240))
    bare = render_picture(session.project.state, session.project.data, camera, (240, 240), quality="still")
    basemap = Basemap("red", "wms", f"{server.at}/wms", layers="x", high_zoom=16)
    basemaps.add(session, basemap)
    covered = render_picture(session.project.state, session.project.data, camera, (240, 240), quality="still")
    assert server.boxes
    assert np.abs(covered.astype(int) - bare).max(axis=2).mean() > 60  # the server's near-black lies everywhere
    assert covered[40:200, 40:200].mean() < 60
