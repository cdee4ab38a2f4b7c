"""BCF files: what is written is what another reader finds, and what comes back."""

import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.core.errors import UserError
from models.review.topics import SYSTEM, Comment, Component, ModelFile, Topic, TopicView, merged, new_guid
from models.views.camera import Camera
from models.views.visibility import Plane
from viewers.documents import bcf

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
WALL = Component("2O2Fr$t4X7Zf8NOew3FLOH")
MANHOLE = Component(system=SYSTEM, tool_id="components/12")


def topic(**changes):
    view = TopicView(
        "11111111-1111-4111-8111-111111111111",
        Camera((10.0, -5.0, 8.0), (10.0, 5.0, 2.0), angle_deg=50.0),
        in_model=True,
        aspect=1.6,
        selected=(WALL, MANHOLE),
        shown_by_default=False,
        exceptions=(WALL,),
        colours=(("FF0000", (WALL,)),),
        planes=(Plane((0.0, 0.0, 3.0), (0.0, 0.0, 1.0)),),
        lines=(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)),),
        snapshot=PNG,
    )
    made = Topic(
        new_guid(), "管线与基础冲突", "2026-11-22T09:30:00+08:00", "李工", "净距不足 0.3 m", "Clash", "Open", "High",
        labels=("给水", "结构"), assigned_to="王工", due_date="2026-12-01T00:00:00+08:00", links=("https://example.org/1",),
        files=(ModelFile("教学楼.ifc", "0YvctVUKr0kugbFTf53O9L", "2026-11-20T08:00:00+08:00"),),
        comments=(Comment(new_guid(), "2026-11-22T10:00:00+08:00", "王工", "请复核标高 <±0.000> & “净距”", view.guid),),
        views=(view,),
    )  # fmt: skip
    return replace(made, **changes)


def near(camera, other):
    """Two cameras that look the same way from the same place; BCF keeps a direction, not a target."""
    ahead = [[b - a for a, b in zip(one.position, one.focal_point, strict=True)] for one in (camera, other)]
    sizes = [sum(value**2 for value in one) ** 0.5 for one in ahead]
    assert camera.position == pytest.approx(other.position, abs=1e-9)
    assert [v / sizes[0] for v in ahead[0]] == pytest.approx([v / sizes[1] for v in ahead[1]], abs=1e-9)


@pytest.mark.parametrize("version", bcf.VERSIONS)
def test_what_is_written_comes_back(tmp_path, version):
    path, mine = tmp_path / "评审.bcf", topic()
    bcf.write([mine], path, version, "示例工程")
    parcel = bcf.read(path)
    assert (parcel.version, parcel.project, parcel.cautions) == (version, "示例工程", [])
    (back,) = parcel.topics
    assert replace(back, views=()) == replace(mine, views=())
    near(back.views[0].camera, mine.views[0].camera)
    assert back.views[0].camera.angle_deg == 50.0
    blind = {"camera": None, "aspect": 0.0}
    assert replace(back.views[0], **blind) == replace(mine.views[0], **blind)


@pytest.mark.parametrize("version", bcf.VERSIONS)
def test_bcf_client_reads_what_we_write(tmp_path, version):
    import bcf.bcfxml as peer

    path, mine = tmp_path / "a.bcf", topic()
    bcf.write([mine, topic()], path, version)
    with peer.load(path) as found:
        handler = found.topics[mine.guid]
        assert len(found.topics) == 2
        assert handler.topic.title == "管线与基础冲突"
        assert [one.comment for one in handler.comments] == [mine.comments[0].text]
        (view,) = handler.viewpoints.values()
        assert view.get_selected_guids() == [WALL.ifc_guid]
        assert view.get_elements_visibility() == (False, [WALL.ifc_guid])
        assert view.snapshot == PNG


def test_a_narrow_view_in_bcf_21_is_seen_from_nearer_with_an_allowed_angle(tmp_path):
    camera = Camera((0.0, -100.0, 0.0), (0.0, 0.0, 0.0), angle_deg=30.0)
    mine = topic(views=(TopicView(new_guid(), camera, in_model=True),))
    bcf.write([mine], tmp_path / "a.bcf", "2.1")
    back = bcf.read(tmp_path / "a.bcf").topics[0].views[0].camera
    assert back.angle_deg == 45.0
    # Half the height seen at the target: 100 · tan 15° = d · tan 22.5°
    assert back.position[1] == pytest.approx(-64.689, abs=0.001)


