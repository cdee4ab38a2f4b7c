"""The sections of model files: names as the engines match them, and the columns of those that hold objects.

Sources: SWMM 5.2 User's Manual, appendix D.2; EPANET 2.2 User Manual, appendix C.2. Both engines compare the beginning
of a title only, whatever its case: ``[Polygons]`` and ``[JUNC]`` are good titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

Dialect = Literal["swmm", "epanet"]

#: Beginning of a title and the section's name; of two that begin alike the longer one comes first.
_SWMM: Mapping[str, str] = {
    "TITLE": "TITLE", "OPTION": "OPTIONS", "FILE": "FILES", "RAINGAGE": "RAINGAGES", "TEMP": "TEMPERATURE",
    "EVAP": "EVAPORATION", "SUBCATCH": "SUBCATCHMENTS", "SUBAREA": "SUBAREAS", "INFIL": "INFILTRATION",
    "AQUIFER": "AQUIFERS", "GROUNDWATER": "GROUNDWATER", "SNOWPACK": "SNOWPACKS", "JUNC": "JUNCTIONS",
    "OUTFALL": "OUTFALLS", "STORAGE": "STORAGE", "DIVIDER": "DIVIDERS", "CONDUIT": "CONDUITS", "PUMP": "PUMPS",
    "ORIFICE": "ORIFICES", "WEIR": "WEIRS", "OUTLET": "OUTLETS", "XSECT": "XSECTIONS", "TRANSECT": "TRANSECTS",
    "LOSS": "LOSSES", "CONTROL": "CONTROLS", "POLLUT": "POLLUTANTS", "LANDUSE": "LANDUSES", "BUILDUP": "BUILDUP",
    "WASHOFF": "WASHOFF", "COVERAGE": "COVERAGES", "INFLOW": "INFLOWS", "DWF": "DWF", "PATTERN": "PATTERNS",
    "RDII": "RDII", "LOAD": "LOADINGS", "TREAT": "TREATMENT", "CURVE": "CURVES", "TIMESERIES": "TIMESERIES",
    "REPORT": "REPORT", "MAP": "MAP", "COORDINATE": "COORDINATES", "VERTICES": "VERTICES", "POLYGON": "POLYGONS",
    "SYMBOL": "SYMBOLS", "LABEL": "LABELS", "BACKDROP": "BACKDROP", "TAG": "TAGS", "PROFILE": "PROFILES",
    "LID_CONTROL": "LID_CONTROLS", "LID_USAGE": "LID_USAGE", "GWF": "GWF", "ADJUST": "ADJUSTMENTS",
    "EVENT": "EVENTS", "STREET": "STREETS", "INLET_USAGE": "INLET_USAGE", "INLET": "INLETS",
    "HYDROGRAPH": "HYDROGRAPHS",
}  # fmt: skip
_EPANET: Mapping[str, str] = {
    "TITL": "TITLE", "JUNC": "JUNCTIONS", "RESE": "RESERVOIRS", "TANK": "TANKS", "PIPE": "PIPES", "PUMP": "PUMPS",
    "VALV": "VALVES", "CONT": "CONTROLS", "RULE": "RULES", "DEMA": "DEMANDS", "SOUR": "SOURCES", "EMIT": "EMITTERS",
    "PATT": "PATTERNS", "CURV": "CURVES", "QUAL": "QUALITY", "STAT": "STATUS", "ROUG": "ROUGHNESS", "ENER": "ENERGY",
    "REAC": "REACTIONS", "MIXI": "MIXING", "REPO": "REPORT", "TIME": "TIMES", "OPTI": "OPTIONS",
    "COOR": "COORDINATES", "VERT": "VERTICES", "LABE": "LABELS", "BACK": "BACKDROP", "TAGS": "TAGS",
    "LEAK": "LEAKAGE", "END": "END",
}  # fmt: skip
_NAMES: Mapping[Dialect, Mapping[str, str]] = {"swmm": _SWMM, "epanet": _EPANET}
_ONLY: Mapping[Dialect, frozenset[str]] = {
    "swmm": frozenset(_SWMM.values()) - frozenset(_EPANET.values()),
    "epanet": frozenset(_EPANET.values()) - frozenset(_SWMM.values()) - {"END"},
}

#: Columns of the sections that hold objects, in the order of their tokens; further tokens have no name here.
COLUMNS: Mapping[Dialect, Mapping[str, tuple[str, ...]]] = {
    "swmm": {
        "JUNCTIONS": ("name", "elevation", "max_depth", "init_depth", "surcharge_depth", "ponded_area"),
        "OUTFALLS": ("name", "elevation", "type", "stage", "gated", "route_to"),
        "STORAGE": ("name", "elevation", "max_depth", "init_depth", "shape", "curve"),
        "DIVIDERS": ("name", "elevation", "diverted_link", "type"),
        "CONDUITS": ("name", "from", "to", "length", "roughness", "in_offset", "out_offset", "init_flow", "max_flow"),
        "PUMPS": ("name", "from", "to", "curve", "status", "startup", "shutoff"),
        "ORIFICES": ("name", "from", "to", "type", "offset", "coefficient", "gated", "close_time"),
        "WEIRS": ("name", "from", "to", "type", "offset", "coefficient", "gated", "end_contractions"),
        "OUTLETS": ("name", "from", "to", "offset", "type", "curve", "exponent", "gated"),
        "XSECTIONS": ("link", "shape", "geom1", "geom2", "geom3", "geom4", "barrels", "culvert"),
        "SUBCATCHMENTS": ("name", "raingage", "outlet", "area", "imperv", "width", "slope", "curb_length", "snowpack"),
        "RAINGAGES": ("name", "format", "interval", "snow_factor", "source_kind", "source", "station", "units"),
        "COORDINATES": ("name", "x", "y"), "VERTICES": ("name", "x", "y"), "POLYGONS": ("name", "x", "y"),
        "SYMBOLS": ("name", "x", "y"),
    },
    "epanet": {
        "JUNCTIONS": ("name", "elevation", "demand", "pattern"),
        "RESERVOIRS": ("name", "elevation", "pattern"),
        "TANKS": ("name", "elevation", "init_level", "min_level", "max_level", "diameter", "min_volume", "curve"),
        "PIPES": ("name", "from", "to", "length", "diameter", "roughness", "minor_loss", "status"),
        "PUMPS": ("name", "from", "to", "kind", "curve"),
        "VALVES": ("name", "from", "to", "diameter", "type", "setting", "minor_loss"),
        "COORDINATES": ("name", "x", "y"), "VERTICES": ("name", "x", "y"),
    },
}  # fmt: skip
#: Sections of nodes and of links, in the order in which the engines number nothing but people list them.
NODES: Mapping[Dialect, tuple[str, ...]] = {
    "swmm": ("JUNCTIONS", "OUTFALLS", "DIVIDERS", "STORAGE"),
    "epanet": ("JUNCTIONS", "RESERVOIRS", "TANKS"),
}
LINKS: Mapping[Dialect, tuple[str, ...]] = {
    "swmm": ("CONDUITS", "PUMPS", "ORIFICES", "WEIRS", "OUTLETS"),
    "epanet": ("PIPES", "PUMPS", "VALVES"),
}


def section_named(title: str, dialect: Dialect) -> str:
    """Return the section that an engine sees in a title, empty where it sees none.

    Examples
    --------
    >>> section_named("[Polygons]", "swmm"), section_named("[junc]", "epanet"), section_named("[PIPES]", "swmm")
    ('POLYGONS', 'JUNCTIONS', '')
    """
    bare = title.strip("[] \t").upper()
    return next((name for start, name in _NAMES[dialect].items() if bare.startswith(start)), "")


def dialect_of(titles: Iterable[str]) -> Dialect | None:
    """Return whose sections these are, None where none of them belongs to one engine alone."""
    given = list(titles)
    counts = {
        dialect: len({name for title in given if (name := section_named(title, dialect)) in only})
        for dialect, only in _ONLY.items()
    }
    best: Dialect = "epanet" if counts["epanet"] > counts["swmm"] else "swmm"
    return best if counts[best] else None
