"""Updates before each frame: clipping range, line widths, small details left out, and the surrounding plain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.roles import role_row
from models.views.visibility import GroundTransparency
from viewers.render.drawing.drawn_layer import DrawnLayer
from viewers.render.geometry.actors import shade
from viewers.render.geometry.frame_size import density, seen_height
from viewers.render.geometry.parts import CloudPart, LinePart, MeshPart
from viewers.render.geometry.vtk_arrays import polydata
from viewers.render.layers.buildings import SKIRT_M
from viewers.render.overlays.labels import DESIGN_PX
from viewers.render.palette.context import material_colours
from viewers.render.palette.lighting import appearance, rgb
from viewers.render.palette.pipe_shading import follow

#: Size of the far form of a sign, pixels.
DOT_PX = 7.0

#: How far the ground goes on around the city, metres.
APRON_M = 40_000.0

#: Glyphs that would be lower than this many pixels are left out.
LEAST_PX = 2.0
#: Lane lines and the like that would be narrower than this are left out.
LEAST_DETAIL_PX = 0.3
#: Elements of models that would all be smaller than this, by quality.
LEAST_ELEMENT_PX = {"moving": 3.0, "still": 1.5, "picture": 0.75}
#: So many triangles are drawn in full even while the eye moves.
MOVING_FACES = 250_000


def set_widths(layers: Iterable[DrawnLayer], renderer: Any) -> None:
    """Keep lines and dots as wide as they were meant: a dense frame halves them, a tall one thins them."""
    factor = width_factor(renderer)
    for shown in layers:
        if shown.widths != factor:
            shown.widths = factor
            for one in shown.drawn:
                if one.dot:
                    size = one.part.size_px if isinstance(one.part, CloudPart) else DOT_PX
                    one.actor.GetProperty().SetPointSize(size * factor)
                elif isinstance(one.part, LinePart):
                    one.actor.GetProperty().SetLineWidth(one.part.width_px * factor)


def follow_pipes(layers: Iterable[DrawnLayer], renderer: Any) -> None:
    """Tell what keeps a least width on the screen, pipes and the arrows along them, how wide a pixel is."""
    view = renderer.GetActiveCamera()
    parallel = bool(view.GetParallelProjection())
    half = view.GetParallelScale() if parallel else np.tan(np.radians(view.GetViewAngle() / 2))
    pixel_m = float(2 * half / max(seen_height(renderer), 1.0))
    for shown in layers:
        if shown.visible:
            for one in shown.drawn:
                part = one.part
                if isinstance(part, MeshPart) and (part.pipe is not None or part.arrow is not None):
                    follow(one.actor, pixel_m, parallel)


def width_factor(renderer: Any) -> float:
    """Return by what the width of a line is multiplied: a dense frame halves it, a tall one thins it."""
    return density(renderer) * max(1.0, seen_height(renderer) / DESIGN_PX)


def leave_out_small(layers: Iterable[DrawnLayer], renderer: Any, quality: str) -> None:
    """Hide chunks of things that would be smaller than a pixel or so: manhole covers seen from a kilometre."""
    view = renderer.GetActiveCamera()
    height = seen_height(renderer)
    eye = np.asarray(view.GetPosition())
    tangent = np.tan(np.radians(view.GetViewAngle() / 2))
    least = LEAST_DETAIL_PX / (2.0 if quality == "picture" else 1.0)
    least_element = LEAST_ELEMENT_PX[quality]
    for shown in layers:
        if not shown.visible:
            continue
        away = np.maximum(np.linalg.norm(shown.centres - eye, axis=1) - shown.radii, 1.0)
        half = view.GetParallelScale() if view.GetParallelProjection() else away * tangent
        pixels = shown.sizes * height / (2 * half)
        for (one, _), size_px in zip(shown.small, pixels.tolist(), strict=True):
            element = isinstance(one.part, MeshPart) and one.part.elements is not None
            seen = size_px > (least_element if element else LEAST_PX if one.glyph else least)
            one.show(seen)
            for extra in one.extras:
                extra.show(seen)
            if one.glyph:
                one.come_near(size_px > one.full_px)


def swap_stand_ins(layers: Iterable[DrawnLayer], quality: str) -> None:
    """While the camera moves draw stand-ins of few triangles in place of very many; to be called last."""
    pairs = [one for shown in layers if shown.visible for one in shown.bases if one.paired or one.stand_in]
    faces = sum(one.count for base in pairs if base.paired for one in (base, *base.extras))
    coarse = quality == "moving" and faces > MOVING_FACES
    for base in pairs:
        wanted = base.stand_in == coarse
        for one in (base, *base.extras):
            one.swapped = base.paired and not wanted
            if not wanted:
                one.show(False)
            elif not base.is_detail:  # those were looked at already
                one.show(True)


def set_depth_range(renderer: Any, box: NDArray[np.float64] | None, size: float) -> None:
    """Keep near as far as the city allows: the depth buffer's steps grow with far²/near."""
    view = renderer.GetActiveCamera()
    eye = np.asarray(view.GetPosition())
    if view.GetParallelProjection():
        # No deeper than what is seen: a draped thing is drawn nearer by a share of this range (see appearance()).
        forward = np.asarray(view.GetDirectionOfProjection())
        low = box if box is not None else np.zeros((2, 3))
        tilt = abs(forward[2]) / max(float(np.hypot(forward[0], forward[1])), 1e-6)
        middle = view.GetDistance() if tilt < 0.05 else float((low[:, 2].mean() - eye[2]) / forward[2])
        reach = min(
            1.2 * view.GetParallelScale() / max(tilt, 1e-3) + float(low[1, 2] - low[0, 2]) + 50.0, size + APRON_M
        )
        view.SetClippingRange(middle - reach, middle + reach)
        return
    if box is None:
        renderer.ResetCameraClippingRange()
        return
    outside = np.maximum(np.maximum(box[0] - eye, eye - box[1]), 0.0)
    gap = float(np.linalg.norm(outside))
    above = max(float(eye[2] - box[0][2]), 0.0)
    near = max(0.5 * gap, min(0.02 * above, 4.0), 0.4)
    view.SetClippingRange(near, max(near * 100.0, APRON_M + 3.0 * size + gap))


