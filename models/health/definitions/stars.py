"""Sets of star items (星级指标): groups with weights, items with a limit for each of five stars, bonus points.

The Shandong standard DB37/T 3890 counts so (市 49, 县 44, 社区 24 items), the national evaluation of 2018 weighs its
groups so. Their item tables could not be read: a set whose items are not all there, or which is synthetic, gives no
official star (:attr:`StarSet.is_official`). A city brings the items in as a file in the form of these tables.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from models.core.errors import UserError
from resources.standards import standard, standards_in

#: Stars that an item can have at most, and how many limits it names.
MOST_STARS = 5

_FOLDER = "stars"


@dataclass(frozen=True, slots=True)
class StarGroup:
    """Items that are weighed together.

    Parameters
    ----------
    id, name, name_en : str
    weight : float
        Of a hundred; 0 for groups that only add points or take them off.
    bonus : bool
        Whether its items add points (加分项).
    """

    id: str
    name: str
    name_en: str
    weight: float = 0.0
    bonus: bool = False

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class StarItem:
    """One item: what is measured, and what it takes for each star.

    Parameters
    ----------
    id, name, name_en, group, unit, unit_en : str
    limits : tuple of float
        For one star, two … :data:`MOST_STARS`; rising where more is better, falling where less is. Empty for a bonus.
    points : float
        What a bonus item adds where it was earned.
    indicator : str
        Code of the health-check indicator whose value it takes; empty where it is entered.
    source : str
    """

    id: str
    name: str
    name_en: str
    group: str
    unit: str = ""
    unit_en: str = ""
    limits: tuple[float, ...] = ()
    points: float = 0.0
    indicator: str = ""
    source: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name

    def unit_text(self, lang: str) -> str:
        """Return its unit in a language."""
        return self.unit_en if lang == "en" else self.unit

    @property
    def rises(self) -> bool:
        """Whether more is better."""
        return not self.limits or self.limits[-1] >= self.limits[0]

    def stars(self, value: float | None) -> int | None:
        """Return the stars of a value, 0…5; None where there is no value or nothing to hold it against."""
        if value is None or not self.limits or math.isnan(value):
            return None
        return sum(value >= limit if self.rises else value <= limit for limit in self.limits)


@dataclass(frozen=True, slots=True)
class StarSet:
    """A set of star items.

    Parameters
    ----------
    id, name, name_en : str
    level : str
        ``"city"``, ``"county"`` or ``"community"``.
    items_expected : int
        How many items the standard has.
    groups : tuple of StarGroup
    items : tuple of StarItem
    synthetic : bool
        Whether it was made up to show how it works.
    source, note, note_en : str
    imported_from : str
        The file that a city brought; empty for a template of the program.
    """

    id: str
    name: str
    name_en: str
    level: str = "city"
    items_expected: int = 0
    groups: tuple[StarGroup, ...] = ()
    items: tuple[StarItem, ...] = ()
    synthetic: bool = False
    source: str = ""
    note: str = ""
    note_en: str = ""
    imported_from: str = ""

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name

    def note_text(self, lang: str) -> str:
        """Return what has to be known of it."""
        return self.note_en if lang == "en" else self.note

    @property
    def graded(self) -> tuple[StarItem, ...]:
        """Return the items that have stars."""
        return tuple(item for item in self.items if item.limits)

    @property
    def bonuses(self) -> tuple[StarItem, ...]:
        """Return the items that add points."""
        return tuple(item for item in self.items if not item.limits)

    @property
    def is_official(self) -> bool:
        """Whether stars by it are those of the standard: imported by a city, not synthetic, none missing."""
        whole = self.items_expected > 0 and len(self.graded) >= self.items_expected
        return bool(self.imported_from) and not self.synthetic and whole

    def items_of(self, group: str) -> tuple[StarItem, ...]:
        """Return the items of a group."""
        return tuple(item for item in self.items if item.group == group)


@lru_cache(maxsize=1)
def star_templates() -> Mapping[str, StarSet]:
    """Return the sets that the program brings, by id."""
    found = [read_star_set(standard(f"{_FOLDER}/{name}")) for name in standards_in(_FOLDER)]
    return {one.id: one for one in found}


def read_star_set(table: Mapping[str, Any], imported_from: str = "") -> StarSet:
    """Return the set that a table describes.

    Parameters
    ----------
    table : mapping
        ``[set]``, ``[[group]]`` and ``[[item]]`` in the form of ``resources/standards/stars/*.toml``.
    imported_from : str
        The file that it comes from.

    Raises
    ------
    UserError
        ``health.stars_damaged``, with what is wrong.
    """
    try:
        about = table["set"]
        groups = tuple(
            StarGroup(str(row["id"]), str(row["zh"]), str(row.get("en") or row["zh"]), float(row.get("weight", 0)),
                      bool(row.get("bonus", False)))
            for row in table.get("group", ())
        )  # fmt: skip
        items = tuple(_item(row) for row in table.get("item", ()))
        found = StarSet(
            id=str(about["id"]), name=str(about["zh"]), name_en=str(about.get("en") or about["zh"]),
            level=str(about.get("level", "city")), items_expected=int(about.get("items_expected", 0)), groups=groups,
            items=items, synthetic=bool(about.get("synthetic", False)), source=str(about.get("source", "")),
            note=str(about.get("note", "")), note_en=str(about.get("note_en", "")), imported_from=imported_from,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError("health.stars_damaged", file=imported_from, what=str(error)) from None
    _check(found)
    return found


def _item(row: Mapping[str, Any]) -> StarItem:
    unit = str(row.get("unit", ""))
    return StarItem(
        id=str(row["id"]),
        name=str(row["zh"]),
        name_en=str(row.get("en") or row["zh"]),
        group=str(row["group"]),
        unit=unit,
        unit_en=str(row.get("unit_en", unit)),
        limits=tuple(float(one) for one in row.get("limits", ())),
        points=float(row.get("points", 0)),
        indicator=str(row.get("indicator", "")),
        source=str(row.get("source", "")),
    )


def _check(found: StarSet) -> None:
    def refuse(what: str) -> None:
        raise UserError("health.stars_damaged", file=found.imported_from or found.id, what=what)

    known = {group.id: group for group in found.groups}
    ids = [item.id for item in found.items]
    if len(set(ids)) < len(ids) or len(known) < len(found.groups):
        refuse(", ".join(sorted({one for one in ids if ids.count(one) > 1})) or "group")
    for item in found.items:
        if item.group not in known:
            refuse(f"{item.id}: {item.group}")
        is_graded = len(item.limits) == MOST_STARS
        if known[item.group].bonus == is_graded or (item.limits and not is_graded):
            refuse(f"{item.id}: {len(item.limits)} / {MOST_STARS}")
        steps = list(itertools.pairwise(item.limits))
        if not all(math.isfinite(limit) for limit in (*item.limits, item.points)):
            refuse(item.id)
        if not (all(a < b for a, b in steps) or all(a > b for a, b in steps)):
            refuse(f"{item.id}: {', '.join(str(limit) for limit in item.limits)}")
