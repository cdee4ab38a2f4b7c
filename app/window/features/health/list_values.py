"""What the panels of lists and of judging show, made from what the project keeps: columns, cells, colours. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.session import Session
from app.usecases.health import judging, lists
from models.health.judging.rules import GRADES
from models.health.lists.columns import COLUMNS, Column
from models.health.lists.rows import LedgerRow, ProblemRow
from viewers.texts import judging_texts, list_texts
from viewers.texts.values import indicator_value, without_common_ending
from viewers.widgets.health.list_table import TableColumn, TableRows, table_rows

#: Widths in pixels; what is not named is as wide as its kind asks.
_WIDTHS = {
    "indicator": 160, "sentence": 300, "sentence_shown": 300, "what": 220, "item": 220, "advice": 180,
    "content": 220, "object": 130, "name": 150, "place": 88, "result": 76, "found": 76, "count": 64, "looked_at": 64,
    "severity": 64, "prevalence": 64, "urgency": 64, "priority": 64, "status": 84, "kind": 96, "finding": 84,
    "by_indicator": 76, "by_place": 76, "by_residents": 76, "by_site": 110, "problems": 170, "photo": 110,
    "photo_after": 110,
}  # fmt: skip
#: A heading needs so much beside its text.
HEAD_PX = 24
#: By the values of which column a list can be narrowed.
NARROWED_BY = {"survey": "place", "ledger": "state", "problems": "finding", "suggestions": "status", "projects": "kind"}


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One list as the panel shows it."""

    columns: tuple[TableColumn, ...]
    rows: TableRows
    total: str
    narrowed: tuple[str, ...]


def shown_list(session: Session, kind: str, dimension: str) -> Shown:
    """Return a list as the panel shows it."""
    rows = lists.rows_of(session, kind, dimension)
    cells = lists.cells_of(session, kind, rows)
    at_id = next(at for at, column in enumerate(COLUMNS[kind]) if column.name == "id")
    columns = tuple(_column(column, session.lang) for column in COLUMNS[kind] if column.name != "id")
    plain = [[cell for at, cell in enumerate(line) if at != at_id] for line in cells]
    place = next((at for at, column in enumerate(columns) if column.name == "place"), -1)
    if place >= 0 and kind != "projects":
        short = without_common_ending([str(line[place] or "") for line in plain])
        plain = [[short.get(cell, cell) if at == place else cell for at, cell in enumerate(line)] for line in plain]
    tints = {row.id: tint for row in rows if (tint := _tint(row))}
    held = table_rows([row.id for row in rows], plain, columns, tints)
    at = next(at for at, column in enumerate(columns) if column.name == NARROWED_BY[kind])
    narrowed = tuple(dict.fromkeys(str(line[at]) for line in plain if line[at]))
    return Shown(columns, held, _total(session, kind, rows), narrowed if len(narrowed) > 1 else ())


def _column(column: Column, lang: str) -> TableColumn:
    choices: tuple[tuple[str, str], ...] = ()
    if column.kind == "choice":
        choices = tuple((one, list_texts.choice_text(column, one, lang)) for one in column.choices)
        choices = choices if column.name == "status" else (("", ""), *choices)
    elif column.kind == "whole" and column.is_editable and column.high <= 9:
        choices = (("", ""), *((f"{n}", f"{n}") for n in range(int(column.low), int(column.high) + 1)))
    asks = "2026-12-31" if column.kind == "date" else ""
    text = list_texts.head(column, lang)
    width = max(_WIDTHS.get(column.name, 96), text_px(text) + HEAD_PX)
    return TableColumn(
        column.name, text, width, choices, column.is_editable,
        column.kind in ("whole", "number"), asks,
    )  # fmt: skip


def text_px(text: str) -> int:
    """Return about how wide a text is: a Chinese character counts as two."""
    return sum(14 if ord(sign) > 0x2E80 else 8 for sign in text)


def _tint(row: Any) -> str:
    if isinstance(row, ProblemRow) and row.is_overdue(lists.today()):
        return "bad"
    if isinstance(row, (ProblemRow, LedgerRow)) and (row.state == "gone" or row.status == "closed"):
        return "text_faint"
    return ""


def _total(session: Session, kind: str, rows: Sequence[Any]) -> str:
    """Return the line below a list."""
    word = session.word
    parts = [word("lists.total.rows", count=f"{len(rows):,}")]
    if kind in ("problems", "suggestions"):
        late = sum(row.is_overdue(lists.today()) for row in rows)
        limited = sum(row.kind == "limited" for row in rows)
        parts.append(word("lists.total.limited", count=f"{limited:,}"))
        if late:
            parts.append(word("lists.total.late", count=f"{late:,}"))
        share = lists.rectified(session).all
        if share.percent is not None:
            parts.append(word("lists.total.rectified", done=share.done, due=share.due, share=f"{share.percent:.1f}"))
    elif kind == "projects":
        costs = [row.cost_wan for row in rows if row.cost_wan is not None]
        if costs:
            parts.append(word("lists.total.cost", cost=f"{sum(costs):,.1f}", known=len(costs)))
    elif kind == "ledger":
        closed = sum(row.status == "closed" for row in rows)
        parts.append(word("lists.total.closed", count=f"{closed:,}"))
    return " · ".join(parts)


# --- judging ---

JUDGING = ("indicator", "value", "proposed", "why", "decided", "by", "reason")
_JUDGING_WIDTHS = {"indicator": 250, "value": 84, "proposed": 76, "why": 220, "decided": 84, "by": 76, "reason": 200}


def shown_judging(session: Session, dimension: str) -> Shown:
    """Return the indicators as the panel of judging shows them."""
    word, lang = session.word, session.lang
    none = word("health.no_data")
    rows = [row for row in judging.judging_rows(session) if not dimension or row["dimension"] == dimension]
    offered = judging.proposals(session)
    choices = (("", ""), *((grade, judging_texts.grade_text(grade, lang)) for grade in GRADES))
    columns = tuple(
        TableColumn(name, word(f"judging.column.{name}"), _JUDGING_WIDTHS[name], choices if name == "decided" else (),
                    name in ("decided", "reason"), name == "value")
        for name in JUDGING
    )  # fmt: skip
    cells, tips = [], {}
    for row in rows:
        older = f" {word('judging.older')}" if row["stands_on_older"] else ""
        cells.append(
            [
                f"{row['indicator']} {row['name']}", indicator_value(row["value"], row["unit"], none),
                judging_texts.grade_text(row["proposed"], lang), judging_texts.short_reason(row, lang),
                judging_texts.grade_text(row["decided"], lang), row["by"] + older, row["why"],
            ]
        )  # fmt: skip
        tips[row["indicator"], "why"] = judging_texts.why_text(offered[row["indicator"]], row["unit"], lang)
    tints = {row["indicator"]: "warn" for row in rows if row["stands_on_older"]}
    held = table_rows([row["indicator"] for row in rows], cells, columns, tints, tips)
    decided = sum(bool(row["decided"]) for row in rows)
    total = word("judging.total", count=len(rows), decided=decided, older=len(tints))
    proposed = tuple(dict.fromkeys(line[2] for line in cells if line[2]))
    return Shown(columns, held, total, proposed)
