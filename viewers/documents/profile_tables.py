"""The tables of longitudinal profiles and cross-sections as workbooks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.network.clearance.rules import Rules
from models.network.profile.cross_section import CrossSection
from models.network.profile.longitudinal import LongProfile
from models.store.atomic import replacing
from models.store.whole_files import of_sheets
from resources.words import word
from viewers.documents.findings import finish, head_of
from viewers.sheets.network import cross_section, longitudinal, texts

_Rows = Sequence[Sequence[Any]]


def write_profile(path: Path, profile: LongProfile, range_: str, lang: str, *, synthetic: bool = False) -> None:
    """Write wells, pipes and crossings of a profile, whole or not at all; an unknown level is an empty cell."""
    wells = [
        [texts.station(w.station_m), w.station_m, w.code, w.node_type, _cell(w.rim_m), _source(w.rim_source, lang),
         _cell(w.left_m), _cell(w.right_m), _cell(w.invert_m), _cell(w.depth_m), _cell(w.drop_m), w.x, w.y]
        for w in profile.wells
    ]  # fmt: skip
    spans = [
        [s.code, texts.kind(s.kind, lang), s.material,
         texts.size(s.diameter_mm, s.width_mm, s.section_height_mm, s.is_box, lang), s.start_m, s.end_m, s.length_m,
         _cell(s.left_m), _cell(s.right_m), _cell(s.slope * 1000),
         word("profile.adverse", lang) if s.is_adverse else "",
         _cell(s.wall_m * 1000), _cell(s.cover_m)]
        for s in profile.spans
    ]  # fmt: skip
    crossings = [
        [texts.station(c.station_m), c.code, texts.kind(c.kind, lang), _cell(c.diameter_mm), _cell(c.axis_m),
         _cell(c.axis_m - c.half_height_m), _cell(c.axis_m + c.half_height_m),
         word("profile.above" if c.is_above else "profile.below", lang) if math.isfinite(c.clear_m) else "",
         _cell(c.clear_m), *_limit(c.required_m, c.rule, profile.rules, lang), c.x, c.y]
        for c in profile.crossings
    ]  # fmt: skip
    sheets = {"wells": (_WELLS, wells), "spans": (_SPANS, spans), "crossings": (_CROSSINGS, crossings)}
    _write(path, word("profile.title", lang), range_, lang, sheets, longitudinal.notes_of(profile, lang), synthetic)


def write_section(path: Path, section: CrossSection, range_: str, lang: str, *, synthetic: bool = False) -> None:
    """Write pipes and clear distances of a section, whole or not at all."""
    pipes = [
        [p.code, texts.kind(p.kind, lang), p.material,
         texts.size(p.diameter_mm, p.width_mm, p.section_height_mm, p.is_box, lang), p.offset_m, _cell(p.ground_m),
         _cell(p.bottom_m), _cell(p.cover_m), p.x, p.y]
        for p in section.pipes
    ]  # fmt: skip
    gaps = [
        [*(section.pipes[n].code if n >= 0 else word("profile.strip.buildings", lang) for n in (g.left, g.right)),
         word(f"profile.table.{g.table}", lang), _cell(g.clear_m),
         *_limit(g.required_m, g.rule, section.rules, lang)]
        for g in section.gaps
    ]  # fmt: skip
    sheets = {"pipes": (_PIPES, pipes), "gaps": (_GAPS, gaps)}
    notes = cross_section.notes_of(section, lang)
    _write(path, word("profile.title.section", lang), range_, lang, sheets, notes, synthetic)


_WELLS = ("station", "station_m", "well", "node_type", "ground", "ground_source", "invert_before", "invert_after",
          "bottom", "depth", "drop", "east", "north")  # fmt: skip
_SPANS = ("code", "kind", "material", "section_size", "from_m", "to_m", "length", "invert_before", "invert_after",
          "slope", "remark", "wall", "cover")  # fmt: skip
_CROSSINGS = ("station", "code", "kind", "diameter", "axis", "under", "over", "side", "clear", "required", "clause",
              "certainty", "east", "north")  # fmt: skip
_PIPES = ("code", "kind", "material", "section_size", "offset", "ground", "bottom", "cover", "east", "north")
_GAPS = ("first", "second", "table", "clear", "required", "clause", "certainty")


def _write(
    path: Path, title: str, range_: str, lang: str, sheets: Mapping[str, tuple[Sequence[str], _Rows]],
    notes: Sequence[str], synthetic: bool,
) -> None:  # fmt: skip
    from openpyxl import Workbook

    from models.io.common.workbook_cells import cells

    book = Workbook()
    book.remove(book.active)
    label = word("sheet.synthetic", lang) if synthetic else ""
    for name, (heads, rows) in sheets.items():
        page = book.create_sheet(word(f"profile.sheet.{name}", lang))
        head_of(page, title, "  ·  ".join([range_, *notes]), label, [word(f"profile.row.{one}", lang) for one in heads])
        for row in rows:
            page.append(cells(page, row))
        finish(page, label)
    with replacing(path, of_sheets([page.max_row for page in book.worksheets])) as fresh:
        book.save(fresh)


def _limit(required_m: float, rule: int, rules: Rules, lang: str) -> list[Any]:
    """Return the limit, its clause and how sure it is; where none is settled, that."""
    if rule < 0:
        return [None, "", word("profile.limit_none", lang)]
    row = rules.rows[rule]
    return [_cell(required_m), row.clause, word(f"profile.certainty.{row.certainty}", lang)]


def _cell(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def _source(name: str, lang: str) -> str:
    return word(f"profile.source.{name}", lang) if name else ""
