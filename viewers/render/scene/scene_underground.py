"""The underground in a scene: excavation pits, depth posts, and the transparency of the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.project.project import ProjectState
from models.roles import ROLES
from models.terrain.ground import Ground
from models.views.visibility import GroundTransparency
from viewers.render.underground.excavation import PITS, areas_of, pit_parts
from viewers.render.underground.ground_transparency import DEPTHS, depth_posts

if TYPE_CHECKING:
    from viewers.render.scene.scene import Scene


def put_pits(scene: Scene, state: ProjectState, ground: Ground) -> None:
    """Put walls and floors of a project's pits, or take them away; the ground is cut where it is made ready."""
    scene.put(PITS, pit_parts(state.pits, scene.frame, ground) if state.pits else None)
    scene.cull_backs(PITS.id)
    scene.set_holes(areas_of(state.pits, scene.frame))


def put_posts(scene: Scene, box: NDArray[np.float64] | None, ground: Ground) -> None:
    """Put depth posts over a local box (2, 3), or take them away."""
    scene.put(DEPTHS, None if box is None else depth_posts(box, scene.frame, ground))


def look_through(scene: Scene, state: ProjectState, ground: Ground, through: GroundTransparency | None) -> None:
    """Look through the ground of a filled scene, with depth posts where they are wanted."""
    scene.set_through(through)
    put_posts(scene, buried_box(scene, state) if through is not None and through.depths else None, ground)


def buried_box(scene: Scene, state: ProjectState) -> NDArray[np.float64] | None:
    """Return the local box (2, 3) of what lies underground, of the city where nothing does; None without either."""
    buried = tuple(row.role for row in ROLES.values() if row.is_buried)
    for roles in (buried, ("buildings",), ("terrain",)):
        ids = [layer.id for layer in state.layers if layer.role in roles and layer.visible]
        boxes = [box for layer_id in ids if (box := scene.bounds_of_layer(layer_id)) is not None]
        if boxes:
            world = np.stack([np.min(boxes, axis=0)[0], np.max(boxes, axis=0)[1]])
            return scene.frame.to_local(world) if np.isfinite(world).all() else None
    return None
