"""Topics: a view that is kept, sent as BCF and looked at again, wherever the model stands."""

import numpy as np
import pandas as pd
import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.review import topics
from models.core.errors import UserError
from models.crs.frame import Frame
from models.geometry.meshes import MeshStore
from models.layers.layer import Layer, ModelData, Source
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.review.topics import Component, TopicView
from models.views.camera import Camera
from models.views.visibility import Cut, ElementAppearance, Plane, SectionBox
from tests.support.check_models import Box, author, hold, oid_of, opened
from viewers.documents import bcf

GUIDS = ("0YvctVUKr0kugbFTf53O9L", "1YvctVUKr0kugbFTf53O9L", "2YvctVUKr0kugbFTf53O9L", "3YvctVUKr0kugbFTf53O9L")


def model(angle_deg=30.0, at=(500100.0, 4059200.0, 40.0)):
    """Three unit cubes in a row, turned and set down on the map."""
    corners = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float32)
    faces = np.array([[0, 1, 3], [0, 3, 2], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4]], dtype=np.int32)
    steps = np.tile(np.eye(4), (3, 1, 1))
    steps[:, 0, 3] = [0.0, 2.0, 4.0]
    store = MeshStore(
        corners, faces, np.full(6, -1, np.int32), np.array([0, 8]), np.array([0, 6]), np.zeros(3, np.int32),
        np.array([1, 2, 3], np.int32), steps, np.zeros((0, 4), np.float32),
    )  # fmt: skip
    elements = pd.DataFrame(
        {
            "guid": GUIDS, "ifc_class": ["IfcProject", "IfcWall", "IfcSlab", "IfcDoor"], "name": list("PABC"),
            "storey": "", "type_name": "", "parent": [-1, 0, 0, 0], "has_geometry": [False, True, True, True],
        }
    )  # fmt: skip
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    place = np.eye(4)
    place[:2, :2] = [[c, -s], [s, c]]
    place[:3, 3] = at
    return ModelData(store, elements, {}, place, "EPSG:4548", {"georef": "map_conversion"})


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    layer = Layer("school", "教学楼", "model", "model", source=Source(str(tmp_path / "school.ifc"), reader="ifc"))
    state = ProjectState("评审", frame=Frame("EPSG:4548", "EPSG:5737", (500000, 4059000, 0)), layers=(layer,))
    made.project.replace_all(state, {"school": model()}, None)
    yield made
    made.close()


CAMERA = Camera((500110.0, 4059180.0, 60.0), (500100.0, 4059200.0, 40.0))


def test_a_view_says_what_is_selected_hidden_faded_coloured_and_cut(session):
    session.visibility.set("school", ElementAppearance(frozenset({1}), frozenset({2}), {3: (255, 0, 16, 255)}))
    session.visibility.set_cut(Cut((Plane((0.0, 0.0, 41.0), (0.0, 0.0, 1.0)),), SectionBox((0.0,) * 3, (1.0,) * 3)))
    session.selection.set([ObjectKey("school", 2), ObjectKey("components", 7)])
    view = topics.view_of_now(session, CAMERA, 1.6)
    assert view.selected == (Component(GUIDS[2]), Component(system="Chengjing", tool_id="components/7"))
    assert (view.shown_by_default, view.exceptions) == (True, (Component(GUIDS[1]),))
    assert dict(view.colours) == {"40C8CDD2": (Component(GUIDS[2]),), "FFFF0010": (Component(GUIDS[3]),)}
    assert len(view.planes) == 7


def test_an_isolated_element_is_said_in_the_shorter_way(session):
    session.visibility.set("school", ElementAppearance(frozenset({1, 2})))
    view = topics.view_of_now(session, CAMERA, 1.6)
    assert (view.shown_by_default, view.exceptions) == (False, (Component(GUIDS[3]),))


@pytest.mark.parametrize("version", bcf.VERSIONS)
def test_a_view_goes_out_in_the_models_coordinates_and_comes_back_to_the_same_place(session, tmp_path, version):
    session.visibility.set("school", ElementAppearance(frozenset({1}), frozenset({2}), {3: (255, 0, 16, 255)}))
    session.visibility.set_cut(Cut((Plane((500100.0, 4059200.0, 40.5), (0.0, 0.0, 1.0)),), models_only=True))
    session.selection.set([ObjectKey("school", 3)])
    look, cut = session.visibility.of("school"), session.visibility.cut
    camera = Camera((500110.0, 4059180.0, 60.0), (500100.0, 4059200.0, 40.0), angle_deg=50.0)
    topic = topics.new_topic(session, "门的净宽", topics.view_of_now(session, camera, 1.6), description="不足 1.4 m")
    assert [file.name for file in topic.files] == ["school.ifc"]
    path = tmp_path / "out.bcf"
    topics.export_bcf(session, path, version)
    inverse = np.linalg.inv(session.project.data["school"].placement)
    sent = bcf.read(path).topics[0].views[0]
    assert sent.camera.position == pytest.approx((inverse @ [*camera.position, 1.0])[:3], abs=1e-6)
    topics.delete_topic(session, topic.guid)
    session.visibility.clear()
    session.selection.set(())
    topics.import_bcf(session, path)
    (back,) = session.project.state.topics
    seen = topics.look_at(session, back, back.views[0])
    assert seen.position == pytest.approx(camera.position, abs=1e-6)
    ahead = np.subtract(seen.focal_point, seen.position)
    wanted = np.subtract(camera.focal_point, camera.position)
    assert ahead / np.linalg.norm(ahead) == pytest.approx(wanted / np.linalg.norm(wanted), abs=1e-9)
    assert session.visibility.of("school") == look
    assert session.visibility.cut.planes[0].point == pytest.approx(cut.planes[0].point, abs=1e-6)
    assert session.selection.keys == (ObjectKey("school", 3),)


