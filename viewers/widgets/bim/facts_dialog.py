"""What a building model states, before it goes into the city's record of the building."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import plain_tip

COLUMNS = ("fact", "value", "record", "source", "certainty")


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact as shown.

    Parameters
    ----------
    name, value : str
        ``value`` is empty where the model does not state it.
    record : str
        What the record of the building has now; empty where the record has no field for it.
    source, certainty : str
    changes : bool
        Whether taking it would change the record.
    """

    name: str
    value: str = ""
    record: str = ""
    source: str = ""
    certainty: str = ""
    changes: bool = False


class FactsDialog(Ask):
    """Show the facts of a model; answers ``"ok"`` to take them.

    Parameters
    ----------
    appearance : Appearance
    model : str
        Name of the model.
    building : str
        Name of the building that gets them, empty if there is none.
    rows : sequence of FactRow
    """

    def __init__(
        self, appearance: Appearance, model: str, building: str, rows: Sequence[FactRow], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "facts.title", parent)
        self.body.addWidget(caption(appearance, "facts.heading", "heading", wrap=True, model=model))
        where = label("soft", wrap=True)
        appearance.say(where.setText, "facts.building" if building else "facts.no_building", building=building)
        self.body.addWidget(where)
        self.table = QTableWidget(len(rows), len(COLUMNS))
        self.table.setHorizontalHeaderLabels([appearance.word(f"facts.column.{name}") for name in COLUMNS])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        for at, one in enumerate(rows):
            self._fill(at, one)
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for at, mode in enumerate(("ResizeToContents", "Interactive", "Interactive", "Stretch", "ResizeToContents")):
            head.setSectionResizeMode(at, QHeaderView.ResizeMode[mode])
        self.table.setColumnWidth(1, 180)
        self.table.setColumnWidth(2, 120)
        self.table.setColumnHidden(COLUMNS.index("record"), not building)
        self.table.verticalHeader().setDefaultSectionSize(27)
        self.table.setMinimumHeight(min(len(rows), 18) * 27 + 40)
        self.body.addWidget(self.table)
        note = label("faint", wrap=True)
        stated, changes = sum(bool(one.value) for one in rows), sum(one.changes for one in rows)
        key = "facts.note" if building else "facts.note_alone"
        appearance.say(note.setText, key, stated=stated, total=len(rows), changes=changes)
        self.body.addWidget(note)
        self.add_button("window.cancel" if building else "window.close", "")
        if building:
            self.ok = self.add_button("facts.take", "ok", "primary")
            self.ok.setEnabled(changes > 0)
        self.setFixedWidth(1000)

    def _fill(self, at: int, one: FactRow) -> None:
        appearance = self.appearance
        shown = (one.name, one.value or appearance.word("bim.not_stated"), one.record, one.source, one.certainty)
        for column, text in enumerate(shown):
            item = QTableWidgetItem(visible_text(text))
            item.setToolTip(plain_tip(text))
            if not one.value:
                item.setForeground(QColor(appearance.colours["text_faint"]))
            elif column == 1 and one.changes:
                item.setForeground(QColor(appearance.colours["accent"]))
            self.table.setItem(at, column, item)
