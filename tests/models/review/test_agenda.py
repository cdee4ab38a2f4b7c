"""Stops survive the project file, and follow their objects when a layer's rows are numbered anew."""

from __future__ import annotations

import numpy as np

from models.project.business_keys import GONE_OID, Renaming
from models.project.project import ProjectState
from models.project.rekeyed import named_objects, rekeyed
from models.project.selection import ObjectKey
from models.review.agenda import InkStroke, Stop, total_minutes
from models.review.state import ReviewState
from models.store.rows.state_rows import parts_of, rows_of
from models.views.camera import Camera
from models.views.scene_state import SceneState, Theme
from models.views.snapshot_spec import SnapshotSpec


def stop(name: str = "a", **values: object) -> Stop:
    camera = Camera((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    view = SnapshotSpec(
        "", 800, 600, camera, Theme("indicator", "HC25-25"), scene=SceneState(("one",), ("two",)),
        selected=(ObjectKey("houses", 3), ObjectKey("houses", 4)),
    )  # fmt: skip
    return Stop(name, f"Stop {name}", view, **values)  # type: ignore[arg-type]


def test_a_stop_with_picture_and_ink_comes_back_from_the_rows_of_the_project_file() -> None:
    ink = (InkStroke(((0.0, 0.1), (0.2, -0.3)), "yellow", 0.01),)
    state = ReviewState(stops=(stop(notes="备注", minutes=2.5, thumbnail=b"\xff\x00", ink=ink), stop("b")))
    left_out: list[object] = []
    back = ReviewState(**parts_of(ReviewState, rows_of(state), left_out.append, {}) | {})
    assert not left_out
    assert tuple(back.stops) == state.stops
    assert back.stops[0].thumbnail == b"\xff\x00"


def test_the_selection_of_a_stop_is_led_to_the_rows_in_which_its_objects_stand_now() -> None:
    state = ProjectState(review=ReviewState(stops=(stop(),)))
    assert named_objects(state)["houses"].tolist() == [3, 4]
    renaming = Renaming(np.array([3, 4]), np.array([30, GONE_OID]))
    led = rekeyed(state, "houses", "homes", renaming)
    assert led.review.stops[0].view.selected == (ObjectKey("homes", 30),)
    assert rekeyed(state, "other", "other", renaming).review.stops[0] is state.review.stops[0]


def test_an_agenda_takes_as_long_as_its_stops_say() -> None:
    assert total_minutes((stop(minutes=2.0), stop(), stop(minutes=0.5))) == 2.5
