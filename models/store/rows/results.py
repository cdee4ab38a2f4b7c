"""Results of indicators as rows: values by unit, what they read, and the objects on both sides.

Three tables, readable in QGIS: a value a row; an indicator a row with what it read and the rules that went in (JSON);
an object a row on the bad side, a run of consecutive ids a row on the good side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np

from models.health.editions import Threshold
from models.health.results import (
    CITY_OID,
    GoodObjects,
    IndicatorResult,
    InputUsed,
    LayerRead,
    Problem,
    Stamp,
    UnitValue,
)
from models.project.selection import Keys, ObjectKey
from models.store.rows.json_cells import loaded

Row = dict[str, Any]
Tables = Mapping[str, Mapping[str, type]]

#: More ids than this on one side are no list of objects but a damaged file.
MOST_IDS = 20_000_000

VALUES, RUNS, OBJECTS = "chengjing_results", "chengjing_result_runs", "chengjing_result_objects"

TABLES: Tables = {
    VALUES: {
        "indicator": str, "edition": str, "unit_layer": str, "unit_oid": int, "unit_code": str, "unit_name": str,
        "unit_name_en": str, "value": float, "numerator": float, "denominator": float, "coverage": float,
        "status": str, "reason": str, "grade": str, "level": str,
    },
    RUNS: {
        "indicator": str, "edition": str, "inputs": str, "thresholds": str, "stamp": str, "origin": str, "reading": str,
        "made_at": str, "program": str, "parameters": str, "definitions": str,
    },
    OBJECTS: {
        "indicator": str, "edition": str, "side": str, "reason": str, "layer": str, "oid": int, "last_oid": int,
        "code": str, "name": str, "name_en": str, "value": float, "unit_oid": int, "loss": float, "loss_share": float,
        "beyond_m": float,
    },
}  # fmt: skip

#: Level of values by estate or community, and of those by another reading; by sub-district and for the city: none.
ESTATES, BESIDE = "estate", "by:"

#: What an object explains of the figure.
_MEASURES = ("loss", "loss_share", "beyond_m")


def rows_of(results: Iterable[IndicatorResult]) -> dict[str, list[Row]]:
    """Return results as rows by table name."""
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    for result in results:
        own = {"indicator": result.code, "edition": result.edition}
        tables[VALUES] += [own | asdict(unit) | {"level": ""} for unit in (*result.units, result.city)]
        tables[VALUES] += [own | asdict(unit) | {"level": ESTATES} for unit in result.estates]
        for reading, units in result.beside.items():
            tables[VALUES] += [own | asdict(unit) | {"level": BESIDE + reading} for unit in units]
        tables[RUNS].append(
            own
            | {
                "inputs": _text([asdict(item) for item in result.inputs]),
                "thresholds": _text([asdict(rule) | {"facts": dict(rule.facts)} for rule in result.thresholds]),
                "stamp": _text(_stamp_values(result.stamp)),
                "origin": result.origin,
                "reading": result.reading,
                "made_at": result.made_at,
                "program": result.program,
                "definitions": result.definitions,
                "parameters": _text(result.parameters),
            }
        )
        tables[OBJECTS] += [own | row for row in _object_rows(result)]
    return tables


def results_of(documents: Mapping[str, list[Row]]) -> tuple[IndicatorResult, ...]:
    """Return the results that :func:`rows_of` wrote, in their order."""
    objects: dict[tuple[str, str], list[Row]] = {}
    for row in documents.get(OBJECTS, ()):
        objects.setdefault(_id(row), []).append(row)
    values: dict[tuple[str, str], list[UnitValue]] = {}
    others: dict[tuple[str, str], dict[str, list[UnitValue]]] = {}
    for row in documents.get(VALUES, ()):
        unit = UnitValue(**{name: row[name] for name in UnitValue.__dataclass_fields__})
        if level := row.get("level"):
            others.setdefault(_id(row), {}).setdefault(str(level), []).append(unit)
        else:
            values.setdefault(_id(row), []).append(unit)
    return tuple(
        _result(row, values[_id(row)], objects.get(_id(row), []), others.get(_id(row), {}))
        for row in documents.get(RUNS, ())
        if _id(row) in values
    )


def with_stamps(documents: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """Bring values of version 1 to version 2: nobody knows what they read, so they are old and lead to no objects."""
    values = [
        {
            **row,
            "unit_code": "",
            "unit_name_en": "",
            "status": "no_data" if row["value"] is None else "ok",
            "reason": "",
            "grade": "no_data" if row["value"] is None else "no_benchmark",
        }
        for row in documents.get(VALUES, ())
    ]
    runs = [
        {"indicator": code, "edition": edition, "inputs": "[]", "thresholds": "[]", "stamp": "[]"}
        for code, edition in dict.fromkeys(_id(row) for row in values)
    ]
    return {**documents, VALUES: values, RUNS: runs, OBJECTS: []}


def _id(row: Row) -> tuple[str, str]:
    return row["indicator"], row["edition"]


def _object_rows(result: IndicatorResult) -> Iterator[Row]:
    for problem in result.problems:
        yield {
            "side": "bad", "reason": problem.reason, "layer": problem.key.layer, "oid": problem.key.oid,
            "last_oid": problem.key.oid, "code": problem.code, "name": problem.name, "name_en": problem.name_en,
            "value": problem.value, "unit_oid": problem.unit_oid, "loss": problem.loss,
            "loss_share": problem.loss_share, "beyond_m": problem.beyond_m,
        }  # fmt: skip
    for good in result.good:
        for layer, oids in good.keys.runs:
            for first, last, loss in _runs(layer, oids, good.partial):
                yield {
                    "side": "good", "reason": good.reason, "layer": layer, "oid": first, "last_oid": last,
                    "code": "", "name": "", "name_en": "", "value": None, "unit_oid": CITY_OID, "loss": loss,
                    "loss_share": None, "beyond_m": None,
                }  # fmt: skip


def _runs(layer: str, oids: Any, partial: Mapping[ObjectKey, float]) -> Iterator[tuple[int, int, float | None]]:
    """Yield first and last of each run of consecutive ids; those that are good in part alone, with what they lack."""
    alone = np.isin(oids, [key.oid for key in partial if key.layer == layer])
    ends = (np.diff(oids) != 1) | alone[1:] | alone[:-1]
    for part in np.split(oids, np.flatnonzero(ends) + 1):
        if len(part):
            first, last = int(part[0]), int(part[-1])
            yield first, last, partial.get(ObjectKey(layer, first)) if first == last else None


def _result(
    run: Row, values: list[UnitValue], objects: list[Row], others: Mapping[str, list[UnitValue]]
) -> IndicatorResult:
    """Return one result; ``others`` are its values by level."""
    bad = [row for row in objects if row["side"] == "bad"]
    good = [row for row in objects if row["side"] != "bad"]
    city = next((unit for unit in reversed(values) if unit.unit_oid == CITY_OID), values[-1])
    return IndicatorResult(
        code=run["indicator"],
        edition=run["edition"],
        units=tuple(unit for unit in values if unit is not city),
        city=city,
        problems=tuple(
            Problem(
                ObjectKey(row["layer"], row["oid"]), row["reason"], row["value"], row["code"], row["name"],
                row["name_en"], row["unit_oid"], *(row.get(name) for name in _MEASURES),  # elder files have no columns
            )
            for row in bad
        ),
        inputs=tuple(InputUsed(**item) for item in loaded(run["inputs"], list)),
        thresholds=tuple(Threshold(**item) for item in loaded(run["thresholds"], list)),
        good=tuple(
            _good(str(reason), list(rows)) for reason, rows in groupby(good, key=lambda row: row["reason"])
        ),
        stamp=_stamp(loaded(run["stamp"], list)),
        estates=tuple(others.get(ESTATES, ())),
        beside={
            level.removeprefix(BESIDE): tuple(units) for level, units in others.items() if level.startswith(BESIDE)
        },
        origin=run.get("origin") or "computed",
        reading=run.get("reading") or "",
        made_at=run.get("made_at") or "",
        program=run.get("program") or "",
        definitions=run.get("definitions") or "",
        parameters=loaded(run.get("parameters") or "{}", dict),  # elder files have no column
    )  # fmt: skip


def _good(reason: str, rows: list[Row]) -> GoodObjects:
    lost = {ObjectKey(row["layer"], int(row["oid"])): float(row["loss"]) for row in rows if row.get("loss") is not None}
    return GoodObjects(reason, _keys(rows), lost)


def _keys(rows: Iterable[Row]) -> Keys:
    runs = [(row["layer"], int(row["oid"]), int(row["last_oid"])) for row in rows]
    if any(last < first for _, first, last in runs) or sum(last - first for _, first, last in runs) > MOST_IDS:
        raise ValueError(OBJECTS)
    return Keys(
        (layer, np.concatenate([np.arange(first, last + 1, dtype=np.int64) for _, first, last in own]))
        for layer, own in groupby(runs, key=lambda run: run[0])
    )


def _stamp_values(stamp: Stamp) -> list[Any]:
    return [stamp.definition, stamp.crs, [[read.layer_id, read.role, dict(read.fields)] for read in stamp.layers]]


def _stamp(values: list[Any]) -> Stamp:
    if not values:
        return Stamp()
    definition, crs, layers = values
    return Stamp(definition, crs, tuple(LayerRead(layer, role, fields) for layer, role, fields in layers))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
