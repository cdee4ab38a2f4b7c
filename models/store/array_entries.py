"""Arrays that were worked out once, kept in the geometry cache beside what readers made: bounded and evicted with it.

Invariants
----------
1. What is recalled under a key was kept under it, byte for byte; an entry that was changed, cut or put under another
   key is taken out, and whoever asks works it out anew.
2. Whether the arrays make sense is for the one who asks to see: a forger can seal what he likes.
3. A cache that cannot be written costs nothing but time.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from models.core.array_file import read_arrays, write_arrays
from models.core.seals import holds, seal_of
from models.store.cache import KEY, LIST, GeometryCache, read_listing, write_listing

log = logging.getLogger(__name__)

FORMAT = 1
_ARRAYS = "arrays.bin"

Arrays = Mapping[str, NDArray[Any]]


class ArrayEntries:
    """Arrays by key, each entry with some words about it.

    Parameters
    ----------
    cache : GeometryCache
    """

    def __init__(self, cache: GeometryCache) -> None:
        self._cache = cache

    def recall(self, key: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
        """Return what is said of an entry and its arrays, mapped and read-only; None where there is none."""
        folder = self._cache.folder_of(key)
        if not (folder / LIST).exists():
            return None
        try:
            told = read_listing(folder)
            if told["arrays"] != FORMAT or (folder / KEY).read_text(encoding="ascii") != key:
                raise ValueError("another entry")
            if not holds(folder, told["seal"]):
                raise ValueError("a file of it was changed")
            about, arrays = dict(told["about"]), read_arrays(folder / _ARRAYS)
        except Exception as error:  # whatever is wrong with an entry, working it out again is right
            log.warning("cache entry %s is damaged and will be made again: %s", key, error)
            self.forget(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(folder / LIST)
        return about, arrays

    def keep(self, key: str, about: Mapping[str, Any], arrays: Arrays) -> bool:
        """Write an entry; whether it is there now.

        Parameters
        ----------
        key : str
        about : mapping
            What JSON holds.
        arrays : mapping of str to ndarray
            Of numbers.
        """
        if (self._cache.folder_of(key) / LIST).exists():
            return True
        try:
            with self._cache.writer(key) as folder:
                write_arrays(folder / _ARRAYS, arrays)
                listing = {"arrays": FORMAT, "about": dict(about), "seal": seal_of(folder, without=(LIST, KEY))}
                write_listing(folder, listing)
        except OSError as error:
            log.info("nothing is kept under %s: %s", key, error)
            return False
        return True

    def forget(self, key: str) -> None:
        """Take an entry out."""
        self._cache.remove(key)
