"""One off-screen scene from which many pictures are drawn: sheets, the pages of an atlas, frames of a film.

Invariants
----------
1. A picture depends on what it was asked for and on nothing that was drawn before it: the same bytes come from a scene
   that is new, and from one that has drawn a thousand others.
2. Geometry is made once; a picture changes colours, visibility, selection, camera and size.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.layers.layer import LayerData
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.views.annotations import Note
from models.views.camera import Camera
from models.views.snapshot_spec import Measure
from models.views.sun import SunTime
from models.views.visibility import Cut, ElementAppearance, GroundTransparency
from viewers.render.drawing.drawn_layer import ObjectColours
from viewers.render.geometry.parts import layer_of
from viewers.render.layers.kept_parts import KeptParts
from viewers.render.overlays.labels import Box
from viewers.render.scene import camera as cameras
from viewers.render.scene.numbers import put_numbers
from viewers.render.scene.offscreen import MOST_PX, fill, ground_of
from viewers.render.scene.picture import draw_picture
from viewers.render.scene.pictures.seen import IdPass
from viewers.render.scene.raster_streaming import Streamer
from viewers.render.scene.render_target import off_screen
from viewers.render.scene.scene import Scene
from viewers.render.scene.scene_sunlight import light_by_sun
from viewers.render.scene.scene_underground import look_through
from viewers.render.scene.standpoint import Standpoint
from viewers.render.symbology.style_shapes import silent_layers
from viewers.render.symbology.theme_picture import Number


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same in all pictures of one scene; another of these is another scene.

    Parameters
    ----------
    dark : bool
    lang : str
    sun : SunTime or None
    cut : Cut or None
    through : GroundTransparency or None
    """

    dark: bool = False
    lang: str = "zh"
    sun: SunTime | None = None
    cut: Cut | None = None
    through: GroundTransparency | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What differs from picture to picture.

    Parameters
    ----------
    size : (width, height)
        Pixels.
    shown : frozenset of str
        Ids of the layers that are seen.
    camera : Camera or None
        None shows the whole city.
    colours : mapping of str to object colours
    looks : mapping of str to ElementAppearance
    selected, faded : tuple of ObjectKey
        What is outlined, and what is a see-through shell because it hides something.
    measures : sequence of Measure
    notes : sequence of Note
    numbers : sequence of Number
    signs : frozenset of str
    keep_out : sequence of boxes
        Where no label is written, pixels from the lower left.
    with_occlusion : bool
        Soft shade in corners.
    density : float
        Pixels for one that is seen, see :func:`viewers.render.scene.picture.draw_picture`.
    """

    size: tuple[int, int]
    shown: frozenset[str]
    camera: Camera | None = None
    colours: Mapping[str, ObjectColours] = field(default_factory=dict)
    looks: Mapping[str, ElementAppearance] = field(default_factory=dict)
    selected: tuple[ObjectKey, ...] = ()
    faded: tuple[ObjectKey, ...] = ()
    measures: Sequence[Measure] = ()
    notes: Sequence[Note] = ()
    numbers: Sequence[Number] = ()
    signs: frozenset[str] = frozenset()
    keep_out: Sequence[Box] = ()
    with_occlusion: bool = True
    density: float = 1.0


class PictureScene:
    """A filled off-screen scene; to be closed.

    Parameters
    ----------
    state : ProjectState
        Its visible layers are put, in its order; a picture shows some of them.
    data : mapping of str to LayerData
    around : Surroundings
    kept_parts : KeptParts or None
        Where the parts of layers are kept from one run to the next.

    Raises
    ------
    UserError
        ``project.no_frame``, ``render.failed``.
    """

    def __init__(
        self, state: ProjectState, data: Mapping[str, LayerData], around: Surroundings,
        kept_parts: KeptParts | None = None,
    ) -> None:  # fmt: skip
        if state.frame is None:
            raise UserError("project.no_frame")
        self._held = contextlib.ExitStack()
        self._ids: IdPass | None = None
        self._size = (0, 0)
        self.ground = ground_of(state, data)
        #: Ids of the layers that are there to be shown.
        self.layers = frozenset(layer.id for layer in state.layers if layer.visible)
        try:
            self._target: Any = self._held.enter_context(off_screen((640, 360)))
            self._scene = Scene(self._target, state.frame, dark=around.dark, lang=around.lang)
            self._held.callback(self._scene.close)
            fill(self._scene, state, data, kept_parts=kept_parts)
            self._own = {one: self._scene.colours_of(one) for one in self._scene.layer_ids}
            self._painted = dict(self._own)
            self._silent = silent_layers(state.layers)
            self._scene.set_cut(around.cut)
            look_through(self._scene, state, self.ground, around.through)
            if around.sun is not None:
                light_by_sun(self._scene, state, data, self.ground, around.sun)
        except BaseException:
            self._held.close()
            raise

    def draw(self, asked: Asked) -> NDArray[np.uint8]:
        """Return a picture, (h, w, 3) uint8, top row first.

        Raises
        ------
        UserError
            ``render.size``, ``render.failed``.
        """
        self._set(asked)
        streamer = Streamer(self._scene)
        streamer.finish()
        try:
            return draw_picture(self._scene, with_occlusion=asked.with_occlusion, density=asked.density)
        finally:
            streamer.clear()

    def seen(self, asked: Asked, keys: Iterable[ObjectKey] | None = None) -> dict[ObjectKey, int]:
        """Return how many pixels of a picture show each object that is really seen.

        Parameters
        ----------
        asked : Asked
        keys : iterable of ObjectKey or None
            Only these are looked for, which is faster; None for all.
        """
        self._set(replace(asked, selected=()))
        if self._ids is None:
            self._ids = self._held.enter_context(contextlib.closing(IdPass(self._scene)))
        if keys is None:
            return self._ids.seen()
        members = {key: self._scene.members_of(key) for key in keys}
        found = self._ids.seen(Keys.of([one for many in members.values() for one in many]))
        counts = {key: sum(found.get(one, 0) for one in many) for key, many in members.items()}
        return {key: count for key, count in counts.items() if count}

    def standpoint(self, asked: Asked, keys: Iterable[ObjectKey], least_m: float | None = None) -> Standpoint | None:
        """Return where to stand to see some objects, starting from the direction in which ``asked`` looks."""
        self._set(asked)
        look = self._scene.look_for(keys, self.ground.height_m, least_m)
        return None if look is None else look()

    def fitted(self, camera: Camera, keys: Iterable[ObjectKey], aspect: float, room: float, least_m: float) -> Camera:
        """Return the camera nearer to some objects, so that they fill the picture with some room around.

        Parameters
        ----------
        camera : Camera
            In perspective.
        keys : iterable of ObjectKey
        aspect : float
        room : float
            Share of the half sides of the picture that stays free.
        least_m : float
            So much is shown around a small thing.
        """
        points = self._scene.points_of(keys)
        if not len(points) or camera.parallel_scale_m is not None:
            return camera
        low, high = points.min(axis=0), points.max(axis=0)
        grow = np.maximum(least_m - (high - low)[:2], 0.0) / 2
        around = [
            [x, y, low[2]] for x in (low[0] - grow[0], high[0] + grow[0]) for y in (low[1] - grow[1], high[1] + grow[1])
        ]
        if grow.any():
            points = np.concatenate([points, np.array(around)])
        return cameras.fitted(camera, points, self._scene.frame, aspect, room)

    def box_of(self, keys: Iterable[ObjectKey]) -> NDArray[np.float64] | None:
        """Return the world box (2, 3) of some objects, None if none of them is drawn."""
        return self._scene.bounds_of(keys)

    def close(self) -> None:
        """Take the scene down."""
        self._held.close()

    def _set(self, asked: Asked) -> None:
        """Bring the scene to what is asked for, from wherever the last picture left it."""
        width, height = asked.size
        if not (16 <= width <= MOST_PX and 16 <= height <= MOST_PX):
            raise UserError("render.size", width=width, height=height, most=MOST_PX)
        scene = self._scene
        if asked.size != self._size:
            self._size = asked.size
            self._target.render_window.SetSize(*asked.size)
        scene.set_selection(())
        scene.set_faded(())
        for layer_id in scene.layer_ids:
            name = layer_of(layer_id)
            scene.set_visible(layer_id, name not in self.layers or name in asked.shown)
            scene.set_look(layer_id, asked.looks.get(layer_id))
            colours = asked.colours.get(layer_id, self._own.get(layer_id))
            if colours is not self._painted.get(layer_id):
                self._painted[layer_id] = colours
                scene.set_colours(layer_id, colours)
        scene.set_labels(self._silent, asked.keep_out)
        scene.show_signs(asked.signs)
        scene.set_measures(asked.measures)
        scene.set_notes(asked.notes)
        put_numbers(scene, asked.numbers, self.ground)
        scene.set_faded(asked.faded)
        scene.set_selection(asked.selected)
        if asked.camera is None:
            scene.home()
        else:
            scene.set_camera(asked.camera)
        scene.quality("picture")
        scene.as_new()
