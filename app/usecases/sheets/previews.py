"""What the items of a page look like while it is edited: painted one by one by the code that prints them.

The 3D pictures are drawn by a child process in a low resolution and kept until what they show changes; meanwhile the
last one stands there, or none.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from app.usecases.sheets.framing import LEAST_PX
from app.usecases.sheets.pages import page_of
from app.usecases.sheets.writing import CHILD
from app.usecases.views.drawing_apart import Drawer, Handover
from models.core.progress import Progress
from models.sheets.spec import SheetSpec
from models.store.rows.snapshot_json import as_json
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage

    from app.session import Session

#: Specifications and their pixels.
Drawn: TypeAlias = "list[tuple[SnapshotSpec, NDArray[np.uint8]]]"
#: Dots an inch of a picture that is only looked at, and the most pixels of its longer side.
PREVIEW_DPI, MOST_PX = 110, 1500
#: Pictures that are kept.
MOST_KEPT = 24


@dataclass(frozen=True, slots=True)
class Preview:
    """A page as it is shown while it is edited.

    Parameters
    ----------
    images : mapping of str to QImage
        By item; those with nothing to show have none.
    misfits : mapping of str to str
        Word key of what is wrong with an item.
    wanted : tuple of SnapshotSpec
        Pictures that are still to be drawn, or drawn again.
    """

    images: Mapping[str, QImage]
    misfits: Mapping[str, str]
    wanted: tuple[SnapshotSpec, ...]


class PictureStore:
    """Pictures of views, kept by what they show.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[str, tuple[object, NDArray[np.uint8]]] = {}

    def put(self, spec: SnapshotSpec, pixels: NDArray[np.uint8], *, rough: bool = False) -> None:
        """Keep a picture; a rough one stands in until it is drawn."""
        self._kept[_name_of(spec)] = (None if rough else self._shown(), pixels)
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def find(self, spec: SnapshotSpec) -> tuple[NDArray[np.uint8] | None, bool]:
        """Return the picture that is there, and whether it shows what is in the project now."""
        kept = self._kept.get(_name_of(spec))
        if kept is None:
            return self._like(spec), False
        return kept[1], kept[0] == self._shown()

    def _like(self, spec: SnapshotSpec) -> NDArray[np.uint8] | None:
        """Return a picture from the same place in another shape: better than none while the right one is drawn."""
        camera = json.dumps(as_json(spec)["camera"])
        return next((pixels for name, (_, pixels) in reversed(self._kept.items()) if camera in name), None)

    def _shown(self) -> object:
        state = self._session.project.state
        return state.layers, state.theme, state.edits, state.notes, state.pits


def small(spec: SnapshotSpec) -> SnapshotSpec:
    """Return the specification of a picture that is only looked at."""
    dots = spec.dpi or 300
    share = min(PREVIEW_DPI / dots, MOST_PX / max(spec.width_px, spec.height_px), 1.0)
    share = max(share, LEAST_PX / min(spec.width_px, spec.height_px))
    width, height = round(spec.width_px * share), round(spec.height_px * share)
    return replace(spec, width_px=width, height_px=height, dpi=0, furniture=False, project="", date="")


def preview(session: Session, sheet: SheetSpec, store: PictureStore, px_a_mm: float) -> Callable[[Progress], Preview]:
    """Return work that paints the items of a page as large as they are looked at."""

    def work(_: Progress) -> Preview:
        import numpy as np

        from viewers.sheets.pages.pieces import is_misfit, piece_image

        wanted: list[SnapshotSpec] = []
        missing: set[int] = set()

        def draw(spec: SnapshotSpec) -> Any:
            spec = small(spec)
            pixels, is_true = store.find(spec)
            if not is_true:
                wanted.append(spec)
            if pixels is None:
                pixels = np.full((2, 2, 3), 238 if not sheet.dark else 42, dtype=np.uint8)
                missing.add(id(pixels))
            return pixels

        page = page_of(session, replace(sheet, dpi=PREVIEW_DPI), draw)
        images, misfits = {}, {}
        for piece in page.pieces:
            if id(getattr(piece.content, "pixels", None)) in missing:
                continue
            images[piece.id] = piece_image(page, piece, px_a_mm)
            if is_misfit(page, piece):
                misfits[piece.id] = "sheets.warn.too_long"
        seen = {piece.id for piece in page.pieces}
        for item in sheet.items:
            if item.id not in seen and not item.hidden:
                misfits[item.id] = "sheets.warn.empty"
        return Preview(images, misfits, tuple(wanted))

    return work


def draw_wanted(session: Session, wanted: Sequence[SnapshotSpec], *, fine: bool = False) -> Callable[[Progress], Drawn]:
    """Return work that has pictures drawn by a child process: (specification, pixels) of each.

    Parameters
    ----------
    session : Session
    wanted : sequence of SnapshotSpec
    fine : bool
        Whether they have the soft shade in corners that pictures which are kept have.
    """
    given, lang = Handover(session), session.lang

    def work(progress: Progress) -> Drawn:
        import numpy as np
        from PIL import Image

        folder = Path(tempfile.mkdtemp(prefix="chengjing_"))
        outs = [folder / f"{at}.png" for at in range(len(wanted))]
        wishes = [{"spec": as_json(spec), "out": str(out)} for spec, out in zip(wanted, outs, strict=True)]
        drawn = []
        try:
            given.hand(Drawer(CHILD), {"lang": lang, "pictures": wishes, "fine": fine}, folder, progress)
            for spec, out in zip(wanted, outs, strict=True):
                with Image.open(out) as image:
                    drawn.append((spec, np.asarray(image.convert("RGB"))))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return drawn

    return work


def _name_of(spec: SnapshotSpec) -> str:
    return json.dumps(as_json(spec), sort_keys=True)


def page_picture(
    session: Session, sheet: SheetSpec, store: PictureStore, width_px: int
) -> Callable[[Progress], tuple[QImage, tuple[SnapshotSpec, ...]]]:
    """Return work that paints a whole page small: its picture, and pictures of views that it still lacks."""

    def work(_: Progress) -> tuple[QImage, tuple[SnapshotSpec, ...]]:
        import numpy as np
        from PySide6.QtGui import QImage, QPainter

        from viewers.sheets.pages.painting import paint_page

        wanted: list[SnapshotSpec] = []

        def draw(spec: SnapshotSpec) -> Any:
            spec = small(spec)
            pixels, is_true = store.find(spec)
            if not is_true:
                wanted.append(spec)
            return np.full((2, 2, 3), 238, dtype=np.uint8) if pixels is None else pixels

        page = page_of(session, replace(sheet, dpi=PREVIEW_DPI), draw)
        image = QImage(
            width_px, max(round(width_px * page.size_mm[1] / page.size_mm[0]), 1), QImage.Format.Format_RGB32
        )
        painter = QPainter(image)
        try:
            paint_page(painter, page)
        finally:
            painter.end()
        return image, tuple(wanted)

    return work
