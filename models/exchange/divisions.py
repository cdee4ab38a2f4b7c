"""Levels of administration, told from the six-digit code of a division (GB/T 2260).

370000 is a province (省), 370100 a city (市), 370102 a county (县/区).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.core.errors import UserError

COUNTY, CITY, PROVINCE = "county", "city", "province"
#: From below to above.
LEVELS = (COUNTY, CITY, PROVINCE)
#: How many leading digits are common to all that lies in a division.
_DIGITS = {COUNTY: 6, CITY: 4, PROVINCE: 2}
_CODE = re.compile(r"[1-9][0-9]{5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Party:
    """Who hands out: an administration of one of the three levels.

    Parameters
    ----------
    code : str
        Six digits (GB/T 2260).
    name : str
    """

    code: str
    name: str = ""

    def __post_init__(self) -> None:
        level_of(self.code)

    @property
    def level(self) -> str:
        """Return ``"county"``, ``"city"`` or ``"province"``."""
        return level_of(self.code)


def level_of(code: str) -> str:
    """Return the level of a division.

    Raises
    ------
    UserError
        ``exchange.bad_division`` for what is no code of six digits.
    """
    if not _CODE.fullmatch(code):
        raise UserError("exchange.bad_division", division=code)
    if code.endswith("0000"):
        return PROVINCE
    return CITY if code.endswith("00") else COUNTY


def division_at(code: str, level: str) -> str:
    """Return the division of a level that holds another: 370102 at ``"city"`` is 370100; itself where it is higher."""
    digits = _DIGITS[level]
    return code if LEVELS.index(level_of(code)) >= LEVELS.index(level) else code[:digits].ljust(6, "0")


def holds(division: str, key: str) -> bool:
    """Whether a business key that begins with the code of a division lies in another one."""
    return key.startswith(division[: _DIGITS[level_of(division)]])
