"""``network build``: the graph of a table of pipes, and where its records disagree."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.options import add_trust_and_json

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.network.graph import HowBuilt, LayerNetwork

#: Findings of a kind that are printed; all of them are in the JSON.
_SHOWN = 20


def add_input(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what every verb of networks takes: files, layers, how ends meet."""
    parser.add_argument("files", nargs="+", metavar=w("cli.meta.file"), type=Path, help=w("cli.network.files"))
    parser.add_argument("--layer", default="", metavar=w("cli.meta.layer"), help=w("cli.network.layer"))
    parser.add_argument("--nodes", default="", metavar=w("cli.meta.layer"), help=w("cli.network.nodes"))
    parser.add_argument("--kind", default="", metavar="JS", help=w("cli.network.kind"))
    parser.add_argument("--tolerance", default=0.5, type=float, metavar="M", help=w("cli.network.tolerance"))
    parser.add_argument("--mode", choices=("both", "codes", "geometry"), default="both", help=w("cli.network.mode"))
    parser.add_argument("--flow", choices=("inverts", "drawn"), default="inverts", help=w("cli.network.flow"))
    parser.add_argument("--crs", default="", metavar="EPSG:4548", help=w("cli.option.crs"))
    add_trust_and_json(parser, w)


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    add_input(parser, w)
    parser.add_argument("--out", type=Path, metavar=w("cli.meta.out"), help=w("cli.network.out_findings"))


def opened(arguments: argparse.Namespace, lang: str) -> tuple[Session, LayerNetwork, dict[str, dict[str, str]]]:
    """Open what is given and build its network; return also which columns became which fields.

    Raises
    ------
    UserError
        ``network.no_layer``, ``network.bad_tolerance``, and those of opening and building.
    """
    from dataclasses import replace

    from app.command_line.terminal import session_of
    from app.usecases.network import bare_files
    from app.usecases.network.graph import network_of, pipe_layer
    from app.usecases.project import opening

    how = how_of(arguments)
    session = session_of(arguments, lang)
    opening.open_files(session, arguments.files, arguments.crs)
    bare_files.take_roles(session, arguments.layer, arguments.nodes)
    told = bare_files.bring_fields(session)
    layer = pipe_layer(session, arguments.layer)
    if arguments.kind:
        quoted = arguments.kind.replace("'", "''")
        session.project.set_state(session.project.state.with_layer(replace(layer, filter=f"kind = '{quoted}'")))
    return session, network_of(session, layer.id, how), told


def how_of(arguments: argparse.Namespace) -> HowBuilt:
    """Return how the graph is to be built.

    Raises
    ------
    UserError
        ``network.bad_tolerance``.
    """
    import math

    from app.usecases.network.graph import HowBuilt
    from models.core.errors import UserError

    if not (math.isfinite(arguments.tolerance) and 0 < arguments.tolerance <= 100):
        raise UserError("network.bad_tolerance", value=arguments.tolerance)
    return HowBuilt(arguments.tolerance, arguments.mode, arguments.flow)


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Print what hangs together and what does not."""
    from app.command_line.terminal import print_json, print_rows, say_synthetic, tell
    from app.usecases.network.result_tables import export_findings

    session, made, told = opened(arguments, lang)
    word, report = session.word, made.report
    if arguments.out is not None:
        export_findings(session, made, arguments.out)
    if arguments.json:
        print_json({**facts_of(session, made, told), "findings": _rows(report.findings), "parts": _rows(report.parts)})
    else:
        say_synthetic(session)
        for title, fields in told.items():
            tell(lang, "cli.network.mapped", layer=title, fields=", ".join(f"{k} ← {v}" for k, v in fields.items()))
        network = made.network
        tell(lang, "cli.network.built", layer=made.pipes.title(lang), nodes=f"{network.node_count:,}",
             edges=f"{network.edge_count:,}", length=f"{network.length_m.sum() / 1000:,.1f}",
             parts=f"{len(report.parts):,}", loops=f"{report.loops:,}")  # fmt: skip
        tell(lang, "cli.network.flows", **{name: f"{count:,}" for name, count in report.flow.items()})
        rows: list[list[object]] = []
        for kind, count in report.counts.items():
            rows.append([word(f"network.finding.{kind}"), f"{count:,}"])
        print_rows(rows or [[word("network.nothing_wrong"), ""]], lang)
        for kind in report.counts:
            _print_findings(kind, report.of(kind), word, lang)
    session.close()


def facts_of(session: Session, made: LayerNetwork, told: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return what every JSON of a network begins with."""
    network, report = made.network, made.report
    return {
        "synthetic": session.project.state.synthetic, "layer": made.pipes.name,
        "nodes_layer": None if made.nodes is None else made.nodes.name, "mode": report.mode,
        "tolerance_m": report.tolerance_m, "nodes": network.node_count, "edges": network.edge_count,
        "length_m": round(float(network.length_m.sum()), 3), "connected_parts": len(report.parts),
        "loops": report.loops, "flow": report.flow, "counts": report.counts, "mapped": told,
    }  # fmt: skip


def _rows(table: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.astype(object).where(table.notna(), None).to_dict("records")
    return found


def _print_findings(kind: str, rows: Any, word: Callable[..., str], lang: str) -> None:
    from app.command_line.terminal import print_rows
    from app.usecases.network.result_tables import distance_text, finding_text

    print(f"\n{word(f'network.finding.{kind}')}")
    print_rows([["  " + finding_text(row, word), distance_text(row)] for row in rows.head(_SHOWN).itertuples()], lang)
    if len(rows) > _SHOWN:
        print("  " + word("network.and_more", count=f"{len(rows) - _SHOWN:,}"))
