"""Indicators of a project over tiles: the same results, and a reason for how they were worked out."""

from __future__ import annotations

import json

import pytest

from app.command_line.main import run
from app.usecases.health import health, tiled
from models.health.engine import scheduler
from tests.support.health_city import city, districts, park, survey


def parcels():
    from shapely import box

    from tests.support.health_city import at, layer_of

    shapes = [at(box(x, y, x + 80, y + 80)) for x in range(0, 2000, 100) for y in range(0, 1000, 100)]
    return layer_of("parcels", shapes, land_use="R2", code=[f"P{n}" for n in range(len(shapes))])


@pytest.fixture
def session(session):
    from shapely import box

    from tests.support.health_city import at

    surveys = survey(*((code, theme, 1.0) for code in "AB" for theme in ("parcels", "parks")))
    session.project.replace_all(*city(districts(), parcels(), park(at(box(900, 400, 1010, 510))), surveys), None)
    return session


def figures(session):
    result = health.kept(session, "HC25-25")
    return [(unit.unit_code, unit.numerator, unit.denominator) for unit in (*result.units, result.city)], [
        (problem.key, problem.unit_oid, problem.loss) for problem in result.problems
    ]


def in_this_process(measuring):
    """Have the tiles done here instead of by a cluster."""
    measuring._doer = scheduler.done_here
    return measuring


def test_results_over_tiles_are_those_of_one_process(session, tmp_path, monkeypatch):
    monkeypatch.setattr("models.health.engine.tiles.MOST_OBJECTS", 20)
    health.compute_indicators(session, ("HC25-25",))
    whole = figures(session)
    with tiled.over_tiles("local", "EPSG:4548", tmp_path, always=True) as measuring:
        health.compute_indicators(session, ("HC25-25",), in_this_process(measuring))
    tiled_ones, problems = figures(session)
    assert problems == whole[1]
    for (code, *numbers), (same_code, *others) in zip(tiled_ones, whole[0], strict=True):
        assert code == same_code
        assert numbers == pytest.approx(others, rel=1e-12)
    assert [one.choice.reason for one in measuring.told] == ["asked"]


def test_a_small_city_stays_in_this_process_and_says_why(session, tmp_path):
    with tiled.over_tiles("local", "EPSG:4548", tmp_path) as measuring:
        health.compute_indicators(session, ("HC25-25",), measuring)
    assert measuring.told[0].choice.reason == "small"
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_split_says_so(session, tmp_path):
    with tiled.over_tiles("local", "EPSG:4548", tmp_path, always=True) as measuring:
        health.compute_indicators(session, ("HC25-58",), in_this_process(measuring))
    assert {one.choice.reason for one in measuring.told} <= {"not_splittable"}


@pytest.mark.slow
def test_the_command_line_takes_a_cluster_of_its_own(sample_city, tmp_path, capsys):
    words = ["health", "compute", str(sample_city), "--indicator", "HC25-25", "--json"]
    assert run(words) == 0
    alone = json.loads(capsys.readouterr().out)["rows"]
    more = ["--scheduler", "local", "--workers", "2", "--always", "--tiles", str(tmp_path / "tiles")]
    assert run([*words, *more]) == 0
    told = json.loads(capsys.readouterr().out)
    for mine, theirs in zip(told["rows"], alone, strict=True):
        assert mine["value"] == (None if theirs["value"] is None else pytest.approx(theirs["value"], rel=1e-12))
    assert {one["reason"] for one in told["scheduling"]} == {"asked"}
    assert run([*words, "--scheduler", "tcp://10.1.2.3:8786"]) == 3
    assert "TLS" in capsys.readouterr().err
