"""Rasters of any size and kind: roles, stretches, no data, place, pieces, overviews, several terrains."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import Transformer

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.io.raster import overviews
from models.io.raster import reader as raster
from models.io.raster import windows as raster_windows
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from models.layers.layer import Layer, RasterData, Source
from models.terrain.ground import Ground, ground_under
from models.terrain.raster_display import OPTION, Display, height_unit, legend_steps, limits, statistics
from tests.support.paths import DATA

CRS = "EPSG:4548"
AT = Affine(2.0, 0.0, 501000.0, 0.0, -2.0, 4060000.0)


def write(path: Path, values: np.ndarray, **more: Any) -> Path:
    bands = values if values.ndim == 3 else values[None]
    profile = {"driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
               "dtype": bands.dtype, "crs": CRS, "transform": AT, **more}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
    return path


def opened(path: Path, **options: str) -> Opened:
    assert find_format(path).id == "raster"
    return raster.read(path, ReadRequest(options=options), Progress())[0]


def shown(path: Path, display: Display, role: str = "image") -> np.ndarray:
    return opened(path, role=role, **{OPTION: display.as_text()}).data.values


# --- what it is ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "unit", "role"),
    [
        ("dem.tif", np.linspace(10, 90, 100, dtype=np.float32), "", "terrain"),
        ("grid.tif", np.arange(100, dtype=np.int16), "", "terrain"),
        ("x.tif", np.linspace(-0.4, 0.9, 100, dtype=np.float32), "", "surface"),
        ("city_ndvi.tif", np.linspace(10, 90, 100, dtype=np.float32), "", "surface"),
        ("噪声.tif", np.linspace(40, 80, 100, dtype=np.float32), "dB", "surface"),
        ("x.tif", np.linspace(0, 90000, 100, dtype=np.float32), "", "surface"),
        ("x.tif", np.linspace(30, 70, 100, dtype=np.float32), "ft", "terrain"),
        ("x.tif", np.arange(100, dtype=np.uint8), "", "image"),
    ],
)
def test_the_role_is_guessed_from_format_name_unit_and_values(
    tmp_path: Path, name: str, values: np.ndarray, unit: str, role: str
) -> None:
    path = write(tmp_path / name, values.reshape(10, 10))
    if unit:
        with rasterio.open(path, "r+") as target:
            target.units = (unit,)
    assert opened(path).layer.kind == role


@pytest.mark.parametrize(
    ("driver", "suffix", "dtype"),
    [("HFA", ".img", "float32"), ("AAIGrid", ".asc", "float32"), ("PNG", ".png", "uint8"), ("JPEG", ".jpg", "uint8"),
     ("BMP", ".bmp", "uint8"), ("JP2OpenJPEG", ".jp2", "uint8"), ("COG", ".tif", "uint8"), ("VRT", ".vrt", "uint8"),
     ("GPKG", ".gpkg", "uint8"), ("netCDF", ".nc", "float32")],
)  # fmt: skip
def test_every_format_is_known_by_its_content_and_stands_in_its_place(
    tmp_path: Path, driver: str, suffix: str, dtype: str
) -> None:
    values = np.full((1, 64, 64), 77, dtype=dtype)
    source = write(tmp_path / "source.tif", values)
    path = tmp_path / f"made{suffix}"
    if driver == "VRT":
        path.write_text(
            f'<VRTDataset rasterXSize="64" rasterYSize="64"><SRS>{CRS}</SRS><GeoTransform>501000,2,0,4060000,0,-2'
            '</GeoTransform><VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename relativeToVRT="1">'
            "source.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
        )
    else:
        import rasterio.shutil

        more = {"WORLDFILE": "YES"} if driver in ("PNG", "JPEG", "BMP") else {}
        rasterio.shutil.copy(source, path, driver=driver, **more)
    assert find_format(path).id == "raster"
    one = raster.read(path, ReadRequest(crs=CRS), Progress())[0]
    a, _, c, _, e, f = one.data.transform
    rows, columns = one.data.values.shape[:2]
    assert (c, f) == pytest.approx((501000.0, 4060000.0), abs=1e-3)
    assert (c + a * columns, f + e * rows) == pytest.approx((501128.0, 4059872.0), abs=1e-3)
    assert abs(float(np.median(one.data.values[..., 0] if one.data.values.ndim == 3 else one.data.values)) - 77) <= 2


def test_a_virtual_raster_that_points_to_a_server_is_refused_before_anything_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "far.vrt"
    path.write_text("<VRTDataset><SourceFilename>/vsicurl/http://127.0.0.1:9/a.tif</SourceFilename></VRTDataset>")
    with pytest.raises(UserError, match=r"raster\.remote"):
        raster.read(path, ReadRequest(), Progress())


@pytest.mark.parametrize("keep", [0.3, 0.7])
def test_a_cut_raster_is_refused_by_name(tmp_path: Path, keep: float) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (3, 300, 300)).astype(np.uint8)
    whole = write(tmp_path / "a.tif", noise).read_bytes()
    broken = tmp_path / "broken.tif"
    broken.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(UserError, match=r"io\.damaged"):
        opened(broken)


# --- colours ---------------------------------------------------------------------------------------------------------


def test_each_stretch_gives_the_greys_that_its_definition_gives(tmp_path: Path) -> None:
    values = np.random.default_rng(2).normal(2000, 300, (60, 60)).astype(np.float32)
    path = write(tmp_path / "a.tif", values)
    ends = {
        "minmax": (values.min(), values.max()),
        "percentile": tuple(np.percentile(values, (2, 98))),
        "stddev": (values.mean() - 2 * values.std(), values.mean() + 2 * values.std()),
        "range": (1500.0, 2100.0),
    }
    for stretch, (low, high) in ends.items():
        wanted = np.clip((values.astype(np.float64) - low) / (high - low) * 255, 0, 255)
        grey = shown(path, Display(stretch=stretch, low=1500.0, high=2100.0))[..., 0].astype(float)
        assert np.abs(grey - wanted).max() <= 1.0, stretch


def test_bands_are_shown_as_they_were_chosen(tmp_path: Path) -> None:
    values = np.stack([np.full((8, 8), v, np.uint8) for v in (10, 60, 110, 160)])
    path = write(tmp_path / "a.tif", values, photometric="minisblack")
    assert shown(path, Display(bands=(4, 2, 1)))[0, 0, :3].tolist() == [160, 60, 10]
    assert shown(path, Display(bands=(3,)))[0, 0, :3].tolist() == [110, 110, 110]


def test_scale_and_offset_give_physical_values_to_a_millionth(tmp_path: Path) -> None:
    path = write(tmp_path / "t_lst.tif", np.arange(100, dtype=np.int16).reshape(10, 10), nodata=7)
    with rasterio.open(path, "r+") as target:
        target.scales, target.offsets, target.units = (0.25,), (-3.0,), ("degC",)
    one = opened(path)
    assert (one.layer.kind, one.data.info["unit"]) == ("surface", "degC")
    wanted = np.arange(100).reshape(10, 10) * 0.25 - 3.0
    wanted[0, 7] = np.nan
    assert np.allclose(one.data.values, wanted, atol=1e-6, equal_nan=True)


def test_no_data_is_clear_whether_mask_alpha_value_or_said_by_a_person(tmp_path: Path) -> None:
    values = np.full((3, 10, 10), 90, np.uint8)
    values[:, :5] = 0
    masked = write(tmp_path / "mask.tif", values)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(masked, "r+") as target:
        target.write_mask(values[0] > 0)
    alpha = np.concatenate([values, (values[:1] > 0).astype(np.uint8) * 255])
    for path, display in (
        (masked, Display()),
        (write(tmp_path / "alpha.tif", alpha, photometric="rgb", alpha="yes"), Display()),
        (write(tmp_path / "value.tif", values, nodata=0), Display()),
        (write(tmp_path / "plain.tif", values), Display(no_data=0.0)),
    ):
        rgba = shown(path, display)
        assert rgba.shape[2] == 4, path.name
        assert (rgba[:5, :, 3] == 0).all(), path.name
        assert (rgba[5:] == (90, 90, 90, 255)).all(), path.name
    assert shown(write(tmp_path / "p.tif", values), Display()).shape[2] == 3


def test_heights_in_feet_become_metres(tmp_path: Path) -> None:
    path = write(tmp_path / "dem.tif", np.full((4, 4), 100, np.float32))
    assert float(shown(path, Display(height_unit="ft"), "terrain")[0, 0]) == pytest.approx(30.48, abs=1e-6)
    assert float(shown(path, Display(height_unit="us-ft"), "terrain")[0, 0]) == pytest.approx(30.480061, abs=1e-5)
    with rasterio.open(path, "r+") as target:
        target.units = ("feet",)
    one = opened(path)
    assert float(one.data.values[0, 0]) == pytest.approx(30.48, abs=1e-6)
    assert "raster.feet" in [caution.code for caution in one.data.cautions]


def test_a_display_survives_its_text_and_garbage_leaves_it_to_the_data() -> None:
    display = Display((3, 2, 1), "range", 1.5, 9.0, "heat", True, "dB", -1.0, "ft")
    assert Display.of({OPTION: display.as_text()}) == display
    assert Display().as_text() == ""
    assert Display.of({OPTION: "{broken"}) == Display()


def test_limits_never_divide_by_nothing() -> None:
    flat = statistics(np.full(9, 4.0), np.ones(9, bool))
    none = statistics(np.zeros(9), np.zeros(9, bool))
    for stretch in ("minmax", "percentile", "stddev"):
        low, high = limits(Display(stretch=stretch), flat, False)
        assert high > low
        assert limits(Display(stretch=stretch), none, False) == (0.0, 1.0)
    assert height_unit("Feet") == "ft"
    assert legend_steps(0.0, 10.0) == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]


# --- place -----------------------------------------------------------------------------------------------------------


def test_a_turned_raster_and_one_with_control_points_stand_to_the_millimetre(tmp_path: Path) -> None:
    values = np.zeros((3, 40, 60), np.uint8)
    values[:, 10:12, 20:22] = 255
    turned = Affine.translation(501000, 4060000) @ Affine.rotation(25) @ Affine.scale(2, -2)
    one = opened(write(tmp_path / "turned.tif", values, transform=turned))
    a, b, c, d, e, f = one.data.transform
    x, y = turned @ (21.0, 11.0)
    assert (a * 21 + b * 11 + c, d * 21 + e * 11 + f) == pytest.approx((x, y), abs=1e-3)
    pyramid = raster_windows.open_pyramid(one.layer, one.data)
    seen = pyramid.read((x - 1, y - 1, x + 1, y + 1), (4, 4))
    assert seen is not None
    assert seen[..., 0].min() > 150  # the white square is where the transform says
    corner = pyramid.read((pyramid.bounds[0], pyramid.bounds[3] - 2, pyramid.bounds[0] + 2, pyramid.bounds[3]), (2, 2))
    assert corner is not None
    assert corner[..., 3].max() == 0  # beside the turned raster there is nothing
    from rasterio.control import GroundControlPoint as Gcp

    gcps = [Gcp(r, c, *(AT @ (c, r))) for r, c in ((0, 0), (0, 60), (40, 0), (40, 60))]
    path = tmp_path / "gcp.tif"
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        target = rasterio.open(path, "w", driver="GTiff", width=60, height=40, count=3, dtype="uint8")
    with target:
        target.write(values)
        target.gcps = (gcps, rasterio.crs.CRS.from_user_input(CRS))
    placed = opened(path).data
    assert placed.transform == pytest.approx(tuple(AT)[:6], abs=1e-6)


def test_pieces_are_the_files_own_values(tmp_path: Path) -> None:
    values = np.random.default_rng(5).normal(50, 9, (200, 300)).astype(np.float32)
    values[50:60, 70:90] = -9999
    path = write(tmp_path / "dem.tif", values, nodata=-9999, tiled=True, blockxsize=64, blockysize=64)
    one = opened(path)
    pyramid = raster_windows.open_pyramid(one.layer, one.data)
    left, top = AT @ (64, 40)
    right, bottom = AT @ (128, 104)
    piece = pyramid.read((left, bottom, right, top), (64, 64))
    with rasterio.open(path) as source:
        wanted = source.read(1, window=((40, 104), (64, 128)), masked=True).filled(np.nan)
    assert np.allclose(piece, wanted, atol=1e-6, equal_nan=True)
    beyond = pyramid.read((left - 400, bottom, left, top), (200, 32))
    assert beyond is not None
    assert np.isnan(beyond[:, :136]).all()
    pyramid.close()


@pytest.mark.data
def test_every_raster_there_is_opens_in_its_place_or_is_refused_by_name() -> None:
    files = sorted((DATA / "raster").rglob("*.tif"))
    if not files:
        pytest.skip("no shared data")
    for path in files:
        if path.name == "corrupt.tif":
            with pytest.raises(UserError, match=r"io\.damaged.*corrupt\.tif"):
                opened(path)
            continue
        data = opened(path).data
        with rasterio.open(path) as source:
            wanted = source.transform @ (source.width, source.height)
            lonlat = Transformer.from_crs(source.crs.to_wkt(), "EPSG:4326", always_xy=True).transform(*wanted)
        a, b, c, d, e, f = data.transform
        rows, columns = data.values.shape[:2]
        mine = (a * columns + b * rows + c, d * columns + e * rows + f)
        assert mine == pytest.approx(wanted, abs=1e-3), path.name
        if all(math.isfinite(value) for value in lonlat):
            again = Transformer.from_crs(data.crs, "EPSG:4326", always_xy=True).transform(*mine)
            assert again == pytest.approx(lonlat, abs=1e-8), path.name  # 1e-8° is a millimetre


# --- size ------------------------------------------------------------------------------------------------------------

HUGE = 83_968


@pytest.fixture(scope="module")
def huge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give 21 GB of image in 5 MB of file: six blocks are written, the rest is sparse."""
    path = tmp_path_factory.mktemp("huge") / "huge.tif"
    profile = {"driver": "GTiff", "width": HUGE, "height": HUGE, "count": 3, "dtype": "uint8", "crs": CRS,
               "transform": Affine(0.1, 0, 500000, 0, -0.1, 4400000), "tiled": True, "blockxsize": 512,
               "blockysize": 512, "BIGTIFF": "YES", "SPARSE_OK": "TRUE", "photometric": "rgb"}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        for i in range(6):
            block = np.full((3, 512, 512), 40 * i + 20, np.uint8)
            target.write(block, window=rasterio.windows.Window(512 * 20 * i, 512 * 20 * i, 512, 512))
    yield path
    path.unlink()


