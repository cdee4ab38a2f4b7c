"""``network isolate``: the valves that isolate a burst, and who is without water then."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.network.questions import Answer
    from models.network.isolation import Loss


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from app.command_line.network.build import add_input

    add_input(parser, w)
    parser.add_argument(
        "--from", dest="starts", action="append", default=[], metavar=w("cli.meta.code"), help=w("cli.network.burst")
    )
    parser.add_argument(
        "--valve", dest="valves", action="append", default=[], metavar=w("cli.meta.code"), help=w("cli.network.valve")
    )
    for state in ("closed", "faulty"):
        parser.add_argument(
            f"--{state}", action="append", default=[], metavar=w("cli.meta.code"), help=w(f"cli.network.{state}")
        )
    parser.add_argument("--buildings", type=float, default=60.0, metavar="M", help=w("cli.network.buildings"))
    parser.add_argument("--out", type=Path, metavar=w("cli.meta.out"), help=w("cli.network.out"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Isolate, and print valves and customers."""
    from app.command_line.network.build import facts_of, how_of, opened
    from app.command_line.terminal import print_json, print_rows, say_synthetic, tell
    from app.usecases.network import questions, result_tables
    from models.core.errors import UserError

    if bool(arguments.starts) == bool(arguments.valves):
        raise UserError("network.burst_or_valve")
    session, made, told = opened(arguments, lang)

    def valves(texts: list[str]) -> tuple[int, ...]:
        return tuple(place.oid for place in (questions.place_of(made, text) for text in texts) if place.is_node)

    question = questions.Question(
        "isolate" if arguments.starts else "closed", made.pipes.id,
        tuple(questions.place_of(made, text) for text in arguments.starts or arguments.valves),
        closed=valves(arguments.closed), faulty=valves(arguments.faulty), how=how_of(arguments),
        buildings_m=arguments.buildings,
    )  # fmt: skip
    found = questions.answer(session, question)
    if arguments.out is not None:
        result_tables.export(session, found, arguments.out)
    if arguments.json:
        print_json({**facts_of(session, made, told), **_facts(session, found)})
    else:
        say_synthetic(session)
        for key, fields in result_tables.summary_of(found):
            tell(lang, key, **fields)
        for key, fields in result_tables.notes_of(found):
            tell(lang, key, **fields)
        table = result_tables.list_of(session, found)
        shown = table[
            ~table["what"].isin([session.word("network.list.closed_part"), session.word("network.list.cut_off")])
        ]
        print_rows([[row.what, row.code, row.state] for row in shown.head(200).itertuples()], lang)
    session.close()


def _facts(session: Session, found: Answer) -> dict[str, Any]:
    from app.usecases.network.result_tables import losses_of
    from models.network.trace import name_of

    network = found.network

    def names(nodes: Any) -> list[str]:
        return [name_of(network, int(i)) for i in nodes]

    def loss(part: Loss) -> dict[str, Any]:
        layers = {
            session.project.state.layer(layer_id).name: oids.tolist()
            for layer_id, oids in found.buildings.by_layer(part.attached).items()
        }
        return {
            "pipe_fids": found.pipes(part.edges).tolist(), "length_m": round(part.length_m, 3),
            "customers": names(part.customers), "hydrants": names(part.hydrants), "buildings": layers,
        }  # fmt: skip

    facts: dict[str, Any] = {part: loss(one) for part, one in losses_of(found).items()}
    plan = found.plan
    if plan is None:
        return facts
    price = found.price
    return facts | {
        "close": [{"valve": name, "fed": bool(fed)} for name, fed in zip(names(plan.close), plan.fed, strict=True)],
        "closed_already": names(plan.shut), "cannot_close": names(plan.passed), "state_unknown": names(plan.unknown),
        "dry_before": plan.dry_before, "sources": names(plan.sources), "sources_lost": names(plan.sources_lost),
        "water_m3": round(found.water_m3, 2), "water_unknown_m": round(found.water_unknown_m, 2),
        "price_of_faults": None if price is None else {
            "valves": price.valves, "customers": price.customers, "buildings": price.attached,
            "hydrants": price.hydrants, "length_m": round(price.length_m, 2),
        },
    }  # fmt: skip
