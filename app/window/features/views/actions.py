"""Actions and panels of a topic: camera, saved views, flights, comparison, underground, annotations, pictures."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import (
    has_city,
    has_notes,
    has_paths,
    has_pits,
    has_selection,
    has_viewpoints,
    looks_through,
    sun_is_chosen,
)

ACTIONS: tuple[Action, ...] = (
    Action("file.snapshot", "snapshots:take", "camera", "file/3", "Ctrl+P", tools=4, enabled=has_city),
    Action("file.copy_picture", "snapshots:copy", "copy", "file/3", "Ctrl+Shift+C", enabled=has_city),
    Action("view.home", "navigation:home", "house", "view/1", "Home", tools=3, enabled=has_city),
    Action("view.top", "navigation:top", "map-trifold", "view/1", "T", tools=3, enabled=has_city),
    Action("view.north", "navigation:north", "compass", "view/1", "N", enabled=has_city),
    Action("view.zoom_in", "navigation:zoom_in", "magnifying-glass-plus", "view/2", "Ctrl+=; Ctrl++", enabled=has_city),
    Action("view.zoom_out", "navigation:zoom_out", "magnifying-glass-minus", "view/2", "Ctrl+-", enabled=has_city),
    Action("view.zoom_selection", "navigation:zoom_selection", "crosshair-simple", "view/2", "F", tools=3,
           enabled=has_selection),
    Action("view.save_viewpoint", "viewpoints:add", "bookmark-simple", "view/3", "Ctrl+B", enabled=has_city),
    Action("view.next", "viewpoints:next", "caret-right", "view/3", "PgDown", enabled=has_viewpoints),
    Action("view.last", "viewpoints:last", "caret-left", "view/3", "PgUp", enabled=has_viewpoints),
    Action("tour.open", "flights:open", "airplane-tilt", "view/4", "Ctrl+T", enabled=has_city),
    Action("tour.draw", "flights:draw", "pencil-line", enabled=has_city),
    Action("tour.along", "flights:along_selection", "path", enabled=has_selection),
    Action("tour.views", "flights:through_views", "camera", enabled=has_viewpoints),
    Action("tour.frames", "flights:write_frames", "film-strip", enabled=has_paths),
    Action("compare.open", "comparison:open", "columns", "view/4", "V", enabled=has_city),
    *(Action(f"compare.{mode}", "comparison:open", icon, enabled=has_city, argument=mode)
      for mode, icon in (("curtain", "circle-half"), ("blind", "square-half"), ("two", "columns"),
                         ("four", "grid-four"))),
    Action("below.toggle", "underground:toggle", "stack-simple", "view/5", "U", tools=5, enabled=has_city,
           checked=looks_through),
    Action("below.dig", "underground:dig", "arrow-line-down", "view/5", enabled=has_city),
    Action("below.fill", "underground:fill_all", "eraser", "view/5", enabled=has_pits),
    Action("sun.toggle", "sun:toggle", "sun", "view/5", enabled=has_city, checked=sun_is_chosen),
    Action("notes.open", "annotations:open", "note-pencil", "view/5", "A", tools=5, enabled=has_city),
    *(Action(f"notes.{kind}", "annotations:open", "note-pencil", enabled=has_city, argument=kind)
      for kind in ("text", "pin", "arrow", "line", "area", "freehand")),
    Action("notes.export", "annotations:export", "export", enabled=has_notes),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("viewpoints", "camera", "left", "Ctrl+2", order=2, tab=3),)
SUBMENUS: tuple[Submenu, ...] = ()
