"""The alarm engine on 10,000,000 readings: against pandas for the same rule, and against the bare Parquet read.

``python benchmarks/alarms.py [--rows 10000000] [--sensors 1000]``. All in one run, processor time, best of three: only
the ratios count. Both must raise the same alarms. Then batches as they come live: 5,000 messages a second.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.alarms.engine import Engine
from models.alarms.library import program_rules
from models.alarms.rule import AlarmRule, Compare, Hold, Level
from models.readings.batch import SECOND_US, Readings, readings
from models.readings.channel import Channel

OVER, HOLD_S, PERIOD_S = 10.0, 600.0, 60
START_US = 1_751_328_000 * SECOND_US


def made(rows: int, sensors: int) -> pd.DataFrame:
    """Return readings in the order of time: quiet, with noise, and a share of sensors that go over the limit."""
    rng = np.random.default_rng(14)
    steps = rows // sensors
    value = rng.gamma(2.0, 0.8, (steps, sensors))
    for sensor in rng.choice(sensors, sensors // 20, replace=False):
        for begin in rng.integers(0, steps, 5):
            value[begin : begin + int(rng.integers(5, 60)), sensor] += 12.0
    return pd.DataFrame({
        "channel": np.tile(np.arange(sensors, dtype=np.int32), steps),
        "time_us": np.repeat(START_US + np.arange(steps, dtype=np.int64) * PERIOD_S * SECOND_US, sensors),
        "value": np.round(value, 2).ravel(),
    })  # fmt: skip


def by_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return channel and start of each alarm, as one would write it with pandas."""
    frame = frame.sort_values(["channel", "time_us"], kind="stable")
    hit = frame["value"] > OVER
    run = (hit != hit.groupby(frame["channel"]).shift()).cumsum()
    until = frame.groupby("channel")["time_us"].shift(-1)
    over = frame[hit].assign(run=run[hit], until=until[hit].fillna(np.iinfo(np.int64).max))
    runs = over.groupby(["channel", "run"]).agg(start=("time_us", "first"), until=("until", "last")).reset_index()
    runs["start"] += int(HOLD_S * SECOND_US)
    last = int(frame["time_us"].max())
    return runs.loc[(runs["start"] < runs["until"]) & (runs["start"] <= last), ["channel", "start"]]


def by_engine(batch: Readings, sensors: int) -> set[tuple[int, int]]:
    """Return channel and start of each alarm, by the program."""
    rule = AlarmRule("r", "r", (Level("minor", Compare("q", ">", OVER), Hold("duration", HOLD_S)),))
    engine = Engine([rule], [Channel(number, str(number), "q") for number in range(sensors)])
    engine.feed(batch)
    engine.until(int(batch.time_us.max()))
    return {(int(alarm.sensor), one.start_us) for alarm in engine.alarms() for one in alarm.activations}


def best(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Return the least processor time and what came out."""
    spent, told = [], None
    for _ in range(times):
        begin = time.process_time()
        told = work()
        spent.append(time.process_time() - begin)
    return min(spent), told


def live() -> None:
    """Print what a batch of 5,000 messages of 50,000 sensors costs with all rules of the program."""
    rng = np.random.default_rng(1)
    channels = [
        Channel(number, f"S{number // 2}", ("tilt", "battery")[number % 2], "", 3600.0) for number in range(50_000)
    ]
    engine = Engine(program_rules(), channels, lateness_us=10 * SECOND_US, keep=False)
    spent = []
    for second in range(60):
        ids = rng.choice(50_000, 5_000, replace=False).astype(np.int32)
        value = np.where(ids % 2, rng.uniform(15, 90, 5_000), rng.gamma(2.0, 1.5, 5_000))
        now = START_US + second * SECOND_US
        begin = time.process_time()
        engine.feed(readings(ids, np.full(5_000, now), value))
        engine.until(now)
        spent.append((time.process_time() - begin) * 1000)
    print(
        f"live, 5,000 messages a second, 50,000 channels, {len(program_rules())} rules: median "
        f"{np.median(spent):.1f} ms a second, worst {max(spent):.1f} ms, state {len(engine.state()) / 1e6:.1f} MB"
    )


def main() -> int:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--sensors", type=int, default=1_000)
    arguments = parser.parse_args()
    frame = made(arguments.rows, arguments.sensors)
    batch = readings(*(frame[name].to_numpy() for name in ("channel", "time_us", "value")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.parquet"
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), path)
        read_s, _ = best(lambda: pd.read_parquet(path))
    engine_s, ours = best(lambda: by_engine(batch, arguments.sensors))
    pandas_s, theirs = best(lambda: by_pandas(frame), 1)
    wanted = set(zip(theirs["channel"].astype(int), theirs["start"].astype(int), strict=True))
    print(f"{len(frame):,} readings, {arguments.sensors:,} sensors, {len(ours):,} alarms")
    print(f"engine {engine_s:.2f} s, pandas {pandas_s:.2f} s, Parquet read {read_s:.2f} s (processor time)")
    print(
        f"engine / pandas {engine_s / pandas_s:.2f} (aim ≤ 1), engine / Parquet read {engine_s / read_s:.2f} (aim ≤ 3)"
    )
    print(
        "same alarms"
        if ours == wanted
        else f"DIFFERENT: {len(ours - wanted)} only ours, {len(wanted - ours)} only pandas"
    )
    live()
    return 0 if ours == wanted else 1


if __name__ == "__main__":
    raise SystemExit(main())
