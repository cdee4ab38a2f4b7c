"""The ground: elevation, relief, excavation, pyramids of rasters."""
