"""Twenty projects opened one after the other in the same window leave its memory where it was."""

import gc
import os
from pathlib import Path

import pytest

from app.usecases.project import opening
from tests.support.window import settle, tiny_city

ROUNDS, WARM = 20, 6
#: What malloc and the graphics driver may keep of a round, megabytes; a city of forty objects takes less than one.
KEPT_MB = 0.7


def resident_mb():
    """Return the memory of this process that lies in the machine's, megabytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_twenty_projects_opened_and_closed_leave_memory_flat(make, tmp_path):
    window = make()
    paths = []
    for name in ("one", "two"):
        path = tmp_path / f"{name}.gpkg"
        opening.save_project(window.session, path)
        paths.append(path)
    after = []
    for k in range(ROUNDS):
        window.context.requests.open_paths([str(paths[k % 2])])
        settle(window)
        assert window.session.project.path == paths[k % 2]
        assert len(window.context.scene_sync.scene.layer_ids) == len(tiny_city()[0].layers)
        gc.collect()
        after.append(resident_mb())
    grown = (after[-1] - after[WARM - 1]) / (ROUNDS - WARM)
    assert grown < KEPT_MB, [round(one) for one in after]
