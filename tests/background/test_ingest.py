"""Opening through the child process: cache, crash, cancel, and a cache that cannot be written."""

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from app.background import workers as workers_module
from app.background.ingest import ingest
from models.core.errors import Cancelled, UserError
from models.core.progress import Progress
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from models.store.cache import GeometryCache
from tests.support.io_models import write_model


@pytest.fixture
def cache(tmp_path: Path) -> GeometryCache:
    return GeometryCache(tmp_path / "cache")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "buildings.gpkg"
    gpd.GeoDataFrame({"h": [3.0]}, geometry=[shapely.box(502000, 4059000, 502010, 4059010)], crs="EPSG:4548").to_file(
        path
    )
    return path


def no_child(*args: object, **kwargs: object) -> Any:
    raise AssertionError("a child was started")


def fake_child(monkeypatch: pytest.MonkeyPatch, *scripts: str) -> list[str]:
    """Let each next child run a script instead of the worker; return the requests they would have got."""
    real, left, commands = subprocess.Popen, list(scripts), []

    def popen(command: list[str], **options: Any) -> Any:
        commands.append(" ".join(command))
        return real([command[0], "-c", left.pop(0)] if left else command, **options)

    monkeypatch.setattr(workers_module.subprocess, "Popen", popen)
    return commands


