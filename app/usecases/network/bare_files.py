"""Networks of files that are no project: which table is the pipes, which the nodes, and what their columns mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from models.layers.layer import Layer, VectorData
from models.roles import Role

if TYPE_CHECKING:
    from app.session import Session

#: Roles of which nobody has said yet that they are something else.
_OPEN = ("other", "pipes", "pipe_nodes", "facilities", "roads")


def take_roles(session: Session, pipes: str = "", nodes: str = "") -> None:
    """Give tables that were named, or of which there is only one that fits, the roles of pipes and nodes.

    Parameters
    ----------
    session : Session
    pipes, nodes : str
        Id or name of a layer; empty to find it.
    """
    for wanted, role, of_lines in ((pipes, "pipes", True), (nodes, "pipe_nodes", False)):
        state = session.project.state
        if not wanted and state.with_role(role):
            continue
        fitting = [layer for layer in state.layers if _holds(session, layer, of_lines)]
        named = [layer for layer in fitting if wanted in (layer.id, layer.name, layer.name_en)]
        chosen = named[:1] if wanted else (fitting if len(fitting) == 1 else [])
        for layer in chosen:
            _become(session, layer, role)  # type: ignore[arg-type]


def bring_fields(session: Session) -> dict[str, dict[str, str]]:
    """Bring foreign tables of pipes and nodes to the canonical fields; return which column became which field.

    A table that has the fields already is left as it is.
    """
    from models.facilities.register.applying import apply
    from models.facilities.register.guessing import guess

    told: dict[str, dict[str, str]] = {}
    for role, kind, own in (("pipes", "pipes", "start_node"), ("pipe_nodes", "nodes", "node_type")):
        for layer in session.project.state.with_role(role):
            data = session.project.data.get(layer.id)
            if not isinstance(data, VectorData) or own in data.fields:
                continue
            mapping = guess(data.frame, kind, name=layer.name)
            table, _ = apply(data.frame, mapping)
            session.project.put_data(layer.id, VectorData(table, data.cautions))
            told[layer.title(session.lang)] = {one.target: " + ".join(one.sources) for one in mapping.fields}
    return told


def _holds(session: Session, layer: Layer, of_lines: bool) -> bool:
    """Whether a layer holds lines, or points, and may be what is looked for."""
    data: Any = session.project.data.get(layer.id)
    if not isinstance(data, VectorData) or not data.count or layer.role not in _OPEN:
        return False
    shapes = np.asarray(getattr(data.frame, "geometry", ()), dtype=object)[:200]
    kinds = shapely.get_type_id(shapes) if len(shapes) else np.empty(0)
    return bool(len(kinds)) and bool(np.isin(kinds[kinds >= 0], (1, 5) if of_lines else (0, 4)).all())


def _become(session: Session, layer: Layer, role: Role) -> None:
    if layer.role != role:
        session.project.set_state(session.project.state.with_layer(replace(layer, role=role)))
