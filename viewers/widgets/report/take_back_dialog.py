"""What somebody changed in Word, before it is taken: block by block, as it was and as it came back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, row
from viewers.widgets.common.dialogs import Ask


class TakeBackDialog(Ask):
    """Asks which changed blocks are taken; :attr:`chosen` says it, row by row.

    Parameters
    ----------
    appearance : Appearance
    changed : sequence of (title, before, after, refused)
        ``refused`` is the code of why a block cannot be taken, empty where it can.
    file : str
        Where they come from.
    """

    def __init__(
        self, appearance: Appearance, changed: Sequence[tuple[str, str, str, str]], file: str,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "report.take_back", parent)
        self._changed = tuple(changed)
        self.body.addWidget(
            caption(appearance, "report.take_back.why", "soft", wrap=True, count=len(changed), file=file)
        )
        self.list = QListWidget()
        for title, _, _, refused in self._changed:
            item = QListWidgetItem(f"{title}  ·  {appearance.word('report.state.locked')}" if refused else title)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked if refused else Qt.CheckState.Checked)
            if refused:
                item.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        self.before, self.after = QPlainTextEdit(), QPlainTextEdit()
        for text in (self.before, self.after):
            text.setReadOnly(True)
        texts = row(
            column(caption(appearance, "report.take_back.before", "soft"), self.before, gap=4),
            column(caption(appearance, "report.take_back.after", "soft"), self.after, gap=4), gap=10,
        )  # fmt: skip
        self.body.addWidget(self.list)
        self.body.addLayout(texts)
        self.list.currentRowChanged.connect(self._show)
        self.list.setCurrentRow(0)
        self.add_button("window.cancel", "")
        self.add_button("report.take_back.take", "ok", "primary")
        self.resize(760, 520)

    @property
    def chosen(self) -> tuple[bool, ...]:
        """Return for each block whether it is taken."""
        items = [self.list.item(k) for k in range(self.list.count())]
        return tuple(
            not refused and item.checkState() == Qt.CheckState.Checked
            for item, (_, _, _, refused) in zip(items, self._changed, strict=True)
        )

    def _show(self, at: int) -> None:
        if 0 <= at < len(self._changed):
            _, before, after, _ = self._changed[at]
            self.before.setPlainText(before)
            self.after.setPlainText(after)
