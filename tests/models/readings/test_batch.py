"""Batches of readings, and readings in memory as the reference of every store."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models.readings.access import MemoryReadings
from models.readings.batch import joined, nothing, readings
from models.readings.channel import Channel

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 50), st.floats(-9, 9)), max_size=60)


def of(table):
    return readings(*(list(column) for column in zip(*table, strict=True))) if table else nothing()


@given(rows, st.integers(0, 50))
def test_the_state_at_a_moment_is_the_last_reading_of_each_channel(table, moment):
    unique = list({(channel, time): (channel, time, value) for channel, time, value in table}.values())
    store = MemoryReadings([Channel(n, f"s{n}", "level", "m") for n in range(5)], of(unique))
    state = store.state_at(moment)
    frame = pd.DataFrame(unique, columns=["channel", "time", "value"])
    wanted = frame[frame["time"] <= moment].sort_values("time").groupby("channel").last()
    assert dict(zip(state.channel.tolist(), state.value.tolist(), strict=True)) == wanted["value"].to_dict()


@given(rows, st.integers(0, 50), st.integers(0, 50))
def test_a_scan_gives_the_readings_of_a_span_in_the_order_of_time(table, a, b):
    store = MemoryReadings((), of(table))
    found = joined(store.scan(a, b, rows=7))
    assert np.all(np.diff(found.time_us) >= 0)
    assert len(found) == sum(a <= time < b for _, time, _ in table)
