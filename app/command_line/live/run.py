"""``live run``: receive the live sources of a project for a while."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.terminal import DONE, print_json, session_of

if TYPE_CHECKING:
    from app.session import Session

_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Declare the arguments."""
    parser.add_argument("project", metavar=w("cli.meta.project"), type=Path, help=w("cli.option.project"))
    parser.add_argument(
        "--for", dest="duration", type=seconds_of, default=0.0, metavar="10m", help=w("live.option.for")
    )
    parser.add_argument("--source", action="append", metavar=w("cli.meta.text"), help=w("live.option.source"))
    parser.add_argument("--every", type=seconds_of, default=10.0, metavar="10s", help=w("live.option.every"))
    parser.add_argument("--json", action="store_true", help=w("cli.option.json"))
    parser.add_argument("--trust", action="store_true", help=w("cli.option.trust"))


def seconds_of(text: str) -> float:
    """Return a duration such as ``"30"``, ``"30s"``, ``"10m"``, ``"2h"`` in seconds."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d+)?)([smhd]?)", text.strip())
    if not found:
        raise ValueError(text)
    return float(found[1]) * _SECONDS[found[2]]


def run(arguments: argparse.Namespace, lang: str) -> int:
    """Receive until the time is over or somebody interrupts; both keep what came."""
    from app.usecases.project import opening
    from app.usecases.readings import feeds

    session = session_of(arguments, lang)
    opening.open_project(session, arguments.project)
    chosen = [feeds.source_named(session, name).id for name in arguments.source or ()]
    feeds.start(session, chosen or None)
    end = time.monotonic() + arguments.duration if arguments.duration else float("inf")
    try:
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, arguments.every))
            if not arguments.json:
                _tell(session, lang)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    last = feeds.states(session)
    feeds.stop(session)
    if arguments.json:
        from app.usecases.readings.readings import store_of

        store = store_of(session)
        rows = [state_row(source.name, state) for source, state in last]
        print_json({"sources": rows, "readings": store.count() if store else 0})
    session.close()
    return DONE


def state_row(name: str, state: object) -> dict[str, object]:
    """Return the state of a source for JSON."""
    from dataclasses import asdict

    row: dict[str, object] = asdict(state)  # type: ignore[call-overload]
    return {"name": name, **row}


def _tell(session: Session, lang: str) -> None:
    from app.usecases.readings import feeds
    from viewers.texts.live_texts import state_line

    for source, state in feeds.states(session):
        if state.is_on:
            print(f"{time.strftime('%H:%M:%S')}  {source.name}  {state_line(state, lang)}", flush=True)
