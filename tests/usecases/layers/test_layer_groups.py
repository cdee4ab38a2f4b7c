"""Groups of layers in a session: made, moved, saved and brought back; what a layer says of itself."""

from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import describe_layer, groups, layers
from models.core.errors import UserError
from models.store.project_file import open_project, save_project
from tests.support.small_city import city


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    city(made)
    yield made
    made.close()


def test_groups_are_saved_with_the_project(session: Session, tmp_path: Path):
    groups.make_group(session, "市政", ["components"], "Municipal")
    groups.make_group(session, "空组")
    save_project(session.project.state, session.project.data, tmp_path / "city.gpkg")
    state, _ = open_project(tmp_path / "city.gpkg")
    assert {group.name: group.layers for group in state.groups} == {"空组": (), "市政": ("components",)}
    assert state.groups == session.project.state.groups


def test_a_group_without_a_name_and_one_that_is_not_there_are_refused(session: Session):
    before = session.project.state
    with pytest.raises(UserError, match=r"layer\.no_name"):
        groups.make_group(session, "  ", ["components"])
    with pytest.raises(UserError, match=r"project\.no_group"):
        groups.ungroup(session, "nobody")
    assert session.project.state == before


def test_layers_that_were_removed_come_back_to_their_place_and_group_after_other_changes(session: Session):
    own = groups.make_group(session, "市政", ["components", "buildings"])
    before = session.project.state
    layers.remove_layers(session, ["components", "buildings"], own)
    after = session.project.state
    assert not after.layers
    assert not after.groups
    layers.bring_back(session, before, after)
    assert session.project.state == before
    layers.remove_layers(session, ["buildings"])
    after = session.project.state
    layers.rename_layer(session, "components", "部件二")
    layers.bring_back(session, before, after)
    state = session.project.state
    assert [layer.id for layer in state.layers] == [layer.id for layer in before.layers]
    assert state.layer("components").name == "部件二"
    assert state.groups == before.groups


def test_only_some_layers_are_shown_in_one_step(session: Session):
    layers.show_only(session, ["buildings"])
    assert [layer.id for layer in session.project.state.layers if layer.visible] == ["buildings"]
    session.history.undo()
    assert all(layer.visible for layer in session.project.state.layers)


def test_a_layer_says_how_much_it_holds_where_from_and_where(session: Session):
    groups.make_group(session, "市政", ["buildings"])
    said = dict(row for section in describe_layer.describe_layer(session, "buildings") for row in section.rows)
    assert said["数量"] == f"{session.project.data['buildings'].count:,}"
    assert said["分组"] == "市政"
    assert said["文件"] == "保存在工程内"
    assert "4548" in said["坐标系"]
