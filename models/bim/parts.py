"""What an element stands for: itself, or its parts where it has no shape of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd


def parts_finder(elements: pd.DataFrame) -> Callable[[int], list[int]]:
    """Return a function from an oid to those of its parts, and of theirs.

    Parameters
    ----------
    elements : DataFrame
        Table of a model with ``parent`` and ``has_geometry``.

    Returns
    -------
    callable
        Empty for what has a shape of its own: naming a wall does not name its windows.
    """
    parent = elements["parent"].to_numpy(dtype=np.int64)
    has_shape = elements["has_geometry"].to_numpy(dtype=bool)
    order = np.argsort(parent, kind="stable")
    starts = np.searchsorted(parent[order], np.arange(len(parent) + 1))

    def parts(oid: int) -> list[int]:
        found: list[int] = []
        waiting, seen = [oid], {oid}
        while waiting:
            at = waiting.pop()
            if has_shape[at]:
                continue
            below = [one for one in order[starts[at] : starts[at + 1]].tolist() if one not in seen]
            found += below
            waiting += below
            seen.update(below)
        return found

    return parts
