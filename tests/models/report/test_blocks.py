"""Blocks of the report: what people wrote stays, and each step has a name."""

from __future__ import annotations

import pytest

from models.core.errors import UserError
from models.report.blocks.states import edited, generated, moved_to, put


def test_generating_again_leaves_alone_what_a_person_wrote() -> None:
    blocks, left = generated((), {"a": "一", "b": "二"}, "zh", "甲", "t1")
    assert [one.state for one in blocks] == ["generated", "generated"]
    assert left == ()
    mine = edited(blocks[0], "a", "zh", "我写的", "一", "乙", "t2")
    blocks, left = generated(put(blocks, [mine]), {"a": "一一", "b": "二二"}, "zh", "甲", "t3")
    told = {one.id: one for one in blocks}
    assert (told["a"].text, told["b"].text, left) == ("我写的", "二二", ("a",))
    assert told["a"].has_moved("一一")


def test_only_what_is_approved_is_locked_and_what_is_locked_is_not_edited() -> None:
    (block,), _ = generated((), {"a": "一"}, "zh", "甲", "t1")
    with pytest.raises(UserError, match=r"report\.bad_step"):
        moved_to(block, "a", "locked", "乙", "t2")
    with pytest.raises(UserError, match=r"report\.no_person"):
        moved_to(block, "a", "approved", " ", "t2")
    locked = moved_to(moved_to(block, "a", "approved", "乙", "t2"), "a", "locked", "丙", "t3")
    assert (locked.state, locked.by, locked.at) == ("locked", "丙", "t3")
    with pytest.raises(UserError, match=r"report\.locked"):
        edited(locked, "a", "zh", "x", "一", "丁", "t4")
    assert edited(moved_to(locked, "a", "edited", "丙", "t5"), "a", "zh", "x", "一", "丁", "t6").text == "x"
