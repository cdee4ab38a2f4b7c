"""Find objects by name, address or code over all layers, and places by coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.core.progress import Progress
from models.layers.layer import Layer, LayerData, ModelData, VectorData
from models.project.selection import ObjectKey
from models.query.columns import columns_of
from models.query.filtering import filtered
from models.query.name_index import NameIndex, named_fields
from models.query.values import as_text

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class Hit:
    """One object that was found: its key, what of it matched, in which field."""

    key: ObjectKey
    text: str
    field: str
    score: float


class Finder:
    """The names, addresses and codes of all layers, ready to be asked.

    Parameters
    ----------
    layers : list of (Layer, LayerData)
    crs : str
        Projected CRS, for filters that measure.
    """

    def __init__(self, layers: list[tuple[Layer, LayerData]], crs: str = "", progress: Progress | None = None) -> None:
        import pyarrow as pa

        progress = progress or Progress()
        self._parts: list[tuple[str, str, NDArray[np.int64]]] = []
        texts, lengths = [], []
        for number, (layer, data) in enumerate(layers):
            progress.step(0.2 * number / max(len(layers), 1), "progress.names")
            columns = columns_of(filtered(layer, data, crs))
            if columns is None:
                continue
            for field in named_fields(columns):
                value = as_text(columns.value(field))
                rows = np.flatnonzero(value.known)
                if len(rows):
                    texts.append(value.data.take(pa.array(rows)).cast(pa.large_string()))
                    lengths.append(len(rows))
                    self._parts.append((layer.id, field, columns.oids[rows]))
        self._starts = np.cumsum([0, *lengths])
        every = (
            pa.chunked_array(texts, pa.large_string()).combine_chunks() if texts else pa.array([], pa.large_string())
        )
        if isinstance(every, pa.ChunkedArray):
            every = pa.concat_arrays(every.chunks) if every.num_chunks else pa.array([], pa.large_string())
        self._index = NameIndex(every, progress.part(0.2, 1.0))

    def __len__(self) -> int:
        return len(self._index)

    def find(self, query: str, most: int = 30) -> list[Hit]:
        """Return the objects that answer a query best, each once."""
        found: dict[ObjectKey, Hit] = {}
        for hit in self._index.find(query, most * 3):
            part = int(np.searchsorted(self._starts, hit.row, side="right")) - 1
            layer, field, oids = self._parts[part]
            key = ObjectKey(layer, int(oids[hit.row - self._starts[part]]))
            found.setdefault(key, Hit(key, hit.text, field, hit.score))
        return list(found.values())[:most]


def current_first(hits: Sequence[Hit], layer_id: str) -> list[Hit]:
    """Return hits, the best first; of those that are equally good, those of a layer come before the others."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.key.layer != layer_id))


def finder_of(session: Session, progress: Progress | None = None) -> Finder:
    """Make the index over all layers of the project; for a job thread."""
    data = dict(session.project.data)
    frame = session.project.state.frame
    layers = [
        (layer, data[layer.id])
        for layer in session.project.state.layers
        if isinstance(data.get(layer.id), (VectorData, ModelData))
    ]
    return Finder(layers, frame.horizontal if frame is not None else "", progress)
