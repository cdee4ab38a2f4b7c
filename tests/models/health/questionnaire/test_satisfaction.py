"""Satisfaction by question and unit: means, intervals, thin cells, weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from models.health.editions import edition
from models.health.questionnaire.questions import questionnaire
from models.health.questionnaire.satisfaction import by_unit, mean_of, raked, satisfaction
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState


def answers(count=40, seed=1, **columns):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({
        "community_code": np.where(np.arange(count) % 2, "A", "B"), "counts": "yes",
        "Q-C1": rng.choice([0.0, 25.0, 50.0, 75.0, 100.0], count),
    })  # fmt: skip
    return table.assign(**columns)


def project(table):
    state = ProjectState(layers=(Layer("r", "r", "table", "responses"),))
    return state, {"r": VectorData(table)}


def test_the_questionnaire_has_the_parts_and_numbers_of_the_handbook_and_ids_that_name_them():
    book = questionnaire()
    parts = [one.part for one in book.questions.values()]
    assert [parts.count(part) for part in ("housing", "community", "city")] == [8, 10, 20]
    spoken_of = {one for row in edition().indicators.values() for one in row.questions}
    assert spoken_of < set(book.questions)  # all that indicators name is asked; much is asked that none speaks of
    assert sum(band.share for band in book.ages) == pytest.approx(1.0)


def test_a_mean_has_the_interval_of_student_and_equals_scipys():
    table = answers()
    found = mean_of(table, ("Q-C1",))
    values = table["Q-C1"].to_numpy()
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    assert found.value == pytest.approx(values.mean(), rel=1e-12)
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))
    assert found.effective == pytest.approx(len(values))


def test_what_was_not_answered_is_missing_and_never_nought():
    table = answers(10)
    table.loc[:4, "Q-C1"] = np.nan
    found = mean_of(table, ("Q-C1",))
    assert found.answers == 5
    assert found.value == pytest.approx(table["Q-C1"].mean())


def test_a_cell_with_few_answers_is_suppressed_and_says_so():
    table = answers(8)  # four in each community
    assert [one.status for one in by_unit(table, "community_code", ("Q-C1",)).values()] == ["thin", "thin"]
    assert mean_of(table, ("Q-C1",)).status == "ok"


def test_an_indicator_is_spoken_of_by_its_questions_and_by_those_who_count():
    table = answers(20)
    table.loc[:9, "counts"] = "no"
    state, data = project(table)
    found = satisfaction(state, data, "HC25-10")
    assert found is not None
    assert found.answers == 10
    assert found.value == pytest.approx(table.loc[10:, "Q-C1"].mean())
    assert satisfaction(state, data, "HC25-10", "A").answers == 5
    assert satisfaction(state, data, "HC25-36") is None  # no question speaks of it
    assert satisfaction(replace(state, layers=()), {}, "HC25-10") is None


def test_weights_bring_age_and_sex_to_their_shares_and_the_plain_mean_stands_beside():
    rng = np.random.default_rng(3)
    count = 400
    table = answers(
        count, age_group=rng.choice(["16-30", "30-60", "60+"], count, p=[0.2, 0.5, 0.3]),
        sex=rng.choice(["female", "male"], count, p=[0.65, 0.35]),
    )  # fmt: skip
    weights = raked(table)
    shares = pd.Series(weights).groupby(table["age_group"]).sum() / weights.sum()
    assert shares.to_dict() == pytest.approx({"16-30": 0.30, "30-60": 0.55, "60+": 0.15}, abs=1e-6)
    assert weights[table["sex"] == "female"].sum() == pytest.approx(weights.sum() / 2, rel=1e-6)
    found = mean_of(table, ("Q-C1",), weights)
    assert found.unweighted == pytest.approx(table["Q-C1"].mean())
    assert found.value == pytest.approx(np.average(table["Q-C1"], weights=weights))
    assert found.effective < count
