"""Figures of the city and of how it was looked at: units, people, land, what was sampled, what residents answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.responses import responses_of, that_count
from models.health.questionnaire.satisfaction import by_question, by_unit, mean_of
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered
from models.report.figure import CITY, Figure, FigureSource, amount, figure_id
from models.roles import Role

_LAYER, _SURVEY, _SAID = FigureSource("layer"), FigureSource("survey"), FigureSource("statement")
#: What is counted, by the role of its layer.
_COUNTED: tuple[Role, ...] = ("districts", "communities", "buildings")
#: What is measured, square kilometres.
_MEASURED: tuple[Role, ...] = ("districts", "built_up")


def city_figures(
    state: ProjectState, data: Mapping[str, LayerData], year: int, base_year: int | None
) -> Iterator[Figure]:
    """Yield the figures of a city.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    year : int
        Of the check.
    base_year : int or None
        Of the check that it is held against.
    """
    yield Figure(figure_id(CITY, "all", "year"), year, form="year", source=_SAID)
    yield Figure(figure_id(CITY, "all", "base_year"), base_year, form="year", source=_SAID)
    for role in _COUNTED:
        tables = _tables(state, data, role)
        count = sum(table.count for table in tables) if tables else None
        yield Figure(figure_id(CITY, role, "count"), count, form="count", source=_LAYER)
    for role in _MEASURED:
        yield amount(figure_id(CITY, role, "area"), _area_km2(state, _tables(state, data, role)), "km²", "km²", _LAYER)
    people = _people(_tables(state, data, "districts"))
    people = _people(_tables(state, data, "communities")) if people is None else people
    yield Figure(figure_id(CITY, "all", "population"), people, "人", "", "count", 0, _LAYER)
    yield Figure(figure_id(CITY, "layers", "count"), len(state.layers), form="count", source=_LAYER)
    for layer in state.layers:
        held = data.get(layer.id)
        count = held.count if isinstance(held, VectorData) else None
        yield Figure(figure_id("layer", layer.id, "count"), count, form="count", source=_LAYER)
    yield from _checked(state, data)
    yield from _sampled(state)
    yield from _answered(state, data)


def _tables(state: ProjectState, data: Mapping[str, LayerData], role: Role) -> list[VectorData]:
    crs = state.frame.horizontal if state.frame is not None else ""
    found = (filtered(layer, data[layer.id], crs) for layer in state.with_role(role) if layer.id in data)
    return [one for one in found if isinstance(one, VectorData)]


def _people(tables: list[VectorData]) -> int | None:
    """Return how many people live there; None where one of the units has no number."""
    if not tables or any("population" not in table.attributes.columns for table in tables):
        return None
    numbers = pd.to_numeric(pd.concat([table.attributes["population"] for table in tables]), errors="coerce")
    return None if numbers.isna().any() or numbers.empty else round(float(numbers.sum()))


def _area_km2(state: ProjectState, tables: list[VectorData]) -> float | None:
    if not tables or state.frame is None:
        return None
    shapes = [table.frame.geometry.to_crs(state.frame.horizontal) for table in tables if table.count]
    return float(sum(one.area.sum() for one in shapes)) / 1e6 if shapes else None


def _checked(state: ProjectState, data: Mapping[str, LayerData]) -> Iterator[Figure]:
    """Yield how many objects somebody looked at, by what they are."""
    tables = [table.attributes for table in _tables(state, data, "check_records")]
    tables = [one for one in tables if {"object_code", "object_kind"} <= set(one.columns)]
    records = pd.concat([one[["object_kind", "object_code"]] for one in tables]) if tables else pd.DataFrame()
    yield Figure(
        figure_id("checked", "records", "count"), len(records) if tables else None, form="count", source=_LAYER
    )
    if tables:
        once = records.astype("str").drop_duplicates()
        for kind, count in once["object_kind"].value_counts().sort_index().items():
            yield Figure(figure_id("checked", str(kind), "count"), int(count), form="count", source=_LAYER)


def _sampled(state: ProjectState) -> Iterator[Figure]:
    """Yield how much was drawn of the units that were sampled."""
    for level in ("community", "block"):
        own = [one for one in state.health.sampled if one.level == level]
        whole = {one.unit_code: one for one in own if not one.indicator} or {one.unit_code: one for one in own}
        drawn, total = sum(one.drawn for one in whole.values()), sum(one.total for one in whole.values())
        for which, count in (("units", len(whole)), ("drawn", drawn), ("total", total)):
            yield Figure(figure_id("sampling", level, which), count, form="count", source=_SAID)
        share = drawn / total if total else None
        yield Figure(figure_id("sampling", level, "share"), share, "%", "%", "share", 1, _SAID)


def _answered(state: ProjectState, data: Mapping[str, LayerData]) -> Iterator[Figure]:
    """Yield what residents answered: how many, how satisfied, by question and by sub-district."""
    table = responses_of(state, data)
    if table is None:
        return
    counted = that_count(table)
    yield Figure(figure_id("survey", "all", "returned"), len(table), form="count", source=_SURVEY)
    yield Figure(figure_id("survey", "all", "answers"), len(counted), form="count", source=_SURVEY)
    asked = tuple(questionnaire().questions)
    found = {"all": mean_of(counted, asked)} | by_question(counted)
    found |= {f"unit:{code}": one for code, one in by_unit(counted, "district_code", asked).items()}
    for place, one in found.items():
        for which, value in (("value", one.value), ("low", one.low), ("high", one.high)):
            yield amount(figure_id("survey", place, which), value, "分", "points", _SURVEY, 1)
        if place != "all":
            yield Figure(figure_id("survey", place, "answers"), one.answers, form="count", source=_SURVEY)
    for field in ("sex", "age_group"):
        if field in counted.columns:
            for group, count in counted[field].astype("str").value_counts().sort_index().items():
                yield Figure(
                    figure_id("survey", f"{field}:{group}", "answers"), int(count), form="count", source=_SURVEY
                )
