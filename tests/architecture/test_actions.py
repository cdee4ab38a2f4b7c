"""The action table: each row calls a method that is there, ids and keys are its own; no Qt comes along."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from app.actions import MENUS, actions, panels, submenus
from app.actions.action import Action
from app.window.features import registry


def test_ids_and_keys_stand_for_one_action_each() -> None:
    assert max(Counter(entry.id for entry in actions()).values()) == 1
    keys = [key for entry in actions() for key in entry.shortcut.split("; ") if key]
    keys += [panel.shortcut for panel in panels().values() if panel.shortcut]
    assert {key: count for key, count in Counter(keys).items() if count > 1} == {}


def test_every_menu_of_a_row_is_there() -> None:
    known = {*MENUS, *(inner.path for inner in submenus())}
    assert {entry.menu.partition("/")[0] for entry in actions() if entry.menu} <= known


@pytest.mark.parametrize("entry", actions(), ids=lambda entry: entry.id)
def test_a_row_calls_a_method_of_a_feature(entry: Action) -> None:
    from app.window.shell import commands, display_options, editing, guide, help, palette, preferences  # noqa: A004

    frame = (
        display_options.DisplayOptions,
        editing.Editing,
        help.Help,
        palette.Palette,
        preferences.Preferences,
        guide.Guide,
    )
    kinds = [kind for module in registry.modules("feature") for kind in module.FEATURES]
    features = {kind.name: kind for kind in (*frame, *kinds)}
    assert len(features) == len(frame) + len(kinds), "two features of one name"
    assert callable(commands.target_of(entry, features))


def test_the_table_brings_no_heavy_library() -> None:
    code = "import sys; from app.actions import actions; actions(); print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & {"PySide6", "vtkmodules", "numpy", "pandas"}
