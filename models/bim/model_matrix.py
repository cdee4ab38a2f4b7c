"""Where a building model stands: the matrix from its own coordinates to the project's, for drawing, checks and reports.

A model stands by the map conversion of its file, by a place that a person gave it, or, where neither says anything, on
the ground at the project's origin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.bim.placement import standing
from models.crs.frame import Frame, crs_label, transformer
from models.layers.layer import Layer, ModelData
from models.terrain.ground import Ground

Floats = NDArray[np.float64]

#: Sources of a place whose height is no survey: where there is a terrain, such a model is set on it.
UNSURE_HEIGHT = ("none", "site_latlon")


def is_height_unsure(data: ModelData) -> bool:
    """Whether the height at which a model stands is no survey."""
    return data.info.get("georef") in UNSURE_HEIGHT


def model_matrix(data: ModelData, frame: Frame, ground: Ground) -> Floats:
    """Return the matrix (4, 4) from model coordinates to the local frame, metres from ``frame.origin``.

    Into another CRS the model is moved rigidly: its middle is transformed exactly, and it is turned and scaled as the
    two grids are to each other there (a building is small against the bend of a projection). One whose height is not
    known (:data:`UNSURE_HEIGHT`) is set on the terrain.

    Parameters
    ----------
    data : ModelData
        As it stands, see :func:`models.bim.placement.standing`.
    frame : Frame
        Of the project.
    ground : Ground
        Its terrain, else level ground.
    """
    box = data.meshes.bounds()
    middle = np.array([0.0, 0.0, 0.0]) if box is None else box.mean(axis=0)
    target = np.array(data.placement, dtype=np.float64)
    origin = np.asarray(frame.origin, dtype=np.float64)
    if not data.crs:
        low = 0.0 if box is None else box[0, 2]
        foot = float(ground.height_m(origin[:1], origin[1:2])[0])
        target = np.eye(4)
        target[:3, 3] = [origin[0] - middle[0], origin[1] - middle[1], foot - low]
    # A label of a home-made CRS is looked for among thousands: a tenth of a second.
    elif data.crs != frame.horizontal and crs_label(data.crs) != crs_label(frame.horizontal):
        here = (target @ [*middle, 1.0])[:2]
        change = transformer(data.crs, frame.horizontal)
        step = 50.0
        x, y = change.transform(here[0] + np.array([0, step, -step, 0, 0]), here[1] + np.array([0, 0, 0, step, -step]))
        bend = np.eye(4)
        bend[:2, 0] = [(x[1] - x[2]) / (2 * step), (y[1] - y[2]) / (2 * step)]
        bend[:2, 1] = [(x[3] - x[4]) / (2 * step), (y[3] - y[4]) / (2 * step)]
        bend[:2, 3] = np.array([x[0], y[0]]) - bend[:2, :2] @ here
        target = bend @ target
    if box is not None and ground.terrain is not None and is_height_unsure(data):
        east, north, _ = (target @ [*middle, 1.0])[:3]
        corners = np.array([[x, y, z, 1.0] for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]])
        low = float((corners @ target.T)[:, 2].min())
        target[2, 3] += float(ground.height_m(np.array([east]), np.array([north]))[0]) - low
    target[:3, 3] -= origin
    return target


def local_matrix(layer: Layer, data: ModelData, frame: Frame, ground: Ground) -> Floats:
    """Return :func:`model_matrix` of a layer where its file, or the person who placed it, says that it stands."""
    stands = standing(layer, data)
    assert isinstance(stands, ModelData)  # noqa: S101 - what goes in as a model comes out as one
    return model_matrix(stands, frame, ground)


def world_matrix(layer: Layer, data: ModelData, frame: Frame, ground: Ground) -> Floats:
    """Return the matrix (4, 4) from the coordinates of a layer's model to the project's CRS, metres."""
    matrix = local_matrix(layer, data, frame, ground)
    matrix[:3, 3] += np.asarray(frame.origin, dtype=np.float64)
    return matrix
