"""Readings out of messages: what they mean, and that no message can do more than be counted."""

import json
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.readings.batch import Quality
from models.readings.messages.decoding import MOST_READINGS, Decoder
from models.readings.messages.message import Message
from models.readings.messages.topic_template import is_plain_name, reader_of, topic_filter
from models.readings.source import LiveSource, MessageMapping, WideField

NOON_US = 1_782_878_400_000_000  # 2026-07-01 12:00 in Shanghai


def source(topics=("city/{sensor}/{quantity}",), zone="Asia/Shanghai", **mapping):
    return LiveSource("s", "s", "mqtt", "mqtt://h", topics, MessageMapping(**mapping), zone)


def read(payload, topic="city/D1/level", given=None):
    decoder = Decoder(given or source())
    raw = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    out = decoder.decode([Message("s", topic, raw, NOON_US)])
    rows = list(zip(out.sensor, out.quantity, out.unit, out.time_us, out.value, out.quality, strict=True))
    return rows, {kind: fault.count for kind, fault in decoder.faults.by_kind().items()}


@pytest.mark.parametrize(
    "when",
    ["2026-07-01 12:00:00", "2026-07-01T04:00:00Z", "2026/07/01 12:00", "20260701120000", NOON_US // 1_000_000,
     NOON_US // 1_000, NOON_US, str(NOON_US // 1_000), "2026-07-01T12:00:00.000000000+08:00"],
)  # fmt: skip
def test_a_time_is_the_same_moment_however_it_is_written(when):
    assert read({"value": 1.5, "time": when}) == ([("D1", "level", "", NOON_US, 1.5, 0)], {})


def test_several_readings_stand_in_arrays_beside_each_other_or_bare():
    day = source(records="data.rows", sensor="dev", quantity="q", time="", unit="u", quality="s")
    message = {
        "dev": "D7",
        "data": {"rows": [{"q": "level", "value": "2.5", "u": "cm"}, {"q": "flow", "value": 3, "s": "bad"}]},
    }
    assert read(message, given=day)[0] == [
        ("D7", "level", "cm", NOON_US, 2.5, 0), ("D7", "flow", "", NOON_US, 3.0, Quality.BAD),
    ]  # fmt: skip
    wide = source(
        ("city/{sensor}",), wide=(WideField("v.ch4", "methane", "%"), WideField("v.bat", "battery", "V")), time=""
    )
    rows, faults = read({"v": {"ch4": 0.4, "bat": None}}, "city/G1", wide)
    assert (rows, faults) == ([("G1", "methane", "%", NOON_US, 0.4, 0)], {})
    assert read(b"12.5", given=source(time=""))[0][0][4] == 12.5
    assert [row[4] for row in read([{"value": 1}, {"value": True}], given=source(time=""))[0]] == [1, 1]


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b'{"value": 1, "x": "' + b"y" * (10 * 1024**2) + b'"}', "too_large"), (b"[" * 200_000, "not_json"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "not_json"), (b"\xff\xfe\x00", "not_json"), (b"", "not_json"),
        (b'{"value": NaN, "time": 1782878400}', "not_finite"), (b'{"value": -Infinity, "time": 1}', "not_finite"),
        ({"value": "nan", "time": 1782878400}, "not_finite"), ({"value": "viel", "time": 1782878400}, "not_a_number"),
        ({"value": {"a": 1}, "time": 1782878400}, "not_a_number"), ({"time": 1782878400}, "no_value"),
        ({"value": 1}, "no_time"), ({"value": 1, "time": "gestern"}, "bad_time"),
        ({"value": 1, "time": [1]}, "bad_time"),
        ({"value": 1, "time": 0}, "too_old"), ({"value": 1, "time": "1970-01-01 08:00:00"}, "too_old"),
        ({"value": 1, "time": "2100-01-01"}, "too_new"), ({"value": 1, "time": 1e300}, "bad_time"),
        (b"null", "no_time"), (b'"x"', "no_time"),
    ],
)  # fmt: skip
def test_a_message_that_gives_no_reading_is_counted_under_its_fault(payload, kind):
    assert read(payload) == ([], {kind: 1})


def test_a_time_without_a_zone_is_refused_where_the_source_has_none():
    assert read({"value": 1, "time": "2026-07-01 12:00"}, given=source(zone=""))[1] == {"no_zone": 1}


def test_a_clock_that_runs_ahead_is_marked_and_one_that_is_late_is_not():
    hour = 3_600
    ahead, late = ({"value": 1, "time": NOON_US // 10**6 + n} for n in (hour, -hour))
    assert [read(one)[0][0][5] for one in (ahead, late)] == [Quality.CLOCK, 0]


def test_more_readings_in_a_message_than_it_may_hold_are_counted_and_left_out():
    rows, faults = read([1] * (MOST_READINGS + 7), given=source(time=""))
    assert (len(rows), faults) == (MOST_READINGS, {"too_many": 7})


@pytest.mark.parametrize(
    "topic",
    ["city/+/level", "city/#/level", "city/D\x001/level", "city/\u202eD/level", "town/D1/level", "city//level",
     "city/D1", "city/" + "x" * 500 + "/level"],
)  # fmt: skip
def test_a_topic_with_wildcards_control_characters_or_of_another_form_tells_nothing(topic):
    assert read({"value": 1, "time": NOON_US}, topic) == ([], {"topic": 1})


def test_a_field_that_vanishes_or_appears_is_told_once_with_its_count():
    decoder = Decoder(source(time=""))
    usual, other = b'{"value": 1, "battery": 3}', b'{"value": 1, "bat": 3}'
    decoder.decode(Message("s", "city/D1/level", usual, NOON_US) for _ in range(300))
    assert decoder.shapes.drifts() == ()
    decoder.decode(Message("s", "city/D1/level", other, NOON_US) for _ in range(40))
    assert {(one.field, one.appeared, one.count) for one in decoder.shapes.drifts()} == {
        ("bat", True, 40), ("battery", False, 40),
    }  # fmt: skip
    for n in range(5_000):
        decoder.decode([Message("s", "city/D1/level", json.dumps({"value": 1, f"f{n}": 1}).encode(), NOON_US)])
    assert len(decoder.shapes.drifts()) <= 32


def test_templates_say_what_is_subscribed_to_and_refuse_what_is_no_template():
    assert topic_filter("a/{sensor}/+/{quantity}/#") == "a/+/+/+/#"
    assert reader_of(("a/{sensor}/#",))("a/7/b/c") == {"sensor": "7"}
    assert reader_of(("a.b/{sensor}",))("aXb/7") is None
    from models.core.errors import UserError

    for wrong in ("", "a/{x}", "a/{sensor}/{sensor}", "a/b{sensor}", "a/#/b", "a+/b", "a/\x00"):
        with pytest.raises(UserError):
            topic_filter(wrong)
    assert not is_plain_name("a\nb")


NAMES = st.sampled_from(["value", "time", "q", "dev", "rows"]) | st.text()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON | st.binary(), st.text(max_size=30))
def test_nothing_that_a_stranger_sends_raises(document, topic):
    raw = document if isinstance(document, bytes) else json.dumps(document).encode("utf-8", "replace")
    records = source((), records="rows", sensor="dev", quantity="q", time="time")
    for one in (source(), records, source(wide=(WideField("q", "level"),))):
        decoder = Decoder(one)
        out = decoder.decode([Message("s", topic, raw, NOON_US), Message("s", "city/D/level", raw, NOON_US)])
        assert all(abs(value) <= sys.float_info.max for value in out.value)
