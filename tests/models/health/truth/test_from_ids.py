"""Every figure can be recomputed from the ids that a kept result holds: on both sides, after saving and reopening.

What is recomputed here reads the result, its parameters and the rows of the layers by key; none of the code that
computed it. Distances on foot are the exception: of those the land alone is recomputed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from models.health.book import book_of, definition_of
from models.health.results import IndicatorResult
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from models.store.project_file import open_project, save_project
from models.store.rows.results import results_of, rows_of
from tests.support.cities.health_checkup import Checkup

pytestmark = pytest.mark.slow
Figures = tuple[float | None, float]
#: Large layers that no indicator reads.
UNREAD = ("readings", "trees", "pipe_nodes", "sensors", "devices", "poles")


class Ids:
    """What a result leads to: rows and shapes of its objects, and the land of its sub-districts with data."""

    def __init__(self, result: IndicatorResult, checkup: Checkup) -> None:
        self.result, self.checkup = result, checkup
        self.rules = dict(result.parameters)
        self.rules |= self.rules.pop("by_reading", {}).get(result.reading, {})
        with_data = [unit for unit in result.units if unit.status != "no_data"]
        districts = checkup.data["districts"].frame
        self.districts = districts.loc[[unit.unit_oid for unit in with_data]]
        self.land = self.districts.geometry.union_all()
        if definition_of(checkup.state.health, result.code).extent == "built_up":
            self.built_up = checkup.data["built_up"].frame.geometry.union_all()
        else:
            self.built_up = self.land

    def bad(self, *reasons: str) -> list[ObjectKey]:
        return [one.key for one in self.result.problems if not reasons or one.reason in reasons]

    def good(self, *reasons: str) -> list[ObjectKey]:
        groups = [group.keys for group in self.result.good if not reasons or group.reason in reasons]
        return [ObjectKey(layer, int(oid)) for keys in groups for layer, oids in keys.runs for oid in oids]

    def rows(self, keys: Iterable[ObjectKey]) -> list[pd.Series[Any]]:
        return [self.checkup.data[key.layer].frame.loc[key.oid] for key in keys]

    def total(self, keys: Iterable[ObjectKey], name: str) -> float:
        if name == "one":
            return float(len(list(keys)))
        if name == "length_km":
            place = shapely.intersection(self.land, self.built_up)
            return sum(float(row.geometry.intersection(place).length) for row in self.rows(keys)) / 1e3
        values = [row[name] for row in self.rows(keys)]
        return float(sum(value for value in values if pd.notna(value)))

    def looked_at(self) -> float:
        """Return how many objects of the register went in."""
        return float(sum(used.count for used in self.result.inputs if used.role == self.rules["role"]))


def checked(ids: Ids) -> Figures:
    bad, good = ids.bad(), ids.good("check_passed")
    assert not set(bad) & set(good)
    return float(len(bad)), float(len(bad) + len(good))


def register(ids: Ids) -> Figures:
    rules = ids.rules
    amount = rules.get("amount", "one")
    sides: dict[str, list[ObjectKey]] = {"counted": [], "others": []}
    for side, keys in (("bad", ids.bad), ("good", ids.good)):
        if side in rules:
            sides[rules[side]["of"]] += keys(rules[side]["reason"])
    numerator = ids.total(sides["counted"], rules.get("part", amount))
    if rules.get("per") == "area_km2":
        return numerator, float(ids.land.intersection(ids.built_up).area) / 1e6
    if sides["others"] or "others" in (rules.get(side, {}).get("of") for side in ("bad", "good")):
        return numerator, ids.total(dict.fromkeys([*sides["counted"], *sides["others"]]), amount)
    return numerator, ids.looked_at()


def shortfall(ids: Ids) -> Figures:
    rules, needed, lacking = ids.rules, 0.0, 0.0
    amenities = ids.checkup.data["amenities"].frame
    for row in ids.rows([*ids.bad(), *ids.good()]):
        need = row[rules["demand"]]
        need = row[rules["usual"]] if pd.isna(need) else need
        if "places" in rules:
            schools = amenities[amenities["kind"].isin(rules["places"][0]["values"])]
            there = float(schools["capacity"][schools["community_code"] == row["code"]].sum())
        else:
            there = row[rules["supply"]]
        needed, lacking = needed + need, lacking + max(need - there, 0.0)
    return lacking, needed


def reach(ids: Ids) -> Figures:
    rules, reading = ids.rules, ids.result.reading
    land = shapely.intersection(
        np.array([row.geometry for row in ids.rows([*ids.bad(), *ids.good("parcel_covered", "parcel_counted")])]),
        ids.land,
    )
    everything = float(shapely.area(land).sum())
    if reading in ("walk", "time"):
        return None, everything
    sites = ids.rows(ids.good("site"))
    if reading == "area":
        given = [(site.geometry.point_on_surface(), 1e6 * _radius(site, rules)["jurisdiction_km2"]) for site in sites]
        by_district = 0.0
        for district in ids.districts.geometry:
            served = sum(area for point, area in given if district.contains(point))
            by_district += min(served, float(shapely.area(shapely.intersection(land, district)).sum()))
        return by_district, everything
    reached = shapely.union_all(
        [site.geometry.buffer(_radius(site, rules)["radius_m"], quad_segs=rules["quad_segs"]) for site in sites]
    )
    return float(shapely.area(shapely.intersection(land, reached)).sum()), everything


def _radius(site: Any, rules: dict[str, Any]) -> dict[str, Any]:
    hectares = site.geometry.area / 1e4
    for row in reversed(rules["radius"]):
        if "classes" in row and str(site[rules["class_field"]]).removesuffix(".0") not in row["classes"]:
            continue
        if row.get("min_ha", 0.0) <= hectares < row.get("max_ha", np.inf):
            return dict(row)
    raise AssertionError(site)


def density(ids: Ids) -> Figures:
    roads = ids.checkup.data["roads"].frame
    roads = roads[roads["class"].isin(ids.rules["classes"])]
    assert sum(used.count for used in ids.result.inputs if used.role == "roads") == len(roads)
    return float(roads.intersection(ids.land).length.sum()) / 1e3, float(ids.land.area) / 1e6


def in_3d(ids: Ids) -> Figures:
    place = ids.land.intersection(ids.built_up)
    buildings = ids.checkup.data["buildings"].frame
    ground = shapely.union_all(buildings.geometry[buildings["height_m"] > 0].to_numpy())
    return float(ground.intersection(place).area), float(place.area)


def intact(ids: Ids) -> Figures:
    good, bad = ids.good("cover_intact"), ids.bad()
    return float(len(good)), float(len(good) + len(bad))


def estates(ids: Ids) -> Figures:
    bad = len(ids.bad())
    return float(bad), float(bad + len(ids.good("estate_meets")))


def blocks(ids: Ids) -> Figures:
    bad = sum(one.loss or 0.0 for one in ids.result.problems)
    return bad, bad + len(ids.good("site"))


def per_head(ids: Ids) -> Figures:
    return ids.total(ids.good("site"), ids.rules["area_field"]), float(ids.districts["population"].sum())


RECOMPUTED: dict[str, Callable[[Ids], Figures]] = {
    "checked_objects": checked, "register_figure": register, "shortfall": shortfall, "service_coverage": reach,
    "line_density": density, "coverage_3d": in_3d, "intact_share": intact, "estate_facilities": estates,
    "block_facilities": blocks, "area_per_head": per_head,
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(checkup: Checkup, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[IndicatorResult]]:
    """Return the results of all computed indicators by every reading, saved and opened again, by method."""
    book, by_rank = book_of(checkup.state.health), dict[int, list[IndicatorResult]]()
    for code in book.computed:
        for rank, reading in enumerate([one.id for one in book.indicators[code].readings] or [""]):
            by_rank.setdefault(rank, []).append(checkup.result(code, reading))
    file: Path = tmp_path_factory.mktemp("kept") / "kept.gpkg"
    layers = tuple(layer for layer in checkup.state.layers if isinstance(checkup.data.get(layer.id), VectorData)
                   and layer.id not in UNREAD)  # fmt: skip
    results = tuple(by_rank.pop(0))
    data = {layer.id: checkup.data[layer.id] for layer in layers}
    save_project(replace(checkup.state, layers=layers, groups=(), results=results), data, file)
    opened = open_project(file)[0].results
    assert opened == results
    for others in by_rank.values():  # a project keeps one reading of each; the others go the same way, without the file
        opened = (*opened, *results_of(rows_of(others)))
    found: dict[str, list[IndicatorResult]] = {}
    for result in opened:
        found.setdefault(book.indicators[result.code].method, []).append(result)
    return found


def test_every_way_of_computing_is_recomputed(kept: dict[str, list[IndicatorResult]]) -> None:
    assert set(kept) == set(RECOMPUTED)


@pytest.mark.parametrize("method", RECOMPUTED)
def test_the_figures_follow_from_the_ids(
    method: str, kept: dict[str, list[IndicatorResult]], checkup: Checkup
) -> None:  # fmt: skip
    wrong = []
    for result in kept.get(method, []):
        if result.city.value is None:
            continue
        numerator, denominator = RECOMPUTED[method](Ids(result, checkup))
        for name, again in (("numerator", numerator), ("denominator", denominator)):
            figure = getattr(result.city, name)
            if again is not None and again != pytest.approx(figure, rel=1e-6, abs=1e-6):
                wrong.append(f"{result.code} {result.reading} {name}: {figure}, from ids {again}")
    assert not wrong, "\n".join(wrong)
