"""What mending the first objects of a list would give: a slider, and the figure as it would be then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column, label, restyle, row


@dataclass(frozen=True, slots=True)
class Mended:
    """What an indicator would come to.

    Parameters
    ----------
    head : str
        What is mended: the first three, those that are chosen.
    value : str
    verdict : str
        In words.
    meets : bool or None
    hint : str
        How many it takes until the benchmark is met.
    """

    head: str
    value: str
    verdict: str = ""
    meets: bool | None = None
    hint: str = ""


class MendingBar(QWidget):
    """A slider over how many are mended.

    Signals
    -------
    count_changed : (int)

    Attributes
    ----------
    slider : QSlider
    """

    count_changed = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: Callable[[int], Mended | None] = lambda _: None
        self.head, self.value, self.verdict, self.hint = (
            label("small"),
            label("heading"),
            label("strong"),
            label("faint"),
        )
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setMinimum(0)
        appearance.say(self.slider.setAccessibleName, "health.mending.slider")
        appearance.say(self.slider.setToolTip, "health.mending.tip")
        self.slider.valueChanged.connect(self._draw)
        top = row(self.head, self.value, self.verdict, 1, gap=8)
        self.setLayout(column(top, row(self.slider, self.hint, gap=10), margins=(12, 6, 12, 4), gap=2))

    def show_mending(self, count: int, told: Callable[[int], Mended | None], *, is_choice: bool) -> None:
        """Say what mending would give.

        Parameters
        ----------
        count : int
            How many there are at most.
        told : callable
            How many → what it comes to; None where nothing can be said, and then nothing is shown.
        is_choice : bool
            Whether these are rows that were chosen, all of which are mended.
        """
        self._told = told
        before = self.slider.value()
        self.slider.blockSignals(True)
        self.slider.setMaximum(count)
        self.slider.setValue(count if is_choice else max(min(before, count), 1))
        self.slider.setPageStep(max(count // 10, 1))
        self.slider.blockSignals(False)
        self.slider.setVisible(not is_choice)
        self._draw()

    def _draw(self) -> None:
        told = self._told(self.slider.value())
        self.setVisible(told is not None)
        if told is None:
            return
        self.head.setText(told.head)
        self.value.setText(told.value)
        self.verdict.setText(told.verdict)
        restyle(self.verdict, "role", "good" if told.meets else "small")
        self.hint.setText(told.hint)
        self.hint.setVisible(bool(told.hint))
        self.count_changed.emit(self.slider.value())
