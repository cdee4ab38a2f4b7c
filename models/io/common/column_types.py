"""What the columns of a plain table mean: where coordinates stand, and which text is numbers, dates or truth.

Invariants
----------
1. Codes are text: a 16-digit component code is no number, and ``0101`` is not 101. Only columns that are numbers in
   every row, without leading zeros and with fewer than 12 digits, become numbers.
2. Nothing is guessed from one column alone: coordinates come in named pairs, as WKT, or from a person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.common.coordinates import are_degrees
from models.io.request import ReadRequest

# Pairs of column names, most telling first; compared in lower case without blanks, dots, brackets and underscores.
_PAIRS = (
    ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("longitude", "latitude"), ("经度", "纬度"), ("东经", "北纬"),
    ("lon84", "lat84"), ("wgs84lon", "wgs84lat"), ("wgslng", "wgslat"), ("location:lng", "location:lat"),
    ("经度坐标", "纬度坐标"), ("gps经度", "gps纬度"), ("中心经度", "中心纬度"), ("jd", "wd"),
    ("pointx", "pointy"), ("easting", "northing"), ("e", "n"), ("east", "north"), ("东坐标", "北坐标"),
    ("东距", "北距"), ("横坐标", "纵坐标"), ("x坐标", "y坐标"), ("坐标x", "坐标y"), ("xcoord", "ycoord"),
    ("coordx", "coordy"), ("横坐标y", "纵坐标x"), ("x", "y"), ("zbx", "zby"),
)  # fmt: skip
_DEGREE_NAMES = frozenset(_PAIRS[:14])
_WKT = ("wkt", "geometry", "geom", "thegeom", "shape", "几何", "空间数据")
_TOGETHER = ("坐标", "经纬度", "位置坐标", "location", "lonlat", "lnglat", "coordinates", "coordinate", "xy")
_HEIGHT = ("z", "高程", "地面高程", "z坐标", "坐标z", "高程h", "h", "elevation", "elev", "海拔")
_UNIT = re.compile(r"[(（\[](?:m|米|°|度|deg)[)）\]]$")
_NUMBER = r"\s*[-+]?(?:0|[1-9]\d*)?(?:\.\d+)?(?:[eE][-+]?\d+)?\s*"
_WHOLE = r"\s*[-+]?(?:0|[1-9]\d*)\s*"
_WKT_START = re.compile(
    r"\s*(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\b", re.IGNORECASE
)
_TWO = re.compile(r"^\s*[\[(（]?\s*([-+]?\d+(?:\.\d+)?)\s*[,，;； ]\s*([-+]?\d+(?:\.\d+)?)\s*[\])）]?\s*$")
_DMS = re.compile(
    r"^\s*([NSEW东西南北])?\s*(\d{1,3})\s*[°度]\s*(?:(\d{1,2}(?:\.\d+)?)\s*[′'分])?\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*(?:[″\"秒]|''))?\s*([NSEW东西南北])?\s*$"
)
_DATE = re.compile(
    r"^\s*(?:1[89]|20|21)\d\d(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2}|年\d{1,2}月\d{1,2}日)"
    r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*$"
)
_TRUTH = {"true": True, "yes": True, "是": True, "有": True, "1": True, "y": True, "t": True,
          "false": False, "no": False, "否": False, "无": False, "0": False, "n": False, "f": False}  # fmt: skip
_MOST_DEEP = 16
CHINA = (73.0, 3.0, 136.0, 54.0)
#: Value of the option ``geometry`` that wants a table whatever its columns are called.
TABLE_ONLY = "-"
#: Kinds of fields that a person may say.
KINDS = ("text", "integer", "number", "date", "boolean")


def placed(
    table: pd.DataFrame, request: ReadRequest, file: str, cautions: list[Caution]
) -> tuple[NDArray[Any] | None, str, tuple[str, ...]]:
    """Find the geometry of a table of texts.

    Parameters
    ----------
    table : DataFrame
        Every value text or None.
    request : ReadRequest
        ``options``: ``x``, ``y``, ``z``, ``wkt`` name columns; ``geometry = "-"`` wants the table alone.
    file : str
    cautions : list of Caution
        Gets ``io.swapped_axes``, ``vector.survey_axes``, ``vector.bad_wkt``.

    Returns
    -------
    geometry : ndarray of object or None
        None where there are no coordinates.
    crs : str
        CRS that the columns speak of, empty for metres.
    used : tuple of str
        Columns that are in the geometry now.

    Raises
    ------
    UserError
        ``io.no_column``.
    """
    if request.options.get("geometry") == TABLE_ONLY:
        return None, "", ()
    names = {_key(column): column for column in table.columns}
    x, y = request.options.get("x", ""), request.options.get("y", "")
    wkt = request.options.get("wkt") or next(
        (names[key] for key in _WKT if key in names and _is_wkt(table[names[key]])), ""
    )
    if wkt and not (x and y):
        return _by_wkt(table, wkt, file, cautions)
    pair = ((x, y), False) if x and y else coordinate_columns(list(table.columns))
    if pair is None:
        together = next((names[key] for key in _TOGETHER if key in names and _is_pair(table[names[key]])), "")
        if not together:
            return None, "", ()
        found = table[together].fillna("").astype(str).str.extract(_TWO)
        pair, table = (("x", "y"), True), pd.DataFrame({"x": found[0], "y": found[1]}, index=table.index)
        names = {}
    (x_name, y_name), is_named_degrees = pair
    require(table, x_name, file)
    require(table, y_name, file)
    xs, ys = numbers(table[x_name]), numbers(table[y_name])
    known = np.isfinite(xs) & np.isfinite(ys)
    if not known.any():
        return None, "", ()
    bounds = (xs[known].min(), ys[known].min(), xs[known].max(), ys[known].max())
    turned = (bounds[1], bounds[0], bounds[3], bounds[2])
    if is_named_degrees and not are_degrees(bounds) and are_degrees(turned):
        xs, ys, bounds = ys, xs, turned
        cautions.append(Caution("io.swapped_axes", file=file, x=x_name, y=y_name))
    elif not is_named_degrees and _is_survey_order(bounds):
        xs, ys, bounds = ys, xs, turned
        cautions.append(Caution("vector.survey_axes", file=file, x=x_name, y=y_name))
    z_name = request.options.get("z") or next((names[key] for key in _HEIGHT if key in names), "")
    zs = numbers(table[z_name]) if z_name in table.columns else np.full(len(table), np.nan)
    geometry = np.full(len(table), None, dtype=object)
    with_z = known & np.isfinite(zs)
    geometry[known] = shapely.points(xs[known], ys[known])
    geometry[with_z] = shapely.points(xs[with_z], ys[with_z], zs[with_z])
    used = (x_name, y_name) if not is_named_degrees else ()
    return geometry, "EPSG:4326" if are_degrees(bounds) and _in_china_or_named(bounds, is_named_degrees) else "", used


def coordinate_columns(columns: list[str]) -> tuple[tuple[str, str], bool] | None:
    """Return the columns of x and y by their names, and whether the names speak of degrees; None without such."""
    names = {_key(column): column for column in columns}
    for pair in _PAIRS:
        if pair[0] in names and pair[1] in names:
            return (names[pair[0]], names[pair[1]]), pair in _DEGREE_NAMES
    return None


def typed(
    table: pd.DataFrame, request: ReadRequest, file: str, progress: Progress | None = None
) -> tuple[pd.DataFrame, list[Caution]]:
    """Give the columns of a table of texts their types.

    Parameters
    ----------
    table : DataFrame
        Every value text or None.
    request : ReadRequest
        ``options["types"]``: JSON of column → a word of :data:`KINDS`, as a person set it.
    file : str

    Returns
    -------
    frame : DataFrame
    cautions : list of Caution
        ``vector.type_lost`` with the number of values that are not of the type that a person set; they are no data.
    """
    wanted = requested_types(request.options)
    cautions: list[Caution] = []
    columns = {}
    for number, name in enumerate(table.columns):
        if progress is not None:
            progress.step(number / len(table.columns), "progress.io.reading")
        kind = wanted.get(str(name), "")
        columns[name] = as_kind(table[name], kind) if kind else guessed(table[name])
        lost = int((table[name].notna() & pd.isna(columns[name])).sum()) if kind else 0
        if lost:
            cautions.append(Caution("vector.type_lost", file=file, field=str(name), count=lost))
    return pd.DataFrame(columns, index=table.index), cautions


def requested_types(options: Mapping[str, str]) -> dict[str, str]:
    """Return the types that a person gave to columns.

    Raises
    ------
    UserError
        ``vector.bad_types`` for what is no JSON, or no type.
    """
    try:
        types = json.loads(options.get("types") or "{}")
    except ValueError as error:
        raise UserError("vector.bad_types", types=options["types"][:80]) from error
    if not isinstance(types, dict) or not set(types.values()) <= set(KINDS):
        raise UserError("vector.bad_types", types=options["types"][:80])
    return {str(name): str(kind) for name, kind in types.items()}


def guessed(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return a column of texts as whole numbers, numbers or dates where every value is one, else as it is."""
    text = column.dropna()
    if not len(text):
        return column
    text = text.astype(str)
    if (
        text.head(50).map(lambda value: bool(_DATE.match(value))).all()
        and text.map(lambda v: bool(_DATE.match(v))).all()
    ):
        dates = as_kind(column, "date")
        return dates if int(dates.notna().sum()) == len(text) else column
    is_number = text.str.fullmatch(_NUMBER).all() and text.str.contains(r"\d").all()
    if not is_number or text.str.count(r"\d").max() >= 18 or text.str.fullmatch(r"\s*\d{12,}\s*").any():
        return column
    if text.str.fullmatch(_WHOLE).all():
        return as_kind(column, "integer")
    return pd.to_numeric(column)


