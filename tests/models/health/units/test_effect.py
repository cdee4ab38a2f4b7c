"""What tables say of administrative units holds for the check units that took their place."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely import box

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import units
from models.health.book import book_of
from models.health.collection.forms import forms_of
from models.health.compute import compute
from models.health.lists.found import found_in
from models.layers.layer import Layer, VectorData
from tests.support.health_city import at, city, layer_of


def records(*rows):
    names = ["object_code", "object_kind", "indicator", "item", "found"]
    return Layer("check_records", "", "table", "check_records"), VectorData(pd.DataFrame(rows, columns=names))


def of(session, code):
    state = session.project.state
    found = compute(code, state, session.project.data)
    return {one.unit_code: one.value for one in found.estates}


@pytest.fixture
def session():
    """Return three communities, joined to A with B, and C: a school of B stands in C, a record speaks of A and of B."""
    shapes = [at(box(1000 * k, 0, 1000 * k + 1000, 1000)) for k in range(3)]
    state, data = city(
        layer_of("districts", [at(box(0, 0, 3000, 1000))], code=["1"], name=["甲"], name_en=["One"]),
        layer_of("communities", shapes, code=["A", "B", "C"], name=["甲", "乙", "丙"], name_en=["", "", ""],
                 district_code=["1"] * 3, population=[3000, 4000, 9000], primary_children=[100, 200, 300]),
        layer_of("amenities", [at(box(2500, 500, 2510, 510)), at(box(2600, 500, 2610, 510))],
                 kind=["primary_school"] * 2, capacity=[150, 250], community_code=["A、B", "C"]),
        layer_of("buildings", [at(box(100, 0, 110, 10)), at(box(1100, 0, 1110, 10))], code=["H1", "H2"],
                 use=["residential"] * 2, community_code=["A", "B"]),
        records(("A", "community", "HC25-19", "19-1", "no"), ("B", "community", "HC25-19", "19-1", "yes"),
                ("C", "community", "HC25-19", "19-1", "no")),
    )  # fmt: skip
    made = Session(Settings(None), Jobs(inline=True), lang="zh")
    made.project.replace_all(state, data, None)
    yield made
    made.close()


def accept(session):
    units.propose_units(session, "community")
    return next(one.code for one in units.accept(session, "community").units if one.members == ("A", "B"))


def test_a_school_that_names_communities_serves_the_check_unit_that_they_are_in(session):
    assert of(session, "HC25-13") == {"A": 50.0, "B": 100.0, "C": 50.0}  # 150 places for 300 children of A and B
    joined = accept(session)
    assert of(session, "HC25-13") == {joined: 150.0, "C": 50.0}


def test_a_check_unit_fails_by_the_record_of_one_community_and_passes_only_when_all_were_looked_at(session):
    joined = accept(session)
    assert of(session, "HC25-19") == {joined: 1.0, "C": 0.0}
    state = session.project.state
    data = dict(session.project.data)
    table = data["check_records"].frame
    for kept, value in ((table["object_code"] != "B", None), (table["object_code"] != "A", 1.0)):
        data["check_records"] = VectorData(table[kept])
        found = {one.unit_code: one.value for one in compute("HC25-19", state, data).estates}
        assert found == {joined: value, "C": 0.0}


def test_forms_and_lists_know_what_names_its_administrative_unit(session):
    joined = accept(session)
    state, data = session.project.state, session.project.data
    forms = {one.unit.code: one for one in forms_of(state, data, book_of(state.health), ("HC25-03",))}
    assert list(forms[joined].sheets[0].objects["object_code"]) == ["H1", "H2"]
    rows = found_in(state, data, book_of(state.health)).rows
    of_records = rows[rows["code"] == "HC25-19"]
    assert list(of_records["object_code"]) == [joined]
    assert list(of_records["district"]) == ["1"]
