"""Repaints facilities whose value changed, once an event-loop turn: no table, no geometry, no result.

While the program shows a moment of the past, its state of the city is painted in the place of what is live.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.background.jobs import Job
from app.session import Session
from app.usecases.timeline.current import colours_now, data_now
from app.usecases.timeline.moment import zone_of
from models.core.watch import watch
from models.layers.layer import LayerData
from models.readings.current_columns import asks_now
from viewers.legend import Legend
from viewers.render.scene.scene import Scene
from viewers.render.symbology.live_colours import with_live
from viewers.render.symbology.moment_colours import with_moment, with_moment_legend
from viewers.texts.moment_texts import moment_phrase

#: So long a moment stands still before the legend counts it, ms; colours follow at once.
REST_MS = 350


class LiveStatusSync(QObject):
    """The live values in the scene of one window.

    Parameters
    ----------
    session : Session
    parent : QObject
    colours_of : callable
        From a layer's id to the colours that theme and style give it, None for its own.

    Signals
    -------
    rested : () a moment rests of which a style speaks: the legend can count what sensors say
    """

    rested = Signal()

    def __init__(self, session: Session, parent: QObject, colours_of: Callable[[str], Any]) -> None:
        super().__init__(parent)
        self._session, self._colours_of = session, colours_of
        self._live, self._shown = session.live, session.shown
        self._scene: Scene | None = None
        self._stale: set[str] = set()
        #: Colours of the layers whose style speaks of present values, as they were worked out last.
        self._current: dict[str, Any] = {}
        self._job: Job | None = None
        self._is_late = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.rested)
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._repaint)
        self._stops = (
            watch(self._live.changed, self._on_live_changed), watch(self._shown.changed, self._on_moment_changed),
        )  # fmt: skip

    def set_scene(self, scene: Scene | None) -> None:
        """Paint another scene from now on."""
        self._scene = scene

    def painted(self, layer_id: str) -> Any:
        """Return the colours of a layer with its values, live or of the moment, over those of theme and style.

        Where the style itself speaks of present values, it alone decides.
        """
        if layer_id in self._current:
            return self._current[layer_id]
        state = self._shown.state
        if state is not None:
            return with_moment(self._colours_of(layer_id), state.layers.get(layer_id))
        heard = with_moment(self._colours_of(layer_id), self._live.conditions_of(layer_id))
        return with_live(heard, self._live.of_layer(layer_id))

    def legend_over(self, legend: Legend | None) -> Legend | None:
        """Return a legend that also says which moment is shown, as it is while that is what is live."""
        state = self._shown.state
        if state is None:
            return legend
        zone, lang = zone_of(self._session), self._session.lang
        if self._current and legend is not None:  # the style explains its colours itself; only the moment is to be said
            said = moment_phrase(state.moment_us, lang, zone)
            return replace(legend, note=f"{legend.note}\n{said}" if legend.note else said)
        return with_moment_legend(legend, state, lang, zone)

    def close(self) -> None:
        """Stop watching."""
        for stop in self._stops:
            stop()
        self._timer.stop()
        self._rest.stop()

    @property
    def asked_moment(self) -> int | None:
        """Return the moment of which the project's styles speak, None where none does."""
        return self._session.clock.moment_us if self._asks() else None

    def data_to_show(self) -> Callable[[], Mapping[str, LayerData]]:
        """Return who gives the data that styles are told from, off the thread of the window."""
        session, data = self._session, dict(self._session.project.data)
        return (lambda: data_now(session)) if self._asks() else (lambda: data)

    def _asks(self) -> bool:
        return any(asks_now(layer) for layer in self._session.project.state.layers)

    def follow_styles(self) -> None:
        """Work out anew, by a job, what the styles that speak of present values give; the latest wins."""
        if not self._asks():
            gone, self._current = set(self._current), {}
            self._stale |= gone
            if gone:
                self._timer.start()
            return
        if self._job is not None:
            self._is_late = True
            return

        def done(found: dict[str, Any]) -> None:
            self._stale |= found.keys() | self._current.keys()
            self._current = found
            self._timer.start()

        session = self._session
        job = session.jobs.run("job.colours_now", lambda _: colours_now(session), done)
        if not job.is_over:
            self._job = job
            job.ended.connect(self._worked_out)

    def _worked_out(self, _: object) -> None:
        self._job = None
        if self._is_late:
            self._is_late = False
            self.follow_styles()

    def _on_live_changed(self, layers: frozenset[str]) -> None:
        if self._shown.state is None:
            self._stale |= layers
            self._timer.start()
            self.follow_styles()

    def _on_moment_changed(self, layers: frozenset[str]) -> None:
        """Paint the moment; what spoke meanwhile shows again once what is live is shown."""
        self._stale |= layers | self._live.layers() if self._shown.state is None else layers
        self._timer.start()
        self.follow_styles()
        if self._asks():
            self._rest.start()

    def _repaint(self) -> None:
        stale, self._stale = self._stale, set()
        if self._scene is not None:
            for layer_id in stale:
                self._scene.set_colours(layer_id, self.painted(layer_id))
