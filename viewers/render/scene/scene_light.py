"""The light on a scene, and what is faded in it for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from models.project.selection import Keys, ObjectKey
from models.views.sun import Sun
from models.views.visibility import GroundTransparency
from viewers.render.chunks.layer import ChunkedLayer
from viewers.render.drawing.element_appearance import relight
from viewers.render.geometry.actors import Drawn, shade
from viewers.render.overlays.annotations import NoteLayer
from viewers.render.overlays.labels import LabelLayer
from viewers.render.overlays.measures import MeasureLayer
from viewers.render.overlays.signs import SignLayer
from viewers.render.palette.lighting import Atmosphere, Look, look
from viewers.render.palette.sunlight import look_by_sun
from viewers.render.scene.lights import Lights
from viewers.render.underground.ground_transparency import below

if TYPE_CHECKING:
    from viewers.render.drawing.drawn_layer import DrawnLayer


class SceneLight:
    """The light of a :class:`~viewers.render.scene.scene.Scene`: hour, sun, and shells of what hides something."""

    _layers: dict[str, DrawnLayer]
    _faded: dict[str, frozenset[int]]
    _dark: bool
    _sun: Sun | None
    _look: Look
    _through: GroundTransparency | None
    _lights: Lights
    _atmosphere: Atmosphere
    _labels: LabelLayer
    _signs: SignLayer
    _measured: MeasureLayer
    _notes: NoteLayer
    _apron: Any

    def _touch(self) -> None:
        raise NotImplementedError

    def _sync_actors(self, shown: DrawnLayer) -> None:
        raise NotImplementedError

    def set_faded(self, keys: Iterable[ObjectKey]) -> None:
        """Draw exactly these objects as a see-through shell, since they hide what is to be seen."""
        wanted = {layer: frozenset(oids.tolist()) for layer, oids in Keys.of(keys).by_layer().items()}
        if wanted == self._faded:
            return
        before, self._faded = self._faded, wanted
        for layer_id in {*before, *wanted}:
            shown = self._layers.get(layer_id)
            if shown is not None:
                shown.fade(wanted.get(layer_id, frozenset()), self._look, self._dark)
                self._sync_actors(shown)
        self._touch()

    @property
    def faded(self) -> Keys:
        """Return what is drawn as a shell by :meth:`set_faded`."""
        return Keys((layer, np.array(sorted(oids), np.int64)) for layer, oids in self._faded.items())

    def set_dark(self, dark: bool) -> None:
        """Switch between the light and the dark hour."""
        if dark == self._dark:
            return
        self._dark = dark
        self._labels.set_dark(dark)
        self._signs.set_dark(dark)
        self._measured.set_dark(dark)
        self._notes.set_dark(dark)
        self._light_again()

    def set_sun(self, sun: Sun | None) -> None:
        """Light the city by a sun, and do without the shadows of the usual light; None brings both back."""
        if sun == self._sun:
            return
        self._sun = sun
        for shown in self._layers.values():
            shown.show_own_shadows(sun is None)
        self._light_again()

    def _light_again(self) -> None:
        self._look = look(self._dark) if self._sun is None else look_by_sun(self._sun)
        self._lights.set(self._look)
        self._atmosphere.look = below(self._look, self._through)
        for shown in self._layers.values():
            self._relight(shown.drawn)
            if isinstance(shown, ChunkedLayer):
                shown.set_look(self._look)
        if self._apron is not None:
            shade(self._apron, self._look)
        self._touch()

    def _relight(self, drawn: Iterable[Drawn]) -> None:
        relight(drawn, self._look, self._dark)
