"""The review in the room: stops one after another on the wall, what fails behind a figure, pen and pointer.

Invariants
----------
1. What the wall shows is no step of the history (:mod:`app.usecases.review.presenting`).
2. Keys mean the same wherever the keyboard is; a flight is broken off by whatever comes next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QPainter

from app.usecases.health import health
from app.usecases.review import agenda, presenting, questions
from app.window.feature import Feature
from app.window.features.review.presenter import wall_values
from app.window.features.review.presenter.asking import Asking
from app.window.features.review.presenter.ink_tool import InkTool
from app.window.features.review.presenter.keys import Keys
from app.window.features.review.presenter.second_screen import SecondScreen
from app.window.features.review.presenter.what_fails import WhatFails
from models.core.errors import UserError
from models.review.agenda import Stop
from models.views.camera import Camera
from models.views.scene_state import Theme
from viewers.widgets.review.presenter_window import PresenterWindow
from viewers.widgets.review.question_box import QuestionBox
from viewers.widgets.review.wall.ink import paint_ink
from viewers.widgets.review.wall.wall import Wall

if TYPE_CHECKING:
    from app.window.window_context import WindowContext


class Presenter(Feature):
    """Presents the agenda; without one the present view, for questions."""

    name = "presenter"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        canvas = context.canvas
        self.wall = Wall(self.appearance, canvas)
        self.review: presenting.Review | None = None
        self.at = 0
        self._began_s = 0.0
        self._camera_before: Camera | None = None
        self.fails = WhatFails(context, self._show_theme, self.refresh, self)
        self._digits = ""
        self._ink_from: Camera | None = None
        self._keys = Keys(self.on_key, self._on_key_released, self)
        self.tool = InkTool(canvas.view, self.wall.ink)
        self.screens = SecondScreen(context, self._on_screens, self.wall.paint_over, self)
        self._asking = Asking(self.session, self.guard(self.show_answer), self)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        wall, ask = self.wall, self.guard
        wall.box = QuestionBox(self.appearance, canvas, floats=True)
        wall.box.left.connect(self._close_box)
        self._asking.attach(wall.box)
        wall.ink.changed.connect(self._show_mirror)
        wall.figure.asked.connect(ask(self.ask_which))
        wall.problems.chosen.connect(ask(self.fails.go_to))
        wall.problems.left.connect(ask(self.fails.up))
        bar = wall.ink_bar
        bar.colour_chosen.connect(self._choose_ink)
        bar.undo_requested.connect(wall.ink.undo)
        bar.clear_requested.connect(lambda: wall.ink.set_strokes(()))
        bar.keep_requested.connect(ask(self.keep_ink))
        bar.closed.connect(lambda: self.take_pen(False))
        context.scene_sync.legend_changed.connect(self._on_coloured)
        canvas.view.turned.connect(self._on_turned)
        context.requests.over_picture.append(self._paint_over)

    # --- requests of the action table ------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Begin the review, or leave it."""
        if self.review is None:
            self.begin()
        else:
            self.leave()

    def begin(self) -> None:
        """Show the wall, and the first stop on it."""
        if self.review is not None or self.context.scene_sync.scene is None:
            return
        self.context.requests.close_dashboard()
        self.review = presenting.Review(self.session)
        self._camera_before = self.context.scene_sync.scene.camera
        self._began_s = time.monotonic()
        self.wall.show_wall()
        self.screens.begin()
        self.context.canvas.view.tools.insert(0, self.tool)
        if self.screens.window is None:
            self.context.canvas.view.setFocus()
        self._keys.begin()
        self._clock.start()
        if codes := presenting.wanted_codes(self.session):
            health.compute_indicators(self.session, codes)
        self.at = 0
        if self.all_stops:
            self.go_to(0)
        else:
            self.refresh()

    def leave(self) -> None:
        """Show the window as it was, and the city as it looked."""
        if self.review is None:
            return
        review, self.review = self.review, None
        self._keys.end()
        self._clock.stop()
        self._close_box()
        self._end_comparison()
        self.screens.end()
        self.fails.close()
        self.take_pen(False)
        self.tool.set_pointer(False)
        self.wall.ink.set_strokes(())
        self.context.canvas.view.tools.remove(self.tool)
        self.wall.hide_wall()
        self.context.scene_sync.object_flight.covered = 0.0
        self.context.requests.window_again()
        review.leave()
        if self._camera_before is not None:
            self.fails.fly(self._camera_before)
        self.context.canvas.view.setFocus()
        self.context.refresh.soon()

    def end(self) -> None:
        """Take no more keys; the window closes."""
        self._keys.end()
        self._clock.stop()
        self.screens.end()
        super().end()

    # --- stops -----------------------------------------------------------------------------------------------------
    @property
    def all_stops(self) -> tuple[Stop, ...]:
        """Return the agenda."""
        return self.session.project.state.review.stops

    @property
    def stop(self) -> Stop | None:
        """Return the stop that is shown, None without an agenda."""
        return self.all_stops[self.at] if self.at < len(self.all_stops) else None

    def note_opinion(self) -> None:
        """Note an opinion, as said at the stop that is shown."""
        stop = self.stop
        told = ("", "") if stop is None else (stop.id, self.fails.code or stop.indicator)
        self.context.requests.capture_opinion(*told)

    def go_to(self, at: int) -> None:
        """Show a stop, counted from 0; beyond the ends is the first or the last."""
        if self.review is None or not self.all_stops:
            return
        self.at = min(max(at, 0), len(self.all_stops) - 1)
        self.fails.close()
        self.wall.black.hide()
        stop = self.all_stops[self.at]
        self.review.show_stop(stop)
        presenting.tell_gone(self.session, stop)
        self.wall.ink.set_strokes(stop.ink)
        self._ink_from = stop.view.camera
        self.fails.fly(stop.view.camera)
        self.refresh()

    def step(self, step: int) -> None:
        """Go to the next stop, or the one before."""
        self.go_to(self.at + step)

    # --- which objects make the number -----------------------------------------------------------------------------
    @property
    def indicator(self) -> str:
        """Return the indicator of which the wall speaks, empty for none."""
        theme = self.session.project.state.theme
        if theme.kind == "indicator":
            return theme.indicator
        return self.stop.indicator if self.stop is not None else ""

    def ask_which(self) -> None:
        """Colour, list and frame the objects that make the number on the wall."""
        if self.review is not None and self.indicator:
            self.fails.ask(self.indicator)

    def _show_theme(self, theme: Theme) -> None:
        if self.review is not None:
            self.review.show_theme(theme)

    # --- live questions --------------------------------------------------------------------------------------------
    def try_scenario(self) -> None:
        """Show the panel of what if beside the wall, with the rules of the indicator at hand; or put it away."""
        if "scenario" not in self.context.docks:
            return
        dock = self.context.docks["scenario"]
        if dock.isVisible():
            dock.hide()
            self.context.canvas.view.setFocus()
        else:
            self.context.requests.open_scenario(self.indicator)

    def compare(self) -> None:
        """Hold the indicator against the year before under a curtain, else against the plain city; or end that."""
        code, years = self.indicator, self.session.project.state.health.years
        if self.context.canvas.is_shared:
            self._end_comparison()
        elif code and years:
            title = self.appearance.word("wall.before")
            self.context.requests.compare_themes(Theme("indicator", code, "before"), title)
        else:
            self.context.commands.run("compare.curtain")
        self.context.canvas.view.setFocus()

    def _end_comparison(self) -> None:
        if self.context.canvas.is_shared:
            self.context.commands.run("compare.open")

    def open_box(self) -> None:
        """Ask for something by name: in the presenter's window, or over the city on the one screen."""
        box = self.wall.box if self.screens.window is None else self.screens.window.question
        if box is not None:
            box.open()
            self.wall.arrange()

    def _close_box(self) -> None:
        if self.wall.box is not None:
            self.wall.box.hide()
        if self.screens.window is not None:
            self.screens.window.setFocus()
        else:
            self.context.canvas.view.setFocus()

    def show_answer(self, answer: questions.Answer) -> None:
        """Show on the wall what was asked for."""
        if self.review is None:
            return
        if answer.kind == "stop":
            self.go_to(next((at for at, one in enumerate(self.all_stops) if one.id == answer.id), self.at))
        elif answer.key is not None:
            self.fails.look_at(answer.key)
        elif (standing := questions.standing_of(self.session, answer.id)) is not None and standing.failing == 0:
            self.fails.close()
            self.review.show_theme(Theme("indicator", answer.id))
            self.refresh()
        else:
            self.fails.ask(answer.id)

    # --- pen and pointer -------------------------------------------------------------------------------------------
    def take_pen(self, on: bool) -> None:
        """Draw on the picture, or no longer."""
        self.tool.set_pen(on)
        self._keys.takes_undo = on
        self.wall.ink_bar.setVisible(on)
        if self.screens.window is not None:
            self.screens.window.pen.setChecked(on)
        scene = self.context.scene_sync.scene
        if on and scene is not None:
            self.context.canvas.view.break_off()
            if self._ink_from is None or not _same(self._ink_from, scene.camera):
                self.wall.ink.set_strokes(())  # what was drawn on another picture
            self._ink_from = scene.camera
            self._on_turned()
        self.wall.arrange()

    def keep_ink(self) -> None:
        """Keep what was drawn with the stop that is shown."""
        if self.stop is None:
            raise UserError("agenda.no_stop")
        agenda.change_stop(self.session, self.stop.id, ink=self.wall.ink.strokes)
        self.session.notices.info("notice.ink_kept", title=self.stop.title)

    def _choose_ink(self, name: str) -> None:
        self.wall.ink.colour = name
        self.context.canvas.view.setFocus()

    def _on_turned(self) -> None:
        """Show what was drawn only on the picture on which it was drawn."""
        scene, ink = self.context.scene_sync.scene, self.wall.ink
        if self.review is None or scene is None or not ink.strokes:
            return
        ink.show_strokes(self._ink_from is not None and _same(self._ink_from, scene.camera))

    def _paint_over(self, image: QImage) -> None:
        """Paint what is drawn on a frame that is copied."""
        ink = self.wall.ink
        if self.review is not None and ink.seen:
            painter = QPainter(image)
            paint_ink(painter, ink.seen, image.width(), image.height())
            painter.end()

    # --- keys ------------------------------------------------------------------------------------------------------
    def on_key(self, key: int, text: str, modifiers: Qt.KeyboardModifier) -> bool:
        """Answer a key of presenter or remote control; return whether it meant something."""
        if self.review is None:
            return False
        self.context.canvas.view.break_off()
        black = self.wall.black.isVisible()
        if text.isdecimal() and len(text) == 1:
            self._digits = (self._digits + text)[-3:]
            self._show_toast(self.appearance.word("wall.jump", number=self._digits))
            return True
        digits, self._digits = self._digits, ""
        if digits:
            self._show_toast("")
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and digits:
            self.go_to(int(digits) - 1)
            return True
        if black and key not in (Qt.Key.Key_F11, Qt.Key.Key_Escape):
            self._toggle_black()
            return True
        if modifiers & Qt.KeyboardModifier.ControlModifier and key == Qt.Key.Key_Z:
            self.wall.ink.undo()
            return True
        act = self._acts().get(key)
        if act is None and text in ("?", "？"):
            act = self.toggle_keys
        if act is not None:
            self.guard(act)()
        return act is not None

    def _acts(self) -> dict[int, Callable[[], object]]:
        key, fails = Qt.Key, self.fails
        drilled = bool(fails.code)
        deeper = (lambda: fails.step(1)) if drilled else self.ask_which
        return {
            key.Key_PageDown: lambda: self.step(1), key.Key_PageUp: lambda: self.step(-1),
            key.Key_Space: lambda: self.step(1), key.Key_Backspace: lambda: self.step(-1),
            key.Key_Right: (lambda: fails.step(1)) if drilled else (lambda: self.step(1)),
            key.Key_Left: (lambda: fails.step(-1)) if drilled else (lambda: self.step(-1)),
            key.Key_Down: deeper, key.Key_Tab: deeper, key.Key_Return: deeper, key.Key_Enter: deeper,
            key.Key_Up: fails.up, key.Key_Home: lambda: self.go_to(0),
            key.Key_End: lambda: self.go_to(len(self.all_stops)),
            key.Key_B: self._toggle_black, key.Key_Period: self._toggle_black, key.Key_L: self._point,
            key.Key_P: lambda: self.take_pen(not self.tool.pen_is_on), key.Key_N: self.toggle_notes,
            key.Key_S: self.try_scenario, key.Key_V: self.compare, key.Key_O: self.note_opinion,
            key.Key_Delete: lambda: self.wall.ink.set_strokes(()), key.Key_F11: self.leave,
            key.Key_Slash: self.open_box, key.Key_F1: self.toggle_keys, key.Key_Escape: self._escape,
        }  # fmt: skip

    def _point(self) -> None:
        self.tool.set_pointer(True)

    def _on_key_released(self, key: int) -> None:
        if key == Qt.Key.Key_L:
            self.tool.set_pointer(False)

    def _escape(self) -> None:
        """Go back one step at a time: black, pen, keys, what fails; then leave."""
        wall = self.wall
        if wall.black.isVisible():
            self._toggle_black()
        elif self.tool.pen_is_on:
            self.take_pen(False)
        elif self._shows_keys:
            self.toggle_keys()
        elif self.fails.is_open:
            self.fails.up()
        else:
            self.leave()

    # --- what the wall says ----------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show title, figure, what fails and notes as they are now."""
        if self.review is None:
            return
        if self.fails.ask_again():
            return
        word, session, stop = self.appearance.word, self.session, self.stop
        if not session.project.state.layers:
            self.leave()
            return
        place = f"{self.at + 1} / {len(self.all_stops)}" if stop is not None else ""
        about = [stop.view.date if stop is not None else "", word("sheet.synthetic") * session.project.state.synthetic]
        title = stop.title if stop is not None else self.context.project_name()
        self.wall.head.set_head(title, place, "   ".join(filter(None, about)))
        code, lists = self.fails.code or self.indicator, bool(self.fails.code)
        tried = self.context.requests.tried_result(code) if code else None
        self.wall.figure.set_figure(wall_values.figure_view(session, code, title, tried, counts=not lists))
        self._show_problems()
        notes = stop.notes.splitlines() if stop is not None and self._shows_notes else []
        self.wall.notes.set_lines(self._clock_text() if self._shows_notes else "", notes)
        self.wall.keys.set_lines("", word("wall.keys").splitlines() if self._shows_keys else [])
        self._show_legend()
        self._show_screen()

    def _show_problems(self) -> None:
        fails, wall = self.fails, self.wall
        if wall.problems.rows_of is not fails.ranking:
            wall.problems.rows_of = fails.ranking
            wall.problems.set_rows(() if fails.ranking is None else wall_values.Rows(fails.ranking), fails.row)
        wall.problems.set_current(fails.row)
        reason = ""
        if fails.ranking is not None and fails.row >= 0 and fails.asked is None:
            reason = str(fails.ranking.columns["reason"][fails.row])
        key = fails.key
        wall.object.set_lines(*(("", []) if key is None else wall_values.object_lines(self.session, key, reason)))

    def _on_coloured(self, _: object) -> None:
        """Say what the colours say: a scenario that is tried may have changed them."""
        if self.review is not None:
            self.fails.follow_scenario()
            self.refresh()

    def _show_legend(self) -> None:
        if self.review is not None:
            self.wall.legend.set_legend(self.context.canvas.legend.legend)
            self.wall.arrange()
            self.context.scene_sync.object_flight.covered = self.wall.covered_share

    def _show_toast(self, text: str) -> None:
        self.wall.toast.set_lines(text, [])
        self.wall.arrange()

    _shows_notes = _shows_keys = False

    def toggle_notes(self) -> None:
        """Show the notes of the stop and the clock on the one screen there is, or no longer."""
        self._shows_notes = not self._shows_notes
        self.refresh()

    def toggle_keys(self) -> None:
        """Show which keys there are, or no longer."""
        self._shows_keys = not self._shows_keys
        self.refresh()

    # --- the presenter's own screen --------------------------------------------------------------------------------
    def _on_screens(self) -> None:
        """Connect the presenter's window, where there is one now."""
        window = self.screens.window
        if window is not None and self._connected is not window:
            self._connect(window)
        self._connected = window
        if self.review is not None:
            self.refresh()

    _connected: object = None

    def _connect(self, window: PresenterWindow) -> None:
        ask, ink, mirror = self.guard, self.wall.ink, window.mirror
        window.stop_chosen.connect(ask(self.go_to))
        window.back_requested.connect(ask(lambda: self.step(-1)))
        window.next_requested.connect(ask(lambda: self.step(1)))
        window.black_requested.connect(self._toggle_black)
        window.swap_requested.connect(ask(self.screens.swap))
        window.closed.connect(ask(self.leave))
        window.pen_requested.connect(ask(self.take_pen))
        window.pointer_requested.connect(self.tool.set_pointer)
        mirror.pointed.connect(self.tool.point)
        mirror.pressed.connect(lambda at: ink.begin(at) if self.tool.pen_is_on else None)
        mirror.drawn.connect(ink.draw_to)
        mirror.released.connect(ink.finish)
        window.question.left.connect(window.setFocus)
        self._asking.attach(window.question)

    def _show_screen(self) -> None:
        if self.screens.window is not None:
            self.screens.window.show_stop(wall_values.screen_view(self.session, self.at, self.context.project_name()))
            self._tick()
            self._show_mirror()
            self.screens.copy_soon()

    def _show_mirror(self) -> None:
        if self.screens.window is not None:
            ink = self.wall.ink
            self.screens.window.mirror.show_over(ink.seen, ink.dot, black=self.wall.black.isVisible())

    def _toggle_black(self) -> None:
        self.wall.black.setVisible(not self.wall.black.isVisible())
        self._show_mirror()

    def _tick(self) -> None:
        """Let the clocks go on."""
        told = wall_values.times(self.session, time.monotonic() - self._began_s)
        if self.screens.window is not None:
            self.screens.window.show_time(time.strftime("%H:%M"), told)
        if self._shows_notes and self.stop is not None:
            self.wall.notes.set_lines(self._clock_text(), self.stop.notes.splitlines())

    def _clock_text(self) -> str:
        told = wall_values.times(self.session, time.monotonic() - self._began_s)
        return "   ".join((time.strftime("%H:%M"), *told))


def _same(one: Camera, other: Camera) -> bool:
    """Whether two cameras show the same picture."""
    return (
        bool(
            np.allclose(one.position, other.position, atol=0.5)
            and np.allclose(one.focal_point, other.focal_point, atol=0.5)
        )
        and one.parallel_scale_m == other.parallel_scale_m
    )
