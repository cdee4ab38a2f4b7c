"""Actions and panels of a topic: pipe networks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import has_hydraulic_model, has_pipes, pipes_are_coloured_by, pipes_show, theme_is

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
_TRACES = {"up": "arrow-circle-up", "down": "arrow-circle-down", "outlet": "sign-out", "path": "path",
           "connected": "share-network"}  # fmt: skip

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
    Action("network.report", "network:open_report", "git-fork", "network/2", enabled=has_pipes),
    *(Action(f"network.{what}", "network:begin", icon, "network.trace/2", enabled=has_pipes, argument=what)
      for what, icon in _TRACES.items()),
    Action("network.isolate", "network:begin", "drop-half", "network/2", enabled=has_pipes, argument="isolate"),
    Action("network.closed", "network:begin", "prohibit", "network/2", enabled=has_pipes, argument="closed"),
    Action("network.clear", "network:clear", "eraser", "network/2", enabled=has_pipes),
    Action("network.profile", "profile:pick_path", "chart-line", "network/4", enabled=has_pipes),
    Action("network.profile_outlet", "profile:to_outlet", "arrow-line-down", "network/4", enabled=has_selected_pipes),
    Action("network.profile_selected", "profile:between_selected", "path", "network/4", enabled=has_two_selected),
    Action("network.section", "profile:pick_section", "arrows-out-line-horizontal", "network/4", enabled=has_pipes),
    Action("simulation.open", "simulation:open", "waves", "network/6", order=1),
    Action("simulation.check", "simulation:check", "checks", "network/6", enabled=has_hydraulic_model, order=2),
    Action("simulation.run", "simulation:run", "play", "network/6", enabled=has_hydraulic_model, order=3),
    Action("simulation.save", "simulation:save_as", "floppy-disk", "network/6", enabled=has_hydraulic_model, order=4),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (
    Panel("network", "git-fork", "right", "Ctrl+Shift+W", order=14, tab=7, at_first=False),
    Panel("profile", "chart-line", "bottom", "", order=13, tab=4),
    Panel("simulation", "waves", "right", "", order=15, tab=8, at_first=False),
)
SUBMENUS: tuple[Submenu, ...] = (
    Submenu("network.trace", "path", after="network.report"),
    Submenu("network.colours", "palette", after="pipes.view"),
)
