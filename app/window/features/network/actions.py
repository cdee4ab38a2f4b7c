"""Actions and panels of a topic: pipe networks."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_pipes, pipes_are_coloured_by, pipes_show, theme_is

_COLOURS = {"material": "stack", "age": "calendar-blank", "cover": "ruler", "diameter": "circle",
            "load": "gauge", "state": "warning-circle"}  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    Action("pipes.view", "pipe_view:open", "flow-arrow", "network/1", "Ctrl+Shift+U", enabled=has_pipes),
    Action("pipes.by.standard", "pipe_view:standard", "flow-arrow", "network.colours/1", enabled=has_pipes,
           checked=theme_is("plain")),
    *(Action(f"pipes.by.{name}", "pipe_view:colour_by", icon, "network.colours/1", enabled=has_pipes,
             checked=pipes_are_coloured_by(name), argument=name, exclusive="colours")
      for name, icon in _COLOURS.items()),
    *(Action(f"pipes.{name}", "pipe_view:switch", icon, "network/1", enabled=has_pipes, checked=pipes_show(name),
             argument=name)
      for name, icon in (("labels", "text-aa"), ("arrows", "arrow-right"), ("tints", "palette"))),
)  # fmt: skip
PANELS: tuple[Panel, ...] = ()
SUBMENUS: tuple[Submenu, ...] = (Submenu("network.colours", "palette", after="pipes.view"),)
