"""The questionnaire in the window: quotas and satisfaction of the answers that a project has."""

import numpy as np
import pandas as pd
import pytest
from PySide6.QtTest import QTest
from shapely import box

from models.layers.layer import Layer, VectorData
from tests.support.health_city import at, city, layer_of
from tests.support.window import LEFT, settle


@pytest.fixture
def panel(make):
    window = make(city=False)
    shapes = [at(box(300 * k, 0, 300 * k + 300, 300)) for k in range(2)]
    people = layer_of("communities", shapes, code=["A", "B"], name=["甲", "乙"], population=[3000, 4000])
    rows = np.arange(40)
    table = pd.DataFrame({
        "community_code": np.where(rows < 37, "A", "B"), "counts": "yes", "sex": np.where(rows < 30, "female", "male"),
        "Q-C1": np.where(rows % 2, 25.0, 75.0),
    })  # fmt: skip
    answers = Layer("answers", "", "table", "responses"), VectorData(table)
    state, data = city(people, answers)
    window.session.project.replace_all(state, data, None)
    settle(window)
    window.context.commands.run("health.survey")
    settle(window)
    return window, window.features["health_survey"].panel


def test_quotas_and_satisfaction_are_shown_and_a_thin_community_has_no_figure(panel):
    window, survey = panel
    assert survey.by_question.count() == 1
    assert survey.by_question.item(0).text().startswith("Q-C1")
    QTest.mouseClick(survey.tabs.button(2), LEFT)
    settle(window)
    assert survey.by_unit.isVisible()
    texts = {survey.by_unit.item(at).text(): survey._view.units[at].value for at in range(survey.by_unit.count())}
    assert texts["乙"] is None
    assert texts["甲"] == pytest.approx(100 * (0.75 * 19 + 0.25 * 18) / 37)
