"""Screen-space overlays: labels, measurements, annotations."""
