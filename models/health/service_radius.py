"""How far a facility serves, by the standards that the edition of the health check names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.health.editions import edition

Floats = NDArray[np.float64]
METHOD = "service_coverage"


@dataclass(frozen=True, slots=True)
class ServiceRadius:
    """The service radius of one facility.

    Parameters
    ----------
    radius_m : float
        Counted from the boundary of its site.
    source : str
        Clause of the standard.
    uncertain : bool
    """

    radius_m: float
    source: str
    uncertain: bool


def fits(
    row: Mapping[str, Any], areas_ha: Floats, historic: NDArray[np.bool_], classes: Any = None
) -> NDArray[np.bool_]:
    """Return which sites a row of radii is for.

    Parameters
    ----------
    row : mapping
        With ``min_ha``, ``max_ha``, ``historic_only``, or with ``classes``: those of the field by which the radii of an
        indicator are told apart.
    areas_ha : ndarray, shape (n,)
    historic : ndarray of bool, shape (n,)
    classes : ndarray of str, shape (n,), optional
        As :func:`class_texts` gives them; without them no row that asks for a class fits.
    """
    found = (areas_ha >= row.get("min_ha", -1.0)) & (areas_ha < row.get("max_ha", np.inf))
    if "classes" in row:
        found = found & (np.zeros(len(found), bool) if classes is None else np.isin(classes, row["classes"]))
    return np.asarray(found & historic if row.get("historic_only") else found, dtype=bool)


def class_texts(column: pd.Series) -> NDArray[np.str_]:
    """Return classes as they are written in an edition: ``5`` for 5, 5.0 and " 5 "; empty where nobody says."""
    text = column.astype("str").str.strip().str.removesuffix(".0")
    return np.where(column.notna(), text, "").astype(str)


def service_radius(
    kind: str, area_ha: float, *, is_open: bool | None = None, historic: bool = False
) -> ServiceRadius | None:  # fmt: skip
    """Return how far a facility serves, None where no standard of the edition says so.

    Parameters
    ----------
    kind : str
        Kind of facility in the words of the edition, ``"park"``, ``"middle_school"``.
    area_ha : float
        Of its site.
    is_open : bool or None
        Whether the public may go in; None where nobody says. Where a standard asks for it, only an open one serves.
    historic : bool
    """
    for one in edition().indicators.values():
        rules = one.parameters
        if one.method != METHOD or kind not in rules.get("kinds", ()) or (rules.get("require_open") and not is_open):
            continue
        found: ServiceRadius | None = None
        for row in rules["radius"]:  # of several that fit the last counts, as in the indicator
            if fits(row, np.array([area_ha]), np.array([historic]))[0]:
                found = ServiceRadius(float(row["radius_m"]), str(row["source"]), bool(row["uncertain"]))
        if found is not None:
            return found
    return None
