"""The history of readings beside a project: appended to by one, read by many, asked by time.

Invariants
----------
1. What ``append`` has returned for is on disk: a process that is killed afterwards loses none of it.
2. A channel has one reading a moment. The same one again changes nothing; another value takes its place, is flagged as
   corrected, and what stood there is kept in ``former``.
3. Nothing is dropped for being implausible, late or of a wrong clock: it is flagged.
4. ``readings`` lies in the order of day, channel and time, so that a day of one channel is a few pages. What comes in
   small batches waits, just as safe, in ``fresh`` until ``settle`` puts it in its place.
5. ``days`` says of each channel and day of ``readings`` what there is; its rows add up, one more may come each time.
6. What retention has thinned is in ``steps`` and is never handed out as readings.
"""

# ruff: noqa: S608 - nothing but numbers and names of our own goes into the SQL

from __future__ import annotations

import itertools
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.readings.batch import DAY_US, SECOND_US, Quality, Readings, nothing, readings
from models.readings.channel import Channel
from models.readings.quantities import Limits, folded_unit, limits
from models.store.atomic import replacing
from models.store.readings.database import FILE, connect, told
from models.store.readings.facts import Appended, ChannelFacts, Steps
from models.store.readings.tables import (
    COLUMNS,
    DAYS_OF,
    EVERY,
    Transaction,
    between,
    columns,
    insert,
    insert_days,
    listed,
    once,
)  # fmt: skip
from models.store.whole_files import of_bytes

#: Batches from this size on go to their place at once; smaller ones wait until so many have come together.
AT_ONCE, SETTLED_FROM = 50_000, 500_000
#: Times before this are those of a clock that was never set (1990-01-01); so are those so far ahead of now.
CLOCKS_FROM_US, AHEAD_US = 631_152_000 * SECOND_US, DAY_US
#: Readings that are loaded at once for going through them in the order of time.
_WINDOW = 4_000_000
_NEVER = int(np.iinfo(np.int64).min)


