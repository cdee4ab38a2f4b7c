"""A project is saved whole or not at all, comes back as it was, and is a GeoPackage that other programs open."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.facilities.coding.editions import ClassTable, FacilityClass
from models.health.editions import Threshold
from models.health.results import (
    CITY_OID,
    GoodObjects,
    IndicatorResult,
    InputUsed,
    LayerRead,
    Problem,
    Stamp,
    UnitValue,
)
from models.layers.groups import LayerGroup
from models.layers.layer import Layer, RasterData, Source, Style, VectorData
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.roles import KINDS, ROLES
from models.store import atomic, project_file, schema
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.viewpoint import Viewpoint
from tests.support.paths import ROOT

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))


def buildings() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["甲楼", None, "丙楼"], "use": ["residential", "office", None], "storeys": [6, 18, 1]},
        geometry=[shapely.box(0, 0, 10, 8), shapely.box(20, 0, 40, 20), shapely.Point(5, 5).buffer(3)],
        crs="EPSG:4548",
        index=pd.Index([1, 2, 7], name="fid"),
    )


def project() -> tuple[ProjectState, dict]:
    layers = (
        Layer("districts", "街区", "vector", "districts", name_en="Sub-districts"),
        Layer("buildings", "建筑", "vector", "buildings", synthetic=True, data_source="城镜 / Chengjing"),
        Layer("readings", "监测", "table", "readings"),
        Layer("terrain", "地形", "terrain", "terrain", source=Source("sample_files/dem.tif", reader="raster")),
    )
    data = {
        "districts": VectorData(buildings().iloc[:1]),
        "buildings": VectorData(buildings()),
        "readings": VectorData(pd.DataFrame({"value": [1.5, np.nan]}, index=pd.Index([1, 2], name="fid"))),
        "terrain": RasterData(np.zeros((2, 2), np.float32), (1, 0, 0, 0, -1, 0), "EPSG:4548"),
    }
    return ProjectState("城", "City", FRAME, layers), data


def save(path: Path, **changes: object) -> tuple[ProjectState, dict]:
    state, data = project()
    project_file.save_project(replace(state, **changes), data, path)
    return state, data


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    assert type(left) is type(right)
    left = left.sort_index()
    labelled = bool(len(left.columns))
    pd.testing.assert_frame_equal(pd.DataFrame(left), pd.DataFrame(right), check_column_type=labelled)
    if isinstance(left, gpd.GeoDataFrame):
        assert left.crs == right.crs
        assert left.geometry.name == right.geometry.name


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if "-saving-" in path.name]


# --- open∘save = identity ---

#: Every example writes a file: no shrinking, which would take minutes.
slow = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
vectors = st.tuples(numbers, numbers, numbers)
layers = st.builds(
    Layer,
    id=st.text("abcXYZ 街_-'\"1", min_size=1, max_size=9),
    name=words,
    kind=st.sampled_from(KINDS),
    role=st.sampled_from(list(ROLES)),
    source=st.builds(
        Source,
        path=st.sampled_from(["", "a/图.tif", "../b.ifc"]),
        sublayer=words,
        crs=words,
        options=st.dictionaries(words, words, max_size=2),
    ),
    style=st.builds(Style, colour=st.sampled_from(["", "#102030"]), opacity=numbers, by=words, size=numbers),
    visible=st.booleans(),
    synthetic=st.booleans(),
    name_en=words,
    data_source=words,
    code_edition=words,
)
oids = st.integers(0, 2**53)
units = st.builds(
    UnitValue,
    unit_layer=words,
    unit_oid=oids,
    unit_code=words,
    unit_name=words,
    unit_name_en=words,
    value=st.none() | numbers,
    numerator=st.none() | numbers,
    denominator=st.none() | numbers,
    coverage=numbers,
    status=words,
    reason=words,
    grade=words,
)
kept = st.builds(
    IndicatorResult,
    code=words,
    edition=words,
    units=st.lists(units, max_size=3).map(tuple),
    city=units.map(lambda unit: replace(unit, unit_oid=CITY_OID)),
    problems=st.lists(
        st.builds(
            Problem, key=st.builds(ObjectKey, words, oids), reason=words, value=st.none() | numbers, code=words,
            name=words, name_en=words, unit_oid=oids,
        ), max_size=3,
    ).map(tuple),
    inputs=st.lists(st.builds(InputUsed, words, words, oids), max_size=2).map(tuple),
    thresholds=st.lists(
        st.builds(Threshold, words, st.dictionaries(words, words | numbers, max_size=2), words, st.booleans()),
        max_size=2,
    ).map(tuple),
    good=st.lists(
        st.builds(
            GoodObjects, words,
            st.builds(
                lambda layer, ids: Keys([(layer, np.array(sorted(ids), np.int64))]),
                words,
                st.sets(oids, min_size=1, max_size=4),
            ),
        ), max_size=3, unique_by=lambda good: good.reason,
    ).map(tuple),
    stamp=st.builds(
        Stamp, words.filter(bool), words,
        st.lists(st.builds(LayerRead, words, words, st.dictionaries(words, words, max_size=2)), max_size=2).map(tuple),
    ) | st.just(Stamp()),
)  # fmt: skip
cameras = st.builds(
    Camera, position=vectors, focal_point=vectors, up=vectors, angle_deg=numbers, parallel_scale_m=st.none() | numbers
)
states = st.builds(
    ProjectState,
    name=words,
    name_en=words,
    frame=st.sampled_from([None, FRAME, Frame("EPSG:32650"), Frame(project_file.parse_crs("EPSG:4548").to_wkt())]),
    layers=st.lists(layers, max_size=4, unique_by=lambda layer: layer.id).map(tuple),
    viewpoints=st.lists(st.builds(Viewpoint, id=words, name=words, camera=cameras, name_en=words), max_size=2).map(
        tuple
    ),
    results=st.lists(kept, max_size=2, unique_by=lambda result: (result.code, result.edition)).map(tuple),
    theme=st.builds(Theme, kind=words, indicator=words),
    groups=st.lists(
        st.builds(LayerGroup, id=words, name=words, layers=st.lists(words, max_size=3).map(tuple), name_en=words),
        max_size=2,
    ).map(tuple),
    class_tables=st.lists(
        st.builds(
            ClassTable,
            words,
            st.lists(st.builds(FacilityClass, words, words, words, cover=st.booleans()), max_size=2).map(tuple),
            words,
        ),
        max_size=2,
    ).map(tuple),
)


@settings(slow, max_examples=25)
@given(state=states)
def test_opening_what_was_saved_gives_back_an_equal_state(tmp_path: Path, state: ProjectState):
    path = tmp_path / "p.gpkg"
    project_file.save_project(state, {}, path, previous=path)
    assert project_file.open_project(path) == (state, {})


cells = {
    "object": st.none() | words | st.integers(-(2**70), 2**70) | st.booleans() | st.lists(st.integers(), max_size=2),
    "text": st.none() | st.text(max_size=6),
    "date": st.none() | st.dates(dt.date(1000, 1, 1)),
    "bytes": st.none() | st.binary(max_size=4),
    "Int64": st.none() | st.integers(-(2**63), 2**63 - 1),
    "boolean": st.none() | st.booleans(),
    "str": st.none() | words,
    "category": st.none() | st.sampled_from(["甲", "乙"]),
    "int8": st.integers(-128, 127),
    "uint64": st.integers(0, 2**64 - 1),
    "bool": st.booleans(),
    "float64": st.floats(allow_nan=True, allow_infinity=True),
    "float32": st.floats(width=32),
    "datetime64[ns]": nps.from_dtype(np.dtype("datetime64[ns]")),
    "datetime64[s]": st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30)).map(np.datetime64),
    "tz": st.none() | st.datetimes(dt.datetime(1900, 1, 2), dt.datetime(2200, 1, 1)),
    "timedelta64[ns]": nps.from_dtype(np.dtype("timedelta64[ns]")),
}
shapes = st.sampled_from(
    [None, shapely.Point(1, 2), shapely.Point(1, 2, 3), shapely.box(0, 0, 1, 1), shapely.Polygon(),
     shapely.MultiPoint([(0, 0), (1, 1)]), shapely.LineString([(0, 0, 1), (1, 1, 2)]),
     shapely.GeometryCollection([shapely.Point(0, 0)])]
)  # fmt: skip


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    fids = draw(st.lists(st.integers(0, 2**40), max_size=4, unique=True))
    index = pd.Index(sorted(fids), dtype="int64", name=draw(st.sampled_from(["fid", None, "oid"])))
    frame = pd.DataFrame(index=index)
    for kind in draw(st.lists(st.sampled_from(sorted(cells)), max_size=5, unique=True)):
        values = draw(st.lists(cells[kind], min_size=len(fids), max_size=len(fids)))
        label = draw(st.sampled_from([kind, kind.upper(), "fid", "名称", "a\"b'c", ""]))
        if label in frame.columns:
            continue
        if kind in ("object", "text", "date", "bytes"):
            frame[label] = pd.Series(values, index, dtype=object)
        elif kind == "tz":
            naive = pd.Series(pd.to_datetime(values), index).astype("datetime64[us]")
            frame[label] = naive.dt.tz_localize("UTC").dt.tz_convert("Asia/Shanghai")
        else:
            frame[label] = pd.Series(values, index, dtype=kind)
    if draw(st.booleans()):
        return frame
    crs = draw(st.sampled_from([None, "EPSG:4548", "EPSG:4490", "EPSG:4548+5737", "+proj=tmerc +lon_0=117.3 +units=m"]))
    geometry = draw(st.lists(shapes, min_size=len(fids), max_size=len(fids)))
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, index, crs=crs))


@settings(slow, max_examples=40)
@given(frame=frames())
def test_opening_what_was_saved_gives_back_an_equal_table(tmp_path: Path, frame: pd.DataFrame):
    path = tmp_path / "p.gpkg"
    state = ProjectState(layers=(Layer("t", "表", "vector"),))
    project_file.save_project(state, {"t": VectorData(frame)}, path)
    _, data = project_file.open_project(path)
    same(frame, data["t"].frame)


def test_rows_come_back_in_the_order_of_their_ids(tmp_path: Path):
    frame = pd.DataFrame({"a": ["x", "y"]}, index=[9, 3])
    project_file.save_project(
        ProjectState(layers=(Layer("t", "", "table"),)), {"t": VectorData(frame)}, tmp_path / "p.gpkg"
    )
    found = project_file.open_project(tmp_path / "p.gpkg")[1]["t"].frame
    assert found.index.tolist() == [3, 9]
    assert found["a"].tolist() == ["y", "x"]


def test_a_table_whose_index_cannot_be_an_id_is_a_fault_of_ours(tmp_path: Path):
    with pytest.raises(ValueError, match="unique"):
        project_file.save_project(
            ProjectState(layers=(Layer("t", "", "table"),)),
            {"t": VectorData(pd.DataFrame({"a": [1, 2]}, index=[1, 1]))},
            tmp_path / "p.gpkg",
        )
    assert list(tmp_path.iterdir()) == []


def test_a_second_geometry_column_survives(tmp_path: Path):
    frame = buildings()
    frame["door"] = gpd.GeoSeries([shapely.Point(1, 1), None, shapely.Point(2, 2)], index=frame.index, crs="EPSG:4490")
    project_file.save_project(
        ProjectState(layers=(Layer("b", "", "vector"),)), {"b": VectorData(frame)}, tmp_path / "p.gpkg"
    )
    found = project_file.open_project(tmp_path / "p.gpkg")[1]["b"].frame
    assert found.geometry.name == "geometry"
    assert found["door"].crs == "EPSG:4490"
    assert found["door"].tolist() == frame["door"].tolist()


# --- what other programs see ---


def test_other_programs_see_a_sound_geopackage(tmp_path: Path):
    save(tmp_path / "p.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "p.gpkg")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        kinds = dict(connection.execute("SELECT table_name, data_type FROM gpkg_contents"))
        indexed = connection.execute("SELECT count(*) FROM rtree_buildings_geometry").fetchone()
    assert kinds["buildings"] == "features"
    assert {kinds[name] for name in (*schema.TABLES, "readings", "layer_styles")} == {"attributes"}
    assert indexed == (3,)
    listed = {str(name) for name, _ in pyogrio.list_layers(tmp_path / "p.gpkg")}
    assert {"districts", "buildings", "readings", "chengjing_layers", "chengjing_results"} <= listed
    info = pyogrio.read_info(tmp_path / "p.gpkg", layer="buildings")
    assert info["crs"] == "EPSG:4548"
    assert info["geometry_type"] == "Polygon"
    read = gpd.read_file(tmp_path / "p.gpkg", layer="buildings", fid_as_index=True)
    assert read.index.tolist() == [1, 2, 7]
    assert read.loc[1, "name"] == "甲楼"


def test_qgis_finds_a_default_style_for_each_feature_table(tmp_path: Path):
    save(tmp_path / "p.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "p.gpkg")) as connection:
        rows = connection.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles ORDER BY f_table_name"
        ).fetchall()
    assert [row[:3] for row in rows] == [("buildings", "geometry", 1), ("districts", "geometry", 1)]
    root = ET.fromstring(rows[0][3].split("\n", 1)[1])  # noqa: S314 - our own
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "use")
    symbols = {symbol.get("name") for symbol in renderer.findall("symbols/symbol")}
    assert {category.get("symbol") for category in renderer.findall("categories/category")} == symbols
    assert {symbol.get("type") for symbol in renderer.findall("symbols/symbol")} == {"fill"}


def test_a_style_made_in_qgis_stays_the_default(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    state, data = save(path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE layer_styles SET useAsDefault = 0")
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, useAsDefault, owner) VALUES ('', '', 'buildings', 'geometry', 'mine', '<qgis/>', 1, 'me')"
        )
    project_file.save_project(state, data, path, previous=path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        query = "SELECT styleName FROM layer_styles WHERE useAsDefault AND f_table_name = 'buildings'"
        assert connection.execute(query).fetchall() == [("mine",)]


def test_a_column_added_in_qgis_is_read(tmp_path: Path):
    save(tmp_path / "p.gpkg")
    with contextlib.closing(sqlite3.connect(tmp_path / "p.gpkg")) as connection, connection:
        connection.execute("ALTER TABLE readings ADD COLUMN remark TEXT")
        connection.execute("UPDATE readings SET remark = '已核' WHERE fid = 2")
    found = project_file.open_project(tmp_path / "p.gpkg")[1]["readings"].frame
    assert found["remark"].tolist()[1] == "已核"


def test_a_geopackage_of_another_program_is_not_a_project(tmp_path: Path):
    path = tmp_path / "other.gpkg"
    buildings().to_file(path, layer="b")
    assert not project_file.is_project(path)
    with pytest.raises(UserError, match=r"store\.not_a_project"):
        project_file.open_project(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"\0" * 50])
def test_a_file_that_is_no_database_is_not_a_project(tmp_path: Path, content: bytes):
    path = tmp_path / "x.gpkg"
    path.write_bytes(content)
    assert not project_file.is_project(path)
    with pytest.raises(UserError, match=r"store\."):
        project_file.open_project(path)


def test_the_same_content_and_stamp_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    state, data = project()
    project_file.save_project(state, data, tmp_path / "a.gpkg", stamp="2025-08-01")
    time.sleep(0.01)
    project_file.save_project(state, data, tmp_path / "b.gpkg", stamp="2025-08-01T00:00:00Z")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(dt.datetime(2025, 8, 1, tzinfo=dt.UTC).timestamp())))
    project_file.save_project(state, data, tmp_path / "c.gpkg")
    assert (
        (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes() == (tmp_path / "c.gpkg").read_bytes()
    )


# --- saving again ---


def test_only_tables_that_changed_are_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "p.gpkg"
    save(path)
    state, data = project_file.open_project(path)
    written = []
    genuine = project_file._write_table
    monkeypatch.setattr(
        project_file, "_write_table", lambda file, name, *rest: (written.append(name), genuine(file, name, *rest))
    )
    project_file.save_project(replace(state, name="新"), data, path, previous=path)
    assert written == []
    data["readings"].frame.loc[1, "value"] = 2.5
    project_file.save_project(state, data, path, previous=path)
    assert written == ["readings"]
    assert project_file.open_project(path)[1]["readings"].frame.loc[1, "value"] == 2.5


def test_a_removed_layer_leaves_nothing_behind(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    state, data = save(path)
    project_file.save_project(state.without_layer("buildings"), data, path, previous=path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert not [row for row in connection.execute("SELECT name FROM sqlite_master") if "buildings" in row[0]]
        assert connection.execute("SELECT count(*) FROM layer_styles").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_table_whose_data_is_not_loaded_is_carried_over(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    state, data = save(path)
    project_file.save_project(state, {"readings": data["readings"]}, path, previous=path)
    same(buildings(), project_file.open_project(path)[1]["buildings"].frame)


def test_saving_elsewhere_leaves_the_first_file_alone_and_carries_a_persons_tables_over(tmp_path: Path):
    first, second = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    state, data = save(first)
    pyogrio.write_dataframe(pd.DataFrame({"note": ["x"]}), first, layer="my_notes")
    before = first.read_bytes()
    project_file.save_project(state, data, second, previous=first)
    assert first.read_bytes() == before
    assert len(pyogrio.read_dataframe(second, layer="my_notes")) == 1


def test_a_layer_never_overwrites_a_table_of_the_same_name_that_is_not_ours(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    state, data = save(path)
    pyogrio.write_dataframe(pd.DataFrame({"note": ["x"]}), path, layer="Trees")
    state = state.with_layer(Layer("trees", "树", "vector"))
    project_file.save_project(state, data | {"trees": VectorData(buildings())}, path, previous=path)
    assert len(pyogrio.read_dataframe(path, layer="Trees")) == 1
    same(buildings(), project_file.open_project(path)[1]["trees"].frame)


def test_linked_sources_are_named_relative_to_the_project(tmp_path: Path):
    state = ProjectState(
        layers=(
            Layer("a", "", "terrain", source=Source(str(tmp_path / "图" / "dem.tif"))),
            Layer("b", "", "model", source=Source("models/x.ifc")),
            Layer("c", "", "model", source=Source("D:\\city\\x.ifc")),
        )
    )
    project_file.save_project(state, {}, tmp_path / "projects.gpkg")
    found = project_file.open_project(tmp_path / "projects.gpkg")[0]
    assert [layer.source.path for layer in found.layers] == ["图/dem.tif", "models/x.ifc", "D:\\city\\x.ifc"]


# --- bad endings ---


def test_a_truncated_project_is_refused(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"store\.corrupt"):
        project_file.open_project(path)


def test_a_layer_of_no_known_kind_is_refused(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE chengjing_layers SET kind = '{'")
    with pytest.raises(UserError, match=r"store\.corrupt"):
        project_file.open_project(path)


def test_a_project_of_a_later_version_is_refused(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE chengjing_meta SET value = '99' WHERE key = 'version'")
    with pytest.raises(UserError, match=r"store\.newer_version"):
        project_file.open_project(path)


def test_an_older_project_is_brought_up_while_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "p.gpkg"
    save(path)
    before = path.read_bytes()

    def rename(documents: schema.Documents) -> schema.Documents:
        meta = [row | {"value": row["value"] + "!"} if row["key"] == "name" else row for row in documents[schema.META]]
        return documents | {schema.META: meta}

    monkeypatch.setitem(schema.MIGRATIONS, schema.VERSION, rename)
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    assert project_file.open_project(path)[0].name == "城!"
    assert path.read_bytes() == before


def test_a_missing_project_says_so(tmp_path: Path):
    with pytest.raises(UserError, match=r"store\.missing"):
        project_file.open_project(tmp_path / "none.gpkg")


def test_a_folder_that_does_not_exist_says_so(tmp_path: Path):
    with pytest.raises(UserError, match=r"store\.no_folder"):
        save(tmp_path / "none" / "p.gpkg")


def test_a_protected_file_is_not_replaced(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(UserError, match=r"store\.read_only"):
        save(path, name="新")
    assert path.read_bytes() == before
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EACCES, "store.read_only"), (errno.EROFS, "store.read_only"), (errno.ENOSPC, "store.disk_full")],
)
@pytest.mark.parametrize("call", ["_probe", "_sync"])
def test_a_failing_file_system_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, call: str
):
    path = tmp_path / "p.gpkg"
    save(path)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(atomic, call, fail)
    with pytest.raises(UserError, match=code):
        save(path, name="新")
    assert path.read_bytes() == before
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path):
    """The limit on a file's size makes GDAL and SQLite fail where a full disk would: in the middle."""
    path = tmp_path / "p.gpkg"
    save(path)
    before = path.read_bytes()
    _, data = project()
    big = pd.DataFrame({"a": np.arange(200_000), "b": ["文本"] * 200_000}, index=pd.RangeIndex(1, 200_001, name="fid"))
    limit, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(UserError, match=r"store\.(disk_full|write_failed)"):
            project_file.save_project(project()[0], data | {"readings": VectorData(big)}, path, previous=path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert leftovers(tmp_path) == []


def test_rows_that_got_lost_while_writing_cost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "p.gpkg"
    save(path)
    before = path.read_bytes()
    genuine = project_file._write_table
    monkeypatch.setattr(
        project_file, "_write_table", lambda file, name, table, *rest: genuine(file, name, table[:1], *rest)
    )
    with pytest.raises(UserError, match=r"store\.write_failed"):
        save(path, name="新")
    assert path.read_bytes() == before


def test_a_cancelled_save_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    state, data = save(path)
    before = path.read_bytes()
    progress = Progress(lambda fraction, _: progress.cancel() if fraction > 0.3 else None)
    with pytest.raises(Cancelled):
        project_file.save_project(replace(state, name="新"), data, path, progress)
    assert path.read_bytes() == before
    assert leftovers(tmp_path) == []


def test_what_a_killed_save_left_is_swept_away_later(tmp_path: Path):
    path = tmp_path / "城 [1].gpkg"
    fresh, old = tmp_path / ".城 [1]-saving-11111111.gpkg", tmp_path / ".城 [1]-saving-22222222.gpkg"
    for leftover in (fresh, old):
        leftover.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * atomic.ABANDONED_S,) * 2)
    save(path)
    assert fresh.exists()  # may be a save that is still running
    assert not old.exists()


