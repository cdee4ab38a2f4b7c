"""Give objects another shape or place, as one step that is undone like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.layers.layer import VectorData
from models.project.edits import SHAPE, Edit, merged, shape_text

if TYPE_CHECKING:
    from app.session import Session


def set_shapes(
    session: Session, layer_id: str, shapes: Mapping[int, Any], *, label: str = "history.move_objects",
    basis: str = "typed", source: str = "", certainty: str = "stated", values: Sequence[Edit] = (),
    crs: str = "",
) -> None:  # fmt: skip
    """Move or reshape objects of a layer.

    Parameters
    ----------
    session : Session
    layer_id : str
    shapes : mapping of int to shapely geometry
        By feature id.
    label : str
        Word of the step.
    basis, source, certainty : str
        Where the places come from, as in :class:`~models.project.edits.Edit`.
    values : sequence of Edit
        Further values that are put in with the same step.
    crs : str
        In which the shapes stand; empty for that of the layer's data.

    Raises
    ------
    UserError
        ``layer.no_shapes`` for a table without shapes.
    """
    data = session.project.data.get(layer_id)
    if not isinstance(data, VectorData) or "geometry" not in data.frame.columns:
        raise UserError("layer.no_shapes", layer=session.project.state.layer(layer_id).title(session.lang))
    old = data.frame.geometry
    fresh = [
        Edit(layer_id, oid, SHAPE, shape_text(old.loc[oid], data.crs), shape_text(shape, crs or data.crs),
             source=source, basis=basis, certainty=certainty)
        for oid, shape in shapes.items() if oid in old.index
    ]  # fmt: skip
    if fresh or values:
        session.history.do(label, lambda state: replace(state, edits=merged(state.edits, [*fresh, *values])))
