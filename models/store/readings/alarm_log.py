"""The log of alarms (报警记录), SQLite beside the readings: activations, who acknowledged, what is silent.

Invariants
----------
1. An activation is a row, found again by alarm and start: the same change told twice changes nothing.
2. What the engine remembers is written with the changes that it told, in one commit: after a crash both are there, or
   neither.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from models.alarms.alarm import Acknowledgement, Activation, Alarm, Change, Silence
from models.core.errors import UserError
from models.project.selection import ObjectKey

FILE = "alarms.sqlite"
_VERSION = 2
_TABLES = """
CREATE TABLE IF NOT EXISTS alarm (
    id TEXT PRIMARY KEY, rule TEXT NOT NULL, sensor TEXT NOT NULL, layer TEXT, oid INTEGER,
    quantity TEXT NOT NULL, unit TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS activation (
    alarm TEXT NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER, course TEXT NOT NULL, peak REAL, peak_us INTEGER,
    quantity TEXT NOT NULL DEFAULT '', unit TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (alarm, start_us)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS activation_by_time ON activation (start_us, end_us);
CREATE TABLE IF NOT EXISTS acknowledgement (
    alarm TEXT NOT NULL, start_us INTEGER NOT NULL, at_us INTEGER NOT NULL, who TEXT NOT NULL, remark TEXT NOT NULL,
    PRIMARY KEY (alarm, start_us)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS silence (
    number INTEGER PRIMARY KEY, alarm TEXT NOT NULL, from_us INTEGER NOT NULL, until_us INTEGER, at_us INTEGER NOT NULL,
    who TEXT NOT NULL, remark TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS silence_by_alarm ON silence (alarm);
CREATE TABLE IF NOT EXISTS engine (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL);
"""
_ACTIVATION = "alarm, start_us, end_us, course, peak, peak_us, quantity, unit"


class AlarmLog:
    """The log of one project. May be used from several threads.

    Parameters
    ----------
    path : Path
        Made where it is not there.

    Raises
    ------
    UserError
        ``alarms.log`` where it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            version = self._base.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise UserError("alarms.log", file=path.name)
            self._base.execute("PRAGMA journal_mode=WAL")
            if version == 1:
                for name in ("quantity", "unit"):
                    self._base.execute(f"ALTER TABLE activation ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
            self._base.executescript(_TABLES)
            self._base.execute(f"PRAGMA user_version={_VERSION}")
        except (sqlite3.Error, OSError) as error:
            raise UserError("alarms.log", file=path.name) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._base.close()

    def write(self, changes: Sequence[Change], state: bytes | None = None) -> None:
        """Write what an engine told, with what it remembers.

        Parameters
        ----------
        changes : sequence of Change
        state : bytes, optional
            :meth:`models.alarms.engine.Engine.state`.
        """
        alarms, rows = {}, {}
        for one in changes:
            layer, oid = (None, None) if one.key is None else (one.key.layer, one.key.oid)
            held = one.activation
            alarms[one.alarm] = (one.alarm, one.rule, one.sensor, layer, oid, held.quantity, held.unit)
            rows[one.alarm, held.start_us] = (
                one.alarm, held.start_us, held.end_us, json.dumps(held.course), held.peak, held.peak_us,
                held.quantity, held.unit,
            )  # fmt: skip

        def work() -> None:
            self._base.executemany(
                "INSERT INTO alarm VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                "layer = excluded.layer, oid = excluded.oid, "
                "quantity = CASE excluded.quantity WHEN '' THEN quantity ELSE excluded.quantity END, "
                "unit = CASE excluded.quantity WHEN '' THEN unit ELSE excluded.unit END",
                alarms.values(),
            )
            self._base.executemany("INSERT OR REPLACE INTO activation VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows.values())
            if state is not None:
                self._base.execute("INSERT OR REPLACE INTO engine VALUES (1, ?)", (state,))

        self._commit(work)

    def engine_state(self) -> bytes | None:
        """Return what the engine remembered last, None where there is none."""
        rows = self._rows("SELECT state FROM engine")
        return bytes(rows[0][0]) if rows else None

    def acknowledge(self, starts: Iterable[tuple[str, int]], at_us: int, who: str, remark: str) -> None:
        """Note who has seen activations (alarm, start); the first who did stays."""
        given = [(alarm, start, at_us, who, remark) for alarm, start in starts]
        self._commit(
            lambda: self._base.executemany("INSERT OR IGNORE INTO acknowledgement VALUES (?, ?, ?, ?, ?)", given)
        )

    def silence(self, alarms: Iterable[str], until_us: int | None, at_us: int, who: str, remark: str) -> None:
        """Let alarms draw no attention from now on until a moment, or (None) until each clears."""
        given = [(alarm, at_us, until_us, at_us, who, remark) for alarm in alarms]
        self._commit(
            lambda: self._base.executemany(
                "INSERT INTO silence (alarm, from_us, until_us, at_us, who, remark) VALUES (?, ?, ?, ?, ?, ?)", given
            )
        )

    def unsilence(self, alarms: Iterable[str], at_us: int) -> None:
        """End silences that last."""
        given = [(at_us, alarm, at_us) for alarm in alarms]
        self._commit(
            lambda: self._base.executemany(
                "UPDATE silence SET until_us = ? WHERE alarm = ? AND (until_us IS NULL OR until_us > ?)", given
            )
        )

    def alarms(self, start_us: int | None = None, end_us: int | None = None) -> tuple[Alarm, ...]:
        """Return the alarms that were active in a span (all of them without one), each with those activations."""
        where = ""
        values: tuple[int, ...] = ()
        if start_us is not None and end_us is not None:
            where, values = " WHERE start_us < ? AND (end_us IS NULL OR end_us > ?)", (end_us, start_us)
        found: dict[str, list[Activation]] = defaultdict(list)
        for alarm, begin, end, course, *peak in self._rows(
            f"SELECT {_ACTIVATION} FROM activation{where} ORDER BY start_us, alarm",  # noqa: S608
            values,
        ):
            steps = tuple((int(when), str(severity)) for when, severity in json.loads(course))
            found[alarm].append(Activation(begin, end, steps, *peak))
        if not found:
            return ()
        heads = {row[0]: row for row in self._rows("SELECT id, rule, sensor, layer, oid, quantity, unit FROM alarm")}
        seen, quiet = self.remarks()
        return tuple(
            Alarm(
                name, heads[name][1], heads[name][2],
                None if heads[name][3] is None else ObjectKey(heads[name][3], heads[name][4]),
                heads[name][5], heads[name][6], tuple(many), seen.get(name, ()), quiet.get(name, ()),
            )
            for name, many in found.items()
            if name in heads
        )  # fmt: skip

    def remarks(self) -> tuple[dict[str, tuple[Acknowledgement, ...]], dict[str, tuple[Silence, ...]]]:
        """Return acknowledgements and silences by alarm, those of replayed alarms too."""
        seen: dict[str, tuple[Acknowledgement, ...]] = {}
        for alarm, *rest in self._rows(
            "SELECT alarm, start_us, at_us, who, remark FROM acknowledgement ORDER BY at_us"
        ):
            seen[alarm] = (*seen.get(alarm, ()), Acknowledgement(*rest))
        quiet: dict[str, tuple[Silence, ...]] = {}
        for alarm, *rest in self._rows(
            "SELECT alarm, from_us, until_us, at_us, who, remark FROM silence ORDER BY number"
        ):
            quiet[alarm] = (*quiet.get(alarm, ()), Silence(*rest))
        return seen, quiet

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._base.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise UserError("alarms.log", file=self.path.name) from error

    def _commit(self, work: Any) -> None:
        with self._lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                work()
                self._base.execute("COMMIT")
            except sqlite3.Error as error:
                if self._base.in_transaction:
                    self._base.execute("ROLLBACK")
                raise UserError("alarms.log", file=self.path.name) from error
