"""Asks for a date and time on the time line."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QDateTime, QTime
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from models.timeline.zone import local, us_of
from viewers.texts.moment_texts import zone_phrase
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label
from viewers.widgets.common.dialogs import Ask


class MomentDialog(Ask):
    """A date and time in the project's zone; answers ``"ok"``, then :attr:`moment_us` holds.

    Parameters
    ----------
    appearance : Appearance
    moment_us : int
        What is proposed.
    range_us : (int, int) or None
        What can be gone to; None for any time.
    zone : str
    parent : QWidget
    title : str
        Word key of the question.
    """

    def __init__(
        self, appearance: Appearance, moment_us: int, range_us: tuple[int, int] | None, zone: str,
        parent: QWidget | None = None, title: str = "timeline.go.title",
    ) -> None:  # fmt: skip
        super().__init__(appearance, title, parent)
        self._zone = zone
        self.field = QDateTimeEdit()
        self.field.setCalendarPopup(True)
        self.field.setDisplayFormat("yyyy-MM-dd HH:mm")
        appearance.say(self.field.setAccessibleName, title)
        if range_us is not None:
            self.field.setDateTimeRange(_of(range_us[0], zone), _of(range_us[1], zone))
        self.field.setDateTime(_of(moment_us, zone))
        told = label("small")
        told.setText(zone_phrase(moment_us, appearance.lang, zone))
        for widget in (caption(appearance, title, "heading"), self.field, told):
            self.body.addWidget(widget)
        self.cancel = self.add_button("window.cancel", "")
        self.go = self.add_button("timeline.go.answer", "ok", "primary")
        self.setFixedWidth(360)

    @property
    def moment_us(self) -> int:
        """Return what was said."""
        date, at = self.field.date(), self.field.time()
        return us_of(datetime(date.year(), date.month(), date.day(), at.hour(), at.minute()), self._zone)


def _of(moment_us: int, zone: str) -> QDateTime:
    """Return wall time of the project's zone, whatever that of the machine is."""
    at = local(moment_us, zone)
    return QDateTime(QDate(at.year, at.month, at.day), QTime(at.hour, at.minute, at.second))
