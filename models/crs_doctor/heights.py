"""Which heights a layer has: 1956 or 1985 Yellow Sea, or above the ellipsoid; by its words and against a terrain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.crs import parse_crs
from models.crs_doctor.evidence import Evidence
from models.crs_doctor.verdict import Reason
from resources.standards import standard

Array = NDArray[np.float64]

ELLIPSOIDAL = "EPSG:4979"
#: An offset from the terrain is constant if its spread is below this share of it, or below these metres.
_SPREAD_SHARE = 0.25
_SPREAD_M = 2.0
#: Differences between geoid and ellipsoid in China lie between these, metres (about −70 in Tibet's west to +45 in the
#: south-east); smaller ones than the least cannot be told from a poor terrain.
_LEAST_M, _MOST_M = 4.0, 75.0


def read(seen: Evidence) -> tuple[str, list[Reason]]:
    """Return the height datum that the words or the CRS name, EPSG code or empty, and why."""
    if seen.heights is None or not np.isfinite(seen.heights).any():
        return "", []
    table = standard("crs")
    for entry in table["height"]:
        if any(known in seen.words for known in entry["match"]):
            reasons = [Reason.of("height_named", datum=str(entry["crs"]))]
            if entry["crs"] == "EPSG:5736":
                reasons.append(Reason.of("height_1956", metres=float(table["vertical"]["h1985_minus_h1956_m"])))
            return str(entry["crs"]), reasons
    if seen.declared:
        known = parse_crs(seen.declared)
        if known.is_compound:
            part = known.sub_crs_list[-1].to_authority(min_confidence=70)
            return (":".join(part), []) if part else ("", [])
        if known.is_geographic and len(known.axis_info) == 3:
            return ELLIPSOIDAL, [Reason.of("height_named", datum=ELLIPSOIDAL)]
    return "", []


def against_terrain(own_m: Array, terrain_m: Array) -> tuple[str, list[Reason], float]:
    """Compare heights on the ground with a terrain's at the same places.

    Parameters
    ----------
    own_m, terrain_m : ndarray (n,)
        NaN where there is none.

    Returns
    -------
    kind : str
        ``"agrees"``, ``"offset"`` (constant, as large as a geoid undulation), or empty where nothing can be said.
    reasons : list of Reason
    offset_m : float
        Median of own − terrain, NaN where nothing can be said.
    """
    difference = own_m - terrain_m
    difference = difference[np.isfinite(difference)]
    if len(difference) < 10:
        return "", [], float("nan")
    middle = float(np.median(difference))
    spread = float(1.4826 * np.median(np.abs(difference - middle)))
    facts = {"metres": round(middle, 2), "spread": round(spread, 2), "count": len(difference)}
    constant = spread < max(_SPREAD_M, _SPREAD_SHARE * abs(middle))
    if constant and _LEAST_M <= abs(middle) <= _MOST_M:
        return "offset", [Reason.of("height_offset", **facts)], middle
    if constant and abs(middle) < _LEAST_M:
        return "agrees", [Reason.of("height_agrees", **facts)], middle
    return "", [], middle
