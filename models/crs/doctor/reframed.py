"""Transform what is kept in project coordinates when the frame changes: views, paths, notes, excavations, topics.

Layers need nothing: their data stays in its own CRS and is drawn through the frame. Placements of models carry theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from models.crs.frame import Frame, transformer
from models.project.project import ProjectState
from models.views.camera import Camera, Vector

Move = Callable[[Vector], Vector]


def reframed(state: ProjectState, frame: Frame) -> ProjectState:
    """Return a project in another frame; everything keeps its place on the ground to the transformation's accuracy."""
    old = state.frame
    if old is None or old.horizontal == frame.horizontal:
        return replace(state, frame=frame)
    there = transformer(old.horizontal, frame.horizontal)

    def move(point: Vector) -> Vector:
        x, y = there.transform(point[0], point[1], errcheck=False)
        return (float(x), float(y), point[2]) if np.isfinite([x, y]).all() else point

    return replace(
        state,
        frame=frame,
        viewpoints=tuple(replace(view, camera=_camera(view.camera, move)) for view in state.viewpoints),
        paths=tuple(
            replace(
                path,
                points=tuple(move(point) for point in path.points),
                target=None if path.target is None else move(path.target),
                cameras=tuple(_camera(camera, move) for camera in path.cameras),
            )
            for path in state.paths
        ),
        notes=tuple(replace(note, points=tuple(move(point) for point in note.points)) for note in state.notes),
        pits=tuple(replace(pit, ring=tuple(move((x, y, 0.0))[:2] for x, y in pit.ring)) for pit in state.pits),
        topics=tuple(
            replace(
                topic,
                views=tuple(
                    view if view.in_model or view.camera is None
                    else replace(view, camera=_camera(view.camera, move),
                                 lines=tuple((move(a), move(b)) for a, b in view.lines))
                    for view in topic.views
                ),
            )
            for topic in state.topics
        ),
    )  # fmt: skip


def _camera(camera: Camera, move: Move) -> Camera:
    """Return a camera that looks at the same spot from as far; the grid turns by the convergence between both."""
    position, focal = move(camera.position), move(camera.focal_point)
    back = tuple(camera.focal_point[k] + 10.0 * camera.up[k] for k in range(3))
    tip = move((back[0], back[1], back[2]))
    up = np.array([tip[k] - focal[k] for k in range(3)])
    length = float(np.linalg.norm(up))
    turned: Vector = camera.up if length == 0 else (float(up[0] / length), float(up[1] / length), float(up[2] / length))
    return replace(camera, position=position, focal_point=focal, up=turned)
