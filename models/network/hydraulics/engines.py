"""The engines, driven step by step in a process of their own: SWMM 5 (swmm-toolkit) and EPANET 2 (owa-epanet).

Both are C libraries with global state and fixed buffers, which a bad model may kill; whoever calls :func:`run` does so
in a child (:func:`app.background.workers.run_child`). WNTR is not used: its reader of results fails on models that the
EPANET toolkit solves (BWSN_Network_2), and nothing of it but that toolkit would be needed.

SWMM is stepped with ``swmm_step``: ``swmm_stride`` would cut routing steps at its ends and change the results.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import UserError, first_line
from models.core.progress import Progress
from models.network.hydraulics.files import MODEL, OUTPUT, REPORT
from models.network.hydraulics.report import continuity_of

#: What SWMM counts at every routing step, in its own file of the run.
STATISTICS = "statistics.npz"
NODE_STATISTICS = ("maxDepth", "maxInflow", "maxOverflow", "volFlooded", "timeFlooded", "timeSurcharged")
LINK_STATISTICS = ("maxFlow", "maxVeloc", "maxDepth", "timeSurcharged", "timeFullFlow")
#: A step is told so often, seconds.
_TELL_S = 0.1


def run(arguments: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Run the model of a prepared folder; the process works there from now on.

    Parameters
    ----------
    arguments : dict
        ``path``: the folder of the run, see :func:`models.network.hydraulics.files.prepare_run`; ``dialect``;
        ``days``: duration, where it is known.
    progress : Progress

    Returns
    -------
    dict
        ``engine``, ``version``, ``build``; ``failed``: what the engine said, empty for a run to its end;
        ``continuity``: percent by kind; ``cpu_s``: processor time.
    """
    os.chdir(arguments["path"])  # engines put their temporary files where they are
    started = time.process_time()
    if arguments["dialect"] == "swmm":
        result = _run_swmm(progress, float(arguments.get("days") or 0.0))
    else:
        result = _run_epanet(progress)
    return result | {"cpu_s": time.process_time() - started}


def _teller(progress: Progress) -> Callable[[float], None]:
    last = 0.0

    def tell(fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _TELL_S:
            last = now
            progress.step(min(max(fraction, 0.0), 1.0) if fraction >= 0 else -1.0, "progress.network.simulating")

    return tell


def _run_swmm(progress: Progress, days: float) -> dict[str, Any]:
    from swmm.toolkit import solver

    tell, failed = _teller(progress), ""
    try:
        solver.swmm_open(MODEL, REPORT, OUTPUT)
        solver.swmm_start(1)
        while (elapsed := solver.swmm_step()) > 0:
            tell(elapsed / days if days > 0 else -1.0)
        _keep_statistics(solver)
        solver.swmm_end()
    except (UserError, MemoryError):
        raise
    except Exception as error:  # the toolkit raises nothing finer
        failed = _said(error)
    try:
        solver.swmm_close()
    except Exception as error:  # it repeats what it said
        failed = failed or _said(error)
    continuity = {} if failed else continuity_of(Path(REPORT))  # of what was simulated; the toolkit says 0 for the rest
    build = solver.swmm_build_id()
    return {"engine": "SWMM", "version": solver.swmm_version_info(), "build": f"swmm-toolkit {_version('swmm-toolkit')}"
            f" · {build}", "failed": failed, "continuity": continuity}  # fmt: skip


def _keep_statistics(solver: Any) -> None:
    """Write what the engine counted at every routing step, which the reported steps do not hold; reported objects only.

    Rows in the model's own units: of nodes greatest depth, inflow and overflow, flooded volume, hours flooded and
    surcharged; of links greatest flow, velocity and depth, hours surcharged and above their full flow.
    """
    from swmm.toolkit.shared_enum import ObjectType

    found: dict[str, Any] = {}
    for element, kind, read, fields in (
        ("nodes", ObjectType.NODE, solver.node_get_stats, NODE_STATISTICS),
        ("links", ObjectType.LINK, solver.link_get_stats, LINK_STATISTICS),
    ):
        rows = [read(at) for at in range(solver.project_get_count(kind))]
        found[element] = np.array([[getattr(row, name) for name in fields] for row in rows], dtype=np.float64)
    np.savez(STATISTICS, **found)


def _run_epanet(progress: Progress) -> dict[str, Any]:
    from epanet import toolkit

    tell, failed = _teller(progress), ""
    project = toolkit.createproject()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they stand in the report, with their time
        try:
            toolkit.open(project, MODEL, REPORT, OUTPUT)
            duration_s = max(float(toolkit.gettimeparam(project, toolkit.DURATION)), 1.0)
            toolkit.openH(project)
            toolkit.initH(project, toolkit.SAVE)
            while True:
                tell(0.8 * toolkit.runH(project) / duration_s)
                if toolkit.nextH(project) <= 0:
                    break
            toolkit.closeH(project)
            toolkit.openQ(project)
            toolkit.initQ(project, toolkit.SAVE)
            while True:
                tell(0.8 + 0.2 * toolkit.runQ(project) / duration_s)
                if toolkit.nextQ(project) <= 0:
                    break
            toolkit.closeQ(project)
        except (UserError, MemoryError):
            raise
        except Exception as error:  # the toolkit raises nothing finer
            failed = _said(error)
        try:
            toolkit.close(project)
        except Exception as error:
            failed = failed or _said(error)
    number = int(toolkit.getversion())
    version = f"{number // 10000}.{number // 100 % 100}.{number % 100}"
    return {"engine": "EPANET", "version": version, "build": f"owa-epanet {_version('owa-epanet')}", "failed": failed,
            "continuity": {}}  # fmt: skip


def _version(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or first_line(error)
