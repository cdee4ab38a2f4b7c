"""Sheets that a project keeps: every change is one step, saved and undone with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.sheets import keeping, writing
from models.core.errors import UserError
from models.sheets.editing import added, new_item, with_boxes
from models.sheets.spec import SheetSpec, TitleBlock
from tests.support.window import tiny_city


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    session.project.replace_all(*tiny_city(), None)
    return session


def names(session: Session) -> list[str]:
    return [sheet.name for sheet in session.project.state.review.sheets]


def test_sheets_are_kept_copied_moved_and_removed_each_in_one_step(session: Session) -> None:
    first = keeping.keep_sheet(session, SheetSpec("", "公园"))
    second = keeping.keep_sheet(session, SheetSpec("", "公园"))
    copy = keeping.duplicate_sheet(session, first.id)
    assert names(session) == ["公园", "公园 (3)", "公园 (2)"]
    assert len({first.id, second.id, copy.id}) == 3
    keeping.move_sheet(session, second.id, 0)
    keeping.rename_sheet(session, copy.id, " 学校 ")
    keeping.remove_sheets(session, [first.id])
    assert names(session) == ["公园 (2)", "学校"]
    for expected in (
        ["公园 (2)", "公园", "学校"], ["公园 (2)", "公园", "公园 (3)"], ["公园", "公园 (3)", "公园 (2)"],
        ["公园", "公园 (2)"], ["公园"], [],
    ):  # fmt: skip
        session.history.undo()
        assert names(session) == expected


def test_what_follows_one_another_is_one_step_and_undo_gives_back_the_very_page(session: Session) -> None:
    page = keeping.keep_sheet(session, SheetSpec("", "图"))
    item = new_item(page, "text")
    page = added(page, [item])
    keeping.change_sheet(session, page, "history.sheet.add_item")
    before = session.project.state
    for at in range(4):
        page = with_boxes(page, {item.id: (10.0 + at, 20.0, 30.0, 10.0)})
        keeping.change_sheet(session, page, "history.sheet.move", "nudge")
    assert len(session.history.labels[0]) == 3
    session.history.undo()
    assert session.project.state == before


def test_a_saved_project_gives_back_its_sheets_and_its_title_block(session: Session, tmp_path: Path) -> None:
    page = keeping.keep_sheet(session, SheetSpec("", "图", title="标题", number="3-07"))
    keeping.change_sheet(session, added(page, [new_item(page, "legend")]), "history.sheet.add_item")
    keeping.set_title_block(session, TitleBlock("市规划院", map_approval="鲁S(2026)001号", logo=b"\x89PNG"))
    held = session.project.state.review
    opening.save_project(session, tmp_path / "a.gpkg")
    other = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    opening.open_project(other, tmp_path / "a.gpkg")
    assert other.project.state.review.sheets == held.sheets
    assert other.project.state.review.title_block == held.title_block


def test_blank_names_unknown_sheets_and_huge_logos_are_refused_and_change_nothing(session: Session) -> None:
    page = keeping.keep_sheet(session, SheetSpec("", "图"))
    before = session.project.state
    with pytest.raises(UserError, match="no_name"):
        keeping.rename_sheet(session, page.id, "  ")
    with pytest.raises(UserError, match="unknown"):
        keeping.change_sheet(session, replace(page, id="gone"), "history.sheet.page")
    with pytest.raises(UserError, match="logo_too_large"):
        keeping.set_title_block(session, TitleBlock(logo=b"0" * (keeping.MOST_LOGO_BYTES + 1)))
    assert session.project.state == before


def test_several_sheets_go_to_one_pdf_or_to_numbered_files_with_names_that_files_may_have(tmp_path: Path) -> None:
    sheets = [SheetSpec(str(at), name) for at, name in enumerate(("公园/绿地", "a:b", "学校"))]
    together = writing.files_of(sheets, tmp_path / "all.pdf", together=True)
    assert [out.name for _, out in together] == ["all.pdf"]
    apart = writing.files_of(sheets, tmp_path / "all.png", together=True)
    assert [out.name for _, out in apart] == ["all_1_公园_绿地.png", "all_2_a_b.png", "all_3_学校.png"]
    with pytest.raises(UserError, match="bad_suffix"):
        writing.files_of(sheets, tmp_path / "all.svg", together=True)
