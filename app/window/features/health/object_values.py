"""What the panel shows of one object behind an indicator: why it fails, what surveys found, what is known. No Qt."""

from __future__ import annotations

from typing import Any

import pandas as pd

from app.session import Session
from app.usecases.facilities.component_form import photos_of
from app.usecases.health import health
from app.usecases.query import describe
from app.window.features.health import problem_values
from models.health.book import book_of
from models.health.partition import CODE_FIELDS, yes_or_no
from models.health.results import Problem
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from viewers.texts.values import indicator_value
from viewers.widgets.health.object_page import CheckView, ObjectView

#: So many findings of a survey are listed at most.
MOST_CHECKS = 60
#: Sections that say what the page itself says better.
_SAID = frozenset({"section.problems"})


def object_view(session: Session, code: str, key: ObjectKey, offers: frozenset[str]) -> ObjectView:
    """Return one object that fails an indicator.

    Raises
    ------
    UserError
        ``project.no_layer``, ``project.no_data`` or ``project.no_object``.
    """
    layer = session.project.state.layer(key.layer)
    fails = {
        one: problem
        for one, result in health.all_kept(session).items()
        for problem in result.problems
        if problem.key == key
    }
    book = book_of(session.project.state.health).indicators
    others = tuple((one, book[one].title(session.lang) if one in book else one) for one in fails if one != code)
    sections = tuple(
        (section.title, section.rows)
        for section in describe.describe(session, key)
        if section.title_key not in _SAID and section.rows
    )
    return ObjectView(
        key, describe.title_of(session, key), layer.title(session.lang), _why(session, code, fails.get(code)), others,
        checks_of(session, key, code), sections, offers,
    )  # fmt: skip


def _why(session: Session, code: str, problem: Problem | None) -> str:
    """Return what is wrong with an object, and how much of what the city lacks it explains."""
    result = health.kept(session, code)
    if problem is None or result is None:
        return ""
    told = [problem_values.reason_text(session)(problem.reason)]
    factor, unit = problem_values.loss_unit(result, session.lang)
    if problem.loss is not None and problem.loss != 1.0:
        told.append(indicator_value(problem.loss * factor, unit, ""))
    if problem.loss_share:
        told.append(
            session.word("ranked.total.share", share=problem_values.share_text(problem.loss_share)[:-2].strip())
        )
    return " · ".join(told)


def checks_of(session: Session, key: ObjectKey, first: str) -> tuple[CheckView, ...]:
    """Return what surveys found at an object, the findings of an indicator first, what is wrong before what is well."""
    name = _code_of(session, key)
    if not name:
        return ()
    parts = []
    for layer in session.project.state.with_role("check_records"):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and "object_code" in data.fields:
            table = data.attributes
            parts.append(table[table["object_code"].astype("str") == name])
    if not parts:
        return ()
    rows = pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)
    found = yes_or_no(rows["found"])
    order = rows.assign(_first=rows["indicator"] != first, _well=~found.fillna(False)).sort_values(
        ["_first", "_well"], kind="stable"
    )
    items = {
        item.id: item.title(session.lang)
        for row in book_of(session.project.state.health).indicators.values()
        for item in row.check_items
    }
    return tuple(_check(session, order.loc[at], found[at], items) for at in order.index[:MOST_CHECKS])


_COLUMNS = ["indicator", "item", "found", "severity", "checked_on", "checked_by", "note", "photo"]


def _check(session: Session, row: Any, found: Any, items: dict[str, str]) -> CheckView:
    def text(field: str) -> str:
        return "" if pd.isna(row[field]) else str(row[field]).strip()

    severity = session.word("health.object.severity", grade=text("severity")) if text("severity") else ""
    parts = (severity, text("checked_on")[:10], text("checked_by"), text("note"))
    photos = photos_of(session, text("photo")) if text("photo") else ()
    shown = next((str(photo.path) for photo in photos if photo.path is not None), "")
    title = items.get(text("item"), "") or text("item") or text("indicator")
    return CheckView(
        title, None if pd.isna(found) else bool(found), " · ".join(part for part in parts if part), shown
    )  # fmt: skip


def _code_of(session: Session, key: ObjectKey) -> str:
    """Return the business code of an object; empty where its table has none."""
    data = session.project.data.get(key.layer)
    if not isinstance(data, VectorData) or not data.has(key.oid):
        return ""
    field = next((name for name in CODE_FIELDS if name in data.fields), "")
    value = data.row(key.oid).get(field) if field else None
    return "" if value is None or pd.isna(value) else str(value)
