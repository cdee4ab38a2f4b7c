"""What is said of check units: why they are as they are, whether they fit, how their people are known."""

from __future__ import annotations

from collections.abc import Sequence

from models.core.value_text import number
from models.health.units.proposing import faults_of
from models.health.units.rules import unit_rules
from models.health.units.unit_sets import CheckUnit
from models.health.units.versions import UnitChange
from resources.words import word


def fault_text(fault: str, level_id: str, lang: str) -> str:
    """Return what is wrong with the size of a unit of a level."""
    level = unit_rules().level(level_id)

    def said(value: float | None, factor: float = 1.0) -> str:
        return "" if value is None else number(value * factor, 0)

    return word(
        f"units.fault.{fault}", lang, least=said(level.min_population), most=said(level.max_population),
        least_km2=said(level.min_area_m2, 1e-6), most_km2=said(level.max_area_m2, 1e-6),
    )  # fmt: skip


def faults_text(faults: Sequence[str], level_id: str, lang: str) -> str:
    """Return all that is wrong with the size of a unit; empty where nothing is."""
    return (" · " if lang == "en" else "；").join(fault_text(one, level_id, lang) for one in faults)


def reason_text(unit: CheckUnit, lang: str) -> str:
    """Return why a unit is as it is: how it was made, and across how many sub-districts."""
    parts = [word(f"units.reason.{unit.reason}", lang, count=len(unit.members))]
    if len(unit.districts) > 1 and unit.reason != "kept":
        parts.append(word("units.crosses", lang, count=len(unit.districts)))
    return " · ".join(parts)


def why_text(unit: CheckUnit, level_id: str, lang: str) -> str:
    """Return what is wrong with a unit and why it could not be made better; empty where nothing is."""
    parts = [faults_text(faults_of(unit, level_id), level_id, lang)]
    if unit.advice:
        parts.append(word(f"units.advice.{unit.advice}", lang))
    return (" · " if lang == "en" else "；").join(part for part in parts if part)


def population_text(population: float | None, lang: str) -> str:
    """Return a number of people; a dash for one that nobody knows."""
    return "–" if population is None else number(population, 0)


def population_from_text(unit: CheckUnit, lang: str) -> str:
    """Return how the people of a unit are known."""
    return word(f"units.from.{unit.population_from}", lang)


def change_text(change: UnitChange, lang: str) -> str:
    """Return in what a unit of two versions is another."""
    return word(f"units.change.{change.kind}", lang)
