"""Messages: banners that come and go, and the list of all messages and jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication
from PySide6.QtWidgets import QFrame, QGraphicsOpacityEffect, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import EmptyHint, button, clear, column, label, row, tool
from viewers.widgets.common.rows import rows_item, rows_list

ICONS = {
    "info": ("info", "accent"), "caution": ("warning", "warn"), "error": ("x-circle", "bad"), "fault": ("bug", "bad"),
}  # fmt: skip
#: How long a banner stays, milliseconds; errors stay until they are closed.
STAYS_MS = {"info": 4000, "caution": 9000, "error": 0, "fault": 0}
#: It stays at least so long after the cursor has left it.
AFTER_HOVER_MS = 1500
FADE_IN_MS, FADE_OUT_MS = 140, 320
MOST = 3
WIDE_PX, EDGE_PX, GAP_PX = 400, 14, 8
#: What banners keep clear of is looked at again so often while one is shown.
LOOK_MS = 250


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One message as shown.

    Parameters
    ----------
    level : str
        ``"info"``, ``"caution"``, ``"error"`` or ``"fault"``.
    text, cure : str
    details : str
        A trace to copy, for faults.
    time : str
    action : str
        Word key of the button with which what it speaks of can be mended at once.
    accept : str
        Word key of the button that does what the message proposes; empty where it proposes nothing.
    """

    level: str
    text: str
    cure: str = ""
    details: str = ""
    time: str = ""
    action: str = ""
    accept: str = ""


@dataclass(slots=True)
class JobView:
    """One running job as shown."""

    number: int
    title: str
    step: str = ""
    fraction: float = -1.0
    facts: dict[str, object] = field(default_factory=dict)


class Banner(QFrame):
    """One message that floats over the window and blocks nothing; it waits while the cursor is on it, then fades.

    Signals
    -------
    closed : (Banner)
    asked : (NoticeView) its button was pressed
    accepted : (NoticeView) what it proposes is to be done
    """

    closed = Signal(object)
    asked = Signal(object)
    accepted = Signal(object)

    def __init__(self, appearance: Appearance, notice: NoticeView, parent: QWidget) -> None:
        super().__init__(parent)
        self.notice = notice
        self.setProperty("role", "notice")
        self.setProperty("level", notice.level)
        icon, tint = ICONS.get(notice.level, ICONS["info"])
        picture, words = label(), label("strong" if notice.cure else "", wrap=True, select=True)
        picture.setPixmap(appearance.icon(icon, tint).pixmap(20, 20))
        picture.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.setText(notice.text)
        body = column(words, gap=4)
        if notice.cure:
            cure = label("soft", wrap=True, select=True)
            cure.setText(notice.cure)
            body.addWidget(cure)
        if notice.details:
            copy = button(appearance, "notice.copy_details", "quiet", "copy")
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(notice.details))
            body.addLayout(row(copy, 1))
        self.mend = button(appearance, notice.action, "quiet") if notice.action else None
        self.agree = button(appearance, notice.accept) if notice.accept else None
        if self.mend is not None:
            self.mend.clicked.connect(self._on_mend_clicked)
        if self.agree is not None:
            self.agree.clicked.connect(self._on_agree_clicked)
        presses = [press for press in (self.agree, self.mend) if press is not None]
        if presses:
            body.addLayout(row(*presses, 1))
        close = tool(appearance, "x", "window.close", size=14)
        close.clicked.connect(self._close)
        layout = row(picture, body, close, margins=(12, 10, 8, 10), gap=10)
        layout.setStretch(1, 1)
        layout.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        layout.setAlignment(close, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.setFixedWidth(WIDE_PX)
        self._fading: QPropertyAnimation | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(lambda: self._fade(0.0, FADE_OUT_MS))
        self._stays_ms = STAYS_MS.get(notice.level, 0)
        if self._stays_ms:
            self._timer.start(self._stays_ms)
        self._fade(1.0, FADE_IN_MS)

    @property
    def is_waiting(self) -> bool:
        """Whether it will go by itself, and the time runs."""
        return self._timer.isActive()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Stay while it is read."""
        super().enterEvent(event)
        self._stays_ms = max(self._timer.remainingTime(), AFTER_HOVER_MS) if self._stays_ms else 0
        self._timer.stop()
        self._stop_fading()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let the time run on."""
        super().leaveEvent(event)
        if self._stays_ms:
            self._timer.start(self._stays_ms)

    def _fade(self, to: float, ms: int) -> None:
        self._stop_fading()
        effect = QGraphicsOpacityEffect(self, opacity=1.0 - to)
        self.setGraphicsEffect(effect)
        fading = QPropertyAnimation(effect, b"opacity", self)
        fading.setDuration(ms)
        fading.setStartValue(1.0 - to)
        fading.setEndValue(to)
        fading.setEasingCurve(QEasingCurve.Type.OutCubic)
        fading.finished.connect(self._stop_fading if to else self._close)
        self._fading = fading
        fading.start()

    def _stop_fading(self) -> None:
        if self._fading is not None:
            self._fading.stop()
            self._fading.deleteLater()
            self._fading = None
            self.setGraphicsEffect(None)  # type: ignore[arg-type]  # whole again, and cheap to draw

    def _on_agree_clicked(self) -> None:
        self.accepted.emit(self.notice)
        self._close()

    def _on_mend_clicked(self) -> None:
        self.asked.emit(self.notice)
        self._close()

    def _close(self) -> None:
        self._timer.stop()
        self.closed.emit(self)


def places(room: QRect, sizes: Sequence[QSize], taken: Sequence[QRect]) -> list[QRect]:
    """Return where banners stand in a room: at the right, upwards from the bottom, clear of what stands there.

    Parameters
    ----------
    room : QRect
    sizes : sequence of QSize
        Of the banners, oldest first; the newest stands lowest.
    taken : sequence of QRect
        What they keep clear of, as far as there is room.
    """
    found: list[QRect] = []
    foot = room.bottom() + 1
    for size in reversed(sizes):
        box = QRect(room.right() + 1 - size.width(), foot - size.height(), size.width(), size.height())
        for _ in taken:
            if over := [one for one in taken if one.intersects(box)]:
                box.moveBottom(min(one.top() for one in over) - 1 - GAP_PX)
        box.moveTop(max(box.top(), room.top()))
        found.append(box)
        foot = box.top() - GAP_PX
    return found[::-1]


class Banners(QObject):
    """Stacks banners in the lower right of a widget, newest below, a few at a time.

    Signals
    -------
    asked : (NoticeView) the button of one was pressed
    accepted : (NoticeView) what one proposes is to be done

    Parameters
    ----------
    appearance : Appearance
    host : QWidget
        Over which they stand.
    taken : callable
        Returns what they keep clear of, in coordinates of the host.
    """

    asked = Signal(object)
    accepted = Signal(object)

    def __init__(self, appearance: Appearance, host: QWidget, taken: Callable[[], list[QRect]] = list) -> None:
        super().__init__(host)
        self._appearance, self._host, self._taken = appearance, host, taken
        self.shown: list[Banner] = []
        host.installEventFilter(self)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._arrange)

    def show(self, notice: NoticeView) -> None:
        """Show a message; the same message again only renews it."""
        for old in [b for b in self.shown if b.notice.text == notice.text]:
            self._drop(old)
        while len(self.shown) >= MOST:
            self._drop(min(self.shown, key=lambda b: (STAYS_MS.get(b.notice.level, 0) == 0, self.shown.index(b))))
        banner = Banner(self._appearance, notice, self._host)
        banner.closed.connect(self._drop)
        banner.asked.connect(self.asked)
        banner.accepted.connect(self.accepted)
        self.shown.append(banner)
        banner.show()
        self._arrange()

    def clear(self) -> None:
        """Take all away."""
        for banner in list(self.shown):
            self._drop(banner)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the host's size."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._arrange()
        return False

    def _drop(self, banner: Banner) -> None:
        if banner in self.shown:
            self.shown.remove(banner)
            banner.hide()
            banner.deleteLater()
            self._arrange()

    def _arrange(self) -> None:
        room = self._host.rect().adjusted(EDGE_PX, EDGE_PX, -EDGE_PX, -EDGE_PX)
        for banner in self.shown:
            banner.setFixedWidth(min(WIDE_PX, max(220, room.width())))
            banner.ensurePolished()
            height = banner.heightForWidth(banner.width()) if banner.hasHeightForWidth() else banner.sizeHint().height()
            banner.resize(banner.width(), height)
        for banner, place in zip(
            self.shown, places(room, [one.size() for one in self.shown], self._taken()), strict=True
        ):
            banner.move(place.topLeft())
            banner.raise_()
        if bool(self.shown) != self._look.isActive():
            self._look.start() if self.shown else self._look.stop()


