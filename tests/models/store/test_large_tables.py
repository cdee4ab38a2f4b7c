"""What is kept of large tables: in projects without making shapes, and beside the cache for the next first picture."""

import json
import time
from dataclasses import replace

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

from models.core import derived_cache as kept
from models.core.errors import Cancelled
from models.core.progress import Progress
from models.crs.frame import Frame
from models.geometry import quadtree as chunk_tree
from models.geometry.feature_table import Features
from models.io.request import Opened
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.store import columns, frames, project_file
from models.store.cache import GeometryCache, write_entry
from models.terrain.ground import Ground
from viewers.render.chunks import preparation, source
from viewers.render.chunks.preparation import prepare

CRS = "EPSG:4547"
FRAME = Frame(CRS, None, (500_000, 3_400_000, 0))
LAYER = Layer("houses", "houses", "vector", "buildings", style=Style(height_field="height"))


def houses(count=30_000, seed=4):
    rng = np.random.default_rng(seed)
    x, y = 500_000 + rng.random(count) * 9000, 3_400_000 + rng.random(count) * 9000
    table = {
        "height": np.round(rng.gamma(2.0, 8.0, count) + 4, 1),
        "名称": [None if k % 9 == 0 else f"楼{k}" for k in range(count)],
        "floors": pd.array([None if k % 5 == 0 else k % 30 for k in range(count)], dtype="Int32"),
        "old": rng.random(count) < 0.3,
        "built": pd.to_datetime("2001-02-03") + pd.to_timedelta(np.arange(count), unit="D").astype("m8[us]"),
        "use": pd.Categorical(rng.choice(["office", "flats"], count)),
    }
    index = pd.Index(np.arange(count) * 2 + 7, name="fid")
    return gpd.GeoDataFrame(table, geometry=shapely.box(x, y, x + 12, y + 15), crs=CRS, index=index)


@pytest.fixture
def no_shapes(monkeypatch):
    """Let nobody make shapely objects from WKB."""

    def refuse(*_args, **_options):
        raise AssertionError("shapes were made")

    monkeypatch.setattr(shapely, "from_wkb", refuse)


def as_columns(frame):
    """Return a frame's features as they are held when they were read as columns."""
    made = Features.of_frame(frame)
    return Features(made.table, made.fids, made.crs)


def save(data, path, progress=None, previous=None):
    state = ProjectState(frame=FRAME, layers=(LAYER,))
    project_file.save_project(state, {LAYER.id: data}, path, progress, previous, stamp="2026-01-02")


def test_a_large_table_is_saved_and_opened_without_making_a_shape(tmp_path, no_shapes):
    features = as_columns(houses())
    steps = []
    save(VectorData(None, features=features), tmp_path / "a.gpkg", Progress(lambda fraction, _: steps.append(fraction)))
    assert steps == sorted(steps)
    _, data = project_file.open_project(tmp_path / "a.gpkg")
    again = data[LAYER.id].columnar
    assert again is not None
    assert again.crs == CRS
    assert np.array_equal(again.fids, features.fids)
    assert again.wkb.to_pylist() == features.wkb.to_pylist()
    pd.testing.assert_frame_equal(again.attributes, features.attributes)


def test_columns_and_frames_make_the_same_table(tmp_path):
    frame = houses()
    save(VectorData(frame), tmp_path / "frame.gpkg")
    save(VectorData(None, features=Features.of_frame(frame)), tmp_path / "columns.gpkg")
    one, two = (pyogrio.read_dataframe(tmp_path / f"{n}.gpkg", layer="houses", fid_as_index=True)
                for n in ("frame", "columns"))  # fmt: skip
    pd.testing.assert_frame_equal(one, two)
    about = [pyogrio.read_info(tmp_path / f"{n}.gpkg", layer="houses") for n in ("frame", "columns")]
    assert about[0]["geometry_type"] == about[1]["geometry_type"] == "Polygon"
    assert about[0]["crs"] == about[1]["crs"]
    for name in ("frame", "columns"):  # and both come back as the frame that it was, column by column
        _, data = project_file.open_project(tmp_path / f"{name}.gpkg")
        pd.testing.assert_frame_equal(data["houses"].attributes, frame.drop(columns="geometry"))
        pd.testing.assert_frame_equal(pd.DataFrame(data["houses"].row(7)).T, pd.DataFrame(frame.loc[7]).T)


