"""The small bar of the pen: colours, undo, clear, keep with the stop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QToolButton, QWidget

from models.review.agenda import INKS
from viewers.widgets.common.appearance import Appearance, chip
from viewers.widgets.common.controls import row, tool
from viewers.widgets.common.tool_bar_card import OverlayCard


class InkBar(OverlayCard):
    """Colours and what is done with the lines.

    Signals
    -------
    colour_chosen : (str) a name of :data:`models.review.agenda.INKS`
    undo_requested, clear_requested, keep_requested, closed : ()
    """

    colour_chosen = Signal(str)
    undo_requested = Signal()
    clear_requested = Signal()
    keep_requested = Signal()
    closed = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(appearance, parent)
        self.colours: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        for name, colour in INKS.items():
            press = QToolButton()
            press.setCheckable(True)
            press.setAutoRaise(True)
            press.setIcon(QIcon(chip(colour, 22, round_=True)))
            press.setIconSize(QSize(22, 22))
            appearance.say(press.setToolTip, f"wall.ink.{name}")
            appearance.say(press.setAccessibleName, f"wall.ink.{name}")
            press.clicked.connect(lambda _=False, name=name: self.colour_chosen.emit(name))
            group.addButton(press)
            self.colours[name] = press
        self.colours["red"].setChecked(True)
        presses = []
        for icon, key, signal in (
            ("arrow-u-up-left", "wall.ink.undo", self.undo_requested),
            ("eraser", "wall.ink.clear", self.clear_requested),
            ("bookmark-simple", "wall.ink.keep", self.keep_requested),
            ("x", "wall.ink.close", self.closed),
        ):
            press = tool(appearance, icon, key, size=22)
            press.clicked.connect(signal)
            presses.append(press)
        self.undo, self.clear, self.keep, self.shut = presses
        self.setLayout(row(*self.colours.values(), *presses, margins=6, gap=4))
