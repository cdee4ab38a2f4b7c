"""The cards of a scene: a number, a share with its coverage, bars by class, a short list that leads to the objects."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import Card, ShareBar, column, label, row
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.scenes.views import FigureView, RowView

#: Rows of a list that are shown before a person asks for all of them.
SHORT = 6
#: No column but the first is wider, pixels; the whole text is in the tip of its row.
WIDEST_PX = 112
#: What the columns of a list share in a panel of its usual width, the least of the first, and what parts two of them.
ROOM_PX, FIRST_PX, GAP_PX = 264, 70, 10
Go = Callable[[object], None]


def figure_card(appearance: Appearance, view: FigureView, go: Go, show_all: Callable[[], None]) -> QWidget:
    """Return the card of one figure.

    Parameters
    ----------
    appearance : Appearance
    view : FigureView
    go : callable
        Is given the :class:`ObjectKey` of a row that was clicked.
    show_all : callable
        Asked for where a list has more rows than are shown.
    """
    frame = QFrame()
    frame.setProperty("role", "card")
    frame.setToolTip(plain_tip(view.tip))
    title = label("small", wrap=True)
    title.setText(view.title)
    if view.kind in ("number", "share"):
        frame.setLayout(_number(appearance, view, title))
    elif view.kind == "bars":
        frame.setLayout(_bars(appearance, view, title))
    else:
        frame.setLayout(_list(appearance, view, title, go, show_all))
    return frame


def _number(appearance: Appearance, view: FigureView, title: QWidget) -> QLayout:
    number, unit, note = label("value"), label("small"), label("faint", wrap=True)
    number.setText(view.number or "–")
    unit.setText(view.unit)
    note.setText(view.note)
    if view.is_alarm and view.share:
        number.setStyleSheet(f"color: {appearance.colours['bad']}")
    line = row(number, unit, 1, gap=5)
    line.setAlignment(unit, Qt.AlignmentFlag.AlignBottom)
    items: list[QWidget | QLayout | int] = [title, line]
    if view.kind == "share" and view.share is not None:
        bar = ShareBar(appearance, 5)
        bar.set_parts([(view.share, appearance.colours["bad" if view.is_alarm else "accent"])])
        items.append(bar)
    if view.note:
        items.append(note)
    return column(*items, margins=(12, 9, 12, 10), gap=4)


def _bars(appearance: Appearance, view: FigureView, title: QWidget) -> QLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(9)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    for at, one in enumerate(view.bars):
        name, text = label("", wrap=False), label("small")
        name.setText(one.name)
        text.setText(one.text)
        text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar = ShareBar(appearance, 8)
        bar.set_parts([(one.share, one.colour or appearance.colours["accent"])])
        for place, widget in enumerate((name, bar, text)):
            grid.addWidget(widget, at, place)
    note = label("faint", wrap=True)
    note.setText(view.note)
    return column(title, grid, *([note] if view.note else []), margins=(12, 9, 12, 10), gap=7)


def _list(appearance: Appearance, view: FigureView, title: QWidget, go: Go, show_all: Callable[[], None]) -> QLayout:
    note = label("faint", wrap=True)
    note.setText(view.note)
    rows = QWidget()
    grid = column(gap=0)
    rows.setLayout(grid)
    widths = _widths(view)
    if view.rows:
        grid.addWidget(_row(view, view.heads, "faint", widths))
    for one in view.rows[:SHORT]:
        grid.addWidget(_clickable(appearance, view, one, widths, go))
    items: list[QWidget] = [title, rows]
    if view.note:
        items.append(note)
    if len(view.rows) > SHORT:
        more = Card()
        more.setStyleSheet("QFrame[role='card'] { border-color: transparent; background: transparent; }")
        words = label("small")
        words.setText(appearance.word("scenes.list_all", count=f"{len(view.rows):,}"))
        words.setStyleSheet(f"color: {appearance.colours['accent']}")
        more.setLayout(row(words, 1, margins=(0, 3, 0, 3)))
        more.clicked.connect(show_all)
        more.setObjectName("show_all")
        items.append(more)
    return column(*items, margins=(12, 9, 12, 8), gap=5)


def _clickable(appearance: Appearance, view: FigureView, one: RowView, widths: list[int], go: Go) -> Card:
    card = Card()
    card.setObjectName("scene_row")
    quiet = "QFrame[role='card'] { border-radius: 5px; border-color: transparent; background: transparent; }"
    card.setStyleSheet(quiet + f" QFrame[role='card']:hover {{ background: {appearance.colours['hover']}; }}")
    card.setToolTip(plain_tip("  ".join(one.cells)))
    inner = _row(view, one.cells, "", widths)
    inner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    card.setLayout(column(inner, margins=0))
    card.clicked.connect(lambda: go(one.key))
    return card


def _row(view: FigureView, cells: tuple[str, ...], role: str, widths: list[int]) -> QWidget:
    """Return cells in the columns of a list: the first takes the room that is left, the others their widths."""
    line = QWidget()
    layout = row(margins=(4, 3, 4, 3), gap=GAP_PX)
    for at, text in enumerate(cells):
        cell = label(role)
        if at:
            width = widths[at - 1]
            cell.setFixedWidth(width)
            cell.setText(cell.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width))
        else:
            cell.setMinimumWidth(FIRST_PX)
            cell.setText(text)
        if view.is_number[at]:
            cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(cell, 1 if at == 0 else 0)
    line.setLayout(layout)
    return line


def _widths(view: FigureView) -> list[int]:
    """Return how wide the columns behind the first are, pixels: what they need, the widest giving way to the others."""
    measure = label().fontMetrics()
    columns = [[view.heads[at], *(one.cells[at] for one in view.rows[:SHORT])] for at in range(1, len(view.heads))]
    widths = [min(max(map(measure.horizontalAdvance, words)) + 4, WIDEST_PX) for words in columns]
    while widths and sum(widths) + GAP_PX * len(widths) > ROOM_PX - FIRST_PX:
        widths[widths.index(max(widths))] -= 1
    return widths
