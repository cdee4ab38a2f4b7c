"""Live values of facilities: batches, late values, and that they touch nothing of the project."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.facilities.live_status import LiveStatus, LiveValue
from models.facilities.register import states
from models.project.selection import ObjectKey
from viewers.render.palette.status_colours import rgba
from viewers.render.symbology.live_colours import with_live

NOON = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture
def told():
    live, heard = LiveStatus(), []
    live.changed.connect(heard.append)
    return live, heard


def test_a_batch_is_told_once_and_the_same_again_not_at_all(told):
    live, heard = told
    batch = {ObjectKey("a", n): LiveValue("damaged") for n in range(50_000)} | {ObjectKey("b", 1): LiveValue("intact")}
    live.put(batch)
    live.put(batch)
    assert heard == [frozenset({"a", "b"})]
    assert live.get(ObjectKey("a", 7)) == LiveValue("damaged")
    assert len(live.of_layer("a")) == 50_000


def test_a_late_value_changes_nothing_and_one_without_a_time_does(told):
    live, heard = told
    key = ObjectKey("a", 1)
    live.put({key: LiveValue("damaged", time=NOON)})
    live.put({key: LiveValue("intact", time=NOON - timedelta(minutes=1))})
    assert live.get(key).status == "damaged"
    live.put({key: LiveValue("intact")})
    assert live.get(key).status == "intact"
    assert len(heard) == 2


def test_what_is_forgotten_is_told_and_gone(told):
    live, heard = told
    live.put({ObjectKey("a", 1): LiveValue("damaged"), ObjectKey("b", 1): LiveValue("damaged")})
    live.forget([ObjectKey("a", 1), ObjectKey("a", 99), ObjectKey("c", 1)])
    assert live.get(ObjectKey("a", 1)) is None
    live.clear()
    live.clear()
    assert heard[1:] == [frozenset({"a"}), frozenset({"b"})]


def test_an_unknown_status_has_the_colour_of_the_unknown_never_of_the_intact():
    oids, colours = with_live(None, {4: LiveValue("exploded"), 5: LiveValue("intact")})
    assert oids.tolist() == [4, 5]
    assert tuple(colours[0]) == rgba(states()["unknown"].colour)
    assert tuple(colours[1]) == rgba(states()["intact"].colour)


@given(
    st.dictionaries(st.integers(0, 30), st.integers(0, 255), max_size=20),
    st.dictionaries(st.integers(0, 30), st.sampled_from(["intact", "damaged", "missing"]), max_size=20),
)
def test_live_colours_lie_over_those_of_the_theme_object_by_object(themed, reported):
    base = (
        np.array(list(themed), np.int64),
        np.array([[v, v, v, 255] for v in themed.values()], np.uint8).reshape(-1, 4),
    )
    oids, colours = with_live(base, {oid: LiveValue(status) for oid, status in reported.items()})
    found = dict(zip(oids.tolist(), map(tuple, colours.tolist()), strict=True))
    assert len(found) == len(oids)
    wanted = {oid: (v, v, v, 255) for oid, v in themed.items()}
    assert found == wanted | {oid: rgba(states()[status].colour) for oid, status in reported.items()}
