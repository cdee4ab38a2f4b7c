"""A live source is set up: whom to ask, which field is what, and what its messages look like now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from models.core.addresses import Secrets
from models.readings.source import KINDS, LiveSource
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, number_field, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: Kinds that are read by a mapping of a person's own; the other has its own fields.
_MAPPED = ("mqtt", "http")
_FIELDS = ("sensor", "quantity", "value", "time", "unit", "records")


class SourceDialog(Ask):
    """Ask for a source; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    source : LiveSource
    secrets : Secrets
        What is known of its host.
    preview : callable
        ``preview(source, secrets, show)``: listen off this thread, then call ``show(text)``.
    """

    def __init__(
        self, appearance: Appearance, source: LiveSource, secrets: Secrets,
        preview: Callable[[LiveSource, Secrets, Callable[[str], None]], None], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "live.dialog.title", parent)
        self._source, self._preview, self._alive = source, preview, True
        self.kind = PlainCombo()
        for kind in KINDS:
            self.kind.addItem(appearance.word(f"live.kind.{kind}"), kind)
        self.kind.setCurrentIndex(KINDS.index(source.kind))
        self.name, self.address = QLineEdit(source.name), QLineEdit(source.address)
        self.topics, self.zone = QLineEdit(" ".join(source.topics)), QLineEdit(source.zone)
        self.user, self.password = QLineEdit(secrets.user), QLineEdit(secrets.password)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.period = number_field(1, 86_400, source.period_s, suffix=" s", decimals=0)
        appearance.say(self.address.setPlaceholderText, "live.dialog.address_hint")
        self.fields = {name: QLineEdit(getattr(source.mapping, name)) for name in _FIELDS}
        whom, what = QFormLayout(), QFormLayout()
        for form in (whom, what):
            form.setHorizontalSpacing(14)
            form.setVerticalSpacing(8)
        for key, field in (
            ("kind", self.kind), ("name", self.name), ("address", self.address), ("topics", self.topics),
            ("period", self.period), ("user", self.user), ("password", self.password), ("zone", self.zone),
        ):  # fmt: skip
            whom.addRow(caption(appearance, f"live.dialog.{key}"), field)
        for name, field in self.fields.items():
            what.addRow(caption(appearance, f"live.field.{name}"), field)
        self._whom, self._what = whom, what
        self.commands = QCheckBox()
        self.commands.setChecked(source.commands)
        appearance.say(self.commands.setText, "live.dialog.commands")
        self.listen = button(appearance, "live.dialog.listen", "", "broadcast")
        self.listen.setAutoDefault(False)
        self.heard = QPlainTextEdit(readOnly=True)
        self.heard.setMinimumSize(420, 180)
        self.wrong = label("small", wrap=True)
        left = column(whom, caption(appearance, "live.dialog.secret", "faint", wrap=True), self.commands, 1, gap=10)
        right = column(
            caption(appearance, "live.dialog.mapping", "heading"),
            what,
            row(self.listen, 1),
            self.heard,
            self.wrong,
            gap=10,
        )
        sides = [QWidget(), QWidget()]
        for side, layout in zip(sides, (left, right), strict=True):
            side.setLayout(layout)
        sides[0].setFixedWidth(390)
        self.body.addLayout(row(*sides, gap=24))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("live.dialog.keep", "ok", "primary")
        self.listen.clicked.connect(self._on_listen)
        self.kind.currentIndexChanged.connect(lambda _: self._follow())
        self.name.textChanged.connect(lambda _: self._follow())
        self.address.textChanged.connect(lambda _: self._follow())
        self._follow()
        self.resize(900, 560)

    @property
    def source(self) -> LiveSource:
        """Return the source as it is entered."""
        entered: dict[str, Any] = {name: field.text().strip() for name, field in self.fields.items()}
        mapping = replace(self._source.mapping, **entered)
        kind = str(self.kind.currentData())
        topics = tuple(self.topics.text().split()) if kind == "mqtt" else ()
        return replace(
            self._source, kind=kind, name=self.name.text().strip(), address=self.address.text().strip(), topics=topics,
            zone=self.zone.text().strip(), period_s=self.period.value(), mapping=mapping,
            commands=kind == "mqtt" and self.commands.isChecked(),
        )  # fmt: skip

    @property
    def secrets(self) -> Secrets:
        """Return user and password."""
        return Secrets(user=self.user.text(), password=self.password.text())

    def done(self, result: int) -> None:
        """End; what is heard later is for nobody."""
        self._alive = False
        super().done(result)

    def _follow(self) -> None:
        kind = str(self.kind.currentData())
        self._whom.setRowVisible(self.topics, kind == "mqtt")
        self.commands.setVisible(kind == "mqtt")
        self._whom.setRowVisible(self.period, kind != "mqtt")
        for field in self.fields.values():
            field.setEnabled(kind in _MAPPED)
        whole = bool(self.name.text().strip() and self.address.text().strip())
        self.ok.setEnabled(whole)
        self.listen.setEnabled(whole)

    def _on_listen(self) -> None:
        self.listen.setEnabled(False)
        self.appearance.say(self.wrong.setText, "live.dialog.listening")
        self._preview(self.source, self.secrets, self._show)

    def _show(self, text: str) -> None:
        if self._alive:
            self.wrong.setText("")
            self.heard.setPlainText(text)
            self._follow()
