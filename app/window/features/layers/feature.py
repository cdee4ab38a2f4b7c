"""The features of layers: their list, import and export, servers, rasters, base maps, point clouds, themes."""

from app.window.features.layers.basemaps import Basemaps
from app.window.features.layers.exporting import Exporting
from app.window.features.layers.importing import Importing
from app.window.features.layers.layer_list import LayerList
from app.window.features.layers.layer_themes import LayerThemes
from app.window.features.layers.point_cloud import PointClouds
from app.window.features.layers.rasters import Rasters
from app.window.features.layers.servers import Servers

FEATURES = (LayerList, Importing, LayerThemes, Servers, Exporting, PointClouds, Rasters, Basemaps)
