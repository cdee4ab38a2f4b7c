"""Fingerprints of what a figure read: the rows of a layer that pass its filter, field by field, and their shapes.

Invariants
----------
1. Equal content has an equal fingerprint, whoever holds it: after undo, after saving and opening, after a file is
   read again. A table that another program changed in between has another one.
2. A field is fingerprinted only where somebody read it: what a figure did not read cannot make it old.
3. A fingerprint is worked out once for the data in hand; asking again costs a look-up.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.bim.placement import standing
from models.geometry import wkb
from models.layers.layer import Layer, LayerData, ModelData, RasterData, VectorData
from models.query.filtering import filtered

#: Asked for like a field: which objects there are, and their shapes in plan with their CRS.
ROWS, SHAPES = "(rows)", "(shapes)"
#: Fingerprint of a field that the layer does not have.
ABSENT = "-"


@dataclass(slots=True)
class _Held:
    """Fingerprints that are true while data, filter, place and CRS are the same."""

    data: LayerData
    basis: object
    by_field: dict[str, str] = field(default_factory=dict)


class Fingerprints:
    """Fingerprints of the layers of one project; may be asked from any thread."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = threading.RLock()

    def of(self, layer: Layer, data: LayerData, fields: Iterable[str], crs: str) -> dict[str, str]:
        """Return the fingerprint of each field, of :data:`ROWS` and of :data:`SHAPES` where they are asked for.

        Parameters
        ----------
        layer : Layer
        data : LayerData
            A building model is known by its elements and its place: a finer stage of its geometry is the same model.
        fields : iterable of str
        crs : str
            Projected CRS in which a filter measures.
        """
        basis = layer.filter, layer.place, crs
        with self._lock:
            held = self._held.get(layer.id)
            if held is None or held.data is not data or held.basis != basis:
                held = self._held[layer.id] = _Held(data, basis)
            missing = [name for name in fields if name not in held.by_field]
            if missing:
                held.by_field |= _fingerprints(layer, data, missing, crs)
            return {name: held.by_field[name] for name in fields}

    def clear(self) -> None:
        """Forget all, as another project opens."""
        with self._lock:
            self._held.clear()


def of_content(data: VectorData | RasterData) -> str:
    """Return the fingerprint of all that is in a table or a raster: every value, every corner, CRS.

    For what is kept from one run to the next; equal content that is held otherwise (text as another type of column)
    may have another one, which costs the work once more.
    """
    total = hashlib.blake2b(digest_size=16)
    if isinstance(data, RasterData):
        info = {name: value for name, value in data.info.items() if name != "reduced"}  # a path of this machine
        for word in (data.values.dtype.str, data.values.shape, data.transform, data.crs, sorted(info.items(), key=str)):
            total.update(repr(word).encode("utf-8", "surrogatepass"))
        total.update(np.ascontiguousarray(data.values).reshape(-1).view(np.uint8))  # type: ignore[arg-type]
        return total.hexdigest()
    frame: Any = data.frame
    total.update(f"{data.crs}|{len(frame)}".encode())
    plain = frame
    if getattr(frame, "_geometry_column_name", None) in frame.columns:
        shapes = frame.geometry.to_numpy()
        missing = shapely.is_missing(shapes)
        total.update(np.packbits(missing).tobytes())
        for one in shapely.to_wkb(shapes[~missing]):
            total.update(one)
        plain = frame.drop(columns=frame.geometry.name)
    for name in plain.columns:
        total.update(str(name).encode("utf-8", "surrogatepass"))
        _update_with(total, plain[name])
    _update_with(total, plain.index.to_series())
    return total.hexdigest()


def _update_with(total: Any, column: pd.Series[Any]) -> None:
    """Put the values of a column into a hash, as Arrow holds them."""
    import pyarrow as pa

    try:
        array = pa.array(column, from_pandas=True)
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        total.update(pa.record_batch([array], names=["c"]).serialize())
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        total.update(repr(column.tolist()).encode("utf-8", "surrogatepass"))


def _fingerprints(layer: Layer, data: LayerData, fields: Iterable[str], crs: str) -> dict[str, str]:
    if isinstance(data, ModelData):
        return dict.fromkeys(fields, _of_model(layer, data))
    part = filtered(layer, data, crs)
    if not isinstance(part, VectorData):
        return dict.fromkeys(fields, ABSENT)
    return {name: _of_field(part, name) for name in fields}


def _of_field(data: VectorData, name: str) -> str:
    if name == ROWS:
        features = data.columnar
        return _hash(np.asarray(features.fids if features is not None else data.frame.index.to_numpy()))
    if name == SHAPES:
        return _of_shapes(data)
    if name not in data.fields:
        return ABSENT
    features = data.columnar
    column = features.column(name) if features is not None else data.frame[name]
    return _hash(pd.util.hash_pandas_object(pd.Series(column).astype(object), index=False).to_numpy())


def _of_shapes(data: VectorData) -> str:
    features = data.columnar
    if features is not None:
        total = hashlib.blake2b(str(data.crs).encode(), digest_size=16)
        for chunk in features.wkb.chunks:
            starts, sizes, raw = wkb.layout(chunk)
            if len(starts):
                total.update(raw[int(starts[0]) : int(starts[-1] + sizes[-1])].tobytes())
        return total.hexdigest()
    frame: Any = data.frame
    if getattr(frame, "_geometry_column_name", None) not in frame.columns:
        return ABSENT
    shapes = frame.geometry.to_numpy()
    return _hash(shapely.get_coordinates(shapes), shapely.get_num_coordinates(shapes), str(data.crs))


def _of_model(layer: Layer, data: ModelData) -> str:
    placed = standing(layer, data)
    assert isinstance(placed, ModelData)  # noqa: S101 - a model stays one
    guids = data.elements["guid"] if "guid" in data.elements.columns else pd.Series(data.elements.index)
    names = pd.util.hash_pandas_object(guids.astype(object), index=False).to_numpy()
    return _hash(names, np.round(placed.placement, 6), placed.crs)


def _hash(*parts: Any) -> str:
    total = hashlib.blake2b(digest_size=16)
    for part in parts:
        total.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes())
    return total.hexdigest()
