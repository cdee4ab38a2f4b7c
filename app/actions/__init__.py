"""Everything a person can do, as one table: menus, tool bar, command palette, keyboard, help and docs all read it.

A feature of the window brings its own rows (``app/window/features/<topic>/actions.py``); those of the window's frame
are here, one module a menu. The table is put together on first use. No Qt here: command line and docs read it too.
"""

from __future__ import annotations

import functools
from typing import Protocol, cast

from app.actions import edit, view
from app.actions import help as help_menu
from app.actions.action import Action, Panel, Submenu
from app.window.features import registry

#: Menus in their order; ``menu.<name>`` is their word. One without an entry is not shown.
MENUS = (
    "file", "edit", "view", "layer", "query", "model", "facilities", "network", "operations", "health", "review",
    "help",
)  # fmt: skip


class Contribution(Protocol):
    """What the ``actions.py`` of a topic holds."""

    ACTIONS: tuple[Action, ...]
    PANELS: tuple[Panel, ...]
    SUBMENUS: tuple[Submenu, ...]


@functools.cache
def actions() -> tuple[Action, ...]:
    """Return all actions, menu by menu and group by group; one without a menu follows the row before it."""
    keyed: list[tuple[tuple[int, int, int], Action]] = []
    for rows in (edit.ACTIONS, *(topic.ACTIONS for topic in _contributions()), view.ACTIONS, help_menu.ACTIONS):
        place = (len(MENUS), 0, 0)
        for row in rows:
            if row.menu:
                path, _, group = row.menu.partition("/")
                place = (MENUS.index(path.partition(".")[0]), int(group), row.order)
            keyed.append((place, row))
    keyed.sort(key=lambda pair: pair[0])
    return tuple(row for _, row in keyed)


@functools.cache
def panels() -> dict[str, Panel]:
    """Return all panels by name, in the order of the menu of panels."""
    found = [view.MESSAGES, *(panel for topic in _contributions() for panel in topic.PANELS)]
    return {panel.name: panel for panel in sorted(found, key=lambda panel: panel.order)}


@functools.cache
def submenus() -> tuple[Submenu, ...]:
    """Return the menus within menus."""
    return (*edit.SUBMENUS, *view.SUBMENUS, *(menu for topic in _contributions() for menu in topic.SUBMENUS))


def _contributions() -> list[Contribution]:
    return [cast("Contribution", module) for module in registry.modules("actions")]
