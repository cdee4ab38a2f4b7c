"""The city on a plotter: actors by layer, colours, selection, picks, camera.

Invariants
----------
1. Only this class makes, changes and removes VTK actors, on the thread that renders.
2. Nothing here renders by itself: a change sets ``dirty`` and emits ``became_dirty`` once; whoever owns the plotter
   renders when its turn comes (:meth:`Scene.render`). A listener that renders would draw a frame for every layer.
3. After :meth:`Scene.close` no actor, light or observer of ours is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from models.crs import Frame
from models.layers import Layer
from models.selection import ObjectKey
from models.view import Camera
from viewers.render import camera as cameras
from viewers.render import picking
from viewers.render.actors import Drawn, Textures, draw, polydata, shade
from viewers.render.buildings import SKIRT_M
from viewers.render.labels import DESIGN_PX, LabelLayer
from viewers.render.lights import Lights
from viewers.render.look import Atmosphere, dress, look, rgb
from viewers.render.marks import marks_of, points_of
from viewers.render.parts import LabelPart, LinePart, MeshPart, Prepared
from viewers.render.picking import Pick
from viewers.render.prepare import material_colours

Colours = NDArray[np.uint8]
#: Colours of objects: a mapping of oid to (r, g, b, a), or the arrays (oids (n,), rgba (n, 4) uint8).
ObjectColours = Mapping[int, Any] | tuple[NDArray[Any], NDArray[Any]]

#: Size of the far form of a sign, pixels.
DOT_PX = 7.0

#: How far the ground goes on around the city, metres.
APRON_M = 40_000.0


class Scene:
    """A city on any PyVista plotter, off-screen or in a window.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
        An off-screen ``Plotter`` or a ``QtInteractor``; its lights and background are replaced.
    frame : Frame
        Coordinate frame of everything that is put here.
    dark : bool
    lang : str
        Language of labels, ``"zh"`` or ``"en"``.

    Signals
    -------
    became_dirty : ()
        Something changed since the last frame.
    """

    became_dirty = Signal()

    def __init__(self, plotter: Any, frame: Frame, *, dark: bool = False, lang: str = "zh") -> None:
        self.plotter = plotter
        self.frame = frame
        self.dirty = True
        self._renderer = plotter.renderer
        self._labels = LabelLayer(self._renderer, lang, dark)
        self._look = look(dark)
        self._dark = dark
        self._layers: dict[str, _DrawnLayer] = {}
        self._textures: Textures = {}
        self._owner: dict[Any, tuple[str, Drawn]] = {}
        self._selection: frozenset[ObjectKey] = frozenset()
        self._marks: list[Any] = []
        self._apron: Any = None
        self._quality = "moving"
        self._occlusion = False
        self._occluding = 0.0
        # Multi-sampling multiplies the cost of every pixel without a GPU; FXAA and SSAA smooth still frames instead.
        plotter.render_window.SetMultiSamples(0)
        self._lights = Lights(self._renderer, self._look)
        self._atmosphere = Atmosphere(self._renderer, self._look)
        self._observer = self._renderer.AddObserver("StartEvent", self._before_frame)
        self._renderer.GetActiveCamera().SetViewUp(0, 0, 1)

    # -- layers ------------------------------------------------------------------------------------------------

    def draw(self, prepared: Prepared) -> list[Drawn]:
        """Make the actors of a layer ahead of :meth:`put`; the one method that a worker thread may call."""
        drawn: list[Drawn] = []
        for part in prepared.parts:
            if not isinstance(part, LabelPart):
                drawn += draw(part, self._look, self._textures)
        return drawn

    def put(self, layer: Layer, prepared: Prepared | None, drawn: list[Drawn] | None = None) -> None:
        """Show a layer, in the place of what was shown under its id.

        Parameters
        ----------
        layer : Layer
        prepared : Prepared or None
            None only takes the layer away.
        drawn : list of Drawn or None
            What :meth:`draw` made of ``prepared``, None to make it now.
        """
        colours = self._layers[layer.id].colours if layer.id in self._layers else None
        self.remove(layer.id)
        if prepared is None:
            return
        if drawn is None:
            drawn = self.draw(prepared)
        shown = _DrawnLayer(layer, prepared, drawn)
        self._layers[layer.id] = shown
        for one in drawn:
            self._owner[one.actor] = (layer.id, one)
            self._renderer.AddActor(one.actor)
        self._labels.put(layer.id, [part for part in prepared.parts if isinstance(part, LabelPart)], layer.visible)
        shown.show(layer.visible)
        if self._dark:
            self._relight(drawn)
        self._lay_apron()
        self._order()
        self._cover_ground()
        if colours is not None:
            self.set_colours(layer.id, colours)
        if any(key.layer == layer.id for key in self._selection):
            self._mark()
        self._touch()

    def _order(self) -> None:
        """Draw what hides before what is hidden: buildings first, the ground last; hidden pixels then cost nothing."""
        rank = {role: number for number, role in enumerate(DRAWN_LAST)}
        for shown in sorted(self._layers.values(), key=lambda s: rank.get(s.layer.role, -1)):
            if shown.layer.role in rank:
                for one in shown.drawn:
                    self._renderer.RemoveActor(one.actor)
                    self._renderer.AddActor(one.actor)

    def _cover_ground(self) -> None:
        """Leave out ground that lies under an opaque image: its triangles are the image's own."""
        covers = [
            s.prepared.bounds for s in self._layers.values()
            if s.layer.kind == "image" and s.visible and s.opaque
        ]  # fmt: skip
        for shown in self._layers.values():
            if shown.layer.kind == "terrain" and shown.visible:
                for one in shown.drawn:
                    low_x, high_x, low_y, high_y, _, _ = one.actor.GetBounds()
                    covered = any(
                        box[0, 0] <= low_x and high_x <= box[1, 0] and box[0, 1] <= low_y and high_y <= box[1, 1]
                        for box in covers
                    )
                    one.actor.SetVisibility(not covered)

    def remove(self, layer_id: str) -> None:
        """Take a layer away; silent if it is not shown."""
        shown = self._layers.pop(layer_id, None)
        if shown is None:
            return
        for one in shown.drawn:
            self._owner.pop(one.actor, None)
            self._renderer.RemoveActor(one.actor)
        self._labels.remove(layer_id)
        self._lay_apron()
        self._cover_ground()
        if any(key.layer == layer_id for key in self._selection):
            self._mark()
        self._touch()

    @property
    def layer_ids(self) -> tuple[str, ...]:
        """Return the ids of the layers that are put."""
        return tuple(self._layers)

    def set_visible(self, layer_id: str, visible: bool) -> None:
        """Show or hide a layer that was put."""
        shown = self._layers.get(layer_id)
        if shown is not None and shown.visible != visible:
            shown.show(visible)
            self._labels.set_visible(layer_id, visible)
            self._lay_apron()
            self._cover_ground()
            self._mark()
            self._touch()

    def set_colours(self, layer_id: str, colours: ObjectColours | None) -> None:
        """Repaint the objects of a layer, or give them back their own colours.

        Parameters
        ----------
        layer_id : str
        colours : mapping of oid to rgba, or (oids, rgba) arrays, or None
            uint8 0…255, or floats 0…1. Objects that are not named keep their own colour.
        """
        shown = self._layers.get(layer_id)
        if shown is None:
            return
        shown.colours = colours
        table = None if colours is None else _ColourTable.of(colours)
        for one in shown.drawn:
            one.paint(None if table is None else table.look_up(one.oids if one.ids is None else one.ids, one.base))
        self._touch()

    def set_language(self, lang: str) -> None:
        """Write the labels in another language."""
        self._labels.set_language(lang)
        self._touch()

    # -- selection and picks -----------------------------------------------------------------------------------

    def set_selection(self, keys: Iterable[ObjectKey]) -> None:
        """Highlight exactly these objects."""
        fresh = frozenset(keys)
        if fresh != self._selection:
            self._selection = fresh
            self._mark()
            self._touch()

    def pick(self, x: int, y: int) -> Pick | None:
        """Return what is under a pixel, None in the sky.

        Parameters
        ----------
        x, y : int
            Pixels from the *lower left* corner of the render window, as VTK counts.
        """
        shown = (
            one
            for layer in self._layers.values()
            if layer.visible
            for one in layer.drawn
            if not one.dot and one.actor.GetVisibility() and one.actor.GetPickable()
        )
        hit = picking.nearest(picking.Ray(self._renderer, x, y), shown)
        if hit is None:
            point = self.ground_at(x, y)  # the plain under a city without terrain
            return None if point is None else Pick(None, point)
        one, number, local = hit
        oid = int(one.oids[number])
        key = ObjectKey(self._owner[one.actor][0], oid) if oid >= 0 else None
        east, north, height = self.frame.to_world(local[None, :])[0].tolist()
        return Pick(key, (east, north, height))

    def ground_at(self, x: int, y: int) -> tuple[float, float, float] | None:
        """Return the world point under a pixel of the last frame, None in the sky; no new frame is drawn."""
        local = picking.point_under(self._renderer, x, y)
        if local is None:
            return None
        world = self.frame.to_world(local[None, :])[0]
        return float(world[0]), float(world[1]), float(world[2])

    def _mark(self) -> None:
        """Build the highlight of the selection again."""
        for actor in self._marks:
            self._renderer.RemoveActor(actor)
        self._marks = []
        by_layer: dict[str, list[int]] = {}
        for key in self._selection:
            by_layer.setdefault(key.layer, []).append(key.oid)
        for layer_id, oids in by_layer.items():
            shown = self._layers.get(layer_id)
            if shown is None or not shown.visible:
                continue
            for part in shown.prepared.parts:
                if not isinstance(part, LabelPart) and part.pickable:
                    self._marks += marks_of(part, np.asarray(oids))
        for actor in self._marks:
            self._renderer.AddActor(actor)

    # -- camera ------------------------------------------------------------------------------------------------

    @property
    def camera(self) -> Camera:
        """Return the camera in world coordinates."""
        return cameras.read(self._renderer.GetActiveCamera(), self.frame)

    def set_camera(self, wanted: Camera) -> None:
        """Look from a camera given in world coordinates."""
        cameras.write(self._renderer.GetActiveCamera(), wanted, self.frame)
        self._renderer.camera_set = True  # else PyVista shows "everything", the far plain included, in its first frame
        self._touch()

    @property
    def bounds(self) -> NDArray[np.float64] | None:
        """Return the *local* box (2, 3) of the visible layers, None when nothing is shown."""
        boxes = [s.prepared.bounds for s in self._layers.values() if s.visible and np.isfinite(s.prepared.bounds).all()]
        if not boxes:
            return None
        stack = np.stack(boxes)
        return np.stack([stack[:, 0].min(axis=0), stack[:, 1].max(axis=0)])

    def bounds_of(self, keys: Iterable[ObjectKey]) -> NDArray[np.float64] | None:
        """Return the *world* box (2, 3) of some objects, None if none of them is drawn."""
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        by_layer: dict[str, list[int]] = {}
        for key in keys:
            by_layer.setdefault(key.layer, []).append(key.oid)
        for layer_id, oids in by_layer.items():
            shown = self._layers.get(layer_id)
            for part in shown.prepared.parts if shown is not None else ():
                if isinstance(part, LabelPart):
                    continue
                points = points_of(part, np.asarray(oids))
                if len(points):
                    low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
        return self.frame.to_world(np.stack([low, high])) if np.isfinite(low).all() else None

    def bounds_of_layer(self, layer_id: str) -> NDArray[np.float64] | None:
        """Return the *world* box (2, 3) of a layer, None if it is not shown."""
        shown = self._layers.get(layer_id)
        return None if shown is None else self.frame.to_world(shown.prepared.bounds)

    def zoom_to(self, bounds_world: NDArray[np.float64], least_m: float = 30.0) -> None:
        """Show a world box from the present direction.

        Parameters
        ----------
        bounds_world : ndarray (2, 3)
        least_m : float
            A smaller box (a manhole cover) is shown with this much around it.
        """
        box = self.frame.to_local(np.asarray(bounds_world, dtype=np.float64))
        centre, half = box.mean(axis=0), np.maximum((box[1] - box[0]) / 2, [least_m / 2, least_m / 2, 1.0])
        bearing, pitch = cameras.bearing_and_pitch(self.camera)
        wanted = cameras.looking_at(
            np.stack([centre - half, centre + half]), self.frame, aspect=self._aspect(), bearing_deg=bearing,
            pitch_deg=min(pitch, -20.0),
        )  # fmt: skip
        self.set_camera(wanted)

    def home(self) -> None:
        """Show the whole city obliquely."""
        wanted = self.home_camera()
        if wanted is not None:
            self.set_camera(wanted)

    def home_camera(self) -> Camera | None:
        """Return the camera of :meth:`home`, None when nothing is shown."""
        box = self._city_box()
        if box is None:
            return None
        # A city may run over the edges of the picture; a lone building or a map is shown whole.
        city = any(s.visible and s.layer.role == "buildings" for s in self._layers.values())
        pitch_deg, fill = (-18.5, 1.85) if city else (-28.0, 0.95)
        return cameras.looking_at(
            box, self.frame, aspect=self._aspect(), bearing_deg=24.0, pitch_deg=pitch_deg, angle_deg=40.0, fill=fill
        )

    def _city_box(self) -> NDArray[np.float64] | None:
        """Return the local box of what stands in the city (its buildings where there are any)."""
        shown = [s for s in self._layers.values() if s.visible]
        for roles in (("buildings",), ("model",), ("land", "parcels", "districts", "communities")):
            boxes = [s.prepared.bounds for s in shown if s.layer.role in roles]
            if boxes:
                stack = np.stack(boxes)
                box = np.stack([stack[:, 0].min(axis=0), stack[:, 1].max(axis=0)])
                if roles != ("model",):  # a tower may run out of the picture of its city, not out of its own
                    box[1, 2] = min(box[1, 2], box[0, 2] + 0.25 * float(np.ptp(box[:, 0])) + 10.0)
                return box
        return self.bounds

    def top_view(self) -> None:
        """Look straight down on the same spot, north up."""
        self.set_camera(cameras.from_above(self.camera))

    def north_up(self) -> None:
        """Turn the view so that north is away from the eye."""
        self.set_camera(cameras.turned_north(self.camera))

    def _aspect(self) -> float:
        width, height = self._renderer.GetSize()
        return width / height if width and height else 16 / 9

    # -- look --------------------------------------------------------------------------------------------------

    def set_dark(self, dark: bool) -> None:
        """Switch between the light and the dark hour."""
        if dark == self._dark:
            return
        self._dark, self._look = dark, look(dark)
        self._lights.set(self._look)
        self._labels.set_dark(dark)
        self._atmosphere.look = self._look
        for shown in self._layers.values():
            self._relight(shown.drawn)
        if self._apron is not None:
            shade(self._apron, self._look)
        self._touch()

    def _relight(self, drawn: Iterable[Drawn]) -> None:
        for one in drawn:
            if isinstance(one.part, LinePart):
                one.actor.GetProperty().SetAmbient(self._look.unlit)
            elif one.actor.GetProperty().GetLighting():
                shade(one.actor, self._look, one.part.lit if isinstance(one.part, MeshPart) else True)
                if isinstance(one.part, MeshPart) and one.actor.GetProperty().GetEdgeVisibility():
                    outline = np.asarray(rgb(one.part.edge_colour)) * min(2.0 * self._look.ambient, 1.0) ** 2
                    one.actor.GetProperty().SetEdgeColor(*outline)

    def quality(self, level: str, *, occlusion: bool | None = None) -> None:
        """Choose between speed and beauty.

        Parameters
        ----------
        level : {"moving", "still", "picture"}
            While the camera moves; after it rests; for a picture that is kept.
        occlusion : bool or None
            Ambient occlusion; None keeps the choice (off until chosen: without a GPU it takes most of a second).
            :func:`~viewers.render.offscreen.render_picture` adds it to pictures by itself.
        """
        if occlusion is not None:
            self._occlusion = occlusion
        before = self._quality
        self._quality = level
        self._set_occlusion(self._occlusion and level != "moving")
        if before == level and occlusion is None:
            return
        for shown in self._layers.values():
            for one in shown.drawn:
                texture = one.actor.GetTexture()
                if texture is not None:
                    texture.SetMaximumAnisotropicFiltering(8.0 if level == "picture" else 1.0)
        if before != level:
            self.plotter.disable_anti_aliasing()
            if level == "picture":
                self.plotter.enable_anti_aliasing("ssaa")
            elif level == "still" and not self._is_software_window():
                self.plotter.enable_anti_aliasing("fxaa")
        self._touch()

    def _is_software_window(self) -> bool:
        """Whether this is an EGL or OSMesa window, where VTK has no FXAA."""
        name = str(self.plotter.render_window.GetClassName())
        return "EGL" in name or "OSMesa" in name or "OSOpenGL" in name

    def _set_occlusion(self, wanted: bool) -> None:
        if not wanted:
            if self._occluding:
                self.plotter.disable_ssao()
                self._occluding = 0.0
            return
        distance = self._renderer.GetActiveCamera().GetDistance()
        radius = float(np.clip(distance * 0.008, 3.0, 14.0))
        if self._occluding != radius:
            self.plotter.enable_ssao(radius=radius, bias=0.03 * radius, kernel_size=64, blur=True)
            self._occluding = radius

    # -- frames ------------------------------------------------------------------------------------------------

    def render(self) -> None:
        """Draw a frame if anything changed since the last one."""
        if self.dirty:
            self.dirty = False
            self.plotter.render_window.Render()

    def close(self) -> None:
        """Take everything of ours off the plotter; the plotter itself stays its owner's."""
        for layer_id in list(self._layers):
            self.remove(layer_id)
        for actor in self._marks:
            self._renderer.RemoveActor(actor)
        self._marks = []
        if self._apron is not None:
            self._renderer.RemoveActor(self._apron)
            self._apron = None
        self._labels.close()
        self._set_occlusion(False)
        self._renderer.RemoveObserver(self._observer)
        self._renderer.RemoveAllLights()
        self._renderer.SetBackgroundTexture(None)
        self._renderer.TexturedBackgroundOff()

    def _touch(self) -> None:
        if not self.dirty:
            self.dirty = True
            self.became_dirty.emit()

    def _before_frame(self, *_: Any) -> None:
        """Follow the camera: sky, haze, depth range."""
        self._atmosphere.follow()
        box = self.bounds
        size = float(np.linalg.norm(box[1][:2] - box[0][:2])) if box is not None else 1000.0
        self._set_depth_range(box, size)
        self._leave_out_small()
        values = self._atmosphere.values(size)
        for actor in self._haze_actors():
            self._atmosphere.uniforms(actor, values)
        self._labels.update()
        self._set_widths()

    def _set_widths(self) -> None:
        """Keep lines and dots as wide as they were meant: a supersampled picture halves them, a tall one thins them."""
        factor = (2.0 if self._quality == "picture" else 1.0) * max(1.0, self._renderer.GetSize()[1] / DESIGN_PX)
        for shown in self._layers.values():
            if shown.widths != factor:
                shown.widths = factor
                for one in shown.drawn:
                    if one.dot:
                        one.actor.GetProperty().SetPointSize(DOT_PX * factor)
                    elif isinstance(one.part, LinePart):
                        one.actor.GetProperty().SetLineWidth(one.part.width_px * factor)

    def _leave_out_small(self) -> None:
        """Hide chunks of things that would be smaller than a pixel or so: manhole covers seen from a kilometre."""
        view = self._renderer.GetActiveCamera()
        _, height = self._renderer.GetSize()
        eye = np.asarray(view.GetPosition())
        tangent = np.tan(np.radians(view.GetViewAngle() / 2))
        least = LEAST_DETAIL_PX / (2.0 if self._quality == "picture" else 1.0)
        for shown in self._layers.values():
            if not shown.visible:
                continue
            away = np.maximum(np.linalg.norm(shown.centres - eye, axis=1) - shown.radii, 1.0)
            half = view.GetParallelScale() if view.GetParallelProjection() else away * tangent
            pixels = shown.sizes * height / (2 * half)
            for (one, _), size_px in zip(shown.small, pixels.tolist(), strict=True):
                one.actor.SetVisibility(size_px > (LEAST_PX if one.glyph else least))
                if one.glyph:
                    one.come_near(size_px > FULL_PX)

    def _haze_actors(self) -> Iterable[Any]:
        for shown in self._layers.values():
            if shown.visible:
                for one in shown.drawn:
                    if one.actor.GetVisibility():
                        yield one.actor
        yield from self._marks
        if self._apron is not None:
            yield self._apron

    def _set_depth_range(self, box: NDArray[np.float64] | None, size: float) -> None:
        """Keep near as far as the city allows: the depth buffer's steps grow with far²/near."""
        view = self._renderer.GetActiveCamera()
        eye = np.asarray(view.GetPosition())
        if view.GetParallelProjection():
            # No deeper than what is seen: a draped thing is drawn nearer by a share of this range (see dress()).
            forward = np.asarray(view.GetDirectionOfProjection())
            low = box if box is not None else np.zeros((2, 3))
            tilt = abs(forward[2]) / max(float(np.hypot(forward[0], forward[1])), 1e-6)
            middle = view.GetDistance() if tilt < 0.05 else float((low[:, 2].mean() - eye[2]) / forward[2])
            reach = min(
                1.2 * view.GetParallelScale() / max(tilt, 1e-3) + float(low[1, 2] - low[0, 2]) + 50.0, size + APRON_M
            )
            view.SetClippingRange(middle - reach, middle + reach)
            return
        if box is None:
            self._renderer.ResetCameraClippingRange()
            return
        outside = np.maximum(np.maximum(box[0] - eye, eye - box[1]), 0.0)
        gap = float(np.linalg.norm(outside))
        above = max(float(eye[2] - box[0][2]), 0.0)
        near = max(0.5 * gap, min(0.02 * above, 4.0), 0.4)
        view.SetClippingRange(near, max(near * 100.0, APRON_M + size + gap))

    def _lay_apron(self) -> None:
        """Lay a plain under a city that has no terrain, so that it does not hang in the sky."""
        has_terrain = any(s.visible and s.layer.kind == "terrain" for s in self._layers.values())
        box = self.bounds
        if self._apron is not None:
            self._renderer.RemoveActor(self._apron)
            self._apron = None
        if has_terrain or box is None:
            return
        levels = [
            s.prepared.bounds[0, 2] + (SKIRT_M if s.layer.role == "buildings" else 0.0)
            for s in self._layers.values()
            if s.visible and s.layer.role in GROUND_ROLES
        ]
        # Without a terrain there is nothing to lift off the pipes: the plain goes under them.
        levels += [s.prepared.bounds[0, 2] for s in self._layers.values() if s.visible and s.layer.role == "pipes"]
        ground = float(min(levels)) if levels else float(box[0, 2])
        self._apron = _apron(box, ground - 0.1, self._look)
        self._renderer.AddActor(self._apron)


