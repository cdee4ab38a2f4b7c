"""Write the report of the open project: Word document, and PDF of it where LibreOffice is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.usecases.report.basis import report_basis
from models.core.errors import UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from app.background.jobs import Job
    from app.session import Session
    from models.report.text.template import Template
    from viewers.documents.report.basis import ReportBasis

DOCX, PDF, XLSX = ".docx", ".pdf", ".xlsx"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of a report are written.

    Parameters
    ----------
    docx : Path
    pdf, xlsx : Path or None
    lang : str
        Of the report; empty for the session's.
    with_maps : bool
        Whether the city is drawn for each indicator.
    templates : tuple of Template
        Sentences in the place of those of program and project.
    year : int
        Of the check; 0 for the present year.
    date : str
        ISO date of the report; empty for today.
    """

    docx: Path
    pdf: Path | None = None
    xlsx: Path | None = None
    lang: str = ""
    with_maps: bool = True
    templates: tuple[Template, ...] = ()
    year: int = 0
    date: str = ""


def write_report(session: Session, wanted: Wanted) -> Job:
    """Write the report of what the project holds now; the project stays as it is.

    Parameters
    ----------
    session : Session
    wanted : Wanted

    Raises
    ------
    UserError
        ``report.bad_suffix``, ``report.nothing`` where no indicator has a result, ``report.no_office`` where a PDF is
        wanted and LibreOffice is not there.
    """
    _require(session, wanted)
    basis = report_basis(session, wanted.lang, year=wanted.year, date=wanted.date, templates=wanted.templates)

    def work(progress: Progress) -> list[Path]:
        from app.usecases.report.maps import maps_of

        drawn = basis
        if wanted.with_maps:
            codes = [
                one.definition.code for one in basis.standings if one.value is not None and not one.definition.hidden
            ]
            drawn = replace(basis, pictures=maps_of(session, codes, basis.lang, progress.part(0.0, 0.7)))
        return written(drawn, wanted, progress.part(0.7 if wanted.with_maps else 0.0, 1.0))

    return session.run("job.report", work, lambda files: _tell(session, files), file=wanted.docx.name)


def written(basis: ReportBasis, wanted: Wanted, progress: Progress) -> list[Path]:
    """Write the files of a report and return them; for any thread."""
    from app.usecases.report.office import office, pages_in, to_pdf
    from viewers.documents.report.charts import draw_chart
    from viewers.documents.report.composing import compose
    from viewers.documents.report.docx_file import docx_bytes, write_docx
    from viewers.documents.report.workbook import write_workbook

    progress.step(0.0, "progress.report.words")
    made = compose(basis, draw_chart)
    pages: dict[str, str] = {}
    pdf = b""
    if office():
        progress.step(0.2, "progress.report.pdf")
        raw = docx_bytes(made.report, made.numbers, None)
        first = pages_in(to_pdf(raw, progress.part(0.2, 0.5)))
        pages = page_numbers(first)
        if wanted.pdf is not None:
            raw = docx_bytes(made.report, made.numbers, pages)
            pdf = to_pdf(raw, progress.part(0.5, 0.85))
    progress.step(0.85, "progress.writing")
    files = [wanted.docx]
    write_docx(wanted.docx, made.report, made.numbers, pages)
    if wanted.pdf is not None:
        _write_pdf(wanted.pdf, pdf, basis.city)
        files.append(wanted.pdf)
    if wanted.xlsx is not None:
        write_workbook(wanted.xlsx, basis)
        files.append(wanted.xlsx)
    return files


def page_numbers(pages: dict[str, int]) -> dict[str, str]:
    """Return the numbers that stand on the pages: chapters begin with 1, after cover and contents."""
    from viewers.documents.report.wordml import bookmark_name

    begin = pages.get(bookmark_name("1"), 0)
    return {name: str(page - begin + 1) for name, page in pages.items() if page >= begin}


def _write_pdf(path: Path, raw: bytes, title: str) -> None:
    from models.store.atomic import replacing
    from models.store.whole_files import NotWhole
    from viewers.sheets.pages.pdf_file import make_steady

    def whole(file: Path) -> None:
        import pikepdf

        try:
            with pikepdf.open(file) as made:
                if not len(made.pages):
                    raise NotWhole("0 pages")
        except pikepdf.PdfError as error:
            raise NotWhole(str(error)) from error

    with replacing(path, whole) as fresh:
        fresh.write_bytes(raw)
        make_steady(fresh, "", title)


def _require(session: Session, wanted: Wanted) -> None:
    from app.usecases.health.health import all_kept
    from app.usecases.report.office import office

    for path, suffix in ((wanted.docx, DOCX), (wanted.pdf, PDF), (wanted.xlsx, XLSX)):
        if path is not None and path.suffix.lower() != suffix:
            raise UserError("report.bad_suffix", file=path.name, suffix=suffix)
    if not all_kept(session):
        raise UserError("report.nothing")
    if wanted.pdf is not None and not office():
        raise UserError("report.no_office")


def _tell(session: Session, files: list[Path]) -> None:
    for path in files:
        session.notices.info("notice.written", file=path.name)
