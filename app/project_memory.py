"""What the program remembers of each project beside it: from where it was looked at last, and how that looked.

It lies in the home folder and never in the project's: to look at somebody's project leaves no trace there. Whatever is
read back is checked, for the folder may hold anything; what cannot be read is not remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.store.atomic import write_bytes, write_text
from models.views.camera import Camera, Vector

log = logging.getLogger(__name__)

#: So many projects are remembered, the last used ones.
MOST = 60
#: A picture that takes more is none of ours.
MOST_BYTES = 400_000
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of one project.

    Parameters
    ----------
    camera : Camera or None
        In the CRS of the project.
    frame : str
        CRS in which the camera stands; in another it means nothing.
    picture : bytes
        A small PNG, empty for none.
    synthetic : bool
        Whether something of what it shows was made by a generator.
    """

    camera: Camera | None = None
    frame: str = ""
    picture: bytes = b""
    synthetic: bool = False


class ProjectMemory:
    """The memory of one person.

    Parameters
    ----------
    folder : Path or None
        None remembers nothing beyond this run.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, Remembered] = {}

    def of(self, path: Path) -> Remembered:
        """Return what is known of a project."""
        name = _name_of(path)
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def keep(self, path: Path, remembered: Remembered) -> None:
        """Remember a project; what cannot be written is known until the program ends."""
        name = _name_of(path)
        self._known[name] = remembered
        if self._folder is None:
            return
        camera = None if remembered.camera is None else asdict(remembered.camera)
        told = {"camera": camera, "frame": remembered.frame, "synthetic": remembered.synthetic}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if remembered.picture:
                write_bytes(self._folder / f"{name}.png", remembered.picture)
            write_text(self._folder / f"{name}.json", json.dumps(told))
            self._trim()
        except Exception as error:  # a full or read-only home
            log.info("the view of %s is not remembered: %s", path.name, error)

    def _read(self, name: str) -> Remembered:
        if self._folder is None:
            return Remembered()
        try:
            told = json.loads((self._folder / f"{name}.json").read_text(encoding="utf-8"))
            camera = None if told["camera"] is None else _camera_of(told["camera"])
            found = Remembered(camera, str(told["frame"]), b"", told["synthetic"] is True)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            found = Remembered()
        return Remembered(found.camera, found.frame, self._picture(name), found.synthetic)

    def _picture(self, name: str) -> bytes:
        if self._folder is None:
            return b""
        try:
            with (self._folder / f"{name}.png").open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except OSError:
            return b""
        return data if data.startswith(_PNG) and len(data) <= MOST_BYTES else b""

    def _trim(self) -> None:
        """Forget what was longest not used."""
        assert self._folder is not None  # noqa: S101 - just written to
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in files[MOST:]:
            for file in (old, old.with_suffix(".png")):
                with contextlib.suppress(OSError):
                    file.unlink()


def _name_of(path: Path) -> str:
    return hashlib.blake2b(os.path.realpath(path).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def _camera_of(told: dict[str, Any]) -> Camera:
    """Return a camera of its JSON form (ValueError, TypeError or KeyError for what is none)."""
    scale = told["parallel_scale_m"]
    angle = float(told["angle_deg"])
    if not 1.0 <= angle <= 160.0 or (scale is not None and not 0.0 < float(scale) < 1e8):
        raise ValueError("no camera")
    camera = Camera(
        _vector(told["position"]), _vector(told["focal_point"]), _vector(told["up"]), angle,
        None if scale is None else float(scale),
    )  # fmt: skip
    if camera.position == camera.focal_point or not any(camera.up):
        raise ValueError("a camera that looks nowhere")
    return camera


def _vector(told: Any) -> Vector:
    x, y, z = (float(value) for value in told)
    if not all(math.isfinite(value) and abs(value) < 1e9 for value in (x, y, z)):
        raise ValueError("no place")
    return x, y, z
