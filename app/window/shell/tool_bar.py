"""The tool bar beside its actions: what the city is coloured by, the search field, language and theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolButton, QWidget

from app.actions import actions
from app.window.window_context import WindowContext

SEARCH_PX = 250


def add_colours(context: WindowContext) -> None:
    """Add the menu of what the city can be coloured by, if there is a choice."""
    commands = context.commands
    rows = [entry for entry in actions() if entry.exclusive == "colours"]
    commands.tool_bar.addSeparator()
    if not rows:
        return
    others = {entry.menu.partition("/")[0] for entry in actions() if entry.exclusive != "colours"}
    whole = {place for entry in rows if "." in (place := entry.menu.partition("/")[0])} - others
    menu = QMenu(context.window)
    above = rows[0].menu.partition("/")[0].partition(".")[0]
    shown: set[str] = set()
    for entry in rows:
        place = entry.menu.partition("/")[0]
        if place.partition(".")[0] != above:
            menu.addSeparator()
            above = place.partition(".")[0]
        if place not in whole:
            menu.addAction(commands.actions[entry.id])
        elif place not in shown:  # a menu of nothing else stands here as it does there
            menu.addMenu(commands.menus[place])
            shown.add(place)
    menu.aboutToShow.connect(commands.refresh)
    commands.add_tool_button("palette", "window.colour_by", menu)


def add_search(context: WindowContext, search: Callable[[], object], toggle_theme: Callable[[], object]) -> None:
    """Add what stands at the right end: the search field, the language, light and dark."""
    commands, appearance = context.commands, context.appearance
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    commands.tool_bar.addWidget(space)
    field = QToolButton()
    field.setObjectName("search")
    field.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    field.setMinimumWidth(SEARCH_PX)
    appearance.paint(field.setIcon, "magnifying-glass", "text_faint")
    appearance.say(field.setText, "window.search")
    field.clicked.connect(search)
    commands.tool_bar.addWidget(field)
    commands.add_tool_button("translate", "window.lang", commands.menus["view.lang"])
    look = QToolButton()
    look.setIconSize(commands.tool_bar.iconSize())
    appearance.say(look.setToolTip, "window.look")
    appearance.say(look.setAccessibleName, "window.look")
    appearance.look_changed.connect(lambda: appearance.paint(look.setIcon, "sun" if appearance.dark else "moon"))
    appearance.paint(look.setIcon, "sun" if appearance.dark else "moon")
    look.clicked.connect(toggle_theme)
    commands.tool_bar.addWidget(look)
