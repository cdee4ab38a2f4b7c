"""The project file (GeoPackage) and the geometry cache."""

from models.core import gdal_door

gdal_door.shut()  # before anything here imports GDAL
