"""Heights from a terrain raster."""

import numpy as np
import pytest

from models.layers.layer import RasterData
from models.terrain.ground import Ground

TRANSFORM = (10.0, 0.0, 500_000.0, 0.0, -10.0, 4_000_100.0)


def plane() -> RasterData:
    """Return a raster whose cell centres lie on h = 0.1 (x - x0) + 0.2 (y1 - y)."""
    column, row = np.meshgrid(np.arange(20) + 0.5, np.arange(10) + 0.5)
    return RasterData((column * 1.0 + row * 2.0).astype(np.float32), TRANSFORM, "EPSG:4548")


def test_heights_between_cells_lie_on_the_plane():
    ground = Ground(plane(), "EPSG:4548")
    x, y = np.array([500_033.0, 500_150.0]), np.array([4_000_071.0, 4_000_020.0])
    assert ground.height_m(x, y) == pytest.approx((x - 500_000) * 0.1 + (4_000_100 - y) * 0.2, abs=1e-4)


def test_outside_and_where_there_is_no_data_the_base_height_holds():
    raster = plane()
    raster.values[:, :3] = np.nan
    ground = Ground(raster, "EPSG:4548", base_m=7.0)
    assert ground.height_m(np.array([499_000.0, 500_010.0]), np.array([4_000_050.0] * 2)).tolist() == [7.0, 7.0]


def test_points_in_another_crs_are_brought_to_the_raster():
    ground = Ground(plane(), "EPSG:4326")
    from models.crs.frame import transformer

    longitude, latitude = transformer("EPSG:4548", "EPSG:4326").transform(500_050.0, 4_000_050.0)
    assert float(ground.height_m(np.array(longitude), np.array(latitude))) == pytest.approx(15.0, abs=1e-3)


def test_without_terrain_the_ground_is_flat():
    assert Ground(None, "EPSG:4548", 3.0).height_m(np.zeros(4), np.zeros(4)).tolist() == [3.0] * 4
