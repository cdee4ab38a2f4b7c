"""Boxes on a page: snapping, dragging, aligning and distributing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sheets import layout
from models.sheets.layout import HANDLES, LEAST_MM, Guide, Lines

PAGE = (420.0, 297.0)
lengths = st.floats(LEAST_MM, 200)
places = st.floats(-50, 400)
boxes = st.tuples(places, places, lengths, lengths)
handles = st.sampled_from(("", *HANDLES))
some = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), boxes, min_size=1, max_size=6)


def edges(box: layout.Box) -> tuple[float, ...]:
    left, top, width, height = box
    return left, top, left + width, top + height


def test_a_box_that_comes_near_an_edge_of_another_lies_at_it_and_says_so() -> None:
    lines = layout.lines_of(PAGE, [(100, 20, 50, 40)], 10)
    box, guides = layout.snapped((101.2, 200, 30, 30), "", lines, 2.0)
    assert box == pytest.approx((100, 200, 30, 30))
    assert Guide("x", 100, 20, 230) in guides


def test_of_a_box_that_is_resized_only_the_edge_in_the_hand_snaps() -> None:
    lines = layout.lines_of(PAGE, [(100, 20, 50, 40)], 10)
    box, _ = layout.snapped((101.0, 200, 48.5, 30), "e", lines, 2.0)
    assert box == pytest.approx((101.0, 200, 49.0, 30))


def test_without_a_line_in_reach_the_grid_holds_and_beyond_it_nothing() -> None:
    assert layout.snapped((13.1, 27.9, 20, 20), "", Lines(grid_mm=5), 2.0)[0] == pytest.approx((15, 30, 20, 20))
    assert layout.snapped((13.1, 27.9, 20, 20), "", Lines(), 2.0) == ((13.1, 27.9, 20, 20), ())


@given(boxes, handles, st.lists(boxes, max_size=4), st.floats(0, 5))
def test_snapping_moves_no_edge_farther_than_its_reach_and_those_at_rest_not_at_all(box, handle, others, reach):  # type: ignore[no-untyped-def]
    found, guides = layout.snapped(box, handle, layout.lines_of(PAGE, others, 10), reach)
    for name, before, after in zip("wnes", edges(box), edges(found), strict=True):
        assert abs(after - before) <= (reach + 1e-6 if not handle or name in handle else 1e-6)
    assert found[2] >= min(LEAST_MM, box[2]) - 1e-6
    assert found[3] >= min(LEAST_MM, box[3]) - 1e-6
    ends = (*edges(found), found[0] + found[2] / 2, found[1] + found[3] / 2)
    assert all(any(abs(guide.at_mm - end) < 0.011 for end in ends) for guide in guides)


@given(boxes, handles, st.lists(boxes, max_size=4), st.floats(0, 5))
def test_what_has_snapped_stays_where_it_is(box, handle, others, reach):  # type: ignore[no-untyped-def]
    lines = layout.lines_of(PAGE, others, 10)
    once, _ = layout.snapped(box, handle, lines, reach)
    assert layout.snapped(once, handle, lines, reach)[0] == pytest.approx(once, abs=1e-6)


@given(boxes, st.sampled_from(HANDLES), st.floats(-500, 500), st.floats(-500, 500), st.booleans())
def test_a_dragged_handle_never_turns_a_box_inside_out_and_leaves_the_other_side(box, handle, dx, dy, shape):  # type: ignore[no-untyped-def]
    found = layout.dragged(box, handle, dx, dy, keep_shape=shape)
    assert found[2] >= LEAST_MM - 1e-6
    assert found[3] >= LEAST_MM - 1e-6
    for name, before, after in zip("wnes", edges(box), edges(found), strict=True):
        if name not in handle:
            assert after == pytest.approx(before, abs=1e-6)
    if shape and len(handle) == 2:
        assert found[2] / found[3] == pytest.approx(box[2] / box[3], rel=1e-6)


@given(some, st.sampled_from(("left", "centre", "right", "top", "middle", "bottom")))
def test_aligned_boxes_share_their_edge_keep_their_size_and_stay_in_their_bounds(held, how):  # type: ignore[no-untyped-def]
    found = layout.aligned(held, how, PAGE)
    share = {"left": 0.0, "centre": 0.5, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}[how]
    at = 0 if how in ("left", "centre", "right") else 1
    assert len({round(box[at] + share * box[at + 2], 6) for box in found.values()}) == 1
    for name, box in found.items():
        assert box[2:] == held[name][2:]
        assert box[1 - at] == held[name][1 - at]
    around = layout.bounds(held.values()) if len(held) > 1 else (0.0, 0.0, *PAGE)
    if len(held) > 1:
        inside = layout.bounds(found.values())
        assert inside[at] >= around[at] - 1e-6
        assert inside[at] + inside[at + 2] <= around[at] + around[at + 2] + 1e-6


@given(some, st.sampled_from(("across", "down")))
def test_distributed_boxes_have_equal_gaps_and_the_outermost_stay(held, axis):  # type: ignore[no-untyped-def]
    found = layout.distributed(held, axis)
    at = 0 if axis == "across" else 1
    if len(held) < 3:
        assert found == held
        return
    order = sorted(held, key=lambda name: (held[name][at] + held[name][at + 2] / 2, name))
    gaps = [found[b][at] - (found[a][at] + found[a][at + 2]) for a, b in pairwise(order)]
    assert max(gaps) - min(gaps) < 1e-6
    assert found[order[0]] == held[order[0]]
    assert found[order[-1]] == held[order[-1]]


def test_a_box_that_leaves_the_page_by_more_than_a_hair_is_outside() -> None:
    assert not layout.is_outside((0, 0, 420, 297), PAGE)
    assert not layout.is_outside((-0.04, 0, 100, 100), PAGE)
    assert layout.is_outside((330, 10, 100, 20), PAGE)
    assert layout.is_outside((10, -3, 20, 20), PAGE)
