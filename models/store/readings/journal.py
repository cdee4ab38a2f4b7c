"""The journal of messages, SQLite with a write-ahead log: a message is acknowledged only after its commit.

Invariants
----------
1. :meth:`Journal.write` returns after the messages are on the disk (``synchronous=FULL``), all of them or none. Whoever
   acknowledges, does so after that.
2. Numbers are given once and grow; they are never used again, also after all messages were taken out.
3. A message is taken out (:meth:`Journal.done`) after its readings are in the store. A crash between both gives it to
   the store a second time, which holds one reading for a channel and moment: no duplicate.
4. How far a source that is asked was read (``marks``) is written in the commit of the messages that it brought.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

from models.core.errors import UserError
from models.readings.messages.message import Message

log = logging.getLogger(__name__)

#: Of the file and its log together; a source pauses where they grow beyond it.
MOST_BYTES = 4 * 1024**3
_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    received_us INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS mark (
    source TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (source, name)) WITHOUT ROWID;
"""


class Journal:
    """Messages that are not in the store yet. May be used from several threads.

    Parameters
    ----------
    path : Path
        Made where it is not there.
    most_bytes : int
        What it may hold before :meth:`write` refuses.

    Raises
    ------
    UserError
        ``journal.damaged`` for a file that is no journal, ``journal.later`` for one of a later version,
        ``journal.full``.
    """

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self.path, self._most_bytes = path, most_bytes
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
            version = self._base.execute("PRAGMA user_version").fetchone()[0]
            if version > _VERSION:
                raise UserError("journal.later", file=path.name)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute("PRAGMA synchronous=FULL")
            self._base.execute("PRAGMA journal_size_limit=67108864")  # the log shrinks again after a long backlog
            self._base.executescript(_TABLES)
            self._base.execute(f"PRAGMA user_version={_VERSION}")
            self._bytes = self._size()
            self._waiting = int(self._base.execute("SELECT count(*) FROM message").fetchone()[0])
        except (sqlite3.Error, OSError) as error:
            raise _told(error, path) from None

    @property
    def waiting(self) -> int:
        """Return how many messages are not in the store yet."""
        return self._waiting

    def write(self, messages: Iterable[Message], marks: Mapping[tuple[str, str], str] | None = None) -> int:
        """Commit messages, all or none.

        Parameters
        ----------
        messages : iterable of Message
        marks : mapping of (source, name) to str, optional
            How far sources were read once these messages are in.

        Returns
        -------
        int
            Number of the last one.

        Raises
        ------
        UserError
            ``journal.full``: no space on the disk, or the journal holds as much as it may; nothing was written.
        """
        rows = list(messages)
        with self._lock:
            if self._bytes > self._most_bytes and self._size() > self._most_bytes:
                raise UserError("journal.full", file=self.path.name)
            try:
                self._base.execute("BEGIN IMMEDIATE")
                self._base.executemany(
                    "INSERT INTO message (source, topic, payload, received_us) VALUES (?, ?, ?, ?)", rows
                )
                if marks:
                    self._base.executemany(
                        "INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", [(*key, value) for key, value in marks.items()]
                    )
                last = self._base.execute("SELECT max(number) FROM message").fetchone()[0]
                self._base.execute("COMMIT")
            except sqlite3.Error as error:
                self._back()
                raise _told(error, self.path) from None
            self._bytes += sum(len(row.payload) + len(row.topic) + 40 for row in rows)
            self._waiting += len(rows)
            return int(last or 0)

    def after(self, number: int, most: int = 5_000) -> list[tuple[int, Message]]:
        """Return messages with a greater number, in their order."""
        with self._lock:
            try:
                rows = self._base.execute(
                    "SELECT number, source, topic, payload, received_us FROM message "
                    "WHERE number > ? ORDER BY number LIMIT ?",
                    (number, most),
                ).fetchall()
            except sqlite3.Error as error:
                raise _told(error, self.path) from None
        return [(row[0], Message(row[1], row[2], row[3], row[4])) for row in rows]

    def done(self, number: int) -> None:
        """Take out all messages up to a number: their readings are in the store."""
        with self._lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                taken = self._base.execute("DELETE FROM message WHERE number <= ?", (number,)).rowcount
                self._base.execute("COMMIT")
            except sqlite3.Error as error:
                self._back()
                raise _told(error, self.path) from None
            self._waiting -= taken
            if taken:
                self._bytes = self._size()

    def mark(self, source: str, name: str) -> str:
        """Return how far a source was read, empty where nobody noted it."""
        with self._lock:
            found = self._base.execute(
                "SELECT value FROM mark WHERE source = ? AND name = ?", (source, name)
            ).fetchone()
        return str(found[0]) if found else ""

    def close(self) -> None:
        """Close the file; what is in it stays."""
        with self._lock:
            self._base.close()

    def _size(self) -> int:
        """Return how many bytes of the file are in use."""
        pages, free, size = (
            int(self._base.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size

    def _back(self) -> None:
        try:
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("the journal could not go back")


def _told(error: Exception, path: Path) -> UserError:
    """Return what an error of SQLite means to a person."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, OSError) or code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return UserError("journal.full", file=path.name)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UserError("journal.busy", file=path.name)
    return UserError("journal.damaged", file=path.name)
