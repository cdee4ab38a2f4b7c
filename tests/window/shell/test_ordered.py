"""An order that a hand gives to a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewers.widgets.common.ordered import moved_one


@given(st.permutations(list("abcdef")), st.integers(0, 5), st.integers(0, 5))
def test_the_one_that_was_moved_gives_the_order_again(before: list[str], taken: int, put: int) -> None:
    after = [*before]
    after.insert(put, after.pop(taken))
    moved = moved_one(before, after)
    if after == before:
        assert moved is None
        return
    assert moved is not None
    one, at = moved
    again = [other for other in before if other != one]
    again.insert(at, one)
    assert again == after


@pytest.mark.parametrize("after", ["cdab", "abc", "dcba"])
def test_several_that_were_moved_or_are_gone_ask_for_nothing(after: str) -> None:
    assert moved_one(list("abcd"), list(after)) is None
