"""Rasters and base map tiles."""
