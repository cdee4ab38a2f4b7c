"""The CRS doctor and the placing of models."""
