"""What is remembered of a project beside it: checked when it is read back, bounded, never in the project's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import project_memory
from app.project_memory import ProjectMemory, Remembered
from models.views.camera import Camera

CAMERA = Camera((502_000.0, 4_059_000.0, 300.0), (502_100.0, 4_059_200.0, 30.0), (0.0, 0.0, 1.0), 30.0, None)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 50


def test_a_view_comes_back_in_another_run(tmp_path: Path) -> None:
    project = tmp_path / "p" / "city.gpkg"
    ProjectMemory(tmp_path / "home").keep(project, Remembered(CAMERA, "EPSG:4548", PICTURE, True))
    assert ProjectMemory(tmp_path / "home").of(project) == Remembered(CAMERA, "EPSG:4548", PICTURE, True)
    assert ProjectMemory(tmp_path / "home").of(tmp_path / "q" / "city.gpkg") == Remembered()


@pytest.mark.parametrize(
    "change",
    [
        {"position": [1, 2]},
        {"position": ["x", 2, 3]},
        {"position": [1e300, 0, 0]},
        {"angle_deg": 720},
        {"up": [0, 0, 0]},
        {"focal_point": list(CAMERA.position)},
        {"parallel_scale_m": -1},
    ],
)
def test_a_camera_that_is_none_is_not_believed(tmp_path: Path, change: dict[str, object]) -> None:
    project = tmp_path / "city.gpkg"
    ProjectMemory(tmp_path / "home").keep(project, Remembered(CAMERA, "EPSG:4548"))
    (file,) = (tmp_path / "home").glob("*.json")
    told = json.loads(file.read_text())
    told["camera"] |= change
    file.write_text(json.dumps(told))
    assert ProjectMemory(tmp_path / "home").of(project).camera is None


def test_a_picture_that_is_none_is_not_shown(tmp_path: Path) -> None:
    project, home = tmp_path / "city.gpkg", tmp_path / "home"
    ProjectMemory(home).keep(project, Remembered(CAMERA, "EPSG:4548", PICTURE))
    (file,) = home.glob("*.png")
    for data in (b"MZ" * 40, PICTURE + b"x" * project_memory.MOST_BYTES):
        file.write_bytes(data)
        assert ProjectMemory(home).of(project).picture == b""


def test_a_home_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")
    memory = ProjectMemory(home)
    memory.keep(tmp_path / "city.gpkg", Remembered(CAMERA, "EPSG:4548"))
    assert memory.of(tmp_path / "city.gpkg").camera == CAMERA, "until the program ends"


def test_only_the_last_used_projects_are_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_memory, "MOST", 3)
    memory = ProjectMemory(tmp_path / "home")
    for number in range(5):
        memory.keep(tmp_path / f"{number}.gpkg", Remembered(CAMERA, "EPSG:4548", PICTURE))
    assert len(list((tmp_path / "home").glob("*.json"))) == len(list((tmp_path / "home").glob("*.png"))) == 3
