"""Picking at the cursor: the face under it, the models in view, the point along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from models.views import section

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]


def face_under(context: WindowContext, at: QPointF) -> tuple[Floats, Floats] | None:
    """Return the world point under a position of the view and the normal of its face, towards the camera.

    The normal is that of the plane through what lies some pixels beside it; of the four quarters around the point the
    one that most agree with is taken, so that an edge nearby does no harm.
    """
    view = context.canvas.view
    middle = view.pick_at(at)
    pose, frame = view.pose, view.frame
    if middle is None or middle.world is None or pose is None or frame is None:
        return None
    point = np.asarray(middle.world)
    around = []
    for x, y in ((4, 0), (0, 4), (-4, 0), (0, -4)):
        pick = view.pick_at(at + QPointF(x, y))
        around.append(None if pick is None or pick.world is None else np.asarray(pick.world) - point)
    normals = []
    for one, two in zip(around, around[1:] + around[:1], strict=True):
        if one is not None and two is not None:
            normal = np.cross(one, two)
            length = float(np.linalg.norm(normal))
            if length > 1e-12:
                normals.append(normal / length)
    if not normals:
        return None
    votes = [sum(abs(float(a @ b)) > 0.999 for b in normals) for a in normals]
    normal = normals[int(np.argmax(votes))]
    toward = pose.line(at.x(), at.y(), max(view.width(), 1), max(view.height(), 1))[1]
    normal = -normal if float(normal @ toward) > 0 else normal
    normal = np.where(np.abs(normal) < 1e-4, 0.0, normal)
    return point, normal / np.linalg.norm(normal)


def models_meant(context: WindowContext) -> list[str]:
    """Return the layer ids of the models that someone means: those of the selection, else those in the middle.

    Models of one building (architecture, structure, services) stand in each other: all of them are meant.
    """
    city, session = context.scene_sync, context.session
    boxes = {
        layer.id: np.stack([corners.min(axis=0), corners.max(axis=0)])
        for layer in session.project.state.layers
        if layer.kind == "model" and layer.visible
        and (corners := city.model_corners(layer.id)) is not None and len(corners)
    }  # fmt: skip
    chosen = [layer_id for layer_id in boxes if session.selection.of_layer(layer_id)]
    pose, frame = context.canvas.view.pose, context.canvas.view.frame
    if not chosen and boxes and pose is not None and frame is not None:
        ends = frame.to_world(np.stack([pose.eye, pose.target]))
        way = (ends[1] - ends[0]) / max(float(np.linalg.norm(ends[1] - ends[0])), 1e-9)

        def gap(layer_id: str) -> float:
            """Return how far the line of sight passes by a model, in its own size."""
            middle = boxes[layer_id].mean(axis=0) - ends[0]
            beside = middle - way * float(middle @ way)
            return float(np.linalg.norm(beside)) / max(float(np.ptp(boxes[layer_id], axis=0).max()), 1.0)

        chosen = [min(boxes, key=gap)]
    met = [boxes[layer_id] for layer_id in chosen]
    return [
        layer_id for layer_id, box in boxes.items()
        if any((box[0] <= other[1]).all() and (box[1] >= other[0]).all() for other in met)
    ]  # fmt: skip


def along_axes(context: WindowContext, start: Floats, at: QPointF, held: Floats | None, bearing_deg: float) -> Floats:
    """Return the point straight above, below or beside ``start`` that is meant: a measure at right angles.

    Parameters
    ----------
    context : WindowContext
    start : ndarray (3,)
        World point from which is measured.
    at : QPointF
        Cursor in the view.
    held : ndarray (3,) or None
        Point that the cursor snaps to: its distance along the axis is taken.
    bearing_deg : float
        How the axes are turned: with the building.
    """
    view = context.canvas.view
    line, frame = view.line_at(at), view.frame
    if line is None or frame is None:
        return start
    local = frame.to_local(start)
    best, away = start, np.inf
    for axis in section.axes_of(bearing_deg):
        along = section.nearest_on_axis(local, axis, *line)
        if along is None:
            continue
        places, ahead = view.on_screen((start + axis * along)[None, :])
        gap = float(np.hypot(places[0, 0] - at.x(), places[0, 1] - at.y())) if ahead[0] else np.inf
        if gap < away:
            if held is not None:
                along = float((held - start) @ axis)
            best, away = start + axis * along, gap
    return np.asarray(best)
