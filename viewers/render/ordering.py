"""In which order the actors of a scene are drawn: what hides before what is hidden, what is seen through last."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.look import Through
from viewers.render.parts import MeshPart
from viewers.render.seethrough import share_of

if TYPE_CHECKING:
    from viewers.render.drawn_layer import DrawnLayer

#: Roles that lie on the ground, in the order in which they are drawn after everything else.
DRAWN_LAST = ("footways", "roads", "water", "green", "land", "image", "terrain")
#: What lies over what, from below: terrain, pictures of it, all that is flat, what stands on it, and buildings.
FLAT = 2
RANKS = {"terrain": 0, "image": 1, "surface": 1, "bridges": 3, "facilities": 4, "amenities": 4, "trees": 4,
         "buildings": 5}  # fmt: skip


def reorder(renderer: Any, actors: Iterable[Any]) -> None:
    """Draw actors of a renderer after all others, in this order; nothing leaves the graphics for it."""
    props = renderer.GetViewProps()
    for actor in actors:
        props.RemoveItem(actor)
        props.AddItem(actor)


def hiding_first(layers: Iterable[DrawnLayer]) -> list[Any]:
    """Return the actors of what covers the ground, what hides first: buildings are drawn before all of them."""
    rank = {role: number for number, role in enumerate(DRAWN_LAST)}
    covering = sorted((s for s in layers if s.layer.role in rank), key=lambda s: rank[s.layer.role])
    return [one.actor for shown in covering for one in shown.drawn]


def is_below(renderer: Any, box: NDArray[np.float64] | None) -> bool:
    """Whether the eye looks up from under the ground of a city with a local box (2, 3)."""
    camera = renderer.GetActiveCamera()
    up, height_m = camera.GetDirectionOfProjection()[2], camera.GetPosition()[2]
    return bool(up > 0.0 and box is not None and height_m < box[1, 2])


def stacked(layers: Iterable[DrawnLayer], through: Through, from_below: bool) -> list[Any]:
    """Return the actors that are seen through in the order in which they are drawn, the farthest first.

    What covers the ground lies one over the other in an order that is known, and what stands on it comes after: drawn
    so, one pass gives what peeling by depth gives in many.

    Parameters
    ----------
    layers : iterable of DrawnLayer
    through : Through
    from_below : bool
        Whether the eye looks up at the ground from under it.
    """
    ranked: list[tuple[float, float, Any]] = []
    for shown in layers:
        layer = shown.layer
        if share_of(layer, through) >= 1.0:
            continue
        rank = RANKS.get(layer.role, RANKS.get(layer.kind, FLAT))
        for one in shown.drawn:
            flat = isinstance(one.part, MeshPart)
            offset = float(getattr(one.part, "offset", 0.0)) if flat else 1e3  # lines and signs over areas
            ranked.append((rank, offset, one.actor))
    ranked.sort(key=lambda item: item[:2], reverse=from_below)
    return [actor for _, _, actor in ranked]
