"""What people say of the health check, read from projects of somebody's making."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.health.book import book_of
from models.health.judging.rules import rules_of
from models.health.state import HealthState
from models.store.rows.health_tables import health_of

KINDS = get_type_hints(HealthState)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["1e400", "2025"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


def items(part: str) -> st.SearchStrategy[object]:
    """Return what may stand in a row of a part: anything, or the names of its fields with anything in them."""
    row = get_args(KINDS[part])[:1]
    return ANY | st.fixed_dictionaries({one.name: ANY for one in fields(row[0])}) if row else ANY


ROWS = st.sampled_from(sorted(KINDS)).flatmap(lambda part: st.tuples(st.just(part), items(part)))


@settings(max_examples=80, deadline=None)
@given(st.lists(ROWS, max_size=3))
def test_a_row_of_any_content_is_taken_or_left_out(rows: list[tuple[str, object]]) -> None:
    left_out: list[object] = []
    health = health_of([{"part": part, "content": json.dumps(value)} for part, value in rows], left_out.append)
    taken = sum(len(getattr(health, part)) for part in {part for part, _ in rows} if get_args(KINDS[part]))
    assert taken + len(left_out) <= len(rows)
    assert book_of(health).indicators
    assert rules_of(health.judging_rules)


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("edition", "1999"),
        ("edition", ""),
        ("edition", "../stars"),
        ("judging_rules", {"name": "no_such_rule", "value": "1", "by": "", "at": "", "source": ""}),
        ("judging_rules", {"name": "clear_margin", "value": "nan", "by": "", "at": "", "source": ""}),
    ],
)
def test_what_the_program_does_not_know_is_left_out_and_named(part: str, content: object) -> None:
    left_out: list[object] = []
    row = {"part": part, "content": json.dumps(content)}
    assert health_of([row], left_out.append) == HealthState()
    assert left_out == [row]


@pytest.mark.parametrize("content", [None, b"\xff", 5, "", "[", "9" * 5000, "[" * 100])
def test_a_cell_that_is_no_json_is_left_out(content: object) -> None:
    left_out: list[object] = []
    assert health_of([{"part": "ledger", "content": content}], left_out.append) == HealthState()
    assert len(left_out) == 1


def test_a_result_of_an_indicator_that_nobody_defines_is_kept_and_not_shown(session, tmp_path):
    from app.usecases.health import health
    from app.usecases.project import opening
    from models.health.results import CITY_OID, IndicatorResult, UnitValue

    city = UnitValue("districts", CITY_OID, "", "全市", "", 1.0, 1.0, 1.0, 1.0, "ok")
    strange = IndicatorResult("HC31-99", "2031", (), city)
    session.history.do("history.compute_indicators", lambda state: health.with_results(state, [strange]))
    opening.save_project(session, tmp_path / "p.gpkg")
    opening.new_project(session)
    opening.open_project(session, tmp_path / "p.gpkg")
    assert [one.code for one in session.project.state.results] == ["HC31-99"]
    assert "HC31-99" not in health.all_kept(session)
