"""What a project is: title, source, author and note can be changed; the rest is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label, line
from viewers.widgets.common.dialogs import Ask

NOTE_PX = 76


@dataclass(frozen=True, slots=True)
class ProjectAbout:
    """What can be changed of a project's properties."""

    title: str = ""
    title_en: str = ""
    source: str = ""
    author: str = ""
    note: str = ""


class ProjectDialog(Ask):
    """Shows the properties of a project; answers ``"ok"`` where they are to be changed to :attr:`about`.

    Parameters
    ----------
    appearance : Appearance
    about : ProjectAbout
    usual_author : str
        Proposed where the project names nobody.
    facts : sequence of (str word key, str text)
        What is told.
    """

    def __init__(
        self, appearance: Appearance, about: ProjectAbout, usual_author: str, facts: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "project.title", parent)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.title_, self.title_en = QLineEdit(about.title), QLineEdit(about.title_en)
        self.source, self.author = QLineEdit(about.source), QLineEdit(about.author)
        self.author.setPlaceholderText(usual_author)
        self.note = QPlainTextEdit(about.note)
        self.note.setFixedHeight(NOTE_PX)
        self.note.setTabChangesFocus(True)
        for key, field in (
            ("project.name", self.title_), ("project.name_en", self.title_en), ("project.source", self.source),
            ("project.author", self.author), ("project.note", self.note),
        ):  # fmt: skip
            appearance.say(field.setAccessibleName, key)
            words = caption(appearance, key)
            words.setBuddy(field)
            form.addRow(words, field)
        told = QFormLayout()
        told.setHorizontalSpacing(18)
        told.setVerticalSpacing(5)
        for key, text in facts:
            value = label("", wrap=True, select=True)
            value.setText(text)
            told.addRow(caption(appearance, key, "soft"), value)
        self.facts = [text for _, text in facts]
        self.body.addLayout(form)
        self.body.addWidget(line())
        self.body.addLayout(told)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("window.ok", "ok", "primary")
        self.setFixedWidth(580)

    @property
    def about(self) -> ProjectAbout:
        """Return what was typed."""
        title, title_en, source, author = (
            field.text().strip() for field in (self.title_, self.title_en, self.source, self.author)
        )
        return ProjectAbout(title, title_en, source, author, self.note.toPlainText().strip())
