"""Moments in a zone, and back."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.core.errors import UserError
from models.project.operations import OperationsState
from models.store.rows.operations_tables import operations_of
from models.store.rows.state_rows import rows_of
from models.timeline.zone import ZoneSetting, iso, local, moment_text, offset_text, us_of, us_of_iso

STORM = us_of(dt.datetime(2025, 7, 18, 10, 40, tzinfo=dt.UTC))


def test_a_moment_is_written_in_the_zone_of_the_project():
    assert moment_text(STORM) == "2025-07-18 18:40"
    assert iso(STORM) == "2025-07-18T18:40:00+08:00"
    assert offset_text(STORM) == "UTC+8"
    assert offset_text(STORM, "America/St_Johns") == "UTC-2:30"


def test_a_text_without_a_zone_is_meant_in_that_of_the_project():
    assert us_of_iso("2025-07-18 18:40") == us_of_iso("2025-07-18T10:40Z") == STORM


def test_what_is_no_zone_and_no_moment_is_refused_by_name():
    with pytest.raises(UserError, match=r"timeline\.no_zone"):
        local(STORM, "Atlantis/Main")
    with pytest.raises(UserError, match=r"timeline\.no_moment"):
        us_of_iso("yesterday")


@given(st.integers(-(2**62), 2**62))
def test_any_number_is_some_moment(moment_us):
    assert local(moment_us).tzinfo is not None


def test_the_zone_of_a_project_is_kept_and_one_that_is_none_is_left_out():
    state = OperationsState(zone=ZoneSetting("Asia/Urumqi"))
    assert operations_of(rows_of(state), lambda _: None) == state
    bad = []
    strange = operations_of(rows_of(OperationsState(zone=ZoneSetting("no/where"))), bad.append)
    assert strange == OperationsState()
    assert len(bad) == 1
