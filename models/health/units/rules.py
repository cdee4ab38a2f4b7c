"""How large a check unit should be, which indicators need that, and what is checked on which dwellings: rules as data.

Read from ``resources/standards/health/units_<edition>.toml``; nothing of it stands in code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Level:
    """One level of units and the size that is asked of it.

    Parameters
    ----------
    id : str
        ``"community"`` (小区/社区), ``"block"`` (街区) or ``"estate"`` (临时小区).
    name, name_en : str
    role : str
        Role of the layer that its accepted units become.
    prefix : str
        Of the codes of units that are made.
    min_population, max_population : float or None
        People; None where the standard asks nothing.
    min_area_m2, max_area_m2 : float or None
    source, certainty : str
        Document and clause; A (text read) … D (our reading).
    """

    id: str
    name: str
    name_en: str
    role: str
    prefix: str
    min_population: float | None
    max_population: float | None
    min_area_m2: float | None
    max_area_m2: float | None
    source: str
    certainty: str

    def title(self, lang: str) -> str:
        """Return its name in a language."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, slots=True)
class Dependence:
    """Indicators whose limits are stated for a unit of full size, and why."""

    level: str
    indicators: tuple[str, ...]
    why: str
    why_en: str
    source: str
    certainty: str


@dataclass(frozen=True, slots=True)
class OwnBuilt:
    """What is not checked on own-built houses (自建房).

    Parameters
    ----------
    uses : tuple of str
        Values of ``buildings.use``.
    not_checked : tuple of str
        Indicators.
    partly_checked : str
        The indicator of which items about the public space of a building are left out.
    public_words : tuple of str
        By which the name of such an item is known.
    """

    uses: tuple[str, ...]
    not_checked: tuple[str, ...]
    partly_checked: str
    public_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposing:
    """How units are proposed; rules of our own.

    Parameters
    ----------
    barrier_classes : tuple of tuple of str
        Classes of roads along which units are divided, in the order in which they are tried.
    block_classes : tuple of str
        Classes of roads that bound a block of scattered buildings.
    green_kinds : tuple of str
        Kinds of green that part two units.
    barrier_m, barrier_share : float
        How near a border lies along a barrier, metres; from which share of it on the neighbours are held apart.
    least_border_m, least_cell_m2 : float
    year_span : float
    residential : tuple of str
        Values of ``buildings.use`` in which people live.
    """

    barrier_classes: tuple[tuple[str, ...], ...]
    block_classes: tuple[str, ...]
    green_kinds: tuple[str, ...]
    barrier_m: float
    barrier_share: float
    least_border_m: float
    least_cell_m2: float
    year_span: float
    residential: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitRules:
    """All rules of one edition."""

    levels: tuple[Level, ...]
    dependences: tuple[Dependence, ...]
    own_built: OwnBuilt
    proposing: Proposing

    def level(self, level_id: str) -> Level:
        """Return a level by its id.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        return {one.id: one for one in self.levels}[level_id]

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of the levels."""
        return tuple(one.id for one in self.levels)

    def dependence(self, level: str, indicator: str) -> Dependence | None:
        """Return why an indicator needs units of full size; None where it does not."""
        return next((one for one in self.dependences if one.level == level and indicator in one.indicators), None)

    def dependent(self, level: str) -> tuple[str, ...]:
        """Return the indicators of a level that need units of full size."""
        return tuple(code for one in self.dependences if one.level == level for code in one.indicators)


@lru_cache(maxsize=4)
def unit_rules(edition: str = "2025") -> UnitRules:
    """Return the rules of an edition."""
    table = standard(f"health/units_{edition}")
    own, how = table["own_built"], table["propose"]
    words = tuple(own["public_words"])
    return UnitRules(
        tuple(_level(row) for row in table["level"]),
        tuple(
            Dependence(row["level"], tuple(row["indicators"]), row["zh"], row["en"], row["source"], row["certainty"])
            for row in table["dependent"]
        ),
        OwnBuilt(tuple(own["uses"]), tuple(own["not_checked"]), own["public_space_only_of"], words),
        Proposing(
            tuple(tuple(classes) for classes in how["barrier_classes"]), tuple(how["block_classes"]),
            tuple(how["green_kinds"]), how["barrier_m"], how["barrier_share"], how["least_border_m"],
            how["least_cell_m2"], how["year_span"], tuple(how["residential"]),
        ),
    )  # fmt: skip


def _level(row: dict[str, Any]) -> Level:
    def area(name: str) -> float | None:
        return row[name] * 1e6 if name in row else None

    return Level(
        row["id"], row["zh"], row["en"], row["role"], row["prefix"], row.get("min_population"),
        row.get("max_population"), area("min_area_km2"), area("max_area_km2"), row["source"], row["certainty"],
    )  # fmt: skip
