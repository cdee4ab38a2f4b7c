"""Tables of points as text: component registers, POI lists, survey points, sensor readings.

Codes are text: a 16-digit component code is no number, and ``0101`` is not 101. Only columns that are numbers in every
row, without leading zeros and with fewer than 12 digits, become numbers.
"""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.errors import Caution, UserError
from models.io.coordinates import are_degrees, clean_geometry, settle_crs, stem_of
from models.io.dbf import guess_encoding
from models.io.request import Opened, ReadRequest
from models.io.roles import guess_role, styled
from models.layers import Layer, Source, VectorData, new_layer_id
from models.progress import Progress

# Pairs of column names, most telling first; compared in lower case without blanks, dots and underscores.
_PAIRS = (
    ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("longitude", "latitude"), ("经度", "纬度"), ("lon84", "lat84"),
    ("wgs84lon", "wgs84lat"), ("wgslng", "wgslat"), ("location:lng", "location:lat"),
    ("pointx", "pointy"), ("easting", "northing"), ("e", "n"), ("east", "north"), ("东坐标", "北坐标"),
    ("横坐标", "纵坐标"), ("x坐标", "y坐标"), ("xcoord", "ycoord"), ("coordx", "coordy"), ("x", "y"),
)  # fmt: skip
_DEGREE_NAMES = frozenset(_PAIRS[:9])
_WKT = ("wkt", "geometry", "geom", "thegeom", "shape")
_HEIGHT = ("z", "高程", "地面高程", "z坐标", "elevation", "elev")
_NUMBER = r"\s*[-+]?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][-+]?\d+)?\s*"
_WKT_START = re.compile(r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)
CHINA = (73.0, 3.0, 136.0, 54.0)


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a delimited text table.

    Returns
    -------
    list of Opened
        One layer: ``vector`` where coordinate columns were found, else ``table`` with a caution.

    Raises
    ------
    UserError
        ``io.no_rows``; ``io.no_crs`` for coordinates in metres without ``request.crs``; ``io.no_column`` for a column
        named in the options that is not there; ``io.damaged``.
    """
    path = Path(path)
    progress.step(0.0, "progress.io.reading")
    encoding, cautions = _encoding(path, request.encoding)
    delimiter = request.options.get("delimiter") or _delimiter(path, encoding)
    try:
        table = pd.read_csv(
            path, sep=delimiter, encoding=encoding, dtype=str, keep_default_na=False, na_values=["", "NULL", "null"],
            encoding_errors="replace", on_bad_lines="skip", skipinitialspace=True, low_memory=False,
        )  # fmt: skip
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        raise UserError("io.damaged", file=path.name, reason=str(error).splitlines()[0][:200]) from error
    if not len(table):
        raise UserError("io.no_rows", file=path.name)
    progress.step(0.5, "progress.io.reading")
    table.columns = [str(column).strip() for column in table.columns]
    table.index = pd.Index(np.arange(1, len(table) + 1, dtype=np.int64), name="fid")
    geometry, said, used = _geometry(table, request, path.name, cautions)
    frame: Any = pd.DataFrame({name: _typed(table[name]) for name in table.columns if name not in used})
    name = stem_of(path)
    crs = ""
    if geometry is None:
        cautions.append(Caution("io.table_only", file=path.name))
    else:
        frame = gpd.GeoDataFrame(frame, geometry=geometry)
        frame, found = clean_geometry(frame, path.name)
        cautions += found
        if not len(frame):
            raise UserError("io.no_features", file=path.name)
        crs, found = settle_crs(said, request.crs, frame.total_bounds, path.name)
        cautions += found
        if said and not request.crs:
            cautions.append(Caution("io.assumed_wgs84", file=path.name))
        frame = frame.set_crs(crs)
    kind = "table" if geometry is None else "vector"
    shape = "" if geometry is None else str(frame.geom_type.str.removeprefix("Multi").mode().iat[0])
    role = guess_role(name, frame, shape)
    frame, style, found = styled(role, frame, path.name)
    options = dict(request.options) | {"encoding": encoding, "delimiter": delimiter}
    layer = Layer(
        id=new_layer_id(name),
        name=name,
        kind=kind,
        role=role,
        source=Source(path=str(path), reader="points_csv", crs=crs, options=options),
        style=style,
    )
    return [Opened(layer, VectorData(frame, cautions + found))]


def _encoding(path: Path, asked: str) -> tuple[str, list[Caution]]:
    with path.open("rb") as file:
        head = file.read(1_000_000)
    if asked:
        return asked, []
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", []
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", []
    if head.isascii():
        return "utf-8", []
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    name = guess_encoding(whole_lines)
    return name, [] if name == "utf-8" else [Caution("io.encoding_guessed", file=path.name, encoding=name)]


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace") as file:
        lines = [line for line in (file.readline() for _ in range(20)) if line.strip()]
    if not lines:
        raise UserError("io.no_rows", file=path.name)
    counts = {mark: lines[0].count(mark) for mark in (",", ";", "\t", "|")}
    return max(counts, key=lambda mark: counts[mark])


def _geometry(
    table: pd.DataFrame, request: ReadRequest, file: str, cautions: list[Caution]
) -> tuple[NDArray[Any] | None, str, tuple[str, ...]]:
    """Return geometries, the CRS that the columns speak of (empty for metres) and the columns used up."""
    names = {re.sub(r"[\s_.\-()（）]", "", column).lower(): column for column in table.columns}
    wkt = request.options.get("wkt") or next(
        (names[key] for key in _WKT if key in names and _is_wkt(table[names[key]])), ""
    )
    if wkt:
        _require(table, wkt, file)
        text = table[wkt].str.replace(r"^\s*SRID=\d+;", "", regex=True)
        geometry = shapely.from_wkt(text.where(text.notna(), None).to_numpy(object), on_invalid="ignore")
        known = geometry[~shapely.is_missing(geometry)]
        bounds = shapely.total_bounds(known)
        return geometry, "EPSG:4326" if len(known) and _in_china_or_named(bounds, False) else "", (wkt,)
    pair = _pair(names, request)
    if pair is None:
        return None, "", ()
    (x_name, y_name), is_named_degrees = pair
    _require(table, x_name, file)
    _require(table, y_name, file)
    x, y = _numbers(table[x_name]), _numbers(table[y_name])
    known = np.isfinite(x) & np.isfinite(y)
    if not known.any():
        return None, "", ()
    bounds = (x[known].min(), y[known].min(), x[known].max(), y[known].max())
    if is_named_degrees and not are_degrees(bounds) and are_degrees((bounds[1], bounds[0], bounds[3], bounds[2])):
        x, y = y, x
        bounds = (bounds[1], bounds[0], bounds[3], bounds[2])
        cautions.append(Caution("io.swapped_axes", file=file, x=x_name, y=y_name))
    z_name = request.options.get("z") or next((names[key] for key in _HEIGHT if key in names), "")
    z = _numbers(table[z_name]) if z_name in table.columns else np.full(len(table), np.nan)
    geometry = np.full(len(table), None, dtype=object)
    with_z = known & np.isfinite(z)
    geometry[known] = shapely.points(x[known], y[known])
    geometry[with_z] = shapely.points(x[with_z], y[with_z], z[with_z])
    used = (x_name, y_name) if not is_named_degrees else ()
    return geometry, "EPSG:4326" if are_degrees(bounds) and _in_china_or_named(bounds, is_named_degrees) else "", used


def _pair(names: dict[str, str], request: ReadRequest) -> tuple[tuple[str, str], bool] | None:
    x, y = request.options.get("x", ""), request.options.get("y", "")
    if x and y:
        return (x, y), False
    for pair in _PAIRS:
        if pair[0] in names and pair[1] in names:
            return (names[pair[0]], names[pair[1]]), pair in _DEGREE_NAMES
    return None


def _in_china_or_named(bounds: Any, is_named: bool) -> bool:
    """Small numbers under ``x`` and ``y`` may as well be metres of a site plan, unless they fall into China."""
    xmin, ymin, xmax, ymax = bounds
    return is_named or (CHINA[0] <= xmin and xmax <= CHINA[2] and CHINA[1] <= ymin and ymax <= CHINA[3])


def _require(table: pd.DataFrame, column: str, file: str) -> None:
    if column not in table.columns:
        raise UserError("io.no_column", file=file, column=column, columns=", ".join(map(str, table.columns[:20])))


def _is_wkt(column: pd.Series[Any]) -> bool:
    sample = column.dropna().head(20)
    return bool(len(sample)) and all(_WKT_START.match(str(text)) for text in sample)


def _numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    return np.array(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    text = column.dropna()
    if not len(text):
        return column
    is_number = text.str.fullmatch(_NUMBER).all() and text.str.contains(r"\d").all()
    if not is_number or text.str.count(r"\d").max() >= 18 or text.str.fullmatch(r"\s*\d{12,}\s*").any():
        return column
    return pd.to_numeric(column)