@pytest.mark.parametrize("version", bcf.VERSIONS)
def test_a_map_view_keeps_its_scale(tmp_path, version):
    camera = Camera((0.0, 0.0, 100.0), (0.0, 0.0, 0.0), (0.0, 1.0, 0.0), parallel_scale_m=25.0)
    bcf.write([topic(views=(TopicView(new_guid(), camera, in_model=True),))], tmp_path / "a.bcf", version)
    assert bcf.read(tmp_path / "a.bcf").topics[0].views[0].camera.parallel_scale_m == 25.0


def broken(path, change):
    """Rewrite an archive, member by member."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_broken_topic_costs_itself_and_a_caution(tmp_path):
    path, one, two = tmp_path / "a.bcf", topic(), topic()
    bcf.write([one, two], path, "3.0")
    broken(path, lambda members: members.update({f"{one.guid}/markup.bcf": b"<Markup><Topic"}))
    parcel = bcf.read(path)
    assert [found.guid for found in parcel.topics] == [two.guid]
    assert [caution.code for caution in parcel.cautions] == ["bcf.member_damaged"]


@pytest.mark.parametrize("member", ["markup.bcf", "snapshot.png", ".bcfv"])
def test_a_member_that_cannot_be_unpacked_costs_itself_and_is_named(tmp_path, member):
    path = tmp_path / "a.bcf"
    bcf.write([topic(), topic()], path)
    with zipfile.ZipFile(path) as archive:
        info = next(one for one in archive.infolist() if one.filename.endswith(member))
    raw = bytearray(path.read_bytes())
    begin = info.header_offset + 30 + len(info.filename.encode())
    raw[begin : begin + info.compress_size] = b"\xff" * info.compress_size  # no deflate stream
    path.write_bytes(raw)
    parcel = bcf.read(path)
    assert len(parcel.topics) == (1 if member == "markup.bcf" else 2)
    assert [caution.facts["member"] for caution in parcel.cautions] == [info.filename]


def test_a_file_of_which_nothing_can_be_unpacked_is_refused_by_name(tmp_path):
    path = tmp_path / "a.bcf"
    bcf.write([topic()], path)
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("bcf.version")
    raw = bytearray(path.read_bytes())
    begin = info.header_offset + 30 + len(info.filename)
    raw[begin : begin + info.compress_size] = b"\xff" * info.compress_size
    path.write_bytes(raw)
    with pytest.raises(UserError) as refused:
        bcf.read(path)
    assert refused.value.facts["file"] == "a.bcf"


def test_a_document_type_is_refused(tmp_path):
    path, one = tmp_path / "a.bcf", topic()
    bcf.write([one], path, "3.0")
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><Markup><Topic>&b;</Topic></Markup>'
    broken(path, lambda members: members.update({f"{one.guid}/markup.bcf": bomb}))
    with pytest.raises(UserError) as error:
        bcf.read(path)
    assert error.value.code == "bcf.damaged"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "bcf.not_bcf"), (b"not a zip", "bcf.not_bcf"), (b"PK\x03\x04" + bytes(50), "bcf.not_bcf")],
)
def test_what_is_no_bcf_is_refused_by_name(tmp_path, data, code):
    path = tmp_path / "x.bcf"
    path.write_bytes(data)
    with pytest.raises(UserError) as error:
        bcf.read(path)
    assert error.value.code == code
    assert error.value.facts["file"] == "x.bcf"


def test_an_archive_without_a_version_and_one_from_the_future_are_refused(tmp_path):
    path = tmp_path / "x.bcf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UserError) as error:
        bcf.read(path)
    assert error.value.code == "bcf.not_bcf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bcf.version", '<Version VersionId="9.0"/>')
    with pytest.raises(UserError) as error:
        bcf.read(path)
    assert error.value.code == "bcf.version"


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.bcf"
    bcf.write([topic()], path)
    before = path.read_bytes()
    monkeypatch.setattr(bcf, "_write_topic", lambda *_: (_ for _ in ()).throw(RuntimeError("full")))
    with pytest.raises(RuntimeError):
        bcf.write([topic()], path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["a.bcf"]


def test_two_states_of_a_topic_become_one_that_has_everything_said():
    mine = topic()
    later = Comment(new_guid(), "2026-11-23T10:00:00+08:00", "赵工", "已改")
    other = replace(mine, status="Closed", comments=(later,), views=())
    both = merged(mine, other)
    assert both.status == "Closed"
    assert [comment.text for comment in both.comments] == [mine.comments[0].text, "已改"]
    assert both.views == mine.views
    assert merged(other, mine) == both


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=40)


@settings(max_examples=25, deadline=None)
@given(title=TEXT, said=TEXT, version=st.sampled_from(bcf.VERSIONS))
def test_any_words_survive(tmp_path_factory, title, said, version):
    path = tmp_path_factory.mktemp("bcf") / "a.bcf"
    mine = topic(title=title, comments=(Comment(new_guid(), "2026-11-22T10:00:00+08:00", "a", said),))
    bcf.write([mine], path, version)
    (back,) = bcf.read(path).topics
    assert back.title.split() == (title or "–").split()
    assert back.comments[0].text.split() == said.split()


def test_topics_live_in_the_project_file(tmp_path):
    from models.project.project import ProjectState
    from models.store.project_file import open_project, save_project

    state = ProjectState("评审", topics=(topic(), topic(status="Closed", views=())))
    save_project(state, {}, tmp_path / "a.gpkg")
    back, _ = open_project(tmp_path / "a.gpkg")
    assert back.topics == state.topics


def elder(path, viewpoint, markup=""):
    """Write a BCF 2.0 file as tools of its day did, without authors, dates and ids here and there."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bcf.version", '<Version VersionId="2.0"><DetailedVersion>2.0</DetailedVersion></Version>')
        archive.writestr("project.bcfp", "<ProjectExtension><Project><Name>示例</Name></Project></ProjectExtension>")
        archive.writestr("a/markup.bcf", markup or (
            '<Markup><Header><File IfcProject="0YvctVUKr0kugbFTf53O9L"><Filename>A.ifc</Filename></File></Header>'
            '<Topic Guid="a" TopicStatus="Open" TopicType="Issue"><Title>净距</Title><RelatedTopics Guid="b"/></Topic>'
            '<Comment Guid="c"><VerbalStatus>Open</VerbalStatus><Status>Error</Status><Date>2015-06-09T11:01:05+03:00'
            '</Date><Author>李工</Author><Comment>请复核</Comment><Topic Guid="a"/><Viewpoint Guid="v"/></Comment>'
            '<Viewpoints Guid="v"><Viewpoint>viewpoint.bcfv</Viewpoint></Viewpoints></Markup>'))  # fmt: skip
        archive.writestr("a/viewpoint.bcfv", f"<VisualizationInfo>{viewpoint}</VisualizationInfo>")
    return path


