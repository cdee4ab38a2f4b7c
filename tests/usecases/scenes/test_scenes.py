"""Scenes applied, undone and left in a session, kept in a picture, and read from the user's own files."""

from dataclasses import replace

import pytest

from app.usecases.scenes import scenes
from app.usecases.views import snapshots
from models.core.errors import UserError
from models.project.scene import scene_of
from models.store.rows.snapshot_json import as_json, of_json
from models.views.camera import Camera
from models.views.visibility import GroundTransparency
from tests.support.cities.scene_city import street

CAMERA = Camera((0.0, 0.0, 100.0), (0.0, 1.0, 0.0))


@pytest.fixture
def opened(session, tmp_path, monkeypatch):
    monkeypatch.setenv("CHENGJING_HOME", str(tmp_path / "home"))
    state, data = street()
    session.project.replace_all(state, data, None)
    return session


def test_a_scene_is_one_step_and_leaving_it_another(opened):
    before, own = scene_of(opened.project.state), GroundTransparency(0.8, 0.9)
    opened.visibility.set_through(own)
    scenes.apply_scene(opened, "综合管廊")
    assert [layer.id for layer in opened.project.state.layers if layer.visible] == ["tunnel"]
    assert opened.visibility.through == GroundTransparency(0.2, 0.25, depths=False)
    scenes.apply_scene(opened, "structures")
    scenes.leave_scene(opened)
    assert scene_of(opened.project.state) == before
    assert opened.visibility.through == own
    opened.history.undo()
    opened.history.undo()
    opened.history.undo()
    assert scene_of(opened.project.state) == before


def test_an_undone_scene_is_known_as_such(opened):
    scenes.apply_scene(opened, "structures")
    assert not scenes.is_undone(opened)
    opened.history.undo()
    assert scenes.is_undone(opened)
    scenes.forget_scene(opened)
    assert opened.visibility.through is None


def test_a_scene_that_lacks_its_data_changes_nothing(opened):
    before = opened.project.state
    with pytest.raises(UserError, match=r"preset\.no_data"):
        scenes.apply_scene(opened, "greening")
    assert opened.project.state is before
    assert opened.scene is None


def test_a_picture_holds_layers_and_styles_of_its_scene_and_a_sheet_its_paper(opened):
    match = scenes.apply_scene(opened, "smart_poles")
    spec = snapshots.make_spec(opened, CAMERA)
    assert spec.scene == scene_of(opened.project.state)
    assert of_json(as_json(spec)) == spec
    scenes.leave_scene(opened)
    assert snapshots.make_spec(opened, CAMERA).scene is None
    sheet = scenes.sheet_spec(opened, replace(spec, lang="en"), match.preset)
    assert (sheet.width_px, sheet.height_px, sheet.dpi) == (3307, 2339, 200)
    assert sheet.title == "Smart poles and 5G mounting"


def test_the_camera_frames_what_the_scene_is_about(opened):
    match = scenes.ready(opened, scenes.presets(opened).find("structures"))
    camera = scenes.camera_of(opened, match)
    assert camera is not None
    assert camera.focal_point[:2] == pytest.approx((500_000.0, 4_060_200.0), abs=1.0)
    assert camera.position[2] > 100.0


def test_own_presets_are_read_from_the_home_folder_and_bad_ones_named(opened, tmp_path):
    folder = tmp_path / "home" / "scenes"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(
        'id = "mine"\nname = "我的"\n[[layer]]\nkey = "p"\nrole = "poles"\nname = "杆"\nrequired = true\n',
        encoding="utf-8",
    )
    (folder / "bad.toml").write_text('id = "x"\nname = "y"\nrun = "rm"\n', encoding="utf-8")
    rows = {row["id"]: row for row in scenes.scene_rows(opened, "en")}
    assert (rows["mine"]["state"], rows["mine"]["file"]) == ("ready", "mine.toml")
    assert rows[""]["file"] == "bad.toml"
    assert rows["greening"]["layers"][2]["lacks"] == "layer"
    assert "ObjState" in rows["greening"]["layers"][2]["how_to"]
    scenes.apply_scene(opened, "mine")
    assert [layer.id for layer in opened.project.state.layers if layer.visible] == ["poles"]
