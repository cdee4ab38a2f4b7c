"""The line below a table: what the numbers of each column amount to, under the very column.

What adds up (areas, lengths, volumes, counts) has its sum; heights, storeys and rates have a mean, years and places
a range, codes nothing (:mod:`models.core.field_kinds`).
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QTableView, QToolTip, QWidget

from models.query.columns import Totals
from viewers.texts.values import statistic_value
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.plain import plain_tip

#: What the line can show; "fit" is what suits each column.
FIGURES = ("fit", "sum", "mean", "range", "count")
HEIGHT_PX = 26
#: How a figure is marked where columns show different ones.
_MARKS = {"sum": "Σ ", "mean": "⌀ "}


class TotalsRow(QWidget):
    """Totals of the rows in sight; a click chooses another figure.

    Parameters
    ----------
    appearance : Appearance
    view : QTableView
        Under whose columns the figures stand.
    """

    def __init__(self, appearance: Appearance, view: QTableView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance, self._view = appearance, view
        self.figure = "fit"
        self._fields: list[str] = []
        self._totals: dict[str, Totals] = {}
        self.setFixedHeight(HEIGHT_PX)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.say(self.setToolTip, "table.totals.tip")
        head = view.horizontalHeader()
        head.sectionResized.connect(lambda *_: self.update())
        head.sectionMoved.connect(lambda *_: self.update())
        view.horizontalScrollBar().valueChanged.connect(lambda _: self.update())
        view.verticalHeader().installEventFilter(self)
        appearance.look_changed.connect(self.update)
        appearance.lang_changed.connect(self.update)

    def set_totals(self, fields: list[str], totals: dict[str, Totals]) -> None:
        """Show totals by field."""
        self._fields, self._totals = fields, totals
        self.update()

    def text_of(self, field: str) -> str:
        """Return what stands under a column, empty for nothing to say."""
        totals = self._totals.get(field, Totals(0))
        if self.figure == "count":
            return f"{totals.count:,}"
        fits = self.figure == "fit"
        figure = totals.figure if fits else self.figure
        if figure == "range":
            known = [(name, getattr(totals, name)) for name in ("least", "most") if totals.figure]
            return " – ".join(
                dict.fromkeys(statistic_value(name, one, field) for name, one in known if one is not None)
            )
        value = totals.sum if figure == "sum" else totals.mean if figure == "mean" else None
        text = statistic_value(figure, value, field)
        return f"{_MARKS[figure]}{text}" if fits and text else text

    def event(self, event: QEvent) -> bool:
        """Say in full what stands under the mouse, and what the line shows."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            head = self._view.horizontalHeader()
            at = head.logicalIndexAt(event.pos().x() - self._view.verticalHeader().width())
            text = self.text_of(self._fields[at]) if 0 <= at < len(self._fields) else ""
            tip = "\n".join(one for one in (text, self.toolTip()) if one)
            QToolTip.showText(event.globalPos(), plain_tip(tip), self)
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the width of the row numbers."""
        if event.type() == QEvent.Type.Resize:
            self.update()
        return super().eventFilter(watched, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show the next figure."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(FIGURES[(FIGURES.index(self.figure) + 1) % len(FIGURES)])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer all figures."""
        menu = QMenu(self)
        for figure in FIGURES:
            entry = menu.addAction(self._appearance.word(f"figure.{figure}"))
            entry.setCheckable(True)
            entry.setChecked(figure == self.figure)
            entry.triggered.connect(functools.partial(self._choose, figure))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def _choose(self, figure: str, _: bool = False) -> None:
        self.figure = figure
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the figures under their columns."""
        painter, appearance = QPainter(self), self._appearance
        painter.fillRect(self.rect(), appearance.colour("sunken"))
        painter.setPen(QPen(appearance.colour("line_strong"), 1))
        painter.drawLine(0, 0, self.width(), 0)
        font = QFont(self.font())
        font.setPixelSize(TYPE_SCALE["small"])
        font.setBold(True)
        painter.setFont(font)
        head = self._view.horizontalHeader()
        left = self._view.verticalHeader().width()
        painter.setPen(appearance.colour("text_soft"))
        middle = Qt.AlignmentFlag.AlignVCenter
        word = appearance.word(f"figure.{self.figure}")
        painter.setClipRect(QRectF(left, 0, self.width() - left, self.height()))
        for at, field in enumerate(self._fields):
            if at >= head.count() or head.isSectionHidden(at) or not (text := self.text_of(field)):
                continue
            room = QRectF(left + head.sectionViewportPosition(at) + 4, 0, head.sectionSize(at) - 12, self.height())
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, shown)
        painter.setClipping(False)
        painter.setPen(appearance.colour("text_faint"))
        painter.drawText(QRectF(8, 0, left - 8, self.height()), middle, word)
