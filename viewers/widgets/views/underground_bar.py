"""The card of the underground: how far the ground is looked through, and the pits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFrame, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, card_number, line, row
from viewers.widgets.common.results_list import ResultsList
from viewers.widgets.common.tool_bar_card import NumberSlider, ToolCard, word_button


@dataclass(frozen=True, slots=True)
class PitRow:
    """A pit in words."""

    id: str
    title: str
    detail: str


class UndergroundBar(ToolCard):
    """Sliders of opacity, and the list of pits.

    Signals
    -------
    through_changed : (ground %, buildings %, depths) what the sliders say
    switched : (bool) look through the ground, or no longer
    dig_requested : ()
    rule_changed : (by level, number) how deep the next pit, or the chosen one, is
    go_requested, delete_requested, rename_requested : (pit id)
    """

    through_changed = Signal(float, float, bool)
    switched = Signal(bool)
    dig_requested = Signal()
    go_requested = Signal(str)
    delete_requested = Signal(str)
    depth_requested = Signal(str)
    tells = "ground"

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "stack", "below.title", parent)
        self.on = word_button(appearance, "eye", "below.see_through", "below.see_through.tip", checkable=True)
        self.dig = word_button(appearance, "arrow-line-down", "below.dig", "below.dig.tip", checkable=True)
        self.on.clicked.connect(self.switched)
        self.dig.clicked.connect(self.dig_requested)
        self.fill_head((self.on, self.dig))
        self.ground = NumberSlider(appearance, "below.ground", " %", step=5.0, decimals=0, wide=150)
        self.buildings = NumberSlider(appearance, "below.buildings", " %", step=5.0, decimals=0, wide=150)
        self.depths = QCheckBox()
        appearance.say(self.depths.setText, "below.depths")
        for slider in (self.ground, self.buildings):
            slider.changed.connect(lambda _: self._tell())
        self.depths.toggled.connect(lambda _: self._tell())
        self._quiet = False
        self.by_depth = word_button(appearance, "", "below.by_depth", "below.by_depth.tip", checkable=True)
        self.by_level = word_button(appearance, "", "below.by_level", "below.by_level.tip", checkable=True)
        rule = QButtonGroup(self)
        for press in (self.by_depth, self.by_level):
            rule.addButton(press)
            press.clicked.connect(lambda _: self.show_rule())
        self.by_depth.setChecked(True)
        self.deep = card_number(appearance, "below.by_depth", 0.1, 1000.0, 5.0, tracking=True)
        self.level = card_number(appearance, "below.by_level", -1000.0, 9000.0, tracking=True)
        self.list = ResultsList(appearance)
        self.list.go_requested.connect(self.go_requested)
        self.list.delete_requested.connect(self.delete_requested)
        self.list.edit_requested.connect(self.depth_requested)
        self._rule = QFrame()
        self._rule.setLayout(
            row(
                caption(appearance, "below.floor", "small"),
                self.by_depth,
                self.deep,
                self.by_level,
                self.level,
                1,
                gap=6,
            )
        )
        self.lay_out(
            row(self.ground, gap=0), row(self.buildings, gap=0), self.depths, line(), self._rule, self.hint, self.list
        )
        self.show_rule()

    @property
    def rule(self) -> tuple[bool, float]:
        """Return whether the floor is given as a level, and the depth or the level in metres."""
        by_level = self.by_level.isChecked()
        return by_level, (self.level if by_level else self.deep).value()

    def show_through(self, on: bool, ground: float, buildings: float, depths: bool) -> None:
        """Show how the ground is looked through."""
        self._quiet = True
        self.on.setChecked(on)
        self.ground.show_number(100 * ground, 0.0, 100.0)
        self.buildings.show_number(100 * buildings, 0.0, 100.0)
        self.depths.setChecked(depths)
        for part in (self.ground, self.buildings, self.depths):
            part.setEnabled(on)
        self._quiet = False

    def show_pits(self, rows: Sequence[PitRow]) -> None:
        """List the pits, the latest first."""
        self.list.setVisible(bool(rows))
        self.list.show_rows([(one.id, "arrow-line-down", one.title, one.detail) for one in reversed(rows)])
        self.resized.emit()

    def show_rule(self) -> None:
        """Offer the number that counts."""
        self.deep.setVisible(self.by_depth.isChecked())
        self.level.setVisible(self.by_level.isChecked())

    def _tell(self) -> None:
        if not self._quiet:
            self.through_changed.emit(self.ground.value / 100, self.buildings.value / 100, self.depths.isChecked())
