"""Many pictures of the open project from one scene: sheets, the pages of an atlas, a report's figures.

The scene is built with the first picture and stays until what all pictures share changes (layers, styles, data, hour,
language, sun, cut). A picture depends on its specification alone, never on what was drawn before it. All methods are
for the thread that owns VTK.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from app.usecases.health import health
from app.usecases.timeline.moment import data_for, pictured_at_moment
from app.usecases.views.snapshots import make_spec, state_of, with_theme_layers
from models.core.errors import UserError
from models.health.results import IndicatorResult
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.snapshot_spec import NUMBERS, SnapshotSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QImage

    from app.session import Session
    from app.usecases.views.framing import Framed
    from viewers.legend import Legend
    from viewers.render.scene.pictures.picture_scene import Asked, PictureScene

#: Themes that are kept ready: the pages of an atlas have one or a few.
_MOST_THEMES = 6


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What a picture shows: the state with the layers that are seen, and what its theme gives."""

    state: ProjectState
    theme: Any
    result: Any


class Pictures:
    """Draws pictures of what is open in a session; a context manager.

    Parameters
    ----------
    session : Session
    lang : str
        Empty for the session's.
    dark : bool
        Of :meth:`frame`; a specification says its own.
    """

    def __init__(self, session: Session, lang: str = "", dark: bool = False) -> None:
        self._session, self._lang, self._dark = session, lang or session.lang, dark
        self._scene: PictureScene | None = None
        self._built_of: tuple[Any, ...] = ()
        self._state: ProjectState | None = None
        self._results: dict[str, IndicatorResult] = {}
        self._themes: dict[Any, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the scene down; the next picture builds it again."""
        scene, self._scene = self._scene, None
        if scene is not None:
            scene.close()

    def picture(self, spec: SnapshotSpec, *, with_occlusion: bool = True) -> NDArray[np.uint8]:
        """Return a picture without furniture, (h, w, 3) uint8, top row first.

        Parameters
        ----------
        spec : SnapshotSpec
        with_occlusion : bool
            Soft shade in corners, as pictures that are kept have it.

        Raises
        ------
        UserError
            ``picture.nothing`` where nothing is open, ``render.size``, ``render.failed``.
        """
        scene, asked = self._asked(spec)
        return scene.draw(replace(asked, with_occlusion=with_occlusion))

    def ids(self, spec: SnapshotSpec) -> set[ObjectKey]:
        """Return what is really seen in a picture."""
        return set(self.seen(spec))

    def seen(self, spec: SnapshotSpec, keys: Iterable[ObjectKey] | None = None) -> dict[ObjectKey, int]:
        """Return how many pixels of a picture show each object that is seen.

        Parameters
        ----------
        spec : SnapshotSpec
        keys : iterable of ObjectKey or None
            Only these are looked for; None for all.
        """
        scene, asked = self._asked(spec)
        return scene.seen(asked, keys)

    def legend(self, spec: SnapshotSpec) -> Legend:
        """Return the legend of exactly this picture."""
        legend: Legend = self._prepared(spec).theme.legend
        return legend

    def composed(self, spec: SnapshotSpec, *, with_occlusion: bool = True) -> QImage:
        """Return a picture with its furniture; raises as :meth:`picture`."""
        from viewers.sheets.compose import compose

        prepared = self._prepared(spec)
        pixels = self.picture(spec, with_occlusion=with_occlusion)
        return compose(pixels, spec, prepared.state, prepared.theme.legend, result=prepared.result)

    def frame(
        self, keys: Iterable[ObjectKey], size: tuple[int, int] = (1600, 1000), *, spec: SnapshotSpec | None = None
    ) -> Camera:
        """Return the camera of :func:`framed`, in a picture of a size."""
        given = spec or make_spec(self._session, Camera((0.0, 0.0, 1.0), (0.0, 0.0, 0.0)), dark=self._dark)
        return self.framed(replace(given, width_px=size[0], height_px=size[1]), keys).spec.camera

    def framed(self, spec: SnapshotSpec, keys: Iterable[ObjectKey], **how: Any) -> Framed:
        """Return a picture turned to some objects, with what stays hidden in it; see
        :func:`app.usecases.views.framing.framed`.
        """
        from app.usecases.views.framing import framed

        return framed(self, spec, tuple(dict.fromkeys(keys)), **how)

    def scene_for(self, spec: SnapshotSpec) -> tuple[PictureScene, Asked]:
        """Return the scene that a picture is drawn from and what is asked of it, for whoever looks into it."""
        return self._asked(spec)

    def _asked(self, spec: SnapshotSpec) -> tuple[PictureScene, Asked]:
        from viewers.render.scene.pictures.picture_scene import Asked
        from viewers.sheets.compose import covered

        prepared = self._prepared(spec)
        state, theme, size = prepared.state, prepared.theme, (spec.width_px, spec.height_px)
        scene = self._scene_of(state, spec)
        asked = Asked(
            size, frozenset(layer.id for layer in state.layers if layer.visible), spec.camera, theme.colours,
            spec.looks, spec.selected, spec.faded, spec.measures, state.notes if spec.notes else (),
            () if NUMBERS in spec.without else theme.numbers,
            theme.signs, covered(size, spec, state, theme.legend, prepared.result) if spec.furniture else (),
            density=spec.density,
        )  # fmt: skip
        return scene, asked

    def _prepared(self, spec: SnapshotSpec) -> _Prepared:
        from viewers.render.symbology.theming import pictured

        session = self._session
        if not session.project.data:
            raise UserError("picture.nothing")
        before = session.project.state
        state = state_of(session, spec)
        if before is not self._state:
            self._state, self._results = before, health.all_kept(session)
            self._themes.clear()
        results = self._results
        key = (spec.scene, spec.hidden, spec.theme, spec.lang, spec.dark, spec.moment)
        theme = self._themes.get(key)
        if theme is None:
            theme = pictured(
                state, data_for(session, state, spec.moment), spec.theme, results, spec.lang, health.old_codes(session),
                spec.dark,
            )  # fmt: skip
            theme = pictured_at_moment(session, theme, spec.moment, spec.lang, state)
            if len(self._themes) >= _MOST_THEMES:
                self._themes.pop(next(iter(self._themes)))
            self._themes[key] = theme
        result = results.get(spec.theme.indicator) if spec.theme.kind == "indicator" else None
        return _Prepared(with_theme_layers(state, theme.called), theme, result)

    def _scene_of(self, state: ProjectState, spec: SnapshotSpec) -> PictureScene:
        """Return the scene of a picture: the one that is there, where it holds all that is to be seen."""
        from models.store.array_entries import ArrayEntries
        from viewers.render.layers.kept_parts import KeptParts
        from viewers.render.scene.pictures.picture_scene import PictureScene, Surroundings

        around = Surroundings(spec.dark, spec.lang, spec.sun, spec.cut, spec.through)
        data = dict(self._session.project.data)
        built_of = (
            around, tuple(replace(layer, visible=True) for layer in state.layers), state.frame, state.pits,
            state.class_tables, tuple((name, id(one)) for name, one in data.items()),
        )  # fmt: skip
        wanted = frozenset(layer.id for layer in state.layers if layer.visible)
        before = self._scene
        if before is not None and built_of == self._built_of and wanted <= before.layers:
            return before
        more = before.layers if before is not None and built_of == self._built_of else frozenset()
        self.close()
        whole = replace(state, layers=tuple(replace(one, visible=one.id in wanted | more) for one in state.layers))
        kept = KeptParts(ArrayEntries(self._session.cache()), pause_s=0.0)
        self._scene, self._built_of = PictureScene(whole, data, around, kept), built_of
        return self._scene
