"""A project from elsewhere: what is unsound in it costs that row and a word, never the program, and runs nothing."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely

from app.background.project_reading import read_project
from app.session import Session
from app.usecases.project import opening
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.io.registry import find_format
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey, SelectionSet
from models.store import frames, project_contents, project_file, sound_shapes, sqlite_guard
from models.store.rows import json_cells

NOTHING = b"\x01" + struct.pack("<Idd", 1, 0, 0)
DEEP = (b"\x01" + struct.pack("<II", 7, 1)) * 200_000 + NOTHING
OPEN_RING = (
    b"\x01" + struct.pack("<III", 3, 1, 3) + struct.pack("<6d", 500_000, 4e6, float("nan"), 4e6 + 10, 500_010, 4e6)
)
FALSE_COUNT = b"\x01" + struct.pack("<II", 2, 2**31 - 1) + b"\0" * 64


@pytest.fixture
def project(tmp_path: Path) -> Path:
    table = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"]},
        geometry=[shapely.box(500_000 + 30 * i, 4_060_000, 500_020 + 30 * i, 4_060_015) for i in range(3)],
        crs="EPSG:4548", index=pd.Index([1, 2, 3], name="fid"),
    )  # fmt: skip
    state = ProjectState(
        "城", "", Frame("EPSG:4548", None, (500_000, 4_060_000, 0)),
        (Layer("buildings", "建筑", "vector", "buildings"),),
        sets=(SelectionSet("甲", "", (ObjectKey("buildings", 1),)),),
    )  # fmt: skip
    path = tmp_path / "city.gpkg"
    project_file.save_project(state, {"buildings": VectorData(table)}, path)
    return path


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Give the database to somebody who changes what GeoPackage's own triggers would not let through."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        with connection:
            yield connection


def with_shape(path: Path, wkb: bytes) -> None:
    with opened(path) as connection:
        connection.execute(
            "UPDATE buildings SET geometry = ? WHERE fid = 2", (b"GP\x00\x01" + struct.pack("<i", 4548) + wkb,)
        )


@pytest.mark.parametrize("wkb", [OPEN_RING, FALSE_COUNT, DEEP, b"\x01\x03"], ids=["open", "count", "deep", "cut"])
def test_a_shape_that_cannot_be_read_costs_that_row_its_shape_and_is_named(
    session: Session, project: Path, wkb: bytes
) -> None:
    with_shape(project, wkb)
    opening.open_project(session, project)
    frame = session.project.data["buildings"].frame
    assert list(frame["name"]) == ["甲", "乙", "丙"]
    assert list(frame.geometry.isna()) == [False, True, False]
    (said,) = [notice for notice in session.notices.all if notice.key == "caution.project.shapes_unread"]
    assert (said.facts["layer"], said.facts["rows"]) == ("建筑", "2")
    opening.save_project(session, project.with_name("again.gpkg"))
    _, data = project_file.open_project(project.with_name("again.gpkg"))
    assert list(data["buildings"].frame.geometry.isna()) == [False, True, False]


def test_the_whole_large_table_is_still_there_beside_one_bad_shape(tmp_path: Path) -> None:
    count = 25_000
    shapes = shapely.points(500_000 + np.arange(count) % 500, 4_060_000 + np.arange(count) // 500)
    table = gpd.GeoDataFrame({"n": np.arange(count)}, geometry=shapes, crs="EPSG:4548")
    table.index.name = "fid"
    state = ProjectState("大", layers=(Layer("buildings", "点", "vector"),))
    path = tmp_path / "large.gpkg"
    project_file.save_project(state, {"buildings": VectorData(table)}, path)
    with_shape(path, OPEN_RING)
    read = read_project(path, Progress())
    data, cautions = read.data, read.cautions
    assert data["buildings"].count == count
    assert [caution.facts["rows"] for caution in cautions] == ["2"]


def test_a_view_in_the_place_of_a_table_of_ours_is_not_run_and_gives_way_when_saved(
    session: Session, project: Path
) -> None:
    with opened(project) as connection:
        connection.execute("ALTER TABLE chengjing_sets RENAME TO zz")
        connection.execute(
            "CREATE VIEW chengjing_sets AS WITH RECURSIVE r(id, name, rule, keys) AS (SELECT 1, 'a', 'b', '[]' "
            "UNION ALL SELECT id + 1, name, rule, keys FROM r) SELECT * FROM r"
        )
    opening.open_project(session, project)
    assert session.project.state.sets == ()
    assert [n.facts["table"] for n in session.notices.all if n.key == "caution.project.view_left_out"] == [
        "chengjing_sets"
    ]
    opening.save_project(session)
    state, _ = project_file.open_project(project)
    assert [layer.id for layer in state.layers] == ["buildings"]
    with sqlite_guard.reading(project) as connection:
        assert "chengjing_sets" in sqlite_guard.own_tables(connection)


@pytest.mark.parametrize("table", ["chengjing_layers", "gpkg_contents"])
def test_a_file_whose_list_of_tables_is_a_view_is_refused_by_name(project: Path, table: str) -> None:
    with opened(project) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"ALTER TABLE {table} RENAME TO zz")
        endless = "WITH RECURSIVE r AS (SELECT * FROM zz UNION ALL SELECT * FROM r) SELECT * FROM r"
        connection.execute(f"CREATE VIEW {table} AS {endless}")
    with pytest.raises(UserError, match=r"store\.view") as caught:
        read_project(project, Progress())
    assert caught.value.facts["table"] == table


def test_a_layer_that_is_a_view_is_left_out_and_named(project: Path) -> None:
    with opened(project) as connection:
        connection.execute("ALTER TABLE buildings RENAME TO zz")
        connection.execute("CREATE VIEW buildings AS SELECT * FROM zz, (SELECT 1)")
    read = read_project(project, Progress())
    state, data, cautions = read.state, read.data, read.cautions
    assert [layer.id for layer in state.layers] == ["buildings"]
    assert data == {}
    assert [(caution.code, caution.facts["table"]) for caution in cautions] == [("project.view_left_out", "buildings")]


def change(sql: str, *values: object) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(sql, values)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (change("UPDATE chengjing_layers SET style = ?", "[" * 100_000 + "]" * 100_000), "project.style_left_out"),
        (change("UPDATE chengjing_layers SET style = 'no'"), "project.style_left_out"),
        (change("UPDATE chengjing_layers SET place = '[1]'"), "project.place_left_out"),
        (change("UPDATE chengjing_layers SET verdict = '{}'"), "project.verdict_left_out"),
        (change("UPDATE chengjing_sets SET keys = '{'"), "project.row_left_out"),
        (change("UPDATE chengjing_sets SET keys = ?", b"\xff\xfe"), "project.row_left_out"),
    ],
)
def test_a_cell_that_cannot_be_read_costs_that_cell_or_row_and_is_named(
    project: Path, damage: Callable[[sqlite3.Connection], object], code: str
) -> None:
    with opened(project) as connection:
        damage(connection)
    read = read_project(project, Progress())
    state, data, cautions = read.state, read.data, read.cautions
    assert [layer.name for layer in state.layers] == ["建筑"]
    assert len(data["buildings"].frame) == 3
    assert [caution.code for caution in cautions] == [code]


@pytest.mark.parametrize(
    ("version", "code"),
    [("9" * 30, "store.newer_version"), (str(-(10**18)), "store.corrupt"), ("9" * 9_000, "store.corrupt"),
     ("two", "store.corrupt")],
)  # fmt: skip
def test_an_absurd_version_is_refused_at_once(project: Path, version: str, code: str) -> None:
    with opened(project) as connection:
        connection.execute("UPDATE chengjing_meta SET value = ? WHERE key = 'version'", (version,))
    with pytest.raises(UserError) as caught:
        read_project(project, Progress())
    assert caught.value.code == code


def test_a_query_that_does_not_end_is_interrupted(project: Path) -> None:
    with (
        sqlite_guard.reading(project, most_s=0.2) as connection,
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
    ):
        connection.execute(
            "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r"
        ).fetchone()


HOLDS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_database_that_another_program_holds_is_in_use_and_not_damaged(
    project: Path, session: Session, tmp_path: Path
) -> None:
    # Another process: within one, closing any handle of the file lets go of all locks on it.
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(project)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            for read in (
                lambda: project_file.is_project(project),
                lambda: read_project(project, Progress()),
                lambda: opening.open_files(session, [project]),
            ):
                with pytest.raises(UserError, match=r"store\.locked"):
                    read()
        finally:
            other.kill()


# --- its parts ---


def test_sound_records_are_readable_and_others_are_not() -> None:
    shapes = [
        shapely.Point(1, 2), shapely.Point(1, 2, 3), shapely.LineString([(0, 0), (1, 1)]), shapely.Point(),
        shapely.box(0, 0, 9, 9).difference(shapely.box(2, 2, 3, 3)), shapely.MultiPoint([(0, 0), (1, 1)]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)]),
        shapely.GeometryCollection([shapely.Point(0, 0), shapely.MultiLineString([[(0, 0), (1, 1)]])]),
    ]  # fmt: skip
    for flavor in ("iso", "extended"):
        for order in (0, 1):
            for shape in shapes:
                record = shapely.to_wkb(shape, flavor=flavor, byte_order=order)
                assert sound_shapes.is_readable(record)
                assert not sound_shapes.is_readable(record[:-1])
    assert not any(map(sound_shapes.is_readable, (FALSE_COUNT, DEEP, b"", b"\x07", b"\x01" + b"\xff" * 40)))


def test_ten_collections_inside_one_another_are_taken_and_a_thousand_are_not() -> None:
    def nested(depth: int) -> bytes:
        return (b"\x01" + struct.pack("<II", 7, 1)) * depth + NOTHING

    column = pa.chunked_array([pa.array([nested(10), nested(1_000), None, NOTHING], pa.binary())])
    for careful in (False, True):
        read, bad = sound_shapes.sound(column, careful=careful)
        assert bad.tolist() == [False, True, False, False]
        assert read.is_null().to_pylist() == [False, True, True, False]


def test_brackets_in_words_are_no_depth() -> None:
    text = json.dumps(["[" * 500, {"a": '"{' * 300}])
    assert json_cells.loaded(text) == json.loads(text)
    with pytest.raises(ValueError, match="brackets"):
        json_cells.loaded("[" * 65 + "]" * 65)


def test_a_layout_that_names_sizes_or_files_is_not_followed() -> None:
    def column(**note: str) -> dict[str, str]:
        return {"name": "a", "field": "a", "codec": "plain", "dtype": "object"} | note

    told = {
        "columns": [column(), column(dtype="S1000000000"), column(dtype="<U99999"), column(tz="dateutil//etc/passwd")]
    }
    assert frames.known_layout(json.dumps(told))["columns"] == [column()]


def test_what_is_read_is_kept_and_comes_back_the_same(project: Path, tmp_path: Path) -> None:
    contents = project_contents.read(project)
    folder = tmp_path / "kept"
    folder.mkdir()
    project_contents.keep(contents, folder)
    back = project_contents.kept(folder)
    assert back.documents == contents.documents
    assert back.tables["buildings"].rows.equals(contents.tables["buildings"].rows)
    assert back.tables["buildings"].fids.tolist() == [1, 2, 3]


@pytest.mark.parametrize("table", ["gpkg_contents", "metadata"])
def test_asking_what_a_file_is_does_not_wait_for_a_view_without_end(
    tmp_path: Path, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_guard, "GLANCE_S", 0.2)
    path = tmp_path / "endless.gpkg"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"
        columns = "SELECT n AS name, n AS value, n AS table_name, n AS data_type FROM r WHERE n < 0"
        connection.execute(f"CREATE VIEW {table} AS {endless} {columns}")
    row = find_format(path)
    assert row.id in ("vector", "raster")
    assert row.table_count is None or row.table_count(path) >= 0
