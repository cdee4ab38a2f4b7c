"""``network trace``: up, down, to the outlet, the shortest way, all that hangs together."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what the verb takes."""
    from app.command_line.network.build import add_input

    add_input(parser, w)
    parser.add_argument(
        "--from", dest="starts", action="append", required=True, metavar=w("cli.meta.code"), help=w("cli.network.from")
    )
    parser.add_argument(
        "--to", dest="targets", action="append", default=[], metavar=w("cli.meta.code"), help=w("cli.network.to")
    )
    parser.add_argument(
        "--direction",
        choices=("up", "down", "outlet", "path", "connected"),
        default="",
        help=w("cli.network.direction"),
    )
    parser.add_argument("--out", type=Path, metavar=w("cli.meta.out"), help=w("cli.network.out"))


def run(arguments: argparse.Namespace, lang: str) -> None:
    """Trace, and print the way."""
    from app.command_line.network.build import facts_of, how_of, opened
    from app.command_line.terminal import print_json, print_rows, say_synthetic, tell
    from app.usecases.network import questions, result_tables
    from models.core.errors import UserError
    from models.network.trace import name_of

    direction = arguments.direction or ("path" if arguments.targets else "down")
    if (direction == "path") != bool(arguments.targets):
        raise UserError("network.path_needs_target")
    session, made, told = opened(arguments, lang)
    starts = tuple(questions.place_of(made, text) for text in arguments.starts)
    targets = tuple(questions.place_of(made, text) for text in arguments.targets)
    question = questions.Question(direction, made.pipes.id, starts, targets, how=how_of(arguments))
    found = questions.answer(session, question)
    trace = found.trace
    assert trace is not None  # noqa: S101 - a trace was asked for
    if arguments.out is not None:
        result_tables.export(session, found, arguments.out)
    network = found.network
    pipes = found.pipes(trace.edges)
    codes = result_tables.codes_of_pipes(made, pipes).tolist()
    ends = [name_of(network, int(i)) for i in trace.ends]
    if arguments.json:
        print_json({
            **facts_of(session, made, told), "direction": direction, "complete": trace.complete,
            "length_m": round(trace.length_m, 3), "pipes": codes, "pipe_fids": pipes.tolist(),
            "nodes": [name_of(network, int(i)) for i in trace.nodes], "ends": ends,
            "stopped_by": [name_of(network, int(i)) for i in trace.stopped],
        })  # fmt: skip
    else:
        say_synthetic(session)
        tell(lang, f"network.result.{direction}", pipes=f"{len(pipes):,}", nodes=f"{len(trace.nodes):,}",
             length=f"{trace.length_m:,.1f}")  # fmt: skip
        for key in result_tables.notes_of(found):
            tell(lang, key[0], **key[1])
        shown = " ".join(codes[:40]) + (" …" if len(codes) > 40 else "")
        rows = [[session.word("network.list.end"), " ".join(ends[:12])]] if ends else []
        print_rows([*rows, [session.word("network.list.pipe"), shown]], lang)
    session.close()
