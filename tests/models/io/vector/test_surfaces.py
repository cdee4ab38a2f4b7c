"""Surfaces in space (MultiPatch, polyhedral surfaces, TINs) are drawn as bodies; what is no surface is counted."""

from __future__ import annotations

import contextlib
import sqlite3
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from models.core.progress import Progress
from models.geometry.wkb_surfaces import as_polygons, kind_of
from models.io.inspect import inspect
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.layers.layer import ModelData, VectorData

CRS = "EPSG:4548"
E0, N0 = 501_000.0, 4_058_000.0
SIDE_M, HEIGHT_M = 20.0, 30.0


def faces(x: float) -> list[list[tuple[float, float, float]]]:
    """Return the closed rings of a box at 10 m above zero."""
    low = [(x, N0, 10.0), (x + SIDE_M, N0, 10.0), (x + SIDE_M, N0 + SIDE_M, 10.0), (x, N0 + SIDE_M, 10.0)]
    top = [(a, b, c + HEIGHT_M) for a, b, c in low]
    quads = [low[::-1], top, *([low[i], low[(i + 1) % 4], top[(i + 1) % 4], top[i]] for i in range(4))]
    return [[*quad, quad[0]] for quad in quads]


def ring(order: str, corners: list[tuple[float, float, float]]) -> bytes:
    return struct.pack(f"{order}I", len(corners)) + b"".join(struct.pack(f"{order}3d", *corner) for corner in corners)


def polygon(order: str, code: int, corners: list[tuple[float, float, float]]) -> bytes:
    return struct.pack(f"{order}BII", int(order == "<"), code, 1) + ring(order, corners)


def polyhedral(x: float, order: str = "<", wide: int = 1000) -> bytes:
    parts = [polygon(order, 3 + wide, face) for face in faces(x)]
    return struct.pack(f"{order}BII", int(order == "<"), 15 + wide, len(parts)) + b"".join(parts)


def tin(x: float, order: str = "<", wide: int = 1000) -> bytes:
    cut = [half for f in faces(x) for half in ([f[0], f[1], f[2], f[0]], [f[0], f[2], f[3], f[0]])]
    parts = [polygon(order, 17 + wide, half) for half in cut]
    return struct.pack(f"{order}BII", int(order == "<"), 16 + wide, len(parts)) + b"".join(parts)


def collection(*members: bytes) -> bytes:
    return struct.pack("<BII", 1, 1007, len(members)) + b"".join(members)


def write(path: Path, shapes: list[bytes | None], driver: str, **options: str) -> Path:
    table = pa.table({
        "名称": [f"楼{n}" for n in range(len(shapes))], "层数": list(range(len(shapes))),
        "g": pa.array(shapes, pa.binary()),
    })  # fmt: skip
    pyogrio.write_arrow(
        table,
        path,
        geometry_name="g",
        geometry_type="Unknown",
        crs=CRS,
        driver=driver,
        layer="楼",
        layer_options=options,
    )
    return path


def read(path: Path, **asked: Any) -> Any:
    (one,) = find_format(path).read(path, ReadRequest(**asked), Progress())
    return one


def box_of(data: ModelData) -> np.ndarray:
    store = data.meshes
    corners = []
    for at, mesh in enumerate(store.placement_mesh):
        points = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(float)
        matrix = data.placement @ store.placement_matrix[at]
        corners.append(points @ matrix[:3, :3].T + matrix[:3, 3])
    found = np.concatenate(corners)
    return np.concatenate([found.min(axis=0), found.max(axis=0)])


