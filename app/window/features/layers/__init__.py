"""The list of layers, import, export, servers, rasters, base maps, point clouds and themes of layers."""