def test_a_topic_about_no_model_goes_out_in_project_coordinates_and_says_so(session, tmp_path):
    topics.new_topic(session, "路灯不亮", topics.view_of_now(session, CAMERA, 1.6))
    session.project.set_state(session.project.state.without_layer("school"))
    topics.export_bcf(session, tmp_path / "out.bcf")
    assert bcf.read(tmp_path / "out.bcf").topics[0].views[0].camera.position == CAMERA.position
    assert "caution.bcf.in_project_crs" in [notice.key for notice in session.notices.all]


def test_talking_can_be_undone_and_done_again(session):
    before = session.project.state
    topic = topics.new_topic(session, "缺少扶手")
    topics.add_comment(session, topic.guid, "已补画")
    topics.change_topic(session, topic.guid, status="Closed")
    after = session.project.state
    assert (after.topics[0].status, [one.text for one in after.topics[0].comments]) == ("Closed", ["已补画"])
    for _ in range(3):
        session.history.undo()
    assert session.project.state == before
    for _ in range(3):
        session.history.redo()
    assert session.project.state == after


def test_what_makes_no_topic_is_refused_by_name(session, tmp_path):
    for act, code in (
        (lambda: topics.new_topic(session, "  "), "topic.no_title"),
        (lambda: topics.export_bcf(session, tmp_path / "a.bcf"), "topic.none"),
        (lambda: topics.find_topic(session, "x"), "topic.unknown"),
        (lambda: topics.import_bcf(session, tmp_path / "no.bcf"), "io.missing"),
    ):
        with pytest.raises(UserError) as error:
            act()
        assert error.value.code == code


def test_a_file_read_twice_gives_each_topic_once(session, tmp_path):
    topics.new_topic(session, "一")
    topics.export_bcf(session, tmp_path / "a.bcf")
    topics.import_bcf(session, tmp_path / "a.bcf")
    topics.import_bcf(session, tmp_path / "a.bcf")
    assert [topic.title for topic in session.project.state.topics] == ["一"]


@pytest.mark.parametrize("ifc_class", ["IfcElementAssembly", "IfcCurtainWall", "IfcStair"])
def test_a_topic_that_names_a_whole_shows_and_selects_its_parts(ifc_class, session, tmp_path):
    parts = [
        Box(ifc_class, "whole", (0, 0, 0), (1, 1, 1)),
        Box("IfcPlate", "a", (0, 0, 0), (1, 1, 1), part_of="whole"),
        Box("IfcMember", "b", (2, 0, 0), (3, 1, 1), part_of="whole"),
        Box("IfcWall", "other", (5, 0, 0), (6, 1, 1)),
    ]
    file = author(tmp_path / "m.ifc", parts)
    file.by_type(ifc_class)[0].Representation = None
    file.write(str(tmp_path / "m.ifc"))
    data = opened(tmp_path / "m.ifc")
    hold(session, m=data)
    whole = Component(data.elements["guid"].iat[oid_of(data, "whole")])
    keys = {name: ObjectKey("m", oid_of(data, name)) for name in ("whole", "a", "b", "other")}
    assert topics.keys_of(session, [whole]) == [keys["whole"], keys["a"], keys["b"]]
    camera = Camera((0.0, 0.0, 5.0), (1.0, 0.0, 0.0))
    view = TopicView("v", camera, selected=(whole,), shown_by_default=False, exceptions=(whole,))
    topics.look_at(session, topics.new_topic(session, "t", view), view)
    look = session.visibility.of("m")
    assert keys["other"].oid in look.hidden
    assert not {keys["a"].oid, keys["b"].oid} & look.hidden
    assert set(session.selection.keys) >= {keys["a"], keys["b"]}


def test_a_wall_that_is_named_does_not_stand_for_its_windows(session, tmp_path):
    layer = Box("IfcBuildingElementPart", "layer", (0, 0, 0), (1, 1, 1), part_of="wall")
    author(tmp_path / "m.ifc", [Box("IfcWall", "wall", (0, 0, 0), (1, 1, 1)), layer])
    data = opened(tmp_path / "m.ifc")
    hold(session, m=data)
    wall = oid_of(data, "wall")
    assert topics.keys_of(session, [Component(data.elements["guid"].iat[wall])]) == [ObjectKey("m", wall)]
