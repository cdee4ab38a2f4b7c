"""The evidence about a layer's CRS: sampled coordinates, names and texts, neighbours. Nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.crs.doctor.steps import apply
from models.crs.frame import UNSETTLED, parse_crs, transformer
from models.geometry.bulk import bulk_of
from resources.standards import standard

if TYPE_CHECKING:
    from models.layers.layer import Layer, LayerData, ModelData, VectorData

Array = NDArray[np.float64]

#: So many features are looked at, evenly through the layer, and so many of their vertices.
MOST_FEATURES = 3000
MOST_POINTS = 40_000
#: Rows of the table of zones: first meridian or number, how many, degrees across.
_ZONES = (
    ("three_meridian", 75, 21, 3),
    ("six_meridian", 75, 11, 6),
    ("three_zone", 25, 21, 3),
    ("six_zone", 13, 11, 6),
)
#: A model without a CRS whose numbers are smaller stands about a point of its own, not on a map, metres.
_LEAST_MAP = 1e4
#: So many pieces of a model are looked at, and of each so many of its lowest vertices.
_MOST_PIECES, _MOST_LOW = 1200, 12
#: Numbers beyond these are nobody's coordinates.
ABSURD = 1e11


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one layer before anything is decided.

    Parameters
    ----------
    name, file : str
    declared : str
        CRS as the file says, empty where it says nothing.
    points : ndarray (n, 2)
        Vertices as they stand in the file (x, y); finite ones only.
    owner : ndarray (n,)
        Which feature each vertex belongs to, by its own number.
    shape : str
        ``"point"``, ``"line"``, ``"polygon"`` or ``"raster"``.
    heights : ndarray (n,) or None
        Heights of the vertices, NaN where there are none.
    words : str
        File name, layer name, field names, text of the .prj, in lower case.
    fields : tuple of str
    lost : int
        Vertices that are NaN, infinite or beyond all measure.
    zeros, far : tuple of int
        Features left out because they stand at 0, 0 for "unknown", or far from all others; see :meth:`bulk`.
    """

    name: str = ""
    file: str = ""
    declared: str = ""
    points: Array = field(default_factory=lambda: np.empty((0, 2)))
    owner: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    shape: str = "point"
    heights: Array | None = None
    words: str = ""
    fields: tuple[str, ...] = ()
    lost: int = 0
    zeros: tuple[int, ...] = ()
    far: tuple[int, ...] = ()

    def bulk(self) -> Evidence:
        """Return the evidence without the few vertices that lie far from all others: one row at 0, 0 proves nothing."""
        inside = bulk_of(self.points)
        if inside.all() or not inside.any():
            return self
        heights = None if self.heights is None else self.heights[inside]
        zeros = np.unique(self.owner[~inside & ~self.points.any(axis=1)])
        far = np.setdiff1d(self.owner[~inside], zeros)
        return replace(
            self, points=self.points[inside], owner=self.owner[inside], heights=heights,
            zeros=tuple(zeros.tolist()), far=tuple(far.tolist()),
        )  # fmt: skip

    @property
    def grain(self) -> float:
        """Return how large a usual feature is, of points how far the next one is, in the units of the numbers.

        NaN where nothing tells. Houses are some metres wide: no plan is in units in which they are a millimetre.
        """
        if self.shape in ("line", "polygon"):
            _, first = np.unique(self.owner, return_index=True)
            order = np.argsort(self.owner, kind="stable")
            points, starts = self.points[order], np.searchsorted(self.owner[order], self.owner[first])
            if not len(points):
                return float("nan")
            size = np.maximum.reduceat(points, starts) - np.minimum.reduceat(points, starts)
            found = float(np.median(np.hypot(*size.T)))
            return found if found > 0 else float("nan")
        if self.shape != "point" or len(self.points) < 8:
            return float("nan")
        from scipy.spatial import cKDTree

        places = np.unique(self.points[:: max(1, len(self.points) // MOST_FEATURES)], axis=0)
        if len(places) < 8:
            return float("nan")
        return float(np.median(cKDTree(places).query(places, k=2)[0][:, 1]))

    @property
    def speaks_chinese(self) -> bool:
        """Whether any of its words is Chinese."""
        return any("一" <= sign <= "鿿" for sign in self.words)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another layer of the project, as it is placed now.

    Parameters
    ----------
    name, layer_id : str
    lonlat : ndarray (n, 2)
        Vertices in degrees.
    owner : ndarray (n,)
    shape : str
    sure : float
        How sure its own place is.
    is_degrees : bool
        Whether its data came in degrees of which nobody is sure, so that it could be shifted itself.
    """

    name: str
    layer_id: str
    lonlat: Array
    owner: NDArray[np.int64]
    shape: str
    sure: float = 0.7
    is_degrees: bool = False


def evidence_of(layer: Layer, data: LayerData) -> Evidence | None:
    """Return the evidence of a layer, None for one without a place of its own in the plane.

    Those are tables, single buildings (IFC says itself where it stands, and why: :mod:`models.bim.georeference`), base
    maps, and models whose numbers are no map's.

    Parameters
    ----------
    layer : Layer
    data : LayerData
        As read: before any standing.
    """
    from models.layers.layer import CloudData, ModelData, RasterData, VectorData, is_city_model

    words = " ".join((layer.name, layer.source.path.rpartition("/")[2], layer.source.sublayer))
    if isinstance(data, VectorData):
        if layer.kind != "vector":
            return None
        own_crs = _crs_of(data)
        points, owner, heights, shape, lost = _vertices(data)
        names = data.fields
        return Evidence(
            layer.name, layer.source.path, _settled(own_crs), points, owner, shape,
            heights, f"{words} {' '.join(names)}".lower(), names, lost,
        )  # fmt: skip
    own_crs = data.crs
    if isinstance(data, RasterData):
        if data.info.get("basemap"):
            return None
        rows, columns = data.values.shape[:2]
        a, b, c, d, e, f = data.transform
        i, j = (grid.ravel() for grid in np.meshgrid(np.linspace(0, columns, 9), np.linspace(0, rows, 9)))
        points = np.column_stack([a * i + b * j + c, d * i + e * j + f])
        heights = _grid_heights(data, i, j) if layer.kind == "terrain" else None
    elif isinstance(data, CloudData):
        few = data.points[:: max(1, len(data.points) // MOST_FEATURES)].astype(np.float64) + data.offset
        points, heights = few[:, :2], few[:, 2]
    elif isinstance(data, ModelData) and is_city_model(data):
        lost_place = data.info.get("as_read") if data.info.get("georef") == "none" else None  # stood there by us
        few = _low_vertices(data, data.placement if lost_place is None else np.array(lost_place))
        points, heights = few[:, :2], few[:, 2]
        own_crs = "" if lost_place is not None else data.crs
        if not own_crs and (not len(few) or np.abs(np.median(points, axis=0)).max() < _LEAST_MAP):
            return None
    else:
        return None
    points, heights, lost = _finite(points, heights)
    owner = np.arange(len(points))
    if isinstance(data, ModelData) and data.info.get("heights") == "ellipsoidal":
        words += " ellipsoid"
    shape = "raster" if isinstance(data, RasterData) else "cloud" if isinstance(data, CloudData) else "point"
    return Evidence(
        layer.name, layer.source.path, _settled(own_crs), points, owner, shape, heights, words.lower(), (), lost
    )


def neighbour_of(layer: Layer, data: LayerData, sure: float) -> Neighbour | None:
    """Return a layer of the project as something to compare with, None where it has no place."""
    seen = evidence_of(layer, data)
    if seen is None or not seen.declared or not len(seen.points):
        return None
    seen = seen.bulk()
    try:
        lonlat = lonlat_of(seen.points, seen.declared)
        degrees = bool(parse_crs(seen.declared).is_geographic)
    except UserError:
        return None
    good = np.isfinite(lonlat).all(axis=1)
    if not good.any():
        return None
    owner = seen.owner[good]
    return Neighbour(layer.name, layer.id, lonlat[good], owner, seen.shape, sure, degrees and sure < 0.8)


def lonlat_of(points: Array, crs: str, steps: Any = ()) -> Array:
    """Return longitudes and latitudes (n, 2) of a layer's numbers; NaN where PROJ cannot say."""
    points = apply(steps, points)
    lon, lat = transformer(crs, "EPSG:4326").transform(points[:, 0], points[:, 1], errcheck=False)
    result = np.column_stack([lon, lat]).astype(np.float64)
    result[~np.isfinite(result).all(axis=1)] = np.nan
    return result


def quick_lonlat(points: Array, crs: str, steps: Any = ()) -> Array:
    """Return the same as :func:`lonlat_of`, by turning one zone of a family for all of them.

    Zones of one family differ in their central meridian alone; making a transformation for each of seventy takes PROJ
    seconds, turning longitudes takes nothing.
    """
    alike = _zone_alike(crs)
    if alike is None:
        return lonlat_of(points, crs, steps)
    like, east_m, turn_deg = alike
    moved = apply(steps, points)
    moved[:, 0] -= east_m
    lonlat = lonlat_of(moved, like)
    lonlat[:, 0] += turn_deg
    return lonlat


def _zone_alike(crs: str) -> tuple[str, float, float] | None:
    """Return a zone of the same family, the metres to take off eastings, and the degrees to add to longitudes."""
    if not crs.startswith("EPSG:") or not crs[5:].isdigit():
        return None
    code = int(crs[5:])
    if 32601 <= code <= 32660:
        return "EPSG:32650", 0.0, (code - 32650) * 6.0
    for table in standard("ifc_georef")["gauss"]:
        like = f"EPSG:{table['three_meridian'] + 14}"  # 117° E
        for key, first, count, width in _ZONES:
            at = code - table[key]
            if not 0 <= at < count:
                continue
            if key.endswith("meridian"):
                return like, 0.0, first + at * width - 117.0
            zone = first + at
            return like, zone * 1e6, (zone * 3.0 if width == 3 else zone * 6.0 - 3.0) - 117.0
    return None


def _settled(crs: str) -> str:
    return "" if not crs or crs == UNSETTLED or "unsettled" in crs else crs


def _crs_of(data: Any) -> str:
    """Return the CRS of vector data as text, by its code where it has one exactly; empty where there is none."""
    text = data.crs
    if not text or text.upper().startswith("EPSG:"):
        return str(text)
    authority = parse_crs(text).to_authority(min_confidence=100)
    return ":".join(authority) if authority else str(text)


def sample_shapes(data: VectorData) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return some features' shapes, none of them empty, and their rows."""
    import shapely

    rows = np.arange(0, data.count, max(1, data.count // MOST_FEATURES))
    if data.features is not None:
        few = np.asarray(data.features.shapes(rows), dtype=object)
    elif getattr(data.frame, "geometry", None) is None:
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64)
    else:
        few = np.asarray(data.frame.geometry.array, dtype=object)[rows]
    there = ~shapely.is_missing(few) & ~shapely.is_empty(few)
    return few[there], rows[there]


def _vertices(data: Any) -> tuple[Array, NDArray[np.int64], Array | None, str, int]:
    """Return some vertices of vector data, their features, their heights, the shape and how many are no numbers."""
    import shapely

    few, rows = sample_shapes(data)
    if not len(few):
        return np.empty((0, 2)), np.empty(0, dtype=np.int64), None, "point", 0
    z = bool(shapely.has_z(few).any())
    points, at = shapely.get_coordinates(few, include_z=z, return_index=True)
    numbers = data.columnar.fids if data.columnar is not None else data.frame.index.to_numpy()
    owner = np.asarray(numbers, dtype=np.int64)[rows][at]
    if len(points) > MOST_POINTS:  # whole features, so that outlines stay outlines
        keep = np.isin(owner, np.unique(owner)[:: len(points) // MOST_POINTS + 1])
        points, owner = points[keep][: 4 * MOST_POINTS], owner[keep][: 4 * MOST_POINTS]
    kinds, counts = np.unique(shapely.get_dimensions(few), return_counts=True)
    shape = {0: "point", 1: "line", 2: "polygon"}.get(int(kinds[counts.argmax()]), "point")
    good = np.isfinite(points[:, :2]).all(axis=1) & (np.abs(points[:, :2]) < ABSURD).all(axis=1)
    lost = int((~good).sum())
    return points[good, :2], owner[good], points[good, 2] if z else None, shape, lost


def _low_vertices(data: ModelData, placement: Array) -> Array:
    """Return vertices at the feet of some pieces of a model (n, 3) in its CRS: corners of outlines in plan."""
    store = data.meshes
    matrices = placement @ np.asarray(store.placement_matrix)
    found: list[Array] = []
    count = len(store.placement_mesh)
    for at in range(0, count, max(1, count // _MOST_PIECES)):
        mesh = int(store.placement_mesh[at])
        local = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(np.float64)
        if not len(local):
            continue
        world = local @ matrices[at, :3, :3].T + matrices[at, :3, 3]
        low = world[world[:, 2] < world[:, 2].min() + 0.3]
        found.append(low[:: max(1, len(low) // _MOST_LOW)][:_MOST_LOW])
    return np.concatenate(found) if found else np.empty((0, 3))


def _finite(points: Array, heights: Array | None) -> tuple[Array, Array | None, int]:
    good = np.isfinite(points).all(axis=1) & (np.abs(points) < ABSURD).all(axis=1)
    return points[good], None if heights is None else heights[good], int((~good).sum())


def _grid_heights(data: Any, i: Array, j: Array) -> Array:
    rows, columns = data.values.shape[:2]
    at = np.clip(j.astype(int), 0, rows - 1), np.clip(i.astype(int), 0, columns - 1)
    return np.asarray(data.values[at], dtype=np.float64)
