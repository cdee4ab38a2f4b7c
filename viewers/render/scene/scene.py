"""The scene: actors by layer, colours, selection, picking and camera on a render target.

Invariants
----------
1. Only this class makes, changes and removes VTK actors, on the thread that renders.
2. Nothing here renders by itself: a change sets ``dirty`` and emits ``became_dirty`` once; whoever owns the target
   renders when its turn comes (:meth:`Scene.render`). A listener that renders would draw a frame for every layer.
3. After :meth:`Scene.close` no actor, light or observer of ours is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal
from vtkmodules.vtkCommonMath import vtkMatrix4x4

from models.crs.frame import Frame
from models.layers.layer import Layer
from models.project.selection import Keys, ObjectKey
from models.style.kinds import ScaleRange
from models.views.annotations import Note
from models.views.sun import Sun
from models.views.visibility import Cut, ElementAppearance, GroundTransparency
from viewers.render.chunks.driver import Chunks
from viewers.render.chunks.layer import ChunkedLayer
from viewers.render.chunks.preparation import PreparedChunks
from viewers.render.drawing.drawn_layer import DrawnLayer, ObjectColours
from viewers.render.geometry.actors import Drawn, Textures, draw
from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import LabelPart, MeshPart, Prepared, layer_of
from viewers.render.geometry.ray import Ray, point_under, ray_to
from viewers.render.overlays.annotations import NoteLayer
from viewers.render.overlays.labels import Box, LabelLayer
from viewers.render.overlays.measures import Measure, MeasureLayer
from viewers.render.overlays.signs import Sign, SignLayer
from viewers.render.palette.lighting import Atmosphere, Look, look
from viewers.render.scene import picking, snapping
from viewers.render.scene.draw_order import hiding_first, is_below, reorder, stacked
from viewers.render.scene.frame_updates import (
    follow_pipes,
    leave_out_small,
    set_depth_range,
    set_widths,
    surrounding_plain,
    swap_stand_ins,
)
from viewers.render.scene.lights import Lights
from viewers.render.scene.marks_layer import MarksLayer
from viewers.render.scene.picking import Pick
from viewers.render.scene.scale_visibility import ScaleVisibility
from viewers.render.scene.scene_camera import SceneCamera
from viewers.render.scene.scene_light import SceneLight
from viewers.render.scene.snapping import Snap
from viewers.render.section.scene_section import Sections
from viewers.render.underground.ground_transparency import below, covers_the_deep, fade

if TYPE_CHECKING:
    from viewers.render.geometry.drape_tiles import Drape


#: Under which numbers are labels; no layer is called so.
_NUMBERS = "(numbers)"


class Scene(SceneCamera, SceneLight):
    """A city on any render target, off-screen or in a window.

    Parameters
    ----------
    target : RenderTarget
        A renderer in a window, off-screen or in a view; its lights and background are replaced.
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

    def __init__(self, target: Any, frame: Frame, *, dark: bool = False, lang: str = "zh") -> None:
        self.target = target
        self.frame = frame
        self.dirty = True
        self._renderer = target.renderer
        self._labels = LabelLayer(self._renderer, lang, dark)
        self._signs = SignLayer(self._renderer, dark)
        self._look = look(dark)
        self._dark = dark
        self._sun: Sun | None = None
        self._layers: dict[str, DrawnLayer] = {}
        self.scale_visibility = ScaleVisibility(self._renderer, self._layers, self._labels)
        self._textures: Textures = {}
        #: Layers of very many objects, drawn in chunks that follow the camera.
        self.chunks = Chunks(self._renderer, self._layers.values, self._sync_actors, self._label_chunks)
        self._owner: dict[Any, tuple[str, Drawn]] = {}
        self._selection = Keys()
        self._measured = MeasureLayer(self._renderer, frame, dark)
        self._notes = NoteLayer(self._renderer, frame, dark)
        self._through: GroundTransparency | None = None
        self._stacked: bool | None = None
        self._holes: Any = None
        self._looks: dict[str, ElementAppearance] = {}
        self._faded: dict[str, frozenset[int]] = {}
        self._sections = Sections()
        self._marks = MarksLayer(target.render_window, self._renderer, self._sections.trim)
        self._apron: Any = None
        self._quality = "moving"
        #: While the tiles of one picture are drawn nothing follows the camera.
        self.is_held = False
        # Multi-sampling multiplies the cost of every pixel without a GPU; FXAA and SSAA smooth still frames instead.
        target.render_window.SetMultiSamples(0)
        self._lights = Lights(self._renderer, self._look)
        self._atmosphere = Atmosphere(self._renderer, self._look)
        self._observer = self._renderer.AddObserver("StartEvent", self._before_frame)
        self._end_observer = target.render_window.AddObserver("EndEvent", lambda *_: self.chunks.begin_due())
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
        shown = (
            ChunkedLayer(layer, prepared, self._look, self._textures) if isinstance(prepared, PreparedChunks)
            else DrawnLayer(layer, prepared, drawn)
        )  # fmt: skip
        self._layers[layer.id] = shown
        shown.colours = colours
        wanted = self._looks.get(layer.id)
        if wanted is not None:
            shown.follow(wanted, self._look, self._dark)
        elif colours is not None:
            shown.paint()
        if layer.id in self._faded:
            shown.fade(self._faded[layer.id], self._look, self._dark)
        self._sync_actors(shown)
        self._sections.stale()
        self._labels.put(layer.id, shown.labels, layer.visible)
        self._signs.put(layer.id, prepared.signs, layer.visible)
        shown.show(layer.visible)
        shown.show_own_shadows(self._sun is None)
        self._relight(shown.drawn)
        self._update_surrounding_plain()
        self._order()
        self._cover_ground()
        if layer_of(layer.id) in self._selection.by_layer():
            self._mark()
        self._touch()

    def drapes(self) -> dict[str, Drape]:
        """Return by layer what is draped in pieces and visible."""
        return {
            layer_id: shown.prepared.stream
            for layer_id, shown in self._layers.items() if shown.visible and shown.prepared.stream is not None
        }  # fmt: skip

    def trim(self, actor: Any, layer: Layer, cap_of: int = -1) -> None:
        """Cut an actor that is not in the scene as those of a layer are cut."""
        self._sections.trim(actor, layer.kind, cap_of)

    @property
    def current_look(self) -> Look:
        """Return light and materials of the hour."""
        return self._look

    def drawn_of(self, layer_id: str) -> list[Drawn]:
        """Return the actors of a layer, none of one that is not put."""
        return list(self._layers[layer_id].bases) if layer_id in self._layers else []

    def exchange(self, layer_id: str, added: list[Drawn], gone: list[Drawn], changed: bool = False) -> None:
        """Exchange some of the actors of a layer: pieces that came near, and those that nobody sees any more."""
        shown = self._layers.get(layer_id)
        if shown is None or not (added or gone or changed):
            return
        if changed:
            shown.show(shown.visible)
        left = {id(one) for one in gone}
        shown.bases = [one for one in shown.bases if id(one) not in left] + added
        for one in added:
            one.show(shown.visible)
        self._sync_actors(shown)
        if self._dark:
            self._relight(added)
        self._touch()

    def _sync_actors(self, shown: DrawnLayer) -> None:
        """Bring the renderer's actors of a layer in line with what is drawn of it."""
        fade(shown, self._through)
        self._stacked = None
        wanted = {one.actor: one for one in shown.drawn}
        for actor in [a for a, (owner, _) in self._owner.items() if owner == shown.layer.id and a not in wanted]:
            del self._owner[actor]
            self._renderer.RemoveActor(actor)
        for actor, one in wanted.items():
            if actor not in self._owner:
                self._owner[actor] = (shown.layer.id, one)
                self._renderer.AddActor(actor)
                self._sections.trim(actor, shown.layer.kind, one.cap_of)
                if isinstance(shown, ChunkedLayer):
                    self._relight([one])

    def _order(self) -> None:
        """Draw what hides before what is hidden: hidden pixels then cost nothing."""
        reorder(self._renderer, hiding_first(self._layers.values()))
        self._stacked = None

    def _order_ground(self) -> None:
        """Draw the ground that is looked through after everything else; anew where the eye goes under it."""
        if self._through is None:
            return
        below_ground = is_below(self._renderer, self._layers.values())
        if self._stacked != below_ground:
            actors = stacked(self._layers.values(), below_ground)
            if self._apron is not None:
                self._apron.ForceOpaqueOn()
                actors.insert(0 if below_ground else len(actors), self._apron)
            reorder(self._renderer, actors)
            self._stacked = below_ground

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
        self._signs.remove(layer_id)
        self._labels.remove(layer_id)
        self._update_surrounding_plain()
        self._cover_ground()
        if layer_id in self._selection.by_layer():
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
            self._signs.set_visible(layer_id, visible)
            self._update_surrounding_plain()
            self._cover_ground()
            self._mark()
            self._touch()

    def shift_layer(self, layer_id: str, matrix: NDArray[np.float64] | None) -> None:
        """Show a layer moved by a (4, 4) matrix of the local frame without making it again, as a preview.

        Picks still meet the layer where it was made; None, or putting the layer again, ends the preview.
        """
        shown = self._layers.get(layer_id)
        if shown is not None:
            moved = None
            if matrix is not None:
                moved = vtkMatrix4x4()
                moved.DeepCopy(matrix.ravel().tolist())
            for one in shown.drawn:
                one.actor.SetUserMatrix(moved)
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
        self._labels.neutral(layer_id, colours is not None)
        self._relight(shown.drawn)
        self._caps_stale(shown)
        self._touch()

    # -- looking inside ----------------------------------------------------------------------------------------

    def set_look(self, layer_id: str, look: ElementAppearance | None) -> None:
        """Hide, fade, colour and lift elements of a layer; kept when the layer is put again.

        Parameters
        ----------
        layer_id : str
        look : ElementAppearance or None
            None shows the elements as they are.
        """
        if look is None or look == ElementAppearance():
            self._looks.pop(layer_id, None)
            look = None
        else:
            self._looks[layer_id] = look
        shown = self._layers.get(layer_id)
        if shown is None or shown.look == look:
            return
        shown.follow(look, self._look, self._dark)
        self._relight(shown.drawn)
        self._sync_actors(shown)
        self._labels.put(layer_id, shown.labels, shown.visible)
        if layer_id in self._selection.by_layer():
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
        self._marks.trim()
        if final and self.caps_due:
            self.put_caps(self.caps_work()())
        self._touch()

    def _caps_stale(self, shown: DrawnLayer) -> None:
        """Take the filled cut faces of a layer away."""
        self._sections.stale()
        if shown.caps:
            shown.caps = []
            self._sync_actors(shown)
            self._marks.drop_caps()

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
            self._sync_actors(shown)
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
            Ray(self._renderer, x, y),
            lambda point: ray_to(self._renderer, point),
            list(self._pickable()),
            radius_px,
        )
        if found is None:
            point = self.ground_at(x, y)
            return None if point is None else Snap(None, point, "face")
        oid = int(found.one.oids[found.number])
        key = ObjectKey(layer_of(self._owner[found.one.actor][0]), oid) if oid >= 0 else None
        east, north, height = self.frame.to_world(found.point[None, :])[0].tolist()
        return Snap(key, (east, north, height), found.kind, found.middle)

    def set_measures(self, measures: Sequence[Measure]) -> None:
        """Draw exactly these measurements over the picture."""
        if self._measured.set(measures):
            self._touch()

    def set_notes(self, notes: Sequence[Note]) -> None:
        """Draw exactly these notes over the picture."""
        if self._notes.set(notes):
            self._touch()

    def set_through(self, through: GroundTransparency | None) -> None:
        """Look through the ground to what lies below it; None shows it solid."""
        if through != self._through:
            self._through = through
            for shown in self._layers.values():
                fade(shown, through)
            self._order()
            self._atmosphere.look = below(self._look, through)
            self._update_surrounding_plain()
            self._touch()

    def cull_backs(self, layer_id: str) -> None:
        """Draw the faces of a layer only where they turn to the eye: one looks into a pit from behind its walls."""
        for one in self._layers[layer_id].bases if layer_id in self._layers else ():
            one.actor.GetProperty().SetBackfaceCulling(isinstance(one.part, MeshPart))

    def set_holes(self, holes: Any) -> None:
        """Leave out a shape (shapely, local plan) of the plain under a city without terrain; None fills it."""
        self._holes = holes
        self._update_surrounding_plain()
        self._touch()

    def set_labels(self, silent: Iterable[str] = (), keep_out: Iterable[Box] = ()) -> None:
        """Say which layers' own labels are not written, and which boxes of the picture (pixels) get none."""
        if self._labels.silence(silent, keep_out):
            self._touch()

    def set_numbers(self, parts: Sequence[LabelPart]) -> None:
        """Write exactly these numbers over the picture; see :mod:`viewers.render.scene.numbers`."""
        if parts or self._labels.has(_NUMBERS):
            self._labels.put(_NUMBERS, parts)
            self._touch()

    def show_signs(self, layer_ids: Iterable[str]) -> None:
        """Show the signs over the components of exactly these layers; see :mod:`viewers.render.overlays.signs`."""
        if self._signs.want(frozenset(layer_ids)):
            self._touch()

    def sign_view(self, x: int, y: int) -> Callable[[], None] | None:
        """Return what looks at the components that a sign under a pixel counts, None where there is none."""
        sign = self._signs.at(x, y)
        if sign is None or len(sign.oids) == 1:
            return None
        bounds = self.frame.to_world(sign.bounds)
        return lambda: self.zoom_to(bounds)

    @property
    def signs(self) -> list[Sign]:
        """Return the signs of the last frame."""
        return list(self._signs.placed)

    def set_scales(self, layer_id: str, scales: ScaleRange | None) -> None:
        """Show a layer between two map scales only."""
        if self.scale_visibility.set_range(layer_id, scales):
            self._touch()

    def set_language(self, lang: str) -> None:
        """Write the labels in another language."""
        self._labels.set_language(lang)
        self._touch()

    # -- selection and picks -----------------------------------------------------------------------------------

    def set_selection(self, keys: Iterable[ObjectKey]) -> None:
        """Highlight exactly these objects."""
        fresh = Keys.of(keys)
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
        sign = self._signs.at(x, y)
        if sign is not None and len(sign.oids) == 1:
            east, north, height = self.frame.to_world(sign.bounds[:1])[0].tolist()
            return Pick(ObjectKey(layer_of(sign.layer_id), int(sign.oids[0])), (east, north, height))
        ray = Ray(self._renderer, x, y)
        hit = picking.nearest(ray, self._pickable())
        far = self.chunks.pick(ray, lambda one: ray.span(self._sections.planes_of(one.layer.kind, -1)))
        if far is not None and (hit is None or far[2] < float((hit[2] - ray.eye) @ ray.along) - 0.01):
            layer, oid, depth_m = far
            east, north, height = self.frame.to_world((ray.eye + ray.along * depth_m)[None, :])[0].tolist()
            return Pick(ObjectKey(layer_of(layer.layer.id), oid), (east, north, height))
        if hit is None:
            point = self.ground_at(x, y)  # the plain under a city without terrain
            return None if point is None else Pick(None, point)
        one, number, local = hit
        oid = int(one.oids[number])
        key = ObjectKey(layer_of(self._owner[one.actor][0]), oid) if oid >= 0 else None
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
        if self._apron is not None:
            ray, level = Ray(self._renderer, x, y), float(self._apron.GetMapper().GetBounds()[4])
            reach = (level - ray.eye[2]) / ray.along[2] if abs(ray.along[2]) > 1e-6 else -1.0
            local = ray.eye + ray.along * reach if reach > 0.0 else None
        else:
            local = point_under(self._renderer, x, y)
        if local is None:
            return None
        world = self.frame.to_world(local[None, :])[0]
        return float(world[0]), float(world[1]), float(world[2])

    def _mark(self) -> None:
        """Build the highlight of the selection again."""
        self._marks.show(self._layers.values(), self._selection)

    # -- look --------------------------------------------------------------------------------------------------

    def quality(self, level: str) -> None:
        """Choose between speed and beauty.

        Parameters
        ----------
        level : {"moving", "still", "picture"}
            While the camera moves (very dense models are drawn with fewer triangles); after it rests; for a picture
            that is kept, see :func:`~viewers.render.scene.picture.draw_picture`.
        """
        if self._quality == level:
            return
        self._quality = level
        self._renderer.SetUseFXAA(level == "still" and not self._is_software_window())
        self._touch()

    def _is_software_window(self) -> bool:
        """Whether this is an EGL or OSMesa window, where VTK has no FXAA."""
        name = str(self.target.render_window.GetClassName())
        return "EGL" in name or "OSMesa" in name or "OSOpenGL" in name

    # -- frames ------------------------------------------------------------------------------------------------

    def render(self) -> None:
        """Draw a frame if anything changed since the last one."""
        if self.dirty:
            self.dirty = False
            self.target.render_window.Render()

    def as_new(self) -> None:
        """Let the next frame depend on nothing that was drawn before: words, signs, sky, widths and draw order anew."""
        for kept in (self._labels, self._signs, self._atmosphere):
            kept.as_new()
        for shown in self._layers.values():
            shown.widths = 0.0
            if isinstance(shown, ChunkedLayer):
                shown.sort_held()
        self._order()
        self._touch()

    def close(self) -> None:
        """Take everything of ours off the target; the target itself stays its owner's."""
        self.chunks.close()
        for layer_id in list(self._layers):
            self.remove(layer_id)
        self._marks.close()
        if self._apron is not None:
            self._renderer.RemoveActor(self._apron)
            self._apron = None
        self._labels.close()
        self._signs.close()
        self._measured.close()
        self._notes.close()
        self._renderer.RemoveObserver(self._observer)
        self.target.render_window.RemoveObserver(self._end_observer)
        self._renderer.RemoveAllLights()
        self._renderer.SetBackgroundTexture(None)
        self._renderer.TexturedBackgroundOff()

    def _touch(self) -> None:
        if not self.dirty:
            self.dirty = True
            self.became_dirty.emit()

    def _before_frame(self, *_: Any) -> None:
        if not self.is_held:
            self.follow_camera()

    def follow_camera(self) -> None:
        """Make everything fit the camera and the size of the coming frame: sky, haze, depth range, details, labels."""
        self._atmosphere.follow()
        self.scale_visibility.follow()
        box, bulk = self.bounds, self.bulk
        size = float(np.linalg.norm(bulk[1][:2] - bulk[0][:2])) if bulk is not None else 1000.0
        set_depth_range(self._renderer, box, size)
        self.chunks.follow(self._quality)
        self._order_ground()
        leave_out_small(self._layers.values(), self._renderer, self._quality)
        values = self._atmosphere.values(size)
        for actor in self._haze_actors():
            self._atmosphere.uniforms(actor, values)
        follow_pipes(self._layers.values(), self._renderer)
        self._labels.look_below(self._through is not None or not covers_the_deep(self._layers.values()))
        self._signs.update()
        self._labels.update(one.box for one in self._signs.placed)
        self._measured.update()
        self._notes.update()
        set_widths(self._layers.values(), self._renderer)
        self._marks.follow()
        swap_stand_ins(self._layers.values(), self._quality)
        self.scale_visibility.hide()

    def _label_chunks(self, shown: DrawnLayer) -> None:
        """Write the words of the chunks of a layer that are drawn in full."""
        if isinstance(shown, ChunkedLayer):
            self._labels.put(shown.layer.id, shown.labels, shown.visible)

    def set_rows(self, layer_id: str, rows: NDArray[np.bool_] | None) -> None:
        """Show some features of a layer in chunks only, told by a mask of the rows of its table; None shows all."""
        if self.chunks.set_rows(layer_id, rows):
            self._touch()

    def _haze_actors(self) -> Iterable[Any]:
        for shown in self._layers.values():
            if shown.visible:
                for one in shown.drawn:
                    if one.actor.GetVisibility():
                        yield one.actor
        yield from self._marks
        if self._apron is not None:
            yield self._apron

    def _update_surrounding_plain(self) -> None:
        """Lay a plain under a city that has no terrain, so that it does not hang in the sky."""
        if self._apron is not None:
            self._renderer.RemoveActor(self._apron)
        self._apron = surrounding_plain(self._layers.values(), self.bulk, self._look, self._holes, self._through)
        if self._apron is not None:
            self._renderer.AddActor(self._apron)
        self._stacked = None
