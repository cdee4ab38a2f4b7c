"""One table of a GDAL source as a frame, with every field's type kept and every repaired shape counted.

Reading goes by Arrow, which keeps what NumPy cannot: whole numbers and truth values with gaps. Where Arrow cannot
(curves, text that is not UTF-8) GDAL's older way is taken, and the types are mended afterwards.
"""

from __future__ import annotations

import codecs
import collections
import contextlib
import datetime as dt
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio import _geometry
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from shapely.errors import ShapelyError

from models.core.errors import Caution
from models.core.plain_values import json_text
from models.geometry.wkb_surfaces import SURFACES, as_polygons, kind_of, without_stubs
from models.io.common import times
from models.io.common.coordinates import named_rows
from models.io.common.limits import require_fields

#: What GDAL, Arrow and shapely raise for a file that is broken.
BROKEN = (
    DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, ShapelyError, pa.ArrowException, OSError,
    ValueError, RuntimeError, LookupError, OverflowError, NotImplementedError,
)  # fmt: skip
NULLABLE: dict[Any, Any] = {
    pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.int16(): pd.Int16Dtype(), pa.int8(): pd.Int8Dtype(),
    pa.uint64(): pd.UInt64Dtype(), pa.uint32(): pd.UInt32Dtype(), pa.uint16(): pd.UInt16Dtype(),
    pa.uint8(): pd.UInt8Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip
#: Types of fields that hold dates and times, as pyogrio calls them.
TIMES = ("datetime64[ms]", "datetime64[D]")
_MENDED = {"int64": "Int64", "int32": "Int32", "int16": "Int16", "bool": "boolean"}
#: WKB's numbers of shapes made of arcs, and of surfaces of patches, which GDAL gives as lines and polygons.
_CURVES = range(8, 13)
#: What is raised where Arrow cannot bring a table: curves, text that is not UTF-8.
_NOT_BY_ARROW = (NotImplementedError, ValueError, pa.ArrowException, OSError, DataSourceError, GeometryError)
# pyogrio refuses a whole file for a table whose type of shape it has no name for, though it reads the shapes.
_geometry.GEOMETRY_TYPES.update({
    0x80000000: "Unknown", -0x80000000: "Unknown", 2000: "Unknown", 3000: "Unknown",
    **{kind + wide: f"{name}{' Z' if wide in (1000, 3000) else ''}"
       for kind, name in SURFACES.items() for wide in (0, 1000, 2000, 3000)},
})  # fmt: skip


def read_table(
    source: str | Path, layer: str, file: str, encoding: str = "", **options: Any
) -> tuple[pd.DataFrame, list[Caution]]:
    """Read one table.

    Parameters
    ----------
    source : str or Path
        What GDAL opens.
    layer : str
    file : str
        Name for cautions.
    encoding : str
        Of text, where the format leaves it open.
    **options
        For :func:`pyogrio.read_dataframe`: ``max_features``, ``read_geometry``, GDAL's open options.

    Returns
    -------
    frame : DataFrame or GeoDataFrame
        Index = the feature's own fid.
    cautions : list of Caution
        ``vector.curves``, ``vector.rings_closed``, ``vector.shapes_unread``, ``vector.mixed_offsets`` with counts.
    """
    options = {"layer": layer, "fid_as_index": True, **options} | ({"encoding": encoding} if encoding else {})
    cautions: list[Caution] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what GDAL mends is counted here
        about = pyogrio.read_info(source, layer=layer, **({"encoding": encoding} if encoding else {}))
        timed = [str(name) for name, kind in zip(about["fields"], about["dtypes"], strict=True) if kind in TIMES]
        if timed and about["driver"] == "GeoJSON":  # GDAL rounds offsets to quarters of an hour
            options["DATE_AS_STRING"] = "YES"
        try:
            frame = _by_arrow(source, **options)
        except (ShapelyError, _NamesCollide):
            frame = _put_together(source, options)
            cautions = _broken(source, file, options)
        except _NOT_BY_ARROW as error:
            frame, is_broken = _the_older_way(source, options)
            cautions = _broken(source, file, options) if is_broken else []
            if isinstance(error, NotImplementedError) and not is_broken:
                cautions = _curves(source, file, options)
    for name in timed:
        if name in frame and frame[name].dtype == "str":
            frame[name] = times.as_moments(frame[name])
            if frame[name].dtype == "str" and times.is_mixed(frame[name]):
                cautions.append(Caution("vector.mixed_offsets", file=file, field=name))
    require_fields(len(frame.columns), file)
    return plain(frame), cautions


class _NamesCollide(Exception):  # noqa: N818 - no fault of the file
    """A field is called as the columns of the features' numbers or shapes are: ``id``, ``OGC_FID``, ``geometry``."""


def _by_arrow(source: str | Path, **options: Any) -> pd.DataFrame:
    try:
        frame: pd.DataFrame = pyogrio.read_dataframe(
            source, use_arrow=True, arrow_to_pandas_kwargs={"types_mapper": NULLABLE.get, "date_as_object": False},
            datetime_as_string=True, **options,
        )  # fmt: skip
    except (TypeError, AttributeError, KeyError) as error:  # two columns where one was expected
        raise _NamesCollide from error
    names = [str(name) for name in frame.columns]
    is_shape_first = "geometry" in names[:-1] and isinstance(frame, gpd.GeoDataFrame)  # it took a field's place
    if options.get("fid_as_index") and (frame.index.dtype.kind not in "iu" or is_shape_first):
        raise _NamesCollide
    return frame


def _put_together(source: str | Path, options: dict[str, Any]) -> pd.DataFrame:
    """Read attributes by themselves, and beside them the features' numbers and shapes, whatever fields are called."""
    plain_options = {name: value for name, value in options.items() if name != "fid_as_index"}
    try:
        rows = _by_arrow(source, **plain_options | {"read_geometry": False})
    except (_NamesCollide, ShapelyError, NotImplementedError, ValueError, pa.ArrowException, DataSourceError):
        rows, _ = _the_older_way(source, plain_options | {"read_geometry": False})
    stored, fids = _shapes(source, options)
    rows = pd.DataFrame(rows, index=pd.RangeIndex(len(fids))).rename(columns={"geometry": "geometry_"})
    rows.index = pd.Index(fids, name="fid")
    if not len(stored) and len(fids):
        return rows
    raw = [None if value is None else without_stubs(as_polygons(value)[0]) for value in stored]
    geometry = shapely.from_wkb(np.array(raw, dtype=object), on_invalid="fix")
    crs = pyogrio.read_info(source, layer=options.get("layer"))["crs"]
    placed: pd.DataFrame = gpd.GeoDataFrame(rows, geometry=geometry, crs=crs)
    return placed


def _the_older_way(source: str | Path, options: dict[str, Any]) -> tuple[pd.DataFrame, bool]:
    try:
        frame = pyogrio.read_dataframe(source, use_arrow=False, datetime_as_string=True, **options)
    except ShapelyError:
        return _put_together(source, options), True
    names = {name: options[name] for name in ("layer", "encoding") if name in options}
    about = pyogrio.read_info(source, **names)
    for name, kind in zip(about["fields"], about["dtypes"], strict=True):
        if kind in _MENDED and name in frame and frame[name].dtype.kind == "f":
            frame[name] = frame[name].astype(_MENDED[kind])
    if isinstance(frame, gpd.GeoDataFrame) and "geometry" in about["fields"]:  # the shapes took its place
        return _put_together(source, options), False
    return frame, False


def _shapes(source: str | Path, options: dict[str, Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the shapes as WKB, curves as lines, None where a feature has none, and the features' numbers."""
    with contextlib.suppress(*_NOT_BY_ARROW):
        shapes, fids = _stored(source, options)
        if not any(value is not None and kind_of(value) in _CURVES for value in shapes):
            return shapes, fids
    _, fids, shapes, _ = pyogrio.raw.read(source, columns=[], return_fids=True, **_known(options))
    return np.array([] if shapes is None else list(shapes), dtype=object), np.asarray(fids, dtype=np.int64)


def _stored(source: str | Path, options: dict[str, Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the shapes as the file has them, and the features' numbers."""
    meta, table = pyogrio.read_arrow(source, columns=[], return_fids=True, **_known(options))
    name = meta["geometry_name"] or "wkb_geometry"
    shapes = table.column(name).to_pylist() if name in table.column_names else []
    return np.array(shapes, dtype=object), table.column(0).to_numpy().astype(np.int64)


def _known(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in ("fid_as_index", "encoding")}


def _broken(source: str | Path, file: str, options: dict[str, Any]) -> list[Caution]:
    """Count rings that had to be closed, shapes that nobody can read, and those that are surfaces in space."""
    stored, fids = _shapes(source, options)
    known = np.array([value is not None for value in stored], dtype=bool)
    changed = [(None, set()) if value is None else as_polygons(value) for value in stored]
    raw = np.array([None if value is None else without_stubs(value) for value, _ in changed], dtype=object)
    stubs = np.array([new is not None and len(new) < len(old) for new, old in zip(raw, stored, strict=True)], bool)
    surfaces = collections.Counter(min(kinds) for _, kinds in changed if kinds)
    as_is = ~shapely.is_missing(shapely.from_wkb(raw, on_invalid="ignore"))
    mended = ~shapely.is_missing(shapely.from_wkb(raw, on_invalid="fix"))
    cautions = []
    if surfaces:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(surfaces.items()))
        cautions.append(Caution("vector.surfaces", file=file, count=surfaces.total(), kinds=kinds))
    told = {"vector.rings_closed": mended & ~as_is, "vector.stubs": stubs, "vector.shapes_unread": known & ~mended}
    for code, bad in told.items():
        if bad.any():
            cautions.append(Caution(code, file=file, count=int(bad.sum()), rows=named_rows(fids[bad])))
    return cautions


def _curves(source: str | Path, file: str, options: dict[str, Any]) -> list[Caution]:
    """Count shapes with arcs."""
    shapes, fids = _stored(source, options)
    bad = np.array([value is not None and kind_of(value) in _CURVES for value in shapes], dtype=bool)
    return [Caution("vector.curves", file=file, count=int(bad.sum()), rows=named_rows(fids[bad]))] if bad.any() else []


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns without gaps NumPy's own types, and turn lists and mappings into JSON, which tables can show."""
    if frame.index.dtype != np.int64:
        frame.index = pd.Index(np.asarray(frame.index, dtype=np.int64), name="fid")
    frame = _told_apart(frame)
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    for name in frame.columns:
        column = frame[name]
        if name == geometry:
            continue
        if isinstance(column.dtype, pd.api.extensions.ExtensionDtype) and column.dtype in NULLABLE.values():
            if not column.isna().any():
                frame[name] = column.to_numpy(column.dtype.numpy_dtype)  # type: ignore[attr-defined]
        elif column.dtype == object and any(isinstance(value, (list, dict, np.ndarray)) for value in column):
            frame[name] = [json_text(value) for value in column]
        elif column.dtype == object and any(isinstance(value, dt.time) for value in column):
            frame[name] = pd.Series(times.of_day(pa.array(column, from_pandas=True)).to_pandas()).set_axis(frame.index)
        elif column.dtype == "str" and not is_text(array := pa.array(column, from_pandas=True)):
            frame[name] = pd.Series(_mended_text(array), index=frame.index, dtype="str")
    return frame


def is_text(column: pa.Array | pa.ChunkedArray) -> bool:
    """Whether an Arrow column of texts is UTF-8 all through, which Arrow takes for granted and GDAL does not see to."""
    raw = pa.large_binary() if pa.types.is_large_string(column.type) else pa.binary()
    try:
        column.cast(raw).cast(column.type)
    except pa.ArrowInvalid:
        return False
    return True


def _mended_text(column: pa.Array | pa.ChunkedArray) -> list[str | None]:
    """Return texts without the half letter at their end, which a field's width cut; other odd bytes become U+FFFD."""
    raw = column.cast(pa.large_binary()).to_pylist()
    decoder = codecs.getincrementaldecoder("utf-8")
    return [None if text is None else decoder("replace").decode(text) for text in raw]


def _told_apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the second of two fields of one name a number; of a geometry the last one is it."""
    names = [str(name) for name in frame.columns]
    if len(set(names)) == len(names):
        return frame
    shape = len(names) - 1 - names[::-1].index("geometry") if isinstance(frame, gpd.GeoDataFrame) else -1
    taken: dict[str, int] = {"geometry": 1} if shape >= 0 else {}
    fresh = []
    for at, name in enumerate(names):
        taken[name] = taken.get(name, 0) + (at != shape)
        fresh.append(name if at == shape or taken[name] == 1 else f"{name}_{taken[name]}")
    plain_frame = pd.DataFrame(frame).set_axis(fresh, axis="columns")
    if shape < 0:
        return plain_frame
    crs = frame.iloc[:, shape].array.crs
    placed: pd.DataFrame = gpd.GeoDataFrame(plain_frame, geometry=fresh[shape], crs=crs)
    return placed
