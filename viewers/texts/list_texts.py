"""The lists of the health check in words: sentences, cells, heads; and cells read back in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.core.value_text import number
from models.health.editions import CheckItem, Edition
from models.health.lists.area_check import AreaCheck
from models.health.lists.columns import COLUMNS, Anything, Column
from models.health.lists.round_trip import Refused
from models.health.lists.rows import LedgerRow, ProblemRow, ProjectRow, is_finding
from models.health.lists.rules import list_rules, never_findings
from models.health.results import IndicatorResult
from models.roles import role_row
from resources.words import LANGUAGES, has, word
from viewers.texts.values import indicator_value

#: Kinds of objects that have a counting word of their own.
_COUNTED = ("building", "buildings", "community", "communities", "road", "roads", "quarter", "parcels")


@dataclass(frozen=True, slots=True)
class ListContext:
    """What the words of lists are made of.

    Parameters
    ----------
    lang : str
    book : Edition
    items : mapping of str to CheckItem
    places : mapping of str to str
        Names of sub-districts by code.
    results : mapping of str to IndicatorResult
    objects : mapping of str to sequence of str
        Names of the objects of a problem by its id, those that are still there.
    kinds : mapping of str to str
        Kind of the objects of a problem.
    today : str
        ISO date.
    """

    lang: str
    book: Edition
    items: Mapping[str, CheckItem]
    places: Mapping[str, str]
    results: Mapping[str, IndicatorResult]
    objects: Mapping[str, Sequence[str]]
    kinds: Mapping[str, str]
    today: str


def objects_by_problem(
    ledger: Sequence[LedgerRow], problems: Sequence[ProblemRow]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the names and the kind of the objects of each problem: of those found, or found last where it is gone."""
    gone = {row.id for row in problems if row.state == "gone"}
    known = {row.id for row in problems}
    names: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for row in ledger:
        problem = row.problem(known)
        if problem and (row.state != "gone" or problem in gone):
            names.setdefault(problem, []).append(row.object_name or row.object_code)
            kinds.setdefault(problem, row.object_kind)
    return names, kinds


def what_text(code: str, item: str, reason: str, context: ListContext) -> str:
    """Return what is wrong: the check item, else the reason, else the name of the indicator."""
    known = context.items.get(item)
    if known is not None:
        return known.title(context.lang)
    if item:
        return item
    if reason and has(f"problem.{reason}"):
        return word(f"problem.{reason}", context.lang)
    own = context.book.indicators.get(code)
    return reason or (own.title(context.lang) if own else code)


def names_text(names: Sequence[str], lang: str) -> str:
    """Return names one after another; of a long list the first, and how many more."""
    shown = int(list_rules()["names"]["shown"])
    text = word("lists.comma", lang).join(names[:shown])
    more = len(names) - shown
    return word("lists.names.more", lang, names=text, more=f"{more:,}") if more > 0 else text


def sentence(row: ProblemRow, context: ListContext) -> str:
    """Return the sentence of a problem: a person's own, else how many objects have what, and which."""
    if row.sentence:
        return row.sentence
    names, lang = context.objects.get(row.id, ()), context.lang
    kind = context.kinds.get(row.id, "")
    form = f"lists.counted.{kind}" if kind in _COUNTED else "lists.counted.other"
    form += ".one" if row.count == 1 else ""
    counted = word(form, lang, count=f"{row.count:,}")
    place = context.places.get(row.district, row.district)
    facts = {"counted": counted, "what": what_text(row.code, row.item, row.reason, context), "place": place,
             "names": names_text(names, lang)}  # fmt: skip
    return word(f"lists.sentence{'.place' if place else ''}{'' if names else '.unnamed'}", lang, **facts)


def indicator_text(code: str, context: ListContext) -> str:
    """Return code and name of an indicator."""
    own = context.book.indicators.get(code)
    return f"{code} {own.title(context.lang)}" if own else code


def head(column: Column, lang: str) -> str:
    """Return the heading of a column."""
    return word(f"lists.column.{column.name}", lang)


def cell(row: Anything, column: Column, context: ListContext) -> Any:
    """Return what a cell says: text, number, or None for nothing."""
    made = _MADE.get(column.name)
    if made is not None and not (isinstance(row, ProjectRow) and column.name in ("place", "name")):
        return made(row, context)
    value = getattr(row, column.name)
    if column.kind == "choice":
        return choice_text(column, value, context.lang)
    if column.kind == "codes":
        return "; ".join(value)
    if column.kind == "whole" and value == 0 and column.name not in ("count",):
        return None
    return value


def cell_text(row: Anything, column: Column, context: ListContext) -> str:
    """Return what a cell says as a text, empty for nothing."""
    value = cell(row, column, context)
    return "" if value is None else str(value)


def choice_text(column: Column, value: str, lang: str) -> str:
    """Return the word of a choice, empty for none."""
    return word(f"lists.{_group(column)}.{value}", lang) if value else ""


