"""The card of the section tool, and the notice that something is cut away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import clear, row, tool
from viewers.widgets.common.tool_bar_card import NumberSlider, OverlayCard, ToolCard, word_button

AXES = ("x", "y", "z")
AROUND = ("selection", "models", "visible")


@dataclass(frozen=True, slots=True)
class CutChip:
    """One plane or the box, as it stands in the card."""

    icon: str
    text: str


class SectionBar(ToolCard):
    """Planes, box and their numbers.

    Signals
    -------
    plane_requested : (str) ``"x"``, ``"y"`` or ``"z"``
    face_toggled : (bool) the next click in the picture gives a plane, or no longer
    box_requested : (str) around the ``"selection"``, the ``"models"`` or what is ``"visible"``
    chosen, removed : (int) a chip
    flip_requested, clear_requested : ()
    number_changed : (float) offset of the chosen plane in metres, bearing of the box in degrees
    held : (bool) the slider is in a hand
    caps_toggled, whole_toggled : (bool)
    """

    plane_requested = Signal(str)
    face_toggled = Signal(bool)
    box_requested = Signal(str)
    chosen = Signal(int)
    removed = Signal(int)
    flip_requested = Signal()
    clear_requested = Signal()
    number_changed = Signal(float)
    held = Signal(bool)
    caps_toggled = Signal(bool)
    whole_toggled = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "scissors", "tools.section", parent)
        self.axes: dict[str, QToolButton] = {}
        for axis in AXES:
            press = word_button(appearance, "", f"tools.axis.{axis}", f"tools.axis.{axis}.tip")
            press.clicked.connect(lambda _=False, axis=axis: self.plane_requested.emit(axis))
            self.axes[axis] = press
        self.face = word_button(appearance, "cursor", "tools.face", "tools.face.tip", checkable=True)
        self.face.toggled.connect(self.face_toggled)
        self.box = word_button(appearance, "bounding-box", "tools.box", "tools.box.tip")
        self.box.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.around = {}
        for what in AROUND:
            entry = menu.addAction("")
            appearance.say(entry.setText, f"tools.box.{what}")
            entry.triggered.connect(lambda _=False, what=what: self.box_requested.emit(what))
            self.around[what] = entry
        self.box.setMenu(menu)
        self.caps = tool(appearance, "paint-bucket", "tools.caps")
        self.whole = tool(appearance, "buildings", "tools.whole")
        for switch, signal in ((self.caps, self.caps_toggled), (self.whole, self.whole_toggled)):
            switch.setCheckable(True)
            switch.toggled.connect(signal)
        self.wipe = tool(appearance, "trash", "tools.cut.clear")
        self.wipe.clicked.connect(self.clear_requested)
        self.fill_head([*self.axes.values(), self.face, self.box], [10, self.caps, self.whole, self.wipe])
        self._chips: QHBoxLayout = row(gap=6)
        self._chip_room = QWidget()
        self._chip_room.setLayout(self._chips)
        self.flip = tool(appearance, "arrows-down-up", "tools.flip")
        self.flip.clicked.connect(self.flip_requested)
        self.offset = NumberSlider(appearance, "tools.offset", " m")
        self.bearing = NumberSlider(appearance, "tools.bearing", "°", step=1.0, decimals=1)
        for number in (self.offset, self.bearing):
            number.changed.connect(self.number_changed)
            number.held.connect(self.held)
        self._number_room = QWidget()
        self._number_room.setLayout(row(self.flip, self.offset, self.bearing, gap=8))
        self.lay_out(self._chip_room, self._number_room, self.hint)
        self.show_cuts([], -1)
        self.hint.hide()

    def show_cuts(self, chips: Sequence[CutChip], current: int) -> None:
        """Show what cuts, and which of it the number below belongs to."""
        clear(self._chips)
        for number, chip in enumerate(chips):
            self._chips.addWidget(self._chip(chip, number, number == current))
        self._chips.addStretch(1)
        self._chip_room.setVisible(bool(chips))
        self._number_room.setVisible(0 <= current < len(chips))
        self.wipe.setEnabled(bool(chips))
        self.resized.emit()

    def show_offset(self, value: float, low: float, high: float) -> None:
        """Show where the chosen plane lies."""
        self.flip.show()
        self.offset.show()
        self.bearing.hide()
        self.offset.show_number(value, low, high)

    def show_bearing(self, value: float) -> None:
        """Show how the box is turned."""
        self.flip.hide()
        self.offset.hide()
        self.bearing.show()
        self.bearing.show_number(value, -90.0, 90.0)

    def show_options(self, *, caps: bool, whole: bool, has_models: bool, has_selection: bool) -> None:
        """Show the switches without saying that they changed."""
        for switch, on in ((self.caps, caps), (self.whole, whole)):
            switch.blockSignals(True)
            switch.setChecked(on)
            switch.blockSignals(False)
        self.whole.setEnabled(has_models)
        self.around["models"].setEnabled(has_models)
        self.around["selection"].setEnabled(has_selection)

    def _chip(self, chip: CutChip, number: int, current: bool) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "chip")
        frame.setProperty("current", "true" if current else "false")
        press = QToolButton()
        press.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        press.setAutoRaise(True)
        press.setIcon(self.appearance.icon(chip.icon, "accent" if current else "text_soft"))
        press.setText(chip.text)
        press.clicked.connect(lambda: self.chosen.emit(number))
        gone = tool(self.appearance, "x", "tools.cut.remove", size=11, tint="text_faint")
        gone.clicked.connect(lambda: self.removed.emit(number))
        frame.setLayout(row(press, gone, margins=(2, 0, 2, 0), gap=0))
        return frame


class SectionNotice(OverlayCard):
    """Says that something is cut away or drawn apart, with one click to make it whole.

    Signals
    -------
    clear_requested, back_requested, open_requested : ()
    """

    clear_requested = Signal()
    back_requested = Signal()
    open_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, parent, role="cutpill")
        self.words = QToolButton()
        self.words.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.words.setAutoRaise(True)
        appearance.paint(self.words.setIcon, "scissors", "accent")
        appearance.say(self.words.setToolTip, "tools.pill.open")
        self.words.clicked.connect(self.open_requested)
        self.back = word_button(appearance, "cube", "tools.back", "tools.back.tip")
        self.back.clicked.connect(self.back_requested)
        self.gone = tool(appearance, "x", "tools.cut.clear", size=13, tint="text_faint")
        self.gone.clicked.connect(self.clear_requested)
        self.setLayout(row(self.words, self.back, self.gone, margins=(3, 0, 3, 0), gap=1))

    def show_state(self, text: str, *, plan: bool) -> None:
        """Say what is done to the picture; an empty text hides it."""
        self.words.setText(text)
        self.back.setVisible(plan)
        self.setVisible(bool(text))
        self.adjustSize()
