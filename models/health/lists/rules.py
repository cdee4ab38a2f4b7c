"""Within a set time or best effort, how urgent, until when: rules as data (``health/lists_2025.toml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from models.health.lists.rows import ProblemRow
from resources.standards import standard


@lru_cache(maxsize=1)
def list_rules() -> Mapping[str, Any]:
    """Return the table of rules."""
    return standard("health/lists_2025")


def prevalence_of(count: int, looked_at: int) -> int:
    """Return how widespread a problem is, 1…5; 0 where nobody knows of how many."""
    if not looked_at:
        return 0
    return 1 + int(np.searchsorted(list_rules()["prevalence"]["steps"], count / looked_at, side="right"))


def kind_of(row: ProblemRow, *, is_bottom_line: bool) -> str:
    """Return whether a problem is to be mended within a set time or with best effort; empty where nobody can say."""
    rules, product = list_rules()["classify"], row.severity * row.prevalence * row.urgency
    if row.severity >= rules["limited_severity"] or (is_bottom_line and rules["bottom_line_is_limited"]):
        return "limited"
    if not product:
        return ""
    return "limited" if product >= rules["limited_product"] else "best_effort"


def priority_of(row: ProblemRow) -> int:
    """Return with what priority a problem is dealt with: 1 first, 5 last; a problem that stays moves up each year."""
    rules, product = list_rules()["priority"], row.severity * row.prevalence * row.urgency
    own = 5 - int(np.searchsorted(rules["steps"], product, side="right")) if product else int(rules["unknown"])
    if row.kind == "limited":
        own = min(own, 3)
    age = max(row.year - row.first_year, 0) // int(rules["years_per_step"])
    return max(own - age, 1)


def due_of(row: ProblemRow, today: str) -> str:
    """Return until when a problem is to be mended, as an ISO date; empty for best effort."""
    if row.kind != "limited":
        return ""
    days = int(list_rules()["due"]["limited_days"])
    return (dt.date.fromisoformat(today) + dt.timedelta(days=days)).isoformat()


def never_findings() -> tuple[str, ...]:
    """Return the grades of evidence that may not be written as a finding."""
    return tuple(list_rules()["evidence"]["never_a_finding"])
