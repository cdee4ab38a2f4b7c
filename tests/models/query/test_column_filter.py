"""Filters of single columns, against plain loops over the same rows."""

import numpy as np
import pandas as pd

from models.query.column_filter import ColumnFilter, distinct_of, passing
from models.query.columns import of_frame

ROWS = pd.DataFrame(
    {
        "use": ["住宅", "办公", None, "住宅", "School", "school yard"],
        "storeys": [12.0, 3.0, 7.0, np.nan, 3.0, 1.0],
        "code": [9007199254740993, 2, 3, 4, 5, 9007199254740992],
        "is_old": [True, False, True, False, True, False],
    }
)


def found(**filters):
    return np.flatnonzero(passing(of_frame(ROWS), filters)).tolist()


def test_a_text_is_found_in_any_case_and_a_shown_word_by_its_code():
    assert found(use=ColumnFilter(text="SCHOOL")) == [4, 5]
    codes = {"医院": ("办公",)}
    hit = passing(of_frame(ROWS), {"use": ColumnFilter(text="医院")}, lambda _, text: codes.get(text, ()))
    assert np.flatnonzero(hit).tolist() == [1]


def test_values_are_chosen_the_missing_one_among_them():
    assert found(use=ColumnFilter(values=frozenset({"住宅"}))) == [0, 3]
    assert found(use=ColumnFilter(values=frozenset({"住宅", None}))) == [0, 2, 3]
    assert found(use=ColumnFilter(values=frozenset())) == []
    assert found(storeys=ColumnFilter(values=frozenset({3.0, None}))) == [1, 3, 4]
    assert found(is_old=ColumnFilter(values=frozenset({False}))) == [1, 3, 5]
    assert found(code=ColumnFilter(values=frozenset({9007199254740993}))) == [0], "codes of sixteen digits are exact"


def test_a_range_holds_both_its_ends_and_nothing_that_is_missing():
    assert found(storeys=ColumnFilter(least=3, most=7)) == [1, 2, 4]
    assert found(storeys=ColumnFilter(least=7)) == [0, 2]


def test_filters_of_several_columns_are_all_met_and_one_of_a_lost_column_asks_nothing():
    assert found(use=ColumnFilter(text="住"), storeys=ColumnFilter(most=20), gone=ColumnFilter(text="x")) == [0]
    assert not ColumnFilter()


def test_different_values_come_with_their_counts_the_commonest_first():
    use = distinct_of(of_frame(ROWS), "use")
    assert (use.kind, use.values[0], use.missing, use.others) == ("text", ("住宅", 2), 1, 0)
    storeys = distinct_of(of_frame(ROWS), "storeys")
    assert (dict(storeys.values)[3.0], storeys.missing, storeys.least, storeys.most) == (2, 1, 1.0, 12.0)
    many = distinct_of(of_frame(pd.DataFrame({"n": range(1000)})), "n")
    assert (len(many.values), many.others) == (300, 700)
