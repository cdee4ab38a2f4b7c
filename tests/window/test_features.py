"""A topic is taken away whole with its line in the registry; an action that calls nothing fails at start."""

from dataclasses import replace

import pytest

import app.actions
from app.window.features import registry
from models.project.selection import ObjectKey
from tests.support.window import settle, spin
from viewers.render.scene.picking import Pick


def forget_table():
    for part in (app.actions.actions, app.actions.panels, app.actions.submenus):
        part.cache_clear()


@pytest.fixture(autouse=True)
def own_table():
    """Put the action table together anew for each test, and once more after the last."""
    forget_table()
    yield
    forget_table()


@pytest.mark.parametrize("topic", registry.TOPICS)
def test_without_its_line_a_topic_leaves_nothing_behind(topic, make, monkeypatch):
    (own,) = [module for module in registry.modules("actions") if module.__name__.split(".")[-2] == topic]
    (features,) = [module for module in registry.modules("feature") if module.__name__.split(".")[-2] == topic]
    monkeypatch.setattr(registry, "TOPICS", tuple(name for name in registry.TOPICS if name != topic))
    window = make()
    commands = window.context.commands
    assert not {kind.name for kind in features.FEATURES} & set(window.features)
    assert not {action.id for action in own.ACTIONS} & set(commands.actions)
    assert not {panel.name for panel in own.PANELS} & set(window.context.docks)
    assert not {menu.path for menu in own.SUBMENUS} & set(commands.menus)
    assert all(menu.actions() for name, menu in commands.menus.items() if "." not in name), "no empty menu"
    assert not {action.id for action in own.ACTIONS} & {entry.id for entry in commands.entries()}
    key = ObjectKey("buildings", 4)
    window.session.selection.set([key])
    spin(seconds=0.1)
    window.features["context_menu"].menu_of(Pick(key, (502000.0, 4059000.0, 40.0))).deleteLater()
    window.features["display"].set_lang("en")
    settle(window)
    assert [notice for notice in window.session.notices.all if notice.level in ("error", "fault")] == []


@pytest.mark.parametrize("topic", ["health"])
def test_a_menu_of_one_topic_goes_with_it(topic, make, monkeypatch):
    monkeypatch.setattr(registry, "TOPICS", tuple(name for name in registry.TOPICS if name != topic))
    assert topic not in make(city=False).context.commands.menus


def test_an_action_that_calls_nothing_fails_at_start(make, monkeypatch):
    entry = replace(next(row for row in app.actions.actions() if row.id == "health.compute"), run="health:compute_all")
    rows = tuple(entry if row.id == entry.id else row for row in app.actions.actions())
    monkeypatch.setattr("app.window.shell.commands.actions", lambda: rows)
    with pytest.raises(LookupError, match=r"'health\.compute' calls 'health:compute_all'"):
        make(city=False)
