"""The city at a moment: no data, old, normal, and alarms over them."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.project.selection import ObjectKey
from models.readings.access import MemoryReadings
from models.readings.batch import MINUTE_US, Quality, readings
from models.readings.channel import Channel
from models.timeline.city_state import ALARM, NO_DATA, NORMAL, OLD, Places, city_state

T0 = 1_750_000_000_000_000
CHANNELS = [Channel(n, f"S{n}", "level", "m", 600.0) for n in range(1, 5)]
PLACES = {1: ObjectKey("wells", 10), 2: ObjectKey("wells", 10), 3: ObjectKey("wells", 11), 4: ObjectKey("lamps", 7)}


def _access(*rows):
    return MemoryReadings(CHANNELS, readings(*(list(column) for column in zip(*rows, strict=True))))


def test_a_facility_without_a_reading_then_is_no_data_and_never_good():
    access = _access((1, T0, 1.0), (3, T0 + 60 * MINUTE_US, 2.0))
    state = city_state(access, Places(CHANNELS, PLACES), T0 + MINUTE_US)
    assert state.layers["wells"].of(10) == (NORMAL, T0)
    assert state.layers["wells"].of(11) == (NO_DATA, -1)
    assert state.layers["lamps"].of(7) == (NO_DATA, -1)
    assert state.layers["wells"].of(99) is None
    assert state.conditions() == {NORMAL: 1, NO_DATA: 2}


def test_a_reading_older_than_three_periods_is_old():
    state = city_state(_access((1, T0, 1.0)), Places(CHANNELS, PLACES), T0 + 31 * MINUTE_US)
    assert state.layers["wells"].of(10) == (OLD, T0)
    assert state.oldest_fresh_us() is None


def test_a_reading_that_its_source_calls_wrong_says_nothing():
    access = MemoryReadings(CHANNELS, readings([1], [T0], [1.0], [int(Quality.BAD)]))
    assert city_state(access, Places(CHANNELS, PLACES), T0).layers["wells"].of(10) == (NO_DATA, -1)


def test_an_alarm_stands_over_what_is_measured_also_where_nothing_measures():
    alarms = {ObjectKey("wells", 11): 1, ObjectKey("wells", 55): 3, ObjectKey("roads", 2): 2}
    state = city_state(_access((1, T0, 1.0)), Places(CHANNELS, PLACES), T0, alarms)
    assert state.layers["wells"].oids.tolist() == [10, 11, 55]
    assert state.layers["wells"].condition.tolist() == [NORMAL, ALARM + 1, ALARM + 3]
    assert state.layers["roads"].of(2) == (ALARM + 2, -1)
    assert list(state.conditions()) == [ALARM + 1, ALARM + 2, ALARM + 3, NORMAL, NO_DATA]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 100), st.sampled_from([0, int(Quality.BAD)])),
        min_size=1,
        max_size=20,
    ),
    st.integers(-5, 110),
)
def test_the_state_is_what_pandas_finds(rows, minute):
    rows = list({(channel, at): (channel, at, quality) for channel, at, quality in rows}.values())
    table = pd.DataFrame(rows, columns=["channel", "at", "quality"])
    access = MemoryReadings(
        CHANNELS, readings(table["channel"], T0 + table["at"] * MINUTE_US, np.ones(len(table)), table["quality"])
    )
    state = city_state(access, Places(CHANNELS, PLACES), T0 + minute * MINUTE_US)
    last = table[table["at"] <= minute].sort_values("at").groupby("channel").tail(1)
    last = last[last["quality"] == 0]
    for key in set(PLACES.values()):
        ages = [minute - one.at for one in last.itertuples() if PLACES[one.channel] == key]
        wanted = NO_DATA if not ages else NORMAL if min(ages) <= 30 else OLD
        assert state.layers[key.layer].of(key.oid)[0] == wanted
