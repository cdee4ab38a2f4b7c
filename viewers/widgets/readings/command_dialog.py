"""A command to equipment: written, confirmed by a tick, sent; its answer and the log stand below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QPlainTextEdit, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

_FIELDS = ("topic", "payload", "answer_topic", "expected", "who")


class CommandDialog(Ask):
    """Write and send commands; stays open until closed.

    Parameters
    ----------
    appearance : Appearance
    sources : sequence of (str, str)
        Id and name of those that allow commands.
    is_on : bool
        Whether this machine may send commands.
    send : callable
        ``send(source id, values, show)``: send off this thread, then call ``show(outcome, log)``.
    switch : callable
        Is told whether this machine may send commands.
    log : str
    """

    def __init__(
        self, appearance: Appearance, sources: Sequence[tuple[str, str]], is_on: bool,
        send: Callable[[str, dict[str, str], Callable[[str, str], None]], None], switch: Callable[[bool], None],
        log: str,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "live.command.title", parent)
        self._send, self._alive = send, True
        self.source = PlainCombo()
        for source_id, name in sources:
            self.source.addItem(name, source_id)
        self.fields = {name: QLineEdit() for name in _FIELDS}
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.addRow(caption(appearance, "live.command.source"), self.source)
        for name, field in self.fields.items():
            form.addRow(caption(appearance, f"live.command.{name}"), field)
            field.textChanged.connect(lambda _: self._follow())
        self.allowed, self.sure = QCheckBox(), QCheckBox()
        self.allowed.setChecked(is_on)
        appearance.say(self.allowed.setText, "live.command.allowed")
        appearance.say(self.sure.setText, "live.command.sure")
        self.outcome = label("strong", wrap=True)
        self.log = QPlainTextEdit(log, readOnly=True)
        self.log.setMinimumHeight(130)
        self.body.addLayout(
            column(
                form, self.allowed, self.sure, self.outcome, caption(appearance, "live.command.log", "small"), self.log
            )
        )
        self.add_button("window.close", "")
        self.press = self.add_button("live.command.send", "", "primary")
        self.press.clicked.disconnect()
        self.press.clicked.connect(self._on_send)
        self.allowed.toggled.connect(switch)
        self.allowed.toggled.connect(lambda _: self._follow())
        self.sure.toggled.connect(lambda _: self._follow())
        self._follow()
        self.resize(620, 600)

    def done(self, result: int) -> None:
        """End; an answer that comes later stands in the log."""
        self._alive = False
        super().done(result)

    def _follow(self) -> None:
        whole = all(self.fields[name].text().strip() for name in ("topic", "who")) and self.source.count() > 0
        self.press.setEnabled(whole and self.allowed.isChecked() and self.sure.isChecked())

    def _on_send(self) -> None:
        self.sure.setChecked(False)  # each command is confirmed anew
        self.appearance.say(self.outcome.setText, "live.command.waiting")
        values = {name: field.text().strip() for name, field in self.fields.items()}
        self._send(str(self.source.currentData()), values, self._show)

    def _show(self, outcome: str, log: str) -> None:
        if self._alive:
            self.outcome.setText(outcome)
            self.log.setPlainText(log)
