"""Whether a cluster pays: small stays small.

The figures are measurements on two shared cores (a million parcels and a hundred thousand facilities in one process
5.8 s; through a local cluster 13 s and more). They are a rule of thumb: a cluster is taken only where it is clearly
faster, or where one process has not the memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import psutil

#: Seconds of processor for an object that is counted, in one process; to write it into a tile and read it again.
WORK_S, CARRY_S = 6e-6, 5e-6
#: Until a local cluster works, seconds.
START_S = 4.0
#: Memory of an object in one process, bytes.
OBJECT_BYTES = 900
#: Of the memory that is free, one process may take this share.
FREE_SHARE = 0.6
#: A cluster pays from this ratio of its time to that of one process on.
PAYS = 0.8


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen and why.

    Parameters
    ----------
    cluster : bool
    reason : str
        ``health.engine.choice.<reason>`` is its sentence: ``"small"``, ``"faster"``, ``"memory"``,
        ``"not_splittable"``, ``"hindered"``, ``"asked"``.
    one_process_s, cluster_s : float
        Estimates.
    memory_bytes : int
        Estimate of what one process needs.
    """

    cluster: bool
    reason: str
    one_process_s: float = 0.0
    cluster_s: float = 0.0
    memory_bytes: int = 0


def choose(objects: int, workers: int, free_bytes: int | None = None, *, tiled: bool = False) -> Choice:
    """Return whether so many objects are worth a cluster of so many workers.

    Parameters
    ----------
    objects : int
        That are counted or serve.
    workers : int
    free_bytes : int, optional
        Memory that is free here; asked of the system where it is not given.
    tiled : bool
        Whether the tiles are there already; to make them is work of one process.
    """
    free = psutil.virtual_memory().available if free_bytes is None else free_bytes
    one_s = objects * WORK_S
    many_s = START_S + (0.0 if tiled else objects * CARRY_S) + objects * (WORK_S + CARRY_S) / max(workers, 1)
    needed = objects * OBJECT_BYTES
    if needed > FREE_SHARE * free:
        return Choice(True, "memory", one_s, many_s, needed)
    if many_s < PAYS * one_s:
        return Choice(True, "faster", one_s, many_s, needed)
    return Choice(False, "small", one_s, many_s, needed)
