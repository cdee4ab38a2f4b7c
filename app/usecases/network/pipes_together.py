"""All pipes of a project as one table: a network is often a layer a kind, and what crosses lies in another.

Rows are numbered through; :meth:`Together.key` leads back to the object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.usecases.network.graph import pipe_layers, table_of
from models.core.errors import UserError
from models.layers.layer import VectorData
from models.project.selection import ObjectKey
from models.query.filtering import filtered
from models.terrain.ground import Ground, ground_under

if TYPE_CHECKING:
    from app.session import Session
    from models.network.profile.longitudinal import GroundOf

Floats = NDArray[np.float64]

#: Layers that lie on the ground of a cross-section.
SURFACES = ("roads", "footways", "green", "water", "buildings")


@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Objects of several layers in one table.

    Parameters
    ----------
    table : GeoDataFrame
        Index 0 … n-1, in the CRS of the project.
    layer : ndarray of str
    oid : ndarray of int
    synthetic : bool
    """

    table: Any
    layer: NDArray[np.object_]
    oid: NDArray[np.int64]
    synthetic: bool

    def key(self, number: int) -> ObjectKey:
        """Return the object of a row."""
        return ObjectKey(str(self.layer[number]), int(self.oid[number]))

    def number(self, key: ObjectKey) -> int:
        """Return the row of an object, -1 where it is not among them."""
        found = np.flatnonzero((self.oid == key.oid) & (self.layer == key.layer))
        return int(found[0]) if len(found) else -1

    def numbers(self, layer: str, oids: NDArray[np.int64]) -> frozenset[int]:
        """Return the rows of objects of a layer."""
        return frozenset(np.flatnonzero((self.layer == layer) & np.isin(self.oid, oids)).tolist())


def together(session: Session, role: str, first: str = "") -> Together | None:
    """Return the objects of a role, those of layer ``first`` first; None where there are none.

    Raises
    ------
    UserError
        What :func:`app.usecases.network.graph.table_of` raises.
    """
    import geopandas as gpd
    import pandas as pd

    layers = [layer for layer in session.project.state.with_role(role) if layer.id in session.project.data]
    layers.sort(key=lambda layer: layer.id != first)
    tables = [table_of(session, layer) for layer in layers]
    if not any(len(table) for table in tables):
        return None
    whole = pd.concat(tables, ignore_index=True) if len(tables) > 1 else tables[0].reset_index(drop=True)
    counts = [len(table) for table in tables]
    return Together(
        gpd.GeoDataFrame(whole, geometry="geometry"), np.repeat([layer.id for layer in layers], counts).astype(object),
        np.concatenate([table.index.to_numpy(dtype=np.int64) for table in tables]),
        any(layer.synthetic for layer in layers),
    )  # fmt: skip


def all_pipes(session: Session, first: str = "") -> Together:
    """Return all pipes of the project.

    Raises
    ------
    UserError
        ``network.no_pipe_layer`` without pipes.
    """
    found = together(session, "pipes", first) if pipe_layers(session) else None
    if found is None:
        raise UserError("network.no_pipe_layer")
    return found


def known_ground(session: Session) -> GroundOf | None:
    """Return what tells the height of the terrain, NaN where none is known; None without a terrain."""
    state = session.project.state
    if state.frame is None:
        return None
    ground: Ground = ground_under(state.layers, session.project.data, state.frame)
    if not ground.terrains:
        return None

    def height(x: Floats, y: Floats) -> Floats:
        return np.where(ground.is_known(x, y), ground.height_m(x, y), np.nan)

    return height


def surfaces_near(session: Session, line: Floats) -> dict[str, list[Any]]:
    """Return what lies on the ground about a line, by role, in the CRS of the project."""
    state = session.project.state
    crs = "" if state.frame is None else state.frame.horizontal
    low, high = line.min(axis=0) - 60.0, line.max(axis=0) + 60.0
    found: dict[str, list[Any]] = {}
    for role in SURFACES:
        for layer in state.with_role(role):
            data = session.project.data.get(layer.id)
            if data is None:
                continue
            data = filtered(layer, data, crs)
            if not isinstance(data, VectorData) or not hasattr(data.frame, "geometry"):
                continue
            table: Any = data.frame
            table = table.to_crs(crs) if crs and table.crs is not None and table.crs != crs else table
            found.setdefault(role, []).append(table.cx[low[0] : high[0], low[1] : high[1]])
    return found


def stamp_of(session: Session) -> tuple[object, ...]:
    """Return what profiles and sections depend on: it is another one once pipes, nodes, ground or surfaces changed."""
    state = session.project.state
    roles = {"pipes", "pipe_nodes", "terrain", *SURFACES}
    tables = tuple(row for row in session.project.data_stamp() if row[1] in roles)
    seen = tuple(layer.id for layer in state.layers if layer.kind == "terrain" and layer.visible)
    return tables, seen, "" if state.frame is None else state.frame.horizontal
