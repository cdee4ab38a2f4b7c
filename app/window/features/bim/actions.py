"""Actions and panels of a topic: the model browser, sections, storeys, measuring, facts, levels of detail."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import (
    has_city,
    has_colours,
    has_cut,
    has_hidden,
    has_lods,
    has_model,
    has_model_selection,
    has_rooms,
    meets,
    shows_rooms,
)

ACTIONS: tuple[Action, ...] = (
    Action("layer.lod", "lods:choose", "stack", "layer/6",
           enabled=meets(has_lods, lambda layer: layer.kind == "model")),
    Action("layer.cim", "cim:ask", "cube", "layer/4", enabled=has_city, order=1),
    Action("model.browse", "model:open_browser", "tree-structure", "model/1", enabled=has_model),
    Action("model.find", "model:find", "magnifying-glass", "model/1", "Ctrl+F", enabled=has_model),
    Action("model.isolate", "model:isolate", "selection-all", "model/2", "I", enabled=has_model_selection),
    Action("model.hide", "model:hide", "eye-slash", "model/2", "H", enabled=has_model_selection),
    Action("model.ghost", "model:ghost_rest", "ghost", "model/2", "G", enabled=has_model_selection),
    Action("model.show_all", "model:show_all", "eye", "model/2", "Shift+H", enabled=has_hidden),
    Action("model.rooms", "model:toggle_rooms", "bounding-box", "view/5", enabled=has_rooms, checked=shows_rooms),
    Action("model.alike.class", "model:select_alike", "copy-simple", "model.select/3", enabled=has_model_selection,
           argument="ifc_class"),
    Action("model.alike.type", "model:select_alike", "", "model.select/3", enabled=has_model_selection,
           argument="type_name"),
    Action("model.alike.storey", "model:select_alike", "", "model.select/3", enabled=has_model_selection,
           argument="storey"),
    Action("model.rules", "model:open_rules", "funnel", "model.select/3", enabled=has_model),
    Action("model.save_set", "model:save_selection", "bookmark-simple", "model.select/3", enabled=has_model_selection),
    Action("model.colour", "model:colour_by", "palette", "model/4", enabled=has_model),
    Action("model.colour_none", "model:clear_colours", "eraser", "model/4", enabled=has_colours),
    Action("cut.open", "section:open_section", "scissors", "model/5", "X", tools=5, enabled=has_city),
    Action("cut.box", "section:box_selection", "bounding-box", "model/5", "B", enabled=has_city),
    Action("cut.storeys", "section:open_storeys", "stack", "model/5", "L", tools=5, enabled=has_model),
    Action("cut.clear", "section:clear", "cube", "model/5", "Shift+X", enabled=has_cut),
    Action("measure.open", "section:open_measure", "ruler", "model/6", "M", tools=5, enabled=has_city),
    Action("measure.clear", "section:clear_measures", "eraser", "model/6", enabled=has_city),
    *(Action(f"cut.{axis}", "section:open_section", "square-half", enabled=has_city, argument=axis)
      for axis in ("x", "y", "z")),
    *(Action(f"measure.{kind}", "section:open_measure", "ruler", enabled=has_city, argument=kind)
      for kind in ("point", "distance", "polyline", "area", "angle", "volume", "profile", "ground_area", "earthwork")),
    Action("model.facts", "facts:take", "table", "model/7", enabled=has_model, order=1),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("model", "tree-structure", "left", "Ctrl+8", order=8, tab=2),)
SUBMENUS: tuple[Submenu, ...] = (Submenu("model.select", "cursor"),)
