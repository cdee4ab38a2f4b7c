"""Where what a page is about stands: boxes of objects as they are drawn, and the outlines of its small map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.project.selection import ObjectKey
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from app.usecases.views.pictures import Pictures

#: Outlines of a small map are drawn this coarsely: a share of its width.
_COARSE = 1 / 400


def boxes_of(pictures: Pictures, view: SnapshotSpec, keys: Iterable[ObjectKey]) -> dict[ObjectKey, NDArray[np.float64]]:
    """Return the boxes (2, 3) of objects in a picture, world coordinates; those that are not drawn are left out."""
    keys = tuple(keys)
    if not keys:
        return {}
    scene, _ = pictures.scene_for(view)
    found = ((key, scene.box_of((key,))) for key in keys)
    return {key: box for key, box in found if box is not None and np.isfinite(box).all()}


def rings_of(shapes: Sequence[Any]) -> tuple[NDArray[np.float64], ...]:
    """Return the outer rings of shapes, coarse enough for a small map."""
    import shapely

    if not len(shapes):
        return ()
    whole = shapely.total_bounds(np.asarray(shapes, dtype=object))
    simple = shapely.simplify(np.asarray(shapes, dtype=object), max(whole[2] - whole[0], 1e-9) * _COARSE)
    return tuple(
        shapely.get_coordinates(shapely.get_exterior_ring(part))
        for part in shapely.get_parts(simple)
        if part.geom_type == "Polygon"
    )
