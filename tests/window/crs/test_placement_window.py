"""Placing a model by hand in the window: four clicks, typed values, undo."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.session import Session
from tests.support.placed_house import session_with_house


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_with_house(tmp_path)


def test_a_model_is_placed_in_the_window_by_four_clicks_and_by_hand(session: Session) -> None:
    from PySide6.QtCore import QEvent, QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app import gui

    application = gui.make_application()
    window = gui.make_window(session)
    view = window.context.canvas.view
    view.animate = False
    window.resize(1000, 640)
    window.show()

    def spin(turns: int = 60) -> None:
        for _ in range(turns):
            application.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def at(world: np.ndarray) -> QPoint:
        places_, ahead = view.on_screen(np.asarray(world, dtype=np.float64)[None])
        assert ahead[0]
        return QPoint(*np.round(places_[0]).astype(int).tolist())

    def click(world: np.ndarray) -> None:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(world))
        spin()

    try:
        spin()
        window.context.scene_sync.update()
        spin()
        window.context.scene_sync.zoom_to_layer("house")
        view.top_view()
        view.zoom_step(0.3)
        spin()
        window.context.commands.actions["model.place"].trigger()
        spin()
        tool = window.features["placement"].tool
        assert tool is not None
        assert window.context.canvas.place_bar.isVisible()
        start = tool.start
        roof = [(start.matrix() @ [*corner, 1.0])[:3] for corner in ((0.3, 0.3, 8.0), (19.7, 9.7, 8.0))]
        click(np.array([start.east_m + 40, start.north_m - 30, start.height_m]))  # not on the model
        assert tool.hint == "place.step.not_model"
        truth = replace(start, north_m=start.north_m - 30.0, east_m=start.east_m + 12.0).turned(40.0)
        for model, corner in zip(roof, ((0.0, 0.0, 0.0), (20.0, 10.0, 0.0)), strict=True):
            click(model)
            goal = (truth.matrix() @ [*corner, 1.0])[:3]
            goal[2] = float(view.ground(goal[:1], goal[1:2])[0])
            click(goal)
        assert tool.hint == "place.step.done"
        assert tool.fit is not None
        assert tool.fit.scale == pytest.approx(1.0, abs=0.1)  # a pixel is decimetres here, and corners are caught
        assert np.hypot(tool.place.east_m - truth.east_m, tool.place.north_m - truth.north_m) < 2.0
        assert tool.place.bearing_deg == pytest.approx(truth.bearing_deg, abs=8.0)
        assert not session.selection.keys
        assert session.project.state.layer("house").place is None
        window.context.canvas.place_bar.modes["move"].click()
        spin()
        before = tool.place
        grip = at((before.matrix() @ [10.0, 5.0, 0.0, 1.0])[:3])
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip)
        for step in range(1, 6):
            QTest.mouseMove(view, grip + QPoint(10 * step, 0))
            spin(5)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, grip + QPoint(50, 0))
        assert tool.place.east_m > before.east_m + 1.0
        assert tool.place.north_m == pytest.approx(before.north_m, abs=0.5)
        view.setFocus()
        east = tool.place.east_m
        QTest.keyClick(view, Qt.Key.Key_Right)
        assert tool.place.east_m == pytest.approx(east + 1.0)
        shown = tool.place
        window.context.canvas.place_bar.apply.click()
        spin()
        assert session.project.state.layer("house").place == shown
        assert not window.context.canvas.place_bar.isVisible()
        assert view.tools == [] or tool not in view.tools
        window.context.commands.actions["model.place"].trigger()
        spin()
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_PageUp)
        QTest.keyClick(view, Qt.Key.Key_Escape)
        spin()
        assert window.features["placement"].tool is None
        assert session.project.state.layer("house").place == shown
    finally:
        session.project.mark_saved()
        window.close()
        session.close()
        window.deleteLater()
        spin()


def test_the_same_origin_is_offered_in_the_bar_and_taken_by_one_click(tmp_path: Path) -> None:
    from app import gui
    from app.background.jobs import Jobs
    from app.settings import Settings
    from app.usecases.crs import placement
    from app.usecases.project import opening
    from tests.support.io_models import write_model

    gui.make_application()
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=tmp_path / "cache")
    window = gui.make_window(session)
    try:
        values = {"Eastings": 502000.0, "Northings": 4059000.0, "OrthogonalHeight": 31.5}
        opening.open_files(session, [write_model(tmp_path / "placed.ifc", map_conversion=values)])
        opening.open_files(session, [write_model(tmp_path / "lost.ifc", columns=4)])
        placed, lost = (layer.id for layer in session.project.state.layers)
        notice = next(one for one in session.notices.all if one.key == "caution.model.same_origin")
        offers = [one for one in window.context.requests.notice_actions if one.applies(notice)]
        assert {(one.word, one.accepts) for one in offers} == {
            ("action.model.place", False), ("action.model.same_origin", True)
        }  # fmt: skip
        feature, bar = window.features["placement"], window.context.canvas.place_bar
        feature.start(lost)
        assert bar.origin.isVisibleTo(bar)
        assert "placed" in bar.origin.text()
        assert "unknown" in bar.standing.text()
        bar.origin.click()
        assert feature.tool is None
        assert np.allclose(placement.matrix_of(session, lost), placement.matrix_of(session, placed), atol=1e-5)
        session.history.undo()
        next(one for one in offers if one.accepts).act(notice)
        assert np.allclose(placement.matrix_of(session, lost), placement.matrix_of(session, placed), atol=1e-5)
        feature.start(lost)
        assert not bar.origin.isVisibleTo(bar)
        feature.stop()
    finally:
        session.project.mark_saved()
        window.close()
        session.close()
        window.deleteLater()
