"""The tabs of panels that share a place: whole words, or icons and the word of the one in front."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from app.actions import panels
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import restyle
from viewers.widgets.common.plain import plain_tip

#: What the style puts beside the word of a tab.
PADDING_PX = 18
ICON_PX = 18
_FITS_ANEW = (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)


class DockTabs(QObject):
    """Fits the words of the tabs to the width of their bar; nothing is shortened to a syllable.

    Parameters
    ----------
    window : QMainWindow
        Makes the bars, and makes them anew as panels are moved.
    appearance : Appearance
    """

    def __init__(self, window: QMainWindow, appearance: Appearance) -> None:
        super().__init__(window)
        self._window, self._appearance = window, appearance
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.fit)
        appearance.lang_changed.connect(self._timer.start)
        appearance.look_changed.connect(self._timer.start)

    def follow(self, dock: QDockWidget) -> None:
        """Fit the tabs again whenever this panel changes its size or is shown."""
        dock.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Fit once all panels have taken their new places."""
        if event.type() in _FITS_ANEW:
            self._timer.start()
        return False

    def fit(self) -> None:
        """Give every bar whole words where they have room, else icons."""
        titles = {self._appearance.word(f"panel.{name}"): panel for name, panel in panels().items()}
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            found = [titles.get(bar.tabText(at)) for at in range(bar.count())]
            narrow = self._words_px(bar) > bar.width()
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setIconSize(QSize(ICON_PX, ICON_PX))
            for at, panel in enumerate(found):
                if panel is None:
                    continue
                bar.setTabIcon(at, self._appearance.icon(panel.icon) if narrow else QIcon())
                keys = QKeySequence(panel.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
                bar.setTabToolTip(at, plain_tip(f"{bar.tabText(at)}  {keys}".rstrip()))
            if bool(bar.property("narrow")) != narrow:
                restyle(bar, "narrow", narrow)

    @staticmethod
    def _words_px(bar: QTabBar) -> int:
        font = QFont(bar.font())
        font.setBold(True)  # as the tab in front is written
        metrics = QFontMetrics(font)
        return sum(metrics.horizontalAdvance(bar.tabText(at)) + PADDING_PX for at in range(bar.count()))
