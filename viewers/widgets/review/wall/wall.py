"""The wall of a review: its pieces over the canvas, each in its corner, none over another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewers.widgets.canvas.canvas import Canvas
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.review.question_box import QuestionBox
from viewers.widgets.review.wall.card import WallCard
from viewers.widgets.review.wall.cards import COLUMN, Figure, Head, Lines, Problems, WallLegend
from viewers.widgets.review.wall.ink import InkLayer
from viewers.widgets.review.wall.ink_bar import InkBar

#: Between the pieces and the edge of the picture, hundredths of its height.
EDGE, GAP = 1.8, 1.2
#: Names in the city are so many times as large as on a desk, where a screen is 1080 pixels high.
NAMES, DESK_UNIT = 1.6, 10.8


class Wall(QObject):
    """The pieces and their places: title and tools at the left, figure and what fails at the right, legend below.

    Parameters
    ----------
    appearance : Appearance
    canvas : Canvas
    """

    def __init__(self, appearance: Appearance, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas, self._desk = canvas, (canvas.card_top, canvas.low_px)
        self.is_shown = False
        #: How much of the picture's width the right column covers while something is looked at beside it.
        self.covered_share = 0.0
        self.head, self.figure = Head(appearance, canvas), Figure(appearance, canvas)
        self.legend, self.problems = WallLegend(appearance, canvas), Problems(appearance, canvas)
        self.object = Lines(appearance, canvas, widest=COLUMN, fills=True)
        self.notes = Lines(appearance, canvas, widest=100.0)
        self.keys, self.toast = Lines(appearance, canvas, widest=120.0), Lines(appearance, canvas)
        self.ink, self.black = InkLayer(canvas), Blackout(canvas)
        self.ink_bar = InkBar(appearance, canvas)
        self._cards: tuple[WallCard, ...] = (
            self.head, self.figure, self.legend, self.problems, self.object, self.notes, self.keys, self.toast,
        )  # fmt: skip
        #: Where the room's questions are typed, on the one screen that there is.
        self.box: QuestionBox | None = None
        canvas.arranged.connect(self.arrange)

    def show_wall(self) -> None:
        """Show the city bare, with the pieces over it."""
        self.is_shown = True
        self._canvas.set_bare(True)

    def hide_wall(self) -> None:
        """Show the canvas as it is otherwise."""
        self.is_shown = False
        for piece in (*self._cards, self.ink, self.ink_bar, self.black):
            piece.hide()
        self._canvas.card_top, self._canvas.low_px = self._desk
        self._canvas.view.set_type_factor(1.0)
        self._canvas.set_bare(False)

    def paint_over(self, image: QImage) -> None:
        """Paint the pieces on a frame of the city, as they stand over it."""
        painter = QPainter(image)
        painter.scale(image.width() / max(self._canvas.width(), 1), image.height() / max(self._canvas.height(), 1))
        for card in self._cards:
            if card.isVisible() and card not in (self.notes, self.keys):
                card.render(painter, card.pos())
        painter.end()

    def arrange(self) -> None:
        """Put every piece that has something to say into its corner."""
        if not self.is_shown:
            return
        width, height = self._canvas.width(), self._canvas.height()
        unit = height / 100
        edge, gap = round(EDGE * unit), round(GAP * unit)
        self._canvas.view.set_type_factor(max(unit / DESK_UNIT * NAMES, 1.0))
        for card in self._cards:
            card.set_unit(unit)
        right = width - edge
        column = min(round(COLUMN * unit), round(width * 0.42))
        top = edge
        for card in (self.figure, self.problems, self.object):
            self._place(card, column, height - top - edge, right, top, from_right=True)
            top += card.height() + gap if card.isVisible() else 0
        self.covered_share = (column + 2 * edge) / width if self.problems.isVisible() else 0.0
        shown = [card for card in (self.figure, self.problems, self.object) if card.isVisible()]
        free = min((card.x() for card in shown), default=right) - gap
        self._place(self.head, free - edge, height, edge, edge)
        self._canvas.card_top = self.head.geometry().bottom() + gap if self.head.isVisible() else edge
        self._place(self.legend, width - 2 * edge, height, edge, 0)
        low = height - edge
        if self.legend.isVisible():
            if shown and shown[-1].geometry().bottom() > height - edge - self.legend.height() - gap:
                self._place(self.legend, free - edge, height, edge, 0)  # beside the column that reaches down to it
            self.legend.move(edge, low - self.legend.height())
            low = self.legend.y() - gap
        self._canvas.low_px = height - low
        for card in (self.notes, self.keys, self.toast):
            self._place(card, free - edge, height, edge, 0)
            if card.isVisible():
                card.move(edge, low - card.height())
                low = card.y() - gap
        if self.ink_bar.isVisible():
            self.ink_bar.adjustSize()
            self.ink_bar.move(edge, low - self.ink_bar.height())
        if self.box is not None and self.box.isVisible():
            self.box.setFixedWidth(min(round(80 * unit), width - 4 * edge))
            self.box.adjustSize()
            self.box.move((width - self.box.width()) // 2, round(20 * unit))
        self.ink.setGeometry(self._canvas.view.geometry())
        self.ink.show()
        for card in self._cards:
            card.raise_()
        self.ink.raise_()
        self.ink_bar.raise_()
        if self.box is not None:
            self.box.raise_()
        self.black.setGeometry(self._canvas.rect())
        self.black.raise_()

    def _place(
        self, card: WallCard, widest: int, highest: int, side: int, top: int, *, from_right: bool = False
    ) -> None:
        size = card.wanted(max(widest, 1))
        if size.isEmpty():
            card.hide()
            return
        card.setFixedSize(size.width(), min(size.height(), max(highest, 1)))
        card.move(side - size.width() if from_right else side, top)
        card.update()
        card.show()


class Blackout(QWidget):
    """Nothing but black, so that the room looks at who speaks."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.BlankCursor)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Fill everything."""
        QPainter(self).fillRect(self.rect(), QColor("#000000"))
