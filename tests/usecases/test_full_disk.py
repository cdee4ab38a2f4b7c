"""A full disk costs the new file and never the old one: every writer, on a disk that is full and with files cut off."""

from __future__ import annotations

import functools
import os
import random
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import ifcopenshell
import numpy as np
import pandas as pd
import pytest
import shapely

from app.usecases.views.annotations_and_flights import export_notes
from models.checks.findings import Finding, Report
from models.core.errors import UserError
from models.core.progress import Progress
from models.crs.frame import Frame
from models.geometry.solids import Bodies
from models.health.compute import compute
from models.io.city.write_cityjson import write_cityjson
from models.io.format import WriteRequest
from models.io.ifc.write import write_georef
from models.io.mesh.write_gltf import write_glb, write_tileset
from models.io.vector.write_features import write_features
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.review.topics import Topic
from models.store import atomic, project_file
from models.store.recovery import Copy
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec
from tests.support.health_city import PARK, park, strip_city, survey
from viewers.documents import bcf
from viewers.documents.findings import write_report
from viewers.documents.tables import write_results

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs a limit on file sizes")

CRS = "EPSG:4548"
#: Room on the disk, and the longest file that may be written where there is no such disk.
DISK_BYTES, LONGEST_BYTES = 128 * 1024, 50_000
OLD = b"what was there before"
chance = random.Random(1)
WORDS = [chance.randbytes(30).hex() for _ in range(8_000)]
PIXELS = np.frombuffer(chance.randbytes(400 * 400 * 3), np.uint8).reshape(400, 400, 3)
SPEC = SnapshotSpec("a.gpkg", 400, 400, Camera((0.0, 0.0, 900.0), (1.0, 1.0, 40.0)))
REQUEST = WriteRequest("points", "点", False)


def features() -> gpd.GeoDataFrame:
    count = len(WORDS)
    points = shapely.points(500_000 + np.arange(count) * 3.0, 4_060_000 + np.arange(count))
    frame = gpd.GeoDataFrame({"name": WORDS}, geometry=points, crs=CRS)
    frame.index.name = "fid"
    return frame


def bodies() -> Bodies:
    count = 3_000
    corners = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 3]], float)
    points = (corners + np.array([500_000.0, 4_060_000, 0]) + np.arange(count)[:, None, None] * 10).reshape(-1, 3)
    rows = np.arange(count)
    table = pd.DataFrame({"name": WORDS[:count]}, index=rows)
    faces = np.arange(3 * count).reshape(-1, 3)
    return Bodies(points, faces, rows, np.zeros(count, np.int8), np.zeros((count, 3), np.uint8), table, CRS)


