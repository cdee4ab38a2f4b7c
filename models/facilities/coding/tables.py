"""Class tables and crosswalks as tables that a person fills in: templates out, filled ones in."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from models.core.errors import UserError
from models.facilities.coding.codes import texts
from models.facilities.coding.editions import ClassTable, Edition, FacilityClass
from models.facilities.coding.migration import Crosswalk, CrosswalkRow, checked_crosswalk
from resources.standards import standard

_YES = ("1", "true", "yes", "y", "是", "√", "✓")
_SIGNS = re.compile(r"[\s_\-./()（）]+")


def heads(table: str, lang: str) -> dict[str, str]:
    """Return how the columns of ``"classes"`` or ``"crosswalk"`` are headed, by name."""
    return {row["name"]: str(row[lang]) for row in _columns(table)}


def class_template(edition: Edition, lang: str) -> pd.DataFrame:
    """Return the class table of an edition as one fills it in; without rows where no class is known."""
    rows = [
        (one.code, one.name, one.name_en, one.group, "是" if one.cover else "", one.symbol)
        for one in edition.classes.values()
    ]
    names = ("code", "name", "name_en", "group", "cover", "symbol")
    return pd.DataFrame(rows, columns=[heads("classes", lang)[name] for name in names], dtype=object)


def crosswalk_template(old: Edition, lang: str) -> pd.DataFrame:
    """Return the classes of an edition with room for what each became."""
    rows = [(one.code, one.title(lang), "", "") for one in old.classes.values()]
    return pd.DataFrame(rows, columns=list(heads("crosswalk", lang).values()), dtype=object)


def class_table_from(rows: pd.DataFrame, edition: Edition, source: str) -> ClassTable:
    """Return the class table that somebody filled in.

    Parameters
    ----------
    rows : DataFrame
        As read from a file, texts.
    edition : Edition
    source : str
        File or document it comes from.

    Raises
    ------
    UserError
        ``facilities.table_column`` (a column is missing), ``facilities.class_code`` (a code has not the digits of the
        edition), ``facilities.class_twice``, ``facilities.table_empty``.
    """
    table = _named(rows, "classes", ("code", "name"), source)
    groups = {code[:2]: (one.group, one.group_en) for code, one in edition.classes.items()}
    found: dict[str, FacilityClass] = {}
    for number, row in enumerate(table.to_dict("records"), start=2):
        code, name = _padded(row["code"], edition), row["name"]
        if not (code or name):
            continue
        if len(code) != edition.class_digits or not (code.isascii() and code.isdigit()) or not name:
            raise UserError("facilities.class_code", file=source, row=number, value=row["code"] or "—",
                            digits=edition.class_digits, edition=edition.standard)  # fmt: skip
        if code in found:
            raise UserError("facilities.class_twice", file=source, row=number, value=code)
        group, group_en = groups.get(code[:2], ("", ""))
        known = edition.classes.get(code)
        found[code] = FacilityClass(
            code, name, row["name_en"], row["group"] or group, group_en if row["group"] in ("", group) else "",
            row["symbol"] or (known.symbol if known else ""), row["cover"].casefold() in _YES,
        )  # fmt: skip
    if not found:
        raise UserError("facilities.table_empty", file=source)
    return ClassTable(edition.id, tuple(found.values()), source)


def crosswalk_from(rows: pd.DataFrame, old: Edition, new: Edition, source: str) -> Crosswalk:
    """Return the crosswalk that somebody filled in.

    Raises
    ------
    UserError
        ``facilities.table_column``, and those of :func:`models.facilities.coding.migration.checked_crosswalk`.
    """
    table = _named(rows, "crosswalk", ("old", "new"), source)
    made = [
        CrosswalkRow(_padded(row["old"], old), _padded(row["new"], new), row["old_name"], row["new_name"])
        for row in table.to_dict("records")
        if row["old"] or row["new"]
    ]
    return checked_crosswalk(made, old, new, source)


def _padded(code: str, edition: Edition) -> str:
    """Return a class code with the leading zero that spreadsheets drop; dashes between its parts taken out."""
    plain = _SIGNS.sub("", code)
    return plain.zfill(edition.class_digits) if plain.isdigit() and len(plain) == edition.class_digits - 1 else plain


def _named(rows: pd.DataFrame, table: str, needed: tuple[str, ...], source: str) -> pd.DataFrame:
    by_head = {_folded(str(column)): column for column in rows.columns}
    made = {}
    for row in _columns(table):
        words = [_folded(word) for word in (row["zh"], row["en"], row["name"], *row["words"])]
        column = next((by_head[word] for word in words if word in by_head), None)
        if column is None and row["name"] in needed:
            raise UserError("facilities.table_column", file=source, column=row["zh"], column_en=row["en"])
        made[row["name"]] = texts(rows[column]) if column is not None else pd.Series("", rows.index)
    return pd.DataFrame(made)


def _folded(head: str) -> str:
    return _SIGNS.sub("", head).casefold()


def _columns(table: str) -> list[dict[str, Any]]:
    return [row for row in standard("code_table_columns")["column"] if row["table"] == table]
