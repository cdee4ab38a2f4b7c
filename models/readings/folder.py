"""Where the readings of a project lie: a folder beside it, for they outgrow it and nobody undoes them."""

from __future__ import annotations

from pathlib import Path

#: What the folder's name ends with.
SUFFIX = ".readings"


def folder_beside(project: Path) -> Path:
    """Return the folder of the readings of a project: ``city.gpkg`` has ``city.readings/``."""
    project = Path(project)
    return project.with_name(project.stem + SUFFIX)
