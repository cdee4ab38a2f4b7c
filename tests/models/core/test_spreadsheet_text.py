"""Text that no spreadsheet program runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.spreadsheet_text import guarded, is_formula, unguarded


@given(st.text(st.sampled_from("'=+-@\t\r\n＝ a1"), max_size=6))
def test_what_was_guarded_comes_back_as_it_was_and_begins_no_formula(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert guarded(text)[:1] not in tuple("=@\t\r\n＝")


@pytest.mark.parametrize("value", ["-12.5", "+86", "-.5e3", "-", "--", "中山路", "a=b", -3, 2.5, None, True])
def test_numbers_dashes_and_plain_names_are_left_alone(value: object) -> None:
    assert not is_formula(value)
    assert guarded(value) is value
