"""Answers of a network as tables: for GeoPackage and CSV, for the terminal and for lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.background.jobs import Job
from app.notices import notice_of_caution
from app.usecases.network.graph import LayerNetwork
from app.usecases.network.questions import Answer
from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.io.format import WriteRequest
from models.network.ends import Ints
from models.network.isolation import Loss, table_of_valves
from models.network.network import FLOW_BASES, Network
from models.network.trace import name_of

if TYPE_CHECKING:
    from app.session import Session

#: Findings whose ``other`` has a word of its own.
_WITH_OTHER = ("near_miss", "piece", "duplicate_edge")


def tables_of(session: Session, answer: Answer) -> dict[str, Any]:
    """Return the tables of an answer as GeoDataFrames in the project's CRS, empty ones left out.

    ``pipes`` and ``nodes`` are rows of the project's tables with ``part`` beside them: ``trace``, or ``closed_part``
    and ``cut_off``; ``valves`` has what is to be done with each; ``buildings`` those without water.
    """
    network = answer.network
    found: dict[str, Any] = {}
    if answer.trace is not None:
        found["pipes"] = _pipes(answer, {"trace": answer.trace.edges})
        found["nodes"] = _nodes(answer, {"trace": answer.trace.nodes})
    losses = losses_of(answer)
    if answer.plan is not None:
        valves = table_of_valves(network, answer.plan, answer.states)
        found["valves"] = _points(session, valves.drop(columns=["node"]))
    if losses:
        found["pipes"] = _pipes(answer, {part: loss.edges for part, loss in losses.items()})
        found["nodes"] = _nodes(answer, {part: loss.nodes for part, loss in losses.items()})
        found |= _buildings(session, answer, losses)
    return {name: table for name, table in found.items() if table is not None and len(table)}


def list_of(session: Session, answer: Answer) -> Any:
    """Return an answer as one list, a row an object: ``what``, ``code``, ``fid``, ``kind``, ``state``, ``length_m``."""
    import pandas as pd

    network = answer.network
    parts: list[Any] = []

    def add(what: str, code: Any, fid: Any, kind: Any = "", state: Any = "", length_m: Any = np.nan) -> None:
        if len(fid):
            columns = {"code": code, "fid": fid, "kind": kind, "state": state, "length_m": length_m}
            parts.append(pd.DataFrame({"what": session.word(f"network.list.{what}"), **columns}))

    def nodes(what: str, at: Ints, state: Any = "") -> None:
        add(what, network.node_key[at], network.node_oid[at], network.node_type[at], state)

    def pipes(what: str, edges: Ints) -> None:
        fids = network.edge_pipe[edges]
        add(
            what, codes_of_pipes(answer.made, fids), fids, network.kind[edges], "", np.round(network.length_m[edges], 2)
        )

    if answer.trace is not None:
        nodes("end", answer.trace.ends)
        pipes("pipe", answer.trace.edges)
    if answer.plan is not None:
        plan = answer.plan
        for what, at in (("close", plan.close), ("shut", plan.shut), ("passed", plan.passed)):
            nodes(what, at, answer.states[at])
    for part, loss in losses_of(answer).items():
        nodes("customer", loss.customers)
        nodes("hydrant", loss.hydrants)
        for layer_id, oids in answer.buildings.by_layer(loss.attached).items():
            add("building", session.project.state.layer(layer_id).title(session.lang), oids)
        pipes(part, loss.edges)
    if not parts:
        return pd.DataFrame(columns=["what", "code", "fid", "kind", "state", "length_m"])
    return pd.concat(parts, ignore_index=True)


def losses_of(answer: Answer) -> dict[str, Loss]:
    """Return the parts of the network that an answer says are without water."""
    if answer.plan is not None:
        return {"closed_part": answer.plan.segment, "cut_off": answer.plan.cut}
    return {} if answer.loss is None else {"cut_off": answer.loss}


def export(session: Session, answer: Answer, out: Path) -> Job:
    """Write an answer: a GeoPackage with its tables, or a list as .csv or .xlsx.

    Raises
    ------
    UserError
        ``export.unknown_format``, ``export.nothing``, and those of writing files.
    """
    out = Path(out).resolve()
    if out.suffix.lower() not in (".gpkg", ".csv", ".xlsx"):
        raise UserError("export.unknown_format", file=out.name, suffix=out.suffix)
    synthetic = answer.made.pipes.synthetic
    name = f"network_{answer.question.what}"

    def work(progress: Progress) -> list[Caution]:
        from models.io.vector.write_features import write_features, write_layers

        progress.step(0.1, "progress.writing")
        if out.suffix.lower() == ".gpkg":
            return write_layers(out, tables_of(session, answer), synthetic=synthetic, progress=progress)
        table = list_of(session, answer)
        table.index.name = "row"
        return write_features(out, table, WriteRequest(name, name, synthetic), progress)

    def done(cautions: list[Caution]) -> None:
        for caution in cautions:
            session.notices.add(notice_of_caution(caution))
        session.notices.info("notice.written", file=out.name)

    return session.run("job.export", work, done, file=out.name)


def codes_of_pipes(made: LayerNetwork, fids: Ints) -> Any:
    """Return the codes of pipes, their numbers where they have none."""
    import pandas as pd

    numbers = pd.Series(fids, dtype=object).map(lambda fid: f"#{fid}").to_numpy(dtype=object)
    if "code" not in made.pipe_table.columns:
        return numbers
    codes = made.pipe_table["code"].reindex(fids).to_numpy(dtype=object)
    return np.where(pd.isna(codes) | (codes == ""), numbers, codes)


def _pipes(answer: Answer, parts: dict[str, Ints]) -> Any:
    import pandas as pd

    table = answer.made.pipe_table
    found = []
    for part, edges in parts.items():
        fids = answer.pipes(edges)
        found.append(table.loc[fids].assign(fid_pipe=fids, part=part))
    return pd.concat(found, ignore_index=True)


def _nodes(answer: Answer, parts: dict[str, Ints]) -> Any:
    import pandas as pd

    table = answer.made.node_table
    if table is None:
        return None
    found = []
    for part, nodes in parts.items():
        oids = answer.network.node_oid[nodes]
        oids = oids[oids >= 0]
        found.append(table.loc[oids].assign(fid_node=oids, part=part))
    return pd.concat(found, ignore_index=True)


def _points(session: Session, table: Any) -> Any:
    import geopandas as gpd

    frame = session.project.state.frame
    points = gpd.points_from_xy(table["x"], table["y"])
    return gpd.GeoDataFrame(
        table.drop(columns=["x", "y"]), geometry=points, crs=None if frame is None else frame.horizontal
    )


def _buildings(session: Session, answer: Answer, losses: dict[str, Loss]) -> dict[str, Any]:
    import pandas as pd

    from app.usecases.network.graph import table_of

    found: dict[str, list[Any]] = {}
    for part, loss in losses.items():
        for layer_id, oids in answer.buildings.by_layer(loss.attached).items():
            table = table_of(session, session.project.state.layer(layer_id))
            here = oids[np.isin(oids, table.index)]
            found.setdefault(layer_id, []).append(table.loc[here].assign(fid_building=here, part=part))
    names = {layer: "buildings" if i == 0 else f"buildings_{i + 1}" for i, layer in enumerate(found)}
    return {names[layer]: pd.concat(tables, ignore_index=True) for layer, tables in found.items()}


def export_findings(session: Session, made: LayerNetwork, out: Path) -> Job:
    """Write what does not hang together: points in a GeoPackage, or a list as .csv or .xlsx.

    Raises
    ------
    UserError
        ``export.unknown_format``, ``export.nothing``, and those of writing files.
    """
    out = Path(out).resolve()
    table = made.report.findings.assign(
        kind=[session.word(f"network.finding.{kind}") for kind in made.report.findings["kind"]]
    )

    def work(progress: Progress) -> list[Caution]:
        from models.io.vector.write_features import write_features

        request = WriteRequest("network_findings", "network_findings", made.pipes.synthetic)
        return write_features(out, _points(session, table), request, progress)

    def done(cautions: list[Caution]) -> None:
        for caution in cautions:
            session.notices.add(notice_of_caution(caution))
        session.notices.info("notice.written", file=out.name)

    return session.run("job.export", work, done, file=out.name)


def finding_text(row: Any, word: Callable[..., str]) -> str:
    """Return a finding in a line, what tells it best first: code, the other party, pipe and end."""
    parts = [str(row.code)] if row.code else []
    if row.other:
        parts.append(word(f"network.other.{row.kind}" if row.kind in _WITH_OTHER else "network.other", other=row.other))
    if row.pipe >= 0:
        parts.append(word("network.at.pipe", pipe=row.pipe) + (f" {word(f'network.at.{row.end}')}" if row.end else ""))
    elif row.node >= 0 and not row.code:
        parts.append(word("network.at.node", node=row.node))
    return " · ".join(parts)


def distance_text(row: Any) -> str:
    """Return how far a finding is off, empty where nothing is measured."""
    return f"{row.distance_m:,.2f} m" if row.distance_m == row.distance_m else ""


def summary_of(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """Return the figures of an isolation as words and their fields."""
    losses = losses_of(answer)
    customers = sum(len(loss.customers) for loss in losses.values())
    hydrants = sum(len(loss.hydrants) for loss in losses.values())
    buildings = sum(len(loss.attached) for loss in losses.values())
    figures = {
        "customers": f"{customers:,}", "hydrants": f"{hydrants:,}", "buildings": f"{buildings:,}",
        "length": f"{sum(loss.length_m for loss in losses.values()):,.1f}",
    }  # fmt: skip
    if answer.plan is None:
        return [("network.result.closed", figures)]
    return [("network.result.isolate", figures | {"close": f"{len(answer.plan.close):,}"})]


def notes_of(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """Return what has to be said beside the figures of an answer, as words and their fields, gravest first."""
    network, notes = answer.network, list[tuple[str, dict[str, Any]]]()
    trace, plan = answer.trace, answer.plan
    if trace is not None:
        if not trace.complete:
            notes.append(("network.note.no_outlet", {"end": name_of(network, int(trace.ends[0]))}))
        if len(trace.stopped):
            notes.append(
                ("network.note.stopped", {"count": len(trace.stopped), "valves": _names(network, trace.stopped)})
            )
        drawn = int((network.flow_basis[trace.edges] == FLOW_BASES.index("drawn")).sum())
        if drawn and trace.what in ("up", "down", "outlet"):
            notes.append(("network.note.drawn", {"count": drawn}))
        return notes
    if plan is None:
        return notes
    if plan.open_ended:
        notes.append(("network.note.open_ended", {}))
    if len(plan.passed):
        notes.append(("network.note.passed", {"count": len(plan.passed), "valves": _names(network, plan.passed)}))
    if answer.price is not None:
        price = answer.price
        notes.append((
            "network.note.price",
            {"valves": f"{price.valves:+d}", "customers": f"{price.customers:+d}", "buildings": f"{price.attached:+d}",
             "hydrants": f"{price.hydrants:+d}", "length": f"{price.length_m:+,.0f}"},
        ))  # fmt: skip
    if len(plan.shut):
        notes.append(("network.note.shut", {"count": len(plan.shut), "valves": _names(network, plan.shut)}))
    if len(plan.unknown):
        notes.append(("network.note.unknown", {"count": len(plan.unknown), "valves": _names(network, plan.unknown)}))
    if not len(plan.sources):
        notes.append(("network.note.no_source", {}))
    if len(plan.sources_lost):
        notes.append(("network.note.source_lost", {"valves": _names(network, plan.sources_lost)}))
    if plan.dry_before:
        notes.append(("network.note.dry_before", {"count": plan.dry_before}))
    return notes


def _names(network: Network, nodes: Ints) -> str:
    shown = "、".join(name_of(network, int(i)) for i in nodes[:6])
    return shown + (" …" if len(nodes) > 6 else "")
