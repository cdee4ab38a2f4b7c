"""Who draws the pictures of a page and says where things are in them: a scene, or pictures drawn elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.usecases.health import health
from app.usecases.sheets.places import boxes_of
from app.usecases.timeline.moment import data_for, pictured_at_moment
from app.usecases.views.pictures import Pictures
from app.usecases.views.snapshots import state_of
from models.project.selection import ObjectKey
from models.views.snapshot_spec import SnapshotSpec

if TYPE_CHECKING:
    from app.session import Session
    from viewers.legend import Legend

Boxes = dict[ObjectKey, NDArray[np.float64]]
#: Gives the pixels of a picture.
Draw: TypeAlias = "Callable[[SnapshotSpec], Any]"


class Drawing(Protocol):
    """Draws pictures, and knows what is in them."""

    def picture(self, spec: SnapshotSpec) -> NDArray[np.uint8]:
        """Return the pixels of a picture, (h, w, 3)."""

    def legend(self, spec: SnapshotSpec) -> Legend:
        """Return the legend of exactly this picture."""

    def boxes(self, spec: SnapshotSpec, keys: Iterable[ObjectKey]) -> Boxes:
        """Return the world boxes (2, 3) of objects in a picture, without those that are not there."""

    def turned(
        self, spec: SnapshotSpec, keys: tuple[ObjectKey, ...], bearing_deg: float, pitch_deg: float
    ) -> SnapshotSpec | None:
        """Return a picture turned so that objects are seen; None where that cannot be said here."""


class FromScene:
    """Pictures of a scene that is there."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self.picture, self.legend = pictures.picture, pictures.legend

    def boxes(self, spec: SnapshotSpec, keys: Iterable[ObjectKey]) -> Boxes:
        """Return boxes of what is drawn."""
        keys = tuple(keys)
        if not keys:
            return {}
        scene, _ = self._pictures.scene_for(spec)
        found = ((key, scene.box_of((key,))) for key in keys)
        return {key: box for key, box in found if box is not None and np.isfinite(box).all()}

    def turned(
        self, spec: SnapshotSpec, keys: tuple[ObjectKey, ...], bearing_deg: float, pitch_deg: float
    ) -> SnapshotSpec | None:
        """Return a picture from where the objects are seen."""
        found = self._pictures.framed(spec, keys, bearing_deg=bearing_deg, pitch_deg=pitch_deg).spec
        return None if found.camera == spec.camera else found


class FromTables:
    """Pictures that somebody else draws, of what the tables of the project say; no scene is needed."""

    def __init__(self, session: Session, draw: Draw) -> None:
        self._session = session
        self.picture = draw

    def legend(self, spec: SnapshotSpec) -> Legend:
        """Return the legend of exactly this picture."""
        from viewers.render.symbology.theming import pictured

        session, state = self._session, state_of(self._session, spec)
        picture = pictured(
            state, data_for(session, state, spec.moment), spec.theme, health.all_kept(session), spec.lang,
            health.old_codes(session), spec.dark,
        )  # fmt: skip
        return pictured_at_moment(session, picture, spec.moment, spec.lang, state).legend

    def boxes(self, spec: SnapshotSpec, keys: Iterable[ObjectKey]) -> Boxes:
        """Return boxes by the tables."""
        return boxes_of(self._session, tuple(keys))

    def turned(
        self, spec: SnapshotSpec, keys: tuple[ObjectKey, ...], bearing_deg: float, pitch_deg: float
    ) -> SnapshotSpec | None:
        """Nobody can say here what stands between."""
        return None


def drawing_of(session: Session, draw: Pictures | Draw | Drawing | None = None) -> Drawing:
    """Return who draws: the scene of ``draw``, or a function that gives pixels."""
    if isinstance(draw, Pictures):
        return FromScene(draw)
    if isinstance(draw, (FromScene, FromTables)):
        return draw
    return FromTables(session, draw if callable(draw) else _nothing)


def _nothing(spec: SnapshotSpec) -> NDArray[np.uint8]:
    return np.zeros((2, 2, 3), dtype=np.uint8)
