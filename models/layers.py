"""What a layer is: a small frozen description here, its heavy data beside it.

A layer's *kind* says how its data is stored (table of features, raster, building model); its *role* says what it is in
the city (buildings, roads, pipes …). The kind chooses the reader, the role chooses how it is drawn and what is asked
of it. Both are plain words, so that tables can be keyed by them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from models.errors import Caution
from models.place import Placement

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from models.geometry import MeshStore

#: How data is stored.
KINDS = ("vector", "table", "terrain", "image", "model", "cloud")

#: What a layer is in the city. "other" is drawn by geometry type alone.
ROLES = (
    "terrain", "image", "land", "water", "green", "parcels", "roads", "footways", "bridges", "buildings", "trees",
    "facilities", "pipes", "pipe_nodes", "sensors", "readings", "cases", "amenities", "districts", "communities",
    "surveys", "model", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer's data lies.

    Parameters
    ----------
    path : str
        File, relative to the project file where possible; empty for data kept inside the project's GeoPackage.
    sublayer : str
        Table or layer name inside the file.
    reader : str
        Row of the reader table in ``models/io``: ``"vector"``, ``"points_csv"``, ``"raster"``, ``"ifc"``.
    crs : str
        CRS of the data as read, or as the user said it is.
    options : mapping of str to str
        Reader settings that change the result: encoding, column names …
    """

    path: str = ""
    sublayer: str = ""
    reader: str = "vector"
    crs: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Style:
    """How a layer is drawn; empty fields fall back to its role's default style.

    Parameters
    ----------
    colour : str
        ``"#rrggbb"``, or empty.
    opacity : float
        0…1.
    by : str
        Field that colours by category, or empty.
    height_field, storeys_field : str
        Fields that give a building its height in metres, or its storeys.
    storey_height_m : float
        Metres a storey when only storeys are known.
    label_field : str
        Field written beside the object, or empty.
    size : float
        Factor on symbols and line widths.
    """

    colour: str = ""
    opacity: float = 1.0
    by: str = ""
    height_field: str = ""
    storeys_field: str = ""
    storey_height_m: float = 3.0
    label_field: str = ""
    size: float = 1.0


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the project.

    Parameters
    ----------
    id : str
        Stable id, also the table name in the project's GeoPackage for data kept there.
    name, name_en : str
        As shown; ``name_en`` may be empty.
    kind, role : str
        See :data:`KINDS` and :data:`ROLES`.
    source : Source
    style : Style
    visible : bool
    synthetic : bool
        Made by a generator (示例数据); said wherever it is shown, printed or exported.
    data_source : str
        Who made the data, as printed under pictures.
    place : Placement or None
        Where a person put a model, whatever its file says; None leaves it at the file's own place.
    filter : str
        Expression (:mod:`models.ask`) that features must satisfy to be seen, counted and exported; empty for all.
    cim_level : str
        ``"CIM1"`` … ``"CIM7"`` as a person said it; empty: worked out by :mod:`models.cim`.
    """

    id: str
    name: str
    kind: str
    role: str = "other"
    source: Source = field(default_factory=Source)
    style: Style = field(default_factory=Style)
    visible: bool = True
    synthetic: bool = False
    name_en: str = ""
    data_source: str = ""
    place: Placement | None = None
    filter: str = ""
    cim_level: str = ""

    def title(self, lang: str) -> str:
        """Return the layer's name in a language, falling back to the one there is."""
        return self.name_en if lang == "en" and self.name_en else self.name


def new_layer_id(hint: str = "layer") -> str:
    """Return a fresh id that is also a safe table name."""
    stem = "".join(c if c.isascii() and c.isalnum() else "_" for c in hint.lower()).strip("_")[:32] or "layer"
    return f"{stem}_{uuid.uuid4().hex[:6]}"


@dataclass(slots=True)
class VectorData:
    """Features of a vector layer or rows of a table.

    Parameters
    ----------
    frame : GeoDataFrame or DataFrame
        Index = ``fid``; geometry in ``crs`` of the source (``frame.crs``).
    cautions : list of Caution
        What the reader skipped or guessed.
    """

    frame: gpd.GeoDataFrame | pd.DataFrame
    cautions: list[Caution] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many features there are."""
        return len(self.frame)

    @property
    def attributes(self) -> pd.DataFrame:
        """Return the columns without the geometry, index = ``fid``."""
        return self.frame.drop(columns="geometry") if "geometry" in self.frame.columns else self.frame


@dataclass(slots=True)
class CloudData:
    """A point cloud as read for showing: thinned to what a picture can use.

    Parameters
    ----------
    points : ndarray (n, 3) float32
        Metres from ``offset``.
    offset : ndarray (3,) float64
        Easting, northing, height in ``crs``.
    crs : str
        Empty when the file does not say.
    colours : ndarray (n, 3) uint8 or None
    classes : ndarray (n,) uint8 or None
        ASPRS classification.
    intensity : ndarray (n,) uint16 or None
    info : mapping
        ``point_count`` of the file, ``kept``, ``spacing_m``, version, point format …
    cautions : list of Caution
    """

    points: NDArray[np.float32]
    offset: NDArray[np.float64]
    crs: str = ""
    colours: NDArray[np.uint8] | None = None
    classes: NDArray[np.uint8] | None = None
    intensity: NDArray[np.uint16] | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)


@dataclass(slots=True)
class RasterData:
    """A raster as read for showing: at most some millions of cells, whole extent.

    Parameters
    ----------
    values : ndarray
        Terrain: (rows, cols) float32 heights in metres, NaN where no data. Image: (rows, cols, 3 or 4) uint8.
    transform : tuple of 6 float
        Affine ``(a, b, c, d, e, f)`` from (col, row) corners to (x, y) in ``crs``, as GDAL/rasterio give it.
    crs : str
    cautions : list of Caution
    """

    values: NDArray[Any]
    transform: tuple[float, float, float, float, float, float]
    crs: str
    cautions: list[Caution] = field(default_factory=list)


@dataclass(slots=True)
class ModelData:
    """A building model: its geometry, its elements and where it stands.

    Parameters
    ----------
    meshes : MeshStore
    elements : DataFrame
        One row an element, index 0…n-1 = oid: ``guid``, ``ifc_class``, ``name``, ``storey``, ``type_name``,
        ``parent`` (oid of the spatial or aggregating parent, -1 for none), ``has_geometry``.
    psets : mapping of int to mapping
        Property sets by oid: ``{oid: {"Pset_WallCommon": {"IsExternal": True}}}``.
    placement : ndarray, shape (4, 4), float64
        Model coordinates (metres) to ``crs`` (E, N, H).
    crs : str
        CRS in which the placement stands; empty when the model says nothing (then it is placed by the user).
    info : mapping
        Schema, author application, georeferencing found (``georef``: ``"map_conversion"``, ``"epset"``,
        ``"site_latlon"``, ``"none"``), counts …
    cautions : list of Caution
    """

    meshes: MeshStore
    elements: pd.DataFrame
    psets: Mapping[int, Mapping[str, Mapping[str, Any]]]
    placement: NDArray[np.float64]
    crs: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)


LayerData = VectorData | RasterData | ModelData | CloudData


def stage_of(data: LayerData | None) -> str:
    """Return ``"preview"`` or ``"exact"`` for a model that is read in stages, empty for everything else."""
    return str(data.info.get("stage", "")) if isinstance(data, ModelData) else ""
