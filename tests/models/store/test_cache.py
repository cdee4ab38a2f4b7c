"""The geometry cache: what goes in comes out, half of it never, and it stays within its bounds."""

import json
import mmap
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.core.errors import Caution
from models.io.common.mesh_builder import MeshBuilder
from models.io.request import Opened
from models.layers.layer import Layer, ModelData, RasterData, Source, Style, VectorData
from models.store import cache as cache_module
from models.store.cache import GeometryCache, read_entry, write_entry
from tests.support.paths import ROOT


def vector() -> Opened:
    columns = {"名称": ["甲", None], "n": [1, 2], "mixed": [{"a": 1}, "text"]}
    shapes = [shapely.Point(1, 2, 3), shapely.box(0, 0, 1, 1)]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548", index=pd.Index([7, 9], name="fid"))
    source = Source("a.gpkg", "t", "vector", "EPSG:4548", {"encoding": "gb18030"})
    layer = Layer("id_1", "图层", "vector", "buildings", source, Style(height_field="h"))
    return Opened(layer, VectorData(frame, [Caution("io.no_height", file="a")]))


def raster() -> Opened:
    values = np.array([[1.5, np.nan]], dtype=np.float32)
    layer = Layer("id_2", "dem", "terrain", "terrain")
    return Opened(layer, RasterData(values, (1.0, 0.0, 5.0, 0.0, -1.0, 9.0), "EPSG:4548"))


def model() -> Opened:
    builder = MeshBuilder()
    mesh = builder.mesh(
        np.eye(3), np.array([[0, 1, 2]], np.int32), np.array([builder.material((1, 0, 0, 1))], np.int32)
    )
    assert mesh is not None
    builder.place(mesh, 0, np.eye(4))
    elements = pd.DataFrame({"guid": ["x"], "name": ["柱"], "parent": [-1], "has_geometry": [True]})
    data = ModelData(
        builder.store(), elements, {0: {"Pset": {"备注": "角"}}}, np.eye(4) * 2, "EPSG:4548", {"a": {"b": 1}}
    )
    return Opened(Layer("id_3", "楼", "model", "model"), data)


def is_mapped(array: np.ndarray) -> bool:
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, memoryview) and isinstance(base.obj, mmap.mmap)


def put(cache: GeometryCache, key: str, *opened: Opened) -> None:
    with cache.writer(key) as folder:
        write_entry(folder, list(opened))


KEY = "ab" + "0" * 38


