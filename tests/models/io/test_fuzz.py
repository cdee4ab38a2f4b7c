"""Broken files of every format: each ends in layers or in a refusal by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.core.progress import Progress
from models.io.registry import find_format
from models.io.request import ReadRequest
from tests.support.every_format import makers, write
from tools.fuzz_formats import fuzz


@pytest.mark.parametrize("name", sorted(set(makers) - {".bcf"}))
def test_the_sound_file_of_every_format_opens(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name)
    assert find_format(path).read(path, ReadRequest(crs="EPSG:4548"), Progress())


@pytest.mark.slow
def test_mutants_of_every_format_end_in_a_layer_or_in_a_refusal(tmp_path: Path) -> None:
    outcome = fuzz(2 * len(makers), seed=4, folder=tmp_path)
    assert outcome.faults == []
    assert outcome.endings["opened"] > len(makers) / 4  # a fuzzer that breaks everything tests only the door
