"""Take out of a project what is not meant for strangers, before a package of it is written.

Invariants
----------
1. It is the state and the tables that are changed, and a new file is written of them: nothing of what was there before
   lies in a free page, an index or a log of the package.
2. Results that are kept stay as they are; where they were true they are marked as true of the redacted tables, because
   they were computed before.
3. What stood in a dropped field that names somebody is looked for in every other text of the state and the tables, and
   masked there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.core.field_kinds import kind_of
from models.core.progress import Progress
from models.delivery.choices import Choices
from models.delivery.manifest import Redacted
from models.delivery.needles import Needles
from models.delivery.personal import CHOICE_OF, MASK, gives_needles, kind_by_values, kind_of_field, masked_numbers
from models.delivery.state_texts import mapped
from models.health.results import IndicatorResult
from models.health.years.record import YearRecord
from models.layers.layer import Layer, LayerData, VectorData
from models.project.edits import SHAPE
from models.project.operations import OperationsState
from models.project.project import ProjectState
from models.review.topics import Pin, object_of
from models.sheets.spec import SheetSpec
from resources.standards import standard


@dataclass(frozen=True, slots=True)
class RedactedProject:
    """What is left of a project, and what was taken out.

    Parameters
    ----------
    state : ProjectState
    data : dict of str to LayerData
    redacted : tuple of Redacted
    needles : Needles
        What must not stand in the package any more.
    """

    state: ProjectState
    data: dict[str, LayerData]
    redacted: tuple[Redacted, ...]
    needles: Needles


def redacted(
    state: ProjectState, data: Mapping[str, LayerData], choices: Choices, lang: str, progress: Progress | None = None
) -> RedactedProject:
    """Return a project without what the person chose to take out.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
        Left as it is.
    choices : Choices
    lang : str
        In which layers are named in what is said of it.
    progress : Progress, optional
    """
    progress = progress or Progress()
    taken: Counter[tuple[str, str]] = Counter()
    wanted = _fields(state, data, choices)
    needles = _needles(state, data, wanted)
    roles = standard("personal_fields")["places"]["roles"] if "places" in choices.redact else ()
    blurred = {layer.id for layer in state.layers if layer.role in roles}
    titles = {layer.id: layer.title(lang) for layer in state.layers}
    made = dict(data)
    for number, layer in enumerate(state.layers):
        progress.step(number / len(state.layers), "progress.package.redacting")
        kept = data.get(layer.id)
        if not isinstance(kept, VectorData):
            continue
        made[layer.id] = _table(layer, kept, state, data, choices, wanted.get(layer.id, set()), needles, taken, titles)
    state = _said(state, choices, needles, taken, blurred)
    state = _without_dropped(state, wanted, blurred)
    told = tuple(Redacted(kind, what, count) for (kind, what), count in sorted(taken.items()))
    return RedactedProject(state, made, told, needles)


def true_again(
    state: ProjectState, made: Mapping[str, LayerData], before: ProjectState, data: Mapping[str, LayerData]
) -> ProjectState:
    """Return a redacted state whose results are true of its tables where they were true of the tables before."""
    from models.health.compute import stamp_now
    from models.project.fingerprints import Fingerprints

    then, now = Fingerprints(), Fingerprints()
    absent = {layer.id for layer in before.layers if layer.id not in data}

    def stamped(result: IndicatorResult) -> IndicatorResult:
        was = stamp_now(result.code, result.edition, before, data, then)
        if was is None or not result.stamp.holds(was, absent):
            return result
        fresh = stamp_now(result.code, result.edition, state, made, now)
        return result if fresh is None else replace(result, stamp=fresh)

    return replace(state, results=tuple(stamped(result) for result in state.results))


def _fields(state: ProjectState, data: Mapping[str, LayerData], choices: Choices) -> dict[str, set[str]]:
    """Return the fields that go, by layer: those chosen, and photos, notes, people and readings by their names."""
    found: dict[str, set[str]] = {}
    if "fields" in choices.redact:
        for layer, name in choices.fields:
            found.setdefault(layer, set()).add(name)
    for one in state.layers:
        kept = data.get(one.id)
        for name in kept.fields if isinstance(kept, VectorData) else ():
            if CHOICE_OF.get(kind_of_field(name)) in choices.redact:
                found.setdefault(one.id, set()).add(name)
    return found


def _needles(state: ProjectState, data: Mapping[str, LayerData], wanted: Mapping[str, set[str]]) -> Needles:
    values: set[str] = set()
    for layer, names in wanted.items():
        kept = data.get(layer)
        if not isinstance(kept, VectorData):
            continue
        table = kept.attributes
        for name in names & set(kept.fields):
            column = table[name]
            if gives_needles(kind_of_field(name) or kind_by_values(name, column) or "person"):
                values |= {str(one) for one in column.dropna().unique() if not isinstance(one, float)}
        values |= {
            str(one) for edit in state.edits if edit.layer == layer and edit.column in names
            for one in (edit.before, edit.after)
            if isinstance(one, (str, int)) and gives_needles(kind_of_field(edit.column) or "person")
        }  # fmt: skip
    return Needles(values, standard("personal_fields")["values"]["common"])


# --- tables -----------------------------------------------------------------------------------------------------------


def _table(
    layer: Layer, kept: VectorData, state: ProjectState, data: Mapping[str, LayerData], choices: Choices,
    names: set[str], needles: Needles, taken: Counter[tuple[str, str]], titles: Mapping[str, str],
) -> VectorData:  # fmt: skip
    rules, title = standard("personal_fields"), titles[layer.id]
    if "readings" in choices.redact and layer.role in rules["readings"]["roles"]:
        taken["readings", title] += kept.count
        return VectorData(kept.frame.iloc[:0])
    dropped = [name for name in kept.fields if name in names]
    blurs = "places" in choices.redact and layer.role in rules["places"]["roles"] and kept.crs
    frame = kept.frame
    if dropped:
        kinds = {name: kind_of_field(name) for name in dropped}
        for name in dropped:
            taken[CHOICE_OF.get(kinds[name], "fields"), f"{title} · {name}"] += int(frame[name].notna().sum())
        frame = frame.drop(columns=dropped)
    if blurs and isinstance(frame, gpd.GeoDataFrame) and len(frame):
        frame, moved = _blurred(frame, state, data)
        taken["places", title] += moved
    frame, masked = _masked(frame, needles)
    if masked:
        taken["texts", title] += masked
    return kept if frame is kept.frame else VectorData(frame)


def _blurred(
    frame: gpd.GeoDataFrame, state: ProjectState, data: Mapping[str, LayerData]
) -> tuple[gpd.GeoDataFrame, int]:
    """Move each shape to a point in the middle of the unit in which it lies; what lies in none loses its place."""
    shapes = frame.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    middles = shapely.centroid(shapes)
    at = np.full(len(frame), None, dtype=object)
    for role in standard("personal_fields")["places"]["units"]:
        for layer in state.with_role(role):
            units = data.get(layer.id)
            open_ = there & shapely.is_missing(at)
            if not isinstance(units, VectorData) or not units.crs or not open_.any():
                continue
            table = units.frame
            if not isinstance(table, gpd.GeoDataFrame) or not len(table):
                continue
            areas = table.geometry.to_crs(frame.crs).to_numpy()
            rows = np.flatnonzero(open_)
            pairs = shapely.STRtree(areas).query(middles[rows], predicate="intersects")
            inside = shapely.force_2d(shapely.point_on_surface(areas))
            at[rows[pairs[0]]] = inside[pairs[1]]
    moved = frame.copy()
    moved[frame.geometry.name] = gpd.GeoSeries(at, index=frame.index, crs=frame.crs)
    return moved, int(there.sum())


def _masked(frame: Any, needles: Needles) -> tuple[Any, int]:
    """Mask numbers and needles in the texts of a table; codes are left as they are."""
    changed: dict[str, pd.Series[Any]] = {}
    count = 0
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    for name in frame.columns:
        column = frame[name]
        if name == geometry or not (
            pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)
        ):
            continue
        is_code = kind_of(str(name)).id == "code"
        new: dict[str, str] = {}
        for value in column.dropna().unique():
            if not isinstance(value, str):
                continue
            text = needles.masked(value) if is_code else masked_numbers(needles.masked(value))
            if text != value:
                new[value] = text
        if new:
            hit = column.isin(new)
            changed[name] = column.where(~hit, column.map(new))
            count += int(hit.sum())
    return (frame.assign(**changed) if changed else frame), count


# --- what people said -------------------------------------------------------------------------------------------------


def _said(
    state: ProjectState, choices: Choices, needles: Needles, taken: Counter[tuple[str, str]], blurred: set[str]
) -> ProjectState:
    rules = standard("personal_fields")
    people = frozenset(rules["people"]["fields"]) if "people" in choices.redact else frozenset()
    notes = frozenset(rules["notes"]["fields"]) if "notes" in choices.redact else frozenset()
    photos = "photos" in choices.redact

    def text(value: str, name: str) -> str:
        if name in people:
            taken["people", ""] += 1
            return "" if name != "recorders" else MASK
        changed = masked_numbers(needles.masked(value))
        if changed != value:
            taken["texts", ""] += 1
        return changed

    def raw(value: bytes, name: str) -> bytes:
        if not photos or name == "logo":
            return value
        taken["photos", ""] += 1
        return b""

    def whole(value: Any) -> Any:
        if isinstance(value, Pin) and value.point is not None:
            key = object_of(value.component)
            return replace(value, point=None) if key is not None and key.layer in blurred else value
        if photos and isinstance(value, SheetSpec) and any(item.kind == "photo" for item in value.items):
            taken["photos", ""] += 1
            return replace(value, items=tuple(item for item in value.items if item.kind != "photo"))
        return value

    results = state.results
    state = mapped(replace(state, results=()), text=text, raw=raw, whole=whole)
    if needles:
        results = tuple(_result(result, needles) for result in results)
    state = replace(state, results=results)
    health = state.health
    if notes:

        def quiet(value: str, name: str) -> str:
            if name in notes:
                taken["notes", ""] += 1
                return ""
            return value

        health = mapped(health, text=quiet)
    if photos:
        health = replace(
            health,
            ledger=tuple(replace(row, photo="", photo_after="") if row.photo or row.photo_after else row
                         for row in health.ledger),
            problems=tuple(replace(row, before="", after="") if row.before or row.after else row
                           for row in health.problems),
            entered=tuple(replace(row, evidence=()) if row.evidence else row for row in health.entered),
        )  # fmt: skip
    return replace(state, health=health, operations=_without_phones(state.operations, choices, taken))


def _without_phones(held: OperationsState, choices: Choices, taken: Counter[tuple[str, str]]) -> OperationsState:
    """Take the telephones of crews out, which are personal whatever a person chose of the fields of layers."""
    known = sum(bool(one.phone) for one in held.resources)
    if "fields" not in choices.redact or not known:
        return held
    taken["fields", "phone"] += known
    return replace(held, resources=tuple(replace(one, phone="") for one in held.resources))


def masked_results(results: Mapping[str, IndicatorResult], needles: Needles) -> dict[str, IndicatorResult]:
    """Return results whose objects are named without what was taken out; figures stay."""
    return {code: _result(one, needles) for code, one in results.items()}


def _result(result: IndicatorResult, needles: Needles) -> IndicatorResult:
    problems = tuple(
        replace(one, code=needles.masked(one.code), name=needles.masked(one.name), name_en=needles.masked(one.name_en))
        for one in result.problems
    )
    return replace(result, problems=problems)


def _without_dropped(state: ProjectState, wanted: Mapping[str, set[str]], blurred: set[str]) -> ProjectState:
    """Take edits, joins and fingerprints of rows away that would tell what a dropped field held."""
    edits = tuple(
        edit for edit in state.edits
        if edit.column not in wanted.get(edit.layer, ()) and not (edit.layer in blurred and edit.column == SHAPE)
    )  # fmt: skip
    joins = tuple(
        join for join in state.joins
        if not wanted.get(join.table) and not wanted.get(join.layer)
    )  # fmt: skip
    years = tuple(_without_prints(one, wanted) for one in state.health.years)
    return replace(state, edits=edits, joins=joins, health=replace(state.health, years=years))


def _without_prints(record: YearRecord, wanted: Mapping[str, set[str]]) -> YearRecord:
    """Return a year's record without the prints of dropped fields: a short value can be guessed back from its print."""
    layers = tuple(
        replace(one, fields=tuple(field for field in one.fields if field.name not in wanted.get(one.id, ())))
        for one in record.layers
    )
    return replace(record, layers=layers)
