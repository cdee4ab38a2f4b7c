"""What of the city goes into a semantic model: buildings as solids, elements of models, the ground as a surface."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.geometry import solids
from models.geometry.solids import Bodies
from models.layers.layer import Layer, LayerData, ModelData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered
from models.terrain.ground import Ground
from viewers.render.geometry.parts import MeshPart
from viewers.render.layers.makers import make_parts
from viewers.render.palette.context import PrepareContext, material_colours

#: Class of the ground in a city model.
RELIEF = "TINRelief"


def bodies_of(layer: Layer, data: LayerData, state: ProjectState, ground: Ground) -> Bodies | None:
    """Return the bodies of a layer in the project's CRS, None for what has none."""
    frame = state.frame
    if frame is None:
        return None
    if isinstance(data, ModelData):
        return solids.of_elements(layer, data, np.asarray(data.elements.index), frame.horizontal)
    if isinstance(data, VectorData):
        left = filtered(layer, data)
        assert isinstance(left, VectorData)  # noqa: S101 - a part of what was one
        colour = layer.style.colour or material_colours()["wall.residential.b"]
        return solids.of_footprints(layer, left, np.asarray(left.attributes.index), frame.horizontal, ground, colour)
    return _relief(layer, data, state, ground)


def _relief(layer: Layer, data: LayerData, state: ProjectState, ground: Ground) -> Bodies | None:
    """Return the ground of a terrain as it is drawn, without the plain around it."""
    assert state.frame is not None  # noqa: S101 - asked before
    prepared = make_parts(layer, data, PrepareContext(state.frame, ground, class_tables=state.class_tables))
    part = (
        next((one for one in prepared.parts if isinstance(one, MeshPart) and not one.texture), None)
        if prepared
        else None
    )
    if part is None:
        return None
    count = len(part.faces)
    table = pd.DataFrame({"name": [layer.name], "ifc_class": [RELIEF]}, index=pd.Index([0]))
    return Bodies(
        state.frame.to_world(part.points.astype(np.float64)), part.faces.astype(np.int64), np.zeros(count, np.int64),
        np.zeros(count, np.int8), part.colours[:, :3], table, state.frame.horizontal,
    )  # fmt: skip