def model(path: Path) -> Path:
    file = ifcopenshell.file(schema="IFC4")
    metre = file.create_entity("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
    units = file.create_entity("IfcUnitAssignment", Units=[metre])
    origin = file.create_entity("IfcCartesianPoint", Coordinates=(0.0, 0.0, 0.0))
    axes = file.create_entity("IfcAxis2Placement3D", Location=origin)
    context = file.create_entity("IfcGeometricRepresentationContext", ContextType="Model", CoordinateSpaceDimension=3,
                                 WorldCoordinateSystem=axes)  # fmt: skip
    file.create_entity("IfcProject", GlobalId=ifcopenshell.guid.new(), UnitsInContext=units,
                       RepresentationContexts=[context])  # fmt: skip
    for word in WORDS[:3_000]:
        file.create_entity("IfcPropertySingleValue", Name=word)
    file.write(str(path))
    return path


def table_writer(path: Path) -> object:
    return write_features(path, features(), REQUEST, Progress())


def solid_writer(write: Callable[..., object]) -> Callable[[Path], object]:
    return lambda path: write(path, bodies(), REQUEST, Progress())


def georef(path: Path) -> None:
    write_georef(path.parent.with_name("source.ifc"), path, CRS, 500_000, 4_060_000, 0)


def report(path: Path) -> None:
    findings = tuple(
        Finding(f"f{number}", "quality", "high", "no_name", "g", facts={"detail": word})
        for number, word in enumerate(WORDS)
    )
    write_report(path, Report("quality", (("a", "a"),), "2026-01-01T00:00:00+00:00", {}, (), findings), "zh")


@functools.cache
def results() -> tuple[Any, ProjectState]:
    state, data = strip_city(survey(("B", "parks", 0.0)), green=park(PARK))
    return [compute("HC25-25", state, data)] * 400, state


def indicators(path: Path) -> None:
    write_results(path, *results(), "zh")


def picture(path: Path) -> None:
    from viewers.sheets.record import write_png

    write_png(PIXELS, SPEC, path)


def page(path: Path) -> None:
    from viewers.sheets.compose import write_pdf

    write_pdf(PIXELS, SPEC, ProjectState("城", frame=Frame(CRS, None, (0, 0, 0))), None, path)


def topics(path: Path) -> None:
    bcf.write([Topic(f"{number:08}", word, "2026-01-01T00:00:00+00:00", "a", description=" ".join(WORDS[number:]))
               for number, word in enumerate(WORDS[:4])], path)  # fmt: skip


def project(path: Path) -> None:
    state = ProjectState("城", frame=Frame(CRS, None, (0, 0, 0)), layers=(Layer("points", "点", "vector"),))
    project_file.save_project(state, {"points": VectorData(features())}, path)


WRITERS: dict[str, Callable[[Path], object]] = {
    "a.gpkg": table_writer, "a.geojson": table_writer, "a.shp": table_writer, "a.fgb": table_writer,
    "a.csv": table_writer, "a.xlsx": table_writer, "a.ifc": georef, "a.glb": solid_writer(write_glb),
    "a.city.json": solid_writer(write_cityjson), "tileset.json": solid_writer(write_tileset), "report.json": report,
    "report.xlsx": report, "table.csv": indicators, "table.xlsx": indicators, "a.png": picture, "a.pdf": page,
    "a.bcfzip": topics, "project.gpkg": project, "text.qml": lambda path: atomic.write_text(path, "\n".join(WORDS)),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model(tmp_path / "source.ifc")
    made = tmp_path / "out"
    made.mkdir()
    return made


@pytest.fixture
def full_disk(folder: Path) -> Iterator[Path]:
    """Return a folder on a small disk of its own; skip where nobody lets us have one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "chengjing", str(folder)], capture_output=True, check=False
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no right to mount a disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def short_files() -> Iterator[Callable[[], None]]:
    """Return what makes every longer file fail in the middle, for the rest of the test."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (LONGEST_BYTES, limit[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, handler)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_said_by_name_and_leaves_what_was_there(full_disk: Path, name: str) -> None:
    (full_disk / name).write_bytes(OLD)
    with pytest.raises(UserError, match=r"store\.disk_full") as caught:
        WRITERS[name](full_disk / name)
    assert caught.value.facts["file"] == name
    assert everything(full_disk) == {name: OLD}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_breaks_off_in_the_middle_leaves_what_was_there(
    folder: Path, short_files: Callable[[], None], name: str
) -> None:
    (folder / name).write_bytes(OLD)
    short_files()
    with pytest.raises(UserError, match=r"store\.(disk_full|write_failed)") as caught:
        WRITERS[name](folder / name)
    assert caught.value.facts["file"] == name
    assert everything(folder) == {name: OLD}


@pytest.mark.parametrize("name", WRITERS)
def test_where_there_is_room_every_writer_is_content_with_what_it_wrote(folder: Path, name: str) -> None:
    (folder / name).write_bytes(OLD)
    WRITERS[name](folder / name)
    assert (folder / name).stat().st_size > LONGEST_BYTES or name == "tileset.json"
    assert not [file for file in folder.iterdir() if file.name.startswith(".")]


def test_an_old_tileset_keeps_its_tiles_where_the_new_one_finds_no_room(full_disk: Path) -> None:
    (full_disk / "tileset.json").write_bytes(OLD)
    (full_disk / "tileset_tiles").mkdir()
    (full_disk / "tileset_tiles" / "0.glb").write_bytes(OLD)
    with pytest.raises(UserError, match=r"store\.disk_full"):
        WRITERS["tileset.json"](full_disk / "tileset.json")
    assert everything(full_disk) == {"tileset.json": OLD, "tileset_tiles/0.glb": OLD}


def test_a_recovery_copy_and_its_note_stay_where_the_next_finds_no_room(full_disk: Path) -> None:
    copy = Copy(full_disk)
    copy.write(lambda path: path.write_bytes(OLD) and None, None, "甲")
    before = everything(full_disk)
    with pytest.raises(UserError, match=r"store\.disk_full"):
        copy.write(project, None, "乙")
    assert everything(full_disk) == before
    copy.clear()


def test_notes_go_the_same_way(folder: Path, short_files: Callable[[], None]) -> None:
    from models.views.annotations import Note

    note = Note("n", "text", ((500_000.0, 4_060_000.0, 0.0),), " ".join(WORDS))
    state = ProjectState(frame=Frame(CRS, None, (0, 0, 0)), notes=(note,))
    session: Any = SimpleNamespace(project=SimpleNamespace(state=state, data={}))
    (folder / "notes.geojson").write_bytes(OLD)
    short_files()
    with pytest.raises(UserError, match=r"store\."):
        export_notes(cast("Any", session), folder / "notes.geojson")
    assert everything(folder) == {"notes.geojson": OLD}
