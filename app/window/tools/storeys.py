"""The storey tool: a plan of each storey, and the storeys drawn apart.

Invariants
----------
1. A plan is a cut like any other: one horizontal plane; when somebody else changes the cut, no storey is chosen.
2. The view from before the first plan is kept until one goes back to it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer

from app.window.tools.cursor_pick import models_meant
from app.window.tools.tool import Tool
from models.bim.model_matrix import is_height_unsure
from models.core.watch import watch
from models.layers.layer import ModelData
from models.views import section
from models.views.visibility import Cut, Plane
from viewers.widgets.canvas import camera_motion

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: Metres in which two levels are told as one.
_SAME_M = 0.005


class StoreyTool(Tool):
    """Plans and exploded storeys of one window."""

    cursor = None

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, "storeys", context.canvas.storey_bar)
        self._bar = context.canvas.storey_bar
        self._layer = ""
        self._floor = -1
        self._height_m = section.PLAN_M
        self._own: Plane | None = None
        self._before: camera_motion.Pose | None = None
        self._apart: dict[str, float] = {}
        #: The storeys follow the slider once an event-loop turn, however fast it moves.
        self._lift_timer = QTimer(self, singleShot=True, interval=0)
        self._lift_timer.timeout.connect(self._lift)
        bar = self._bar
        bar.model_chosen.connect(self._choose_model)
        bar.storey_chosen.connect(self.show_storey)
        bar.height_changed.connect(self._on_height_changed)
        bar.plan_toggled.connect(lambda on: self.look_down() if on else self.look_back())
        bar.apart_changed.connect(self._on_apart_changed)
        bar.held.connect(context.scene_sync.visibility.drag)
        bar.held.connect(context.canvas.view.set_moving)
        self.stops = [watch(self.session.visibility.cut_changed, self._on_cut_changed)]

    def open(self) -> None:
        """Open the tool."""
        super().open()
        meant = models_meant(self.context)
        if self._own is None and self._layer not in meant and meant:
            self._layer, self._floor = meant[0], -1
        self.refresh()

    def end(self) -> None:
        """Stop the timer; the window closes."""
        self._lift_timer.stop()

    @property
    def in_plan(self) -> bool:
        """Whether one looks straight down in parallel."""
        pose = self.view.pose
        return pose is not None and pose.half_m is not None

    @property
    def storey_name(self) -> str:
        """Return the name of the storey whose plan is shown, empty for none."""
        found = [floor.name for floor in self._floors() if floor.oid == self._floor]
        return found[0] if found and self._own is not None else ""

    @property
    def is_apart(self) -> bool:
        """Whether the storeys of a model are drawn apart."""
        return any(look.lift_m for look in self.session.visibility.elements.values())

    def refresh(self) -> None:
        """Follow the project and the language."""
        if not self.is_open:
            return
        models = self._models()
        if self._layer not in dict(models):
            self._layer, self._floor = models[0][0] if models else "", -1
        self._bar.show_models(models, self._layer)
        word = self.appearance.word
        floors = self._floors()
        rows = [(-1, word("tools.storey.none"))]
        rows += [(floor.oid, f"{floor.name or word('tools.storey.unnamed')}   {self._told(floor)}")
                 for floor in reversed(floors)]  # fmt: skip
        hint = "" if floors else word("tools.storey.missing" if models else "tools.no_model")
        self._bar.show_storeys(rows, self._floor, hint)
        self._bar.show_numbers(
            self._height_m, self._apart.get(self._layer, 0.0), plan=self.in_plan, can_explode=len(floors) > 1
        )

    def show_storey(self, oid: int) -> None:
        """Cut above a storey's floor and look down on it; -1 makes the model whole again."""
        self._floor = oid
        if oid < 0:
            self.whole()
            return
        self._cut_here()
        if not self.in_plan:
            self.look_down()
        self._show_plan()

    def look_down(self) -> None:
        """Look straight down in parallel, turned so that the building lies straight in the picture."""
        view, frame = self.view, self.view.frame
        corners, pose = self.scene_sync.model_corners(self._layer), view.pose
        matrix = self.scene_sync.model_matrix(self._layer)
        if corners is None or not len(corners) or frame is None or pose is None or matrix is None:
            return
        if pose.half_m is None:
            self._before = pose
        local = frame.to_local(corners)
        bearing = section.bearing_of(matrix)
        box = section.box_around(local, bearing)
        size = np.asarray(box.high) - np.asarray(box.low)
        high = max(view.height(), 1)
        covered = self._bar.geometry().bottom() if self.is_open else 0
        free = max(high - covered, high // 2)
        half = 0.56 * max(float(size[1]) * high / free, float(size[0]) * high / max(view.width(), 1), 4.0)
        away = max(half / np.tan(np.radians(pose.angle_deg) / 2), float(size[2]) + 20.0)
        middle = (np.asarray(box.low) + np.asarray(box.high)) / 2
        up = section.axes_of(bearing)[1] * (half * (high - free) / high)  # the card covers the top of the picture
        view.fly(camera_motion.from_angles(middle + up, bearing, 90.0, float(away), pose.angle_deg, half))
        self._show_plan()

    def look_back(self) -> None:
        """Look from where one looked before the plan."""
        view, pose = self.view, self.view.pose
        if pose is None or pose.half_m is None:
            return
        before, self._before = self._before, None
        if before is None:
            flat = pose.in_perspective()
            before = camera_motion.from_angles(flat.target, pose.bearing_deg, 35.0, flat.distance_m, pose.angle_deg)
        view.fly(before)
        self._show_plan(plan=False)

    def whole(self) -> None:
        """Take the plan's cut away and look from before."""
        self._floor = -1
        if self._own is not None:
            cut, self._own = self.session.visibility.cut, None
            self.session.visibility.set_cut(Cut() if cut.box is None else replace(cut, planes=()))
        self.look_back()
        self.refresh()

    def together(self) -> None:
        """Put the storeys of every model back on each other."""
        self._apart.clear()
        for layer_id, look in self.session.visibility.elements.items():
            self.session.visibility.set(layer_id, replace(look, lift_m={}))
        self.refresh()

    def wants_key(self, key: int) -> bool:
        """Take Esc, and the page keys to go up and down."""
        return key in (Qt.Key.Key_Escape, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """Leave the tool, or go to the storey above or below."""
        if key == Qt.Key.Key_Escape:
            self._bar.closed.emit()
        else:
            self._bar.step(-1 if key == Qt.Key.Key_PageUp else 1)

    # --- what is shown -----------------------------------------------------------------------------------------------
    def _models(self) -> list[tuple[str, str]]:
        data, lang = self.session.project.data, self.session.lang
        return [
            (layer.id, layer.title(lang)) for layer in reversed(self.session.project.state.layers)
            if layer.visible and isinstance(data.get(layer.id), ModelData)
        ]  # fmt: skip

    def _data(self) -> ModelData | None:
        data = self.session.project.data.get(self._layer)
        return data if isinstance(data, ModelData) else None

    def _floors(self) -> list[section.Floor]:
        data = self._data()
        return [] if data is None else section.floors_of(data)

    def _level(self, level_m: float) -> float:
        """Return the world height of a level of the model."""
        matrix = self.scene_sync.model_matrix(self._layer)
        return level_m if matrix is None else float(matrix[2, 2] * level_m + matrix[2, 3])

    def _told(self, floor: section.Floor) -> str:
        """Say a storey's height above the building's zero, and the absolute one where that is another.

        Where no survey says how high the model stands, its own coordinates are the absolute ones.
        """
        layer = next((one for one in self.session.project.state.layers if one.id == self._layer), None)
        data = self._data()
        is_set_down = data is None or (layer is not None and layer.place is None and is_height_unsure(data))
        absolute = floor.level_m if is_set_down else self._level(floor.level_m)
        if abs(absolute - floor.elevation_m) < _SAME_M:
            return f"{floor.elevation_m:+.2f} m"
        return f"{floor.elevation_m:+.2f} m  ({absolute:.2f} m)"

    def _cut_here(self) -> None:
        floor = next((floor for floor in self._floors() if floor.oid == self._floor), None)
        corners = self.scene_sync.model_corners(self._layer)
        if floor is None or corners is None or not len(corners):
            return
        x, y = corners.mean(axis=0)[:2]
        at = (float(x), float(y), self._level(floor.level_m) + self._height_m)
        self._own = Plane(at, (0.0, 0.0, 1.0))
        cut = self.session.visibility.cut
        whole = cut if cut != Cut() else Cut(models_only=True)
        self.session.visibility.set_cut(replace(whole, planes=(self._own,)))

    def _show_plan(self, *, plan: bool = True) -> None:
        self._bar.plan.blockSignals(True)
        self._bar.plan.setChecked(plan)
        self._bar.plan.blockSignals(False)

    def _choose_model(self, layer_id: str) -> None:
        if layer_id != self._layer:
            self._layer, self._floor = layer_id, -1
            self.refresh()

    def _on_height_changed(self, height_m: float) -> None:
        self._height_m = height_m
        if self._floor >= 0:
            self._cut_here()

    def _on_cut_changed(self, cut: Cut) -> None:
        if self._own is not None and self._own not in cut.planes:
            self._own, self._floor = None, -1
            self.refresh()

    def _on_apart_changed(self, share: float) -> None:
        self._apart[self._layer] = share
        self._lift_timer.start()

    def _lift(self) -> None:
        data = self._data()
        if data is not None:
            look = self.session.visibility.of(self._layer)
            lifted = section.lifts(data, self._apart.get(self._layer, 0.0))
            self.session.visibility.set(self._layer, replace(look, lift_m=lifted))
