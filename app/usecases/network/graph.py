"""The session's one graph of each layer of pipes: built when first asked for, built again when a table changed.

Whoever traces, draws a profile or isolates asks here, so that none of them shows what the tables no longer say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from models.core.errors import UserError
from models.layers.layer import Layer, VectorData
from models.network.ends import Mode
from models.network.graph import Network, ToleranceReport, build_network
from models.query.filtering import filtered

if TYPE_CHECKING:
    from app.session import Session


@dataclass(frozen=True, slots=True)
class HowBuilt:
    """How a graph is made of its tables (see :func:`models.network.graph.build_network`)."""

    tolerance_m: float = 0.5
    mode: Mode = "both"
    flow_by: str = "inverts"


@dataclass(frozen=True, slots=True, eq=False)
class LayerNetwork:
    """The graph of one layer of pipes.

    Parameters
    ----------
    pipes : Layer
    nodes : Layer or None
        The layer of its nodes.
    network : Network
        Places in the CRS of the project.
    report : ToleranceReport
    pipe_table, node_table : GeoDataFrame or None
        What it was made of: filters applied, in the CRS of the project.
    how : HowBuilt
    """

    pipes: Layer
    nodes: Layer | None
    network: Network
    report: ToleranceReport
    pipe_table: Any
    node_table: Any
    how: HowBuilt


def pipe_layers(session: Session) -> list[Layer]:
    """Return the layers of pipes whose data is here, bottom to top."""
    return [layer for layer in session.project.state.with_role("pipes") if layer.id in session.project.data]


def pipe_kinds(session: Session) -> list[str]:
    """Return the kinds (CJJ 61) of the pipes that are here, in the order of their codes."""
    found: set[str] = set()
    for layer in pipe_layers(session):
        data = session.project.data[layer.id]
        if isinstance(data, VectorData) and "kind" in data.fields:
            found |= {str(kind).upper() for kind in data.attributes["kind"].dropna().unique() if str(kind).strip()}
    return sorted(found)


def pipe_layer(session: Session, wanted: str = "") -> Layer:
    """Return a layer of pipes by id or name; without one the current layer if it is one, else the topmost.

    Raises
    ------
    UserError
        ``network.no_layer`` where there is none.
    """
    there = pipe_layers(session)
    if wanted:
        there = [layer for layer in there if wanted in (layer.id, layer.name, layer.name_en)]
    if not there:
        raise UserError("network.no_layer", layer=wanted)
    current = session.current_layer.id
    return next((layer for layer in there if layer.id == current), there[-1])


def network_of(session: Session, layer_id: str, how: HowBuilt | None = None) -> LayerNetwork:
    """Return the graph of a layer of pipes as its tables are now.

    Of a large network this takes seconds when a table changed since; ask from a job.

    Parameters
    ----------
    session : Session
    layer_id : str
        Layer of pipes.
    how : HowBuilt, optional

    Raises
    ------
    UserError
        ``project.no_layer``, ``project.no_data``, ``network.no_pipes``, ``crs.degrees``.
    """
    how = how or HowBuilt()
    pipes = session.project.state.layer(layer_id)
    nodes = nodes_of(session, pipes)
    stamp = _stamp(session, pipes, nodes, how)
    held = session.networks.get(layer_id)
    if held is not None and held[0] == stamp:
        return cast("LayerNetwork", held[1])
    pipe_table = table_of(session, pipes)
    node_table = None if nodes is None else table_of(session, nodes)
    network, report = build_network(
        pipe_table, node_table, tolerance_m=how.tolerance_m, mode=how.mode, flow_by=how.flow_by
    )
    made = LayerNetwork(pipes, nodes, network, report, pipe_table, node_table, how)
    session.networks[layer_id] = stamp, made
    return made


def is_current(session: Session, made: LayerNetwork) -> bool:
    """Whether a graph is still what its tables say."""
    held = session.networks.get(made.pipes.id)
    there = [layer for layer in pipe_layers(session) if layer.id == made.pipes.id]
    return bool(
        there
        and held is not None
        and held[1] is made
        and held[0] == _stamp(session, there[0], nodes_of(session, there[0]), made.how)
    )


def nodes_of(session: Session, pipes: Layer) -> Layer | None:
    """Return the layer of the nodes of a layer of pipes: the one that knows most of the codes at their ends."""
    there = [one for one in session.project.state.with_role("pipe_nodes") if one.id in session.project.data]
    if len(there) < 2:
        return there[0] if there else None
    data = session.project.data_of(pipes.id)
    if not isinstance(data, VectorData) or "start_node" not in data.fields:
        return there[-1]
    asked = set(data.attributes["start_node"].dropna().astype(str).iloc[:2000])
    known = []
    for layer in there:
        table = session.project.data_of(layer.id)
        codes = table.attributes["code"] if isinstance(table, VectorData) and "code" in table.fields else ()
        known.append(len(asked & {str(code) for code in codes}))
    return there[max(range(len(there)), key=lambda i: (known[i], i))]


def table_of(session: Session, layer: Layer) -> Any:
    """Return what passes a layer's filter as a GeoDataFrame in the project's CRS, index = fid.

    Raises
    ------
    UserError
        ``project.no_data``, ``network.no_lines`` for a table without geometry.
    """
    frame = session.project.state.frame
    crs = "" if frame is None else frame.horizontal
    data = filtered(layer, session.project.data_of(layer.id), crs)
    if not isinstance(data, VectorData) or not hasattr(data.frame, "geometry"):
        raise UserError("network.no_lines", layer=layer.name, layer_en=layer.name_en)
    table: Any = data.frame
    return table.to_crs(crs) if crs and table.crs is not None and table.crs != crs else table


def _stamp(session: Session, pipes: Layer, nodes: Layer | None, how: HowBuilt) -> tuple[object, ...]:
    """Return what a graph depends on; the data of a layer is another object once anything in it changed."""
    frame = session.project.state.frame
    layers = (pipes,) if nodes is None else (pipes, nodes)
    tables = tuple((layer.id, layer.filter, session.project.data_of(layer.id)) for layer in layers)
    return *tables, "" if frame is None else frame.horizontal, how
