"""A whole run: scores, layers, cancelling, and the sample city, in which each planted fault is found, none invented."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from models.core.errors import Cancelled
from models.core.progress import Progress
from models.facilities.coding.editions import UNSTATED, stated_edition
from models.facilities.quality.gate import run_gate
from models.facilities.quality.rules import RuleBook, standard_book
from models.facilities.quality.tables import Tables
from tests.support.facilities.gate import CRS, EDITION, points, rule


def tables() -> Tables:
    lamp = "3701990118{:06d}"
    things = points((10, 10), (20, 20), (150, 10), (160, 10), ObjID=[lamp.format(n) for n in range(1, 5)],
                    height_m=[8.0, 99.0, None, 9.0], ObjName=["a", None, "c", "d"])  # fmt: skip
    halves = gpd.GeoDataFrame({"code": ["W", "E"]}, geometry=[box(0, 0, 100, 99), box(100, 0, 200, 99)], crs=CRS)
    return Tables({"facilities": [("x", things, EDITION)], "districts": [("d", halves, UNSTATED)]})


def test_the_score_weighs_the_worst_failure_of_each_judged_object() -> None:
    from dataclasses import replace

    book = RuleBook((rule("range", field="height_m", most=60.0),
                     replace(rule("required", fields=["ObjName"], severity="warning"), id="two")))  # fmt: skip
    found = run_gate(tables(), book)
    by = {(one.by, one.key): one for one in found.scores}
    assert by["all", ""].percent == pytest.approx(75.0)  # one of four has an error; its warning adds nothing
    assert by["district", "W"].percent == pytest.approx(50.0)
    assert by["district", "E"].percent == pytest.approx(100.0)
    assert by["all", ""].coverage == pytest.approx(7 / 8)  # one height of eight questions is not known
    assert by["class", f"{EDITION.table}:0118"].objects == 4


def test_without_any_facilities_there_is_no_score() -> None:
    found = run_gate(Tables({}), standard_book())
    assert [(one.objects, one.percent, one.coverage) for one in found.scores] == [(0, None, None)]
    assert all(one.judged == one.failed == one.not_judged == 0 for one in found.results)


def test_one_layer_is_judged_alone_and_compared_with_all() -> None:
    one, two = points((0, 0), ObjID=["3701990118000001"]), points((0, 0), ObjID=["3701990118000001"])
    both = Tables({"facilities": [("a", one, EDITION), ("b", two, EDITION)]})
    found = run_gate(both, RuleBook((rule("unique", fields=["ObjID"]),)), layers=("b",)).results[0]
    assert (found.judged, found.failures.layers.tolist(), found.failures.other(0)) == (1, ["b"], ("a", 1))


def test_a_run_stops_where_somebody_cancels() -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        run_gate(tables(), standard_book(), progress)


@pytest.mark.slow
def test_every_fault_planted_in_the_sample_is_found_and_none_is_invented(sample_city: Path) -> None:
    from models.store.project_file import open_project

    state, data = open_project(sample_city)
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))
    layers: dict[str, list] = {}
    for layer in state.layers:
        if layer.role in ("facilities", "pipes", "pipe_nodes", "sensors", "districts", "roads", "buildings"):
            edition = stated_edition(layer.code_edition)
            layers.setdefault(layer.role, []).append((layer.id, pd.DataFrame(data[layer.id].frame), edition))
    found = run_gate(Tables(layers), standard_book())
    planted = {
        (name, layer, oid)
        for name, places in truth["quality_gate"].items() for layer, oids in places.items() for oid in oids
    }  # fmt: skip
    told = {
        (one.rule.id, str(layer), int(oid))
        for one in found.results for layer, oid in zip(one.failures.layers, one.failures.oids, strict=True)
    }  # fmt: skip
    assert told - planted == set()  # precision 1
    assert planted - told == set()  # recall 1
    assert {name for name, *_ in planted} == {one.id for one in standard_book().rules}  # each rule has a fault to find
