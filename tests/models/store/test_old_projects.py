"""Projects of version 1 open, keep their values as old ones, and are written in today's version."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from app.session import Session
from app.usecases.health import health
from app.usecases.project import opening
from models.health.results import Stamp
from models.store import schema
from models.store.rows import results
from tests.support.old_project import write_old_project


@pytest.fixture
def old(tmp_path: Path) -> Path:
    write_old_project(tmp_path / "old.gpkg")
    return tmp_path / "old.gpkg"


def test_an_old_project_opens_with_its_values_which_are_old_and_lead_to_no_objects(session: Session, old: Path) -> None:
    before = old.read_bytes()
    opening.open_project(session, old)
    state = session.project.state
    assert (state.name, state.name_en) == ("旧城", "Old town")
    assert [view.name for view in state.viewpoints] == ["北看"]
    assert state.theme.indicator == "HC25-25"
    (kept,) = state.results
    assert [(unit.unit_name, unit.value, unit.status) for unit in (*kept.units, kept.city)] == [
        ("甲街道", 55.5, "ok"), ("乙街道", None, "no_data"), ("全市", 55.5, "ok"),
    ]  # fmt: skip
    assert kept.stamp == Stamp()
    assert (kept.problems, kept.good) == ((), ())
    assert health.latest(session, "HC25-25") is None
    assert health.kept(session, "HC25-25") is kept
    assert old.read_bytes() == before, "opening writes nothing"


def test_an_old_project_is_saved_in_todays_version_and_opens_the_same(
    session: Session, old: Path, tmp_path: Path
) -> None:
    opening.open_project(session, old)
    state = session.project.state
    opening.save_project(session, tmp_path / "new.gpkg")
    opening.open_project(session, tmp_path / "new.gpkg")
    assert session.project.state.results == state.results
    with contextlib.closing(sqlite3.connect(tmp_path / "new.gpkg")) as connection:
        written = connection.execute("SELECT value FROM chengjing_meta WHERE key = 'version'").fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert written == (str(schema.VERSION),)


def test_a_run_of_ids_that_no_layer_can_have_is_refused_before_it_fills_the_memory() -> None:
    run = {"indicator": "HC25-25", "edition": "2025"}
    unit = dict.fromkeys(results.TABLES[results.VALUES]) | run | {"unit_oid": -1}
    good = dict.fromkeys(results.TABLES[results.OBJECTS]) | run | {"side": "good", "layer": "a", "reason": "site"}
    for first, last in ((0, 2**52), (5, 4)):
        documents = {
            results.VALUES: [unit],
            results.RUNS: [run | {"inputs": "[]", "thresholds": "[]", "stamp": "[]"}],
            results.OBJECTS: [good | {"oid": first, "last_oid": last}],
        }
        with pytest.raises(ValueError, match="chengjing_result_objects"):
            results.results_of(documents)
