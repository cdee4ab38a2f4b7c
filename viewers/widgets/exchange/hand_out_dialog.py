"""What is handed out to other levels: for whom, which classes of records, in what form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QWidget

from models.exchange.kinds import CLASSES
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.exchange.party_row import PartyRow

FOLDER, DATABASE = "folder", "database"
#: Suffix of a file, or one of the two meeting places.
FORMS = (FOLDER, ".json", ".geojson", ".xlsx", DATABASE)


@dataclass(frozen=True, slots=True)
class HandOutChoice:
    """What was chosen: party, classes, form (of :data:`FORMS`), address of a database, and whether everything."""

    code: str
    name: str
    kinds: tuple[str, ...]
    form: str
    address: str
    whole: bool


class HandOutDialog(Ask):
    """Asks what is handed out; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    kinds : sequence of str
        Classes of records that the project has.
    code, title : str
        Of the party, as far as it is known.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, kinds: Sequence[str], code: str, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "exchange.hand_out.title", parent)
        self.body.addWidget(caption(appearance, "exchange.hand_out.what", "soft", wrap=True))
        self.party = PartyRow(appearance)
        self.party.show_party(code, title)
        self.kinds = {kind: QCheckBox() for kind in CLASSES}
        for kind, box in self.kinds.items():
            appearance.say(box.setText, f"exchange.class.{kind}")
            box.setChecked(kind in kinds)
            box.setEnabled(kind in kinds)
            if kind not in kinds:
                appearance.say(box.setToolTip, "exchange.hand_out.none_here")
            box.toggled.connect(lambda *_: self._on_changed())
        self.form = PlainCombo()
        for name in FORMS:
            self.form.addItem(appearance.word(f"exchange.form.{name.removeprefix('.')}"), name)
        self.address = QLineEdit()
        appearance.say(self.address.setPlaceholderText, "exchange.form.database.hint")
        appearance.say(self.address.setAccessibleName, "exchange.form.database")
        self.whole = QCheckBox()
        appearance.say(self.whole.setText, "exchange.hand_out.whole")
        appearance.say(self.whole.setToolTip, "exchange.hand_out.whole.tip")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        which = QWidget()
        which.setLayout(column(*self.kinds.values(), gap=6))
        form.addRow(caption(appearance, "exchange.party"), self.party.layout)
        form.addRow(caption(appearance, "exchange.hand_out.classes"), which)
        form.addRow(caption(appearance, "exchange.hand_out.form"), self.form)
        form.addRow("", self.address)
        form.addRow("", self.whole)
        self.body.addLayout(form)
        self.add_button("window.cancel", "")
        self.send = self.add_button("exchange.hand_out.go", "ok", "primary")
        self.form.currentIndexChanged.connect(lambda *_: self._on_changed())
        for field in (self.party.code, self.address):
            field.textChanged.connect(lambda *_: self._on_changed())
        self._on_changed()
        self.setFixedWidth(540)

    @property
    def choice(self) -> HandOutChoice:
        """Return what was chosen."""
        kinds = tuple(kind for kind, box in self.kinds.items() if box.isChecked())
        form = str(self.form.currentData())
        return HandOutChoice(*self.party.said, kinds, form, self.address.text().strip(), self.whole.isChecked())

    def _on_changed(self) -> None:
        chosen = self.choice
        self.address.setVisible(chosen.form == DATABASE)
        is_reached = chosen.form != DATABASE or chosen.address.startswith(("postgresql://", "postgres://"))
        self.send.setEnabled(self.party.is_complete and bool(chosen.kinds) and is_reached)
