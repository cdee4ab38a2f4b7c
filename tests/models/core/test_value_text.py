"""Numbers as text: digits, thousands, signs, no data."""

from __future__ import annotations

import itertools
from decimal import Decimal

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
    assert value_text.statistic(2e15) == "2e15"
    assert value_text.statistic(1234.5) == "1,234.5"
    assert value_text.statistic(0.00001) == "1e-5"
    assert value_text.statistic(0.0125) == "0.0125"
    assert value_text.statistic(0.0) == "0"
    assert value_text.statistic(9007199254740993) == "9,007,199,254,740,993"
    assert value_text.statistic(1998.5, grouped=False) == "1998.5"


def test_ends_of_a_bar_have_three_digits() -> None:
    assert [value_text.three_digits(v) for v in (0.01234, 12.345, 999.4, 1234.5)] == ["0.0123", "12.3", "999", "1,234"]


def test_limits_have_the_digits_that_their_neighbours_need() -> None:
    assert value_text.class_limit(0.25, 0.05) == "0.25"
    assert value_text.class_limit(-3.5, 0.5) == "−3.5"
    assert value_text.class_limit(-0.0001, 10.0) == "0"
    assert value_text.class_limit(float("inf")) == "∞"
    assert value_text.class_limit(0.00012, 0.00001) == "0.00012"
    assert value_text.class_limit(1.25e-7, 1e-8) == "1.25e−7"
    assert value_text.class_limit(1998, 1, grouped=False) == "1998"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_not_zero_is_never_written_as_zero(value: float) -> None:
    for form in (None, value_text.NumberForm(True, 0), value_text.NumberForm(False, 3)):
        text = value_text.figure(value, form).replace(",", "")
        assert (float(text) == 0) == (value == 0)
    assert float(value_text.figure(value)) == pytest.approx(value, rel=1e-5)


@given(st.integers(-(2**63), 2**63 - 1))
def test_whole_numbers_are_written_to_the_last_digit(value: int) -> None:
    assert value_text.figure(value) == str(value)
    assert value_text.figure(np.int64(value)) == str(value)
    assert int(value_text.figure(value, value_text.NumberForm(True)).replace(",", "")) == value


@given(st.decimals(-99_999_999, 99_999_999, places=4))
def test_what_people_write_down_is_written_as_it_was(value: Decimal) -> None:
    assert float(value_text.figure(float(value))) == float(value)


def test_a_column_that_a_machine_worked_out_has_the_decimals_that_it_deserves() -> None:
    areas = [1 / 3 + 1234.5 * k for k in range(9)]
    form = value_text.form_of("area_m2", areas)
    assert [value_text.figure(one, form) for one in areas[:3]] == ["0.333", "1,234.833", "2,469.333"]
    assert value_text.figure(0.00012345678901234, form) == "0.000123457"
    assert value_text.form_of("lon", [120 + 1 / 3]).decimals == 7
    assert value_text.form_of("easting", [40501234 + 1 / 3]).decimals == 3
    assert value_text.form_of("lon", [120.3012345]).decimals is None


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=9, unique=True), st.sampled_from([1.0, 0.1, 0.01]))
def test_distinct_numbers_have_distinct_texts(parts: list[int], step: float) -> None:
    values = sorted(part * step for part in parts)
    texts = [value_text.distinct(value, values) for value in values]
    assert all(one != two for one, two in itertools.pairwise(texts))


def test_nested_facts_stand_on_one_line() -> None:
    assert value_text.plain_tree({"crs": "EPSG:4548", "size": [3, 4.5]}) == "crs=EPSG:4548, size=3, 4.5"
    assert value_text.plain(1234.5, 4, grouped=False) == "1234.5"
    assert value_text.plain(True, 4) == "True"
