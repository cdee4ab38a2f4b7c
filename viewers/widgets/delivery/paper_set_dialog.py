"""The whole paper set: what of it is made, where to, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QProgressBar, QWidget

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import plain_tip


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of the set: its id, whether it is made at first, what the project lacks for it (a word, or empty)."""

    id: str
    at_first: bool
    lacks: str = ""


class PaperSetDialog(Ask):
    """A tick list of parts with the state of each; stands beside the window while they are made.

    Signals
    -------
    started : () to make what is ticked
    stopped : () to stop
    folder_requested : () to choose the folder
    shown : () to open the folder

    Parameters
    ----------
    appearance : Appearance
    parts : sequence of PartRow
    folder : str
    parent : QWidget, optional
    """

    started = Signal()
    stopped = Signal()
    folder_requested = Signal()
    shown = Signal()

    def __init__(
        self, appearance: Appearance, parts: Sequence[PartRow], folder: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "deliver.dialog.title", parent)
        self.setModal(False)
        self.body.addWidget(caption(appearance, "deliver.dialog.what", "soft", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(7)
        grid.setColumnStretch(1, 1)
        self.parts: dict[str, QCheckBox] = {}
        self.states = {one.id: label("soft") for one in parts}
        self._keys: dict[str, str] = {}
        self._lacks = {one.id: one.lacks for one in parts if one.lacks}
        for at, one in enumerate(parts):
            box = self.parts[one.id] = QCheckBox()
            appearance.say(box.setText, f"deliver.part.{one.id}")
            box.setChecked(one.at_first and not one.lacks)
            box.setEnabled(not one.lacks)
            box.toggled.connect(self._on_chosen)
            self.states[one.id].setText(one.lacks)
            self.states[one.id].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(box, at, 0)
            grid.addWidget(self.states[one.id], at, 1)
        self.body.addLayout(grid)
        self.force = QCheckBox()
        appearance.say(self.force.setText, "deliver.dialog.force")
        self.body.addWidget(self.force)
        self.folder = label(select=True)
        self.choose = button(appearance, "deliver.dialog.choose", "quiet")
        self.choose.clicked.connect(self.folder_requested)
        line = row(caption(appearance, "deliver.dialog.folder", "soft"), self.folder, self.choose, gap=10)
        line.setStretch(1, 1)
        self.body.addLayout(line)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.body.addWidget(self.bar)
        self.show_folder = button(appearance, "deliver.dialog.show")
        self.stop = button(appearance, "deliver.dialog.stop")
        self.close_it = self.add_button("window.close", "")
        self.go = button(appearance, "deliver.dialog.go", "primary")
        for press, told in ((self.show_folder, self.shown), (self.stop, self.stopped), (self.go, self.started)):
            press.clicked.connect(told)
            self._foot.addWidget(press)
        self.go.setDefault(True)
        self.setFixedWidth(560)
        self.set_folder(folder)
        self.set_running(is_running=False)
        self.show_folder.setEnabled(False)
        appearance.lang_changed.connect(self._say_states)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the ids of the parts that are ticked."""
        return tuple(name for name, box in self.parts.items() if box.isChecked())

    def set_folder(self, folder: str) -> None:
        """Show where the set goes."""
        text = visible_text(folder)
        self.folder.setText(self.folder.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, 330))
        self.folder.setToolTip(plain_tip(text))

    def set_running(self, *, is_running: bool) -> None:
        """Let parts be ticked, or be stopped."""
        for name, box in self.parts.items():
            box.setEnabled(not is_running and name not in self._lacks)
        for widget in (self.force, self.choose):
            widget.setEnabled(not is_running)
        self.go.setVisible(not is_running)
        self.stop.setVisible(is_running)
        self.stop.setEnabled(True)
        if is_running:
            self._keys.clear()
            self._say_states()
        else:
            self.bar.setValue(0)
            self._on_chosen()

    def set_state(self, part: str, state: str) -> None:
        """Say what became of a part."""
        self._keys[part] = state
        self._say_states()

    def set_progress(self, fraction: float) -> None:
        """Say how far all of it is, 0…1."""
        if fraction >= 0:
            self.bar.setValue(round(1000 * fraction))

    def _say_states(self) -> None:
        for name, text in self.states.items():
            state = self._keys.get(name, "")
            text.setText(self.appearance.word(f"deliver.state.{state}") if state else self._lacks.get(name, ""))

    def _on_chosen(self, *_: object) -> None:
        self.go.setEnabled(bool(self.chosen))
