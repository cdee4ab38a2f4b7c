"""What is another between two sets of check units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from models.health.units.editing import shapes_of
from models.health.units.unit_sets import CheckUnit, UnitSet

#: Shapes are the same where they differ by less than this share of their area.
SAME_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class UnitChange:
    """One unit that two sets do not have alike.

    Parameters
    ----------
    code, name, name_en : str
    kind : str
        ``"new"``, ``"gone"``, ``"shape"`` (another area), ``"people"`` (the same area, other people) or ``"name"``.
    before, after : CheckUnit or None
    """

    code: str
    name: str
    name_en: str
    kind: str
    before: CheckUnit | None
    after: CheckUnit | None

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return (self.name_en if lang == "en" and self.name_en else self.name) or self.code


def compared(before: UnitSet, after: UnitSet) -> tuple[UnitChange, ...]:
    """Return the units that two sets of one level do not have alike, by code: new ones, changed ones, those gone."""
    old = dict(zip((unit.code for unit in before.units), shapes_of(before), strict=True))
    new = dict(zip((unit.code for unit in after.units), shapes_of(after), strict=True))
    olds, news = {unit.code: unit for unit in before.units}, {unit.code: unit for unit in after.units}
    both = [code for code in new if code in old]
    mine, other = (np.array([table[code] for code in both], dtype=object) for table in (new, old))
    apart = shapely.area(shapely.symmetric_difference(mine, other)) if both else np.empty(0)
    moved = dict(zip(both, apart > SAME_SHARE * np.maximum(shapely.area(mine), 1.0), strict=True)) if both else {}
    found = []
    for code, unit in news.items():
        was = olds.get(code)
        if was is None:
            found.append(UnitChange(code, unit.name, unit.name_en, "new", None, unit))
        elif kind := _kind(was, unit, is_moved=bool(moved[code])):
            found.append(UnitChange(code, unit.name, unit.name_en, kind, was, unit))
    gone = [unit for code, unit in olds.items() if code not in news]
    return (*found, *(UnitChange(one.code, one.name, one.name_en, "gone", one, None) for one in gone))


def _kind(was: CheckUnit, now: CheckUnit, *, is_moved: bool) -> str:
    if is_moved:
        return "shape"
    if was.population != now.population:
        return "people"
    return "name" if (was.name, was.name_en) != (now.name, now.name_en) else ""
