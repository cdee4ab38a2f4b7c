"""Unit grids and responsibility grids: how they are to be made, and what is not as it should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QFormLayout, QRadioButton, QVBoxLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, number_field, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.facilities.code_rows import CodeRows

_DIALOG_PX = 520
_FINDINGS_PX = QSize(560, 372)
Way = Literal["community", "subdistrict", "number"]
#: Ways to join unit grids, in the order in which they stand in the dialog.
WAYS: tuple[Way, ...] = ("community", "subdistrict", "number")


class UnitGridDialog(Ask):
    """How large unit grids are to be; answers ``"ok"``, then :attr:`area` (m²) and :attr:`bgid` hold."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "grids.title", parent)
        self.body.addWidget(caption(appearance, "grids.title", "heading"))
        self.body.addWidget(caption(appearance, "grids.why", "soft", wrap=True))
        self.area = number_field(1_000, 200_000, 10_000, suffix=" m²", decimals=0, step=1_000)
        self.area.setGroupSeparatorShown(True)
        self.area.setFixedWidth(140)
        self.bgid = QCheckBox()
        appearance.say(self.bgid.setText, "grids.bgid")
        form = _form()
        form.addRow(caption(appearance, "grids.area"), self.area)
        self.body.addLayout(form)
        self.body.addWidget(self.bgid)
        self.body.addWidget(caption(appearance, "grids.uncertain", "small", wrap=True))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("grids.make", "ok", "primary")
        self.setFixedWidth(_DIALOG_PX)


class ResponsibilityGridDialog(Ask):
    """How unit grids are to be joined; answers ``"ok"``, then the properties hold.

    Parameters
    ----------
    appearance : Appearance
    layers : sequence of (id, title)
        Layers of unit grids.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, layers: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "grids.responsibility.title", parent)
        self.body.addWidget(caption(appearance, "grids.responsibility.title", "heading"))
        self.body.addWidget(caption(appearance, "grids.responsibility.why", "soft", wrap=True))
        self.layer = PlainCombo()
        for layer_id, title in layers:
            self.layer.addItem(title, layer_id)
        self.layer.setMinimumContentsLength(22)
        self._group = QButtonGroup(self)
        self.ways = [QRadioButton() for _ in WAYS]
        for at, (way, press) in enumerate(zip(WAYS, self.ways, strict=True)):
            appearance.say(press.setText, f"grids.responsibility.{way}")
            self._group.addButton(press, at)
        self.count = number_field(1, 999, 10, decimals=0)
        self.count.setFixedWidth(92)
        self.count.setEnabled(False)
        self._group.idToggled.connect(lambda *_: self.count.setEnabled(self.way == "number"))
        self.ways[0].setChecked(True)
        self.member = QCheckBox()
        self.member.setChecked(True)
        appearance.say(self.member.setText, "grids.responsibility.member")
        by_number = row(self.ways[2], self.count, 1, gap=10)
        form = _form()
        form.addRow(caption(appearance, "grids.responsibility.layer_of"), row(self.layer, 1))
        form.addRow(
            caption(appearance, "grids.responsibility.by"), column(self.ways[0], self.ways[1], by_number, gap=6)
        )
        self.body.addLayout(form)
        self.body.addWidget(self.member)
        self.body.addWidget(caption(appearance, "grids.responsibility.uncertain", "small", wrap=True))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("grids.responsibility.make", "ok", "primary")
        self.setFixedWidth(_DIALOG_PX)

    @property
    def layer_id(self) -> str:
        """Return the id of the layer of unit grids."""
        return str(self.layer.currentData() or "")

    @property
    def way(self) -> Way:
        """Return one of :data:`WAYS`."""
        return WAYS[max(self._group.checkedId(), 0)]


class GridFindings(Ask):
    """What a check of grids found, beside the city; a double click flies there.

    Signals
    -------
    go_requested : (layer id, oid)
    export_requested : (DataFrame of texts)
    """

    go_requested = Signal(str, int)
    export_requested = Signal(object)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "grids.findings.title", parent)
        self.setModal(False)
        self.title = label("heading", wrap=True)
        self.body.addWidget(self.title)
        self.body.addWidget(caption(appearance, "grids.findings.why", "soft", wrap=True))
        self.rows = CodeRows(appearance, kinds_px=148)
        self.rows.go_requested.connect(self._go)
        self.body.addWidget(self.rows, 1)
        self.export = button(appearance, "codes.list.export", "quiet")
        self.export.setAutoDefault(False)
        self.export.clicked.connect(self._export)
        self._foot.insertWidget(0, self.export)
        self.add_button("window.close", "")
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)  # noqa: S101 - as Ask makes it
        outer.setStretch(0, 1)  # the rows take what is left, not the space above the foot
        outer.setStretch(1, 0)
        self._places: list[tuple[str, int]] = []
        self.resize(_FINDINGS_PX)

    def show_findings(self, title: str, places: pd.DataFrame) -> None:
        """Show findings: ``code``, ``kind``, ``value``, ``layer``, ``oid``."""
        word = self.appearance.word
        self.title.setText(title)
        self._places = list(zip(places["layer"], places["oid"], strict=True))
        counts = places["kind"].value_counts()
        frame = pd.DataFrame({
            "kind": places["kind"].to_numpy(object), "oid": range(len(places)),
            "code": places["code"].to_numpy(object),
            "kind_text": [word(f"grids.kind.{kind}") for kind in places["kind"]],
            "value": [_quantity(kind, value) for kind, value in zip(places["kind"], places["value"], strict=True)],
        })  # fmt: skip
        columns = [("kind_text", word("codes.column.kind"), 112), ("code", word("grids.findings.code"), 138),
                   ("value", word("grids.findings.value"), 0)]  # fmt: skip
        kinds = [(str(kind), f"{word(f'grids.kind.{kind}')}  {count:,}", False) for kind, count in counts.items()]
        self.rows.show_rows(frame, columns, kinds, word("codes.all", count=f"{len(frame):,}"))

    def _go(self, at: int) -> None:
        self.go_requested.emit(*self._places[at])

    def _export(self) -> None:
        self.export_requested.emit(self.rows.shown_texts())


def _quantity(kind: str, value: float) -> str:
    if kind == "code":
        return "—"
    return f"{value:,.1f} m" if kind == "road" else f"{value:,.0f} m²"


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(18)
    form.setVerticalSpacing(9)
    return form
