"""Which table is joined to a layer by which key, and how well they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from models.layers.joins import DUPLICATES, KeyPair, Match
from resources.visible_text import visible_text
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import ShareBar, button, caption, clear, column, label, line, row, tool
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

_PAUSE_MS = 120


@dataclass(frozen=True, slots=True)
class JoinRow:
    """A table that can be joined: layer id, title, kind, fields."""

    id: str
    title: str
    kind: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JoinChoice:
    """What was chosen; ``columns`` empty for all."""

    table: str
    layer_key: str
    table_key: str
    columns: tuple[str, ...]
    duplicates: str
    zeros: bool
    prefix: str


class JoinDialog(Ask):
    """Ask for a join; answers ``"ok"``, then :attr:`choice` holds.

    Signals
    -------
    proposals_requested : (table) keys that may fit are wanted
    match_requested : ()
    remove_requested : (join id) of one that the layer has

    Parameters
    ----------
    appearance : Appearance
    layer : str
        Title of the layer that gets columns.
    fields : tuple of str
        Of the layer.
    tables : sequence of JoinRow
    present : sequence of (str, str)
        Joins that the layer has: id and words.
    """

    proposals_requested = Signal(str)
    match_requested = Signal()
    remove_requested = Signal(str)

    def __init__(
        self,
        appearance: Appearance,
        layer: str,
        fields: tuple[str, ...],
        tables: Sequence[JoinRow],
        present: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "joins.title", parent)
        self._tables = {one.id: one for one in tables}
        self._duplicated = 0
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self.match_requested)
        self.body.addWidget(caption(appearance, "joins.heading", "heading", wrap=True, layer=layer))
        self.body.addWidget(caption(appearance, "joins.why", "soft", wrap=True))
        self.table, self.layer_key, self.table_key = PlainCombo(), PlainCombo(), PlainCombo()
        ordered = sorted(tables, key=lambda one: one.kind != "table")  # plain tables are what is usually joined
        for one in ordered:
            self.table.addItem(
                appearance.icon("table" if one.kind == "table" else "stack", "text_soft"), one.title, one.id
            )
        for name in fields:
            self.layer_key.addItem(name, name)
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(9)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(caption(appearance, "joins.table"), self.table)
        form.addRow(caption(appearance, "joins.layer_key"), self.layer_key)
        form.addRow(caption(appearance, "joins.table_key"), self.table_key)
        self.zeros_ = QCheckBox()
        appearance.say(self.zeros_.setText, "joins.zeros")
        form.addRow(label(), self.zeros_)
        self.body.addLayout(form)
        self.bar = ShareBar(appearance, 8)
        self.fit = caption(appearance, "joins.looking", "strong", wrap=True)
        self.detail = label("small", wrap=True)
        self.more: QPushButton = button(appearance, "joins.unmatched", "quiet")
        self.more.setCheckable(True)
        self.listed = QPlainTextEdit()
        self.listed.setReadOnly(True)
        self.listed.setFixedHeight(92)
        self.listed.hide()
        self.more.toggled.connect(self.listed.setVisible)
        self.body.addWidget(self.bar)
        fit = row(self.fit, self.more)
        fit.setStretch(0, 1)
        self.body.addLayout(fit)
        self.body.addWidget(self.detail)
        self.body.addWidget(self.listed)
        self.duplicates = PlainCombo()
        for name in DUPLICATES:
            self.duplicates.addItem(appearance.word(f"joins.duplicates.{name}"), name)
        self.prefix = QLineEdit()
        appearance.say(self.prefix.setPlaceholderText, "joins.no_prefix")
        self.columns = QTreeWidget()
        self.columns.setHeaderHidden(True)
        self.columns.setRootIsDecorated(False)
        self.columns.setUniformRowHeights(True)
        self.columns.setMinimumHeight(150)
        rest = QFormLayout()
        rest.setHorizontalSpacing(18)
        rest.setVerticalSpacing(9)
        rest.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rest.addRow(caption(appearance, "joins.duplicates"), self.duplicates)
        rest.addRow(caption(appearance, "joins.prefix"), self.prefix)
        self.body.addWidget(line())
        self.body.addLayout(rest)
        all_, none_ = button(appearance, "import.all", "quiet"), button(appearance, "import.none", "quiet")
        all_.clicked.connect(lambda: self._tick(True))
        none_.clicked.connect(lambda: self._tick(False))
        self.body.addLayout(row(caption(appearance, "joins.columns", "section"), 1, all_, none_, gap=4))
        self.body.addWidget(self.columns)
        self._present = column(gap=2)
        self.body.addLayout(self._present)
        self._joins = list(present)
        self._show_present()
        self.add_button("window.cancel", "")
        self.ok = self.add_button("joins.join", "ok", "primary")
        self.ok.setEnabled(False)
        self.table.currentIndexChanged.connect(lambda *_: self._on_table())
        for box in (self.layer_key, self.table_key):
            box.currentIndexChanged.connect(lambda *_: self._look())
        self.zeros_.toggled.connect(lambda *_: self._look())
        self.duplicates.currentIndexChanged.connect(lambda *_: self._on_duplicates())
        self.columns.itemChanged.connect(lambda *_: self._on_ticked())
        self.setMinimumWidth(600)

    @property
    def keys(self) -> tuple[str, str, str]:
        """Return the table and both keys as they are chosen now."""
        return (
            str(self.table.currentData() or ""), str(self.layer_key.currentData() or ""),
            str(self.table_key.currentData() or ""),
        )  # fmt: skip

    @property
    def zeros(self) -> bool:
        """Whether leading zeros count as nothing."""
        return self.zeros_.isChecked()

    @property
    def choice(self) -> JoinChoice:
        """Return what was chosen."""
        table, layer_key, table_key = self.keys
        return JoinChoice(
            table, layer_key, table_key, tuple(self.ticked), str(self.duplicates.currentData()), self.zeros,
            self.prefix.text().strip(),
        )  # fmt: skip

    @property
    def ticked(self) -> list[str]:
        """Return the columns that are ticked."""
        return [item.text(0) for item in self._items if item.checkState(0) == Qt.CheckState.Checked]

    @property
    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.columns.topLevelItem(at) for at in range(self.columns.topLevelItemCount()))
        return [item for item in found if item is not None]

    def start(self) -> None:
        """Ask for keys that may fit, for the table that stands first."""
        self._on_table()

    def show_proposals(self, table: str, pairs: Sequence[KeyPair]) -> None:
        """Choose the likeliest keys."""
        if table != self.keys[0] or not pairs:
            return
        best = pairs[0]
        for box, name in ((self.layer_key, best.layer), (self.table_key, best.table)):
            box.setCurrentIndex(max(box.findData(name), 0))
        self.zeros_.setChecked(best.zeros)
        self._fill_columns()
        self._look()

    def show_match(self, table: str, layer_key: str, table_key: str, found: Match) -> None:
        """Say how well the keys fit, if they are still the ones."""
        if (table, layer_key, table_key) != self.keys:
            return
        good = "good" if found.share > 0.9 else "warn" if found.matched else "bad"
        self.bar.set_parts([(found.share, self.appearance.colours[good])])
        self.appearance.say(
            self.fit.setText, "joins.fit", matched=f"{found.matched:,}", features=f"{found.features:,}",
            percent=f"{found.share * 100:.1f}",
        )  # fmt: skip
        self.appearance.say(
            self.detail.setText, "joins.detail", blank=f"{found.blank:,}", used=f"{found.used:,}",
            rows=f"{found.rows:,}", duplicates=f"{found.duplicates:,}",
        )  # fmt: skip
        self._duplicated = found.duplicates
        word = self.appearance.word
        lines = [word("joins.only_layer"), *(found.unmatched or ("—",)), "", word("joins.only_table"),
                 *(found.unused or ("—",))]  # fmt: skip
        self.listed.setPlainText("\n".join(lines))
        self.more.setEnabled(bool(found.unmatched or found.unused))
        self._is_fit = bool(found.matched)
        self._on_duplicates()

    def forget(self, join_id: str) -> None:
        """Show that a join has gone."""
        self._joins = [one for one in self._joins if one[0] != join_id]
        self._show_present()

    _is_fit = False

    def _on_table(self) -> None:
        one = self._tables[self.keys[0]]
        self.table_key.blockSignals(True)
        self.table_key.clear()
        for name in one.fields:
            self.table_key.addItem(name, name)
        self.table_key.blockSignals(False)
        self._fill_columns()
        self.proposals_requested.emit(one.id)
        self._look()

    def _fill_columns(self) -> None:
        one, key = self._tables[self.keys[0]], self.keys[2]
        if [item.text(0) for item in self._items] == [name for name in one.fields if name != key]:
            return
        self.columns.blockSignals(True)
        self.columns.clear()
        for name in one.fields:
            if name != key:
                item = QTreeWidgetItem([visible_text(name)])
                item.setCheckState(0, Qt.CheckState.Checked)
                self.columns.addTopLevelItem(item)
        self.columns.blockSignals(False)

    def _look(self) -> None:
        self._is_fit = False
        self.ok.setEnabled(False)
        self._fill_columns()
        self._timer.start()

    def _tick(self, on: bool) -> None:
        for item in self._items:
            item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _on_duplicates(self) -> None:
        counts = self.duplicates.currentData() == "count"
        self.columns.setEnabled(not counts)
        self._on_ticked()

    def _on_ticked(self) -> None:
        counts = self.duplicates.currentData() == "count"
        self.ok.setEnabled(self._is_fit and (counts or bool(self.ticked)))

    def _show_present(self) -> None:
        clear(self._present)
        if self._joins:
            self._present.addWidget(caption(self.appearance, "joins.present", "section"))
        for join_id, words in self._joins:
            text = label("small")
            text.setText(words)
            press = tool(self.appearance, "trash", "joins.remove", size=15)
            press.clicked.connect(lambda _=False, join_id=join_id: self.remove_requested.emit(join_id))
            self._present.addLayout(row(text, 1, press))
