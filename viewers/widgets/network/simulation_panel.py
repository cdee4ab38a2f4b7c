"""A model of SWMM or EPANET in the window: what its check says, its run, and its results step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QListWidget, QListWidgetItem, QProgressBar, QSlider, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, Page, button, caption, clear, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.rows import rows_item, rows_list
from viewers.widgets.network.series_chart import Curve, SeriesChart

#: Rows of a list that are seen without scrolling in it.
_LIST_PX = 148


@dataclass(frozen=True, slots=True)
class ListedRow:
    """One row of a list: severity, what it says, what stands below, and what is meant by it."""

    severity: str
    text: str
    detail: str
    data: object


class SimulationPanel(QWidget):
    """The panel of models.

    Signals
    -------
    open_requested, check_requested, run_requested, cancel_requested, save_requested : ()
    export_requested : (bool) the series of the chart, else the whole run
    model_chosen : (int) of the list of models
    variable_chosen : (int) of the list of variables
    step_chosen : (int)
    shown_switched : (bool) whether the city is coloured by the results
    place_chosen : (object) the ``data`` of a row of either list
    start_requested : () say when the run begins, for one whose clock knows no date
    """

    open_requested = Signal()
    check_requested = Signal()
    run_requested = Signal()
    cancel_requested = Signal()
    save_requested = Signal()
    export_requested = Signal(bool)
    model_chosen = Signal(int)
    variable_chosen = Signal(int)
    step_chosen = Signal(int)
    shown_switched = Signal(bool)
    place_chosen = Signal(object)
    start_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.hint = EmptyHint(appearance, "waves", "simulation.empty", "simulation.open")
        self.hint.pressed.connect(self.open_requested)
        self.page = Page()
        self.setLayout(column(self.hint, self.page, gap=0))
        self.models = self._combo("simulation.model")
        self.models.activated.connect(self.model_chosen)
        opening = tool(appearance, "folder-open", "simulation.open")
        opening.clicked.connect(self.open_requested)
        self.check = button(appearance, "simulation.check", icon="checks")
        self.run = button(appearance, "simulation.run", "primary", "play")
        self.save = button(appearance, "simulation.save", icon="floppy-disk")
        self.check.clicked.connect(self.check_requested)
        self.run.clicked.connect(self.run_requested)
        self.save.clicked.connect(self.save_requested)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.stop = tool(appearance, "x", "simulation.stop", size=16)
        self.stop.clicked.connect(self.cancel_requested)
        self.running = label("small")
        self._progress_row = QWidget()
        self._progress_row.setLayout(column(row(self.running, 1, self.stop), self.progress, gap=2))
        top = row(self.models, opening, gap=6)
        top.setStretch(0, 1)
        self.page.column.addLayout(top)
        self.page.column.addLayout(row(self.run, self.check, self.save, 1, gap=6))
        self.page.column.addWidget(self._progress_row)
        self._build_findings()
        self._build_results()
        self.page.column.addStretch(1)
        self.set_models([], 0)
        self.set_running("", -1.0)
        self.show_findings("", [])
        self.show_results("", [], [], [], 0)

    def _combo(self, name: str) -> QComboBox:
        combo = PlainCombo()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(8)
        self._appearance.say(combo.setAccessibleName, name)
        return combo

    def _list(self) -> QListWidget:
        made = rows_list(self._appearance)
        made.setFixedHeight(_LIST_PX)
        made.itemActivated.connect(self._on_row)
        made.itemClicked.connect(self._on_row)
        return made

    def _build_findings(self) -> None:
        self.findings_title = label("section")
        self.findings = self._list()
        self._findings = QWidget()
        self._findings.setLayout(column(line(), self.findings_title, self.findings, gap=6))
        self.page.column.addWidget(self._findings)

    def _build_results(self) -> None:
        appearance = self._appearance
        self.engine = label("small", wrap=True)
        self._facts = column(gap=2)
        self.shown = QCheckBox()
        appearance.say(self.shown.setText, "simulation.show")
        self.shown.clicked.connect(self.shown_switched)
        self.variables = self._combo("simulation.variable")
        self.variables.activated.connect(self.variable_chosen)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        appearance.say(self.slider.setAccessibleName, "simulation.step")
        self.slider.valueChanged.connect(self.step_chosen)
        back, forward = (tool(appearance, icon, key, size=16) for icon, key in
                         (("caret-left", "simulation.back"), ("caret-right", "simulation.forward")))  # fmt: skip
        back.clicked.connect(lambda: self.slider.setValue(self.slider.value() - 1))
        forward.clicked.connect(lambda: self.slider.setValue(self.slider.value() + 1))
        self.clock = label("strong")
        self.start = button(appearance, "simulation.start", "quiet", icon="clock-counter-clockwise")
        appearance.say(self.start.setToolTip, "simulation.start.tip")
        self.start.clicked.connect(self.start_requested)
        self.worst_title = label("section")
        self.worst = self._list()
        self.chart = SeriesChart(appearance)
        self.chart_hint = caption(appearance, "simulation.chart.hint", "small", wrap=True)
        export, series = (button(appearance, key, "quiet", icon="export") for key in
                          ("simulation.export", "simulation.export.series"))  # fmt: skip
        export.clicked.connect(lambda: self.export_requested.emit(False))
        series.clicked.connect(lambda: self.export_requested.emit(True))
        self.series_button = series
        self._results = QWidget()
        choose = row(self.variables, self.shown, gap=6)
        choose.setStretch(0, 1)
        self._worst = QWidget()
        self._worst.setLayout(column(self.worst_title, self.worst, gap=6))
        self._results.setLayout(
            column(
                line(), caption(appearance, "simulation.results", "section"), self.engine, self._facts, choose,
                row(back, self.slider, forward, gap=4), row(self.clock, 1, self.start, gap=6), self._worst,
                caption(appearance, "simulation.chart", "section"), self.chart_hint, self.chart,
                row(export, series, 1, gap=6), gap=8,
            )
        )  # fmt: skip
        self.page.column.addWidget(self._results)

    # --- what is shown ---------------------------------------------------------------------------------------------
    def set_models(self, names: Sequence[str], current: int) -> None:
        """Show which models are open; none shows what to do."""
        self.models.clear()
        self.models.addItems(list(names))
        self.models.setCurrentIndex(current)
        self.hint.setVisible(not names)
        self.page.setVisible(bool(names))

    def set_running(self, text: str, fraction: float) -> None:
        """Show how far a run is; an empty text: none is running. A negative fraction: nobody knows."""
        self._progress_row.setVisible(bool(text))
        self.run.setEnabled(not text)
        self.running.setText(text)
        self.progress.setRange(0, 1000 if fraction >= 0 else 0)
        self.progress.setValue(round(1000 * max(fraction, 0.0)))

    def show_findings(self, title: str, rows: Sequence[ListedRow]) -> None:
        """Show what a check found; an empty title: none was made."""
        self._findings.setVisible(bool(title))
        self.findings_title.setText(title)
        self._fill(self.findings, rows)

    def show_results(
        self, engine: str, facts: Sequence[tuple[str, str]], variables: Sequence[str], worst: Sequence[ListedRow],
        steps: int, worst_title: str = "",
    ) -> None:  # fmt: skip
        """Show a run; an empty engine: none was made."""
        self._results.setVisible(bool(engine))
        self.engine.setText(engine)
        clear(self._facts)
        for name, value in facts:
            text = label("small")
            text.setText(name)
            figure = label("small", select=True)
            figure.setText(value)
            self._facts.addLayout(row(text, 1, figure, gap=8))
        self.variables.clear()
        self.variables.addItems(list(variables))
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(steps - 1, 0))
        self.slider.setValue(0)
        self.slider.blockSignals(False)
        self._worst.setVisible(bool(worst))
        self.worst_title.setText(worst_title)
        self._fill(self.worst, worst)
        self.show_series([], "", 0.0)

    def show_step(self, clock: str, at_s: float, step: int) -> None:
        """Say which step is shown."""
        self.slider.blockSignals(True)
        self.slider.setValue(step)
        self.slider.blockSignals(False)
        self.clock.setText(clock)
        self.chart.show_time(at_s)

    def show_outside(self, text: str) -> None:
        """Say that the moment lies outside of the run."""
        self.clock.setText(text)

    def offer_start(self, *, is_unknown: bool) -> None:
        """Offer to say when the run begins."""
        self.start.setVisible(is_unknown)

    def show_series(self, curves: Sequence[Curve], unit: str, at_s: float) -> None:
        """Show the series of the selected objects."""
        self.chart.setVisible(bool(curves))
        self.chart_hint.setVisible(not curves)
        self.series_button.setEnabled(bool(curves))
        if curves:
            self.chart.show_curves(curves, unit)
            self.chart.show_time(at_s)

    def _fill(self, into: QListWidget, rows: Sequence[ListedRow]) -> None:
        icons = {"error": ("x-circle", "bad"), "caution": ("warning", "warn")}
        into.clear()
        for one in rows:
            name, tint = icons.get(one.severity, ("info", "text_soft"))
            into.addItem(rows_item(self._appearance.icon(name, tint), one.text, one.detail, one.data))
        into.setVisible(bool(rows))
        into.setFixedHeight(min(_LIST_PX, max(44, 46 * len(rows))))

    def _on_row(self, item: QListWidgetItem) -> None:
        self.place_chosen.emit(item.data(Qt.ItemDataRole.UserRole))
