"""Saving in the window: a lock while a project is open, and a question where somebody else has saved."""

import pytest

from app.usecases.project import opening
from models.store import project_file, project_lock
from tests.support.window import settle, spin, tiny_city
from viewers.widgets.common import dialogs


@pytest.fixture
def project(tmp_path):
    state, data = tiny_city()
    project_file.save_project(state, data, tmp_path / "city.gpkg")
    return tmp_path / "city.gpkg"


@pytest.fixture
def opened(make, project):
    window = make(city=False, inline=False)
    opening.open_project(window.session, project)
    assert spin(lambda: window.session.project.path == project and not window.session.jobs.active)
    settle(window)
    return window


def renamed_by_somebody(project):
    from dataclasses import replace

    state, data = project_file.open_project(project)
    project_file.save_project(replace(state, name="别人"), data, project, previous=project)


def save(window, answer, monkeypatch):
    asked = []

    def ask(self):
        asked.append(self)
        return answer

    monkeypatch.setattr(dialogs.SaveConflict, "ask", ask)
    opening.rename_project(window.session, "我")
    opening.save_project(window.session)
    assert spin(lambda: bool(asked))
    spin(lambda: not window.session.jobs.active)
    spin(seconds=0.3)
    return asked[0]


def test_a_project_is_held_while_it_is_open_and_free_when_the_window_goes(opened, project):
    holder = project_lock.holder_of(project)
    assert holder is not None
    assert holder.claim == opened.session.lock.holder.claim
    opening.new_project(opened.session)
    assert not project_lock.file_of(project).exists()


def test_a_change_by_another_is_asked_about_and_overwritten_by_who_wants_it(opened, project, monkeypatch):
    renamed_by_somebody(project)
    dialog = save(opened, "overwrite", monkeypatch)
    assert "reload" in vars(dialog)
    assert spin(lambda: project_file.open_project(project)[0].name == "我")
    assert spin(lambda: opened.session.project.is_saved)


def test_who_reloads_has_what_the_other_saved(opened, project, monkeypatch):
    renamed_by_somebody(project)
    save(opened, "reload", monkeypatch)
    assert spin(lambda: opened.session.project.state.name == "别人")
    assert opened.session.project.is_saved


def test_who_answers_nothing_keeps_the_work_unsaved(opened, project, monkeypatch):
    renamed_by_somebody(project)
    save(opened, "", monkeypatch)
    assert opened.session.project.state.name == "我"
    assert not opened.session.project.is_saved
    assert project_file.open_project(project)[0].name == "别人"


def test_a_project_that_somebody_took_over_is_asked_about_before_it_is_written(opened, project, monkeypatch):
    other = project_lock.take(project, over=True)
    before = project.read_bytes()
    dialog = save(opened, "", monkeypatch)
    assert "reload" not in vars(dialog), "there is nothing newer on the disk"
    assert project.read_bytes() == before
    other.let_go()