#: Glyphs that would be lower than this many pixels are left out.
LEAST_PX = 2.0
#: Lane lines and the like that would be narrower than this are left out.
LEAST_DETAIL_PX = 0.3
#: Below this many pixels a tree is drawn with a few triangles.
FULL_PX = 22.0

#: Roles that lie on the ground, in the order in which they are drawn after everything else.
DRAWN_LAST = ("footways", "roads", "water", "green", "land", "image", "terrain")

#: Roles whose lowest point is on the ground (not under it, as pipes are).
GROUND_ROLES = frozenset({"buildings", "land", "green", "roads", "parcels", "districts", "communities", "trees"})


class _DrawnLayer:
    """A layer that is on the plotter."""

    def __init__(self, layer: Layer, prepared: Prepared, drawn: list[Drawn]) -> None:
        self.layer = layer
        self.prepared = prepared
        self.drawn = drawn
        self.visible = True
        self.widths = 1.0
        self.colours: ObjectColours | None = None
        self.small = [(one, one.extent()) for one in drawn if one.glyph or one.is_detail]
        self.opaque = all(
            part.opacity == 1.0 and (part.image is None or part.image.shape[2] == 3)
            for part in prepared.parts if isinstance(part, MeshPart)
        )  # fmt: skip
        extents = [extent for _, extent in self.small]
        self.centres = np.array([centre for centre, _, _ in extents]).reshape(-1, 3)
        self.radii = np.array([radius for _, radius, _ in extents], dtype=np.float64)
        self.sizes = np.array([size for _, _, size in extents], dtype=np.float64)

    def show(self, visible: bool) -> None:
        self.visible = visible
        for one in self.drawn:
            one.actor.SetVisibility(visible)


