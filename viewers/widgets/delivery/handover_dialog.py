"""What of the city is handed over, and what is said with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column
from viewers.widgets.common.dialogs import Ask

#: Metres by which the zero of a height datum can lie off the ellipsoid, anywhere on earth.
MOST_GEOID_M = 120.0


@dataclass(frozen=True, slots=True)
class HandoverChoice:
    """What was chosen: formats, the height of the geoid (None where nobody knows it), and the terms of use."""

    formats: tuple[str, ...]
    geoid_m: float | None
    licence: str


class HandoverDialog(Ask):
    """Asks what is handed over; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    formats : sequence of str
        In the order in which they are listed; all are chosen at first.
    parent : QWidget, optional
    """

    def __init__(self, appearance: Appearance, formats: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(appearance, "handover.title", parent)
        self.body.addWidget(caption(appearance, "handover.what", "soft", wrap=True))
        self.formats = {name: QCheckBox() for name in formats}
        for name, box in self.formats.items():
            appearance.say(box.setText, f"handover.format.{name}")
            box.setChecked(True)
            box.toggled.connect(self._on_chosen)
        self.geoid, self.licence = QLineEdit(), QLineEdit()
        self.geoid.setValidator(QDoubleValidator(-MOST_GEOID_M, MOST_GEOID_M, 3, self))
        appearance.say(self.geoid.setPlaceholderText, "handover.geoid.unknown")
        appearance.say(self.geoid.setToolTip, "handover.geoid.tip")
        appearance.say(self.licence.setPlaceholderText, "handover.licence.hint")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        which = QWidget()
        which.setLayout(column(*self.formats.values(), gap=6))
        form.addRow(caption(appearance, "handover.formats"), which)
        form.addRow(caption(appearance, "handover.geoid"), self.geoid)
        form.addRow(caption(appearance, "handover.licence"), self.licence)
        self.body.addLayout(form)
        self.add_button("window.cancel", "")
        self.write = self.add_button("handover.choose", "ok", "primary")
        self.setFixedWidth(520)

    @property
    def choice(self) -> HandoverChoice:
        """Return what was chosen."""
        chosen = tuple(name for name, box in self.formats.items() if box.isChecked())
        text = self.geoid.text().strip()
        known = bool(text) and self.geoid.hasAcceptableInput()
        geoid = self.geoid.locale().toDouble(text)[0] if known else None
        return HandoverChoice(chosen, geoid, self.licence.text().strip())

    def _on_chosen(self) -> None:
        self.write.setEnabled(any(box.isChecked() for box in self.formats.values()))
