"""What the panel of two years shows: columns, cells, colours. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.window.features.health.list_values import HEAD_PX, Shown
from models.core.value_text import number
from viewers.texts import year_texts
from viewers.widgets.health.list_table import NOTHING, TableColumn, table_rows

if TYPE_CHECKING:
    from app.session import Session
    from models.health.years.comparing import Comparison, IndicatorChange, ValueChange

__all__ = ["NARROWED_BY", "NOTHING", "Shown", "shown_years"]

#: Columns with their widths in pixels, and by which of them a table can be narrowed.
COLUMNS = {
    "indicators": (("indicator", 250), ("before", 100), ("now", 100), ("change", 90), ("verdict", 96),
                   ("grade", 150), ("note", 260)),
    "units": (("indicator", 230), ("place", 130), ("level", 96), ("before", 96), ("now", 96), ("change", 90),
              ("verdict", 96), ("grade", 150)),
    "problems": (("indicator", 230), ("fate", 190), ("reason", 170), ("object", 120), ("name", 150),
                 ("district", 110), ("loss", 80)),
    "layers": (("layer", 150), ("role", 120), ("rows_before", 84), ("rows_now", 84), ("what", 230), ("fields", 320)),
}  # fmt: skip
NARROWED_BY = {"indicators": "verdict", "units": "verdict", "problems": "fate", "layers": "what"}
#: Colour of whole rows of which nothing can be said; others have one of their own only where they say what became.
_QUIET = "text_faint"
_NUMBERS = frozenset({"before", "now", "change", "loss", "rows_before", "rows_now"})


def shown_years(session: Session, comparison: Comparison, kind: str) -> Shown:
    """Return one of the tables of a comparison; an id leads back to its place."""
    lang = session.lang
    columns = tuple(
        TableColumn(name, head, max(width, _width(head)), is_number=name in _NUMBERS)
        for name, width in COLUMNS[kind]
        for head in (_head(session, comparison, name),)
    )
    ids, cells, tints = _ROWS[kind](comparison, lang)
    at = next(at for at, one in enumerate(columns) if one.name == NARROWED_BY[kind])
    narrowed = tuple(dict.fromkeys(str(row[at]) for row in cells if row[at])) if kind != "layers" else ()
    quiet = {name: tint for name, tint in tints.items() if tint == _QUIET}
    accents = {
        (name, column): tint
        for name, tint in tints.items() if tint != _QUIET for column in ("change", "verdict", "fate")
    }  # fmt: skip
    return Shown(
        columns, table_rows(ids, cells, columns, quiet, accents=accents), _total(session, comparison, kind), narrowed
    )


def _head(session: Session, comparison: Comparison, name: str) -> str:
    """Return the heading of a column; the years of values stand in theirs."""
    if name in ("before", "now"):
        return str(getattr(comparison, name).year)
    return session.word(f"year.column.{name}")


def _width(head: str) -> int:
    return sum(13 if ord(sign) > 0x2E80 else 7 for sign in head) + HEAD_PX


def _total(session: Session, comparison: Comparison, kind: str) -> str:
    lang = session.lang
    if kind in ("indicators", "units"):
        parts = [year_texts.summary_text(comparison, lang), year_texts.rectified_text(comparison, lang)]
    elif comparison.is_other_city:
        parts = [session.word("year.other_city")]
    elif kind == "problems":
        parts = [year_texts.fates_text(comparison, lang), year_texts.rectified_text(comparison, lang)]
    else:
        changed = sum(one.state != "same" for one in comparison.layers)
        parts = [session.word("year.layers_total", changed=changed, count=len(comparison.layers))]
    return "    ".join(part for part in parts if part)


_Rows = tuple[list[str], list[list[Any]], dict[str, str]]


def _name(one: IndicatorChange, lang: str) -> str:
    return f"{one.code.removeprefix('HC')} {one.title(lang)}"


def _figures(one: IndicatorChange, value: ValueChange, lang: str) -> list[str]:
    unit = year_texts.unit_of(one, lang)
    return [year_texts.value_text(value.before, unit, lang), year_texts.value_text(value.now, unit, lang),
            year_texts.change_text(value.change, unit), year_texts.verdict_text(value, lang)]  # fmt: skip


def _indicators(comparison: Comparison, lang: str) -> _Rows:
    rows = [
        [_name(one, lang), *_figures(one, one.city, lang), year_texts.grade_text(one.city, lang),
         year_texts.note_text(one, lang)]
        for one in comparison.indicators
    ]  # fmt: skip
    tints = {one.code: tint for one in comparison.indicators if (tint := year_texts.TINTS.get(one.city.verdict))}
    return [one.code for one in comparison.indicators], rows, tints


def _units(comparison: Comparison, lang: str) -> _Rows:
    ids, rows, tints = [], [], {}
    for one in comparison.indicators:
        for at, value in enumerate(one.units):
            name = f"{one.code}|{at}"
            ids.append(name)
            first, *rest = _figures(one, value, lang)
            level = year_texts.level_text(value.unit.level, lang)
            rows.append([_name(one, lang), value.unit.title(lang), level, first, *rest,
                         year_texts.grade_text(value, lang)])  # fmt: skip
            if tint := year_texts.TINTS.get(value.verdict):
                tints[name] = tint
    return ids, rows, tints


def _problems(comparison: Comparison, lang: str) -> _Rows:
    names = {one.code: _name(one, lang) for one in comparison.indicators}
    places = {
        unit.unit.code: unit.unit.title(lang)
        for one in comparison.indicators for unit in one.units if unit.unit.level == "district"
    }  # fmt: skip
    rows = [
        [names.get(one.problem.indicator, one.problem.indicator), year_texts.fate_text(one, lang),
         year_texts.reason_text(one, lang), one.problem.object, one.problem.title(lang),
         places.get(one.problem.district, one.problem.district),
         "" if one.problem.loss is None else number(one.problem.loss, trimmed=True)]
        for one in comparison.problems
    ]  # fmt: skip
    tints = {str(at): tint for at, one in enumerate(comparison.problems) if (tint := year_texts.TINTS.get(one.fate))}
    return [str(at) for at in range(len(rows))], rows, tints


def _layers(comparison: Comparison, lang: str) -> _Rows:
    rows = [
        [one.layer.title(lang), year_texts.role_text(one.layer.role, lang),
         "" if one.before is None else number(one.before.count, 0), "" if one.now is None else number(one.now.count, 0),
         year_texts.layer_text(one, lang), year_texts.fields_text(one, lang)]
        for one in comparison.layers
    ]  # fmt: skip
    tints = {str(at): "text_faint" for at, one in enumerate(comparison.layers) if one.state == "same"}
    return [str(at) for at in range(len(rows))], rows, tints


_ROWS = {"indicators": _indicators, "units": _units, "problems": _problems, "layers": _layers}