class MessagesPanel(QWidget):
    """Running jobs above, all messages below.

    Signals
    -------
    cancel_requested : (job number)
    """

    cancel_requested = Signal(int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._rows: dict[int, tuple[QWidget, QProgressBar, object]] = {}
        self._jobs = QVBoxLayout()
        self._jobs.setContentsMargins(12, 6, 8, 6)
        self._jobs.setSpacing(6)
        self._jobs_box = QWidget()
        self._jobs_box.setLayout(self._jobs)
        self._jobs_box.hide()
        self.list = rows_list(appearance)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = self.list.addAction(appearance.icon("copy"), "")
        appearance.say(copy.setText, "properties.copy_value")
        copy.triggered.connect(self._copy)
        self.hint = EmptyHint(appearance, "chat-text", "messages.empty")
        body = QWidget()
        body.setLayout(column(self._jobs_box, self.list, gap=0))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.hint)
        self._stack.addWidget(body)

    def set_jobs(self, jobs: list[JobView]) -> None:
        """Show the running jobs."""
        clear(self._jobs)
        for job in jobs:
            words, bar = label("small"), QProgressBar()
            words.setText(f"{job.title}  {job.step}".strip())
            bar.setTextVisible(False)
            bar.setRange(0, 0 if job.fraction < 0 else 1000)
            if job.fraction >= 0:
                bar.setValue(int(job.fraction * 1000))
            stop = tool(self._appearance, "x", "window.cancel", size=13)
            stop.clicked.connect(lambda _=False, number=job.number: self.cancel_requested.emit(number))
            pair = row(words, bar, stop)
            pair.setStretch(1, 1)
            self._jobs.addLayout(pair)
        self._jobs_box.setVisible(bool(jobs))
        self._choose()

    def set_notices(self, notices: list[NoticeView]) -> None:
        """Show all messages, newest first."""
        self.list.clear()
        for notice in reversed(notices[-500:]):
            icon, tint = ICONS.get(notice.level, ICONS["info"])
            title = f"{notice.time}   {notice.text}".strip()
            kept = notice.details or f"{notice.text}\n{notice.cure}".strip()
            self.list.addItem(rows_item(self._appearance.icon(icon, tint), title, notice.cure, kept))
        self._choose()

    def _choose(self) -> None:
        self._stack.setCurrentIndex(1 if self.list.count() or self._jobs.count() else 0)

    def _copy(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            QGuiApplication.clipboard().setText(str(item.data(Qt.ItemDataRole.UserRole)))
