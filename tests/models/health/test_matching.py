"""The inputs assistant: what is proposed, what a person accepts is read under the names that indicators know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import health, matching
from models.health.availability import availability
from models.health.book import book_of
from models.health.mapping.field_names import FieldName, own_names, renamed
from models.health.mapping.fields import known_roles, wanted_of
from models.health.mapping.proposals import propose_column
from models.health.state import HealthState
from models.project.business_keys import Renaming
from models.project.rekeyed import rekeyed
from models.store.rows.health_tables import health_of
from models.store.rows.state_rows import rows_of
from tests.support.health_city import STRIP, at, city, districts, layer_of

FIELD = known_roles()["parcels"].field("land_use")
KIND = known_roles()["green"].field("kind")


def foreign_city():
    """Return a city whose parcels and parks have the names and words of a Chinese office."""
    parcels, land = layer_of("parcels", [STRIP], 地块编号=["P1"], 用地代码=["R2"])
    park, green = layer_of("green", [at(box(0, 400, 100, 500))], 绿地类型=["公园绿地"], 是否开放=["是"])
    park = replace(park, role="other", name="公园")
    return city(districts(), (parcels, land), (park, green))


@pytest.fixture
def session(tmp_path):
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    made.project.replace_all(*foreign_city(), None)
    yield made
    made.close()


def proposed(session):
    got = []
    matching.propose(session, got.append)
    return {one.wanted.role: one for one in got[0]}


def accept_all(session):
    found = proposed(session)
    best = [found[role].best for role in ("parcels", "green")]
    matching.accept(session, {"green": "green"}, [(layer.layer, column) for layer in best for column in layer.columns])


def test_layers_and_columns_are_proposed_by_their_names_and_nothing_is_changed(session):
    before = session.project.state
    found = proposed(session)
    assert found["green"].best.layer == "green"
    assert not found["green"].best.has_role
    columns = {one.field: one for one in (*found["parcels"].best.columns, *found["green"].best.columns)}
    assert (columns["land_use"].column, columns["land_use"].reason) == ("用地代码", "alias")
    assert columns["kind"].values == (("公园绿地", "park"),)
    assert columns["open_to_public"].column == "是否开放"
    assert session.project.state is before


def test_what_a_person_accepts_is_computed_from_and_undone_in_one_step(session):
    state, data = session.project.state, session.project.data
    assert availability("HC25-25", state, data).standing == "missing_layer"
    accept_all(session)
    assert availability("HC25-25", session.project.state, data).standing == "computed"
    health.compute_indicators(session, ("HC25-25",))
    result = health.latest(session, "HC25-25")
    assert result is not None
    assert result.city.value == pytest.approx(50.0, abs=0.1), "1 ha of park reaches 500 m of 1,000 m"
    named = session.project.state.health.field_names
    other = replace(next(one for one in named if one.field == "land_use"), column="地块编号")
    changed = tuple(other if one.field == "land_use" else one for one in named)
    session.history.do(
        "history.match_inputs", lambda before: replace(before, health=replace(before.health, field_names=changed))
    )
    assert health.is_old(session, result), "a result that read another column is old"
    session.history.undo()
    session.history.undo()
    session.history.undo()
    assert session.project.state.health.field_names == ()
    assert session.project.state.layer("green").role == "other"


def test_names_of_fields_are_kept_and_follow_their_layer():
    held = HealthState(field_names=(FieldName("parcels", "land_use", "用地代码", (("居住", "R2"),), "甲"),))
    assert health_of(rows_of(held), lambda row: pytest.fail(str(row))) == held
    state = replace(foreign_city()[0], health=held)
    oids = np.array([1], np.int64)
    assert rekeyed(state, "parcels", "parcels_2", Renaming(oids, oids)).health.field_names[0].layer == "parcels_2"


def test_a_mapped_column_stands_beside_its_own_and_words_nobody_mapped_stay():
    table = pd.DataFrame({"类型": ["公园", "别的", None]})
    named = [FieldName("l", "kind", "类型", (("公园", "park"),)), FieldName("l", "area_m2", "没有")]
    assert renamed(table, named)["kind"].tolist()[:2] == ["park", "别的"]
    assert list(renamed(table, named).columns) == ["类型", "kind"]
    years = renamed(pd.DataFrame({"年": [2000, 1]}), [FieldName("l", "year", "年", (("1", "2001"),))])["year"]
    assert years.tolist() == [2000, "2001"]
    assert own_names(("kind", "code"), named) == ("类型", "code")


@pytest.mark.parametrize(
    ("columns", "column"),
    [
        ({"land_use": ["R2"], "用地代码": ["R1"]}, "land_use"), ({"用地代码 ": ["R2"]}, "用地代码 "),
        ({"x": ["R2"]}, ""), ({"用地代码": [None]}, ""), ({}, ""),
    ],
)  # fmt: skip
def test_a_column_is_proposed_by_its_very_name_first_and_an_empty_one_never(columns, column):
    assert propose_column(pd.DataFrame(columns), FIELD).column == column


def test_two_columns_that_fit_equally_well_are_left_to_a_person():
    table = pd.DataFrame({"绿地类型甲": ["公园"], "绿地类型乙": ["公园"]})
    assert propose_column(table, KIND).column == ""
    table = pd.DataFrame({"绿地类型": ["公园", "奇怪"]})
    found = propose_column(table, KIND)
    assert (found.column, found.values, found.unread) == ("绿地类型", (("公园", "park"),), ("奇怪",))


def test_every_field_that_is_wanted_says_which_indicators_want_it():
    wanted = wanted_of(book_of(HealthState()))
    assert wanted["parcels"].fields["land_use"]["HC25-25"] == "needed"
    assert "HC25-25" in wanted["green"].indicators
