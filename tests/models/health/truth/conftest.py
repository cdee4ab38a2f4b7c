"""The sample city and what its indicators come to, worked out once for all tests that compare."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from models.health.compute import compute
from models.health.results import IndicatorResult
from models.health.state import ChosenReading
from models.project.fingerprints import Fingerprints
from models.store.project_file import open_project
from tests.support.cities.health_checkup import Checkup


@pytest.fixture(scope="session")
def checkup(sample_city: Path) -> Checkup:
    """Return the sample city with its truth, computing what is asked for."""
    state, data = open_project(sample_city)
    truth = json.loads((sample_city.parent / "sample_files" / "truth.json").read_text(encoding="utf-8"))
    prints = Fingerprints()

    @cache
    def result(code: str, reading: str) -> IndicatorResult:
        chosen = (ChosenReading(code, reading),) if reading else ()
        return compute(code, replace(state, health=replace(state.health, readings=chosen)), data, fingerprints=prints)

    return Checkup(state, data, truth["indicators"], result)
