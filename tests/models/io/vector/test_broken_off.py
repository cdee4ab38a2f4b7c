"""Files that break in the middle: what was read before is shown, and that the rest is lost is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.core.errors import UserError
from models.core.progress import Progress
from models.io.registry import find_format
from models.io.request import Opened, ReadRequest
from tests.support.layer_files import write


def open_file(path: Path) -> list[Opened]:
    return find_format(path).read(path, ReadRequest(crs="EPSG:4548"), Progress())


@pytest.mark.parametrize("name", [".mif", ".dxf", ".gml", ".osm", ".geojsonl", ".geojsons"])
def test_a_sound_file_is_not_said_to_break_off(name: str, tmp_path: Path) -> None:
    codes = {caution.code for opened in open_file(write(tmp_path, name)) for caution in opened.data.cautions}
    assert not codes & {"vector.broken_off", "vector.records_broken"}


@pytest.mark.parametrize(("name", "share"), [(".mif", 0.6), (".dxf", 0.8)])
def test_what_stands_before_the_break_is_shown_and_the_loss_told(name: str, share: float, tmp_path: Path) -> None:
    path = write(tmp_path, name)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    opened = open_file(path)
    told = [caution for one in opened for caution in one.data.cautions if caution.code == "vector.broken_off"]
    assert len(told) == 1
    assert told[0].facts["count"] == sum(len(one.data.attributes) for one in opened)


@pytest.mark.parametrize("name", [".osm", ".gml"])
def test_a_file_that_breaks_before_anything_can_be_shown_is_damaged_not_empty(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * 0.5)])
    with pytest.raises(UserError, match=r"io\.damaged"):
        open_file(path)


@pytest.mark.parametrize("name", [".geojsonl", ".geojsons"])
def test_a_record_that_is_no_json_costs_itself_and_is_named(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name)
    parts = path.read_bytes().split(b"\n")
    parts[1] = parts[1][:40]
    parts[3] = parts[3].replace(b":", b"=")
    path.write_bytes(b"\n".join(parts))
    (opened,) = open_file(path)
    assert len(opened.data.attributes) == 3
    told = next(caution for caution in opened.data.cautions if caution.code == "vector.records_broken")
    assert (told.facts["count"], told.facts["first"]) == (2, 2)
