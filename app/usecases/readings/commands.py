"""Commands to equipment: off unless a person switches them on, sent by an explicit word, logged, never repeated.

Invariants
----------
1. Both must allow it: the setting of this machine (``live_commands``), which no project can change, and the source.
2. While a moment of the past is shown nothing is sent.
3. Who, when and what is on the disk before anything goes out; the outcome follows in a line of its own.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.usecases.project.trust import require_host
from app.usecases.readings.feeds import source_named
from models.core.errors import UserError
from models.io.live.commands import Command, Outcome, checked
from models.io.live.commands import send as send_by_mqtt
from models.readings.folder import folder_beside

if TYPE_CHECKING:
    from app.session import Session

LOG = "commands.jsonl"


def may_send(session: Session, source_id: str) -> bool:
    """Whether this machine and the source allow commands, and what is live is shown."""
    source = source_named(session, source_id)
    return bool(session.settings.get("live_commands")) and source.commands and session.clock.is_live


def send(session: Session, source_id: str, command: Command, who: str, wait_s: float = 10.0) -> Outcome:
    """Send a command that a person confirmed. May run on any thread.

    Raises
    ------
    UserError
        ``live.command.off``, ``live.command.past``, ``live.command.who``, ``live.command.topic``, ``live.command.log``,
        ``project.untrusted``, ``readings.no_project``.
    """
    source = source_named(session, source_id)
    if not session.settings.get("live_commands") or not source.commands or source.kind != "mqtt":
        raise UserError("live.command.off", source=source.name)
    if not session.clock.is_live:
        raise UserError("live.command.past")
    if not who.strip():
        raise UserError("live.command.who")
    require_host(session, source.name, source.address)
    checked(command)
    number = f"{time.time_ns():x}"
    _note(session, {"number": number, "who": who.strip(), "source": source.name, **asdict(command)})
    outcome = send_by_mqtt(source, session.keys.of(source.address), command, f"chengjing-command-{number}", wait_s)
    _note(session, {"number": number, "state": outcome.state, "answer": outcome.answer})
    return outcome


def log_of(session: Session, most: int = 200) -> list[dict[str, Any]]:
    """Return the last commands with their outcomes, newest first; one without an outcome was interrupted."""
    path = session.project.path
    file = None if path is None else folder_beside(path) / LOG
    if file is None or not file.exists():
        return []
    found: dict[str, dict[str, Any]] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines()[-4 * most :]:
        try:
            row = json.loads(line)
            found.setdefault(str(row["number"]), {}).update(row)
        except (ValueError, KeyError, TypeError, RecursionError):  # a line that a crash cut
            continue
    return list(found.values())[::-1][:most]


def _note(session: Session, row: dict[str, Any]) -> None:
    path = session.project.path
    if path is None:
        raise UserError("readings.no_project")
    file: Path = folder_beside(path) / LOG
    text = json.dumps({"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **row}, ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as out:
            out.write(text + "\n")
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        raise UserError("live.command.log", file=file.name) from None