CAMERA = (
    "<PerspectiveCamera><CameraViewPoint><X>1</X><Y>2</Y><Z>3</Z></CameraViewPoint><CameraDirection><X>1</X><Y>0</Y>"
    "<Z>0</Z></CameraDirection><CameraUpVector><X>0</X><Y>0</Y><Z>1</Z></CameraUpVector><FieldOfView>60</FieldOfView>"
    "</PerspectiveCamera>"
)


@pytest.mark.parametrize(
    ("components", "default", "exceptions", "selected", "colours"),
    [
        ('<Component IfcGuid="A" Visible="true"/><Component IfcGuid="B"/>', False, ["A"], [], []),
        ('<Component IfcGuid="A" Visible="false" Selected="true"/>', True, ["A"], ["A"], []),
        ('<Component IfcGuid="A" Selected="true"/>', True, [], ["A"], []),
        ('<Component IfcGuid="A" Selected="false" Color="FF00FF00"/>', True, [], [], [("FF00FF00", ["A"])]),
        ("", True, [], [], []),
    ],
)
def test_bcf_20_says_of_each_component_what_later_became_lists(
    components, default, exceptions, selected, colours, tmp_path
):
    parcel = bcf.read(elder(tmp_path / "旧.bcfzip", f"<Components>{components}</Components>{CAMERA}"))
    assert (parcel.version, parcel.project, parcel.cautions) == ("2.0", "示例", [])
    (one,) = parcel.topics
    assert (one.title, one.author, one.related, one.comments[0].text) == ("净距", "", ("b",), "请复核")
    (view,) = one.views
    assert view.camera.position == (1.0, 2.0, 3.0)
    assert view.shown_by_default is default
    assert [thing.ifc_guid for thing in view.exceptions] == exceptions
    assert [thing.ifc_guid for thing in view.selected] == selected
    assert [(colour, [thing.ifc_guid for thing in things]) for colour, things in view.colours] == colours


def test_a_topic_without_author_or_dates_is_a_topic_in_every_version(tmp_path):
    for version in bcf.VERSIONS:
        path = tmp_path / f"{version}.bcf"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("bcf.version", f'<Version VersionId="{version}"/>')
            archive.writestr("a/markup.bcf", '<Markup><Topic Guid="a"><Title>t</Title></Topic></Markup>')
        assert [(one.title, one.date, one.author) for one in bcf.read(path).topics] == [("t", "", "")]
