"""The card of the sun: a date, the time of day, and where the sun then stands."""

from __future__ import annotations

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QDateEdit, QSlider, QWidget

from models.views.sun import MINUTES
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label, row
from viewers.widgets.common.tool_bar_card import ToolCard, word_button

#: Minutes of a step of the slider, and of a page.
STEP_MIN, PAGE_MIN = 5, 60


class SunBar(ToolCard):
    """Date and time of day.

    Signals
    -------
    changed : (str ISO date, int minute)
    now_requested, noon_requested : ()
    """

    changed = Signal(str, int)
    now_requested = Signal()
    noon_requested = Signal()
    hint_folds = False
    tells = "sun"

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "sun", "sun.title", parent)
        self._quiet = False
        self.date = QDateEdit()
        self.date.setCalendarPopup(True)
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setDateRange(QDate(1950, 1, 1), QDate(2099, 12, 31))
        appearance.say(self.date.setAccessibleName, "sun.date")
        appearance.say(self.date.setToolTip, "sun.date")
        self.now = word_button(appearance, "", "sun.now", "sun.now.tip")
        self.noon = word_button(appearance, "", "sun.noon", "sun.noon.tip")
        self.now.clicked.connect(self.now_requested)
        self.noon.clicked.connect(self.noon_requested)
        self.fill_head((self.date, self.now, self.noon))
        self.time = QSlider(Qt.Orientation.Horizontal)
        self.time.setRange(0, MINUTES // STEP_MIN - 1)
        self.time.setPageStep(PAGE_MIN // STEP_MIN)
        appearance.say(self.time.setAccessibleName, "sun.time")
        self.clock = label("strong")
        self.clock.setMinimumWidth(44)
        self.date.dateChanged.connect(lambda _: self._tell())
        self.time.valueChanged.connect(lambda _: self._tell())
        slide = row(self.time, self.clock, gap=10)
        slide.setStretch(0, 1)
        self.lay_out(slide, self.hint)

    def show_moment(self, date: str, minute: int) -> None:
        """Show a moment, without saying that it changed."""
        self._quiet = True
        self.date.setDate(QDate.fromString(date, Qt.DateFormat.ISODate))
        if not self.time.isSliderDown():
            self.time.setValue(minute // STEP_MIN)
        self.clock.setText(f"{minute // 60:02d}:{minute % 60:02d}")
        self._quiet = False

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit(self.date.date().toString(Qt.DateFormat.ISODate), self.time.value() * STEP_MIN)
