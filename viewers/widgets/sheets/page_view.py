"""One page on the screen, in millimetres: its items are chosen, dragged and resized by hand, and snap.

The view changes nothing: while a hand drags, it shows where the boxes would be, and when the hand lets go it asks for
that once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QCursor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from models.sheets.layout import HANDLES, Box, Guide, Handle, Lines, bounds, dragged, is_outside, lines_of, snapped
from models.sheets.spec import Item, SheetSpec
from models.sheets.templates import MARGIN_MM, letters
from viewers.widgets.common.appearance import Appearance

#: Icons of what stands on a page.
ICONS = {
    "view": "cube", "keymap": "map-trifold", "title": "text-t", "legend": "list-bullets", "north": "compass",
    "scale": "ruler", "values": "list-numbers", "chart": "chart-bar", "table": "table", "photo": "image",
    "text": "text-aa", "block": "identification-card", "logo": "shield-check",
}  # fmt: skip
GRID_MM = 5.0
#: Pixels of the screen: how near a line takes hold of a box, half a handle, room around the page.
SNAP_PX, HANDLE_PX, AROUND_PX, MOVED_PX = 6, 4.5, 26, 3
#: Millimetres that an arrow key moves, with Shift, with Ctrl.
NUDGE_MM, FAR_NUDGE_MM, FINE_NUDGE_MM = 1.0, 10.0, 0.1
LEAST_ZOOM, MOST_ZOOM = 0.2, 40.0
_CURSORS = {
    "nw": Qt.CursorShape.SizeFDiagCursor, "se": Qt.CursorShape.SizeFDiagCursor, "ne": Qt.CursorShape.SizeBDiagCursor,
    "sw": Qt.CursorShape.SizeBDiagCursor, "n": Qt.CursorShape.SizeVerCursor, "s": Qt.CursorShape.SizeVerCursor,
    "w": Qt.CursorShape.SizeHorCursor, "e": Qt.CursorShape.SizeHorCursor, "": Qt.CursorShape.SizeAllCursor,
}  # fmt: skip
_STEPS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip


@dataclass(slots=True)
class _Drag:
    """What a hand holds since the button went down."""

    at: QPointF
    handle: Handle = ""
    before: dict[str, Box] = field(default_factory=dict)
    around: Box = (0.0, 0.0, 0.0, 0.0)
    is_moving: bool = False
    band: QRectF | None = None
    adds: bool = False


class PageView(QGraphicsView):
    """A page with its items.

    Signals
    -------
    chosen_changed : ()
    boxes_wanted : (dict of id to Box, str) items are to lie elsewhere; equal words one after another are one step
    menu_wanted : (QPoint on the screen)
    opened : (item id) it was double-clicked
    remove_wanted, copy_wanted : ()
    view_changed : () zoom or place of the page on the screen
    pointed : (QPointF or None) where the cursor is, millimetres

    Parameters
    ----------
    appearance : Appearance
    """

    chosen_changed = Signal()
    boxes_wanted = Signal(object, str)
    menu_wanted = Signal(object)
    opened = Signal(str)
    remove_wanted = Signal()
    copy_wanted = Signal()
    view_changed = Signal()
    pointed = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._spec = SheetSpec("")
        self._chosen: tuple[str, ...] = ()
        self._boxes: dict[str, Box] = {}
        self._guides: tuple[Guide, ...] = ()
        self._drag: _Drag | None = None
        self._pictures: dict[str, QImage] = {}
        self._drawn: dict[str, QGraphicsPixmapItem] = {}
        self._panning: QPointF | None = None
        self._fit = "page"
        self.snaps, self.shows_grid = True, False
        self.setScene(QGraphicsScene(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        appearance.say(self.setAccessibleName, "sheets.page")
        appearance.look_changed.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(lambda _: self.view_changed.emit())
        self.verticalScrollBar().valueChanged.connect(lambda _: self.view_changed.emit())

    # --- what is shown ----------------------------------------------------------------------------------------------

    @property
    def spec(self) -> SheetSpec:
        """Return the page that is shown."""
        return self._spec

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the ids of the chosen items, in their order on the page."""
        return tuple(item.id for item in self._spec.items if item.id in self._chosen)

    @property
    def boxes(self) -> dict[str, Box]:
        """Return where the items are now, also while they are dragged."""
        return {item.id: self._boxes.get(item.id, item.box) for item in self._spec.items}

    @property
    def zoom(self) -> float:
        """Return pixels of the screen a millimetre."""
        return self.transform().m11()

    def show_page(self, spec: SheetSpec) -> None:
        """Show a page; what was chosen on it stays chosen."""
        is_other = spec.id != self._spec.id
        resized = spec.size_mm != self._spec.size_mm
        self._spec = spec
        held = {item.id for item in spec.items}
        chosen = () if is_other else tuple(one for one in self._chosen if one in held)
        if self._drag is not None and (is_other or not set(self._drag.before) <= held):
            self._drag = None
        if self._drag is None:
            self._boxes, self._guides = {}, ()
        if is_other or resized:
            width, height = spec.size_mm
            self.scene().setSceneRect(QRectF(-width, -height, 3 * width, 3 * height))
            self.fit(self._fit or "page")
        if is_other:
            self._pictures = {}
        self._lay_out()
        if chosen != self._chosen:
            self._chosen = chosen
            self.chosen_changed.emit()

    def show_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """Show what items look like; those that are not named lose their picture."""
        self._pictures = dict(pictures)
        self._lay_out()

    def choose(self, ids: Iterable[str]) -> None:
        """Choose items."""
        wanted = set(ids)
        chosen = tuple(item.id for item in self._spec.items if item.id in wanted)
        if chosen != self._chosen:
            self._chosen = chosen
            self.chosen_changed.emit()
            self.viewport().update()

    def fit(self, how: str) -> None:
        """Show the whole ``"page"`` or its ``"width"``; it stays so when the window changes its size."""
        self._fit = how
        bars = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if how == "page" else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(bars)
        self.setVerticalScrollBarPolicy(bars)
        width, height = self._spec.size_mm
        room = self.viewport().size()
        across, down = (room.width() - 2 * AROUND_PX) / width, (room.height() - 2 * AROUND_PX) / height
        self._zoom_to(max(min(across, down) if how == "page" else across, LEAST_ZOOM))
        self._look_at(QPointF(width / 2, height / 2))
        if how == "width" and down < across:
            top = (room.height() / 2 - AROUND_PX) / self.zoom
            self._look_at(QPointF(width / 2, top))
        self.view_changed.emit()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Come nearer or go away; the place under the cursor stays."""
        self._fit = ""
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        anchor = QPointF(self.viewport().rect().center()) if at is None else at
        before = self.mapToScene(anchor.toPoint())
        self._zoom_to(min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM))
        middle = self.mapToScene(self.viewport().rect().center())
        self._look_at(middle + before - self.mapToScene(anchor.toPoint()))
        self.view_changed.emit()

    def _look_at(self, place: QPointF) -> None:
        """Put a place into the middle (``centerOn`` knows nothing finer than a pixel of the scroll bars)."""
        self.centerOn(place)

    def _zoom_to(self, zoom: float) -> None:
        self.resetTransform()
        self.scale(zoom, zoom)

    def _lay_out(self) -> None:
        """Put the pictures where their boxes are."""
        boxes = self.boxes
        for name in [name for name in self._drawn if name not in boxes or name not in self._pictures]:
            self.scene().removeItem(self._drawn.pop(name))
        for rank, item in enumerate(self._spec.items):
            image = self._pictures.get(item.id)
            if image is None or image.isNull():
                continue
            drawn = self._drawn.get(item.id)
            if drawn is None:
                drawn = self._drawn[item.id] = QGraphicsPixmapItem()
                drawn.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
                drawn.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable, False)
                self.scene().addItem(drawn)
            if drawn.data(0) != image.cacheKey():
                drawn.setPixmap(QPixmap.fromImage(image))
                drawn.setData(0, image.cacheKey())
            left, top, width, height = boxes[item.id]
            drawn.setZValue(rank)
            drawn.setPos(left, top)
            size = drawn.pixmap().size()
            drawn.setTransform(
                drawn.transform().fromScale(width / max(size.width(), 1), height / max(size.height(), 1))
            )
            drawn.setOpacity(0.25 if item.hidden else 1.0)
        self.viewport().update()

    # --- drawing ----------------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        """Draw the desk, the page with its shadow, margins and grid, and what has no picture yet."""
        painter.fillRect(QRectF(rect), self._appearance.colour("line" if not self._appearance.dark else "window"))
        width, height = self._spec.size_mm
        page = QRectF(0, 0, width, height)
        px = 1 / self.zoom
        painter.setPen(Qt.PenStyle.NoPen)
        shade = self._appearance.colour("shadow")
        for spread, alpha in ((5, 10), (3, 14), (1, 22)):
            shade.setAlpha(alpha)
            painter.setBrush(shade)
            painter.drawRect(page.adjusted(-spread * px, -spread * px, spread * px, (spread + 2) * px))
        painter.fillRect(page, QColor("#1a232b" if self._spec.dark else "#ffffff"))
        if self.shows_grid and self.zoom * GRID_MM >= 5:
            painter.setPen(_hair("#5fa9bd" if not self._spec.dark else "#45606b", 70))
            for at in range(1, round(width / GRID_MM)):
                painter.drawLine(QPointF(at * GRID_MM, 0), QPointF(at * GRID_MM, height))
            for at in range(1, round(height / GRID_MM)):
                painter.drawLine(QPointF(0, at * GRID_MM), QPointF(width, at * GRID_MM))
        margin = self._margin_mm()
        painter.setPen(_hair("#17242e" if not self._spec.dark else "#c8d6e2", 220))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(page.adjusted(margin, margin, -margin, -margin))

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        """Draw outlines, guides, handles, the rubber band; all in pixels of the screen."""
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, warn = self._appearance.colour("accent"), self._appearance.colour("warn")
        for item in self._spec.items:
            box = self._on_screen(self.boxes[item.id])
            outside = is_outside(self.boxes[item.id], self._spec.size_mm)
            if item.id not in self._drawn:
                self._placeholder(painter, item, box)
            if item.id in self._chosen:
                painter.setPen(QPen(accent, 1.6))
            elif outside:
                painter.setPen(QPen(warn, 1.4, Qt.PenStyle.DashLine))
            else:
                painter.setPen(_hair("#8fa0aa", 120))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
        for guide in self._guides:
            self._guide(painter, guide)
        if self._chosen and (self._drag is None or not self._drag.is_moving):
            self._handles(painter, accent)
        if self._drag is not None and self._drag.band is not None:
            fill = QColor(accent)
            fill.setAlpha(28)
            painter.setPen(QPen(accent, 1))
            painter.setBrush(fill)
            painter.drawRect(self._to_screen(self._drag.band))
        if self._drag is not None and self._drag.is_moving:
            self._figures(painter, accent)
        painter.restore()

    def _placeholder(self, painter: QPainter, item: Item, box: QRectF) -> None:
        """Draw what stands for an item that has no picture yet: its icon and kind."""
        fill = QColor("#2a363f" if self._spec.dark else "#f1f4f6")
        fill.setAlpha(110 if item.hidden else 235)
        painter.fillRect(box, fill)
        ink = QColor("#93a3af" if self._spec.dark else "#6b7a85")
        size = min(box.width(), box.height(), 22.0)
        text = self._appearance.word(f"sheets.kind.{item.kind}")
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(text)
        with_text = box.width() > wide + 12 and box.height() > 18
        beside = with_text and box.height() < 46 and box.width() > wide + 40
        icon = QRectF(0, 0, size, size)
        if with_text and not beside:
            icon.moveCenter(box.center() - QPointF(0, 9))
        elif beside:
            icon.setSize(QSizeF(min(size, 15.0), min(size, 15.0)))
            icon.moveCenter(box.center() - QPointF(wide / 2 + 5, 0))
        else:
            icon.moveCenter(box.center())
        self._appearance.icon(ICONS[item.kind], ink.name()).paint(painter, icon.toRect())
        if with_text:
            painter.setPen(ink)
            if beside:
                painter.drawText(
                    QRectF(icon.right() + 5, box.top(), wide + 4, box.height()), Qt.AlignmentFlag.AlignVCenter, text
                )
            else:
                below = QRectF(box.left(), icon.bottom() + 2, box.width(), 16)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)

    def _guide(self, painter: QPainter, guide: Guide) -> None:
        painter.setPen(QPen(QColor("#d6338a"), 1))
        if guide.axis == "x":
            ends = (QPointF(guide.at_mm, guide.from_mm), QPointF(guide.at_mm, guide.to_mm))
        else:
            ends = (QPointF(guide.from_mm, guide.at_mm), QPointF(guide.to_mm, guide.at_mm))
        painter.drawLine(self._point(ends[0]), self._point(ends[1]))

    def _handles(self, painter: QPainter, accent: QColor) -> None:
        around = self._around()
        if len(self._chosen) > 1:
            painter.setPen(QPen(accent, 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._on_screen(around))
            return
        painter.setPen(QPen(accent, 1.4))
        painter.setBrush(QColor("#ffffff"))
        for place in self._handle_places(around).values():
            painter.drawRect(QRectF(place.x() - HANDLE_PX, place.y() - HANDLE_PX, 2 * HANDLE_PX, 2 * HANDLE_PX))

    def _figures(self, painter: QPainter, accent: QColor) -> None:
        """Write where the box is, or how large, while it is dragged."""
        left, top, width, height = self._around()
        is_sized = self._drag is not None and self._drag.handle
        text = f"{width:.1f} × {height:.1f} mm" if is_sized else f"{left:.1f}, {top:.1f} mm"
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        box = self._on_screen(self._around())
        wide = painter.fontMetrics().horizontalAdvance(text) + 12
        pill = QRectF(box.center().x() - wide / 2, box.bottom() + 8, wide, 19)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(pill, 4, 4)
        painter.setPen(self._appearance.colour("on_accent"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

    # --- places -----------------------------------------------------------------------------------------------------

    def _point(self, mm: QPointF) -> QPointF:
        return self.viewportTransform().map(mm)

    def _to_screen(self, mm: QRectF) -> QRectF:
        return self.viewportTransform().mapRect(mm)

    def _on_screen(self, box: Box) -> QRectF:
        return self._to_screen(QRectF(*box))

    def _on_page(self, event: QMouseEvent) -> QPointF:
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(event.position())

    def _around(self) -> Box:
        boxes = self.boxes
        return bounds(boxes[name] for name in self.chosen)

    def _handle_places(self, box: Box) -> dict[Handle, QPointF]:
        area = self._on_screen(box)
        x = {"w": area.left(), "e": area.right()}
        y = {"n": area.top(), "s": area.bottom()}
        middle = area.center()
        return {
            handle: QPointF(
                next((x[one] for one in handle if one in x), middle.x()),
                next((y[one] for one in handle if one in y), middle.y()),
            )
            for handle in HANDLES
        }

    def _handle_at(self, place: QPointF) -> Handle | None:
        if len(self._chosen) != 1:
            return None
        for handle, at in self._handle_places(self._around()).items():
            if abs(at.x() - place.x()) <= HANDLE_PX + 3 and abs(at.y() - place.y()) <= HANDLE_PX + 3:
                return handle
        return None

    def item_at(self, place: QPointF) -> str:
        """Return the id of the item at a place of the page: of the topmost, but of a chosen one before those over it.

        Millimetres; empty for none.
        """
        boxes = self.boxes
        under = [item.id for item in self._spec.items if QRectF(*boxes[item.id]).contains(place)]
        chosen = [name for name in under if name in self._chosen]
        return (chosen or under or [""])[-1]

    def topmost_at(self, place: QPointF) -> str:
        """Return the id of the topmost item at a place of the page, empty for none."""
        boxes = self.boxes
        return next(
            (item.id for item in reversed(self._spec.items) if QRectF(*boxes[item.id]).contains(place)), ""
        )  # fmt: skip

    # --- mouse ------------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of a handle, an item, or the page."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() == Qt.MouseButton.MiddleButton:
            self._panning = event.position()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        if event.button() == Qt.MouseButton.RightButton:
            under = self.item_at(self._on_page(event))
            if under not in self._chosen:
                self.choose([under] if under else [])
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place, adds = self._on_page(event), _adds(event)
        handle = self._handle_at(event.position())
        if handle is None:
            under = self.item_at(place)
            if under and adds:
                self.choose(set(self._chosen) ^ {under})
            elif under and under not in self._chosen:
                self.choose([under])
            elif not under and not adds:
                self.choose([])
            handle = "" if under and under in self._chosen else None
        self._drag = _Drag(place, adds=adds)
        if handle is None:
            self._drag.band = QRectF(place, place)
        else:
            self._drag.handle = handle
            self._drag.before = {name: self.boxes[name] for name in self.chosen}
            self._drag.around = self._around()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag what is held; else show what a press would take."""
        place = self._on_page(event)
        self.pointed.emit(place)
        if self._panning is not None:
            moved = event.position() - self._panning
            self._panning = event.position()
            self._fit = ""
            for bar, by in ((self.horizontalScrollBar(), moved.x()), (self.verticalScrollBar(), moved.y())):
                bar.setValue(bar.value() - round(by))
            return
        drag = self._drag
        if drag is None:
            self._point_cursor(event.position(), place)
            return
        if drag.band is not None:
            drag.band = QRectF(drag.at, place).normalized()
            self.viewport().update()
            return
        if not drag.is_moving:
            far = self._point(place) - self._point(drag.at)
            if abs(far.x()) < MOVED_PX and abs(far.y()) < MOVED_PX:
                return
            drag.is_moving = True
        self._drag_to(drag, place, event.modifiers())

    def _drag_to(self, drag: _Drag, place: QPointF, keys: Qt.KeyboardModifier) -> None:
        dx, dy = place.x() - drag.at.x(), place.y() - drag.at.y()
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        if shift and not drag.handle:  # along one axis
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        shape = shift and len(drag.handle) == 2
        around = dragged(drag.around, drag.handle, dx, dy, keep_shape=shape)
        self._guides = ()
        if self.snaps and not keys & Qt.KeyboardModifier.AltModifier and not shape:
            around, self._guides = snapped(around, drag.handle, self._lines(drag.before), SNAP_PX / self.zoom)
        if drag.handle:
            self._boxes = dict.fromkeys(drag.before, around)
        else:
            shift_x, shift_y = around[0] - drag.around[0], around[1] - drag.around[1]
            self._boxes = {name: dragged(box, "", shift_x, shift_y) for name, box in drag.before.items()}
        self._lay_out()

    def _margin_mm(self) -> float:
        return MARGIN_MM * letters(self._spec.paper)

    def _lines(self, moving: Mapping[str, Box]) -> Lines:
        others = [item.box for item in self._spec.items if item.id not in moving and not item.hidden]
        return lines_of(self._spec.size_mm, others, self._margin_mm(), GRID_MM if self.shows_grid else 0.0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask for what was dragged, once; or choose what the band touches."""
        if self._panning is not None:
            self._panning = None
            self.viewport().unsetCursor()
            return
        drag, self._drag = self._drag, None
        if drag is None:
            return
        if drag.band is not None:
            if drag.band.width() * self.zoom > MOVED_PX or drag.band.height() * self.zoom > MOVED_PX:
                inside = [name for name, box in self.boxes.items() if drag.band.intersects(QRectF(*box))]
                self.choose({*self._chosen, *inside} if drag.adds else inside)
        elif drag.is_moving:
            wanted, self._boxes, self._guides = self._boxes, {}, ()
            if wanted and wanted != drag.before:
                self.boxes_wanted.emit(wanted, "")
            self._lay_out()
        elif not drag.adds and len(self._chosen) >= 1:
            under = self.topmost_at(self._on_page(event))
            if under:
                self.choose([under])
        self.viewport().update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open what is under the cursor."""
        self._drag = None
        under = self.topmost_at(self._on_page(event))
        if under and event.button() == Qt.MouseButton.LeftButton:
            self.choose([under])
            self.opened.emit(under)

    def leaveEvent(self, event: object) -> None:  # noqa: N802
        """Point nowhere."""
        self.pointed.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for the menu of what is chosen."""
        self.menu_wanted.emit(event.globalPos())

    def _point_cursor(self, place: QPointF, on_page: QPointF) -> None:
        handle = self._handle_at(place)
        if handle is not None:
            self.viewport().setCursor(QCursor(_CURSORS[handle]))
        elif self.item_at(on_page) in self._chosen and self._chosen:
            self.viewport().setCursor(Qt.CursorShape.SizeAllCursor)
        else:
            self.viewport().unsetCursor()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Scroll; with Ctrl come nearer or go away."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1.2 ** (event.angleDelta().y() / 120), event.position())
            event.accept()
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the page fitted where it was."""
        super().resizeEvent(event)
        if self._fit:
            self.fit(self._fit)
        self.view_changed.emit()

    # --- keys -------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move what is chosen, Tab chooses the next, Esc lets go or chooses nothing."""
        key, ctrl = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        acts: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Delete: self.remove_wanted.emit, Qt.Key.Key_Backspace: self.remove_wanted.emit,
            Qt.Key.Key_Escape: self._let_go,
        }  # fmt: skip
        if ctrl:
            acts = {
                Qt.Key.Key_A: lambda: self.choose(item.id for item in self._spec.items),
                Qt.Key.Key_D: self.copy_wanted.emit,
            }
        if key in _STEPS and self._chosen:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._nudge(*_STEPS[key], FINE_NUDGE_MM if ctrl else FAR_NUDGE_MM if shift else NUDGE_MM)
        elif key in acts:
            acts[key]()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, N802
        """Tab goes through the items, and leaves the page after the last one."""
        ids = [item.id for item in self._spec.items]
        at = ids.index(self.chosen[-1]) if self.chosen else (-1 if next else len(ids))
        at += 1 if next else -1
        if 0 <= at < len(ids):
            self.choose([ids[at]])
            return True
        return super().focusNextPrevChild(next)

    def _nudge(self, x: int, y: int, by_mm: float) -> None:
        boxes = self.boxes
        moved = {name: dragged(boxes[name], "", x * by_mm, y * by_mm) for name in self.chosen}
        self.boxes_wanted.emit(moved, f"nudge {' '.join(self.chosen)}")

    def _let_go(self) -> None:
        """Give back what is dragged, else choose nothing."""
        if self._drag is not None:
            self._drag, self._boxes, self._guides = None, {}, ()
            self._lay_out()
        else:
            self.choose([])


def _adds(event: QMouseEvent) -> bool:
    """Whether a press adds to what is chosen."""
    return bool(event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))


def _hair(colour: str, alpha: int) -> QPen:
    """Return a pen of one pixel at any zoom."""
    ink = QColor(colour)
    ink.setAlpha(alpha)
    pen = QPen(ink, 1)
    pen.setCosmetic(True)
    return pen
