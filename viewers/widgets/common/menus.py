"""Menus that are put together when they are asked for: entries with icon, word, keys and what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from viewers.widgets.common.appearance import Appearance


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a menu.

    Parameters
    ----------
    key : str
        Word key.
    act : callable
    icon : str
        Name in the icon family, empty for none.
    on : bool
        Whether it can be done now.
    keys : str
        Portable keys, shown only: who has the focus answers them.
    checked : bool or None
        Whether it is ticked; None for what is not switched.
    """

    key: str
    act: Callable[[], object]
    icon: str = ""
    on: bool = True
    keys: str = ""
    checked: bool | None = None


def menu_of(appearance: Appearance, parent: QWidget, entries: Iterable[Entry | QAction | QMenu | None]) -> QMenu:
    """Return a menu; None separates groups, of which empty ones leave nothing behind."""
    menu = QMenu(parent)
    wants_line = False
    for entry in entries:
        if entry is None:
            wants_line = not menu.isEmpty()
            continue
        if wants_line:
            menu.addSeparator()
            wants_line = False
        if isinstance(entry, QMenu):
            entry.setParent(menu, entry.windowFlags())
            menu.addMenu(entry)
        elif isinstance(entry, QAction):
            if entry.parent() is None:
                entry.setParent(menu)
            menu.addAction(entry)
        else:
            _add(appearance, menu, entry)
    return menu


def _add(appearance: Appearance, menu: QMenu, entry: Entry) -> None:
    made = menu.addAction(appearance.word(entry.key))
    if entry.icon:
        made.setIcon(appearance.icon(entry.icon))
    made.setObjectName(entry.key)
    made.triggered.connect(lambda _=False: entry.act())
    made.setEnabled(entry.on)
    if entry.checked is not None:
        made.setCheckable(True)
        made.setChecked(entry.checked)
    if entry.keys:
        made.setShortcut(QKeySequence(entry.keys))
        made.setShortcutVisibleInContextMenu(True)
