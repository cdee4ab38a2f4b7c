"""A base map as a pyramid: tiles from the store first, from the server where they are missing, each kept for later.

Invariants
----------
1. What is in the store is never fetched again; without a network everything in it shows.
2. After a server did not answer it is left alone for :data:`PAUSE_S`, so that a missing network costs one wait, not one
   for each tile. What is missing meanwhile is filled from coarser tiles of the store, or not drawn.
3. The key appears in addresses only: not in the store, the project or a message.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.addresses import Secrets
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.raster.tile_cache import TileStore
from models.io.raster.tile_fetch import decoded, fetch_picture
from models.layers.basemaps import MOST_TILES, TILE_PX, Basemap
from models.terrain.pyramid import Array, Bounds

log = logging.getLogger(__name__)

PAUSE_S = 20.0
#: Bytes of a tile, where nothing is known yet.
USUAL_BYTES = 18_000
_KEPT_TILES = 96
#: Levels of coarser tiles that may stand in for a missing one.
_STAND_INS = 5


def store_at(root: Path, name: str) -> Path:
    """Return where the tiles of a base map lie in a cache."""
    return root / "basemaps" / f"{name}.mbtiles"


class TilePyramid:
    """Tiles of a base map, see :class:`models.terrain.pyramid.Pyramid`.

    Parameters
    ----------
    basemap : Basemap
    store : TileStore
    secrets : callable
        Returns what the user gave for the map's host, when it is needed.
    online : bool
        False leaves every server alone.
    """

    def __init__(
        self, basemap: Basemap, store: TileStore, secrets: Callable[[], Secrets] = Secrets, online: bool = True
    ) -> None:
        self.basemap, self.store = basemap, store
        self.online = online
        self.bounds: Bounds = basemap.bounds
        self.finest = basemap.tile_size(basemap.high_zoom) / TILE_PX
        #: The last thing that went wrong, None while all is well.
        self.trouble: UserError | None = None
        self._secrets = secrets
        self._lock = threading.Lock()
        self._silent_until = 0.0
        self._absent: set[tuple[int, int, int]] = set()
        self._pictures: OrderedDict[tuple[int, int, int], NDArray[np.uint8]] = OrderedDict()

    def locate(self, crs: str, x: Array, y: Array) -> tuple[Array, Array]:
        """Return coordinates of the grid."""
        return self.basemap.locate(crs, x, y)

    def read(self, bounds: Bounds, size_px: tuple[int, int]) -> NDArray[Any] | None:
        """Return a piece; None where no tile of it is known."""
        width, height = size_px
        level = self.basemap.level_for((bounds[2] - bounds[0]) / max(width, 1))
        columns, rows = self.basemap.tiles_in(bounds, level)
        while level > self.basemap.low_zoom and len(columns) * len(rows) > 36:
            level -= 1
            columns, rows = self.basemap.tiles_in(bounds, level)
        if not len(columns) or not len(rows):
            return None
        mosaic = np.zeros((len(rows) * TILE_PX, len(columns) * TILE_PX, 4), dtype=np.uint8)
        any_known = False
        for y in rows:
            for x in columns:
                tile = self.picture(level, x, y)
                if tile is not None:
                    top, left = (y - rows[0]) * TILE_PX, (x - columns[0]) * TILE_PX
                    mosaic[top : top + TILE_PX, left : left + TILE_PX] = tile
                    any_known = True
        if not any_known:
            return None
        west, _, _, north = self.basemap.tile_bounds(level, columns[0], rows[0])
        pixel = self.basemap.tile_size(level) / TILE_PX
        box = (
            (bounds[0] - west) / pixel, (north - bounds[3]) / pixel, (bounds[2] - west) / pixel,
            (north - bounds[1]) / pixel,
        )  # fmt: skip
        return _resized(mosaic, box, (width, height))

    def picture(self, level: int, x: int, y: int) -> NDArray[np.uint8] | None:
        """Return a tile (256, 256, 4), from coarser ones where it is not known, None where nothing is."""
        found = self._own(level, x, y, fetch=True)
        if found is not None:
            return found
        for up in range(1, _STAND_INS + 1):
            if level - up < self.basemap.low_zoom:
                break
            coarse = self._own(level - up, x >> up, y >> up, fetch=False)
            if coarse is not None:
                part = max(TILE_PX >> up, 1)
                left, top = (x % (1 << up)) * TILE_PX >> up, (y % (1 << up)) * TILE_PX >> up
                return _resized(coarse, (left, top, left + part, top + part), (TILE_PX, TILE_PX))
        return None

    def _own(self, level: int, x: int, y: int, *, fetch: bool) -> NDArray[np.uint8] | None:
        place = (level, x, y)
        with self._lock:
            if place in self._pictures:
                self._pictures.move_to_end(place)
                return self._pictures[place]
        data = self.store.get(level, x, y)
        if data is None and fetch:
            data = self.fetched(level, x, y)
        if data is None:
            return None
        pixels = decoded(data)
        if pixels is None:
            return None
        if pixels.shape[:2] != (TILE_PX, TILE_PX):
            pixels = _resized(pixels, (0.0, 0.0, pixels.shape[1], pixels.shape[0]), (TILE_PX, TILE_PX))
        with self._lock:
            self._pictures[place] = pixels
            while len(self._pictures) > _KEPT_TILES:
                self._pictures.popitem(last=False)
        return pixels

    def fetched(self, level: int, x: int, y: int) -> bytes | None:
        """Fetch a tile and keep it; None (and :attr:`trouble`) where that fails."""
        with self._lock:
            if not self.online or (level, x, y) in self._absent or time.monotonic() < self._silent_until:
                return None
        try:
            secrets = self._secrets()
            data = fetch_picture(self.basemap.address(level, x, y, secrets.key), secrets)
        except UserError as error:
            with self._lock:
                if error.code == "basemap.no_tile":
                    self._absent.add((level, x, y))
                else:
                    self.trouble = error
                    self._silent_until = time.monotonic() + PAUSE_S
            return None
        self.store.put(level, x, y, data)
        self.trouble = None
        return data

    @property
    def may_ask(self) -> bool:
        """Whether the server may be asked (again) now."""
        return self.online and time.monotonic() >= self._silent_until

    def try_again(self) -> None:
        """Ask the server again at the next read, as after the network came back or the key changed."""
        with self._lock:
            self._silent_until = 0.0
            self._absent.clear()
            self.trouble = None

    def estimate(self, box: Bounds, low: int, high: int) -> tuple[int, int]:
        """Return how many tiles an area (in the grid's CRS) has, and about how many bytes they take."""
        count = self.basemap.count_in(box, low, high)
        return count, count * (self.store.mean_bytes or USUAL_BYTES)

    def fetch_area(self, box: Bounds, low: int, high: int, progress: Progress) -> tuple[int, int]:
        """Fetch what is not in the store yet of an area, for use without a network.

        Returns
        -------
        fetched, missing : int

        Raises
        ------
        UserError
            ``basemap.no_bulk`` where the terms forbid it, ``basemap.too_many``; the server's answer, when it stopped
            answering.
        Cancelled
            What was fetched stays in the store.
        """
        if not self.basemap.bulk:
            raise UserError("basemap.no_bulk", name=self.basemap.name or self.basemap.id)
        total = self.basemap.count_in(box, low, high)
        if total > MOST_TILES:
            raise UserError("basemap.too_many", count=total, most=MOST_TILES)
        self.try_again()
        fetched = missing = done = 0
        with ThreadPoolExecutor(4, thread_name_prefix="tiles") as pool:  # as many as browsers open to one host
            for level in range(low, high + 1):
                columns, rows = self.basemap.tiles_in(box, level)
                places = ((level, x, y) for y in rows for x in columns)
                while batch := [place for _, place in zip(range(16), places, strict=False)]:
                    progress.step(done / max(total, 1), "progress.basemap.fetching")
                    wanted = [place for place in batch if not self.store.has(*place)]
                    for data in pool.map(lambda place: self.fetched(*place), wanted):
                        fetched, missing = fetched + (data is not None), missing + (data is None)
                    done += len(batch)
                    if self.trouble is not None:
                        raise self.trouble
        progress.step(1.0, "progress.basemap.fetching")
        return fetched, missing

    def close(self) -> None:
        """Close the store."""
        self.store.close()


def _resized(
    pixels: NDArray[np.uint8], box: tuple[float, float, float, float], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return a part of a picture in another size; what lies outside it is clear."""
    from PIL import Image

    height, width = pixels.shape[:2]
    pad = int(np.ceil(max(-box[0], -box[1], box[2] - width, box[3] - height, 0.0)))
    if pad:
        pixels = np.pad(pixels, ((pad, pad), (pad, pad), (0, 0)))
        box = (box[0] + pad, box[1] + pad, box[2] + pad, box[3] + pad)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=box))


def one_tile(basemap: Basemap, secrets: Secrets, lonlat: tuple[float, float]) -> NDArray[np.uint8]:
    """Fetch one tile at a place, as the *test* button does, and return it.

    Raises
    ------
    UserError
        What is wrong: the address, the key, the server, the network.
    """
    basemap.check()
    level = min(max(10, basemap.low_zoom), basemap.high_zoom)
    x, y = basemap.locate("EPSG:4326", np.array([lonlat[0]]), np.array([lonlat[1]]))
    side = basemap.tile_size(level)
    left, top = basemap.top_left
    column, row = int((float(x[0]) - left) // side), int((top - float(y[0])) // side)
    pixels = decoded(fetch_picture(basemap.address(level, column, row, secrets.key), secrets))
    if pixels is None:
        raise UserError("basemap.broken_image", name=basemap.name or basemap.id)
    return pixels
