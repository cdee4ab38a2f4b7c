"""The section tool: planes and a box that are added, dragged, turned and cleared.

The cut itself is ``session.visibility.cut``; this module keeps, beside each plane, from where its number is counted.

Invariants
----------
1. Whoever else sets the cut (a review topic, a storey plan) is followed: chips and handles are made from the cut.
2. Handles are there while the card is open; the cut stays until it is cleared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt

from app.window.tools.cursor_pick import face_under, models_meant
from app.window.tools.tool import Tool
from models.core.watch import watch
from models.layers.layer import ModelData
from models.project.selection import ObjectKey
from models.views import section
from models.views.visibility import Cut, Plane, SectionBox
from viewers.widgets.bim.section_bar import CutChip
from viewers.widgets.canvas.tool_overlay import Drawing, Knob, Stroke

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

OWNER = "cut"
#: A plane on a clicked face begins this far inside it, so that the face is seen to go.
INSIDE_M = 0.05
#: A box leaves this much around what it is made for.
MARGIN_M = 0.3
ICONS = {"x": "square-half", "y": "square-half", "z": "square-half", "face": "cursor"}


@dataclass(frozen=True, slots=True)
class _Count:
    """From where a plane's number is counted: along which axis, from which offset."""

    kind: str
    axis: tuple[float, float, float]
    zero_m: float


