"""Vertical projections of what stands in three dimensions: footprints of buildings with a height, outlines of models.

An input of indicator 58; what counts and why is told in :mod:`models.health.methods.coverage_3d`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import shapely

from models.bim import cim_level as cim
from models.bim.placement import standing
from models.buildings.heights import HEIGHT_FIELDS, STOREY_FIELDS
from models.crs.frame import Frame, transformer
from models.health.coverage import Geometries, polygons
from models.layers.layer import Layer, LayerData, ModelData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered

#: Columns from which a building's height is taken where its style names none.
HEIGHT_COLUMNS = (*HEIGHT_FIELDS, *STOREY_FIELDS)


@dataclass(frozen=True, slots=True)
class Projection:
    """What one layer covers.

    Parameters
    ----------
    layer : Layer
    shapes : ndarray of polygon
        In the project's CRS.
    oids : ndarray of int
        The object of each shape.
    """

    layer: Layer
    shapes: Geometries
    oids: Any


def projections(state: ProjectState, data: Mapping[str, LayerData], frame: Frame) -> Iterator[Projection]:
    """Yield what of each layer of 3D data passes its filter and covers the ground.

    Parameters
    ----------
    state : ProjectState
    data : mapping of str to LayerData
    frame : Frame
        In whose CRS the shapes are given.
    """
    for layer, found in layers_in_3d(state, data):
        if isinstance(found, ModelData):
            yield _of_model(layer, found, frame)
        else:
            left = filtered(layer, found, frame.horizontal)
            if isinstance(left, VectorData) and left.count:
                yield _of_buildings(layer, left, frame)


def layers_in_3d(state: ProjectState, data: Mapping[str, LayerData]) -> Iterator[tuple[Layer, ModelData | VectorData]]:
    """Yield the layers of buildings and models that are at CIM2 or finer."""
    for layer in state.layers:
        found = data.get(layer.id)
        if not isinstance(found, (ModelData, VectorData)) or not cim.level_of(layer, found).is_3d:
            continue
        if isinstance(found, ModelData) or layer.role == "buildings":
            yield layer, found


def _of_buildings(layer: Layer, data: VectorData, frame: Frame) -> Projection:
    chosen: Any = data.frame[cim.has_height(layer, data)]
    return Projection(layer, polygons(chosen.geometry.to_crs(frame.horizontal)), chosen.index.to_numpy())


def _of_model(layer: Layer, data: ModelData, frame: Frame) -> Projection:
    """Return the box of each placed mesh, as it is turned, seen from above: what leans out covers the ground too."""
    placed = standing(layer, data)
    if not isinstance(placed, ModelData) or not placed.crs:
        return Projection(layer, np.empty(0, dtype=object), np.empty(0, np.int64))
    meshes = placed.meshes
    of_mesh = np.asarray(meshes.placement_mesh)
    sides = np.stack(meshes.mesh_boxes())[:, of_mesh]
    known = np.flatnonzero(np.isfinite(sides).all(axis=(0, 2)) & meshes.matter)
    corners = np.stack([sides[list(pick), known[:, None], range(3)] for pick in product((0, 1), repeat=3)], axis=1)
    matrices = placed.placement @ np.asarray(meshes.placement_matrix)[known]
    world = np.einsum("pij,pcj->pci", matrices[:, :3, :3], corners) + matrices[:, None, :3, 3]
    east, north = world[..., 0], world[..., 1]
    if placed.crs != frame.horizontal:
        east, north = transformer(placed.crs, frame.horizontal).transform(east, north)
    hulls = np.asarray(shapely.convex_hull(shapely.multipoints(np.stack([east, north], axis=-1))), dtype=object)
    flat = shapely.get_dimensions(hulls) == 2
    return Projection(layer, hulls[flat], np.asarray(meshes.placement_element)[known][flat])
