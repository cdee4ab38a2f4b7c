"""What a scene is drawn on: a renderer in a render window, in the window's view or without a display."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  without it a window would be of no kind
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkWindowToImageFilter

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
    window = target.render_window
    window.Render()
    reader = vtkWindowToImageFilter()
    reader.SetInput(window)
    reader.SetInputBufferTypeToRGB()
    reader.ReadFrontBufferOff()
    reader.ShouldRerenderOff()
    reader.Update()
    image = reader.GetOutput()
    width, height, _ = image.GetDimensions()
    scalars = image.GetPointData().GetScalars()
    if scalars is None or width * height == 0:
        raise UserError("render.failed")
    pixels: NDArray[np.uint8] = vtk_to_numpy(scalars).reshape(height, width, 3)[::-1]
    return np.ascontiguousarray(pixels)


def supersampling() -> Any:
    """Return a pass that draws the scene with several samples a pixel."""
    from vtkmodules.vtkRenderingOpenGL2 import (
        vtkCameraPass,
        vtkRenderPassCollection,
        vtkRenderStepsPass,
        vtkSequencePass,
        vtkSSAAPass,
    )

    steps, sequence, camera, finer = vtkRenderPassCollection(), vtkSequencePass(), vtkCameraPass(), vtkSSAAPass()
    steps.AddItem(vtkRenderStepsPass())
    sequence.SetPasses(steps)
    camera.SetDelegatePass(sequence)
    finer.SetDelegatePass(camera)
    return finer
