"""Loading of chunks: synchronously for a saved picture, on background threads for a window.

Invariants
----------
1. Without a loader every frame is complete before it is drawn: pictures, tests, the command line.
2. With one, a frame shows what is there; what the camera wants is made on worker threads, the most urgent first, and
   what it no longer wants is not made. A picture that is kept waits all the same.
3. Threads begin after a frame, not beside it: without a GPU both want the same processors, and the eye waits for one.
4. Only :meth:`Chunks.follow` and :meth:`Chunks.take` touch what is drawn, on the thread that renders.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewers.render.chunks.choosing import Eye
from viewers.render.chunks.layer import FULL, ChunkedLayer
from viewers.render.chunks.picking import pick
from viewers.render.drawing.drawn_layer import DrawnLayer

#: Threads that make chunks: NumPy gives little of the interpreter away, shapely and VTK some.
THREADS = 2
_TEXTURE = -1

Work = tuple[ChunkedLayer, int, int]


class Chunks:
    """The large layers of one scene.

    Parameters
    ----------
    renderer : vtkRenderer
    layers : callable
        Gives all layers that are drawn.
    sync_actors : callable
        Brings the renderer's actors of a layer in line with the layer's own.
    label : callable
        Takes a layer and the label parts of its chunks.
    """

    def __init__(
        self, renderer: Any, layers: Callable[[], Iterable[DrawnLayer]], sync_actors: Callable[[DrawnLayer], None],
        label: Callable[[DrawnLayer], None],
    ) -> None:  # fmt: skip
        self._renderer, self._layers, self._sync_actors, self._label = renderer, layers, sync_actors, label
        self._loader: Loader | None = None
        self._due: list[Work] | None = None

    @property
    def layers(self) -> list[ChunkedLayer]:
        """Return the large layers that are shown."""
        return [one for one in self._layers() if isinstance(one, ChunkedLayer) and one.visible and not one.out_of_scale]

    def in_background(self, call: Callable[[], None] | None = None) -> None:
        """Make chunks on threads from now on; ``call`` is called, on such a thread, when some are ready."""
        if self._loader is None:
            self._loader = Loader(call)

    def follow(self, quality: str) -> None:
        """Show what a frame of a quality wants, as far as it is there or must be."""
        layers = self.layers
        if not layers:
            return
        eye = Eye.of(self._renderer)
        at_once = self._loader is None or quality == "picture"
        for _ in range(4):  # holding more may show that finer ones are wanted; twice is the rule
            for layer in layers:
                if layer.follow_eye(eye, quality, 1.0 / len(layers)):
                    self._label(layer)
            if not at_once or not self._complete(layers):
                break
        if self._loader is not None and not at_once:
            self._due = self._work(layers)

    def begin_due(self) -> None:
        """Have the threads begin what the frame that has just been drawn wanted."""
        due, self._due = self._due, None
        if self._loader is not None and due is not None:
            self._loader.ask(due)

    def _work(self, layers: Iterable[ChunkedLayer]) -> list[Work]:
        work: list[tuple[int, float, Work]] = []
        for layer in layers:
            if layer.texture_due:
                work.append((-1, 0.0, (layer, _TEXTURE, layer.version)))
            work += [(key[1], -urgency, (layer, *key)) for urgency, key in layer.wants()]
        work.sort(key=lambda one: one[:2])
        return [one for _, _, one in work]

    def _complete(self, layers: list[ChunkedLayer]) -> bool:
        """Make all that is wanted now; whether there was any."""
        work = self._work(layers)
        if not work:
            return False
        with ThreadPoolExecutor(THREADS) as pool:
            for made in pool.map(_made, work):
                self._put(made)
        for layer in layers:
            layer.evict()
            self._sync_actors(layer)
        return True

    def take(self, most_s: float = 0.02) -> bool:
        """Put what the threads have made, for so many seconds at the most; whether there was any."""
        if self._loader is None:
            return False
        begin = time.perf_counter()
        touched: dict[int, ChunkedLayer] = {}
        shown = {id(layer) for layer in self.layers}
        while (made := self._loader.next()) is not None:
            if id(made[0][0]) in shown:
                self._put(made)
                touched[id(made[0][0])] = made[0][0]
            if time.perf_counter() - begin > most_s:
                break
        for layer in touched.values():
            layer.evict()
            self._sync_actors(layer)
        return bool(touched)

    @staticmethod
    def _put(made: tuple[Work, Any]) -> None:
        (layer, node, level), result = made
        if node == _TEXTURE:
            layer.take_texture(result)
        elif level == FULL or layer.source.tree.count > node:
            layer.take((node, level), result)

    @property
    def is_complete(self) -> bool:
        """Whether everything that the last frame wanted is there."""
        return all(layer.is_complete for layer in self.layers)

    def pick(
        self, ray: Any, span_of: Callable[[DrawnLayer], tuple[float, float]]
    ) -> tuple[ChunkedLayer, int, float] | None:
        """Return layer, oid and distance of what a ray meets first among the large layers."""
        best: tuple[ChunkedLayer, int, float] | None = None
        for layer in self.layers:
            span = span_of(layer)
            hit = pick(layer.source, ray, span) if span[0] < span[1] else None
            if hit is not None and (best is None or hit.depth_m < best[2]):
                best = layer, hit.oid, hit.depth_m
        return best

    def set_rows(self, layer_id: str, rows: NDArray[np.bool_] | None) -> bool:
        """Show some rows of a large layer only; False if it is none."""
        for layer in self._layers():
            if isinstance(layer, ChunkedLayer) and layer.layer.id == layer_id:
                layer.set_rows(rows)
                self._sync_actors(layer)
                return True
        return False

    def close(self) -> None:
        """End the threads."""
        if self._loader is not None:
            self._loader.close()
            self._loader = None


def _made(work: Work) -> tuple[Work, Any]:
    layer, node, level = work
    if node == _TEXTURE:
        return work, layer.bake()
    return work, layer.make((node, level))


class Loader:
    """A pool of threads that makes chunks in order of urgency.

    Parameters
    ----------
    call : callable or None
        Called on a thread of the loader after each piece.
    """

    def __init__(self, call: Callable[[], None] | None = None) -> None:
        self._call = call
        self._wanted: deque[Work] = deque()
        self._at_work: set[tuple[int, int, int]] = set()
        self._made: deque[tuple[Work, Any]] = deque()
        self._lock = threading.Condition()
        self._ends = False
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def ask(self, work: list[Work]) -> None:
        """Replace what is still to be made."""
        with self._lock:
            waiting = {_name(one) for one, _ in self._made} | self._at_work
            self._wanted = deque(one for one in work if _name(one) not in waiting)
            self._lock.notify_all()

    def next(self) -> tuple[Work, Any] | None:
        """Return one piece that is made, None if there is none."""
        with self._lock:
            return self._made.popleft() if self._made else None

    def close(self) -> None:
        """End the threads; what they are at is thrown away."""
        with self._lock:
            self._ends = True
            self._wanted.clear()
            self._made.clear()
            self._lock.notify_all()
        for thread in self._threads:
            thread.join(timeout=5.0)

    def _run(self) -> None:
        import logging

        while True:
            with self._lock:
                while not self._wanted and not self._ends:
                    self._lock.wait()
                if self._ends:
                    return
                work = self._wanted.popleft()
                self._at_work.add(_name(work))
            made: tuple[Work, Any] | None = None
            try:
                made = _made(work)
            except Exception:  # a chunk that cannot be made must not end the others; its plain form stays
                logging.getLogger(__name__).exception("a chunk of %s could not be made", work[0].layer.name)
            with self._lock:
                self._at_work.discard(_name(work))
                if made is not None and not self._ends:
                    self._made.append(made)
            if made is not None and self._call is not None and not self._ends:
                self._call()


def _name(work: Work) -> tuple[int, int, int]:
    return id(work[0]), work[1], work[2]
