"""What lies on the ground lets the eye through when it is told to: pipes lie below."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString

from models.crs.frame import Frame
from models.layers.layer import Layer, LayerData, RasterData, Style, VectorData
from models.terrain.ground import Ground
from viewers.render.chunks.preparation import prepare
from viewers.render.geometry.parts import MeshPart

CRS = "EPSG:4548"
FRAME = Frame(CRS, None, (502_000, 4_059_000, 0))


def ground() -> RasterData:
    return RasterData(np.full((60, 60), 30.0, np.float32), (5.0, 0, 501_850, 0, -5.0, 4_059_150), CRS)


def road() -> VectorData:
    line = LineString([(501_900, 4_059_000), (502_100, 4_059_000)])
    return VectorData(gpd.GeoDataFrame({"width_m": [9.0]}, geometry=[line], crs=CRS))


@pytest.mark.parametrize(
    ("role", "kind", "data"),
    [("terrain", "terrain", ground()), ("roads", "vector", road()), ("footways", "vector", road())],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_opacity_of_a_layer_on_the_ground_reaches_what_is_drawn(role: str, kind: str, data: LayerData) -> None:
    dem = ground()
    for opacity in (1.0, 0.3):
        prepared = prepare(
            Layer("a", "a", kind, role, style=Style(opacity=opacity)), data, FRAME, Ground(dem, CRS, 30.0)
        )
        assert prepared is not None
        near = [part for part in prepared.parts if isinstance(part, MeshPart) and part.texture != "ground_fields"]
        assert near
        assert {part.opacity for part in near} == {opacity}


def test_roads_that_meet_cover_every_place_once() -> None:
    lines = [LineString([(501_900, 4_059_000), (502_100, 4_059_000)]),
             LineString([(502_000, 4_058_900), (502_000, 4_059_100)])]  # fmt: skip
    data = VectorData(gpd.GeoDataFrame({"width_m": [10.0, 10.0]}, geometry=lines, crs=CRS))
    prepared = prepare(Layer("a", "a", "vector", "roads"), data, FRAME, Ground(ground(), CRS, 30.0))
    assert prepared is not None
    (part,) = (p for p in prepared.parts if isinstance(p, MeshPart) and set(p.oids.tolist()) == {0, 1})
    a, b, c = (part.points[part.faces[:, k], :2].astype(float) for k in range(3))
    u, v = b - a, c - a
    area = 0.5 * np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).sum()
    whole = shapely.area(shapely.union_all(shapely.buffer(np.array(lines), 5.0, quad_segs=4)))
    assert area == pytest.approx(whole, rel=1e-3)
