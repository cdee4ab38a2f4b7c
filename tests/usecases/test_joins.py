"""Joining in a project: done, undone, saved, refused, and kept when a layer is read again."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import joins as verbs
from app.usecases.project import adding_layers, opening
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.project.edits import Edit
from tests.support.layer_files import CRS, EAST, NORTH


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    boxes = [shapely.box(EAST + 30 * i, NORTH, EAST + 30 * i + 20, NORTH + 20) for i in range(4)]
    frame = gpd.GeoDataFrame(
        {"编码": ["0001", "0002", "0003", None], "name": list("甲乙丙丁")}, geometry=boxes, crs=CRS
    )
    frame.to_file(tmp_path / "房屋.gpkg")
    (tmp_path / "鉴定.csv").write_text("编号,等级,面积\n1,A,10.5\n2,B,20\n2,C,5\n9,D,1\n", encoding="utf-8")
    for name in ("房屋.gpkg", "鉴定.csv"):  # as open_files does, without starting a child for each
        path = tmp_path / name
        opened = find_format(path).read(path, ReadRequest(), Progress())
        adding_layers.take_in(made, path, opened, {})
    return made


def wish(session: Session, **said: object) -> verbs.Wish:
    layer, table = (one.id for one in session.project.state.layers)
    return verbs.Wish(layer, table, "编码", "编号", **({"zeros": True} | said))  # type: ignore[arg-type]


def test_a_join_is_done_undone_done_again_and_removed(session: Session) -> None:
    layer = session.project.state.layers[0].id
    before = session.project.data[layer]
    verbs.join_table(session, wish(session, duplicates="sum"))
    frame = session.project.data[layer].frame  # type: ignore[union-attr]
    assert frame["面积"].tolist()[:2] == [10.5, 25.0]
    assert frame["面积"].isna().tolist() == [False, False, True, True]
    assert frame["等级"].tolist()[:2] == ["A", "B"]
    session.history.undo()
    pd.testing.assert_frame_equal(session.project.data[layer].frame, before.frame)  # type: ignore[union-attr]
    session.history.redo()
    assert "面积" in session.project.data[layer].fields  # type: ignore[union-attr]
    (made,) = verbs.joins_of(session, layer)
    verbs.remove_join(session, made.id)
    assert session.project.data[layer].fields == ("编码", "name")  # type: ignore[union-attr]
    session.history.undo()
    assert "面积" in session.project.data[layer].fields  # type: ignore[union-attr]


def test_edits_and_joins_do_not_cost_each_other(session: Session) -> None:
    from dataclasses import replace

    layer = session.project.state.layers[0].id
    first = next(iter(session.project.data[layer].frame.index))  # type: ignore[union-attr]
    edit = Edit(layer, int(first), "name", "甲", "改")
    session.history.do("history.rename_layer", lambda state: replace(state, edits=(edit,)))
    verbs.join_table(session, wish(session))
    second = Edit(layer, int(first), "等级", "A", "E")
    session.history.do("history.rename_layer", lambda state: replace(state, edits=(edit, second)))
    row = session.project.data[layer].frame.loc[first]  # type: ignore[union-attr]
    assert (row["name"], row["等级"], row["面积"]) == ("改", "E", 10.5)
    for _ in range(3):
        session.history.undo()
    assert session.project.data[layer].frame.loc[first, "name"] == "甲"  # type: ignore[union-attr]
    assert session.project.data[layer].fields == ("编码", "name")  # type: ignore[union-attr]


def test_a_join_is_saved_and_can_still_be_removed_after_opening(session: Session, tmp_path: Path) -> None:
    verbs.join_table(session, wish(session, prefix="鉴定_"))
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.open_project(session, tmp_path / "p.gpkg")
    layer = session.project.state.layers[0].id
    (made,) = verbs.joins_of(session, layer)
    assert made.added == ("鉴定_等级", "鉴定_面积")
    assert session.project.data[layer].frame["鉴定_等级"].tolist()[:2] == ["A", "B"]  # type: ignore[union-attr]
    verbs.remove_join(session, made.id)
    assert session.project.data[layer].fields == ("编码", "name")  # type: ignore[union-attr]
    session.history.undo()
    assert session.project.data[layer].frame["鉴定_等级"].tolist()[:2] == ["A", "B"]  # type: ignore[union-attr]


def test_a_join_without_a_match_is_refused_and_leaves_no_trace(session: Session) -> None:
    before = session.project.state
    with pytest.raises(UserError, match=r"joins\.no_match"):
        verbs.join_table(session, wish(session, zeros=False))
    with pytest.raises(UserError, match=r"joins\.no_column"):
        verbs.join_table(session, wish(session, columns=("没有",)))
    layer = before.layers[0].id
    with pytest.raises(UserError, match=r"joins\.itself"):
        verbs.join_table(session, verbs.Wish(layer, layer, "编码", "编码"))
    assert session.project.state == before


def test_a_layer_read_again_keeps_its_joins_name_and_place(session: Session, tmp_path: Path) -> None:
    table = session.project.state.layers[1]
    verbs.join_table(session, wish(session))
    opening.read_again(session, table.id, tmp_path / "鉴定.csv", options={"types": '{"面积": "text"}'})
    layers = session.project.state.layers
    assert [layer.name for layer in layers] == ["房屋", "鉴定"]
    assert layers[1].id != table.id
    assert session.project.state.joins[0].table == layers[1].id
    assert session.project.data[layers[1].id].frame["面积"].tolist()[0] == "10.5"  # type: ignore[union-attr]
    assert session.project.data[layers[0].id].frame["等级"].tolist()[:2] == ["A", "B"]  # type: ignore[union-attr]
    session.history.undo()
    assert session.project.state.layers[1] == table
