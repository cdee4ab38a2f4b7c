"""The alarm engine, against a walk second by second, and against itself with other batches, orders and restarts."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.alarms.alarm import Alarm
from models.alarms.engine import Engine
from models.alarms.facts import Facts
from models.alarms.judging.subjects import leaves
from models.alarms.rule import (
    AlarmRule,
    AllOf,
    AnyOf,
    Clear,
    Compare,
    Condition,
    Hold,
    Level,
    NoneOf,
    Schedule,
    Silent,
)
from models.project.selection import ObjectKey
from models.readings.batch import SECOND_US, Readings, nothing, readings
from models.readings.channel import Channel

#: Without shrinking, which would take minutes where a test fails.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

CHANNELS = (
    Channel(0, "A", "tilt", "°"), Channel(1, "A", "level", "m"),
    Channel(2, "B", "tilt", "°"), Channel(3, "B", "level", "m"),
)  # fmt: skip
KEYS = {0: ObjectKey("c", 1), 1: ObjectKey("c", 1), 2: ObjectKey("c", 2), 3: ObjectKey("c", 2)}
FACTS = Facts(
    KEYS, {"depth_m": {KEYS[0]: 3.0, KEYS[2]: 5.0}}, {"nearest": {KEYS[0]: KEYS[2], KEYS[2]: KEYS[0]}}, zone="UTC"
)
#: A midnight, so that schedules are plain.
ZERO = 1_751_328_000
END = ZERO + 120


def batch_of(rows: Sequence[tuple[int, int, float]]) -> Readings:
    return readings(
        [row[0] for row in rows], [(ZERO + row[1]) * SECOND_US for row in rows], [float(row[2]) for row in rows]
    )


def run(rule: AlarmRule, batches: Sequence[tuple[Readings, int]], lateness_s: int = 0) -> tuple[Alarm, ...]:
    engine = Engine([rule], CHANNELS, FACTS, lateness_us=lateness_s * SECOND_US)
    engine.prime(nothing(), ZERO * SECOND_US - 1)
    for batch, until in batches:
        engine.feed(batch)
        engine.until(until * SECOND_US)
    engine.until((END + lateness_s) * SECOND_US)
    return engine.alarms()


# -- a walk second by second ----------------------------------------------------------------------------------------


def _truth(condition: Condition, values: dict[str, float | None], depth: float) -> bool | None:
    match condition:
        case AllOf(all=parts):
            told = [_truth(part, values, depth) for part in parts]
            return False if False in told else None if None in told else True
        case AnyOf(any=parts):
            told = [_truth(part, values, depth) for part in parts]
            return True if True in told else None if None in told else False
        case NoneOf(none=parts):
            told = [_truth(part, values, depth) for part in parts]
            return False if True in told else None if None in told else True
        case Compare():
            value = values[condition.quantity]
            threshold = condition.value + (condition.factor * depth if condition.fact else 0)
            if value is None:
                return None
            return {">": value > threshold, "<": value < threshold, ">=": value >= threshold}[condition.op]
        case Silent():
            raise AssertionError


def walk(rule: AlarmRule, rows: Sequence[tuple[int, int, float]], sensor: int) -> list[tuple[int, int | None, str]]:
    """Return (start, end, last severity) of one facility, in whole seconds, by plain steps."""
    depth = (3.0, 5.0)[sensor]
    ranks = {"minor": 1, "major": 2}
    at: dict[int, dict[int, float]] = {}
    for channel, second, value in rows:
        if channel // 2 == sensor:
            at.setdefault(second, {})[channel % 2] = value
    values: dict[str, float | None] = {"tilt": None, "level": None}
    since: dict[str, tuple[int, int] | None] = {}
    hits: dict[str, list[int]] = {}
    holds: dict[str, bool] = {}
    found: list[tuple[int, int | None, str]] = []
    active: tuple[int, str] | None = None
    empty_since: int | None = None
    for second in range(0, END - ZERO + 1):
        came = at.get(second, {})
        for column, value in came.items():
            values[("tilt", "level")[column]] = value
        for level in rule.levels:
            name = level.severity
            told = _truth(level.condition, values, depth)
            own = {
                ("tilt", "level").index(leaf.quantity) for leaf in leaves(level.condition) if isinstance(leaf, Compare)
            } & came.keys()
            if own and told:
                hits.setdefault(name, []).append(second)
            if level.hold.kind == "repeating":
                times = [one for one in hits.get(name, []) if second - one <= level.hold.seconds]
                holds[name] = len(times) >= level.hold.times
                continue
            if told is True:
                first, count = since.get(name) or (second, 0)
                since[name] = (first, count + (1 if own else 0))
            elif came:
                since[name] = None
            run_ = since.get(name)
            seconds, times_ = (level.hold.seconds, level.hold.times) if level.hold.kind == "duration" else (0, 1)
            reached = run_ is not None and second - run_[0] >= seconds and run_[1] >= times_
            holds[name] = reached or (holds.get(name, False) and told is not False)
        on = [level for level in rule.levels if holds.get(level.severity)]
        top = max(on, key=lambda level: ranks[level.severity]).severity if on else ""
        quiet = rule.clear.quiet_s
        if active and not top and empty_since is None:
            empty_since = second
        if active and empty_since is not None and second - empty_since >= quiet:
            found.append((active[0], second, active[1]))
            active = None
        if top:
            empty_since = None
            if active is None:
                active = (second, top)
            elif rule.steps_down or ranks[top] > ranks[active[1]]:
                active = (active[0], top)
    if active:
        found.append((active[0], None, active[1]))
    return found


compares = st.builds(
    Compare, quantity=st.sampled_from(["tilt", "level"]), op=st.sampled_from([">", "<", ">="]),
    value=st.integers(1, 4).map(float), fact=st.sampled_from(["", "", "depth_m"]), factor=st.just(0.8),
)  # fmt: skip
conditions = st.recursive(
    compares,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: AnyOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: NoneOf(tuple(parts))),
    ),
    max_leaves=3,
)
hold_kinds = st.one_of(
    st.just(Hold()),
    st.builds(Hold, kind=st.just("duration"), seconds=st.integers(0, 20).map(float), times=st.integers(1, 3)),
    st.builds(
        Hold, kind=st.just("repeating"), seconds=st.integers(1, 15).map(lambda n: 2.0 * n), times=st.integers(1, 3)
    ),
)


@st.composite
def plain_rules(draw: st.DrawFn) -> AlarmRule:
    names = draw(st.sampled_from([("minor",), ("major", "minor"), ("minor", "major")]))
    levels = tuple(Level(name, draw(conditions), draw(hold_kinds)) for name in names)
    quiet = draw(st.sampled_from([0.0, 0.0, 7.0]))
    return AlarmRule("r", "r", levels, clear=Clear(quiet_s=quiet), steps_down=draw(st.booleans()))


#: At even seconds, as the spans of repeating rules are: the walk sees no gap that is shorter than a second.
rows_of = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 55).map(lambda n: 2 * n), st.integers(0, 5).map(float)), max_size=40,
    unique_by=lambda row: row[:2],
)  # fmt: skip


@settings(max_examples=120, deadline=None, phases=PHASES)
@given(plain_rules(), rows_of)
def test_alarms_are_those_of_a_walk_second_by_second(rule: AlarmRule, rows: list[tuple[int, int, float]]) -> None:
    found = {
        alarm.sensor: [
            (
                one.start_us // SECOND_US - ZERO,
                None if one.end_us is None else (one.end_us + SECOND_US - 1) // SECOND_US - ZERO,
                one.severity,
            )
            for one in alarm.activations
        ]
        for alarm in run(rule, [(batch_of(rows), END)])
    }
    for place, sensor in enumerate("AB"):
        assert found.get(sensor, []) == walk(rule, rows, place)


# -- other batches, orders, restarts, clocks ------------------------------------------------------------------------


@st.composite
def any_rules(draw: st.DrawFn) -> AlarmRule:
    rule = draw(plain_rules())
    more = draw(st.sampled_from(["", "silent", "neighbour", "rate", "sum", "hysteresis", "schedule", "clear"]))
    if more == "schedule":
        return AlarmRule(
            "r", "r", rule.levels, clear=rule.clear, schedule=Schedule(hours=("00:01-00:02",)), max_age_s=30.0
        )
    if more == "clear":
        return AlarmRule("r", "r", rule.levels, clear=Clear(draw(conditions), draw(hold_kinds)), max_age_s=20.0)
    extra: dict[str, Condition] = {
        "silent": Silent("tilt", seconds=9.0),
        "neighbour": Compare("tilt", ">", 1.0, neighbour="nearest"),
        "rate": Compare("tilt", ">", 0.1, measure="rate"),
        "sum": Compare("level", ">", 6.5, measure="sum", over_s=25.0),
        "hysteresis": Compare("tilt", ">", 3.0, hysteresis=1.5),
    }
    if more in extra:
        return AlarmRule("r", "r", (Level("critical", extra[more], Hold()), *rule.levels), clear=rule.clear)
    return rule


@settings(max_examples=120, deadline=None, phases=PHASES)
@given(any_rules(), rows_of, st.integers(1, 60), st.integers(0, 15), st.randoms(use_true_random=False))
def test_order_duplicates_batches_restarts_and_clock_jumps_change_no_alarm(
    rule: AlarmRule, rows: list[tuple[int, int, float]], step: int, lateness: int, chance: random.Random
) -> None:
    whole = run(rule, [(batch_of(rows), END)])
    arrives = sorted(((row[1] + chance.randint(0, lateness), row) for row in rows), key=lambda one: one[0])
    arrives += [
        (when + chance.randint(0, lateness - (when - row[1])), row) for when, row in arrives if chance.random() < 0.3
    ]
    engine = Engine([rule], CHANNELS, FACTS, lateness_us=lateness * SECOND_US)
    engine.prime(nothing(), ZERO * SECOND_US - 1)
    kept: dict[str, list[tuple[int, int | None, object]]] = {}

    def note(told: tuple[Alarm, ...]) -> None:
        for alarm in told:
            held = kept.setdefault(alarm.id, [])
            for one in alarm.activations:
                held[:] = [entry for entry in held if entry[0] != one.start_us]
                held.append((one.start_us, one.end_us, one))

    for start in range(0, END - ZERO + lateness + step, step):
        part = [row for when, row in arrives if start <= when < start + step]
        chance.shuffle(part)
        engine.feed(batch_of(part))
        engine.until((ZERO + min(start + step, END - ZERO + lateness)) * SECOND_US - 1)
        engine.until((ZERO + min(start, END - ZERO + lateness) - chance.randint(0, 50)) * SECOND_US)
        note(engine.alarms())
        if chance.random() < 0.3:
            state, engine = engine.state(), Engine([rule], CHANNELS, FACTS, lateness_us=lateness * SECOND_US)
            assert engine.take_up(state) == ()
    engine.until((END + lateness) * SECOND_US)
    note(engine.alarms())
    assert engine.too_late == 0
    assert {name: [entry[2] for entry in held] for name, held in kept.items()} == {
        alarm.id: list(alarm.activations) for alarm in whole
    }


def test_a_reading_that_is_too_late_is_counted_and_judged_by_the_next_replay() -> None:
    rule = AlarmRule("r", "r", (Level("major", Compare("tilt", ">", 10.0)),))
    engine = Engine([rule], CHANNELS, FACTS, lateness_us=5 * SECOND_US)
    engine.feed(batch_of([(0, 0, 1.0)]))
    engine.until((ZERO + 20) * SECOND_US)
    engine.feed(batch_of([(0, 10, 50.0)]))
    engine.until((ZERO + 40) * SECOND_US)
    assert engine.too_late == 1
    assert engine.alarms() == ()
    assert len(run(rule, [(batch_of([(0, 0, 1.0), (0, 10, 50.0)]), END)])) == 1


def test_a_state_that_cannot_be_read_begins_anew_and_says_so() -> None:
    rule = AlarmRule("r", "r", (Level("major", Compare("tilt", ">", 10.0)),))
    for broken in (b"", b"PK\x03\x04nothing", Engine([rule], CHANNELS, FACTS).state()[:200]):
        assert Engine([rule], CHANNELS, FACTS).take_up(broken) == ("r",)


def test_severity_steps_up_and_down_and_the_peak_is_kept() -> None:
    rule = AlarmRule(
        "r", "r", (Level("minor", Compare("tilt", ">", 10.0)), Level("critical", Compare("tilt", ">", 90.0)))
    )
    (alarm,) = run(rule, [(batch_of([(0, 0, 12), (0, 10, 101), (0, 20, 15), (0, 30, 2)]), END)])
    (one,) = alarm.activations
    assert [severity for _, severity in one.course] == ["minor", "critical", "minor"]
    assert (one.peak, one.peak_us) == (101.0, (ZERO + 10) * SECOND_US)
    assert (alarm.unit, alarm.id, alarm.key) == ("°", "r@A", KEYS[0])


def test_a_schedule_opens_and_closes_without_a_message() -> None:
    rule = AlarmRule(
        "r", "r", (Level("minor", Compare("tilt", ">", 10.0), Hold("duration", 10.0)),),
        schedule=Schedule(hours=("00:01-00:02",)),
    )  # fmt: skip
    (alarm,) = run(rule, [(batch_of([(0, 0, 12)]), END)])
    assert [(one.start_us // SECOND_US - ZERO, one.end_us) for one in alarm.activations] == [
        (70, (ZERO + 120) * SECOND_US)
    ]


def test_bad_readings_do_not_judge_unless_the_rule_says_so() -> None:
    bad = readings([0], [ZERO * SECOND_US], [50.0], [2])
    levels = (Level("major", Compare("tilt", ">", 10.0)),)
    assert run(AlarmRule("r", "r", levels), [(bad, END)]) == ()
    assert len(run(AlarmRule("r", "r", levels, judges_bad=True), [(bad, END)])) == 1


def test_what_nobody_measures_and_what_is_not_a_number_raise_nothing() -> None:
    levels = (Level("major", NoneOf((Compare("gas", ">", 10.0),))), Level("minor", Compare("tilt", "!=", 1.0)))
    held = run(AlarmRule("r", "r", levels), [(batch_of([(0, 0, float("nan")), (2, 1, float("inf"))]), END)])
    assert held == ()
    assert np.isfinite(END)
