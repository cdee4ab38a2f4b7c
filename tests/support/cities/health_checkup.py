"""The health check of the sample city, for tests that hold it against its truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.health.results import IndicatorResult
from models.project.project import ProjectState


@dataclass(frozen=True)
class Checkup:
    """The health check of the sample city.

    Parameters
    ----------
    state, data : ProjectState, mapping
    truth : mapping
        By indicator and reading.
    result : callable
        ``(code, reading) -> IndicatorResult``, each worked out once.
    """

    state: ProjectState
    data: dict[str, Any]
    truth: dict[str, dict[str, Any]]
    result: Callable[[str, str], IndicatorResult]
