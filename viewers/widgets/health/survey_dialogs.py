"""Before answers are taken in: which column is what, and what came of reading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QFormLayout, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo


class SurveyColumns(Ask):
    """Choose the column of each field of a person, and the scale of the answers.

    Parameters
    ----------
    appearance : Appearance
    columns : sequence of str
        Of the file, without those that tell who somebody is.
    chosen : mapping of str to str
        Column by field, as guessed.
    fields, scales : sequence of str
    told : str
        How many questions were found, and which columns are left out.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, columns: Sequence[str], chosen: Mapping[str, str], fields: Sequence[str],
        scales: Sequence[str], told: str, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "survey.columns", parent)
        self.boxes: dict[str, PlainCombo] = {}
        form = QFormLayout()
        for name in fields:
            box = PlainCombo()
            box.addItem(appearance.word("survey.column.none"), "")
            for column in columns:
                box.addItem(column, column)
            box.setCurrentIndex(max(box.findData(chosen.get(name, "")), 0))
            self.boxes[name] = box
            form.addRow(caption(appearance, f"survey.field.{name}"), box)
        self.scale = PlainCombo()
        for one in scales:
            self.scale.addItem(appearance.word("survey.scale.auto") if one == "auto" else one, one)
        form.addRow(caption(appearance, "survey.scale"), self.scale)
        self.body.addWidget(caption(appearance, "survey.columns", "heading"))
        note = label("small", wrap=True)
        note.setText(told)
        self.body.addWidget(note)
        self.body.addLayout(form)
        self.add_button("window.cancel", "")
        self.add_button("survey.read", "ok", "primary")
        self.setFixedWidth(460)

    @property
    def columns(self) -> dict[str, str]:
        """Return the column of each field that has one."""
        return {name: str(box.currentData()) for name, box in self.boxes.items() if box.currentData()}


class SurveyTaken(Ask):
    """What came of reading: take it or leave it."""

    def __init__(self, appearance: Appearance, lines: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(appearance, "survey.taken", parent)
        self.body.addWidget(caption(appearance, "survey.taken", "heading"))
        for one in lines:
            told = label("soft", wrap=True)
            told.setText(one)
            self.body.addWidget(told)
        self.add_button("window.cancel", "")
        self.add_button("survey.take", "ok", "primary")
        self.setFixedWidth(460)
