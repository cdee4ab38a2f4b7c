"""The 16-digit identity of a municipal component.

A component (部件) such as a manhole cover or a street light is known by 6 digits of administrative division, 2 of large
class, 2 of small class and 6 of serial number: ``3701020101000001`` is the first water-supply cover of a district.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.core.errors import UserError
from resources.standards import standard

#: Class of a component whose code says nothing we know.
UNKNOWN_CLASS = ""


@dataclass(frozen=True, slots=True)
class FacilityClass:
    """One small class (小类) of components.

    Parameters
    ----------
    code : str
        Four digits: large class and small class, ``"0103"``.
    name, name_en : str
    group, group_en : str
        Name of the large class (大类).
    symbol : str
        Which glyph draws it.
    cover : bool
        Whether it counts as a manhole cover (窨井盖).
    """

    code: str
    name: str
    name_en: str
    group: str
    group_en: str
    symbol: str
    cover: bool

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class ComponentCode:
    """A 16-digit code taken apart.

    Parameters
    ----------
    division : str
        Six digits of the county or district (GB/T 2260).
    class_code : str
        Four digits, large and small class.
    serial : str
        Six digits.
    """

    division: str
    class_code: str
    serial: str

    def __str__(self) -> str:
        return self.division + self.class_code + self.serial


@lru_cache(maxsize=1)
def classes() -> Mapping[str, FacilityClass]:
    """Return every known class by its four digits, in the order of the code table."""
    table = standard("facility_components")
    groups = {row["code"]: row for row in table["group"]}
    return {
        row["code"]: FacilityClass(
            code=row["code"],
            name=row["zh"],
            name_en=row["en"],
            group=groups[row["code"][:2]]["zh"],
            group_en=groups[row["code"][:2]]["en"],
            symbol=row["symbol"],
            cover=row["cover"],
        )
        for row in table["class"]
    }


def parse(code: str) -> ComponentCode:
    """Take a component's code apart.

    Raises
    ------
    UserError
        ``facilities.bad_code`` if it is not 16 digits.
    """
    text = str(code).strip()
    if len(text) != 16 or not (text.isascii() and text.isdigit()):
        raise UserError("facilities.bad_code", value=text)
    return ComponentCode(text[:6], text[6:10], text[10:])


def classify(codes: pd.Series[Any] | NDArray[Any]) -> NDArray[np.object_]:
    """Return the four-digit class of each code.

    Parameters
    ----------
    codes : Series or array of str
        16-digit component codes, or four-digit class codes.

    Returns
    -------
    ndarray of str
        ``""`` where the code is malformed or its class is not in the table.
    """
    text = pd.Series(codes, dtype=object).astype("str").fillna("").str.strip()
    short = text.where(text.str.len() == 4, text.str.slice(6, 10).where(text.str.len() == 16, ""))
    return short.where(short.isin(list(classes())), UNKNOWN_CLASS).to_numpy(dtype=object)
