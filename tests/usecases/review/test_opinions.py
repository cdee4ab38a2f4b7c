"""Opinions: noted with their objects, decided with a history, undone."""

import numpy as np
import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.review import opinions, topics
from app.usecases.review.opinions import Speaker
from models.core.errors import UserError
from models.crs.doctor.reframed import reframed
from models.crs.frame import Frame
from models.project.business_keys import GONE_OID, Renaming
from models.project.rekeyed import named_objects, rekeyed
from models.project.selection import ObjectKey
from models.review.topics import merged
from models.store.rows.topics import as_dict, from_dict
from tests.support.review.opinions import manholes, project_of

BOX = np.array([[500000.0, 4059000.0, 20.0], [500002.0, 4059002.0, 24.0]])


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    made.project.replace_all(*project_of(manholes(["MH-1", "MH-2", "MH-3"])), None)
    yield made
    made.close()


def noted(session, text="井盖缺失，请核实数量", **fields):
    speaker = Speaker("Expert Opinion", "王教授", "示例大学")
    return opinions.say(session, text, speaker, box_of=lambda _: BOX, **fields)


def test_an_opinion_keeps_who_said_it_about_what_and_where(session):
    made = noted(session, keys=[ObjectKey("manholes", 1)], indicator="HC25-40", stop="s3")
    assert (made.number, made.author, made.organisation, made.kind) == (1, "王教授", "示例大学", "Expert Opinion")
    (pin,) = made.pins
    assert (pin.component.tool_id, pin.layer, pin.point) == (
        "manholes/1#ObjID=MH-2", "检查井", (500001.0, 4059001.0, 24.0)
    )  # fmt: skip
    assert noted(session, "第二条").number == 2
    (note, *_) = opinions.pin_notes(session.project.state, "zh")
    assert (note.number, note.text, note.anchor) == (1, "待定", pin.point)
    assert from_dict(as_dict(made)) == made


def test_who_is_not_named_is_nobody_rather_than_the_user_of_the_machine(session):
    made = opinions.say(session, "没有署名的意见", Speaker("Expert Opinion", "", ""))
    opinions.decide(session, made.guid, "adopted")
    now = topics.find_topic(session, made.guid)
    assert (now.author, now.decision.author) == ("", "")


def test_decisions_are_a_history_of_which_the_last_holds_and_undo_takes_one_back(session):
    made = noted(session)
    opinions.decide(session, made.guid, "adopted", author="住建局 李")
    opinions.decide(session, made.guid, "partly", "分两年实施")
    opinions.decide(session, made.guid, "partly", "分两年实施")
    now = topics.find_topic(session, made.guid)
    assert [one.verdict for one in now.decisions] == ["adopted", "partly"]
    assert (now.verdict, now.decision.reply, now.decisions[0].author) == ("partly", "分两年实施", "住建局 李")
    session.history.undo()
    assert topics.find_topic(session, made.guid).verdict == "adopted"
    opinions.decide(session, made.guid, "")
    assert topics.find_topic(session, made.guid).verdict == ""


@pytest.mark.parametrize(
    ("verdict", "reply", "code"), [("rejected", " ", "topic.no_reason"), ("maybe", "x", "topic.bad_verdict")]
)
def test_a_decision_that_says_nothing_is_refused(session, verdict, reply, code):
    made = noted(session)
    with pytest.raises(UserError) as error:
        opinions.decide(session, made.guid, verdict, reply)
    assert error.value.code == code
    assert topics.find_topic(session, made.guid) == made


def test_a_long_opinion_has_its_beginning_as_title_and_is_kept_whole(session):
    text = "建议" * 60
    made = noted(session, text)
    assert len(made.title) == opinions.TITLE_LENGTH
    assert made.text == text
    with pytest.raises(UserError):
        noted(session, "   ")


def test_pins_are_led_along_when_rows_and_crs_change(session):
    noted(session, keys=[ObjectKey("manholes", 1), ObjectKey("manholes", 2)])
    state = session.project.state
    assert named_objects(state)["manholes"].tolist() == [1, 2]
    led = rekeyed(state, "manholes", "wells", Renaming(np.array([1, 2]), np.array([7, GONE_OID])))
    assert [pin.component.tool_id for pin in led.topics[0].pins] == [
        "wells/7#ObjID=MH-2", f"wells/{GONE_OID}#ObjID=MH-3"
    ]  # fmt: skip
    there = reframed(state, Frame("EPSG:32650", "EPSG:5737", (500000, 4059000, 0)))
    back = reframed(there, state.frame)
    assert there.topics[0].pins[0].point[1] != pytest.approx(4059001.0, abs=1)
    assert back.topics[0].pins[0].point == pytest.approx((500001.0, 4059001.0, 24.0), abs=1e-3)


def test_a_topic_that_comes_back_from_another_tool_keeps_what_only_a_review_says(session):
    from dataclasses import replace

    mine = noted(session, keys=[ObjectKey("manholes", 1)])
    plain = replace(
        mine, number=0, organisation="", pins=(), decisions=(), title="改过", modified_date="2099-01-01T00:00:00+08:00"
    )
    both = merged(mine, plain)
    assert (both.title, both.number, both.pins, both.organisation) == ("改过", 1, mine.pins, "示例大学")
