"""Arrays worked out from a cached table and kept beside it, so that nobody works them out a second time.

Invariants
----------
1. What is kept under a key appears in one rename; a half-written one is never seen.
2. The key says everything that the arrays depend on besides the table, which never changes.
3. This is a convenience: what cannot be read or written is worked out again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.seals import holds, seal_of

log = logging.getLogger(__name__)

Arrays = Mapping[str, NDArray[Any]]

#: So many keys are kept beside one table, the last used ones.
MOST_KEPT = 3
#: Nothing is written before the first picture has had its time.
_PAUSE_S = 3.0
_LIST, _PREFIX = "arrays.json", "kept-"


def key_of(basis: object) -> str:
    """Return a key for anything that ``repr`` tells whole."""
    return hashlib.blake2b(repr(basis).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def recall(home: Path | None, key: str) -> dict[str, NDArray[Any]]:
    """Map what is kept under a key; empty where there is nothing, or it is damaged."""
    if home is None:
        return {}
    folder = home / f"{_PREFIX}{key}"
    try:
        told = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        about = told["shapes"]
        if not holds(folder, told["seal"]):
            raise ValueError("a file of it was changed")
        found: dict[str, NDArray[Any]] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in about
        }
        if any(list(found[name].shape) != shape for name, shape in about.items()):
            raise ValueError("an array of another shape")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        shutil.rmtree(folder, ignore_errors=True)  # so that it is made again
        return {}
    with contextlib.suppress(OSError):
        os.utime(folder / _LIST)
    return found


def keep(home: Path | None, key: str, arrays: Arrays) -> bool:
    """Write arrays under a key; whether they are there now."""
    if home is None:
        return False
    folder, fresh = home / f"{_PREFIX}{key}", home / f".{uuid.uuid4().hex}"
    try:
        if (folder / _LIST).exists():
            return True
        fresh.mkdir()  # and no parents: a table that has gone from the cache does not come back as a shell
        for name, array in arrays.items():
            np.save(fresh / f"{name}.npy", array, allow_pickle=False)
        shapes = {name: list(array.shape) for name, array in arrays.items()}
        (fresh / _LIST).write_text(json.dumps({"shapes": shapes, "seal": seal_of(fresh)}), encoding="utf-8")
        fresh.rename(folder)
        _trim(home)
    except OSError as error:
        log.info("nothing is kept beside %s: %s", home, error)
        shutil.rmtree(fresh, ignore_errors=True)
        return (folder / _LIST).exists()
    return True


def keep_later(home: Path | None, key: str, arrays: Callable[[], Arrays]) -> None:
    """Write arrays in a while, on a thread of their own; what is not written when the program ends is not kept."""
    if home is None:
        return
    timer = threading.Timer(_PAUSE_S, lambda: keep(home, key, arrays()))
    timer.daemon = True
    timer.start()


def _trim(home: Path) -> None:
    """Remove what was longest not used, and what was left half written."""
    lists = sorted(home.glob(f"{_PREFIX}*/{_LIST}"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in [file.parent for file in lists[MOST_KEPT:]]:
        shutil.rmtree(old, ignore_errors=True)
