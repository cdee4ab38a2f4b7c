"""What the numbers of a selection say, as figures and charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFormLayout,
    QHeaderView,
    QMenu,
    QSplitter,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QWidget,
)

from models.core.spreadsheet_text import guarded
from models.query.statistics_report import Question, Report
from resources.visible_text import visible_text
from viewers.texts.values import field_with_unit, statistic_value
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, Page, caption, column, label, row, tool
from viewers.widgets.common.plain import PlainCombo

if TYPE_CHECKING:
    from viewers.widgets.common.charts import Chart

#: Charts with their icons.
CHARTS = {"bars": "chart-bar", "histogram": "chart-bar-horizontal", "scatter": "dots-nine", "box": "rows"}
#: Figures as they are listed; those after the third need numbers.
FIGURES = ("count", "missing", "coverage", "distinct", "sum", "mean", "median", "least", "most", "spread")
BAR_FIGURES = ("count", "sum", "mean", "median", "least", "most")


class StatisticsPanel(QWidget):
    """Figures, a chart and groups of some objects of one layer.

    Signals
    -------
    asked : () the question changed; :attr:`question` and :attr:`of_selection` say it
    rows_chosen : (ndarray of row numbers of the report, bool) a bar was clicked, and whether it joins the selection
    save_requested : (str) ``"picture"`` or ``"table"`` into a file

    Parameters
    ----------
    appearance : Appearance
    """

    asked = Signal()
    rows_chosen = Signal(object, bool)
    save_requested = Signal(str)

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._setting = False
        self.report: Report | None = None
        self.chart: Chart | None = None
        self._names: dict[str, str] = {}
        #: (field, value as text) → text of a value; set by the window.
        self.value_text: Callable[[str, str], str] = lambda _, text: text
        self.layers, self.scope, self.field, self.other = PlainCombo(), PlainCombo(), PlainCombo(), PlainCombo()
        self.by, self.figure = PlainCombo(), PlainCombo()
        for combo in (self.layers, self.scope, self.field, self.other, self.by, self.figure):
            combo.setMinimumWidth(120)
            combo.activated.connect(lambda _: self._ask())
        self._kinds = QButtonGroup(self)
        self.kinds: dict[str, QToolButton] = {}
        kinds = row(gap=1)
        for kind, icon in CHARTS.items():
            press = tool(appearance, icon, f"statistics.chart.{kind}", size=17)
            press.setCheckable(True)
            press.clicked.connect(lambda _=False: self._ask())
            self._kinds.addButton(press)
            self.kinds[kind] = press
            kinds.addWidget(press)
        self.kinds["bars"].setChecked(True)
        self.copy = tool(appearance, "copy", "statistics.copy", size=16)
        self.copy.clicked.connect(self._offer_copy)
        kinds.addStretch(1)
        kinds.addWidget(self.copy)
        self._form = QFormLayout()
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setVerticalSpacing(5)
        self._rows: dict[str, QWidget] = {}
        for key, combo in (
            ("layer", self.layers), ("scope", self.scope), ("field", self.field), ("other", self.other),
            ("by", self.by), ("figure", self.figure),
        ):  # fmt: skip
            self._rows[key] = caption(appearance, f"statistics.{key}", "small")
            self._form.addRow(self._rows[key], combo)
        self._figures = QFormLayout()
        self._figures.setContentsMargins(0, 4, 0, 0)
        self._figures.setVerticalSpacing(3)
        page = Page(margins=(12, 8, 10, 10))
        page.column.addLayout(kinds)
        page.column.addLayout(self._form)
        page.column.addStretch(1)
        page.setMinimumWidth(230)
        told = Page(margins=(10, 8, 10, 10))
        told.column.addLayout(self._figures)
        told.column.addStretch(1)
        told.setMinimumWidth(165)
        self._middle = QWidget()
        self.note = label("faint", wrap=True)
        self._canvas = column(self.note, margins=(6, 6, 6, 4), gap=2)
        self._middle.setLayout(self._canvas)
        self.groups = QTableWidget()
        self.groups.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.groups.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.groups.setShowGrid(False)
        self.groups.setAlternatingRowColors(True)
        self.groups.verticalHeader().hide()
        self.groups.verticalHeader().setDefaultSectionSize(25)
        self.groups.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.groups.itemSelectionChanged.connect(self._on_group_chosen)
        split = QSplitter(Qt.Orientation.Horizontal)
        for part, share in ((page, 0), (told, 0), (self._middle, 3), (self.groups, 2)):
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, share)
        split.setSizes([240, 175, 520, 300])
        self.hint = EmptyHint(appearance, "chart-bar", "statistics.empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(split)
        appearance.lang_changed.connect(self._say)
        self._say()

    # --- the question --------------------------------------------------------------------------------------------
    @property
    def question(self) -> Question:
        """Return what is asked."""
        kind = next(kind for kind, press in self.kinds.items() if press.isChecked())
        return Question(
            str(self.layers.currentData() or ""), str(self.field.currentData() or ""),
            str(self.other.currentData() or "") if kind == "scatter" else "", str(self.by.currentData() or ""), kind,
            str(self.figure.currentData() or "count"),
        )  # fmt: skip

    @property
    def of_selection(self) -> bool:
        """Whether the selected objects alone are meant."""
        return bool(self.scope.currentData() == "selection")

    def set_layers(self, layers: Sequence[tuple[str, str]], current: str = "") -> None:
        """Offer layers as ``(id, title)``."""
        self._setting = True
        wanted = current or str(self.layers.currentData() or "")
        self.layers.clear()
        for own, title in layers:
            self.layers.addItem(title, own)
        self.layers.setCurrentIndex(max(self.layers.findData(wanted), 0) if layers else -1)
        self._stack.setCurrentIndex(1 if layers else 0)
        self._setting = False

    def set_fields(self, numbers: Sequence[tuple[str, str]], every: Sequence[tuple[str, str]]) -> None:
        """Offer fields as ``(field, heading)``: those with numbers, and all."""
        self._setting = True
        self._names = dict(every)
        for combo, fields, none in (
            (self.field, every, "statistics.none.rows"), (self.other, numbers, ""), (self.by, every, "statistics.none"),
        ):  # fmt: skip
            kept = combo.currentData()
            combo.clear()
            if none:
                combo.addItem(self._appearance.word(none), "")
            for name, heading in fields:
                combo.addItem(heading, name)
            combo.setCurrentIndex(max(combo.findData(kept), 0))
        if not self.field.currentData() and numbers:
            self.field.setCurrentIndex(max(self.field.findData(numbers[0][0]), 0))
        if len(numbers) > 1 and self.other.currentData() == self.field.currentData():
            self.other.setCurrentIndex(1)
        self._setting = False

    def choose(self, *, field: str = "", by: str = "", chart: str = "", other: str = "", figure: str = "") -> None:
        """Ask something, as a hand would."""
        combos = ((self.field, field), (self.by, by), (self.other, other), (self.figure, figure))
        for combo, wanted in combos:
            if wanted and (at := combo.findData(wanted)) >= 0:
                combo.setCurrentIndex(at)
        if chart:
            self.kinds[chart].setChecked(True)
        self._ask()

    def _ask(self) -> None:
        if not self._setting:
            self._tell_rows()
            self.asked.emit()

    def _tell_rows(self) -> None:
        kind = self.question.chart
        for name, seen in (("other", kind == "scatter"), ("figure", kind == "bars"), ("by", kind != "scatter")):
            self._form.setRowVisible(self._rows[name], seen)

    # --- the answer ------------------------------------------------------------------------------------------------
    def show_report(self, report: Report) -> None:
        """Show figures, chart and groups."""
        self.report = report
        chart = self._ready_chart()
        word, asked = self._appearance.word, report.question
        name = self._axis(asked.field) or word("statistics.none.rows")
        by = self._names.get(asked.by, "")
        self._show_figures(report)
        rows = word("figure.count")
        note = ""
        if asked.chart == "scatter":
            if report.x is None or report.y is None or report.point_rows is None:
                chart.show_nothing()
                note = word("statistics.needs_numbers")
            else:
                chart.show_points(report.x, report.y, report.point_rows, name, self._axis(asked.other))
        elif asked.chart == "box":
            chart.show_boxes([replace(box, name=self._said(asked.by, box.name)) for box in report.boxes], by, name)
            note = "" if report.boxes else word("statistics.needs_numbers")
        elif report.is_histogram:
            chart.show_bars(report.bars, name, rows, numeric=True)
        else:
            grouped = bool(asked.by) and report.is_number and asked.figure != "count"
            up = f"{name} · {word(f'figure.{asked.figure}')}" if grouped else rows
            field = asked.by or asked.field
            bars = [replace(bar, name=self._said(field, bar.name, bar.others)) for bar in report.bars]
            chart.show_bars(bars, by or name, up, numeric=False)
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._show_groups(report)

    def _axis(self, field: str) -> str:
        """Return what an axis of a field is called, with its unit."""
        name = self._names.get(field, "")
        return field_with_unit(field, name, self._appearance.lang) if name else ""

    def _said(self, field: str, text: str, others: int = 0) -> str:
        if others:
            return self._appearance.word("statistics.others", count=f"{others:,}")
        return self.value_text(field, text) if text else self._appearance.word("value.none")

    def _ready_chart(self) -> Chart:
        if self.chart is None:  # pyqtgraph is loaded when the first chart is drawn, not with the window
            from viewers.widgets.common.charts import Chart

            self.chart = Chart(self._appearance)
            self.chart.rows_chosen.connect(self.rows_chosen)
            self._canvas.addWidget(self.chart, 1)
        return self.chart

    def _show_figures(self, report: Report) -> None:
        while self._figures.rowCount():
            self._figures.removeRow(0)
        for name in FIGURES:
            text = statistic_value(name, getattr(report.whole, name), report.question.field)
            if text or report.is_number:
                value = label("strong", select=True)
                value.setText(text or self._appearance.word("value.none"))
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._figures.addRow(caption(self._appearance, f"figure.{name}", "small"), value)

    def _show_groups(self, report: Report) -> None:
        table, word = self.groups, self._appearance.word
        table.blockSignals(True)
        table.setVisible(bool(report.groups))
        names = [name for name in FIGURES if name != "coverage" and (report.is_number or name in FIGURES[:4])]
        table.setColumnCount(len(names) + 1)
        table.setRowCount(len(report.groups))
        heads = [self._names.get(report.question.by, ""), *(word(f"figure.{name}") for name in names)]
        table.setHorizontalHeaderLabels(heads)
        for at, group in enumerate(report.groups):
            name = self._said(report.question.by, group.name or "", group.others)
            first = QTableWidgetItem(visible_text(name))
            if group.name is None:
                first.setForeground(self._appearance.colour("text_faint"))
            table.setItem(at, 0, first)
            for place, name in enumerate(names, start=1):
                cell = QTableWidgetItem(
                    statistic_value(name, getattr(group.figures, name), report.question.field) or word("value.none")
                )
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(at, place, cell)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        if heads and (first_head := table.horizontalHeaderItem(0)) is not None:
            first_head.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.clearSelection()
        table.blockSignals(False)

    def _on_group_chosen(self) -> None:
        if self.report is not None:
            import numpy as np

            rows = [self.report.groups[index.row()].rows for index in self.groups.selectionModel().selectedRows()]
            if rows:
                self.rows_chosen.emit(np.concatenate(rows), False)

    # --- copying -----------------------------------------------------------------------------------------------------
    def table_text(self) -> str:
        """Return figures and groups as lines with tabs."""
        if self.report is None:
            return ""
        word, report = self._appearance.word, self.report
        lines = [
            f"{word(f'figure.{name}')}\t{statistic_value(name, getattr(report.whole, name), report.question.field)}"
            for name in FIGURES
        ]
        if report.groups:
            heads = [guarded(self._names.get(report.question.by, "")), *(word(f"figure.{name}") for name in FIGURES)]
            lines += ["", "\t".join(heads)]
            for group in report.groups:
                own = guarded(
                    self._said(report.question.by, group.name or "", group.others).replace("\t", " ").replace("\n", " ")
                )
                lines.append(
                    "\t".join(
                        [
                            own,
                            *(
                                statistic_value(name, getattr(group.figures, name), report.question.field)
                                for name in FIGURES
                            ),
                        ]
                    )
                )
        return "\n".join(lines)

    def _offer_copy(self) -> None:
        menu, word = QMenu(self), self._appearance.word
        clip = QGuiApplication.clipboard()
        if self.chart is not None:
            chart = self.chart
            menu.addAction(word("statistics.copy.picture"), lambda: clip.setPixmap(chart.picture()))
        menu.addAction(word("statistics.copy.table"), lambda: clip.setText(self.table_text()))
        menu.addSeparator()
        menu.addAction(word("statistics.save.picture"), lambda: self.save_requested.emit("picture"))
        menu.addAction(word("statistics.save.table"), lambda: self.save_requested.emit("table"))
        menu.exec(self.copy.mapToGlobal(QPoint(0, self.copy.height())))
        menu.deleteLater()

    def _say(self) -> None:
        self._setting = True
        for combo, prefix, values in (
            (self.scope, "statistics.scope", ("all", "selection")), (self.figure, "figure", BAR_FIGURES),
        ):  # fmt: skip
            kept = combo.currentData()
            combo.clear()
            for value in values:
                combo.addItem(self._appearance.word(f"{prefix}.{value}"), value)
            combo.setCurrentIndex(max(combo.findData(kept), 0))
        self._setting = False
        self._tell_rows()
        if self.report is not None:
            self.show_report(self.report)
