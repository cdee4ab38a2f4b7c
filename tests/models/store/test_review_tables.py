"""What a review session holds, as rows of the project file and read from projects of somebody's making."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.project.selection import ObjectKey
from models.review.agenda import Stop
from models.review.state import ReviewState
from models.sheets.spec import Item, SheetSpec, Subject, TitleBlock
from models.store.rows.review_tables import review_of
from models.store.rows.state_rows import rows_of
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec

KINDS = get_type_hints(ReviewState)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def items(part: str) -> st.SearchStrategy[object]:
    """Return what may stand in a row of a part: anything, or the names of its fields with anything in them."""
    row = (*get_args(KINDS[part])[:1], KINDS[part])[0]
    return ANY | st.fixed_dictionaries({one.name: ANY for one in fields(row)})


ROWS = st.sampled_from(sorted(KINDS)).flatmap(lambda part: st.tuples(st.just(part), items(part)))


def test_what_is_written_is_read_again() -> None:
    view = SnapshotSpec("p.gpkg", 1600, 900, Camera((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)), selected=(ObjectKey("b", 7),))
    page = SheetSpec(
        "s1", "一张图", subject=Subject("community", "370102001", "示例社区", "HC25-25", (ObjectKey("b", 7),)),
        items=(Item("v", "view", (10, 10, 200, 150), view), Item("t", "text", (0, 0, 10, 10), text="{subject}")),
    )  # fmt: skip
    review = ReviewState(
        TitleBlock("示例院", map_approval="鲁S(2026)001", logo=b"\x89PNG\x00"),
        (page,),
        (Stop("a", "一", view, notes="稿"),),
    )
    left_out: list[object] = []
    assert review_of(rows_of(review), left_out.append) == review
    assert not left_out


@settings(max_examples=80, deadline=None)
@given(st.lists(ROWS, max_size=3))
def test_a_row_of_any_content_is_taken_or_left_out(rows: list[tuple[str, object]]) -> None:
    left_out: list[object] = []
    review_of([{"part": part, "content": json.dumps(value)} for part, value in rows], left_out.append)
    assert len(left_out) <= len(rows)


@pytest.mark.parametrize(
    "said", [{"paper": "B9"}, {"lang": "xx"}, {"dpi": 10**9}, {"dpi": 0}, {"dpi": "many"}], ids=lambda said: str(said)
)
@pytest.mark.parametrize("part", ["sheets", "atlases"])
def test_a_page_that_nobody_could_draw_is_left_out(part: str, said: dict[str, object]) -> None:
    sound = {"id": "a", "name": "甲", "paper": "A4", "lang": "zh", "dpi": 150}
    rows = [{"part": part, "content": json.dumps(one)} for one in (sound, sound | said)]
    left_out: list[object] = []
    assert len(getattr(review_of(rows, left_out.append), part)) == 1
    assert left_out == rows[1:]


@pytest.mark.parametrize("box", [[0, 0, float("nan"), 10], [0, 0, 1e12, 10], [0, 0, -1, 10], [0, 0, 10]], ids=str)
def test_an_item_that_is_nowhere_takes_its_sheet_with_it(box: list[float]) -> None:
    row = {"part": "sheets", "content": json.dumps({"id": "a", "items": [{"id": "t", "kind": "text", "box": box}]})}
    left_out: list[object] = []
    assert review_of([row], left_out.append).sheets == ()
    assert left_out == [row]
