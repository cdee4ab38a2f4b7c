"""The store keeps what it was given, once, in order, flagged and never dropped."""

from __future__ import annotations

import subprocess
import sys
import threading

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.core.errors import UserError
from models.readings.access import MemoryReadings
from models.readings.batch import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Quality, readings
from models.store.readings import database
from models.store.readings.store import ReadingStore

START = 1_750_000_000 * SECOND_US // DAY_US * DAY_US


def _month(channels: int = 7, days: int = 5, seed: int = 3):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.choice(days * DAY_US // 1000, size=(channels, 400), replace=False), axis=1) * 1000 + START
    ids = np.repeat(np.arange(channels), 400)
    return readings(ids.astype(np.int32), times.ravel(), rng.normal(20, 3, channels * 400).round(2))


def _equal(one, other) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in one.__slots__)


def _filled(folder, batch, parts: int = 1, at_once: int | None = None):
    store = ReadingStore.open(folder)
    store.channels_for([(f"S{i}", "air_temperature", "°C", 600.0) for i in range(7)])
    for part in np.array_split(np.random.default_rng(5).permutation(len(batch)), parts):
        store.append(batch.taken(part), history=True)
    return store


@pytest.mark.parametrize("settled", ["at once", "waiting", "settled", "reopened"])
def test_series_state_and_scan_are_those_of_readings_in_memory(tmp_path, monkeypatch, settled):
    monkeypatch.setattr("models.store.readings.store.AT_ONCE", 1 if settled == "at once" else 10**9)
    batch = _month()
    store = _filled(tmp_path, batch, parts=4)
    if settled == "settled":
        store.settle()
    if settled == "reopened":
        store.close()
        store = ReadingStore.open(tmp_path)
    with store:
        memory = MemoryReadings(store.channels(), batch)
        assert store.span() == memory.span()
        assert store.count() == len(batch)
        for start, end in ((START, START + DAY_US), (START + 7_000, START + 3 * DAY_US + 1), (START - 5, START)):
            assert _equal(store.series([1, 4], start, end), memory.series([1, 4], start, end))
            ours = list(store.scan(start, end, rows=100))
            theirs = list(memory.scan(start, end, rows=100))
            assert len(ours) == len(theirs)
            assert all(_equal(*pair) for pair in zip(ours, theirs, strict=True))
        for moment in (START - 1, START + 11 * HOUR_US + 3, START + 4 * DAY_US, START + 99 * DAY_US):
            assert _equal(store.state_at(moment), memory.state_at(moment))
            assert _equal(store.state_at(moment, [0, 6], 2 * HOUR_US), memory.state_at(moment, [0, 6], 2 * HOUR_US))
        facts = store.facts()
        assert facts.count.tolist() == [400] * 7
        assert facts.last_us.tolist() == [int(batch.time_us[batch.channel == i].max()) for i in range(7)]


def test_going_through_in_windows_of_memory_gives_the_same(tmp_path, monkeypatch):
    batch = _month()
    with _filled(tmp_path, batch) as store:
        store.settle()
        whole = next(store.scan(START + 5, START + 4 * DAY_US))
        monkeypatch.setattr("models.store.readings.store._WINDOW", 150)
        parts = list(store.scan(START + 5, START + 4 * DAY_US))
        assert len(parts) > 5
        assert np.array_equal(np.concatenate([part.time_us for part in parts]), whole.time_us)


def test_thinning_keeps_the_least_and_the_greatest_and_invents_nothing(tmp_path):
    batch = _month()
    with _filled(tmp_path, batch) as store:
        thin = store.series([2], START, START + 5 * DAY_US, most=40)
        full = store.series([2], START, START + 5 * DAY_US)
        assert 10 < len(thin) <= 44
        assert (thin.value.min(), thin.value.max()) == (full.value.min(), full.value.max())
        assert set(zip(thin.time_us, thin.value, strict=True)) <= set(zip(full.time_us, full.value, strict=True))


