"""Sheets over a frame that is on the screen: the picture for the clipboard, and the small one of the picture's dialog.

No city is drawn anew; only the furniture is, on a job thread.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.usecases.health import health
from app.usecases.views.snapshots import LARGEST_PX, SMALLEST_PX, with_theme_layers
from models.core.progress import Progress
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.session import Session


def within_limits(size: tuple[int, int]) -> tuple[int, int]:
    """Return a size in pixels that a sheet may have."""
    width, height = (min(max(side, SMALLEST_PX), LARGEST_PX) for side in size)
    return width, height


def furnished(session: Session, spec: SnapshotSpec, frame: QImage) -> Callable[[Progress], QImage]:
    """Return work that lays a sheet's furniture over a frame of the window, in its size."""
    parts = _parts(session, spec, {})

    def work(_: Progress) -> QImage:
        from viewers.sheets.compose import compose

        shown, legend, result = parts()
        return compose(frame, spec, shown, legend, result=result)

    return work


def sketched(
    session: Session, spec: SnapshotSpec, frame: QImage, width_px: int, kept: dict[Any, Any]
) -> Callable[[Progress], QImage]:
    """Return work that makes a small picture of a sheet out of a frame of the window.

    Parameters
    ----------
    session : Session
    spec : SnapshotSpec
        In its full size.
    frame : QImage
    width_px : int
        Of the small picture.
    kept : dict
        Legends by theme and language, for the next time.
    """
    parts = _parts(session, spec, kept)

    def work(_: Progress) -> QImage:
        from viewers.sheets.compose import sketch

        shown, legend, result = parts()
        return sketch(frame, spec, shown, legend, width_px, result=result)

    return work


def _parts(session: Session, spec: SnapshotSpec, kept: dict[Any, Any]) -> Callable[[], tuple[Any, Any, Any]]:
    """Return what gives the state as shown, the legend and the result of a sheet's theme."""
    state, data = session.project.state, dict(session.project.data)
    results, old = health.all_kept(session), health.old_codes(session)

    def parts() -> tuple[Any, Any, Any]:
        from viewers.render.symbology.theming import pictured

        asked = spec.theme, spec.lang, spec.dark
        if asked not in kept:
            kept[asked] = pictured(state, data, spec.theme, results, spec.lang, old, spec.dark)
        picture = kept[asked]
        result = results.get(spec.theme.indicator) if spec.theme.kind == "indicator" else None
        return with_theme_layers(state, picture.called), picture.legend, result

    return parts
