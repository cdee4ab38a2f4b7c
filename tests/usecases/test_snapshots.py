"""Pictures of a project: what they are made from, and how they are made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session import Session
from app.usecases.layers import layers
from app.usecases.project import opening
from app.usecases.views import snapshots as pictures
from app.usecases.views import viewpoints
from models.core.errors import UserError
from tests.support.small_city import CAMERA, city


def test_a_picture_is_specified_as_the_project_is_shown(session: Session) -> None:
    city(session)
    layers.set_visible(session, "components", False)
    spec = pictures.make_spec(session, CAMERA, size=(3840, 2160))
    assert (spec.width_px, spec.height_px) == (3840, 2160)
    assert spec.hidden == ("components",)
    assert spec.camera == CAMERA
    for size in ((10, 10), (20000, 1000)):
        with pytest.raises(UserError, match=r"picture\.bad_size"):
            pictures.make_spec(session, CAMERA, size=size)


def test_without_a_saved_view_everything_is_in_the_picture(session: Session) -> None:
    city(session)
    home = pictures.make_spec(session).camera
    assert home.focal_point[0] == pytest.approx(502040, abs=2)
    assert home.position[2] > home.focal_point[2]
    top = pictures.top_camera(session, (1600, 900))
    assert top.parallel_scale_m is not None
    assert top.parallel_scale_m * 1600 / 900 >= 40
    viewpoints.save_viewpoint(session, "全景", CAMERA)
    assert pictures.make_spec(session).camera == CAMERA


def test_nothing_open_gives_no_picture(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"picture\.nothing"):
        pictures.make_spec(session)
    city(session)
    with pytest.raises(UserError, match=r"picture\.bad_suffix"):
        pictures.take_snapshot(session, pictures.make_spec(session), tmp_path / "a.bmp")


@pytest.mark.render
def test_a_picture_is_made_again_and_knows_when_the_project_changed(session: Session, tmp_path: Path) -> None:
    city(session)
    opening.save_project(session, tmp_path / "c.gpkg")
    spec = pictures.make_spec(session, size=(480, 320))
    first = pictures.take_snapshot(session, spec, tmp_path / "a.png").result
    assert first.same_project is None
    opening.open_project(session, tmp_path / "c.gpkg")
    second = pictures.again(session, tmp_path / "a.png", tmp_path / "b.png").result
    assert second.same_project is True
    assert pictures.likeness(tmp_path / "a.png", tmp_path / "b.png") == 1.0
    layers.rename_layer(session, "buildings", "房屋")
    opening.save_project(session)
    third = pictures.again(session, tmp_path / "a.png", tmp_path / "c.png").result
    assert third.same_project is False
    assert "caution.picture.project_changed" in [notice.key for notice in session.notices.all]
