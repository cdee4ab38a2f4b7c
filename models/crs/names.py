"""From the name that somebody typed to a coordinate system: EPSG codes, WKT, official, Chinese and Esri names.

``IfcProjectedCRS.Name`` should hold ``EPSG:4549``. It holds "CGCS2000 / 3-degree Gauss-Kruger CM 120E",
"CGCS2000_3_Degree_GK_CM_120E", "2000国家大地坐标系 3度带 中央子午线120°", a page of WKT, or nothing.

Invariants
----------
1. A name is believed only if exactly one system follows from it; half a name ("CGCS2000") gives none, or the
   geographic system of that name. A projected one is preferred, since that is what a conversion needs.
2. Numbers inside a datum's name (CGCS 2000, Xian 1980) are never taken for an EPSG code.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from models.crs.frame import parse_crs
from resources.standards import standard

_CODE = re.compile(r"epsg\D{0,8}(\d{4,6})", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MERIDIAN = re.compile(
    r"(?:cm|central[\s_]*meridian|中央(?:子午线|经线|经度)?|子午线|经线)\D{0,6}(\d{2,3})(?:\.0*)?|(\d{2,3})\s*(?:°|度)?\s*e\b",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:zone|带号|第)[\s_:：为]*(\d{2})|(\d{2})\s*(?:号?带|zone)", re.IGNORECASE)
_SIX = re.compile(r"\b6[\s_-]*deg|[6六]\s*(?:度|°)\s*(?:分)?带", re.IGNORECASE)
_THREE = re.compile(r"\b3[\s_-]*deg|[3三]\s*(?:度|°)\s*(?:分)?带", re.IGNORECASE)
_UTM = re.compile(r"utm\D{0,12}(\d{1,2})\s*([ns])?", re.IGNORECASE)


def crs_of_name(name: str, *parts: str) -> str:
    """Return the CRS that a name means, as PROJ understands it; empty where none or several could be meant.

    Parameters
    ----------
    name : str
        What stands for the whole: a code, a name, WKT.
    *parts : str
        What else the file says of it: description, datum, projection, zone.

    Examples
    --------
    >>> crs_of_name("CGCS2000_3_Degree_GK_CM_120E"), crs_of_name("西安80坐标系 3度带 第39带")
    ('EPSG:4549', 'EPSG:2363')
    """
    text = name.strip()
    if "[" in text:  # WKT, whose inner codes are of its parts
        return _known(text)
    whole = " ".join(part for part in (text, *(part.strip() for part in parts)) if part)
    candidates = (_coded(text), text if len(text) > 5 else "", _gauss(text), _coded(whole), _gauss(whole), _utm(whole))
    known = [found for found in map(_known, candidates) if found]
    return next((found for found in known if parse_crs(found).is_projected), known[0] if known else "")


def vertical_of_name(name: str) -> str:
    """Return the EPSG code of a height datum's name, empty for one that is not known."""
    text = name.strip().lower()
    for entry in standard("ifc_georef")["vertical"]:
        if text and any(known in text for known in entry["match"]):
            return str(entry["crs"])
    return _known(_coded(text))


def _coded(text: str) -> str:
    """Return the EPSG code that a text is or names."""
    bare = text.strip()
    code = bare if re.fullmatch(r"\d{4,6}", bare) and not _YEAR.fullmatch(bare) else next(iter(_CODE.findall(text)), "")
    return f"EPSG:{code}" if code else ""


def _gauss(text: str) -> str:
    """Return the Gauss-Krüger zone of China that a name describes."""
    lowered = text.lower()
    family = next(
        (one for one in standard("ifc_georef")["gauss"] if any(known in lowered for known in one["match"])), None
    )
    if family is None:
        return ""
    rest = lowered
    for known in family["match"]:
        rest = rest.replace(known, " ")
    six = bool(_SIX.search(rest))
    if six and _THREE.search(rest):
        return ""
    rest = _SIX.sub(" ", _THREE.sub(" ", rest))
    meridian, zone = _number(_MERIDIAN, rest), _number(_ZONE, rest)
    wide, first = (6, 13) if six else (3, 25)
    if zone is not None and first <= zone <= first + (10 if six else 20):
        return f"EPSG:{family['six_zone' if six else 'three_zone'] + zone - first}"
    if zone is None and meridian is not None and 75 <= meridian <= 135 and (meridian - 75) % wide == 0:
        return f"EPSG:{family['six_meridian' if six else 'three_meridian'] + (meridian - 75) // wide}"
    return ""


def _utm(text: str) -> str:
    """Return the UTM zone that a name describes, on ETRS89 where it says so, else on WGS 84."""
    found = _UTM.search(text)
    if not found or not 1 <= int(found[1]) <= 60:
        return ""
    zone, south = int(found[1]), (found[2] or "").lower() == "s"
    if "etrs" in text.lower() and not south and 28 <= zone <= 38:
        return f"EPSG:{25800 + zone}"
    wgs84 = "wgs" in text.lower() and bool(found[2])
    return f"EPSG:{(32700 if south else 32600) + zone}" if wgs84 else ""


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return None if found is None else int(next(group for group in found.groups() if group))


def _known(candidate: str) -> str:
    """Return a candidate that PROJ knows, by its code where it has one, else empty."""
    if not candidate:
        return ""
    try:
        authority = parse_crs(candidate).to_authority(min_confidence=100)
    except UserError:
        return ""
    return ":".join(authority) if authority and authority[0] == "EPSG" else candidate


@lru_cache(maxsize=512)
def central_meridian(crs: str) -> tuple[float | None, float | None]:
    """Return the central meridian (degrees) and false easting (metres) of a transverse Mercator, None where unknown."""
    operation: Any = parse_crs(crs).coordinate_operation
    if operation is None:
        return None, None
    known = {param.name: float(param.value) for param in operation.params}
    return known.get("Longitude of natural origin"), known.get("False easting")
