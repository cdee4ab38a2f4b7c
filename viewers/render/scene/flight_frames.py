"""Frames of a flight: one off-screen scene, one frame per camera, deterministic."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.layers.layer import LayerData
from models.project.project import ProjectState
from models.views.camera import Camera
from models.views.visibility import Cut, ElementAppearance, GroundTransparency
from viewers.render.drawing.drawn_layer import ObjectColours
from viewers.render.scene.offscreen import fill, ground_of
from viewers.render.scene.picture import draw_picture
from viewers.render.scene.render_target import off_screen
from viewers.render.scene.scene import Scene
from viewers.render.scene.scene_underground import look_through


class Film:
    """A filled off-screen scene rendered from one camera after another; to be closed.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    size : tuple of int
        Pixels.
    colours : mapping of str to object colours
    lang : str
    dark : bool
    looks : mapping of str to ElementAppearance
    cut : Cut or None
    through : GroundTransparency or None
    notes : bool

    Raises
    ------
    UserError
        ``project.no_frame``, ``render.failed``.
    """

    def __init__(
        self, state: ProjectState, data: Mapping[str, LayerData], size: tuple[int, int],
        colours: Mapping[str, ObjectColours] | None = None, *, lang: str = "zh", dark: bool = False,
        looks: Mapping[str, ElementAppearance] | None = None, cut: Cut | None = None,
        through: GroundTransparency | None = None, notes: bool = True,
    ) -> None:  # fmt: skip
        if state.frame is None:
            raise UserError("project.no_frame")
        self._held = contextlib.ExitStack()
        try:
            self._target: Any = self._held.enter_context(off_screen(size))
            self._scene = Scene(self._target, state.frame, dark=dark, lang=lang)
            self._held.callback(self._scene.close)
            fill(self._scene, state, data)
            for layer_id, table in (colours or {}).items():
                self._scene.set_colours(layer_id, table)
            for layer_id, wanted in (looks or {}).items():
                self._scene.set_look(layer_id, wanted)
            self._scene.set_cut(cut)
            self._scene.set_notes(state.notes if notes else ())
            look_through(self._scene, state, ground_of(state, data), through)
        except BaseException:
            self._held.close()
            raise

    def frame(self, camera: Camera) -> NDArray[np.uint8]:
        """Return the picture from a camera, (h, w, 3) uint8, top row first."""
        self._scene.set_camera(camera)
        return draw_picture(self._scene, with_occlusion=False)

    def close(self) -> None:
        """Take the scene down."""
        self._held.close()
