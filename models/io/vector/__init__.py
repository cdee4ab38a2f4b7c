"""Tables of features: everything GDAL reads, GeoParquet, workbooks, delimited text."""
