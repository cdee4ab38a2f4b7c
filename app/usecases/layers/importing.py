"""Inspect a file before it is opened: its contents, its first rows, and whether settings must be asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.workers import patience_s, run_child
from app.usecases.project.adding_layers import ASKED_CRS, ORIGIN
from models.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.background.jobs import Job
    from app.session import Session
    from models.layers.layer import Layer


def may_ask(path: Path) -> bool:
    """Whether a file may hold several tables, told in milliseconds by what stands in it.

    A file with one table opens at once; one with several is looked into first.
    """
    from models.io.registry import find_format

    try:
        row = find_format(path)
    except UserError:
        return False  # opening says why
    return row.table_count is not None and row.table_count(path) > 1


def needs_choice(info: dict[str, Any]) -> bool:
    """Whether a person should choose among what a file holds."""
    return bool(sum(layer.get("count") != 0 for layer in info.get("sublayers") or ()) > 1)


def look_into(session: Session, path: Path, done: Callable[[dict[str, Any]], object]) -> Job:
    """Look into a file in a child process and hand what it holds to ``done``."""
    return session.run(
        "job.inspect_file",
        lambda progress: run_child(
            "models.io.inspect:info_json", {"path": str(path)}, progress, session.workers,
            most_silent_s=patience_s(path),
        ),
        done, file=path.name,
    )  # fmt: skip


def preview(
    session: Session,
    path: Path,
    sublayer: str,
    encoding: str,
    done: Callable[[dict[str, Any]], object],
    failed: Callable[[BaseException], None],
) -> Job:
    """Read the first rows of one table in a child process."""
    asked = {"path": str(path), "sublayer": sublayer, "encoding": encoding}
    return session.jobs.run(
        "job.preview_rows",
        lambda progress: run_child(
            "models.io.preview_table:rows_json", asked, progress, session.workers, most_silent_s=patience_s(path),
        ),
        done, failed=failed, background=True, file=path.name,
    )  # fmt: skip


def origin_of(layer: Layer) -> Path | None:
    """Return the file that a layer came from, None where nobody noted it."""
    origin = layer.source.path or layer.source.options.get(ORIGIN, "")
    return Path(origin) if origin else None


def last_settings(layer: Layer) -> dict[str, str]:
    """Return how a layer was read, for the dialog that reads it again."""
    known = dict(layer.source.options)
    known.pop(ORIGIN, None)
    crs = known.pop(ASKED_CRS, "")
    return known | ({"crs": crs} if crs else {})
