"""A check's report as a workbook or as JSON: what was asked, how it ended, and every finding with its GUIDs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.checks.findings import Finding, Report
from models.core.errors import UserError
from models.core.progress import Progress
from models.store.atomic import replacing, write_text
from models.store.whole_files import of_sheets
from resources.words import word
from viewers.documents import paper
from viewers.texts import finding_texts as texts
from viewers.texts.values import compared_value

_GROUP_HEADS = ("requirement", "status", "applicable", "passed", "failed", "unknown")
_FINDING_HEADS = ("number", "severity", "group", "problem", "element", "class", "guid", "model", "element_2", "class_2",
                  "guid_2", "model_2", "distance", "east", "north", "height", "detail")  # fmt: skip
_CHANGE_HEADS = ("element", "class", "guid", "change", "field", "old", "new")
#: Further columns of clear distances.
_CLEARANCE_HEADS = ("required", "clause", "certainty", "source")
#: First row of the column heads; above it title, source line and label.
_HEAD_ROW = 4
_INK, _ACCENT, _GREY, _LABEL = "1D2A31", "24475C", "9AA5AB", "B45F06"
#: What a sheet of a workbook holds at the most, less the head.
_MAX_ROWS = 1_048_000


def write_report(path: Path, report: Report, lang: str, *, synthetic: bool = False) -> None:
    """Write a report, whole or not at all.

    Parameters
    ----------
    path : Path
        ``.xlsx`` or ``.json``.
    report : Report
    lang : str
    synthetic : bool
        Whether a model of it was made by a generator; stated on every sheet.

    Raises
    ------
    UserError
        ``checks.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".json":
        text = json.dumps(report.as_dict() | {"synthetic": synthetic}, ensure_ascii=False, indent=1, default=str)
        write_text(Path(path), text)
    elif suffix == ".xlsx":
        _write_book(Path(path), report, lang, synthetic)
    else:
        raise UserError("checks.bad_suffix", file=Path(path).name)


def write_places(
    path: Path, report: Report, crs: str, lang: str, progress: Progress, *, synthetic: bool = False
) -> None:
    """Write the findings that have a place as points, with what is said of them; whole or not at all.

    Raises
    ------
    UserError
        ``export.nothing`` where no finding has a place.
    """
    import geopandas as gpd
    import shapely

    from models.io.format import WriteRequest
    from models.io.vector.write_features import write_features

    placed = [finding for finding in report.findings if finding.point is not None]
    titles = {group.id: texts.group_title(group, lang) for group in report.groups}
    rows = [
        {"severity": one.severity, "code": one.code, "pair": titles.get(one.group, one.group),
         "problem": texts.sentence(one, lang), "first": texts.title(replace(one, parties=one.parties[:1]), lang),
         "second": texts.party_text(one.parties[1], lang) if len(one.parties) > 1 else "",
         "distance_m": one.facts.get("distance_m"), "required_m": one.facts.get("required_m"),
         "clause": one.facts.get("clause"), "certainty": one.facts.get("certainty")}
        for one in placed
    ]  # fmt: skip
    points = shapely.points([one.point for one in placed]) if placed else []
    frame = gpd.GeoDataFrame(rows, geometry=list(points), crs=crs or None)
    write_features(
        path, frame, WriteRequest(report.kind, word(f"finding.kind.{report.kind}", lang), synthetic), progress
    )