class ReadingStore:
    """The readings of one project. Safe to be used from several threads.

    Use :meth:`open`, and :meth:`close` or ``with``.
    """

    def __init__(self, path: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._connection = connection
        self._writing = threading.RLock()
        #: Readings in ``fresh``, and by channel the newest time of all and of those whose clock can be right.
        self._waiting = 0
        self._newest = self._last = np.empty(0, np.int64)
        self._load()

    @classmethod
    def open(cls, folder: Path) -> ReadingStore:
        """Open the store in a folder, or make it.

        Raises
        ------
        UserError
            ``readings.in_use``, ``.damaged``, ``.foreign``, ``.newer``, ``.unwritable``.
        """
        path = Path(folder) / FILE
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path)
        try:
            with told(path):
                return cls(path, connection)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Put everything in its place and close the file."""
        with self._writing:
            try:
                self.settle()
            finally:
                self._connection.close()

    def __enter__(self) -> ReadingStore:
        """Return the store, to be closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    # Channels

    def channels(self) -> tuple[Channel, ...]:
        """Return all channels, by id."""
        return self._channels

    def channel_for(self, sensor: str, quantity: str, unit: str, period_s: float = 0.0) -> int:
        """Return the channel of a quantity of a device, made where there is none.

        Raises
        ------
        UserError
            ``readings.other_unit`` where it holds values in another unit.
        """
        return self.channels_for([(sensor, quantity, unit, period_s)])[0]

    def channels_for(self, wanted: Sequence[tuple[str, str, str, float]]) -> list[int]:
        """Return the channels of many (sensor, quantity, unit, period_s), made where there are none."""
        with self._writing:
            fresh: dict[tuple[str, str], Channel] = {}
            ids = []
            for sensor, quantity, unit, period_s in wanted:
                key = (sensor, quantity)
                known = self._by_name.get(key) or fresh.get(key)
                if known is None:
                    known = Channel(self._next_id + len(fresh), sensor, quantity, unit, period_s)
                    fresh[key] = known
                if folded_unit(known.unit) != folded_unit(unit):
                    raise UserError(
                        "readings.other_unit",
                        sensor=sensor,
                        quantity=quantity,
                        unit=unit,
                        held=known.unit,
                        file=self.path,
                    )
                ids.append(known.id)
            if fresh:
                self._add_channels(tuple(fresh.values()))
            return ids

    def _add_channels(self, fresh: tuple[Channel, ...]) -> None:
        columns = {
            "id": np.array([one.id for one in fresh], np.int32),
            "sensor": np.array([one.sensor for one in fresh], object),
            "quantity": np.array([one.quantity for one in fresh], object),
            "unit": np.array([one.unit for one in fresh], object),
            "period_s": np.array([one.period_s for one in fresh], np.float64),
        }
        with self._transaction() as cursor:
            cursor.register("given", columns)
            cursor.execute("insert into channels from given")
            cursor.unregister("given")
        self._take_over((*self._channels, *fresh))

    def _take_over(self, channels: tuple[Channel, ...]) -> None:
        """Hold channels, and what follows from them, in memory."""
        self._by_name = {(one.sensor, one.quantity): one for one in channels}
        self._next_id = max((one.id for one in channels), default=-1) + 1
        self._limits: Limits = limits(channels)
        more = np.full(self._next_id - len(self._last), _NEVER)
        self._newest, self._last = np.append(self._newest, more), np.append(self._last, more)
        self._channels = channels

    # What there is

    def span(self) -> tuple[int, int] | None:
        """Return the first and the last time, None where there is no reading; those of a wrong clock do not count."""
        until = time.time_ns() // 1000 + AHEAD_US
        found = self._rows(
            f"select min(a), max(b) from (select first_us a, last_us b from days where first_us >= {CLOCKS_FROM_US} "
            f"and last_us <= {until} union all select second * 1000000 + micro, second * 1000000 + micro from fresh "
            f"where second * 1000000 >= {CLOCKS_FROM_US} and second * 1000000 <= {until})"
        )[0]
        return None if found[0] is None else (int(found[0]), int(found[1]))

    def count(self) -> int:
        """Return how many readings there are, without what was thinned."""
        return int(self._rows("select (select coalesce(sum(count), 0) from days) + (select count(*) from fresh)")[0][0])

    def facts(self, channels: Sequence[int] | None = None) -> ChannelFacts:
        """Return what is held of channels, of all where nothing is said; those without a reading are not among them."""
        where = "" if channels is None else f"where channel in ({listed(channels)})"
        found = self._arrays(
            f"""
            select channel, sum(count)::bigint as count, sum(flagged)::bigint as flagged, min(first_us) as first_us,
                max(last_us) as last_us, arg_max(last_value, last_us) as last_value,
                arg_max(last_quality, last_us) as last_quality, count(distinct day)::bigint as days
            from (
                select channel, day, count, flagged, first_us, last_us, last_value, last_quality from days
                union all
                select channel, (second // 86400)::integer, 1, (quality > 0)::bigint, second * 1000000 + micro,
                    second * 1000000 + micro, value, quality from fresh
            ) {where} group by channel order by channel
            """
        )
        return ChannelFacts(**{name: found[name] for name in ChannelFacts.__slots__})

    def day_counts(self, start_us: int, end_us: int) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """Return channel, day (since 1970, UTC) and count of readings by channel and day of a span, settled ones."""
        found = self._arrays(
            f"select channel, day, sum(count)::bigint as count from days where day >= {start_us // DAY_US} "
            f"and day <= {(end_us - 1) // DAY_US} group by channel, day order by channel, day"
        )
        return found["channel"], found["day"], found["count"]

    def daily(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]:
        """Return channel, day (since 1970, UTC) and mean of the readings that are not bad, of what is settled."""
        found = self._arrays(
            "select channel, day::bigint as day, sum(total) / sum(good) as mean from days where good > 0 "
            f"and first_us >= {CLOCKS_FROM_US} group by channel, day order by channel, day"
        )
        return found["channel"], found["day"], found["mean"]

    # Reading

    def series(self, channels: Sequence[int], start_us: int, end_us: int, most: int = 0) -> Readings:
        """Return readings with ``start_us`` ≤ time < ``end_us``, channel by channel in the order of time.

        With ``most`` they are thinned to the least and the greatest of equal steps, which are readings still.
        """
        if not len(channels) or end_us <= start_us:
            return nothing()
        within = f"{between(start_us, end_us)} and channel in ({listed(channels)})"
        if not most:
            return self._readings(f"select {COLUMNS} from {EVERY} where {within} order by channel, second, micro")
        step_us = max(1, (end_us - start_us) * 2 // most)
        return self._readings(
            f"""
            with found as (select {COLUMNS} from {EVERY} where {within}),
            apart as (
                select channel, arg_min((time_us, value, quality), value) as low,
                    arg_max((time_us, value, quality), value) as high
                from (select channel, time_us, value, quality, (time_us - ({start_us})) // {step_us} as step from found)
                group by channel, step
            )
            select distinct channel, one[1] as time_us, one[2] as value, one[3] as quality
            from (select channel, unnest([low, high]) as one from apart) order by channel, time_us
            """
        )

    def state_at(self, moment_us: int, channels: Sequence[int] | None = None, max_age_us: int = 0) -> Readings:
        """Return the last reading of each channel at or before a moment, by channel."""
        day = moment_us // DAY_US
        ours = "" if channels is None else f" and channel in ({listed(channels)})"
        today = f"{between(day * DAY_US, moment_us + 1)}{ours}"
        earlier = f"select channel, day, last_us, last_value, last_quality from days where day < {day}{ours}"
        fresh = f"second < {day * 86400}{ours}"
        found = self._readings(
            f"""
            select channel, max(time_us) as time_us, arg_max(value, time_us) as value,
                arg_max(quality, time_us) as quality
            from (
                select {COLUMNS} from {EVERY} where {today}
                union all
                select channel, max(last_us), arg_max(last_value, last_us), arg_max(last_quality, last_us)
                from ({earlier}) group by channel
                union all
                select {COLUMNS} from fresh where {fresh}
            ) group by channel order by channel
            """
        )
        return found.taken(found.time_us >= moment_us - max_age_us) if max_age_us else found

    def scan(
        self, start_us: int, end_us: int, channels: Sequence[int] | None = None, rows: int = 1_000_000
    ) -> Iterator[Readings]:
        """Yield readings with ``start_us`` ≤ time < ``end_us`` in the order of time, about ``rows`` at once."""
        ours = "" if channels is None else f" and channel in ({listed(channels)})"
        for first, until in self._windows(start_us, end_us, ours):
            found = self._readings(
                f"select {COLUMNS} from {EVERY} where {between(first, until)}{ours} order by second, micro, channel"
            )
            for row in range(0, len(found), rows):
                yield found.taken(slice(row, row + rows))

    def _windows(self, start_us: int, end_us: int, ours: str) -> list[tuple[int, int]]:
        """Return spans that follow each other and hold what memory can, several days or parts of one."""
        counts = self._rows(
            f"select day, sum(count)::bigint from days where day >= {start_us // DAY_US} "
            f"and day <= {(end_us - 1) // DAY_US}{ours} group by day order by day"
        )
        cuts, held = [start_us], 0
        for day, count in counts:
            first = int(day) * DAY_US
            if held + int(count) > _WINDOW and held:
                cuts.append(first)
                held = 0
            parts = -(-int(count) // _WINDOW)
            cuts += [first + DAY_US * part // parts for part in range(1, parts)]
            held = held + int(count) if parts == 1 else _WINDOW
        inside = [start_us, *(cut for cut in cuts[1:] if start_us < cut < end_us), end_us]
        return [pair for pair in itertools.pairwise(inside) if pair[0] < pair[1]]

    def steps(self, channels: Sequence[int], start_us: int, end_us: int) -> Steps:
        """Return what retention has left of older readings of channels in a span."""
        found = self._arrays(
            f"""
            select channel, start_s * 1000000 as start_us, step_s::bigint * 1000000 as step_us, count, good,
                coalesce(least, 'nan'::double) as least, coalesce(greatest, 'nan'::double) as greatest,
                coalesce(total / nullif(good, 0), 'nan'::double) as mean
            from steps where start_s + step_s > {start_us // SECOND_US} and start_s * 1000000 < {end_us}
            and channel in ({listed(channels) or "null"}) order by channel, start_s
            """
        )
        return Steps(**{name: found[name] for name in Steps.__slots__})

    def former(self, channels: Sequence[int], start_us: int, end_us: int) -> Readings:
        """Return the values that others took the place of."""
        return self._readings(
            f"select {COLUMNS} from former where {between(start_us, end_us)} and channel in "
            f"({listed(channels) or 'null'}) order by channel, second, micro, replaced_us"
        )

    # Writing

    def append(self, batch: Readings, *, history: bool = False) -> Appended:
        """Add readings of channels of this store; on disk when it returns.

        Parameters
        ----------
        batch : Readings
            In any order. Of several of one channel and moment the last counts.
        history : bool
            Whether it is taken in after the fact: what is older than what is there is not late then.

        Raises
        ------
        UserError
            ``readings.no_channel``, ``readings.not_finite``, ``readings.disk_full``, ``readings.damaged``.
        """
        if not len(batch):
            return Appended()
        if batch.channel.min() < 0 or batch.channel.max() >= self._next_id:
            raise UserError("readings.no_channel", file=self.path)
        if not np.isfinite(batch.value).all():
            raise UserError("readings.not_finite", file=self.path)
        with self._writing:
            return self._append(batch, history)

    def _append(self, batch: Readings, history: bool) -> Appended:
        batch, repeated, differed = once(
            batch.taken(np.lexsort((batch.time_us, batch.channel, batch.time_us // DAY_US)))
        )
        now_us = time.time_ns() // 1000
        outside = self._limits.outside(batch.channel, batch.value)
        clock = (batch.time_us < CLOCKS_FROM_US) | (batch.time_us > now_us + AHEAD_US)
        same, changed, before = self._known(batch, batch.time_us <= self._newest[batch.channel])
        new = ~same & ~changed
        late = new & ~clock & (batch.time_us < self._last[batch.channel]) & (not history)
        batch = _flagged(batch, {
            Quality.BAD: outside, Quality.CLOCK: clock, Quality.LATE: late, Quality.CORRECTED: changed | differed,
        })  # fmt: skip
        fresh, sound = batch.taken(new), batch.taken(new & ~clock)
        waits = len(fresh) < AT_ONCE
        with self._transaction() as cursor:
            if len(before):
                self._replace(cursor, before, batch.taken(changed), now_us)
            if len(fresh):
                insert(cursor, "fresh" if waits else "readings", fresh)
            if not waits:
                insert_days(cursor, fresh)
        np.maximum.at(self._newest, fresh.channel, fresh.time_us)
        np.maximum.at(self._last, sound.channel, sound.time_us)
        if waits:
            self._waiting += len(fresh)
            if self._waiting >= SETTLED_FROM:
                self.settle()
        return Appended(
            len(fresh), int(same.sum()) + repeated, int(changed.sum() + differed.sum()), int(late.sum()),
            int((outside & ~same).sum()), int((clock & ~same).sum()),
        )  # fmt: skip

    def _known(
        self, batch: Readings, older: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Readings]:
        """Return which readings are there with the same value, which with another, and those others."""
        same, changed = np.zeros(len(batch), bool), np.zeros(len(batch), bool)
        rows = np.flatnonzero(older)
        if not len(rows):
            return same, changed, nothing()
        asked = batch.taken(rows)
        cursor = self._connection.cursor()
        with told(self.path):
            cursor.register("given", columns(asked) | {"row": rows})
            found = cursor.execute(
                f"""
                select g.row, h.value, h.quality from given g join
                (from {EVERY} where second >= {int(asked.time_us.min()) // SECOND_US}
                and second <= {int(asked.time_us.max()) // SECOND_US}) h
                on h.channel = g.channel and h.second = g.second and h.micro = g.micro
                """
            ).fetchnumpy()
            cursor.close()
        at, value = np.asarray(found["row"], np.int64), np.asarray(found["value"], np.float64)
        is_same = value == batch.value[at]
        same[at[is_same]] = True
        at, value = at[~is_same], value[~is_same]
        changed[at] = True
        before = readings(batch.channel[at], batch.time_us[at], value, np.asarray(found["quality"], np.uint8)[~is_same])
        return same, changed, before

    def _replace(self, cursor: duckdb.DuckDBPyConnection, before: Readings, after: Readings, now_us: int) -> None:
        cursor.register("given", columns(before))
        cursor.execute(f"insert into former select *, {now_us} from given")
        cursor.unregister("given")
        cursor.register("given", columns(after))
        for table in ("readings", "fresh"):
            cursor.execute(
                f"update {table} set value = g.value, quality = g.quality from given g "
                f"where {table}.channel = g.channel and {table}.second = g.second and {table}.micro = g.micro"
            )
        cursor.execute(
            "create or replace temp table touched as "
            "select distinct channel, (second // 86400)::integer as day from given"
        )
        cursor.unregister("given")
        cursor.execute("delete from days using touched t where days.channel = t.channel and days.day = t.day")
        held = "readings r semi join touched t on r.channel = t.channel and r.second // 86400 = t.day"
        cursor.execute(f"insert into days {DAYS_OF.format(table=held)}")

    def settle(self) -> None:
        """Put what came in small batches in its place, and thin what is older than is kept (:meth:`keep`)."""
        with self._writing:
            if self._waiting:
                with self._transaction() as cursor:
                    cursor.execute("insert into readings from fresh order by second // 86400, channel, second, micro")
                    cursor.execute(f"insert into days {DAYS_OF.format(table='fresh')}")
                    cursor.execute("delete from fresh")
                self._waiting = 0
            policy = self.kept()
            if policy is not None:
                self._thin(*policy)

    def copy_to(self, folder: Path) -> bool:
        """Copy the store to another folder, unless there is one; say whether it was.

        Raises
        ------
        UserError
            ``readings.unwritable``, ``readings.disk_full``.
        """
        target = Path(folder) / FILE
        if target.exists():
            return False
        with self._writing:
            self.settle()
            with told(self.path):
                self._connection.execute("force checkpoint")
            with told(target):
                target.parent.mkdir(parents=True, exist_ok=True)
                with replacing(target, of_bytes(self.path.stat().st_size)) as partial:
                    shutil.copyfile(self.path, partial)
        return True

    def kept(self) -> tuple[int, int] | None:
        """Return for how many days readings are kept as they are and the step beyond (s), None for all of them."""
        found = self._rows("select raw_days, step_s from kept")
        return (int(found[0][0]), int(found[0][1])) if found else None

    def keep(self, raw_days: int, step_s: int) -> int:
        """Keep readings of the last days as they are and of older ones count, least, greatest and mean a step.

        Parameters
        ----------
        raw_days : int
            Counted back from the last reading; 0 keeps all from now on (what is thinned stays so).
        step_s : int
            A divisor of a day, s.

        Returns
        -------
        int
            Readings that were thinned.
        """
        if raw_days < 0 or (raw_days and (step_s <= 0 or 86_400 % step_s)):
            raise UserError("readings.keep_step", days=raw_days, step=step_s)
        with self._writing:
            self.settle()
            with self._transaction() as cursor:
                cursor.execute("delete from kept")
                if raw_days:
                    cursor.execute("insert into kept values (?, ?, null)", [raw_days, step_s])
            return self._thin(raw_days, step_s) if raw_days else 0

    def _thin(self, raw_days: int, step_s: int) -> int:
        span = self.span()
        if span is None:
            return 0
        day = span[1] // DAY_US - raw_days + 1
        old = f"second < {day * 86400} and second >= {CLOCKS_FROM_US // SECOND_US}"
        count = int(self._rows(f"select count(*) from readings where {old}")[0][0])
        if not count:
            return 0
        bad = int(Quality.BAD)
        with self._transaction() as cursor:
            cursor.execute(
                f"""
                insert into steps select channel, {step_s}, second // {step_s} * {step_s} as start_s, count(*),
                    count(*) filter (where quality & {bad} = 0), min(value) filter (where quality & {bad} = 0),
                    max(value) filter (where quality & {bad} = 0),
                    coalesce(sum(value) filter (where quality & {bad} = 0), 0)
                from readings where {old} group by channel, start_s order by channel, start_s
                """
            )
            cursor.execute(f"delete from readings where {old}")
            cursor.execute(f"delete from days where day < {day} and first_us >= {CLOCKS_FROM_US}")
            cursor.execute(f"update kept set raw_from_s = {day * 86400}")
        with told(self.path):
            self._connection.execute("checkpoint")
        return count

    # Inside

    def _load(self) -> None:
        rows = self._rows("select id, sensor, quantity, unit, period_s from channels order by id")
        self._take_over(tuple(Channel(int(row[0]), row[1], row[2], row[3], float(row[4])) for row in rows))
        until = time.time_ns() // 1000 + AHEAD_US
        found = self._arrays(
            f"""
            select channel, max(last_us) as newest,
                coalesce(max(last_us) filter (where last_us <= {until}), {_NEVER}) as last
            from (select channel, last_us from days union all select channel, second * 1000000 + micro from fresh)
            group by channel
            """
        )
        self._newest[found["channel"]], self._last[found["channel"]] = found["newest"], found["last"]
        self._waiting = int(self._rows("select count(*) from fresh")[0][0])

    def _transaction(self) -> Transaction:
        return Transaction(self._connection, self.path)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with told(self.path):
            return self._connection.cursor().execute(query).fetchall()

    def _arrays(self, query: str) -> dict[str, NDArray[Any]]:
        with told(self.path):
            found: Any = self._connection.cursor().execute(query).fetchnumpy()
        return {name: np.ma.getdata(column) for name, column in found.items()}

    def _readings(self, query: str) -> Readings:
        found = self._arrays(query)
        return Readings(
            found["channel"].astype(np.int32, copy=False), found["time_us"].astype(np.int64, copy=False),
            found["value"].astype(np.float64, copy=False), found["quality"].astype(np.uint8, copy=False),
        )  # fmt: skip


def _flagged(batch: Readings, flags: Mapping[Quality, NDArray[np.bool_]]) -> Readings:
    quality = batch.quality.copy()
    for flag, rows in flags.items():
        quality[rows] |= int(flag)
    return Readings(batch.channel, batch.time_us, batch.value, quality)
