"""3D Tiles."""
