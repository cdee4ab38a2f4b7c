"""A view without sky, and a view in several pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.views import series, snapshots
from models.core.errors import UserError
from models.store.rows.snapshot_json import as_json, of_json
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.snapshot_spec import SnapshotSpec
from tests.support.window import tiny_city
from viewers.sheets.record import read_record

#: From the south, low, so that half of the picture is sky.
CAMERA = Camera((502000.0, 4058300.0, 60.0), (502000.0, 4059000.0, 60.0))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    session.project.replace_all(*tiny_city(), None)
    return session


@pytest.fixture
def spec(session: Session) -> SnapshotSpec:
    return snapshots.make_spec(session, CAMERA, size=(480, 320), furniture=False)


def test_without_sky_what_nothing_covers_is_clear_and_the_rest_is_as_it_was(
    session: Session, spec: SnapshotSpec, tmp_path: Path
) -> None:
    for name, clear in (("sky", False), ("clear", True)):
        snapshots.take_snapshot(session, replace(spec, transparent=clear), tmp_path / f"{name}.png")
    with Image.open(tmp_path / "sky.png") as sky, Image.open(tmp_path / "clear.png") as clear_:
        assert (sky.mode, clear_.mode) == ("RGB", "RGBA")
        plain, picture = np.asarray(sky, dtype=int), np.asarray(clear_, dtype=int)
    opaque = picture[..., 3] == 255
    assert (picture[40:60, 200:280, 3] == 0).all()
    assert opaque[210:270].mean() > 0.95
    assert np.abs(plain - picture[..., :3])[opaque].mean() < 3
    assert read_record(tmp_path / "clear.png")[0].transparent
    assert of_json(as_json(replace(spec, transparent=True))).transparent


def test_a_burst_is_numbered_named_by_theme_and_each_file_says_what_it_is(
    session: Session, spec: SnapshotSpec, tmp_path: Path
) -> None:
    themes = [Theme(), Theme("facilities"), Theme()]
    wanted = series.burst_of(session, spec, themes, tmp_path / "街.png")
    files = series.write_series(session, wanted)
    assert [file.name.split("_")[:2] for file in files] == [["街", "01"], ["街", "02"]]
    assert [read_record(file)[0].theme.kind for file in files] == ["plain", "facilities"]
    with pytest.raises(UserError, match="no_themes"):
        series.burst_of(session, spec, [], tmp_path / "街.png")


@pytest.mark.parametrize("split", series.SPLITS)
def test_before_and_after_are_one_picture_of_the_size_that_was_asked_for(
    session: Session, spec: SnapshotSpec, tmp_path: Path, split: series.Split
) -> None:
    if split == "curtain":
        layers = tuple(replace(layer, synthetic=True) for layer in session.project.state.layers)
        session.project.replace_all(replace(session.project.state, layers=layers), dict(session.project.data), None)
    pair = replace(spec, title="前"), replace(spec, theme=Theme("facilities"), title="后")
    file = series.write_pair(session, pair, split, tmp_path / "pair.png")
    with Image.open(file) as picture:
        assert picture.size == (480, 320)
        badge = (np.asarray(picture.convert("RGB"), dtype=int) - (0xF2, 0xA9, 0x3B))[:60, :200]
    is_synthetic = any(layer.synthetic for layer in session.project.state.layers)
    assert (np.abs(badge).sum(axis=2) < 6).any() == is_synthetic
    assert read_record(file)[0].theme == Theme("facilities")


def test_words_of_the_command_line_name_themes() -> None:
    assert series.theme_of("facilities") == Theme("facilities")
    assert series.theme_of(" HC25-25:before ") == Theme("indicator", "HC25-25", "before")
