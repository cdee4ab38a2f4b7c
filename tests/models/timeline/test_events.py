"""Marks and playing along the time line."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.readings.batch import HOUR_US, MINUTE_US
from models.timeline.events import OPEN_US, events, marks, open_at
from models.timeline.playing import Player, step_for
from models.timeline.runs import Runs, ShownRun

T0 = 1_750_000_000_000_000


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 1050), st.integers(0, 3)), max_size=300), st.integers(1, 80))
def test_marks_are_bounded_by_the_line_and_lose_nothing(rows, columns):
    found = events("alarm", [T0 + at for at, _ in rows], [OPEN_US] * len(rows), [grade for _, grade in rows])
    made = marks(found, (T0, T0 + 1000), columns)
    inside = [grade for at, grade in rows if 0 <= at <= 1000]
    assert sum(one.count for one in made) == len(inside)
    assert len({one.at for one in made}) == len(made) <= columns
    graded = [grade for grade in inside if grade]
    assert min((one.severity for one in made if one.severity), default=0) == min(graded, default=0)


def test_a_mark_names_the_gravest_first():
    found = events("alarm", [T0, T0 + 1, T0 + 2], [OPEN_US, OPEN_US, T0 + 9], [3, 1, 2], ["c", "a", "b"])
    assert marks(found, (T0, T0 + 1000), 1)[0].names == ("a", "b", "c")
    assert open_at(found, T0 + 9).tolist() == [0, 1]


def test_playing_shows_the_last_moment_and_begins_anew_only_when_asked():
    whole = (T0, T0 + 25 * MINUTE_US)
    player = Player(step_us=10 * MINUTE_US)
    assert player.begin(None, whole) == T0
    assert player.begin(whole[1], whole) == T0
    assert player.ahead(T0, whole, 9) == [T0 + 10 * MINUTE_US, T0 + 20 * MINUTE_US, whole[1]]
    again = Player(step_us=10 * MINUTE_US, loops=True)
    assert again.after(whole[1], whole) == T0


def test_a_range_is_played_as_far_as_there_is_something():
    whole = (T0, T0 + 10 * HOUR_US)
    part = Player(step_us=HOUR_US).with_range((T0 + 3 * HOUR_US, T0 + HOUR_US))
    assert part.within(whole) == (T0 + HOUR_US, T0 + 3 * HOUR_US)
    assert part.stepped(T0 + 3 * HOUR_US, 4, whole) == T0 + 3 * HOUR_US
    assert Player().with_range((0, 1)).within(whole) == whole
    assert step_for(31 * 24 * HOUR_US) == 6 * HOUR_US


def test_a_run_is_shown_only_while_it_runs():
    run = ShownRun("storm.inp", T0, np.array([0.0, 60.0, 120.0]))
    assert [run.step_at(T0 + at) for at in (-1, 0, 59_999_990, 60_000_000, 120_000_000, 120_000_001)] == [
        None, 0, 0, 1, 2, None,
    ]  # fmt: skip
    runs, told = Runs(), []
    runs.changed.connect(lambda: told.append(1))
    runs.put("a", run)
    runs.drop("b")
    runs.drop("a")
    assert len(told) == 2
    assert not runs.all()
