"""Ground shadows: every footprint swept along the sun, joined, and laid on the ground.

VTK's own shadow maps do not fit a city (haze, cut-offs, and lines break their shader); swept footprints are exact on
level ground and cost nothing to draw.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from viewers.render.geometry.draping import RANK, solid_colours, triangulated
from viewers.render.geometry.lattice import lattice_of
from viewers.render.geometry.parts import MeshPart
from viewers.render.palette.context import Colour, PrepareContext

#: No shadows are swept above this many footprints.
SHADOW_LIMIT = 30_000
SHADOW_ALPHA = 0.30


def _joined(pieces: NDArray[Any]) -> Any:
    """Return one shape of many: first what touches, which is some twenty times as fast as all at once."""
    try:
        return shapely.disjoint_subset_union_all(pieces)
    except shapely.errors.GEOSException:  # corners that fall together within rounding
        return shapely.union_all(pieces, grid_size=0.05)


def swept(polygons: NDArray[Any], height_m: NDArray[np.float64], to_sun: tuple[float, float, float]) -> NDArray[Any]:
    """Return the shadows of prisms as pieces that may overlap: hulls, and of hollow footprints wall by wall.

    Parameters
    ----------
    polygons : ndarray of Polygon
        Local footprints.
    height_m : ndarray (n,)
    to_sun : tuple
        Unit vector to the sun (east, north, up).
    """
    east, north, up = to_sun
    shift = -np.array([east, north]) / max(up, 0.05)
    xy, index = shapely.get_coordinates(shapely.get_exterior_ring(polygons), return_index=True)
    moved = xy + shift * np.minimum(height_m, 250.0)[index][:, None]
    hollow = shapely.area(shapely.convex_hull(polygons)) > 1.12 * shapely.area(polygons)
    owner = np.concatenate([index, index])
    order = np.argsort(owner, kind="stable")
    hulls = shapely.convex_hull(shapely.multipoints(np.concatenate([xy, moved])[order], indices=owner[order]))
    side = np.flatnonzero((index[:-1] == index[1:]) & hollow[index[:-1]])
    corners = np.stack([xy[side], xy[side + 1], moved[side + 1], moved[side]], axis=1)
    # A wall that lies along the sun casts a line only.
    u, v = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    casts = np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) > 1e-4
    own = shapely.make_valid(polygons[hollow])
    pieces: NDArray[Any] = np.concatenate([hulls[~hollow], own, shapely.polygons(corners[casts])])
    return pieces


def shadow_part(
    polygons: NDArray[Any], height_m: NDArray[np.float64], to_sun: tuple[float, float, float],
    context: PrepareContext, colour: Colour,
) -> MeshPart | None:  # fmt: skip
    """Return the joined shadow of all footprints on the ground, None where there are too many."""
    if not 0 < len(polygons) <= SHADOW_LIMIT:
        return None
    union = _joined(swept(polygons, height_m, to_sun))
    pieces = shapely.get_parts(shapely.simplify(union, 0.05))
    lattice = lattice_of(context)
    if context.ground.terrain is not None:
        pieces = shapely.segmentize(pieces, 1.5 * lattice.step_m)
    points2, faces, _ = triangulated(pieces)
    if not len(faces):
        return None
    z = lattice.height(points2[:, 0], points2[:, 1]) + 0.08
    normals = np.zeros((len(points2), 3), dtype=np.float32)
    normals[:, 2] = 1.0
    return MeshPart(
        np.column_stack([points2, z]).astype(np.float32), faces.astype(np.int32),
        np.full(len(faces), -1, dtype=np.int32), solid_colours(len(faces), colour, SHADOW_ALPHA), normals=normals,
        offset=RANK["shadow"], lit=False, pickable=False,
    )  # fmt: skip
