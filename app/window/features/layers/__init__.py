"""Import, export, servers, rasters, base maps, point clouds and themes of layers."""
