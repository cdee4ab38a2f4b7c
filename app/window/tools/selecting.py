"""The selecting tool: rectangle, polygon, circle or freehand shape, projected onto the ground.

Invariants
----------
1. What is drawn on the picture is laid onto the ground: an object is selected by its place on the map, not by how it is
   seen; what stands behind a tower is selected as well as the tower.
2. A drag is the tool's only while a shape is drawn; the other buttons and the wheel move the camera as always.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu

from app.usecases.query import describe, query
from app.window.tools.tool import Tool
from models.core.progress import Progress
from models.project.selection import ObjectKey
from viewers.widgets.canvas.tool_overlay import Drawing, Stroke, Tag
from viewers.widgets.common.plain import plain_entry
from viewers.widgets.query.select_bar import SelectBar

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

Floats = NDArray[np.float64]

OWNER = "select"
#: Points along each side of a rectangle when it is laid onto the ground.
ALONG = 12
#: Points nearer than this are no shape.
LEAST_PX = 4.0
#: Under a click counts what lies within so many pixels.
REACH_PX = 5.0


class SelectTool(Tool):
    """Selecting by shapes in one window.

    Parameters
    ----------
    context : WindowContext
    bar : SelectBar
    """

    def __init__(self, context: WindowContext, bar: SelectBar) -> None:
        super().__init__(context, OWNER, bar)
        self._bar = bar
        self.shape = "rectangle"
        self._screen: list[QPointF] = []
        self._points: list[Floats] = []
        self._free: Floats | None = None
        bar.shape_chosen.connect(self.choose)

    def open(self, shape: str = "") -> None:
        """Open the tool, with a shape where one is named."""
        super().open()
        self.choose(shape or self.shape)

    def choose(self, shape: str) -> None:
        """Draw another shape; what was begun is dropped."""
        self.shape = shape
        self._bar.show_shape(shape)
        self._bar.show_answer("")
        self.drop()

    # --- mouse and keys ----------------------------------------------------------------------------------------------
    def on_press(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Begin a shape that is drawn in one go."""
        if self.shape not in ("rectangle", "radius", "freehand"):
            return False
        self._screen = [at]
        start = self._world(at)
        self._points = [] if start is None else [start]
        return self.shape == "rectangle" or start is not None

    def on_hover(self, at: QPointF, buttons: Qt.MouseButton, keys: Qt.KeyboardModifier) -> bool:
        """Follow the cursor."""
        if buttons & Qt.MouseButton.LeftButton and self._screen:
            if self.shape == "freehand":
                if (at - self._screen[-1]).manhattanLength() >= LEAST_PX and (point := self._world(at)) is not None:
                    self._screen.append(at)
                    self._points.append(point)
            else:
                self._screen = [self._screen[0], at]
                if self.shape == "radius" and (point := self._world(at)) is not None:
                    self._points = [self._points[0], point]
            self._draw()
        elif self.shape == "polygon" and self._points:
            self._free = self._world(at)
            self._draw()
        return False

    def on_release(self, at: QPointF, keys: Qt.KeyboardModifier) -> None:
        """End a shape that was drawn in one go; a mere click selects as clicks do."""
        screen = self._screen
        if len(screen) < 2 or (screen[-1] - screen[0]).manhattanLength() < LEAST_PX:
            self.drop()
            view = self.view
            view.clicked.emit(view.pick_at(at), bool(keys & Qt.KeyboardModifier.ControlModifier))
            return
        area = self._area()
        self.drop()
        self.take(area, self._mode(keys))

    def on_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """Set a corner of a polygon, or ask what lies under the cursor."""
        if self.shape == "identify":
            self.identify(at)
            return True
        if self.shape != "polygon":
            return False
        if (point := self._world(at)) is not None:
            self._points.append(point)
            self._draw()
        return True

    def on_double_click(self, at: QPointF, keys: Qt.KeyboardModifier) -> bool:
        """End a polygon."""
        if self.shape == "polygon":
            self._finish(keys)
        return True

    def wants_key(self, key: int) -> bool:
        """Take the keys that end, undo and cancel."""
        return key in (Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def on_key(self, key: int, keys: Qt.KeyboardModifier) -> None:
        """End, undo or cancel."""
        if key == Qt.Key.Key_Backspace:
            self._points = self._points[:-1]
            self._draw()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish(keys)
        elif self._points:
            self.drop()
        else:
            self._bar.closed.emit()

    def on_leave(self) -> None:
        """Take the rubber line off."""
        self._free = None
        self._draw()

    def _finish(self, keys: Qt.KeyboardModifier) -> None:
        if len(self._points) >= 3:
            area = self._area()
            self.drop()
            self.take(area, self._mode(keys))

    def drop(self) -> None:
        """Drop the shape that was begun."""
        self._screen, self._points, self._free = [], [], None
        super().drop()

    def _mode(self, keys: Qt.KeyboardModifier) -> str:
        held = Qt.KeyboardModifier
        if keys & held.ShiftModifier:
            return "add"
        if keys & held.ControlModifier:
            return "remove"
        return "common" if keys & held.AltModifier else self._bar.mode

    # --- on the ground -----------------------------------------------------------------------------------------------
    def _world(self, at: QPointF) -> Floats | None:
        view = self.view
        local = view.ground_point(at)
        if local is None or view.frame is None:
            return None
        return np.asarray(view.frame.to_world(local), dtype=np.float64)

    def _outline(self) -> list[Floats]:
        """Return the shape's corners on the ground; those in the sky have no place."""
        if self.shape == "rectangle" and len(self._screen) == 2:
            a, b = self._screen
            corners = [a, QPointF(b.x(), a.y()), b, QPointF(a.x(), b.y())]
            sides = zip(corners, [*corners[1:], corners[0]], strict=True)
            places = [one + (two - one) * (step / ALONG) for one, two in sides for step in range(ALONG)]
            return [point for place in places if (point := self._world(place)) is not None]
        if self.shape == "radius" and len(self._points) == 2:
            middle, edge = self._points
            reach = math.hypot(*(edge - middle)[:2])
            turns = np.linspace(0, 2 * math.pi, 72, endpoint=False)
            ring = np.column_stack([middle[0] + reach * np.cos(turns), middle[1] + reach * np.sin(turns)])
            heights = self.view.ground(ring[:, 0], ring[:, 1])
            return list(np.column_stack([ring, heights]))
        return list(self._points)

    def _area(self) -> Any:
        """Return the shape on the map (project CRS), None for none."""
        import shapely

        if self.shape == "radius" and len(self._points) == 2:
            middle, edge = self._points
            return shapely.Point(middle[:2]).buffer(math.hypot(*(edge - middle)[:2]), quad_segs=64)
        corners = self._outline()
        if len(corners) < 3:
            return None
        area = shapely.make_valid(shapely.Polygon([corner[:2] for corner in corners]))
        return area if area.area > 0 else None

    def take(self, area: Any, mode: str) -> None:
        """Select what lies in an area of the map, as a job."""
        session, bar = self.session, self._bar
        if area is None:
            bar.show_answer(self.appearance.word("select.no_ground"))
            return
        active = self.session.current_layer.id if bar.only_active else ""
        wholly = bar.wholly.isChecked()

        def work(progress: Progress) -> dict[str, Any]:
            return query.inside(session, area, active, wholly=wholly, progress=progress)

        def done(found: dict[str, Any]) -> None:
            session.selection.set_many(found, mode)
            count = query.counts(found)
            bar.show_answer(
                self.appearance.word("select.found", count=f"{count:,}", all=f"{len(session.selection.keys):,}")
            )

        session.run("job.select", work, done)

    # --- what lies under a point -------------------------------------------------------------------------------------
    def identify(self, at: QPointF) -> None:
        """List everything under a position of the view, to choose from."""
        view = self.view
        pick = view.pick_at(at)
        ground = self._world(at)
        world = pick.world if pick is not None and pick.world is not None else ground
        if world is None or view.pose is None or view.frame is None:
            return
        key = pick.key if pick is not None else None
        self.list_under((float(world[0]), float(world[1]), float(world[2])), key, at)

    def list_under(self, world: tuple[float, float, float], first: ObjectKey | None, at: QPointF | None = None) -> None:
        """List everything under a world point."""
        view, session = self.view, self.session
        if view.pose is None or view.frame is None:
            return
        local = view.frame.to_local(np.array(world))
        reach = view.pose.pixel_m(local, max(view.height(), 1)) * REACH_PX

        def done(found: query.Under) -> None:
            self._open_list(found, at)

        session.run("job.identify", lambda _: query.under(session, world[0], world[1], reach, first), done)

    def menu_of(self, found: query.Under) -> QMenu:
        """Return what was found as a menu: objects to choose, and what rasters hold."""
        session, appearance = self.session, self.appearance
        menu = QMenu(self.context.window)
        for key in found.keys:
            layer = session.project.state.layer(key.layer)
            icon = "cube" if layer.kind == "model" else "map-pin"
            text = f"{describe.title_of(session, key)}   ·   {layer.title(session.lang)}"
            menu.addAction(appearance.icon(icon), plain_entry(text), lambda key=key: self._choose(key))
        if found.keys and found.rasters:
            menu.addSeparator()
        for title, value in found.rasters:
            menu.addAction(appearance.icon("grid-four"), plain_entry(f"{title}   {value}")).setEnabled(False)
        if menu.isEmpty():
            menu.addAction(appearance.word("select.nothing_here")).setEnabled(False)
        return menu

    def _open_list(self, found: query.Under, at: QPointF | None) -> None:
        if len(found.keys) == 1 and not found.rasters:
            self._choose(found.keys[0])
            return
        view = self.view
        menu = self.menu_of(found)
        menu.aboutToHide.connect(menu.deleteLater)
        place = at if at is not None else QPointF(view.width() / 2, view.height() / 2)
        menu.popup(view.mapToGlobal(place.toPoint()))

    def _choose(self, key: ObjectKey) -> None:
        self.session.selection.set([key])
        self.context.docks.bring_forward("properties")

    # --- drawing -----------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        if not self.is_open:
            return
        points = self._outline()
        if self.shape == "polygon" and self._free is not None and points:
            points.append(self._free)
        if len(points) < 2:
            self.draw(None)
            return
        stroke = Stroke(np.asarray(points), closed=len(points) > 2, filled=len(points) > 2, dashed=True)
        tag = None
        if self.shape == "radius" and len(self._points) == 2:
            middle, edge = self._points
            tag = Tag(edge, f"R {math.hypot(*(edge - middle)[:2]):,.1f} m")
        dots = tuple(self._points) if self.shape == "polygon" else ()
        self.draw(Drawing((stroke,), (), None, tag, dots))
