"""From a layer and its data to :class:`~viewers.render.geometry.parts.Prepared`, on a worker thread.

What has very many objects is made ready to be drawn in chunks, everything else by the maker of its role.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core import derived_cache as kept
from models.crs.frame import Frame, transformer
from models.facilities.coding.editions import ClassTable, stated_edition
from models.geometry.bulk import bulk_of
from models.geometry.feature_table import Features
from models.layers.layer import Layer, LayerData, VectorData
from models.query.filtering import filtered
from models.roles import role_row
from models.terrain.ground import Ground
from viewers.render.chunks.city_texture_baking import CityTextureBaker
from viewers.render.chunks.source import KEPT, TREE_COLUMNS, ChunkSource, source_of
from viewers.render.geometry.parts import Prepared
from viewers.render.layers.facilities import sign_part
from viewers.render.layers.kept_parts import KeptParts
from viewers.render.layers.makers import make_parts, maker_of
from viewers.render.palette.context import PrepareContext, material_colours, scene_theme
from viewers.render.symbology.style_colours import plain_style

#: Of what is kept of a layer from one opening to the next; raised when it would be worked out otherwise.
OVERVIEW = 1


@dataclass(slots=True, kw_only=True)
class PreparedChunks(Prepared):
    """A layer of very many objects, drawn in chunks: it has no parts of its own.

    Parameters
    ----------
    source : ChunkSource
    baker : CityTextureBaker
    image : ndarray (h, w, 4) uint8 or None
        The texture of the city in the objects' own colours; None has it baked with the first frame.
    """

    source: ChunkSource
    baker: CityTextureBaker
    image: NDArray[np.uint8] | None = None


def is_large(layer: Layer, data: LayerData) -> bool:
    """Whether a layer is drawn in chunks."""
    limit = role_row(layer.role).chunked_from
    if not isinstance(data, VectorData) or layer.kind != "vector" or limit is None:
        return False
    if data.count <= limit:
        return False
    # Modelled surfaces (heights within a feature) are drawn as they are.
    return data.features is not None or not bool(data.frame.geometry.has_z.any())


def prepare_chunks(layer: Layer, data: VectorData, context: PrepareContext) -> PreparedChunks:
    """Make what a large layer is drawn from; plain arrays, safe on a worker thread."""
    if data.features is None:
        data.features = Features.of_frame(data.frame, data.crs)
    features = data.features
    key = _overview_key(layer, features, context)
    known = kept.recall(features.home, key)
    source = source_of(layer, features, context, known=known)
    baker = CityTextureBaker(source)
    image = baker.recalled(known) if known else baker.bake(source.colours)
    prepared = PreparedChunks(bounds=source.bounds, source=source, baker=baker, image=image)
    if layer.role == "facilities":
        rows = np.argsort(source.tree.order)
        feet = np.column_stack([source.x, source.y, source.foot]).astype(np.float32)[rows]
        edition = stated_edition(layer.code_edition, context.class_tables)
        prepared.signs = sign_part(features.attributes, feet, features.fids, edition)
    if not known:
        kept.keep_later(features.home, key, lambda: _overview_of(prepared))
    return prepared


def _overview_key(layer: Layer, features: Features, context: PrepareContext) -> str:
    """Return a key for all that the overview depends on; the ground is not in it, nor in the overview."""
    frame = context.frame
    where = (frame.horizontal, tuple(frame.origin[:2]), features.crs)
    drawn = (layer.role, plain_style(layer.style), repr(scene_theme()), sorted(context.palette.items()))
    return kept.key_of((OVERVIEW, KEPT, features.count, where, drawn))


def _overview_of(prepared: PreparedChunks) -> dict[str, NDArray[Any]]:
    """Return what of a layer takes long to work out and stays the same from one opening to the next."""
    assert prepared.image is not None  # noqa: S101 - just baked
    source, dark = prepared.source, prepared.baker.dark
    arrays: dict[str, NDArray[Any]] = {
        "height": source.top - source.foot, "storeys": source.storeys, "colours": source.colours,
        "kept": np.concatenate([*source.kept, np.zeros(0, np.int64)]).astype(np.int32), "error": source.error,
        "kept_counts": np.array([len(one) for one in source.kept], dtype=np.int32), "image": prepared.image,
    }  # fmt: skip
    if source.walls is not source.colours:
        arrays["walls"] = source.walls
    if dark is not None:
        arrays["dark"] = dark[:, :, 3]
    if not (source.features.crs == "" or source.context._same_crs(source.features.crs)):
        box = np.column_stack([
            source.x - source.half_x, source.y - source.half_y, source.x + source.half_x, source.y + source.half_y
        ])  # fmt: skip
        arrays |= {"box": box, "area": source.area, **{f"tree_{n}": getattr(source.tree, n) for n in TREE_COLUMNS}}
    return arrays


def prepare(
    layer: Layer, data: LayerData, frame: Frame, ground: Ground, palette: Mapping[str, str] | None = None,
    kept_parts: KeptParts | None = None, class_tables: tuple[ClassTable, ...] = (),
) -> Prepared | None:  # fmt: skip
    """Make the drawable parts of a layer; plain arrays, safe on a worker thread.

    Parameters
    ----------
    layer : Layer
    data : LayerData
    frame : Frame
    ground : Ground
    palette : mapping of str to str, optional
        Colours of materials by name.
    kept_parts : KeptParts, optional
        Where parts are kept from one run to the next.
    class_tables : tuple of ClassTable
        Classes of components that the project brings.

    Returns
    -------
    Prepared or None
        None for a layer that has no place in space, or holds nothing that can be drawn.
    """
    if maker_of(layer) is None:
        return None
    data, layer = filtered(layer, data, frame.horizontal), replace(layer, filter="")  # once: pieces are not asked again
    context = PrepareContext(frame, ground, palette or material_colours(), class_tables)
    if isinstance(data, VectorData) and is_large(layer, data):
        return _with_bulk(prepare_chunks(layer, data, context), data, frame)
    key = "" if kept_parts is None else kept_parts.key_of(layer, data, context)
    known = None if kept_parts is None else kept_parts.recall(key)
    if known is not None:
        return known
    prepared = make_parts(layer, data, context)
    if prepared is not None and isinstance(data, VectorData):
        prepared = _with_bulk(prepared, data, frame)
    if prepared is not None and kept_parts is not None:
        kept_parts.keep(key, prepared)
    return prepared


def _with_bulk(prepared: Prepared, data: VectorData, frame: Frame) -> Prepared:
    prepared.bulk = _bulk_of(data, frame, prepared.bounds)
    return prepared


def _bulk_of(data: VectorData, frame: Frame, bounds: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the local box (2, 3) of the bulk of some features, None where it is all of them."""
    boxes = data.boxes
    inside = bulk_of((boxes[:, :2] + boxes[:, 2:]) / 2)
    if inside.all() or not inside.any():
        return None
    (west, south), (east, north) = boxes[inside, :2].min(axis=0), boxes[inside, 2:].max(axis=0)
    x, y = (side.ravel() for side in np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9)))
    if data.crs:
        x, y = transformer(data.crs, frame.horizontal).transform(x, y, errcheck=False)
    there = frame.to_local(np.column_stack([x, y]))
    there = there[np.isfinite(there).all(axis=1)]
    if not len(there):
        return None
    low, high = np.maximum(there.min(axis=0), bounds[0, :2]), np.minimum(there.max(axis=0), bounds[1, :2])
    return np.array([[*low, bounds[0, 2]], [*high, bounds[1, 2]]]) if (low <= high).all() else None