@pytest.mark.parametrize("make", [polyhedral, tin], ids=["PolyhedralSurface", "TIN"])
@pytest.mark.parametrize(("suffix", "driver"), [(".gpkg", "GPKG"), (".sqlite", "SQLite"), (".shp", "ESRI Shapefile")])
def test_surfaces_become_bodies_where_they_stand(tmp_path: Path, make: Any, suffix: str, driver: str) -> None:
    options = {"SHPT": "MULTIPATCH"} if suffix == ".shp" else {}
    opened = read(write(tmp_path / f"a{suffix}", [make(E0), make(E0 + 100)], driver, **options))
    assert opened.layer.kind == "model"
    data = opened.data
    assert isinstance(data, ModelData)
    assert np.allclose(box_of(data), [E0, N0, 10.0, E0 + 100 + SIDE_M, N0 + SIDE_M, 10.0 + HEIGHT_M], atol=1e-3)
    assert len(data.meshes.faces) == 24  # six sides of two triangles, twice
    assert data.elements["ifc_class"].tolist() == ["Building", "Building"]
    assert [data.psets[oid][opened.layer.name]["名称"] for oid in (0, 1)] == ["楼0", "楼1"]
    (told,) = [caution for caution in data.cautions if caution.code == "vector.surfaces"]
    assert told.facts["count"] == 2


def test_a_multipatch_is_told_before_it_is_opened(tmp_path: Path) -> None:
    info = inspect(write(tmp_path / "a.shp", [polyhedral(E0)], "ESRI Shapefile", SHPT="MULTIPATCH"))
    assert (info.kind, info.sublayers[0].geometry) == ("model", "MultiPatch")


def test_points_and_lines_among_them_stay_features_and_what_has_no_shape_is_counted(tmp_path: Path) -> None:
    point = shapely.to_wkb(shapely.Point(E0, N0, 1))
    shapes = [polyhedral(E0), point, None, collection(tin(E0 + 50), polyhedral(E0 + 100))]
    path = write(tmp_path / "a.gpkg", shapes, "GPKG")
    bodies, points = find_format(path).read(path, ReadRequest(), Progress())
    told = {caution.code: caution.facts for caution in bodies.data.cautions}  # type: ignore[union-attr]
    assert (told["vector.no_surface"]["count"], told["vector.no_surface"]["rows"]) == (1, "3")
    assert len(bodies.data.meshes.faces) == 36  # type: ignore[union-attr]
    assert points.data.frame["名称"].tolist() == ["楼1"]  # type: ignore[union-attr]


@pytest.mark.parametrize("stated", ["TIN", "POLYHEDRALSURFACE", "TRIANGLE"])
def test_a_table_that_states_surfaces_opens(tmp_path: Path, stated: str) -> None:
    path = write(tmp_path / "a.gpkg", [tin(E0) if stated == "TIN" else polyhedral(E0)], "GPKG")
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = ?, z = 1", (stated,))
    assert len(read(path).data.meshes.faces) == 12
    assert inspect(path).sublayers[0].count == 1


GML_OF_SOLIDS = """<?xml version="1.0" encoding="UTF-8"?><ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/"
 xmlns:gml="http://www.opengis.net/gml/3.2"><ogr:featureMember><ogr:a gml:id="a.0"><ogr:g>
<gml:Solid srsName="EPSG:4548"><gml:exterior>
<gml:Shell><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="3">
501000 4058000 0 501010 4058000 0 501010 4058010 9 501000 4058000 0</gml:posList></gml:LinearRing></gml:exterior>
</gml:Polygon></gml:surfaceMember></gml:Shell></gml:exterior></gml:Solid></ogr:g><ogr:n>体</ogr:n></ogr:a>
</ogr:featureMember><ogr:featureMember><ogr:a gml:id="a.1"><ogr:g><gml:Curve srsName="EPSG:4548"><gml:segments><gml:Arc>
<gml:posList>501000 4058000 501005 4058005 501010 4058000</gml:posList></gml:Arc></gml:segments></gml:Curve></ogr:g>
<ogr:n>弧</ogr:n></ogr:a></ogr:featureMember></ogr:FeatureCollection>"""


