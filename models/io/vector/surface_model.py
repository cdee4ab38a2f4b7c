"""Features whose shapes are surfaces in space (MultiPatch, polyhedral surfaces, TINs) as a model of bodies.

A wall that stands upright has no area on a map: such features are meshes, as the objects of a city model are. One
element a feature, its number the feature's own place in the table; the attributes are its property set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from models.core.errors import Caution, UserError
from models.core.plain_values import json_scalar
from models.io.common.coordinates import crs_text, named_rows, settle_crs
from models.io.request import Opened, ReadRequest
from models.layers.layer import Layer, Source, new_layer_id

if TYPE_CHECKING:
    from models.io.common.feature_layers import Found
    from models.io.common.polygons import Polygons

#: Shape type of a shapefile whose features are surfaces (Esri Shapefile Technical Description, 1998).
_MULTIPATCH = 31
#: Words in the name of a table, and the type of object that it then holds; the first that fits counts.
_KINDS = {"bridge": "Bridge", "桥": "Bridge", "tunnel": "Tunnel", "隧道": "Tunnel", "road": "Road", "道路": "Road",
          "water": "WaterBody", "水": "WaterBody", "tree": "SolitaryVegetationObject", "树": "SolitaryVegetationObject",
          "terrain": "TINRelief", "地形": "TINRelief", "tin": "TINRelief"}  # fmt: skip


def are_surfaces(path: Path, found: Found) -> bool:
    """Whether a table's features are surfaces in space; a shapefile says so, of others their shapes were told apart."""
    if is_multipatch(path):  # whose parts GDAL gives as this or that
        found.cautions = [caution for caution in found.cautions if caution.code != "vector.surfaces"]
        found.cautions.append(Caution("vector.surfaces", file=path.name, count=len(found.frame), kinds="MultiPatch"))
        return True
    if not isinstance(found.frame, gpd.GeoDataFrame):
        return False
    is_told = any(caution.code == "vector.surfaces" for caution in found.cautions)
    return is_told and bool(shapely.has_z(np.asarray(found.frame.geometry.array, dtype=object)).any())


def is_multipatch(path: Path) -> bool:
    """Whether a file is a shapefile of surfaces in space."""
    if path.suffix.lower() != ".shp":
        return False
    with path.open("rb") as stream:
        return int.from_bytes(stream.read(36)[32:36], "little") == _MULTIPATCH


def with_rest(found: Found) -> list[Found]:
    """Return the surfaces of a table, and its points and lines as tables of their own behind them."""
    from models.io.common.feature_layers import by_family

    frame: Any = found.frame
    is_rest = np.isin(shapely.get_dimensions(np.asarray(frame.geometry.array, dtype=object)), (0, 1))
    if not is_rest.any() or is_rest.all():
        return [found]
    names = f"{found.name} · 其他", f"{found.name_en or found.name} · others"
    rest = replace(found, frame=frame[is_rest], name=names[0], name_en=names[1], cautions=[], are_bodies=False)
    return [replace(found, frame=frame[~is_rest]), *by_family(rest)]


def model_of(path: Path, reader: str, request: ReadRequest, found: Found, options: Mapping[str, str]) -> Opened:
    """Make a model of a table of surfaces.

    Parameters
    ----------
    path : Path
        The file that the person chose.
    reader : str
        Row of the reader table.
    request : ReadRequest
    found : Found
        Its frame has (multi)polygons with heights; other shapes are counted and left out.
    options : mapping of str to str
        Reader settings to keep.

    Raises
    ------
    UserError
        ``io.no_crs``, ``io.no_features``.
    """
    from models.io.city.crs import to_map
    from models.io.city.model import build
    from models.io.city.objects import Appearance, Objects, Surfaces

    frame: Any = found.frame
    shapes = np.asarray(frame.geometry.array, dtype=object)
    faces, owner = _flat_parts(shapes)
    cautions = list(found.cautions)
    without = sorted(set(range(len(shapes))) - set(owner.tolist()))
    if without:
        rows = named_rows(frame.index[without])
        cautions.append(Caution("vector.no_surface", file=path.name, count=len(without), rows=rows))
    if not len(faces):
        raise UserError("io.no_features", file=found.name)
    bounds = shapely.total_bounds(faces) if found.bounds is None else found.bounds
    crs, more = settle_crs(crs_text(frame.crs), request.crs, bounds, path.name)
    cautions += more
    points, polygons = _as_arrays(faces)
    points, crs, more = to_map(points, "", crs, xy_first=True)
    kind = next((kind for word, kind in _KINDS.items() if word in found.name.lower()), "Building")
    objects = Objects()
    attributes = frame.drop(columns=frame.geometry.name)
    for fid, row in zip(frame.index.tolist(), attributes.to_dict("records"), strict=True):
        known = {str(name): json_scalar(value) for name, value in row.items()}
        objects.add(str(fid), kind, -1, {name: value for name, value in known.items() if value is not None})
    nothing = np.full(len(owner), -1, dtype=np.int64)
    surfaces = Surfaces(points, polygons, owner, nothing, nothing.copy(), nothing.copy())
    schema = {".shp": "MultiPatch", ".dxf": "DXF"}.get(path.suffix.lower(), "3D features")
    data = build(
        objects, surfaces, Appearance(), group=found.name, schema=schema, crs=crs, georef="crs",
        cautions=[*cautions, *more],
    )  # fmt: skip
    source = Source(path=str(path), sublayer=found.sublayer, reader=reader, crs=crs, options=dict(options))
    layer = Layer(
        id=new_layer_id(found.name), name=found.name, kind="model", role="model", source=source, name_en=found.name_en
    )
    return Opened(layer, data)


def _flat_parts(shapes: Any) -> tuple[Any, Any]:
    """Return the polygons of all shapes and whose each is, out of any depth of collections."""
    owner = np.arange(len(shapes))
    while True:
        types = shapely.get_type_id(shapes)
        if not (types > 3).any():
            is_face = types == 3
            return shapes[is_face], owner[is_face]
        shapes, of = shapely.get_parts(shapes, return_index=True)
        owner = owner[of]


def _as_arrays(faces: Any) -> tuple[Any, Polygons]:
    """Return the corners of polygons, and which are whose; rings without the repeated last corner."""
    from models.io.common.polygons import Polygons

    rings, polygon = shapely.get_rings(faces, return_index=True)
    points, ring = shapely.get_coordinates(rings, include_z=True, return_index=True)
    is_last = np.append(ring[1:] != ring[:-1], True)
    points, ring = points[~is_last], ring[~is_last]
    points[:, 2] = np.nan_to_num(points[:, 2], nan=0.0)
    ring_start = np.concatenate([[0], np.cumsum(np.bincount(ring, minlength=len(rings)))]).astype(np.int64)
    polygon_ring = np.concatenate([[0], np.cumsum(np.bincount(polygon, minlength=len(faces)))]).astype(np.int64)
    return points, Polygons(np.arange(len(points), dtype=np.int64), ring_start, polygon_ring)
