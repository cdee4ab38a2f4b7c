"""One rule at work: readings in, turns of alarms out; what it remembers can be kept and taken up again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.alarms.facts import Facts
from models.alarms.judging import holds, measures
from models.alarms.judging.course import Course, Lasting, Manner, Turn, followed
from models.alarms.judging.holds import NEVER, OPEN, Edges, Memory, Rows
from models.alarms.judging.subjects import leaves, subjects_of
from models.alarms.judging.truth import TRUE, Input, has_hysteresis, inputs_of, latched, truth_of
from models.alarms.rule import AlarmRule, Compare, Condition, Hold, Silent
from models.alarms.schedule import Windows
from models.alarms.severities import rank
from models.readings.batch import SECOND_US, Quality, Readings
from models.readings.channel import Channel

#: More activations of one rule than anybody reads: the rule is judged no further, and that is said.
MOST_ACTIVATIONS = 200_000
#: Readings that are judged at once, about.
BLOCK = 250_000
#: Periods that a reading stands for what follows, where the rule says nothing.
STANDS_PERIODS = 3.0
#: Comparisons whose gravest reading is the lowest.
_LOWEST = ("<", "<=")


@dataclass(frozen=True, slots=True)
class _Judged:
    """A condition with how it must hold, and the bit that it has in the course."""

    condition: Condition
    hold: Hold
    inputs: tuple[Input, ...]


class _Part(NamedTuple):
    """Readings with the subject and the column that they are for."""

    subject: NDArray[np.int32]
    column: NDArray[np.int8]
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]


@dataclass(slots=True)
class _Sheet:
    """The rows of a piece: what was known before, then what came, subject by subject."""

    who: NDArray[np.int32]
    begins: NDArray[np.intp]
    subject: NDArray[np.int32]
    time_us: NDArray[np.int64]
    first: NDArray[np.bool_]
    column: NDArray[np.int8]
    value: NDArray[np.float64]


class Judge:
    """Judges one rule.

    Parameters
    ----------
    rule : AlarmRule
        One that :func:`models.alarms.checked.checked` lets pass.
    channels : sequence of Channel
    facts : Facts
    """

    def __init__(self, rule: AlarmRule, channels: Sequence[Channel], facts: Facts) -> None:
        self.rule = rule
        self.subjects = subjects_of(rule, channels, facts)
        levels = sorted(rule.levels, key=lambda level: rank(level.severity))
        self.severities = tuple(level.severity for level in levels)
        asked = [(level.condition, level.hold) for level in levels]
        if rule.clear.condition is not None:
            asked.append((rule.clear.condition, rule.clear.hold))
        self._judged = [_Judged(condition, hold, _inputs(condition)) for condition, hold in asked]
        self._manner = Manner(
            len(levels), rule.steps_down, rule.clear.condition is not None, round(rule.clear.quiet_s * SECOND_US)
        )
        self._windows = None if rule.schedule is None else Windows(rule.schedule, facts)
        self._inputs = tuple({one: None for judged in self._judged for one in judged.inputs})
        columns = self.subjects.columns
        self._column_of = {one: columns.index((one[0], one[1])) for one in self._inputs}
        n = len(self.subjects)
        self._facts = {
            leaf.fact: np.asarray(
                [facts.numbers.get(leaf.fact, {}).get(key, np.nan) if key else np.nan for key in self.subjects.keys],
                np.float64,
            ).reshape(n)
            for judged in self._judged
            for leaf in leaves(judged.condition)
            if isinstance(leaf, Compare) and leaf.fact
        }
        ages = np.where(rule.max_age_s > 0, rule.max_age_s, STANDS_PERIODS * self.subjects.period_s)
        self._age_us = np.where(ages > 0, ages * SECOND_US, OPEN).astype(np.int64)
        #: What peaks may be of: the comparisons of each level.
        compared = [
            [one for one in leaves(level.condition) if isinstance(one, Compare)] for level in levels
        ]  # fmt: skip
        self._leaves = tuple(dict.fromkeys(one for many in compared for one in many))
        self._leaves_of = [[self._leaves.index(one) for one in many] for many in compared]
        #: One column of plain readings: who is out of it can be told before anything is sorted.
        self._is_plain = (
            len(columns) == 1
            and rule.clear.condition is None
            and len(self.subjects.layers) <= 1
            and all(one[2] == "value" for one in self._inputs)
            and not any(isinstance(judged.condition, Silent) for judged in self._judged)
        )
        self.activations = 0
        self._memories = [Memory.of(n) for _ in self._judged]
        self._course = Course(np.zeros(n, np.int64), np.full(n, OPEN))
        self._value = np.full((len(columns), n), np.nan)
        self._seen = np.full((len(columns), n), NEVER)
        self._last_us = np.full(n, NEVER)
        #: What each measure came to last.
        self._measure = {one: np.full(n, np.nan) for one in self._inputs if one[2] != "value"}
        self._tails: dict[Input, tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]] = {
            one: (np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0))
            for one in self._inputs
            if one[2] in ("change", "sum", "mean")
        }

    @property
    def is_overrun(self) -> bool:
        """Whether it raised more than anybody reads, and judges no further."""
        return self.activations >= MOST_ACTIVATIONS

    @property
    def active(self) -> Iterable[Lasting]:
        """Return what is active, by subject."""
        return [self._course.lasting[who] for who in sorted(self._course.lasting)]

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Return which subjects have all that the rule reads, facts included."""
        told = self.subjects.complete.copy()
        for numbers in self._facts.values():
            told &= ~np.isnan(numbers)
        return told

    def peak_of(self, alarm: Lasting) -> tuple[str, str]:
        """Return quantity and unit of the peak of an alarm, empty where it has none."""
        if alarm.leaf < 0:
            return "", ""
        quantity = self._leaves[alarm.leaf].quantity
        return quantity, self.subjects.units[alarm.subject][self.subjects.columns.index((quantity, ""))]

    def judge(self, batch: Readings, from_us: int, to_us: int) -> list[tuple[Turn, float | None]]:
        """Judge what was observed at ``from_us`` < time ≤ ``to_us``, and the clock until there.

        Parameters
        ----------
        batch : Readings
            Of each channel in the order of time.
        from_us, to_us : int

        Returns
        -------
        list of (Turn, float or None)
            With the reading at that moment.
        """
        if self.is_overrun or not len(self.subjects):
            return []
        told: list[tuple[Turn, float | None]] = []
        in_order = bool(np.all(batch.time_us[1:] >= batch.time_us[:-1]))
        if self._windows is not None:
            pieces = list(self._windows.pieces(from_us, to_us))
        else:
            # Small pieces stay in the processor's memory, and in each fewer subjects need a second look.
            cuts = np.unique(batch.time_us[BLOCK::BLOCK])
            ends = [*cuts[cuts < to_us].tolist(), to_us] if in_order else [to_us]
            pieces = [(begin, end, True) for begin, end in zip([from_us, *ends[:-1]], ends, strict=True)]
        for begin, end, inside in pieces:
            if in_order:
                rows: Any = slice(*np.searchsorted(batch.time_us, [begin, end], side="right"))
            else:
                rows = (batch.time_us > begin) & (batch.time_us <= end)
            told += self._piece(batch.taken(rows), begin, end, inside)
        return told

    def prime(self, batch: Readings) -> None:
        """Take over the last readings before the judging begins, of each channel one; they raise nothing themselves."""
        for subject, column, time_us, value in self._assigned(batch):
            self._value[column, subject] = value
            self._seen[column, subject] = time_us
            np.maximum.at(self._last_us, subject, time_us)

    # -- a piece of time ---------------------------------------------------------------------------------------------

    def _assigned(self, batch: Readings) -> list[_Part]:
        found = []
        for subjects, columns in self.subjects.layers:
            channel = np.minimum(batch.channel, len(subjects) - 1)
            subject = subjects[channel]
            mine = subject >= 0
            if mine.all():
                found.append(_Part(subject, columns[channel], batch.time_us, batch.value))
            else:
                found.append(_Part(subject[mine], columns[channel[mine]], batch.time_us[mine], batch.value[mine]))
        return found

    def _piece(
        self, batch: Readings, from_us: int, to_us: int, inside: bool
    ) -> list[tuple[Turn, float | None]]:  # fmt: skip
        parts = self._assigned(batch) if len(batch) else []
        sheet = self._sheet(parts, bool((batch.quality & Quality.CORRECTED).any()), to_us)
        columns = self._columns(sheet, to_us)
        keep = np.append((sheet.subject[1:] != sheet.subject[:-1]) | (sheet.time_us[1:] != sheet.time_us[:-1]), True)
        keep = keep[: len(sheet.subject)]
        subject, time_us, first = sheet.subject[keep], sheet.time_us[keep], sheet.first[keep]
        kept = {one: column[keep] for one, column in columns.items()}
        rows = Rows(subject, time_us, first, self._age_us, from_us, to_us)
        edges = [] if inside else [self._shut(bit, from_us) for bit in range(len(self._judged))]
        bits = list(range(len(edges)))
        for bit, (judged, memory) in enumerate(zip(self._judged, self._memories, strict=True)):
            bits.append(bit)
            edges.append(self._held(judged, memory, rows, kept, sheet, inside))
        turns = followed(
            self._course, self._manner,
            np.concatenate([one.subject for one in edges]), np.concatenate([one.time_us for one in edges]),
            np.repeat(np.asarray(bits, np.int64), [len(one.subject) for one in edges]),
            np.concatenate([one.on for one in edges]), to_us,
        )  # fmt: skip
        self.activations += sum(turn.kind == "raised" for turn in turns)
        told = self._peaks(turns, rows, kept, inside)
        self._remember(sheet)
        return told

    def _held(
        self, judged: _Judged, memory: Memory, rows: Rows, columns: dict[Input, NDArray[np.float64]],
        sheet: _Sheet, inside: bool,
    ) -> Edges:  # fmt: skip
        if isinstance(judged.condition, Silent):
            return self._silent(judged.condition, memory, rows, sheet) if inside else holds.none()
        truth = truth_of(judged.condition, columns, self._facts, rows.subject)
        before = memory.truth[sheet.who]
        if has_hysteresis(judged.condition):
            relaxed = truth_of(judged.condition, columns, self._facts, rows.subject, relaxed=True)
            truth = latched(truth, relaxed, rows.first, before)
        else:
            truth[rows.first] = before
        if not inside:
            last = np.append(rows.first[1:], True)[: len(truth)]
            memory.truth[rows.subject[last]] = truth[last]
            return holds.none()
        hold = judged.hold
        counts = self._counted(judged, sheet, rows)
        seconds_us = round(hold.seconds * SECOND_US)
        if hold.kind == "repeating":
            return holds.repeating(rows, truth, counts, memory, seconds_us, hold.times, hold.onsets)
        if hold.kind == "simple":
            return holds.lasting(rows, truth, counts, memory, 0, 1)
        return holds.lasting(rows, truth, counts, memory, seconds_us, hold.times)

    def _counted(self, judged: _Judged, sheet: _Sheet, rows: Rows) -> NDArray[np.bool_]:
        """Return the rows (one a moment) at which a reading came that a condition compares."""
        if len(self.subjects.columns) == 1:
            return ~rows.first
        own = [self._column_of[one] for one in judged.inputs if not one[1]]
        came = np.isin(sheet.column, own)
        if len(came) == len(rows.first):
            return came
        ends = np.append((sheet.subject[1:] != sheet.subject[:-1]) | (sheet.time_us[1:] != sheet.time_us[:-1]), True)
        return np.asarray(np.logical_or.reduceat(came, np.append(0, np.flatnonzero(ends)[:-1] + 1)))

    def _silent(self, condition: Silent, memory: Memory, rows: Rows, sheet: _Sheet) -> Edges:
        column = self.subjects.columns.index((condition.silent, ""))
        time_us = sheet.time_us.copy()
        time_us[sheet.first] = self._seen[column][sheet.who]
        seen = np.where(sheet.first, time_us != NEVER, sheet.column == column)
        own = Rows(sheet.subject, time_us, sheet.first, self._age_us, rows.from_us, rows.to_us)
        return holds.silent(own, seen, memory, self._limit_us(condition))

    def _limit_us(self, condition: Silent) -> NDArray[np.int64]:
        period = self.subjects.period_s
        limit = np.where(period > 0, condition.periods * period, condition.seconds)
        return np.where(limit > 0, limit * SECOND_US, OPEN).astype(np.int64)

    def _shut(self, bit: int, from_us: int) -> Edges:
        """End what a schedule no longer lets hold."""
        memory = self._memories[bit]
        whose = np.flatnonzero(memory.holding).astype(np.int32)
        memory.holding[:] = False
        memory.run_start[:] = NEVER
        memory.run_count[:] = 0
        memory.recent_subject, memory.recent_us = memory.recent_subject[:0], memory.recent_us[:0]
        return Edges(whose, np.full(len(whose), from_us + 1, np.int64), np.zeros(len(whose), bool))

    def _open(self, to_us: int) -> NDArray[np.bool_]:
        """Return the subjects whose alarm may turn without a reading, or of which something is under way."""
        told = self._course.mask > 0
        told[list(self._course.lasting)] = True
        for judged, memory in zip(self._judged, self._memories, strict=True):
            if isinstance(judged.condition, Silent):
                column = self.subjects.columns.index((judged.condition.silent, ""))
                seen = self._seen[column]
                limit = self._limit_us(judged.condition)
                told |= (seen != NEVER) & (limit < OPEN) & (seen + np.minimum(limit, OPEN // 2) <= to_us)
            else:
                told |= (memory.truth == TRUE) | memory.holding
                told[memory.recent_subject] = True
        return told

    def _sheet(
        self,
        parts: list[_Part],
        corrected: bool,
        to_us: int,
    ) -> _Sheet:
        hot = self._open(to_us)
        if self._is_plain and parts:
            parts = [self._hot_rows(parts[0], hot)]
        subject, column, time_us, value = _joined(parts)
        hot[subject] = True
        who = np.flatnonzero(hot).astype(np.int32)
        if len(parts) > 1 or len(self.subjects.columns) > 1 or corrected or len(self.subjects) >= 2**16:
            # Of one moment the reading that came last counts: lexsort is stable.
            order: Any = np.lexsort((time_us, subject))
        else:
            order = np.argsort(subject.astype(np.uint16), kind="stable")
        counts = np.bincount(subject, minlength=len(hot))[who] if len(subject) else np.zeros(len(who), np.int64)
        begins = np.cumsum(counts + 1) - (counts + 1)
        total = len(subject) + len(who)
        first = np.zeros(total, bool)
        first[begins] = True
        rest = ~first
        sheet = _Sheet(
            who, begins, np.repeat(who, counts + 1), np.empty(total, np.int64), first,
            np.full(total, -1, np.int8), np.full(total, np.nan),
        )  # fmt: skip
        sheet.time_us[begins] = self._last_us[who]
        sheet.time_us[rest], sheet.column[rest], sheet.value[rest] = time_us[order], column[order], value[order]
        return sheet

    def _hot_rows(
        self,
        part: _Part,
        hot: NDArray[np.bool_],
    ) -> _Part:
        """Return the rows of subjects of which anything is true or under way; of the others only the last reading."""
        subject, column, time_us, value = part
        columns = dict.fromkeys(self._inputs, value)
        for judged in self._judged:
            true = truth_of(judged.condition, columns, self._facts, subject) == TRUE
            hot[subject[true]] = True
        rows = hot[subject]
        if rows.all():
            return part
        calm = ~rows
        self._note(subject[calm], column[calm], time_us[calm], value[calm])
        return _Part(subject[rows], column[rows], time_us[rows], value[rows])

    def _note(
        self, subject: NDArray[np.int32], column: NDArray[np.int8], time_us: NDArray[np.int64],
        value: NDArray[np.float64],
    ) -> None:  # fmt: skip
        # Of several rows of one subject NumPy keeps the last.
        self._value[column, subject] = value
        self._seen[column, subject] = time_us
        self._last_us[subject] = time_us

    def _columns(self, sheet: _Sheet, to_us: int) -> dict[Input, NDArray[np.float64]]:
        """Return what conditions read, row by row: what a column said last, unless that is too old."""
        if len(self.subjects.columns) == 1 and all(one[2] == "value" for one in self._inputs):
            value = sheet.value.copy()
            value[sheet.first] = self._value[0, sheet.who]
            return dict.fromkeys(self._inputs, value)
        told = {}
        n = len(sheet.subject)
        for one in self._inputs:
            column = self._column_of[one]
            here = sheet.column == column
            says = here | sheet.first
            own = np.full(n, np.nan)
            if one[2] == "value":
                own[here] = sheet.value[here]
                own[sheet.first] = self._value[column, sheet.who]
            else:
                own[sheet.first] = self._measure[one][sheet.who]
                own[here] = self._measured(one, column, sheet, here, to_us)
            source = np.maximum.accumulate(np.where(says, np.arange(n), 0))
            if one[2] != "value":
                self._measure[one][sheet.who] = own[source[np.append(sheet.begins[1:], n)[: len(sheet.who)] - 1]]
            seen = sheet.time_us.copy()
            seen[sheet.first] = self._seen[column, sheet.who]
            filled = own[source]
            filled[sheet.time_us - seen[source] > self._age_us[sheet.subject]] = np.nan
            told[one] = filled
        return told

    def _measured(
        self, one: Input, column: int, sheet: _Sheet, here: NDArray[np.bool_], to_us: int
    ) -> NDArray[np.float64]:
        subject, time_us, value = sheet.subject[here], sheet.time_us[here], sheet.value[here]
        _, _, measure, over_s = one
        if measure == "rate":
            known = self._seen[column, sheet.who] != NEVER
            past = (sheet.who[known], self._seen[column, sheet.who][known], self._value[column, sheet.who][known])
        else:
            past = self._tails[one]
        count = len(past[0])
        subjects, times, values = (
            np.concatenate([past[0], subject]), np.concatenate([past[1], time_us]), np.concatenate([past[2], value])
        )  # fmt: skip
        order = np.lexsort((times, subjects))
        subjects, times, values = subjects[order], times[order], values[order]
        # A moment counts once, with what came last.
        once = np.append((subjects[1:] != subjects[:-1]) | (times[1:] != times[:-1]), True)[: len(subjects)]
        s, t, v = subjects[once], times[once], values[once]
        if measure == "rate":
            found = measures.rate(s, t, v, over_s)
        else:
            found = measures.over_span(s, t, v, over_s, measure)
            recent = t > to_us - round(over_s * SECOND_US)
            self._tails[one] = (s[recent], t[recent], v[recent])
        spread = np.empty(len(order))
        spread[order] = found[np.cumsum(np.append(0, once[:-1]))[: len(order)].astype(np.intp)]
        return np.asarray(spread[count:])

    def _peaks(
        self,
        turns: list[Turn],
        rows: Rows,
        columns: dict[Input, NDArray[np.float64]],
        inside: bool,
    ) -> list[tuple[Turn, float | None]]:
        """Bring the peaks of what was active up to date; return each turn with the reading at its moment.

        A peak is of the comparison that raised the alarm, or its gravest severity, and of times at which the rule
        judges (``inside``).
        """
        subject, time_us, first, from_us = rows.subject, rows.time_us, rows.first, rows.from_us
        if not self._leaves or not len(subject):
            return [(turn, None) for turn in turns]
        begins = np.flatnonzero(first)
        ends = np.append(begins[1:], len(subject))
        place = dict(zip(subject[begins].tolist(), zip(begins.tolist(), ends.tolist(), strict=True), strict=True))

        def row_at(who: int, when: int) -> int:
            begin, end = place[who]
            return int(begin) + max(int(np.searchsorted(time_us[begin:end], when, side="right")) - 1, 0)

        alarms = {id(turn.alarm): turn.alarm for turn in turns}
        alarms |= {id(one): one for who, one in self._course.lasting.items() if who in place}
        for alarm in alarms.values() if inside else ():
            begin, end = place[alarm.subject]
            since, level = max(alarm.course, key=lambda step: (step[1], -step[0]))
            row = row_at(alarm.subject, since) if since > from_us else int(begin) + 1
            low = row_at(alarm.subject, alarm.start_us) if alarm.start_us > from_us else int(begin) + 1
            if since > from_us and self._choose(alarm, level, row, subject, columns):
                low = row
            if alarm.leaf < 0:
                continue
            leaf = self._leaves[alarm.leaf]
            value, lowest = columns[inputs_of(leaf)[0]], leaf.op in _LOWEST
            high = end
            if alarm.end_us is not None:
                high = begin + int(np.searchsorted(time_us[begin:end], alarm.end_us, side="left"))
            seen = value[low:high]
            if not len(seen) or np.isnan(seen).all():
                continue
            best = int(np.nanargmin(seen) if lowest else np.nanargmax(seen))
            top = float(seen[best])
            if alarm.peak is None or (top < alarm.peak if lowest else top > alarm.peak):
                alarm.peak, alarm.peak_us = top, int(time_us[low + best])
        told: list[tuple[Turn, float | None]] = []
        for turn in turns:
            if turn.alarm.leaf < 0:
                told.append((turn, None))
                continue
            value = columns[inputs_of(self._leaves[turn.alarm.leaf])[0]]
            now = float(value[row_at(turn.alarm.subject, turn.time_us)])
            told.append((turn, None if np.isnan(now) else now))
        return told

    def _choose(
        self, alarm: Lasting, level: int, row: int, subject: NDArray[np.int32],
        columns: dict[Input, NDArray[np.float64]],
    ) -> bool:  # fmt: skip
        """Choose what the peak is of, now that a level holds; return whether it begins anew."""
        known = self._leaves_of[level - 1]
        here = {one: column[row : row + 1] for one, column in columns.items()}
        true = [
            one for one in known if truth_of(self._leaves[one], here, self._facts, subject[row : row + 1])[0] == TRUE
        ]
        read = self._read_by(alarm.leaf)
        chosen = next((one for one in true if self._read_by(one) == read), next(iter(true or known), -1))
        anew = self._read_by(chosen) != read
        alarm.leaf = chosen
        if anew:
            alarm.peak = alarm.peak_us = None
        return anew

    def _read_by(self, leaf: int) -> tuple[Input, bool] | None:
        if leaf < 0:
            return None
        one = self._leaves[leaf]
        return inputs_of(one)[0], one.op in _LOWEST

    def _remember(self, sheet: _Sheet) -> None:
        came = ~sheet.first
        self._note(sheet.subject[came], sheet.column[came], sheet.time_us[came], sheet.value[came])

    # -- kept over a restart -----------------------------------------------------------------------------------------

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that it remembers, as arrays by name."""
        told: dict[str, NDArray[Any]] = {
            "sensors": np.asarray(self.subjects.sensors, dtype=np.str_),
            "activations": np.asarray([self.activations]),
            "value": self._value, "seen": self._seen, "last_us": self._last_us,
            "mask": self._course.mask, "quiet_at": self._course.quiet_at,
        }  # fmt: skip
        for place, memory in enumerate(self._memories):
            for name in Memory.__slots__:
                told[f"level{place}.{name}"] = getattr(memory, name)
        told |= {f"measure{place}": last for place, last in enumerate(self._measure.values())}
        for place, tail in enumerate(self._tails.values()):
            told |= {f"tail{place}.0": tail[0], f"tail{place}.1": tail[1], f"tail{place}.2": tail[2]}
        lasting = [self._course.lasting[who] for who in sorted(self._course.lasting)]
        told["lasting"] = np.asarray(
            [(one.subject, one.start_us, len(one.course), -1 if one.peak_us is None else one.peak_us, one.leaf)
             for one in lasting], np.int64
        ).reshape(-1, 5)  # fmt: skip
        told["lasting.peak"] = np.asarray([np.nan if one.peak is None else one.peak for one in lasting], np.float64)
        told["lasting.course"] = np.asarray(
            [step for one in lasting for step in one.course], np.int64
        ).reshape(-1, 2)  # fmt: skip
        return told

    def take_up(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up what :meth:`state` gave; subjects that are new since begin anew, those that are gone are dropped."""
        place_now = {sensor: place for place, sensor in enumerate(self.subjects.sensors)}
        now = np.asarray([place_now.get(str(sensor), -1) for sensor in state["sensors"]], np.int64).reshape(-1)
        old = np.flatnonzero(now >= 0)
        new = now[old]
        self.activations = int(state["activations"][0])
        self._value[:, new] = state["value"][:, old]
        self._seen[:, new] = state["seen"][:, old]
        self._last_us[new] = state["last_us"][old]
        self._course.mask[new] = state["mask"][old]
        self._course.quiet_at[new] = state["quiet_at"][old]
        for place, memory in enumerate(self._memories):
            for name in ("truth", "run_start", "run_count", "holding"):
                getattr(memory, name)[new] = state[f"level{place}.{name}"][old]
            whose = now[state[f"level{place}.recent_subject"]]
            memory.recent_subject = whose[whose >= 0].astype(np.int32)
            memory.recent_us = state[f"level{place}.recent_us"][whose >= 0]
        for place, last in enumerate(self._measure.values()):
            last[new] = state[f"measure{place}"][old]
        for place, one in enumerate(self._tails):
            subject, time_us, value = (state[f"tail{place}.{part}"] for part in range(3))
            whose = now[subject]
            self._tails[one] = (whose[whose >= 0].astype(np.int32), time_us[whose >= 0], value[whose >= 0])
        at = 0
        for (who, start, steps, peak_us, leaf), peak in zip(
            state["lasting"].tolist(), state["lasting.peak"].tolist(), strict=True
        ):  # fmt: skip
            course = [(int(when), int(level)) for when, level in state["lasting.course"][at : at + steps].tolist()]
            at += steps
            subject_now = int(now[who])
            if subject_now >= 0:
                self._course.lasting[subject_now] = Lasting(
                    subject_now, start, course, None, None if np.isnan(peak) else peak,
                    None if peak_us < 0 else peak_us, leaf,
                )  # fmt: skip

    def has_shape_of(self, state: dict[str, NDArray[Any]]) -> bool:
        """Tell whether a state is one of this rule."""
        return set(state) == set(self.state()) and state["value"].shape[0] == self._value.shape[0]


def _inputs(condition: Condition) -> tuple[Input, ...]:
    return tuple(
        {one: None for leaf in leaves(condition) if isinstance(leaf, Compare) for one in inputs_of(leaf)}
    )  # fmt: skip


def _joined(parts: list[_Part]) -> _Part:
    if len(parts) == 1:
        return parts[0]
    return _Part(
        np.concatenate([np.empty(0, np.int32), *(part.subject for part in parts)]),
        np.concatenate([np.empty(0, np.int8), *(part.column for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.time_us for part in parts)]),
        np.concatenate([np.empty(0), *(part.value for part in parts)]),
    )
