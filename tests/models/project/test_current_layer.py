"""The current layer: one choice that everything follows, never left on a layer that is gone."""

from models.layers.layer import Layer
from models.project.current_layer import CurrentLayer
from models.project.project import Project, ProjectState


def project():
    return Project(ProjectState(layers=tuple(Layer(name, name, "vector") for name in "abc")))


def test_a_choice_is_told_once_and_an_unknown_layer_is_no_choice():
    current, told = CurrentLayer(project()), []
    current.changed.connect(lambda *change: told.append(change))
    current.set("b")
    current.set("b")
    current.set("nobody")
    assert current.id == "b"
    assert told == [("", "b")]


def test_where_the_current_layer_goes_the_one_below_it_becomes_current_and_undo_changes_no_choice():
    own = project()
    current, before = CurrentLayer(own), own.state
    current.set("b")
    own.set_state(before.without_layer("b"))
    assert current.id == "a"
    own.set_state(before)
    assert current.id == "a"
    own.set_state(before.without_layer("a"))
    assert current.id == "b", "nothing lies below: the one above"


def test_another_project_begins_without_a_current_layer():
    own = project()
    current = CurrentLayer(own)
    current.set("c")
    own.replace_all(ProjectState(layers=(Layer("z", "z", "vector"),)), {}, None)
    assert current.id == ""
