"""Deliver makes what the project has, says what it lacks, and keeps what is there."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from app.background.jobs import Jobs
from app.command_line.main import build_parser
from app.session import Session
from app.settings import Settings
from app.usecases.delivery import paper_set
from app.usecases.delivery.paper_set import Delivered, Wanted
from app.usecases.project import opening
from models.core.errors import UserError
from models.crs.frame import Frame
from models.delivery.paper_set import PARTS
from models.layers.layer import Layer, Source, VectorData
from models.project.project import ProjectState
from models.store import project_file
from resources.words import word

CRS = "EPSG:4548"


@pytest.fixture
def opened(tmp_path: Path) -> Session:
    table = gpd.GeoDataFrame(
        {"code": ["B1"]}, geometry=[shapely.box(502_000, 4_059_000, 502_020, 4_059_010)], crs=CRS,
        index=pd.Index([1], name="fid"),
    )  # fmt: skip
    layer = Layer("buildings", "建筑", "vector", "buildings", Source(crs=CRS))
    state = ProjectState("小城", frame=Frame(CRS, None, (502_000, 4_059_000, 0)), layers=(layer,))
    project_file.save_project(state, {"buildings": VectorData(table)}, tmp_path / "city.gpkg")
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    opening.open_project(session, tmp_path / "city.gpkg")
    return session


def delivered(session: Session, out: Path, *parts: str) -> Delivered:
    found: list[Delivered] = []
    paper_set.deliver(session, out, Wanted(parts), found.append)
    return found[0]


def test_what_is_missing_is_said_what_is_made_is_kept_and_an_unsaved_change_makes_it_again(
    opened: Session, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = delivered(opened, out, "package", "agenda", "findings")
    assert {one.id: (one.state, one.reason) for one in first.parts} == {
        "agenda": ("skipped", "no_stops"), "findings": ("skipped", "no_opinions"), "package": ("made", ""),
    }  # fmt: skip
    package = out / "package" / "小城.cjreview"
    before = package.read_bytes()
    assert (out / "SHA256SUMS").exists()
    assert not (out / ".deliver").exists()
    assert delivered(opened, out, "package").kept == {"package"}
    package.write_bytes(before[:-1])
    again = delivered(opened, out, "package")
    assert not again.kept
    assert package.read_bytes() == before
    assert (out / "package-1" / "小城.cjreview").read_bytes() == before[:-1]
    opening.rename_project(opened, "大城")
    assert not delivered(opened, out, "package").kept
    assert (out / "package" / "大城.cjreview").exists()
    opening.rename_project(opened, "新城")
    delivered(opened, out, "agenda")
    assert word("deliver.log.of_before", "zh") in (out / "log.zh.txt").read_text(encoding="utf-8")
    opened.close()


def test_a_folder_of_another_is_left_alone(opened: Session, tmp_path: Path) -> None:
    (tmp_path / "out" / "package").mkdir(parents=True)
    (tmp_path / "out" / "package" / "mine.txt").write_text("mine")
    with pytest.raises(UserError) as refused:
        delivered(opened, tmp_path / "out", "package")
    assert refused.value.code == "deliver.foreign_folder"
    assert (tmp_path / "out" / "package" / "mine.txt").read_text() == "mine"
    opened.close()


def test_the_verbs_that_make_the_parts_take_what_they_are_told() -> None:
    parser, names = build_parser("en")
    filled = {"project": "a.gpkg", "out": "out", "name": "a", "by": "district", "dpi": "150"}
    for part in PARTS:
        for words in part.commands:
            asked = [one.format(**filled) for one in words if one not in ("{pdf}", "{redact}")]
            assert asked[0] in names, part.id
            parser.parse_args(asked)
