"""What GDAL may do with a stranger's file: read local files of formats that we name, and go nowhere.

GDAL opens a file by what it looks like, whatever it is called: a text of two hundred bytes can be a list of other files
to read, a request to a server, or a program. So the drivers that do such things are left out before GDAL is loaded, and
what the others would fetch (a link to a CRS, a schema, an overview) ends at a proxy that cannot exist.

GDAL reads these settings from the environment when it registers its drivers, so :func:`shut` runs before anything
imports pyogrio or rasterio; the packages that may (``models.io``, ``models.store``, ``models.sample``) call it first.
Children inherit them.
"""

from __future__ import annotations

import os

#: Drivers that fetch, read what another file names, run something, or read what no city has.
SKIPPED = (
    # servers
    "WFS", "OAPIF", "OGCAPI", "CSW", "AmigoCloud", "Carto", "Elasticsearch", "EEDA", "EEDAI", "NGW", "PLSCENES",
    "PLMOSAIC", "WMS", "WMTS", "WCS", "DAAS", "STACTA", "STACIT", "HTTP", "ADBC", "GPSBabel",
    # lists of other files, and steps to run
    "OGR_VRT", "GDALG", "GTI", "MRF", "GNMFile", "GNMDatabase", "SENTINEL2", "Zarr",
    # formats of other trades, each a parser more to be wrong
    "AIVector", "AVCBin", "AVCE00", "CSV", "DGN", "EDIGEO", "GTFS", "GeoRSS", "Idrisi", "JML", "LVBAG", "MVT", "MapML",
    "MiraMonVector", "OGR_GMT", "OGR_PDS", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PMTiles", "S57", "SXF", "Selafin", "VDV",
    "VFK", "VICAR", "WAsP",
)  # fmt: skip
#: What is left for tables of features; a test sees that a new GDAL brings no other.
VECTOR_DRIVERS = (
    "DXF", "ESRI Shapefile", "ESRIJSON", "FlatGeobuf", "GML", "GPKG", "GPX", "GeoJSON", "GeoJSONSeq", "JSONFG", "KML",
    "LIBKML", "MBTiles", "MEM", "MapInfo File", "ODS", "OSM", "OpenFileGDB", "SQLite", "TopoJSON", "XLSX",
)  # fmt: skip
#: A proxy whose protocol no library knows: curl refuses before it opens a socket.
NOWHERE = "nowhere://closed"
_SETTINGS = {
    "GDAL_SKIP": ",".join(SKIPPED),
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_HTTP_PROXY": NOWHERE,
    "GDAL_HTTPS_PROXY": NOWHERE,
    "GDAL_HTTP_MAX_RETRY": "0",
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_VRT_ENABLE_RAWRASTERBAND": "NO",
    "PROJ_NETWORK": "OFF",
}


def shut() -> None:
    """Set what GDAL may do in this process and in those that it starts."""
    os.environ.update(_SETTINGS)
    for name in ("no_proxy", "NO_PROXY"):
        # Curl would go past the proxy for hosts named there. Only the libraries of C forget it: Python has a copy.
        os.unsetenv(name)
