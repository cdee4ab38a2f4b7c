"""What a tool draws over the picture while it is in hand: outlines, handles, the snapping mark, rubber lines.

It is a transparent widget over the 3D view: drawing on it renders no scene. What is to stay, the scene draws.

Invariants
----------
1. Everything is given in world coordinates and laid out anew whenever the camera moves.
2. The overlay takes no mouse events; the view's tools do (:mod:`viewers.widgets.common.canvas_tool`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from resources.visible_text import visible_text
from viewers.widgets.canvas.view3d import View3D
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance

Floats = NDArray[np.float64]

KNOB_PX = 8.0
ARROW_PX = 30.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through world points (n, 3), closed and faintly filled where it is a face."""

    points: Floats
    closed: bool = False
    dashed: bool = False
    filled: bool = False
    strong: bool = True


@dataclass(frozen=True, slots=True)
class Knob:
    """A handle at a world point that is dragged along a direction."""

    point: Floats
    out: Floats
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the cursor would hold on: ``"vertex"``, ``"edge"``, ``"middle"``, ``"face"`` or ``"free"``."""

    point: Floats
    kind: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A few words beside a world point."""

    point: Floats
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that one tool draws."""

    strokes: tuple[Stroke, ...] = ()
    knobs: tuple[Knob, ...] = ()
    mark: Mark | None = None
    tag: Tag | None = None
    dots: tuple[Floats, ...] = ()


class ToolOverlay(QWidget):
    """The transparent widget over the view."""

    def __init__(self, appearance: Appearance, view: View3D, parent: QWidget) -> None:
        super().__init__(parent)
        self._appearance, self._view = appearance, view
        self._drawings: dict[str, Drawing] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        view.turned.connect(self._on_view_turned)
        appearance.look_changed.connect(self.update)
        self.hide()

    def draw(self, owner: str, drawing: Drawing | None) -> None:
        """Show what a tool draws, or nothing of it; silent if it is the same."""
        if drawing is None or drawing == Drawing():
            if self._drawings.pop(owner, None) is None:
                return
        else:
            self._drawings[owner] = drawing
        self.setVisible(bool(self._drawings))
        self.update()

    def drawing(self, owner: str) -> Drawing | None:
        """Return what a tool draws now."""
        return self._drawings.get(owner)

    def _on_view_turned(self) -> None:
        if self._drawings:
            self.update()

    def knob_at(self, owner: str, at: QPointF, reach_px: float = 16.0) -> int | None:
        """Return the number of the tool's handle under a position of the view; of several the nearest."""
        drawing = self._drawings.get(owner)
        if drawing is None or not drawing.knobs:
            return None
        places, ahead = self._view.on_screen(np.array([knob.point for knob in drawing.knobs]))
        away = np.where(ahead, np.hypot(places[:, 0] - at.x(), places[:, 1] - at.y()), np.inf)
        best = int(np.argmin(away))
        return best if away[best] <= reach_px else None

    # --- painting ------------------------------------------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint every tool's drawing."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for drawing in self._drawings.values():
            for stroke in drawing.strokes:
                self._paint_stroke(painter, stroke)
            for knob in drawing.knobs:
                self._paint_knob(painter, knob)
            for dot in drawing.dots:
                self._paint_mark(painter, Mark(dot, "face"))
            if drawing.mark is not None:
                self._paint_mark(painter, drawing.mark)
            if drawing.tag is not None:
                self._paint_tag(painter, drawing.tag)

    def _place(self, point: Floats) -> QPointF | None:
        places, ahead = self._view.on_screen(point[None, :])
        return QPointF(*places[0].tolist()) if ahead[0] else None

    def _paint_stroke(self, painter: QPainter, stroke: Stroke) -> None:
        if len(stroke.points) < 2:
            return
        points = np.concatenate([stroke.points, stroke.points[:1]]) if stroke.closed else stroke.points
        places, ahead = self._view.on_screen(points)
        accent, halo = self._appearance.colour("accent"), self._appearance.colour("raised")
        if stroke.filled and ahead.all():
            face = QColor(accent)
            face.setAlpha(22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(face)
            painter.drawPolygon(QPolygonF([QPointF(*place) for place in places.tolist()]))
        lines = []
        for at in range(len(points) - 1):
            both = self._before_eye(points[at], points[at + 1], bool(ahead[at]), bool(ahead[at + 1]))
            if both is not None:
                lines.append(both)
        halo.setAlpha(150)
        if not stroke.strong:
            accent.setAlpha(110)
            halo.setAlpha(70)
        wide = 1.8 if stroke.strong else 1.2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((halo, wide + 2.2), (accent, wide)):
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            if stroke.dashed and colour is accent:
                pen.setDashPattern([4.0, 3.5])
            painter.setPen(pen)
            for start, stop in lines:
                painter.drawLine(start, stop)

    def _before_eye(self, start: Floats, stop: Floats, one: bool, two: bool) -> tuple[QPointF, QPointF] | None:
        """Return a segment's ends in the picture, cut off where it passes behind the eye."""
        if not one and not two:
            return None
        if one != two:
            inside, outside = (start, stop) if one else (stop, start)
            near, far = 0.0, 1.0
            for _ in range(12):
                half = (near + far) / 2
                _, seen = self._view.on_screen((inside + (outside - inside) * half)[None, :])
                near, far = (half, far) if seen[0] else (near, half)
            start, stop = inside, inside + (outside - inside) * max(near - 1e-3, 0.0)
        places, _ = self._view.on_screen(np.stack([start, stop]))
        places = np.clip(places, -20_000, 20_000)
        return QPointF(*places[0].tolist()), QPointF(*places[1].tolist())

    def _paint_knob(self, painter: QPainter, knob: Knob) -> None:
        middle = self._place(knob.point)
        if middle is None:
            return
        accent = self._appearance.colour("accent_hover" if knob.hot else "accent")
        ground = self._appearance.colour("raised")
        direction = self.direction_px(knob)
        if direction is not None:
            for sign in (1.0, -1.0):
                tip = middle + direction * (ARROW_PX * sign)
                back = direction * (-9.0 * sign)
                side = QPointF(-direction.y(), direction.x()) * 5.5
                head = QPolygonF([tip, tip + back + side, tip + back - side])
                for colour, width in ((ground, 5.0), (accent, 2.4)):
                    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                    painter.drawLine(middle, tip + back)
                painter.setPen(QPen(ground, 1.4))
                painter.setBrush(accent)
                painter.drawPolygon(head)
        painter.setPen(QPen(accent, 2.4))
        painter.setBrush(accent if knob.hot else ground)
        painter.drawEllipse(middle, KNOB_PX, KNOB_PX)

    def direction_px(self, knob: Knob) -> QPointF | None:
        """Return the unit direction in the picture into which a handle is dragged; None when it points at the eye."""
        pose, frame = self._view.pose, self._view.frame
        if pose is None or frame is None:
            return None
        step = pose.pixel_m(frame.to_local(knob.point), max(self.height(), 1)) * 40.0
        places, ahead = self._view.on_screen(np.stack([knob.point, knob.point + knob.out * step]))
        along = places[1] - places[0]
        length = float(np.hypot(*along))
        return QPointF(*(along / length).tolist()) if ahead.all() and length > 8.0 else None

    def _paint_mark(self, painter: QPainter, mark: Mark) -> None:
        at = self._place(mark.point)
        if at is None:
            return
        accent, ground = self._appearance.colour("accent"), self._appearance.colour("raised")
        size = 6.0
        if mark.kind == "vertex":
            shape = QPolygonF(QRectF(at.x() - size, at.y() - size, 2 * size, 2 * size))
        elif mark.kind in ("edge", "middle"):
            turns = (0, 90, 180, 270) if mark.kind == "edge" else (-90, 30, 150)
            shape = QPolygonF(
                [at + QPointF(math.cos(math.radians(t)), math.sin(math.radians(t))) * size * 1.3 for t in turns]
            )
        else:
            painter.setPen(QPen(ground, 2.0))
            painter.setBrush(accent)
            painter.drawEllipse(at, 4.0, 4.0)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((ground, 5.0), (accent, 2.4)):
            painter.setPen(QPen(colour, width))
            painter.drawPolygon(shape)

    def _paint_tag(self, painter: QPainter, tag: Tag) -> None:
        at = self._place(tag.point)
        if at is None:
            return
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["small"])
        font.setBold(True)
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(tag.text) + 18
        box = QRectF(at.x() + 16, at.y() + 14, wide, 24)
        box.moveRight(min(box.right(), self.width() - 6.0))
        box.moveBottom(min(box.bottom(), self.height() - 6.0))
        painter.setPen(QPen(self._appearance.colour("line_strong"), 1))
        painter.setBrush(self._appearance.colour("raised"))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(self._appearance.colour("text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, visible_text(tag.text))
