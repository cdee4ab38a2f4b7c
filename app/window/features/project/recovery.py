"""Keeps a copy of unsaved work every few minutes, and asks about the copies that earlier runs left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QTimer

from app.usecases.project import recovery
from app.window.feature import Feature
from models.core.watch import watch
from models.store.recovery import Left
from viewers.widgets.shell.recovery_question import RecoveryQuestion

if TYPE_CHECKING:
    from app.window.window_context import WindowContext

#: The question comes when the window has been drawn.
ASK_MS = 600


class Recovery(Feature):
    """Unsaved work, before and after a crash."""

    name = "recovery"

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context)
        self.keeper = recovery.Keeper(self.session)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.guard(self.keeper.keep))
        self._set_interval()
        self.stops.append(watch(self.session.settings.changed, self._on_setting_changed))
        self._start = QTimer(self, singleShot=True, interval=ASK_MS)
        self._start.timeout.connect(self.guard(self.ask))
        self._start.start()

    def _on_setting_changed(self, name: str, _: object) -> None:
        if name == "autosave_min":
            self._set_interval()

    def _set_interval(self) -> None:
        if minutes := int(self.session.settings.get("autosave_min")):
            self._timer.start(minutes * 60_000)
        else:
            self._timer.stop()

    def ask(self) -> None:
        """Ask what is to become of unsaved work that was left behind, newest first."""
        if self.session.project.state.layers:  # the run was begun with files; the next start will ask
            return
        for left in recovery.left_work():
            if self._answer(left) != "discard":
                return
            left.remove()

    def _answer(self, left: Left) -> str:
        locale = QLocale(QLocale.Language.Chinese if self.session.lang == "zh" else QLocale.Language.English)
        moment = QDateTime.fromSecsSinceEpoch(int(left.saved_at.timestamp()))
        when = locale.toString(moment, QLocale.FormatType.ShortFormat)
        question = RecoveryQuestion(
            self.appearance, left.name or self.appearance.word("window.untitled"), when, self.context.window
        )
        answer = question.ask()
        question.deleteLater()
        if answer == "restore":
            recovery.restore(self.session, left)
        return answer

    def end(self) -> None:
        """Stop; the window was closed in order, nothing is to be recovered."""
        self._timer.stop()
        self._start.stop()
        self.keeper.end()
        super().end()
