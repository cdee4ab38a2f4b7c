"""Areas and lengths on the ellipsoid, against pyproj's own walk over shapely geometries and against equal-area maps."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from models.geometry.geodesic import areas_m2, is_in_degrees, lengths_m

CGCS2000 = Geod(a=6378137.0, rf=298.257222101)
SQUARE = shapely.box(120.3, 36.1, 120.31, 36.11)
HOLED = SQUARE.difference(shapely.box(120.302, 36.102, 120.304, 36.104))
LINE = shapely.LineString([(120.3, 36.1), (120.4, 36.2), (120.5, 36.1)])


def test_areas_and_lengths_are_those_of_pyproj() -> None:
    two = shapely.MultiPolygon([SQUARE, shapely.box(121, 30, 122, 31)])
    lines = shapely.MultiLineString([LINE, LINE])
    shapes = np.array([SQUARE, HOLED, shapely.reverse(HOLED), two, LINE, shapely.Point(120, 36), lines], dtype=object)
    wanted = [CGCS2000.geometry_area_perimeter(shapely.geometry.polygon.orient(one)) for one in (SQUARE, HOLED)]
    found, lengths = areas_m2(shapes, "EPSG:4490"), lengths_m(shapes, "EPSG:4490")
    assert found[:2] == pytest.approx([area for area, _ in wanted])
    assert lengths[:1] == pytest.approx([wanted[0][1]])
    assert found[2] == pytest.approx(found[1]), "whichever way its rings turn"
    assert found[3] == pytest.approx(found[0] + areas_m2(np.array([shapely.box(121, 30, 122, 31)]), "EPSG:4490")[0])
    assert found[4:].tolist() == [0, 0, 0]
    assert lengths[4] == pytest.approx(CGCS2000.geometry_length(LINE))
    assert (lengths[5], lengths[6]) == (0, pytest.approx(2 * lengths[4]))


def test_an_area_is_that_of_an_equal_area_map() -> None:
    planar = gpd.GeoSeries([HOLED], crs="EPSG:4326").to_crs("+proj=laea +lat_0=36.1 +lon_0=120.3 +datum=WGS84").area[0]
    assert areas_m2(np.array([HOLED]), "EPSG:4326")[0] == pytest.approx(planar, rel=1e-6)


def test_degrees_are_told_from_metres() -> None:
    assert is_in_degrees("EPSG:4490")
    assert not is_in_degrees("EPSG:4549")
    assert not is_in_degrees("")
    assert not is_in_degrees(None)
