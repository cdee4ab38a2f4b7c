"""The measuring tool: points are clicked with snapping to corners and edges; results stay until they are cleared.

Invariants
----------
1. Hovering does not slow the mouse down: a snap that takes longer than :data:`QUICK_S` is asked for less often, one
   that takes longer than :data:`SLOW_S` only at a click and, to see whether it became quicker, every :data:`AGAIN_MS`.
2. What is under way is drawn over the picture (:mod:`viewers.widgets.canvas.tool_overlay`); what is
   finished is the scene's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from app.window.tools import measurement_text
from app.window.tools.cursor_pick import along_axes, models_meant
from app.window.tools.measurement_text import Figure, in_unit
from app.window.tools.tool import Tool
from models.core.progress import Progress
from models.layers.layer import ModelData
from models.project.selection import ObjectKey
from models.terrain.relief import Profile
from models.views import section
from models.views.camera import Vector
from viewers.render.overlays.measures import Measure
from viewers.widgets.bim.measure_bar import ResultRow
from viewers.widgets.bim.profile_chart import as_csv
from viewers.widgets.canvas.tool_overlay import Drawing, Mark, Stroke, Tag

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

OWNER = "measure"
HOVER_MS = 25
QUICK_S, SLOW_S = 0.03, 0.1
AGAIN_MS = 2500
SNAP_PX = 10.0
#: As what kinds are drawn.
DRAWN = {"polyline": "distance", "profile": "drape", "ground_area": "area", "earthwork": "area"}
#: Clicks that a kind needs; 0 for as many as one likes.
NEEDED = {"point": 1, "distance": 2, "polyline": 0, "area": 0, "angle": 3, "volume": 1,
          "profile": 0, "ground_area": 0, "earthwork": 0}  # fmt: skip
LEAST = {"polyline": 2, "area": 3, "profile": 2, "ground_area": 3, "earthwork": 3}
#: Kinds that measure the terrain, and those that are rings.
ON_GROUND, RINGS = frozenset({"profile", "ground_area", "earthwork"}), frozenset({"area", "ground_area", "earthwork"})


@dataclass(frozen=True, slots=True)
class Held:
    """What the cursor holds on to."""

    world: Floats
    kind: str
    key: ObjectKey | None


@dataclass(frozen=True, slots=True)
class Result:
    """A finished measurement."""

    kind: str
    points: tuple[Vector, ...]
    figure: Figure
    profile: Profile | None = None


class MeasureTool(Tool):
    """Measurements of one window."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, OWNER, context.canvas.measure_bar)
        self._bar = context.canvas.measure_bar
        self.results: list[Result] = []
        self.kind = "distance"
        self._points: list[Floats] = []
        self._at: QPointF | None = None
        self._keys = Qt.KeyboardModifier.NoModifier
        self._hover: Held | None = None
        self._cost_s = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._follow)
        bar = self._bar
        bar.kind_chosen.connect(self.choose)
        bar.copy_requested.connect(self.copy)
        bar.delete_requested.connect(self.delete)
        bar.go_requested.connect(self._go)
        bar.level_changed.connect(self._count_again)
        bar.table_requested.connect(self._copy_profile)
        bar.chart.pointed.connect(self._point_out)
        self._pointed: Floats | None = None
        context.canvas.view.turned.connect(self._on_view_turned)

    def open(self) -> None:
        """Open the tool."""
        self._cost_s = 0.0
        super().open()
        self.choose(self.kind)
        self.refresh()

    def drop(self) -> None:
        """Drop the points of a measurement that was begun; results stay in the picture."""
        self._timer.stop()
        self._points, self._hover = [], None
        super().drop()

    def refresh(self) -> None:
        """Say everything again, in the language of the moment."""
        if self.results:
            word = self._word
            self._bar.show_results([
                ResultRow(one.kind, one.figure.title(word), one.figure.detail(word)) for one in self.results
            ])  # fmt: skip
            self._bar.chart.show_profile(next((one.profile for one in reversed(self.results) if one.profile), None))
            self._show_measures()
        if self.is_open:
            self._say()

    def end(self) -> None:
        """Stop following the cursor."""
        self._timer.stop()

    def choose(self, kind: str) -> None:
        """Measure another kind; what was begun is dropped."""
        self.kind, self._points = kind, []
        self._bar.show_kind(kind)
        self._say()
        self._draw()

    def begin(self, world: Vector) -> None:
        """Set the first point."""
        self._points = [np.asarray(world)]
        self._say()
        self._draw()

    def delete(self, number: int) -> None:
        """Forget one result, or all (-1)."""
        self.results = [] if number < 0 else self.results[:number] + self.results[number + 1 :]
        self._bar.show_results([])
        self._bar.chart.show_profile(None)
        self.overlay.draw("profile", None)
        self._show_measures()
        self.refresh()

    def copy(self, number: int) -> None:
        """Copy one result, or all (-1), as text."""
        word = self._word
        chosen = self.results if number < 0 else [self.results[number]]
        lines = [f"{word(f'tools.kind.{one.kind}')}\t{one.figure.title(word)}\t{one.figure.detail(word)}"
                 for one in chosen]  # fmt: skip
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _go(self, number: int) -> None:
        points = np.asarray(self.results[number].points)
        self.view.fly_to_point(section.vector(points.mean(axis=0)), self._reach(points))

    def _reach(self, points: Floats) -> float:
        return max(12.0, 3.0 * float(np.ptp(points, axis=0).max()))

    # --- mouse and keys ----------------------------------------------------------------------------------------------
    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Look, soon, what the cursor would hold on to."""
        self._at, self._keys = at, keys
        if not self._timer.isActive():
            quick, slow = self._cost_s <= QUICK_S, self._cost_s > SLOW_S
            self._timer.start(HOVER_MS if quick else AGAIN_MS if slow else round(4000 * self._cost_s))
        return False

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Set a point."""
        self._at, self._keys = at, keys
        held = self._held()
        if held is None:
            return True
        if self.kind == "volume":
            self._measure_body(held)
            return True
        if self.kind in RINGS and len(self._points) >= LEAST[self.kind] and self.is_near(at, self._points[0]):
            self.finish()
            return True
        if not self._points or float(np.linalg.norm(self._points[-1] - held.world)) > 1e-6:
            self._points.append(held.world)
        if len(self._points) == NEEDED[self.kind]:
            self.finish()
        else:
            self._say()
            self._draw()
        return True

    def on_double_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """End a chain or a ring."""
        self.finish()
        return True

    def wants_key(self, key: int) -> bool:
        """Take the keys that end, undo and cancel."""
        if key in (Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return True
        return key == Qt.Key.Key_Escape

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """End, undo or cancel."""
        if key == Qt.Key.Key_Backspace:
            self._points = self._points[:-1]
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
            return
        elif self._points:
            self._points = []
        else:
            self._bar.closed.emit()
            return
        self._say()
        self._draw()

    def on_leave(self) -> None:
        """Take the mark off."""
        self._hover = None
        self._at = None
        self._timer.stop()
        self._draw()

    def finish(self) -> None:
        """Keep what was measured, if it is enough."""
        points = self._points
        if len(points) < (LEAST.get(self.kind) or NEEDED[self.kind]):
            return
        self._points = []
        if self.kind in ON_GROUND:
            self._measure_ground(self.kind, points)
        else:
            self._keep(self.kind, points, self._figure(self.kind, points))

    def _measure_ground(self, kind: str, points: list[Floats], level_m: float | None = None, at: int = -1) -> None:
        """Measure on the terrain, off the UI thread; the result takes the place of number ``at``."""
        ground = self.scene_sync.ground

        def work(_: Progress) -> tuple[Figure, Profile | None]:
            return measurement_text.ground_figure(kind, np.asarray(points), ground, level_m)

        def done(found: tuple[Figure, Profile | None]) -> None:
            if 0 <= at < len(self.results):
                self.results[at] = replace(self.results[at], figure=found[0])
                self.refresh()
            else:
                self._keep(kind, points, *found)
            level = dict(found[0].details).get("tools.detail.level")
            if level is not None:
                self._bar.show_level(float(level["level"].replace(",", "")))

        self.session.run("job.measure_ground", work, done)

    def _count_again(self, level_m: float) -> None:
        """Count the earth of the last ring to another level."""
        at = next((n for n in range(len(self.results) - 1, -1, -1) if self.results[n].kind == "earthwork"), -1)
        if at >= 0:
            self._measure_ground("earthwork", [np.asarray(point) for point in self.results[at].points], level_m, at)

    def _copy_profile(self) -> None:
        """Copy the profile that is shown as a table."""
        profile = self._bar.chart.profile
        if profile is not None:
            QGuiApplication.clipboard().setText(as_csv(profile))

    def _point_out(self, along_m: float) -> None:
        """Show in the city where the cursor is on the chart."""
        profile = self._bar.chart.profile
        self._pointed = None
        if profile is not None and along_m >= 0:
            self._pointed = np.array([np.interp(along_m, profile.along_m, profile.points[:, k]) for k in range(3)])
        if self._pointed is not None and np.isfinite(self._pointed).all():
            self.overlay.draw("profile", Drawing((), (), Mark(self._pointed, "vertex")))
        else:
            self.overlay.draw("profile", None)

    def _keep(self, kind: str, points: list[Floats], figure: Figure, profile: Profile | None = None) -> None:
        self.results.append(Result(kind, tuple(section.vector(point) for point in points), figure, profile))
        self.refresh()
        self._draw()

    def _figure(self, kind: str, points: list[Floats]) -> Figure:
        lonlat = None
        frame = self.session.project.state.frame
        if kind == "point" and frame is not None and frame.horizontal.startswith("EPSG"):
            lonlat = frame.lonlat(float(points[0][0]), float(points[0][1]))
        return measurement_text.figure_of(kind, np.asarray(points), lonlat)

    def _measure_body(self, held: Held) -> None:
        """Measure volume and surface of the element under the cursor, off the UI thread."""
        key = held.key
        data = None if key is None else self.session.project.data.get(key.layer)
        if key is None or not isinstance(data, ModelData):
            self._bar.say(self.appearance.word("tools.hint.no_body"))
            return
        name = str(data.elements["name"].iat[key.oid] or data.elements["ifc_class"].iat[key.oid])

        def work(_: Progress) -> Figure:
            return measurement_text.body_figure(data, key.oid, name)

        self.session.run("job.measure_body", work, lambda figure: self._keep("volume", [held.world], figure))

    # --- what the cursor holds on to ---------------------------------------------------------------------------------
    def _held(self) -> Held | None:
        """Return what is under the cursor: a corner, an edge, a face; at right angles where Shift is held."""
        view, scene, at = self.view, self.scene_sync.scene, self._at
        if scene is None or at is None:
            return None
        snap = scene.snap(*view.pixel_at(at), radius_px=SNAP_PX * view.devicePixelRatioF())
        held = None
        if snap is not None:
            kind = "middle" if snap.middle else snap.kind
            held = Held(np.asarray(snap.world, dtype=np.float64), kind, snap.key)
        if self._keys & Qt.KeyboardModifier.ShiftModifier and self._points:
            corner = held.world if held is not None and held.kind != "face" else None
            bent = along_axes(self.context, self._points[-1], at, corner, self._bearing())
            held = Held(bent, "free", None)
        return held

    def _bearing(self) -> float:
        matrices = [self.scene_sync.model_matrix(layer_id) for layer_id in models_meant(self.context)]
        return next((section.bearing_of(matrix) for matrix in matrices if matrix is not None), 0.0)

    def _follow(self) -> None:
        started = time.perf_counter()
        self._hover = self._held()
        took = time.perf_counter() - started
        self._cost_s = took if self._cost_s == 0.0 else 0.7 * self._cost_s + 0.3 * took
        self._say()
        self._draw()

    def _on_view_turned(self) -> None:
        if self.is_open:
            self._cost_s = min(self._cost_s, SLOW_S)  # another view may be quicker
            self._hover = None

    # --- what is shown -----------------------------------------------------------------------------------------------
    def _under_way(self) -> list[Floats]:
        points = list(self._points)
        if self._hover is not None and points:
            points.append(self._hover.world)
        return points

    def _word(self, key: str, **facts: Any) -> str:
        """Return a word, areas in the unit of the settings."""
        return in_unit(self.appearance.word, str(self.session.settings.get("area_unit")))(key, **facts)

    def _say(self) -> None:
        word, count = self._word, len(self._points)
        if count and not NEEDED[self.kind]:
            hint = word("tools.hint.more" if count >= LEAST[self.kind] else "tools.hint.next")
        elif count:
            hint = word("tools.hint.next")
        else:
            hint = word(f"tools.hint.{self.kind}")
        points = self._under_way()
        live = ""
        if self.kind not in ("point", "volume") and len(points) >= (2 if self.kind != "angle" else 3):
            kind = "area" if self.kind in RINGS else "polyline" if self.kind == "profile" else self.kind
            kind = "polyline" if kind == "area" and len(points) < 3 else kind
            live = self._figure(kind, points).title(word)
        elif self.kind == "point" and self._hover is not None:
            live = self._figure("point", [self._hover.world]).title(word)
        self._bar.say(hint, live)

    def _draw(self) -> None:
        if not self.is_open:
            return
        points = self._under_way()
        strokes = []
        fixed = self._points
        if self.kind in RINGS and len(points) >= 3:
            strokes.append(Stroke(np.asarray(points), closed=True, filled=True, dashed=True))
        elif len(points) >= 2:
            if len(fixed) >= 2:
                strokes.append(Stroke(np.asarray(fixed)))
            if len(points) > len(fixed):
                strokes.append(Stroke(np.asarray(points[-2:]), dashed=True))
        mark = None if self._hover is None else Mark(self._hover.world, self._hover.kind)
        tag = None
        if self._hover is not None and (live := self._bar.live.text()) and self.kind != "point":
            tag = Tag(self._hover.world, live)
        self.draw(Drawing(tuple(strokes), (), mark, tag, tuple(fixed)))

    def _show_measures(self) -> None:
        word = self._word
        self.scene_sync.visibility.set_measures(
            Measure(DRAWN.get(one.kind, one.kind), _drawn_points(one), one.figure.short(word)) for one in self.results
        )


def _drawn_points(one: Result) -> tuple[Vector, ...]:
    """Return the points that are drawn: of a profile the ground itself, as finely as can be seen."""
    if one.profile is None or not np.isfinite(one.profile.height_m).all():
        return one.points
    points = one.profile.points
    take = np.unique(np.linspace(0, len(points) - 1, min(len(points), 240)).astype(np.int64))
    return tuple(section.vector(point) for point in points[take])
