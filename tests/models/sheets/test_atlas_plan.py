"""Which pages an atlas has, and under which numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sheets.atlas.plan import Entry, in_range, planned
from models.sheets.atlas.spec import AtlasSpec
from viewers.sheets.atlas.index_content import IndexLine, columns_of


def entries(values, chapters=("HC25-25",)):
    return [
        Entry("district", f"{100 + k}", f"街道{k}", chapter, chapter, chapter, value=value)
        for chapter in chapters for k, value in enumerate(values)
    ]  # fmt: skip


def test_a_number_says_chapter_and_page_in_the_order_that_was_asked_for():
    values = [70.0, None, 50.0]
    pages = planned(AtlasSpec(order="value"), entries(values, ("HC25-25", "HC25-22")))
    assert [page.number for page in pages] == ["1-01", "1-02", "1-03", "2-01", "2-02", "2-03"]
    assert [page.entry.code for page in pages[:3]] == ["102", "100", "101"], "the worst first, without data last"
    assert [page.place for page in pages] == [1, 2, 3, 4, 5, 6]
    long = planned(AtlasSpec(), entries([1.0] * 120))
    assert (long[0].number, long[119].number) == ("1-001", "1-120")


def test_the_id_of_a_page_stays_when_other_pages_go():
    whole = {page.entry.code: page.id for page in planned(AtlasSpec(), entries([1.0] * 5))}
    part = planned(AtlasSpec(only=("103", "街道1")), entries([1.0] * 5))
    assert [page.number for page in part] == ["1-01", "1-02"]
    assert [page.id for page in part] == [whole["101"], whole["103"]]
    assert len(set(whole.values())) == 5


def test_pages_are_chosen_by_their_places():
    pages = planned(AtlasSpec(), entries([1.0] * 12))
    assert [page.place for page in in_range(pages, "2-3，11-40")] == [2, 3, 11, 12]
    assert in_range(pages, "") == pages
    for text in ("x", "0-3", "5-2", "1,,2"):
        with pytest.raises(ValueError, match=r".*"):
            in_range(pages, text)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.booleans())
def test_every_line_of_the_index_stands_once_and_no_heading_alone_at_a_foot(sizes, has_map):
    lines = [
        IndexLine("", f"{c}") if k == 0 else IndexLine(f"{c}-{k:02}", "x")
        for c, n in enumerate(sizes)
        for k in range(n + 1)
    ]
    pages = columns_of(lines, (297, 210), 0.8, 8.0, has_map=has_map)
    columns = [column for page in pages for column in page]
    assert [line for column in columns for line in column] == lines
    assert not any(column and column[-1].is_chapter for column in columns)
