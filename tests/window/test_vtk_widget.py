"""The widget that VTK draws in: what is seen on the screen, another window, two densities of pixels, and its end."""

import gc
import json
import os
import subprocess
import sys
import weakref

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMainWindow
from shiboken6 import isValid
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersSources import vtkPlaneSource
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from tests.support.paths import ROOT
from tests.support.window import spin
from viewers.widgets.canvas.vtk_widget import VTKWidget

RED, BLUE = (255, 0, 0), (0, 0, 255)


def pixels(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def on_screen(window: QMainWindow) -> np.ndarray:
    return pixels(window.screen().grabWindow(window.winId()).toImage())


def red_square() -> vtkActor:
    source, mapper, actor = vtkPlaneSource(), vtkPolyDataMapper(), vtkActor()
    source.Update()
    flat = vtkPolyData()
    flat.ShallowCopy(source.GetOutput())
    mapper.SetInputData(flat)
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(1, 0, 0)
    actor.GetProperty().LightingOff()
    return actor


def shown(size: int = 200) -> tuple[QMainWindow, VTKWidget]:
    window = QMainWindow()
    view = VTKWidget(window)
    view.renderer.SetBackground(0, 0, 1)
    view.renderer.AddActor(red_square())
    view.renderer.ResetCamera()
    window.setCentralWidget(view)
    window.resize(size, size)
    window.show()
    assert spin(lambda: view.render_window.GetReadyForRendering())
    spin(seconds=0.1)
    return window, view


def ended(window: QMainWindow, view: VTKWidget) -> None:
    view.free()
    window.close()
    window.deleteLater()


def middle_and_corner(picture: np.ndarray) -> tuple[tuple[int, ...], tuple[int, ...]]:
    height, width = picture.shape[:2]
    return tuple(picture[height // 2, width // 2].tolist()), tuple(picture[3, 3].tolist())


def test_what_vtk_draws_is_on_the_screen_and_follows_the_size_of_the_window(application) -> None:
    window, view = shown()
    assert middle_and_corner(on_screen(window)) == (RED, BLUE)
    window.resize(420, 260)
    spin(seconds=0.1)
    assert view.render_window.GetSize() == (420, 260)
    picture = on_screen(window)
    assert picture.shape == (260, 420, 3)
    assert middle_and_corner(picture) == (RED, BLUE)
    ended(window, view)


def test_the_picture_is_there_again_in_another_window(application) -> None:
    first, view = shown()
    second = QMainWindow()
    second.resize(240, 240)
    second.setCentralWidget(view)
    second.show()
    spin(seconds=0.2)
    assert middle_and_corner(on_screen(second)) == (RED, BLUE)
    ended(second, view)
    first.close()


def test_two_views_draw_beside_each_other_and_one_outlives_the_other(application) -> None:
    first, kept = shown()
    second, gone = shown()
    ended(second, gone)
    spin(seconds=0.05)
    kept.renderer.SetBackground(0, 1, 0)
    kept.update()
    spin(seconds=0.1)
    assert middle_and_corner(on_screen(first)) == (RED, (0, 255, 0))
    ended(first, kept)


@pytest.mark.parametrize("tell", [True, False])
def test_twenty_views_opened_and_closed_leave_nothing(application, tell) -> None:
    """Whether or not the view was told of its end before its window went."""
    left = []
    for _ in range(20):
        window, view = shown(120)
        left += [weakref.ref(view.render_window), weakref.ref(view.renderer), weakref.ref(view)]
        if tell:
            view.free()
        window.close()
        window.deleteLater()
        spin(seconds=0.01)
        assert not isValid(view)
        del window, view
    gc.collect()
    spin(seconds=0.05)
    assert [one() for one in left if one() is not None] == []
    assert not [top for top in QApplication.topLevelWidgets() if top.isVisible()]


def test_a_view_that_was_never_shown_ends_in_peace(application) -> None:
    view = VTKWidget()
    view.free()
    view.deleteLater()
    spin(seconds=0.01)
    assert not isValid(view)


_DENSE = """
import json
from PySide6.QtWidgets import QApplication
app = QApplication([])
from tests.window.test_vtk_widget import middle_and_corner, on_screen, shown
window, view = shown()
picture = on_screen(window)
drawn = view.render_window
print(json.dumps([drawn.GetSize(), drawn.GetDPI(), picture.shape, middle_and_corner(picture)]))
view.free()
"""


def test_on_a_dense_screen_every_device_pixel_is_drawn() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DENSE], cwd=ROOT, env={**os.environ, "QT_SCALE_FACTOR": "2"}, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    size, dpi, shape, found = json.loads(done.stdout)
    assert (size, dpi, shape) == ([400, 400], 144, [400, 400, 3])
    assert found == [list(RED), list(BLUE)]
