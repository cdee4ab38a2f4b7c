"""What a project says of itself is saved with it, and going several steps back is undoing them one by one."""

from dataclasses import replace

from models.project.about import About
from models.project.history import History
from models.project.project import Project, ProjectState
from models.store.schema import META, documents_of, state_of


def test_source_author_and_note_come_back_from_the_file():
    state = ProjectState(name="小城", about=About("自然资源局 2025", "规划院", "送审稿"))
    assert state_of(documents_of(state, "2025-01-01")) == state


def test_a_file_of_before_says_nothing_of_them():
    documents = documents_of(ProjectState(), "2025-01-01")
    documents[META] = [row for row in documents[META] if row["key"] not in ("source", "author", "note")]
    assert state_of(documents).about == About()


def named(project, history, *names):
    for name in names:
        history.do(f"history.{name}", lambda state, name=name: replace(state, name=name))


def test_several_steps_back_and_forth_end_where_one_by_one_ends():
    project = Project()
    history = History(project)
    named(project, history, "a", "b", "c", "d")
    seen = []
    project.changed.connect(lambda before, after: seen.append(after.name))
    history.go(-3)
    assert (project.state.name, seen) == ("a", ["a"]), "the states between are not passed"
    assert history.labels == (("history.a",), ("history.b", "history.c", "history.d"))
    history.go(2)
    assert project.state.name == "c"
    history.redo()
    assert project.state.name == "d"
    history.go(-99)
    assert project.state.name == ""
    history.go(99)
    assert project.state.name == "d"
    history.go(0)
    history.go(5)
    assert project.state.name == "d"
