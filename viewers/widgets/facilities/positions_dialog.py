"""Hold what a satellite receiver measured against the register, and choose what is taken over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QPushButton, QWidget

from models.facilities.positions.fixes import fixes
from models.query.ranking import Ranking, Rows, ranking_of
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, number_field, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.ranked_list import RankedColumn, RankedList

#: Columns and their widths.
_COLUMNS = {"point": 150, "matched": 78, "offset_m": 84, "fix": 84, "error_m": 78, "accuracy_class": 62,
            "accuracy_before": 62, "epochs": 64, "spread_m": 78, "why": 170}  # fmt: skip
_NUMBERS = ("offset_m", "error_m", "epochs", "spread_m")


class PositionsDialog(Ask):
    """The table of measured points; stays open beside the city.

    Signals
    -------
    open_requested : () measurements are to be opened
    compare_requested : (str points, str components, float antenna_m, float reach_m)
    take_requested : (DataFrame rows, bool heights)
    export_requested : (array of int) rows of the list
    """

    open_requested = Signal()
    compare_requested = Signal(str, str, float, float)
    take_requested = Signal(object, bool)
    export_requested = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "gnss.title", parent)
        self.setModal(False)
        self.table = pd.DataFrame()
        self.points, self.register = PlainCombo(), PlainCombo()
        for box in (self.points, self.register):
            box.setMinimumContentsLength(20)
        self.antenna = number_field(0.0, 10.0, 0.0, suffix=" m", decimals=3, step=0.1)
        self.reach = number_field(0.5, 100.0, 5.0, suffix=" m", decimals=1)
        self.heights = QCheckBox()
        appearance.say(self.heights.setText, "gnss.heights")
        appearance.say(self.heights.setToolTip, "gnss.heights.tip")
        open_file = button(appearance, "gnss.open", "quiet")
        open_file.clicked.connect(self.open_requested)
        self.compare = button(appearance, "gnss.compare")
        self.compare.clicked.connect(self._ask)
        left, right = QFormLayout(), QFormLayout()
        for form in (left, right):
            form.setHorizontalSpacing(14)
            form.setVerticalSpacing(8)
        left.addRow(caption(appearance, "gnss.points"), row(self.points, open_file, gap=8))
        left.addRow(caption(appearance, "gnss.register"), self.register)
        right.addRow(caption(appearance, "gnss.antenna"), self.antenna)
        right.addRow(caption(appearance, "gnss.reach"), self.reach)
        asked = row(left, right, gap=28)
        asked.setStretch(0, 1)
        self.body.addWidget(caption(appearance, "gnss.head", "heading"))
        self.body.addLayout(asked)
        self.list = RankedList(appearance)
        self.list.setMinimumHeight(300)
        self.list.export_requested.connect(self.export_requested)
        self.list.view.selectionModel().selectionChanged.connect(lambda *_: self._tell())
        self.state = label("small", wrap=True)
        appearance.say(self.state.setText, "gnss.none")
        self.body.addLayout(column(row(self.heights, 1, self.compare), self.state, gap=8))
        self.body.addWidget(self.list, 1)
        self.list.hide()
        self.body.addStretch(0)
        self.add_button("window.close", "")
        self.take_chosen = self._taking("")
        self.take_better = self._taking("primary")
        self._tell()
        self.resize(980, 620)

    def _taking(self, kind: str) -> QPushButton:
        press = QPushButton()
        press.setProperty("kind", kind)
        press.setAutoDefault(False)
        self._foot.addWidget(press)
        which = self._better if kind else self._chosen
        press.clicked.connect(lambda: self.take_requested.emit(which(), self.heights.isChecked()))
        return press

    # --- what the window shows -----------------------------------------------------------------------------------
    def set_layers(
        self, points: Sequence[tuple[str, str]], registers: Sequence[tuple[str, str]], newest: str = ""
    ) -> None:
        """Offer layers (id, name): points that may be measured, components, and which points to propose."""
        for box, layers in ((self.points, points), (self.register, registers)):
            held = str(box.currentData() or "")
            box.clear()
            for layer_id, name in layers:
                box.addItem(name, layer_id)
            box.setCurrentIndex(max(box.findData(held), 0))
        if newest:
            self.points.setCurrentIndex(max(self.points.findData(newest), 0))
        self.compare.setEnabled(bool(points and registers))

    def show_table(self, layer_id: str, table: pd.DataFrame) -> None:
        """Show what a comparison gave; components are of this layer."""
        lang, word = self.appearance.lang, self.appearance.word
        order = np.argsort(-table["offset_m"].fillna(-1.0).to_numpy(), kind="stable")
        self.table = table = table.iloc[order].reset_index(drop=True)
        kinds = {one.id: one.title(lang) for one in fixes().values()}
        texts = {
            "point": table["point"].where(table["point"] != "", (table.index + 1).astype(str)),
            "matched": table["matched"].map(lambda one: word(f"gnss.matched.{one}") if one else ""),
            "why": table["why"].map(lambda one: word(f"gnss.why.{one}") if one else ""),
            "fix": table["fix"].map(lambda one: kinds.get(one, "")),
            "accuracy_class": table["accuracy_class"],
            "accuracy_before": table["accuracy_before"],
        }
        values = {name: texts[name].to_numpy(dtype=object) for name in texts}
        values |= {name: table[name].to_numpy(dtype=np.float64) for name in _NUMBERS}
        ranking = ranking_of([layer_id] * len(table), table["oid"].to_numpy(np.int64), values)
        columns = [
            RankedColumn(
                name, word(f"gnss.{name}"), _number_text(name) if name in _NUMBERS else str, width,
                is_number=name in _NUMBERS, stretches=name == "why",
                tip=word(f"gnss.{name}.tip") if name in ("offset_m", "error_m") else "",
            )
            for name, width in _COLUMNS.items()
        ]  # fmt: skip
        self.list.show_ranking(ranking, columns, "", self._total, "")
        self.state.hide()
        self.list.show()
        self._tell()

    def _total(self, ranking: Ranking, rows: Rows) -> str:
        few = self.table.iloc[rows]
        hit = few[few["oid"] >= 0]
        if hit.empty:
            return self.appearance.word("gnss.total_none", points=f"{len(few):,}")
        return self.appearance.word(
            "gnss.total", points=f"{len(few):,}", matched=f"{len(hit):,}", better=f"{int(hit['better'].sum()):,}",
            median=f"{hit['offset_m'].median():,.2f}", largest=f"{hit['offset_m'].max():,.2f}",
        )  # fmt: skip

    # --- what a hand does ----------------------------------------------------------------------------------------
    def _ask(self) -> None:
        points, register = str(self.points.currentData() or ""), str(self.register.currentData() or "")
        self.compare_requested.emit(points, register, self.antenna.value(), self.reach.value())

    def _better(self) -> pd.DataFrame:
        return self.table[self.table["better"]] if len(self.table) else self.table

    def _chosen(self) -> pd.DataFrame:
        if not len(self.table):
            return self.table
        few = self.table.iloc[self.list.chosen_rows()]
        return few[few["oid"] >= 0]

    def _tell(self) -> None:
        better, chosen = self._better(), self._chosen()
        presses = ((self.take_chosen, chosen, "gnss.take_chosen"), (self.take_better, better, "gnss.take_better"))
        for press, rows, key in presses:
            press.setText(self.appearance.word(key, count=f"{len(rows):,}"))
            press.setEnabled(bool(len(rows)))


def _number_text(name: str) -> Callable[[Any], str]:
    digits = {"epochs": 0, "offset_m": 2}.get(name, 3)
    return lambda value: f"{float(value):,.{digits}f}"
