"""The views of a page: what each shows, from where, coloured by what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.usecases.sheets.drawing import Draw, Drawing, drawing_of
from app.usecases.sheets.subjects import result_of, unit_of, units_of
from app.usecases.views.snapshots import local_box, make_spec
from models.core.errors import UserError
from models.sheets.spec import Item, SheetSpec
from models.sheets.templates import letters, template
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import NUMBERS, SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session
    from app.usecases.views.pictures import Pictures

#: So many objects are looked for when a view is turned to them.
MOST_LOOKED_AT = 60
INCH_MM = 25.4
#: Millimetres on A3 of a pixel that is seen: letters of 15 such pixels are as high as the page's own.
SEEN_MM = 0.2
#: Pixels of the sides of a picture: no less than makes a picture, no more than can be drawn.
LEAST_PX, MOST_PX = 320, 16384
#: Scales of plans, 1 to so many.
SCALES = tuple(int(step * 10**power) for power in range(2, 7) for step in (1, 2, 2.5, 5))
#: From where a view looks: bearing and pitch, degrees.
DIRECTIONS = {"oblique": (28.0, -42.0), "opposite": (208.0, -38.0), "closer": (28.0, -38.0), "plan": (0.0, -90.0),
              "around": (0.0, -90.0)}  # fmt: skip
#: Views that show the years of a comparison, and what of an indicator they show.
FOCUS = {"before": "before", "after": "", "curtain": "before", "change": "change"}
#: Heights that are taken for what stands on the ground where nobody asks the houses, metres.
_ABOVE_M = 30.0
#: Least width of what is shown of small objects, metres, near by and with their surroundings.
_NEAR_M, _AROUND_M = 60.0, 320.0


def views_of(
    session: Session, sheet: SheetSpec, draw: Pictures | Draw | Drawing | None = None
) -> dict[str, SnapshotSpec]:
    """Return the pictures of a page by the ids of their items; see :func:`view_of`."""
    drawing = drawing_of(session, draw)
    return {
        item.id: view_of(session, sheet, item, drawing)
        for item in sheet.items
        if item.kind == "view" and not item.hidden
    }


def view_of(
    session: Session, sheet: SheetSpec, item: Item, draw: Pictures | Draw | Drawing | None = None
) -> SnapshotSpec:
    """Return the specification of a picture on a page, in the pixels that its box has at the sheet's resolution.

    Parameters
    ----------
    session : Session
    sheet : SheetSpec
    item : Item
        Its own view where it has one, turned to this page's size and language; else the subject of the page is framed.
    draw : Pictures, callable or Drawing
        Asked where things stand, and from where they are seen; without a scene objects are looked at from the usual
        side, whatever stands between.
    """
    drawing = drawing_of(session, draw)
    size = pixels_of(sheet, item)
    if item.view is not None:
        return replace(
            item.view, project=str(session.project.path or ""), width_px=size[0], height_px=size[1], furniture=False,
            title="", date="", lang=sheet.lang, dark=sheet.dark, dpi=sheet.dpi, callout=None, density=density_of(sheet),
        )  # fmt: skip
    subject = sheet.subject
    unit = unit_of(session, subject)
    selected = (*((unit.key,) if unit is not None else ()), *subject.objects)
    nowhere = Camera((0.0, 0.0, 1.0), (0.0, 0.0, 0.0))
    spec = make_spec(
        session, nowhere, size=size, theme=theme_of(session, sheet, item), furniture=False, dark=sheet.dark,
        dpi=sheet.dpi, selected=selected, without=(NUMBERS,) if subject.objects else (),
    )  # fmt: skip
    seen_layers = {key.layer for key in subject.objects}
    spec = replace(
        spec,
        date="",
        lang=sheet.lang,
        density=density_of(sheet),
        hidden=tuple(one for one in spec.hidden if one not in seen_layers),
    )
    if item.source == "closer" and subject.objects:
        bearing, pitch = DIRECTIONS[item.source]
        found = drawing.turned(spec, subject.objects[:MOST_LOOKED_AT], bearing, -pitch)
        if found is not None:
            return replace(found, camera=_to_scale(found.camera, item))
    boxes = drawing.boxes(spec, subject.objects[:MOST_LOOKED_AT])
    box = bounds_of(session, sheet, tuple(boxes.values()), item.source)
    return replace(spec, camera=_camera(session, box, item, size))


def pixels_of(sheet: SheetSpec, item: Item) -> tuple[int, int]:
    """Return the pixels of a picture: its box at the sheet's resolution, as far as such a picture can be drawn."""
    wide, tall = (side / INCH_MM * sheet.dpi for side in item.box[2:])
    if min(wide, tall) <= 0:
        raise UserError("sheets.bad_box", item=item.id)
    grow = max(LEAST_PX / min(wide, tall), 1.0)
    grow *= min(MOST_PX / (max(wide, tall) * grow), 1.0)
    width, height = (min(max(round(side * grow), LEAST_PX), MOST_PX) for side in (wide, tall))
    return width, height


