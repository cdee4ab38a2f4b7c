"""Clipping by section planes and the section box; what is clipped is neither drawn nor picked.

Invariants
----------
1. The graphics cut while drawing (clipping planes of the mappers): moving a plane rebuilds nothing.
2. What is lifted is cut where it is drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPlane, vtkPlaneCollection

from models.crs.frame import Frame
from models.views.visibility import Cut, SectionBox
from viewers.render.geometry.local_plane import LocalPlane

Floats = NDArray[np.float64]

#: Most planes that the graphics cut with at once; what is beyond is left out, the box's sides last in line.
MOST_PLANES = 6


class Cutter:
    """A cut in the scene's frame.

    Parameters
    ----------
    cut : Cut
    frame : Frame
    bounds : ndarray (2, 3) or None
        Local box of what there is: sides of the section box that lie outside it need not be cut with.
    """

    def __init__(self, cut: Cut, frame: Frame, bounds: Floats | None = None) -> None:
        self.cut = cut
        planes = [LocalPlane(frame.to_local(np.array([p.point]))[0], _unit(p.normal)) for p in cut.planes]
        if cut.box is not None:
            sides = sides_of(cut.box, frame)
            if bounds is not None and len(planes) + len(sides) > MOST_PLANES:
                sides.sort(key=lambda side: side.beyond_m(np.where(side.normal > 0, bounds[1], bounds[0])) <= 0)
            planes += sides
        self.planes = planes[:MOST_PLANES]

    def cuts(self, kind: str) -> bool:
        """Whether layers of a kind are cut."""
        return bool(self.planes) and (kind == "model" or not self.cut.models_only)

    def kept(self, points: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which local points (n, 3) are not cut away."""
        keep = np.ones(len(points), dtype=bool)
        for plane in self.planes:
            keep &= plane.beyond_m(points) <= 1e-6
        return keep

    def names(self, points: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which names are still shown, by their anchors (n, 3): a level cut takes no name away."""
        keep = np.ones(len(points), dtype=bool)
        for plane in self.planes:
            if abs(plane.normal[2]) < 0.9:
                keep &= plane.beyond_m(points) <= 0
        return keep

    def apply(self, actor: Any, but: int = -1) -> None:
        """Cut an actor, by all planes except number ``but``."""
        mapper = actor.GetMapper()
        mapper.RemoveAllClippingPlanes()
        planes = vtkPlaneCollection()
        for number, plane in enumerate(self.planes):
            if number != but:
                held = vtkPlane()
                held.SetOrigin(*plane.point)
                held.SetNormal(*-plane.normal)  # VTK keeps the side of the normal
                planes.AddItem(held)
        if planes.GetNumberOfItems():
            mapper.SetClippingPlanes(planes)


def uncut(actor: Any) -> None:
    """Draw an actor whole again."""
    mapper = actor.GetMapper()
    if mapper.GetNumberOfClippingPlanes():
        mapper.RemoveAllClippingPlanes()


def sides_of(box: SectionBox, frame: Frame) -> list[LocalPlane]:
    """Return the six planes of a section box, turned about its middle."""
    low, high = frame.to_local(np.array([box.low, box.high], dtype=np.float64))
    low, high = np.minimum(low, high), np.maximum(low, high)
    middle, half = (low + high) / 2, (high - low) / 2
    turn = np.radians(box.bearing_deg)
    axes = np.array(
        [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    )  # its east, its north and up, turned clockwise
    return [
        LocalPlane(middle + sign * half[k] * axes[k], sign * axes[k]) for k in range(3) for sign in (-1.0, 1.0)
    ]  # fmt: skip


def _unit(normal: Any) -> Floats:
    found = np.asarray(normal, dtype=np.float64)
    length = float(np.linalg.norm(found))
    return found / length if length > 0 else np.array([0.0, 0.0, 1.0])
