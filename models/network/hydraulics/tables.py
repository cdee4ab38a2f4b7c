"""The objects of a model file as tables under the city's own field names, in metres.

Nodes and links get the names that every pipe layer has (``code kind node_type ground_m invert_m``, ``start_node
end_node start_invert_m end_invert_m diameter_mm …``); what only models know stands beside them. Nothing is invented: a
depth that a model leaves to its engine (``0``) is no ground height, and a place that a file does not give is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from models.core.errors import Caution
from models.network.hydraulics.document import InpDocument, Row
from models.network.hydraulics.sections import COLUMNS, LINKS, NODES
from models.network.hydraulics.units import Units, units_of

#: Sections of nodes → what they are in a register of pipes.
NODE_TYPES: Mapping[str, Mapping[str, str]] = {
    "swmm": {"JUNCTIONS": "manhole", "OUTFALLS": "outfall", "DIVIDERS": "manhole", "STORAGE": "tank"},
    "epanet": {"JUNCTIONS": "tee", "RESERVOIRS": "reservoir", "TANKS": "tank"},
}
#: Shapes of SWMM that have names of their own in the city's pipes; others keep SWMM's, in small letters.
SHAPES = {"CIRCULAR": "circular", "FILLED_CIRCULAR": "circular", "FORCE_MAIN": "circular", "RECT_CLOSED": "rectangular"}
_ROUND = tuple(shape for shape, name in SHAPES.items() if name == "circular")
#: Shapes without a depth of their own: a transect or a street says it.
_ELSEWHERE = ("IRREGULAR", "STREET", "DUMMY")


@dataclass(slots=True)
class ModelTables:
    """The tables of one model; a frame has geometry where the file gives coordinates.

    Parameters
    ----------
    nodes, links, subcatchments, raingages : DataFrame or GeoDataFrame
        Empty where the model has none. Coordinates are those of the file's map, in the unit of the map.
    units : Units
    cautions : list of Caution
    """

    nodes: pd.DataFrame
    links: pd.DataFrame
    subcatchments: pd.DataFrame
    raingages: pd.DataFrame
    units: Units
    cautions: list[Caution] = field(default_factory=list)


def key_of(document: InpDocument) -> Any:
    """Return how names are compared: SWMM takes ``j3`` and ``J3`` for one, EPANET does not."""
    return str.upper if document.dialect == "swmm" else str


def section_table(document: InpDocument, name: str) -> pd.DataFrame:
    """Return a section as texts, index = line; tokens that are missing are empty."""
    columns = COLUMNS[document.dialect][name]
    rows = document.rows(name)
    width = len(columns)
    cells = [(row.tokens + ("",) * width)[:width] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), index=[row.line for row in rows], dtype=object)


def tables_of(document: InpDocument) -> ModelTables:
    """Return nodes, links, subcatchments and rain gages of a model."""
    units = units_of(document)
    cautions = [] if units.is_stated else [Caution("network.units_default", file=document.file, units=units.flow)]
    key = key_of(document)
    places = _places(document, "COORDINATES")
    nodes = _swmm_nodes(document, units) if document.dialect == "swmm" else _epanet_nodes(document, units)
    nodes["kind"] = kind = kind_of(document)
    links = _swmm_links(document, units, nodes) if document.dialect == "swmm" else _epanet_links(document, units, nodes)
    links["kind"] = kind
    nodes, links = _ordered(nodes), _ordered(links)
    areas = _subcatchments(document, units)
    gages = section_table(document, "RAINGAGES") if document.dialect == "swmm" else pd.DataFrame()
    if len(gages):
        gages = _tidy(gages[["name", "format", "interval", "source"]].rename(columns={"name": "code"}))
    if places:
        nodes = _with_points(nodes, places, key)
        links = _with_lines(links, places, _vertices(document, "VERTICES", key), key)
    else:
        cautions.append(Caution("network.no_coordinates", file=document.file))
    if len(areas) and document.rows("POLYGONS"):
        areas = _with_areas(areas, _vertices(document, "POLYGONS", key), key)
    if len(gages) and (symbols := _places(document, "SYMBOLS")):
        gages = _with_points(gages, symbols, key)
    if units.is_us:
        cautions.append(Caution("network.units_converted", file=document.file, units=units.flow))
    if kind and document.dialect == "swmm":
        cautions.append(Caution("network.kind_taken", file=document.file, kind=kind))
    if document.dialect == "epanet" and len(nodes):
        cautions.append(Caution("network.no_depths", file=document.file))
    return ModelTables(nodes, links, areas, gages, units, cautions)


def kind_of(document: InpDocument) -> str:
    """Return the code of CJJ 61 for what flows: water supply, or what the inflows of a SWMM model say; else empty."""
    if document.dialect == "epanet":
        return "JS"
    rain, sewage = bool(document.rows("SUBCATCHMENTS")), bool(document.rows("DWF"))
    return {(True, True): "HS", (True, False): "YS", (False, True): "WS"}.get((rain, sewage), "PS")


def number(texts: Sequence[str] | pd.Series[Any]) -> NDArray[np.float64]:
    """Return tokens as numbers, NaN for what is none."""
    return np.asarray(pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce"), dtype=np.float64)


def metres(
    texts: Sequence[str] | pd.Series[Any], unit_m: float, *, otherwise: float = np.nan
) -> NDArray[np.float64]:  # fmt: skip
    """Return lengths in metres; ``otherwise`` for a token that is missing or ``*``."""
    found = number(texts)
    return np.where(np.isnan(found), otherwise, found * unit_m)


# --- nodes ------------------------------------------------------------------------------------------------------------


def _stacked(document: InpDocument, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    return [(name, table) for name in names if len(table := section_table(document, name))]


def _swmm_nodes(document: InpDocument, units: Units) -> pd.DataFrame:
    parts = []
    for name, table in _stacked(document, NODES["swmm"]):
        invert = metres(table["elevation"], units.length_m)
        part = pd.DataFrame({
            "code": table["name"], "node_type": NODE_TYPES["swmm"][name], "element": name.lower(), "invert_m": invert,
        }, index=table.index)  # fmt: skip
        if "max_depth" in table:
            depth = metres(table["max_depth"], units.length_m)
            part["ground_m"] = np.where(depth > 0, invert + depth, np.nan)
        if "surcharge_depth" in table:
            part["ponded_area_m2"] = metres(table["ponded_area"], units.length_m**2)
        if name == "OUTFALLS":
            part["outfall_type"] = table["type"].str.upper()
        parts.append(part)
    return _joined(parts, ("code", "node_type", "element", "invert_m", "ground_m"))


def _epanet_nodes(document: InpDocument, units: Units) -> pd.DataFrame:
    parts = []
    for name, table in _stacked(document, NODES["epanet"]):
        part = pd.DataFrame({
            "code": table["name"], "node_type": NODE_TYPES["epanet"][name], "element": name.lower(),
            "invert_m": metres(table["elevation"], units.length_m),
        }, index=table.index)  # fmt: skip
        part["ground_m"] = np.nan
        if name == "JUNCTIONS":
            part["demand_lps"] = metres(table["demand"], units.flow_m3_s * 1000)
            part["pattern"] = table["pattern"]
        if name == "TANKS":
            for field_name in ("init_level", "min_level", "max_level", "diameter"):
                part[f"{field_name}_m"] = metres(table[field_name], units.length_m)
        parts.append(part)
    return _joined(parts, ("code", "node_type", "element", "invert_m", "ground_m"))


# --- links ------------------------------------------------------------------------------------------------------------


def _swmm_links(document: InpDocument, units: Units, nodes: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name, table in _stacked(document, LINKS["swmm"]):
        part = _link_part(name, table)
        if name == "CONDUITS":
            part["length_m"] = metres(table["length"], units.length_m)
            part["roughness"] = number(table["roughness"])
            part["start_offset"] = table["in_offset"]
            part["end_offset"] = table["out_offset"]
        elif "offset" in table:
            part["start_offset"] = part["end_offset"] = table["offset"]
        if "curve" in table:
            part["curve"] = table["curve"]
        parts.append(part)
    links = _joined(parts, ("code", "link_type", "element", "start_node", "end_node", "start_offset", "end_offset"))
    invert = dict(zip(nodes["code"].str.upper(), nodes["invert_m"], strict=True))
    absolute = document.options().get("LINK_OFFSETS", "DEPTH").upper() == "ELEVATION"
    for end in ("start", "end"):
        base = links[f"{end}_node"].astype(str).str.upper().map(invert).to_numpy(np.float64)
        offset = metres(links[f"{end}_offset"].fillna(""), units.length_m)
        at = np.where(np.isnan(offset), base, offset if absolute else base + offset)
        if end == "end":  # orifices, weirs and outlets have a height at their upper end only
            at = np.where(links["link_type"].isin(["conduit"]), at, base)
        links[f"{end}_invert_m"] = at
    links = links.drop(columns=["start_offset", "end_offset"])
    return _with_sections(document, links, units)


def _with_sections(document: InpDocument, links: pd.DataFrame, units: Units) -> pd.DataFrame:
    table = section_table(document, "XSECTIONS")
    table = table.assign(key=table["link"].str.upper()).drop_duplicates("key", keep="last").set_index("key")
    mine = table.reindex(links["code"].astype(str).str.upper())
    shape = mine["shape"].fillna("").str.upper().to_numpy(object)
    height = metres(mine["geom1"].fillna(""), units.length_m) * 1000
    width = metres(mine["geom2"].fillna(""), units.length_m) * 1000
    is_round, is_elsewhere = np.isin(shape, _ROUND), np.isin(shape, _ELSEWHERE)
    bounded = ~is_round & ~is_elsewhere & (shape != "")
    links["shape"] = [SHAPES.get(one, one.lower()) for one in shape]
    links["diameter_mm"] = np.where(is_round, height, np.nan)
    links["section_height_mm"] = np.where(bounded, height, np.nan)
    links["width_mm"] = np.where(bounded & (width > 0) & (shape != "CUSTOM"), width, np.nan)
    barrels = number(mine["barrels"].fillna(""))
    links["barrels"] = np.where(links["link_type"].eq("conduit"), np.where(barrels > 0, barrels, 1.0), np.nan)
    return links


def _epanet_links(document: InpDocument, units: Units, nodes: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name, table in _stacked(document, LINKS["epanet"]):
        part = _link_part(name, table)
        if "diameter" in table:
            part["diameter_mm"] = metres(table["diameter"], units.diameter_m * 1000)
        if name == "PIPES":
            part["length_m"] = metres(table["length"], units.length_m)
            part["roughness"] = number(table["roughness"])
            status = np.where(pd.isna(table["status"]) | (table["status"] == ""), "OPEN", table["status"].str.upper())
            part["status"] = pd.Series(status, index=table.index).map(
                {"OPEN": "open", "CLOSED": "closed", "CV": "check"}
            )
            part["minor_loss"] = number(table["minor_loss"])
        elif name == "VALVES":
            part["valve_type"] = table["type"].str.upper()
            part["setting"] = table["setting"]
        elif name == "PUMPS":
            part["curve"] = table["curve"].where(table["kind"].str.upper() == "HEAD", "")
        parts.append(part)
    links = _joined(parts, ("code", "link_type", "element", "start_node", "end_node", "diameter_mm", "length_m"))
    elevation = dict(zip(nodes["code"], nodes["invert_m"], strict=True))
    links["start_invert_m"] = links["start_node"].map(elevation).astype(float)
    links["end_invert_m"] = links["end_node"].map(elevation).astype(float)
    links["shape"] = np.where(links["diameter_mm"].notna(), "circular", "")
    return links


def _link_part(name: str, table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "code": table["name"], "link_type": name.lower().removesuffix("s"), "element": name.lower(),
        "start_node": table["from"], "end_node": table["to"],
    }, index=table.index)  # fmt: skip


# --- areas ------------------------------------------------------------------------------------------------------------


def _subcatchments(document: InpDocument, units: Units) -> pd.DataFrame:
    if document.dialect != "swmm":
        return pd.DataFrame()
    table = section_table(document, "SUBCATCHMENTS")
    if not len(table):
        return table
    return _tidy(pd.DataFrame({
        "code": table["name"], "raingage": table["raingage"], "outlet": table["outlet"],
        "area_ha": metres(table["area"], units.area_m2 / 10_000), "imperv_percent": number(table["imperv"]),
        "width_m": metres(table["width"], units.length_m), "slope_percent": number(table["slope"]),
    }, index=table.index))  # fmt: skip


# --- geometry ---------------------------------------------------------------------------------------------------------

Places = dict[str, tuple[float, float]]


def _places(document: InpDocument, name: str) -> Places:
    key = key_of(document)
    table = document.rows(name)
    names = [key(row.tokens[0]) for row in table if len(row.tokens) > 2]
    x, y = (number([row.tokens[at] for row in table if len(row.tokens) > 2]) for at in (1, 2))
    good = np.isfinite(x) & np.isfinite(y)
    return {
        one: (east, north)
        for one, east, north, is_good in zip(names, x.tolist(), y.tolist(), good.tolist(), strict=True)
        if is_good
    }


def _vertices(document: InpDocument, name: str, key: Any) -> pd.DataFrame:
    rows: list[Row] = [row for row in document.rows(name) if len(row.tokens) > 2]
    table = pd.DataFrame({
        "key": [key(row.tokens[0]) for row in rows], "x": number([row.tokens[1] for row in rows]),
        "y": number([row.tokens[2] for row in rows]),
    })  # fmt: skip
    return table.dropna()


def _xy(names: pd.Series[Any], places: Places, key: Any) -> NDArray[np.float64]:
    none = (np.nan, np.nan)
    return np.array([places.get(key(str(one)), none) for one in names], dtype=np.float64).reshape(-1, 2)


def _with_points(table: pd.DataFrame, places: Places, key: Any) -> pd.DataFrame:
    xy = _xy(table["code"], places, key)
    return _placed(table, _points(xy))


def _points(xy: NDArray[np.float64]) -> NDArray[np.object_]:
    made = np.full(len(xy), None, dtype=object)
    good = np.isfinite(xy).all(axis=1)
    made[good] = shapely.points(xy[good])
    return made


def _with_lines(links: pd.DataFrame, places: Places, vertices: pd.DataFrame, key: Any) -> pd.DataFrame:
    start, end = (_xy(links[f"{at}_node"], places, key) for at in ("start", "end"))
    count = len(links)
    row = {key(str(code)): at for at, code in enumerate(links["code"])}
    of = vertices["key"].map(row)
    inner = vertices[of.notna()]
    index = np.concatenate([np.arange(count), of.dropna().to_numpy(np.int64), np.arange(count)])
    xy = np.concatenate([start, inner[["x", "y"]].to_numpy(np.float64), end])
    order = np.argsort(index, kind="stable")
    index, xy = index[order], xy[order]
    good = np.isfinite(np.hstack([start, end]).sum(axis=1))
    kept = good[index]
    made = np.full(count, None, dtype=object)
    if good.any():
        renumbered = np.cumsum(good) - 1
        made[good] = shapely.linestrings(xy[kept], indices=renumbered[index[kept]])
    return _placed(links, made)


def _with_areas(areas: pd.DataFrame, corners: pd.DataFrame, key: Any) -> pd.DataFrame:
    made: dict[str, Any] = {}
    for name, part in corners.groupby("key", sort=False):
        if len(part) >= 3:
            made[str(name)] = shapely.polygons(part[["x", "y"]].to_numpy(np.float64))
    return _placed(areas, [made.get(key(str(code))) for code in areas["code"]])


def _placed(table: pd.DataFrame, geometry: Any) -> pd.DataFrame:
    placed: pd.DataFrame = gpd.GeoDataFrame(table, geometry=geometry, crs=None)
    return placed


# --- tidy -------------------------------------------------------------------------------------------------------------

_FIRST = (
    "code", "kind", "node_type", "link_type", "element", "ground_m", "invert_m", "start_node", "end_node", "shape",
    "diameter_mm", "width_mm", "section_height_mm", "start_invert_m", "end_invert_m", "length_m",
)  # fmt: skip


def _joined(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    table = pd.concat(parts)
    for name in columns:
        if name not in table:
            table[name] = np.nan
    return table


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    first = [name for name in _FIRST if name in table]
    return _tidy(table[[*first, *(name for name in table if name not in first)]])


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Number the rows, and leave out columns in which nothing stands."""
    table = table.reset_index(names="inp_line")
    table["inp_line"] += 1
    for name in table.columns:
        if table[name].dtype == object:
            table[name] = table[name].where(table[name] != "", None)
    kept = [name for name in table if name in ("code", "kind") or table[name].notna().any()]
    return pd.DataFrame(table[kept])
