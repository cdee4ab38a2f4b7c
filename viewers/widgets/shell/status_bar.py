"""The status line: where the cursor is, in which CRS, what is selected, what is running."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label, row, tool


class StatusLine(QStatusBar):
    """The window's status bar.

    Signals
    -------
    cancel_requested : () stop the job that is shown
    messages_requested : ()
    """

    cancel_requested = Signal()
    messages_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.setSizeGripEnabled(False)
        self.job = label()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(130)
        self.stop = tool(appearance, "x", "window.cancel", size=13)
        self.stop.clicked.connect(self.cancel_requested)
        self.job_box = QWidget()
        self.job_box.setLayout(row(self.job, self.bar, self.stop, margins=(10, 0, 0, 0), gap=8))
        self.job_box.hide()
        self.chosen = label()
        self.place = self._figures("E 000000.00   N 0000000.00   H 000.00 m")
        self.lonlat = self._figures("000.0000000° E   00.0000000° N")
        self.crs = label()
        appearance.say(self.crs.setToolTip, "status.crs.tip")
        appearance.say(self.place.setToolTip, "status.cursor.tip")
        self.addWidget(self.job_box)
        for part in (self.chosen, self.place, self.lonlat, self.crs):
            part.setContentsMargins(10, 2, 10, 3)
            self.addPermanentWidget(part)
        #: Opens the list of messages; says how many came since.
        self.bell = tool(appearance, "bell", "status.messages.none", size=16)
        self.bell.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.bell.clicked.connect(self.messages_requested)
        self.addPermanentWidget(self.bell)

    def _figures(self, widest: str) -> QLabel:
        result = label()
        result.setMinimumWidth(result.fontMetrics().horizontalAdvance(widest) + 12)
        result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return result

    def show_cursor(self, world: tuple[float, float, float] | None, lonlat: tuple[float, float] | None) -> None:
        """Show the ground point under the cursor, or that there is none."""
        if world is None:
            self.place.setText("")
            self.lonlat.setText("")
            return
        self.place.setText(
            f"E {world[0]:.2f}   N {world[1]:.2f}   H {world[2] + 0.0 if abs(world[2]) >= 0.005 else 0.0:.2f} m"
        )
        if lonlat is not None:
            east, north = ("E" if lonlat[0] >= 0 else "W"), ("N" if lonlat[1] >= 0 else "S")
            self.lonlat.setText(f"{abs(lonlat[0]):.7f}° {east}   {abs(lonlat[1]):.7f}° {north}")

    def show_crs(self, text: str) -> None:
        """Show the project's CRS."""
        self.crs.setText(text)

    def show_selected(self, count: int) -> None:
        """Show how many objects are selected."""
        self.chosen.setText(self._appearance.word("status.selected", count=count) if count else "")

    def show_unread(self, count: int, error: bool) -> None:
        """Show how many messages have not been seen, and whether an error is among them."""
        self.bell.setText(str(min(count, 99)) if count else "")
        icon, tint = ("bell-ringing", "bad" if error else "accent") if count else ("bell", "text_soft")
        self._appearance.paint(self.bell.setIcon, icon, tint)
        for setter in (self.bell.setToolTip, self.bell.setAccessibleName):
            self._appearance.say(setter, "status.messages" if count else "status.messages.none", count=count)

    def show_job(self, text: str, fraction: float, more: int) -> None:
        """Show the running job and how many more wait; an empty text means that nothing runs."""
        self.job_box.setVisible(bool(text))
        self.job.setText(text + (f"  (+{more})" if more else ""))
        self.bar.setRange(0, 0 if fraction < 0 else 1000)
        if fraction >= 0:
            self.bar.setValue(int(fraction * 1000))
