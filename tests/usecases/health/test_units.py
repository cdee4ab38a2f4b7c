"""Check units in a project: proposed, edited, accepted, taken back, saved and opened."""

from __future__ import annotations

import pytest
from shapely import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import units
from app.usecases.project import opening
from models.core.errors import UserError
from models.project.selection import ObjectKey
from tests.support.health_city import at, city, layer_of


@pytest.fixture
def session():
    shapes = [at(box(1000 * k, 0, 1000 * k + 1000, 1000)) for k in range(3)]
    state, data = city(
        layer_of("communities", shapes, code=["A", "B", "C"], name=["甲", "乙", "丙"], name_en=["", "", ""],
                 district_code=["1"] * 3, population=[3000, 4000, 9000]),
        layer_of("projects", [at(box(900, 0, 1100, 1000))], code=["P"]),
    )  # fmt: skip
    made = Session(Settings(None), Jobs(inline=True), lang="zh")
    made.project.replace_all(state, data, None)
    yield made
    made.close()


def shown(session, role):
    layer = session.project.state.with_role(role)[0]
    return sorted(session.project.data[layer.id].attributes["code"])


def test_an_accepted_proposal_takes_the_place_of_the_administrative_layer_and_gives_it_back(session):
    units.propose_units(session, "community")
    assert shown(session, "communities") == ["A", "B", "C"]
    accepted = units.accept(session, "community")
    assert (accepted.version, shown(session, "communities")) == (1, ["C", "TJX0001"])
    assert session.project.state.layer("communities").role == "other"
    units.go_back(session, "community")
    assert shown(session, "communities") == ["A", "B", "C"]
    assert session.project.state.layer("communities").visible
    units.use_version(session, "community", 1)
    assert shown(session, "communities") == ["C", "TJX0001"]


def test_each_edit_is_one_step_that_undo_takes_back_with_the_very_layer(session):
    units.propose_units(session, "community")
    before = session.project.state
    draft = units.set_of(before, "community")
    units.merge(session, "community", [unit.code for unit in draft.units])
    after = units.set_of(session.project.state, "community")
    assert [unit.members for unit in after.units] == [("A", "B", "C")]
    assert len(session.project.data[after.layer].attributes) == 1
    session.history.undo()
    assert session.project.state == before
    assert len(session.project.data[draft.layer].attributes) == 2
    session.history.redo()
    assert units.set_of(session.project.state, "community") == after


def test_an_object_that_is_selected_becomes_a_unit_across_borders(session):
    units.propose_units(session, "community")
    units.cut_out(session, "community", [ObjectKey("projects", 1)], "片区")
    made = units.set_of(session.project.state, "community").units
    (made,) = [unit for unit in made if unit.name == "片区"]
    assert made.reason == "renewal"
    assert made.area_m2 == pytest.approx(200_000.0)


def test_versions_count_on_keep_who_made_them_and_can_be_compared(session):
    units.propose_units(session, "community")
    units.accept(session, "community")
    units.edit_version(session, "community", 1)
    units.rename(session, "community", "C", "新丙")
    second = units.accept(session, "community")
    assert second.version == 2
    assert second.made_by
    assert [(one.code, one.kind) for one in units.changes_between(session, "community", 1, 2)] == [("C", "name")]
    assert units.in_effect(session.project.state, "community") is second
    # what is proposed next starts from the administrative units, not from units of units
    units.propose_units(session, "community")
    assert {member for unit in units.set_of(session.project.state, "community").units for member in unit.members} == {
        "A", "B", "C",
    }  # fmt: skip


def test_units_outlive_saving_and_opening(session, tmp_path):
    units.propose_units(session, "community")
    accepted = units.accept(session, "community")
    opening.save_project(session, tmp_path / "city.gpkg")
    opening.open_project(session, tmp_path / "city.gpkg")
    assert units.in_effect(session.project.state, "community") == accepted
    assert shown(session, "communities") == ["C", "TJX0001"]
    units.go_back(session, "community")
    assert shown(session, "communities") == ["A", "B", "C"]


def test_what_is_not_there_is_refused_in_words(session):
    with pytest.raises(UserError, match=r"units\.no_draft"):
        units.accept(session, "community")
    with pytest.raises(UserError, match=r"units\.no_version"):
        units.use_version(session, "community", 7)
    with pytest.raises(UserError, match=r"units\.no_level"):
        units.propose_units(session, "street")
