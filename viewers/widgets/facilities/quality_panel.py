"""The quality gate: scores, rules with what failed, the failures of one rule, and the form of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QMenu, QProgressBar, QPushButton, QStackedLayout, QToolButton, QWidget

from models.facilities.quality.rules import Rule
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import (
    Card,
    EmptyHint,
    Page,
    ShareBar,
    button,
    caption,
    clear,
    column,
    label,
    line,
    row,
    tool,
)
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.common.ranked_list import RankedList
from viewers.widgets.facilities.rule_form import RuleForm

#: Rows of scores that are shown until all are asked for.
FEW = 8
#: Tint of a severity.
TINTS = {"error": "bad", "warning": "warn", "hint": "text_soft"}


@dataclass(frozen=True, slots=True)
class ScoreView:
    """One score: what it is of, 0…100 or None, the share that fails, and a sentence with the counts."""

    name: str
    percent: float | None
    text: str
    failing: float
    tip: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule and what it found: None before a run."""

    rule: Rule
    title: str
    tip: str
    failed: int | None = None
    passed: int = 0
    unjudged: int = 0
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class GateView:
    """All that the overview shows.

    Parameters
    ----------
    whole : ScoreView or None
        None before a run.
    coverage : str
    scores : mapping of str to sequence of ScoreView
        ``"district"`` and ``"class"``.
    rules : sequence of RuleView
    made : str
        When it was judged.
    is_old : bool
    """

    whole: ScoreView | None
    coverage: str
    districts: Sequence[ScoreView]
    classes: Sequence[ScoreView]
    rules: Sequence[RuleView]
    made: str = ""
    is_old: bool = False


