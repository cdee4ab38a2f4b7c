"""How tables that are read, not written in, look and are chosen from."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


def dress_grid(view: QTableView, row_px: int) -> None:
    """Let a table choose whole rows, several at once, in rows of one height and two grounds.

    Parameters
    ----------
    view : QTableView
    row_px : int
        Height of a row.
    """
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setShowGrid(False)
    view.setAlternatingRowColors(True)
    view.setWordWrap(False)
    rows = view.verticalHeader()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else Qt asks a million rows how high they are
    rows.setDefaultSectionSize(row_px)
