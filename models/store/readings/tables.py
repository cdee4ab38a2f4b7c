"""Batches of readings and the rows that the store keeps of them."""
# ruff: noqa: S608 - nothing but numbers and names of our own goes into the SQL

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.readings.batch import DAY_US, SECOND_US, Quality, Readings
from models.store.readings.database import told

#: A batch as the store hands it out, and where all readings are.
COLUMNS = "channel, second * 1000000 + micro as time_us, value, quality"
EVERY = "(from readings union all from fresh)"
#: What a table of readings holds by channel and day.
DAYS_OF = f"""
    select channel, (second // 86400)::integer as day, count(*), count(*) filter (where quality > 0),
        min(value) filter (where quality & {int(Quality.BAD)} = 0),
        max(value) filter (where quality & {int(Quality.BAD)} = 0),
        coalesce(sum(value) filter (where quality & {int(Quality.BAD)} = 0), 0),
        count(*) filter (where quality & {int(Quality.BAD)} = 0),
        min(second * 1000000 + micro), max(second * 1000000 + micro),
        arg_max(value, second * 1000000 + micro), arg_max(quality, second * 1000000 + micro)
    from {{table}} group by channel, day order by day, channel
"""


class Transaction:
    """All or nothing: committed at the end of a ``with``, rolled back when it ends badly."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._cursor, self._path = connection.cursor(), path

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        self._cursor.execute("begin")
        return self._cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        try:
            with told(self._path):
                if kind is None:
                    self._cursor.execute("commit")
                    return
                with contextlib.suppress(duckdb.Error):  # the first error is what counts
                    self._cursor.execute("rollback")
                if error is not None and isinstance(error, duckdb.Error):
                    raise error
        finally:
            self._cursor.close()


def once(batch: Readings) -> tuple[Readings, int, NDArray[np.bool_]]:
    """Return a sorted batch with one reading a channel and moment, how many said the same again, and which differed."""
    again = (batch.channel[1:] == batch.channel[:-1]) & (batch.time_us[1:] == batch.time_us[:-1])
    if not again.any():
        return batch, 0, np.zeros(len(batch), bool)
    other = again & (batch.value[1:] != batch.value[:-1])
    last = np.append(~again, True)
    group = np.cumsum(np.append(True, ~again)) - 1
    differed = np.bincount(group, np.append(False, other)) > 0
    return batch.taken(last), int(again.sum() - other.sum()), differed


def columns(batch: Readings) -> dict[str, NDArray[Any]]:
    """Return a batch as the columns of a table: whole seconds apart from the rest, for both pack well."""
    second = batch.time_us // SECOND_US
    return {
        "channel": batch.channel, "second": second, "micro": (batch.time_us - second * SECOND_US).astype(np.int32),
        "value": batch.value, "quality": batch.quality,
    }  # fmt: skip


def insert(cursor: duckdb.DuckDBPyConnection, table: str, batch: Readings) -> None:
    """Add a batch to a table."""
    cursor.register("given", columns(batch))
    cursor.execute(f"insert into {table} from given")
    cursor.unregister("given")


def insert_days(cursor: duckdb.DuckDBPyConnection, batch: Readings) -> None:
    """Add what a batch in the order of day, channel and time holds by channel and day."""
    day = batch.time_us // DAY_US
    first = np.flatnonzero(np.append(True, (batch.channel[1:] != batch.channel[:-1]) | (day[1:] != day[:-1])))
    last = np.append(first[1:], len(batch)) - 1
    good = batch.quality & int(Quality.BAD) == 0
    all_good = bool(good.all())
    least = np.minimum.reduceat(batch.value if all_good else np.where(good, batch.value, np.inf), first)
    greatest = np.maximum.reduceat(batch.value if all_good else np.where(good, batch.value, -np.inf), first)
    cursor.register("given", {
        "channel": batch.channel[first], "day": day[first].astype(np.int32),
        "count": (last - first + 1).astype(np.int64),
        "flagged": np.add.reduceat((batch.quality > 0).astype(np.int64), first), "least": least, "greatest": greatest,
        "total": np.add.reduceat(batch.value if all_good else np.where(good, batch.value, 0.0), first),
        "good": np.add.reduceat(good.astype(np.int64), first), "first_us": batch.time_us[first],
        "last_us": batch.time_us[last], "last_value": batch.value[last], "last_quality": batch.quality[last],
    })  # fmt: skip
    cursor.execute(
        "insert into days select * replace (case when good > 0 then least end as least, "
        "case when good > 0 then greatest end as greatest) from given"
    )
    cursor.unregister("given")


def between(start_us: int, end_us: int) -> str:
    """Return the condition of a span, so said that whole pages are passed over."""
    start, end = (int(one) for one in (start_us, end_us))
    low = f"second >= {start // SECOND_US}"
    high = f"second <= {(end - 1) // SECOND_US}"
    if start % SECOND_US:
        low += f" and second * 1000000 + micro >= {start}"
    if end % SECOND_US:
        high += f" and second * 1000000 + micro < {end}"
    return f"{low} and {high}"


def listed(channels: Iterable[int]) -> str:
    """Return channels as a list of SQL."""
    return ", ".join(str(int(channel)) for channel in channels)
