"""Look into a file before it is opened: whether it needs a question, what is in it, how its first rows look."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.background.workers import run_child
from app.usecases.project.adding_layers import ASKED_CRS, ORIGIN
from models.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.background.jobs import Job
    from app.session import Session
    from models.layers.layer import Layer

_HEAD_BYTES = 4_000_000


def may_ask(path: Path) -> bool:
    """Whether a file may hold several tables, told in milliseconds by what stands in it.

    A file with one table opens at once; one with several is looked into first.
    """
    from models.io.registry import find_reader

    try:
        reader = find_reader(path)
    except UserError:
        return False  # opening says why
    suffix = path.suffix.lower()
    if reader == "vector":
        if suffix in (".gdb", ".dxf"):
            return True
        if suffix in (".gpkg", ".sqlite", ".db"):
            return _tables_in(path) > 1
        if suffix in (".kml", ".kmz", ".gml", ".xml"):
            return suffix == ".kmz" or _folders_in(path) > 1
        return False
    if reader == "spreadsheet":
        return _sheets_in(path) > 1
    return str(reader) == "zip"


def needs_choice(info: dict[str, Any]) -> bool:
    """Whether a person should choose among what a file holds."""
    return bool(sum(layer.get("count") != 0 for layer in info.get("sublayers") or ()) > 1)


def look_into(session: Session, path: Path, done: Callable[[dict[str, Any]], object]) -> Job:
    """Look into a file in a child process and hand what it holds to ``done``."""
    return session.run(
        "job.inspect_file",
        lambda progress: run_child("models.io.preview_table:info_json", {"path": str(path)}, progress, session.workers),
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
        lambda progress: run_child("models.io.preview_table:rows_json", asked, progress, session.workers),
        done, failed=failed, background=True, file=path.name,
    )  # fmt: skip


def origin_of(layer: Layer) -> Path | None:
    """Return the file that a layer came from, None where nobody noted it."""
    said = layer.source.path or layer.source.options.get(ORIGIN, "")
    return Path(said) if said else None


def last_settings(layer: Layer) -> dict[str, str]:
    """Return how a layer was read, for the dialog that reads it again."""
    known = dict(layer.source.options)
    known.pop(ORIGIN, None)
    crs = known.pop(ASKED_CRS, "")
    return known | ({"crs": crs} if crs else {})


def _tables_in(path: Path) -> int:
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database,
    ):
        names = [str(row[0]) for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if "gpkg_contents" in names:
            names = [str(row[0]) for row in database.execute("SELECT table_name FROM gpkg_contents")]
        elif "geometry_columns" in names:
            names = [str(row[0]) for row in database.execute("SELECT f_table_name FROM geometry_columns")]
        kept = ("layer_styles", "qgis_projects", "chengjing_", "gpkg_", "sqlite_", "rtree_", "idx_", "spatial_ref_sys")
        return sum(not name.lower().startswith(kept) for name in names)
    return 1


def _folders_in(path: Path) -> int:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if path.suffix.lower() == ".kml":
            return len(re.findall(rb"<(?:\w+:)?Folder\b", head))
        return len(set(re.findall(rb"<(?:\w+:)?(?:featureMember|member)\b[^>]*>\s*<([\w:.-]+)", head)))
    return 1


def _sheets_in(path: Path) -> int:
    with contextlib.suppress(zipfile.BadZipFile, OSError, KeyError, ValueError), zipfile.ZipFile(path) as archive:
        name = "content.xml" if path.suffix.lower() == ".ods" else "xl/workbook.xml"
        with archive.open(name) as stream:
            head = stream.read(_HEAD_BYTES)
        return len(re.findall(rb"<(?:\w+:)?(?:sheet|table:table)\s", head))
    return 1
