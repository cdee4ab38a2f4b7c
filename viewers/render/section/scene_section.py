"""The section of a scene: which planes clip which actors, and the filled cut faces.

Invariants
----------
1. Filled faces belong to one state of cut, looks, colours and layers: every change makes a new ``stamp``, and faces
   that were made for another are dropped.
2. Making them is pure arithmetic and may run on a worker thread; only taking them over touches the renderer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from models.crs.frame import Frame
from models.views.visibility import Cut
from viewers.render.drawing.drawn_layer import DrawnLayer
from viewers.render.geometry.actors import Drawn, draw
from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import Body
from viewers.render.palette.lighting import Look
from viewers.render.section.clip_planes import Cutter, Floats, uncut
from viewers.render.section.cut_faces import caps

#: What :meth:`Sections.work` makes: its stamp, and (layer id, number of the plane, actor).
Made = tuple[int, list[tuple[str, int, Drawn]]]


class Sections:
    """The section planes of a scene."""

    def __init__(self) -> None:
        self.cutter: Cutter | None = None
        self._stamp, self._made = 0, -1

    def set(self, cut: Cut | None, frame: Frame, bounds: Floats | None) -> None:
        """Cut elsewhere, or nowhere."""
        bare = cut is None or (not cut.planes and cut.box is None)
        self.cutter = None if cut is None or bare else Cutter(cut, frame, bounds)
        self.stale()

    def stale(self) -> None:
        """Remember that filled faces are no longer as they should be."""
        self._stamp += 1

    @property
    def due(self) -> bool:
        """Whether cut faces are to be filled and are not, or no longer as they should be."""
        cutter = self.cutter
        return cutter is not None and cutter.cut.caps and bool(cutter.planes) and self._made != self._stamp

    def planes_of(self, kind: str, cap_of: int = -1) -> tuple[LocalPlane, ...]:
        """Return the planes that cut layers of a kind; a filled face is not cut by its own plane."""
        if self.cutter is None or not self.cutter.cuts(kind):
            return ()
        return tuple(plane for number, plane in enumerate(self.cutter.planes) if number != cap_of)

    def trim(self, actor: Any, kind: str, cap_of: int = -1) -> None:
        """Cut an actor of a layer of this kind; a filled face is not cut by its own plane."""
        if self.cutter is not None and self.cutter.cuts(kind):
            self.cutter.apply(actor, cap_of)
        else:
            uncut(actor)

    def work(self, layers: Iterable[DrawnLayer], look: Look) -> Callable[[], Made]:
        """Return a function for a worker thread that makes what :meth:`take` takes."""
        stamp, cutter = self._stamp, self.cutter
        planes = [] if cutter is None or not self.due else cutter.planes
        bodies: dict[str, list[Body]] = {
            shown.layer.id: shown.bodies() for shown in layers
            if shown.visible and self.planes_of(shown.layer.kind)
        }  # fmt: skip

        def made() -> Made:
            found: list[tuple[str, int, Drawn]] = []
            for layer_id, solid in bodies.items():
                for number in range(len(planes) if solid else 0):
                    part = caps(solid, planes, number)
                    found += [] if part is None else [(layer_id, number, one) for one in draw(part, look)]
            return stamp, found

        return made

    def take(self, made: Made, layers: Mapping[str, DrawnLayer]) -> bool:
        """Give the layers their filled faces; False if they are those of another state."""
        stamp, found = made
        if stamp != self._stamp:
            return False
        self._made = stamp
        for shown in layers.values():
            shown.caps = []
        for layer_id, number, one in found:
            one.cap_of = number
            layers[layer_id].caps.append(one)
        return True
