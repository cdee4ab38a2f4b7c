"""Lists whose order a hand changes by dragging; each item holds its id as ``UserRole``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget


def order_by_hand(rows: QListWidget, held: Callable[[], Sequence[str]], ask: Callable[[str, int], object]) -> None:
    """Let the items of a list be dragged to another place.

    Parameters
    ----------
    rows : QListWidget
    held : callable
        Gives the ids in the order that is kept.
    ask : callable
        Called with the id that was moved and its new place.
    """
    rows.setDragDropMode(QListWidget.DragDropMode.InternalMove)
    rows.setDefaultDropAction(Qt.DropAction.MoveAction)

    def on_moved() -> None:
        order = [str(rows.item(at).data(Qt.ItemDataRole.UserRole)) for at in range(rows.count())]
        if (moved := moved_one(held(), order)) is not None:
            ask(*moved)

    rows.model().rowsMoved.connect(on_moved)


def moved_one(before: Sequence[str], order: Sequence[str]) -> tuple[str, int] | None:
    """Return the one id without which both orders are the same, and its new place; None where there is no such one."""
    if sorted(order) != sorted(before) or list(order) == list(before):
        return None
    for at, one in enumerate(order):
        if [other for other in order if other != one] == [other for other in before if other != one]:
            return one, at
    return None
