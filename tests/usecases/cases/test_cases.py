"""A case through its steps: what may be done, what follows, and that undo takes all of it back."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.cases import cases
from app.usecases.cases.cases import case_of, file, move
from models.cases.draft import CaseDraft
from models.cases.step import CaseNow, after
from models.cases.table import cells_of
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData

CRS = "EPSG:4549"
SEVEN = ("accept", "file", "dispatch", "handle", "feedback", "close", "evaluate")
SAID = {"dispatch": {"department": "市政处"}, "feedback": {"note": "已更换"}, "evaluate": {"rating": "good"}}


@pytest.fixture
def session() -> Session:
    made = Session(Settings(None), Jobs(inline=True), lang="zh")
    table = pd.DataFrame(
        {"taskNum": ["202507030001"], "eventDesc": ["路灯不亮"], "state": ["处理中"],
         "reported_at": ["2025-07-03T18:56:00+08:00"], "closed_at": [None]},
        index=pd.Index([1], name="fid"),
    )  # fmt: skip
    place = shapely.Point(500000, 4050000)
    layer = Layer("cases", "案件", "vector", "cases")
    made.project.put_data("cases", VectorData(gpd.GeoDataFrame(table, geometry=[place], crs=CRS)))
    made.history.do("x", lambda state: state.with_layer(layer))
    made.history.amend(lambda state: replace(state, frame=Frame(CRS, "", (500000, 4050000, 0))))
    return made


def draft(**more: object) -> CaseDraft:
    return CaseDraft("井盖缺失", **{"source": "alarm", "source_id": "a1", "at": (500010.0, 4050010.0, 0.0), **more})  # type: ignore[arg-type]


def test_a_draft_becomes_a_row_that_undo_takes_away(session: Session) -> None:
    before = session.project.data["cases"]
    number = file(session, draft())
    assert case_of(session, number).now.state == "reported"
    assert session.project.data["cases"].count == 2
    row = session.project.data["cases"].row(2)
    assert (row["eventDesc"], row["eventSrc"], row["closed_at"]) == ("井盖缺失", "传感器报警", None)
    assert row["geometry"].equals(shapely.Point(500010, 4050010))
    session.history.undo()
    after_undo = session.project.data["cases"]
    pd.testing.assert_frame_equal(pd.DataFrame(after_undo.frame), pd.DataFrame(before.frame))
    assert session.project.state.operations.case_steps == ()
    session.history.redo()
    assert case_of(session, number).description == "井盖缺失"


def test_the_same_alarm_is_the_same_case(session: Session) -> None:
    assert file(session, draft()) == file(session, draft())
    assert file(session, draft(source_id="a2")) != file(session, draft())
    session.history.undo()
    session.history.undo()
    assert session.project.data["cases"].count == 1


def test_a_case_goes_through_seven_steps_and_its_row_says_so(session: Session) -> None:
    number = file(session, draft(class_code="0103"))
    for name in SEVEN:
        assert name in {one.id for one in case_of(session, number).moves}
        now = move(session, number, name, **SAID.get(name, {}))  # type: ignore[arg-type]
        case = case_of(session, number)
        assert cells_of(case.now) == cells_of(now)
    assert (now.state, now.rating, now.department) == ("evaluated", "good", "市政处")
    assert None not in (now.filed_us, now.dispatched_us, now.handled_us, now.closed_us)
    assert [step.move for step in case.steps] == ["collect", *SEVEN]
    assert case.moves == ()


def test_what_a_case_is_follows_from_its_steps_alone(session: Session) -> None:
    number = file(session, draft())
    for name in ("accept", "file", "dispatch", "handle", "feedback", "rework", "feedback", "close"):
        said = SAID.get(name, {}) | ({"reason": "未修好"} if name == "rework" else {})
        now = move(session, number, name, **said)  # type: ignore[arg-type]
    folded = CaseNow(number)
    for step in case_of(session, number).steps:
        folded = after(folded, step, cases._deadline(session))
    assert cells_of(folded) == cells_of(now)
    assert folded.reworks == 1


def test_undoing_every_step_gives_back_what_was(session: Session) -> None:
    state, frame = session.project.state, session.project.data["cases"].frame.copy()
    number = file(session, draft())
    for name in SEVEN[:4]:
        move(session, number, name, **SAID.get(name, {}))  # type: ignore[arg-type]
    session.history.go(-5)
    assert session.project.state == state
    pd.testing.assert_frame_equal(pd.DataFrame(session.project.data["cases"].frame), pd.DataFrame(frame))
    session.history.go(5)
    assert case_of(session, number).now.state == "in_work"


def test_a_step_out_of_turn_or_without_what_it_asks_changes_nothing(session: Session) -> None:
    number = file(session, draft())
    state = session.project.state
    for name, code in (("close", "cases.not_now"), ("fly", "cases.no_move"), ("void", "cases.asks")):
        with pytest.raises(UserError) as told:
            move(session, number, name)
        assert told.value.code == code
    with pytest.raises(UserError, match="no_case"):
        move(session, "x", "accept")
    assert session.project.state is state


def test_a_postponement_is_asked_for_before_it_is_granted(session: Session) -> None:
    number = file(session, draft())
    for name in SEVEN[:4]:
        move(session, number, name, **SAID.get(name, {}))  # type: ignore[arg-type]
    with pytest.raises(UserError, match="not_now"):
        move(session, number, "grant_postponement", due_us=1)
    due = cases.now_us() + 10**12
    move(session, number, "ask_postponement", reason="缺配件", due_us=due)
    assert case_of(session, number).now.asked_us == due
    now = move(session, number, "grant_postponement", due_us=due)
    assert (now.due_us, now.postponements, now.asked_us) == (due, 1, 0)


def test_a_case_of_another_system_goes_on_from_its_state(session: Session) -> None:
    now = move(session, "202507030001", "feedback", note="已修复")
    assert now.state == "handled"
    assert session.project.data["cases"].row(1)["state"] == "待核查"


def test_the_first_case_of_a_project_begins_a_layer() -> None:
    bare = Session(Settings(None), Jobs(inline=True), lang="zh")
    number = file(bare, CaseDraft("路面塌陷", "map"))
    assert case_of(bare, number).now.state == "reported"
    move(bare, number, "accept")
    bare.history.go(-2)
    assert bare.project.state.layers == ()
