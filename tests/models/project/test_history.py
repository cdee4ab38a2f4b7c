"""Undoing everything gives back an equal project; what failed leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.health.results import IndicatorResult, UnitValue
from models.layers.layer import Layer
from models.project.history import LIMIT, History
from models.project.project import Project, ProjectState
from models.views.camera import Camera
from models.views.scene_state import Theme
from models.views.viewpoint import Viewpoint


def result_of(value):
    unit = UnitValue("d", -1, "", "", "", value, value, 1.0, 1.0, "no_data" if value is None else "ok")
    return IndicatorResult("HC25-25", "2025", (), unit)


CAMERA = Camera((0, 0, 100), (0, 0, 0))
ids = st.sampled_from("abcde")
changes = st.one_of(
    st.builds(lambda i, name: lambda s: s.with_layer(Layer(i, name, "vector")), ids, st.text(max_size=3)),
    st.builds(lambda i: lambda s: s.without_layer(i), ids),
    st.builds(lambda name: lambda s: replace(s, name=name), st.text(max_size=3)),
    st.builds(lambda i: lambda s: replace(s, viewpoints=(*s.viewpoints, Viewpoint(i, i, CAMERA))), ids),
    st.builds(lambda kind: lambda s: replace(s, theme=Theme(kind)), st.sampled_from(["plain", "facilities"])),
    st.builds(
        lambda v: lambda s: replace(s, results=(result_of(v),)),
        st.none() | st.floats(0, 100),
    ),
)


@given(st.lists(changes, max_size=20))
def test_undoing_everything_gives_back_an_equal_project(steps):
    project = Project(ProjectState("城"))
    history, start = History(project), project.state
    for change in steps:
        history.do("step", change)
    end = project.state
    while history.undo_label:
        history.undo()
    assert project.state == start
    while history.redo_label:
        history.redo()
    assert project.state == end


@given(st.lists(st.tuples(st.sampled_from(["do", "undo", "redo"]), changes), max_size=25))
def test_any_walk_through_history_shows_only_states_that_were(steps):
    project = Project()
    history, seen = History(project), [project.state]
    for verb, change in steps:
        if verb == "do":
            history.do("step", change)
            if project.state not in seen:
                seen.append(project.state)
        else:
            getattr(history, verb)()
        assert project.state in seen


def test_a_failed_command_leaves_no_trace():
    project = Project(ProjectState("城"))
    history, told = History(project), []
    history.changed.connect(lambda: told.append("history"))
    project.changed.connect(lambda *_: told.append("project"))

    def fail(_: ProjectState) -> ProjectState:
        raise ValueError

    with pytest.raises(ValueError):
        history.do("step", fail)
    assert (project.state, history.undo_label, told) == (ProjectState("城"), "", [])


def test_a_command_that_changes_nothing_is_not_in_the_history():
    history = History(Project(ProjectState("城")))
    history.do("step", lambda state: replace(state, name="城"))
    assert history.undo_label == ""


def test_doing_something_new_forgets_what_was_undone():
    history = History(Project())
    history.do("one", lambda state: replace(state, name="1"))
    history.undo()
    history.do("two", lambda state: replace(state, name="2"))
    assert (history.undo_label, history.redo_label) == ("two", "")


def test_history_keeps_a_bounded_number_of_steps():
    project = Project()
    history = History(project)
    for number in range(LIMIT + 20):
        history.do("step", lambda state, n=number: replace(state, name=str(n)))
    for _ in range(LIMIT + 20):
        history.undo()
    assert project.state.name == "19"
