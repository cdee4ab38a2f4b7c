"""The panel of profiles: what is shown, the drawing, exaggeration, export."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from resources.visible_text import visible_lines
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, column, label, line, row, tool
from viewers.widgets.common.plain import PlainCombo, plain_tip
from viewers.widgets.network.profile_view import ProfileView, Subject

#: Exaggerations that are offered; 0 fills the room.
TIMES = (0, 1, 2, 5, 10, 20, 50)


class ProfilePanel(QWidget):
    """A drawing with its buttons.

    Parameters
    ----------
    appearance : Appearance

    Signals
    -------
    path_requested : () choose a path by two clicks
    section_requested : () cut a street by two clicks
    export_requested : ()
    """

    path_requested = Signal()
    section_requested = Signal()
    export_requested = Signal()

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self.view = ProfileView(appearance)
        self.title, self.remark = label("strong"), label("faint")
        self.remark.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.remark.installEventFilter(self)
        self._notes: tuple[str, ...] = ()
        self.path = button(appearance, "profile.path", "quiet", "path")
        self.path.clicked.connect(self.path_requested)
        self.section = button(appearance, "profile.section", "quiet", "arrows-out-line-horizontal")
        self.section.clicked.connect(self.section_requested)
        self.times = PlainCombo()
        self.times.currentIndexChanged.connect(
            lambda _: self.view.set_exaggeration(float(self.times.currentData() or 0))
        )
        appearance.say(self.times.setAccessibleName, "profile.exaggeration")
        appearance.say(self.times.setToolTip, "profile.exaggeration.tip")
        self.whole = tool(appearance, "arrows-out", "profile.fit", size=16)
        self.whole.clicked.connect(self.view.fit)
        self.export = tool(appearance, "download-simple", "profile.export", size=16)
        self.export.clicked.connect(self.export_requested)
        head = QWidget()
        head_row = row(
            self.title, self.remark, self.path, self.section, self.times, self.whole, self.export,
            margins=(12, 4, 8, 4), gap=8,
        )  # fmt: skip
        head_row.setStretch(1, 1)
        head.setLayout(head_row)
        self.hint = EmptyHint(appearance, "chart-line", "profile.empty")
        self._body = QWidget()
        self._stack = QStackedLayout(self._body)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(self.view)
        layout = column(head, line(), self._body, gap=0)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.view.drawn.connect(self._say_times)
        appearance.lang_changed.connect(self._say)
        self._say()
        self.show_subject(None, "", ())

    def show_subject(self, subject: Subject | None, title: str, notes: Sequence[str], *, keep: bool = False) -> None:
        """Show a profile or a section, or that there is none."""
        self._notes = tuple(notes)
        self.title.setText(title)
        self._say_notes()
        self._stack.setCurrentIndex(0 if subject is None else 1)
        for widget in (self.times, self.whole, self.export):
            widget.setEnabled(subject is not None)
        self.view.show_subject(subject, keep=keep)

    def say_empty(self, text: str) -> None:
        """Say why nothing is shown."""
        self._appearance.hush(self.hint.words.setText)
        self.hint.words.setText(visible_lines(text))

    def say_step(self, text: str) -> None:
        """Say what the hand is asked for: in the place of the notes, or of the drawing that is not there yet."""
        if self.view.subject is None:
            self.say_empty(text)
        else:
            self._notes = (text,)
            self._say_notes()

    def _say(self) -> None:
        with QSignalBlocker(self.times):
            at = max(self.times.currentIndex(), 0)
            self.times.clear()
            for times in TIMES:
                text = self._appearance.word("profile.times", times=times) if times else ""
                self.times.addItem(text, times)
            self.times.setCurrentIndex(at)
        self.times.setMinimumWidth(self.fontMetrics().horizontalAdvance(self._auto("88.8")) + 44)
        self._say_times()

    def _auto(self, times: str) -> str:
        return self._appearance.word("profile.times_auto", times=times)

    def _say_times(self) -> None:
        """Say how much heights are larger now where that is chosen by the room."""
        axes = self.view.axes
        times = axes.exaggeration if axes is not None else math.nan
        self.times.setItemText(0, self._auto(f"{times:.1f}" if math.isfinite(times) else "—"))

    def _say_notes(self) -> None:
        text = "  ".join(self._notes)
        self.remark.setToolTip(plain_tip("\n".join(self._notes)))
        self.remark.setText(
            self.remark.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(self.remark.width() - 4, 0))
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Give the notes the room there is."""
        if watched is self.remark and event.type() == QEvent.Type.Resize:
            self._say_notes()
        return super().eventFilter(watched, event)
