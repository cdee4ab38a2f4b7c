"""The card of pipes: what colours them, what is written and shown along them, how wide they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, row
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.tool_bar_card import ToolCard, word_button

#: Factors by which pipes may be drawn wider.
FACTORS = (1.0, 2.0, 3.0, 5.0, 8.0)


class PipeBar(ToolCard):
    """Switches of the pipes.

    Signals
    -------
    below_switched : (bool) look through the ground, or no longer
    colour_chosen : (id of what colours them, empty for the standard)
    look_changed : (name, bool) ``"labels"``, ``"arrows"`` or ``"tints"``
    wider_chosen : (float)
    """

    below_switched = Signal(bool)
    colour_chosen = Signal(str)
    look_changed = Signal(str, bool)
    wider_chosen = Signal(float)
    tells = "ground"

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "flow-arrow", "pipes.title", parent)
        self.below = word_button(appearance, "eye", "below.see_through", "below.see_through.tip", checkable=True)
        self.below.clicked.connect(self.below_switched)
        self.fill_head((self.below,))
        self.colours, self.wider = PlainCombo(), PlainCombo()
        for combo, key in ((self.colours, "pipes.colours"), (self.wider, "pipes.wider")):
            appearance.say(combo.setAccessibleName, key)
        self.colours.setMinimumWidth(190)
        for factor in FACTORS:
            self.wider.addItem(f"× {factor:g}", factor)
        self.checks: dict[str, QCheckBox] = {}
        for name in ("labels", "arrows", "tints"):
            check = self.checks[name] = QCheckBox()
            appearance.say(check.setText, f"pipes.{name}")
            appearance.say(check.setToolTip, f"pipes.{name}.tip")
            check.clicked.connect(lambda on, name=name: self.look_changed.emit(name, on))
        self.colours.activated.connect(lambda _: self.colour_chosen.emit(str(self.colours.currentData() or "")))
        self.wider.activated.connect(lambda _: self.wider_chosen.emit(float(self.wider.currentData())))
        self.lay_out(
            row(
                caption(appearance, "pipes.colours", "small"), self.colours, 12, caption(appearance, "pipes.wider",
                "small"), self.wider, 1, gap=8,
            ),
            row(*self.checks.values(), 1, gap=16),
        )  # fmt: skip

    def show_view(
        self, themes: Sequence[tuple[str, str]], by: str, switches: dict[str, bool], wider: float, below: bool
    ) -> None:
        """Show how the pipes are drawn; ``themes`` are ids and titles of what can colour them."""
        for combo in (self.colours, self.wider):
            combo.blockSignals(True)
        self.colours.clear()
        for name, title in themes:
            self.colours.addItem(title, name)
        self.colours.setCurrentIndex(max(self.colours.findData(by), 0))
        at = self.wider.findData(wider)
        if at < 0:
            self.wider.addItem(f"× {wider:g}", wider)
            at = self.wider.count() - 1
        self.wider.setCurrentIndex(at)
        for combo in (self.colours, self.wider):
            combo.blockSignals(False)
        for name, check in self.checks.items():
            check.setChecked(switches[name])
        self.below.setChecked(below)
