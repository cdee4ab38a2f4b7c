"""The 3D view: VTK in a Qt widget, navigated by mouse and keys, rendered only when something changed.

Invariants
----------
1. Nothing renders but :meth:`View3D.paintGL`, at most once an event-loop turn and only when dirty. Overlays that
   repaint above the view make Qt call ``paintGL`` too: then the last picture is shown again without a render.
2. VTK has no interactor: the hand's arithmetic is :mod:`viewers.widgets.canvas.camera_motion`.
3. While the camera moves the scene draws in "moving" quality; "still" follows after a rest that is as long as a still
   picture took to draw, so that a slow machine is not caught drawing a fine picture when the hand goes on.
4. A tool in hand (:mod:`viewers.widgets.common.canvas_tool`) is asked first about every press, click and key; what it
   does not take is the camera's, so that nobody has to leave a tool to look around.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from models.crs.frame import Frame
from models.views.camera import Camera
from viewers.widgets.canvas import camera_motion as flight
from viewers.widgets.canvas.mouse_schemes import mode_of
from viewers.widgets.canvas.vtk_widget import VTKWidget
from viewers.widgets.common.canvas_tool import CanvasTool

log = logging.getLogger(__name__)
Array = NDArray[np.float64]

CLICK_PX = 4
REST_S = (0.18, 1.2)


class SceneLike(Protocol):
    """What the view needs of a scene (``viewers.render.scene.scene.Scene``)."""

    dirty: bool

    @property
    def camera(self) -> Camera:
        """Return the camera in world coordinates."""

    def set_camera(self, camera: Camera) -> None:
        """Look from here."""

    def quality(self, quality: str) -> None:
        """Draw ``"moving"``, ``"still"`` or ``"picture"``."""

    def pick(self, x: int, y: int) -> Any:
        """Return what lies under a pixel (device pixels, origin bottom left), or None."""

    def sign_view(self, x: int, y: int) -> Callable[[], None] | None:
        """Return what looks at the components that a sign under a pixel counts, None where there is none."""


class View3D(VTKWidget):
    """The 3D view.

    Signals
    -------
    clicked : (Pick or None, bool) what was picked; whether it joins the selection (Ctrl)
    cursor_moved : (easting, northing, height) or None over the sky, world metres
    camera_moved : ()
    context_requested : (QPoint global, Pick or None)
    drawn : (float) milliseconds the last render took
    arrived : () a flight has come to its end; one that a hand broke off never does
    turned : () the camera moved or the view has another size: what is laid over the picture lies elsewhere now
    """

    clicked = Signal(object, bool)
    cursor_moved = Signal(object)
    camera_moved = Signal()
    context_requested = Signal(QPoint, object)
    drawn = Signal(float)
    arrived = Signal()
    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.scene: SceneLike | None = None
        self.frame: Frame | None = None
        #: Ground height at world x, y (arrays), and its range.
        self.ground: Callable[[Array, Array], Array] = lambda x, y: np.zeros_like(x)
        self.ground_range_m = (0.0, 0.0)
        self.animate = True
        #: What the buttons do to the camera, one of :data:`viewers.widgets.canvas.mouse_schemes.SCHEMES`.
        self.mouse_scheme = "chengjing"
        #: Whether the eye may go under the ground, and look up from there.
        self.may_dive = False
        #: Tools in hand, the first is asked first.
        self.tools: list[CanvasTool] = []
        self._held: CanvasTool | None = None
        self._drawn_from: Camera | None = None
        self._dirty = True
        self._dead = False
        self._moving = False
        self._still_s = 0.0
        self._press: QPointF | None = None
        self._last = QPointF()
        self._mode = ""
        self._pivot: Array | None = None
        self._flight: tuple[flight.Pose, flight.Pose, float, float] | None = None
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._come_to_rest)
        self._wing = QTimer(self, interval=16)
        self._wing.timeout.connect(self._fly_on)

    # --- drawing -------------------------------------------------------------------------------------------------
    def mark_dirty(self) -> None:
        """Draw again in this event-loop turn; many calls, one picture."""
        if not self._dead:
            self._dirty = True
            self.update()

    def paintGL(self) -> None:  # noqa: N802
        """Render if something changed, else show the last picture again."""
        if self._dead:
            return
        if self._dirty:
            self._dirty = False
            if self.scene is not None:
                self.scene.dirty = False
            self._tell_turned()
            started = time.perf_counter()
            self.draw_frame()
            self.show_frame()
            took = time.perf_counter() - started
            if not self._moving:
                self._still_s = took
            self.drawn.emit(took * 1000)
            return
        self.show_frame()

    def _tell_turned(self) -> None:
        """Say that the camera moved, whoever moved it, before the frame that shows it."""
        camera = None if self.scene is None else self.scene.camera
        if camera != self._drawn_from:
            self._drawn_from = camera
            self.turned.emit()

    def initializeGL(self) -> None:  # noqa: N802
        """Begin with a context that has no picture yet."""
        self._dirty = True
        super().initializeGL()

    def resizeGL(self, w: int, h: int) -> None:  # noqa: N802
        """Follow the widget's size."""
        self._dirty = True
        super().resizeGL(w, h)
        self.turned.emit()

    def end(self) -> None:
        """Stop the timers and let VTK free its graphics while the context still lives."""
        if not self._dead:
            self._wing.stop()
            self._rest.stop()
            self._dead = True
            self.scene = None
            self.free()

    # --- camera --------------------------------------------------------------------------------------------------
    @property
    def pose(self) -> flight.Pose | None:
        """Return the camera in local coordinates, None without a scene."""
        if self.scene is None or self.frame is None:
            return None
        camera = self.scene.camera
        return flight.Pose(
            self.frame.to_local(np.array(camera.position, dtype=np.float64)),
            self.frame.to_local(np.array(camera.focal_point, dtype=np.float64)),
            camera.angle_deg,
            camera.parallel_scale_m,
        )

    def set_pose(self, pose: flight.Pose) -> None:
        """Look from here, but never from under the ground."""
        if self.scene is None or self.frame is None:
            return
        low = float(self._ground_local(pose.eye[:1], pose.eye[1:2])[0]) + 1.7
        if pose.eye[2] < low and not self.may_dive:
            rise = np.array([0.0, 0.0, low - pose.eye[2]])
            pose = replace(pose, eye=pose.eye + rise, target=pose.target + rise)
        eye, target = self.frame.to_world(pose.eye), self.frame.to_world(pose.target)
        up = pose.up
        self.scene.set_camera(
            Camera(
                (float(eye[0]), float(eye[1]), float(eye[2])),
                (float(target[0]), float(target[1]), float(target[2])),
                (float(up[0]), float(up[1]), float(up[2])),
                pose.angle_deg,
                pose.half_m,
            )
        )
        self.mark_dirty()
        self.camera_moved.emit()

    def fly(self, stop: flight.Pose) -> None:
        """Move to a pose along an eased path; at once where animation is off."""
        start = self.pose
        if start is None or not self.animate or not self.isVisible():
            self.set_pose(stop)
            self._begin_rest()
            self.arrived.emit()
            return
        self._flight = (start, stop, time.monotonic(), flight.duration_s(start, stop))
        self._begin_moving()
        self._wing.start()

    def fly_by(self, jump: Callable[[], None]) -> None:
        """Let the scene jump somewhere by its own rule, and fly there instead."""
        start = self.pose
        if start is None:
            return
        jump()
        stop = self.pose
        if stop is None:
            return
        if not self.animate or not self.isVisible():
            self.mark_dirty()
            self.camera_moved.emit()
            self._begin_rest()
            self.arrived.emit()
            return
        self.set_pose(start)
        self.fly(stop)

    def fly_to_point(self, world: tuple[float, float, float], distance_m: float | None = None) -> None:
        """Fly to look at a world point from nearby, keeping the direction of view."""
        pose = self.pose
        if pose is None or self.frame is None:
            return
        target = self.frame.to_local(np.array(world, dtype=np.float64))
        reach = distance_m or max(60.0, pose.distance_m * 0.4)
        if pose.half_m is not None:  # a plan stays a plan
            shift = target - pose.target
            self.fly(replace(pose, eye=pose.eye + shift, target=target))
            return
        self.fly(flight.from_angles(target, pose.bearing_deg, max(pose.pitch_deg, 28.0), reach, pose.angle_deg))

    def north_up(self) -> None:
        """Turn about the middle of the picture until north is up."""
        pose = self.pose
        if pose is not None:
            self.fly(flight.from_angles(pose.target, 0.0, pose.pitch_deg, pose.distance_m, pose.angle_deg, pose.half_m))

    def top_view(self) -> None:
        """Look straight down, north up, on the same spot."""
        pose = self.pose
        if pose is not None:
            self.fly(flight.from_angles(pose.target, 0.0, 90.0, pose.distance_m, pose.angle_deg, pose.half_m))

    def line_at(self, at: QPointF) -> tuple[Array, Array] | None:
        """Return the local line of sight under a widget position: where it begins, and its unit direction."""
        pose = self.pose
        return None if pose is None else pose.line(at.x(), at.y(), max(self.width(), 1), max(self.height(), 1))

    def on_screen(self, world: Array) -> tuple[Array, NDArray[np.bool_]]:
        """Return the widget positions (n, 2) of world points (n, 3), and which of them lie before the eye."""
        pose = self.pose
        if pose is None or self.frame is None:
            return np.zeros((len(world), 2)), np.zeros(len(world), dtype=bool)
        return pose.project(self.frame.to_local(world), max(self.width(), 1), max(self.height(), 1))

    def zoom_step(self, factor: float) -> None:
        """Come nearer to the middle of the picture by a factor."""
        pose = self.pose
        if pose is not None:
            self.fly(flight.zoom(pose, pose.target, factor))

    # --- the ground under the cursor -----------------------------------------------------------------------------
    def _ground_local(self, x: Array, y: Array) -> Array:
        if self.frame is None:
            return np.zeros_like(x)
        east, north, height = self.frame.origin
        return np.asarray(self.ground(x + east, y + north) - height, dtype=np.float64)

    def ground_point(self, at: QPointF) -> Array | None:
        """Return the local ground point under a widget position, None over the sky."""
        line = self.line_at(at)
        if line is None or self.frame is None:
            return None
        low, high = (level - self.frame.origin[2] for level in self.ground_range_m)
        return flight.meet_ground(*line, self._ground_local, low, high)

    def pick_at(self, at: QPointF) -> Any:
        """Return the scene's pick under a widget position."""
        return None if self.scene is None else self.scene.pick(*self.pixel_at(at))

    def pixel_at(self, at: QPointF) -> tuple[int, int]:
        """Return the device pixel, counted from below as VTK does, under a widget position."""
        ratio = self.devicePixelRatioF()
        return round(at.x() * ratio), round((self.height() - 1 - at.y()) * ratio)

    # --- the hand ------------------------------------------------------------------------------------------------
    def break_off(self) -> None:
        """End a flight where it is: a hand wants to go elsewhere."""
        if self._flight is not None:
            self._flight = None
            self._wing.stop()
            self._begin_rest()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a click or a drag."""
        self.break_off()
        if event.button() == Qt.MouseButton.LeftButton:
            for tool in self.tools:
                if tool.on_press(event.position(), event.modifiers()):
                    self._held = tool
                    return
        self._press = self._last = event.position()
        self._mode = mode_of(self.mouse_scheme, event.button(), event.modifiers())
        self._pivot = self.ground_point(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the camera, or say where the cursor is."""
        at = event.position()
        pose = self.pose
        if self._held is not None:
            self._held.on_hover(at, event.buttons(), event.modifiers())
            return
        if self._press is None or not event.buttons():
            for tool in self.tools:
                if tool.on_hover(at, event.buttons(), event.modifiers()):
                    break
            self._tell_cursor(at)
            return
        if pose is None or not self._mode:
            return
        if not self._moving:
            if (at - self._press).manhattanLength() < CLICK_PX:
                return
            self._begin_moving()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        step = at - self._last
        self._last = at
        pivot = self._pivot if self._pivot is not None else pose.target
        if self._mode == "orbit":
            self.set_pose(flight.orbit(pose, pivot, step.x() * 0.3, step.y() * 0.25, self.lowest_deg))
        elif self._mode == "pan":
            self.set_pose(flight.pan(pose, pivot, pose.line(at.x(), at.y(), self.width(), self.height())))
        elif self._mode == "zoom":
            self.set_pose(flight.zoom(pose, pivot, 1.01 ** -step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End a drag, or pick if it was a click."""
        if self._held is not None:
            if event.button() == Qt.MouseButton.LeftButton:
                held, self._held = self._held, None
                held.on_release(event.position(), event.modifiers())
            return
        press, self._press = self._press, None
        self.unsetCursor()
        if press is None or self.scene is None:
            return
        if (event.position() - press).manhattanLength() < CLICK_PX and not self._moving:
            left = event.button() == Qt.MouseButton.LeftButton
            if left and any(tool.on_click(event.position(), event.modifiers()) for tool in self.tools):
                return
            if left and (nearer := self.scene.sign_view(*self.pixel_at(event.position()))) is not None:
                self.fly_by(nearer)  # a sign that counts many parts into smaller ones
                return
            pick = self.pick_at(event.position())
            if event.button() == Qt.MouseButton.LeftButton:
                self.clicked.emit(pick, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
            elif event.button() == Qt.MouseButton.RightButton:
                self.context_requested.emit(event.globalPosition().toPoint(), pick)
        elif self._moving:
            self._begin_rest()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Fly to the point under the cursor."""
        if event.button() != Qt.MouseButton.LeftButton or self.frame is None:
            return
        if any(tool.on_double_click(event.position(), event.modifiers()) for tool in self.tools):
            return
        pick = self.pick_at(event.position())
        point = pick.world if pick is not None else None
        if point is None:
            ground = self.ground_point(event.position())
            point = None if ground is None else tuple(float(v) for v in self.frame.to_world(ground))
        if point is not None:
            self.fly_to_point((float(point[0]), float(point[1]), float(point[2])))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom towards the cursor."""
        self.break_off()
        pose = self.pose
        if pose is None:
            return
        towards = self.ground_point(event.position())
        if towards is None and pose.half_m is not None:
            towards = pose.line(event.position().x(), event.position().y(), self.width(), self.height())[0]
        if towards is None:  # the sky: go along the direction of view
            towards = pose.target
        self._begin_moving()
        self.set_pose(flight.zoom(pose, towards, 1.2 ** (event.angleDelta().y() / 120)))
        self._begin_rest()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep a tool's keys from the menus' shortcuts, and tell the tools when the cursor leaves."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if any(tool.wants_key(event.key()) for tool in getattr(self, "tools", ())):
                event.accept()
                return True
        elif event.type() == QEvent.Type.Leave:
            for tool in getattr(self, "tools", ()):
                tool.on_leave()
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Walk with the arrow keys, turn with Shift and arrows, zoom with plus and minus; a tool's keys are its own."""
        for tool in self.tools:
            if tool.wants_key(event.key()):
                tool.on_key(event.key(), event.modifiers())
                return
        pose = self.pose
        key, turn = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        if pose is None or (key not in steps and key not in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus)):
            event.ignore()
            return
        self.break_off()
        self._begin_moving()
        if key in steps:
            across, along = steps[Qt.Key(key)]
            if turn:
                self.set_pose(flight.orbit(pose, pose.target, -across * 8.0, along * 5.0, self.lowest_deg))
            else:
                reach = pose.distance_m * 0.08
                _, right = pose._axes()
                flat = np.array([-right[1], right[0], 0.0])
                shift = right * across * reach + flat * along * reach
                self.set_pose(replace(pose, eye=pose.eye + shift, target=pose.target + shift))
        else:
            self.set_pose(flight.zoom(pose, pose.target, 0.8 if key == Qt.Key.Key_Minus else 1.25))
        self._begin_rest()

    # --- moving and resting --------------------------------------------------------------------------------------
    @property
    def lowest_deg(self) -> float:
        """Return how little, or how far upwards, the eye may look."""
        return flight.DEEPEST_DEG if self.may_dive else flight.LOWEST_DEG

    @property
    def is_moving(self) -> bool:
        """Whether a hand or a flight moves the picture."""
        return self._moving

    def set_moving(self, moving: bool) -> None:
        """Draw fast while a hand changes the picture, finely when it rests."""
        if moving:
            self._begin_moving()
        else:
            self._begin_rest()

    def _begin_moving(self) -> None:
        self._rest.stop()
        if not self._moving and self.scene is not None:
            self._moving = True
            self.scene.quality("moving")

    def _begin_rest(self) -> None:
        self._rest.start(int(1000 * min(max(self._still_s, REST_S[0]), REST_S[1])))

    def _come_to_rest(self) -> None:
        self._moving = False
        if self.scene is not None:
            self.scene.quality("still")
            self.mark_dirty()

    def _fly_on(self) -> None:
        if self._flight is None:
            self._wing.stop()
            return
        start, stop, since, lasts = self._flight
        share = min((time.monotonic() - since) / lasts, 1.0)
        self.set_pose(flight.blend(start, stop, share))
        if share >= 1:
            self._flight = None
            self._wing.stop()
            self._begin_rest()
            self.arrived.emit()

    def _tell_cursor(self, at: QPointF) -> None:
        ground = self.ground_point(at)
        if ground is None or self.frame is None:
            self.cursor_moved.emit(None)
        else:
            self.cursor_moved.emit(tuple(float(v) for v in self.frame.to_world(ground)))
