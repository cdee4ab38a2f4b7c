"""The panels of the window: a title with close and float, hidden while the panel is one of several tabs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from app.actions import panels
from app.window.shell.dock_tabs import DockTabs
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label, row, tool

AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
#: Widths of the left and the right area, height of the bottom one, pixels.
SIZES_PX = {"left": 280, "right": 348, "bottom": 410}


class Dock(QDockWidget):
    """One dockable panel.

    Parameters
    ----------
    appearance : Appearance
    name : str
        ``panel.<name>`` is its word; also its object name, under which its place is remembered.
    body : QWidget
    window : QMainWindow
    """

    def __init__(self, appearance: Appearance, name: str, body: QWidget, window: QMainWindow) -> None:
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


class Docks(QObject):
    """The panels of one window, by name; ``app.actions.panels`` says where each stands.

    Signals
    -------
    brought_forward : (name)

    Parameters
    ----------
    appearance : Appearance
    window : QMainWindow
    """

    brought_forward = Signal(str)

    def __init__(self, appearance: Appearance, window: QMainWindow) -> None:
        super().__init__(window)
        self._appearance, self._window = appearance, window
        self._docks: dict[str, Dock] = {}
        self._tabs = DockTabs(window, appearance)
        #: How high the bottom area is when it is opened next, pixels.
        self.bottom_px = SIZES_PX["bottom"]
        self._is_bottom_sized = False
        self._size_bottom = QTimer(self, singleShot=True, interval=0)
        self._size_bottom.timeout.connect(self._on_bottom_shown)

    def __getitem__(self, name: str) -> Dock:
        return self._docks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._docks)

    def values(self) -> list[Dock]:
        """Return all panels."""
        return list(self._docks.values())

    def add(self, name: str, body: QWidget) -> Dock:
        """Add a panel; it is shown once everything is there (:meth:`arrange`)."""
        dock = self._docks[name] = Dock(self._appearance, name, body, self._window)
        self._window.addDockWidget(AREAS[panels()[name].area], dock)
        dock.toggleViewAction().triggered.connect(lambda on: self.brought_forward.emit(name) if on else None)
        self._tabs.follow(dock)
        if panels()[name].area == "bottom":
            dock.visibilityChanged.connect(lambda on: self._size_bottom.start() if on else None)
        return dock

    def widen(self, name: str, width_px: int) -> None:
        """Give a panel at the side at least this width, for what does not fit into less."""
        dock = self._docks[name]
        if not dock.isFloating() and dock.width() < width_px:
            self._window.resizeDocks([dock], [width_px], Qt.Orientation.Horizontal)

    def note_bottom(self) -> None:
        """Note how high the bottom area is, where it is shown."""
        shown = [dock.height() for dock in self._bottom if dock.isVisible()]
        if shown and self._is_bottom_sized:
            self.bottom_px = max(shown)

    @property
    def _bottom(self) -> list[Dock]:
        area = AREAS["bottom"]
        return [dock for dock in self._docks.values()
                if not dock.isFloating() and self._window.dockWidgetArea(dock) == area]  # fmt: skip

    def _on_bottom_shown(self) -> None:
        """Give the bottom area its height when it is shown first: Qt would give it the least there is."""
        docks = [dock for dock in self._bottom if dock.isVisible()]
        if docks and not self._is_bottom_sized:
            self._is_bottom_sized = True
            self._window.resizeDocks(docks[:1], [self.bottom_px], Qt.Orientation.Vertical)

    def bring_forward(self, name: str) -> None:
        """Show a panel before the others of its area, if there is one of this name."""
        if (dock := self._docks.get(name)) is not None:
            dock.show()
            dock.raise_()
            self.brought_forward.emit(name)

    def is_hidden_behind(self, name: str) -> bool:
        """Whether a panel is shown, but another tab stands before it."""
        dock = self._docks.get(name)
        return dock is not None and dock.isVisible() and not dock.is_on_top

    def arrange(self) -> None:
        """Put every panel where it stands at first, those of the bottom and those for a task hidden."""
        self._docks = {name: self._docks[name] for name in panels() if name in self._docks}
        first: dict[str, Dock] = {}
        for area, place in AREAS.items():
            tabs = sorted((panel.tab, name) for name, panel in panels().items() if panel.area == area)
            docks = [self._docks[name] for _, name in tabs if name in self._docks]
            for dock in docks:
                dock.setFloating(False)
                self._window.addDockWidget(place, dock)
                dock.setVisible(area != "bottom")
            for one, two in pairwise(docks):
                self._window.tabifyDockWidget(one, two)
            for dock in docks:
                if not panels()[dock.objectName()].at_first:
                    dock.hide()
            if docks:
                first[area] = docks[0]
        for area in ("left", "right"):
            if area in first:
                first[area].raise_()
        sides = [area for area in ("left", "right") if area in first]
        across = Qt.Orientation.Horizontal
        self._window.resizeDocks([first[area] for area in sides], [SIZES_PX[area] for area in sides], across)
        self.bottom_px, self._is_bottom_sized = SIZES_PX["bottom"], False
