"""Who does the work of the tiles: this process, processes of this machine, or machines that wait at an address.

Workers run what the scheduler sends them. Therefore nothing beyond loopback is reached without TLS, where both sides
show a certificate, and nothing here listens beyond loopback.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from models.core.errors import UserError
from models.core.progress import Progress

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger("chengjing")

ONE_PROCESS, LOCAL = "none", "local"
#: Memory of one worker, bytes; Dask spills and restarts it beyond.
WORKER_BYTES = 1_000_000_000
#: So often a tile is tried again whose worker died.
TRIES = 3
#: A scheduler that does not answer for so long is not there, seconds.
PATIENCE_S = 10.0
#: Between two looks at what has ended.
LOOK_S = 0.05

Work = Callable[..., Any]
Task = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Certificates:
    """What shows who one is (PEM files)."""

    authority: Path
    certificate: Path
    key: Path


def checked(address: str, certificates: Certificates | None = None) -> str:
    """Return the address of a scheduler if it may be reached.

    Parameters
    ----------
    address : str
        ``"none"``, ``"local"``, ``"tcp://127.0.0.1:8786"`` or ``"tls://host:8786"``.
    certificates : Certificates, optional
        Needed for ``tls``.

    Raises
    ------
    UserError
        ``health.engine.address``, ``health.engine.needs_tls``, ``health.engine.needs_certificates``.
    """
    if address in (ONE_PROCESS, LOCAL):
        return address
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in ("tcp", "tls") or not host or not port:
        raise UserError("health.engine.address", address=address)
    if parts.scheme == "tcp" and not _is_loopback(host):
        raise UserError("health.engine.needs_tls", address=address)
    if parts.scheme == "tls":
        if certificates is None:
            raise UserError("health.engine.needs_certificates", address=address)
        for file in (certificates.authority, certificates.certificate, certificates.key):
            if not file.is_file():
                raise UserError("io.missing", file=file.name)
    return address


def workers_here() -> int:
    """Return how many workers this machine is given."""
    return max(1, os.cpu_count() or 1)


@contextmanager
def client_of(
    address: str, certificates: Certificates | None = None, workers: int = 0, folder: Path | None = None
) -> Iterator[Client]:
    """Give the client of a cluster: one that is made here and ends with it, or the one that waits at an address.

    Raises
    ------
    UserError
        As :func:`checked`; ``health.engine.no_answer``.
    """
    import dask
    from distributed import Client, LocalCluster
    from distributed.security import Security

    address = checked(address, certificates)
    settings = {
        "distributed.scheduler.allowed-failures": TRIES,
        "distributed.comm.timeouts.connect": PATIENCE_S,
        "distributed.admin.log-format": "%(message)s",
    }
    with dask.config.set(settings):
        if address == LOCAL:
            cluster = LocalCluster(
                n_workers=workers or workers_here(),
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                memory_limit=WORKER_BYTES,
                local_directory=str(folder) if folder else None,
                silence_logs=logging.CRITICAL,
            )
            with cluster, Client(cluster, set_as_default=False) as client:
                yield client
            return
        security = None
        if certificates is not None and address.startswith("tls://"):
            security = Security(
                tls_ca_file=str(certificates.authority),
                tls_client_cert=str(certificates.certificate),
                tls_client_key=str(certificates.key),
                require_encryption=True,
            )
        try:
            client = Client(address, timeout=PATIENCE_S, security=security, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise UserError("health.engine.no_answer", address=address) from error
        with client:
            yield client


def done_here(work: Work, tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[int, Any]]:
    """Do the work in this process, one task after the other; yields number of the task and what came of it."""
    for number, task in enumerate(tasks):
        progress.step(number / len(tasks), "progress.health.tile")
        yield number, work(*task)


def done_by(client: Client, work: Work, tasks: Sequence[Task], progress: Progress) -> Iterator[tuple[int, Any]]:
    """Have the work done by a cluster; yields as tasks end.

    A task whose worker dies is done again by another; one that kills every worker is left out, and the caller sees that
    its number never came. What goes wrong in the work itself is raised here.
    """
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError as error:
        raise UserError("health.engine.no_workers") from error
    waiting = {client.submit(work, *task, pure=False): number for number, task in enumerate(tasks)}
    ended = as_completed(list(waiting), loop=client.loop)
    try:
        for count in range(len(tasks)):
            future = _next(ended, progress, count / len(tasks))
            number = waiting.pop(future)
            try:
                yield number, future.result()
            except (KilledWorker, CancelledError) as error:
                log.warning("tile %d was given up: %s", number, error)
            future.release()
    finally:
        client.cancel(list(waiting))


def _next(ended: Any, progress: Progress, fraction: float) -> Any:
    """Return the next future that ended, looking now and then whether somebody asked to stop."""
    while not ended.has_ready():
        progress.step(fraction, "progress.health.tile")
        time.sleep(LOOK_S)
    return next(ended)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
