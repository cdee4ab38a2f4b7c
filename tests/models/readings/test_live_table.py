"""The table of what is live, against a plain dictionary."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.readings.batch import Quality, readings
from models.readings.live_table import LiveTable

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 2)), max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=4))
def test_the_last_reading_of_each_channel_is_held_and_what_is_late_is_marked(batches):
    table, held = LiveTable(), {}
    for rows in batches:
        late = []
        for channel, time_us, value in rows:
            before = held.get(channel)
            late.append(before is not None and time_us < before[0])
            if before is None or time_us >= before[0]:
                held[channel] = (time_us, float(value))
        channel, time_us, value = zip(*rows, strict=True) if rows else ((), (), ())
        taken = table.put(readings(channel, time_us, value))
        marked = (taken.batch.quality & int(Quality.LATE)) > 0
        # one that says the same again is a duplicate, whatever came between
        assert not np.any(marked & ~np.array(late, bool))
        assert marked.sum() + taken.duplicates >= sum(late)
    state = table.state_at(100)
    assert {
        int(c): (int(t), float(v)) for c, t, v in zip(state.channel, state.time_us, state.value, strict=True)
    } == held
    assert len(table.state_at(-1)) == 0
