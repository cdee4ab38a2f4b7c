"""A cluster on loopback comes to the very sums that one process comes to, also when a worker is killed."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.health.editions import indicator
from models.health.engine import run as tile_run
from models.health.engine import tiles as tile_files
from models.health.engine.scheduler import client_of, done_by, done_here
from models.health.engine.tile_work import RESULTS
from models.health.methods import method
from tests.support.health_tiles import CRS, random_city

pytestmark = pytest.mark.slow
PARKS = indicator("HC25-25")


def test_a_cluster_gives_what_one_process_gives_with_a_worker_killed_and_after_a_cancel(tmp_path):
    split = method(PARKS.method).split
    tiles = tile_files.cut(random_city(), split, PARKS, CRS, tmp_path / "tiles", most=60)
    alone = tile_run.run(tiles, PARKS, done_here)
    assert len(alone.sums) > 30

    with client_of("local", workers=2, folder=tmp_path) as client:
        assert client.scheduler.address.startswith("tcp://127.0.0.1:")

        def again(doer, progress=None):
            shutil.rmtree(tiles.folder / RESULTS, ignore_errors=True)
            return tile_run.run(tiles, PARKS, doer, progress)

        assert again(lambda *asked: done_by(client, *asked)).sums == alone.sums

        def killing(work, tasks, progress):
            ending = done_by(client, work, tasks, progress)
            yield next(ending)
            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
            yield from ending

        killed = again(killing)
        assert killed.sums == alone.sums
        assert killed.missing == ()

        progress = Progress()

        def cancelling(work, tasks, progress):
            for one in done_by(client, work, tasks, progress):
                yield one
                progress.cancel()

        with pytest.raises(Cancelled):
            again(cancelling, progress)
        on_disk = len(list((tiles.folder / RESULTS).glob("[!.]*.json")))
        rest = tile_run.run(tiles, PARKS, lambda *asked: done_by(client, *asked))
        assert rest.sums == alone.sums
        assert 0 < on_disk <= rest.kept


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("models.health.engine.scheduler.PATIENCE_S", 0.5)
    with pytest.raises(UserError, match=r"health\.engine\.no_answer"), client_of("tcp://127.0.0.1:9"):
        pass
