"""The report as a Word document: every number is found again by its id, and a stranger's document is bounded."""

from __future__ import annotations

import re
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from app.session import Session
from app.usecases.report.basis import report_basis
from models.core.errors import UserError
from models.health.results import CITY_OID, IndicatorResult, UnitValue
from models.report.blocks.states import BlockText
from models.report.pieces import Heading
from viewers.documents.report.basis import ReportBasis
from viewers.documents.report.composing import Composed, compose
from viewers.documents.report.docx_file import write_docx
from viewers.documents.report.read_back import block_tags, figure_tags, read_docx
from viewers.texts.figure_texts import readings


def _basis(session: Session, lang: str = "zh") -> ReportBasis:
    units = tuple(
        UnitValue("districts", at, f"37010200{at}", name, name, value, value, 40.0, 0.5, "partial", grade="not_met")
        for at, (name, value) in enumerate((("甲街道", 3.0), ("乙街道", 4.0)), 1)
    )
    city = UnitValue("", CITY_OID, "", "全市", "Whole city", 7.0, 7.0, 80.0, 0.5, "partial", grade="not_met")
    result = IndicatorResult("HC25-01", "2025", units, city)
    session.history.do("history.set_profile", lambda state: replace(state, name="甲市", results=(result,)))
    return report_basis(session, lang, date="2026-11-30")


def _written(made: Composed, path: Path) -> Path:
    write_docx(path, made.report, made.numbers)
    return path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_of_the_document_is_the_figure_of_its_id(session: Session, tmp_path: Path, lang: str) -> None:
    basis = _basis(session, lang)
    read = read_docx(_written(compose(basis), tmp_path / "report.docx"))
    by_tag = figure_tags(figure.id for figure in basis.figures)
    assert len(read.numbers) > 100
    for tag, shown in read.numbers:
        assert shown in readings(basis.figures[by_tag[tag]], lang), tag
    assert "HC25-01/370102002/value" in {by_tag[tag] for tag, _ in read.numbers}


def test_no_sentence_has_a_number_that_is_no_figure(session: Session, tmp_path: Path) -> None:
    made = compose(_basis(session))
    read = read_docx(_written(made, tmp_path / "report.docx"))
    known = block_tags(block.id for block in made.blocks)
    assert set(read.blocks) <= set(known)
    for text in read.blocks.values():
        words = re.sub(r"\[\[[^\]]*\]\]|（试行）2025|HC\d\d-\d\d", "", text)
        assert not re.search(r"\d", words), text


def test_what_a_person_wrote_stands_in_the_place_of_what_is_generated(session: Session, tmp_path: Path) -> None:
    own = BlockText("1.work/own.work", "zh", "edited", "成立了领导小组。", "", "乙", "t")
    made = compose(replace(_basis(session), kept={own.id: own}))
    read = read_docx(_written(made, tmp_path / "report.docx"))
    assert read.blocks["block:1.work/own.work"] == "成立了领导小组。"


def test_a_report_has_the_same_bytes_twice(session: Session, tmp_path: Path) -> None:
    basis = _basis(session)
    one, two = (_written(compose(basis), tmp_path / name).read_bytes() for name in ("1.docx", "2.docx"))
    assert one == two


@pytest.mark.parametrize(
    ("member", "content", "code"),
    [
        ("word/vbaProject.bin", b"x", "report.has_macros"),
        ("word/embeddings/a.bin", b"x", "report.has_macros"),
        ("word/big.xml", b"0" * 60_000_000, "report.too_large"),
        ("word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "report.not_a_document"),
        ("word/document.xml", b"<a", "report.not_a_document"),
    ],
)
def test_a_document_that_is_none_is_refused(tmp_path: Path, member: str, content: bytes, code: str) -> None:
    path = tmp_path / "foreign.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, content)
    with pytest.raises(UserError) as raised:
        read_docx(path)
    assert raised.value.code == code


def test_the_workbook_computes_what_the_project_says(session: Session, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    from viewers.documents.report.workbook import write_workbook

    path = tmp_path / "report.xlsx"
    write_workbook(path, _basis(session))
    page = load_workbook(path).worksheets[0]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=4)]
    assert rows[0][3] == "=F4"
    assert rows[2][5] == "=SUM(F4:F5)"
    assert [rows[0][5], rows[1][5]] == [3, 4]


@pytest.mark.slow
def test_libreoffice_computes_the_figures_and_finds_every_heading(session: Session, tmp_path: Path) -> None:
    from app.usecases.report.office import office, pages_in, to_pdf
    from models.core.progress import Progress
    from viewers.documents.report.docx_file import docx_bytes
    from viewers.documents.report.wordml import bookmark_name
    from viewers.documents.report.workbook import write_workbook

    if not office():
        pytest.skip("LibreOffice is not installed")
    basis = _basis(session)
    made = compose(basis)
    pages = pages_in(to_pdf(docx_bytes(made.report, made.numbers), Progress()))
    headings = [piece for piece in made.report.pieces if isinstance(piece, Heading)]
    assert {bookmark_name(piece.id) for piece in headings} <= set(pages)
    path = tmp_path / "report.xlsx"
    write_workbook(path, basis)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [office(), profile, "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    rows = [line.split(",") for line in (tmp_path / "report.csv").read_text(encoding="utf-8").splitlines()[3:]]
    assert [float(row[3]) for row in rows] == [3.0, 4.0, 7.0]
