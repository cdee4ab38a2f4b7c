"""What says on the command line who works indicators out: this process, processes here, or machines elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session import Session
    from app.usecases.health.tiled import OverTiles, Told


def add(parser: argparse.ArgumentParser, w: Callable[[str], str]) -> None:
    """Say what can be said of it."""
    parser.add_argument("--scheduler", default="none", metavar="local", help=w("cli.option.scheduler"))
    parser.add_argument("--workers", type=int, default=0, metavar="4", help=w("cli.option.workers"))
    parser.add_argument("--tiles", type=Path, metavar=w("cli.meta.folder"), help=w("cli.option.tiles"))
    parser.add_argument("--always", action="store_true", help=w("cli.option.always"))
    parser.add_argument("--tls-ca", type=Path, metavar="ca.pem", help=w("cli.option.tls_ca"))
    parser.add_argument("--tls-cert", type=Path, metavar="cert.pem", help=w("cli.option.tls_cert"))
    parser.add_argument("--tls-key", type=Path, metavar="key.pem", help=w("cli.option.tls_key"))


@contextmanager
def measuring(arguments: argparse.Namespace, session: Session) -> Iterator[OverTiles | None]:
    """Give what measures over tiles; None where one process is to do it.

    Raises
    ------
    UserError
        As :func:`models.health.engine.scheduler.checked`.
    """
    from app.usecases.health.tiled import over_tiles
    from models.health.engine.scheduler import ONE_PROCESS, Certificates

    if arguments.scheduler == ONE_PROCESS:
        yield None
        return
    files = (arguments.tls_ca, arguments.tls_cert, arguments.tls_key)
    certificates = Certificates(*files) if all(files) else None
    frame = session.project.state.frame
    with over_tiles(
        arguments.scheduler, frame.horizontal if frame is not None else "", arguments.tiles,
        max(arguments.workers, 0), always=arguments.always, certificates=certificates,
    ) as found:  # fmt: skip
        yield found


def sentences(session: Session, told: Sequence[Told]) -> list[str]:
    """Return how each indicator was worked out, and why so."""
    return [f"{one.code}: {session.word(f'health.engine.choice.{one.choice.reason}', **one.facts())}" for one in told]
