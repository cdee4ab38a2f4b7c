"""Templates of definitions as files: an edition with its changes as TOML, and what a workbook says of it.

A template is a table in the form of ``resources/standards/health/<edition>/``: ``[edition]``, ``[[dimension]]`` and
``[[indicator]]`` with all that belongs to an indicator. Taken in, each row that differs becomes changes of the log;
what a file does not name stays as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.core.errors import UserError, first_line
from models.health.definitions.stars import StarSet, read_star_set
from models.health.editions import EditionTables

#: Bytes of a file of definitions, at the most.
MOST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Template:
    """What a file of definitions says.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of indicators, as far as the file says them.
    dimensions : sequence of mapping
    stars : StarSet or None
        A set of star items, where the file is one.
    """

    rows: Sequence[Mapping[str, Any]] = ()
    dimensions: Sequence[Mapping[str, Any]] = ()
    stars: StarSet | None = field(default=None)


def as_toml(tables: EditionTables, codes: Sequence[str] = ()) -> str:
    """Return definitions as the text of a template: all, or those of some codes."""
    import tomli_w

    chosen = [dict(row) for code, row in tables.rows.items() if not codes or code in codes]
    about = {key: tables.about[key] for key in ("edition", "dimension") if key in tables.about}
    return tomli_w.dumps({**about, "indicator": chosen}, multiline_strings=False)


def read_toml(path: Path) -> Template:
    """Return what a template says.

    Raises
    ------
    UserError
        ``health.template_damaged`` with the reason, ``health.stars_damaged``.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("health.template_damaged", file=path.name, reason=f"> {MOST_BYTES} B")
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError("health.template_damaged", file=path.name, reason=first_line(error)) from None
    if "set" in table:
        return Template(stars=read_star_set(table, path.name))
    rows, dimensions = table.get("indicator", []), table.get("dimension", [])
    for part in (rows, dimensions):
        if not isinstance(part, list) or not all(isinstance(row, dict) for row in part):
            raise UserError("health.template_damaged", file=path.name, reason="[[indicator]]")
    if not all({"id", "zh", "en"} <= set(row) for row in dimensions):
        raise UserError("health.template_damaged", file=path.name, reason="[[dimension]]")
    if not rows:
        raise UserError("health.template_damaged", file=path.name, reason="[[indicator]]")
    return Template(rows, dimensions)
