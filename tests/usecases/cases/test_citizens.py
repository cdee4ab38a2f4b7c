"""Messages of citizens: classed, placed by the city's own names, grouped, held against cases, made a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.cases import citizens
from models.cases.citizens.personal import redacted
from models.cases.citizens.placing import POINT, ROAD, Gazetteer, Place
from models.cases.citizens.rules import message_rules, rules_of_file
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData

CRS = "EPSG:4548"
#: Sentence, and what a reader would say of it: class, place.
PLANTED = (
    ("春晓小区门口路灯不亮，晚上漆黑一片", "lighting", (100, 100)),
    ("春晓小区路灯不亮", "lighting", (100, 100)),
    ("和平路与文华路交叉口下水道堵塞，积水很深", "drainage", (500, 500)),
    ("垃圾无人清运，恶臭难闻", "waste", None),
    ("请问婚假几天", "", None),
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    layers = {
        "parcels": (["春晓小区"], [box(0, 0, 200, 200)]),
        "roads": (["和平路", "文华路"], [LineString([(0, 500), (500, 500)]), LineString([(500, 500), (500, 900)])]),
        "districts": (["东街道"], [box(0, 0, 1000, 1000)]),
    }
    state = replace(made.project.state, frame=Frame(CRS, origin=(0, 0, 0)))
    for role, (names, shapes) in layers.items():
        table = gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=CRS, index=range(1, len(names) + 1))
        made.project.put_data(role, VectorData(table))
        state = state.with_layer(Layer(role, role, "vector", role))  # type: ignore[arg-type]
    cases = gpd.GeoDataFrame(
        {"taskNum": ["A1", "A2"], "class_code": ["0118", "0101"], "reported_at": ["2025-07-03T08:00:00+08:00"] * 2},
        geometry=[Point(120, 100), Point(100, 100)], crs=CRS, index=[1, 2],
    )  # fmt: skip
    made.project.put_data("cases", VectorData(cases))
    made.history.do("history.open_file", lambda _: state.with_layer(Layer("cases", "案件", "vector", "cases")))
    yield made
    made.close()


def brought(session: Session, tmp_path: Path, **more: object) -> citizens.Citizens:
    path = tmp_path / "messages.csv"
    table = pd.DataFrame(
        {
            "工单编号": [f"M{number}" for number in range(len(PLANTED))],
            "留言用户": "王小明", "主题": [one[0] for one in PLANTED], "时间": "2025/7/3 9:00:00",
            "内容": "联系人：王小明，电话13812345678",
        }
    )  # fmt: skip
    table.to_csv(path, index=False, encoding="utf-8-sig")
    told: list[citizens.Citizens] = []
    citizens.bring_in(session, path, done=told.append, **more)  # type: ignore[arg-type]
    return told[0]


def rows(session: Session, layer_id: str) -> gpd.GeoDataFrame:
    data = session.project.data_of(layer_id)
    assert isinstance(data, VectorData)
    return data.frame


def test_planted_messages_get_their_class_and_place_and_the_rest_is_counted(session: Session, tmp_path: Path) -> None:
    found = brought(session, tmp_path)
    table = rows(session, found.layer)
    assert list(table["class"]) == [one[1] for one in PLANTED]
    places = [None if shape is None else (shape.x, shape.y) for shape in table.geometry]
    assert places == [one[2] for one in PLANTED]
    assert found.unplaced_share == pytest.approx(2 / 5)
    assert found.districts == {"东街道": 3, "": 2}
    assert found.months == {"2025-07": 5}
    assert found.bare_times == 5


def test_two_callers_with_one_matter_are_one_and_speak_of_the_case_of_its_class(
    session: Session, tmp_path: Path
) -> None:
    found = brought(session, tmp_path)
    table = rows(session, found.layer)
    assert list(table["matter_count"]) == [2, 2, 1, 1, 1]
    assert found.matters == 4
    assert list(table["case"][:3]) == ["A1", "A1", ""]  # the lamp, not the cover that lies nearer
    assert found.cases == {"A1": 2}


def test_who_wrote_is_not_kept_unless_that_is_asked(session: Session, tmp_path: Path) -> None:
    table = rows(session, brought(session, tmp_path).layer)
    assert "user" not in table.columns
    assert not table["text"].str.contains("13812345678|王小明").any()
    assert redacted("身份证37010219900101123X，车牌鲁A12345，我叫李大力。") == "身份证×××，车牌×××，我叫×××。"
    kept = rows(session, brought(session, tmp_path, personal=True).layer)
    assert set(kept["user"]) == {"王小明"}


def test_reading_messages_is_one_step_and_the_same_message_is_the_same_case(session: Session, tmp_path: Path) -> None:
    before = session.project.state
    found = brought(session, tmp_path)
    session.history.undo()
    assert session.project.state == before
    session.history.redo()
    number = citizens.file_message(session, found.layer, 1)
    assert citizens.file_message(session, found.layer, 1) == number
    assert citizens.draft_of(session, found.layer, 1).at == (100.0, 100.0, 0.0)


def test_the_longest_name_counts_and_one_that_stands_far_apart_names_nothing() -> None:
    def at(x: float) -> np.ndarray:
        return np.array([[x, 0.0]])

    names = Gazetteer(
        [Place("文华路", ROAD, at(0)), Place("文华路小学", POINT, at(10)), Place("停车场", POINT, at(0)),
         Place("停车场", POINT, at(5_000))]
    )  # fmt: skip
    assert names.place(["文华路小学门口"]).x == 10
    assert names.place(["文华路上"]).kind == ROAD
    assert names.place(["停车场收费"]).kind == ""
    assert names.place(["", "文"]).kind == ""


def test_rules_of_a_file_are_used_and_broken_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[[set]]\nid = "own"\n[[set.row]]\nclass = "狗"\nwords = ["遛狗"]\nnot = ["导盲"]\n', "utf-8")
    assert list(rules_of_file(path, "own").classes(["遛狗", "导盲犬遛狗", ""], ["", "", ""])) == ["狗", "", ""]
    for text in ("[", '[[set]]\nid = "own"\nrow = 3\n', '[[set]]\nid = "own"\n[[set.row]]\nclass="a"\nwords=[""]\n'):
        path.write_text(text, "utf-8")
        with pytest.raises(UserError, match=r"citizens\.bad_rules"):
            rules_of_file(path, "own")
    with pytest.raises(UserError, match=r"citizens\.no_set"):
        message_rules("none")


@pytest.mark.data
def test_the_rules_of_the_seven_classes_hold_on_the_half_that_they_were_not_written_on() -> None:
    path = Path("../shared/data/series/citizen_messages/附件2.xlsx")
    if not path.exists():
        pytest.skip("no shared data")
    table = pd.read_excel(path).astype(str).iloc[1::2]
    told = message_rules("topics").classes(table["留言主题"].tolist(), table["留言详情"].tolist())
    assert (told == table["一级分类"]).mean() > 0.7