def test_reopening_starts_no_child(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (first,) = ingest(file, ReadRequest(), cache, Progress())
    monkeypatch.setattr(workers_module.subprocess, "Popen", no_child)
    (again,) = ingest(file, ReadRequest(), cache, Progress())
    assert again.data.frame.equals(first.data.frame)  # type: ignore[union-attr]
    assert (again.layer.name, again.layer.source.path) == ("buildings", str(file))
    moved = tmp_path / "elsewhere" / file.name
    moved.parent.mkdir()
    file.rename(moved)
    assert ingest(moved, ReadRequest(), cache, Progress())[0].layer.source.path == str(moved)


def test_it_works_from_any_folder_with_a_relative_path(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert len(ingest(Path(file.name), ReadRequest(), cache, Progress())) == 1


def test_an_error_in_the_child_arrives_whole(file: Path, cache: GeometryCache) -> None:
    with pytest.raises(UserError) as caught:
        ingest(file, ReadRequest(sublayers=("没有",)), cache, Progress())
    assert caught.value.code == "io.no_sublayer"
    assert caught.value.facts["name"] == "没有"
    assert not list((cache.root / "tmp").iterdir())


def test_progress_is_told_on_the_way(tmp_path: Path, cache: GeometryCache) -> None:
    said: list[str] = []
    ingest(write_model(tmp_path / "a.ifc"), ReadRequest(), cache, Progress(lambda fraction, code: said.append(code)))
    assert "progress.io.reading" in said


def test_a_crash_costs_one_retry_with_the_safer_kernel(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "a.ifc")
    commands = fake_child(monkeypatch, "import os; os.abort()")
    (opened,) = ingest(path, ReadRequest(), cache, Progress())
    assert len(commands) == 2
    assert isinstance(opened.data, ModelData)
    assert opened.data.info["kernel"] == "opencascade"
    assert "io.kernel_crashed" in [caution.code for caution in opened.data.cautions]
    monkeypatch.setattr(workers_module.subprocess, "Popen", no_child)
    assert ingest(path, ReadRequest(), cache, Progress())[0].data.cautions == opened.data.cautions


def test_two_crashes_are_an_error_and_not_the_end(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_child(monkeypatch, "import os; os.abort()", "import os; os._exit(3)")
    with pytest.raises(UserError, match=r"io\.crashed"):
        ingest(write_model(tmp_path / "a.ifc"), ReadRequest(), cache, Progress())
    assert not list((cache.root / "tmp").iterdir())


def test_a_fault_of_ours_is_not_blamed_on_the_file(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_child(monkeypatch, """print('{"fault": "Traceback …"}', flush=True)""")
    with pytest.raises(RuntimeError, match="Traceback"):
        ingest(file, ReadRequest(), cache, Progress())


def test_a_cancel_ends_the_child_within_a_second(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[subprocess.Popen[str]] = []
    real = subprocess.Popen

    def popen(command: list[str], **options: Any) -> Any:
        children.append(real([command[0], "-c", "import time; time.sleep(60)"], **options))
        return children[-1]

    monkeypatch.setattr(workers_module.subprocess, "Popen", popen)
    progress, started = Progress(), time.monotonic()
    threading.Timer(0.3, progress.cancel).start()
    with pytest.raises(Cancelled):
        ingest(file, ReadRequest(), cache, progress)
    assert time.monotonic() - started < 10
    assert children[0].poll() is not None
    assert not list((cache.root / "tmp").iterdir())


def test_what_native_libraries_print_is_no_answer(
    file: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = "import sys; sys.argv = ['worker', '-']; import models.io.worker as w, os; real = w.serve\n" \
        "def serve(*a):\n os.write(1, b'local z: nonsense\\n' * 9000); return real(*a)\n" \
        "w.serve = serve; w.main(['-'])"  # fmt: skip
    fake_child(monkeypatch, worker)
    assert len(ingest(file, ReadRequest(), cache, Progress())) == 1


def test_a_cache_that_cannot_be_made_costs_a_caution_not_the_file(tmp_path: Path, file: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the cache should be")
    (opened,) = ingest(file, ReadRequest(), GeometryCache(blocked / "cache"), Progress())
    assert len(opened.data.frame) == 1  # type: ignore[union-attr]
    assert "io.cache_unwritable" in [caution.code for caution in opened.data.cautions]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_costs_a_caution_not_the_file(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "a.ifc")
    reserve = cache.reserve

    def full() -> Path:
        folder = reserve()
        (folder / "0").mkdir()
        (folder / "0" / "meshes.bin").symlink_to("/dev/full")
        (folder / "0").rename(folder / "taken")
        (folder / "0").symlink_to("/dev/full")
        return folder

    monkeypatch.setattr(cache, "reserve", full)
    (opened,) = ingest(path, ReadRequest(), cache, Progress())
    assert isinstance(opened.data, ModelData)
    assert opened.data.meshes.triangle_count == 36
    assert "io.cache_unwritable" in [caution.code for caution in opened.data.cautions]
    assert cache.entries() == []


def test_an_entry_that_another_process_takes_away_at_once_is_shown_all_the_same(
    tmp_path: Path, cache: GeometryCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_model(tmp_path / "a.ifc")
    commit = cache.commit

    def robbed(folder: Path, key: str) -> None:
        commit(folder, key)
        GeometryCache(cache.root).clear()

    monkeypatch.setattr(cache, "commit", robbed)
    (opened,) = ingest(path, ReadRequest(), cache, Progress())
    assert isinstance(opened.data, ModelData)
    assert opened.data.meshes.triangle_count == 36
    assert float(opened.data.meshes.vertices.max()) > 0


def test_two_processes_open_one_file_at_once(file: Path, cache: GeometryCache) -> None:
    results: list[Any] = []

    def work() -> None:
        results.append(ingest(file, ReadRequest(), cache, Progress())[0].data.frame)  # type: ignore[union-attr]

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert len(cache.entries()) == 1


@pytest.mark.skipif(os.name != "posix", reason="looks at process ids")
def test_a_worker_whose_parent_is_gone_ends(tmp_path: Path) -> None:
    command = [workers_module.sys.executable, "-c",
               "import models.io.worker as w, time; w.serve = lambda *a: time.sleep(60); w.main(['-'])"]  # fmt: skip
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=workers_module.ROOT, text=True
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write("{}\n")
    child.stdin.close()
    assert child.wait(timeout=10) == 1
    assert child.stdout is not None
    child.stdout.close()
