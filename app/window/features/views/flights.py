"""Flights along a path."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog

from app.usecases.views import annotations_and_flights as views
from app.usecases.views.flight_frames import FilmSpec, FrameWriter
from app.window.feature import Feature
from app.window.tools.digitizer import Digitizer
from models.core.errors import UserError
from models.views.flight_paths import Flight, FlightPath, with_sensible_numbers
from viewers.widgets.canvas.tool_overlay import Drawing, Stroke
from viewers.widgets.common.canvas_tool import CanvasTool
from viewers.widgets.views.flight_bar import TourBar
from viewers.widgets.views.view_dialogs import FilmDialog

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

OWNER = "tour"
#: Milliseconds between two frames of a flight, at best.
FRAME_MS = 16


class Flights(Feature):
    """Flights along a path."""

    name = "flights"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.bar = TourBar(self.appearance, context.canvas)
        context.canvas.add_card(self.bar)
        self.chosen = ""
        self.seconds = 0.0
        self._flight: tuple[object, Flight] | None = None
        self._since = 0.0
        self._aiming = False
        self._digitizer = Digitizer(context, "path", self._on_drawn, self.put_away, self._say)
        self._keys = _Keys(self)
        self._clock = QTimer(self, interval=FRAME_MS)
        self._clock.timeout.connect(self._fly_on)
        self._writer: FrameWriter | None = None
        self._writing = QTimer(self, interval=0)
        self._writing.timeout.connect(self._write_on)
        bar, ask = self.bar, self.guard
        bar.path_chosen.connect(ask(self.choose))
        bar.draw_requested.connect(ask(self.draw))
        bar.line_requested.connect(ask(self.along_selection))
        bar.views_requested.connect(ask(self.through_views))
        bar.changed.connect(ask(self._keep_numbers))
        bar.aim_requested.connect(ask(self._aim))
        bar.play_requested.connect(ask(self.play))
        bar.scrubbed.connect(ask(self._scrub))
        bar.rename_requested.connect(ask(self._rename))
        bar.delete_requested.connect(ask(lambda: views.delete_path(self.session, self.chosen)))
        bar.frames_requested.connect(ask(self.write_frames))
        bar.closed.connect(self.put_away)

    # --- paths -----------------------------------------------------------------------------------------------------
    def open(self) -> None:
        """Open the card."""
        self.context.open_card(self.bar)
        tools = self.context.canvas.view.tools
        if self._keys not in tools:
            tools.append(self._keys)
        paths = self.session.project.state.paths
        if not self.chosen and paths:
            self.choose(paths[0].id)
        self.refresh()

    def draw(self) -> None:
        """Draw a new path with clicks on the ground."""
        self.stop()
        self.open()
        self._aiming = False
        self._digitizer.begin("line")
        self._say(0)

    def along_selection(self) -> None:
        """Make a path along the selected line."""
        self.open()
        keys = self.session.selection.keys
        if not keys:
            raise UserError("path.no_line")
        path = views.path_of_feature(self.session, keys[-1], self._new_name(), self.context.scene_sync.ground)
        self._take_in(with_sensible_numbers(path, self._eye_m()))

    def through_views(self) -> None:
        """Make a path through the saved views."""
        self.open()
        self._take_in(views.path_of_viewpoints(self.session, self._new_name()))

    def choose(self, path_id: str) -> None:
        """Choose a path."""
        self.stop()
        self.chosen, self.seconds = path_id, 0.0
        self.refresh()

    def play(self, on: bool = True) -> None:
        """Fly, or hold."""
        flight = self.flight
        if flight is None or not on:
            self.stop()
            return
        if self.seconds >= flight.duration_s and not flight.is_loop:
            self.seconds = 0.0
        self._since = time.monotonic() - self.seconds
        self.context.canvas.view.set_moving(True)
        self._clock.start()
        self.bar.show_playing(True)
        self._draw()

    def toggle(self) -> None:
        """Fly, or hold (the space bar)."""
        self.play(not self.is_flying)

    def stop(self) -> None:
        """Hold."""
        if self._clock.isActive():
            self._clock.stop()
            self.context.canvas.view.set_moving(False)
        self.bar.show_playing(False)
        self._draw()

    def go_to_second(self, seconds: float) -> None:
        """Look from where the flight is at a moment."""
        flight, scene = self.flight, self.context.scene_sync.scene
        if flight is None or scene is None:
            return
        self.seconds = seconds % flight.duration_s if flight.is_loop else min(max(seconds, 0.0), flight.duration_s)
        scene.set_camera(flight.camera_at(self.seconds))
        self.context.canvas.view.mark_dirty()
        self.context.canvas.view.camera_moved.emit()
        self._show_time()

    def put_away(self) -> None:
        """Close the card."""
        self.stop()
        self._digitizer.put_away()
        self._aiming = False
        tools = self.context.canvas.view.tools
        if self._keys in tools:
            tools.remove(self._keys)
        self.bar.hide()
        self._draw()
        self.context.canvas.view.setFocus()

    @property
    def is_flying(self) -> bool:
        """Whether the flight is on."""
        return self._clock.isActive()

    @property
    def path(self) -> FlightPath | None:
        """Return the chosen path."""
        return next((path for path in self.session.project.state.paths if path.id == self.chosen), None)

    @property
    def flight(self) -> Flight | None:
        """Return the chosen path, made ready on the present ground."""
        path, ground = self.path, self.context.scene_sync.ground
        if path is None:
            return None
        key = (path, id(ground))
        if self._flight is None or self._flight[0] != key:
            self._flight = (key, Flight(path, ground.height_m))
        return self._flight[1]

    def write_frames(self) -> None:
        """Ask for size and folder, and write the flight as numbered pictures."""
        flight = self.flight
        if flight is None or self._writer is not None:
            return
        ask = FilmDialog(self.appearance, flight.duration_s, self.context.window)
        answer, size, rate = ask.ask(), ask.frame_size, ask.rate
        ask.deleteLater()
        if answer != "ok":
            return
        folder = QFileDialog.getExistingDirectory(
            self.context.window, self.appearance.word("tour.frames"), str(self.context.folder())
        )
        if folder:
            self.begin_frames(FilmSpec(Path(folder), size, rate, self.appearance.dark))

    def begin_frames(self, spec: FilmSpec) -> None:
        """Write the flight as numbered pictures."""
        flight = self.flight
        if flight is not None and self._writer is None:
            self._writer = FrameWriter(
                self.session, flight, spec, notes=self.context.scene_sync.underground.shows_notes
            )
            self._writer.run(self.session)
            self._writing.start()

    # --- following -------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Follow project and language."""
        state, lang = self.session.project.state, self.session.lang
        if not state.layers:
            self.put_away()
        if not self.bar.isVisible():
            return
        if self.path is None:
            self.stop()
            self.chosen = state.paths[-1].id if state.paths else ""
        self.bar.show_paths([(path.id, path.title(lang)) for path in state.paths], self.chosen)
        path = self.path or FlightPath("", "")  # without a path what one would get
        self.bar.show_numbers(
            path.height_m,
            path.speed_mps,
            path.pitch_deg,
            path.loop,
            path.look,
            tour=self.path is None or bool(path.cameras),
        )
        self._show_time()
        self._say(0)
        self._draw()

    def end(self) -> None:
        """Stop watching; the window closes."""
        self._clock.stop()
        self._writing.stop()
        if self._writer is not None:
            self._writer.close()
        self._digitizer.put_away()
        super().end()

    def _fly_on(self) -> None:
        flight = self.flight
        if flight is None:
            self.stop()
            return
        self.go_to_second(time.monotonic() - self._since)
        if not flight.is_loop and time.monotonic() - self._since >= flight.duration_s:
            self.stop()

    def _scrub(self, share: float) -> None:
        flight = self.flight
        if flight is not None:
            self.go_to_second(share * flight.duration_s)
            self._since = time.monotonic() - self.seconds
            if not self.is_flying:
                self.context.canvas.view.set_moving(True)
                self.context.canvas.view.set_moving(False)

    def _write_on(self) -> None:
        writer = self._writer
        if writer is None or writer.is_over:
            self._writing.stop()
            self._writer = None
        else:
            writer.step()

    def _eye_m(self) -> float:
        """Return how high the eye is over the ground now."""
        scene = self.context.scene_sync.scene
        if scene is None:
            return 0.0
        east, north, height = scene.camera.position
        ground = self.context.scene_sync.ground.height_m(np.array([east]), np.array([north]))
        return height - float(ground[0])

    def _take_in(self, path: FlightPath) -> None:
        kept = views.save_path(self.session, path)
        self.choose(kept.id)

    def _on_drawn(self, places: Floats) -> None:
        if self._aiming:
            target = tuple(float(v) for v in places[0])
            self._aiming = False
            self._digitizer.put_away()
            path = self.path
            if path is not None:
                views.save_path(self.session, replace(path, look="point", target=(target[0], target[1], target[2])))
            return
        points = tuple((float(x), float(y), float(z)) for x, y, z in places)
        self._digitizer.put_away()
        path = FlightPath("", self._new_name(), points)
        self.guard(lambda: self._take_in(with_sensible_numbers(path, self._eye_m())))()

    def _aim(self) -> None:
        """Choose the point that the flight looks at."""
        self._aiming = True
        self._digitizer.begin("point")
        self._say(0)

    def _keep_numbers(self) -> None:
        path, bar = self.path, self.bar
        if path is None:
            return
        look = bar.look if bar.look == "ahead" or path.target is not None else "ahead"
        views.save_path(
            self.session,
            replace(path, height_m=bar.above.value(), speed_mps=bar.speed.value(), pitch_deg=bar.pitch.value(),
                    loop=bar.loop.isChecked(), look=look),
        )  # fmt: skip

    def _rename(self) -> None:
        path = self.path
        name = "" if path is None else self.context.ask_name("tour.rename", path.title(self.session.lang))
        if path is not None and name:
            english = self.session.lang == "en" and path.name_en
            views.save_path(self.session, replace(path, name_en=name) if english else replace(path, name=name))

    def _new_name(self) -> str:
        return self.appearance.word("tour.name", number=len(self.session.project.state.paths) + 1)

    def _show_time(self) -> None:
        flight = self.flight
        if flight is None:
            self.bar.show_time(0.0, "")
            return
        text = self.appearance.word(
            "tour.time", now=_clock(self.seconds), whole=_clock(flight.duration_s), length=f"{flight.length_m:,.0f}"
        )
        self.bar.show_time(self.seconds / flight.duration_s, text)

    def _say(self, count: int) -> None:
        word = self.appearance.word
        if self._digitizer.is_open:
            key = "tour.hint.aim" if self._aiming else "tour.hint.more" if count >= 2 else "tour.hint.draw"
            self.bar.say(word(key))
        else:
            self.bar.say("" if self.chosen else word("tour.hint.none"))

    def _draw(self) -> None:
        """Draw the path of the camera over the picture, unless it is being flown."""
        flight = self.flight if self.bar.isVisible() and not self.is_flying else None
        drawing = None if flight is None else Drawing((Stroke(flight.line(200), dashed=True),))
        self.context.canvas.tool_overlay.draw(OWNER, drawing)


class _Keys(CanvasTool):
    """The space bar flies and holds while the card is open."""

    def __init__(self, tour: Flights) -> None:
        self._tour = tour

    def wants_key(self, key: int) -> bool:
        """Take the space bar, and Esc while it flies."""
        return key == Qt.Key.Key_Space or (key == Qt.Key.Key_Escape and self._tour.is_flying)

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """Fly or hold."""
        if key == Qt.Key.Key_Escape:
            self._tour.stop()
        else:
            self._tour.toggle()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
