"""Menus, tool bar and keys, all made from the table in :mod:`app.actions`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from app.actions import MENUS, actions, panels, submenus
from app.actions.action import Action
from app.session import Session
from resources.words import has, word
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.plain import plain_tip
from viewers.widgets.shell.command_palette import Entry


class Commands(QObject):
    """The Qt side of the action table.

    Parameters
    ----------
    window : QMainWindow
        Gets menu bar and tool bar.
    session : Session
    appearance : Appearance
    """

    def __init__(self, window: QMainWindow, session: Session, appearance: Appearance) -> None:
        super().__init__(window)
        self._window, self._session, self._appearance = window, session, appearance
        self._targets: dict[str, Callable[..., object]] = {}
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        self.panel_actions: dict[str, QAction] = {}
        for entry in actions():
            self.actions[entry.id] = self._make(entry)
        self._fill_menus()
        self.tool_bar = self._fill_tools()
        appearance.lang_changed.connect(self._say_tips)
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
        for entry in actions():
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
        for entry in actions():
            qt = self.actions[entry.id]
            if entry.id == "edit.palette" or not entry.enabled(self._session):
                continue
            names = tuple(word(entry.word, lang) for lang in ("zh", "en"))
            menu = entry.menu.split("/")[0].split(".")[0]
            place = _plain(self._appearance.word(f"menu.{menu}")) if menu else ""
            shortcut = qt.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            result.append(
                Entry(
                    entry.id,
                    self._appearance.word(entry.word),
                    (*names, entry.id),
                    entry.icon,
                    place,
                    shortcut,
                    about=self._words_about(entry),
                )
            )
        for name, panel in panels().items():
            if not self.panel_actions[name].isEnabled():
                continue
            names = tuple(word(f"panel.{name}", lang) for lang in ("zh", "en"))
            place = self._appearance.word("menu.view.panels")
            title = self._appearance.word(f"panel.{name}")
            result.append(Entry(f"panel.{name}", title, (*names, name), panel.icon, place, panel.shortcut))
        return result

    def add_panels(self, toggles: dict[str, QAction]) -> None:
        """List the panels in the View menu."""
        menu = self.menus["view.panels"]
        for name, toggle in toggles.items():
            toggle.setShortcut(QKeySequence(panels()[name].shortcut))
            self._appearance.say(toggle.setText, f"panel.{name}")
            self._appearance.paint(toggle.setIcon, panels()[name].icon)
            menu.addAction(toggle)
            self.panel_actions[name] = toggle

    def connect_features(self, features: Mapping[str, object]) -> None:
        """Find what each action calls.

        Parameters
        ----------
        features : mapping of str to object
            The features by their names, as ``Action.run`` calls them.

        Raises
        ------
        LookupError
            An action calls a feature or a method that is not there.
        """
        for entry in actions():
            self._targets[entry.id] = target_of(entry, features)

    def enabled_in(self, menu: str) -> list[tuple[str, QAction]]:
        """Return ids and actions of a menu (without its submenus) that can be done now."""
        self.refresh()
        found = [(entry.id, self.actions[entry.id]) for entry in actions() if entry.menu.startswith(f"{menu}/")]
        return [(id_, action) for id_, action in found if action.isEnabled()]

    def _words_about(self, entry: Action) -> tuple[str, ...]:
        """Return what else an action is found by, in every language: the menu in which it stands, and its sentence."""
        menu = entry.menu.split("/")[0].split(".")[0]
        keys = [key for key in (f"menu.{menu}", entry.tip) if has(key)]
        return tuple(_plain(word(key, lang)) for key in keys for lang in ("zh", "en"))

    def _make(self, entry: Action) -> QAction:
        qt = QAction(self._window)
        qt.setObjectName(entry.id)
        self._appearance.say(qt.setText, entry.word)
        if has(entry.tip):
            self._appearance.say(qt.setStatusTip, entry.tip)
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

    def _say_tips(self) -> None:
        """Let every tip tell the name, the keys and what it does."""
        for entry in actions():
            qt, told = self.actions[entry.id], self._appearance.word
            keys = qt.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            name = told(entry.word).rstrip("…. ")
            sentence = told(entry.tip) if has(entry.tip) else ""
            qt.setToolTip(plain_tip(f"{name}  {keys}".rstrip() + (f"\n{sentence}" if sentence else "")))

    def _on_triggered(self, entry: Action, _: bool = False) -> None:
        try:
            self._targets[entry.id](*([entry.argument] if entry.argument else []))
        except Exception as error:  # every failure of a request is a notice, never the end of the window
            self._session.fail(error)
        self.refresh()

    def _fill_menus(self) -> None:
        bar = self._window.menuBar()
        used = {entry.menu.partition("/")[0].partition(".")[0] for entry in actions()}
        for name in MENUS:
            if name not in used:
                continue
            menu = QMenu(bar)
            bar.addMenu(menu)
            self._appearance.say(menu.setTitle, f"menu.{name}")
            menu.aboutToShow.connect(self.refresh)
            self.menus[name] = menu
        for inner in submenus():
            menu = QMenu(self._window)
            self._appearance.say(menu.setTitle, f"menu.{inner.path}")
            self._appearance.paint(menu.menuAction().setIcon, inner.icon)
            self.menus[inner.path] = menu
        placed = {inner.path for inner in submenus() if inner.after or inner.before}
        last: dict[str, str] = {}
        for entry in actions():
            place, _, group = entry.menu.partition("/")
            if not place:
                continue
            menu, above = self.menus[place], place.partition(".")[0]
            is_inner = place != above and place not in placed
            host = above if is_inner else place
            if last.get(host, group) != group:
                self.menus[host].addSeparator()
            if is_inner and place not in last:
                self.menus[host].addMenu(menu)
            last[host] = last[place] = group
            menu.addAction(self.actions[entry.id])
            for inner in submenus():
                if inner.after == entry.id:
                    menu.addMenu(self.menus[inner.path])
        self._insert_submenus()
        sets: dict[str, QActionGroup] = {}
        for entry in actions():
            if entry.exclusive:
                sets.setdefault(entry.exclusive, QActionGroup(self)).addAction(self.actions[entry.id])

    def _insert_submenus(self) -> None:
        """Put those submenus into their places that stand before an action."""
        inserted = [inner for inner in submenus() if inner.before]
        for inner in inserted:
            menu = self.menus[inner.path.partition(".")[0]]
            menu.insertMenu(self.actions[inner.before], self.menus[inner.path])
        for id_ in {inner.before: None for inner in inserted}:
            self.menus[id_.partition(".")[0]].insertSeparator(self.actions[id_])

    def _fill_tools(self) -> QToolBar:
        bar = QToolBar(self._window)
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        self._appearance.say(bar.setWindowTitle, "window.tools")
        group = 0
        for entry in sorted((entry for entry in actions() if entry.tools), key=lambda entry: entry.tools):
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


def target_of(entry: Action, features: Mapping[str, object]) -> Callable[..., object]:
    """Return what an action calls: a method of a feature (or of a feature's class).

    Raises
    ------
    LookupError
        There is no such feature, or it has no such method.
    """
    feature, _, method = entry.run.partition(":")
    target = getattr(features.get(feature), method, None)
    if not callable(target):
        raise LookupError(f"action {entry.id!r} calls {entry.run!r}, which is not there")
    found: Callable[..., object] = target
    return found


def _plain(text: str) -> str:
    """Return a menu's word without its access key: ``"文件(&F)"`` → ``"文件"``."""
    return re.sub(r"\(&\w\)", "", text).replace("&", "")
