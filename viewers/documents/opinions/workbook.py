"""The table of decisions as a workbook: decisions and replies are typed in it and come back by the id of each row.

Columns A and B are hidden: the id of the opinion, and what was decided when the workbook was written, by which a cell
that nobody touched is told from one that was typed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.core.errors import UserError, first_line
from models.core.foreign import foreign
from models.review.topics import VERDICTS
from models.store.atomic import replacing
from models.store.steady_files import steady_zip
from models.store.whole_files import of_sheets
from resources.words import LANGUAGES, word
from viewers.documents import paper
from viewers.documents.opinions.content import Opinion, Review, summary, thumbnail, verdict_word

_INK, _ACCENT, _GREY, _LABEL, _WASH = "1D2A31", "24475C", "7A878E", "B45F06", "FFF8E6"
_HEAD_ROW = 5
#: Heads of the hidden columns; a workbook is known by them in every language.
ID, BEFORE = "id", "before"
#: Columns with their widths; what is typed is marked.
_COLUMNS = (
    ("number", 6), ("kind", 10), ("author", 10), ("organisation", 15), ("about", 20), ("objects", 15), ("text", 40),
    ("picture", 25), ("verdict", 11), ("reply", 32), ("decided_by", 11), ("decided_on", 12),
)  # fmt: skip
_TYPED = ("verdict", "reply", "decided_by")
_PICTURE_PX, _ROW_PT = (168, 95), 76
_MOST_ROWS, _MOST_BYTES = 20_000, 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Typed:
    """One row that was read back.

    Parameters
    ----------
    row : int
        Number of the row in the sheet.
    guid : str
    verdict : str or None
        One of :data:`models.review.topics.VERDICTS`, empty for nothing, None for a word that is none of them.
    reply, author : str
    touched : bool
        Whether the row says something else than when it was written.
    before : str or None
        What was decided when it was written, as ``verdict|reply``; None where the workbook does not say.
    said : str
        The decision as it was typed.
    """

    row: int
    guid: str
    verdict: str | None
    reply: str
    author: str
    touched: bool
    before: str | None = None
    said: str = ""


def write_table(path: Path, review: Review, lang: str) -> None:
    """Write the table of decisions; whole or not at all, the same opinions give the same bytes."""
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.title = word("opinions.table", lang)[:31]
    _fill(page, review, lang)
    with replacing(Path(path), of_sheets([_HEAD_ROW + len(review.opinions) + 2])) as fresh:
        book.save(fresh)
        steady_zip(fresh, review.when)


def _fill(page: Any, review: Review, lang: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    from models.io.common.workbook_cells import cells

    about = " · ".join(filter(None, (review.dates, summary(review, lang))))
    for text in (
        f"{review.project} {word('opinions.table', lang)}".strip(), about, review.label, word("opinions.how", lang)
    ):  # fmt: skip
        page.append(cells(page, ["", "", text]))
    page["C1"].font = Font(bold=True, size=14, color=_INK)
    page["C2"].font = page["C4"].font = Font(size=9, color=_GREY)
    page["C3"].font = Font(bold=True, color=_LABEL)
    page.append(cells(page, [ID, BEFORE, *(word(f"opinions.column.{name}", lang) for name, _ in _COLUMNS)]))
    thin = Side(style="thin", color="C9D1D6")
    around, top = Border(left=thin, right=thin, top=thin, bottom=thin), Alignment(vertical="top", wrap_text=True)
    wash, middle = PatternFill("solid", fgColor=_WASH), Alignment(vertical="top", horizontal="center")
    for at, (name, width) in enumerate(_COLUMNS, 3):
        page.column_dimensions[get_column_letter(at)].width = width
        head = page.cell(_HEAD_ROW, at)
        head.font, head.border = Font(bold=True, color="FFFFFF"), around
        head.fill = PatternFill("solid", fgColor=_ACCENT if name in _TYPED else _GREY)
        head.alignment = Alignment(vertical="center", wrap_text=True)
    for number, one in enumerate(review.opinions, _HEAD_ROW + 1):
        page.append(cells(page, [one.guid, _before(one), *_row(one, lang)]))
        for at, (name, _) in enumerate(_COLUMNS, 3):
            cell = page.cell(number, at)
            cell.alignment, cell.border = middle if name == "number" else top, around
            if name in _TYPED:
                cell.fill = wash
        _put_picture(page, one, number)
    last = _HEAD_ROW + len(review.opinions)
    sign = page.cell(last + 2, 3, word("opinions.sign", lang))
    sign.font = Font(color=_INK)
    choices = DataValidation("list", formula1='"' + ",".join(verdict_word(one, lang) for one in VERDICTS) + '"')
    choices.allow_blank = True
    letter = get_column_letter(3 + [name for name, _ in _COLUMNS].index("verdict"))
    choices.add(f"{letter}{_HEAD_ROW + 1}:{letter}{max(last, _HEAD_ROW + 1)}")
    page.add_data_validation(choices)
    page.column_dimensions["A"].hidden = page.column_dimensions["B"].hidden = True
    page.freeze_panes = f"D{_HEAD_ROW + 1}"
    page.auto_filter.ref = f"A{_HEAD_ROW}:{get_column_letter(2 + len(_COLUMNS))}{max(last, _HEAD_ROW + 1)}"
    paper.lay_out(page)
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.print_area = f"C1:{get_column_letter(2 + len(_COLUMNS))}{last + 2}"
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    page.sheet_view.showGridLines = False
    page.oddFooter.left.text = review.label
    page.oddFooter.right.text = "&P / &N"


def _row(one: Opinion, lang: str) -> list[Any]:
    verdict = verdict_word(one.verdict, lang) if one.verdict else ""
    number: Any = int(one.number) if one.number.isdecimal() else one.number
    return [number, one.kind, one.author, one.organisation, one.about, one.objects, one.text, "", verdict, one.reply,
            one.decided_by, one.decided_on]  # fmt: skip


def _before(one: Opinion) -> str:
    return f"{one.verdict}|{one.reply}"


def _put_picture(page: Any, one: Opinion, row: int) -> None:
    from openpyxl.drawing.image import Image
    from openpyxl.utils import get_column_letter

    small = thumbnail(one.picture, 2 * _PICTURE_PX[0])
    if not small:
        return
    picture = Image(io.BytesIO(small))
    scale = min(_PICTURE_PX[0] / picture.width, _PICTURE_PX[1] / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    at = 3 + [name for name, _ in _COLUMNS].index("picture")
    page.add_image(picture, f"{get_column_letter(at)}{row}")
    page.row_dimensions[row].height = max(_ROW_PT, 15 * (1 + len(one.text) // 22))


# --- reading ----------------------------------------------------------------------------------------------------------


def read_table(path: Path) -> list[Typed]:
    """Read the rows of a table of decisions back.

    Raises
    ------
    UserError
        ``io.missing``, ``opinions.no_table``, ``io.damaged``.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError("io.missing", file=path.name)
    if path.stat().st_size > _MOST_BYTES:
        raise UserError("opinions.no_table", file=path.name)
    with foreign(path):
        return _read(path)


