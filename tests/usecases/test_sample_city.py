"""The sample city, opened whole and evaluated."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session import Session
from app.usecases.health import health
from models.core.errors import UserError


@pytest.mark.slow
def test_the_sample_city_opens_whole(sample_session: Session) -> None:
    state = sample_session.project.state
    assert state.synthetic
    assert all(layer.synthetic for layer in state.layers)
    missing = [layer.id for layer in state.layers if layer.id not in sample_session.project.data]
    assert not missing
    assert not [notice.key for notice in sample_session.notices.all if notice.level in ("error", "fault")]


@pytest.mark.slow
def test_the_table_of_the_sample_city_says_that_it_is_synthetic(sample_session: Session, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    health.compute_indicators(sample_session)
    health.export_indicators(sample_session, tmp_path / "a.xlsx")
    health.export_indicators(sample_session, tmp_path / "a.csv")
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["指标值", "问题清单", "部件统计", "说明"]
    for sheet in book:
        assert any("示例数据" in str(cell.value) for row in sheet.iter_rows() for cell in row), sheet.title
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()
    units = len(sample_session.project.data["districts"].frame) + 1  # type: ignore[union-attr]
    assert len(lines) == 1 + units * len(health.computed_codes())
    assert all("示例数据" in line for line in lines[1:])
    with pytest.raises(UserError, match=r"table\.bad_suffix"):
        health.export_indicators(sample_session, tmp_path / "a.txt")


@pytest.mark.slow
def test_no_data_in_the_table_is_an_empty_cell_not_zero(sample_session: Session, tmp_path: Path) -> None:
    health.compute_indicators(sample_session)
    rows = health.indicator_rows(sample_session)
    unknown = [row for row in rows if row["status"] == "no_data"]
    assert unknown
    assert all(row["value"] is None for row in unknown)
