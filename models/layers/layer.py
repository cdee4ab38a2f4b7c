"""What a layer is: a small frozen description here, its heavy data beside it.

Its kind (how data is stored) and its role (what it is in the city) are those of :mod:`models.roles`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

from models.bim.placement_value import Placement
from models.core.errors import Caution
from models.crs.doctor.verdict import Standing, Verdict
from models.roles import LayerKind, Role
from models.style.kinds import (
    Labels,
    PipeLook,
    ScaleRange,
    Symbology,
    labels_from,
    pipe_look_from,
    range_from,
    symbology_from,
)
from resources.visible_text import visible_text

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from models.geometry.feature_table import Features
    from models.geometry.meshes import MeshStore
    from models.terrain.pyramid import Pyramid


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
        CRS of the data as read, or as the user stated.
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
    symbology : Symbology or None
        Colours and forms by value; None draws by role, ``colour`` and ``by`` alone, as older projects do.
    labels : Labels or None
        Words beside the objects; None leaves those of the role.
    scales : ScaleRange or None
        Map scales between which the layer is seen.
    pipes : PipeLook
        Of pipes only: labels, arrows and tints.
    signs : bool
        Of components only: signs stand over them, and count them where there are many.
    """

    colour: str = ""
    opacity: float = 1.0
    by: str = ""
    height_field: str = ""
    storeys_field: str = ""
    storey_height_m: float = 3.0
    label_field: str = ""
    size: float = 1.0
    symbology: Symbology | None = None
    labels: Labels | None = None
    scales: ScaleRange | None = None
    pipes: PipeLook = field(default_factory=PipeLook)
    signs: bool = False


