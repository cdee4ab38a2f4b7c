"""The synthetic sample city."""

from models.core import gdal_door

gdal_door.shut()  # before anything here imports GDAL
