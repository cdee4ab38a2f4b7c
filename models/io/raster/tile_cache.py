"""Tiles of a base map on disk: one MBTiles file (SQLite), which other programs open too.

Rows are counted from the south in the file, as MBTiles 1.3 wants, and from the north everywhere else here.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from models.layers.basemaps import Basemap

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS metadata (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB,
  PRIMARY KEY (zoom_level, tile_column, tile_row)) WITHOUT ROWID;
"""


class TileStore:
    """The kept tiles of one base map; safe to share between threads, and between processes as SQLite is.

    A store that cannot be opened, read or written costs the tiles in it, never the map.

    Parameters
    ----------
    path : Path
    basemap : Basemap
    """

    def __init__(self, path: Path, basemap: Basemap) -> None:
        self.path, self._basemap = Path(path), basemap
        self._lock = threading.Lock()
        self._file: Any = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._opened()
        except (OSError, sqlite3.Error) as error:
            log.warning("tiles of %s cannot be kept: %s", basemap.id, error)

    def _opened(self) -> Any:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            self.path.unlink()  # damaged: tiles can be had again
            return self._connect()

    def _connect(self) -> Any:
        file = sqlite3.connect(self.path, timeout=5.0, check_same_thread=False, isolation_level=None)
        try:
            file.execute("PRAGMA journal_mode=WAL")
            file.executescript(_SCHEMA)
            map_ = self._basemap
            rows = {"name": map_.name or map_.id, "format": "png", "type": "baselayer", "version": "1.3",
                    "attribution": map_.credit("zh"), "crs": map_.crs, "scheme": "tms"}  # fmt: skip
            file.executemany("INSERT OR IGNORE INTO metadata VALUES (?, ?)", rows.items())
        except BaseException:
            file.close()
            raise
        return file

    def _row(self, zoom: int, y: int) -> int:
        rows = 1 << (zoom if self._basemap.grid == "mercator" else max(zoom - 1, 0))
        return rows - 1 - y

    def get(self, zoom: int, x: int, y: int) -> bytes | None:
        """Return a kept tile, None if there is none."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._file is not None:
                found = self._file.execute(
                    "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                    (zoom, x, self._row(zoom, y)),
                ).fetchone()
                return bytes(found[0]) if found and found[0] is not None else None
        return None

    def put(self, zoom: int, x: int, y: int, data: bytes) -> None:
        """Keep a tile."""
        with self._lock:
            if self._file is None:
                return
            try:
                self._file.execute(
                    "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?)", (zoom, x, self._row(zoom, y), data)
                )
            except sqlite3.Error as error:  # a full disk must not take the map away
                log.warning("a tile of %s could not be kept: %s", self._basemap.id, error)

    def has(self, zoom: int, x: int, y: int) -> bool:
        """Whether a tile is kept."""
        return self.get(zoom, x, y) is not None

    @property
    def count(self) -> int:
        """Return how many tiles are kept."""
        return self._figure("SELECT COUNT(*) FROM tiles")

    @property
    def mean_bytes(self) -> int:
        """Return how large a kept tile is on average, 0 without any."""
        return self._figure("SELECT AVG(LENGTH(tile_data)) FROM (SELECT tile_data FROM tiles LIMIT 500)")

    def _figure(self, query: str) -> int:
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._file is not None:
                return int(self._file.execute(query).fetchone()[0] or 0)
        return 0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None