def _group(column: Column) -> str:
    """Return under which name the words of a choice stand: yes and no are the same everywhere."""
    if set(column.choices) == {"yes", "no"}:
        return "answer"
    return "project_kind" if column.name == "kind" and "renew" in column.choices else column.name


def value_of(column: Column, text: str) -> Any:
    """Return what a cell says that was written in either language, or by ids; the text itself where it is neither."""
    text = text.strip()
    if column.kind == "choice":
        for choice in column.choices:
            if text.casefold() in {choice, *(choice_text(column, choice, lang).casefold() for lang in LANGUAGES)}:
                return choice
    if column.kind in ("number", "whole"):
        return text.replace(",", "")
    return text


def column_named(kind: str, text: str) -> Column | None:
    """Return the column whose heading a text is, in either language."""
    wanted = text.strip().casefold()
    for column in COLUMNS[kind]:
        if wanted in {column.name, *(head(column, lang).casefold() for lang in LANGUAGES)}:
            return column
    return None


def kind_of_table(tab: str, heads: Sequence[str]) -> str:
    """Return which list a table is, by its tab, else by its heads; empty for none."""
    for kind in COLUMNS:
        if tab.strip().casefold() in {word(f"lists.tab.{kind}", lang).casefold() for lang in LANGUAGES}:
            return kind
    best = max(
        COLUMNS, key=lambda kind: sum(column_named(kind, text) is not None for text in heads) / len(COLUMNS[kind])
    )
    return best if sum(column_named(best, text) is not None for text in heads) >= 3 else ""


def _result(row: LedgerRow | ProblemRow, context: ListContext) -> str:
    result, own = context.results.get(row.code), context.book.indicators.get(row.code)
    if result is None or own is None:
        return ""
    return indicator_value(result.city.value, own.unit_text(context.lang), word("health.no_data", context.lang))


def _object(row: LedgerRow, context: ListContext) -> str:
    return row.object_name or row.object_code


def _finding(row: ProblemRow, context: ListContext) -> str:
    name = "finding" if is_finding(row, never_findings()) else "lead"
    return word(f"lists.finding.{name}", context.lang, agreeing=row.agreeing)


def _overdue(row: ProblemRow, context: ListContext) -> str:
    return word("lists.overdue", context.lang) if row.is_overdue(context.today) else ""


def _state(row: LedgerRow | ProblemRow, context: ListContext) -> str:
    return word(f"lists.state.{row.state}", context.lang)


_MADE: dict[str, Any] = {
    "indicator": lambda row, context: indicator_text(row.code, context),
    "what": lambda row, context: what_text(row.code, row.item, row.reason, context),
    "place": lambda row, context: context.places.get(row.district, row.district),
    "object": _object,
    "result": _result,
    "sentence": sentence,
    "sentence_shown": sentence,
    "finding": _finding,
    "overdue": _overdue,
    "state": _state,
}


def column_text(kind: str, name: str, lang: str) -> str:
    """Return the heading of a column by its name, empty for none."""
    return next((head(one, lang) for one in COLUMNS[kind] if one.name == name), "")


def changed_text(kind: str, name: str, value: Any, lang: str) -> str:
    """Return a value that changes, or would, as its cell says it."""
    column = next(one for one in COLUMNS[kind] if one.name == name)
    if column.kind == "choice":
        return choice_text(column, value, lang)
    if column.kind == "codes":
        return "; ".join(value)
    return "" if value is None or (column.kind == "whole" and value == 0) else str(value)


def refused_text(refused: Refused, lang: str) -> str:
    """Return why a row of a table is not taken over."""
    return word(f"lists.refused.{refused.reason}", lang, line=refused.line)


def area_text(square_metres: float) -> str:
    """Return an area in hectares."""
    return f"{number(square_metres / 1e4, 2)} ha"


def area_rows(area: AreaCheck, lang: str) -> list[list[str]]:
    """Return the check of a renewal area as a table, heads first."""
    least = area_text(area.least_area_m2)
    key = "lists.area.least" if area.is_large_enough else "lists.area.too_small"
    rows = [
        [word(f"lists.area.head.{name}", lang) for name in ("set", "counted", "missing")],
        [word("lists.area.size", lang), area_text(area.area_m2), word(key, lang, least=least)],
    ]
    for one in area.sets:
        counted = []
        for part in one.counted:
            role = word(role_row(part.role).word, lang)
            form = "lists.area.count_area" if part.area_m2 else "lists.area.count"
            counted.append(word(form, lang, role=role, count=f"{part.count:,}", area=area_text(part.area_m2)))
        missing = word("lists.comma", lang).join(word(role_row(role).word, lang) for role in one.missing)
        rows.append([word(f"lists.area.set.{one.id}", lang), word("lists.comma", lang).join(counted), missing])
    return rows