def _write_book(path: Path, report: Report, lang: str, synthetic: bool) -> None:
    from openpyxl import Workbook

    from models.io.common.workbook_cells import cells

    book = Workbook()
    book.remove(book.active)
    about = "  ·  ".join([
        *(name for _, name in report.models), str(report.facts.get("ids") or ""),
        word("report.made", lang, date=report.made_at[:10]),
        ", ".join(f"{name} {number}" for name, number in report.tools.items()),
    ])  # fmt: skip
    label = word("sheet.synthetic", lang) if synthetic else ""

    def sheet(name: str, heads: Sequence[str]) -> Any:
        page = book.create_sheet(word(f"finding.tab.{name}", lang))
        head_of(page, word(f"finding.kind.{report.kind}", lang), about, label,
              [word(f"finding.head.{head}", lang) for head in heads])  # fmt: skip
        return page

    groups = sheet("summary", _GROUP_HEADS)
    groups.append(cells(groups, [texts.summary(report, lang)]))
    for caution in texts.cautions(report, lang):
        groups.append(cells(groups, [caution]))
    depth: dict[str, int] = {}
    for group in report.groups:
        depth[group.id] = depth.get(group.parent, -1) + 1
        groups.append(cells(groups, [
            "    " * depth[group.id] + texts.group_title(group, lang), texts.status_text(group.status, lang),
            *(group.counts.get(name) for name in ("applicable", "passed", "failed", "unknown")),
        ]))  # fmt: skip
    titles = {group.id: texts.group_title(group, lang) for group in report.groups}
    is_clearance = report.kind == "clearance"
    found = sheet("findings", _FINDING_HEADS + (_CLEARANCE_HEADS if is_clearance else ()))
    for number, finding in enumerate(report.findings[:_MAX_ROWS], 1):
        more = _limit_of(finding, lang) if is_clearance else []
        found.append(cells(found, _finding_row(number, finding, titles, lang) + more))
    if report.kind == "diff":
        changes = sheet("changes", _CHANGE_HEADS)
        for row in _change_rows(report.findings, lang):
            changes.append(cells(changes, row))
    for page in book.worksheets:
        finish(page, label)
    with replacing(path, of_sheets([page.max_row for page in book.worksheets])) as fresh:
        book.save(fresh)


def _finding_row(number: int, finding: Finding, titles: dict[str, str], lang: str) -> list[Any]:
    sides: list[Any] = []
    for at in range(2):
        party = finding.parties[at] if len(finding.parties) > at else None
        sides += ["", "", "", ""] if party is None else [
            party.name, texts.class_text(party.ifc_class, lang), party.guid, party.model
        ]  # fmt: skip
    point = [round(value, 3) for value in finding.point] if finding.point else [None] * 3
    return [
        number, word(f"finding.severity.{finding.severity}", lang), titles.get(finding.group, finding.group),
        texts.sentence(finding, lang), *sides, finding.facts.get("distance_m"), *point, finding.facts.get("detail"),
    ]  # fmt: skip


def _limit_of(finding: Finding, lang: str) -> list[Any]:
    """Return the limit of a clear distance, its clause, how sure it is and where that is from."""
    facts = finding.facts
    certainty = facts.get("certainty")
    return [
        facts.get("required_m"), facts.get("clause", ""),
        word(f"profile.certainty.{certainty}", lang) if certainty else "", facts.get("source", ""),
    ]  # fmt: skip


def _change_rows(findings: Iterable[Finding], lang: str) -> Iterable[list[Any]]:
    for finding in findings:
        party = finding.parties[0]
        for aspect, field, old, new in finding.facts.get("changes", ()):
            yield [
                party.name, party.ifc_class, party.guid, word(f"finding.aspect.{aspect}", lang),
                texts.field_text(field, lang), compared_value(old, lang), compared_value(new, lang),
            ]  # fmt: skip


def head_of(page: Any, title: str, about: str, label: str, heads: list[str]) -> None:
    """Write title, where it is from, the label of synthetic data and the heads of the columns."""
    from openpyxl.styles import Alignment, Font, PatternFill

    from models.io.common.workbook_cells import cells

    for row in ([title], [about], [label], heads):
        page.append(cells(page, row))
    page["A1"].font = Font(bold=True, size=14, color=_INK)
    page["A2"].font = Font(size=9, color=_GREY)
    page["A3"].font = Font(bold=True, color=_LABEL)
    for cell in page[_HEAD_ROW]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_ACCENT)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
    page.freeze_panes = f"A{_HEAD_ROW + 1}"


def finish(page: Any, label: str) -> None:
    """Set widths, filter and print set-up; widths count a Chinese character as two."""
    from openpyxl.utils import get_column_letter

    for position, column in enumerate(page.iter_cols(min_row=_HEAD_ROW, max_row=min(page.max_row, 300)), 1):
        cells = ["" if cell.value is None else str(cell.value) for cell in column]
        width = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in cells)
        page.column_dimensions[get_column_letter(position)].width = min(max(width + 2, 9), 58)
    page.auto_filter.ref = f"A{_HEAD_ROW}:{get_column_letter(page.max_column)}{page.max_row}"
    paper.lay_out(page)
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    page.oddFooter.center.text = label
    page.oddFooter.right.text = "&P / &N"
