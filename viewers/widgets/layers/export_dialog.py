"""What of a layer is exported, in which format and in which CRS."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QButtonGroup, QFormLayout, QRadioButton, QWidget

from models.io.registry import writer_of
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What was chosen: the ending, the CRS (empty for the project's), and whether only what is selected."""

    ending: str
    crs: str
    selected: bool


class ExportDialog(Ask):
    """Asks how a layer is to be handed out; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    name : str
        Of the layer.
    formats : sequence of str
        Endings.
    crss : sequence of (str, str)
        CRSs and how they are called; the first, empty one is the project's.
    counts : (int, int)
        How many objects there are, and how many of them are selected.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, name: str, formats: tuple[str, ...], crss: tuple[tuple[str, str], ...],
        counts: tuple[int, int], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "export.title", parent)
        heading = label("heading", wrap=True)
        heading.setText(name)
        self.body.addWidget(heading)
        total, selected = counts
        self._which = QButtonGroup(self)
        self.selected, self.all = QRadioButton(), QRadioButton()
        for number, (press, key, count) in enumerate(
            ((self.selected, "export.selected", selected), (self.all, "export.all", total))
        ):
            appearance.say(press.setText, key, count=f"{count:,}")
            self._which.addButton(press, number)
        self.selected.setEnabled(selected > 0)
        (self.selected if selected else self.all).setChecked(True)
        self.format, self.crs = PlainCombo(), PlainCombo()
        for ending in formats:
            self.format.addItem(appearance.word(f"export.format{ending}"), ending)
        for crs, text in crss:
            self.crs.addItem(text, crs)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        which = QWidget()
        which.setLayout(column(self.selected, self.all, gap=6))
        form.addRow(caption(appearance, "export.what"), which)
        form.addRow(caption(appearance, "export.format"), self.format)
        form.addRow(caption(appearance, "export.crs"), self.crs)
        self.body.addLayout(form)
        self.note = label("faint", wrap=True)
        self.body.addWidget(self.note)
        self.format.currentIndexChanged.connect(self._on_format_chosen)
        self.add_button("window.cancel", "")
        self.add_button("export.choose_file", "ok", "primary")
        self.setFixedWidth(480)
        self._on_format_chosen()

    @property
    def choice(self) -> ExportChoice:
        """Return what was chosen."""
        return ExportChoice(str(self.format.currentData()), str(self.crs.currentData()), self.selected.isChecked())

    def _on_format_chosen(self) -> None:
        ending = str(self.format.currentData())
        writer = writer_of(ending)
        self.crs.setEnabled(writer is None or not writer.has_fixed_crs)
        self.note.setText(self.appearance.word(f"export.note{ending}"))
