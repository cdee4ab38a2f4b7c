"""The states that components have been in: each change with its time, who made it and why.

An entry names its object by its key (ObjID, code) and by layer and row. The key is what outlives a table; readings,
alarms and cases refer to the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class StateChange:
    """One object that changed its state.

    Parameters
    ----------
    layer, oid : str, int
        The row in which the object stands.
    key : str
        Its business key, empty where it has none.
    time : str
        ISO 8601 moment with its zone.
    before, after : str
        States as the register writes them, empty for none.
    author : str
    reason : str
        What a person said, or what did it: the name of a table that was imported.
    """

    layer: str
    oid: int
    key: str
    time: str
    before: str
    after: str
    author: str = ""
    reason: str = ""


def changes_of(changes: Iterable[StateChange], layer: str, oid: int, key: str) -> tuple[StateChange, ...]:
    """Return what is known of one object, the newest first."""
    mine = [one for one in changes if (key and one.key == key) or (one.layer == layer and one.oid == oid)]
    return tuple(sorted(mine, key=lambda one: one.time))[::-1]  # of one moment, the last noted first


def since(changes: Iterable[StateChange], day: str) -> tuple[StateChange, ...]:
    """Return the changes on or after a day (``"2026-07-01"``), oldest first."""
    return tuple(sorted((one for one in changes if one.time[: len(day)] >= day), key=lambda one: one.time))


def changed_states(
    layer: str,
    oids: np.ndarray,
    keys: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    time: str,
    author: str,
    reason: str,
) -> tuple[StateChange, ...]:
    """Return an entry for each object whose state is another now.

    Parameters
    ----------
    layer : str
    oids, keys, before, after : ndarray, shape (n,)
        ``keys`` empty where an object has none; states as texts, empty for none.
    time, author, reason : str
    """
    rows = np.flatnonzero(before != after)
    return tuple(
        StateChange(layer, int(oids[row]), str(keys[row]), time, str(before[row]), str(after[row]), author, reason)
        for row in rows
    )
