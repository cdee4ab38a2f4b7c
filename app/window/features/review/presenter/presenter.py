"""The review in the room: stops one after another on the wall, what fails behind a figure, pen and pointer.

Invariants
----------
1. What the wall shows is no step of the history (:mod:`app.usecases.review.presenting`).
2. Keys mean the same wherever the keyboard is; a flight is broken off by whatever comes next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from app.usecases.health import health
from app.usecases.query import describe
from app.usecases.review import agenda, presenting, questions
from app.window.feature import Feature
from app.window.features.review.presenter.ink_tool import InkTool
from app.window.features.review.presenter.keys import Keys
from models.core.errors import UserError
from models.health.failing import outermost
from models.layers.layer import VectorData
from models.project.selection import Keys as ObjectKeys
from models.project.selection import ObjectKey
from models.query.ranking import Ranking
from models.review.agenda import Stop, total_minutes
from models.views.camera import Camera
from models.views.scene_state import Theme
from viewers.texts.values import without_common_ending
from viewers.widgets.review.wall.cards import FigureView, ProblemRow
from viewers.widgets.review.wall.ink import paint_ink
from viewers.widgets.review.wall.wall import Wall

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: All that fails is framed with at least so much around it, metres.
FRAME_M = 400.0
#: So many facts of an object are said on the wall.
MOST_FACTS = 3
#: Sections of what is known of an object that the wall says otherwise, or not.
UNSAID = frozenset({"section.problems", "section.identity"})


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
        #: What fails, once it was asked for: its indicator, the rows, and which of them is looked at (-1: all).
        self.code = ""
        self.ranking: Ranking | None = None
        self.row = -1
        #: An indicator that is asked about as soon as it is computed.
        self._coming = ""
        self._back_to: tuple[Theme, Camera] | None = None
        self._is_to_frame = False
        self._digits = ""
        self._ink_from: Camera | None = None
        self._keys = Keys(self.on_key, self._on_key_released, self)
        self.tool = InkTool(canvas.view, self.wall.ink)
        wall, ask = self.wall, self.guard
        wall.figure.asked.connect(ask(self.ask_which))
        wall.problems.chosen.connect(ask(self.go_to_problem))
        wall.problems.left.connect(ask(self.up))
        bar = wall.ink_bar
        bar.colour_chosen.connect(self._choose_ink)
        bar.undo_requested.connect(wall.ink.undo)
        bar.clear_requested.connect(lambda: wall.ink.set_strokes(()))
        bar.keep_requested.connect(ask(self.keep_ink))
        bar.closed.connect(lambda: self.take_pen(False))
        context.scene_sync.legend_changed.connect(self._show_legend)
        context.scene_sync.loading_changed.connect(self._on_loading_changed)
        canvas.view.turned.connect(self._on_turned)
        context.requests.over_picture.append(self._paint_over)

    # --- requests of the action table ------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Begin the review with the stop that is chosen in the agenda, or leave it."""
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
        self.context.requests.picture_alone(None)
        self.wall.show_wall()
        self.context.canvas.view.tools.insert(0, self.tool)
        self.context.canvas.view.setFocus()
        self._keys.begin()
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
        self._close_problems()
        self.take_pen(False)
        self.tool.set_pointer(False)
        self.wall.ink.set_strokes(())
        self.context.canvas.view.tools.remove(self.tool)
        self.wall.hide_wall()
        self.context.scene_sync.object_flight.covered = 0.0
        self.context.requests.window_again()
        review.leave()
        scene, camera = self.context.scene_sync.scene, self._camera_before
        if scene is not None and camera is not None:
            self.context.canvas.view.fly_by(lambda: scene.set_camera(camera))
        self.context.canvas.view.setFocus()
        self.context.refresh.soon()

    def end(self) -> None:
        """Take no more keys; the window closes."""
        self._keys.end()
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

    def go_to(self, at: int) -> None:
        """Show a stop, counted from 0; beyond the ends is the first or the last."""
        if self.review is None or not self.all_stops:
            return
        self.at = min(max(at, 0), len(self.all_stops) - 1)
        self._close_problems()
        self.wall.black.hide()
        stop = self.all_stops[self.at]
        self.review.show_stop(stop)
        presenting.tell_gone(self.session, stop)
        self.wall.ink.set_strokes(stop.ink)
        self._ink_from = stop.view.camera
        self._fly(stop.view.camera)
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

    def ask_which(self, code: str = "") -> None:
        """Colour, list and frame the objects that fail an indicator; the one on the wall where none is named."""
        code = code or self.indicator
        if self.review is None or not code:
            return
        scene, session = self.context.scene_sync.scene, self.session
        if health.wants_computing(session, code):
            health.compute_indicators(
                session,
                (code,),
            )
            return
        if scene is not None and self._back_to is None:
            self._back_to = (session.project.state.theme, scene.camera)
        self.review.show_theme(Theme("indicator", code, "problems"))
        self.code, self.row, self.ranking = code, -1, None

        def done(ranking: Ranking | None) -> None:
            if self.review is not None and self.code == code:
                self.ranking = ranking
                self.refresh()
                self._frame()  # beside the list, which is there now

        session.run("job.rank", questions.failing(session, code), done)
        self.refresh()

    def go_to_problem(self, row: int) -> None:
        """Fly to an object that fails: to where it is seen."""
        ranking = self.ranking
        if ranking is None or not len(ranking):
            return
        self.row = row % len(ranking)
        key = ranking.key(self.row)
        self.session.selection.set([key])
        self.context.scene_sync.zoom_to_keys([key])
        self.refresh()

    def up(self) -> None:
        """Go back: from an object to all that fail, from them to the stop."""
        if not self.code:
            return
        if self.row >= 0:
            self.row = -1
            self.session.selection.set([])
            self._frame()
        else:
            back = self._back_to
            self._close_problems()
            if back is not None and self.review is not None:
                self.review.show_theme(back[0])
                self._fly(back[1])
        self.refresh()

    def _close_problems(self) -> None:
        if self.code:
            self.session.selection.set([])
        self.code, self.ranking, self.row, self._back_to, self._coming = "", None, -1, None, ""

    def _frame(self) -> None:
        """Look at all that fails."""
        result, frame = health.kept(self.session, self.code), self.session.project.state.frame
        if result is not None and frame is not None and result.problems:
            keys: ObjectKeys = outermost(result, self.session.project.data, frame.horizontal)
            self._is_to_frame = not self.context.scene_sync.zoom_to_keys(keys, FRAME_M)

    def _on_loading_changed(self) -> None:
        """Look at all that fails as soon as it is drawn."""
        if self._is_to_frame and self.code and self.row < 0:
            self._frame()

    def _fly(self, camera: Camera) -> None:
        scene, view = self.context.scene_sync.scene, self.context.canvas.view
        if scene is not None:
            view.break_off()
            view.fly_by(lambda: scene.set_camera(camera))

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
        if code and years and not self._compares:
            title = self.appearance.word("wall.before")
            self.context.requests.compare_themes(Theme("indicator", code, "before"), title)
        else:
            self.context.commands.run("compare.curtain")
        self._compares = not self._compares
        self.context.canvas.view.setFocus()

    _compares = False

    # --- pen and pointer -------------------------------------------------------------------------------------------
    def take_pen(self, on: bool) -> None:
        """Draw on the picture, or no longer."""
        self.tool.set_pen(on)
        self._keys.takes_undo = on
        self.wall.ink_bar.setVisible(on)
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
        here = self._ink_from is not None and _same(self._ink_from, scene.camera)
        if here != ink.shows_strokes:
            ink.shows_strokes = here
            ink.update()

    def _paint_over(self, image: QImage) -> None:
        """Paint what is drawn on a frame that is copied."""
        ink = self.wall.ink
        if self.review is not None and ink.strokes and ink.shows_strokes:
            painter = QPainter(image)
            paint_ink(painter, ink.strokes, image.width(), image.height())
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
            self.wall.black.hide()
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
        drilled, key = bool(self.code), Qt.Key
        along = (lambda step: self.go_to_problem(self.row + step)) if drilled else self.step

        def forward() -> None:
            along(1)

        def back() -> None:
            along(-1 if not drilled or self.row > 0 else 0 if self.row < 0 else -1)

        return {
            key.Key_PageDown: lambda: self.step(1), key.Key_PageUp: lambda: self.step(-1),
            key.Key_Space: lambda: self.step(1), key.Key_Backspace: lambda: self.step(-1),
            key.Key_Right: forward, key.Key_Left: back,
            key.Key_Down: (lambda: self.go_to_problem(self.row + 1)) if drilled else self.ask_which,
            key.Key_Tab: (lambda: self.go_to_problem(self.row + 1)) if drilled else self.ask_which,
            key.Key_Return: (lambda: self.go_to_problem(max(self.row, 0))) if drilled else self.ask_which,
            key.Key_Enter: (lambda: self.go_to_problem(max(self.row, 0))) if drilled else self.ask_which,
            key.Key_Up: self.up, key.Key_Home: lambda: self.go_to(0),
            key.Key_End: lambda: self.go_to(len(self.all_stops)),
            key.Key_B: self.wall.black.show, key.Key_Period: self.wall.black.show, key.Key_L: self._point,
            key.Key_P: lambda: self.take_pen(not self.tool.pen_is_on), key.Key_N: self.toggle_notes,
            key.Key_S: self.try_scenario, key.Key_V: self.compare,
            key.Key_Delete: lambda: self.wall.ink.set_strokes(()), key.Key_F11: self.leave,
            key.Key_F1: self.toggle_keys, key.Key_Escape: self._escape,
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
            wall.black.hide()
        elif self.tool.pen_is_on:
            self.take_pen(False)
        elif self._shows_keys:
            self.toggle_keys()
        elif self.code:
            self.up()
        else:
            self.leave()

    # --- what the wall says ----------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show title, figure, what fails and notes as they are now."""
        if self.review is None:
            return
        if self._coming and health.kept(self.session, self._coming) is not None:
            self.ask_which(self._coming)
            return
        word, session, stop = self.appearance.word, self.session, self.stop
        if not session.project.state.layers:
            self.leave()
            return
        place = f"{self.at + 1} / {len(self.all_stops)}" if stop is not None else ""
        about = [stop.view.date if stop is not None else "", word("sheet.synthetic") * session.project.state.synthetic]
        title = stop.title if stop is not None else self.context.project_name()
        self.wall.head.set_head(title, place, "   ".join(filter(None, about)))
        code = self.code or self.indicator
        standing = questions.standing_of(session, code) if code else None
        self.wall.figure.set_figure(None if standing is None else self._figure_of(standing, title))
        self._show_problems()
        notes = stop.notes.splitlines() if stop is not None and self._shows_notes else []
        self.wall.notes.set_lines(self._clock_text() if self._shows_notes else "", notes)
        self.wall.keys.set_lines("", word("wall.keys").splitlines() if self._shows_keys else [])
        self._show_legend()

    def _figure_of(self, one: questions.Standing, title: str) -> FigureView:
        """Return an indicator for the wall; a name that stands in the title is not said twice."""
        name = "" if one.name.endswith(title) else one.name
        return FigureView(
            name, one.value, one.target, one.verdict, one.tint, one.failing if not self.code else None
        )  # fmt: skip

    def _show_problems(self) -> None:
        ranking = self.ranking
        rows: Sequence[ProblemRow] = () if ranking is None else _Rows(ranking)
        if ranking is not None and len(rows) and self.wall.problems.rows_of is ranking:
            self.wall.problems.set_current(self.row)
        else:
            self.wall.problems.rows_of = ranking
            self.wall.problems.set_rows(rows, self.row)
        if ranking is None or self.row < 0:
            self.wall.object.set_lines("", [])
            return
        key = ranking.key(self.row)
        reason = str(ranking.columns["reason"][self.row])
        self.wall.object.set_lines(self._title_of(key), [line for line in (reason, *self._facts_of(key)) if line])

    def _title_of(self, key: ObjectKey) -> str:
        try:
            return describe.title_of(self.session, key)
        except UserError:  # its layer has just gone
            return ""

    def _facts_of(self, key: ObjectKey) -> list[str]:
        try:
            sections = describe.describe(self.session, key)
        except UserError:
            return []
        layer, data = self.session.project.state.layer(key.layer), self.session.project.data.get(key.layer)
        row: Any = data.row(key.oid) if isinstance(data, VectorData) else {}
        names = {str(row.get(field)) for field in ("name", "name_en")}
        rows = [row for section in sections if section.title_key not in UNSAID for row in section.rows]
        facts = [f"{label}  {value}" for label, value in rows if value not in names]
        return [layer.title(self.session.lang), *facts[:MOST_FACTS]]

    def _show_legend(self, _: object = None) -> None:
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

    def _clock_text(self) -> str:
        minutes = int((time.monotonic() - self._began_s) // 60)
        left = total_minutes(self.all_stops) - minutes
        told = [time.strftime("%H:%M"), self.appearance.word("wall.used", minutes=minutes)]
        if total_minutes(self.all_stops):
            told.append(self.appearance.word("wall.left" if left >= 0 else "wall.over", minutes=abs(round(left))))
        return "   ".join(told)


class _Rows(Sequence[ProblemRow]):
    """Rows of a ranking as the wall shows them, each made when it is seen."""

    def __init__(self, ranking: Ranking) -> None:
        self._ranking = ranking
        self._short = without_common_ending(sorted({str(one) for one in ranking.columns["district"].tolist()}))

    def __len__(self) -> int:
        return len(self._ranking)

    @overload
    def __getitem__(self, at: int) -> ProblemRow: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ProblemRow]: ...
    def __getitem__(self, at: int | slice) -> ProblemRow | Sequence[ProblemRow]:
        """Return a row."""
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        columns = self._ranking.columns
        share = questions.share_text(float(columns["share"][at]))
        place = str(columns["district"][at])
        return ProblemRow(str(columns["name"][at]), self._short.get(place, place), share)


def _same(one: Camera, other: Camera) -> bool:
    """Whether two cameras show the same picture."""
    return (
        bool(
            np.allclose(one.position, other.position, atol=0.5)
            and np.allclose(one.focal_point, other.focal_point, atol=0.5)
        )
        and one.parallel_scale_m == other.parallel_scale_m
    )
