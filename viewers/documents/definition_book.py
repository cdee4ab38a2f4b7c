"""Definitions of indicators as a workbook that comes back: indicators, benchmarks and check items, a sheet each.

What a workbook cannot hold (readings, methods, parameters) stays as it is when it comes back; a template has it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from models.core.errors import UserError, first_line
from models.health.definitions.template import MOST_BYTES, Template
from models.health.editions import EditionTables
from models.health.partition import yes_or_no
from models.io.common.archives import members
from resources.words import word
from viewers.documents.plain_sheets import PlainSheet, write_sheets

#: Columns of the sheet of indicators, by key of the row.
FIELDS = (
    "code", "number", "name", "name_en", "dimension", "aspect", "aspect_en", "section", "section_en", "unit", "unit_en",
    "direction", "form", "extent", "kind", "formula", "formula_en", "numerator", "numerator_en", "denominator",
    "denominator_en", "expression", "source", "department", "department_en", "evidence", "evidence_en",
    "evidence_grade", "questions", "origin", "hidden",
)  # fmt: skip
BENCHMARKS = ("code", "value", "op", "zh", "en", "source", "uncertain", "applies")
ITEMS = ("code", "id", "zh", "en", "severity", "prevalence", "urgency", "source")
#: Keys that hold several texts in one cell.
_LISTS = ("evidence", "evidence_en", "questions")
_SHEETS: Mapping[str, Sequence[str]] = {"indicators": FIELDS, "benchmarks": BENCHMARKS, "items": ITEMS}
_MOST_ROWS = 20_000


def write_definition_book(path: Path, tables: EditionTables, lang: str, codes: Sequence[str] = ()) -> None:
    """Write definitions as a workbook, whole or not at all.

    Raises
    ------
    UserError
        See :func:`viewers.documents.plain_sheets.write_sheets`.
    """
    rows = [row for code, row in tables.rows.items() if not codes or code in codes]
    own = tables.about["edition"]
    about = f"{own['name'] if lang == 'zh' else own['name_en']} · {own['source']}"
    found: dict[str, list[list[Any]]] = {
        "indicators": [[_cell(row, key) for key in FIELDS] for row in rows],
        "benchmarks": [
            [row["code"], *(_cell(rule, key) for key in BENCHMARKS[1:])]
            for row in rows
            for rule in row.get("benchmark", ())
        ],
        "items": [
            [row["code"], *(item.get(key) for key in ITEMS[1:])] for row in rows for item in row.get("check_items", ())
        ],
    }
    sheets = [
        PlainSheet(
            word(f"health.definition.sheet.{name}", lang),
            word(f"health.definition.sheet.{name}", lang),
            about,
            [_head(name, key, lang) for key in keys],
            found[name],
        )
        for name, keys in _SHEETS.items()
    ]
    write_sheets(path, sheets)


def read_definition_book(path: Path) -> Template:
    """Return what a workbook of definitions says; sheets and columns are known by their heads in either language.

    Raises
    ------
    UserError
        ``health.template_damaged`` with the reason, ``io.not_what_it_says``, ``io.damaged``.
    """
    import openpyxl

    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("health.template_damaged", file=path.name, reason=f"> {MOST_BYTES} B")
    except OSError as error:
        raise UserError("health.template_damaged", file=path.name, reason=first_line(error)) from None
    if not any(name.startswith("xl/") for name in members(path)):
        raise UserError("io.not_what_it_says", file=path.name, suffix=path.suffix)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        pages = {page.title: [list(row) for row in _bounded(page)] for page in book.worksheets}
        book.close()
    except (ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile, EOFError, SyntaxError) as error:
        raise UserError("io.damaged", file=path.name, reason=first_line(error)) from None
    parts = {name: _rows_of(name, pages) for name in _SHEETS}
    if not parts["indicators"]:
        raise UserError("health.template_damaged", file=path.name, reason="code")
    rows = {str(row["code"]): _row(row) for row in parts["indicators"] if row.get("code")}
    for row in parts["benchmarks"]:
        if (own := rows.get(str(row.get("code")))) is not None:
            own.setdefault("benchmark", []).append(_benchmark(row))
    for row in parts["items"]:
        if (own := rows.get(str(row.get("code")))) is not None:
            item = {key: _text(row.get(key)) for key in ("id", "zh", "en", "source") if row.get(key) is not None}
            numbers = {
                key: _whole(row[key]) for key in ("severity", "prevalence", "urgency") if row.get(key) is not None
            }
            own.setdefault("check_items", []).append(item | numbers)
    for row in rows.values():
        row.setdefault("benchmark", [])
    return Template(list(rows.values()))


def _bounded(page: Any) -> Iterator[tuple[Any, ...]]:
    page.reset_dimensions()  # some writers state a size that is not true
    yield from page.iter_rows(values_only=True, max_row=_MOST_ROWS, max_col=60)


def _head(sheet: str, key: str, lang: str) -> str:
    name = key if sheet == "indicators" or key == "code" else f"{sheet}.{key}"
    return word(f"health.definition.field.{name}", lang)


def _rows_of(sheet: str, pages: Mapping[str, list[list[Any]]]) -> list[dict[str, Any]]:
    """Return the rows below the heads of a sheet, by key; empty where no page has such heads."""
    heads = {_head(sheet, key, lang).casefold(): key for key in _SHEETS[sheet] for lang in ("zh", "en")}
    titles = {word(f"health.definition.sheet.{sheet}", lang) for lang in ("zh", "en")}
    ordered = sorted(pages.items(), key=lambda one: one[0] not in titles)
    for _, rows in ordered[: 1 if ordered and ordered[0][0] in titles else None]:
        for at, row in enumerate(rows[:10]):
            keys = [heads.get(str(cell).strip().casefold()) if cell is not None else None for cell in row]
            if "code" in keys and sum(key is not None for key in keys) >= 3:
                return [
                    {key: cell for key, cell in zip(keys, cells, strict=False) if key is not None}
                    for cells in rows[at + 1 :]
                    if any(cell is not None for cell in cells)
                ]
    return []


def _cell(row: Mapping[str, Any], key: str) -> Any:
    if key == "expression":
        return row.get("parameters", {}).get("expression") if row.get("method") == "formula" else None
    value = row.get(key)
    if isinstance(value, list | tuple):
        return "；".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}={','.join(classes)}" for name, classes in value.items())
    return value


def _row(cells: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in cells.items():
        if value is None:
            continue
        if key in _LISTS:
            made[key] = [one.strip() for one in _text(value).replace(";", "；").split("；") if one.strip()]
        elif key == "number":
            made[key] = _whole(value)
        elif key == "hidden":
            made[key] = _is_yes(value)
        elif key == "expression":
            made |= {"method": "formula", "parameters": {"expression": _text(value)}}
        else:
            made[key] = _text(value)
    return made


def _benchmark(row: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {key: _text(row.get(key)) for key in ("zh", "en", "source")}
    made["en"] = made["en"] or made["zh"]
    value = row.get("value")
    made["value"] = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else _number(value)
    made["op"] = {"≥": ">=", "≤": "<="}.get(_text(row.get("op")), _text(row.get("op")))
    made["uncertain"] = _is_yes(row.get("uncertain"))
    if applies := _text(row.get("applies")):
        pairs = [part.partition("=") for part in applies.split(";") if "=" in part]
        made["applies"] = {name.strip(): [one.strip() for one in said.split(",")] for name, _, said in pairs}
    return made


def _is_yes(value: Any) -> bool:
    return bool(yes_or_no(pd.Series([_text(value)])).fillna(False).iloc[0])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _number(value: Any) -> float | str:
    try:
        return float(str(value))
    except ValueError:
        return str(value)


def _whole(value: Any) -> Any:
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else value
