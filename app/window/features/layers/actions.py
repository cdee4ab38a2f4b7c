"""Actions and panels of a topic: the list of layers, import and export, rasters, base maps, themes of layers."""

from __future__ import annotations

from app.actions.action import Action, Panel, Submenu
from app.actions.conditions import (
    current_is,
    has_basemap,
    has_city,
    has_current_layer,
    has_groups,
    has_layer_themes,
    has_raster,
    has_server_layer,
    has_table,
    meets,
)

_TABLES = ("vector", "table")
_RASTER = meets(has_raster, lambda layer: layer.source.reader == "raster")

ACTIONS: tuple[Action, ...] = (
    Action("file.add_folder", "importing:open_folder", "", "file/1", order=1),
    Action("layer.zoom", "layers:zoom_layer", "arrows-out", "layer/1", enabled=has_current_layer),
    Action("layer.info", "layers:show_info", "info", "layer/1", enabled=has_current_layer, order=2),
    Action("layer.rename", "layers:rename", "pencil-simple", "layer/2", "F2", enabled=has_city),
    Action("layer.group", "layers:make_group", "folder-simple-plus", "layer/8", enabled=has_city),
    Action("layer.top", "layers:to_top", "arrow-line-up", "layer/8", enabled=has_current_layer),
    Action("layer.bottom", "layers:to_bottom", "arrow-line-down", "layer/8", enabled=has_current_layer),
    Action("layer.only", "layers:show_only", "eye", "layer/8", enabled=has_current_layer),
    Action("layer.unfold", "layers:unfold_all", "arrows-out-line-vertical", "layer/8", enabled=has_groups),
    Action("layer.fold", "layers:fold_all", "arrows-in-line-vertical", "layer/8", enabled=has_groups),
    *(Action(f"cloud.by.{way}", "point_clouds:colour_by", "", "layer.cloud/2", enabled=current_is("cloud"),
             argument=way, order=2)
      for way in ("colour", "class", "height", "intensity")),
    Action("layer.server", "servers:ask", "database", "layer/3"),
    Action("layer.refresh", "servers:refresh_layer", "arrows-clockwise", "layer/3",
           enabled=meets(has_server_layer, lambda layer: "server_asked" in layer.source.options)),
    Action("layer.export", "exporting:ask", "export", "layer/4", "Ctrl+E", enabled=has_city),
    Action("layer.join", "importing:join", "link", "layer/4",
           enabled=meets(has_table, lambda layer: layer.kind in _TABLES), order=2),
    Action("layer.read_again", "importing:read_again", "arrow-clockwise", "layer/4",
           enabled=meets(has_city, lambda layer: bool(layer.source.path or "origin" in layer.source.options)), order=2),
    Action("layer.raster", "rasters:open_settings", "sliders-horizontal", "layer/4", enabled=_RASTER, order=2),
    Action("layer.overviews", "rasters:build_overviews", "stack", enabled=_RASTER),
    Action("layer.basemap", "basemaps:add", "map-trifold", "layer/5", enabled=has_city),
    Action("layer.basemap_offline", "basemaps:fetch_area", "download-simple", "layer/5",
           enabled=meets(has_basemap, lambda layer: layer.source.reader == "basemap")),
    Action("layer.remove", "layers:remove_layer", "trash", "layer/9", enabled=has_current_layer),
    Action("themes.save", "layer_themes:save", "bookmark-simple", "view/3", enabled=has_city, order=1),
    Action("themes.manage", "layer_themes:manage", "stack", "view/3", enabled=has_layer_themes, order=1),
    Action("themes.next", "layer_themes:next", "", "", "Ctrl+PgDown", enabled=has_layer_themes),
    Action("themes.last", "layer_themes:last", "", "", "Ctrl+PgUp", enabled=has_layer_themes),
)  # fmt: skip
PANELS: tuple[Panel, ...] = (Panel("layers", "stack", "left", "Ctrl+1", order=1, tab=1),)
SUBMENUS: tuple[Submenu, ...] = (Submenu("layer.cloud", "dots-nine"),)