@pytest.mark.parametrize("at_once", [1, 10**9])
def test_the_same_readings_twice_are_there_once(tmp_path, monkeypatch, at_once):
    monkeypatch.setattr("models.store.readings.store.AT_ONCE", at_once)
    batch = _month()
    with _filled(tmp_path, batch) as store:
        again = store.append(batch)
        twice = store.append(readings(np.r_[batch.channel, batch.channel], np.r_[batch.time_us, batch.time_us],
                                      np.r_[batch.value, batch.value]))  # fmt: skip
        assert (again.added, again.same, again.late) == (0, len(batch), 0)
        assert (twice.added, twice.same) == (0, 2 * len(batch))
        assert store.count() == len(batch)


@pytest.mark.parametrize("settled", [False, True])
def test_another_value_for_a_moment_corrects_it_and_the_former_is_kept(tmp_path, settled):
    with _filled(tmp_path, _month()) as store:
        if settled:
            store.settle()
        before = store.series([3], START, START + 5 * DAY_US)
        moment = int(before.time_us[17])
        told = store.append(readings([3], [moment], [99.0]))
        assert (told.added, told.corrected, told.implausible) == (0, 1, 1)
        after = store.series([3], moment, moment + 1)
        assert after.value.tolist() == [99.0]
        assert after.quality.tolist() == [int(Quality.CORRECTED | Quality.BAD)]
        assert store.former([3], START, START + 5 * DAY_US).value.tolist() == [float(before.value[17])]
        store.settle()
        facts = store.facts([3])
        assert (facts.count.tolist(), facts.flagged.tolist()) == ([400], [1])


def test_what_comes_late_cannot_be_or_has_a_wrong_clock_is_flagged_and_kept(tmp_path):
    with ReadingStore.open(tmp_path) as store:
        tilt = store.channel_for("C1", "tilt", "°")
        own = store.channel_for("C1", "gadget", "")
        store.append(readings([tilt], [START + HOUR_US], [1.0]))
        told = store.append(readings([tilt, tilt, own], [START, START + 2 * HOUR_US, START], [1.0, 400.0, 1e9]))
        assert (told.late, told.implausible) == (1, 1)
        store.append(readings([tilt, tilt], [7, 4_102_444_800 * SECOND_US], [1.0, 1.0]))
        again = store.append(readings([tilt, tilt], [7, 4_102_444_800 * SECOND_US], [1.0, 1.0]))
        assert again.same == 2
        assert store.append(readings([tilt], [START + 3 * HOUR_US], [2.0])).late == 0
        found = store.series([tilt], 0, 5_000_000_000 * SECOND_US)
        assert found.quality.tolist() == [16, int(Quality.LATE), 0, int(Quality.BAD), 0, 16]
        assert store.series([own], START, START + 1).quality.tolist() == [0]
        assert store.span() == (START, START + 3 * HOUR_US)


def test_a_channel_is_made_once_and_keeps_its_unit(tmp_path):
    with ReadingStore.open(tmp_path) as store:
        first = store.channel_for("A", "level", "m", 300)
        assert store.channel_for("A", "level", "m") == first
        assert store.channel_for("A", "battery", "%") != first
        with pytest.raises(UserError, match=r"readings\.other_unit"):
            store.channel_for("A", "level", "cm")
        with pytest.raises(UserError, match=r"readings\.no_channel"):
            store.append(readings([55], [START], [1.0]))
        with pytest.raises(UserError, match=r"readings\.not_finite"):
            store.append(readings([first], [START], [float("nan")]))
    with ReadingStore.open(tmp_path) as store:
        assert [one.sensor for one in store.channels()] == ["A", "A"]
        assert store.channels()[0].period_s == 300