def style_from(document: Mapping[str, Any]) -> Style:
    """Return a style from its JSON form; what a later version added is left out."""
    known = {name: value for name, value in document.items() if name in Style.__dataclass_fields__}
    return Style(**known | {
        "symbology": symbology_from(known.get("symbology")), "labels": labels_from(known.get("labels")),
        "scales": range_from(known.get("scales")), "pipes": pipe_look_from(known.get("pipes")),
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the project.

    Parameters
    ----------
    id : str
        Stable id, also the table name in the project's GeoPackage for data kept there.
    name, name_en : str
        As shown; ``name_en`` may be empty.
    kind : LayerKind
    role : Role
    source : Source
    style : Style
    visible : bool
    synthetic : bool
        Made by a generator (示例数据); labelled wherever it is shown, printed or exported.
    data_source : str
        Who made the data, as printed under pictures.
    place : Placement or None
        Where a person put a model, whatever its file says; None leaves it at the file's own place.
    filter : str
        Expression (:mod:`models.query`) that features must satisfy to be seen, counted and exported; empty for all.
    cim_level : str
        ``"CIM1"`` … ``"CIM7"`` as a person stated it; empty: worked out by :mod:`models.bim.cim_level`.
    code_edition : str
        Edition of the codes of components (:mod:`models.facilities.coding.editions`) as a person stated it; empty: not
        stated, and no class is known.
    verdict : Verdict or None
        What the CRS doctor says of its coordinates; None before it looked.
    standing : Standing or None
        Where its numbers stand otherwise than its file says; None: as read.
    """

    id: str
    name: str
    kind: LayerKind
    role: Role = "other"
    source: Source = field(default_factory=Source)
    style: Style = field(default_factory=Style)
    visible: bool = True
    synthetic: bool = False
    name_en: str = ""
    data_source: str = ""
    place: Placement | None = None
    filter: str = ""
    cim_level: str = ""
    code_edition: str = ""
    verdict: Verdict | None = None
    standing: Standing | None = None

    def title(self, lang: str) -> str:
        """Return the layer's name in a language, falling back to the one there is."""
        return visible_text(self.name_en if lang == "en" and self.name_en else self.name)


def new_layer_id(hint: str = "layer") -> str:
    """Return a fresh id that is also a safe table name."""
    stem = "".join(c if c.isascii() and c.isalnum() else "_" for c in hint.lower()).strip("_")[:32] or "layer"
    return f"{stem}_{uuid.uuid4().hex[:6]}"


class VectorData:
    """Features of a vector layer or rows of a table.

    Large tables are held as columns (:class:`models.geometry.feature_table.Features`): ``count``, ``attributes``,
    ``crs`` and ``bounds`` make no geometry object, ``frame`` makes them all, once.

    Parameters
    ----------
    frame : GeoDataFrame or DataFrame or None
        Index = ``fid``; geometry in ``crs`` of the source (``frame.crs``). None where there are ``features``.
    cautions : list of Caution
        What the reader skipped or guessed.
    features : Features or None
    """

    __slots__ = ("_frame", "cautions", "features")

    def __init__(
        self, frame: gpd.GeoDataFrame | pd.DataFrame | None = None, cautions: list[Caution] | None = None,
        features: Features | None = None,
    ) -> None:  # fmt: skip
        if frame is None and features is None:
            raise ValueError("neither a frame nor features")
        self._frame, self.features = frame, features
        self.cautions: list[Caution] = [] if cautions is None else cautions

    @property
    def frame(self) -> gpd.GeoDataFrame | pd.DataFrame:
        """Return all features as a frame; of a large table this makes every geometry, once: seconds and gigabytes."""
        if self._frame is not None:
            return self._frame
        assert self.features is not None  # noqa: S101 - one of the two is there
        return self.features.frame

    @property
    def columnar(self) -> Features | None:
        """Return the columns of what is held as columns alone; a frame may have columns too, made to draw it."""
        return self.features if self._frame is None else None

    @property
    def count(self) -> int:
        """Return how many features there are."""
        return len(self._frame) if self._frame is not None else self.features.count  # type: ignore[union-attr]

    @property
    def attributes(self) -> pd.DataFrame:
        """Return the columns without the geometry, index = ``fid``."""
        if self._frame is None:
            assert self.features is not None  # noqa: S101 - one of the two is there
            return self.features.attributes
        return self._frame.drop(columns="geometry") if "geometry" in self._frame.columns else self._frame

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the columns without the geometry."""
        if self._frame is None and self.features is not None:
            return self.features.columns
        return tuple(str(name) for name in self.frame.columns if name != "geometry")

    @property
    def crs(self) -> str:
        """Return the CRS of the geometry, empty for a table or where nobody knows."""
        if self._frame is None and self.features is not None:
            return self.features.crs
        crs = getattr(self._frame, "crs", None)
        return "" if crs is None else str(crs.to_string())

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east, north of all features in ``crs``; None for a table or nothing."""
        box: Any
        if self._frame is None and self.features is not None:
            box = self.features.bounds
        elif hasattr(self._frame, "total_bounds") and len(self.frame):
            box = self.frame.total_bounds
        else:
            return None
        west, south, east, north = (float(value) for value in box)
        return (west, south, east, north) if all(map(isfinite, (west, south, east, north))) else None

    @property
    def boxes(self) -> NDArray[np.float64]:
        """Return west, south, east, north of each feature in ``crs``, (n, 4), NaN for one without geometry."""
        import numpy as np
        import shapely

        if self._frame is None and self.features is not None:
            return np.asarray(self.features.box, dtype=np.float64)
        if getattr(self._frame, "geometry", None) is None:
            return np.empty((0, 4))
        found: Any = shapely.bounds(np.asarray(self.frame.geometry.array, dtype=object))
        return np.asarray(found, dtype=np.float64)

    def has(self, oid: int) -> bool:
        """Whether there is a feature of this number."""
        if self._frame is None and self.features is not None:
            return bool(self.features.row_of([oid])[0] >= 0)
        return oid in self.frame.index

    def row(self, oid: int) -> pd.Series[Any]:
        """Return one feature, its geometry among the columns (KeyError if there is none)."""
        if self._frame is None and self.features is not None:
            rows = self.features.row_of([oid])
            if rows[0] < 0:
                raise KeyError(oid)
            return _row_at(self.features.subset(rows), 0)
        at = self.frame.index.get_loc(oid)
        return _row_at(self.frame, at) if isinstance(at, int) else cast("pd.Series[Any]", self.frame.loc[oid])


def _row_at(frame: pd.DataFrame, at: int) -> pd.Series[Any]:
    """Return a row as loose values: pandas would make floats of whole numbers beside fractions."""
    import pandas as pd

    return pd.Series([frame.iloc[at, k] for k in range(frame.shape[1])], index=frame.columns, name=frame.index[at],
                     dtype=object)  # fmt: skip


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
        Terrain: (rows, cols) float32 heights in metres, NaN where no data. Surface: the same in its own unit. Image:
        (rows, cols, 3 or 4) uint8.
    transform : tuple of 6 float
        Affine ``(a, b, c, d, e, f)`` from (col, row) corners to (x, y) in ``crs``, as GDAL/rasterio give it.
    crs : str
    cautions : list of Caution
    info : mapping
        ``shape`` (rows, columns of the file), ``bands``, ``dtype``, ``stats`` of each band, ``unit``, ``overviews``
        (whether the file has any), ``sampled`` (whether the overview saw only some blocks of it), ``reduced`` (path of
        overviews made in the cache) …
    pyramid : Pyramid or None
        Where finer pieces come from, when not from the layer's file; never kept on disk.
    """

    values: NDArray[Any]
    transform: tuple[float, float, float, float, float, float]
    crs: str
    cautions: list[Caution] = field(default_factory=list)
    info: Mapping[str, Any] = field(default_factory=dict)
    pyramid: Pyramid | None = None


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


def amount_in(data: LayerData | None) -> int | None:
    """Return how many objects, elements or points there are; None for a raster and without data."""
    if isinstance(data, VectorData):
        return data.count
    if isinstance(data, ModelData):
        return len(data.elements)
    return len(data.points) if isinstance(data, CloudData) else None


def stage_of(data: LayerData | None) -> str:
    """Return ``"preview"`` or ``"exact"`` for a model that is read in stages, empty for everything else."""
    return str(data.info.get("stage", "")) if isinstance(data, ModelData) else ""


def uncut_in(data: LayerData | None) -> list[int]:
    """Return the oids of elements that a first picture shows without their cuts, which are still to come."""
    return list(data.info.get("uncut", ())) if isinstance(data, ModelData) else []


def is_city_model(data: LayerData | None) -> bool:
    """Whether data is a model of a city in map coordinates (CityJSON, CityGML, 3D tiles), not of a single building."""
    return isinstance(data, ModelData) and bool(data.info.get("city"))
