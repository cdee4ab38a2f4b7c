"""Cells with gaps: edited, filled, listed, undone, saved and opened again, exact to the last digit."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from app.background.jobs import Jobs
from app.command_line.main import run
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.query import query
from models.query.cells import plain_of
from models.query.columns import columns_of

BIG, OTHER, MISSING = 9007199254740993, 370211000001234567, None
CRS = "EPSG:4548"


def gaps() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "bid": pd.array([BIG, MISSING, OTHER], "Int64"),
            "lift": pd.array([True, MISSING, False], "boolean"),
            "built": pd.to_datetime(["2024-05-01", None, "1998-12-31"]),
            "height": [9.5, None, 12.25],
            "use": ["a", None, "b"],
            "n": [1, 2, 3],
        },
        geometry=[shapely.Point(500000 + k, 4000000) for k in range(3)],
        crs=CRS,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gaps.gpkg"
    gaps().to_file(path, layer="gaps")
    return path


@pytest.fixture
def opened(file: Path, session: Session) -> Session:
    opening.open_files(session, [file])
    return session


def cells(session: Session, field: str) -> list[object]:
    layer = session.project.state.layers[0].id
    columns = columns_of(session.project.data_of(layer))
    assert columns is not None
    return [plain_of(columns.cell(field, row)) for row in range(len(columns))]


def put(session: Session, oid: int, field: str, text: str) -> None:
    query.set_cell(session, session.project.state.layers[0].id, oid, field, text)


@pytest.mark.parametrize(
    ("field", "oid", "text", "wanted"),
    [
        ("bid", 2, "9007199254740995", [BIG, 9007199254740995, OTHER]),
        ("bid", 1, "9007199254740997", [9007199254740997, None, OTHER]),
        ("bid", 1, "", [None, None, OTHER]),
        ("bid", 3, "370,211", [BIG, None, 370211]),
        ("lift", 2, "是", [True, True, False]),
        ("lift", 1, "no", [False, None, False]),
        ("lift", 1, "", [None, None, False]),
        ("built", 2, "2020年2月29日", ["2024-05-01", "2020-02-29", "1998-12-31"]),
        ("built", 1, "", [None, None, "1998-12-31"]),
        ("height", 2, "0.003", [9.5, 0.003, 12.25]),
        ("use", 2, "c", ["a", "c", "b"]),
        ("n", 2, "", [1, None, 3]),
        ("n", 2, "9007199254740993", [1, BIG, 3]),
    ],
)
def test_an_empty_and_a_filled_cell_are_edited_undone_saved_and_opened_again(
    opened: Session, tmp_path: Path, field: str, oid: int, text: str, wanted: list[object]
) -> None:
    session = opened
    before = cells(session, field)
    put(session, oid, field, text)
    assert cells(session, field) == wanted
    session.history.undo()
    assert cells(session, field) == before
    session.history.redo()
    opening.save_project(session, tmp_path / "p.gpkg")
    again = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    opening.open_files(again, [tmp_path / "p.gpkg"])
    assert cells(again, field) == wanted
    again.close()


@pytest.mark.parametrize(
    ("field", "expression", "wanted"),
    [
        ("bid", "bid", [BIG, None, OTHER]),
        ("bid", "if(bid is null, 9007199254740995, bid)", [BIG, 9007199254740995, OTHER]),
        ("bid", "9007199254740997", [9007199254740997] * 3),
        ("lift", "coalesce(lift, true)", [True, True, False]),
        ("copy of bid", "bid", [BIG, None, OTHER]),
        ("copy of lift", "lift", [True, None, False]),
        ("built", "coalesce(built, to_date('2000-01-01'))", ["2024-05-01", "2000-01-01", "1998-12-31"]),
    ],
)
def test_a_column_with_gaps_is_filled_by_an_expression(
    opened: Session, field: str, expression: str, wanted: list[object]
) -> None:
    session = opened
    query.apply_edits(session, query.filled(session, session.project.state.layers[0].id, field, expression))
    assert cells(session, field) == wanted


def test_a_row_keeps_its_whole_numbers_beside_fractions(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("height,n\n1.5,12345678901\n2.5,3\n", encoding="utf-8")
    opening.open_files(session, [path])
    data = session.project.data_of(session.project.state.layers[0].id)
    row = data.row(columns_of(data).oids[0])  # type: ignore[union-attr]
    assert row["n"] == 12345678901
    assert not isinstance(row["n"], float)


def test_gaps_are_listed_as_json_and_to_the_last_digit(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["query", str(file), "--json"]) == 0
    answer = capsys.readouterr().out
    assert f'"bid": {BIG}' in answer
    assert f'"bid": {OTHER}' in answer
    assert '"lift": null' in answer
    assert run(["query", str(file), "--lang", "en"]) == 0
    assert str(BIG) in capsys.readouterr().out
