"""The history of states as a table of its own: what changed, when, by whom and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from models.core.spreadsheet_text import guarded
from models.facilities.register.state_history import since
from models.store import atomic

if TYPE_CHECKING:
    from app.session import Session


def table(session: Session, day: str = "") -> pd.DataFrame:
    """Return the changes on or after a day, all where none is given, oldest first.

    Columns: ``layer``, ``object_key``, ``time``, ``before``, ``after``, ``author``, ``reason``.
    """
    names = {layer.id: layer.title(session.lang) for layer in session.project.state.layers}
    changes = since(session.project.state.state_changes, day)
    return pd.DataFrame(
        {
            "layer": [names.get(one.layer, one.layer) for one in changes],
            "object_key": [one.key or str(one.oid) for one in changes],
            "time": [one.time for one in changes],
            "before": [one.before for one in changes],
            "after": [one.after for one in changes],
            "author": [one.author for one in changes],
            "reason": [one.reason for one in changes],
        },
        dtype=object,
    )


def export(session: Session, path: Path) -> None:
    """Write the history as CSV that no spreadsheet program runs.

    Raises
    ------
    UserError
        ``register.no_history`` where nothing changed; what writing can raise.
    """
    from models.core.errors import UserError

    told = table(session)
    if not len(told):
        raise UserError("register.no_history")
    told.columns = pd.Index([session.word(f"component.column.{name}") for name in told.columns])
    path = path if path.suffix else path.with_suffix(".csv")
    atomic.write_text(path, told.map(guarded).to_csv(index=False, lineterminator="\r\n"), encoding="utf-8-sig")
    session.notices.info("notice.state_history", file=path.name)
