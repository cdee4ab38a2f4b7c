"""Scale-dependent visibility of layers and their labels.

A layer that has a :class:`~models.style.kinds.ScaleRange` is left out where the map scale in the middle of the
picture lies outside it. Only visibility is switched while the eye moves; nothing is made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from models.style.kinds import ScaleRange
from viewers.render.geometry.frame_size import seen_height

if TYPE_CHECKING:
    from viewers.render.drawing.drawn_layer import DrawnLayer
    from viewers.render.overlays.labels import LabelLayer

#: Metres of a pixel of a common screen (96 dots an inch), by which a map scale is reckoned.
PIXEL_M = 0.0254 / 96


class ScaleVisibility:
    """Scale ranges of the layers of one scene.

    Parameters
    ----------
    renderer : vtkRenderer
    layers : mapping of str to DrawnLayer
        Those of the scene, followed as they change.
    labels : LabelLayer
    """

    def __init__(self, renderer: Any, layers: Mapping[str, DrawnLayer], labels: LabelLayer) -> None:
        self._renderer, self._layers, self._labels = renderer, layers, labels
        self._ranges: dict[str, ScaleRange] = {}
        self._out: set[str] = set()

    @property
    def out(self) -> frozenset[str]:
        """Return the ids of what was out of its range when the picture was drawn last."""
        return frozenset(self._out)

    def set_range(self, layer_id: str, wanted: ScaleRange | None) -> bool:
        """Say at which scales a layer is seen; whether that is new."""
        if self._ranges.get(layer_id) == wanted:
            return False
        if wanted is None:
            self._ranges.pop(layer_id)
        else:
            self._ranges[layer_id] = wanted
        return True

    def follow(self) -> None:
        """Find out what is in range, and bring back what has come into it; to be called first before a frame."""
        if not self._ranges and not self._out:
            return
        scale = denominator(self._renderer)
        out = {layer_id for layer_id, wanted in self._ranges.items() if not wanted.holds(scale)}
        for layer_id in out ^ self._out:
            shown = self._layers.get(layer_id)
            if shown is not None:
                back = shown.visible and layer_id not in out
                if back:
                    shown.show(True)
                self._labels.set_visible(layer_id, back)
        for layer_id in out | self._out:
            if (shown := self._layers.get(layer_id)) is not None:
                shown.out_of_scale = layer_id in out
        self._out = out

    def hide(self) -> None:
        """Leave out what is not in range; to be called last before a frame, for others show things again."""
        for layer_id in self._out:
            shown = self._layers.get(layer_id)
            for one in shown.drawn if shown is not None else ():
                one.show(False)

    def is_out(self, layer_id: str) -> bool:
        """Whether a layer is left out at the scale of the last frame."""
        return layer_id in self._out


def denominator(renderer: Any) -> float:
    """Return the denominator of the map scale in the middle of a picture."""
    camera = renderer.GetActiveCamera()
    height = max(seen_height(renderer), 1.0)
    if camera.GetParallelProjection():
        metres = 2 * camera.GetParallelScale()
    else:
        metres = 2 * camera.GetDistance() * np.tan(np.radians(camera.GetViewAngle() / 2))
    return float(metres / height / PIXEL_M)
