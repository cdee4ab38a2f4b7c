"""Everything a person can do, as one table: menus, tool bar, command palette, keyboard, help and docs all read it.

``run`` names a use case as ``"module:function"`` (called with the session), a request to the window as
``"window:method"``, or a request to one of its parts as ``"model:method"`` (see ``app.window.part``). Words are
``action.<id>``; where ``action.<id>.tip`` exists it explains more. No Qt here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session

Condition = Callable[["Session"], bool]


def always(_: Session) -> bool:
    """Can be done at any time."""
    return True


def has_city(session: Session) -> bool:
    """Whether anything is open."""
    return bool(session.project.state.layers)


def has_table(session: Session) -> bool:
    """Whether there is a layer with a table of attributes."""
    return any(layer.kind in ("vector", "table") for layer in session.project.state.layers)


def has_raster(session: Session) -> bool:
    """Whether there is a raster from a file."""
    return any(layer.source.reader == "raster" for layer in session.project.state.layers)


def has_basemap(session: Session) -> bool:
    """Whether there is a base map of tiles."""
    return any(layer.source.reader == "basemap" for layer in session.project.state.layers)


def has_selection(session: Session) -> bool:
    """Whether anything is selected."""
    return bool(session.selection.keys)


def has_districts(session: Session) -> bool:
    """Whether there are units for which indicators can be computed."""
    return bool(session.project.state.with_role("districts"))


def has_facilities(session: Session) -> bool:
    """Whether there is a register of municipal components."""
    return bool(session.project.state.with_role("facilities"))


def has_server_layer(session: Session) -> bool:
    """Whether a layer came from a server."""
    return any("server_asked" in layer.source.options for layer in session.project.state.layers)


def has_cloud(session: Session) -> bool:
    """Whether there is a point cloud."""
    return any(layer.kind == "cloud" for layer in session.project.state.layers)


def has_model(session: Session) -> bool:
    """Whether there is a building model."""
    return any(layer.kind == "model" for layer in session.project.state.layers)


def has_lods(session: Session) -> bool:
    """Whether there is a city model with several levels of detail."""
    return any(
        layer.kind == "model" and len(getattr(session.project.data.get(layer.id), "info", {}).get("lods") or ()) > 1
        for layer in session.project.state.layers
    )


def has_model_selection(session: Session) -> bool:
    """Whether something of a building model is selected."""
    models = {layer.id for layer in session.project.state.layers if layer.kind == "model"}
    return any(layer in models for layer in session.selection.layers)


def has_placed_model(session: Session) -> bool:
    """Whether a building model stands where a person put it."""
    return any(layer.place is not None for layer in session.project.state.layers)


def has_hidden(session: Session) -> bool:
    """Whether anything of the models is hidden or faded, or the ground is looked through."""
    return session.look.through is not None or any(look.hidden or look.ghost for look in session.look.elements.values())


def has_colours(session: Session) -> bool:
    """Whether models are coloured by a property."""
    return any(look.colours for look in session.look.elements.values())


def has_cut(session: Session) -> bool:
    """Whether anything is cut away, or storeys are drawn apart."""
    cut = session.look.cut
    return bool(cut.planes or cut.box) or any(look.lift_m for look in session.look.elements.values())


def has_topics(session: Session) -> bool:
    """Whether there is anything to talk about."""
    return bool(session.project.state.topics)


def has_viewpoints(session: Session) -> bool:
    """Whether there are saved views."""
    return bool(session.project.state.viewpoints)


def has_layer_themes(session: Session) -> bool:
    """Whether there are themes of layers."""
    return bool(session.project.state.layer_themes)


def has_paths(session: Session) -> bool:
    """Whether there is a path to fly along."""
    return bool(session.project.state.paths)


def has_pits(session: Session) -> bool:
    """Whether the ground is dug away somewhere."""
    return bool(session.project.state.pits)


def has_notes(session: Session) -> bool:
    """Whether anything is written into the city."""
    return bool(session.project.state.notes)


def looks_through(session: Session) -> bool:
    """Whether the ground is looked through."""
    return session.look.through is not None


def can_undo(session: Session) -> bool:
    """Whether there is a change to take back."""
    return bool(session.history.undo_label)


def can_redo(session: Session) -> bool:
    """Whether there is a change to do again."""
    return bool(session.history.redo_label)


def theme_is(kind: str) -> Condition:
    """Return whether the city is coloured in this way."""
    return lambda session: session.project.state.theme.kind == kind


def indicator_is(code: str) -> Condition:
    """Return whether this indicator colours the city."""
    return lambda session: theme_is("indicator")(session) and session.project.state.theme.indicator == code


def look_is(name: str) -> Condition:
    """Return whether the window wears this theme."""
    return lambda session: session.settings.get("theme") == name


def lang_is(lang: str) -> Condition:
    """Return whether this language is spoken."""
    return lambda session: session.lang == lang


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    Parameters
    ----------
    id : str
        ``"file.open"``; its word is ``action.file.open``.
    run : str
        ``"module:function"`` or ``"window:method"``; ``argument`` is handed on where there is one.
    icon : str
        Name in the icon family, empty for none.
    menu : str
        Menu and group in it: ``"file/1"``; of a submenu ``"model.check/7"``, the group being its own in the menu above;
        empty for the palette alone.
    shortcut : str
        Portable keys, several apart by ``"; "``.
    tools : int
        Group in the tool bar, 0 for none.
    enabled : callable
        Whether it can be done now.
    checked : callable or None
        Whether it is on, for those that are switched.
    argument : str
    """

    id: str
    run: str
    icon: str = ""
    menu: str = ""
    shortcut: str = ""
    tools: int = 0
    enabled: Condition = always
    checked: Condition | None = None
    argument: str = ""

    @property
    def word(self) -> str:
        """Return the word key of its name."""
        return f"action.{self.id}"

    @property
    def tip(self) -> str:
        """Return the word key of its explanation, which need not exist."""
        return f"action.{self.id}.tip"


