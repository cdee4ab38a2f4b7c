"""A page is filled from its own subject: two drawn in turn are what each is alone, and nothing is shifted by one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.session import Session
from app.usecases.health import health
from app.usecases.sheets.framing import view_of
from app.usecases.sheets.keeping import keep_sheet, set_title_block
from app.usecases.sheets.pages import page_of
from app.usecases.sheets.sheets import draw_sheet, sheet_for
from app.usecases.sheets.subjects import subject_named, subject_of_objects, subject_of_problems
from models.core.errors import UserError
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from models.sheets.spec import TitleBlock
from tests.support.small_city import open_tower_city
from viewers.sheets.pages import content as parts

CODE = "HC25-25"


@pytest.fixture
def city(session: Session) -> Session:
    open_tower_city(session, 5)
    health.compute_indicators(session, (CODE,))
    return session


def grey(spec):  # type: ignore[no-untyped-def]
    return np.full((4, 6, 3), 120, np.uint8)


def of_kind(page, kind):  # type: ignore[no-untyped-def]
    return [piece.content for piece in page.pieces if isinstance(piece.content, kind)]


def test_two_pages_in_turn_have_each_its_own_value_name_legend_and_mark(city: Session) -> None:
    sheets = [sheet_for(city, "health_map", subject_named(city, code, CODE)) for code in ("D0", "D3")]
    alone = [parts.texts_of(page_of(city, sheet, grey)) for sheet in sheets]
    result = health.kept(city, CODE)
    assert result is not None
    for _ in range(2):
        for sheet, before in zip(sheets, alone, strict=True):
            page = page_of(city, sheet, grey)
            assert parts.texts_of(page) == before
            unit = next(one for one in result.units if one.unit_code == sheet.subject.code)
            (value,) = of_kind(page, parts.Value)
            assert value.name == unit.unit_name
            assert value.value.startswith(f"{unit.value:.1f}".rstrip("0").rstrip("."))
            (chart,) = of_kind(page, parts.Chart)
            assert [one.name for one in chart.columns if one.is_subject] == [unit.unit_name]
            (keymap,) = of_kind(page, parts.KeyMap)
            low = min(ring[:, 0].min() for ring in keymap.marked)
            assert low == pytest.approx(502_000 + 200 * int(sheet.subject.code[1]) - 100)
    assert alone[0] != alone[1]


def test_a_community_lists_the_problems_that_lie_in_it_and_no_other(city: Session) -> None:
    state, data = city.project.state, dict(city.project.data)
    districts = state.layer("districts")
    wards = replace(districts, id="communities", role="communities", name="社区")
    data["communities"] = data["districts"]
    city.project.replace_all(replace(state, layers=(*state.layers, wards)), data, None)
    health.compute_indicators(city, (CODE,))
    sheet = sheet_for(city, "health_map", subject_named(city, "D1", CODE, "community"))
    tables = [one for one in of_kind(page_of(city, sheet, grey), parts.Table) if len(one.heads) == 4]
    assert [row[1] for table in tables for row in table.rows] == ["2号院"]


def test_units_without_codes_are_found_by_the_name_that_labels_them(city: Session) -> None:
    state, data = city.project.state, dict(city.project.data)
    plain = data["districts"].frame.rename(columns={"name": "街道名称"}).drop(columns="code")
    data["districts"] = VectorData(plain)
    layer = state.layer("districts")
    labelled = replace(layer, style=replace(layer.style, label_field="街道名称"))
    city.project.replace_all(state.with_layer(labelled), data, None)
    subject = subject_named(city, "丙街道")
    assert (subject.kind, subject.code, subject.name) == ("district", "districts/3", "丙街道")


def test_a_plan_has_a_round_scale_and_its_bar_is_as_long_as_it_says(city: Session) -> None:
    key = ObjectKey("buildings", 4)
    sheet = sheet_for(city, "building", subject_of_objects(city, [key]), dpi=60)
    page = page_of(city, sheet, grey)
    bars = of_kind(page, parts.Bar)
    plans = [bar for bar in bars if bar.note.startswith("1 : ")]
    assert len(plans) == 1
    assert len(bars) == 2
    metres = float(plans[0].text.split()[0]) * (1000 if plans[0].text.endswith("km") else 1)
    ratio = int(plans[0].note[4:].replace(" ", ""))
    assert ratio in (100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000)
    assert metres * 1000 / plans[0].length_mm == pytest.approx(ratio, rel=0.01)


def test_a_sheet_says_internal_not_stated_and_draft_until_somebody_says_otherwise(city: Session) -> None:
    sheet = sheet_for(city, "health_map", subject_named(city, "", CODE))
    page = page_of(city, sheet, grey)
    (block,) = of_kind(page, parts.Block)
    cells = dict(block.cells)
    assert cells["审图号"] == "内部资料"
    assert cells["高程基准"] == cells["数据日期"] == "未注明"
    assert page.watermark
    set_title_block(city, TitleBlock("院", "甲", "乙", "丙", "鲁S(2026)1号"))
    page = page_of(city, replace(sheet, standing="approved"), grey)
    cells = dict(of_kind(page, parts.Block)[0].cells)
    assert (cells["编制单位"], cells["审图号"], page.watermark) == ("院", "鲁S(2026)1号", "")
    city.history.undo()
    assert not city.project.state.review.title_block.organisation


def test_an_indicator_without_data_is_said_to_have_none(city: Session) -> None:
    health.compute_indicators(city, ("HC25-47",))
    sheet = sheet_for(city, "health_map", subject_named(city, "D1", "HC25-47"))
    (value,) = of_kind(page_of(city, sheet, grey), parts.Value)
    assert value.value == "无数据"
    assert not value.verdict


def test_problems_are_numbered_as_listed_and_their_losses_add_up(city: Session) -> None:
    result = health.kept(city, CODE)
    assert result is not None
    count = len(result.problems)
    assert count > 1
    sheet = sheet_for(city, "problem_card", subject_of_problems(city, CODE, 1, count))
    page = page_of(city, sheet, grey)
    table = next(one for one in of_kind(page, parts.Table) if one.rows[0][0] == "1")
    assert [row[0] for row in table.rows] == [str(k) for k in range(1, count + 1)]
    (value,) = of_kind(page, parts.Value)
    assert value.value == f"{round(sum(one.loss or 0 for one in result.problems)):,} m²"


def test_a_kept_sheet_speaks_its_own_language_and_what_nobody_knows_is_refused(city: Session) -> None:
    sheet = keep_sheet(city, replace(sheet_for(city, "health_map", subject_named(city, "D1", CODE)), lang="en"))
    page = page_of(city, sheet, grey)
    assert "Internal material" in parts.texts_of(page)
    assert "Legend" not in page.title
    for name in ("nobody", "甲街道甲"):
        with pytest.raises(UserError, match=r"sheets\.no_unit"):
            subject_named(city, name)
    with pytest.raises(UserError, match=r"sheets\.no_problem"):
        subject_of_problems(city, CODE, 999)
    with pytest.raises(UserError, match=r"sheets\.wrong_subject"):
        sheet_for(city, "building", subject_named(city, "D1", CODE))
    flat = replace(sheet.items[0], box=(10.0, 10.0, 0.0, 5.0), kind="view")
    with pytest.raises(UserError, match=r"sheets\.bad_box"):
        view_of(city, sheet, flat)


@pytest.mark.render
def test_a_sheet_is_the_same_bytes_twice_as_png_and_as_pdf(city: Session, tmp_path: Path) -> None:
    sheet = sheet_for(city, "problem_card", subject_of_problems(city, CODE, 1, 2), paper="A4", dpi=40)
    for suffix in ("png", "pdf"):
        files = [tmp_path / f"{k}.{suffix}" for k in (1, 2)]
        for file in files:
            draw_sheet(city, sheet, file)
        assert files[0].read_bytes() == files[1].read_bytes()
