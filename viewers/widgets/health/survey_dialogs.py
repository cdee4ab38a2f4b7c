"""Before answers are taken in: which column is what, and what came of reading them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QScrollArea, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: So much of the list of fields and questions is seen at once, pixels.
LIST_PX = 380


class SurveyColumns(Ask):
    """Choose the column of each field of a person and of each question, and the scale of the answers.

    Parameters
    ----------
    appearance : Appearance
    columns : sequence of str
        Of the file, without those that tell who somebody is.
    chosen : mapping of str to str
        Column by field, as guessed.
    fields, scales : sequence of str
    questions : mapping of str to str
        What each question is called, by id.
    told : str
        How many questions were found, and which columns are left out.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, columns: Sequence[str], chosen: Mapping[str, str], fields: Sequence[str],
        scales: Sequence[str], questions: Mapping[str, str], told: str, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "survey.columns", parent)
        self.boxes: dict[str, PlainCombo] = {}
        form = QFormLayout()
        for name in fields:
            form.addRow(caption(appearance, f"survey.field.{name}"), self._box(name, columns, chosen))
        self.scale = PlainCombo()
        for one in scales:
            self.scale.addItem(appearance.word("survey.scale.auto") if one == "auto" else one, one)
        form.addRow(caption(appearance, "survey.scale"), self.scale)
        form.addRow(caption(appearance, "survey.columns.questions", "strong"))
        for name, title in questions.items():
            said = label("soft", wrap=True)
            said.setText(f"{name}  {title}")
            said.setFixedWidth(210)
            form.addRow(said, self._box(name, columns, chosen))
        inside = QWidget()
        inside.setLayout(form)
        form.setContentsMargins(0, 0, 10, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        listed = QScrollArea()
        listed.setFrameShape(QFrame.Shape.NoFrame)
        listed.setWidgetResizable(True)
        listed.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        listed.setWidget(inside)
        listed.setFixedHeight(LIST_PX)
        self.body.addWidget(caption(appearance, "survey.columns", "heading"))
        note = label("small", wrap=True)
        note.setText(told)
        self.body.addWidget(note)
        self.body.addWidget(listed)
        self.add_button("window.cancel", "")
        self.add_button("survey.read", "ok", "primary")
        self.setFixedWidth(560)

    def _box(self, name: str, columns: Sequence[str], chosen: Mapping[str, str]) -> PlainCombo:
        box = self.boxes[name] = PlainCombo()
        box.setSizeAdjustPolicy(PlainCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(12)
        box.addItem(self.appearance.word("survey.column.none"), "")
        for column in columns:
            box.addItem(column, column)
        box.setCurrentIndex(max(box.findData(chosen.get(name, "")), 0))
        return box

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