class QualityPanel(QWidget):
    """Overview, failures of a rule, form of a rule.

    Signals
    -------
    run_requested : (layer id, empty for all)
    cancel_requested : ()
    rule_chosen : (rule id)
    rule_saved : (Rule)
    rules_requested : (str) ``"open"``, ``"save"``, ``"restore"``
    export_requested, topics_requested, models_requested : ()
    overlay_requested : (bool)
    repair_requested : (value)
    """

    run_requested = Signal(str)
    cancel_requested = Signal()
    rule_chosen = Signal(str)
    rule_saved = Signal(object)
    rules_requested = Signal(str)
    export_requested = Signal()
    topics_requested = Signal()
    models_requested = Signal()
    overlay_requested = Signal(bool)
    repair_requested = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._view = GateView(None, "", (), (), ())
        self._by, self._shows_all, self._overlay, self._shown_rule = "district", False, False, ""
        self.layer = PlainCombo()
        self.cards: dict[str, Card] = {}
        self.hint = EmptyHint(appearance, "circle-wavy-check", "gate.empty")
        self.form = RuleForm(appearance)
        self.form.saved.connect(self.rule_saved)
        self.form.left.connect(self.show_overview)
        self._stack = QStackedLayout(self)
        for page in (self.hint, self._make_overview(), self._make_failures(), self.form):
            self._stack.addWidget(page)
        appearance.lang_changed.connect(self._draw)
        appearance.look_changed.connect(self._draw)

    # --- pages -----------------------------------------------------------------------------------------------------
    def _make_overview(self) -> QWidget:
        appearance = self._appearance
        self.run = button(appearance, "gate.run", "primary", "play")
        self.run.clicked.connect(lambda: self.run_requested.emit(str(self.layer.currentData() or "")))
        self.layer.setMinimumContentsLength(8)
        appearance.say(self.layer.setAccessibleName, "gate.layer")
        self.more = tool(appearance, "dots-three", "gate.more")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(QMenu(self.more))
        self.more.menu().aboutToShow.connect(self._fill_menu)
        head = row(self.run, self.layer, self.more, margins=(12, 10, 8, 8), gap=8)
        head.setStretch(1, 1)
        self.bar, self.busy_text = QProgressBar(), label("small")
        self.bar.setTextVisible(False)
        self.stop = button(appearance, "checks.cancel", "quiet", "x")
        self.stop.clicked.connect(self.cancel_requested)
        busy_head = row(self.busy_text, self.stop)
        busy_head.setStretch(0, 1)
        self.busy = QWidget()
        self.busy.setLayout(column(busy_head, self.bar, margins=(14, 0, 12, 8), gap=4))
        self.busy.hide()
        self.page = Page()
        self.export = button(appearance, "gate.export", icon="download-simple")
        self.export.clicked.connect(self.export_requested)
        self.topics = button(appearance, "gate.topics", icon="chat-circle-text")
        self.topics.clicked.connect(self.topics_requested)
        self.models = button(appearance, "gate.models", "quiet", "checks")
        self.models.clicked.connect(self.models_requested)
        foot = column(row(self.export, self.topics, gap=8), row(self.models, 1), margins=(12, 8, 12, 8), gap=4)
        overview = QWidget()
        overview.setLayout(column(head, self.busy, line(), self.page, line(), foot, gap=0))
        return overview

    def _make_failures(self) -> QWidget:
        appearance = self._appearance
        self.back = tool(appearance, "arrow-left", "gate.back", size=16)
        self.back.clicked.connect(self.show_overview)
        self.edit = tool(appearance, "pencil-simple", "gate.edit_rule", size=16)
        self.edit.clicked.connect(lambda: self.edit_rule(self._shown_rule))
        self.title, self.about = label("strong", wrap=True), label("small", wrap=True)
        self.old = caption(appearance, "gate.old", "warn", wrap=True)
        self.value = PlainCombo()
        self.repair = button(appearance, "gate.repair", icon="wrench")
        self.repair.clicked.connect(lambda: self.repair_requested.emit(str(self.value.currentData() or "")))
        self._repair_row = QWidget()
        fix = row(self.value, self.repair, margins=(12, 0, 12, 8), gap=8)
        fix.setStretch(0, 1)
        self._repair_row.setLayout(fix)
        self.list = RankedList(appearance)
        top = row(self.back, self.title, self.edit, margins=(8, 8, 8, 4), gap=6)
        top.setStretch(1, 1)
        words = column(self.about, self.old, margins=(14, 0, 12, 8), gap=4)
        failures = QWidget()
        layout = column(top, words, self._repair_row, line(), self.list, gap=0)
        layout.setStretch(4, 1)
        failures.setLayout(layout)
        return failures

    # --- what the window shows ---------------------------------------------------------------------------------------
    def set_layers(self, layers: Sequence[tuple[str, str]]) -> None:
        """Offer the layers (id, name) that can be judged; without any the panel says what is missing."""
        held = str(self.layer.currentData() or "")
        self.layer.clear()
        self.layer.addItem(self._appearance.word("gate.all_layers"), "")
        for layer_id, name in layers:
            self.layer.addItem(name, layer_id)
        self.layer.setCurrentIndex(max(self.layer.findData(held), 0))
        if not layers:
            self._stack.setCurrentIndex(0)
        elif self._stack.currentIndex() == 0:
            self._stack.setCurrentIndex(1)

    def set_view(self, view: GateView) -> None:
        """Show scores and rules."""
        self._view = view
        self._draw()

    def set_busy(self, text: str, fraction: float = -1.0) -> None:
        """Show that a run is under way; an empty text: none is."""
        self.busy.setVisible(bool(text))
        self.run.setEnabled(not text)
        self.busy_text.setText(text)
        self.bar.setRange(0, 0 if fraction < 0 else 100)
        if fraction >= 0:
            self.bar.setValue(round(100 * fraction))

    def show_overview(self) -> None:
        """Go back to scores and rules."""
        self._stack.setCurrentIndex(1)

    def show_failures(self, rule_id: str, title: str, about: str, choices: Sequence[str], *, repairs: bool) -> None:
        """Show the list of a rule's failures, which the window has filled.

        Parameters
        ----------
        rule_id, title, about : str
        choices : sequence of str
            Values of which a repair needs one.
        repairs : bool
            Whether the rule knows a repair.
        """
        self._shown_rule = rule_id
        self.title.setText(title)
        self.about.setText(about)
        self.old.setVisible(self._view.is_old)
        self.value.clear()
        for value in choices:
            self.value.addItem(value, value)
        self.value.setVisible(bool(choices))
        self._repair_row.setVisible(repairs)
        self._stack.setCurrentIndex(2)
        self.list.view.setFocus()

    @property
    def shown_rule(self) -> str:
        """Return the rule whose failures are shown, empty on another page."""
        return self._shown_rule if self._stack.currentIndex() == 2 else ""

    def edit_rule(self, rule_id: str) -> None:
        """Show the form of a rule."""
        found = next((one for one in self._view.rules if one.rule.id == rule_id), None)
        if found is not None:
            self.form.show_rule(found.rule, found.tip)
            self._stack.setCurrentIndex(3)

    # --- drawing ---------------------------------------------------------------------------------------------------
    def _fill_menu(self) -> None:
        word, menu, icon = self._appearance.word, self.more.menu(), self._appearance.icon
        menu.clear()
        for name, picture in (("open", "folder-open"), ("save", "floppy-disk"), ("restore", "arrow-counter-clockwise")):
            menu.addAction(icon(picture, "text_soft"), word(f"gate.rules.{name}"),
                           lambda name=name: self.rules_requested.emit(name))  # fmt: skip

    def _draw(self) -> None:
        view, page = self._view, self.page.column
        at = self.page.verticalScrollBar().value()
        clear(page)
        self.cards.clear()
        has_result = view.whole is not None
        self.export.setEnabled(has_result)
        self.topics.setEnabled(has_result)
        self.old.setVisible(view.is_old)
        if view.whole is not None:
            self._draw_scores(view, view.whole)
        page.addWidget(caption(self._appearance, "gate.section.rules", "section"))
        if not has_result:
            page.addWidget(caption(self._appearance, "gate.not_run", "soft", wrap=True))
        order = sorted(view.rules, key=_urgency) if has_result else view.rules
        for rule in order:
            page.addWidget(self._rule_card(rule))
        page.addStretch(1)
        self.page.verticalScrollBar().setValue(at)

    def _draw_scores(self, view: GateView, whole: ScoreView) -> None:
        page = self.page.column
        if view.is_old:
            page.addWidget(caption(self._appearance, "gate.old", "warn", wrap=True))
        number = label("value")
        number.setText(whole.text)
        told, coverage = label("small"), label("faint", wrap=True)
        told.setText(self._appearance.word("gate.of_100") if whole.percent is not None else "")
        coverage.setText(f"{view.coverage}\n{view.made}")
        page.addLayout(row(number, told, 1, gap=6))
        page.addWidget(self._bar(whole, 10))
        page.addWidget(coverage)
        overlay = button(self._appearance, "gate.overlay", "segment", "map-pin")
        overlay.setCheckable(True)
        overlay.setChecked(self._overlay)
        overlay.clicked.connect(self.overlay_requested)
        self.overlay = overlay
        page.addWidget(overlay)
        by = QButtonGroup(self.page)
        buttons: list[QPushButton] = []
        for name in ("district", "class"):
            press = button(self._appearance, f"gate.by.{name}", "segment")
            press.setCheckable(True)
            press.setChecked(self._by == name)
            press.clicked.connect(lambda _, name=name: self._choose_by(name))
            by.addButton(press)
            buttons.append(press)
        self.by_buttons = buttons
        page.addLayout(row(*buttons, 1, gap=4))
        scores = sorted(view.districts if self._by == "district" else view.classes,
                        key=lambda one: (one.percent is None, one.percent or 0.0))  # fmt: skip
        for score in scores if self._shows_all else scores[:FEW]:
            page.addWidget(self._score_row(score))
        if len(scores) > FEW:
            more = button(self._appearance, "gate.fewer" if self._shows_all else "gate.all", "quiet",
                          count=len(scores))  # fmt: skip
            more.clicked.connect(self._toggle_all)
            page.addLayout(row(more, 1))

    def set_overlay(self, on: bool) -> None:
        """Show whether the city shows what fails."""
        self._overlay = on
        if hasattr(self, "overlay") and self._view.whole is not None:
            self.overlay.setChecked(on)

    def _choose_by(self, name: str) -> None:
        self._by, self._shows_all = name, False
        self._draw()

    def _toggle_all(self) -> None:
        self._shows_all = not self._shows_all
        self._draw()

    def _bar(self, score: ScoreView, height: int) -> ShareBar:
        bar = ShareBar(self._appearance, height)
        if score.percent is not None:
            good, bad = self._appearance.colour("good").name(), self._appearance.colour("bad").name()
            bar.set_parts([(1.0 - score.failing, good), (score.failing, bad)])
        return bar

    def _score_row(self, score: ScoreView) -> QWidget:
        name, number = label(), label("strong")
        name.setText(score.name)
        name.setMinimumWidth(60)
        number.setText(score.text)
        number.setFixedWidth(48)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar = self._bar(score, 6)
        bar.setFixedWidth(96)
        found = QWidget()
        layout = row(name, bar, number, gap=8)
        layout.setStretch(0, 1)
        found.setLayout(layout)
        found.setToolTip(plain_tip(score.tip))
        return found

    def _rule_card(self, view: RuleView) -> QWidget:
        card, word = Card(), self._appearance.word
        dot, title, count, small = label(), label(wrap=True), label("strong"), label("faint", wrap=True)
        rule = view.rule
        tint = TINTS[rule.severity] if rule.enabled else "line_strong"
        dot.setPixmap(chip(self._appearance.colour(tint).name(), 10, round_=True))
        title.setText(view.title)
        said = []
        if not rule.enabled:
            said.append(word("gate.off"))
        elif view.failed is not None:
            count.setText(f"{view.failed:,}" if view.passed or view.failed else "–")
            count.setProperty("role", "bad" if view.failed and rule.severity == "error" else "strong")
            said.append(word("gate.passed", count=f"{view.passed:,}"))
            if view.unjudged:
                said.append(word("gate.unjudged", count=f"{view.unjudged:,}"))
        if view.is_own:
            said.append(word("gate.own"))
        small.setText(" · ".join(said))
        small.setVisible(bool(said))
        edit = tool(self._appearance, "pencil-simple", "gate.edit_rule", size=15)
        edit.clicked.connect(lambda: self.edit_rule(rule.id))
        top = row(dot, title, count, edit, gap=8)
        top.setStretch(1, 1)
        card.setLayout(column(top, small, margins=(10, 6, 6, 7), gap=2))
        card.setToolTip(plain_tip(view.tip))
        card.clicked.connect(lambda: self.rule_chosen.emit(rule.id))
        self.cards[rule.id] = card
        return card


def _urgency(view: RuleView) -> tuple[bool, int, int]:
    """Return the order of a rule: what fails first, errors before warnings, more before fewer."""
    failed = view.failed or 0
    return not failed, list(TINTS).index(view.rule.severity), -failed
