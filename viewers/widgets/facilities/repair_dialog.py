"""What a repair would change, before it is done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.grids import dress_grid

#: Rows that are shown; a repair of more says so.
SHOWN = 500


class RepairDialog(Ask):
    """Lists what would change; nothing is done until it is wanted.

    Parameters
    ----------
    appearance : Appearance
    rows : sequence of (object, field, before, after)
    left : int
        Failures that the repair cannot mend.
    parent : QWidget, optional

    Signals
    -------
    apply_requested : ()
    """

    apply_requested = Signal()

    def __init__(
        self, appearance: Appearance, rows: Sequence[tuple[str, str, str, str]], left: int,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "gate.repair.title", parent)
        word = appearance.word
        said = label("strong", wrap=True)
        said.setText(word("gate.repair.count", count=f"{len(rows):,}") if rows else word("gate.repair.nothing"))
        self.body.addWidget(said)
        if left:
            rest = label("small", wrap=True)
            rest.setText(word("gate.repair.left", count=f"{left:,}"))
            self.body.addWidget(rest)
        self.table = QTableWidget(min(len(rows), SHOWN), 4)
        dress_grid(self.table, 28)
        self.table.verticalHeader().hide()
        self.table.setHorizontalHeaderLabels(
            [word(f"gate.repair.{head}") for head in ("object", "field", "before", "after")]
        )
        for at, cells in enumerate(rows[:SHOWN]):
            for place, text in enumerate(cells):
                self.table.setItem(at, place, QTableWidgetItem(visible_text(text)))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(220)
        self.table.setVisible(bool(rows))
        self.body.addWidget(self.table, 1)
        self.cancel = self.add_button("gate.repair.cancel", "")
        self.apply = self.add_button("gate.repair.apply", "apply", "primary")
        self.apply.setEnabled(bool(rows))
        self.apply.clicked.connect(self.apply_requested)
        self.resize(620, 380)