KILLED = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from models.store import project_file
from tests.models.store.test_project_file import project
project_file._require_complete = lambda *_: os.kill(os.getpid(), 9)
state, data = project()
project_file.save_project(state, data, Path({path!r}))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_save_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    before = path.read_bytes()
    code = KILLED.format(root=str(ROOT), path=str(path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert path.read_bytes() == before


def test_a_file_that_another_program_is_writing_is_not_replaced(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match=r"store\.locked"):
            save(path, name="新")
        other.execute("ROLLBACK")
    assert project_file.open_project(path)[0].name == "城"


def test_an_open_write_ahead_log_is_never_left_beside_a_new_file(tmp_path: Path):
    """QGIS opens every GeoPackage with a write-ahead log; the log of the old file would wreck the new one."""
    path = tmp_path / "p.gpkg"
    save(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("UPDATE readings SET value = 9 WHERE fid = 1")
    with pytest.raises(UserError, match=r"store\.locked"):
        save(path, name="新")
    other.close()
    save(path, name="新")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["p.gpkg"]
    assert project_file.open_project(path)[0].name == "新"


def test_the_data_of_an_open_write_ahead_log_is_read(tmp_path: Path):
    path = tmp_path / "p.gpkg"
    save(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("UPDATE chengjing_meta SET value = '改' WHERE key = 'name'")
    assert project_file.open_project(path)[0].name == "改"
    other.close()
