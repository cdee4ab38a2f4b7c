"""What a stranger's file does to a reader is told of the file; only what belongs to no file is a fault of ours."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.background.workers import run_child
from models.core.errors import Cancelled, UserError
from models.core.foreign import foreign
from models.core.progress import Progress


class Panic(BaseException):
    """As Rust libraries raise it: no Exception."""


def of_reading(error: BaseException) -> UserError:
    with pytest.raises(UserError) as told, foreign(Path("/somewhere/a.las")):
        raise error
    return told.value


def test_whatever_a_library_raises_names_the_file_and_its_first_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        error = of_reading(Panic("index out of bounds\nnote: run with RUST_BACKTRACE"))
    assert (error.code, error.facts) == ("io.unread", {"file": "a.las", "reason": "index out of bounds"})
    assert "Panic" in caplog.text  # the trace is kept: it may be ours after all


def test_the_record_that_a_reader_noted_is_told() -> None:
    hit = KeyError("geometry")
    hit.add_note("feature 12")
    assert of_reading(hit).facts["reason"] == "feature 12: KeyError: 'geometry'"


def test_too_much_memory_is_told_as_such() -> None:
    assert of_reading(MemoryError()).code == "io.out_of_memory"


@pytest.mark.parametrize("ending", [Cancelled(), KeyboardInterrupt(), UserError("io.empty", file="a")])
def test_other_endings_pass(ending: BaseException) -> None:
    with pytest.raises(type(ending)), foreign("a.las"):
        raise ending


def test_a_child_names_the_file_of_what_no_reader_expected(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(UserError) as told, caplog.at_level(logging.ERROR):
        run_child("models.core.plain_values:json_text", {"path": "/somewhere/a.gpkg"}, Progress())
    assert (told.value.code, told.value.facts["file"]) == ("io.unread", "a.gpkg")
    assert "Traceback" in caplog.text


def test_what_belongs_to_no_file_stays_a_fault_of_ours() -> None:
    with pytest.raises(RuntimeError, match="json_text"):
        run_child("models.core.plain_values:json_text", {}, Progress())
