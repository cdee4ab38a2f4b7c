"""Sampled units: said by a person, shown as estimates with an interval, never as a census."""

import json

import pandas as pd
import pytest
from shapely import box

from app.command_line.main import run
from app.usecases.health import health, sampled
from app.usecases.project import opening
from app.window.features.health import panel_values
from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from tests.support.health_city import at, city, districts, layer_of

CODE = "HC25-01"


@pytest.fixture
def session(session):
    shapes = [at(box(10 * n, 10, 10 * n + 8, 18)) for n in range(40)]
    houses = layer_of("buildings", shapes, code=[f"B{n}" for n in range(40)], use="residential", district_code="A")
    rows = [("building", f"B{n}", CODE, "01-1", "yes" if n < 5 else "no") for n in range(20)]
    names = ["object_kind", "object_code", "indicator", "item", "found"]
    records = Layer("check_records", "", "table", "check_records"), VectorData(pd.DataFrame(rows, columns=names))
    session.project.replace_all(*city(districts(), houses, records), None)
    health.compute_indicators(session, (CODE,))
    return session


def test_a_count_in_a_sampled_unit_is_an_estimate_of_the_whole_unit(session):
    (unit,) = [row for row in health.kept(session, CODE).units if row.unit_code == "A"]
    assert (unit.numerator, unit.denominator) == (5, 20)
    assert sampled.estimate_for(session, health.kept(session, CODE), unit) is None
    sampled.state_sample(session, "block", "A", 20, 40, by="张三")
    guess = sampled.estimate_for(session, health.kept(session, CODE), unit)
    assert guess.count == 10
    assert 5 <= guess.count_low < 10 < guess.count_high <= 25
    (row,) = [row for row in health.indicator_rows(session, (CODE,)) if row["place"] == "甲街道"]
    assert row["estimate"]["drawn"] == 20
    assert "20/40" in panel_values._detail(session, health.kept(session, CODE), unit)
    session.history.undo()
    assert "estimate" not in health.indicator_rows(session, (CODE,))[0]


def test_a_sample_that_cannot_be_is_refused(session):
    for drawn, total, unit, code in ((5, 3, "A", "units.bad_sample"), (2, 9, "Z", "units.no_unit")):
        with pytest.raises(UserError, match=code.replace(".", r"\.")):
            sampled.state_sample(session, "block", unit, drawn, total)


def test_a_sample_is_stated_on_the_command_line_and_taken_back(session, tmp_path, capsys):
    project = tmp_path / "p.gpkg"
    opening.save_project(session, project)
    words = [
        "health",
        "units",
        "sample",
        str(project),
        "--level",
        "block",
        "--unit",
        "A",
        "--out",
        str(project),
        "--json",
    ]
    assert run([*words, "--drawn", "20", "--total", "40", "--by", "张三"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["sampled"]
    assert (one["unit_code"], one["drawn"], one["said_by"]) == ("A", 20, "张三")
    assert run([*words, "--drawn", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["sampled"] == []
