"""The store of readings against bare DuckDB: loading, size, a day of a sensor, the state at a moment, going through.

    python benchmarks/readings.py [--readings 50_000_000] [--sensors 50_000] [--folder DIR]

Readings come day by day, each sensor with a phase of its own, values with two digits. "Bare" is one table of the same
columns in the order in which the batches come, without flags, days, or a look for what is there already. Processor
time counts for loading, wall clock for questions; the ratio is what says something on a busy machine.
"""
# ruff: noqa: S608 - nothing but numbers goes into the SQL

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb

from models.readings.batch import DAY_US, SECOND_US, Readings, readings
from models.store.readings.store import ReadingStore

START = 20_300 * DAY_US
STEP_S = 900


def days(count: int, sensors: int) -> Iterator[Readings]:
    """Yield the readings of a day each, in the order of time, as they come from a network of sensors."""
    rng = np.random.default_rng(1)
    phase = rng.integers(0, STEP_S, sensors)
    level = rng.uniform(0, 40, sensors)
    a_day = DAY_US // SECOND_US // STEP_S
    left, day = count, 0
    while left > 0:
        steps = np.arange(min(a_day, -(-left // sensors)))
        time_us = (START + day * DAY_US + (steps[:, None] * STEP_S + phase[None, :]) * SECOND_US).ravel()[:left]
        value = (level + rng.normal(size=(len(steps), sensors)).cumsum(axis=0) * 0.1).round(2).ravel()[:left]
        channel = np.broadcast_to(np.arange(sensors, dtype=np.int32), (len(steps), sensors)).ravel()[:left]
        yield readings(channel, time_us, value)
        left, day = left - len(channel), day + 1


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of some runs, ms."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1e3)
    return min(taken)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=2_000_000)
    parser.add_argument("--sensors", type=int, default=5_000)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    count, sensors = asked.readings, asked.sensors
    folder = Path(tempfile.mkdtemp(prefix="readings-", dir=asked.folder))
    try:
        _measure(folder, count, sensors)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, count: int, sensors: int) -> None:
    store = ReadingStore.open(folder / "ours")
    store.channels_for([(f"S{i:06d}", "level", "m", float(STEP_S)) for i in range(sensors)])
    bare = duckdb.connect(str(folder / "bare.duckdb"), config={"memory_limit": "2GB", "threads": 4})
    bare.execute("create table r (channel integer, time_us bigint, value double, quality utinyint)")
    ours_s = bare_s = 0.0
    for batch in days(count, sensors):
        begun = time.process_time()
        store.append(batch)
        ours_s += time.process_time() - begun
        begun = time.process_time()
        bare.register("b", {name: getattr(batch, name) for name in batch.__slots__})
        bare.execute("insert into r from b")
        bare.unregister("b")
        bare_s += time.process_time() - begun
    begun = time.process_time()
    store.close()
    ours_s += time.process_time() - begun
    begun = time.process_time()
    bare.execute("checkpoint")
    bare_s += time.process_time() - begun
    ours_bytes = (folder / "ours" / "readings.duckdb").stat().st_size
    bare_bytes = (folder / "bare.duckdb").stat().st_size
    begun = time.perf_counter()
    store = ReadingStore.open(folder / "ours")
    opened = (time.perf_counter() - begun) * 1e3
    span = store.span()
    assert span is not None
    assert store.count() == count
    day = START + (span[1] - START) // DAY_US // 2 * DAY_US
    moment = day + DAY_US // 2
    one = sensors // 3
    a_day = f"from r where channel = {one} and time_us >= {day} and time_us < {day + DAY_US}"
    state = (
        f"select channel, max(time_us), arg_max(value, time_us) from r where time_us <= {moment} "
        "group by channel order by channel"
    )
    through = f"select channel, time_us, value, quality from r where time_us >= {day} and time_us < {day + DAY_US} "
    asked: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("a sensor's day", lambda: store.series([one], day, day + DAY_US),
         lambda: bare.execute(f"select time_us, value, quality {a_day} order by time_us").fetchnumpy()),
        ("a sensor, all time, 2000 points", lambda: store.series([one], *span, most=2000),
         lambda: bare.execute(f"select time_us, value from r where channel = {one} order by time_us").fetchnumpy()),
        ("state of all at a moment", lambda: store.state_at(moment), lambda: bare.execute(state).fetchnumpy()),
        ("a day in the order of time", lambda: sum(len(part) for part in store.scan(day, day + DAY_US)),
         lambda: bare.execute(through + "order by time_us, channel").fetchnumpy()),
        ("what there is, by channel", store.facts,
         lambda: bare.execute("select channel, count(*), min(time_us), max(time_us) from r group by 1").fetchnumpy()),
    ]  # fmt: skip
    print(f"{count:,} readings of {sensors:,} sensors, {(span[1] - span[0]) / DAY_US:.1f} days")
    print(f"{'':34}{'ours':>12}{'bare':>12}{'ratio':>8}")
    _line("load, µs of processor a reading", ours_s / count * 1e6, bare_s / count * 1e6)
    _line("bytes a reading", ours_bytes / count, bare_bytes / count)
    for name, ours, theirs in asked:
        _line(f"{name}, ms", best(ours), best(theirs))
    print(f"{'opened in, ms':34}{opened:12.1f}")
    store.close()
    bare.close()


def _line(name: str, ours: float, theirs: float) -> None:
    print(f"{name:34}{ours:12.3f}{theirs:12.3f}{ours / theirs:8.2f}", flush=True)


if __name__ == "__main__":
    main()
