"""What a building model holds beside matter: rooms by their use, and alignments, grids and annotations as lines.

Rooms are prepared with the rest and drawn only while a look asks for them
(:attr:`models.views.visibility.ElementAppearance.spaces`), see-through, one colour a use, with their names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.bim.model_matrix import model_matrix
from models.geometry.meshes import MeshStore
from models.layers.layer import ModelData
from models.style.ramps import ramp
from viewers.render.geometry.parts import Elements, LabelPart, LinePart, MeshPart, Part
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.status_colours import rgba

Floats = NDArray[np.float64]

#: What says the use of a room, the first that is filled in.
_USE = ("long_name", "object_type", "predefined_type", "name")
_RAMP = "pastel"
_ALPHA = 96
_LINE_COLOURS = {"IfcAlignment": "#c0392b", "IfcReferent": "#c0392b", "IfcGrid": "#7a8794", "IfcAnnotation": "#5d6d7a"}
_LINE_COLOUR = "#5d6d7a"
_WIDTH_PX = 2.0
_ROOM_REACH_M, _STATION_REACH_M = 250.0, 1500.0


def rooms(data: ModelData, context: PrepareContext) -> list[Part]:
    """Return the rooms of a model as a part that is drawn on request, and their names."""
    store = data.meshes
    if store.placement_room is None:
        return []
    places = np.flatnonzero(np.asarray(store.placement_room))
    owner = np.asarray(store.placement_element)[places]
    order = np.argsort(owner, kind="stable")
    places, owner = places[order], owner[order]
    matrices = model_matrix(data, context.frame, context.ground) @ np.asarray(store.placement_matrix)[places]
    points, faces, sizes, low, high = _baked(store, places, matrices)
    colours = _by_use(data.elements, owner)
    part = MeshPart(
        points, faces, np.repeat(owner, sizes).astype(np.int32), np.repeat(colours, sizes, axis=0),
        elements=Elements(owner.astype(np.int32), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64), low, high),
        on_request=True,
    )  # fmt: skip
    middle = np.column_stack([(low + high)[:, :2] / 2, low[:, 2] + 0.6 * (high - low)[:, 2]])
    names = _room_names(data.elements, owner)
    label = LabelPart(
        middle.astype(np.float32), names, names, (high - low).max(axis=1).astype(np.float32), size_px=12,
        reach_m=_ROOM_REACH_M, on_request=True,
    )  # fmt: skip
    return [part, label]


def lines(data: ModelData, context: PrepareContext) -> list[Part]:
    """Return alignments, grids, annotations and referents."""
    store = data.meshes
    if store.line_points is None or store.line_element is None or store.line_starts is None:
        return []
    matrix = model_matrix(data, context.frame, context.ground)
    points = (np.asarray(store.line_points) @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
    owner = np.asarray(store.line_element)
    classes = data.elements["ifc_class"].to_numpy()[owner]
    colours = np.array([rgba(_LINE_COLOURS.get(str(name), _LINE_COLOUR)) for name in classes], dtype=np.uint8)
    starts = np.asarray(store.line_starts)
    found: list[Part] = [LinePart(points, starts.astype(np.int64), owner.astype(np.int32), colours, _WIDTH_PX)]
    return found


def stations(data: ModelData, context: PrepareContext) -> list[Part]:
    """Return the names of referents, each where it stands: on its line, or above its body."""
    is_referent = (data.elements["ifc_class"] == "IfcReferent").to_numpy()
    if not is_referent.any():
        return []
    store = data.meshes
    at: dict[int, Floats] = {}
    low, high = store.placement_boxes()
    for place, oid in enumerate(np.asarray(store.placement_element).tolist()):
        if is_referent[oid]:
            at.setdefault(oid, np.array([*(low[place] + high[place])[:2] / 2, high[place, 2]]))
    if store.line_points is not None and store.line_element is not None and store.line_starts is not None:
        ends = np.asarray(store.line_points)[np.asarray(store.line_starts)[1:] - 1]
        for oid, end in zip(np.asarray(store.line_element).tolist(), ends, strict=True):
            if is_referent[oid]:
                at.setdefault(oid, end)
    texts = data.elements["name"].fillna("").astype(str).to_numpy()
    named = [oid for oid in at if texts[oid]]
    if not named:
        return []
    matrix = model_matrix(data, context.frame, context.ground)
    points = (np.array([at[oid] for oid in named]) @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
    words = [str(texts[oid]) for oid in named]
    rank = np.ones(len(named), np.float32)
    return [LabelPart(points, words, words, rank, size_px=12, reach_m=_STATION_REACH_M)]


def use_of(elements: pd.DataFrame, oids: Sequence[int]) -> list[str]:
    """Return what rooms are used for, as their author says; empty where nobody does."""
    columns = [elements[name].fillna("").astype(str).to_numpy() for name in _USE if name in elements.columns]
    return [next((column[oid] for column in columns if column[oid]), "") for oid in oids]


def _by_use(elements: pd.DataFrame, oids: NDArray[np.int32]) -> NDArray[np.uint8]:
    codes, uses = pd.factorize(np.array(use_of(elements, oids.tolist()), dtype=object), sort=True)
    palette = ramp(_RAMP).classes(max(len(uses), 1))
    table = np.array([rgba(colour) for colour in palette], dtype=np.uint8)
    table[:, 3] = _ALPHA
    return table[codes % len(table)]


def _room_names(elements: pd.DataFrame, oids: NDArray[np.int32]) -> list[str]:
    """Return number and name of rooms, once where both are the same."""
    known = [name for name in ("name", "long_name") if name in elements.columns]
    columns = [elements[name].iloc[oids].fillna("").astype(str).tolist() for name in known]
    return [" ".join(dict.fromkeys(filter(None, parts))) for parts in zip(*columns, strict=True)] or [""] * len(oids)


def _baked(
    store: MeshStore, places: NDArray[np.int64], matrices: Floats
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return points, faces, faces a placement and boxes of some placements in the scene."""
    points, faces, sizes, low, high = [], [], [], [], []
    count = 0
    for place, matrix in zip(places.tolist(), matrices, strict=True):
        mesh = int(store.placement_mesh[place])
        own = np.asarray(store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]], dtype=np.float64)
        placed = (own @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
        mine = np.asarray(store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]])
        points.append(placed)
        faces.append(mine + count)
        sizes.append(len(mine))
        low.append(placed.min(axis=0))
        high.append(placed.max(axis=0))
        count += len(placed)
    return (
        np.concatenate(points), np.concatenate(faces).astype(np.int32), np.array(sizes, dtype=np.int64),
        np.array(low, dtype=np.float32), np.array(high, dtype=np.float32),
    )  # fmt: skip
