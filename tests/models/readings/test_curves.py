"""Curves of readings: gaps, wrong readings, what holds under the cursor, thinning that loses no peak."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.readings.batch import MINUTE_US, Quality, readings
from models.readings.channel import Channel
from models.readings.curves import curves, thinned

T0 = 1_750_000_000_000_000
CHANNEL = Channel(7, "G1", "level", "m", 600.0)


def _curve(minutes, values, quality=None):
    batch = readings([7] * len(minutes), [T0 + at * MINUTE_US for at in minutes], values, quality)
    return curves(batch, [Channel(3, "X", "level"), CHANNEL])[1]


def test_a_gap_is_a_gap_and_a_wrong_reading_breaks_the_line():
    curve = _curve([0, 10, 20, 60, 70], [1.0, 2.0, 3.0, 4.0, 5.0], [0, 0, int(Quality.BAD), 0, int(Quality.LATE)])
    times, values = curve.line()
    assert np.isnan(values).tolist() == [False, False, True, True, False, False]
    assert times[3] == T0 + 40 * MINUTE_US
    assert curve.marked().tolist() == [False, False, True, False, False]
    assert _curve([0, 60, 120], [1.0, 2.0, 3.0]).lonely().tolist() == [True, True, True]


def test_a_value_holds_under_the_cursor_for_as_long_as_it_should():
    curve = _curve([0, 10], [1.0, 2.0])
    assert curve.at(T0 - 1) is None
    assert curve.at(T0 + 5 * MINUTE_US) == (T0, 1.0)
    assert curve.at(T0 + 27 * MINUTE_US) == (T0 + 10 * MINUTE_US, 2.0)
    assert curve.at(T0 + 28 * MINUTE_US) is None


def test_a_channel_without_a_reading_is_an_empty_curve():
    empty, _ = curves(readings([7], [T0], [1.0]), [Channel(3, "X", "level"), CHANNEL])
    assert len(empty.time_us) == 0
    assert empty.at(T0) is None
    assert len(empty.line()[0]) == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))), min_size=1, max_size=400), st.integers(4, 60))
def test_thinning_keeps_peaks_gaps_and_order(values, most):
    times, value = np.arange(len(values)), np.array(values)
    fewer, kept = thinned(times, value, most)
    gaps = int(np.isnan(value).sum())
    assert len(fewer) <= max(most + 2, 4) + gaps or len(values) <= most
    assert (np.diff(fewer) > 0).all()
    assert int(np.isnan(kept).sum()) == gaps
    if gaps < len(values):
        assert np.nanmax(kept) == np.nanmax(value)
        assert np.nanmin(kept) == np.nanmin(value)
