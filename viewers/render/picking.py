"""What is under a pixel: an object and a point in the world.

The scene is drawn once more with numbers instead of colours (``vtkHardwareSelector``), so that a pick sees exactly what
the eye sees: instanced glyphs, cut-outs and overlaps included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkDataObject, vtkSelectionNode
from vtkmodules.vtkRenderingCore import vtkHardwareSelector

from models.selection import ObjectKey
from models.view import Vector
from viewers.render.actors import Drawn


class Pick(NamedTuple):
    """What was hit.

    Parameters
    ----------
    key : ObjectKey or None
        None on ground without an object.
    world : tuple of float or None
        Point hit, in the project CRS; None in the sky.
    """

    key: ObjectKey | None
    world: Vector | None


def cell_under(renderer: Any, x: int, y: int, radius: int = 2) -> list[tuple[Any, int, int]]:
    """Return (actor, cell or glyph number, pixels) of everything within a few pixels, nearest pixels first.

    Parameters
    ----------
    renderer : vtkRenderer
    x, y : int
        Display pixels from the lower left corner.
    radius : int
        Half the side of the square that is looked at.
    """
    width, height = renderer.GetSize()
    if not (0 <= x < width and 0 <= y < height):
        return []
    chain = renderer.GetPass()
    textured = renderer.GetTexturedBackground()
    renderer.SetPass(None)
    renderer.SetTexturedBackground(False)  # the selector would read the colours of the sky as object numbers
    selector = vtkHardwareSelector()
    selector.SetRenderer(renderer)
    selector.SetFieldAssociation(vtkDataObject.FIELD_ASSOCIATION_CELLS)
    low_x, low_y = max(x - radius, 0), max(y - radius, 0)
    high_x, high_y = min(x + radius, width - 1), min(y + radius, height - 1)
    selector.SetArea(low_x, low_y, high_x, high_y)
    try:
        if not selector.CaptureBuffers():
            return []
        for reach in range(radius + 1):
            selection = selector.GenerateSelection(
                max(x - reach, low_x), max(y - reach, low_y), min(x + reach, high_x), min(y + reach, high_y)
            )
            hits = _hits(selection)
            if hits:
                return hits
        return []
    finally:
        selector.ClearBuffers()
        renderer.SetPass(chain)
        renderer.SetTexturedBackground(textured)


def _hits(selection: Any) -> list[tuple[Any, int, int]]:
    hits: list[tuple[Any, int, int]] = []
    for number in range(selection.GetNumberOfNodes()):
        node = selection.GetNode(number)
        properties = node.GetProperties()
        actor, ids = properties.Get(vtkSelectionNode.PROP()), node.GetSelectionList()
        if actor is not None and ids is not None and ids.GetNumberOfValues():
            hits.append((actor, int(ids.GetValue(0)), int(properties.Get(vtkSelectionNode.PIXEL_COUNT()) or 0)))
    return sorted(hits, key=lambda hit: -hit[2])


def key_of(hits: list[tuple[Any, int, int]], owner: Mapping[Any, tuple[str, Drawn]]) -> ObjectKey | None:
    """Return the object of the first hit that belongs to one."""
    for actor, number, _ in hits:
        layer_id, drawn = owner.get(actor, ("", None))
        if drawn is not None and 0 <= number < len(drawn.oids) and drawn.oids[number] >= 0:
            return ObjectKey(layer_id, int(drawn.oids[number]))
    return None


def point_under(renderer: Any, x: int, y: int) -> NDArray[np.float64] | None:
    """Return the local point that the depth of a pixel stands for, None in the sky."""
    depth = renderer.GetZ(int(x), int(y))
    if depth >= 1.0:
        return None
    renderer.SetDisplayPoint(float(x), float(y), float(depth))
    renderer.DisplayToWorld()
    point = np.asarray(renderer.GetWorldPoint(), dtype=np.float64)
    return point[:3] / point[3] if point[3] else None


def plane_point(renderer: Any, x: int, y: int, height_m: float) -> NDArray[np.float64] | None:
    """Return where the ray through a pixel meets a level plane, None where it never does."""
    ends = []
    for depth in (0.0, 1.0):
        renderer.SetDisplayPoint(float(x), float(y), depth)
        renderer.DisplayToWorld()
        point = np.asarray(renderer.GetWorldPoint(), dtype=np.float64)
        ends.append(point[:3] / point[3])
    near, far = ends
    step = far - near
    if abs(step[2]) < 1e-9:
        return None
    share = (height_m - near[2]) / step[2]
    return near + share * step if 0.0 <= share <= 1.0 else None
