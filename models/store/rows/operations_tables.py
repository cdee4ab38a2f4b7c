"""What a project holds of facilities in time, as rows of the project file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from models.cases.command.resource import asked_resource
from models.project.operations import OperationsState
from models.readings.source import checked as checked_source
from models.store.rows.state_rows import Row, parts_of
from models.timeline.zone import checked as checked_zone

OPERATIONS = "chengjing_operations"

#: What has types that fit and still makes no sense: who refuses it.
_ASKED: Mapping[str, Callable[[Any], object]] = {
    "zone": checked_zone,
    "sources": checked_source,
    "resources": asked_resource,
    "exchange": lambda item: item.party,
}


def operations_of(rows: Iterable[Row], left_out: Callable[[Row], None]) -> OperationsState:
    """Return what the rows say; ``left_out`` is told of each row that says nothing that can be understood."""
    return OperationsState(**parts_of(OperationsState, rows, left_out, _ASKED))
