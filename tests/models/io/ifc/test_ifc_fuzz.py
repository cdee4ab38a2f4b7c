"""Broken IFC files through the reader: none may hang it or fail without a name."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.io_models import write_model
from tests.support.paths import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import fuzz_ifc

PLACE = {"Eastings": 502000.0, "Northings": 4059000.0, "OrthogonalHeight": 31.5}


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    settings: tuple[dict[str, Any], ...] = (
        {"map_conversion": PLACE}, {"schema": "IFC2X3", "prefix": "MILLI"}, {"schema": "IFC4X3_ADD2"}
    )  # fmt: skip
    return [write_model(folder / f"{i}.ifc", **one).read_bytes() for i, one in enumerate(settings)]


def test_a_mutant_is_the_same_file_every_time(seeds: list[bytes]) -> None:
    first = [fuzz_ifc.mutant(seeds, number) for number in range(40)]
    assert first == [fuzz_ifc.mutant(seeds, number) for number in range(40)]
    assert len({data for _, data in first}) > 30
    assert {how.split("+")[0] for how, _ in first} == set(fuzz_ifc.MUTATIONS)


def test_broken_files_are_parsed_or_refused_by_name(seeds: list[bytes]) -> None:
    rows = fuzz_ifc.run(seeds, range(108), "parse", 60.0, 1)
    assert len(rows) == 108
    assert [row for row in rows if not row.get("ok") and "code" not in row] == []
    assert sum(1 for row in rows if row.get("ok")) > 54  # a fuzzer that breaks everything tests only the door


@pytest.mark.skipif(sys.platform != "linux", reason="each mutant would wait for a new process to import")
def test_broken_files_are_opened_to_the_end_or_refused_by_name(seeds: list[bytes]) -> None:
    rows = fuzz_ifc.run(seeds, range(200, 260), "whole", 60.0, 1)
    assert len(rows) == 60
    assert [row for row in rows if not row.get("ok") and "code" not in row] == []
    assert sum(1 for row in rows if row.get("ok")) > 30


def test_a_child_that_hangs_or_dies_is_told_and_replaced(seeds: list[bytes], tmp_path: Path) -> None:
    child = fuzz_ifc.Child("parse", 0.0001)
    good = tmp_path / "a.ifc"
    good.write_bytes(seeds[0])
    assert "hang" in child.read(good)
    child._limit_s = 60.0
    assert child.read(good) == {"ok": True}
    child._process.kill()
    assert "death" in child.read(good)
    assert child.read(good) == {"ok": True}
    child.close()
