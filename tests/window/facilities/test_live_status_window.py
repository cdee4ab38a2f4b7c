"""A live value in the real scene: one facility changes its colour, and nothing else happens."""

import numpy as np

from app.usecases.health import health
from models.facilities.live_status import LiveValue
from models.facilities.register import states
from models.project.selection import ObjectKey
from models.views.scene_state import Theme
from tests.support.window import settle, spin
from viewers.render.palette.status_colours import rgba


def colour_of(scene, key):
    oids, colours = scene._layers[key.layer].colours
    return tuple(colours[np.flatnonzero(oids == key.oid)[0]])


def test_one_live_value_repaints_one_facility_and_touches_nothing_else(make, monkeypatch):
    window = make()
    session, scene = window.session, window.context.scene_sync.scene
    health.set_theme(session, Theme("facilities"))
    settle(window)
    key, beside = ObjectKey("components", 2), ObjectKey("components", 3)
    table, state = session.project.data["components"], session.project.state
    stamp, other = session.project.data_stamp(), colour_of(scene, beside)
    made, painted = [], []
    monkeypatch.setattr(type(scene), "put", lambda *_, **__: made.append(1))
    monkeypatch.setattr(type(session.project), "put_data", lambda *_: made.append(1))
    paint = type(scene).set_colours
    monkeypatch.setattr(type(scene), "set_colours", lambda *a: (painted.append(a[1]), paint(*a)))
    for status in ("intact", "occupied", "missing"):
        session.live.put({key: LiveValue(status)})
    assert spin(lambda: painted)
    spin(seconds=0.1)
    assert painted == ["components"], "one repaint an event-loop turn"
    assert colour_of(scene, key) == rgba(states()["missing"].colour)
    assert colour_of(scene, beside) == other
    assert made == []
    assert session.project.data["components"] is table
    assert session.project.state is state
    assert session.project.data_stamp() == stamp


def test_a_live_value_stays_through_another_theme_and_goes_when_it_is_forgotten(make):
    window = make()
    session, scene = window.session, window.context.scene_sync.scene
    key = ObjectKey("components", 2)
    session.live.put({key: LiveValue("missing")})
    for theme in (Theme("facilities"), Theme()):
        health.set_theme(session, theme)
        settle(window)
        assert colour_of(scene, key) == rgba(states()["missing"].colour)
    session.live.forget([key])
    spin(seconds=0.1)
    assert scene._layers["components"].colours is None