def test_a_large_table_that_did_not_change_is_not_written_again(tmp_path, monkeypatch):
    path = tmp_path / "a.gpkg"
    save(VectorData(None, features=as_columns(houses())), path)
    written = []
    write = project_file._write_table
    monkeypatch.setattr(project_file, "_write_table", lambda *args: (written.append(args[1]), write(*args)))
    _, data = project_file.open_project(path)
    save(data[LAYER.id], path, previous=path)
    assert written == []
    frame = houses()
    frame.loc[frame.index[-1], "height"] += 1.0
    save(VectorData(None, features=as_columns(frame)), path, previous=path)
    assert written == ["houses"]
    assert project_file.open_project(path)[1]["houses"].attributes["height"].iloc[-1] == frame["height"].iloc[-1]


def test_a_save_of_a_large_table_that_is_cancelled_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(columns, "_BATCH", 2000)
    progress = Progress(lambda fraction, _: progress.cancel() if fraction > 0.4 else None)
    with pytest.raises(Cancelled):
        save(VectorData(None, features=as_columns(houses())), tmp_path / "a.gpkg", progress)
    assert list(tmp_path.iterdir()) == []


def test_rows_without_a_shape_are_not_lost(tmp_path):
    frame = houses(21_000)
    frame.loc[frame.index[5], "geometry"] = None
    save(VectorData(frame), tmp_path / "a.gpkg")
    _, data = project_file.open_project(tmp_path / "a.gpkg")
    assert data["houses"].columnar is None
    pd.testing.assert_frame_equal(pd.DataFrame(data["houses"].frame), pd.DataFrame(frame))


def test_the_fingerprint_of_columns_sees_values_not_batches():
    table = pa.table({
        "n": pa.array([1, None, 3, 4]), "t": pa.array(["ab", None, "", "c"]), "b": pa.array([True, None, False, True]),
        "w": pa.array([b"x", b"yz", b"", b"q"]),
        "d": pa.array([1, None, 3, 4], pa.timestamp("ms")),
    })  # fmt: skip
    said = columns.digest(table, {})
    cut = pa.concat_tables([table.slice(0, 1), table.slice(1, 2), table.slice(3)])
    assert columns.digest(cut, {}) == said
    others = {
        "n": [1, 0, 3, 4], "t": ["a", None, "b", "c"], "b": [True, False, False, True], "w": [b"xy", b"z", b"", b"q"],
        "d": pa.array([1, 0, 3, 4], pa.timestamp("ms")),
    }  # fmt: skip
    for name, values in others.items():
        other = table.set_column(table.column_names.index(name), name, [pa.array(values, table.column(name).type)])
        assert columns.digest(other, {}) != said, name
    assert columns.digest(table, {"crs": CRS}) != said


@pytest.mark.parametrize(
    "kinds", [("Polygon",), ("Point",), ("PointZ",), ("Polygon", "MultiPolygon"), ("LineStringZ",)]
)
def test_the_type_of_columns_is_that_of_the_shapes(kinds):
    box = shapely.box(0, 0, 1, 1)
    made = {
        "Polygon": box, "MultiPolygon": shapely.MultiPolygon([box]), "Point": shapely.Point(1, 2),
        "PointZ": shapely.Point(1, 2, 3), "LineStringZ": shapely.LineString([(0, 0, 1), (1, 1, 1)]),
    }  # fmt: skip
    frame = gpd.GeoDataFrame(geometry=[made[kind] for kind in kinds] * 3, crs=CRS)
    assert columns.geometry_type(Features.of_frame(frame)) == frames.geometry_type(frame)
    iso = pa.array(shapely.to_wkb(frame.geometry.array, flavor="iso", byte_order=0), pa.binary())
    big = Features.of_columns(frame.drop(columns="geometry"), iso, CRS)
    assert columns.geometry_type(big) == frames.geometry_type(frame)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300).flatmap(lambda n: arrays(np.uint32, n)))