def test_solids_and_arcs_in_one_gml_are_both_drawn(tmp_path: Path) -> None:
    (tmp_path / "a.gml").write_text(GML_OF_SOLIDS, encoding="utf-8")
    bodies, lines = find_format(tmp_path / "a.gml").read(tmp_path / "a.gml", ReadRequest(), Progress())
    assert len(bodies.data.meshes.faces) == 1  # type: ignore[union-attr]
    assert lines.data.frame["n"].tolist() == ["弧"]  # type: ignore[union-attr]
    assert lines.data.frame.geometry.length.iat[0] == pytest.approx(np.pi * 5, rel=1e-3)  # type: ignore[union-attr]


GPX_OF_STUBS = """<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk>
<name>航迹</name><trkseg><trkpt lat="36" lon="120"/><trkpt lat="36.1" lon="120"/></trkseg><trkseg>
<trkpt lat="36" lon="121"/></trkseg></trk></gpx>"""


def test_a_piece_of_one_point_does_not_cost_the_track(tmp_path: Path) -> None:
    (tmp_path / "a.gpx").write_text(GPX_OF_STUBS, encoding="utf-8")
    opened = read(tmp_path / "a.gpx")
    assert shapely.get_num_coordinates(opened.data.frame.geometry.iat[0]) == 2
    assert [caution.facts["count"] for caution in opened.data.cautions if caution.code == "vector.stubs"] == [1]


def test_surfaces_without_heights_stay_polygons_on_the_map(tmp_path: Path) -> None:
    flat = struct.pack("<BII", 1, 15, 1) + shapely.to_wkb(shapely.box(E0, N0, E0 + 10, N0 + 10))
    opened = read(write(tmp_path / "a.gpkg", [flat], "GPKG"))
    assert opened.layer.kind == "vector"
    assert opened.data.frame.geometry.area.tolist() == [100.0]


def test_surfaces_in_degrees_are_drawn_in_metres(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    shape = [struct.pack("<3d", lon, lat, 5.0) for lon, lat in ((120.0, 36.0), (120.001, 36.0), (120.0, 36.001), (120.0, 36.0))]  # fmt: skip # noqa: E501
    triangle = struct.pack("<BIII", 1, 1017, 1, 4) + b"".join(shape)
    table = pa.table({"n": [1], "g": pa.array([struct.pack("<BII", 1, 1016, 1) + triangle], pa.binary())})
    pyogrio.write_arrow(table, path, geometry_name="g", geometry_type="Unknown", crs="EPSG:4490", driver="GPKG")
    data = read(path).data
    assert data.crs != "EPSG:4490"
    west, south, _, east, north, _ = box_of(data)
    assert (round(east - west), round(north - south)) == (90, 111)


def test_parquet_with_surfaces_keeps_them_as_polygons(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1], "geometry": pa.array([polyhedral(E0)])}), tmp_path / "a.parquet")
    data = read(tmp_path / "a.parquet", crs=CRS).data
    assert isinstance(data, VectorData)
    assert shapely.get_num_geometries(data.frame.geometry.iat[0]) == 6
    assert "vector.shapes_unread" not in {caution.code for caution in data.cautions}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("wide", [1000, 0x80000000])
def test_only_the_numbers_of_the_types_are_changed(order: str, wide: int) -> None:
    for make, kind in ((polyhedral, "PolyhedralSurface"), (tin, "TIN")):
        raw = make(E0, order, wide)
        made, kinds = as_polygons(raw)
        assert len(made) == len(raw)
        assert kind in kinds
        shape = shapely.from_wkb(made)
        assert shape.geom_type == "MultiPolygon"
        assert shapely.get_num_coordinates(shape) == (30 if make is polyhedral else 48)
        assert kind_of(raw) in (15, 16)


def test_other_wkb_comes_back_as_it_is_and_damage_is_left_to_the_reader() -> None:
    plain = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    assert as_polygons(plain) == (plain, set())
    cut = polyhedral(E0)[:-40]
    assert as_polygons(cut) == (cut, set())
    assert as_polygons(b"")[0] == b""
