"""Take the positions of components from points that a satellite receiver measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.usecases.layers.shapes import set_shapes
from models.core.errors import UserError
from models.core.plain_values import plain
from models.core.progress import Progress
from models.facilities.positions.fixes import column_of
from models.facilities.positions.surveyed import REACH_M, Surveyed, occupations, surveyed
from models.layers.layer import Layer, VectorData
from models.project.edits import Edit

if TYPE_CHECKING:
    import pandas as pd

    from app.session import Session


def point_layers(session: Session) -> list[Layer]:
    """Return the layers of points whose data is here."""
    found = []
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and data.count and data.columnar is None and "geometry" in data.frame.columns:
            kinds = set(data.frame.geom_type.dropna().unique())
            found += [layer] if kinds and kinds <= {"Point", "MultiPoint"} else []
    return found


def compare(
    session: Session, points: str, components: str, progress: Progress | None = None, *, antenna_m: float = 0.0,
    reach_m: float = REACH_M,
) -> Surveyed:  # fmt: skip
    """Hold measured points against the components of a layer; for a job thread.

    Parameters
    ----------
    session : Session
    points, components : str
        Layer ids.
    antenna_m, reach_m : float
        As :func:`models.facilities.positions.surveyed.surveyed` takes them.

    Raises
    ------
    UserError
        ``gnss.same_layer``; ``gnss.no_place`` for a layer without a CRS; ``gnss.no_fix`` where the points say nothing
        of how sure they are; ``project.no_frame``.
    """
    progress = progress or Progress()
    state = session.project.state
    if points == components:
        raise UserError("gnss.same_layer")
    if state.frame is None:
        raise UserError("project.no_frame")
    crs = state.frame.horizontal
    measured = _frame(session, points).to_crs(crs)
    progress.step(0.3, "progress.gnss.matching")
    if column_of(measured, "fix") is None and column_of(measured, "sigma") is None:
        raise UserError("gnss.no_fix", layer=state.layer(points).title(session.lang))
    if column_of(measured, "name") is None:
        measured = occupations(measured)
    register = _frame(session, components).to_crs(crs)
    progress.step(0.6, "progress.gnss.matching")
    return surveyed(measured, register, session.project.business_keys(components), antenna_m=antenna_m, reach_m=reach_m)


def _frame(session: Session, layer_id: str) -> Any:
    data = session.project.data.get(layer_id)
    if not isinstance(data, VectorData) or not data.crs:
        raise UserError("gnss.no_place", layer=session.project.state.layer(layer_id).title(session.lang))
    return data.frame


def take(session: Session, components: str, rows: pd.DataFrame, *, source: str, heights: bool = False) -> int:
    """Move components to where they were measured, with the accuracy class that follows, as one step.

    Parameters
    ----------
    session : Session
    components : str
        Layer id.
    rows : DataFrame
        Rows of :attr:`Surveyed.table`; those without a component are passed over.
    source : str
        Name of the file or layer they come from.
    heights : bool
        Whether the measured heights are those of the project (1985 datum) and are taken too, as ``ground_m``.

    Returns
    -------
    int
        How many were moved.
    """
    import shapely

    state = session.project.state
    if state.frame is None:
        raise UserError("project.no_frame")
    hit = rows[rows["oid"] >= 0]
    table = _frame(session, components)
    values: list[Edit] = []

    def put(oid: int, column: str, after: Any, basis: str) -> None:
        before = plain(table.at[oid, column]) if column in table.columns else None
        if before != after:
            values.append(Edit(components, oid, column, before, after, source=source, basis=basis, certainty="stated"))

    shapes: dict[int, Any] = {}
    for row in hit.to_dict("records"):
        oid = int(row["oid"])
        sure = f" ±{row['error_m']:.2f} m" if np.isfinite(row["error_m"]) else ""
        basis = f"GNSS {row['fix']}{sure}".strip()
        shapes[oid] = shapely.Point(row["x"], row["y"])
        if row["accuracy_class"]:
            put(oid, "accuracy_class", row["accuracy_class"], basis)
        if heights and np.isfinite(row["ground_m"]):
            put(oid, "ground_m", round(float(row["ground_m"]), 3), basis)
    set_shapes(
        session, components, shapes, label="history.take_positions", basis="GNSS", source=source,
        values=values, crs=state.frame.horizontal,
    )  # fmt: skip
    return len(shapes)
