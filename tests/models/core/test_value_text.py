"""Numbers as text: digits, thousands, signs, no data."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core import value_text

FINITE = st.floats(-1e12, 1e12, allow_nan=False)


@pytest.mark.parametrize("value", [None, "", float("nan"), np.float32("nan"), pd.NaT, pd.NA, "NaT"])
def test_what_holds_no_data_is_missing(value: object) -> None:
    assert value_text.is_missing(value)
    assert value_text.text_or_empty(value) == ""


@pytest.mark.parametrize("value", [0, 0.0, False, "nan", "0", " "])
def test_zero_no_and_text_are_data(value: object) -> None:
    assert not value_text.is_missing(value)


def test_thousands_signs_and_trailing_zeros_are_chosen() -> None:
    assert value_text.number(1234567.5) == "1,234,567.50"
    assert value_text.number(1234567.5, trimmed=True) == "1,234,567.5"
    assert value_text.number(1500.0, 0, trimmed=True) == "1,500"
    assert value_text.number(1234.5, 1, grouped=False, signed=True) == "+1234.5"


@given(FINITE, st.integers(1, 6))
def test_a_trimmed_number_is_the_same_number(value: float, digits: int) -> None:
    whole, trimmed = value_text.number(value, digits), value_text.number(value, digits, trimmed=True)
    assert float(whole.replace(",", "")) == float(trimmed.replace(",", ""))
    assert "." not in trimmed or trimmed[-1] not in "0."


def test_a_unit_follows_a_number_and_no_unit_leaves_no_gap() -> None:
    assert value_text.quantity(12.5, "m", 3) == "12.500 m"
    assert value_text.quantity(12.5, "°", trimmed=True, gap="") == "12.5°"
    assert value_text.quantity(12.5, "") == "12.50"


def test_a_share_too_small_to_be_written_is_not_written_as_nothing() -> None:
    assert value_text.share_of(1, 10_000) == "< 0.1 %"
    assert value_text.share_of(1, 8) == "12.5 %"
    assert value_text.share_of(0, 8) == "–"
    assert value_text.share_of(0, 0) == "–"


def test_areas_below_a_tenth_keep_their_digits() -> None:
    assert value_text.measured(1234.5) == "1,234.500"
    assert value_text.measured(0.01234) == "0.01234"


def test_sums_too_large_or_small_for_decimals_have_an_exponent() -> None:
    assert value_text.statistic(2e15) == "2e+15"
    assert value_text.statistic(1234.5) == "1,234.5"
    assert value_text.statistic(0.00001) == "0"
    assert value_text.statistic(0.00001, least=1e-4) == "1e-05"
    assert value_text.statistic(0.0, least=1e-4) == "0"


def test_ends_of_a_bar_have_three_digits() -> None:
    assert [value_text.three_digits(v) for v in (0.01234, 12.345, 999.4, 1234.5)] == ["0.0123", "12.3", "999", "1,234"]


def test_limits_have_the_digits_that_their_neighbours_need() -> None:
    assert value_text.class_limit(0.25, 0.05) == "0.25"
    assert value_text.class_limit(-3.5, 0.5) == "−3.5"
    assert value_text.class_limit(-0.0001, 10.0) == "0"
    assert value_text.class_limit(float("inf")) == "∞"


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=9, unique=True), st.sampled_from([1.0, 0.1, 0.01]))
def test_distinct_numbers_have_distinct_texts(parts: list[int], step: float) -> None:
    values = sorted(part * step for part in parts)
    texts = [value_text.distinct(value, values) for value in values]
    assert all(one != two for one, two in itertools.pairwise(texts))


def test_nested_facts_stand_on_one_line() -> None:
    assert value_text.plain_tree({"crs": "EPSG:4548", "size": [3, 4.5]}) == "crs=EPSG:4548, size=3, 4.5"
    assert value_text.plain(1234.5, 4, grouped=False) == "1234.5"
    assert value_text.plain(True, 4) == "True"
