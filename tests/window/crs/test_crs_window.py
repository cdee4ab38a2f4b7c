"""The CRS doctor in the real window: a file without a CRS is asked about, a notice is agreed with in one click."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.crs import cases as crs_cases
from tests.support.crs.files import dem, points, write
from tests.support.window import settle, spin
from viewers.widgets.crs.crs_dialog import CrsDialog


def answer(wanted: str, seen: list[CrsDialog]) -> QTimer:
    """Press a button of the doctor's dialog as soon as it stands there."""
    timer = QTimer()

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, CrsDialog):
            timer.stop()
            seen.append(dialog)
            QTest.mouseClick(getattr(dialog, wanted), Qt.MouseButton.LeftButton)

    timer.timeout.connect(look)
    timer.start(30)
    return timer


def test_a_file_without_a_crs_is_asked_about_with_the_doctors_guess_which_one_click_takes(make, tmp_path):
    window = make(city=False)
    houses, _ = crs_cases.town("Jinan")
    shapes = crs_cases.spoilt(houses[:150], lambda p: crs_cases.project(p, "EPSG:4527"))
    seen: list[CrsDialog] = []
    timer = answer("ok", seen)
    window.context.requests.open_paths([str(write(tmp_path / "houses.shp", shapes, None))])
    assert spin(lambda: bool(window.session.project.state.layers), 60)
    settle(window)
    timer.stop()
    (layer,) = window.session.project.state.layers
    assert window.session.project.data[layer.id].crs == "EPSG:4527"
    assert seen[0].view.verdict.code == "missing_found"
    assert {"EPSG:4527", "EPSG:2363", "EPSG:2415"} <= {one.what.crs for one in seen[0].view.candidates}


def test_a_notice_about_heights_is_agreed_with_in_one_click_and_the_panel_takes_it_off(make, tmp_path):
    window = make(city=False)
    window.context.requests.open_paths([str(dem(tmp_path / "ground.tif"))])
    assert spin(lambda: len(window.session.project.state.layers) == 1, 60)
    window.context.requests.open_paths([str(points(tmp_path / "survey.gpkg", 14.0))])
    assert spin(lambda: any(banner.agree for banner in window.features["messages"].banners.shown), 60)
    settle(window)
    (banner,) = [banner for banner in window.features["messages"].banners.shown if banner.agree]
    QTest.mouseClick(banner.agree, Qt.MouseButton.LeftButton)

    def standing():
        return next(one for one in window.session.project.state.layers if one.name == "survey").standing

    assert spin(lambda: standing() is not None, 20)
    settle(window)
    assert standing().lift_m == pytest.approx(-14.0, abs=0.1)
    timer = answer("lift", [])
    layer = next(one for one in window.session.project.state.layers if one.name == "survey")
    window.features["crs_doctor"].open(layer.id)
    assert spin(lambda: standing() is None, 20)
    timer.stop()
    settle(window)
