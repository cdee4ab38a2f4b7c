"""Pictures without a display: a plotter of their own, which finds EGL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import UserError
from models.ground import Ground
from models.layers import LayerData, RasterData
from models.project import ProjectState
from models.selection import ObjectKey
from models.view import Camera
from viewers.render.prepare import prepare
from viewers.render.scene import ObjectColours, Scene

#: Largest side of one picture; larger ones do not fit a frame buffer everywhere.
MOST_PX = 8192


def ground_of(state: ProjectState, data: Mapping[str, LayerData]) -> Ground:
    """Return the ground of a project: its topmost terrain that has data, else level at the frame's origin."""
    frame = state.frame
    if frame is None:
        raise UserError("project.no_frame")
    for layer in reversed(state.with_role("terrain")):
        raster = data.get(layer.id)
        if isinstance(raster, RasterData) and raster.values.ndim == 2:
            finite = raster.values[np.isfinite(raster.values)]
            base = float(np.percentile(finite, 30)) if finite.size else float(frame.origin[2])
            return Ground(raster, frame.horizontal, base)
    return Ground(None, frame.horizontal, float(frame.origin[2]))


@contextlib.contextmanager
def off_screen_plotter(size: tuple[int, int]) -> Iterator[Any]:
    """Give a plotter that needs no display, and close it.

    Parameters
    ----------
    size : tuple of int
        Width and height in pixels.
    """
    import pyvista

    plotter = pyvista.Plotter(off_screen=True, window_size=list(size), lighting="none")
    try:
        yield plotter
    finally:
        plotter.close()


def fill(scene: Scene, state: ProjectState, data: Mapping[str, LayerData], hidden: Iterable[str] = ()) -> None:
    """Put every visible layer of a project into a scene."""
    if state.frame is None:
        return
    ground = ground_of(state, data)
    away = set(hidden)
    for layer in state.layers:
        if layer.visible and layer.id in data and layer.id not in away:
            scene.put(layer, prepare(layer, data[layer.id], state.frame, ground))


def render_picture(
    state: ProjectState, data: Mapping[str, LayerData], camera: Camera | None = None, size: tuple[int, int] = (1600, 900),
    colours: Mapping[str, ObjectColours] | None = None, selection: Iterable[ObjectKey] = (), quality: str = "picture",
    lang: str = "zh", dark: bool = False, hidden: Iterable[str] = (), extra: Any = None,
) -> NDArray[np.uint8]:  # fmt: skip
    """Draw a project into an array, without a window.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
        By layer id; a layer without data is left out.
    camera : Camera or None
        None shows the whole city.
    size : tuple of int
        Width and height in pixels.
    colours : mapping of str to object colours, or None
        By layer id, see :meth:`Scene.set_colours`.
    selection : iterable of ObjectKey
    quality : {"picture", "still", "moving"}
    lang : {"zh", "en"}
    dark : bool
    hidden : iterable of str
        Layer ids that are left out.
    extra : callable(scene) or None
        Called before the frame is drawn.

    Returns
    -------
    ndarray (height, width, 3) uint8

    Raises
    ------
    UserError
        ``project.no_frame`` for an empty project, ``render.size`` for a size that cannot be drawn,
        ``render.failed`` when no off-screen graphics can be had.
    """
    if state.frame is None:
        raise UserError("project.no_frame")
    width, height = size
    if not (16 <= width <= MOST_PX and 16 <= height <= MOST_PX):
        raise UserError("render.size", width=width, height=height, most=MOST_PX)
    with off_screen_plotter(size) as plotter:
        scene = Scene(plotter, state.frame, dark=dark, lang=lang)
        try:
            fill(scene, state, data, hidden)
            for layer_id, table in (colours or {}).items():
                scene.set_colours(layer_id, table)
            scene.set_selection(selection)
            if camera is None:
                scene.home()
            else:
                scene.set_camera(camera)
            if extra is not None:
                extra(scene)
            scene.quality(quality)
            picture = plotter.screenshot(None, return_img=True)
        finally:
            scene.close()
    if picture is None or picture.ndim != 3:
        raise UserError("render.failed")
    return np.ascontiguousarray(picture[..., :3])
