"""A session has one store of readings: beside its project, closed with it, carried along when it is saved elsewhere."""

from __future__ import annotations

import shutil

import pytest

from app.usecases.project import opening
from app.usecases.readings.readings import facilities_of, places_of, store_for_writing, store_of
from models.core.errors import UserError
from models.readings.batch import readings
from models.readings.folder import folder_beside


def test_a_project_that_was_never_saved_has_none_and_says_so(session):
    assert store_of(session) is None
    with pytest.raises(UserError, match=r"readings\.no_project"):
        store_for_writing(session)


def test_readings_lie_beside_the_project_and_go_along_when_it_is_saved_elsewhere(session, sample_city, tmp_path):
    city = tmp_path / "city.gpkg"
    shutil.copy(sample_city, city)
    opening.open_project(session, city)
    assert store_of(session) is None
    store = store_for_writing(session)
    sensor = session.project.data_of(session.project.state.with_role("sensors")[0].id).frame.iloc[3]
    channel = store.channel_for(str(sensor["code"]), "tilt", "°")
    unknown = store.channel_for("nobody", "tilt", "°")
    store.append(readings([channel], [1_750_000_000_000_000], [1.5]))
    assert list(places_of(session)) == [channel]
    assert places_of(session)[channel].oid == int(sensor.name)
    assert unknown not in facilities_of(session)
    named = session.project.business_keys(facilities_of(session)[channel].layer)
    assert named.single()[str(sensor["component"])] == facilities_of(session)[channel].oid

    opening.save_project(session, tmp_path / "other.gpkg")
    moved = store_of(session)
    assert moved is not None
    assert moved.path.parent == folder_beside(tmp_path / "other.gpkg")
    assert moved.count() == 1
    with pytest.raises(UserError, match=r"readings\.closed"):
        store.count()


def test_a_project_opens_beside_damaged_readings(session, sample_city, tmp_path):
    city = tmp_path / "city.gpkg"
    shutil.copy(sample_city, city)
    folder_beside(city).mkdir()
    (folder_beside(city) / "readings.duckdb").write_bytes(b"x" * 5000)
    opening.open_project(session, city)
    assert session.project.state.layers
    with pytest.raises(UserError, match=r"readings\.damaged"):
        store_of(session)
