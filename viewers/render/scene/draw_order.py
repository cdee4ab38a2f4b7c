"""Draw order of the actors of a scene: occluders first, translucent ground last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from models.roles import drawn_row, role_row
from viewers.render.geometry.parts import MeshPart
from viewers.render.underground.ground_transparency import is_ground

if TYPE_CHECKING:
    from viewers.render.drawing.drawn_layer import DrawnLayer

#: So many points of each part are asked for the height of the ground.
MOST_SPOTS = 5_000


def reorder(renderer: Any, actors: Iterable[Any]) -> None:
    """Draw actors of a renderer after all others, in this order; nothing leaves the graphics for it."""
    props = renderer.GetViewProps()
    for actor in actors:
        props.RemoveItem(actor)
        props.AddItem(actor)


def hiding_first(layers: Iterable[DrawnLayer]) -> list[Any]:
    """Return the actors of what covers the ground, what hides first: buildings are drawn before all of them."""
    covering = [(last, s) for s in layers if (last := role_row(s.layer.role).draw_last) is not None]
    covering.sort(key=lambda item: item[0])
    return [one.actor for _, shown in covering for one in shown.drawn]


def is_below(renderer: Any, layers: Iterable[DrawnLayer]) -> bool:
    """Whether the eye looks up from under the ground."""
    camera = renderer.GetActiveCamera()
    if camera.GetDirectionOfProjection()[2] <= 0.0:  # looking down there is nothing of the ground ahead from below
        return False
    east, north, height = camera.GetPosition()
    flat = [s for s in layers if is_ground(s.layer) and drawn_row(s.layer.kind, s.layer.role).is_flat]
    spots = [
        part.points[:: max(1, len(part.points) // MOST_SPOTS)]
        for shown in flat for part in shown.prepared.parts if isinstance(part, MeshPart) and len(part.points)
    ]  # fmt: skip
    if not spots:
        return False
    ground = np.concatenate(spots)
    near = np.argmin((ground[:, 0] - east) ** 2 + (ground[:, 1] - north) ** 2)
    return bool(height < ground[near, 2])


def stacked(layers: Iterable[DrawnLayer], from_below: bool) -> list[Any]:
    """Return the actors of the ground that is looked through in the order in which they are drawn, the nearest first.

    Each pixel of the ground is blended once: what lies uppermost writes its depth, and what it covers stays away. So
    the ground as a whole is as opaque as was asked for, however many layers lie on one another, and it costs one pass.

    Parameters
    ----------
    layers : iterable of DrawnLayer
    from_below : bool
        Whether the eye looks up at the ground from under it.
    """
    ranked: list[tuple[float, float, Any]] = []
    for shown in layers:
        layer = shown.layer
        if not is_ground(layer):
            continue
        rank = drawn_row(layer.kind, layer.role).level
        for one in shown.drawn:
            area = isinstance(one.part, MeshPart)
            offset = float(getattr(one.part, "offset", 0.0)) if area else 1e3  # lines and signs lie over areas
            ranked.append((rank, offset, one.actor))
    ranked.sort(key=lambda item: item[:2], reverse=not from_below)
    return [actor for _, _, actor in ranked]
