"""The card of the selecting tool: with what shape, what happens to the selection, which layers are asked."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label, row
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.tool_bar_card import ToolCard, choices

#: Shapes with their icons; "identify" asks what lies under a point.
SHAPES = {
    "rectangle": "selection", "polygon": "polygon", "radius": "circle-dashed", "freehand": "scribble-loop",
    "identify": "info",
}  # fmt: skip
#: What happens to the selection, with icons; the keys Shift, Ctrl and Alt choose them for one shape.
MODES = {"new": "square", "add": "plus-circle", "remove": "minus-circle", "common": "intersect"}


class SelectBar(ToolCard):
    """Shapes, modes, layers.

    Signals
    -------
    shape_chosen : (str)
    """

    shape_chosen = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "selection-plus", "select.title", parent)
        self.shapes = choices(
            appearance,
            self,
            SHAPES,
            lambda one: f"select.shape.{one}",
            self.shape_chosen.emit,
            tip=lambda one: f"select.hint.{one}",
        )
        self.fill_head(self.shapes.values())
        self.modes = choices(appearance, self, MODES, lambda one: f"select.mode.{one}")
        self.modes["new"].setChecked(True)
        self.scope = PlainCombo()
        for scope in ("visible", "active"):
            self.scope.addItem(appearance.word(f"select.scope.{scope}"), scope)
        appearance.say(self.scope.setAccessibleName, "select.scope")
        appearance.lang_changed.connect(self._say_scope)
        self.wholly = QCheckBox()
        appearance.say(self.wholly.setText, "select.wholly")
        appearance.say(self.wholly.setToolTip, "select.wholly.tip")
        self._ways = QWidget()
        self._ways.setLayout(row(row(*self.modes.values(), gap=0), 1, self.scope, self.wholly, gap=10))
        self.answer = label("strong")
        foot = row(self.hint, self.answer, gap=12)
        foot.setStretch(0, 1)
        self.lay_out(self._ways, foot, gap=4)

    @property
    def mode(self) -> str:
        """Return what happens to the selection."""
        return next(mode for mode, press in self.modes.items() if press.isChecked())

    @property
    def only_active(self) -> bool:
        """Whether the active layer alone is asked."""
        return bool(self.scope.currentData() == "active")

    def show_shape(self, shape: str) -> None:
        """Show which shape is drawn."""
        self.shapes[shape].setChecked(True)
        self._ways.setVisible(shape != "identify")
        self.say_word(f"select.hint.{shape}")

    def show_answer(self, answer: str) -> None:
        """Show what was found."""
        self.answer.setText(answer)

    def _say_scope(self) -> None:
        for at in range(self.scope.count()):
            self.scope.setItemText(at, self.appearance.word(f"select.scope.{self.scope.itemData(at)}"))
