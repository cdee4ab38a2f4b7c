"""The checks panel: many rows, filters, stepping, and the models' look while a finding is looked at."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from app import gui
from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.window.main_window import MainWindow
from models.checks.findings import Finding, Group, Party, Report
from models.views.visibility import ElementAppearance
from resources.words import word
from tests.support.check_models import Box, author, hold, oid_of, opened
from viewers.widgets.checks.findings_tree import FindingsModel, FindingsTree
from viewers.widgets.common.appearance import Appearance


def spin(seconds: float = 0.05) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # type: ignore[call-overload]
        time.sleep(0.003)


def until(condition: Callable[[], object], seconds: float = 20.0) -> bool:
    """Let events run until something holds; the window shows what changed a step an event-loop turn."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        spin(0.01)
    return bool(condition())


@pytest.fixture(scope="module")
def application() -> QApplication:
    return gui.make_application()


@pytest.fixture
def appearance(application: QApplication) -> Appearance:
    return Appearance(lambda key, **facts: word(key, "en", **facts), lambda: "en")


def many(count: int) -> Report:
    groups = [Group("top", "", "", "Top", "failed", {"applicable": count, "passed": 0, "failed": count}),
              Group("inner", "top", "", "Inner", "failed", {"failed": count}),
              Group("nothing", "", "", "Nothing", "idle")]  # fmt: skip
    findings = tuple(
        Finding(str(k), "ids", "error" if k % 2 else "warning", "ids.material.novalue", "inner",
                (Party(None, f"guid{k}", "IfcWall", f"wall {k}"),))
        for k in range(count)
    )  # fmt: skip
    return Report("ids", (("m", "model"),), "2030-01-01T00:00:00", {}, tuple(groups), findings, {"specifications": 2})


def test_the_tree_keeps_the_promises_of_a_qt_model(appearance: Appearance) -> None:
    model = FindingsModel(appearance)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_report(many(30))
    assert model.rowCount() == 2
    model.filter("wall 7", "")
    assert model.order == [7]
    assert model.rowCount() == 1, "groups without a match go"
    model.filter("", "warning")
    assert len(model.order) == 15
    model.filter("", "")
    assert model.rowCount() == 2
    del tester


def test_a_hundred_thousand_findings_are_shown_filtered_and_stepped_through_at_once(appearance: Appearance) -> None:
    tree = FindingsTree(appearance)
    tree.resize(340, 600)
    tree.show()
    report = many(100_000)
    tree.set_report(report)
    tree.expandAll()
    spin()
    tree.step(1)
    tree.filter("wall 99999", "")
    tree.filter("wall 4242", "")
    assert tree.rows.order[0] == 4242
    assert len(tree.rows.order) == 11  # itself, and 42420 … 42429
    tree.step(-1)
    assert tree.current == 42429
    tree.deleteLater()


@pytest.fixture
def window(application: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    made = gui.make_window(session)
    made.context.canvas.view.animate = False
    made.resize(1280, 800)
    made.show()
    author(tmp_path / "a.ifc", [Box("IfcWall", "wall", (0, 0, 0), (4, 0.2, 3)),
                                Box("IfcSlab", "slab", (0, 0, 3), (4, 4, 3.2))])  # fmt: skip
    author(tmp_path / "b.ifc", [Box("IfcPipeSegment", "duct", (1, -1, 1), (1.1, 1, 1.1)),
                                Box("IfcPipeSegment", "riser", (3, 2, 0), (3.1, 2.1, 6))])  # fmt: skip
    hold(session, a=opened(tmp_path / "a.ifc"), b=opened(tmp_path / "b.ifc"))
    spin(0.3)
    assert until(
        lambda: (
            made.features["checks"].panel.clash.first.count() == 2
            and made.features["checks"].panel.clash.second.count() == 2
        )
    )
    yield made
    session.project.mark_saved()
    made.close()
    session.close()
    made.deleteLater()
    spin()


def test_a_clash_stands_out_and_everything_comes_back(window: MainWindow) -> None:
    session, panel = window.session, window.features["checks"].panel
    a, b = (session.project.data[name] for name in "ab")
    wall, slab = oid_of(a, "wall"), oid_of(a, "slab")  # type: ignore[arg-type]
    duct = oid_of(b, "duct")  # type: ignore[arg-type]
    before = ElementAppearance(hidden=frozenset({slab}))
    session.visibility.set("a", before)
    window.context.commands.run("checks.clash")
    assert window.context.docks["checks"].isVisible()
    panel.clash.first.setCurrentIndex(panel.clash.first.findData("a"))
    panel.clash.second.setCurrentIndex(panel.clash.second.findData("b"))
    panel.clash.run.click()
    spin()
    report = panel.report
    assert report is not None
    assert {one.parties[1].name for one in report.findings} == {"duct", "riser"}
    panel.search.setText("duct")
    assert until(lambda: len(panel.tree.rows.order) == 1)
    window.context.commands.run("checks.next")
    assert until(lambda: session.selection.keys)
    assert [(key.layer, key.oid) for key in session.selection.keys] == [("b", duct)], "the smaller of the two"
    look = session.visibility.of("a")
    assert wall not in look.ghost
    assert slab in look.hidden, "what was hidden before stays hidden"
    assert look.colours is not None
    assert set(look.colours) == {wall}
    assert duct not in session.visibility.of("b").ghost
    assert panel.position.text() == "1 / 1"
    panel.ghost.click()
    assert session.visibility.of("a") == before
    assert session.visibility.of("b") == ElementAppearance()


def test_reports_stay_by_kind_and_go_with_their_models(window: MainWindow) -> None:
    panel = window.features["checks"].panel
    panel.choose("clash")
    panel.clash.run.click()
    panel.choose("quality")
    assert panel.report is None
    panel.quality.run.click()
    assert panel.report is not None
    assert panel.report.kind == "quality"
    panel.choose("clash")
    assert panel.report is not None
    assert panel.report.kind == "clash"
    window.session.project.set_state(window.session.project.state.without_layer("b"))
    assert until(lambda: all("b" not in report.layers for report in panel.reports))


def test_the_panel_speaks_both_languages_and_says_what_to_do_when_empty(window: MainWindow) -> None:
    panel = window.features["checks"].panel
    assert [panel.tabs.tabText(at) for at in range(4)] == ["质量", "IDS", "碰撞", "版本"]
    window.features["display"].set_lang("en")
    spin()
    assert [panel.tabs.tabText(at) for at in range(4)] == ["Quality", "IDS", "Clashes", "Versions"]
    assert not panel.ids.run.isEnabled(), "without an IDS there is nothing to check against"
    state = window.session.project.state
    for name in "ab":
        state = state.without_layer(name)
    window.session.project.set_state(state)
    assert until(lambda: panel.hint.isVisibleTo(panel))
