"""Duration and repeating rules against pandas, on the month of the sample city and a year of measured air."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.alarms.alarm import Alarms
from models.alarms.checked import checked
from models.alarms.facts import Facts
from models.alarms.library import rules_of_file
from models.alarms.replaying import replayed
from models.alarms.rule import AlarmRule, AllOf, Compare, Hold, Level, Schedule, Silent
from models.alarms.schedule import spans, sun_times
from models.core.errors import UserError
from models.readings.access import MemoryReadings
from models.readings.batch import HOUR_US, SECOND_US, readings
from models.readings.channel import Channel
from models.timeline.zone import local, us_of_iso
from tests.support.paths import ROOT

SERIES = ROOT.parent / "shared" / "data" / "series"


def durations(frame: pd.DataFrame, over: float, seconds: float, times: int) -> list[tuple[str, int, int | None]]:
    """Return (sensor, start, end) in µs: runs of readings over a threshold, by pandas only."""
    frame = frame.sort_values(["sensor", "us"])
    frame = frame.assign(hit=frame["value"] > over)
    group = frame.groupby("sensor")
    frame["run"] = (frame["hit"] != group["hit"].shift()).cumsum()
    frame["next"] = group["us"].shift(-1)
    runs = frame[frame["hit"]].groupby(["sensor", "run"])
    told = []
    for (sensor, _), rows in runs:
        start = int(rows["us"].iloc[0]) + round(seconds * SECOND_US)
        if len(rows) < times:
            continue
        start = max(start, int(rows["us"].iloc[times - 1]))
        end = rows["next"].iloc[-1]
        if pd.isna(end) or start < end:
            told.append((str(sensor), start, None if pd.isna(end) else int(end)))
    return sorted(told, key=lambda row: (row[0], row[1]))


def repeats(frame: pd.DataFrame, over: float, seconds: float, times: int) -> set[tuple[str, int]]:
    """Return (sensor, moment) of each reading at which so many lay over a threshold within a span, by pandas only."""
    told = set()
    hits = frame[frame["value"] > over].sort_values("us")
    for sensor, rows in hits.groupby("sensor"):
        series = pd.Series(1, index=pd.to_datetime(rows["us"], unit="us"))
        count = series.rolling(pd.Timedelta(seconds=seconds), closed="both").sum()
        told |= {(str(sensor), int(us)) for us, number in zip(rows["us"], count, strict=True) if number >= times}
    return told


def access_of(frame: pd.DataFrame, quantity: str) -> MemoryReadings:
    sensors = sorted(frame["sensor"].unique())
    place = {sensor: number for number, sensor in enumerate(sensors)}
    ids = frame["sensor"].map(place).to_numpy(np.int32)
    channels = [Channel(number, sensor, quantity) for sensor, number in place.items()]
    return MemoryReadings(channels, readings(ids, frame["us"].to_numpy(np.int64), frame["value"].to_numpy(float)))


def found_of(frame: pd.DataFrame, over: float, hold: Hold) -> Alarms:
    rule = AlarmRule("r", "r", (Level("major", Compare("q", ">", over), hold),))
    access = access_of(frame, "q")
    return replayed(access, [rule], Facts(), int(frame["us"].min()), int(frame["us"].max()) + 1)


def hold_to_pandas(frame: pd.DataFrame, over: float, seconds: float, times: int) -> int:
    found = found_of(frame, over, Hold("duration", seconds, times))
    got = [(alarm.sensor, one.start_us, one.end_us) for alarm in found.alarms for one in alarm.activations]
    last = int(frame["us"].max())
    wanted = [row for row in durations(frame, over, seconds, times) if row[1] <= last]
    assert sorted(got) == sorted(wanted)
    raised = found_of(frame, over, Hold("repeating", seconds, times))
    spans_of: dict[str, list[tuple[int, int]]] = {}
    for alarm in raised.alarms:
        spans_of[alarm.sensor] = [(one.start_us, one.end_us or last + 1) for one in alarm.activations]
    hits = repeats(frame, over, seconds, times)
    assert hits, "a rule that nothing fulfils shows nothing"
    inside = {
        (str(sensor), int(us))
        for sensor, us, value in zip(frame["sensor"], frame["us"], frame["value"], strict=True)
        if value > over and any(begin <= us < end for begin, end in spans_of.get(str(sensor), []))
    }
    assert inside == hits
    starts = {(sensor, begin) for sensor, many in spans_of.items() for begin, _ in many}
    assert starts <= hits
    return len(got)


def sample_frame(sample_city: Path) -> pd.DataFrame:
    import pyogrio

    frame = pyogrio.read_dataframe(sample_city, layer="readings", read_geometry=False)
    frame["us"] = pd.DatetimeIndex(pd.to_datetime(frame["time"].astype(str), utc=True)).as_unit("us").asi8
    return frame


def test_duration_and_repeating_rules_agree_with_pandas_on_the_month_of_the_sample(sample_city: Path) -> None:
    frame = sample_frame(sample_city)
    assert hold_to_pandas(frame[frame["sensor"].str.contains("LEVEL")], 0.5, 7200.0, 3)
    assert hold_to_pandas(frame[frame["sensor"].str.contains("RIVER|RAIN")], 0.4, 3600.0, 2)


@pytest.mark.data
@pytest.mark.skipif(not SERIES.exists(), reason="needs ../shared/data")
def test_duration_and_repeating_rules_agree_with_pandas_on_a_year_of_measured_air() -> None:
    parts = []
    for path in sorted(SERIES.glob("PRSA_Data_*.csv")):
        table = pd.read_csv(path)
        table = table[table["year"] == 2014].dropna(subset=["PM2.5"])
        hours = pd.to_datetime(table[["year", "month", "day", "hour"]])
        us = pd.DatetimeIndex(hours).as_unit("us").asi8 - 8 * HOUR_US
        parts.append(pd.DataFrame({"sensor": path.stem, "us": us, "value": table["PM2.5"].to_numpy(float)}))
    assert hold_to_pandas(pd.concat(parts, ignore_index=True), 150.0, 12 * 3600.0, 6) > 50


def test_the_sun_rises_and_sets_in_jinan_when_the_almanac_says() -> None:
    from datetime import date

    rise, down = sun_times(Facts(), date(2025, 7, 1)) or (0, 0)
    for moment, wanted in ((rise, "2025-07-01T04:54"), (down, "2025-07-01T19:34")):
        assert abs(moment - us_of_iso(wanted)) < 240 * SECOND_US


def test_a_schedule_knows_nights_over_midnight_days_of_the_week_and_made_up_working_days() -> None:
    start, end = us_of_iso("2025-09-26"), us_of_iso("2025-09-30")

    def days(schedule: Schedule) -> list[str]:
        return [f"{local(begin):%d %H:%M}-{local(end):%d %H:%M}" for begin, end in spans(schedule, Facts(), start, end)]

    assert days(Schedule(hours=("22:00-06:00",), days=(5,))) == ["26 22:00-27 06:00"]
    # Sunday 28 September 2025 was worked for the national holiday.
    assert days(Schedule(hours=("09:00-10:00",), holidays="without"))[-2:] == ["28 09:00-28 10:00", "29 09:00-29 10:00"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("rule = 3", "alarms.rules_file"),
        ("[[rule]]\nid='a'\nname='a'\nlevels=[]", "alarms.rule.no_level"),
        ("[[rule]]\nid='a'\nname='a'\nlevelz=[]", "alarms.rules_file"),
        ("\x00\x01", "alarms.rules_file"),
        ("", "alarms.rules_file"),
        (
            "[[rule]]\nid='a'\nname='a'\n[[rule.levels]]\nseverity='major'\ncondition={quantity='t',op='=>'}",
            "alarms.rule.choice",
        ),
        (
            "[[rule]]\nid='a'\nname='a'\n[[rule.levels]]\nseverity='major'\ncondition={quantity='t',op='>',value=nan}",
            "alarms.rule.number",
        ),
    ],
)
def test_a_broken_file_of_rules_is_refused_in_words(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as refused:
        rules_of_file(path)
    assert refused.value.code == code


def test_silence_within_other_conditions_is_refused() -> None:
    rule = AlarmRule("r", "r", (Level("major", AllOf((Silent("tilt"), Compare("tilt", ">", 1.0)))),))
    with pytest.raises(UserError, match="silent_alone"):
        checked(rule)


def test_a_rule_that_matches_everything_is_named_and_its_list_bounded() -> None:
    count = 3_000
    channels = [Channel(number, f"S{number:05d}", "q") for number in range(count)]
    batch = readings(np.arange(count, dtype=np.int32), np.full(count, 10 * SECOND_US), np.ones(count))
    rule = AlarmRule("all", "all", (Level("minor", Compare("q", ">=", 0.0)),))
    found = replayed(MemoryReadings(channels, batch), [rule], Facts(), 0, 20 * SECOND_US)
    (counts,) = found.counts
    assert counts.matches_everything
    assert (counts.most_at_once, len(counts.by_facility)) == (count, 50)
