"""Looking through packages in a child process (:func:`app.background.workers.run_child`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.core.progress import Progress
from models.delivery import archive
from models.delivery.manifest import written


def verify_json(arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Look through ``arguments["path"]`` and return its manifest and what differs."""
    manifest, found = archive.differences(Path(arguments["path"]), progress)
    return {"manifest": written(manifest).decode(), "differences": [[one.name, one.what] for one in found]}


def unpack_json(arguments: Mapping[str, Any], progress: Progress) -> str:
    """Unpack ``arguments["path"]`` into ``arguments["folder"]``, verified."""
    archive.unpack(Path(arguments["path"]), Path(arguments["folder"]), progress)
    return str(arguments["folder"])
