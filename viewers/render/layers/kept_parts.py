"""The parts of layers kept on disk from one run to the next, so that a city is draped once and not at each start.

Invariants
----------
1. The key says all that the parts depend on: every value and corner of what is drawn of the table, the layer as drawn,
   the content of the ground, the frame, the palette, and the code and tables of the makers themselves. Language and the
   light or dark look are not in it, for parts have neither.
2. What is recalled is mapped, read-only and looked through before it is drawn; what is wrong with it costs the work.
3. Layers are kept whose parts take longer to make than to recall.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import deque
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

from models.layers.layer import Layer, LayerData, RasterData, Source, VectorData
from models.project.fingerprints import of_content
from models.store.array_entries import ArrayEntries
from models.terrain.ground import Ground
from viewers.render.geometry.parts import Prepared
from viewers.render.geometry.stored_parts import Arrays, restored, stored
from viewers.render.palette.context import PrepareContext

log = logging.getLogger(__name__)

#: Nothing is written before the first picture has had its time.
PAUSE_S = 3.0
#: One layer is written in less.
_LONGEST_WRITE_S = 2.0
#: Points are drawn as signs and shapes, which are placed sooner than a table is looked through.
_LAID_OUT = ("LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
#: What makers are made of.
_ROOT = Path(__file__).resolve().parents[3]
_SOURCES = (
    "viewers/render", "models/terrain", "models/geometry", "models/buildings", "models/facilities", "models/crs",
    "models/style", "models/layers", "resources/theme", "resources/standards",
)  # fmt: skip


@dataclass(slots=True)
class _Grounded:
    """The fingerprint of the ground that was asked for last."""

    ground: Ground
    fingerprint: str


class KeptParts:
    """Parts of layers by all that they depend on; may be asked from any thread.

    Parameters
    ----------
    entries : ArrayEntries
    pause_s : float
        Seconds before new parts are written, on a thread of their own; what is not written when the program ends is
        not kept. 0 writes them at once.
    """

    def __init__(self, entries: ArrayEntries, pause_s: float = PAUSE_S) -> None:
        self._entries, self._pause_s = entries, pause_s
        self._grounded: _Grounded | None = None
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, dict[str, Any], Arrays]] = deque()
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def key_of(self, layer: Layer, data: LayerData, context: PrepareContext) -> str:
        """Return the key of a layer's parts, empty for what is not worth keeping.

        Parameters
        ----------
        layer : Layer
        data : LayerData
            What its filter leaves.
        context : PrepareContext
        """
        if not _is_worth_keeping(layer, data):
            return ""
        assert isinstance(data, (VectorData, RasterData))  # noqa: S101 - just seen
        drawn = replace(
            layer, id="", name="", name_en="", visible=True, data_source="", cim_level="", verdict=None, filter="",
            source=Source(options=layer.source.options),
            style=replace(layer.style, symbology=None, labels=None, scales=None),
        )  # fmt: skip
        basis = (
            makers_stamp(), of_content(data), self._ground_stamp(context.ground), context.frame, drawn,
            sorted(context.palette.items()),
        )  # fmt: skip
        return hashlib.blake2b(repr(basis).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()

    def recall(self, key: str) -> Prepared | None:
        """Return the parts that are kept under a key; None where there are none that can be drawn."""
        found = self._entries.recall(key) if key else None
        if found is None:
            return None
        try:
            return restored(*found)
        except ValueError as error:
            log.warning("kept parts %s cannot be drawn and will be made again: %s", key, error)
            self._entries.forget(key)
            return None

    def keep(self, key: str, prepared: Prepared) -> None:
        """Keep the parts of a layer, in a while."""
        told = stored(prepared) if key else None
        if told is None:
            return
        if not self._pause_s:
            self._entries.keep(key, *told)
            return
        with self._lock:
            if self._is_closed:
                return
            self._waiting.append((key, *told))
            if self._timer is None:
                self._timer = threading.Timer(self._pause_s, self._write)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Write nothing further; what is being written is finished."""
        with self._lock:
            self._is_closed, timer = True, self._timer
            self._waiting.clear()
        if timer is not None:
            timer.cancel()
            timer.join(_LONGEST_WRITE_S)

    def _write(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._timer = None
                    return
                one = self._waiting.popleft()
            self._entries.keep(*one)

    def _ground_stamp(self, ground: Ground) -> str:
        with self._lock:
            held = self._grounded
            if held is None or held.ground is not ground:
                rasters = [of_content(raster) for raster in ground.terrains]
                held = self._grounded = _Grounded(ground, repr((rasters, ground.crs, ground.base_m)))
            return held.fingerprint


@lru_cache(maxsize=1)
def makers_stamp() -> str:
    """Return a fingerprint of the code and the tables that make parts: nobody has to remember to raise a number."""
    total = hashlib.blake2b(metadata.version("shapely").encode(), digest_size=16)
    for folder in _SOURCES:
        for file in sorted((_ROOT / folder).rglob("*")):
            if file.suffix in (".py", ".toml"):
                total.update(file.relative_to(_ROOT).as_posix().encode())
                total.update(file.read_bytes())
    return total.hexdigest()


def _is_worth_keeping(layer: Layer, data: LayerData) -> bool:
    if isinstance(data, RasterData):
        return layer.kind == "terrain"  # pictures come with finer pieces, which a file does not hold
    if layer.kind != "vector" or not isinstance(data, VectorData) or not data.count:
        return False
    shape = data.frame.geometry.iloc[0]
    return shape is not None and shape.geom_type in _LAID_OUT
