"""A panel's frame: a quiet title with close and float, gone while the panel is one of several tabs."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label, row, tool


class Dock(QDockWidget):
    """One dockable panel.

    Parameters
    ----------
    appearance : Appearance
    name : str
        ``panel.<name>`` is its word; also its object name, under which its place is remembered.
    icon : str
    body : QWidget
    window : QMainWindow
    """

    def __init__(self, appearance: Appearance, name: str, icon: str, body: QWidget, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName(name)
        appearance.say(self.setWindowTitle, f"panel.{name}")
        body.setObjectName("panel")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWidget(body)
        body.setMinimumWidth(220)
        self.is_on_top = False
        text = label()
        text.setObjectName("dockTitleText")
        appearance.say(text.setText, f"panel.{name}")
        self._float = tool(appearance, "arrow-square-out", "dock.float", size=14)
        self._float.clicked.connect(lambda: self.setFloating(not self.isFloating()))
        close = tool(appearance, "x", "window.close", size=14)
        close.clicked.connect(self.close)
        self._title = QWidget()
        self._title.setObjectName("dockTitle")
        self._title.setLayout(row(text, 1, self._float, close, margins=(12, 3, 6, 3), gap=2))
        self._none = QWidget()
        self._none.setFixedHeight(0)
        self.setTitleBarWidget(self._title)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._choose_title)
        self.visibilityChanged.connect(self._on_visibility_changed)
        self.topLevelChanged.connect(lambda _: self._later.start())
        self.dockLocationChanged.connect(lambda _: self._later.start())

    def _on_visibility_changed(self, visible: bool) -> None:
        self.is_on_top = visible
        self._later.start()

    def _choose_title(self) -> None:
        window = self.parentWidget()
        if not isinstance(window, QMainWindow):
            return
        tabbed = not self.isFloating() and any(
            not other.isHidden() and not other.isFloating() for other in window.tabifiedDockWidgets(self)
        )
        wanted = self._none if tabbed else self._title
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            wanted.show()