def test_sorting_by_halves_is_sorting(code):
    assert np.array_equal(chunk_tree._sorting(code), np.argsort(code, kind="stable"))


# --- beside the cache -------------------------------------------------------------------------------------------------


def test_what_is_kept_comes_back_and_the_oldest_goes(tmp_path):
    for number in range(kept.MOST_KEPT + 2):
        assert kept.keep(tmp_path, f"k{number}", {"a": np.arange(number), "b": np.eye(2)})
        time.sleep(0.02)
    assert kept.recall(tmp_path, "k0") == {}
    found = kept.recall(tmp_path, f"k{kept.MOST_KEPT + 1}")
    assert found["a"].tolist() == list(range(kept.MOST_KEPT + 1))
    assert np.array_equal(found["b"], np.eye(2))
    assert kept.recall(None, "k0") == {}


def test_what_is_kept_and_damaged_is_worked_out_again(tmp_path):
    kept.keep(tmp_path, "k", {"a": np.arange(1000)})
    file = tmp_path / "kept-k" / "a.npy"
    file.write_bytes(file.read_bytes()[:200])
    assert kept.recall(tmp_path, "k") == {}
    assert not file.exists(), "so that it is made again"
    kept.keep(tmp_path, "k", {"a": np.arange(1000)})
    (tmp_path / "kept-k" / "arrays.json").write_text(json.dumps(["a"]))
    assert kept.recall(tmp_path, "k") == {}


def test_nothing_is_kept_for_a_table_that_has_gone(tmp_path):
    assert not kept.keep(tmp_path / "gone" / "0", "k", {"a": np.arange(3)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("horizontal", [CRS, "EPSG:4548"])
def test_a_layer_opened_again_is_what_it_was_without_working_it_out(tmp_path, monkeypatch, horizontal):
    monkeypatch.setattr(kept, "keep_later", lambda home, key, arrays: kept.keep(home, key, arrays()))
    cache = GeometryCache(tmp_path)
    with cache.writer("ab" * 20) as folder:
        write_entry(folder, [Opened(LAYER, VectorData(None, features=as_columns(houses(21_000))))])
    frame = Frame(horizontal, None, (500_000, 3_400_000, 0))
    ground = Ground(None, horizontal, 12.3)
    opened = [cache.load("ab" * 20)[0] for _ in range(2)]
    kept_first = prepare(opened[0].layer, opened[0].data, frame, ground)
    first = kept_first.source

    def refuse(*_args, **_options):
        raise AssertionError("worked out again")

    with monkeypatch.context() as patch:
        patch.setattr(preparation.CityTextureBaker, "bake", refuse)
        patch.setattr(source, "_colours", refuse)
        kept_again = prepare(opened[1].layer, opened[1].data, frame, ground)
    again = kept_again.source
    assert np.array_equal(kept_again.image, kept_first.image)
    assert np.array_equal(kept_again.baker.dark, kept_first.baker.dark)
    for name in ("oids", "x", "y", "half_x", "half_y", "foot", "storeys", "colours", "walls", "error"):
        assert np.array_equal(getattr(again, name), getattr(first, name)), name
    np.testing.assert_allclose(again.size, first.size, rtol=1e-5)  # heights in float32, once more less the ground
    np.testing.assert_allclose(again.top, first.top, atol=1e-4)
    np.testing.assert_allclose(again.low, first.low, atol=1e-4)
    assert all(np.array_equal(a, b) for a, b in zip(again.kept, first.kept, strict=True))
    assert np.array_equal(kept_again.baker.bake(again.walls), kept_first.baker.bake(first.walls))  # new colours as ever
    painted = replace(LAYER, style=Style(height_field="height", colour="#aa3311"))
    keys = {preparation._overview_key(layer, opened[0].data.features, first.context) for layer in (LAYER, painted)}
    assert len(keys) == 2
