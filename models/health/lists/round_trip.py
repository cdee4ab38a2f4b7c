"""What a table that was edited elsewhere changes in a list: row by row, looked at before anything is taken over.

Invariants
----------
1. A row is found by its id and nothing else; a row that is not of this list is refused and named.
2. Only columns that a person may set are read. A cell that says what it said changes nothing.
3. A bad cell refuses its row, not the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.core.errors import UserError
from models.health.lists.columns import COLUMNS, ROWS_OF, Anything, Column, checked, edited
from models.health.lists.rows import ProjectRow


@dataclass(frozen=True, slots=True)
class CellChange:
    """One value that would change."""

    row: str
    column: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken over.

    Parameters
    ----------
    line : int
        Of the table, 1 being the first below the heads.
    id : str
    reason : str
        ``"no_id"``, ``"unknown"``, ``"twice"``, ``"bad_value"``.
    column, value : str
        Of the bad cell.
    """

    line: int
    id: str
    reason: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """What a table would change.

    Parameters
    ----------
    kind : str
        Of the list.
    changes : tuple of CellChange
    refused : tuple of Refused
    rows : tuple
        The rows that change, as they would be.
    added : int
        How many of them are new; only projects can be added by a table.
    same : int
        How many rows say what they said.
    ignored : tuple of str
        Heads that no column of the list has.
    """

    kind: str
    changes: tuple[CellChange, ...]
    refused: tuple[Refused, ...]
    rows: tuple[Anything, ...]
    added: int
    same: int
    ignored: tuple[str, ...]


def differences(
    kind: str,
    rows: Sequence[Anything],
    heads: Sequence[str],
    table: Sequence[Sequence[str]],
    column_named: Callable[[str, str], Column | None],
    value_of: Callable[[Column, str], Any],
    says: Callable[[Anything, Column, str], bool],
) -> Differences:
    """Return what a table would change in a list.

    Parameters
    ----------
    kind : str
        A key of :data:`~models.health.lists.columns.COLUMNS`.
    rows : sequence
        Of the list, as they are.
    heads : sequence of str
        Of the table.
    table : sequence of sequence of str
        Texts; empty for nothing.
    column_named : callable
        Kind and head → column, None for none.
    value_of : callable
        Column and text → value: what a cell says in the words of a language.
    says : callable
        Row, column and text → whether the cell of the list says just that, such as a sentence that was made of ids.

    Raises
    ------
    UserError
        ``health.lists.no_id_column`` where the table does not say which row is which.
    """
    found = [column_named(kind, head) for head in heads]
    at_id = next((at for at, one in enumerate(found) if one is not None and one.name == "id"), None)
    if at_id is None or kind not in ROWS_OF:
        raise UserError("health.lists.no_id_column", kind=kind)
    known = {row.id: row for row in rows}
    seen: set[str] = set()
    changes: list[CellChange] = []
    refused: list[Refused] = []
    fresh: list[Anything] = []
    added = same = 0
    for line, cells in enumerate(table, 1):
        own = cells[at_id].strip() if at_id < len(cells) else ""
        before = known.get(own)
        if before is None and kind == "projects" and any(cell.strip() for cell in cells):
            before = _new_project(own, known, fresh)
        if before is None or (own and own in seen):
            reason = "twice" if own in seen else "unknown" if own else "no_id"
            refused.append(Refused(line, own, reason))
            continue
        seen.add(before.id)
        try:
            after, made = _with_cells(before, found, cells, value_of, says)
        except _BadCellError as bad:
            refused.append(Refused(line, own, "bad_value", bad.column, bad.value))
            continue
        if before.id not in known:
            added += 1
        elif not made:
            same += 1
            continue
        changes += made
        fresh.append(after)
    ignored = tuple(head for head, one in zip(heads, found, strict=True) if one is None and head)
    return Differences(kind, tuple(changes), tuple(refused), tuple(fresh), added, same, ignored)


class _BadCellError(Exception):
    def __init__(self, column: str, value: str) -> None:
        super().__init__(column)
        self.column, self.value = column, value


def _with_cells(
    row: Anything,
    columns: Sequence[Column | None],
    cells: Sequence[str],
    value_of: Callable[[Column, str], Any],
    says: Callable[[Anything, Column, str], bool],
) -> tuple[Anything, list[CellChange]]:
    changes = []
    own = row
    for column, text in zip(columns, cells, strict=False):
        if column is None or not column.is_editable or says(own, column, text):
            continue
        before = getattr(own, column.name)
        try:
            after = checked(column, value_of(column, text))
            if after == before:
                continue
            row = edited(row, column, after if column.kind != "codes" else text)
        except UserError:
            raise _BadCellError(column.name, text[:60]) from None
        changes.append(CellChange(row.id, column.name, before, after))
    return row, changes


def _new_project(wanted: str, known: Mapping[str, Any], fresh: Sequence[Anything]) -> ProjectRow | None:
    """Return a new project; None where its id looks like that of another list."""
    if "|" in wanted:
        return None
    return ProjectRow(wanted or next_project_id([*known, *(row.id for row in fresh)]), "")


def next_project_id(taken: Sequence[str]) -> str:
    """Return the first free id of a project."""
    numbers = [int(one[1:]) for one in taken if one[:1] == "P" and one[1:].isdecimal()]
    return f"P{max(numbers, default=0) + 1}"


def heads_of(kind: str) -> tuple[Column, ...]:
    """Return the columns of a list.

    Raises
    ------
    UserError
        ``health.lists.no_kind``.
    """
    if kind not in COLUMNS:
        raise UserError("health.lists.no_kind", kind=kind, known=", ".join(COLUMNS))
    return COLUMNS[kind]
