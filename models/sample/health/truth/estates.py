"""Facilities of estates and sub-districts, one estate and one facility after the other.

A verdict is True (has enough), False (lacks it) or None (nobody can say).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.sample.health.truth.registers import Answer, Row, both, is_yes, number
from models.sample.health.truth.units import Level, Sums, Town

#: People from whom on an estate needs its own facility, and whom one facility serves; how far small estates share (m).
OWN, FULL, SHARE_M = 5_000.0, 12_000.0, 500.0
NEW_SINCE = 2019
FLOOR, SITE, CLASSES = "floor_area_m2", "site_area_m2", "classes"
#: Least sizes of a kindergarten by the people that it serves.
KINDERGARTEN: tuple[tuple[float, dict[str, float]], ...] = (
    (0.0, {CLASSES: 3.0, FLOOR: 796.0}), (3_001.0, {CLASSES: 6.0, FLOOR: 2_200.0, SITE: 3_500.0}),
    (6_001.0, {CLASSES: 9.0, FLOOR: 3_145.0, SITE: 3_500.0}), (9_001.0, {CLASSES: 12.0, FLOOR: 4_003.0, SITE: 3_500.0}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an estate must have.

    Parameters
    ----------
    kinds : mapping of str to str
        Table → kinds of facility, separated by spaces.
    old, new : tuple of (people, least by field)
        For estates built before :data:`NEW_SINCE`, and since.
    higher : tuple of (field, least, metres), optional
        What makes up for it close by.
    """

    kinds: dict[str, str]
    old: tuple[tuple[float, dict[str, float]], ...] = ((0.0, {}),)
    new: tuple[tuple[float, dict[str, float]], ...] = ((0.0, {}),)
    higher: tuple[str, float, float] | None = None


ESTATES: dict[str, tuple[tuple[str, ...], tuple[Part, ...]]] = {
    "HC25-10": (("communities", "elderly_care"), (
        Part({"amenities": "elderly_care"}, new=((0.0, {FLOOR: 350.0}),), higher=(FLOOR, 750.0, 300.0)),
    )),
    "HC25-11": (("communities", "infant_care"), (
        Part({"amenities": "nursery infant_care"}, new=((0.0, {FLOOR: 200.0}),)),
    )),
    "HC25-12": (("communities", "kindergartens"), (
        Part({"amenities": "kindergarten"}, KINDERGARTEN, KINDERGARTEN),
    )),
    "HC25-17": (("communities", "activity_grounds"), (
        Part({"amenities": "sport_ground football_pitch", "green": "activity_ground"},
             ((0.0, {SITE: 150.0}),), ((0.0, {SITE: 800.0}),)),
        Part({"green": "park activity_ground"}, new=((0.0, {SITE: 4_000.0}),), higher=(SITE, 4_000.0, 300.0)),
    )),
}  # fmt: skip


@dataclass(slots=True)
class Estate:
    """An estate while it is judged."""

    row: Row
    shape: Any
    places: list[Row] = field(default_factory=list)
    load: float = 0.0

    @property
    def people(self) -> float:
        """Return how many live here."""
        return float(self.row["population"])


def estates(code: str, town: Town, level: Level) -> Sums:
    """Count the estates that lack something, and all that could be judged, by the units of a level."""
    verdicts: list[Answer] = [
        both(*parts) for parts in zip(*(_part(part, town) for part in ESTATES[code][1]), strict=True)
    ]
    homes = level.homes("communities", town.shapes("communities"))
    sums = Sums(*([0.0] * len(level.codes) for _ in range(3)))
    for verdict, home in zip(verdicts, homes, strict=True):
        sums.whole[home] += 1.0
        if verdict is not None:
            sums.denominator[home] += 1.0
            sums.numerator[home] += float(not verdict)
    return sums


def _part(part: Part, town: Town) -> list[Answer]:
    every = [
        Estate(row, shape) for row, shape in zip(town.records("communities"), town.shapes("communities"), strict=True)
    ]
    places = _places(part, town)
    for place in places:
        for estate in every:
            told = place.get("community_code")
            if told == estate.row["code"] if isinstance(told, str) else estate.shape.contains(place["_inside"]):
                estate.places.append(place)
                place["_home"] = estate
                break
    used = [_used(estate, places) for estate in every]
    for estate, other in zip(every, used, strict=True):
        other.load += estate.people
    return [_verdict(estate, other, part, places) for estate, other in zip(every, used, strict=True)]


def _places(part: Part, town: Town) -> list[dict[str, Any]]:
    found = []
    for table, kinds in part.kinds.items():
        for row, shape in zip(town.records(table), town.shapes(table), strict=True):
            if row["kind"] in kinds.split() and (table != "green" or row["open_to_public"]):
                area = number(row.get(SITE))
                found.append({**row, "_shape": shape, "_inside": shape.point_on_surface(),
                              SITE: shape.area if area is None else area})  # fmt: skip
    return found


