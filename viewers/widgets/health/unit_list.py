"""The values of an indicator by unit: a bar a row, sorted, searched, any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QColor, QPainter, QPen
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QWidget

from models.project.selection import ObjectKey
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column, line, row
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.rows import Index, RowDelegate, RowPainter

#: Ways to order units.
ORDERS = ("given", "worst", "best", "name", "coverage")
TYPING_MS = 120


@dataclass(frozen=True, slots=True)
class UnitView:
    """One unit's value; None is no data.

    Parameters
    ----------
    key : ObjectKey or None
        None for what is not on the map.
    name, value_text : str
    value : float or None
    detail : str
        Its figures in words.
    colour : str
        ``"#rrggbb"`` by its verdict.
    equation : str
        The formula with its numbers in it.
    coverage : float or None
    mark : str
        Why it may not be judged alone; empty where it may.
    """

    key: ObjectKey | None
    name: str
    value: float | None
    value_text: str
    detail: str
    colour: str
    equation: str = ""
    coverage: float | None = None
    mark: str = ""


class UnitModel(QAbstractListModel):
    """The units in sight."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.units: tuple[UnitView, ...] = ()
        self.scale = 1.0
        self.benchmark: float | None = None

    def show_units(self, units: Sequence[UnitView], scale: float, benchmark: float | None) -> None:
        """Show other units."""
        self.beginResetModel()
        self.units, self.scale, self.benchmark = tuple(units), scale, benchmark
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Return how many units are in sight."""
        return 0 if parent is not None and parent.isValid() else len(self.units)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a unit in words."""
        if not index.isValid():
            return None
        unit = self.units[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible_text(f"{unit.name}  {unit.value_text}")
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip("\n".join(part for part in (unit.name, unit.equation, unit.detail, unit.mark) if part))
        return None


class _UnitDelegate(RowDelegate):
    """Draws name, bar with the benchmark as a tick, and value."""

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return 30

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw one unit."""
        model = index.model()
        if not isinstance(model, UnitModel):
            return
        unit, box = model.units[index.row()], row.box.adjusted(14, 0, -14, 0)
        wide = min(96, box.width() // 4)
        room = QRect(box.right() - wide, box.top(), wide + 1, box.height())
        tint = "text_faint" if unit.value is None else "text"
        row.text(room, unit.value_text, "small", tint, bold=unit.value is not None, align=Qt.AlignmentFlag.AlignRight)
        name = QRect(box.left(), box.top(), box.width() * 2 // 5, box.height())
        if unit.mark:
            row.icon("users-three", "warn", name.left(), 14)
            name.setLeft(name.left() + 19)
        row.text(name, unit.name)
        bar = QRectF(name.right() + 10, box.center().y() - 3, room.left() - name.right() - 20, 7)
        paint_bar(row.painter, self.appearance, bar, unit.value, model.benchmark, model.scale, unit.colour)


def paint_bar(
    painter: QPainter, appearance: Appearance, box: QRectF, value: float | None, benchmark: float | None, scale: float,
    colour: str,
) -> None:  # fmt: skip
    """Paint a value on a scale with its benchmark as a tick; hatched where there is no data."""
    radius, scale = box.height() / 2, max(scale, 1e-9)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(appearance.colour("line"))
    painter.drawRoundedRect(box, radius, radius)
    if value is None:
        painter.setBrush(QBrush(appearance.colour("none"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(box, radius, radius)
    else:
        painter.setBrush(QColor(colour or appearance.colours["accent"]))
        share = min(max(value / scale, 0.0), 1.0)
        painter.drawRoundedRect(
            QRectF(box.left(), box.top(), max(box.width() * share, 3), box.height()), radius, radius
        )
    if benchmark is not None:
        at = box.left() + box.width() * min(max(benchmark / scale, 0.0), 1.0)
        painter.setPen(QPen(appearance.colour("text"), 1.6))
        painter.drawLine(int(at), int(box.top()) - 2, int(at), int(box.bottom()) + 2)


def _most(units: Sequence[UnitView], benchmark: float | None) -> float:
    """Return the end of bars that the highest value, and the benchmark, nearly fill."""
    return 1.1 * max([*(unit.value for unit in units if unit.value is not None), benchmark or 0.0, 1e-9])


class UnitList(QWidget):
    """Units of one level with a search, an order and the choice of the level.

    Signals
    -------
    chosen : (UnitView) a row was clicked, or gone to with the keys
    level_changed : (str) ``""`` for sub-districts, ``"estates"`` for estates
    """

    chosen = Signal(object)
    level_changed = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._levels: dict[str, tuple[UnitView, ...]] = {}
        self._scale, self._is_rising = 1.0, True
        self._benchmark: float | None = None
        self._is_setting = False
        self.level = PlainCombo()
        appearance.say(self.level.setAccessibleName, "health.units.level")
        self.level.activated.connect(self._on_level)
        self.order = PlainCombo()
        appearance.say(self.order.setAccessibleName, "health.units.order")
        self.order.activated.connect(lambda _: self.arrange())
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "health.units.search")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.arrange)
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.model = UnitModel(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(_UnitDelegate(appearance, self.view))
        self.view.setUniformItemSizes(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setMouseTracking(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.selectionModel().currentChanged.connect(lambda now, _: self._tell(now.row()))
        head = row(self.level, self.search, self.order, margins=(10, 6, 10, 6), gap=6)
        head.setStretch(1, 1)
        self.setLayout(column(head, line(), self.view, gap=0))
        appearance.lang_changed.connect(self._say)
        appearance.look_changed.connect(self.view.viewport().update)
        self._say()

    def show_levels(
        self, levels: dict[str, tuple[UnitView, ...]], level: str, scale: float, benchmark: float | None,
        *, is_rising: bool,
    ) -> None:  # fmt: skip
        """Show other units.

        Parameters
        ----------
        levels : dict
            Units by level, ``""`` for sub-districts and ``"estates"``; a level without units is not offered.
        level : str
        scale : float
            End of the bars; 0 for a little more than the highest value of a level.
        benchmark : float, optional
        is_rising : bool
            Whether more is better.
        """
        self._levels = {name: units for name, units in levels.items() if units}
        self._scale, self._benchmark, self._is_rising = scale, benchmark, is_rising
        self._say()
        self.level.setCurrentIndex(max(self.level.findData(level), 0))
        self.level.setVisible(len(self._levels) > 1)
        self.search.setVisible(max((len(units) for units in self._levels.values()), default=0) > 8)
        self.arrange()

    def arrange(self) -> None:
        """Search and sort again."""
        self._typing.stop()
        words = self.search.text().casefold().split()
        units = self._levels.get(str(self.level.currentData() or ""), ())
        found = [unit for unit in units if all(one in unit.name.casefold() for one in words)]
        order = ORDERS[max(self.order.currentIndex(), 0)]
        if order in ("worst", "best"):
            sign = 1.0 if (order == "worst") == self._is_rising else -1.0
            found.sort(key=lambda unit: (unit.value is None, sign * (unit.value or 0.0)))
        elif order == "name":
            found.sort(key=lambda unit: unit.name)
        elif order == "coverage":
            found.sort(key=lambda unit: (unit.coverage is None, unit.coverage or 0.0))
        self._is_setting = True
        self.model.show_units(found, self._scale or _most(units, self._benchmark), self._benchmark)
        self._is_setting = False

    def _on_level(self, _: int) -> None:
        self.arrange()
        self.level_changed.emit(str(self.level.currentData() or ""))

    def _tell(self, at: int) -> None:
        if not self._is_setting and 0 <= at < len(self.model.units):
            self.chosen.emit(self.model.units[at])

    def _say(self) -> None:
        word = self._appearance.word
        for box, names in ((self.level, tuple(self._levels)), (self.order, ORDERS)):
            at = box.currentIndex()
            box.clear()
            kind = "level" if box is self.level else "order"
            for name in names:
                box.addItem(word(f"health.units.{kind}.{name or 'districts'}"), name)
            box.setCurrentIndex(max(at, 0))
