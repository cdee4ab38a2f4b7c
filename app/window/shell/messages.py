"""What the window tells: banners, the list of messages, and what can be done about them."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QRect, QTimer
from PySide6.QtWidgets import QWidget

from app.notices import GROUPED, Notice, grouped
from app.window.feature import Feature
from app.window.requests import NoticeAction
from app.window.shell.job_progress import JobProgress
from app.window.window_context import WindowContext
from models.core.watch import watch
from viewers.widgets.shell.notices import Banners, MessagesPanel, NoticeView

#: Told in the list of messages alone: the model panel shows the stage of each model.
QUIET_NOTICES = frozenset({"notice.refined"})
#: The list of messages is written at most once in so many milliseconds.
LIST_MS = 300
#: The same message about many files, each within so many seconds of the one before, is one message about all of them.
GROUP_S = 60.0
#: Of so many messages, the last, a banner looks for those like its own.
LATEST = 400


class Messages(Feature):
    """Shows notices as banners and in the panel of messages; running jobs beside them.

    Parameters
    ----------
    context : WindowContext
    host : QWidget
        Over which the banners stand.
    """

    name = "messages"

    def __init__(self, context: WindowContext, host: QWidget) -> None:
        super().__init__(context)
        self.panel = MessagesPanel(self.appearance)
        context.docks.add("messages", self.panel)
        self._host = host
        self.banners = Banners(self.appearance, host, self._taken)
        #: Messages that came since the list was looked at, and whether an error is among them.
        self._unread: list[Notice] = []
        context.status.messages_requested.connect(self.open)
        context.docks["messages"].visibilityChanged.connect(self._on_list_shown)
        self.progress = JobProgress(context, self.panel)
        self._times: dict[int, str] = {}
        self._notices: dict[NoticeView, Notice] = {}
        self._shown: object = None
        self._listed_at = 0.0
        self._timer = QTimer(self, singleShot=True, interval=LIST_MS)
        self._timer.timeout.connect(self._list)
        self.banners.asked.connect(self.guard(lambda view: self._act(view, accepts=False)))
        self.banners.accepted.connect(self.guard(lambda view: self._act(view, accepts=True)))
        self.appearance.lang_changed.connect(self._show_banners_again)
        self.stops.append(watch(self.session.notices.added, self._on_notice_added))

    def refresh(self) -> None:
        """List the messages: the first at once, a flood of them now and then."""
        if self._timer.isActive() or self._to_show == self._shown:
            return
        if 1000 * (time.monotonic() - self._listed_at) >= LIST_MS:
            self._list()
        else:
            self._timer.start()

    def open(self) -> None:
        """Bring the list of messages forward."""
        self.context.docks.bring_forward("messages")

    def end(self) -> None:
        """Take the banners down; the window closes."""
        self._timer.stop()
        self.progress.end()
        self.banners.clear()
        super().end()

    def _on_notice_added(self, notice: Notice) -> None:
        self._times[len(self.session.notices.all) - 1] = datetime.datetime.now().strftime("%H:%M")
        if not self.context.requests.handles_notice(notice) and notice.key not in QUIET_NOTICES:
            self._show_banner(notice)
        if not self.context.docks["messages"].is_on_top:
            self._unread.append(notice)
        self._show_unread()
        self.refresh()

    def _on_list_shown(self, visible: bool) -> None:
        if visible:
            self._unread.clear()
            self._show_unread()

    def _show_unread(self) -> None:
        self.context.status.show_unread(len(self._unread), any(one.level not in GROUPED for one in self._unread))

    def _taken(self) -> list[QRect]:
        """Return what banners keep clear of: all that stands over the city but does not cover it."""
        canvas = self.context.canvas
        if not canvas.isVisible():
            return []
        most = canvas.width() * canvas.height() // 2
        return [
            QRect(piece.mapTo(self._host, QPoint(0, 0)), piece.size())
            for piece in canvas.children()
            if isinstance(piece, QWidget) and piece.isVisible() and piece.width() * piece.height() < most
        ]

    @property
    def _to_show(self) -> object:
        """Return what the list depends on."""
        return len(self.session.notices.all), self.session.lang, self.appearance.theme

    def _list(self) -> None:
        notices, shown = self.session.notices.all, self._to_show
        if shown != self._shown:
            self._shown, self._listed_at = shown, time.monotonic()
            self.panel.set_notices(
                [self._group_view(group, self._times.get(at, "")) for at, group in grouped(notices, GROUP_S)]
            )

    def _actions_of(self, notice: Notice, *, accepts: bool) -> list[NoticeAction]:
        offered = self.context.requests.notice_actions
        return [one for one in offered if one.accepts == accepts and one.applies(notice)]

    def _act(self, view: NoticeView, *, accepts: bool) -> None:
        """Do what a notice offers, to the layer of which it speaks."""
        if (notice := self._notices.get(view)) is not None:
            for action in self._actions_of(notice, accepts=accepts)[:1]:
                action.act(notice)

    def _view(self, notice: Notice, time_text: str = "") -> NoticeView:
        lang = self.session.lang
        words = ["".join(one.word for one in self._actions_of(notice, accepts=on)[:1]) for on in (False, True)]
        return NoticeView(notice.level, notice.text(lang), notice.cure(lang), notice.details, time_text, *words)

    def _group_view(self, group: Sequence[Notice], time_text: str = "") -> NoticeView:
        """Return one message for many that tell the same of different files, the others in its details."""
        view = self._view(group[-1], time_text)
        if len(group) == 1:
            return view
        lang = self.session.lang
        text = self.appearance.word("notice.group", text=view.text, count=len(group) - 1)
        details = "\n".join(notice.text(lang) for notice in group)
        return replace(view, text=text, details=details, action="", accept="")

    def _banner_view(self, notice: Notice) -> NoticeView:
        """Return what a banner tells of a message, and of those like it just before."""
        groups = [group for _, group in grouped(self.session.notices.all[-LATEST:], GROUP_S) if group[-1] is notice]
        return self._group_view(groups[-1] if groups else [notice])

    def _show_banner(self, notice: Notice) -> None:
        view = self._banner_view(notice)
        for banner in list(self.banners.shown):  # one that tells the same of other files is taken up in this one
            old = self._notices.get(banner.notice)
            if old is not None and old.key == notice.key and notice.level in GROUPED and view.details:
                banner.closed.emit(banner)
        self._notices[view] = notice
        self.banners.show(view)

    def _show_banners_again(self) -> None:
        shown = [self._notices.get(banner.notice) for banner in self.banners.shown]
        self.banners.clear()
        for notice in shown:
            if notice is not None:
                self._show_banner(notice)
