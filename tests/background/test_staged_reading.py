"""A building model arrives in two stages, through children that may hang or die at any element."""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np
import pytest

from app.background import workers as workers_module
from app.background.ingest import begin, ingest
from app.background.jobs import Jobs
from app.background.workers import ROOT, Workers, run_child
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.io.request import Opened, ReadRequest
from models.layers.layer import ModelData, stage_of, uncut_in
from models.project.fingerprints import ROWS, SHAPES, Fingerprints
from models.store.cache import GeometryCache
from tests.support.cut_model import write_cut_model
from tests.support.io_models import write_model
from tests.support.late_cuts import let_cuts_come_late

# A worker in which one element does something nasty when a kernel is given it.
NASTY = """
import os, sys, time
import models.io.ifc.exact_geometry as exact, models.io.worker as worker
iterate, one_by_one = exact.iterate, exact.one_by_one
def batch(model, ids, kernel, collector, beat):
    if {key} in ids and ({always} or kernel != "opencascade"):
        {what}
    iterate(model, ids, kernel, collector, beat)
def singly(model, ids, kernels, collector, beat):
    for one in ids:
        if one == {key} and ({always} or kernels[0] != "opencascade"):
            beat(one)
            {what}
        one_by_one(model, [one], kernels, collector, beat)
exact.iterate, exact.one_by_one = batch, singly
worker.main(["-"])
"""
ABORT, HANG = "os.abort()", "while True: pass"


@pytest.fixture
def cache(tmp_path: Path) -> GeometryCache:
    return GeometryCache(tmp_path / "cache")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_model(tmp_path / "楼.ifc")


def second_column(file: Path) -> Any:
    return ifcopenshell.open(str(file)).by_type("IfcColumn")[1]


def let_children_run(monkeypatch: pytest.MonkeyPatch, script: str) -> list[str]:
    real, commands = subprocess.Popen, []

    def popen(command: list[str], **options: Any) -> Any:
        commands.append(" ".join(command))
        return real([command[0], "-c", script], **options)

    monkeypatch.setattr(workers_module.subprocess, "Popen", popen)
    return commands


def no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    def popen(*args: object, **kwargs: object) -> Any:
        raise AssertionError("a child was started")

    monkeypatch.setattr(workers_module.subprocess, "Popen", popen)


def model_of(opened: list[Opened]) -> ModelData:
    assert isinstance(opened[0].data, ModelData)
    return opened[0].data


def facts_of(data: ModelData, code: str) -> dict[str, object]:
    (caution,) = [caution for caution in data.cautions if caution.code == code]
    return dict(caution.facts)


def test_the_first_picture_comes_before_the_exact_one_with_the_same_elements(file: Path, cache: GeometryCache) -> None:
    seen: list[Opened] = []
    exact = model_of(ingest(file, ReadRequest(), cache, Progress(), seen.extend))
    first = model_of(seen)
    assert (stage_of(first), stage_of(exact)) == ("preview", "exact")
    assert first.elements["guid"].tolist() == exact.elements["guid"].tolist()
    assert first.elements["has_geometry"].tolist() == exact.elements["has_geometry"].tolist()
    assert np.allclose(first.meshes.bounds(), exact.meshes.bounds(), atol=1e-3)  # type: ignore[arg-type]
    assert np.array_equal(first.placement, exact.placement)
    assert (exact.info["approximate"], len(first.psets[4]), len(exact.psets[5])) == ([], 0, 1)


def test_repeated_elements_share_one_mesh_in_the_preview_too(file: Path, cache: GeometryCache) -> None:
    data = model_of(ingest(file, ReadRequest(options={"stage": "preview"}), cache, Progress()))
    assert (stage_of(data), len(data.meshes.placement_mesh), len(data.meshes.mesh_faces) - 1) == ("preview", 3, 1)
    assert data.meshes.triangle_count == 36


