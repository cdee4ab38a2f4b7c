"""The store of readings that a session holds open."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from psygnal import Signal

from models.project.selection import ObjectKey

if TYPE_CHECKING:
    from models.store.readings.store import ReadingStore


class HeldStore:
    """The store of a session, opened when somebody asks for it and closed with its project.

    Signals
    -------
    changed : () readings or channels came that everybody who shows them should know of; from any thread
    """

    changed = Signal()

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._store: ReadingStore | None = None
        #: Object of each channel, with what that was made of.
        self.places: tuple[object, Mapping[int, ObjectKey], Mapping[int, ObjectKey]] | None = None

    def of(self, folder: Path | None, *, make: bool) -> ReadingStore | None:
        """Return the store of a folder, opened; another one that is open is closed first."""
        from models.store.readings.database import FILE
        from models.store.readings.store import ReadingStore

        with self._lock:
            if self._store is not None and self._store.path.parent != folder:
                self.close()
            if self._store is None and folder is not None and (make or (folder / FILE).exists()):
                self._store = ReadingStore.open(folder)
            return self._store

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            store, self._store, self.places = self._store, None, None
            if store is not None:
                store.close()
