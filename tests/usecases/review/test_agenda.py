"""Making an agenda and showing it: each change one step, showing none, and everything as it was afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.review import agenda, presenting
from models.core.errors import UserError
from models.project.selection import ObjectKey
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.visibility import Cut, SectionBox
from tests.support.window import tiny_city

CAMERA = Camera((0.0, 0.0, 500.0), (0.0, 0.0, 0.0))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path)
    state, data = tiny_city()
    made.project.replace_all(state, data, None)
    return made


def add(session: Session, title: str = "", **looks: object) -> str:
    view = replace(agenda.view_of_now(session, CAMERA, (800, 600)), **looks)  # type: ignore[arg-type]
    return agenda.add_stop(session, view, title=title).id


def titles(session: Session) -> list[str]:
    return [stop.title for stop in session.project.state.review.stops]


def test_stops_are_added_moved_duplicated_and_removed_and_every_step_is_undone(session: Session) -> None:
    begun = session.project.state
    one, two = add(session, "one"), add(session, "two")
    agenda.move_stop(session, two, 0)
    agenda.duplicate_stop(session, one)
    agenda.change_stop(session, two, notes="say this", minutes=3.0)
    agenda.set_date(session, two, "2026-05-01")
    assert titles(session) == ["two", "one", "one"]
    assert agenda.agenda_rows(session)[0]["notes"] == "say this"
    agenda.remove_stop(session, one)
    assert titles(session) == ["two", "one"]
    for _ in range(7):
        session.history.undo()
    assert session.project.state == begun


def test_notes_written_letter_by_letter_are_one_step(session: Session) -> None:
    stop = add(session)
    for text in ("a", "ab", "abc"):
        agenda.change_stop(session, stop, notes=text)
    session.history.undo()
    assert session.project.state.review.stops[0].notes == ""


def test_showing_stops_leaves_a_saved_project_saved_and_the_history_as_it_was(session: Session) -> None:
    layers = session.project.state.layers
    scene = agenda.view_of_now(session, CAMERA, (800, 600)).scene
    assert scene is not None
    dark = replace(scene, shown=scene.shown[1:], hidden=(*scene.hidden, scene.shown[0]))
    stop = add(session, scene=dark, cut=Cut(box=SectionBox((0, 0, 0), (1, 1, 1))), theme=Theme("facilities"))
    session.project.mark_saved()
    steps, begun = session.history.labels, session.project.state
    review = presenting.Review(session)
    review.show_stop(agenda.find_stop(session.project.state, stop))
    assert session.project.state.theme == Theme("facilities")
    assert not session.project.state.layer(scene.shown[0]).visible
    assert session.visibility.cut.box is not None
    assert session.project.is_saved
    assert session.history.labels == steps
    review.leave()
    assert session.project.state == begun
    assert session.project.state.layers == layers
    assert session.visibility.cut == Cut()
    assert session.project.is_saved


def test_what_is_kept_during_a_review_stays_when_it_is_left_and_is_unsaved(session: Session) -> None:
    stop = add(session, theme=Theme("facilities"))
    session.project.mark_saved()
    review = presenting.Review(session)
    review.show_stop(agenda.find_stop(session.project.state, stop))
    agenda.change_stop(session, stop, notes="the room asked why")
    review.leave()
    assert session.project.state.theme == Theme()
    assert session.project.state.review.stops[0].notes == "the room asked why"
    assert not session.project.is_saved


def test_a_project_saved_during_a_review_is_unsaved_when_its_own_look_is_back(session: Session, tmp_path: Path) -> None:
    from app.usecases.project import opening

    stop = add(session, theme=Theme("facilities"))
    opening.save_project(session, tmp_path / "city.gpkg")
    review = presenting.Review(session)
    review.show_stop(agenda.find_stop(session.project.state, stop))
    opening.save_project(session, tmp_path / "city.gpkg")
    review.leave()
    assert session.project.state.theme == Theme()
    assert not session.project.is_saved


def test_layers_that_are_gone_are_counted_and_a_stop_is_shown_without_them(session: Session) -> None:
    first = session.project.state.layers[0].id
    stop = add(session, selected=(ObjectKey(first, 1),))
    session.history.do("history.remove_layer", lambda state: state.without_layer(first))
    found = agenda.find_stop(session.project.state, stop)
    assert agenda.gone_layers(session.project.state, found) == 1
    presenting.Review(session).show_stop(found)
    assert not session.selection.keys
    assert agenda.agenda_rows(session)[0]["layers_gone"] == 1


def test_an_agenda_is_written_as_text_and_workbook_without_formulas(session: Session, tmp_path: Path) -> None:
    add(session, "=1+1")
    agenda.export_agenda(session, tmp_path / "a.txt")
    assert "1.  =1+1" in (tmp_path / "a.txt").read_text(encoding="utf-8-sig")
    agenda.export_agenda(session, tmp_path / "a.xlsx")
    from openpyxl import load_workbook

    cells = [cell for line in load_workbook(tmp_path / "a.xlsx").active for cell in line]  # type: ignore[union-attr]
    assert any("1+1" in str(cell.value) and cell.data_type != "f" for cell in cells)


def test_what_is_no_date_or_no_ending_is_refused(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"agenda\.empty"):
        agenda.export_agenda(session, tmp_path / "a.txt")
    stop = add(session)
    with pytest.raises(UserError, match=r"agenda\.bad_date"):
        agenda.set_date(session, stop, "yesterday")
    with pytest.raises(UserError, match=r"agenda\.bad_suffix"):
        agenda.export_agenda(session, tmp_path / "a.pdf")
    with pytest.raises(UserError, match=r"agenda\.unknown"):
        agenda.remove_stop(session, "none")
