"""A first guess at what a layer is in the city, from its name, fields and geometry. The user may always change it.

Conservative by design: a wrong role asks a wrong question of the data, "other" only draws it plainly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from models.core.errors import Caution
from models.layers.layer import Style
from models.roles import ROLES, Role

if TYPE_CHECKING:
    import pandas as pd

# (role, words that begin an English word of the name, Chinese words anywhere in the name), for layers of its geometry
_BY_NAME: tuple[tuple[Role, tuple[str, ...], tuple[str, ...]], ...] = (
    ("pipe_nodes", ("manhole", "catchbasin", "inlet", "outfall", "outlet", "junction", "node"),
     ("管点", "检查井")),
    ("pipes", ("main", "pipe", "sewer", "watermain", "conduit"), ("管线", "管段", "管网", "管道")),
    ("sensors", ("sensor",), ("传感器", "监测点")),
    ("facilities", ("component", "facilit"), ("部件",)),
    ("cases", ("case",), ("案件", "事件")),
    ("trees", ("tree",), ("树木", "行道树", "古树")),
    ("footways", ("footway", "sidewalk"), ("人行道", "步道")),
    ("roads", ("road", "street", "highway", "centerline"), ("道路", "路网", "中心线")),
    ("buildings", ("building", "footprint"), ("建筑", "房屋", "楼栋")),
    ("parcels", ("parcel", "lot"), ("地块", "宗地")),
    ("green", ("park", "green"), ("公园", "绿地")),
    ("water", ("water", "lake", "river"), ("水系", "水域", "水体", "河流", "湖泊")),
    ("built_up", ("built_up", "builtup", "built-up", "jianchengqu"), ("建成区",)),
    ("communities", ("communit", "shequ", "neighbourhood", "neighborhood"), ("社区", "居委", "小区")),
    ("districts", ("district", "subdistrict", "jiedao"), ("街道", "街区", "区县", "行政区")),
    ("land", ("landuse", "landcover"), ("用地", "土地", "地类")),
    ("amenities", ("amenit",), ("设施点", "配套设施")),
)  # fmt: skip
_NEVER: dict[Role, tuple[str, ...]] = {"districts": ("school", "学区", "xuequ"), "pipes": ("main_road",)}

#: Words that are buildings where a height stands with them; without one they may be plots, or a house's rooms.
_HOUSES = ("house", "bldg", "pand", "gebouw", "gebaeude", "batiment")
_HEIGHT = ("height_m", "height", "bldg_height", "building_height", "measuredheight", "建筑高度", "楼高", "高度", "jzgd")
_STOREYS = (
    "storeys", "stories", "floors", "floor", "flonum", "levels", "building:levels", "num_floors", "层数", "楼层",
    "地上层数", "总层数", "cs",
)  # fmt: skip
_NAMES: dict[Role, tuple[str, ...]] = {
    "communities": (
        "社区名称", "社区名", "居委会名称", "小区名称", "社区", "name", "名称", "sqmc", "jwhmc", "shequ", "xzqmc",
    ),
    "districts": (
        "街道名称", "街道名", "乡镇名称", "街道", "区县名称", "区县", "name", "名称", "jdmc", "xzmc", "xzqmc", "qxmc",
    ),
    "parcels": ("地块编号", "地块名称", "宗地号", "dkbh"),
    "green": ("公园名称", "绿地名称", "name", "名称"),
    "water": ("水体名称", "河流名称", "name", "名称"),
    "amenities": ("name", "名称", "设施名称"),
}  # fmt: skip
#: What utilities abroad and at home call the ends and the depth of a pipe → what the city calls them. Heights in metres
#: above the datum; 9999 and the like mean that nobody measured.
_PIPE_FIELDS = {
    "start_invert_m": (
        "start_invert_m", "upselev", "upstreaminvert", "upstream_elevation", "upstream_invert", "up_elevation",
        "up_invert", "usinvert", "us_invert", "upinvert", "upinv", "invertup", "startelevation", "start_invert",
        "起点管底高程", "起点管内底高程", "起点内底高程", "qdgdgc", "起点高程", "qdgc", "起始管底高程",
    ),
    "end_invert_m": (
        "end_invert_m", "dwnelev", "dnselev", "downelev", "downstreaminvert", "downstream_elevation",
        "downstream_invert", "down_elevation", "down_invert", "dsinvert", "ds_invert", "dninvert", "dninv",
        "invertdown", "endelevation", "end_invert", "终点管底高程", "终点管内底高程", "终点内底高程",
        "zdgdgc", "终点高程", "zdgc", "终止管底高程",
    ),
    "diameter_mm": (
        "diameter_mm", "diameter", "main_size", "pipe_size", "pipesize", "diam", "dia", "pipe_dia", "nominaldiameter",
        "管径", "口径", "gj", "公称直径",
    ),
}  # fmt: skip
_NODE_FIELDS = {
    "ground_m": (
        "ground_m", "rim_elevation", "rimelevation", "rimelev", "ztopcov", "rim", "地面高程", "井盖高程", "dmgc",
    ),
    "invert_m": (
        "invert_m", "center_invert", "sumpelevation", "invertelev", "invert", "outflow_elevation", "井底高程", "jdgc",
    ),
}  # fmt: skip
#: Numbers that stand for "not measured", and heights that no city has.
_SENTINELS = (9999.0, 999.0, 99999.0, 9999.99, 999.99, -1.0, -99.0, -999.0, -9999.0, -99999.0)
_HEIGHTS = (-500.0, 6000.0)
_PIPE_WORDS = (
    ("HS", ("combined", "合流")), ("WS", ("sanitary", "sewage", "污水")), ("YS", ("storm", "rain", "雨水")),
    ("RQ", ("gas", "燃气")), ("RL", ("heating", "热力")), ("JS", ("watermain", "water_supply", "给水", "供水")),
    ("PS", ("drain", "sewer", "排水")), ("DL", ("power", "电力")), ("TX", ("telecom", "通信")),
)  # fmt: skip
_NUMBER = re.compile(r"^\s*[-+]?\d+(?:\.\d+)?(?:\s*m)?\s*$")


def guess_role(name: str, frame: pd.DataFrame, geometry: str) -> Role:
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
    for role, english, chinese in _BY_NAME:
        allowed = ROLES[role].geometry
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
        if any(word.startswith(_HOUSES) for word in words) and field_of(frame, _HEIGHT):
            return "buildings"
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


def name_field(frame: pd.DataFrame, role: Role) -> str:
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


def with_pipe_fields(role: Role, frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Caution]]:
    """Add the columns by which pipes and their nodes are drawn and asked, read from what the table calls them.

    The table's own columns stay. Heights that stand for "not measured" (9999, 0 at both ends, −999 …) are no data in
    the added columns and are counted. Diameters below 5 are metres, of all others millimetres.

    Returns
    -------
    frame : DataFrame
    cautions : list of Caution
        ``vector.pipe_fields`` with what was read from where, ``vector.sentinels`` with the count.
    """
    by_name = {str(column).lower(): str(column) for column in frame.columns}
    cautions: list[Caution] = []
    read, added, lost = [], {}, 0
    for target, names in (_PIPE_FIELDS if role == "pipes" else _NODE_FIELDS).items():
        column = next((by_name[name] for name in names if name in by_name), "")
        if not column or column == target:
            continue
        values = numbers_of(frame[column]).copy()
        known = np.isfinite(values)
        if target == "diameter_mm":
            values = np.where(values > 0, values, np.nan)
            if np.isfinite(values).any() and np.nanmax(values) < 5.0:
                values = values * 1000.0
        else:
            values[np.isin(values, _SENTINELS) | (values < _HEIGHTS[0]) | (values > _HEIGHTS[1])] = np.nan
            lost += int((known & np.isnan(values)).sum())
        if np.isfinite(values).any():
            added[target] = values
            read.append(column)
    ends = [added[name] for name in ("start_invert_m", "end_invert_m") if name in added]
    if len(ends) == 2:
        nothing = (ends[0] == 0.0) & (ends[1] == 0.0)
        lost += 2 * int(nothing.sum())
        for end in ends:
            end[nothing] = np.nan
    if added:
        frame = frame.assign(**added)
        cautions.append(Caution("vector.pipe_fields", file=file, fields=", ".join(read)))
    if lost:
        cautions.append(Caution("vector.sentinels", file=file, count=lost))
    return frame, cautions


def styled(role: Role, frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, Style, list[Caution]]:
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
        frame, cautions = with_pipe_fields(role, frame, file)
        return frame, Style(colour="" if "kind" in frame.columns else pipe_colour(file)), cautions
    if role in _NAMES:
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
