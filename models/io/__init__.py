"""Files of others: formats that are read and written, and the child process that reads them."""

from models.core import gdal_door

gdal_door.shut()  # before anything here imports GDAL
