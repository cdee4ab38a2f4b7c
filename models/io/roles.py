"""A first guess at what a layer is in the city, from its name, fields and geometry. The user may always change it.

Conservative by design: a wrong role asks a wrong question of the data, "other" only draws it plainly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import Caution
from models.layers import Style

if TYPE_CHECKING:
    import pandas as pd

# (role, geometry types allowed, words that begin an English word of the name, Chinese words anywhere in the name)
_BY_NAME: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("pipe_nodes", "Point", ("manhole", "catchbasin", "inlet", "outfall", "outlet", "junction", "node"),
     ("管点", "检查井")),
    ("pipes", "LineString", ("main", "pipe", "sewer", "watermain", "conduit"), ("管线", "管段", "管网", "管道")),
    ("sensors", "Point", ("sensor",), ("传感器", "监测点")),
    ("facilities", "Point", ("component", "facilit"), ("部件",)),
    ("cases", "Point", ("case",), ("案件", "事件")),
    ("trees", "Point", ("tree",), ("树木", "行道树", "古树")),
    ("footways", "LineString", ("footway", "sidewalk"), ("人行道", "步道")),
    ("roads", "LineString", ("road", "street", "highway", "centerline"), ("道路", "路网", "中心线")),
    ("buildings", "Polygon", ("building", "footprint"), ("建筑", "房屋", "楼栋")),
    ("parcels", "Polygon", ("parcel", "lot"), ("地块", "宗地")),
    ("green", "Polygon", ("park", "green"), ("公园", "绿地")),
    ("water", "Polygon", ("water", "lake", "river"), ("水系", "水域", "水体", "河流", "湖泊")),
    ("communities", "Polygon", ("communit", "shequ", "neighbourhood", "neighborhood"), ("社区", "居委", "小区")),
    ("districts", "Polygon", ("district", "subdistrict", "jiedao"), ("街道", "街区", "区县", "行政区")),
    ("land", "Polygon", ("landuse", "landcover"), ("用地", "土地", "地类")),
    ("amenities", "", ("amenit",), ("设施点", "配套设施")),
)  # fmt: skip
_NEVER = {"districts": ("school", "学区", "xuequ"), "pipes": ("main_road",)}

_HEIGHT = ("height_m", "height", "bldg_height", "building_height", "measuredheight", "建筑高度", "楼高", "高度", "jzgd")
_STOREYS = (
    "storeys", "stories", "floors", "floor", "flonum", "levels", "building:levels", "num_floors", "层数", "楼层",
    "地上层数", "总层数", "cs",
)  # fmt: skip
_NAMES = {
    "communities": ("name", "社区名称", "名称", "社区", "shequ", "xzqmc"),
    "districts": ("name", "街道名称", "名称", "街道", "区县", "xzqmc"),
}
_PIPE_WORDS = (
    ("HS", ("combined", "合流")), ("WS", ("sanitary", "sewage", "污水")), ("YS", ("storm", "rain", "雨水")),
    ("RQ", ("gas", "燃气")), ("RL", ("heating", "热力")), ("JS", ("watermain", "water_supply", "给水", "供水")),
    ("PS", ("drain", "sewer", "排水")), ("DL", ("power", "电力")), ("TX", ("telecom", "通信")),
)  # fmt: skip
_NUMBER = re.compile(r"^\s*[-+]?\d+(?:\.\d+)?(?:\s*m)?\s*$")


def guess_role(name: str, frame: pd.DataFrame, geometry: str) -> str:
    """Return a role for a layer.

    Parameters
    ----------
    name : str
        Table or file name.
    frame : DataFrame
        Its rows; a few columns are looked into.
    geometry : str
        Most frequent geometry type without "Multi", empty for a table.
    """
    if not geometry:
        return "other"
    lower = name.lower()
    words = [part for part in re.split(r"[^a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) if part]
    for role, allowed, english, chinese in _BY_NAME:
        if allowed and geometry != allowed:
            continue
        if any(stop in lower for stop in _NEVER.get(role, ())):
            continue
        if any(word.startswith(stem) for word in words for stem in english) or any(w in name for w in chinese):
            return role
    if geometry == "Point" and object_id_field(frame):
        return "facilities"
    if geometry == "Polygon" and lower == "land":
        return "land"
    fields = {str(column).lower() for column in frame.columns}
    if geometry == "Polygon":
        if field_of(frame, _STOREYS) or ("building" in fields and frame["building"].notna().all()):
            return "buildings"
        if "社区名称" in fields:
            return "communities"
    if geometry == "LineString" and "highway" in fields and frame["highway"].notna().mean() > 0.9:
        return "roads"
    return "other"


def pipe_colour(name: str) -> str:
    """Return CJJ 61's colour of the kind of pipe that a layer's name speaks of, ``""`` where it does not say."""
    from resources.standards import standard

    lower = name.lower()
    for code, words in _PIPE_WORDS:
        if any(word in lower for word in words):
            row = next(row for row in standard("pipes_cjj61")["kind"] if row["code"] == code)
            return "#{:02x}{:02x}{:02x}".format(*row["rgb"])
    return ""


def name_field(frame: pd.DataFrame, role: str) -> str:
    """Return the column that names areas, ``""`` when there is none (or it is simply ``name``)."""
    columns = {str(column).lower(): str(column) for column in frame.columns}
    return next((columns[name] for name in _NAMES[role] if name in columns), "")


def object_id_field(frame: pd.DataFrame) -> str:
    """Return the column of 16-digit component codes (GB/T 30428.2: 6 division, 2 class, 2 subclass, 6 serial)."""
    for column in frame.columns:
        if column == "geometry":
            continue
        sample = frame[column].dropna().head(200)
        # A column of references to components repeats itself or has gaps; a register's own code does neither.
        if not len(sample) or len(sample) < min(len(frame), 200) or not sample.is_unique:
            continue
        if sample.astype(str).str.fullmatch(r"\d{16}").mean() > 0.8:
            return str(column)
    return ""


def field_of(frame: pd.DataFrame, names: tuple[str, ...]) -> str:
    """Return the first column whose name is one of ``names`` and that holds at least one number above zero."""
    by_name = {str(column).lower(): str(column) for column in frame.columns}
    for name in names:
        column = by_name.get(name)
        if column is not None and (numbers_of(frame[column]) > 0).any():
            return column
    return ""


def numbers_of(column: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a column as float64, NaN where there is no number ("12", "12 m" and 12 are; "six" is not)."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return np.asarray(pd.to_numeric(column).astype("float64"))
    text = column.where(column.notna(), "").astype(str)
    text = text.where(text.str.match(_NUMBER), "").str.replace("m", "", regex=False)
    return np.asarray(pd.to_numeric(text, errors="coerce").astype("float64"))


def styled(role: str, frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, Style, list[Caution]]:
    """Find the fields that give buildings their height, as numbers, and the field that labels.

    Returns
    -------
    frame : DataFrame
        With the height and storey fields turned into numbers where they came as text.
    style : Style
    cautions : list of Caution
        ``io.no_height`` for buildings without either field.
    """
    if role in ("pipes", "pipe_nodes"):
        return frame, Style(colour="" if "kind" in frame.columns else pipe_colour(file)), []
    if role in ("communities", "districts"):
        return frame, Style(label_field=name_field(frame, role)), []
    if role != "buildings":
        return frame, Style(), []
    height, storeys = field_of(frame, _HEIGHT), field_of(frame, _STOREYS)
    for column in filter(None, (height, storeys)):
        numbers = numbers_of(frame[column])
        if frame[column].dtype.kind not in "iuf":
            frame = frame.assign(**{column: numbers})
    cautions = [] if height or storeys else [Caution("io.no_height", file=file)]
    return frame, Style(height_field=height, storeys_field=storeys), cautions
