"""Checking models: IDS, quality, clashes, two versions compared.

Each kind has its form above and its own report below it; a report stays until the next one of its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QProgressBar,
    QSplitter,
    QStackedLayout,
    QStackedWidget,
    QTabBar,
    QWidget,
)

from models.checks.findings import MODEL_KINDS, SEVERITIES, Finding, Report
from viewers.texts import finding_texts as texts
from viewers.widgets.checks.check_forms import Choices, ClashForm, ClearanceForm, DiffForm, Form, IdsForm, QualityForm
from viewers.widgets.checks.findings_tree import FindingsTree, tally
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, Page, ShareBar, button, clear, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo

_EMPTY_ICONS = {"quality": "clipboard-text", "ids": "checks", "clash": "intersect", "diff": "git-diff",
                "clearance": "arrows-out-line-horizontal"}  # fmt: skip


class ChecksPanel(QWidget):
    """Forms, results and what is known of the chosen finding.

    Parameters
    ----------
    appearance : Appearance

    Signals
    -------
    run_requested : (kind)
    cancel_requested : ()
    browse_requested : () choose an IDS file
    add_requested : () open another model
    finding_chosen : (Finding)
    look_requested : (bool) fade the rest, or show everything as before
    kind_chosen : (kind)
    export_requested : (Report)
    topics_requested : (list of Finding)
    gate_requested : () show the quality gate of facilities, which stands beside these checks
    """

    run_requested = Signal(str)
    cancel_requested = Signal()
    browse_requested = Signal()
    add_requested = Signal()
    finding_chosen = Signal(object)
    look_requested = Signal(bool)
    kind_chosen = Signal(str)
    export_requested = Signal(object)
    topics_requested = Signal(list)
    gate_requested = Signal()

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self._reports: dict[str, Report] = {}
        self._has_models = self._has_pipes = False
        self.tabs = QTabBar()
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        for kind in MODEL_KINDS:
            self.tabs.addTab("")
            self.tabs.setTabData(self.tabs.count() - 1, kind)
        self.quality, self.ids, self.clash, self.diff = (
            QualityForm(appearance), IdsForm(appearance), ClashForm(appearance), DiffForm(appearance)
        )  # fmt: skip
        self.clearance = ClearanceForm(appearance)
        forms: tuple[Form, ...] = (self.quality, self.ids, self.clash, self.diff, self.clearance)
        self.forms: dict[str, Form] = {form.kind: form for form in forms}
        self._form_stack = QStackedWidget()
        for kind in MODEL_KINDS:
            self.forms[kind].asked.connect(lambda kind=kind: self.run_requested.emit(kind))
            self._form_stack.addWidget(self.forms[kind])
        self.ids.browse_requested.connect(self.browse_requested)
        self.diff.add_requested.connect(self.add_requested)
        self._busy = self._make_busy()
        self._results = self._make_results()
        self._hints = {kind: EmptyHint(appearance, icon, f"checks.empty.{kind}") for kind, icon in _EMPTY_ICONS.items()}
        self._lower = QStackedWidget()
        for hint in self._hints.values():
            self._lower.addWidget(hint)
        self._lower.addWidget(self._results)
        body = QWidget()
        body.setLayout(column(self.tabs, line(), self._form_stack, self._busy, line(), self._lower, gap=0))
        self.hint = EmptyHint(appearance, "cube", "checks.no_models", "checks.open_model")
        self.hint.pressed.connect(self.add_requested)
        inner = QWidget()
        self._stack = QStackedLayout(inner)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)
        self.gate = button(appearance, "checks.open_gate", "quiet", "circle-wavy-check")
        self.gate.clicked.connect(self.gate_requested)
        layout = column(inner, line(), row(self.gate, 1, margins=(8, 3, 8, 3)), gap=0)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.tabs.currentChanged.connect(lambda _: self._on_kind_changed())
        for keys, by in (("N", 1), ("P", -1)):
            short = QShortcut(QKeySequence(keys), self.tree)
            short.setContext(Qt.ShortcutContext.WidgetShortcut)
            short.activated.connect(lambda by=by: self.tree.step(by))
        appearance.lang_changed.connect(self._say)
        self._say()
        self._on_kind_changed()

    def _make_busy(self) -> QWidget:
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.busy_text = label("small")
        stop = button(self._appearance, "checks.cancel", "quiet", "x")
        stop.clicked.connect(self.cancel_requested)
        top = row(self.busy_text, stop)
        top.setStretch(0, 1)
        busy = QWidget()
        busy.setLayout(column(top, self.bar, margins=(14, 0, 12, 8), gap=4))
        busy.hide()
        return busy

    def _make_results(self) -> QWidget:
        appearance = self._appearance
        self.summary, self.source, self.caution = (
            label("strong", wrap=True), label("faint", wrap=True), label("small", wrap=True)
        )  # fmt: skip
        self.shares = ShareBar(appearance)
        self.search, self.severity = QLineEdit(), PlainCombo()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "checks.filter")
        appearance.say(self.severity.setAccessibleName, "checks.severity")
        self._filter_timer = QTimer(self, singleShot=True, interval=180)
        self._filter_timer.timeout.connect(self._filter)
        self.search.textChanged.connect(lambda _: self._filter_timer.start())
        self.severity.currentIndexChanged.connect(lambda _: self._filter_timer.start())
        self.tree = FindingsTree(appearance)
        self.tree.chosen.connect(self._on_chosen)
        head = QWidget()
        filters = row(self.search, self.severity, gap=6)
        filters.setStretch(0, 1)
        head.setLayout(
            column(self.summary, self.shares, self.source, self.caution, filters, margins=(14, 10, 12, 8), gap=6)
        )
        self.detail = Page(margins=(14, 8, 12, 10))
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.addWidget(self.tree)
        self.split.addWidget(self.detail)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([420, 170])
        self.split.setChildrenCollapsible(False)
        self.detail.hide()
        results = QWidget()
        results.setLayout(column(head, line(), self.split, line(), self._make_foot(), gap=0))
        return results

    def _make_foot(self) -> QWidget:
        appearance = self._appearance
        back, on = tool(appearance, "caret-up", "checks.back"), tool(appearance, "caret-down", "checks.next")
        back.clicked.connect(lambda: self.tree.step(-1))
        on.clicked.connect(lambda: self.tree.step(1))
        self.position = label("small")
        self.ghost = tool(appearance, "ghost", "checks.fade")
        self.ghost.setCheckable(True)
        self.ghost.setChecked(True)
        self.ghost.clicked.connect(self.look_requested)
        self.topics = tool(appearance, "chats", "checks.topics")
        self.topics.clicked.connect(lambda: self.topics_requested.emit(self._chosen_or_all()))
        self.export = tool(appearance, "download-simple", "checks.export")
        self.export.clicked.connect(self._on_export_clicked)
        foot = QWidget()
        foot.setLayout(
            row(back, on, self.position, 1, self.ghost, self.topics, self.export, margins=(8, 4, 8, 4), gap=2)
        )
        return foot

    @property
    def kind(self) -> str:
        """Return which check is shown."""
        return str(self.tabs.tabData(self.tabs.currentIndex()))

    @property
    def report(self) -> Report | None:
        """Return the report that is shown."""
        return self._reports.get(self.kind)

    @property
    def reports(self) -> list[Report]:
        """Return all reports, whichever is shown."""
        return list(self._reports.values())

    @property
    def fades(self) -> bool:
        """Whether what a finding does not concern is to be faded."""
        return self.ghost.isChecked()

    def set_models(self, models: Choices, pipes: Choices) -> None:
        """Offer models and layers of pipes as ``(layer id, title)``."""
        self._has_models = bool(models)
        for form in self.forms.values():
            form.offer(models, pipes)  # type: ignore[attr-defined]
        self.diff.run.setEnabled(len(models) > 1)
        for at, kind in enumerate(MODEL_KINDS):  # without a model only what lies in the ground can be checked
            self.tabs.setTabEnabled(at, bool(models) or kind == "clearance")
        self._has_pipes = bool(pipes)
        self.clearance.run.setEnabled(self._has_pipes)
        self._stack.setCurrentIndex(1 if models or pipes else 0)
        if pipes and not models and self.kind != "clearance":
            self.choose("clearance")

    def set_ids(self, path: Path) -> None:
        """Take an IDS file."""
        self.ids.set_path(path)

    def set_busy(self, text: str, fraction: float = -1.0) -> None:
        """Show that a check runs; an empty text says that none does."""
        self._busy.setVisible(bool(text))
        for form in self.forms.values():
            form.run.setEnabled(not text)
        self.ids.run.setEnabled(not text and self.ids.path is not None)
        self.diff.run.setEnabled(not text and self.diff.old.count() > 1)
        self.clearance.run.setEnabled(not text and self._has_pipes)
        self.busy_text.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 240))
        self.bar.setRange(0, 100 if fraction >= 0 else 0)
        self.bar.setValue(round(fraction * 100))

    def choose(self, kind: str) -> None:
        """Show a kind of check."""
        self.tabs.setCurrentIndex(MODEL_KINDS.index(kind))

    def show_report(self, report: Report) -> None:
        """Show what a check found."""
        self._reports[report.kind] = report
        self.choose(report.kind)
        self._on_kind_changed()

    def forget(self, layers: Sequence[str]) -> None:
        """Drop reports about layers that are no more."""
        gone = [kind for kind, report in self._reports.items() if set(report.layers) & set(layers)]
        for kind in gone:
            del self._reports[kind]
        if self.kind in gone:
            self._on_kind_changed()

    def _on_kind_changed(self) -> None:
        kind, report = self.kind, self.report
        self._form_stack.setCurrentWidget(self.forms[kind])
        self._form_stack.setFixedHeight(self.forms[kind].sizeHint().height())
        with QSignalBlocker(self.search), QSignalBlocker(self.severity):
            self.search.clear()
            self.severity.setCurrentIndex(0)
        self.tree.set_report(report)
        self._clear_detail()
        self._lower.setCurrentWidget(self._hints[kind] if report is None else self._results)
        self._draw()
        self.kind_chosen.emit(kind)

    def _say(self) -> None:
        for at, kind in enumerate(MODEL_KINDS):
            self.tabs.setTabText(at, self._appearance.word(f"checks.tab.{kind}"))
        with QSignalBlocker(self.severity):
            at = max(self.severity.currentIndex(), 0)
            self.severity.clear()
            self.severity.addItem(self._appearance.word("checks.severity.all"), "")
            for severity in SEVERITIES:
                self.severity.addItem(self._appearance.word(f"finding.severity.{severity}"), severity)
            self.severity.setCurrentIndex(at)
        self._draw()
        number = self.tree.current
        if number >= 0 and (found := self.tree.rows.finding(self.tree.currentIndex())) is not None:
            self._show_detail(found)

    def _draw(self) -> None:
        report, lang = self.report, self._appearance.lang
        if report is None:
            return
        self.summary.setText(texts.summary(report, lang))
        names = [name for _, name in report.models] + [str(report.facts.get("title") or report.facts.get("ids") or "")]
        self.source.setText("  ·  ".join(name for name in (*names, report.made_at[11:16]) if name))
        self.shares.set_parts(tally(report, self._appearance.colours))
        self.shares.setVisible(bool(report.groups))
        cautions = texts.cautions(report, lang)
        self.caution.setText("\n".join(cautions))
        self.caution.setVisible(bool(cautions))
        filters = bool(report.findings)
        for widget in (self.search, self.severity):
            widget.setVisible(filters)
        self._tell_position()

    def _filter(self) -> None:
        self.tree.filter(self.search.text().strip(), str(self.severity.currentData() or ""))
        if self.tree.current < 0:
            self._clear_detail()
        self._tell_position()

    def _on_chosen(self, finding: Finding) -> None:
        self._show_detail(finding)
        self._tell_position()
        self.finding_chosen.emit(finding)

    def _tell_position(self) -> None:
        at, total = self.tree.place()
        self.position.setText(f"{at:,} / {total:,}" if at else f"{total:,}")

    def _chosen_or_all(self) -> list[Finding]:
        chosen = self.tree.chosen_findings()
        return chosen or list(self.report.findings if self.report else ())

    def _on_export_clicked(self) -> None:
        if self.report is not None:
            self.export_requested.emit(self.report)

    def _clear_detail(self) -> None:
        clear(self.detail.column)
        self.detail.hide()

    def _show_detail(self, finding: Finding) -> None:
        clear(self.detail.column)
        lang = self._appearance.lang
        head = label("strong", wrap=True, select=True)
        head.setText(texts.sentence(finding, lang))
        self.detail.column.addWidget(head)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(texts.rows(finding, lang)):
            left, right = label("faint", wrap=True), label("small", wrap=True, select=True)
            left.setFixedWidth(92)
            left.setText(name)
            right.setText(value)
            right.setMinimumWidth(40)
            grid.addWidget(left, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(right, at, 1)
        self.detail.column.addLayout(grid)
        self.detail.column.addStretch(1)
        self.detail.show()