class SectionTool(Tool):
    """Planes and box of one window."""

    cursor = None

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, OWNER, context.canvas.section_bar)
        self._bar = context.canvas.section_bar
        self._counts: list[_Count] = []
        self._current = -1
        self._hot: int | None = None
        self._grip: tuple[int, Cut, float, QPointF] | None = None
        self._meant: list[str] = []
        self._known: tuple[object, SectionBox] | None = None
        bar = self._bar
        bar.plane_requested.connect(self.add_plane)
        bar.face_toggled.connect(lambda _: self._show())
        bar.box_requested.connect(self.add_box)
        bar.chosen.connect(self._choose)
        bar.removed.connect(self._remove)
        bar.flip_requested.connect(self._flip)
        bar.clear_requested.connect(self.clear)
        bar.number_changed.connect(self._on_number_changed)
        bar.held.connect(self._on_held)
        bar.caps_toggled.connect(lambda on: self._set(replace(self._cut, caps=on)))
        bar.whole_toggled.connect(lambda on: self._set(replace(self._cut, models_only=not on)))
        self.stops = [watch(self.session.visibility.cut_changed, lambda _: self._on_cut_changed())]

    @property
    def _cut(self) -> Cut:
        return self.session.visibility.cut

    def open(self) -> None:
        """Open the tool."""
        if self._cut == Cut() or not self._meant:
            self._meant = models_meant(self.context)
        super().open()
        self._show()

    def drop(self) -> None:
        """Leave the choice of a face and take the handles off; the cut stays."""
        self._bar.face.setChecked(False)
        self.view.unsetCursor()
        super().drop()

    def refresh(self) -> None:
        """Follow the project, the selection and the language."""
        if self.is_open:
            self._show()

    # --- what cuts -----------------------------------------------------------------------------------------------
    def add_plane(self, axis: str) -> None:
        """Add a plane across the middle of what is cut, looking at the viewer."""
        self._mean_anew()
        box = self._target()
        if box is None:
            return
        plane = section.plane_through(box, "xyz".index(axis))
        direction = np.asarray(plane.normal)
        low, _ = section.reach(box, plane.normal)
        count = _Count(axis, plane.normal, 0.0 if axis == "z" else low)
        pose, frame = self.view.pose, self.view.frame
        if axis != "z" and pose is not None and frame is not None:
            eye = frame.to_world(pose.eye if pose.half_m is None else pose.target - (pose.target - pose.eye) * 100)
            if float((eye - np.asarray(plane.point)) @ direction) < 0:
                plane = section.flipped(plane)
        self._add(plane, count)

    def add_face_plane(self, point: Floats, normal: Floats) -> None:
        """Add a plane along a face."""
        axis = section.vector(normal)
        count = _Count("face", axis, float(point @ normal))
        self._add(Plane(section.vector(point - normal * INSIDE_M), axis), count)

    def _add(self, plane: Plane, count: _Count) -> None:
        cut = self._cut if self._cut != Cut() else Cut(models_only=self._has_models())
        self._counts.append(count)
        self._current = len(self._counts) - 1
        self._set(replace(cut, planes=(*cut.planes, plane)))

    def add_box(self, around: str = "models") -> None:
        """Set the box around the selection, the models, or what is visible."""
        self._mean_anew()
        keys = self.session.selection.keys if around == "selection" else ()
        points = self._points(around, keys)
        if points is None:
            return
        self._current = len(self._cut.planes)
        cut = self._cut if self._cut != Cut() else Cut(models_only=self._has_models())
        self._set(replace(cut, box=section.box_around(points, self._bearing(), MARGIN_M)))

    def clear(self) -> None:
        """Cut nothing any more."""
        self._set(Cut())

    def _mean_anew(self) -> None:
        """Ask again which models are meant, where nothing is cut yet or something is selected."""
        if self._cut == Cut() or self.session.selection.keys or not self._meant:
            self._meant = models_meant(self.context)

    def _set(self, cut: Cut) -> None:
        if not cut.planes and cut.box is None:
            cut = Cut()
        self.session.visibility.set_cut(cut)

    def _on_cut_changed(self) -> None:
        planes = self._cut.planes
        known = len(self._counts) == len(planes) and all(
            abs(abs(float(np.dot(count.axis, plane.normal))) - 1.0) < 1e-6
            for count, plane in zip(self._counts, planes, strict=True)
        )
        if not known:
            self._counts = [self._count_of(plane) for plane in planes]
        last = len(planes) - (0 if self._cut.box is not None else 1)
        self._current = min(max(self._current, 0), last)
        if self.is_open:
            self._show(quick=known and self._grip is not None)

    def _count_of(self, plane: Plane) -> _Count:
        """Return how to count a plane that somebody else set."""
        if abs(plane.normal[2]) > 1 - 1e-6:
            return _Count("z", (0.0, 0.0, 1.0), 0.0)
        return _Count("face", plane.normal, section.offset_of(plane))

    # --- the card ------------------------------------------------------------------------------------------------
    def _show(self, *, quick: bool = False) -> None:
        cut, bar, word = self._cut, self._bar, self.appearance.word
        if not quick:
            kinds = [count.kind for count in self._counts]
            chips = []
            for number, kind in enumerate(kinds):
                name = word(f"tools.chip.{kind}")
                same = kinds[:number].count(kind) + 1
                chips.append(CutChip(ICONS[kind], f"{name} {same}" if kinds.count(kind) > 1 else name))
            if cut.box is not None:
                chips.append(CutChip("bounding-box", word("tools.chip.box")))
            bar.show_options(
                caps=cut.caps, whole=not cut.models_only if chips else not self._has_models(),
                has_models=self._has_models(), has_selection=bool(self.session.selection.keys),
            )  # fmt: skip
            bar.caps.setEnabled(bool(chips))
            bar.whole.setEnabled(bool(chips) and self._has_models())
            bar.show_cuts(chips, self._current)
            bar.say(word("tools.hint.face") if bar.face.isChecked() else "" if chips else word("tools.hint.section"))
        if 0 <= self._current < len(cut.planes):
            count, plane = self._counts[self._current], cut.planes[self._current]
            target = self._target()
            at = float(np.dot(plane.point, count.axis)) - count.zero_m
            low, high = (at - 10, at + 10) if target is None else section.reach(target, count.axis)
            shift = 0.0 if target is None else count.zero_m
            bar.show_offset(at, min(low - shift, at), max(high - shift, at))
        elif cut.box is not None:
            bar.show_bearing(cut.box.bearing_deg)
        self._draw()

    def _choose(self, number: int) -> None:
        self._current = number
        self._show()

    def _remove(self, number: int) -> None:
        cut = self._cut
        if number < len(cut.planes):
            del self._counts[number]
            self._current = min(self._current, len(self._counts) - 1)
            self._set(replace(cut, planes=cut.planes[:number] + cut.planes[number + 1 :]))
        else:
            self._set(replace(cut, box=None))

    def _flip(self) -> None:
        if 0 <= self._current < len(self._cut.planes):
            self._put_plane(self._current, section.flipped(self._cut.planes[self._current]))

    def _on_number_changed(self, value: float) -> None:
        cut = self._cut
        if 0 <= self._current < len(cut.planes):
            count, plane = self._counts[self._current], cut.planes[self._current]
            now = float(np.dot(plane.point, count.axis)) - count.zero_m
            moved = np.asarray(plane.point) + np.asarray(count.axis) * (value - now)
            self._put_plane(self._current, replace(plane, point=section.vector(moved)))
        elif cut.box is not None:
            self._set(replace(cut, box=replace(cut.box, bearing_deg=value)))

    def _on_held(self, held: bool) -> None:
        self.view.set_moving(held)
        self.scene_sync.visibility.drag(held)

    def _put_plane(self, number: int, plane: Plane) -> None:
        planes = list(self._cut.planes)
        planes[number] = plane
        self._set(replace(self._cut, planes=tuple(planes)))

    # --- mouse and keys ----------------------------------------------------------------------------------------------
    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Take hold of a handle."""
        knob = self.overlay.knob_at(OWNER, at)
        if knob is None:
            return False
        start = self._along(knob, at)
        if start is None:
            return False
        self._grip = (knob, self._cut, start, at)
        self._current = min(knob, len(self._cut.planes))
        self._on_held(True)
        self._show()
        return True

    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Drag what is held, or light up the handle under the cursor."""
        view = self.view
        if self._grip is None:
            hot = self.overlay.knob_at(OWNER, at)
            if hot != self._hot:
                self._hot = hot
                self._draw()
                if hot is None:
                    view.unsetCursor()
                else:
                    view.setCursor(Qt.CursorShape.OpenHandCursor)
            if hot is None and self._bar.face.isChecked():
                view.setCursor(Qt.CursorShape.CrossCursor)
            return hot is not None
        knob, cut, start, _ = self._grip
        now = self._along(knob, at)
        if now is not None:
            self._move(knob, cut, now - start)
        return True

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """Let go: now the cut faces are filled."""
        self._grip = None
        self._on_held(False)
        self._show()

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Cut along the face under the cursor, where that was asked for."""
        if not self._bar.face.isChecked():
            return False
        face = face_under(self.context, at)
        if face is not None:
            self._bar.face.setChecked(False)
            self.add_face_plane(*face)
        return True

    def wants_key(self, key: int) -> bool:
        """Take Esc."""
        return key == Qt.Key.Key_Escape

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """Leave the choice of a face, or the tool."""
        if self._bar.face.isChecked():
            self._bar.face.setChecked(False)
        else:
            self._bar.closed.emit()

    def _along(self, knob: int, at: QPointF) -> float | None:
        """Return how far along its direction a handle would be pulled to be under a position."""
        drawing, view = self.overlay.drawing(OWNER), self.view
        line, frame, pose = view.line_at(at), view.frame, view.pose
        if drawing is None or knob >= len(drawing.knobs) or line is None or frame is None or pose is None:
            return None
        handle = drawing.knobs[knob] if self._grip is None else self._held_knob(knob, self._grip[1])
        point = frame.to_local(handle.point)
        along = section.nearest_on_axis(point, handle.out, *line)
        if along is None:  # the handle points at the eye: up and down in the picture pulls
            return -at.y() * pose.pixel_m(point, max(view.height(), 1))
        return along

    def _held_knob(self, knob: int, cut: Cut) -> Knob:
        """Return a handle where it was when it was taken."""
        return self._knobs(cut)[knob]

    def _move(self, knob: int, cut: Cut, metres: float) -> None:
        if knob < len(cut.planes):
            plane = cut.planes[knob]
            moved = np.asarray(plane.point) + np.asarray(plane.normal) * metres
            self._put_plane(knob, replace(plane, point=section.vector(moved)))
        elif cut.box is not None:
            axis, end = section.FACES[knob - len(cut.planes)]
            self._set(replace(self._cut, box=section.drag_face(cut.box, axis, end, metres)))

    # --- what is drawn over the picture ----------------------------------------------------------------------------
    def _draw(self) -> None:
        cut = self._cut
        strokes = []
        target = self._target()
        for number, plane in enumerate(cut.planes):
            ring = np.zeros((0, 3)) if target is None else section.outline(target, plane)
            strokes.append(Stroke(ring, closed=True, filled=True, strong=number == self._current))
        if cut.box is not None:
            points = section.corners(cut.box)
            strong = self._current >= len(cut.planes)
            strokes += [Stroke(points[list(edge)], strong=strong) for edge in section.EDGES]
        knobs = tuple(replace(knob, hot=number == self._hot) for number, knob in enumerate(self._knobs(cut)))
        self.draw(Drawing(tuple(strokes), knobs))

    def _knobs(self, cut: Cut) -> list[Knob]:
        knobs, target = [], self._target()
        for plane in cut.planes:
            ring = np.zeros((0, 3)) if target is None else section.outline(target, plane)
            middle = ring.mean(axis=0) if len(ring) else np.asarray(plane.point)
            knobs.append(Knob(middle, np.asarray(plane.normal)))
        if cut.box is not None:
            knobs += [Knob(*section.face_middle(cut.box, axis, end)) for axis, end in section.FACES]
        return knobs

    # --- what there is to cut --------------------------------------------------------------------------------------
    def _has_models(self) -> bool:
        return self.scene_sync.model_box() is not None

    def _target(self) -> SectionBox | None:
        """Return the box of what is cut, turned with the building."""
        city = self.scene_sync
        whole = not self._cut.models_only and self._cut != Cut()
        found = [] if whole else [city.model_corners(layer_id) for layer_id in self._meant]
        clouds = [one for one in found if one is not None and len(one)]
        if clouds:
            stamp = (tuple(id(one) for one in clouds), self._bearing())
            if self._known is None or self._known[0] != stamp:
                self._known = stamp, section.box_around(np.concatenate(clouds), self._bearing())
            return self._known[1]
        if city.scene is None or (local := city.scene.bounds) is None:
            return None
        low, high = city.scene.frame.to_world(local)
        return SectionBox(section.vector(low), section.vector(high))

    def _bearing(self) -> float:
        """Return how the model that is meant is turned; planes and boxes are turned with it."""
        matrices = [self.scene_sync.model_matrix(layer_id) for layer_id in self._meant]
        return next((section.bearing_of(matrix) for matrix in matrices if matrix is not None), 0.0)

    def _points(self, around: str, keys: Iterable[ObjectKey]) -> Floats | None:
        """Return world points (n, 3) that a box shall hold."""
        city = self.scene_sync
        scene = city.scene
        if scene is None:
            return None
        if around == "selection":
            wanted: dict[str, list[int]] = {}
            for key in keys:
                wanted.setdefault(key.layer, []).append(key.oid)
            exact = [self._corners_of(layer_id, oids) for layer_id, oids in wanted.items()]
            if wanted and all(one is not None for one in exact):
                return np.concatenate([one for one in exact if one is not None])
            box = scene.bounds_of(keys)
        else:
            models = self._meant
            if around == "visible" and models:
                seen = [self._corners_of(layer_id, None) for layer_id in models]
            else:
                seen = [city.model_corners(layer_id) for layer_id in models]
            found = [one for one in seen if one is not None and len(one)]
            if found:
                return np.concatenate(found)
            target = self._target()
            return None if target is None else section.corners(target)
        return None if box is None else section.corners(SectionBox(section.vector(box[0]), section.vector(box[1])))

    def _corners_of(self, layer_id: str, oids: Iterable[int] | None) -> Floats | None:
        """Return world corners of a model's elements, of those that are seen where none is named."""
        data, matrix = self.session.project.data.get(layer_id), self.scene_sync.model_matrix(layer_id)
        if not isinstance(data, ModelData) or matrix is None:
            return None
        look = self.session.visibility.of(layer_id)
        if oids is None and not look.hidden and not look.ghost:
            return self.scene_sync.model_corners(layer_id)
        if oids is None:
            rows = ~np.isin(data.meshes.placement_element, list(look.hidden | look.ghost))
        else:
            from app.usecases.bim.visibility import with_parts

            rows = np.isin(data.meshes.placement_element, with_parts(data, oids))
        return section.placed_corners(data.meshes, np.flatnonzero(rows), matrix)
