"""Patterns in the window: tabs, a row leads to its object, a weight is a step that undo takes back."""

import numpy as np
import pandas as pd
import pytest
import shapely
from PySide6.QtTest import QTest

from models.layers.layer import Layer, VectorData
from tests.support.health_city import at, city, layer_of
from tests.support.window import LEFT, settle


@pytest.fixture
def opened(make):
    window = make(city=False)
    halves = [at(shapely.box(1000 * k, 0, 1000 * k + 1000, 1600)) for k in range(2)]
    people = layer_of("communities", halves, code=["A", "B"], name=["甲", "乙"], population=[900.0, 300.0])
    places = np.random.default_rng(2).normal((350, 400), 60, (60, 2))
    houses = [at(shapely.box(x, y, x + 4, y + 4)) for x, y in places]
    codes = [f"H{k}" for k in range(60)]
    dwellings = layer_of("buildings", houses, code=codes, use=["residential"] * 60, storeys=[3] * 60)
    table = pd.DataFrame({"object_code": codes, "object_kind": "building", "indicator": "HC25-03", "item": "03-1",
                          "found": "yes", "severity": 3})  # fmt: skip
    state, data = city(people, dwellings, (Layer("records", "", "table", "check_records"), VectorData(table)))
    window.session.project.replace_all(state, data, None)
    settle(window)
    window.context.commands.run("health.patterns")
    settle(window)
    return window, window.features["health_patterns"]


def test_tabs_show_the_analyses_and_a_row_leads_to_an_object(opened):
    window, feature = opened
    panel = feature.panel
    assert [panel.list.model.cell_text(0, at) for at in (1, 2)] == ["甲", "60"]
    QTest.mouseClick(panel.tabs.button(1), LEFT)
    settle(window)
    assert len(panel.list.ranking) > 0
    panel.list.go_to_place(0)
    settle(window)
    assert [key.layer for key in window.session.selection.keys] == ["buildings"]
    assert window.context.scene_sync.result_colours.legend.title == window.session.word("patterns.legend.hot")
    QTest.mouseClick(panel.tabs.button(2), LEFT)
    settle(window)
    assert panel.refusal.text() == window.session.word("patterns.refusal.no_pairs")
    assert window.context.scene_sync.result_colours.legend is None


def test_a_weight_changes_the_score_and_undo_brings_it_back(opened):
    window, feature = opened
    panel = feature.panel
    QTest.mouseClick(panel.tabs.button(3), LEFT)
    settle(window)
    before = feature.found.priority.rows["score"].tolist()
    panel.weights["residents"].setValue(80.0)
    settle(window)
    assert feature.found.priority.rows["score"].tolist() != before
    window.session.history.undo()
    settle(window)
    assert feature.found.priority.rows["score"].tolist() == before
    assert panel.weights["residents"].value() == 15.0
