"""The application and a window on a tiny city, for every test that needs a display."""

import os
import tempfile
from pathlib import Path

import pytest

# Not the home of who runs the tests, where a killed program may have left work that every window would ask about.
os.environ.setdefault("CHENGJING_HOME", tempfile.mkdtemp(prefix="chengjing-home-"))

HERE = Path(__file__).parent
HAS_DISPLAY = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or os.name == "nt"


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by markers
def pytest_collection_modifyitems(items):
    """Mark every test of this folder ``window``; skip it where there is no display."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.window)
            if not HAS_DISPLAY:
                item.add_marker(pytest.mark.skip(reason="needs a display"))


@pytest.fixture(scope="module")
def application():
    from app import gui

    return gui.make_application()


@pytest.fixture
def make(application, tmp_path):
    """Return a function that opens a window on the tiny city (or on nothing)."""
    from app import gui
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from tests.support.window import settle, spin, tiny_city

    made = []

    def build(city=True, lang="zh", settings=None, inline=True):
        session = Session(settings or Settings(None), Jobs(inline=inline), lang=lang, cache_root=tmp_path / "cache")
        post = gui.Post(application)
        if not inline:
            session.jobs.post = post.called.emit
        window = gui.make_window(session)
        window.context.canvas.view.animate = False
        made.append(window)
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        if city:
            state, data = tiny_city()
            session.project.replace_all(state, data, None)
            settle(window)
        return window

    yield build
    for window in made:
        window.session.project.mark_saved()
        window.close()
        window.session.close()
        window.deleteLater()
    spin(seconds=0.05)


@pytest.fixture
def window(make):
    return make()
