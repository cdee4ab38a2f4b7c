"""Making the lists, and making them again: what is new, what is still there, what is gone; no row is dropped.

A field that a person set (:attr:`~models.health.lists.rows.ProblemRow.edited`) is never touched again. Rows of an
indicator that was not looked at this time stay as they are: no news is not good news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from models.health.editions import CheckItem, Edition
from models.health.lists import rules
from models.health.lists.found import COLUMNS, Found
from models.health.lists.rows import NO, YES, LedgerRow, ProblemRow, problem_id
from models.health.results import IndicatorResult
from models.project.selection import ObjectKey

Row = TypeVar("Row", LedgerRow, ProblemRow)

#: Reason of what nothing but a person lists.
LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Made:
    """The lists as they are now, and what changed.

    Parameters
    ----------
    ledger : tuple of LedgerRow
    problems : tuple of ProblemRow
    changes : mapping of str to int
        How many problems are ``"new"``, ``"still"`` there, ``"gone"`` or there ``"again"``.
    """

    ledger: tuple[LedgerRow, ...]
    problems: tuple[ProblemRow, ...]
    changes: Mapping[str, int]


def made_of(
    found: Found,
    ledger: Sequence[LedgerRow],
    problems: Sequence[ProblemRow],
    book: Edition,
    results: Mapping[str, IndicatorResult],
    satisfaction: Mapping[str, float],
    year: int,
    today: str,
    *,
    gone: bool = True,
) -> Made:
    """Return the lists with what was found this time.

    Parameters
    ----------
    found : Found
    ledger, problems : sequence of rows
        As they were.
    book : Edition
    results : mapping of str to IndicatorResult
        By indicator, for the evidence.
    satisfaction : mapping of str to float
        Of residents, 0…100, by indicator.
    year : int
        Of this check.
    today : str
        ISO date.
    gone : bool
        Whether what was not found is gone, as where all of an indicator was looked at.
    """
    looked_at = found.codes if gone else ()
    led = _merged(ledger, _ledger(found.rows, year), looked_at, _with_facts)
    rows = _merged(problems, _problems(found, book, year), looked_at, _with_facts)
    items = {item.id: item for one in book.indicators.values() for item in one.check_items}
    placed = found.rows.groupby("code")["oid"].min() if len(found.rows) else pd.Series(dtype=np.int64)
    rows = tuple(
        judged(
            _with_evidence(_weighed(row, items), found, results, satisfaction, placed),
            book, today,
        )
        if row.code in found.codes else row
        for row in rows
    )  # fmt: skip
    states = [row.state for row in rows if row.code in found.codes]
    return Made(led, rows, {state: states.count(state) for state in ("new", "still", "gone", "again")})


def judged(row: ProblemRow, book: Edition, today: str) -> ProblemRow:
    """Return a row with what follows from severity, prevalence, urgency and age, but for what a person set."""
    definition = book.indicators.get(row.code)
    is_bottom_line = definition is not None and definition.kind == "bottom_line"
    if "kind" not in row.edited:
        row = replace(row, kind=rules.kind_of(row, is_bottom_line=is_bottom_line))
    if "priority" not in row.edited:
        row = replace(row, priority=rules.priority_of(row))
    if "due_on" not in row.edited and (not row.due_on or row.kind != "limited"):
        row = replace(row, due_on=rules.due_of(row, today))
    return row


def rows_of_objects(
    found: Found, code: str, keys: Sequence[ObjectKey], names: Sequence[tuple[str, str, str]]
) -> pd.DataFrame:
    """Return what was found at some objects: as it was recorded, else that a person listed them.

    Parameters
    ----------
    found : Found
    code : str
        Of the indicator.
    keys : sequence of ObjectKey
    names : sequence of (str, str, str)
        Business key, name and role of each.
    """
    wanted = pd.MultiIndex.from_tuples([tuple(key) for key in keys], names=["layer", "oid"]) if keys else None
    rows = found.rows[found.rows["code"] == code]
    known = rows[pd.MultiIndex.from_frame(rows[["layer", "oid"]]).isin(wanted)] if wanted is not None else rows.iloc[:0]
    there = set(zip(known["layer"], known["oid"].tolist(), strict=True))
    own = [
        {
            "code": code, "item": "", "reason": LISTED, "layer": key.layer, "oid": key.oid, "object_code": object_code,
            "object_name": name, "object_kind": role, "district": "", "severity": 0, "checked_on": "", "checked_by": "",
            "note": "", "photo": "",
        }
        for key, (object_code, name, role) in zip(keys, names, strict=True) if tuple(key) not in there
    ]  # fmt: skip
    return pd.concat([known, pd.DataFrame(own, columns=list(COLUMNS))], ignore_index=True)


def with_objects(
    rows: pd.DataFrame, ledger: Sequence[LedgerRow], problems: Sequence[ProblemRow], book: Edition,
    results: Mapping[str, IndicatorResult], year: int, today: str,
) -> Made:  # fmt: skip
    """Return the lists with some objects more; nothing that stands there is taken for gone.

    Parameters
    ----------
    rows : DataFrame
        As :func:`rows_of_objects` gives them.
    ledger, problems, book, results, year, today
        As :func:`made_of` takes them.
    """
    led = _merged(ledger, _ledger(rows, year), (), _with_facts)
    touched = set(rows["code"])
    present = [row for row in led if row.code in touched and row.state != "gone"]
    table = pd.DataFrame(
        [
            (row.code, row.item, row.reason, row.key.layer, row.key.oid, row.object_code, row.object_name,
             row.object_kind, row.district, row.severity, row.checked_on, row.checked_by, row.note, row.photo)
            for row in present
        ],
        columns=list(COLUMNS),
    )  # fmt: skip
    recorded = frozenset(row.code for row in present if row.checked_on or row.checked_by)
    found = Found(table, {}, frozenset(touched), recorded)
    return replace(made_of(found, led, problems, book, results, {}, year, today, gone=False), ledger=led)


def _ledger(rows: pd.DataFrame, year: int) -> tuple[LedgerRow, ...]:
    what = rows["item"].where(rows["item"] != "", rows["reason"])
    ids = rows["code"] + "|" + what + "|" + rows["object_kind"] + ":" + rows["object_code"]
    named = rows.assign(id=ids).drop_duplicates("id")
    keys = [ObjectKey(layer, oid) for layer, oid in zip(named["layer"], named["oid"].tolist(), strict=True)]
    columns = [
        named[name].tolist()
        for name in ("id", "code", "item", "reason", "object_code", "object_name", "object_kind", "district",
                     "severity", "checked_on", "checked_by", "note", "photo")
    ]  # fmt: skip
    return tuple(
        LedgerRow(
            named_by, code, item, reason, key, object_code, name, kind, district, int(severity), year, year, "new", on,
            by, note, photo,
        )
        for key, named_by, code, item, reason, object_code, name, kind, district, severity, on, by, note, photo
        in zip(keys, *columns, strict=True)
    )  # fmt: skip


def _problems(found: Found, book: Edition, year: int) -> tuple[ProblemRow, ...]:
    if not len(found.rows):
        return ()
    by_district, levels = rules.list_rules()["by_district"], rules.list_rules()["level"]
    dimensions = {code: row.dimension for code, row in book.indicators.items()}
    rows = found.rows.assign(
        dimension=found.rows["code"].map(dimensions),
        what=found.rows["item"].where(found.rows["item"] != "", found.rows["reason"]),
    )
    listed = rows["dimension"].map(lambda name: bool(by_district.get(name, False)))
    rows = rows.assign(place=rows["district"].where(listed, ""))
    grouped = rows.groupby(["code", "what", "place"])
    facts = grouped.agg(
        item=("item", "first"), reason=("reason", "first"), dimension=("dimension", "first"), count=("oid", "size"),
        severity=("severity", "max"), checked_on=("checked_on", "max"),
    ).reset_index()  # fmt: skip
    return tuple(
        ProblemRow(
            problem_id(row["code"], row["what"], row["place"]), row["code"], row["item"], row["reason"],
            row["dimension"], row["place"], int(row["count"]), found.looked_at.get((row["code"], row["place"]), 0),
            severity=int(row["severity"]), level=levels.get(row["dimension"], ""), year=year, first_year=year,
            checked_on=row["checked_on"],
        )
        for row in facts.to_dict("records")
    )  # fmt: skip


def _merged(
    old: Sequence[Row], fresh: Sequence[Row], looked_at: Iterable[str], taken: Callable[[Row, Row], Row]
) -> tuple[Row, ...]:
    known, codes = {row.id: row for row in fresh}, set(looked_at)
    had = {row.id for row in old}
    kept: list[Row] = []
    for row in old:
        now = known.get(row.id)
        if now is not None:
            kept.append(taken(row, now))
        elif row.code in codes and row.state != "gone" and row.reason != LISTED:
            kept.append(replace(row, state="gone"))
        else:
            kept.append(row)
    kept += [row for row in fresh if row.id not in had]
    return tuple(kept)


def _with_facts(old: Row, new: Row) -> Row:
    """Return an old row with what is known of it now, but for what a person set."""
    facts: tuple[str, ...] = ("count", "looked_at", "severity", "checked_on")
    if isinstance(old, LedgerRow):
        facts = ("key", "object_name", "district", "severity", "checked_on", "checked_by", "note", "photo")
    fresh: dict[str, Any] = {
        name: getattr(new, name) for name in facts if name not in old.edited and getattr(new, name) not in ("", 0)
    }
    first = min(old.first_year or new.year, new.year)
    state = "still" if first < new.year else "new"
    if _is_back(old, new):
        state = "again"
    return replace(old, **fresh, year=new.year, first_year=first, state=state)


def _is_back(old: LedgerRow | ProblemRow, new: LedgerRow | ProblemRow) -> bool:
    """Whether what was gone or reported as mended was found after that: a record of before says nothing of it."""
    if old.state == "gone" or (old.state == "again" and old.year == new.year):
        return True
    return old.status == "closed" and (new.year > old.year or (old.closed_on or "9") < new.checked_on)


def _weighed(row: ProblemRow, items: Mapping[str, CheckItem]) -> ProblemRow:
    """Return a row with severity, prevalence and urgency: as recorded, else as the check item usually weighs."""
    item = items.get(row.item)
    usual = {name: getattr(item, name, 0) for name in ("severity", "prevalence", "urgency")}
    weights = {
        "severity": row.severity or usual["severity"],
        "prevalence": rules.prevalence_of(row.count, row.looked_at) or usual["prevalence"],
        "urgency": row.urgency or usual["urgency"],
    }
    free: dict[str, Any] = {name: value for name, value in weights.items() if name not in row.edited}
    return replace(row, **free)


def _with_evidence(
    row: ProblemRow, found: Found, results: Mapping[str, IndicatorResult], satisfaction: Mapping[str, float],
    placed: pd.Series,
) -> ProblemRow:  # fmt: skip
    """Return a row with which evidence agrees, as far as the program knows."""
    if row.state == "gone":
        return row
    table, result = rules.list_rules()["evidence"], results.get(row.code)
    told, is_recorded = satisfaction.get(row.code), row.code in found.recorded
    by_indicator = ""
    if result is not None and result.city.value is not None:
        by_indicator = NO if result.city.grade == "met" or result.city.numerator == 0 == row.count else YES
    grade = table["checked"] if is_recorded else table.get(result.origin, "") if result is not None else ""
    known = {
        "by_indicator": by_indicator,
        "by_place": YES if int(placed.get(row.code, -1)) >= 0 else NO,
        "by_residents": "" if told is None else YES if told < float(table["least_satisfaction"]) else NO,
        "by_site": YES if is_recorded else "",
        "evidence": grade,
    }
    free: dict[str, Any] = {name: value for name, value in known.items() if name not in row.edited}
    return replace(row, **free)