def density_of(sheet: SheetSpec) -> float:
    """Return how many pixels of a picture on a sheet are one that is seen: :data:`SEEN_MM` of paper."""
    return round(max(sheet.dpi / INCH_MM * SEEN_MM * letters(sheet.paper), 0.5), 3)


def theme_of(session: Session, sheet: SheetSpec, item: Item) -> Theme:
    """Return what colours a view of a page."""
    wanted = template(sheet.template).theme
    result = result_of(session, sheet.subject)
    if wanted in ("indicator", "problems") and result is not None:
        focus = "problems" if wanted == "problems" else FOCUS.get(item.source, "")
        if not focus and sheet.subject.kind == "community" and result.estates:
            focus = "estates"
        return Theme("indicator", result.code, focus)
    if wanted == "facilities":
        return Theme(wanted)
    return session.project.state.theme if not wanted else Theme()


def _camera(session: Session, box: NDArray[np.float64], item: Item, size: tuple[int, int]) -> Camera:
    from viewers.render.scene.camera import looking_at

    frame = session.project.state.frame
    if frame is None:
        raise UserError("picture.nothing")
    bearing, pitch = DIRECTIONS.get(item.source, DIRECTIONS["oblique"])
    camera = looking_at(box, frame, aspect=size[0] / size[1], bearing_deg=bearing, pitch_deg=pitch)
    if pitch > -89:
        return camera
    wide, tall = (float(side) for side in (box[1] - box[0])[:2])
    half_m = max(tall, wide * item.box[3] / item.box[2], 0.1) * 1.04 / 2
    return _to_scale(replace(camera, parallel_scale_m=half_m), item)


def _to_scale(camera: Camera, item: Item) -> Camera:
    """Return a plan at the next smaller round scale on its page; a perspective as it is."""
    if camera.parallel_scale_m is None:
        return camera
    least = 2 * camera.parallel_scale_m / item.box[3] * 1000
    scale = next((one for one in SCALES if one >= least * (1 - 1e-9)), math.ceil(least))
    return replace(camera, parallel_scale_m=scale / 1000 * item.box[3] / 2)


def bounds_of(
    session: Session, sheet: SheetSpec, boxes: Sequence[NDArray[np.float64]] = (), source: str = ""
) -> NDArray[np.float64]:
    """Return the local box (2, 3) of what a view shows: the objects of the page, its unit, else the city.

    Parameters
    ----------
    session : Session
    sheet : SheetSpec
    boxes : sequence of ndarray (2, 3)
        Of the objects, world coordinates.
    source : str
        Of the item: with ``"around"`` more of the surroundings.
    """
    import numpy as np

    frame, whole = local_box(session)
    unit = unit_of(session, sheet.subject)
    if len(boxes) and sheet.subject.kind not in ("city", "district", "community"):
        points = frame.to_local(np.concatenate(boxes))
        box = np.stack([points.min(axis=0), points.max(axis=0)])
        least = _AROUND_M if source == "around" else _NEAR_M
        grow = np.maximum((least - (box[1] - box[0])) / 2, 0.0)
        grow[2] = 0.0
        return np.stack([box[0] - grow, box[1] + grow])
    if unit is None:
        return _city_box(session, whole)
    x0, y0, x1, y1 = unit.shape.bounds
    corners = frame.to_local(np.array([[x0, y0, 0.0], [x1, y1, 0.0]]))
    corners[:, 2] = float(whole[0, 2]), min(float(whole[0, 2]) + _ABOVE_M, float(whole[1, 2]))
    return corners


def _city_box(session: Session, whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the box of the city: of its units where there are some, so that no land around makes it small."""
    import numpy as np

    units = units_of(session, "district")
    frame = session.project.state.frame
    if not units or frame is None:
        return whole
    shapes = np.array([unit.shape.bounds for unit in units])
    low, high = shapes.min(axis=0)[:2], shapes.max(axis=0)[2:]
    corners = frame.to_local(np.array([[*low, 0.0], [*high, 0.0]]))
    corners[:, 2] = float(whole[0, 2]), min(float(whole[0, 2]) + _ABOVE_M, float(whole[1, 2]))
    return corners
