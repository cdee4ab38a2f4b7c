"""The card that leads through the storeys of a model: plans, and storeys drawn apart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, card_number, row, tool
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.tool_bar_card import NumberSlider, ToolCard, word_button


class StoreyBar(ToolCard):
    """Choice of model and storey, height of the cut, plan or 3D, and how far the storeys are apart.

    Signals
    -------
    model_chosen : (str) layer id
    storey_chosen : (int) oid of the storey, -1 for none
    height_changed : (float) metres of the cut above the floor
    plan_toggled : (bool) look from above, or from where one looked before
    apart_changed : (float) 0…1
    held : (bool) the slider is in a hand
    """

    model_chosen = Signal(str)
    storey_chosen = Signal(int)
    height_changed = Signal(float)
    plan_toggled = Signal(bool)
    apart_changed = Signal(float)
    held = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "stack", "tools.storeys", parent)
        self.models = PlainCombo()
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.models.setMinimumWidth(150)
        self.models.setMaximumWidth(300)
        appearance.say(self.models.setAccessibleName, "tools.model")
        self.storeys = PlainCombo()
        self.storeys.setMinimumWidth(210)
        self.storeys.setMaximumWidth(300)
        appearance.say(self.storeys.setAccessibleName, "tools.storey")
        self.up = tool(appearance, "caret-up", "tools.storey.up", size=15)
        self.down = tool(appearance, "caret-down", "tools.storey.down", size=15)
        self.height_m = card_number(appearance, "tools.storey.height", -5.0, 50.0, step=0.1, width=96)
        appearance.say(self.height_m.setToolTip, "tools.storey.height.tip")
        self.plan = word_button(appearance, "map-trifold", "tools.plan", "tools.plan.tip", checkable=True)
        self.apart = NumberSlider(appearance, "tools.apart", " %", step=5.0, decimals=0, wide=200)
        self.apart.field.setFixedWidth(96)
        self.fill_head([self.models])
        choice = row(
            caption(appearance, "tools.storey", "small"), self.storeys, self.up, self.down,
            caption(appearance, "tools.storey.height", "small"), self.height_m, 1, self.plan, gap=6,
        )  # fmt: skip
        self.lay_out(choice, self.apart, self.hint, gap=6)
        self.models.activated.connect(lambda at: self.model_chosen.emit(str(self.models.itemData(at))))
        self.storeys.currentIndexChanged.connect(self._on_storey_chosen)
        self.up.clicked.connect(lambda: self.step(-1))
        self.down.clicked.connect(lambda: self.step(1))
        self.height_m.valueChanged.connect(self.height_changed)
        self.plan.toggled.connect(self.plan_toggled)
        self.apart.changed.connect(lambda percent: self.apart_changed.emit(percent / 100))
        self.apart.held.connect(self.held)
        self.hint.hide()

    def show_models(self, models: Sequence[tuple[str, str]], current: str) -> None:
        """Offer (layer id, name) of the models."""
        self.models.blockSignals(True)
        self.models.clear()
        for layer_id, name in models:
            self.models.addItem(name, layer_id)
        self.models.setCurrentIndex(max(self.models.findData(current), 0))
        self.models.blockSignals(False)
        self.models.setEnabled(len(models) > 1)

    def show_storeys(self, storeys: Sequence[tuple[int, str]], current: int, hint: str) -> None:
        """Offer (oid, words) of the storeys, highest first; -1 stands for no plan."""
        self.storeys.blockSignals(True)
        self.storeys.clear()
        for oid, words in storeys:
            self.storeys.addItem(words, oid)
        self.storeys.setCurrentIndex(max(self.storeys.findData(current), 0))
        self.storeys.blockSignals(False)
        self.storeys.setEnabled(len(storeys) > 1)
        self.say(hint)
        self._enable_steps()
        self.resized.emit()

    def show_numbers(self, height_m: float, apart: float, *, plan: bool, can_explode: bool) -> None:
        """Show the other choices without saying that they changed."""
        for part in (self.height_m, self.plan):
            part.blockSignals(True)
        self.height_m.setValue(height_m)
        self.plan.setChecked(plan)
        for part in (self.height_m, self.plan):
            part.blockSignals(False)
        self.apart.show_number(apart * 100, 0, 100)
        self.apart.field.setRange(0, 100)
        self.apart.setEnabled(can_explode)

    def step(self, by: int) -> None:
        """Go to the next storey of the list."""
        at = self.storeys.currentIndex() + by
        if 1 <= at < self.storeys.count():
            self.storeys.setCurrentIndex(at)
        elif self.storeys.currentIndex() == 0 and self.storeys.count() > 1:
            self.storeys.setCurrentIndex(self.storeys.count() - 1)

    def _on_storey_chosen(self, at: int) -> None:
        self._enable_steps()
        if at >= 0:
            self.storey_chosen.emit(int(self.storeys.itemData(at)))

    def _enable_steps(self) -> None:
        at, count = self.storeys.currentIndex(), self.storeys.count()
        self.up.setEnabled(count > 1 and at != 1)
        self.down.setEnabled(count > 1 and at != count - 1)
        self.plan.setEnabled(at > 0)
        self.height_m.setEnabled(at > 0)