def surrounding_plain(
    layers: Iterable[DrawnLayer],
    box: NDArray[np.float64] | None,
    look: Any,
    holes: Any,
    through: GroundTransparency | None,
) -> Any:
    """Return a plain under a city that has no terrain, so that it does not hang in the sky; None where it has one."""
    shown = [s for s in layers if s.visible and not s.layer.id.startswith("~")]
    if box is None or any(s.layer.kind == "terrain" for s in shown):
        return None
    levels = [
        s.prepared.bounds[0, 2] + (SKIRT_M if s.layer.role == "buildings" else 0.0)
        for s in shown if role_row(s.layer.role).on_ground
    ]  # fmt: skip
    # Without a terrain there is nothing to lift off the pipes: the plain goes under them, unless it is looked through.
    if through is None and holes is None:
        levels += [s.prepared.bounds[0, 2] for s in shown if s.layer.role == "pipes"]
    ground = float(min(levels)) if levels else float(box[0, 2])
    actor = apron(box, ground - 0.1, look, holes)
    actor.GetProperty().SetOpacity(1.0 if through is None else through.ground)
    return actor


def apron(box: NDArray[np.float64], height_m: float, current: Any, holes: Any = None) -> Any:
    """Return a wide plain around a local box, without ``holes`` (a shape in plan)."""
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    x, y = box.mean(axis=0)[:2]
    r = APRON_M + 4.0 * float(np.ptp(box, axis=0)[:2].max())
    corners = np.array([[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]])
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    if holes is not None:
        import shapely

        pieces = shapely.constrained_delaunay_triangles(shapely.difference(shapely.Polygon(corners), holes))
        corners = shapely.get_coordinates(shapely.get_parts(pieces)).reshape(-1, 4, 2)[:, :3].reshape(-1, 2)
        faces = np.arange(len(corners)).reshape(-1, 3)
    data = polydata(np.column_stack([corners, np.full(len(corners), height_m)]), faces)
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    mapper.ScalarVisibilityOff()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*rgb(material_colours()["ground"]))
    shade(actor, current)
    appearance(actor)
    actor.PickableOff()
    actor.UseBoundsOff()
    return actor