def as_kind(column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    """Return a column of texts as one type; what is not of it is no data."""
    if kind == "text":
        return column
    if kind == "boolean":
        truth = column.map(lambda value: _TRUTH.get(str(value).strip().lower()) if value is not None else None)
        return truth.astype("boolean")
    if kind == "date":
        text = column.where(column.notna(), None)
        plain = text.astype("str").str.strip().str.replace(r"[年月/.](?=\d{1,2}(?:\D|$))", "-", regex=True)
        plain = plain.str.replace(r"^(\d{4}-\d{1,2}-\d{1,2})日", r"\1", regex=True)
        return pd.to_datetime(plain.where(column.notna(), None), errors="coerce", format="mixed").dt.as_unit("ms")
    values = pd.Series(numbers(column), index=column.index)
    if kind == "integer":
        whole = values.where(values.isna() | (values == values.round()))
        if (whole.abs() >= 2**53).any():  # beyond what a float holds exactly
            return _exact(column, whole)
        return whole.astype("int64") if whole.notna().all() else whole.astype("Int64")
    return values


def _exact(column: pd.Series[Any], whole: pd.Series[Any]) -> pd.Series[Any]:
    """Return whole numbers to the last digit, read from their texts; what 64 bits do not hold is no data."""
    plain = [
        None if pd.isna(value) else int(text) if re.fullmatch(_WHOLE, str(text)) else int(value)
        for text, value in zip(column, whole, strict=True)
    ]
    held = [None if value is None or not -(2**63) <= value < 2**63 else value for value in plain]
    found = pd.Series(pd.array(held, "Int64"), index=column.index)
    return found if found.isna().any() else found.astype("int64")


def numbers(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Return a column of texts as float64, NaN where there is no number; ``117°02′31″`` is one."""
    values = np.array(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
    for at in np.flatnonzero(np.isnan(values) & column.notna().to_numpy()).tolist():
        values[at] = _degrees(str(column.iat[at]))
    return values


def require(table: pd.DataFrame, column: str, file: str) -> None:
    """Refuse a column that is not there.

    Raises
    ------
    UserError
        ``io.no_column``.
    """
    if column not in table.columns:
        raise UserError("io.no_column", file=file, column=column, columns=", ".join(map(str, table.columns[:20])))


def framed(frame: pd.DataFrame, geometry: NDArray[Any] | None, crs: str) -> pd.DataFrame:
    """Return the frame with its geometry, if it has one."""
    return frame if geometry is None else gpd.GeoDataFrame(frame, geometry=geometry, crs=crs or None)


def _by_wkt(
    table: pd.DataFrame, wkt: str, file: str, cautions: list[Caution]
) -> tuple[NDArray[Any], str, tuple[str, ...]]:
    require(table, wkt, file)
    srid = table[wkt].str.extract(r"^\s*SRID=(\d+);", expand=False).dropna()
    text = table[wkt].str.replace(r"^\s*SRID=\d+;", "", regex=True)
    words = np.array([word if _is_sensible(word) else None for word in text], dtype=object)  # nothing, not NaN
    geometry = np.asarray(shapely.from_wkt(words, on_invalid="ignore"))
    bad = int((shapely.is_missing(geometry) & table[wkt].notna().to_numpy()).sum())
    if bad:
        cautions.append(Caution("vector.bad_wkt", file=file, count=bad))
    if len(srid) and srid.nunique() == 1 and srid.iat[0] != "0":
        return geometry, f"EPSG:{srid.iat[0]}", (wkt,)
    known = geometry[~shapely.is_missing(geometry)]
    bounds = shapely.total_bounds(known)
    return geometry, "EPSG:4326" if len(known) and _in_china_or_named(bounds, False) else "", (wkt,)


def _is_sensible(word: object) -> bool:
    """Whether a cell is a text whose collections do not stand in one another without an end, of which a reader dies."""
    if not isinstance(word, str):
        return False
    return not word.lstrip()[:8].upper().startswith("GEOMETRY") or word.upper().count("COLLECTION") <= _MOST_DEEP


def _key(column: str) -> str:
    return re.sub(r"[\s_.\-()（）\[\]]", "", _UNIT.sub("", str(column).strip().lower()))


def _degrees(text: str) -> float:
    found = _DMS.match(text)
    if not found:
        return float("nan")
    first, degrees, minutes, seconds, last = found.groups()
    value = float(degrees) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -value if (first or last or "") in ("S", "W", "南", "西") else value


def _is_survey_order(bounds: Any) -> bool:
    """Whether x are northings and y eastings of China, as its surveyors write them: x to the north."""
    xmin, ymin, xmax, ymax = bounds
    is_north = xmin > 1.8e6 and xmax < 6.2e6
    return bool(is_north and ((ymin > 1.0e5 and ymax < 9.9e5) or (ymin > 1.3e7 and ymax < 4.6e7)))


def _in_china_or_named(bounds: Any, is_named: bool) -> bool:
    """Small numbers under ``x`` and ``y`` may as well be metres of a site plan, unless they fall into China."""
    xmin, ymin, xmax, ymax = bounds
    return is_named or (CHINA[0] <= xmin and xmax <= CHINA[2] and CHINA[1] <= ymin and ymax <= CHINA[3])


def _is_wkt(column: pd.Series[Any]) -> bool:
    sample = column.dropna().head(20)
    return bool(len(sample)) and all(_WKT_START.match(str(text)) for text in sample)


def _is_pair(column: pd.Series[Any]) -> bool:
    sample = column.dropna().head(20)
    return bool(len(sample)) and all(_TWO.match(str(text)) for text in sample)


def kind_of(column: pd.Series[Any]) -> str:
    """Return a column's type in the words of :data:`KINDS`."""
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "date"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(column) else "text"
