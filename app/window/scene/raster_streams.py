"""Finer tiles of draped rasters for the view: chosen when the camera rests, read on threads of their own.

Invariants
----------
1. Choosing and showing are on this thread, reading is not; nothing is chosen while the camera moves.
2. Pieces that arrive are shown a few times a second, not one by one: a frame may take long.
3. What is read for a view that has gone is kept if its layer is there still, and else dropped.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer, Signal

from app.session import Session
from app.window.scene.scene_sync import SceneSync
from viewers.render.geometry.drape_tiles import Tile
from viewers.render.scene.raster_streaming import Loaded, Streamer
from viewers.render.scene.scene import Scene
from viewers.widgets.canvas.view3d import View3D

log = logging.getLogger(__name__)

REST_MS, SHOW_MS = 120, 400
READERS = 3


class RasterStreams(QObject):
    """Keeps the pieces of the window's scene.

    Signals
    -------
    failed : (str layer id, Exception) a piece could not be read
    settled : () all that should be seen is there

    Parameters
    ----------
    session : Session
    scene_sync : SceneSync
    view : View3D
    """

    failed = Signal(str, object)
    settled = Signal()

    def __init__(self, session: Session, scene_sync: SceneSync, view: View3D) -> None:
        super().__init__(view)
        self._session, self._scene_sync, self._view = session, scene_sync, view
        self.streamer: Streamer | None = None
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="pieces")
        self._at_work = 0
        self._came: list[tuple[Streamer, tuple[str, Tile], Loaded | None]] = []
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._choose)
        self._show = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._show.timeout.connect(self._put)
        view.drawn.connect(lambda _: self._rest.start())

    @property
    def is_busy(self) -> bool:
        """Whether pieces are on their way."""
        return bool(self._at_work or self._came)

    def ask_again(self, layer_id: str) -> None:
        """Ask again for what was not known, as when the network is back."""
        if self.streamer is not None:
            self.streamer.forget_empty(layer_id)
            self._rest.start()

    def close(self) -> None:
        """Stop; what is being read is waited for, what waits is dropped."""
        self._rest.stop()
        self._show.stop()
        self.streamer = None
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _choose(self) -> None:
        scene = self._scene_sync.scene
        if not isinstance(scene, Scene):
            self.streamer = None
            return
        if self.streamer is None or self.streamer.scene is not scene:
            self.streamer = Streamer(scene)
        if self._view.is_moving:
            return
        try:
            self.streamer.plan()
            self.streamer.settle()
        except Exception:  # a layer that cannot be placed must not stop the window
            log.exception("pieces could not be chosen")
            return
        self._start()

    def _start(self) -> None:
        streamer = self.streamer
        while streamer is not None and self._at_work < READERS:
            job = streamer.next()
            if job is None:
                break
            self._at_work += 1
            self._pool.submit(self._read, streamer, job)
        if not self.is_busy:
            self.settled.emit()

    def _read(self, streamer: Streamer, job: tuple[str, Tile]) -> None:
        loaded: Loaded | None = None
        try:
            loaded = streamer.load(job)
        except Exception:
            log.exception("a piece could not be read")
        self._session.jobs.post(lambda: self._take(streamer, job, loaded))

    def _take(self, streamer: Streamer, job: tuple[str, Tile], loaded: Loaded | None) -> None:
        self._at_work -= 1
        self._came.append((streamer, job, loaded))
        if self.streamer is None:
            return
        if not self._show.isActive():
            self._show.start()
        self._start()

    def _put(self) -> None:
        came, self._came = self._came, []
        for streamer, job, loaded in came:
            if streamer is not self.streamer:
                continue
            streamer.put(loaded, job)
            if loaded is not None and loaded.error is not None:
                self.failed.emit(loaded.layer_id, loaded.error)
        if self.streamer is not None:
            self.streamer.settle()
        self._start()