class _ColourTable:
    """Colours sorted by oid, looked up for many cells at once."""

    def __init__(self, oids: NDArray[np.int64], rgba: Colours) -> None:
        order = np.argsort(oids, kind="stable")
        self._oids, self._rgba = oids[order], rgba[order]

    @classmethod
    def of(cls, colours: ObjectColours) -> _ColourTable:
        if isinstance(colours, tuple):
            oids, rgba = np.asarray(colours[0], dtype=np.int64), np.asarray(colours[1])
        else:
            oids = np.fromiter(colours.keys(), dtype=np.int64, count=len(colours))
            rgba = np.array([tuple(c) for c in colours.values()]) if len(colours) else np.zeros((0, 4), np.uint8)
        if rgba.dtype.kind == "f":
            rgba = np.clip(rgba * 255.0 + 0.5, 0, 255)
        rgba = rgba.astype(np.uint8).reshape(len(oids), -1)
        if rgba.shape[1] == 3:
            rgba = np.concatenate([rgba, np.full((len(rgba), 1), 255, np.uint8)], axis=1)
        return cls(oids, rgba)

    def look_up(self, oids: NDArray[np.int32], base: Colours) -> Colours:
        painted = base.copy()
        if len(self._oids):
            place = np.searchsorted(self._oids, oids)
            place[place == len(self._oids)] = 0
            found = (self._oids[place] == oids) & (oids >= 0)
            painted[found] = self._rgba[place[found]]
        return painted


def _apron(box: NDArray[np.float64], height_m: float, current: Any) -> Any:
    """Return a wide plain around a local box."""
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    x, y = box.mean(axis=0)[:2]
    r = APRON_M + float(np.ptp(box, axis=0)[:2].max())
    corners = np.array([[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r]])
    points = np.column_stack([corners, np.full(4, height_m)])
    data = polydata(points, np.array([[0, 1, 2], [0, 2, 3]]))
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    mapper.SetInputData(data)
    mapper.ScalarVisibilityOff()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*rgb(material_colours()["ground"]))
    shade(actor, current)
    dress(actor)
    actor.PickableOff()
    actor.UseBoundsOff()
    return actor
