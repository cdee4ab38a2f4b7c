"""Which pages are printed, and how large."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.errors import UserError
from models.sheets.print_order import is_cut, pages_of, placed

sides = st.floats(50, 1500)
A4, A3 = (297.0, 210.0), (420.0, 297.0)


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("", (0, 1, 2, 3, 4)),
        ("1-3，5", (0, 1, 2, 4)),
        ("4-", (3, 4)),
        ("-2", (0, 1)),
        (" 5、1 ", (4, 0)),
        ("2,2", (1,)),
    ],
)
def test_a_range_names_pages_in_the_order_in_which_it_is_written(text: str, pages: tuple[int, ...]) -> None:
    assert pages_of(text, 5) == pages


@pytest.mark.parametrize("text", ["0", "6", "3-1", "x", "1-9", "-", "1--2", "一"])
def test_a_range_that_names_no_page_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="bad_pages"):
        pages_of(text, 5)


def test_an_a3_sheet_fills_a4_paper_and_at_its_true_size_is_cut() -> None:
    room = (5.0, 5.0, 287.0, 200.0)
    assert placed(A3, A4, room, "paper") == (0.0, 0.0, 297.0, 210.0)
    assert is_cut(placed(A3, A4, room, "true"), A4)
    assert not is_cut(placed(A4, A3, (0.0, 0.0, *A3), "true"), A3)


@given(st.tuples(sides, sides), st.tuples(sides, sides), st.floats(0, 12))
def test_a_fitted_page_keeps_its_proportions_and_lies_on_the_paper(page, paper, margin):  # type: ignore[no-untyped-def]
    room = (margin, margin, paper[0] - 2 * margin, paper[1] - 2 * margin)
    left, top, width, height = placed(page, paper, room, "paper")
    assert width / height == pytest.approx(page[0] / page[1], rel=0.011)
    assert not is_cut((left, top, width, height), paper)
