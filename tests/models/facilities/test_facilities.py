"""The register of municipal components and the networks under the street."""

from __future__ import annotations

import pandas as pd

from models.facilities import register
from tests.support.components import EDITION, components


def test_a_state_that_nobody_recorded_is_unknown_not_intact():
    assert register.status_of(components()).tolist() == ["intact", "damaged", "missing", "unknown", "unknown", "intact"]
    assert register.status_of(pd.DataFrame({"a": [1]})).tolist() == ["unknown"]


def test_counts_are_by_class_and_state_and_add_up():
    counted = register.counts(components(), EDITION)
    assert counted.index.tolist() == ["0101", "0103", "0104", "0118", ""]
    assert counted.loc["0103", "damaged"] == 1
    assert counted["total"].sum() == 6
    assert counted[list(register.states())].to_numpy().sum() == 6


def test_counting_nothing_gives_an_empty_table_with_all_columns():
    counted = register.counts(components().iloc[:0], EDITION)
    assert len(counted) == 0
    assert counted.columns.tolist() == [*register.states(), "total"]


def test_a_storm_drain_grate_is_not_a_manhole_cover():
    assert components()[register.is_cover(components(), EDITION)].index.tolist() == [1, 2]
