"""Very many features: columns, the tree of chunks over them, and the reader that makes no objects."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.geometry import wkb
from models.geometry.feature_table import Features
from models.geometry.quadtree import ChunkTree, build
from models.io.request import Opened, ReadRequest
from models.io.vector import gdal_reader as vector
from models.io.vector import geoparquet
from models.io.vector import large_tables as vector_large
from models.layers.layer import Layer, VectorData
from models.store.cache import read_entry, write_entry

CRS = "EPSG:4547"

coordinates = st.integers(1, 400).flatmap(
    lambda n: arrays(np.float64, (n, 2), elements=st.floats(-5e5, 5e6, allow_nan=False, width=32))
)


@settings(max_examples=60, deadline=None)
@given(coordinates, st.integers(1, 40))
def test_every_object_is_in_exactly_one_leaf_of_the_tree(xy, most):
    tree = build(xy[:, 0], xy[:, 1], most)
    rows = np.concatenate([tree.rows(leaf) for leaf in tree.leaves])
    assert sorted(rows.tolist()) == list(range(len(xy)))
    for leaf in tree.leaves.tolist():
        assert len(tree.rows(leaf)) <= most or tree.level[leaf] == 16


@settings(max_examples=60, deadline=None)
@given(coordinates, st.integers(1, 40))
def test_children_share_out_what_their_parent_holds_and_lie_in_its_square(xy, most):
    tree = build(xy[:, 0], xy[:, 1], most)
    assert (tree.first[0], tree.last[0]) == (0, len(xy))
    for node in range(tree.count):
        children = list(tree.children_of(node))
        if children:
            assert min(children) > node
            assert [tree.first[c] for c in children] + [tree.last[node]] == [
                tree.first[node], *(tree.last[c] for c in children)
            ]  # fmt: skip
        west, south, east, north = tree.cell[node]
        slack = 1e-6 * (tree.cell[0, 2] - tree.cell[0, 0]) + 1e-9
        mine = xy[tree.rows(node)]
        assert (mine[:, 0] >= west - slack).all()
        assert (mine[:, 0] <= east + slack).all()
        assert (mine[:, 1] >= south - slack).all()
        assert (mine[:, 1] <= north + slack).all()


def test_a_tree_comes_back_from_its_files(tmp_path):
    rng = np.random.default_rng(3)
    tree = build(rng.random(500), rng.random(500), 20)
    tree.save(tmp_path)
    again = ChunkTree.load(tmp_path)
    assert all(np.array_equal(getattr(tree, name), getattr(again, name)) for name in ChunkTree.__slots__)


def some_shapes(count=120, seed=5):
    """Return polygons with and without holes, lines, points, several of them, flat and with heights."""
    rng = np.random.default_rng(seed)
    made = []
    for k in range(count):
        x, y, z = rng.random(3) * 1000
        ring = shapely.box(x, y, x + 5 + k % 7, y + 9).exterior.coords
        hole = shapely.box(x + 1, y + 1, x + 2, y + 2).exterior.coords
        line = [(x + i, y + rng.random()) for i in range(2 + k % 80)]
        made.append(
            [
                shapely.Polygon(ring),
                shapely.Polygon(ring, [hole]),
                shapely.MultiPolygon([shapely.Polygon(ring)]),
                shapely.LineString(line),
                shapely.MultiLineString([line, line[::-1]]),
                shapely.Point(x, y),
                shapely.Point(x, y, z),
                shapely.force_3d(shapely.Polygon(ring), z),
                shapely.MultiPoint([(x, y)]),
                shapely.GeometryCollection([shapely.Point(x, y), shapely.Polygon(ring)]),
                shapely.MultiPolygon([shapely.Polygon(ring), shapely.box(x, y + 20, x + 1, y + 21)]),
            ][k % 11]
        )
    return np.array(made, dtype=object)


def test_boxes_areas_and_kinds_from_wkb_are_those_of_shapely():
    shapes = np.repeat(some_shapes(), 30)  # many of a form go by the thousand, few through shapely
    found = wkb.scan(pa.array(shapely.to_wkb(shapes), pa.binary()))
    np.testing.assert_allclose(found.box, shapely.bounds(shapes))
    np.testing.assert_allclose(found.area, shapely.area(shapes), rtol=1e-5, atol=1e-3)
    assert np.array_equal(found.has_z, shapely.has_z(shapes))
    single = np.array([1, 2, 2, 3, 4, 5, 6, 7])[shapely.get_type_id(shapes)]
    assert np.array_equal(found.kind, single)
    assert not (found.empty | found.broken | found.bad_z | found.unread).any()


def test_what_is_wrong_with_a_geometry_is_seen_without_making_it():
    sound = shapely.to_wkb(shapely.box(0, 0, 1, 1))
    nan = shapely.to_wkb(shapely.Polygon([(0, 0), (1, 0), (np.nan, 1), (0, 0)]))
    no_height = shapely.to_wkb(shapely.LineString([(0, 0, 1), (1, 1, np.nan)]))
    open_ring = bytearray(sound)
    open_ring[-8:] = np.float64(7.5).tobytes()
    rows = [sound, None, shapely.to_wkb(shapely.Point()), shapely.to_wkb(shapely.Polygon()), nan, no_height,
            bytes(open_ring), sound[:40]]  # fmt: skip
    for repeat in (1, 40):
        found = wkb.scan(pa.array(rows * repeat, pa.binary()))
        assert found.empty[:8].tolist()[1:4] == [True, True, True]
        assert found.broken[:8].tolist() == [False] * 4 + [True] + [False] * 3
        assert found.bad_z[:8].tolist() == [False] * 5 + [True] + [False] * 2
        assert found.unread[:8].tolist()[6:] == [True, True]


def frame_of(count=400, seed=2):
    rng = np.random.default_rng(seed)
    x, y = 500_000 + rng.random(count) * 3000, 3_400_000 + rng.random(count) * 2000
    columns = {
        "height": np.round(rng.random(count) * 60 + 3, 1),
        "name": [None if k % 9 == 0 else f"楼{k}" for k in range(count)],
        "floors": pd.array([None if k % 5 == 0 else k % 30 for k in range(count)], dtype="Int32"),
        "old": rng.random(count) < 0.3,
        "built": pd.to_datetime("2001-02-03") + pd.to_timedelta(np.arange(count), unit="D"),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.box(x, y, x + 12, y + 15), crs=CRS)


def both_ways(path: Path, monkeypatch, read=vector.read) -> tuple[list[Opened], list[Opened]]:
    """Return what the way for small tables gives, and what the way for large ones does."""
    monkeypatch.setattr(vector_large, "LARGE", 10**9)
    small = read(path, ReadRequest(), Progress())
    monkeypatch.setattr(vector_large, "LARGE", 10)
    monkeypatch.setattr(vector_large.read_geoparquet, "__defaults__", (10, "geoparquet"))
    return small, read(path, ReadRequest(), Progress())


def same_layers(small, large):
    for one, other in zip(small, large, strict=True):
        assert one.data.features is None
        assert other.data.features is not None
        known, lazy = one.data.frame, other.data.frame
        pd.testing.assert_frame_equal(
            pd.DataFrame(known.drop(columns="geometry")), pd.DataFrame(lazy.drop(columns="geometry")), check_dtype=False
        )
        assert shapely.equals_exact(known.geometry.array, lazy.geometry.array).all()
        assert known.crs == lazy.crs
        assert [c.as_dict() for c in one.data.cautions] == [c.as_dict() for c in other.data.cautions]
        for name in ("role", "kind", "name", "style"):
            assert getattr(one.layer, name) == getattr(other.layer, name)
        assert one.layer.source.crs == other.layer.source.crs


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "shp"])
def test_a_large_table_is_row_by_row_what_the_way_for_small_ones_gives(tmp_path, monkeypatch, ending):
    path = tmp_path / f"buildings.{ending}"
    frame = frame_of().drop(columns="built" if ending in ("shp", "geojson") else [])
    frame.to_file(path, engine="pyogrio", encoding="utf-8")
    same_layers(*both_ways(path, monkeypatch))


def test_a_large_geoparquet_is_row_by_row_what_the_way_for_small_ones_gives(tmp_path, monkeypatch):
    path = tmp_path / "buildings.parquet"
    frame_of().to_parquet(path, write_covering_bbox=True)
    same_layers(*both_ways(path, monkeypatch, geoparquet.read))


def test_what_has_no_place_is_left_out_with_the_same_words(tmp_path, monkeypatch):
    frame = frame_of(60)
    shapes = frame.geometry.to_numpy().copy()
    shapes[3], shapes[7], shapes[11] = None, shapely.Polygon(), shapely.Point(500_000, 3_400_000)
    path = tmp_path / "buildings.gpkg"
    frame.set_geometry(gpd.GeoSeries(shapes, crs=CRS)).to_file(path, engine="pyogrio", geometry_type="Unknown")
    small, large = both_ways(path, monkeypatch)
    same_layers(small, large)
    codes = [caution.code for caution in large[0].data.cautions]
    assert "io.empty_geometry" in codes
    assert "io.mixed_geometry" in codes


def test_a_large_table_without_crs_is_refused_and_opens_once_one_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(vector_large, "LARGE", 10)
    path = tmp_path / "houses.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        frame_of(40).set_crs(None, allow_override=True).to_file(path, engine="pyogrio")
    with pytest.raises(UserError, match=r"io\.no_crs"):
        vector.read(path, ReadRequest(), Progress())
    opened = vector.read(path, ReadRequest(crs=CRS), Progress())
    assert opened[0].data.features is not None
    assert opened[0].data.crs == CRS


def test_reading_a_large_table_can_be_cancelled(tmp_path, monkeypatch):
    monkeypatch.setattr(vector_large, "LARGE", 10)
    monkeypatch.setattr(vector_large, "_BATCH", 16)
    path = tmp_path / "houses.gpkg"
    frame_of(200).to_file(path, engine="pyogrio")
    steps: list[float] = []

    def stop(fraction: float, _: str) -> None:
        steps.append(fraction)
        if fraction > 0.1:
            progress.cancel()

    progress = Progress(stop)
    with pytest.raises(Cancelled):
        vector.read(path, ReadRequest(), progress)
    assert max(steps) < 0.5


def test_columns_come_back_mapped_from_the_cache_and_make_no_shapes_unasked(tmp_path, monkeypatch):
    frame = frame_of(500)
    features = Features.of_frame(frame)
    layer = Layer("b", "b", "vector", "buildings")
    layer = Layer(**{name: getattr(layer, name) for name in ("id", "name", "kind", "role")} | {
        "source": type(layer.source)(crs=CRS)
    })  # fmt: skip
    (tmp_path / "entry").mkdir()
    write_entry(tmp_path / "entry", [Opened(layer, VectorData(None, [], features))])
    monkeypatch.setattr(shapely, "from_wkb", lambda *_, **__: pytest.fail("a shape was made"))
    data = read_entry(tmp_path / "entry")[0].data
    assert isinstance(data, VectorData)
    assert data.features is not None
    assert isinstance(data.features.box, np.memmap)
    assert data.count == 500
    assert data.crs == CRS
    assert data.bounds == pytest.approx(tuple(frame.total_bounds))
    assert data.fields == tuple(c for c in frame.columns if c != "geometry")
    pd.testing.assert_frame_equal(data.attributes, pd.DataFrame(frame.drop(columns="geometry")), check_dtype=False,
                                  check_names=False)  # fmt: skip
    assert data.has(7)
    assert not data.has(500)
    monkeypatch.undo()
    assert shapely.equals_exact(data.frame.geometry.array, frame.geometry.array).all()
    assert data.frame is data.frame  # made once


def test_some_rows_come_in_the_order_asked_for_from_any_batch():
    frame = frame_of(300)
    whole = Features.of_frame(frame)
    parts = pa.Table.from_batches([b for k in range(0, 300, 70) for b in whole.table.slice(k, 70).to_batches()])
    features = Features(parts, whole.fids, whole.crs)
    rows = np.random.default_rng(1).permutation(300)[:90]
    taken = features.subset(rows)
    assert taken.index.tolist() == frame.index[rows].tolist()
    assert taken["height"].tolist() == frame["height"].to_numpy()[rows].tolist()
    assert shapely.equals_exact(taken.geometry.array, frame.geometry.array[rows]).all()
    assert features.row_of([5, 299, 300, -1]).tolist() == [5, 299, -1, -1]


def test_features_with_numbers_of_their_own_are_found_by_them(tmp_path):
    frame = frame_of(50)
    frame.index = pd.Index(np.random.default_rng(4).permutation(50) * 3 + 10)
    features = Features.of_frame(frame)
    assert features.row_of(frame.index.to_numpy()).tolist() == list(range(50))
    features.save(tmp_path)
    again = Features.load(tmp_path, CRS)
    assert np.array_equal(again.fids, frame.index.to_numpy())
    assert VectorData(None, [], again).row(int(frame.index[7]))["name"] == frame["name"].iloc[7]


def test_gdal_is_asked_for_batches_and_not_for_everything_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(vector_large, "LARGE", 10)
    monkeypatch.setattr(vector_large, "_BATCH", 64)
    path = tmp_path / "houses.gpkg"
    frame_of(200).to_file(path, engine="pyogrio")
    asked = []
    original = pyogrio.open_arrow
    monkeypatch.setattr(pyogrio, "open_arrow", lambda *a, **k: asked.append(k["batch_size"]) or original(*a, **k))
    opened = vector.read(path, ReadRequest(), Progress())
    assert asked == [64]
    assert opened[0].data.features.table.column("geometry").num_chunks == 4
