"""What people say of the health check as rows of the project file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from models.health.editions import edition_tables
from models.health.judging.rules import rules_of
from models.health.state import HealthState
from models.store.rows.state_rows import Row, parts_of

HEALTH = "chengjing_health"

#: What makes sense only beside what the program knows: who refuses what makes none.
_ASKED: Mapping[str, Callable[[Any], object]] = {
    "edition": edition_tables,
    "judging_rules": lambda change: rules_of((change,)),
}


def health_of(rows: Iterable[Row], left_out: Callable[[Row], None]) -> HealthState:
    """Return what the rows say; ``left_out`` is told of each row that says nothing that can be understood."""
    return HealthState(**parts_of(HealthState, rows, left_out, _ASKED))
