"""The window asks once, in a bar above the view, before a project from elsewhere goes anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("PySide6")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from models.project.reaches import Reach
from tests.support.stranger import add_basemap, change, project_of_a_stranger
from tests.support.window import settle, spin
from viewers.widgets.layers.layer_rows import STATE
from viewers.widgets.shell.trust import WIDE_PX, Place, TrustBar, TrustQuestion


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = project_of_a_stranger(tmp_path / "from_elsewhere")
    (tmp_path / "ground.tif").write_bytes((path.parent / "ground.tif").read_bytes())
    change(path, "update chengjing_layers set source_path='../ground.tif' where source_path!=''")
    add_basemap(path, "http://127.0.0.1:9/{z}/{x}/{y}?k={key}")
    return path


def states(window) -> set[str]:
    layers = window.features["layers"].panel.list
    return {str(layers.item(at).data(STATE)) for at in range(layers.count())}


def test_the_bar_names_hosts_and_paths_and_trust_loads_what_was_missing(make, project, tmp_path) -> None:
    window = make(city=False)
    window.context.requests.open_paths([str(project)])
    settle(window)
    bar, session = window.features["trust"].bar, window.session
    assert bar.isVisible()
    assert "http://127.0.0.1:9" in bar.where.text() or str(tmp_path / "ground.tif") in bar.where.text()
    assert "withheld" in states(window)
    assert len(session.project.data) == 1
    bar.yes.click()
    settle(window)
    spin(seconds=0.2)
    assert not bar.isVisible()
    assert not session.withheld
    assert "withheld" not in states(window)
    assert len(session.project.data) == 3
    assert Reach("file", str(tmp_path / "ground.tif")) in session.trusted.of(project)


def test_not_now_puts_the_bar_away_and_the_menu_brings_the_question(make, project) -> None:
    window = make(city=False)
    window.context.requests.open_paths([str(project)])
    settle(window)
    trust, session = window.features["trust"], window.session
    trust.bar.later.click()
    spin(seconds=0.1)
    assert not trust.bar.isVisible()
    assert session.withheld
    seen = []

    def answer() -> None:
        question = QApplication.activeModalWidget()
        seen.extend(question.list.item(at).text() for at in range(question.list.count()))
        question.yes.click()

    QTimer.singleShot(300, answer)
    trust.show_details()
    settle(window)
    assert any("127.0.0.1:9" in text for text in seen)
    assert any(text.endswith("ground.tif") for text in seen)
    assert not session.withheld


@pytest.mark.parametrize("width", [380, 620, 1200])
def test_nothing_of_the_bar_is_cut_at_any_width(application, make, width) -> None:
    window = make(city=False, lang="en")
    bar = TrustBar(window.appearance)
    bar.set_places(
        [Place("share", "//fileserver.example.net/models/a.ifc"), Place("host", "https://tiles.example.org")]
    )
    host = QWidget()  # a window of its own would have its size changed back by a slow display
    host.resize(1300, 500)
    bar.setParent(host)
    host.show()
    spin(seconds=0.1)
    bar.resize(width, max(bar.heightForWidth(width), bar.minimumSizeHint().height()))
    spin(seconds=0.1)
    for press in (bar.yes, bar.details, bar.later):
        assert press.width() >= press.minimumSizeHint().width()
        assert bar.rect().contains(press.geometry())
    assert (bar.yes.geometry().top() > bar.where.geometry().bottom()) == (width < WIDE_PX)
    host.deleteLater()


def test_the_question_tells_which_layers_want_it(make) -> None:
    window = make(city=False)
    question = TrustQuestion(
        window.appearance, "工程", [Place("host", "https://h.org", ("甲", "乙")), Place("file", "/x")]
    )
    from viewers.widgets.common.rows import DETAIL

    assert "甲、乙" in str(question.list.item(0).data(DETAIL))
    assert question.list.item(1).text() == "/x"
    question.deleteLater()
