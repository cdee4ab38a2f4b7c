"""Blocks of the report between people, the project and Word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.session import Session
from app.usecases.report import blocks
from app.usecases.report.basis import report_basis
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.report.text.marked import figures_in, plain
from viewers.documents.report.composing import MadeBlock, compose
from viewers.documents.report.docx_file import write_docx


def put_result(session: Session, value: float) -> None:
    city = UnitValue("", CITY_OID, "", "全市", "Whole city", value, value, 80.0, 0.5, "partial", grade="not_met")
    units = (
        UnitValue("districts", 1, "370102001", "甲街道", "A", value, value, 80.0, 0.5, "partial", grade="not_met"),
    )
    result = IndicatorResult("HC25-01", "2025", units, city)
    session.history.do("history.set_profile", lambda state: replace(state, name="甲市", results=(result,)))


@pytest.fixture
def made(session: Session) -> tuple[MadeBlock, ...]:
    """Return the blocks of a city with one result, made by the settings' author."""
    session.settings.set("author", "张工")
    put_result(session, 7.0)
    return blocks.composed_later(session)(Progress())


def one(made: tuple[MadeBlock, ...], code: str = "HC25-01") -> MadeBlock:
    return next(block for block in made if block.id.endswith(code))


def view_of(session: Session, block: MadeBlock) -> blocks.BlockView:
    return blocks.views(session, (block,))[0]


def test_generating_again_leaves_what_a_person_wrote_and_says_that_the_data_has_moved(
    session: Session, made: tuple[MadeBlock, ...]
) -> None:
    assert blocks.generate(session, made) == ()
    block = one(made)
    assert view_of(session, block).state == "generated"
    blocks.edit(session, block, f"本次复核：{plain(block.made)}")
    put_result(session, 9.0)
    newer = blocks.composed_later(session)(Progress())
    assert blocks.generate(session, newer) == (block.id,)
    view = view_of(session, one(newer))
    assert (view.state, view.has_moved, view.kept and view.kept.by) == ("edited", True, "张工")
    assert plain(view.text).startswith("本次复核：")
    assert figures_in(view.text) == figures_in(block.made)
    blocks.generate_anew(session, one(newer))
    assert view_of(session, one(newer)).text == one(newer).made
    session.history.undo()
    assert plain(view_of(session, one(newer)).text).startswith("本次复核：")


def test_a_block_is_approved_then_locked_and_nobody_writes_into_it_until_it_is_opened(
    session: Session, made: tuple[MadeBlock, ...]
) -> None:
    block = one(made)
    with pytest.raises(UserError, match=r"report\.bad_step"):
        blocks.move_to(session, block.id, "approved")
    blocks.generate(session, made)
    with pytest.raises(UserError, match=r"report\.bad_step"):
        blocks.move_to(session, block.id, "locked")
    blocks.move_to(session, block.id, "approved")
    blocks.move_to(session, block.id, "locked")
    with pytest.raises(UserError, match=r"report\.locked"):
        blocks.edit(session, block, "别的")
    with pytest.raises(UserError, match=r"report\.locked"):
        blocks.generate_anew(session, block)
    blocks.move_to(session, block.id, "edited")
    blocks.edit(session, block, "别的")
    assert view_of(session, block).text == "别的"


def test_what_was_changed_in_word_comes_back_block_by_block_with_its_figures(
    session: Session, made: tuple[MadeBlock, ...], tmp_path: Path
) -> None:
    blocks.generate(session, made)
    block, locked = one(made), next(view for view in made if view.kind == "text" and not view.id.endswith("HC25-01"))
    basis = report_basis(session, date="2026-11-30")
    composed = compose(basis)
    write_docx(tmp_path / "same.docx", composed.report, composed.numbers)
    assert blocks.returned(session, tmp_path / "same.docx", made) == ()
    blocks.edit(session, block, f"{plain(block.made)}另据现场复核属实。")
    blocks.edit(session, locked, "在 Word 里写的。")
    changed = compose(report_basis(session, date="2026-11-30"))
    write_docx(tmp_path / "changed.docx", changed.report, changed.numbers)
    session.history.undo()
    session.history.undo()
    blocks.move_to(session, locked.id, "approved")
    blocks.move_to(session, locked.id, "locked")
    found = blocks.returned(session, tmp_path / "changed.docx", made)
    assert {(part.id, part.refused) for part in found} == {(block.id, ""), (locked.id, "report.locked")}
    assert blocks.take_back(session, found, made) == 1
    view = view_of(session, block)
    assert view.state == "edited"
    assert plain(view.text).endswith("另据现场复核属实。")
    assert figures_in(view.text) == figures_in(block.made)
    assert view_of(session, locked).state == "locked"
