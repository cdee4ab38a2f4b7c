"""Off-screen rendering of pictures, without a display (EGL)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.layers.layer import LayerData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.terrain.ground import Ground, ground_under
from models.views.camera import Camera
from models.views.sun import SunTime
from models.views.visibility import Cut, ElementAppearance, GroundTransparency
from viewers.render.chunks.preparation import prepare
from viewers.render.drawing.drawn_layer import ObjectColours
from viewers.render.layers.kept_parts import KeptParts
from viewers.render.overlays.labels import Box
from viewers.render.overlays.measures import Measure
from viewers.render.scene.picture import draw_clear_picture, draw_picture
from viewers.render.scene.raster_streaming import Streamer
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene
from viewers.render.scene.scene_sunlight import light_by_sun
from viewers.render.scene.scene_underground import look_through, put_pits
from viewers.render.scene.style_layers import put_form
from viewers.render.symbology.style_colours import is_replaced
from viewers.render.symbology.style_shapes import silent_layers, waters_of
from viewers.render.underground.excavation import carved, is_cut

#: Largest side of one picture: a sheet of A0 at 300 dots an inch fits in, at some 20 bytes a pixel while it is made.
MOST_PX = 16384


def ground_of(state: ProjectState, data: Mapping[str, LayerData]) -> Ground:
    """Return the ground of a project: its terrains that have data, else level at the frame's origin."""
    frame = state.frame
    if frame is None:
        raise UserError("project.no_frame")
    return ground_under(state.layers, data, frame, percentile=30.0)


def fill(
    scene: Scene, state: ProjectState, data: Mapping[str, LayerData], hidden: Iterable[str] = (),
    keep_out: Iterable[Box] = (), kept_parts: KeptParts | None = None,
) -> None:  # fmt: skip
    """Put every visible layer of a project into a scene, and no words where something will lie over the picture."""
    if state.frame is None:
        return
    ground = ground_of(state, data)
    away, waters = set(hidden), waters_of(state.layers, data)
    for layer in state.layers:
        if layer.visible and layer.id in data and layer.id not in away:
            if not is_replaced(layer):
                prepared = prepare(
                    layer, data[layer.id], state.frame, ground, kept_parts=kept_parts, class_tables=state.class_tables
                )
                if state.pits and prepared is not None and is_cut(layer):
                    prepared = carved(prepared, state.pits, state.frame)
                scene.put(layer, prepared)
            put_form(scene, layer, data[layer.id], ground, waters)
    if state.pits:
        put_pits(scene, state, ground)
    scene.set_labels(silent_layers(state.layers), keep_out)


def render_picture(
    state: ProjectState, data: Mapping[str, LayerData], camera: Camera | None = None,
    size: tuple[int, int] = (1600, 900),
    colours: Mapping[str, ObjectColours] | None = None, selection: Iterable[ObjectKey] = (), quality: str = "picture",
    lang: str = "zh", dark: bool = False, hidden: Iterable[str] = (), extra: Any = None,
    looks: Mapping[str, ElementAppearance] | None = None, cut: Cut | None = None, measures: Sequence[Measure] = (),
    keep_out: Iterable[Box] = (), through: GroundTransparency | None = None, notes: bool = True,
    sun: SunTime | None = None,
    kept_parts: KeptParts | None = None, signs: Iterable[str] = (), faded: Iterable[ObjectKey] = (),
    transparent: bool = False,
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
    looks : mapping of str to ElementAppearance, or None
        By layer id, what is hidden, faded, coloured and lifted, see :meth:`Scene.set_look`.
    cut : Cut or None
        Section planes and box, see :meth:`Scene.set_cut`.
    measures : sequence of Measure
        Drawn over the picture.
    keep_out : iterable of (left, bottom, right, top)
        Boxes of the picture, pixels, in which no labels are written: something will lie over them.
    through : GroundTransparency or None
        How the ground is looked through.
    sun : SunTime or None
        The moment whose sun lights the city.
    notes : bool
        Whether the project's notes are drawn.
    kept_parts : KeptParts or None
        Where the parts of layers are kept from one run to the next.
    signs : iterable of str
        Layers of components over which signs stand.
    faded : iterable of ObjectKey
        What is drawn as a see-through shell.
    transparent : bool
        Whether the sky is left out; the picture then has an alpha channel.

    Returns
    -------
    ndarray (height, width, 3) uint8, or (height, width, 4)

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
    with off_screen(size) as target:
        scene = Scene(target, state.frame, dark=dark, lang=lang)
        try:
            fill(scene, state, data, hidden, keep_out, kept_parts)
            for layer_id, table in (colours or {}).items():
                scene.set_colours(layer_id, table)
            for layer_id, wanted in (looks or {}).items():
                scene.set_look(layer_id, wanted)
            scene.show_signs(signs)
            scene.set_cut(cut)
            scene.set_measures(measures)
            scene.set_notes(state.notes if notes else ())
            look_through(scene, state, ground_of(state, data), through)
            scene.set_faded(faded)
            scene.set_selection(selection)
            if sun is not None:
                light_by_sun(scene, state, data, ground_of(state, data), sun)
            if camera is None:
                scene.home()
            else:
                scene.set_camera(camera)
            if extra is not None:
                extra(scene)
            scene.quality(quality)
            Streamer(scene).finish()
            if transparent:
                return draw_clear_picture(scene)
            return draw_picture(scene) if quality == "picture" else grab(target)
        finally:
            scene.close()
