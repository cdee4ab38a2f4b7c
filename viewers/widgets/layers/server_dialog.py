"""Which layer of which server, and what of it: one dialog for databases and web services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QStackedWidget,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.rows import rows_item, rows_list

KINDS = ("postgis", "web")


@dataclass(frozen=True, slots=True)
class Offer:
    """One layer that a server offers: name, description and identifier."""

    title: str
    detail: str
    value: Any


class ServerDialog(Ask):
    """Ask for a layer of a server; answers ``"ok"``.

    Parameters
    ----------
    appearance : Appearance
    connections : sequence of mapping
        Used before, newest first: ``{"kind": "postgis", "host": …}`` or ``{"kind": "web", "url": …}``.
    ask_server : callable
        ``ask_server(connection, answer)``: ask off this thread, then call ``answer(offers or text of the error)``.
    has_view : bool
        Whether there is a picture whose extent can be taken.
    """

    def __init__(
        self, appearance: Appearance, connections: Sequence[Mapping[str, Any]],
        ask_server: Callable[[dict[str, Any], Callable[[Any], None]], None], has_view: bool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "server.title", parent)
        self._ask_server = ask_server
        self._alive = True
        self.kinds = QButtonGroup(self)
        presses = []
        for number, kind in enumerate(KINDS):
            press = button(appearance, f"server.kind.{kind}", "segment")
            press.setCheckable(True)
            press.setAutoDefault(False)
            self.kinds.addButton(press, number)
            presses.append(press)
        self.known = PlainCombo()
        self.known.addItem(appearance.word("server.new"), None)
        for connection in connections:
            self.known.addItem(_called(connection), dict(connection))
        self.host, self.database, self.user = QLineEdit("localhost"), QLineEdit(), QLineEdit()
        self.password, self.url = QLineEdit(), QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        appearance.say(self.url.setPlaceholderText, "server.url_hint")
        self.port = QSpinBox()
        self.port.setRange(1, 65535)
        self.port.setValue(5432)
        database, web = QFormLayout(), QFormLayout()
        for key, field in (
            ("server.host", self.host), ("server.port", self.port), ("server.database", self.database),
            ("server.user", self.user), ("server.password", self.password),
        ):  # fmt: skip
            database.addRow(caption(appearance, key), field)
        web.addRow(caption(appearance, "server.url"), self.url)
        web.addRow(label(), caption(appearance, "server.url_tip", "faint", wrap=True))
        self.forms = QStackedWidget()
        for form in (database, web):
            form.setHorizontalSpacing(16)
            form.setVerticalSpacing(8)
            form.setContentsMargins(0, 0, 0, 0)
            holder = QWidget()
            holder.setLayout(form)
            self.forms.addWidget(holder)
        self.connect_ = button(appearance, "server.connect")
        self.connect_.clicked.connect(self._on_connect)
        self.state = label("small", wrap=True)
        self.search = QLineEdit()
        appearance.say(self.search.setPlaceholderText, "server.search")
        self.search.setClearButtonEnabled(True)
        self.list = rows_list(appearance)
        self.list.setMinimumSize(380, 260)
        self.filter = QLineEdit()
        appearance.say(self.filter.setPlaceholderText, "server.filter_tip")
        self.crs = QLineEdit()
        appearance.say(self.crs.setPlaceholderText, "server.crs_hint")
        self.in_view = QCheckBox()
        appearance.say(self.in_view.setText, "server.in_view")
        self.in_view.setEnabled(has_view)
        self.limit = QSpinBox()
        self.limit.setRange(1, 2_000_000)
        self.limit.setValue(200_000)
        self.limit.setGroupSeparatorShown(True)
        below = QFormLayout()
        below.setHorizontalSpacing(16)
        self.filter_label = caption(appearance, "server.filter")
        below.addRow(self.filter_label, self.filter)
        self.crs_label = caption(appearance, "server.crs")
        below.addRow(self.crs_label, self.crs)
        below.addRow(caption(appearance, "server.limit_rows"), row(self.limit, self.in_view, 1, gap=16))
        left = QWidget()
        left.setFixedWidth(300)
        entry = column(self.known, row(*presses, 1, gap=0), self.forms, row(1, self.connect_), self.state, 1, gap=10)
        left.setLayout(entry)
        right = QWidget()
        right.setLayout(column(self.search, self.list, below, gap=8))
        self.body.addLayout(row(left, right, gap=22))
        self.add_button("window.cancel", "")
        self.ok = self.add_button("server.bring", "ok", "primary")
        self.ok.setEnabled(False)
        self.kinds.idClicked.connect(self._on_kind)
        self.known.currentIndexChanged.connect(self._on_known)
        self.search.textChanged.connect(self._on_search)
        self.list.currentItemChanged.connect(lambda *_: self.ok.setEnabled(self.list.currentItem() is not None))
        self.list.itemDoubleClicked.connect(lambda *_: self.ok.click())
        self.kinds.button(0).setChecked(True)
        if connections:
            self.known.setCurrentIndex(1)
        self._on_kind(self.kinds.checkedId())
        self.resize(820, 560)

    @property
    def connection(self) -> dict[str, Any]:
        """Return where to ask, with the password if there is one."""
        if self.kinds.checkedId() == 1:
            return {"kind": "web", "url": self.url.text().strip()}
        return {
            "kind": "postgis", "host": self.host.text().strip(), "port": self.port.value(),
            "database": self.database.text().strip(), "user": self.user.text().strip(),
            "password": self.password.text(),
        }  # fmt: skip

    @property
    def chosen(self) -> Any:
        """Return what stands for the chosen layer, None if there is none."""
        item = self.list.currentItem()
        return None if item is None else item.data(Qt.ItemDataRole.UserRole)

    def done(self, result: int) -> None:
        """Close; an answer that comes later is dropped."""
        self._alive = False
        super().done(result)

    def _on_kind(self, number: int) -> None:
        self.forms.setCurrentIndex(number)
        self.filter.setVisible(number == 0)
        self.filter_label.setVisible(number == 0)
        self.crs.setVisible(number == 0)
        self.crs_label.setVisible(number == 0)

    def _on_known(self, _: int) -> None:
        connection = self.known.currentData()
        if not connection:
            return
        number = KINDS.index(connection["kind"])
        self.kinds.button(number).setChecked(True)
        self._on_kind(number)
        self.url.setText(str(connection.get("url", "")))
        for name in ("host", "database", "user"):
            getattr(self, name).setText(str(connection.get(name, "")))
        self.port.setValue(int(connection.get("port", 5432)))

    def _on_connect(self) -> None:
        self.connect_.setEnabled(False)
        self.list.clear()
        self.state.setText(self.appearance.word("server.asking"))
        self._ask_server(self.connection, self._on_said)

    def _on_said(self, answer: Any) -> None:
        if not self._alive:
            return
        self.connect_.setEnabled(True)
        if isinstance(answer, str):
            self.state.setText(answer)
            return
        self.state.setText(self.appearance.word("server.found", count=len(answer)))
        for offer in answer:
            self.list.addItem(
                rows_item(self.appearance.icon("stack", "text_soft"), offer.title, offer.detail, offer.value)
            )
        self._on_search(self.search.text())
        if answer:
            self.list.setCurrentRow(0)

    def _on_search(self, text: str) -> None:
        for at in range(self.list.count()):
            item = self.list.item(at)
            item.setHidden(text.casefold() not in item.text().casefold())


def _called(connection: Mapping[str, Any]) -> str:
    if connection["kind"] == "web":
        return str(connection["url"])
    return f"{connection['user']}@{connection['host']}:{connection['port']}/{connection['database']}"
