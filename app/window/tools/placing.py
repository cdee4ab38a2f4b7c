"""Placing one model with the mouse, until it is applied or given up.

Invariants
----------
1. The model moves on the screen by a matrix on its actors; nothing is prepared again before *Apply*.
2. Two points: both pairs are clicked while the model stands where it stood, as in a CAD program's *align*, so that
   every click on it means what is seen.
3. A drag that does not begin on the model or on the ring is the camera's.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, QTimer, Signal

from app.usecases.crs import placement
from app.window.tools.tool import Tool
from models.bim.placement import Fit, two_point_fit
from models.bim.placement_value import Placement
from models.core.errors import UserError
from viewers.widgets.canvas.tool_overlay import Drawing, Knob, Mark, Stroke, Tag

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

#: What to do next, by the number of points clicked.
STEPS = ("place.step.model1", "place.step.map1", "place.step.model2", "place.step.map2", "place.step.done")
#: Words beside the clicked points.
TAGS = ("place.tag.model1", "place.tag.map1", "place.tag.model2", "place.tag.map2")
#: Metres that an arrow key moves the model, with Shift, with Ctrl.
NUDGE_M = (1.0, 0.1, 10.0)
HOVER_MS = 40
_ARROWS = {
    int(Qt.Key.Key_Left): (-1, 0), int(Qt.Key.Key_Right): (1, 0),
    int(Qt.Key.Key_Up): (0, 1), int(Qt.Key.Key_Down): (0, -1),
}  # fmt: skip


class PlacementTool(Tool):
    """Places one model.

    Signals
    -------
    changed : ()
        ``place``, ``hint`` or ``fit`` are others now.
    apply_wanted, leave_wanted : ()
        Return or Esc was pressed.

    Parameters
    ----------
    context : WindowContext
    layer_id : str
    """

    cursor = None
    changed = Signal()
    apply_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, context: WindowContext, layer_id: str) -> None:
        super().__init__(context, "place")
        session = context.session
        self.layer_id = layer_id
        _, self._data = placement.model_of(session, layer_id)
        self._ground = placement.ground_of(session)
        self._base = placement.matrix_of(session, layer_id)
        self.start = self.place = placement.present_place(session, layer_id)
        self.mode = "points"
        self.hint = STEPS[0]
        self.fit: Fit | None = None
        self.on_ground = self._ground.terrain is not None
        self._points: list[Floats] = []
        self._drag: tuple[str, Floats, Placement] | None = None
        self._hot = False
        self._at = QPointF()
        box = self._data.meshes.bounds()
        self._box: Floats = np.zeros((2, 3)) if box is None else np.asarray(box, dtype=np.float64)
        self._hover = QTimer(self, singleShot=True, interval=HOVER_MS)
        self._hover.timeout.connect(self._show_snap)
        self.open()
        self.scene_sync.loading_changed.connect(self._show)
        self._show()

    # --- what the card asks ---------------------------------------------------------------------------------------
    def set_mode(self, mode: str) -> None:
        """Choose between two points and moving by hand."""
        self.mode = mode
        self._points.clear()
        self.on_leave()
        self.hint = STEPS[0] if mode == "points" else "place.step.move"
        self._tell()

    def set_on_ground(self, on: bool) -> None:
        """Let the model stand on the terrain, or at the height it has."""
        self.on_ground = on
        self.put(self.place)

    def type_values(self, east: float, north: float, height: float, bearing: float) -> None:
        """Take typed figures; a typed height is no longer the terrain's."""
        if abs(height - self.place.height_m) > 5e-4:
            self.on_ground = False
        self.put(replace(self.place, east_m=east, north_m=north, height_m=height, bearing_deg=bearing % 360.0))

    def put(self, place: Placement) -> None:
        """Show the model at another place."""
        self.place = placement.on_ground(place, self._data, self._ground) if self.on_ground else place
        self._tell()

    def end(self, *, keep: bool) -> None:
        """Let go; ``keep`` leaves the model where it is shown until it is drawn anew."""
        self._hover.stop()
        self.scene_sync.loading_changed.disconnect(self._show)
        self.put_away()
        scene = self.scene_sync.scene
        if scene is not None and not keep:
            scene.shift_layer(self.layer_id, None)
        self.deleteLater()

    def drop(self) -> None:
        """Take every drawing off."""
        for owner in ("place.hover", *TAGS):
            self.overlay.draw(owner, None)
        super().drop()

    @property
    def is_changed(self) -> bool:
        """Whether the model is shown elsewhere than where it stood."""
        return not np.allclose(self.place.matrix(), self.start.matrix(), atol=1e-6)

    # --- mouse and keys ----------------------------------------------------------------------------------------------
    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Follow a drag, or light up what could be taken."""
        self._at = at
        if self._drag is not None:
            self._follow(at)
            return True
        if buttons:
            return False
        if self.mode == "points":
            self._hover.start()
        else:
            hot = self.overlay.knob_at("place", at) is not None
            if hot != self._hot:
                self._hot = hot
                self._draw()
        return False

    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take the ring's handle or the model itself."""
        if self.mode != "move":
            return False
        turning = self.overlay.knob_at("place", at) is not None
        spot = self._level_point(at)
        if spot is None or not (turning or self._is_on_model(at)):
            return False
        self._drag = ("turn" if turning else "move", spot, self.place)
        return True

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Let go of the model."""
        self._drag = None

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take a point; while a model is being placed no click selects anything."""
        if self.mode == "points" and len(self._points) < len(TAGS):
            self._take_point(at)
        return True

    def on_double_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take no double click for a flight."""
        return True

    def on_leave(self) -> None:
        """Forget the snapping mark."""
        self._hover.stop()
        self.overlay.draw("place.hover", None)

    def wants_key(self, key: int) -> bool:
        """Esc leaves, Return applies, Backspace takes a point back, arrows move."""
        keys = {int(Qt.Key.Key_Escape), int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter)}
        if self.mode == "points":
            return key in keys or (key == Qt.Key.Key_Backspace and bool(self._points))
        return key in keys or key in _ARROWS or key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """Do what a key means."""
        if key == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.apply_wanted.emit()
        elif key == Qt.Key.Key_Backspace:
            self._points.pop()
            self.fit, self.place = None, self.start
            self.hint = STEPS[len(self._points)]
            self._tell()
        else:
            self._nudge(key, keys)

    # --- inside ---------------------------------------------------------------------------------------------------
    def _nudge(self, key: int, keys: Qt.KeyboardModifier) -> None:
        fine, coarse = keys & Qt.KeyboardModifier.ShiftModifier, keys & Qt.KeyboardModifier.ControlModifier
        step = NUDGE_M[1 if fine else 2 if coarse else 0]
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.on_ground = False
            self.put(self.place.moved(height_m=step if key == Qt.Key.Key_PageUp else -step))
            return
        pose = self.view.pose
        quarter = 0 if pose is None else round(pose.bearing_deg / 90.0) % 4  # up is up in the picture, along the grid
        x, y = _ARROWS[key]
        for _ in range(quarter):
            x, y = y, -x
        self.put(self.place.moved(east_m=x * step, north_m=y * step))

    def _take_point(self, at: QPointF) -> None:
        on_model = len(self._points) % 2 == 0
        world = self._model_point(at) if on_model else self._map_point(at)
        if world is None:
            self.hint = "place.step.not_model" if on_model else "place.step.no_ground"
            self._tell()
            return
        self._points.append(world)
        self.hint = STEPS[len(self._points)]
        if len(self._points) == len(TAGS):
            self._fit_points()
        self._tell()

    def _fit_points(self) -> None:
        back = np.linalg.inv(self._base)
        model = [(back @ [*point, 1.0])[:3] for point in self._points[::2]]
        try:
            self.fit = two_point_fit([tuple(m) for m in model], [tuple(p) for p in self._points[1::2]], self.start.crs)
        except UserError:
            del self._points[2:]
            self.hint = "place.step.too_near"
            return
        foot = self.start.anchor
        self.put(self.fit.placement.anchored(foot))

    def _model_point(self, at: QPointF) -> Floats | None:
        """Return the world point of the model under the cursor, caught by its corners and edges."""
        scene = self.scene_sync.scene
        snap = None if scene is None else scene.snap(*self.view.pixel_at(at))
        if snap is None or snap.key is None or snap.key.layer != self.layer_id:
            return None
        return np.array(snap.world, dtype=np.float64)

    def _map_point(self, at: QPointF) -> Floats | None:
        """Return the world point under the cursor that is not the model's own: what is behind it, the ground."""
        view, scene = self.view, self.scene_sync.scene
        snap = None if scene is None else scene.snap(*view.pixel_at(at))
        if snap is not None and (snap.key is None or snap.key.layer != self.layer_id):
            return np.array(snap.world, dtype=np.float64)
        ground = view.ground_point(at)
        if ground is None or view.frame is None:
            return None
        return np.asarray(view.frame.to_world(ground))

    def _level_point(self, at: QPointF) -> Floats | None:
        """Return where the line of sight meets the level of the model's foot, world coordinates."""
        view = self.view
        line = view.line_at(at)
        if line is None or view.frame is None:
            return None
        begin, along = line
        drop = self.place.height_m - view.frame.origin[2] - begin[2]
        if abs(along[2]) < 1e-4 or drop / along[2] <= 0:
            return None
        return np.asarray(view.frame.to_world(begin + along * (drop / along[2])))

    def _is_on_model(self, at: QPointF) -> bool:
        """Whether the line of sight meets the box of the model where it is shown."""
        view = self.view
        line = view.line_at(at)
        if line is None or view.frame is None:
            return False
        back = np.linalg.inv(self.place.matrix())
        begin = (back @ [*view.frame.to_world(line[0]), 1.0])[:3]
        along = back[:3, :3] @ line[1]
        with np.errstate(divide="ignore", invalid="ignore"):
            cuts = np.sort((self._box - begin) / along, axis=0)
        return bool(np.nanmax(cuts[0]) <= np.nanmin(cuts[1]) and np.nanmin(cuts[1]) > 0)

    def _follow(self, at: QPointF) -> None:
        spot = self._level_point(at)
        if self._drag is None or spot is None:
            return
        how, begun, before = self._drag
        if how == "move":
            self.put(before.moved(east_m=float(spot[0] - begun[0]), north_m=float(spot[1] - begun[1])))
            return
        middle = np.array([before.east_m, before.north_m])
        one, two = begun[:2] - middle, spot[:2] - middle
        turn = math.degrees(math.atan2(two[0], two[1]) - math.atan2(one[0], one[1]))
        self.put(before.turned(turn))

    def _tell(self) -> None:
        if len(self._points) < len(TAGS):
            self.fit = None
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """Move the model's actors to where it would stand, and draw what helps."""
        scene, frame = self.scene_sync.scene, self.view.frame
        if scene is not None and frame is not None:
            off = np.eye(4)
            off[:3, 3] = -np.asarray(frame.origin, dtype=np.float64)
            shift = off @ self.place.matrix() @ np.linalg.inv(off @ self._base)
            scene.shift_layer(self.layer_id, shift if self.is_changed else None)
        self._draw()

    def _draw(self) -> None:
        overlay, word = self.overlay, self.session.word
        for number, owner in enumerate(TAGS):
            shown = self.mode == "points" and number < len(self._points)
            point = self._points[number] if shown else np.zeros(3)
            pair = (Stroke(np.stack([self._points[number - 1], point]), dashed=True),) if shown and number % 2 else ()
            overlay.draw(owner, Drawing(pair, (), Mark(point, "free"), Tag(point, word(owner))) if shown else None)
        if self.mode != "move":
            self.draw(None)
            return
        middle = np.array([self.place.east_m, self.place.north_m, self.place.height_m])
        radius = max(float(np.hypot(*(self._box[1] - self._box[0])[:2])) * 0.6 * self.place.scale, 4.0)
        around = np.radians(np.arange(0.0, 360.0, 5.0))
        ring = middle + radius * np.stack([np.sin(around), np.cos(around), np.zeros_like(around)], axis=1)
        north = math.radians(self.place.bearing_deg)
        out = np.array([math.sin(north), math.cos(north), 0.0])
        knob = Knob(middle + out * radius, np.array([out[1], -out[0], 0.0]), self._hot or self._turning)
        tag = Tag(knob.point, f"{self.place.bearing_deg:.1f}°") if self._turning else None
        self.draw(Drawing((Stroke(ring, closed=True),), (knob,), None, tag))

    @property
    def _turning(self) -> bool:
        return self._drag is not None and self._drag[0] == "turn"

    def _show_snap(self) -> None:
        """Show where a click on the model would hold on."""
        overlay, scene = self.overlay, self.scene_sync.scene
        if scene is None or self.mode != "points" or len(self._points) >= len(TAGS):
            overlay.draw("place.hover", None)
            return
        snap = scene.snap(*self.view.pixel_at(self._at))
        on_model = snap is not None and snap.key is not None and snap.key.layer == self.layer_id
        if snap is None or on_model != (len(self._points) % 2 == 0):
            overlay.draw("place.hover", None)
        else:
            overlay.draw("place.hover", Drawing(mark=Mark(np.array(snap.world, dtype=np.float64), snap.kind)))
