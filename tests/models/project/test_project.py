"""The project tells of its changes once, and knows whether it is on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.project.project import Project, ProjectState

LAYER = Layer("a", "甲", "vector", "parcels")


def test_setting_the_same_state_is_silent():
    project, told = Project(ProjectState("城")), []
    project.changed.connect(lambda *args: told.append(args))
    project.set_state(ProjectState("城"))
    assert told == []
    project.set_state(ProjectState("市"))
    assert [(before.name, after.name) for before, after in told] == [("城", "市")]


def test_a_change_makes_the_project_unsaved_and_taking_it_back_makes_it_saved_again():
    project, told = Project(ProjectState("城")), []
    project.saved_changed.connect(told.append)
    project.set_state(ProjectState("市"))
    project.set_state(ProjectState("区"))
    project.set_state(ProjectState("城"))
    assert told == [False, True]
    assert project.is_saved


def test_marking_as_saved_tells_once():
    project, told = Project(), []
    project.set_state(ProjectState("城"))
    project.saved_changed.connect(told.append)
    project.mark_saved()
    project.mark_saved()
    assert told == [True]


def test_a_layer_keeps_its_place_when_it_changes():
    state = ProjectState(layers=(LAYER, Layer("b", "乙", "table")))
    changed = state.with_layer(replace(LAYER, visible=False))
    assert [layer.id for layer in changed.layers] == ["a", "b"]
    assert not changed.layer("a").visible
    assert [layer.id for layer in state.with_role("parcels")] == ["a"]


def test_asking_for_a_layer_that_is_not_there_says_so():
    with pytest.raises(UserError, match=r"project\.no_layer"):
        ProjectState().layer("a")


def test_a_layer_without_data_says_so():
    with pytest.raises(UserError, match=r"project\.no_data"):
        Project(ProjectState(layers=(LAYER,))).data_of("a")


def test_replacing_everything_tells_of_one_change():
    project, told = Project(), []
    project.changed.connect(lambda *_: told.append("changed"))
    data = VectorData(pd.DataFrame())
    project.replace_all(ProjectState(layers=(LAYER,)), {"a": data}, Path("x.gpkg"))
    assert told == ["changed"]
    assert project.is_saved
    assert project.data_of("a") is data


def test_a_project_is_synthetic_as_soon_as_one_layer_is():
    assert not ProjectState(layers=(LAYER,)).synthetic
    assert ProjectState(layers=(LAYER, replace(LAYER, id="b", synthetic=True))).synthetic
