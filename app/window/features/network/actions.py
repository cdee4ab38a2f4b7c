"""Actions and panels of a topic: pipe networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_pipes, pipes_are_coloured_by, pipes_show, theme_is

if TYPE_CHECKING:
    from app.session import Session


def has_selected_pipes(session: Session) -> bool:
    """Whether a pipe or a node of a network is selected."""
    roles = {layer.id: layer.role for layer in session.project.state.layers}
    return any(roles.get(layer) in ("pipes", "pipe_nodes") for layer in session.selection.layers)


def has_two_selected(session: Session) -> bool:
    """Whether two objects are selected, of networks."""
    return len(session.selection.keys) == 2 and has_selected_pipes(session)


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
    Action("network.profile", "profile:pick_path", "chart-line", "network/4", enabled=has_pipes),
    Action("network.profile_outlet", "profile:to_outlet", "arrow-line-down", "network/4", enabled=has_selected_pipes),
    Action("network.profile_selected", "profile:between_selected", "path", "network/4", enabled=has_two_selected),
    Action("network.section", "profile:pick_section", "arrows-out-line-horizontal", "network/4", enabled=has_pipes),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("profile", "chart-line", "bottom", "", order=13, tab=4),)
SUBMENUS: tuple[Submenu, ...] = (Submenu("network.colours", "palette", after="pipes.view"),)
