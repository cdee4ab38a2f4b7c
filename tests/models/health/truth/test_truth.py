"""Indicators of the sample city against its truth, which other code works out in another way."""

from __future__ import annotations

from typing import Any

import pytest

from models.health.book import definition_of
from models.health.results import UnitValue
from models.sample.health.truth.checks import CHECKS, SHORTFALLS
from models.sample.health.truth.estates import BLOCKS, ESTATES, HEADS
from models.sample.health.truth.reach import SERVICES
from tests.support.cities.health_checkup import Checkup

pytestmark = pytest.mark.slow

#: How much the truth itself errs, of a percentage and of an area (relative): land is sampled by points, the ground
#: under buildings by squares of a metre; kilometres are rounded where a border lies on a road's centre line.
SAMPLED = {"districts": (0.1, 3e-3), "communities": (0.6, 1e-2)}
ROUNDED = (1e-3, 1e-4)
EXACT = (2e-6, 2e-6)
CODES = (
    *SERVICES, *ESTATES, *BLOCKS, *HEADS, *CHECKS, *SHORTFALLS,
    "HC25-05", "HC25-18", "HC25-31", "HC25-35", "HC25-36", "HC25-37", "HC25-38",
    "HC25-39", "HC25-40", "HC25-41", "HC25-44", "HC25-45", "HC25-46", "HC25-47", "HC25-51", "HC25-52", "HC25-55",
    "HC25-56", "HC25-57", "HC25-58", "HC25-59", "HC21-49",
)  # fmt: skip


def tolerance(code: str, level: str) -> tuple[float, float]:
    if code in SERVICES or code == "HC25-58":
        return SAMPLED[level]
    return ROUNDED if code == "HC25-35" else EXACT


def differs(unit: UnitValue, wanted: dict[str, Any], errs: tuple[float, float]) -> list[str]:
    """Return the figures of a unit that are not those of the truth."""
    of_value, of_sums = errs
    found = {name: getattr(unit, name) for name in ("value", "numerator", "denominator", "coverage")}
    if found["value"] is None or wanted["value"] is None:
        return [] if found["value"] is wanted["value"] else [f"value {found['value']} is not {wanted['value']}"]
    limits = {
        "value": max(of_value, of_value * abs(wanted["value"]) if errs is EXACT else 0.0),
        "numerator": max(of_sums * abs(wanted["numerator"]), 1e-6),
        "denominator": max(of_sums * abs(wanted["denominator"]), 1e-6),
        "coverage": 2e-6,
    }
    if errs in SAMPLED.values():  # a tiny share of a parcel is a great part of itself
        limits["numerator"] = max(limits["numerator"], of_value / 100 * wanted["denominator"])
    return [
        f"{name} {found[name]} is not {wanted[name]}"
        for name, limit in limits.items()
        if found[name] is None or abs(found[name] - wanted[name]) > limit
    ]


def test_every_indicator_with_a_truth_is_compared(checkup: Checkup) -> None:
    assert set(CODES) == set(checkup.truth)
    assert len(CODES) >= 30


@pytest.mark.parametrize("code", CODES)
def test_an_indicator_equals_its_truth_at_every_level(code: str, checkup: Checkup) -> None:
    definition = definition_of(checkup.state.health, code)
    if not definition.computed:
        pytest.skip("not computed from layers yet")
    known = {reading.id for reading in definition.readings}
    wrong = []
    for reading, wanted in checkup.truth[code].items():
        if reading and known and reading not in known:
            continue
        result = checkup.result(code, reading if known else "")
        levels = {"districts": result.units, "communities": result.estates}
        for level, units in levels.items():
            assert {unit.unit_code for unit in units} == set(wanted[level]), (reading, level)
            for unit in units:
                lines = differs(unit, wanted[level][unit.unit_code], tolerance(code, level))
                wrong += [f"{reading} {unit.unit_code}: {line}" for line in lines]
        lines = differs(result.city, wanted["city"], tolerance(code, "districts"))
        wrong += [f"{reading} city: {line}" for line in lines]
    assert not wrong, "\n".join(wrong[:8])
