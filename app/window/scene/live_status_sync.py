"""Repaints facilities whose live value changed, once an event-loop turn: no table, no geometry, no result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.session import Session
from models.core.watch import watch
from viewers.render.scene.scene import Scene
from viewers.render.symbology.live_colours import with_live


class LiveStatusSync(QObject):
    """The live values in the scene of one window.

    Parameters
    ----------
    session : Session
    parent : QObject
    colours_of : callable
        From a layer's id to the colours that theme and style give it, None for its own.
    """

    def __init__(self, session: Session, parent: QObject, colours_of: Callable[[str], Any]) -> None:
        super().__init__(parent)
        self._live, self._colours_of = session.live, colours_of
        self._scene: Scene | None = None
        self._stale: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._repaint)
        self._stop = watch(self._live.changed, self._on_live_changed)

    def set_scene(self, scene: Scene | None) -> None:
        """Paint another scene from now on."""
        self._scene = scene

    def painted(self, layer_id: str) -> Any:
        """Return the colours of a layer with its live values over those of theme and style."""
        return with_live(self._colours_of(layer_id), self._live.of_layer(layer_id))

    def close(self) -> None:
        """Stop watching."""
        self._stop()
        self._timer.stop()

    def _on_live_changed(self, layers: frozenset[str]) -> None:
        self._stale |= layers
        self._timer.start()

    def _repaint(self) -> None:
        stale, self._stale = self._stale, set()
        if self._scene is not None:
            for layer_id in stale:
                self._scene.set_colours(layer_id, self.painted(layer_id))
