"""The maps of the report: the city straight from above, coloured by each indicator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from models.core.errors import UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.session import Session
    from models.views.camera import Camera

#: Pixels of a map.
SIZE_PX = (1180, 720)
#: What is shown of the surroundings: the picture is so many times as high as the sub-districts.
MARGIN = 1.08
#: JPEG quality of a map.
QUALITY = 88


def maps_of(session: Session, codes: Iterable[str], lang: str, progress: Progress) -> dict[str, bytes]:
    """Return a map for each indicator that has values by sub-district, as JPEG.

    Parameters
    ----------
    session : Session
    codes : iterable of str
    lang : str
        Of the legends.
    progress : Progress

    Notes
    -----
    For the thread that owns VTK.
    """
    from app.usecases.health.health import all_kept
    from app.usecases.views.pictures import Pictures
    from app.usecases.views.snapshots import make_spec
    from models.views.scene_state import Theme
    from viewers.documents.report.charts import encoded
    from viewers.sheets.compose import compose

    results = all_kept(session)
    shown = [code for code in codes if any(unit.value is not None for unit in results[code].units)]
    found: dict[str, bytes] = {}
    if not shown:
        return found
    camera = _camera(session)
    with Pictures(session, lang) as pictures:
        for at, code in enumerate(shown):
            progress.step(at / len(shown), "progress.report.maps")
            theme = Theme("indicator", code)
            plain = make_spec(session, camera, size=SIZE_PX, theme=theme, without=("title", "source"), notes=False)
            spec = replace(plain, lang=lang)
            image = compose(
                pictures.picture(spec), spec, session.project.state, pictures.legend(spec), result=results[code]
            )
            found[code] = encoded(image, b"JPG", QUALITY)
    return found


def _camera(session: Session) -> Camera:
    """Return the view straight from above on the sub-districts; on everything where there are none."""
    from app.usecases.views.snapshots import local_box, top_camera
    from viewers.render.scene.camera import looking_at

    try:
        frame, box = local_box(session, ("districts",))
    except UserError:
        return top_camera(session, SIZE_PX)
    width, depth = (float(value) for value in (box[1] - box[0])[:2])
    aspect = SIZE_PX[0] / SIZE_PX[1]
    half_height_m = max(depth, width / aspect, 1.0) / 2 * MARGIN
    return replace(looking_at(box, frame, aspect=aspect, pitch_deg=-90.0), parallel_scale_m=half_height_m)
