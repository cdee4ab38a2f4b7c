"""A year's record made of a project: its results, its problem list, and prints of the layers that were read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from models.health.book import book_of
from models.health.editions import IndicatorDef
from models.health.judging.decisions import standing
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.health.years import prints
from models.health.years.record import (
    FieldPrint,
    LayerPrint,
    LookedAt,
    Meaning,
    YearIndicator,
    YearProblem,
    YearRecord,
    YearValue,
)
from models.layers.layer import Layer, LayerData, VectorData
from models.project.business_keys import BusinessKeys, business_keys
from models.project.fingerprints import ROWS, SHAPES
from models.project.project import ProjectState

_Keys = dict[str, "pd.Series[Any]"]


def record_of(
    state: ProjectState,
    data: Mapping[str, LayerData],
    results: Mapping[str, IndicatorResult],
    *,
    year: int,
    made_at: str = "",
    program: str = "",
    old: Container[str] = (),
    source: str = "",
) -> YearRecord:
    """Return what the check of a project came to.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    results : mapping of str to IndicatorResult
        Those that count, by code.
    year : int
        Of the check.
    made_at, program : str
        When (ISO 8601), and by which version of the program.
    old : container of str
        Codes of results that are out of date.
    source : str
        Name of the file that the project is.
    """
    roles = {layer.id: layer.role for layer in state.layers}
    keys = _names_of(data, roles)
    decided = standing(state.health.decisions)
    book = book_of(state.health)
    order = [code for code in book.indicators if code in results]
    order += [code for code in results if code not in book.indicators]
    indicators = tuple(
        _indicator(
            results[code], book.indicators.get(code) or results[code].definition, keys, roles,
            was_old=code in old, decided=decided[code].grade if code in decided else "",
        )
        for code in order
    )  # fmt: skip
    return YearRecord(
        year, state.name, state.name_en, state.health.edition, made_at, program, state.synthetic, source, indicators,
        tuple(row for code in order for row in problems_of(results[code], keys, roles)), state.health.problems,
        tuple(layer_prints(state.layers, data, fields_read(results[code] for code in order))),
    )  # fmt: skip


def meaning_of(definition: IndicatorDef) -> Meaning:
    """Return what a figure by a definition is a figure of."""
    told = json.dumps(definition.parameters, sort_keys=True, default=str, ensure_ascii=False)
    mark = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    return Meaning(
        definition.edition, definition.reading, definition.unit, definition.extent, definition.method,
        definition.formula, mark,
    )  # fmt: skip


def _indicator(
    result: IndicatorResult, definition: IndicatorDef, keys: _Keys, roles: Mapping[str, str], *, was_old: bool,
    decided: str,
) -> YearIndicator:  # fmt: skip
    own = definition.read_as(result.reading) if result.reading else definition
    values = [_value("city", result.city)]
    values += [_value("district", unit) for unit in result.units]
    values += [_value("estate", unit) for unit in result.estates]
    return YearIndicator(
        result.code, own.name, own.name_en, meaning_of(own), tuple(values), result.origin, was_old, decided,
        tuple(_looked_at(result, keys, roles)),
    )  # fmt: skip


def _value(level: str, unit: UnitValue) -> YearValue:
    return YearValue(level, unit.unit_code, unit.unit_name, unit.unit_name_en, unit.value, unit.numerator,
                     unit.denominator, unit.coverage, unit.grade)  # fmt: skip


def _looked_at(result: IndicatorResult, keys: _Keys, roles: Mapping[str, str]) -> Iterable[LookedAt]:
    found: dict[str, list[Any]] = {}
    for group in result.good:
        for layer, oids in group.keys.runs:
            if layer in keys:
                named = keys[layer].reindex(oids).dropna()
                found.setdefault(roles.get(layer, ""), []).append(named.to_numpy(dtype=object))
    for role, parts in found.items():
        named_prints = np.unique(prints.names(np.concatenate(parts)))
        if len(named_prints):
            yield LookedAt(role, prints.packed(named_prints))


def problems_of(result: IndicatorResult, keys: _Keys, roles: Mapping[str, str]) -> list[YearProblem]:
    """Return the objects that make an indicator bad, by their business keys."""
    codes = {unit.unit_oid: unit.unit_code for unit in result.units} | {CITY_OID: ""}
    wanted: dict[str, list[int]] = {}
    for one in result.problems:
        wanted.setdefault(one.key.layer, []).append(one.key.oid)
    named = {
        layer: keys[layer].reindex(oids).dropna().to_dict() if layer in keys else {} for layer, oids in wanted.items()
    }
    return [
        YearProblem(
            result.code, one.reason, roles.get(one.key.layer, ""), str(named[one.key.layer].get(one.key.oid, "")),
            one.name, one.name_en, codes.get(one.unit_oid, ""), one.loss,
        )
        for one in result.problems
    ]  # fmt: skip


def names_in(state: ProjectState, data: Mapping[str, LayerData]) -> _Keys:
    """Return the business keys of the objects of every layer, by row, those that stand once."""
    return _names_of(data, {layer.id: layer.role for layer in state.layers})


def _names_of(data: Mapping[str, LayerData], roles: Mapping[str, str]) -> _Keys:
    found = {}
    for layer in roles:
        known = business_keys(data.get(layer))
        if known is not None:
            found[layer] = _single(known)
    return found


def _single(known: BusinessKeys) -> pd.Series[Any]:
    names = pd.Series(known.values, index=known.oids)
    return names[~names.duplicated(keep=False) & (names != "")]


def fields_read(results: Iterable[IndicatorResult]) -> dict[str, dict[str, str]]:
    """Return the fields that results read, with their fingerprints, by layer id."""
    found: dict[str, dict[str, str]] = {}
    for result in results:
        for read in result.stamp.layers:
            found.setdefault(read.layer_id, {}).update(read.fields)
    return found


def layer_prints(
    layers: Sequence[Layer], data: Mapping[str, LayerData], wanted: Mapping[str, Mapping[str, str]]
) -> Iterable[LayerPrint]:
    """Return prints of layers.

    Parameters
    ----------
    layers : sequence of Layer
    data : mapping of str to LayerData
    wanted : mapping of str to mapping of str to str
        Fields with the fingerprints under which they were read, by layer id; other layers are left out.
    """
    for layer in layers:
        held = data.get(layer.id)
        if layer.id not in wanted or not isinstance(held, VectorData):
            continue
        fields = {name: mark for name, mark in wanted[layer.id].items() if name != ROWS}
        known = business_keys(held)
        if known is None or len(held.frame) > prints.MOST_ROWS:
            bare = tuple(FieldPrint(name, mark) for name, mark in sorted(fields.items()))
            yield LayerPrint(layer.role, layer.id, layer.name, layer.name_en, len(held.frame), str(held.crs or ""),
                             "" if known is None else known.field, "", bare)  # fmt: skip
            continue
        single = _single(known)
        marks = prints.names(single.to_numpy(dtype=object))
        order = np.argsort(marks, kind="stable")
        rows = held.frame.loc[single.index[order]]
        made = tuple(
            FieldPrint(name, mark, prints.packed(_prints_of(rows, name))) for name, mark in sorted(fields.items())
            if name == SHAPES or name in rows.columns
        )  # fmt: skip
        yield LayerPrint(layer.role, layer.id, layer.name, layer.name_en, len(held.frame), str(held.crs or ""),
                         known.field, prints.packed(marks[order]), made)  # fmt: skip


def _prints_of(rows: Any, name: str) -> Any:
    if name != SHAPES:
        return prints.values(rows[name])
    if getattr(rows, "_geometry_column_name", None) not in rows.columns:
        return np.zeros(len(rows), np.uint32)
    return prints.shapes(rows.geometry.to_numpy())
