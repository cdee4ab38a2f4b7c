"""Synchronises the scene with the project: layers are prepared on threads and put one by one; theme, selection.

Invariants
----------
1. Nothing heavy happens here: ``prepare`` and ``themed`` run as jobs; only ``scene.put`` is on this thread, one layer
   an event-loop turn.
2. What comes back is used only if it is still what is wanted (same layer, same data, same ground): else it is dropped.
3. A layer that failed or was cancelled is not tried again until something about it changes, or it is hidden and shown.
4. A finer stage of a model that is shown already is made ready silently and put in one turn: nothing flickers, the
   camera stays, no loading card appears.
5. While files come in, what arrives is drawn fast and now and then, with pauses as long as the last frames took; what a
   hand does is drawn at once.
   What is hidden, cut and measured follows in :mod:`app.window.scene.visibility_sync`.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from app.background.jobs import Job
from app.session import Session
from app.usecases.facilities import quality_gate
from app.usecases.health import health
from app.usecases.project import exact_stage
from app.window.scene.drawn_basis import as_drawn, basis_of_theme, preparation_rank
from app.window.scene.live_status_sync import LiveStatusSync
from app.window.scene.object_flight import ObjectFlight
from app.window.scene.result_colours_sync import ResultColoursSync
from app.window.scene.style_shapes_sync import StyleShapesSync
from app.window.scene.sun_sync import SunSync
from app.window.scene.underground_sync import UndergroundSync
from app.window.scene.visibility_sync import VisibilitySync
from models.bim.model_matrix import world_matrix
from models.core.errors import Cancelled
from models.core.progress import Progress
from models.core.watch import watch
from models.facilities.coding.editions import ClassTable
from models.layers.layer import Layer, LayerData, ModelData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.roles import role_row
from models.store.array_entries import ArrayEntries
from models.terrain.excavation import Pit
from models.terrain.ground import Ground, ground_under
from models.views import section
from models.views.camera import Camera
from viewers.render.layers.kept_parts import KeptParts
from viewers.render.scene.numbers import put_numbers
from viewers.render.scene.scene import Scene
from viewers.render.symbology.style_colours import is_replaced
from viewers.widgets.canvas.view3d import View3D

if TYPE_CHECKING:
    from viewers.legend import Legend
    from viewers.render.symbology.theme_picture import Number

log = logging.getLogger(__name__)

#: While layers arrive, the city is drawn once in so many milliseconds, not once a layer …
ARRIVAL_MS = 700
#: … for the first time a little later: what was opened before is all there by then, and one frame shows it …
FIRST_MS = 1200
#: … and where a frame takes long, after a pause so many times as long.
PAUSE = 3.0
LONGEST_PAUSE_MS = 12_000
#: Chunks of large layers are taken over so often, and for so many seconds of a turn at the most.
CHUNK_MS, CHUNK_S = 40, 0.03
#: So few models may be refined without the picture being drawn coarsely meanwhile.
FEW = 3
#: Jobs after which there is more to draw.
LOADING = exact_stage.READING | {"job.refine"}


@dataclass(slots=True)
class _Want:
    """What a drawn layer was made from."""

    layer: Layer
    data: LayerData
    ground: Ground
    pits: tuple[Pit, ...] = ()
    class_tables: tuple[ClassTable, ...] = ()

    def same(self, other: _Want) -> bool:
        return self.pits == other.pits and self.same_but_pits(other)

    def same_but_pits(self, other: _Want) -> bool:
        same = self.data is other.data and self.ground is other.ground and self.class_tables == other.class_tables
        return same and as_drawn(self.layer) == as_drawn(other.layer)


class SceneSync(QObject):
    """The scene of one window.

    Signals
    -------
    loading_changed : ()
        ``loading`` and ``busy`` say what is still to come.
    legend_changed : (Legend or None)

    Parameters
    ----------
    session : Session
    view : View3D
    dark : bool
    twin : SceneSync or None
        Another picture of the same project: what it made ready is taken over, so that the arrays are there once.
    """

    loading_changed = Signal()
    legend_changed = Signal(object)
    _chunk_made = Signal()

    def __init__(self, session: Session, view: View3D, *, dark: bool = False, twin: SceneSync | None = None) -> None:
        super().__init__(view)
        self.twin = twin
        self._session, self._view, self._dark = session, view, dark
        self._kept_parts = KeptParts(ArrayEntries(session.cache()))
        self.scene: Scene | None = None
        self._wants: dict[str, _Want] = {}
        self._jobs: dict[str, Job] = {}
        self._queue: deque[tuple[_Want, Any, Any]] = deque()
        self._total = self._done = 0
        self._ground = Ground(None, "EPSG:4548")
        self._grounded = False
        self._placed = self._homed = False
        #: Where a person looked from when the project was open last, asked for as its first picture is made.
        self.last_camera: Callable[[], Camera | None] = lambda: None
        #: Whether anything of the city has been drawn.
        self.has_picture = False
        self._legend: Legend | None = None
        self._numbers: tuple[Number, ...] = ()
        self._theme_stamp = 0
        self._theme_job: Job | None = None
        self._theme_basis: object = None
        self._putting = False
        self._drawn_at = self._frame_s = 0.0
        self._colours: dict[str, Any] = {}
        #: Layers that the theme itself colours.
        self._themed_layers: frozenset[str] = frozenset()
        self._swaps: set[str] = set()
        self._matrices: dict[str, NDArray[np.float64]] = {}
        self._corners: dict[str, NDArray[np.float64]] = {}
        self.visibility = VisibilitySync(session, self)
        self.underground = UndergroundSync(session, self)
        self.style_shapes = StyleShapesSync(session, self, self.colours_of)
        self.result_colours = ResultColoursSync(self, self.colours_of)
        self.result_colours.changed.connect(self._on_result_changed)
        self.live_status = LiveStatusSync(session, self, self.result_colours.painted)
        self.live_status.rested.connect(self._start_theme)
        self.object_flight = ObjectFlight(session, view, self)
        self.sunlight = SunSync(session, self)
        #: What layers were made ready as, before pits were cut out of them; the same arrays that are drawn.
        self._whole: dict[str, tuple[_Want, Any]] = {}
        self._put_timer = QTimer(self, singleShot=True, interval=0)
        self._put_timer.timeout.connect(self._put_one)
        self._theme_timer = QTimer(self, singleShot=True, interval=0)
        self._theme_timer.timeout.connect(self._start_theme)
        self._update_timer = QTimer(self, singleShot=True, interval=0)
        self._update_timer.timeout.connect(self.update)
        self._draw_timer = QTimer(self, singleShot=True, interval=ARRIVAL_MS)
        self._draw_timer.timeout.connect(self._draw)
        self._chunk_timer = QTimer(self, singleShot=True, interval=CHUNK_MS)
        self._chunk_timer.timeout.connect(self._take_chunks)
        self._chunk_made.connect(self._on_chunk_made)
        view.drawn.connect(self._on_drawn)
        project = session.project
        self._stops = [
            watch(project.changed, self._on_project_changed),
            watch(project.data_changed, lambda _: self._update_timer.start()),
            watch(session.selection.changed, self._on_selection_changed),
            watch(session.results_changed, self._theme_timer.start),
            watch(session.shown.changed, lambda _: self._tell_legend()),
            watch(session.jobs.changed, self._on_job_changed),
            watch(session.visibility.changed, lambda _: self._draw_now()),
            watch(session.visibility.cut_changed, lambda _: self._draw_now()),
        ]

    # --- what the window asks -------------------------------------------------------------------------------------
    @property
    def busy(self) -> set[str]:
        """Return the ids of layers that are not drawn yet but will be."""
        return {*self._jobs, *(want.layer.id for want, _, _ in self._queue)}

    @property
    def arriving(self) -> bool:
        """Whether layers are on their way that nobody has seen yet."""
        return bool(self.busy - self._swaps)

    @property
    def is_loading(self) -> bool:
        """Whether more is to come that nobody has seen yet, or a crowd of models is being refined."""
        titles = [job.title for job in self._session.jobs.active if job.title in LOADING]
        return (
            self.arriving or titles.count("job.refine") > FEW or any(title in exact_stage.READING for title in titles)
        )

    @property
    def loading(self) -> tuple[int, int, str]:
        """Return how many layers are drawn of how many, and the id of the one at work."""
        waiting = [*self._jobs, *(want.layer.id for want, _, _ in self._queue)]
        at_work = next((layer_id for layer_id in waiting if layer_id not in self._swaps), "")
        return self._done, self._total, at_work

    def cancel(self) -> None:
        """Stop making layers ready."""
        for job in list(self._jobs.values()):
            job.cancel()
        self._queue.clear()
        self._finish_if_done()

    def set_dark(self, dark: bool) -> None:
        """Follow the window's theme."""
        self._dark = dark
        if self.scene is not None:
            self.scene.set_dark(dark)
        self._theme_timer.start()

    def set_lang(self, lang: str) -> None:
        """Follow the window's language."""
        if self.scene is not None:
            self.scene.set_language(lang)
        self._theme_timer.start()

    def zoom_to_layer(self, layer_id: str) -> None:
        """Fly to a layer, but for the few features that lie far from the others."""
        scene = self.scene
        if scene is not None and (box := scene.bulk_of_layer(layer_id)) is not None:
            self._homed = True
            self._view.fly_by(lambda: scene.zoom_to(box))

    def zoom_to_keys(self, keys: Iterable[ObjectKey], least_m: float | None = None) -> bool:
        """Fly to where some objects are seen; False if none of them has a place.

        ``least_m`` is shown around small ones, where their size is not to say it.
        """
        flies = self.object_flight.go(keys, least_m)
        self._homed = self._homed or flies
        return flies

    def home(self) -> None:
        """Fly to the view of the whole city."""
        scene = self.scene
        if scene is not None:
            self._view.fly_by(scene.home)

    @property
    def ground(self) -> Ground:
        """Return the ground on which everything stands."""
        return self._ground

    def model_matrix(self, layer_id: str) -> NDArray[np.float64] | None:
        """Return the (4, 4) matrix from a model's coordinates to the world as it is drawn, None before it is."""
        return self._matrices.get(layer_id)

    def model_corners(self, layer_id: str) -> NDArray[np.float64] | None:
        """Return the world corners (n, 3) of the boxes of all that a model places, None before it is drawn."""
        return self._corners.get(layer_id)

    def model_box(self, layer_ids: Iterable[str] = ()) -> NDArray[np.float64] | None:
        """Return the world box (2, 3) of some models, of all that are shown where none is named; None without any."""
        wanted = set(layer_ids)
        shown = [
            layer.id for layer in self._session.project.state.layers
            if layer.kind == "model" and (layer.id in wanted if wanted else layer.visible)
        ]  # fmt: skip
        boxes = [] if self.scene is None else [self.scene.bounds_of_layer(layer_id) for layer_id in shown]
        found = [box for box in boxes if box is not None and np.isfinite(box).all()]
        return np.stack([np.min(found, axis=0)[0], np.max(found, axis=0)[1]]) if found else None

    def colours_of(self, drawn_id: str) -> Any:
        """Return the colours that theme and style give to something drawn, None for its own."""
        return self._colours.get(drawn_id)

    def whole_like(self, want: _Want) -> Any:
        """Return what a layer was made ready as, pits apart; None if it never was, or from something else."""
        held = self._whole.get(want.layer.id)
        if held is not None and held[0].same_but_pits(want):
            return held[1]
        return None if self.twin is None else self.twin.whole_like(want)

    def keep_labels_out(self, boxes: tuple[tuple[float, float, float, float], ...]) -> None:
        """Write no labels in some boxes of the picture, pixels from the lower left; drawn with what arrives."""
        was, self._putting = self._putting, True
        try:
            self.style_shapes.keep_out(boxes)
        finally:
            self._putting = was
        self._come_to_rest()

    def close(self) -> None:
        """Stop watching, stop the timers, take the scene down."""
        for stop in self._stops:
            stop()
        timers = self._put_timer, self._theme_timer, self._update_timer, self._draw_timer, self._chunk_timer
        for timer in timers:
            timer.stop()
        self._kept_parts.close()
        self.visibility.close()
        self.underground.close()
        self.style_shapes.close()
        self.live_status.close()
        self.object_flight.close()
        self.sunlight.close()
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()
        self._queue.clear()
        self._drop_scene()

    # --- following the project ------------------------------------------------------------------------------------
    def update(self) -> None:
        """Compare what is drawn with what should be, and start what is missing."""
        state, data = self._session.project.state, self._session.project.data
        self._update_scene(state)
        if self.scene is None or state.frame is None:
            return
        for gone in set(self._wants) - {layer.id for layer in state.layers}:
            del self._wants[gone]
            self._forget_work(gone)
            self._matrices.pop(gone, None)
            self._whole.pop(gone, None)
            self._corners.pop(gone, None)
            self.scene.remove(gone)
        if self._waits_for_ground(state):
            return
        self._update_ground(state)
        self.underground.follow(state, self._ground)
        self.style_shapes.follow(state, self._ground)
        self.sunlight.follow(state, self._ground)
        for layer in sorted(state.layers, key=preparation_rank):
            made = self._wants.get(layer.id)
            if made is not None:
                self.scene.set_visible(layer.id, self._is_shown(layer))
            if layer.id not in data or not self._is_shown(layer):
                continue
            tables = state.class_tables if layer.role == "facilities" else ()
            want = _Want(layer, data[layer.id], self._ground, self.underground.pits_for(layer), tables)
            if made is None or not made.same(want):
                self._start(want)
        self._finish_if_done()

    def _update_scene(self, state: ProjectState) -> None:
        frame = state.frame
        if self.scene is not None and frame == self.scene.frame:
            return
        self._drop_scene()
        if frame is not None:
            self.scene = Scene(self._view, frame, dark=self._dark, lang=self._session.lang)
            self.scene.became_dirty.connect(self._on_dirty)
            self.scene.chunks.in_background(self._chunk_made.emit)
            self._view.scene, self._view.frame = self.scene, frame
            self._placed = self._homed = False
            self.visibility.set_scene(self.scene)
            self.underground.set_scene(self.scene)
            self.style_shapes.set_scene(self.scene)
            self.live_status.set_scene(self.scene)
            self.object_flight.set_scene(self.scene)
            self.sunlight.set_scene(self.scene)
        self._view.mark_dirty()

    def _on_dirty(self) -> None:
        """Draw at once what a hand did; what arrives while more is to come, now and then."""
        if not (self._putting and (self.is_loading or self._total)):  # the last one is drawn as all comes to rest
            self._draw()
        elif not self._draw_timer.isActive():
            pause_ms = min(1000 * PAUSE * self._frame_s, LONGEST_PAUSE_MS)
            since_ms = 1000 * (time.monotonic() - self._drawn_at)
            self._draw_timer.start(max(ARRIVAL_MS if self.has_picture else FIRST_MS, int(pause_ms - since_ms)))

    def _on_chunk_made(self) -> None:
        """A thread has made a piece of a large layer: take over what has gathered, soon."""
        if not self._chunk_timer.isActive():
            self._chunk_timer.start()

    def _take_chunks(self) -> None:
        """Put chunks that are ready; draw them now and then until the picture is complete, and then at once."""
        scene = self.scene
        if scene is None:
            return
        began = time.perf_counter()
        taken = scene.chunks.take(CHUNK_S)
        if time.perf_counter() - began >= CHUNK_S:
            self._chunk_timer.start()
        if not taken or self._view.is_moving:
            return
        if scene.chunks.is_complete:
            self._draw_timer.stop()
            self._view.mark_dirty()
        elif not self._draw_timer.isActive():
            self._draw_timer.start(max(ARRIVAL_MS, int(min(1000 * PAUSE * self._frame_s, LONGEST_PAUSE_MS))))

    def _draw_now(self) -> None:
        """Draw what is due: a hand changed something while the scene waited for more to arrive."""
        if self.scene is not None and self.scene.dirty:
            self._draw()

    def _draw(self) -> None:
        """Draw in this turn."""
        self._draw_timer.stop()
        self._view.mark_dirty()

    def _on_drawn(self, took_ms: float) -> None:
        if not self.has_picture and self.scene is not None and self.scene.layer_ids:
            self.has_picture = True
            self.loading_changed.emit()
            self._tell_legend()
        self._drawn_at, self._frame_s = time.monotonic(), took_ms / 1000
        self._draw_timer.stop()

    def _drop_scene(self) -> None:
        for layer_id in list(self._wants):
            self._forget_work(layer_id)
        self._wants.clear()
        self._colours = {}
        self._theme_basis = None
        self._matrices, self._corners, self._whole = {}, {}, {}
        self._total = self._done = 0
        if self.scene is not None:
            self._view.scene = self._view.frame = None
            self.scene.became_dirty.disconnect(self._on_dirty, missing_ok=True)
            self.visibility.set_scene(None)
            self.underground.set_scene(None)
            self.style_shapes.set_scene(None)
            self.result_colours.set_scene(None)
            self.live_status.set_scene(None)
            self.object_flight.set_scene(None)
            self.sunlight.set_scene(None)
            self.scene.close()
            self.scene = None
            self.has_picture, self._legend = False, None
            self.legend_changed.emit(None)
            self._view.mark_dirty()

    def _is_shown(self, layer: Layer) -> bool:
        """Whether a layer is drawn: switched on, or needed by the indicator that colours the city."""
        theme = self._session.project.state.theme
        themed = theme.kind == "indicator" and (theme.focus == "problems" or role_row(layer.role).is_themed)
        return (layer.visible or (themed and layer.id in self._themed_layers)) and not is_replaced(layer)

    def eyes_of_theme(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the layers that the theme shows although they are off, and those it hides although they are on."""
        layers = self._session.project.state.layers
        called = frozenset(layer.id for layer in layers if not layer.visible and self._is_shown(layer))
        away = (layer for layer in layers if layer.visible and not is_replaced(layer) and not self._is_shown(layer))
        return called, frozenset(layer.id for layer in away)

    def out_of_scale(self) -> frozenset[str]:
        """Return the layers that are not seen at the scale of the picture."""
        return self.scene.scale_visibility.out if self.scene is not None else frozenset()

    def _waits_for_ground(self, state: ProjectState) -> bool:
        """Whether the terrain is still being read: everything would have to be draped twice."""
        coming = any(layer.kind == "terrain" and layer.id not in self._session.project.data for layer in state.layers)
        return coming and any(job.title == "job.load_source" for job in self._session.jobs.active)

    def _update_ground(self, state: ProjectState) -> None:
        frame = state.frame
        if frame is None:
            return
        ground = ground_under(state.layers, self._session.project.data, frame)
        if self._ground.same(ground) and self._grounded:
            return
        self._grounded = True
        if self.twin is not None and self.twin._grounded and self.twin._ground.same(ground):
            self._ground = self.twin._ground
            self._view.ground, self._view.ground_range_m = self.twin._view.ground, self.twin._view.ground_range_m
            return
        self._ground = ground
        self._view.ground = self._ground.height_m
        ends = [float(end(one.values)) for one in ground.terrains for end in (np.nanmin, np.nanmax)] or [ground.base_m]
        self._view.ground_range_m = (min(ends), max(ends))

    def _start(self, want: _Want) -> None:
        layer, data, ground, scene, kept = want.layer, want.data, want.ground, self.scene, self._kept_parts
        assert scene is not None  # noqa: S101 - update() looked
        self._forget_work(layer.id)
        redug = layer.id in self._wants and self._wants[layer.id].same_but_pits(want)
        self._wants[layer.id] = want
        if (layer.kind == "model" or redug) and layer.id in scene.layer_ids:
            self._swaps.add(layer.id)
        else:
            self._total += 1

        def work(progress: Progress) -> Any:
            from viewers.render.chunks.preparation import prepare
            from viewers.render.underground.excavation import carved

            progress.step(0.0)
            prepared = self.whole_like(want)
            if prepared is None:
                prepared = prepare(layer, data, scene.frame, ground, kept_parts=kept, class_tables=want.class_tables)
            self._whole[layer.id] = (want, prepared)
            if want.pits and prepared is not None:
                prepared = carved(prepared, want.pits, scene.frame)
            if isinstance(data, ModelData):
                matrix = world_matrix(layer, data, scene.frame, ground)
                rows = np.arange(len(data.meshes.placement_mesh))
                self._corners[layer.id] = section.placed_corners(data.meshes, rows, matrix)
                self._matrices[layer.id] = matrix
            progress.step(0.7)
            return prepared, None if prepared is None else scene.draw(prepared)

        def done(made: Any) -> None:
            self._jobs.pop(layer.id, None)
            if self._wants.get(layer.id) is want:
                self._queue.append((want, *made))
                self._put_timer.start()

        def failed(error: BaseException) -> None:
            self._jobs.pop(layer.id, None)
            if self._wants.get(layer.id) is want:
                self._count(layer.id)
                self._finish_if_done()
            if not isinstance(error, Cancelled):
                self._session.fail(error)

        job = self._session.jobs.run(
            "job.prepare_layer", work, done, failed=failed, name=layer.title(self._session.lang)
        )
        if not job.is_over:
            self._jobs[layer.id] = job
        self.loading_changed.emit()

    def _put_one(self) -> None:
        """Put one layer, then let the window breathe."""
        if not self._queue or self.scene is None:
            return
        want, prepared, drawn = self._queue.popleft()
        layer_id = want.layer.id
        if self._wants.get(layer_id) is want:
            current = next((layer for layer in self._session.project.state.layers if layer.id == layer_id), None)
            self._count(layer_id)
            self._putting = True
            try:
                if current is not None:
                    if self.is_loading and not self._view.is_moving:
                        self.scene.quality("moving")
                    self.scene.put(replace(current, visible=self._is_shown(current)), prepared, drawn)
                    if (colours := self.live_status.painted(layer_id)) is not None:
                        self.scene.set_colours(layer_id, colours)
                    self.visibility.after_put(layer_id)
                    self._first_view()
            except Exception as error:  # one layer that cannot be drawn must not hold up the others
                self._session.fail(error)
            finally:
                self._putting = False
        if self._queue:
            self._put_timer.start()
        self._finish_if_done()

    def _finish_if_done(self) -> None:
        if not self._jobs and not self._queue:
            if self._total and self.scene is not None:
                if not self._homed and not self._session.project.state.viewpoints:
                    self.scene.home()
                    self._view.camera_moved.emit()
                self._homed = True
                self.scene.set_selection(self._session.selection.keys)
                self._theme_timer.start()
            self._total = self._done = 0
            self._come_to_rest()
        self.loading_changed.emit()

    def _come_to_rest(self) -> None:
        """Draw finely once nothing more is to come; colours on their way are waited for where a frame takes long."""
        if self.scene is None or self.is_loading or self.busy:
            return
        if self._theme_timer.isActive() or self._theme_job is not None:
            if self.scene.dirty and not self._draw_timer.isActive():
                long_ms = int(1000 * PAUSE * self._frame_s) if self.has_picture else ARRIVAL_MS
                self._draw_timer.start(min(long_ms, ARRIVAL_MS))
            return
        if not self._view.is_moving:
            self.scene.quality("still")
        self._draw_now()

    def _first_view(self) -> None:
        """Look from the first saved view, or at what there is so far."""
        if self._placed or self.scene is None:
            return
        self._placed = True
        views, last = self._session.project.state.viewpoints, self.last_camera()
        if last is not None:
            self._homed = True
            self.scene.set_camera(last)
        elif views:
            self.scene.set_camera(views[0].camera)
        else:
            self.scene.home()
        self._view.camera_moved.emit()

    def _count(self, layer_id: str) -> None:
        """One more layer is done, if it was one that somebody waits for."""
        if layer_id in self._swaps:
            self._swaps.discard(layer_id)
        else:
            self._done += 1

    def _forget_work(self, layer_id: str) -> None:
        job = self._jobs.pop(layer_id, None)
        dropped = 0 if job is None else 1
        if job is not None:
            job.cancel()
        waiting = len(self._queue)
        self._queue = deque(entry for entry in self._queue if entry[0].layer.id != layer_id)
        dropped += waiting - len(self._queue)
        if layer_id in self._swaps:
            self._swaps.discard(layer_id)
        else:
            self._total = max(self._total - dropped, 0)

    # --- theme and selection -----------------------------------------------------------------------------------------
    def _start_theme(self) -> None:
        session = self._session
        state, data, lang, dark = session.project.state, self.live_status.data_to_show(), session.lang, self._dark
        results, old = health.all_kept(session), health.old_codes(session)
        basis = dark, basis_of_theme(session, results, old), self.live_status.asked_moment
        if basis == self._theme_basis and state.layers:
            self._come_to_rest()
            return
        stamp = self._theme_stamp = self._theme_stamp + 1
        if not state.layers:
            self._colours, self._theme_job = {}, None
            self.legend_changed.emit(None)
            return

        def work(_: Progress) -> Any:
            from viewers.render.symbology.theming import pictured

            return pictured(state, data(), state.theme, results, lang, old, dark, quality_gate.marked(session))

        def done(picture: Any) -> None:
            if stamp != self._theme_stamp:
                return
            self._theme_job = None
            if self.scene is None:
                return
            self._theme_basis = basis
            self.live_status.follow_styles()
            touched = {*self._colours, *picture.colours}
            self._colours, self._themed_layers = dict(picture.colours), picture.called
            for layer_id in touched:
                self.scene.set_colours(layer_id, self.live_status.painted(layer_id))
            self._numbers = picture.numbers
            put_numbers(self.scene, self.result_colours.numbers or self._numbers, self._ground)
            self.scene.show_signs(picture.signs)
            self._legend = picture.legend
            self._update_timer.start()
            self._tell_legend()
            self._come_to_rest()

        def failed(error: BaseException) -> None:
            if stamp == self._theme_stamp:
                self._theme_job = None
                self._come_to_rest()
            session.fail(error)

        job = session.jobs.run("job.theme", work, done, failed=failed)
        self._theme_job = None if job.is_over else job

    def _on_result_changed(self, layers: frozenset[str]) -> None:
        """Paint what a result colours now; its legend and numbers stand in the place of the theme's."""
        if self.scene is None:
            return
        for layer_id in layers & set(self.scene.layer_ids):
            self.scene.set_colours(layer_id, self.live_status.painted(layer_id))
        put_numbers(self.scene, self.result_colours.numbers or self._numbers, self._ground)
        self._tell_legend()
        self._draw_now()

    def _tell_legend(self) -> None:
        if self.has_picture:  # a legend explains what is seen
            self.legend_changed.emit(self.live_status.legend_over(self.result_colours.legend or self._legend))

    def _on_project_changed(self, before: ProjectState, after: ProjectState) -> None:
        self._update_timer.start()
        results = before.results is not after.results or before.health is not after.health
        if before.theme != after.theme or before.layers != after.layers or results:
            self._theme_timer.start()

    def _on_selection_changed(self, _: frozenset[ObjectKey], __: frozenset[ObjectKey]) -> None:
        if self.scene is not None:
            self.scene.set_selection(self._session.selection.keys)
            self._draw_now()

    def _on_job_changed(self, job: Job) -> None:
        if job.is_over and job.title in LOADING:
            if job.title == "job.load_source":
                self._update_timer.start()
            self._come_to_rest()