#: Menus in their order; ``menu.<name>`` is their word.
MENUS = ("file", "edit", "view", "layer", "query", "model", "facilities", "health", "help")
#: Panels: id → (icon, area, keys). ``panel.<id>`` is their word.
PANELS: dict[str, tuple[str, str, str]] = {
    "layers": ("stack", "left", "Ctrl+1"),
    "viewpoints": ("camera", "left", "Ctrl+2"),
    "properties": ("list-bullets", "right", "Ctrl+3"),
    "facilities": ("traffic-sign", "right", "Ctrl+4"),
    "health": ("heartbeat", "right", "Ctrl+5"),
    "table": ("table", "bottom", "Ctrl+6"),
    "messages": ("chat-text", "bottom", "Ctrl+7"),
    "model": ("tree-structure", "left", "Ctrl+8"),
    "checks": ("clipboard-text", "right", "Ctrl+9"),
    "topics": ("chats", "right", "Ctrl+0"),
    "style": ("paint-brush", "right", ""),
    "statistics": ("chart-bar", "bottom", ""),
}
#: The indicators that stand in the menu; ``indicator.<code>.short`` is their word.
INDICATORS = ("HC25-25", "HC25-22", "HC25-35", "HC25-58", "HC21-49")

ACTIONS: tuple[Action, ...] = (
    Action("file.new", "window:new_project", "file-plus", "file/1", "Ctrl+N"),
    Action("file.open", "window:open_project", "folder-open", "file/1", "Ctrl+O", tools=1),
    Action("file.add", "window:add_files", "folder-plus", "file/1", "Ctrl+Shift+O", tools=1),
    Action("file.add_folder", "importing:open_folder", "", "file/1"),
    Action("file.sample", "window:open_sample", "buildings", "file/1"),
    Action("file.save", "window:save_project", "floppy-disk", "file/2", "Ctrl+S", tools=1, enabled=has_city),
    Action("file.save_as", "window:save_project_as", "", "file/2", "Ctrl+Shift+S", enabled=has_city),
    Action("file.snapshot", "window:take_snapshot", "camera", "file/3", "Ctrl+P", tools=4, enabled=has_city),
    Action("file.quit", "window:close", "sign-out", "file/9", "Ctrl+Q"),
    Action("edit.undo", "window:undo", "arrow-u-up-left", "edit/1", "Ctrl+Z", tools=2, enabled=can_undo),
    Action("edit.redo", "window:redo", "arrow-u-up-right", "edit/1", "Ctrl+Shift+Z; Ctrl+Y", tools=2, enabled=can_redo),
    Action("edit.select_none", "window:select_none", "selection-slash", "edit/2", "Esc", enabled=has_selection),
    Action("edit.palette", "window:open_palette", "magnifying-glass", "edit/3", "Ctrl+K; Ctrl+Shift+P"),
    Action("view.home", "window:view_home", "house", "view/1", "Home", tools=3, enabled=has_city),
    Action("view.top", "window:view_top", "map-trifold", "view/1", "T", tools=3, enabled=has_city),
    Action("view.north", "window:view_north", "compass", "view/1", "N", enabled=has_city),
    Action("view.zoom_in", "window:zoom_in", "magnifying-glass-plus", "view/2", "Ctrl+=; Ctrl++", enabled=has_city),
    Action("view.zoom_out", "window:zoom_out", "magnifying-glass-minus", "view/2", "Ctrl+-", enabled=has_city),
    Action("view.zoom_selection", "window:zoom_selection", "crosshair-simple", "view/2", "F", tools=3,
           enabled=has_selection),
    Action("view.save_viewpoint", "window:add_viewpoint", "bookmark-simple", "view/3", "Ctrl+B", enabled=has_city),
    Action("view.next", "tour:next_view", "caret-right", "view/3", "PgDown", enabled=has_viewpoints),
    Action("view.last", "tour:last_view", "caret-left", "view/3", "PgUp", enabled=has_viewpoints),
    Action("themes.save", "themes:save", "bookmark-simple", "view/3", enabled=has_city),
    Action("themes.manage", "themes:manage", "stack", "view/3", enabled=has_layer_themes),
    Action("themes.next", "themes:next", "", "", "Ctrl+PgDown", enabled=has_layer_themes),
    Action("themes.last", "themes:last", "", "", "Ctrl+PgUp", enabled=has_layer_themes),
    Action("tour.open", "tour:open", "airplane-tilt", "view/4", "Ctrl+T", enabled=has_city),
    Action("tour.draw", "tour:draw", "pencil-line", enabled=has_city),
    Action("tour.along", "tour:along_selection", "path", enabled=has_selection),
    Action("tour.views", "tour:through_views", "camera", enabled=has_viewpoints),
    Action("tour.frames", "tour:write_frames", "film-strip", enabled=has_paths),
    Action("compare.open", "compare:open", "columns", "view/4", "V", enabled=has_city),
    *(Action(f"compare.{mode}", "compare:open", icon, enabled=has_city, argument=mode)
      for mode, icon in (("curtain", "circle-half"), ("blind", "square-half"), ("two", "columns"),
                         ("four", "grid-four"))),
    Action("below.toggle", "underground:toggle", "stack-simple", "view/5", "U", tools=5, enabled=has_city,
           checked=looks_through),
    Action("below.dig", "underground:dig", "arrow-line-down", "view/5", enabled=has_city),
    Action("below.fill", "underground:fill_all", "eraser", "view/5", enabled=has_pits),
    Action("notes.open", "notes:open", "note-pencil", "view/5", "A", tools=5, enabled=has_city),
    *(Action(f"notes.{kind}", "notes:open", "note-pencil", enabled=has_city, argument=kind)
      for kind in ("text", "pin", "arrow", "line", "area", "freehand")),
    Action("notes.export", "notes:export", "export", enabled=has_notes),
    Action("view.full_screen", "window:toggle_full_screen", "arrows-out", "view/6", "F11"),
    Action("view.theme.light", "window:set_look", "sun", "view.theme/1", checked=look_is("light"), argument="light"),
    Action("view.theme.dark", "window:set_look", "moon", "view.theme/1", checked=look_is("dark"), argument="dark"),
    Action("view.theme.system", "window:set_look", "desktop", "view.theme/1", checked=look_is("system"),
           argument="system"),
    Action("view.lang.zh", "window:set_lang", "", "view.lang/1", checked=lang_is("zh"), argument="zh"),
    Action("view.lang.en", "window:set_lang", "", "view.lang/1", checked=lang_is("en"), argument="en"),
    Action("layer.zoom", "window:zoom_layer", "arrows-out", "layer/1", enabled=has_city),
    Action("layer.table", "window:open_table", "table", "layer/1", enabled=has_city),
    Action("layer.rename", "window:rename_layer", "pencil-simple", "layer/2", "F2", enabled=has_city),
    Action("layer.style", "window:style_layer", "paint-brush", "layer/2", enabled=has_city),
    *(Action(f"cloud.by.{way}", "cloud:colour_by", "", "layer.cloud/2", enabled=has_cloud, argument=way)
      for way in ("colour", "class", "height", "intensity")),
    Action("layer.server", "servers:ask", "database", "layer/1"),
    Action("layer.refresh", "servers:refresh_layer", "arrows-clockwise", "layer/1", enabled=has_server_layer),
    Action("layer.export", "exporting:ask", "export", "layer/2", "Ctrl+E", enabled=has_city),
    Action("layer.cim", "cim:ask", "cube", "layer/2", enabled=has_city),
    Action("layer.join", "importing:join", "link", "layer/2", enabled=has_table),
    Action("layer.read_again", "importing:read_again", "arrow-clockwise", "layer/2", enabled=has_city),
    Action("layer.raster", "rasters:open_settings", "sliders-horizontal", "layer/2", enabled=has_raster),
    Action("layer.overviews", "rasters:build_overviews", "stack", enabled=has_raster),
    Action("layer.basemap", "basemaps:add", "map-trifold", "layer/4", enabled=has_city),
    Action("layer.basemap_offline", "basemaps:fetch_area", "download-simple", "layer/4", enabled=has_basemap),
    Action("layer.lod", "lods:choose", "stack", "layer/2", enabled=has_lods),
    Action("layer.crs", "doctor:open", "globe-hemisphere-east", "layer/2", enabled=has_city),
    Action("layer.frame", "doctor:change_frame", "", "layer/2", enabled=has_city),
    Action("layer.remove", "window:remove_layer", "trash", "layer/3", enabled=has_city),
    Action("query.identify", "ask:select_by", "info", "query/1", "Q", enabled=has_city, argument="identify"),
    Action("query.rectangle", "ask:select_by", "selection", "query/1", "R", tools=5, enabled=has_city,
           argument="rectangle"),
    Action("query.polygon", "ask:select_by", "polygon", "query/1", "P", enabled=has_city, argument="polygon"),
    Action("query.radius", "ask:select_by", "circle-dashed", "query/1", "C", enabled=has_city, argument="radius"),
    Action("query.freehand", "ask:select_by", "scribble-loop", "query/1", enabled=has_city, argument="freehand"),
    Action("query.where", "ask:select_where", "calculator", "query/2", "Ctrl+Shift+E", enabled=has_city),
    Action("query.near", "ask:select_near", "target", "query/2", "Ctrl+Shift+L", enabled=has_city),
    Action("query.same", "ask:select_same", "copy-simple", "query/3", enabled=has_selection),
    Action("query.grow", "ask:grow", "arrows-out-simple", "query/3", enabled=has_selection),
    Action("query.invert", "ask:invert", "swap", "query/3", "Ctrl+I", enabled=has_selection),
    Action("query.layer", "ask:select_layer", "selection-all", "query/3", "Ctrl+A", enabled=has_city),
    Action("query.filter", "ask:filter_layer", "funnel", "query/4", "Ctrl+Shift+J", enabled=has_city),
    Action("query.unfilter", "ask:clear_filter", "funnel-simple", "query/4", enabled=has_city),
    Action("query.fill", "ask:fill_column", "calculator", "query/4", enabled=has_city),
    Action("query.statistics", "ask:open_statistics", "chart-bar", "query/5", "Ctrl+Shift+T", enabled=has_city),
    Action("query.find", "window:open_palette", "magnifying-glass", "query/5", enabled=has_city),
    Action("model.browse", "model:open_browser", "tree-structure", "model/1", enabled=has_model),
    Action("model.find", "model:find", "magnifying-glass", "model/1", "Ctrl+F", enabled=has_model),
    Action("model.isolate", "model:isolate", "selection-all", "model/2", "I", enabled=has_model_selection),
    Action("model.hide", "model:hide", "eye-slash", "model/2", "H", enabled=has_model_selection),
    Action("model.ghost", "model:ghost_rest", "ghost", "model/2", "G", enabled=has_model_selection),
    Action("model.show_all", "model:show_all", "eye", "model/2", "Shift+H", enabled=has_hidden),
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
    Action("model.place", "place:start", "map-pin-line", "model/7", enabled=has_model),
    Action("model.unplace", "place:reset", "arrow-counter-clockwise", "model/7", enabled=has_placed_model),
    Action("model.where", "place:show_place", "globe-hemisphere-east", "model/7", enabled=has_model),
    Action("model.place_copy", "place:write_copy", "file-arrow-down", "model/7", enabled=has_model),
    Action("model.facts", "facts:take", "table", "model/7", enabled=has_model),
    Action("checks.quality", "checks:open_kind", "clipboard-text", "model.check/7", enabled=has_model,
           argument="quality"),
    Action("checks.ids", "checks:open_kind", "checks", "model.check/7", enabled=has_model, argument="ids"),
    Action("checks.clash", "checks:open_kind", "intersect", "model.check/7", enabled=has_model, argument="clash"),
    Action("checks.diff", "checks:open_kind", "git-diff", "model.check/7", enabled=has_model, argument="diff"),
    Action("checks.next", "checks:next_finding", "caret-down", "model.check/7", "F4", enabled=has_model),
    Action("checks.back", "checks:last_finding", "caret-up", "model.check/7", "Shift+F4", enabled=has_model),
    Action("theme.plain", "window:theme_plain", "circle-half", "facilities/1", enabled=has_city,
           checked=theme_is("plain")),
    Action("theme.facilities", "window:theme_facilities", "traffic-sign", "facilities/1", "Ctrl+Shift+F",
           enabled=has_facilities, checked=theme_is("facilities")),
    Action("facilities.faulty", "window:list_faulty", "warning-circle", "facilities/2", enabled=has_facilities),
    Action("topics.new", "topics:new", "chats", "model.topics/7", "Ctrl+Shift+N", enabled=has_city),
    Action("topics.import", "topics:bring", "download-simple", "model.topics/7"),
    Action("topics.export", "topics:send", "export", "model.topics/7", enabled=has_topics),
    Action("health.compute", "window:compute_indicators", "calculator", "health/1", "F5", enabled=has_districts),
    *(Action(f"health.show.{code}", "window:theme_indicator", "chart-bar", "health/2", enabled=has_districts,
             checked=indicator_is(code), argument=code) for code in INDICATORS),
    Action("health.export", "window:export_indicators", "download-simple", "health/3", enabled=has_districts),
    Action("help.keys", "window:show_keys", "keyboard", "help/1", "F1"),
    Action("help.doctor", "window:show_doctor", "first-aid-kit", "help/1"),
    Action("help.about", "window:show_about", "info", "help/2"),
)  # fmt: skip


def action(id_: str) -> Action:
    """Return an action by id."""
    return next(entry for entry in ACTIONS if entry.id == id_)