def _read(path: Path) -> list[Typed]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, SyntaxError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from None
    try:
        for page in book.worksheets:
            page.reset_dimensions()  # some writers state a size that is not true
            rows = list(enumerate(page.iter_rows(values_only=True, max_row=_MOST_ROWS, max_col=40), 1))
            for place, (_, row) in enumerate(rows):
                if (at := _columns(row)) is not None:
                    return list(_typed(rows[place + 1 :], at))
    finally:
        book.close()
    raise UserError("opinions.no_table", file=path.name)


def _columns(row: Sequence[Any]) -> dict[str, int] | None:
    """Return where the columns stand that come back, None for a row that is not the head."""
    heads = {_text(value): at for at, value in enumerate(row) if value is not None}
    if ID not in heads:
        return None
    at = {ID: heads[ID]}
    if BEFORE in heads:
        at[BEFORE] = heads[BEFORE]
    for name in _TYPED:
        found = [heads[head] for lang in LANGUAGES if (head := word(f"opinions.column.{name}", lang)) in heads]
        if found:
            at[name] = found[0]
    return at if {"verdict", "reply"} <= at.keys() else None


def _typed(rows: Sequence[tuple[int, Sequence[Any]]], at: dict[str, int]) -> Iterator[Typed]:
    words = {verdict_word(one, lang).casefold(): one for one in VERDICTS for lang in LANGUAGES}
    words |= {"": "", **{verdict_word("", lang).casefold(): "" for lang in LANGUAGES}}
    for number, row in rows:

        def cell(name: str, row: Sequence[Any] = row) -> str:
            place = at.get(name, -1)
            return _text(row[place]) if 0 <= place < len(row) else ""

        guid, said, reply = cell(ID), cell("verdict"), cell("reply")
        if not guid:
            continue
        verdict = words.get(said.casefold())
        before = cell(BEFORE) if BEFORE in at else None
        yield Typed(number, guid, verdict, reply, cell("decided_by"), before != f"{verdict}|{reply}", before, said)


def _text(value: Any) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
