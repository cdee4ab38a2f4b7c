"""The city a year ago on the map, and what became better or worse since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.health.book import book_of
from models.health.editions import IndicatorDef
from models.health.results import IndicatorResult, UnitValue
from models.health.years.choosing import base_of, this_year
from models.health.years.comparing import differing, verdict_of
from models.health.years.making import meaning_of
from models.health.years.record import YearIndicator, YearRecord, YearValue
from models.project.project import ProjectState
from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theme_picture import ThemePicture, hatched, joined, one_colour

#: What a theme of an indicator can show of two years: last year's values, and the change.
BEFORE, CHANGE = "before", "change"
_CLASSES = ("improved", "unchanged", "changed", "worsened", "not_comparable")


def result_before(state: ProjectState, result: IndicatorResult | None) -> tuple[YearRecord, IndicatorResult] | None:
    """Return an indicator as it stood in the year that is compared with, on the units of today.

    None where no record has it; units that it does not have are without data.
    """
    found = _then(state, result)
    if found is None or result is None:
        return None
    base, then = found
    return base, replace(
        result, units=_stood(result.units, _of(then, "district")), estates=_stood(result.estates, _of(then, "estate")),
        city=_stood((result.city,), {"": then.city} if then.city else {})[0], problems=(), good=(), marks=(), inputs=(),
    )  # fmt: skip


def change_picture(state: ProjectState, result: IndicatorResult | None, lang: str) -> ThemePicture | None:
    """Return the units coloured by what became of them since the year that is compared with; None without a record."""
    found = _then(state, result)
    if found is None or result is None:
        return None
    base, then = found
    definition = book_of(state.health).indicators.get(result.code) or result.definition
    is_other = bool(differing(then.meaning, meaning_of(definition)))
    units, before = result.units, _of(then, "district")
    told = {unit.key: _verdict(before, unit, definition, is_other=is_other) for unit in units}
    general, grades = status()["general"], status()["grades"]
    tints = {
        "improved": grades["met"][1], "worsened": grades["below"][1], "unchanged": grades["below"][3],
        "changed": grades["plain"][2], "not_comparable": general["calm"],
    }  # fmt: skip
    colours: dict[str, LayerColours] = {}
    for layer in dict.fromkeys(unit.unit_layer for unit in units):
        parts = []
        for name in (*_CLASSES, "no_data"):
            oids = np.array([key.oid for key, one in told.items() if key.layer == layer and one == name], np.int64)
            if len(oids):
                parts.append(
                    hatched(oids) if name == "no_data" else one_colour(oids, rgba(tints[name], general["fill"]))
                )
        colours[layer] = joined(parts)
    verdicts = list(told.values())
    entries = [
        LegendEntry(word(f"year.verdict.{name}", lang), tints[name], count=verdicts.count(name))
        for name in _CLASSES if name in verdicts
    ]  # fmt: skip
    if "no_data" in verdicts:
        entries.append(
            LegendEntry(word("legend.no_data", lang), general["no_data"], "hatch", count=verdicts.count("no_data"))
        )
    title = word("legend.year.change", lang, title=definition.title(lang), year=base.year)
    return ThemePicture(colours, Legend(title, tuple(entries)))


def _then(state: ProjectState, result: IndicatorResult | None) -> tuple[YearRecord, YearIndicator] | None:
    base = base_of(state.health, state.name, this_year())
    then = base.by_code().get(result.code) if base is not None and result is not None else None
    return None if base is None or then is None else (base, then)


def _of(then: YearIndicator, level: str) -> dict[str, YearValue]:
    mine = [one for one in then.values if one.level == level]
    return {one.name: one for one in mine if one.name} | {one.code: one for one in mine if one.code}


def _found(then: Mapping[str, YearValue], unit: UnitValue) -> YearValue | None:
    return then.get(unit.unit_code) or then.get(unit.unit_name)


def _verdict(then: Mapping[str, YearValue], unit: UnitValue, definition: IndicatorDef, *, is_other: bool) -> str:
    before = _found(then, unit)
    if before is None or before.value is None or unit.value is None:
        return "no_data"
    return "not_comparable" if is_other else verdict_of(before.value, unit.value, definition.direction)


def _stood(units: Sequence[UnitValue], then: Mapping[str, YearValue]) -> tuple[UnitValue, ...]:
    """Return units as they stood then; units that were not there are without data."""
    found = []
    for unit in units:
        old = _found(then, unit)
        value = None if old is None else old.value
        found.append(
            replace(unit, value=value, numerator=old.numerator if old else None,
                    denominator=old.denominator if old else None, coverage=old.coverage if old else None,
                    grade=old.grade if old else "no_data", status="no_data" if value is None else "ok")
        )  # fmt: skip
    return tuple(found)
