"""The views of a page: what each shows, from where, coloured by what."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from app.usecases.sheets.subjects import result_of, unit_of
from app.usecases.views.snapshots import make_spec
from models.core.errors import UserError
from models.sheets.spec import Item, SheetSpec
from models.sheets.templates import template
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.session import Session

#: Pixels of the sides of a picture: no less than makes a picture, no more than can be drawn.
LEAST_PX, MOST_PX = 320, 16384
#: Scales of plans, 1 to so many.
SCALES = tuple(int(step * 10**power) for power in range(2, 7) for step in (1, 2, 2.5, 5))
#: From where a view looks: bearing and pitch, degrees.
DIRECTIONS = {"oblique": (28.0, -42.0), "opposite": (208.0, -42.0), "plan": (0.0, -90.0)}
#: Heights that are taken for what stands on the ground where nobody asks the houses, metres.
_ABOVE_M = 30.0


def view_of(session: Session, sheet: SheetSpec, item: Item) -> SnapshotSpec:
    """Return the specification of a picture on a page, in the pixels that its box has at the sheet's resolution."""
    size = pixels_of(sheet, item)
    if item.view is not None:
        return replace(
            item.view, width_px=size[0], height_px=size[1], furniture=False, title="", lang=sheet.lang,
            dark=sheet.dark, dpi=sheet.dpi, callout=None,
        )  # fmt: skip
    camera = _camera(session, sheet, item, size)
    unit = unit_of(session, sheet.subject)
    selected = (*((unit.key,) if unit is not None else ()), *sheet.subject.objects)
    spec = make_spec(
        session, camera, size=size, theme=_theme(session, sheet), furniture=False, dark=sheet.dark, dpi=sheet.dpi,
        selected=selected,
    )  # fmt: skip
    return replace(spec, date="", lang=sheet.lang)


def pixels_of(sheet: SheetSpec, item: Item) -> tuple[int, int]:
    """Return the pixels of a picture: its box at the sheet's resolution, as far as such a picture can be drawn."""
    wide, tall = (side / 25.4 * sheet.dpi for side in item.box[2:])
    if min(wide, tall) <= 0:
        raise UserError("sheet.bad_box", item=item.id)
    grow = max(LEAST_PX / min(wide, tall), 1.0)
    grow *= min(MOST_PX / (max(wide, tall) * grow), 1.0)
    width, height = (min(max(round(side * grow), LEAST_PX), MOST_PX) for side in (wide, tall))
    return width, height


def _theme(session: Session, sheet: SheetSpec) -> Theme:
    wanted = template(sheet.template).theme
    result = result_of(session, sheet.subject)
    if wanted in ("indicator", "problems") and result is not None:
        focus = "problems" if wanted == "problems" else "estates" if sheet.subject.kind == "community" else ""
        return Theme("indicator", result.code, focus if focus != "estates" or result.estates else "")
    if wanted in ("plain", "facilities"):
        return Theme(wanted)
    return session.project.state.theme if not wanted else Theme()


def _camera(session: Session, sheet: SheetSpec, item: Item, size: tuple[int, int]) -> Camera:
    from viewers.render.scene.camera import looking_at

    frame = session.project.state.frame
    if frame is None:
        raise UserError("picture.nothing")
    box = bounds_of(session, sheet)
    bearing, pitch = DIRECTIONS.get(item.source, DIRECTIONS["oblique"])
    aspect = size[0] / size[1]
    camera = looking_at(box, frame, aspect=aspect, bearing_deg=bearing, pitch_deg=pitch, fill=1.12)
    if pitch > -89:
        return camera
    wide, tall = (float(side) for side in (box[1] - box[0])[:2])
    metres_a_mm = max(tall / item.box[3], wide / item.box[2], 1e-3) * 1.06
    scale = next((one for one in SCALES if one >= metres_a_mm * 1000), math.ceil(metres_a_mm * 1000))
    return replace(camera, parallel_scale_m=scale / 1000 * item.box[3] / 2)


def bounds_of(session: Session, sheet: SheetSpec) -> NDArray[np.float64]:
    """Return the local box (2, 3) of what a page is about."""
    import numpy as np

    from app.usecases.views.snapshots import local_box

    unit = unit_of(session, sheet.subject)
    frame, whole = local_box(session, () if unit is None else ("buildings",))
    if unit is None:
        return whole
    x0, y0, x1, y1 = unit.shape.bounds
    corners = frame.to_local(np.array([[x0, y0, 0.0], [x1, y1, 0.0]]))
    corners[:, 2] = float(whole[0, 2]), min(float(whole[0, 2]) + _ABOVE_M, float(whole[1, 2]))
    return corners