def test_what_is_older_than_is_kept_becomes_steps_and_is_no_longer_handed_out_as_readings(tmp_path):
    batch = _month()
    with _filled(tmp_path, batch) as store:
        thinned = store.keep(2, 3600)
        raw_from = START + 3 * DAY_US
        old = batch.taken(batch.time_us < raw_from)
        assert thinned == len(old)
        assert store.span()[0] >= raw_from
        assert not len(store.series([1], START, raw_from))
        steps = store.steps([1], START, START + 5 * DAY_US)
        frame = pd.DataFrame({"hour": old.time_us // HOUR_US, "value": old.value})[old.channel == 1]
        wanted = frame.groupby("hour")["value"].agg(["count", "min", "max", "mean"])
        assert steps.count.tolist() == wanted["count"].tolist()
        assert steps.least.tolist() == wanted["min"].tolist()
        assert steps.greatest.tolist() == wanted["max"].tolist()
        assert np.allclose(steps.mean, wanted["mean"])
        assert store.kept() == (2, 3600)
    with ReadingStore.open(tmp_path) as store:
        store.append(readings([0], [START + 6 * DAY_US], [20.0]))
        store.settle()
        assert store.span()[0] >= START + 4 * DAY_US


def test_many_may_read_while_one_writes(tmp_path):
    wrong: list[object] = []
    with ReadingStore.open(tmp_path) as store:
        store.channels_for([(f"S{i}", "level", "m", 0.0) for i in range(20)])
        over = threading.Event()

        def look() -> None:
            seen = 0
            while not over.is_set():
                try:
                    now = len(store.series(range(20), START, START + DAY_US))
                except Exception as error:
                    wrong.append(error)
                    return
                wrong.extend([] if now % 20 == 0 and now >= seen else [(seen, now)])
                seen = now

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for minute in range(60):
            store.append(readings(np.arange(20, dtype=np.int32), np.full(20, START + minute * MINUTE_US), np.ones(20)))
            if minute % 20 == 0:
                store.settle()
        over.set()
        for thread in threads:
            thread.join()
        assert store.count() == 1200
    assert wrong == []


KILLED = """
import os, sys
from models.readings.batch import readings
from models.store.readings.store import ReadingStore
store = ReadingStore.open(sys.argv[1])
channel = store.channel_for("A", "level", "m")
for i in range(5):
    store.append(readings([channel], [1_750_000_000_000_000 + i], [1.0]))
print("5", flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_process_killed_after_append_has_lost_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "5"
    with ReadingStore.open(tmp_path) as store:
        assert store.count() == 5


def test_a_second_process_is_told_who_has_the_file(tmp_path):
    import os

    with ReadingStore.open(tmp_path):
        code = (
            "import sys\nfrom models.core.errors import UserError\n"
            "from models.store.readings.store import ReadingStore\n"
            "try:\n    ReadingStore.open(sys.argv[1])\n"
            "except UserError as error:\n    print(error.code, error.facts['process'])"
        )
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["readings.in_use", str(os.getpid())], done.stderr


def test_damaged_foreign_and_newer_files_are_refused_by_name_and_left_alone(tmp_path):
    file = tmp_path / database.FILE
    for content in (b"", b"hello" * 3000):
        file.write_bytes(content)
        with pytest.raises(UserError, match=r"readings\.damaged") as caught:
            ReadingStore.open(tmp_path)
        assert caught.value.facts["file"] == str(file)
        assert file.read_bytes() == content
    file.unlink()
    with duckdb.connect(str(file)) as foreign:
        foreign.execute("create table mine (a integer)")
    with pytest.raises(UserError, match=r"readings\.foreign"):
        ReadingStore.open(tmp_path)
    file.unlink()
    ReadingStore.open(tmp_path).close()
    with duckdb.connect(str(file)) as newer:
        newer.execute("update about set version = 99")
    with pytest.raises(UserError, match=r"readings\.newer"):
        ReadingStore.open(tmp_path)


def test_an_older_schema_is_brought_up_and_keeps_its_readings(tmp_path, monkeypatch):
    with _filled(tmp_path, _month()) as store:
        count = store.count()
    monkeypatch.setattr(database, "STEPS", (*database.STEPS, "alter table channels add column note varchar"))
    with ReadingStore.open(tmp_path) as store:
        assert store.count() == count
    with duckdb.connect(str(tmp_path / database.FILE)) as plain:
        assert plain.execute("select version from about").fetchone() == (len(database.STEPS),)
        plain.execute("select note from channels")
