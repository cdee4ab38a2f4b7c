"""What a scene is drawn on: a renderer in a render window, in the window's view or without a display."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  without it a window would be of no kind
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from models.core.errors import UserError


class RenderTarget(Protocol):
    """A VTK renderer and the render window that it draws in; lights, background and passes are the scene's."""

    @property
    def renderer(self) -> Any:
        """Return the ``vtkRenderer``."""

    @property
    def render_window(self) -> Any:
        """Return the ``vtkRenderWindow``."""


class OffScreenTarget:
    """A render window that nobody sees. VTK takes what the system has: X or Wayland, else EGL, else OSMesa.

    Parameters
    ----------
    size : tuple of int
        Width and height in pixels.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.renderer: Any = vtkRenderer()
        self.renderer.AutomaticLightCreationOff()
        self.render_window: Any = vtkRenderWindow()
        self.render_window.SetOffScreenRendering(True)
        self.render_window.SetMultiSamples(0)
        self.render_window.SetSize(*size)
        self.render_window.AddRenderer(self.renderer)

    def close(self) -> None:
        """Free the graphics."""
        self.render_window.Finalize()
        self.render_window.RemoveRenderer(self.renderer)


@contextlib.contextmanager
def off_screen(size: tuple[int, int]) -> Iterator[OffScreenTarget]:
    """Give a target that needs no display, and close it.

    Parameters
    ----------
    size : tuple of int
        Width and height in pixels.
    """
    target = OffScreenTarget(size)
    try:
        yield target
    finally:
        target.close()


def grab(target: RenderTarget) -> NDArray[np.uint8]:
    """Draw one frame and return it, (h, w, 3) uint8, top row first.

    Raises
    ------
    UserError
        ``render.failed`` when no graphics can be had.
    """
    target.render_window.Render()
    return pixels(target)


def pixels(target: RenderTarget) -> NDArray[np.uint8]:
    """Return the last frame, (h, w, 3) uint8, top row first.

    Raises
    ------
    UserError
        ``render.failed`` when no graphics can be had.
    """
    width, height = target.render_window.GetActualSize()
    held = vtkUnsignedCharArray()
    target.render_window.GetPixelData(0, 0, width - 1, height - 1, 0, held, 0)
    if held.GetNumberOfValues() != width * height * 3 or not width * height:
        raise UserError("render.failed")
    return np.ascontiguousarray(vtk_to_numpy(held).reshape(height, width, 3)[::-1])


def depths(target: RenderTarget, step: int = 1) -> NDArray[np.float32]:
    """Return how far pixels of the last frame lie along the view's axis, metres, (h, w), top row first.

    Parameters
    ----------
    target : RenderTarget
    step : int
        Every pixel, or every second, in both directions …
    """
    width, height = target.render_window.GetActualSize()
    held = vtkFloatArray()
    target.render_window.GetZbufferData(0, 0, width - 1, height - 1, held)
    near, far = target.renderer.GetActiveCamera().GetClippingRange()
    depth: NDArray[np.float32] = vtk_to_numpy(held).reshape(height, width)[::-1][::step, ::step]
    left = np.float32(far) - depth * np.float32(far - near)
    away_m: NDArray[np.float32] = np.float32(near * far) / np.maximum(left, np.float32(1e-9))
    return away_m
