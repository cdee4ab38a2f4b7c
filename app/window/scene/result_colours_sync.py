"""What a result paints while somebody looks at it: over theme and style, under live values; no part of the project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from viewers.legend import Legend
from viewers.render.scene.scene import Scene
from viewers.render.symbology.theme_picture import Number, ThemePicture, over


class ResultColoursSync(QObject):
    """The colours, the legend and the numbers of one result in the scene of one window.

    Signals
    -------
    changed : (frozenset of str) these layers have other colours, and the legend may be another

    Parameters
    ----------
    parent : QObject
    colours_of : callable
        From a layer's id to the colours that theme and style give it, None for its own.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject, colours_of: Callable[[str], Any]) -> None:
        super().__init__(parent)
        self._colours_of = colours_of
        self._picture: ThemePicture | None = None

    @property
    def legend(self) -> Legend | None:
        """Return the legend of what is looked at, None where nothing is."""
        return None if self._picture is None else self._picture.legend

    @property
    def numbers(self) -> tuple[Number, ...]:
        """Return the numbers that stand in the city for it."""
        return () if self._picture is None else self._picture.numbers

    def painted(self, layer_id: str) -> Any:
        """Return the colours of a layer with those of the result over those of theme and style."""
        base = self._colours_of(layer_id)
        own = None if self._picture is None else self._picture.colours.get(layer_id)
        if own is None:
            return base
        return own if base is None else over(base, own)

    def show(self, picture: ThemePicture | None) -> None:
        """Paint a result, or none any more."""
        touched = frozenset(() if self._picture is None else self._picture.colours)
        self._picture = picture
        self.changed.emit(touched | frozenset(() if picture is None else picture.colours))

    def set_scene(self, scene: Scene | None) -> None:
        """Forget what was painted where the scene goes."""
        if scene is None:
            self._picture = None
