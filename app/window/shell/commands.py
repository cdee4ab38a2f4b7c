"""Menus, tool bar and keys, all made from the table in :mod:`app.actions`."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from app.actions import ACTIONS, MENUS, PANELS, Action
from app.session import Session
from resources.words import has, word
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.shell.command_palette import Entry

if TYPE_CHECKING:
    from app.window.shell.layout import WindowFrame


#: Menus in menus, with their icons; those of the view stand where its panels do.
SUBMENUS = {
    "file.recent": "clock-counter-clockwise", "view.panels": "layout", "view.theme": "palette",
    "view.lang": "translate", "layer.cloud": "dots-nine", "model.select": "cursor",
    "model.check": "clipboard-text", "model.topics": "chats",
}  # fmt: skip
#: What the menu of a layer in the list says first, by itself.
LAYER_FIRST = frozenset({"layer.zoom", "layer.table", "layer.rename", "layer.style", "layer.remove"})


class Commands(QObject):
    """The Qt side of the action table.

    Parameters
    ----------
    window : WindowFrame
        Gets menu bar and tool bar; its methods answer ``"window:…"`` requests, its parts those with their name.
    session : Session
    appearance : Appearance
    """

    def __init__(self, window: WindowFrame, session: Session, appearance: Appearance) -> None:
        super().__init__(window)
        self._window, self._session, self._appearance = window, session, appearance
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self.panel_actions: dict[str, QAction] = {}
        for entry in ACTIONS:
            self.actions[entry.id] = self._make(entry)
        self._fill_menus()
        self.tool_bar = self._fill_tools()
        appearance.lang_changed.connect(self.refresh)

    def run(self, id_: str) -> None:
        """Run an action by id, if it can be run now."""
        if id_.startswith("panel."):
            self.panel_actions[id_.removeprefix("panel.")].trigger()
            return
        self.refresh()
        self.actions[id_].trigger()

    def refresh(self) -> None:
        """Ask every action whether it can be done and whether it is on."""
        for entry in ACTIONS:
            qt = self.actions[entry.id]
            qt.setEnabled(entry.enabled(self._session))
            if entry.checked is not None:
                qt.setChecked(entry.checked(self._session))
        history, say = self._session.history, self._appearance.say
        for id_, label in (("edit.undo", history.undo_label), ("edit.redo", history.redo_label)):
            if label:
                say(self.actions[id_].setText, f"action.{id_}.what", what=self._appearance.word(label))
            else:
                say(self.actions[id_].setText, f"action.{id_}")

    def entries(self) -> list[Entry]:
        """Return what the command palette offers now."""
        result = []
        for entry in ACTIONS:
            qt = self.actions[entry.id]
            if entry.id == "edit.palette" or not entry.enabled(self._session):
                continue
            names = tuple(word(entry.word, lang) for lang in ("zh", "en"))
            menu = entry.menu.split("/")[0].split(".")[0]
            place = _plain(self._appearance.word(f"menu.{menu}")) if menu else ""
            shortcut = qt.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            result.append(
                Entry(entry.id, self._appearance.word(entry.word), (*names, entry.id), entry.icon, place, shortcut)
            )
        for name, (icon, _, keys) in PANELS.items():
            if not self.panel_actions[name].isEnabled():
                continue
            names = tuple(word(f"panel.{name}", lang) for lang in ("zh", "en"))
            place = self._appearance.word("menu.view.panels")
            result.append(
                Entry(f"panel.{name}", self._appearance.word(f"panel.{name}"), (*names, name), icon, place, keys)
            )
        return result

    def add_panels(self, toggles: dict[str, QAction]) -> None:
        """List the panels in the View menu."""
        menu = self.menus["view.panels"]
        for name, toggle in toggles.items():
            icon, _, keys = PANELS[name]
            toggle.setShortcut(QKeySequence(keys))
            self._appearance.say(toggle.setText, f"panel.{name}")
            self._appearance.paint(toggle.setIcon, icon)
            menu.addAction(toggle)
            self.panel_actions[name] = toggle

    def of_layer(self) -> list[QAction]:
        """Return what can be done now with the chosen layer, besides what its own menu says first."""
        self.refresh()
        entries = [entry for entry in ACTIONS if entry.menu.startswith("layer/") and entry.id not in LAYER_FIRST]
        return [action for entry in entries if (action := self.actions[entry.id]).isEnabled()]

    def _make(self, entry: Action) -> QAction:
        qt = QAction(self._window)
        qt.setObjectName(entry.id)
        self._appearance.say(qt.setText, entry.word)
        if has(entry.tip):
            self._appearance.say(qt.setStatusTip, entry.tip)
            self._appearance.say(qt.setToolTip, entry.tip)
        if entry.icon:
            self._appearance.paint(qt.setIcon, entry.icon)
        qt.setShortcuts([QKeySequence(keys) for keys in entry.shortcut.split("; ") if keys])
        if len(entry.shortcut) == 1:  # single letters belong to the view, not to a field someone types into
            qt.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        qt.setCheckable(entry.checked is not None)
        qt.setMenuRole(QAction.MenuRole.NoRole)
        qt.triggered.connect(functools.partial(self._on_triggered, entry))
        self._window.addAction(qt)
        return qt

    def _on_triggered(self, entry: Action, _: bool = False) -> None:
        module, name = entry.run.split(":")
        target: Callable[..., object]
        if module == "window":
            target = getattr(self._window, name)
            arguments: tuple[object, ...] = (entry.argument,) if entry.argument else ()
        elif module in self._window.parts:
            target = getattr(self._window.parts[module], name)
            arguments = (entry.argument,) if entry.argument else ()
        else:
            target = getattr(importlib.import_module(module), name)
            arguments = (self._session, entry.argument) if entry.argument else (self._session,)
        try:
            target(*arguments)
        except Exception as error:  # every ending of a request is a notice, never the end of the window
            self._session.fail(error)
        self.refresh()

    def _fill_menus(self) -> None:
        bar = self._window.menuBar()
        for name in MENUS:
            menu = QMenu(bar)
            bar.addMenu(menu)
            self._appearance.say(menu.setTitle, f"menu.{name}")
            menu.aboutToShow.connect(self.refresh)
            self.menus[name] = menu
        for path, icon in SUBMENUS.items():
            menu = QMenu(self._window)
            self._appearance.say(menu.setTitle, f"menu.{path}")
            self._appearance.paint(menu.menuAction().setIcon, icon)
            self.menus[path] = menu
        last: dict[str, str] = {}
        for entry in ACTIONS:
            place, _, group = entry.menu.partition("/")
            if not place:
                continue
            menu, above = self.menus[place], place.partition(".")[0]
            inner = place != above != "view"  # the view's own menus stand where its panels do
            host = above if inner else place
            if last.get(host, group) != group:
                self.menus[host].addSeparator()
            if inner and place not in last:
                self.menus[host].addMenu(menu)
            last[host] = last[place] = group
            menu.addAction(self.actions[entry.id])
            if entry.id == "file.sample":
                menu.addMenu(self.menus["file.recent"])
        view = self.menus["view"]
        before = self.actions["view.full_screen"]
        for path in ("view.panels", "view.theme", "view.lang"):
            view.insertMenu(before, self.menus[path])
        view.insertSeparator(before)
        for prefix in ("view.theme.", "view.lang."):
            group_of = QActionGroup(self)
            for id_, qt in self.actions.items():
                if id_.startswith(prefix):
                    group_of.addAction(qt)
        colours = QActionGroup(self)
        for id_, qt in self.actions.items():
            if id_.startswith(("theme.", "health.show.")):
                colours.addAction(qt)

    def _fill_tools(self) -> QToolBar:
        bar = QToolBar(self._window)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        self._appearance.say(bar.setWindowTitle, "window.tools")
        group = 0
        for entry in sorted((entry for entry in ACTIONS if entry.tools), key=lambda entry: entry.tools):
            if group and entry.tools != group:
                bar.addSeparator()
            group = entry.tools
            bar.addAction(self.actions[entry.id])
        self._window.addToolBar(bar)
        bar.toggleViewAction().setEnabled(False)
        return bar

    def add_tool_button(self, icon: str, key: str, menu: QMenu) -> QToolButton:
        """Add a button with words and a menu to the tool bar."""
        press = QToolButton()
        press.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        press.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        press.setMenu(menu)
        press.setIconSize(QSize(20, 20))
        self._appearance.paint(press.setIcon, icon)
        self._appearance.say(press.setText, key)
        self.tool_bar.addWidget(press)
        return press


def _plain(text: str) -> str:
    """Return a menu's word without its access key: ``"文件(&F)"`` → ``"文件"``."""
    return re.sub(r"\(&\w\)", "", text).replace("&", "")
