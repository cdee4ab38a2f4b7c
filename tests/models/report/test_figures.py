"""The table of numbers: raw values by stable ids, and no data where nobody knows."""

from __future__ import annotations

from dataclasses import replace

from models.health.lists.rows import ProblemRow
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.health.state import HealthState
from models.health.units.unit_sets import SampledUnit
from models.health.years.record import YearRecord
from models.project.project import ProjectState
from models.report.figures import figures_of
from models.report.result_hash import result_hash
from viewers.texts.figure_texts import figure_text
from viewers.texts.values import indicator_value


def _unit(code: str, value: float | None, oid: int = 1) -> UnitValue:
    return UnitValue("districts", oid, code, code, code, value, value, 40.0, 0.5, "partial", grade="not_met")


def _result(**changes: object) -> IndicatorResult:
    city = replace(_unit("", 7.0, CITY_OID), unit_layer="")
    made = IndicatorResult("HC25-01", "2025", (_unit("370102001", 7.0), _unit("370102002", None, 2)), city)
    return replace(made, **changes)  # type: ignore[arg-type]


def _table(state: ProjectState, result: IndicatorResult):
    return figures_of(state, {}, {result.code: result}, year=2026, today="2026-11-30")


def test_a_value_has_its_raw_number_its_unit_and_its_source() -> None:
    result = _result(made_at="2026-11-30T10:00:00+08:00")
    table = _table(ProjectState(name="甲市"), result)
    one = table["HC25-01/370102001/value"]
    assert (one.value, one.unit, one.source.hash, one.source.made_at) == (
        7.0,
        "栋",
        result_hash(result),
        result.made_at,
    )
    assert table["HC25-01/370102001/coverage"].value == 0.5
    assert table["HC25-01/units/count"].value == 2


def test_no_data_is_no_zero() -> None:
    table = _table(ProjectState(name="甲市"), _result())
    assert table["HC25-01/370102002/value"].value is None
    assert table.get("HC25-01/nowhere/value").value is None
    assert figure_text(table["HC25-01/370102002/value"], "zh") == "无数据"
    assert table["city/all/population"].value is None


def test_a_figure_reads_as_the_panel_reads() -> None:
    table = _table(ProjectState(name="甲市"), _result())
    assert figure_text(table["HC25-01/city/value"], "zh") == indicator_value(7.0, "栋", "")
    assert figure_text(table["HC25-01/city/coverage"], "en") == "50 %"
    assert figure_text(table["city/all/year"], "zh") == "2026"


def test_a_sampled_unit_has_an_estimate_with_its_interval() -> None:
    said = HealthState(sampled=(SampledUnit("block", "370102001", "", 40, 400),))
    table = _table(ProjectState(name="甲市", health=said), _result())
    low, middle, high = (table[f"HC25-01/370102001/{which}"].value for which in ("low", "expanded", "high"))
    assert middle == 70.0
    assert None not in (low, high)
    assert float(low or 0) < 70.0 < float(high or 0)
    assert table["sampling/block/share"].value == 0.1


def test_last_years_problems_are_counted_apart_by_limited_and_best_effort() -> None:
    said = (("limited", "closed"), ("limited", "open"), ("best_effort", "open"))
    rows = [
        ProblemRow(f"HC25-01|01-{at}|", "HC25-01", f"01-{at}", "", "housing", "", kind=kind, status=status)
        for at, (kind, status) in enumerate(said, 1)
    ]
    then = YearRecord(2025, "甲市", listed=tuple(replace(row, status="open") for row in rows))
    table = _table(ProjectState(name="甲市", health=HealthState(problems=tuple(rows), years=(then,))), _result())
    told = [
        table[f"rectified/{kind}/{which}"].value for kind in ("limited", "best_effort") for which in ("done", "due")
    ]
    assert told == [1, 2, 0, 1]
    assert table["rectified/limited/share"].value == 0.5


def test_the_hash_of_a_result_knows_its_figures_and_not_its_hour() -> None:
    assert result_hash(_result(made_at="2026-01-01")) == result_hash(_result(made_at="2026-02-02"))
    assert result_hash(_result()) != result_hash(_result(units=(_unit("370102001", 8.0),)))