def test_every_kind_of_layer_comes_out_as_it_went_in(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    put(cache, KEY, vector(), raster(), model())
    opened = cache.load(KEY)
    assert opened is not None
    one, two, three = opened
    before = vector()
    assert replace(one.layer, id="id_1") == before.layer
    assert one.data.cautions == before.data.cautions
    assert isinstance(one.data, VectorData)
    assert one.data.frame.index.tolist() == [7, 9]
    assert one.data.frame.crs == "EPSG:4548"
    assert one.data.frame.geometry.iat[0].z == 3
    assert one.data.frame["mixed"].tolist() == ['{"a": 1}', "text"]
    assert pd.isna(one.data.frame["名称"].iat[1])
    assert isinstance(two.data, RasterData)
    assert np.array_equal(two.data.values, [[1.5, np.nan]], equal_nan=True)
    assert two.data.transform == (1.0, 0.0, 5.0, 0.0, -1.0, 9.0)
    assert isinstance(three.data, ModelData)
    assert three.data.psets[0] == {"Pset": {"备注": "角"}}
    assert np.array_equal(three.data.placement, np.eye(4) * 2)
    assert three.data.info == {"a": {"b": 1}}
    assert is_mapped(three.data.meshes.vertices)
    assert not is_mapped(read_entry(cache.folder_of(KEY), mapped=False)[2].data.meshes.vertices)


def test_each_load_gives_fresh_layer_ids(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    put(cache, KEY, raster())
    assert cache.load(KEY)[0].layer.id != cache.load(KEY)[0].layer.id  # type: ignore[index]


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)

    def fail() -> None:
        with cache.writer(KEY) as folder:
            (folder / "half").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert cache.load(KEY) is None
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_half_written_entry_is_not_seen(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    folder = cache.folder_of(KEY)
    folder.mkdir(parents=True)
    (folder / "0").mkdir()
    assert cache.load(KEY) is None


@pytest.mark.parametrize("name", ["entry.json", "0/values.npy", "1/meshes.bin", "1/psets.bin", "1/elements.feather"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_a_damaged_entry_is_removed_and_not_believed(tmp_path: Path, name: str, share: float) -> None:
    cache = GeometryCache(tmp_path)
    put(cache, KEY, raster(), model())
    file = cache.folder_of(KEY) / name
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    assert cache.load(KEY) is None
    assert not cache.folder_of(KEY).exists()


def test_an_entry_of_another_format_is_made_again(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    put(cache, KEY, raster())
    listing = cache.folder_of(KEY) / "entry.json"
    told = json.loads(listing.read_text(encoding="utf-8").partition("\n")[2])
    cache_module.write_listing(listing.parent, told | {"format": -1})
    assert cache.load(KEY) is None


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    keys = [f"{i:02d}" + "0" * 38 for i in range(4)]
    for number, key in enumerate(keys[:3]):
        put(cache, key, raster())
        os.utime(cache.folder_of(key) / "entry.json", (1000 + number, 1000 + number))
    assert cache.load(keys[0]) is not None  # used again, so the second is now the oldest
    cache.limit_bytes = int(cache.size_bytes * 1.1)
    put(cache, keys[3], raster())
    assert [cache.load(key) is not None for key in keys] == [True, False, True, True]


def test_two_writers_of_one_entry_do_not_disturb_each_other(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            put(cache, KEY, raster(), vector())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(cache.load(KEY)) == 2  # type: ignore[arg-type]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_mapped_arrays_survive_the_removal_of_their_entry(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path)
    put(cache, KEY, model())
    opened = cache.load(KEY)
    assert opened is not None
    cache.remove(KEY)
    assert isinstance(opened[0].data, ModelData)
    if os.name == "posix":
        assert opened[0].data.meshes.vertices.sum() == 3


def test_unmapped_entries_outlive_their_folder(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    write_entry(folder, [model(), raster()])
    opened = read_entry(folder, mapped=False)
    shutil.rmtree(folder)
    assert isinstance(opened[0].data, ModelData)
    assert opened[0].data.psets[0] == {"Pset": {"备注": "角"}}


def test_the_key_follows_content_companions_reader_and_settings(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path / "cache")
    path = tmp_path / "a.shp"
    path.write_bytes(b"1")

    def key(**changed: object) -> str:
        said = {"reader": "vector", "version": 1, "settings": {"crs": ""}} | changed
        return cache.key_of(path, **said)  # type: ignore[arg-type]

    keys = [key(), key(reader="ifc"), key(version=2), key(settings={"crs": "EPSG:4548"})]
    path.with_suffix(".prj").write_bytes(b"2")
    keys.append(key())
    path.write_bytes(b"3")
    keys.append(key())
    assert len(set(keys)) == 6
    assert key() == keys[-1]


def test_very_large_files_are_known_by_head_tail_size_and_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "whole_bytes_of", lambda _: 100)
    monkeypatch.setattr(cache_module, "_PART_BYTES", 10)
    cache, path = GeometryCache(tmp_path / "cache"), tmp_path / "a.tif"
    path.write_bytes(b"x" * 1000)
    first = cache.key_of(path, "raster", 1, {})
    assert cache.key_of(path, "raster", 1, {}) == first
    os.utime(path, (5, 5))
    assert cache.key_of(path, "raster", 1, {}) != first


# --- several processes ------------------------------------------------------------------------------------------------

PREAMBLE = (
    "import sys; sys.path[:0] = ['.']; from pathlib import Path; import tests.models.store.test_cache as t;"
    "c = t.GeometryCache(Path(sys.argv[1]), int(sys.argv[2]));"
)


def process(code: str, root: Path, limit: int = 10**9) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code, str(root), str(limit)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_processes_that_write_one_entry_at_once_leave_one_whole_entry(tmp_path: Path) -> None:
    code = "\nfor n in range(30):\n    t.put(c, t.KEY, t.model(), t.raster())\n    assert len(c.load(t.KEY)) == 2"
    writers = [process(code, tmp_path) for _ in range(3)]
    assert [writer.communicate()[0] or writer.returncode for writer in writers] == [0, 0, 0]
    cache = GeometryCache(tmp_path)
    assert len(cache.entries()) == 1
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_reader_gets_an_entry_whole_or_not_at_all_while_another_process_trims(tmp_path: Path) -> None:
    code = (
        "\nfor n in range(10**6):\n    t.put(c, f'{n % 3:02d}' + '0' * 38, t.model(), t.raster())"
        "\n    n or print('on', flush=True)"
    )
    writer = process(code, tmp_path, limit=1)
    assert writer.stdout is not None
    writer.stdout.readline()
    cache, whole = GeometryCache(tmp_path), 0
    end = time.monotonic() + 3.0
    while time.monotonic() < end:
        for n in range(3):
            opened = cache.load(f"{n:02d}" + "0" * 38)
            if opened is not None:
                assert isinstance(opened[0].data, ModelData)
                assert float(opened[0].data.meshes.vertices.sum()) == 3.0
                whole += 1
    assert writer.poll() is None  # nor did the reader disturb the writer
    writer.kill()
    writer.communicate()
    assert whole > 0


@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_a_writer_that_is_killed_leaves_no_entry_and_its_rest_is_swept(tmp_path: Path) -> None:
    code = (
        "\nwith c.writer(t.KEY) as folder:\n    t.write_entry(folder, [t.model()])\n"
        "    print('here', flush=True)\n    import time; time.sleep(600)"
    )
    writer = process(code, tmp_path)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "here\n"
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    cache = GeometryCache(tmp_path)
    assert cache.load(KEY) is None
    (left,) = (tmp_path / "tmp").iterdir()
    put(cache, KEY, model())
    assert left.exists()  # it might still be at work
    os.utime(left, (1000, 1000))
    cache.trim()
    assert not left.exists()
    assert cache.load(KEY) is not None


def files_of(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize("number", range(8))
def test_a_byte_that_somebody_changed_makes_the_entry_again_and_no_value_wrong(tmp_path: Path, number: int) -> None:
    cache = GeometryCache(tmp_path)
    put(cache, KEY, vector(), raster(), model())
    files = files_of(cache.folder_of(KEY))
    file = files[number % len(files)]
    raw = bytearray(file.read_bytes())
    raw[len(raw) * (number + 1) // 10] ^= 0x10
    status = file.stat()
    file.write_bytes(raw)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))  # as if nobody had been there
    assert cache.load(KEY) is None
    assert not cache.folder_of(KEY).exists()


def test_an_entry_put_under_another_key_and_tables_swapped_between_entries_are_not_taken(tmp_path: Path) -> None:
    other = KEY[::-1]
    cache = GeometryCache(tmp_path)
    for key in (KEY, other):
        put(cache, key, raster())
    shutil.copytree(cache.folder_of(KEY), cache.folder_of(other), dirs_exist_ok=True)
    assert cache.load(other) is None
    assert cache.load(KEY) is not None


def test_an_entry_that_was_copied_whole_is_still_good(tmp_path: Path) -> None:
    cache = GeometryCache(tmp_path / "here")
    put(cache, KEY, vector(), raster())
    shutil.copytree(cache.root, tmp_path / "moved")
    assert GeometryCache(tmp_path / "moved").load(KEY) is not None