def test_what_is_cut_is_shown_whole_first_and_the_table_stays(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_cut_model(tmp_path / "墙.ifc")
    seen: list[list[Opened]] = []
    let_cuts_come_late(monkeypatch)
    exact = model_of(ingest(file, ReadRequest(), cache, Progress(), seen.append))
    first, second = map(model_of, seen)
    assert (stage_of(first), stage_of(second), stage_of(exact)) == ("preview", "preview", "exact")
    assert (len(uncut_in(first)), uncut_in(second), uncut_in(exact)) == (3, [], [])
    assert exact.elements["name"].tolist()[-2:] == ["grid", "line"]
    for column in ("guid", "has_geometry", "parent", "name"):
        assert first.elements[column].tolist() == second.elements[column].tolist() == exact.elements[column].tolist()
    layer = seen[0][0].layer
    stamps = [Fingerprints().of(layer, data, (ROWS, SHAPES), "EPSG:4548") for data in (first, second, exact)]
    assert stamps[0] == stamps[1] == stamps[2]  # by which a figure knows whether it is old
    assert len(cache.entries()) == 1
    assert not list((cache.root / "tmp").iterdir())


def test_cuts_that_kill_the_child_cost_the_second_picture_only(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_cut_model(tmp_path / "墙.ifc")
    seen: list[list[Opened]] = []
    let_cuts_come_late(monkeypatch, ABORT)
    exact = model_of(ingest(file, ReadRequest(), cache, Progress(), seen.append))
    assert [len(uncut_in(model_of(one))) for one in seen] == [3]
    assert stage_of(exact) == "exact"
    assert not any(caution.code == "io.kernel_crashed" for caution in exact.cautions)


def test_who_gives_way_to_others_shows_the_cuts_later(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_cut_model(tmp_path / "墙.ifc")
    seen: list[list[Opened]] = []
    let_cuts_come_late(monkeypatch)
    opened, rest = begin(file, ReadRequest(), cache, Progress())
    assert rest is not None
    assert len(uncut_in(model_of(opened))) == 3
    rest.end_children()
    assert stage_of(model_of(rest.finish(Progress(), seen.append))) == "exact"
    assert [uncut_in(model_of(one)) for one in seen] == [[]]


def test_a_preview_that_is_all_that_was_asked_for_waits_for_the_cuts(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_cuts_come_late(monkeypatch)
    asked = ReadRequest(options={"stage": "preview"})
    data = model_of(ingest(write_cut_model(tmp_path / "墙.ifc"), asked, cache, Progress()))
    assert (stage_of(data), uncut_in(data)) == ("preview", [])


def test_reopening_touches_no_kernel_and_the_preview_is_gone(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(file, ReadRequest(), cache, Progress(), lambda opened: None)
    no_children(monkeypatch)
    opened, rest = begin(file, ReadRequest(), cache, Progress())
    assert (rest, stage_of(opened[0].data), len(cache.entries())) == (None, "exact", 1)


def test_a_cancelled_exact_stage_leaves_the_preview_and_goes_on_next_time(file: Path, cache: GeometryCache) -> None:
    opened, rest = begin(file, ReadRequest(), cache, Progress())
    assert rest is not None
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        rest.finish(progress)
    assert not list((cache.root / "tmp").iterdir())
    again, rest = begin(file, ReadRequest(), cache, Progress())
    assert stage_of(again[0].data) == "preview"
    assert rest is not None
    assert rest._staged._tasks == []  # shown from the cache: no child was needed
    assert stage_of(rest.finish(Progress())[0].data) == "exact"
    assert model_of(opened).elements["guid"].tolist() == model_of(again).elements["guid"].tolist()


def test_an_element_that_kills_the_fast_kernel_is_given_to_the_safe_one_and_named(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = second_column(file).id()
    let_children_run(monkeypatch, NASTY.format(key=key, always=False, what=ABORT))
    data = model_of(ingest(file, ReadRequest(), cache, Progress()))
    assert facts_of(data, "io.kernel_died") == {"file": file.name, "count": 1, "names": f"IfcColumn #{key}"}
    assert (data.meshes.triangle_count, data.info["approximate"]) == (36, [])


def test_an_element_that_kills_every_kernel_keeps_its_preview(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = second_column(file)
    let_children_run(monkeypatch, NASTY.format(key=column.id(), always=True, what=ABORT))
    data = model_of(ingest(file, ReadRequest(), cache, Progress()))
    assert facts_of(data, "io.elements_broke")["names"] == f"IfcColumn #{column.id()}"
    (oid,) = data.info["approximate"]
    assert data.elements["guid"][oid] == column.GlobalId
    assert data.meshes.triangle_count == 36
    assert not [caution for caution in data.cautions if caution.code == "io.preview_kept"]


def test_an_element_that_never_ends_is_cut_off_and_named(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = second_column(file).id()
    let_children_run(monkeypatch, NASTY.format(key=key, always=True, what=HANG))
    began = time.monotonic()
    data = model_of(ingest(file, ReadRequest(options={"element_s": "1.5"}), cache, Progress()))
    assert time.monotonic() - began < 120  # and not 600, on however busy a machine
    assert facts_of(data, "io.elements_slow")["names"] == f"IfcColumn #{key}"
    assert data.elements["has_geometry"].sum() == 3


def test_the_exact_stage_ends_with_its_budget(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = second_column(file).id()
    let_children_run(monkeypatch, NASTY.format(key=key, always=True, what="time.sleep(600)"))
    options = {"element_s": "1", "budget_s": "0.5"}  # the budget is spent when the first batch is found to be stuck
    data = model_of(ingest(file, ReadRequest(options=options), cache, Progress()))
    assert facts_of(data, "io.budget_spent")["count"] == 3
    assert data.meshes.triangle_count == 36


def test_a_reader_that_never_opens_the_file_is_stopped(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.background import staged_reading as stages

    monkeypatch.setattr(stages, "_OPENING_S", 0.5)
    let_children_run(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(UserError, match=r"io\.too_slow"):
        ingest(file, ReadRequest(), cache, Progress(), lambda opened: None)
    assert not list((cache.root / "tmp").iterdir())


# --- the session ------------------------------------------------------------------------------------------------------


@pytest.fixture
def threaded(tmp_path: Path) -> Any:
    session = Session(Settings(None), Jobs(), lang="zh", cache_root=tmp_path / "cache")
    yield session
    session.close()


def until(condition: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_the_exact_geometry_takes_the_previews_place_where_it_stands(threaded: Session, file: Path) -> None:
    stages: list[tuple[str, str]] = []
    threaded.project.data_changed.connect(
        lambda layer: stages.append((stage_of(threaded.project.data[layer]), threaded.project.data[layer].crs))
    )
    opening.open_files(threaded, [file])
    until(lambda: len(stages) >= 1)
    before = threaded.project.state
    until(lambda: len(stages) >= 2 and not threaded.jobs.active)
    assert [stage for stage, _ in stages] == ["preview", "exact"]
    assert stages[0][1] == stages[1][1] != ""  # the frame's, for a model that names none
    assert threaded.project.state == before


def test_an_exact_result_without_its_layer_is_dropped(threaded: Session, file: Path) -> None:
    calls: queue.Queue[Any] = queue.Queue()
    threaded.jobs.post = calls.put  # this thread is the one that owns the models

    def deliver(condition: Any) -> None:
        def step() -> bool:
            with contextlib.suppress(queue.Empty):
                while not condition():
                    calls.get_nowait()()
            return bool(condition())

        until(step)

    opening.open_files(threaded, [file])
    deliver(lambda: any(job.title == "job.refine" for job in threaded.jobs.active))
    (layer,) = threaded.project.state.layers
    threaded.history.do("history.remove_layer", lambda state: state.without_layer(layer.id))
    deliver(lambda: not threaded.jobs.active)
    assert stage_of(threaded.project.data[layer.id]) == "preview"
    assert threaded.project.state.layers == ()


# --- children ---------------------------------------------------------------------------------------------------------


def test_a_function_runs_in_a_child_and_its_result_comes_back(tmp_path: Path) -> None:
    write_model(tmp_path / "a.ifc")
    said: list[str] = []
    request = {"path": str(tmp_path / "a.ifc"), "reader": "ifc", "request": ReadRequest().as_dict(), "folder": ""}
    folder = run_child("models.io.worker:serve", request, Progress(lambda fraction, code: said.append(code)))
    assert (Path(folder) / "entry.json").exists()
    assert "progress.io.reading" in said
    shutil.rmtree(folder)


def test_an_error_of_the_function_arrives_whole() -> None:
    request = {"path": "/nowhere.tif", "reader": "raster", "request": ReadRequest().as_dict(), "folder": ""}
    with pytest.raises(UserError) as caught:
        run_child("models.io.worker:serve", request, Progress())
    assert (caught.value.code, caught.value.facts) == ("io.missing", {"file": str(Path("/nowhere.tif"))})


def test_a_target_outside_models_is_our_fault() -> None:
    with pytest.raises(RuntimeError, match="not in models"):
        run_child("os:system", {}, Progress())


def test_a_function_that_kills_its_child_is_an_error_with_the_files_name(monkeypatch: pytest.MonkeyPatch) -> None:
    let_children_run(monkeypatch, "import os, sys; sys.stdin.readline(); os.abort()")
    with pytest.raises(UserError) as caught:
        run_child("models.io.x:y", {"path": "/a/b/规则.ids"}, Progress())
    assert (caught.value.code, caught.value.facts["file"]) == ("io.crashed", "规则.ids")


def test_a_child_is_killed_within_a_second_of_a_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    let_children_run(monkeypatch, "import time; time.sleep(600)")
    progress, began = Progress(), time.monotonic()
    threading.Timer(0.3, progress.cancel).start()
    with pytest.raises(Cancelled):
        run_child("models.io.x:y", {}, progress)
    assert time.monotonic() - began < 10


def test_a_spare_child_is_used_once_and_ended_with_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.background.workers._REFILL_S", 0.2)
    workers = Workers()
    workers.warm_up()
    spare = workers._spare
    assert spare is not None
    assert workers.take() is spare
    workers.release(spare)
    assert not spare.is_alive
    assert workers._spare is None  # the picture comes first
    until(lambda: workers._spare is not None, 15.0)
    following = workers._spare
    assert following is not None
    assert following is not spare
    workers.close()
    assert not following.is_alive
    workers.warm_up()
    assert workers._spare is None


def test_a_child_that_is_expected_serves_the_first_request() -> None:
    """As the window does it for the project that it is started with."""
    workers = Workers()
    workers.expect("models.store.project_contents")
    expected = workers._spare
    workers.expect("models.store.project_contents")
    assert workers._spare is expected
    assert workers.take(warm=False) is expected
    assert expected is not None
    expected.send(job="call", target="models.core.no_such:function", arguments={})
    answers = [expected.answer(60.0)]
    workers.release(expected)
    assert answers[0] is not None
    assert "crash" not in answers[0], "it lives, has imported, and tells what is wrong with the request"
    workers.close()


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_children_end_when_the_program_is_killed(file: Path, tmp_path: Path) -> None:
    script = (
        "import sys, time; from app.background.workers import Workers; w = Workers(); w.warm_up();"
        "print(w._spare.process.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    def is_gone() -> bool:
        try:
            return Path(f"/proc/{child}/stat").read_text().split()[2] == "Z"
        except OSError:
            return True

    until(is_gone, 15.0)


def test_no_spare_child_is_kept_while_two_are_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    class Idle:
        def __init__(self, *, warm: bool = False) -> None:
            self.is_alive = True

        def end(self) -> None:
            self.is_alive = False

    monkeypatch.setattr("app.background.workers.Child", Idle)
    monkeypatch.setattr("app.background.workers._REFILL_S", 0.2)
    pool = Workers(keep_spare=True)
    one, two = pool.take(), pool.take()
    pool._refill()
    assert pool._spare is None
    pool.release(one)
    until(lambda: pool._spare is not None, 15.0)
    spare = pool._spare
    assert spare is not None
    assert pool.take() is spare
    pool.close()
    two.end()
