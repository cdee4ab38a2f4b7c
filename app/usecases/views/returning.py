"""A picture brings its view back: the look of the city, the camera, and what has changed since it was made."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.health import health
from app.usecases.review import presenting
from app.usecases.views.snapshots import content_hash, state_of
from models.core.progress import Progress
from models.layers.layer import Layer, LayerData, ModelData, PointCloudData, VectorData
from models.project import scene as project_scene
from models.project.fingerprints import ROWS, SHAPES
from models.project.project import ProjectState
from models.project.reaches import absolute, is_share
from models.sheets.spec import SheetSpec
from models.views.seen import Change, Seen, SeenLayer, changes
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from app.session import Session

#: Field that tells the state of components, which colours them.
STATE_FIELD = "ObjState"
