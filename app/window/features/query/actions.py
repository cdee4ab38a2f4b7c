"""Actions and panels of a topic: selecting, filtering, the attribute table, statistics."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import current_is, has_city, has_selection

ACTIONS: tuple[Action, ...] = (
    Action("layer.table", "table:open", "table", "layer/1", "F6",
           enabled=current_is("vector", "table", "model"), order=1),
    Action("query.identify", "query:select_by", "info", "query/1", "Q", enabled=has_city, argument="identify"),
    Action("query.rectangle", "query:select_by", "selection", "query/1", "R", tools=5, enabled=has_city,
           argument="rectangle"),
    Action("query.polygon", "query:select_by", "polygon", "query/1", "P", enabled=has_city, argument="polygon"),
    Action("query.radius", "query:select_by", "circle-dashed", "query/1", "C", enabled=has_city, argument="radius"),
    Action("query.freehand", "query:select_by", "scribble-loop", "query/1", enabled=has_city, argument="freehand"),
    Action("query.where", "query:select_where", "calculator", "query/2", "Ctrl+Shift+E", enabled=has_city),
    Action("query.near", "query:select_near", "target", "query/2", "Ctrl+Shift+L", enabled=has_city),
    Action("query.same", "query:select_same", "copy-simple", "query/3", enabled=has_selection),
    Action("query.grow", "query:grow", "arrows-out-simple", "query/3", enabled=has_selection),
    Action("query.invert", "query:invert", "swap", "query/3", "Ctrl+I", enabled=has_selection),
    Action("query.layer", "query:select_layer", "selection-all", "query/3", "Ctrl+A", enabled=has_city),
    Action("query.filter", "query:filter_layer", "funnel", "query/4", "Ctrl+Shift+J", enabled=has_city),
    Action("query.unfilter", "query:clear_filter", "funnel-simple", "query/4", enabled=has_city),
    Action("query.fill", "table:fill_column", "calculator", "query/4", enabled=has_city),
    Action("query.statistics", "statistics:open", "chart-bar", "query/5", "Ctrl+Shift+T", enabled=has_city),
    Action("query.find", "palette:open", "magnifying-glass", "query/5", enabled=has_city),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (
    Panel("properties", "list-bullets", "right", "Ctrl+3", order=3, tab=1),
    Panel("table", "table", "bottom", "Ctrl+6", order=6, tab=1),
    Panel("statistics", "chart-bar", "bottom", "", order=12, tab=2),
)
SUBMENUS: tuple[Submenu, ...] = ()
