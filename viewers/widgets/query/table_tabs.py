"""The tabs of the attribute table: one a layer that was opened, one that follows the current layer, and a pin."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QTabBar, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import row, tool
from viewers.widgets.common.plain import plain_entry, plain_tip

#: A longer title is cut.
TITLE_PX = 150


class TableTabs(QWidget):
    """Tabs by layer; the last way in which they were opened decides which of them make room for another.

    Signals
    -------
    chosen : (layer id) its table is to be shown
    """

    chosen = Signal(str)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._titles: dict[str, str] = {}
        self._passing = ""
        self._setting = False
        self.bar = QTabBar()
        self.bar.setProperty("role", "slim")
        self.bar.setExpanding(False)
        self.bar.setMovable(True)
        self.bar.setUsesScrollButtons(True)
        self.bar.setElideMode(Qt.TextElideMode.ElideNone)
        appearance.say(self.bar.setAccessibleName, "panel.table")
        self.bar.currentChanged.connect(self._on_current_changed)
        self.bar.tabBarDoubleClicked.connect(self._on_double_clicked)
        self.add = tool(appearance, "plus", "table.open", size=14)
        self.add.clicked.connect(self._offer)
        self.pin = tool(appearance, "push-pin", "table.pin", size=15)
        self.pin.setCheckable(True)
        layout = row(self.bar, self.add, 1, self.pin, margins=(6, 0, 10, 0), gap=2)
        self.setLayout(layout)

    @property
    def layers(self) -> list[str]:
        """Return the ids of the layers that have a tab, from the left."""
        return [str(self.bar.tabData(at)) for at in range(self.bar.count())]

    def set_layers(self, layers: list[tuple[str, str]]) -> None:
        """Offer layers as ``(id, title)``; the tabs of those that are gone go."""
        self._titles = dict(layers)
        self._setting = True
        for at in reversed(range(self.bar.count())):
            title = self._titles.get(str(self.bar.tabData(at)))
            if title is None:
                self.bar.removeTab(at)
            else:
                self._name(at, title)
        self._setting = False
        self._show_closing()

    def show_layer(self, layer_id: str, *, keep: bool) -> None:
        """Bring the tab of a layer forward, making it where there is none."""
        self._setting = True
        known = self.layers
        if layer_id in known:
            at = known.index(layer_id)
        elif not keep and self._passing in known:
            at = known.index(self._passing)
        else:
            at = self.bar.addTab("")
        if keep and layer_id == self._passing:
            self._passing = ""
        elif not keep and layer_id not in known:
            self._passing = layer_id
        self.bar.setTabData(at, layer_id)
        self._name(at, self._titles.get(layer_id, ""))
        self.bar.setCurrentIndex(at)
        self._setting = False
        self._show_closing()

    def close_tab(self, layer_id: str) -> None:
        """Close a layer's tab; the one beside it comes forward."""
        known = self.layers
        if layer_id in known and len(known) > 1:
            self.bar.removeTab(known.index(layer_id))
            self._show_closing()

    def _name(self, at: int, title: str) -> None:
        shown = self.bar.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, TITLE_PX)
        self.bar.setTabText(at, plain_entry(shown))
        self.bar.setTabToolTip(at, plain_tip(title))

    def _show_closing(self) -> None:
        """Let tabs be closed while there are several."""
        for at in range(self.bar.count()):
            press: QWidget | None = self.bar.tabButton(at, QTabBar.ButtonPosition.RightSide)
            if self.bar.count() == 1:
                if press is not None:
                    self.bar.setTabButton(at, QTabBar.ButtonPosition.RightSide, None)
                    press.deleteLater()
            elif press is None:
                press = tool(self._appearance, "x", "table.close", size=11)
                press.clicked.connect(lambda _=False, press=press: self._on_close_clicked(press))
                self.bar.setTabButton(at, QTabBar.ButtonPosition.RightSide, press)

    def _on_close_clicked(self, press: QWidget) -> None:
        side = QTabBar.ButtonPosition.RightSide
        at = next((at for at in range(self.bar.count()) if self.bar.tabButton(at, side) is press), -1)
        if at >= 0:
            self.close_tab(str(self.bar.tabData(at)))

    def _on_current_changed(self, at: int) -> None:
        if not self._setting and at >= 0:
            self.chosen.emit(str(self.bar.tabData(at)))

    def _on_double_clicked(self, at: int) -> None:
        if at >= 0 and self.bar.tabData(at) == self._passing:
            self._passing = ""

    def _offer(self) -> None:
        """List the layers, to open the table of one."""
        menu, known = QMenu(self), self.layers
        for layer_id, title in self._titles.items():
            entry = menu.addAction(plain_entry(title))
            entry.setCheckable(layer_id in known)
            entry.setChecked(layer_id in known)
            entry.triggered.connect(lambda _=False, layer_id=layer_id: self._open(layer_id))
        menu.exec(self.add.mapToGlobal(QPoint(0, self.add.height())))
        menu.deleteLater()

    def _open(self, layer_id: str) -> None:
        self.show_layer(layer_id, keep=True)
        self.chosen.emit(layer_id)
