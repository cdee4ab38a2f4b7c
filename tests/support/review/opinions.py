"""A project with manholes, for tests of opinions and their exchange."""

import geopandas as gpd
from shapely.geometry import Point

from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState


def manholes(codes, first_oid=0):
    """Points with ObjIDs, a row each from ``first_oid`` on, 10 m apart."""
    places = [Point(500001 + 10 * number, 4059001) for number in range(len(codes))]
    oids = range(first_oid, first_oid + len(codes))
    return VectorData(gpd.GeoDataFrame({"ObjID": codes}, geometry=places, crs="EPSG:4548", index=list(oids)))


def project_of(data, layer="manholes", crs="EPSG:4548"):
    """State and data of a project with one layer."""
    one = Layer(layer, "检查井", "vector", "components", name_en="Manholes")
    return ProjectState("评审", frame=Frame(crs, "EPSG:5737", (500000, 4059000, 0)), layers=(one,)), {layer: data}
