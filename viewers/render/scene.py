"""The city on a plotter: actors by layer, colours, selection, picks, camera.

Invariants
----------
1. Only this class makes, changes and removes VTK actors, on the thread that renders.
2. Nothing here renders by itself: a change sets ``dirty`` and emits ``became_dirty`` once; whoever owns the plotter
   renders when its turn comes (:meth:`Scene.render`). A listener that renders would draw a frame for every layer.
3. After :meth:`Scene.close` no actor, light or observer of ours is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from models.crs import Frame
from models.layers import Layer
from models.look import Cut, ElementLook
from models.selection import ObjectKey
from models.view import Camera
from viewers.render import camera as cameras
from viewers.render import picking, snapping
from viewers.render.actors import Drawn, Textures, draw, shade
from viewers.render.buildings import SKIRT_M
from viewers.render.cutting import LocalPlane
from viewers.render.drawn_layer import DrawnLayer, ObjectColours
from viewers.render.elements import relight_ghost
from viewers.render.frames import apron, leave_out_small, set_depth_range, set_widths, take_turns
from viewers.render.labels import LabelLayer
from viewers.render.lights import Lights
from viewers.render.look import Atmosphere, look, rgb
from viewers.render.measures import Measure, MeasureLayer
from viewers.render.parts import LabelPart, LinePart, MeshPart, Prepared
from viewers.render.picking import Pick
from viewers.render.sections import Sections
from viewers.render.snapping import Snap


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
        self._layers: dict[str, DrawnLayer] = {}
        self._textures: Textures = {}
        self._owner: dict[Any, tuple[str, Drawn]] = {}
        self._selection: frozenset[ObjectKey] = frozenset()
        self._marks: dict[Any, tuple[str, int]] = {}
        self._measured = MeasureLayer(self._renderer, frame, dark)
        self._looks: dict[str, ElementLook] = {}
        self._sections = Sections()
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
        shown = DrawnLayer(layer, prepared, drawn)
        self._layers[layer.id] = shown
        shown.colours = colours
        wanted = self._looks.get(layer.id)
        if wanted is not None:
            shown.follow(wanted, self._look, self._dark)
        elif colours is not None:
            shown.paint()
        self._enlist(shown)
        self._sections.stale()
        self._labels.put(layer.id, [part for part in prepared.parts if isinstance(part, LabelPart)], layer.visible)
        shown.show(layer.visible)
        if self._dark:
            self._relight(shown.drawn)
        self._lay_apron()
        self._order()
        self._cover_ground()
        if any(key.layer == layer.id for key in self._selection):
            self._mark()
        self._touch()

    def _enlist(self, shown: DrawnLayer) -> None:
        """Bring the plotter's actors of a layer in line with what is drawn of it."""
        wanted = {one.actor: one for one in shown.drawn}
        for actor in [a for a, (owner, _) in self._owner.items() if owner == shown.layer.id and a not in wanted]:
            del self._owner[actor]
            self._renderer.RemoveActor(actor)
        for actor, one in wanted.items():
            if actor not in self._owner:
                self._owner[actor] = (shown.layer.id, one)
                self._renderer.AddActor(actor)
                self._sections.trim(actor, shown.layer.kind, one.cap_of)

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
        self._sections.stale()
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
            self._caps_stale(shown)
            self._labels.set_visible(layer_id, visible)
            self._lay_apron()
            self._cover_ground()
            self._mark()
            self._touch()

    def shift_layer(self, layer_id: str, matrix: NDArray[np.float64] | None) -> None:
        """Show a layer moved by a (4, 4) matrix of the local frame without making it again, as a preview.

        Picks still meet the layer where it was made; None, or putting the layer again, ends the preview.
        """
        from pyvista import vtkmatrix_from_array

        shown = self._layers.get(layer_id)
        if shown is not None:
            for one in shown.drawn:
                one.actor.SetUserMatrix(None if matrix is None else vtkmatrix_from_array(matrix))
            self._labels.set_visible(layer_id, matrix is None and shown.visible)
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
        shown.paint()
        self._caps_stale(shown)
        self._touch()

    # -- looking inside ----------------------------------------------------------------------------------------

    def set_look(self, layer_id: str, look: ElementLook | None) -> None:
        """Hide, fade, colour and lift elements of a layer; kept when the layer is put again.

        Parameters
        ----------
        layer_id : str
        look : ElementLook or None
            None shows the elements as they are.
        """
        if look is None or look == ElementLook():
            self._looks.pop(layer_id, None)
            look = None
        else:
            self._looks[layer_id] = look
        shown = self._layers.get(layer_id)
        if shown is None or shown.look == look:
            return
        shown.follow(look, self._look, self._dark)
        self._enlist(shown)
        if any(key.layer == layer_id for key in self._selection):
            self._mark()
        self._caps_stale(shown)
        self._touch()

    def set_cut(self, cut: Cut | None, final: bool = True) -> None:
        """Cut everything with planes and a box.

        Parameters
        ----------
        cut : Cut or None
            None shows everything whole.
        final : bool
            Fill the cut faces now. False leaves them open, while a plane is dragged or until a worker thread has made
            them, see :meth:`caps_work`.
        """
        self._sections.set(cut, self.frame, self.bounds)
        cutter = self._sections.cutter
        self._labels.kept = None if cutter is None or cutter.cut.models_only else cutter.names
        for shown in self._layers.values():
            for one in shown.drawn:
                self._sections.trim(one.actor, shown.layer.kind, one.cap_of)
            self._caps_stale(shown)
        for actor, held in self._marks.items():
            self._sections.trim(actor, *held)
        if final and self.caps_due:
            self.put_caps(self.caps_work()())
        self._touch()

    def _caps_stale(self, shown: DrawnLayer) -> None:
        """Take the filled cut faces of a layer away."""
        self._sections.stale()
        if shown.caps:
            shown.caps = []
            self._enlist(shown)
            for actor in [actor for actor, (_, cap_of) in self._marks.items() if cap_of >= 0]:
                del self._marks[actor]
                self._renderer.RemoveActor(actor)

    @property
    def caps_due(self) -> bool:
        """Whether cut faces are to be filled and are not, or no longer as they should be."""
        return self._sections.due

    def caps_work(self) -> Callable[[], Any]:
        """Return a function for a worker thread that makes what :meth:`put_caps` takes."""
        return self._sections.work(self._layers.values(), self._look)

    def put_caps(self, made: Any) -> None:
        """Fill the cut faces with what :meth:`caps_work` made; dropped if the cut or a look has changed since."""
        if not self._sections.take(made, self._layers):
            return
        for shown in self._layers.values():
            self._enlist(shown)
            for one in shown.caps:
                one.show(shown.visible)
            if self._dark:
                self._relight(shown.caps)
        if self._selection:
            self._mark()
        self._touch()

    def snap(self, x: int, y: int, radius_px: float = 10.0) -> Snap | None:
        """Return the corner, edge or face point near a pixel, None in the sky.

        Parameters
        ----------
        x, y : int
            Pixels from the lower left corner of the render window, as for :meth:`pick`.
        radius_px : float
            Corners and edges draw the cursor from this far.
        """
        found = snapping.snap(
            picking.Ray(self._renderer, x, y),
            lambda point: picking.ray_to(self._renderer, point),
            list(self._pickable()),
            radius_px,
        )
        if found is None:
            point = self.ground_at(x, y)
            return None if point is None else Snap(None, point, "face")
        oid = int(found.one.oids[found.number])
        key = ObjectKey(self._owner[found.one.actor][0], oid) if oid >= 0 else None
        east, north, height = self.frame.to_world(found.point[None, :])[0].tolist()
        return Snap(key, (east, north, height), found.kind, found.middle)

    def set_measures(self, measures: Sequence[Measure]) -> None:
        """Draw exactly these measurements over the picture."""
        if self._measured.set(measures):
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
        hit = picking.nearest(picking.Ray(self._renderer, x, y), self._pickable())
        if hit is None:
            point = self.ground_at(x, y)  # the plain under a city without terrain
            return None if point is None else Pick(None, point)
        one, number, local = hit
        oid = int(one.oids[number])
        key = ObjectKey(self._owner[one.actor][0], oid) if oid >= 0 else None
        east, north, height = self.frame.to_world(local[None, :])[0].tolist()
        return Pick(key, (east, north, height))

    def _pickable(self) -> Iterator[tuple[Drawn, Sequence[LocalPlane]]]:
        """Yield what answers to picks, with the planes that cut it."""
        for layer in self._layers.values():
            if layer.visible:
                for one in layer.drawn:
                    seen = one.actor.GetVisibility() or one.swapped
                    if seen and not (one.dot or one.ghost or one.stand_in) and one.actor.GetPickable():
                        yield one, self._sections.planes_of(layer.layer.kind, one.cap_of)

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
        self._marks = {}
        by_layer: dict[str, list[int]] = {}
        for key in self._selection:
            by_layer.setdefault(key.layer, []).append(key.oid)
        for shown in self._layers.values():
            oids = by_layer.get(shown.layer.id, ()) if shown.visible else ()
            self._marks |= shown.mark(np.asarray(oids, dtype=np.int64))
        for actor, held in self._marks.items():
            self._renderer.AddActor(actor)
            self._sections.trim(actor, *held)

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
        """Return the *world* box (2, 3) of some objects, None if none of them is drawn.

        An object that is not drawn itself (a storey, a stair of flights) has the box of what belongs to it.
        """
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        by_layer: dict[str, list[int]] = {}
        for key in keys:
            by_layer.setdefault(key.layer, []).append(key.oid)
        for layer_id, oids in by_layer.items():
            shown = self._layers.get(layer_id)
            box = None if shown is None else shown.box_of(np.asarray(oids, dtype=np.int64))
            if box is not None:
                low, high = np.minimum(low, box[0]), np.maximum(high, box[1])
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
        self._measured.set_dark(dark)
        self._atmosphere.look = self._look
        for shown in self._layers.values():
            self._relight(shown.drawn)
        if self._apron is not None:
            shade(self._apron, self._look)
        self._touch()

    def _relight(self, drawn: Iterable[Drawn]) -> None:
        for one in drawn:
            if one.ghost:
                relight_ghost(one, self._dark)
            elif isinstance(one.part, LinePart) or one.cap_of >= 0:
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
        level : {"moving", "still", "picture", "depth"}
            While the camera moves (very dense models are drawn with fewer triangles); after it rests; for a picture
            that is kept; for the depths of such a picture.
        occlusion : bool or None
            Ambient occlusion; None keeps the choice (off until chosen: without a GPU it takes most of a second).
            :func:`~viewers.render.offscreen.render_picture` adds it to pictures by itself.
        """
        if occlusion is not None:
            self._occlusion = occlusion
        before = self._quality
        self._quality = level
        self._set_occlusion(self._occlusion and level not in ("moving", "depth"))
        if before == level and occlusion is None:
            return
        for shown in self._layers.values():
            for one in shown.bases:
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
        self._marks = {}
        if self._apron is not None:
            self._renderer.RemoveActor(self._apron)
            self._apron = None
        self._labels.close()
        self._measured.close()
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
        set_depth_range(self._renderer, box, size)
        leave_out_small(self._layers.values(), self._renderer, self._quality)
        values = self._atmosphere.values(size)
        for actor in self._haze_actors():
            self._atmosphere.uniforms(actor, values)
        self._labels.update()
        self._measured.update()
        set_widths(self._layers.values(), self._renderer, self._quality)
        take_turns(self._layers.values(), self._quality)

    def _haze_actors(self) -> Iterable[Any]:
        for shown in self._layers.values():
            if shown.visible:
                for one in shown.drawn:
                    if one.actor.GetVisibility():
                        yield one.actor
        yield from self._marks
        if self._apron is not None:
            yield self._apron

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
        self._apron = apron(box, ground - 0.1, self._look)
        self._renderer.AddActor(self._apron)


#: Roles that lie on the ground, in the order in which they are drawn after everything else.
DRAWN_LAST = ("footways", "roads", "water", "green", "land", "image", "terrain")

#: Roles whose lowest point is on the ground (not under it, as pipes are).
GROUND_ROLES = frozenset({"buildings", "land", "green", "roads", "parcels", "districts", "communities", "trees"})
