"""What was looked at on site: objects that fail, of those that were looked at; and places that estates lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from models.sample.health.truth.registers import Answer, Row, either, is_one_of, number
from models.sample.health.truth.units import Level, Sums, Town


@dataclass(frozen=True, slots=True)
class Check:
    """How an indicator counts what was looked at.

    Parameters
    ----------
    table, kind, theme : str
        Objects, what records call them, and the theme of the survey.
    among : callable
        ``row -> bool``: which objects are meant.
    fails : callable, optional
        ``row -> answer`` by an object's own fields, where no record speaks of it.
    """

    table: str
    kind: str
    theme: str
    among: Callable[[Row], bool] = lambda _: True
    fails: Callable[[Row], Answer] | None = None


def _homes(*uses: str) -> Check:
    return Check("buildings", "building", "buildings", lambda row: row["use"] in uses)


def _quarters(kind: str) -> Check:
    return Check("quarters", "quarter", "quarters", lambda row: bool(row["kind"] == kind))


def _community(fails: Callable[[Row], Answer] | None) -> Check:
    return Check("communities", "community", "communities", fails=fails)


def _says_no(field: str) -> Callable[[Row], Answer]:
    return lambda row: is_one_of(row[field], "no", "yes")


def _no_charging(row: Row) -> Answer:
    bays, wanted = number(row["ebike_bays"]), number(row["ebike_demand"])
    none = None if bays is None else bays <= 0
    return either(none, None if bays is None or wanted is None else bays < wanted)


CHECKS: dict[str, Check] = {
    **{f"HC25-{n:02d}": _homes("residential", "old_house") for n in (1, 2, 4, 6, 8, 9)},
    **{f"HC25-{n:02d}": _homes("residential") for n in (3, 7)},
    "HC25-16": _community(_no_charging), "HC25-19": _community(_says_no("waste_sorting")),
    "HC25-20": _community(_says_no("property_managed")), "HC25-21": _community(None),
    "HC25-26": Check("roads", "road", "roads"),
    "HC25-27": _quarters("old_commercial"), "HC25-28": _quarters("old_factory"), "HC25-29": _quarters("old_living"),
}  # fmt: skip


#: What communities lack, and the themes of the survey that it needs.
SHORTFALLS: dict[str, tuple[str, ...]] = {
    "HC25-13": ("communities", "schools"), "HC25-14": ("communities",), "HC25-15": ("communities",),
}  # fmt: skip


def checked(code: str, check: Check, town: Town, level: Level) -> Sums:
    """Count what fails and what was looked at by the units of a level."""
    latest: dict[tuple[str, str], tuple[str, bool]] = {}
    for row in town.records("check_records"):
        if row["indicator"] == code and row["object_kind"] == check.kind:
            key, said = (row["object_code"], row["item"]), (row["checked_on"], row["found"] == "yes")
            latest[key] = max(latest.get(key, said), said)
    failing: dict[str, bool] = {}
    for (object_code, _), (_, found) in latest.items():
        failing[object_code] = failing.get(object_code, False) or found
    sums = Sums(*([0.0] * len(level.codes) for _ in range(3)))
    homes = level.homes(check.table, town.shapes(check.table))
    for row, position in zip(town.records(check.table), homes, strict=True):
        if position < 0 or not check.among(row):
            continue
        fails: Answer = failing.get(str(row["code"]))
        if fails is None and check.fails is not None:
            fails = check.fails(row)
        sums.whole[position] += 1.0
        if fails is not None:
            sums.denominator[position] += 1.0
            sums.numerator[position] += float(fails)
    return sums


def shortfall(code: str, town: Town, level: Level) -> Sums:
    """Add up what each community lacks: school places (13), parking spaces (14), charging points (15)."""
    communities = {str(row["code"]): row for row in town.records("communities")}
    if code == "HC25-13":
        need = {name: number(row["primary_children"]) for name, row in communities.items()}
        have: dict[str, float | None] = dict.fromkeys(communities, 0.0)
        for school in town.records("amenities"):
            if school["kind"] in ("primary_school", "nine_year_school"):  # each names one community
                have[school["community_code"]] = (have[school["community_code"]] or 0.0) + float(school["capacity"])
    elif code == "HC25-14":
        need = {
            name: number(row["households"] if pd.isna(row["cars"]) else row["cars"])
            for name, row in communities.items()
        }
        have = {name: number(row["parking_spaces"]) for name, row in communities.items()}
    else:
        need = {name: number(row["charger_demand"]) for name, row in communities.items()}
        have = {name: number(row["chargers"]) for name, row in communities.items()}
    sums = Sums(*([0.0] * len(level.codes) for _ in range(3)))
    estates, told = [0] * len(level.codes), [0] * len(level.codes)
    for name in communities:
        position = level.codes.index(name if level.name == "communities" else name[:9])
        estates[position] += 1
        wanted, there = need[name], have[name]
        if wanted is not None and there is not None:
            told[position] += 1
            sums.denominator[position] += wanted
            sums.numerator[position] += max(wanted - there, 0.0)
    for position, needed in enumerate(sums.denominator):
        gap = estates[position] - told[position]
        sums.whole[position] = needed * estates[position] / told[position] if needed > 0 else float(gap)
    return sums
