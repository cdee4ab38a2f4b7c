"""Changes of a page and of the list of pages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sheets import editing
from models.sheets.layout import is_outside
from models.sheets.spec import PAPERS, Item, SheetSpec
from models.sheets.templates import templates

A3 = SheetSpec(
    "s1", items=tuple(Item(name, "text", (10.0 * n, 10.0, 30.0, 20.0)) for n, name in enumerate("abcd", 1))
)  # fmt: skip


def order(spec: SheetSpec) -> str:
    return "".join(item.id for item in spec.items)


def test_items_go_to_the_front_and_back_and_keep_their_order_among_themselves() -> None:
    assert order(editing.ranked(A3, {"a", "c"}, "front")) == "bdac"
    assert order(editing.ranked(A3, {"b", "d"}, "back")) == "bdac"
    assert order(editing.ranked(A3, {"a", "b"}, "forward")) == "cabd"
    assert order(editing.ranked(A3, {"c", "d"}, "backward")) == "acdb"
    assert order(editing.ranked(A3, {"a"}, "backward")) == "abcd"


@given(st.sets(st.sampled_from("abcd")), st.sampled_from(("front", "forward", "backward", "back")))
def test_ranking_loses_no_item_and_keeps_both_groups_in_order(ids, how):  # type: ignore[no-untyped-def]
    found = order(editing.ranked(A3, ids, how))
    assert sorted(found) == list("abcd")
    assert [name for name in found if name in ids] == sorted(ids)
    assert [name for name in found if name not in ids] == sorted(set("abcd") - ids)


def test_copies_have_names_of_their_own_and_lie_beside_what_they_were_made_from() -> None:
    found, ids = editing.copied(A3, {"a", "b"})
    assert ids == ("text1", "text2")
    assert len(found.items) == 6
    assert found.items[4].box == (16.0, 16.0, 30.0, 20.0)


def test_what_spoke_of_a_removed_picture_speaks_of_the_first() -> None:
    page = replace(A3, items=(Item("v", "view", (0, 0, 9, 9)), Item("l", "legend", (0, 0, 9, 9), of="v")))
    assert editing.removed(page, {"v"}).items == (Item("l", "legend", (0, 0, 9, 9)),)


@given(st.sampled_from(sorted(PAPERS)), st.booleans(), st.sampled_from(sorted(editing.NEW_SIZES_MM)))
def test_a_new_item_lies_on_the_page_of_any_paper(paper, landscape, kind):  # type: ignore[no-untyped-def]
    page = SheetSpec("s", paper=paper, landscape=landscape)
    for at in (None, (0.0, 0.0), (5000.0, 5000.0)):
        assert not is_outside(editing.new_item(page, kind, at).box, page.size_mm)


@given(st.sampled_from(sorted(PAPERS)), st.booleans())
def test_what_was_on_the_page_is_on_it_after_the_paper_changed(paper, landscape):  # type: ignore[no-untyped-def]
    found = editing.on_paper(A3, paper, landscape)
    assert not any(is_outside(item.box, found.size_mm) for item in found.items)
    width, height = found.size_mm
    assert found.items[0].box == pytest.approx(
        (10 / 420 * width, 10 / 297 * height, 30 / 420 * width, 20 / 297 * height), abs=0.011
    )


def test_sheets_move_in_their_list_and_names_stay_apart() -> None:
    sheets = tuple(SheetSpec(name) for name in "abc")
    assert [one.id for one in editing.moved_to(sheets, "a", 1)] == ["b", "a", "c"]
    assert [one.id for one in editing.moved_to(sheets, "a", 99)] == ["b", "c", "a"]
    assert editing.names_like("图", {"图", "图 (2)"}) == "图 (3)"


def test_the_editor_offers_whatever_a_template_lets_its_views_charts_and_tables_show() -> None:
    for template in templates():
        for item in template.items:
            if item.kind in editing.SOURCES and item.source:
                assert item.source in editing.SOURCES[item.kind], f"{template.id}: {item.id}"
