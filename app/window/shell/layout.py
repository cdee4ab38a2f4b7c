"""The window's rooms: where things stand, before anything is connected."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtWidgets import (
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QWidget,
)

from app.actions import INDICATORS, PANELS
from app.session import Session
from app.window.part import Part
from app.window.shell.commands import Commands
from app.window.shell.docks import Dock
from viewers.texts.values import field_label, field_value
from viewers.widgets.bim.model_panel import ModelPanel
from viewers.widgets.canvas.canvas import Canvas
from viewers.widgets.checks.checks_panel import ChecksPanel
from viewers.widgets.common import dialogs
from viewers.widgets.common.appearance import Appearance, app_icon
from viewers.widgets.common.tool_bar_card import ToolCard
from viewers.widgets.facilities.facilities_panel import FacilitiesPanel
from viewers.widgets.health.health_panel import HealthPanel
from viewers.widgets.layers.layers_panel import LayersPanel
from viewers.widgets.layers.properties_panel import PropertiesPanel
from viewers.widgets.query.statistics_panel import StatisticsPanel
from viewers.widgets.query.table_panel import TablePanel
from viewers.widgets.review.topics_panel import TopicsPanel
from viewers.widgets.shell.command_palette import CommandPalette
from viewers.widgets.shell.notices import Banners, MessagesPanel
from viewers.widgets.shell.status_bar import StatusLine
from viewers.widgets.shell.welcome import Welcome
from viewers.widgets.style.style_panel import StylePanel
from viewers.widgets.views.viewpoints_panel import ViewpointsPanel

_Part = TypeVar("_Part", bound=Part)
AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
#: Raise when panels or their areas change: an old layout would fit badly.
LAYOUT_VERSION = 2


class WindowFrame(QMainWindow):
    """Middle, panels, menus, tool bar and status line of one window, and the memory of their layout.

    Parameters
    ----------
    session : Session
    appearance : Appearance
    """

    def __init__(self, session: Session, appearance: Appearance) -> None:
        super().__init__()
        self.session, self.appearance = session, appearance
        self._panels_kept: QByteArray | None = None
        #: What the window can do, by topic; see :mod:`app.window.part`.
        self.parts: dict[str, Part] = {}
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self._build_middle()
        self._build_panels()
        self.commands = Commands(self, session, appearance)
        self.layers_panel.extra = self.commands.of_layer
        self.commands.add_panels({name: dock.toggleViewAction() for name, dock in self.docks.items()})
        self._build_tools()
        self.status = StatusLine(appearance)
        self.setStatusBar(self.status)
        self.palette_box = CommandPalette(appearance, self)
        self.banners = Banners(appearance, self.stack)

    def _build_middle(self) -> None:
        self.welcome = Welcome(self.appearance)
        self.canvas = Canvas(self.appearance)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.canvas)
        self.setCentralWidget(self.stack)

    def _build_panels(self) -> None:
        appearance, project = self.appearance, self.session.project
        self.layers_panel = LayersPanel(appearance, project)
        self.viewpoints_panel = ViewpointsPanel(appearance)
        self.properties_panel = PropertiesPanel(appearance)
        self.facilities_panel = FacilitiesPanel(appearance)
        self.health_panel = HealthPanel(appearance)
        self.table_panel = TablePanel(
            appearance,
            lambda field: field_label(field, self.session.lang),
            lambda field, value: field_value(field, value, self.session.lang),
        )
        self.messages_panel = MessagesPanel(appearance)
        self.model_panel = ModelPanel(appearance)
        self.checks_panel = ChecksPanel(appearance)
        self.topics_panel = TopicsPanel(appearance)
        self.style_panel = StylePanel(appearance)
        self.statistics_panel = StatisticsPanel(appearance)
        widgets: dict[str, QWidget] = {
            "layers": self.layers_panel, "viewpoints": self.viewpoints_panel, "properties": self.properties_panel,
            "facilities": self.facilities_panel, "health": self.health_panel, "table": self.table_panel,
            "messages": self.messages_panel, "model": self.model_panel, "checks": self.checks_panel,
            "topics": self.topics_panel, "style": self.style_panel, "statistics": self.statistics_panel,
        }  # fmt: skip
        self.docks: dict[str, Dock] = {}
        for name, (icon, area, _) in PANELS.items():
            dock = Dock(appearance, name, icon, widgets[name], self)
            self.docks[name] = dock
            self.addDockWidget(AREAS[area], dock)
        self._default_layout()

    def _default_layout(self) -> None:
        for name, (_, area, _) in PANELS.items():
            self.docks[name].setFloating(False)
            self.addDockWidget(AREAS[area], self.docks[name])
            self.docks[name].setVisible(area != "bottom")
        self.tabifyDockWidget(self.docks["layers"], self.docks["model"])
        self.tabifyDockWidget(self.docks["model"], self.docks["viewpoints"])
        self.tabifyDockWidget(self.docks["properties"], self.docks["facilities"])
        self.tabifyDockWidget(self.docks["facilities"], self.docks["health"])
        self.tabifyDockWidget(self.docks["health"], self.docks["checks"])
        self.tabifyDockWidget(self.docks["checks"], self.docks["topics"])
        self.tabifyDockWidget(self.docks["topics"], self.docks["style"])
        self.tabifyDockWidget(self.docks["table"], self.docks["statistics"])
        self.tabifyDockWidget(self.docks["statistics"], self.docks["messages"])
        self.docks["layers"].raise_()
        self.docks["properties"].raise_()
        self.resizeDocks([self.docks["layers"], self.docks["properties"]], [280, 348], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["table"]], [250], Qt.Orientation.Vertical)

    def _build_tools(self) -> None:
        commands, appearance = self.commands, self.appearance
        commands.tool_bar.addSeparator()
        menus = commands.menus
        self.theme_button = commands.add_tool_button("palette", "window.colour_by", self._theme_menu())
        self.layer_theme_menu = QMenu(self)
        commands.add_tool_button("stack", "window.layer_themes", self.layer_theme_menu)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        commands.tool_bar.addWidget(space)
        self.search = QToolButton()
        self.search.setObjectName("search")
        self.search.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.search.setMinimumWidth(250)
        appearance.paint(self.search.setIcon, "magnifying-glass", "text_faint")
        appearance.say(self.search.setText, "window.search")
        commands.tool_bar.addWidget(self.search)
        commands.add_tool_button("translate", "window.lang", menus["view.lang"])
        self.look_button = QToolButton()
        self.look_button.setIconSize(commands.tool_bar.iconSize())
        appearance.say(self.look_button.setToolTip, "window.look")
        appearance.say(self.look_button.setAccessibleName, "window.look")
        commands.tool_bar.addWidget(self.look_button)

    def _theme_menu(self) -> QMenu:
        menu = QMenu(self)
        for id_ in ("theme.plain", "theme.facilities"):
            menu.addAction(self.commands.actions[id_])
        menu.addSeparator()
        for code in INDICATORS:
            menu.addAction(self.commands.actions[f"health.show.{code}"])
        menu.aboutToShow.connect(self.commands.refresh)
        return menu

    def _show_city(self, city: bool) -> None:
        """Show the city among its panels, or the welcome page alone; panels come back as they were."""
        self.stack.setCurrentWidget(self.canvas if city else self.welcome)
        if city and self._panels_kept is not None:
            self.restoreState(self._panels_kept, LAYOUT_VERSION)
            self._panels_kept = None
        elif not city and self._panels_kept is None:
            self._panels_kept = self.saveState(LAYOUT_VERSION)
            for dock in self.docks.values():
                dock.hide()
        self.commands.menus["view.panels"].setEnabled(city)
        for toggle in self.commands.panel_actions.values():
            toggle.setEnabled(city)

    def _keep_layout(self) -> None:
        def text(data: QByteArray) -> str:
            return base64.b64encode(data.data()).decode()

        self.session.settings.set(
            "window",
            {
                "version": LAYOUT_VERSION,
                "geometry": text(self.saveGeometry()),
                "state": text(self._panels_kept or self.saveState(LAYOUT_VERSION)),
            },
        )

    def _restore_layout(self) -> None:
        kept = self.session.settings.get("window")
        if not isinstance(kept, dict) or kept.get("version") != LAYOUT_VERSION:
            return
        self.restoreGeometry(QByteArray(base64.b64decode(str(kept.get("geometry", "")))))
        self.restoreState(QByteArray(base64.b64decode(str(kept.get("state", "")))), LAYOUT_VERSION)

    def _project_name(self) -> str:
        state = self.session.project.state
        path = self.session.project.path
        own = state.name_en if self.session.lang == "en" and state.name_en else state.name
        return own or (path.stem if path is not None else "")

    def _title(self) -> str:
        name = self._project_name() or (
            self.appearance.word("window.untitled") if self.session.project.state.layers else ""
        )
        app = self.appearance.word("app.name")
        return f"{name}[*] – {app}" if name else f"{app}[*]"

    def _folder(self) -> Path:
        path = self.session.project.path
        return path.parent if path is not None else Path.cwd()

    def _raise(self, name: str) -> None:
        dock = self.docks[name]
        dock.show()
        dock.raise_()

    def part(self, kind: type[_Part]) -> _Part:
        """Return the window's part of a kind."""
        return next(part for part in self.parts.values() if isinstance(part, kind))

    def open_card(self, card: ToolCard) -> None:
        """Show the card of one tool; the one that was open is closed as by its person."""
        self.canvas.is_exchanging = True
        for other in self.canvas.cards:
            if other is not card and other.isVisible():
                other.closed.emit()
        self.canvas.is_exchanging = False
        card.show()
        self.canvas.arrange()

    def _ask_name(self, title: str, name: str) -> str:
        ask = dialogs.NameQuestion(self.appearance, title, name, self)
        answer = ask.ask()
        given = ask.name if answer == "ok" else ""
        ask.deleteLater()
        return given