def test_a_20_gb_image_without_overviews_opens_from_a_few_blocks(huge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    read = rasterio.io.DatasetReader.read

    class Counting(rasterio.io.DatasetReader):
        def read(self, *arguments: Any, **named: Any) -> Any:
            window = named.get("window")
            pixels = self.width * self.height if window is None else window.width * window.height
            asked.append(pixels * 3)
            return read(self, *arguments, **named)

    monkeypatch.setattr(raster_windows, "DatasetReader", Counting)
    one = opened(huge)
    assert sum(asked) < 30e6  # decoded bytes of 21 GB
    assert len(asked) < 64
    assert "raster.sampled" in [caution.code for caution in one.data.cautions]
    pyramid = raster_windows.open_pyramid(one.layer, one.data)
    asked.clear()
    left, top = 500000 + 0.1 * 512 * 40, 4400000 - 0.1 * 512 * 40
    piece = pyramid.read((left, top - 51.2, left + 51.2, top), (512, 512))
    assert piece is not None
    assert (piece == (100, 100, 100, 255)).all()  # near, every pixel is the file's own
    assert sum(asked) == pytest.approx(512 * 512 * 3)
    asked.clear()
    pyramid.read(pyramid.bounds, (256, 256))
    assert sum(asked) < 30e6
    pyramid.close()


def test_overviews_of_the_file_are_used_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.tile(np.arange(2048, dtype=np.uint16) // 8, (2048, 1)).astype(np.uint8)
    path = write(tmp_path / "a.tif", np.stack([values] * 3), tiled=True, blockxsize=256, blockysize=256)
    monkeypatch.setattr(raster, "WHOLE_BYTES", 1_000_000)
    monkeypatch.setattr(raster_windows, "WHOLE_BYTES", 1_000_000)
    monkeypatch.setattr(raster_windows, "SAMPLE_BYTES", 300_000)
    monkeypatch.setattr(raster_windows.read_window, "__kwdefaults__", {"classes": False, "budget": 1_000_000})
    monkeypatch.setattr(raster_windows.picture, "__defaults__", (1_000_000,))
    monkeypatch.setattr(raster, "MAX_IMAGE_SIDE", 256)
    assert opened(path).data.info["sampled"]
    with rasterio.open(path, "r+") as target:
        target.build_overviews([2, 4, 8], rasterio.enums.Resampling.average)
    one = opened(path).data
    assert not one.info["sampled"]
    assert np.abs(one.values[10, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_overviews_built_in_the_cache_leave_the_file_alone_and_show_all_of_it(tmp_path: Path) -> None:
    values = np.tile(np.arange(2400, dtype=np.uint16) // 10, (1200, 1)).astype(np.uint8)
    values[:, :100] = 0
    path = write(tmp_path / "a.tif", np.stack([values] * 3), nodata=0, tiled=True, blockxsize=256, blockysize=256)
    before = path.read_bytes()
    steps: list[float] = []

    class Listening(Progress):
        def step(self, fraction: float = -1.0, code: str = "") -> None:
            steps.append(fraction)

    out = overviews.build(path, overviews.kept_at(tmp_path / "cache", path), Listening())
    assert path.read_bytes() == before
    assert sorted(steps) == steps
    with rasterio.open(out) as made:
        assert made.overviews(1)
        assert made.bounds == pytest.approx((501000, 4060000 - 2400, 501000 + 4800, 4060000))
        assert np.abs(made.read(1)[50, 25:].astype(int) - (np.arange(25, 600) * 4 + 2) // 10).max() <= 1
        assert made.dataset_mask()[50, 3] == 0
    one = opened(path)
    info = {**one.data.info, "reduced": str(out)}
    pyramid = raster_windows.RasterPyramid(path, CRS, "image", Display(), info)
    coarse = pyramid.read((501000, 4060000 - 2400, 505800, 4060000), (300, 150))
    assert coarse is not None
    assert np.abs(coarse[70, 20:, 0].astype(int) - (np.arange(20, 300) * 8 + 4) // 10).max() <= 2
    pyramid.close()


def test_building_overviews_can_be_cancelled_and_leaves_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tif", np.ones((3, 900, 900), np.uint8))
    progress = Progress()
    progress.cancel()
    out = overviews.kept_at(tmp_path / "cache", path)
    with pytest.raises(Cancelled):
        overviews.build(path, out, progress)
    assert list(out.parent.iterdir()) == []


# --- several terrains ------------------------------------------------------------------------------------------------


def terrain(value: float, pixel: float, cells: int, west: float = 501000.0, north: float = 4060000.0) -> RasterData:
    values = np.full((cells, cells), value, np.float32)
    return RasterData(values, (pixel, 0.0, west, 0.0, -pixel, north), CRS)


def layer(name: str, visible: bool = True) -> Layer:
    return Layer(id=name, name=name, kind="terrain", role="terrain", source=Source(reader="raster"), visible=visible)


def test_the_finest_terrain_that_has_data_is_asked_at_each_place() -> None:
    from models.crs.frame import Frame

    coarse, fine = terrain(10.0, 30.0, 100), terrain(50.0, 1.0, 200, 502000.0, 4059000.0)
    fine.values[50:60, 50:60] = np.nan
    data = {"fine": fine, "coarse": coarse}
    frame = Frame(CRS, None, (501000, 4059000, 0))
    for order in (("fine", "coarse"), ("coarse", "fine")):
        ground = ground_under([layer(name) for name in order], data, frame)
        x = np.array([502100.0, 501500.0, 502055.0, 490000.0])
        y = np.array([4058900.0, 4059500.0, 4058945.0, 4059000.0])
        assert ground.height_m(x, y).tolist() == [50.0, 10.0, 10.0, 10.0]  # fine, coarse, a void of the fine, beyond
        assert ground.is_known(x, y).tolist() == [True, True, True, False]
    only = ground_under([layer("fine", visible=False), layer("coarse")], data, frame)
    assert only.same(Ground(coarse, CRS))


def test_a_display_that_changes_values_is_seen_as_such() -> None:
    assert Display(height_unit="ft").as_read != Display().as_read
    assert replace(Display(), ramp="heat").as_read == Display().as_read
