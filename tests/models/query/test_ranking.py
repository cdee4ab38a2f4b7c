"""Rows of a list that is sorted, filtered and added up."""

from __future__ import annotations

import numpy as np

from models.project.selection import ObjectKey
from models.query.ranking import matching, ordered, ranking_of, total, values_of


def rows():
    return ranking_of(
        ["a", "b", "a", "a"], [4, 3, 2, 1],
        {"name": ["Beta", "alpha", None, "Gamma"], "loss": [1.0, 3.0, None, 2.0], "district": ["东", "西", "东", ""]},
    )  # fmt: skip


def test_rows_are_sorted_by_numbers_and_texts_and_what_is_not_known_comes_last() -> None:
    every = np.arange(4)
    assert ordered(rows(), every).tolist() == [0, 1, 2, 3]
    assert ordered(rows(), every, descending=True).tolist() == [3, 2, 1, 0]
    assert ordered(rows(), every, "loss").tolist() == [0, 3, 1, 2]
    assert ordered(rows(), every, "loss", descending=True).tolist() == [1, 3, 0, 2]
    assert ordered(rows(), every, "name").tolist() == [1, 0, 3, 2], "letters without regard to their case"


def test_rows_are_found_by_every_word_and_by_a_value_of_a_column() -> None:
    assert matching(rows(), "").tolist() == [0, 1, 2, 3]
    assert matching(rows(), "BETA 东").tolist() == [0]
    assert matching(rows(), "", "district", "东").tolist() == [0, 2]
    assert matching(rows(), "nothing").tolist() == []
    assert values_of(rows(), "district") == sorted(["东", "西"])


def test_rows_are_added_up_and_lead_to_their_objects() -> None:
    assert total(rows(), np.array([0, 2, 3]), "loss") == 3.0
    assert total(rows(), np.array([2]), "loss") is None
    assert rows().key(1) == ObjectKey("b", 3)
    assert {name: oids.tolist() for name, oids in rows().by_layer(np.array([1, 0, 2])).items()} == {
        "b": [3],
        "a": [4, 2],
    }


def test_a_hundred_thousand_rows_are_sorted_and_filtered_as_a_few_are() -> None:
    count = 100_000
    rng = np.random.default_rng(2)
    loss = rng.random(count)
    many = ranking_of(["a"] * count, np.arange(count), {"name": [f"P{k:06}" for k in range(count)], "loss": loss})
    assert (ordered(many, np.arange(count), "loss") == np.argsort(loss, kind="stable")).all()
    assert len(matching(many, "p0000")) == 100
