"""Conflicts as rows of a workbook, a row for each side, and what a person marked in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from models.core.errors import UserError
from models.core.foreign import foreign
from models.exchange.merging import Conflict
from models.io.exchange.rows import time_text

#: Heads of the columns by which a row is found again, and of the one in which a person marks what counts.
HEADS = ("class", "key", "field", "base", "sender", "time", "value", "version", "choose")
#: More rows have no workbook that a person marks.
_MOST_ROWS = 200_000


def rows_of(conflicts: Iterable[Conflict], decided: Mapping[tuple[str, str, str], object]) -> list[list[object]]:
    """Return a row for each side of each conflict; what was decided is marked."""
    return [
        [*conflict.id, conflict.base, side.sender, time_text(side.time_us), side.value, side.version,
         "x" if conflict.id in decided and decided[conflict.id] == side.value else None]
        for conflict in conflicts
        for side in conflict.sides
    ]  # fmt: skip


def read_choices(path: Path) -> dict[tuple[str, str, str], str]:
    """Return conflict → hash of the version that is marked.

    Raises
    ------
    UserError
        ``exchange.no_choices`` where the columns are not there, ``exchange.two_choices``, and what reading raises.
    """
    import openpyxl

    path = Path(path)
    found: dict[tuple[str, str, str], str] = {}
    with foreign(path):
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            at: dict[str, int] = {}
            for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True, max_col=50)):
                if number > _MOST_ROWS:
                    raise UserError("exchange.too_many", file=path.name, limit=_MOST_ROWS)
                told = ["" if value is None else str(value).strip() for value in row]
                if not at:
                    at = {name: told.index(name) for name in HEADS if name in told} if "version" in told else {}
                    continue
                if not {"class", "key", "field", "version", "choose"} <= set(at):
                    break
                if told[at["choose"]]:
                    conflict = (told[at["class"]], told[at["key"]], told[at["field"]])
                    if conflict in found and found[conflict] != told[at["version"]]:
                        raise UserError("exchange.two_choices", file=path.name, key=conflict[1], field=conflict[2])
                    found[conflict] = told[at["version"]]
            if not at:
                raise UserError("exchange.no_choices", file=path.name)
        finally:
            book.close()
    return found
