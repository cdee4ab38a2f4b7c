"""The alarm engine: the same code judges live and recorded readings.

Invariants
----------
1. Judging follows a *watermark*: what was observed until then is judged, in the order of its times, and never again.
   :meth:`Engine.until` moves it to ``now − lateness``; it never goes back, whatever the clock does.
2. So the order in which readings come, how they are cut into batches, duplicates and restarts change no alarm, as long
   as a reading is at most ``lateness`` late. One that is later still, or corrects what was judged, is counted
   (``too_late``) and judged by the next replay of the store only.
3. Of two readings of one channel and moment that come before the watermark the later one counts.
4. Readings ahead of the clock wait until it gets there; those more than a day ahead are dropped and counted
   (``ahead``).
5. Conditions that end by the clock (duration, schedule, silence, non-recurrence) need no message.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import cattrs
import numpy as np
from numpy.typing import NDArray

from models.alarms.alarm import Activation, Alarm, Change
from models.alarms.checked import checked
from models.alarms.facts import Facts
from models.alarms.judging.course import Lasting
from models.alarms.judging.judge import Judge
from models.alarms.rule import AlarmRule
from models.readings.batch import DAY_US, Quality, Readings, joined, nothing
from models.readings.channel import Channel

#: So many subjects in alarm at once, as a share of those that a rule judges, say more of the rule than of the city.
STORM_SHARE, STORM_LEAST = 0.5, 20
_NO_TIME = -(2**62)
_SCHEMA = 2


class Engine:
    """Judges readings by rules.

    Parameters
    ----------
    rules : sequence of AlarmRule
        Those that are switched on; one that is not is passed over.
    channels : sequence of Channel
    facts : Facts
    lateness_us : int
        How late a reading may come.
    keep : bool
        Whether every activation is kept for :meth:`alarms`; live, the log has them.

    Raises
    ------
    UserError
        A rule that makes no sense.
    """

    def __init__(
        self,
        rules: Sequence[AlarmRule],
        channels: Sequence[Channel],
        facts: Facts | None = None,
        *,
        lateness_us: int = 0,
        keep: bool = True,
    ) -> None:
        self._judges = [Judge(checked(rule), channels, facts or Facts()) for rule in rules if rule.enabled]
        self._lateness_us = lateness_us
        self._watermark = _NO_TIME
        self._waiting: list[Readings] = []
        self._keep = keep
        self._ended: dict[tuple[int, int], list[Lasting]] = {}
        self.too_late = 0
        self.ahead = 0
        self.skipped_bad = 0

    @property
    def watermark_us(self) -> int | None:
        """Return until when everything is judged, None before the first time."""
        return None if self._watermark == _NO_TIME else self._watermark

    @property
    def judges(self) -> Sequence[Judge]:
        """Return who judges, one a rule."""
        return self._judges

    def prime(self, batch: Readings, moment_us: int) -> None:
        """Begin at a moment, with the last readings before it; of a channel at most one."""
        self._watermark = moment_us
        batch = batch.taken((batch.quality & Quality.BAD) == 0)
        for judge in self._judges:
            judge.prime(batch)

    def feed(self, batch: Readings) -> list[Change]:
        """Take readings in; they are judged when the watermark passes them, so that this returns nothing yet."""
        late = batch.time_us <= self._watermark
        if late.any():
            self.too_late += int(late.sum())
            batch = batch.taken(~late)
        if len(batch):
            self._waiting.append(batch)
        return []

    def until(self, now_us: int) -> list[Change]:
        """Judge what was observed until ``now_us`` − lateness, and the clock until there; a clock gone back waits.

        Returns
        -------
        list of Change
            By time.
        """
        to_us = int(now_us) - self._lateness_us
        if to_us <= self._watermark:
            return []
        due = self._due(to_us, now_us)
        from_us = self._watermark
        if from_us == _NO_TIME:
            from_us = int(due.time_us.min()) - 1 if len(due) else to_us - 1
        good = due
        bad = (due.quality & Quality.BAD) != 0
        if bad.any():
            good = due.taken(~bad)
            self.skipped_bad += int(bad.sum())
        told: list[Change] = []
        for place, judge in enumerate(self._judges):
            batch = due if judge.rule.judges_bad else good
            for turn, value in judge.judge(batch, from_us, to_us):
                if turn.kind == "cleared" and self._keep:
                    self._ended.setdefault((place, turn.alarm.subject), []).append(turn.alarm)
                told.append(self._change(judge, turn.kind, turn.time_us, turn.alarm, value))
        self._watermark = to_us
        return sorted(told, key=lambda one: (one.time_us, one.alarm, one.kind != "cleared"))

    def alarms(self) -> tuple[Alarm, ...]:
        """Return what was raised, by first start and id; without ``keep`` only what is active."""
        found = []
        for place, judge in enumerate(self._judges):
            lasting: dict[int, list[Lasting]] = {
                who: list(ended) for (of, who), ended in self._ended.items() if of == place
            }
            for one in judge.active:
                lasting.setdefault(one.subject, []).append(one)
            found += [self._alarm(judge, who, many) for who, many in lasting.items()]
        return tuple(sorted(found, key=lambda alarm: (alarm.activations[0].start_us, alarm.id)))

    def storms(self) -> tuple[str, ...]:
        """Return the rules by which so many facilities are in alarm at once that the rule says nothing."""
        return tuple(
            judge.rule.id
            for judge in self._judges
            if judge.is_overrun or is_storm(len(list(judge.active)), int(judge.judged.sum()))
        )

    def overrun(self) -> tuple[str, ...]:
        """Return the rules that raised more than anybody reads; they are judged no further."""
        return tuple(judge.rule.id for judge in self._judges if judge.is_overrun)

    # -- kept over a restart -----------------------------------------------------------------------------------------

    def state(self) -> bytes:
        """Return all that it remembers but activations that ended, to be taken up after a restart."""
        waiting = joined(self._waiting)
        arrays: dict[str, NDArray[Any]] = {
            "head": np.asarray([_SCHEMA, self._watermark, self.too_late, self.ahead, self.skipped_bad]),
            "waiting.channel": waiting.channel, "waiting.time_us": waiting.time_us,
            "waiting.value": waiting.value, "waiting.quality": waiting.quality,
            "rules": np.asarray([_text(judge.rule) for judge in self._judges], dtype=np.str_),
        }  # fmt: skip
        for place, judge in enumerate(self._judges):
            arrays |= {f"{place}/{name}": array for name, array in judge.state().items()}
        held = io.BytesIO()
        np.savez_compressed(held, **arrays)  # type: ignore[arg-type]
        return held.getvalue()

    def take_up(self, state: bytes) -> tuple[str, ...]:
        """Take up what :meth:`state` gave.

        Returns
        -------
        tuple of str
            Rules that begin anew, since they are new or have changed; all of them where the state cannot be read.
        """
        try:
            with np.load(io.BytesIO(state), allow_pickle=False) as held:
                arrays = {name: held[name] for name in held.files}
            head = [int(value) for value in arrays["head"]]
            texts = [str(text) for text in arrays["rules"]]
            waiting = Readings(*(arrays[f"waiting.{name}"] for name in ("channel", "time_us", "value", "quality")))
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
            return tuple(judge.rule.id for judge in self._judges)
        if head[0] != _SCHEMA:
            return tuple(judge.rule.id for judge in self._judges)
        _, self._watermark, self.too_late, self.ahead, self.skipped_bad = head
        self._waiting = [waiting] if len(waiting) else []
        anew = []
        for judge in self._judges:
            text = _text(judge.rule)
            place = texts.index(text) if text in texts else -1
            own = {
                name.removeprefix(f"{place}/"): array for name, array in arrays.items() if name.startswith(f"{place}/")
            }
            if own and judge.has_shape_of(own):
                judge.take_up(own)
            else:
                anew.append(judge.rule.id)
        return tuple(anew)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _due(self, to_us: int, now_us: int) -> Readings:
        batch = joined(self._waiting) if len(self._waiting) != 1 else self._waiting[0]
        self._waiting = []
        if not len(batch):
            return nothing()
        known = np.isfinite(batch.value)
        if not known.all():
            batch = batch.taken(known)
        due = batch.time_us <= to_us
        if not due.all():
            rest = batch.taken(~due)
            far = rest.time_us > now_us + DAY_US
            self.ahead += int(far.sum())
            rest = rest.taken(~far)
            self._waiting = [rest] if len(rest) else []
            batch = batch.taken(due)
        return _arranged(batch)

    def _change(self, judge: Judge, kind: str, time_us: int, alarm: Lasting, value: float | None) -> Change:
        who = alarm.subject
        at = [level for since, level in alarm.course if since <= time_us][-1]
        sensor = judge.subjects.sensors[who]
        return Change(
            kind, time_us, alarm_id(judge.rule.id, sensor), judge.rule.id, sensor, judge.subjects.keys[who],
            judge.severities[at - 1], value, _activation(judge, alarm),
        )  # fmt: skip

    def _alarm(self, judge: Judge, who: int, lasting: list[Lasting]) -> Alarm:
        sensor = judge.subjects.sensors[who]
        quantity, unit = judge.peak_of(lasting[-1])
        return Alarm(
            alarm_id(judge.rule.id, sensor), judge.rule.id, sensor, judge.subjects.keys[who], quantity, unit,
            tuple(_activation(judge, one) for one in lasting),
        )  # fmt: skip


def alarm_id(rule: str, sensor: str) -> str:
    """Return the id of an alarm: the same in every run."""
    return f"{rule}@{sensor}"


def is_storm(active: int, judged: int) -> bool:
    """Tell whether so many facilities are in alarm at once that the rule says nothing."""
    return judged >= STORM_LEAST and active > STORM_SHARE * judged


def _activation(judge: Judge, alarm: Lasting) -> Activation:
    course = tuple((when, judge.severities[level - 1]) for when, level in alarm.course)
    return Activation(alarm.start_us, alarm.end_us, course, alarm.peak, alarm.peak_us, *judge.peak_of(alarm))


def _arranged(batch: Readings) -> Readings:
    """Return readings of which each channel's are in the order of time; corrections after what they correct."""
    times, channels = batch.time_us, batch.channel
    corrects = (batch.quality & Quality.CORRECTED) != 0
    if not corrects.any():
        later = times[1:] >= times[:-1]
        if later.all() or bool(np.all((channels[1:] > channels[:-1]) | ((channels[1:] == channels[:-1]) & later))):
            return batch
    return batch.taken(np.lexsort((corrects, times)))


def _text(rule: AlarmRule) -> str:
    return json.dumps(cattrs.unstructure(rule), sort_keys=True)
