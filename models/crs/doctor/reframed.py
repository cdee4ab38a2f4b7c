"""Transform what is kept in project coordinates when the frame changes: views, paths, notes, excavations, topics.

Layers need nothing: their data stays in its own CRS and is drawn through the frame. Placements of models carry theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from models.crs.frame import Frame, transformer
from models.project.project import ProjectState
from models.review.topics import Pin, Topic, TopicView
from models.views.camera import Camera, Vector
from models.views.visibility import Plane

Move = Callable[[Vector], Vector]


def reframed(state: ProjectState, frame: Frame) -> ProjectState:
    """Return a project in another frame; everything keeps its place on the ground to the transformation's accuracy."""
    old = state.frame
    if old is None or old.horizontal == frame.horizontal:
        return replace(state, frame=frame)
    move = _mover(old.horizontal, frame.horizontal)
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
        topics=reframed_topics(state.topics, old.horizontal, frame.horizontal),
    )


def reframed_topics(topics: Iterable[Topic], old: str, new: str) -> tuple[Topic, ...]:
    """Return topics whose views and pins stand in another projected CRS; views in a model's coordinates stay.

    Parameters
    ----------
    topics : iterable of Topic
    old, new : str
        CRS of now, and that wanted.
    """
    if old == new:
        return tuple(topics)
    move = _mover(old, new)

    def turned(plane: Plane) -> Plane:
        point, tip = move(plane.point), move(_ahead(plane.point, plane.normal))
        return Plane(point, _unit(point, tip) or plane.normal)

    def view(one: TopicView) -> TopicView:
        if one.in_model:
            return one
        return replace(
            one,
            camera=None if one.camera is None else _camera(one.camera, move),
            planes=tuple(turned(plane) for plane in one.planes),
            lines=tuple((move(a), move(b)) for a, b in one.lines),
        )

    def pin(one: Pin) -> Pin:
        return one if one.point is None else replace(one, point=move(one.point))

    return tuple(
        replace(topic, views=tuple(view(one) for one in topic.views), pins=tuple(pin(one) for one in topic.pins))
        for topic in topics
    )


def _mover(old: str, new: str) -> Move:
    there = transformer(old, new)

    def move(point: Vector) -> Vector:
        x, y = there.transform(point[0], point[1], errcheck=False)
        return (float(x), float(y), point[2]) if np.isfinite([x, y]).all() else point

    return move


def _ahead(point: Vector, along: Vector) -> Vector:
    """Return the place 10 m ahead of a point."""
    return point[0] + 10.0 * along[0], point[1] + 10.0 * along[1], point[2] + 10.0 * along[2]


def _unit(start: Vector, end: Vector) -> Vector | None:
    """Return the direction from one place to another, None where they are one."""
    way = np.subtract(end, start)
    length = float(np.linalg.norm(way))
    return None if length == 0 else (float(way[0] / length), float(way[1] / length), float(way[2] / length))


def _camera(camera: Camera, move: Move) -> Camera:
    """Return a camera that looks at the same spot from as far; the grid turns by the convergence between both."""
    position, focal = move(camera.position), move(camera.focal_point)
    turned = _unit(focal, move(_ahead(camera.focal_point, camera.up))) or camera.up
    return replace(camera, position=position, focal_point=focal, up=turned)
