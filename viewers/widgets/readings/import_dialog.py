"""How a table becomes readings: what each column is, in which zone times stand, and how the first rows are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.readings.mapping import PARTS, ReadingMap, ValueColumn
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.grids import dress_grid
from viewers.widgets.common.plain import PlainCombo

#: What a column may be; ``readings.is.<name>``.
KINDS = ("ignore", "time", "sensor", "quantity", "unit", "value", *PARTS)
#: Zones that are offered; another one can be typed.
ZONES = ("Asia/Shanghai", "Asia/Urumqi", "UTC")
_PREVIEW = ("time", "sensor", "quantity", "value", "unit")


class ReadingImportDialog(Ask):
    """Ask how a table is read; answers ``"ok"``, then :attr:`mapping` holds.

    Parameters
    ----------
    appearance : Appearance
    file : str
    columns : sequence of (str, str)
        Name of each column, and some of its values.
    mapping : ReadingMap
        As guessed.
    quantities : sequence of (str, str)
        Id and name of each known quantity.
    look : callable
        ``look(mapping)`` returns the first rows as they will be read (time, device, quantity, value, unit) and what is
        not taken of them, as a text.
    """

    def __init__(
        self, appearance: Appearance, file: str, columns: Sequence[tuple[str, str]], mapping: ReadingMap,
        quantities: Sequence[tuple[str, str]], look: Callable[[ReadingMap], tuple[list[list[str]], str]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "readings.import.title", parent)
        self._base, self._look, self._quantities = mapping, look, quantities
        self._names = [name for name, _ in columns]
        self.kinds: list[PlainCombo] = []
        self.quantities: list[PlainCombo] = []
        self.units: list[QLineEdit] = []
        self.zone = PlainCombo()
        self.zone.setEditable(True)
        self.zone.addItems([*dict.fromkeys((*([mapping.zone] if mapping.zone else []), *ZONES))])
        self.zone.setCurrentText(mapping.zone)
        self.zone.setMinimumWidth(180)
        self.device = QLineEdit(mapping.sensor_name)
        self.device.setMinimumWidth(160)
        self.body.setSpacing(8)
        self.body.addLayout(row(
            caption(appearance, "readings.import.heading", "heading", file=visible_text(file)), 1,
            caption(appearance, "readings.import.zone"), self.zone, 10,
            caption(appearance, "readings.import.device"), self.device, gap=8,
        ))  # fmt: skip
        self.body.addWidget(caption(appearance, "readings.import.hint", "small", wrap=True))
        self.table = self._grid(("column", "examples", "is", "quantity", "unit"), 34)
        for name, examples in columns:
            self._add(name, examples)
        self.body.addWidget(self.table, 3)
        self.body.addWidget(caption(appearance, "readings.import.preview", "strong"))
        self.preview = self._grid(_PREVIEW, 24)
        self.body.addWidget(self.preview, 2)
        self.told = label("small", wrap=True)
        self.body.addWidget(self.told)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("readings.import.take", "ok", "primary")
        self.zone.currentTextChanged.connect(lambda *_: self._follow())
        self.device.textChanged.connect(lambda *_: self._follow())
        outer = self.layout()
        if isinstance(outer, QVBoxLayout):  # the lists take what room there is
            outer.setStretch(0, 1)
            outer.setStretch(1, 0)
        self.resize(980, 660)
        self._follow()

    @property
    def mapping(self) -> ReadingMap:
        """Return how the table is read, as it stands."""
        by_kind: dict[str, list[str]] = {}
        values = []
        for at, name in enumerate(self._names):
            kind = str(self.kinds[at].currentData())
            by_kind.setdefault(kind, []).append(name)
            if kind == "value":
                values.append(ValueColumn(name, str(self.quantities[at].currentData()), self.units[at].text().strip()))
        first = {kind: names[0] for kind, names in by_kind.items()}
        whole = all(part in first for part in PARTS[:3])
        time = (first["time"],) if "time" in first else tuple(first[part] for part in PARTS if part in first and whole)
        sensor = first.get("sensor", "")
        return replace(
            self._base, time=time, zone=self.zone.currentText().strip(), values=tuple(values), sensor=sensor,
            sensor_name="" if sensor else self.device.text().strip(), quantity=first.get("quantity", ""),
            unit=first.get("unit", ""),
        )  # fmt: skip

    def _grid(self, heads: Sequence[str], row_px: int) -> QTableWidget:
        grid = QTableWidget(0, len(heads))
        dress_grid(grid, row_px)
        grid.verticalHeader().hide()
        grid.setHorizontalHeaderLabels([self.appearance.word(f"readings.import.head.{one}") for one in heads])
        grid.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        grid.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        header = grid.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return grid

    def _add(self, name: str, examples: str) -> None:
        word, at = self.appearance.word, self.table.rowCount()
        self.table.insertRow(at)
        for number, text in enumerate((name, examples)):
            self.table.setItem(at, number, QTableWidgetItem(visible_text(text)))
        value = next((one for one in self._base.values if one.column == name), None)
        kind, quantity, unit = PlainCombo(), PlainCombo(), QLineEdit(value.unit if value else "")
        for one in KINDS:
            kind.addItem(word(f"readings.is.{one}"), one)
        kind.setCurrentIndex(kind.findData(self._kind_of(name)))
        quantity.addItem(word("readings.import.quantity_said"), "")
        for known, title in self._quantities:
            quantity.addItem(title, known)
        if value is not None and value.quantity and quantity.findData(value.quantity) < 0:
            quantity.addItem(value.quantity, value.quantity)
        quantity.setCurrentIndex(max(quantity.findData(value.quantity if value else ""), 0))
        self.appearance.say(unit.setPlaceholderText, "readings.import.unit_said")
        for number, widget in enumerate((kind, quantity, unit), 2):
            cell = QWidget()  # a table shows its own widgets; what stands in one stays hidden
            cell.setLayout(row(widget, margins=(2, 0, 6, 0)))
            self.table.setCellWidget(at, number, cell)
        self.kinds.append(kind)
        self.quantities.append(quantity)
        self.units.append(unit)
        kind.currentIndexChanged.connect(lambda *_: self._on_kind(at))
        quantity.currentIndexChanged.connect(lambda *_: self._follow())
        unit.textChanged.connect(lambda *_: self._follow())

    def _kind_of(self, name: str) -> str:
        base = self._base
        if len(base.time) > 1 and name in base.time:
            return PARTS[base.time.index(name)]
        if any(one.column == name for one in base.values):
            return "value"
        said = {"time": base.time[0] if base.time else "", "sensor": base.sensor, "quantity": base.quantity,
                "unit": base.unit}  # fmt: skip
        return next((kind for kind, column in said.items() if column == name), "ignore")

    def _on_kind(self, at: int) -> None:
        """Only values are several; another column that was the same is no longer read."""
        kind = self.kinds[at].currentData()
        for number, other in enumerate(self.kinds):
            if number != at and kind not in ("value", "ignore") and other.currentData() == kind:
                other.blockSignals(True)
                other.setCurrentIndex(0)
                other.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        for at, kind in enumerate(self.kinds):
            for widget in (self.quantities[at], self.units[at]):
                widget.setVisible(kind.currentData() == "value")
        mapping = self.mapping
        self.device.setEnabled(not mapping.sensor)
        self.preview.setRowCount(0)
        self.ok.setEnabled(False)
        if mapping.lacking:
            word = self.appearance.word
            names = word("sheet.comma").join(word(f"readings.is.{_LACKS.get(one, one)}") for one in mapping.lacking)
            self.told.setText(word("readings.import.lacks", what=names))
            return
        rows, told = self._look(mapping)
        self.preview.setRowCount(len(rows))
        for at, texts in enumerate(rows):
            for number, text in enumerate(texts):
                self.preview.setItem(at, number, QTableWidgetItem(visible_text(text)))
        self.told.setText(told)
        self.ok.setEnabled(bool(rows))


_LACKS = {"values": "value"}


class ImportedDialog(Ask):
    """What became of tables: taken, stored, refused by reason, to read and copy.

    Parameters
    ----------
    appearance : Appearance
    lines : sequence of str
    """

    def __init__(self, appearance: Appearance, lines: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(appearance, "readings.imported.title", parent)
        self.text = QPlainTextEdit("\n".join(lines), readOnly=True)
        self.body.addWidget(self.text, 1)
        self.add_button("window.close", "", "primary")
        self.resize(640, 300)
