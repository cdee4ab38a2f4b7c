"""What the name of a field says about its numbers: amounts that add up, levels, rates, places, years or codes.

The names are data (``resources/standards/field_kinds.toml``). A name that nobody knows says nothing: its numbers are
written as they stand, and are not added up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resources.standards import standard

#: Cuts ``grossFloorArea``, ``building:levels`` and ``OBJ_ID`` into words.
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_UNIT = re.compile(
    r"(?:[(（\[]([^)）\]]+)[)）\]]|[_ ](m2|m3|km2|mm|cm|km|m|ha|pct|deg|kw|kwh|t|min))\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FieldKind:
    """What kind of numbers a field has.

    Parameters
    ----------
    id : str
        ``"code"``, ``"year"``, ``"coordinate"``, ``"rate"``, ``"level"``, ``"amount"``; empty for nobody knows.
    grouped : bool
        Whether thousands are written apart: of quantities alone.
    figure : str
        Which total says something: ``"sum"``, ``"mean"``, ``"range"``; empty for none.
    """

    id: str = ""
    grouped: bool = False
    figure: str = "range"

    @property
    def adds_up(self) -> bool:
        """Whether the sum of the field's numbers says something."""
        return self.figure == "sum"


#: Of a field whose name says nothing.
UNKNOWN = FieldKind()


@lru_cache(maxsize=4096)
def kind_of(field: str) -> FieldKind:
    """Return the kind of a field by its name.

    Examples
    --------
    >>> kind_of("gross_floor_area_m2").id, kind_of("建成年份").id, kind_of("坡度").id, kind_of("bid").id
    ('amount', 'year', 'rate', '')
    """
    name, unit = _without_unit(field.strip())
    if name.isascii() or not any("\u4e00" <= sign <= "\u9fff" for sign in name):
        words = [word.casefold() for word in _WORDS.findall(name)]
        words = [word for word in words if not word.isdigit()] or words
        if len(words) > 1 and words[-1] in standard("field_kinds")["weak_heads"]:
            counted = next((row for row in _rows() if words[-2] in row["heads"] and row["id"] == "level"), None)
            if counted is not None:
                return _kind(counted)
        for row in _rows():
            if (words and words[-1] in row["heads"]) or (
                name.isupper() and name.endswith(tuple(row.get("initials", ())))
            ):
                return _kind(row)
        for row in _rows():
            if set(words) & set(row["words"]):
                return _kind(row)
    else:
        for row in _rows():
            if name.startswith(tuple(row.get("starts", ()))):
                return _kind(row)
        ends = [(len(end), row) for row in _rows() for end in row["ends"] if name.endswith(end)]
        if ends:  # the longest ending: 层数 before 数
            return _kind(max(ends, key=lambda pair: pair[0])[1])
    for row in _rows():
        if unit in row.get("units", ()):
            return _kind(row)
    return UNKNOWN


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = standard("field_kinds")["kind"]
    return rows


def _kind(row: dict[str, Any]) -> FieldKind:
    return FieldKind(str(row["id"]), bool(row["grouped"]), str(row["figure"]))


def _without_unit(name: str) -> tuple[str, str]:
    found = _UNIT.search(name)
    if found is None or not name[: found.start()].strip("_ "):
        return name, ""
    return name[: found.start()].strip("_ "), (found[1] or found[2]).strip().casefold()
