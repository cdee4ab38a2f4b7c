"""Two years held against each other as a workbook: indicators, units, problems, rectification, data underneath."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.health.years.comparing import Comparison
from models.health.years.record import YearRecord
from resources.words import word
from viewers.documents.plain_sheets import PlainSheet, write_sheets
from viewers.texts import year_texts


def write_comparison(path: Path, comparison: Comparison, lang: str) -> None:
    """Write a comparison as ``.xlsx``, or its indicators as ``.csv``; whole or not at all.

    Raises
    ------
    UserError
        ``table.bad_suffix``, or what :func:`models.store.atomic.replacing` raises.
    """
    write_sheets(path, sheets_of(comparison, lang))


def sheets_of(comparison: Comparison, lang: str) -> list[PlainSheet]:
    """Return the sheets of a comparison."""
    before, now = comparison.before, comparison.now
    about = word("sheet.comma", lang).join(_about(one, lang) for one in (before, now))
    title = word("year.title", lang, before=year_texts.record_text(before, lang),
                 now=year_texts.record_text(now, lang))  # fmt: skip

    def sheet(name: str, heads: list[str], rows: list[list[Any]]) -> PlainSheet:
        named = [word(f"year.column.{head}", lang) for head in heads]
        return PlainSheet(word(f"year.tab.{name}", lang), title, about, named, rows)

    return [
        sheet("indicators", ["indicator", "name", "before", "now", "change", "unit", "verdict", "grade", "note"],
              _indicators(comparison, lang)),
        sheet("units", ["indicator", "name", "place", "level", "before", "now", "change", "unit", "verdict", "grade"],
              _units(comparison, lang)),
        sheet("problems", ["indicator", "fate", "reason", "object", "name", "district", "loss"],
              _problems(comparison, lang)),
        sheet("rectified", ["effort", "done", "due", "percent"], _rectified(comparison, lang)),
        sheet("layers", ["layer", "role", "rows_before", "rows_now", "what", "fields"], _layers(comparison, lang)),
    ]  # fmt: skip


def _about(record: YearRecord, lang: str) -> str:
    label = word("year.about", lang, record=year_texts.record_text(record, lang), edition=record.edition,
                 made_at=record.made_at[:10] or "—", program=record.program or "—")  # fmt: skip
    return f"{label} · {word('sheet.synthetic', lang)}" if record.synthetic else label


def _pair(one: Any) -> list[float | None]:
    return [None if value is None else value.value for value in (one.before, one.now)]


def _indicators(comparison: Comparison, lang: str) -> list[list[Any]]:
    return [
        [one.code, one.title(lang), *_pair(one.city), one.city.change, year_texts.unit_of(one, lang),
         year_texts.verdict_text(one.city, lang), year_texts.grade_text(one.city, lang),
         year_texts.note_text(one, lang)]
        for one in comparison.indicators
    ]  # fmt: skip


def _units(comparison: Comparison, lang: str) -> list[list[Any]]:
    return [
        [one.code, one.title(lang), unit.unit.title(lang), word(f"year.level.{unit.unit.level}", lang), *_pair(unit),
         unit.change, year_texts.unit_of(one, lang), year_texts.verdict_text(unit, lang),
         year_texts.grade_text(unit, lang)]
        for one in comparison.indicators for unit in one.units
    ]  # fmt: skip


def _problems(comparison: Comparison, lang: str) -> list[list[Any]]:
    return [
        [one.problem.indicator, year_texts.fate_text(one, lang), year_texts.reason_text(one, lang), one.problem.object,
         one.problem.title(lang), one.problem.district, one.problem.loss]
        for one in comparison.problems
    ]  # fmt: skip


def _rectified(comparison: Comparison, lang: str) -> list[list[Any]]:
    found = comparison.rectified
    if found is None:
        return []
    shares = (("all", found.all), ("limited", found.limited), ("best_effort", found.best_effort),
              ("unsorted", found.unsorted))  # fmt: skip
    return [[word(f"year.effort.{name}", lang), share.done, share.due, share.percent] for name, share in shares]


def _layers(comparison: Comparison, lang: str) -> list[list[Any]]:
    return [
        [one.layer.title(lang), year_texts.role_text(one.layer.role, lang),
         None if one.before is None else one.before.count, None if one.now is None else one.now.count,
         year_texts.layer_text(one, lang), year_texts.fields_text(one, lang)]
        for one in comparison.layers
    ]  # fmt: skip
