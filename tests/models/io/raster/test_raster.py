"""Rasters: terrain or image, no data, size, placement."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.raster import reader as raster
from models.io.request import Opened, ReadRequest

CRS = "EPSG:4548"
AT = Affine(2.0, 0.0, 501000.0, 0.0, -2.0, 4060000.0)


def write(path: Path, values: np.ndarray, *, crs: str | None = CRS, transform: Affine | None = AT, **more: Any) -> Path:
    bands = values if values.ndim == 3 else values[None]
    profile = {"driver": "GTiff", "count": len(bands), "height": bands.shape[1], "width": bands.shape[2],
               "dtype": bands.dtype, "crs": crs, **more}  # fmt: skip
    if transform is not None:
        profile["transform"] = transform
    with rasterio.open(path, "w", **profile) as target:
        target.write(bands)
    return path


def open_raster(path: Path, **request: Any) -> Opened:
    return raster.read(path, ReadRequest(**request), Progress())[0]


def test_one_band_of_real_numbers_is_terrain_with_nan_where_there_is_no_data(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    values[0, 0] = -9999
    opened = open_raster(write(tmp_path / "dem.tif", values, nodata=-9999))
    assert (opened.layer.kind, opened.layer.role, opened.data.crs) == ("terrain", "terrain", CRS)
    assert np.isnan(opened.data.values[0, 0])
    assert opened.data.values[2, 3] == 11
    assert opened.data.transform == tuple(AT)[:6]
    assert opened.data.cautions == []


def test_undeclared_no_data_is_found_and_said(tmp_path: Path) -> None:
    values = np.full((3, 4), 30, dtype=np.int16)
    values[1, 1] = -32768
    opened = open_raster(write(tmp_path / "dem.tif", values))
    assert np.isnan(opened.data.values[1, 1])
    assert [c.code for c in opened.data.cautions] == ["io.nodata_guessed"]


def test_three_bytes_are_an_image_and_no_data_is_transparent(tmp_path: Path) -> None:
    values = np.full((3, 5, 6), 200, dtype=np.uint8)
    assert open_raster(write(tmp_path / "a.tif", values)).data.values.shape == (5, 6, 3)
    values[:, 0, 0] = 0
    rgba = open_raster(write(tmp_path / "b.tif", values, nodata=0)).data.values
    assert (rgba.shape, rgba[0, 0, 3], rgba[1, 1, 3]) == ((5, 6, 4), 0, 255)


def test_a_colour_table_becomes_its_colours(tmp_path: Path) -> None:
    path = write(tmp_path / "land.tif", np.array([[1, 2], [2, 1]], dtype=np.uint8))
    with rasterio.open(path, "r+") as target:
        target.write_colormap(1, {1: (10, 20, 30, 255), 2: (200, 100, 50, 255)})
    opened = open_raster(path)
    assert opened.layer.kind == "image"
    assert opened.data.values[0, 0, :3].tolist() == [10, 20, 30]


def test_sixteen_bits_are_stretched_to_eight(tmp_path: Path) -> None:
    bands = np.random.default_rng(1).integers(300, 3000, (3, 40, 40)).astype(np.uint16)
    values = open_raster(write(tmp_path / "s2.tif", bands)).data.values
    assert values.dtype == np.uint8
    assert values.min() == 0
    assert values.max() == 255


def test_the_user_may_say_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tif", np.ones((3, 4), dtype=np.float32))
    assert open_raster(path, options={"role": "image"}).data.values.shape == (3, 4, 3)
    with pytest.raises(UserError, match=r"io\.bad_option"):
        open_raster(path, options={"role": "cake"})


def test_a_large_raster_is_thinned_over_the_same_extent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "MAX_TERRAIN_CELLS", 100)
    opened = open_raster(write(tmp_path / "big.tif", np.ones((40, 40), dtype=np.float32)))
    rows, columns = opened.data.values.shape
    assert rows * columns <= 100
    a, _, c, _, e, f = opened.data.transform
    assert np.allclose((c + a * columns, f + e * rows), (501080.0, 4059920.0))
    assert [caution.code for caution in opened.data.cautions] == ["io.decimated"]


def test_no_crs_no_place_and_no_values_are_refused_by_name(tmp_path: Path) -> None:
    ones = np.ones((3, 4), dtype=np.float32)
    path = write(tmp_path / "a.tif", ones, crs=None)
    with pytest.raises(UserError, match=r"io\.no_crs"):
        open_raster(path)
    assert open_raster(path, crs=CRS).data.crs == CRS
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(tmp_path / "b.tif", ones, crs=None, transform=None)
    with pytest.raises(UserError, match=r"io\.no_placement"):
        open_raster(path, crs=CRS)
    with pytest.raises(UserError, match=r"io\.no_values"):
        open_raster(write(tmp_path / "c.tif", -9999 * ones, nodata=-9999))


def test_a_world_file_beside_it_places_a_raster(tmp_path: Path) -> None:
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write(tmp_path / "a.tif", np.ones((3, 4), dtype=np.float32), crs=None, transform=None)
    path.with_suffix(".tfw").write_text("2\n0\n0\n-2\n501001\n4059999\n")
    assert open_raster(path, crs=CRS).data.transform == tuple(AT)[:6]
