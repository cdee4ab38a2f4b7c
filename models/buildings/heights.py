"""Heights and storeys of buildings as people write them: read what is meant, say what was guessed.

Invariants
----------
1. Nothing here knows a drawing or a map: arrays in, arrays out.
2. A height is *known* when it was written and makes sense, *from storeys* when storeys × storey height gave it, else
   *assumed*. What was not known is marked so, never passed off as measured.
3. Zero, negative numbers and the placeholders of old tables (999, 9999, -9999 …) are no heights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import Caution

Floats = NDArray[np.float64]

#: Height of a building of which nothing is known, metres.
ASSUMED_M = 9.0
#: Nothing that stands is higher (Burj Khalifa is 828 m); what says so is a placeholder or a slip of the unit.
HIGHEST_M = 1000.0
#: Lower things are no buildings.
LOWEST_M = 0.5
MOST_STOREYS = 200.0
#: What old tables write where they know nothing.
PLACEHOLDERS = (999.0, 9999.0, 99999.0, 32767.0, 65535.0, -999.0, -9999.0, -99999.0, -32768.0)

#: Columns that say a height or storeys, if a style names none.
HEIGHT_FIELDS = (
    "height_m", "height", "hgt", "bldg_height", "building:height", "measuredheight", "h", "建筑高度", "高度", "楼高",
)  # fmt: skip
STOREY_FIELDS = (
    "storeys", "stories", "floors", "floor", "flonum", "levels", "building:levels", "building_levels",
    "storeysaboveground",
    "层数", "建筑层数", "地上层数", "楼层",
)  # fmt: skip
#: Columns of parts of buildings that begin above the ground: with a height of their own, or (OpenStreetMap) with the
#: height of their roof over the ground.
BOTTOM_FIELDS = ("bottom_m",)
OSM_BOTTOM_FIELDS = ("min_height", "building:min_height")
OSM_BOTTOM_STOREY_FIELDS = ("min_level", "building:min_level")

_FIRST_NUMBER = re.compile(r"[-−–]?\s*\d+(?:[.,．]\d+)?")
_FEET = re.compile(r"\d\s*(?:ft|feet|英尺|['’′])", re.IGNORECASE)
_WIDE = str.maketrans("０１２３４５６７８９．，－", "0123456789.,-")
_FEET_M = 0.3048
_CHINESE = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}


@dataclass(slots=True)
class Heights:
    """What is known of the heights of buildings.

    Parameters
    ----------
    height_m : ndarray (n,)
        From floor to roof; never NaN.
    storeys : ndarray (n,)
    bottom_m : ndarray (n,)
        Height of the lowest point above the floor's level; 0 for what stands on the ground.
    origin : ndarray (n,) of str
        ``"known"``, ``"storeys"`` or ``"assumed"``.
    cautions : list of Caution
    """

    height_m: Floats
    storeys: Floats
    bottom_m: Floats
    origin: NDArray[np.str_]
    cautions: list[Caution] = field(default_factory=list)


def heights(
    table: pd.DataFrame,
    height_field: str = "",
    storeys_field: str = "",
    storey_height_m: float = 3.0,
    assumed_m: float = ASSUMED_M,
    layer: str = "",
) -> Heights:
    """Return heights of buildings from the columns there are.

    Parameters
    ----------
    table : DataFrame
        Attributes, a row a building.
    height_field, storeys_field : str
        Columns that a person chose; empty looks for the usual names. Storeys that were chosen win over heights that
        were only found.
    storey_height_m : float
    assumed_m : float
        Height of what says nothing.
    layer : str
        What cautions call the layer.
    """
    count = len(table)
    written, bad_heights = _sensible(_column(table, (height_field, *HEIGHT_FIELDS)), LOWEST_M, HIGHEST_M)
    storeys, bad_storeys = _sensible(_column(table, (storeys_field, *STOREY_FIELDS)), 0.5, MOST_STOREYS)
    bottom, from_ground = _bottom(table, storey_height_m)
    if storeys_field and not height_field and np.isfinite(storeys).any():
        written = np.where(np.isfinite(storeys), np.nan, written)
    origin = np.full(count, "assumed", dtype="<U8")
    height = np.full(count, float(assumed_m))
    by_storeys = np.isfinite(storeys)
    height[by_storeys] = storeys[by_storeys] * storey_height_m
    origin[by_storeys] = "storeys"
    known = np.isfinite(written)
    height[known] = written[known]
    origin[known] = "known"
    # A part above the ground as OpenStreetMap has it: its height is that of its roof over the ground, not its own.
    lifted = from_ground & (bottom > 0) & (height > bottom + LOWEST_M)
    height[lifted] -= bottom[lifted]
    full = np.where(np.isfinite(storeys), storeys, np.maximum(np.round(height / storey_height_m), 1.0))
    cautions = []
    if bad_heights + bad_storeys:
        cautions.append(Caution("heights.nonsense", layer=layer, count=bad_heights + bad_storeys))
    guessed = int((origin != "known").sum())
    if guessed and guessed < count:
        cautions.append(Caution("heights.estimated", layer=layer, count=guessed, of=count))
    elif guessed:
        cautions.append(Caution("heights.all_estimated", layer=layer, count=count))
    return Heights(height, full, bottom, origin, cautions)


def read_numbers(column: pd.Series) -> Floats:
    """Return a column as numbers, read as a person means them: ``"15m"``, ``"约12"``, ``"十二层"``, ``"39 ft"``.

    Unique texts are read once, so that a million rows cost what their few different values cost.
    """
    if pd.api.types.is_numeric_dtype(column):
        plain: Floats = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(np.isfinite(plain), plain, np.nan)
    rows, found = pd.factorize(column, use_na_sentinel=True)
    read = np.array([*(read_number(value) for value in found), np.nan], dtype=np.float64)
    result: Floats = read[rows]
    return result


def read_number(value: Any) -> float:
    """Return the number that a cell means, NaN for none."""
    if isinstance(value, (bool, np.bool_)):
        return float("nan")
    if isinstance(value, (int, float, np.integer, np.floating)):
        return float(value) if np.isfinite(float(value)) else float("nan")
    text = str(value).translate(_WIDE).strip()
    found = _FIRST_NUMBER.search(text)
    if found is None:
        return _chinese(text)
    digits = found.group().replace("−", "-").replace("–", "-").replace(" ", "")
    if found.start() > 0 and digits.startswith("-"):  # "5-6" is a range, "A-3" a name
        digits = digits[1:]
    if "," in digits:  # 1,5 is a half more than one; 12,000 is twelve thousand
        digits = digits.replace(",", "" if len(digits.split(",")[1]) == 3 else ".")
    number = float(digits)
    return number * _FEET_M if _FEET.search(text) else number


def estimated(origin: str) -> bool:
    """Whether a height of this origin is a guess."""
    return origin != "known"


def once(geometry: NDArray[Any], height_m: Floats, tolerance_m: float = 0.05) -> NDArray[np.bool_]:
    """Return which footprints to draw where the same one comes several times, (n,) bool: the highest of each.

    Two identical footprints flicker over each other. The same are those whose box and area agree within a tolerance.
    """
    import shapely

    return ~repeated(shapely.bounds(geometry), shapely.area(geometry), height_m, tolerance_m)


def repeated(boxes: NDArray[Any], area: NDArray[Any], height_m: Floats, tolerance_m: float = 0.05) -> NDArray[np.bool_]:
    """Return which footprints are those of another, higher one, (n,) bool.

    Parameters
    ----------
    boxes : ndarray (n, 4)
        Metres; NaN for what has no place.
    area : ndarray (n,)
        m²; what has none is no footprint.
    height_m : ndarray (n,)
    tolerance_m : float
    """
    key = np.column_stack([boxes, np.sqrt(np.maximum(area, 0.0))]).astype(np.float64)
    fine = np.isfinite(key).all(axis=1)
    order = np.argsort(-height_m, kind="stable")
    rows = pd.DataFrame(np.round(np.nan_to_num(key[order]) / tolerance_m).astype(np.int64))
    again = np.zeros(len(key), dtype=bool)
    again[order] = rows.duplicated(keep="first").to_numpy()
    result: NDArray[np.bool_] = again & fine & (key[:, 4] > 0)
    return result


def _column(table: pd.DataFrame, names: Sequence[str]) -> Floats:
    """Return the first of some columns that holds numbers."""
    columns = {str(name).lower(): name for name in table.columns}
    for name in names:
        found = columns.get(name.lower()) if name else None
        if found is not None:
            values = read_numbers(pd.Series(table[found]))
            if np.isfinite(values).any():
                return values
    return np.full(len(table), np.nan)


def _sensible(values: Floats, least: float, most: float) -> tuple[Floats, int]:
    """Return values without those that cannot be, and how many were left out (zero is silent: it means nothing)."""
    with np.errstate(invalid="ignore"):
        placeholder = np.isin(values, PLACEHOLDERS)
        bad = np.isfinite(values) & ((values < least) | (values > most) | placeholder)
    kept = np.where(bad, np.nan, values)
    return kept, int((bad & (values != 0)).sum())


def _bottom(table: pd.DataFrame, storey_height_m: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Return how high parts begin, and which of them count their height from the ground."""
    own = _column(table, BOTTOM_FIELDS)
    osm = _column(table, OSM_BOTTOM_FIELDS)
    level = _column(table, OSM_BOTTOM_STOREY_FIELDS) * storey_height_m
    osm = np.where(np.isfinite(osm), osm, level)
    bottom = np.where(np.isfinite(own), own, osm)
    return np.clip(np.nan_to_num(bottom), 0.0, HIGHEST_M), ~np.isfinite(own) & np.isfinite(osm)


def _chinese(text: str) -> float:
    """Return a number written in Chinese, up to 99: 十二层 is 12."""
    found = re.search(r"[零〇一二两三四五六七八九十]+", text)
    if found is None:
        return float("nan")
    word = found.group()
    if "十" not in word:
        return float(_CHINESE[word]) if len(word) == 1 else float("nan")
    tens, _, ones = word.partition("十")
    if any(part and part not in _CHINESE for part in (tens, ones)):
        return float("nan")
    return float((_CHINESE[tens] if tens else 1) * 10 + (_CHINESE[ones] if ones else 0))
