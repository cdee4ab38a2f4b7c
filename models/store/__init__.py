"""The project file (GeoPackage) and the geometry cache."""
