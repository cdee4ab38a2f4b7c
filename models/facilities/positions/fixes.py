"""What a position's fix says of its error, and the accuracy class that follows (CJ/T 214: ± 0.5, ± 1.0, ± 10 m)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.table_columns import numbers
from models.facilities.register import field_of
from resources.standards import standard

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fix:
    """A kind of solution.

    Parameters
    ----------
    id, name, name_en : str
    typical_m : float
        Usual horizontal error where the receiver states none.
    """

    id: str
    name: str
    name_en: str
    typical_m: float

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name


@lru_cache(maxsize=1)
def fixes() -> Mapping[str, Fix]:
    """Return the kinds of solutions, the best first."""
    return {row["id"]: Fix(row["id"], row["zh"], row["en"], row["typical_m"]) for row in standard("gnss_fixes")["fix"]}


@lru_cache(maxsize=1)
def _words() -> Mapping[str, str]:
    return {word.casefold(): row["id"] for row in standard("gnss_fixes")["fix"] for word in row["words"]}


def column_of(table: pd.DataFrame, what: str) -> str | None:
    """Return the column of a table of surveyed points that holds ``"fix"``, ``"height"`` …, None for none."""
    lower = {str(name).casefold(): str(name) for name in reversed(list(table.columns))}
    names = tuple(lower.get(name.casefold(), "") for name in standard("gnss_fixes")["fields"][what])
    return field_of(table, tuple(name for name in names if name))


def numbers_of(table: pd.DataFrame, what: str) -> Floats:
    """Return a column as numbers, NaN where it is absent or holds none."""
    field = column_of(table, what)
    return np.full(len(table), np.nan) if field is None else numbers(table, field)


def fix_of(table: pd.DataFrame) -> NDArray[np.object_]:
    """Return the id of each point's solution, ``""`` where it is not said or not known."""
    field = column_of(table, "fix")
    if field is None:
        return np.full(len(table), "", dtype=object)
    column = table[field]
    if pd.api.types.is_numeric_dtype(column):
        column = column.astype("Int64")
    text = column.astype("str").str.strip().str.casefold()
    return text.map(dict(_words())).fillna("").to_numpy(dtype=object)


def error_of(table: pd.DataFrame) -> tuple[Floats, NDArray[np.object_]]:
    """Return the horizontal error of each point in metres (95 of 100 lie within) and where it comes from.

    The receiver's own standard deviation goes before the usual error of the solution. Without either the error is not
    known, whatever the HDOP: dilution tells of the geometry of satellites alone.

    Returns
    -------
    error_m : ndarray
        NaN where it is not known.
    basis : ndarray of str
        ``"stated"``, ``"usual"`` or ``""``.
    """
    factor = float(standard("gnss_fixes")["rule"]["sigma_factor"])
    east, north = numbers_of(table, "sigma_e"), numbers_of(table, "sigma_n")
    sigma = np.where(np.isfinite(east) & np.isfinite(north), np.hypot(east, north), numbers_of(table, "sigma"))
    sigma = np.where(sigma > 0, sigma, np.nan)
    usual = pd.Series(fix_of(table), dtype=object).map({one.id: one.typical_m for one in fixes().values()})
    hdop = numbers_of(table, "hdop")
    usual_m = usual.to_numpy(dtype=np.float64, na_value=np.nan) * np.where(hdop > 1.0, hdop, 1.0)
    error = np.where(np.isfinite(sigma), factor * sigma, usual_m)
    basis = np.where(np.isfinite(sigma), "stated", np.where(np.isfinite(usual_m), "usual", "")).astype(object)
    return error, basis


def accuracy_class(error_m: Any) -> NDArray[np.object_]:
    """Return A, B or C for horizontal errors; ``""`` beyond C and where the error is not known."""
    error = np.asarray(error_m, dtype=np.float64)
    result = np.full(error.shape, "", dtype=object)
    for row in reversed(standard("gnss_fixes")["accuracy"]):
        result[error <= row["within_m"]] = row["id"]
    return result
