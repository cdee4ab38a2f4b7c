"""Questions about lists and grades: what a file would change, and a figure to hold a value against."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from models.core.value_text import number
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.health.list_table import ListTable, TableColumn, table_rows


class TableDialog(Ask):
    """A table that is looked at; ``"ok"`` where it is to be taken over.

    Parameters
    ----------
    appearance : Appearance
    title : str
        Word key.
    about : str
        Above the table.
    heads : sequence of str
    rows : sequence of sequence of str
    parent : QWidget, optional
    takes : bool
        Whether there is something to take over.
    """

    def __init__(
        self, appearance: Appearance, title: str, about: str, heads: Sequence[str], rows: Sequence[Sequence[str]],
        parent: QWidget | None = None, *, takes: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(appearance, title, parent)
        text = label(wrap=True)
        text.setText(about)
        self.table = ListTable(appearance, "lists.import.nothing")
        columns = tuple(
            TableColumn(f"{at}", head, _width([head, *(row[at] for row in rows)])) for at, head in enumerate(heads)
        )
        self.table.show_rows(table_rows([f"{at}" for at in range(len(rows))], rows, columns, {}), columns)
        self.table.setMinimumHeight(330)
        self.body.addWidget(caption(appearance, title, "heading"))
        self.body.addWidget(text)
        self.body.addWidget(self.table, 1)
        if takes:
            self.add_button("window.cancel", "")
            self.take = self.add_button("lists.import.take", "ok", "primary")
        else:
            self.close_ = self.add_button("window.close", "", "primary")
        self.resize(860, 520)


def _width(texts: Sequence[str]) -> int:
    """Return a width for texts, pixels; a Chinese character counts as two."""
    widest = max(sum(2 if ord(sign) > 0x2E80 else 1 for sign in text) for text in texts[:300])
    return min(max(7 * widest + 26, 80), 320)


class FigureDialog(Ask):
    """Ask for a figure against which a value is held: kind, value, whose it is, where it is from.

    Parameters
    ----------
    appearance : Appearance
    indicator : str
        Its name.
    kinds : sequence of str
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, indicator: str, kinds: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "judging.figure", parent)
        self.kind = PlainCombo()
        for kind in kinds:
            self.kind.addItem(appearance.word(f"judging.kind.{kind}"), kind)
        self.value, self.name, self.source = QLineEdit(), QLineEdit(), QLineEdit()
        self.value.setPlaceholderText(number(85.0, 1))
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        for key, field in (("kind", self.kind), ("value", self.value), ("name", self.name), ("source", self.source)):
            form.addRow(caption(appearance, f"judging.figure.{key}"), field)
        title = label("heading", wrap=True)
        title.setText(indicator)
        self.body.addWidget(title)
        self.body.addLayout(form)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("window.ok", "ok", "primary")
        self.ok.setEnabled(False)
        self.value.textChanged.connect(lambda _: self.ok.setEnabled(self.number is not None))
        self.setFixedWidth(460)

    @property
    def number(self) -> float | None:
        """Return the value, None for what is no number."""
        try:
            return float(self.value.text().replace(",", ""))
        except ValueError:
            return None
