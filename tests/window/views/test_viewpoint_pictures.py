"""A saved view without a picture gets one as somebody looks from there; the project stays as it is."""

from __future__ import annotations

from dataclasses import replace

from models.views.camera import Camera
from models.views.viewpoint import Viewpoint
from tests.support.window import settle, spin


def test_a_view_without_a_picture_gets_one_once_somebody_has_flown_there(make) -> None:
    window = make()
    session, feature = window.session, window.features["viewpoints"]
    camera = Camera((502_150.0, 4_058_650.0, 180.0), (502_000.0, 4_059_000.0, 30.0))
    views = (Viewpoint("south", "南望", camera), Viewpoint("other", "另一处", replace(camera, angle_deg=40.0)))
    session.project.replace_all(replace(session.project.state, viewpoints=views), dict(session.project.data), None)
    settle(window)
    assert not feature.panel._held
    feature.go_to("south")
    assert spin(lambda: "south" in feature.panel._held)
    assert set(feature.panel._held) == {"south"}
    assert feature.panel._held["south"][:2] == b"\xff\xd8", "JPEG"
    assert session.project.is_saved
    assert session.project.state.viewpoints == views