def _used(estate: Estate, places: Sequence[Row]) -> Estate:
    """Return the estate whose facilities an estate uses: its own, or the nearest that a small one may share."""
    if estate.places or estate.people > OWN:
        return estate
    near = sorted(((estate.shape.distance(place["_shape"]), at) for at, place in enumerate(places) if "_home" in place))
    return places[near[0][1]]["_home"] if near and near[0][0] <= SHARE_M else estate


def _verdict(estate: Estate, other: Estate, part: Part, places: Sequence[Row]) -> Answer:
    is_new = other.row["built_year"] >= NEW_SINCE
    found = _enough(other, part.new if is_new else part.old, is_new)
    if part.higher is not None:
        name, least, within_m = part.higher
        close = [number(place[name]) for place in places if estate.shape.distance(place["_shape"]) <= within_m]
        if any(size is not None and size >= least for size in close):
            return True
        if found is False and None in close:
            return None
    return found


def _enough(estate: Estate, tiers: Sequence[tuple[float, dict[str, float]]], by_itself: bool) -> Answer:
    times = max(estate.load / FULL, 1.0)
    least = [sizes for people, sizes in tiers if estate.load >= people][-1]
    answers: list[Answer] = [len(estate.places) >= math.ceil(times - 1e-9)]
    for name, wanted in least.items():
        sizes = [number(place[name]) for place in estate.places]
        total = sum(size for size in sizes if size is not None)
        answers.append(True if total >= wanted * times - 1e-9 else None if None in sizes else False)
    if by_itself and least:
        each = [both(*(_at_least(place[name], wanted) for name, wanted in least.items())) for place in estate.places]
        answers.append(True if True in each else None if None in each else False)
    return both(*answers)


def _at_least(value: Any, least: float) -> Answer:
    size = number(value)
    return None if size is None else size >= least - 1e-9


@dataclass(frozen=True, slots=True)
class Block:
    """A facility that a sub-district needs one of for every hundred thousand people.

    Parameters
    ----------
    kind, size : str
    least_m2 : float
        For up to fifty thousand people.
    hours : float
        A day that it has to be open, and to everybody; 0 where that is not asked.
    """

    kind: str
    size: str
    least_m2: float
    hours: float = 0.0


BLOCKS = {
    "HC25-23": (("sports",), Block("sport_ground", SITE, 3_150.0, 12.0)),
    "HC25-24": (("culture",), Block("cultural_centre", FLOOR, 3_000.0)),
}
BLOCK_PEOPLE, BLOCK_M = 100_000.0, 1_000.0


def blocks(block: Block, town: Town, level: Level) -> Sums:
    """Count facilities that fail or are missing, and those that were judged or are missing, by sub-district."""
    sums = Sums(*([0.0] * len(level.codes) for _ in range(3)))
    homes = level.homes("amenities", town.shapes("amenities"))
    every = zip(town.records("amenities"), town.shapes("amenities"), homes, strict=True)
    places = [(row, shape, home) for row, shape, home in every if row["kind"] == block.kind]
    for row, _, home in places:
        asked = [_at_least(row[block.size], block.least_m2)]
        if block.hours:
            asked += [_at_least(row["open_hours"], block.hours), is_yes(row["open_to_public"])]
        good = both(*asked)
        sums.whole[home] += 1.0
        if good is not None:
            sums.denominator[home] += 1.0
            sums.numerator[home] += float(not good)
    for home, (district, row) in enumerate(zip(level.shapes, town.records(level.name), strict=True)):
        needed = max(math.ceil(row["population"] / BLOCK_PEOPLE), 1)
        serving = sum(district.distance(shape) <= BLOCK_M for _, shape, _ in places)
        for column in (sums.numerator, sums.denominator, sums.whole):
            column[home] += max(needed - serving, 0)
    return sums


#: Area by head: kinds of facility, field of the area, theme of the survey.
HEADS: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "HC25-34": (("library", "museum", "theatre", "gallery", "cultural_centre"), FLOOR, ("culture",)),
    "HC25-54": (("shelter",), "effective_area_m2", ("shelters",)),
}


def per_head(kinds: Sequence[str], name: str, town: Town, level: Level) -> Sums:
    """Add up areas that somebody told, and people, by sub-district."""
    people = [float(row["population"]) for row in town.records(level.name)]
    areas, told, there = [0.0] * len(people), [0] * len(people), [0] * len(people)
    homes = level.homes("amenities", town.shapes("amenities"))
    for row, home in zip(town.records("amenities"), homes, strict=True):
        if row["kind"] in kinds:
            area = number(row[name])
            there[home] += 1
            told[home] += area is not None
            areas[home] += area or 0.0
    whole = [
        count if of == known else count * of / known if known else math.inf
        for count, of, known in zip(people, there, told, strict=True)
    ]
    return Sums(areas, people, whole)
