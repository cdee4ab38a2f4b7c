"""The versions of check units: who made them, what two do not have alike, which is to hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.rows import rows_item, rows_list


class UnitVersionsDialog(Ask):
    """Choose a version to hold or to be edited; compare two.

    Parameters
    ----------
    appearance : Appearance
    versions : sequence of (int, str)
        Number and what is said of each, the newest first; 0 is the proposal.
    changes : callable
        ``(before, after) -> sequence of (title, what is another)``.
    parent : QWidget, optional
    """

    def __init__(
        self, appearance: Appearance, versions: Sequence[tuple[int, str]],
        changes: Callable[[int, int], Sequence[tuple[str, str]]], parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "units.versions", parent)
        self._changes = changes
        self.after, self.before = PlainCombo(), PlainCombo()
        for box, key in ((self.after, "units.versions.chosen"), (self.before, "units.versions.against")):
            for number, text in versions:
                box.addItem(text, number)
            appearance.say(box.setAccessibleName, key)
        self.before.setCurrentIndex(min(1, len(versions) - 1))
        self.told, self.list = label("small"), rows_list(appearance)
        self.list.setMinimumHeight(220)
        self.body.addWidget(caption(appearance, "units.versions.chosen", "small"))
        self.body.addWidget(self.after)
        self.body.addWidget(caption(appearance, "units.versions.against", "small"))
        self.body.addWidget(self.before)
        self.body.addLayout(row(self.told, 1))
        self.body.addWidget(self.list)
        self.add_button("window.close", "")
        self.edit = self.add_button("units.versions.edit", "edit")
        self.use = self.add_button("units.versions.use", "use", "primary")
        self.setFixedWidth(520)
        for box in (self.after, self.before):
            box.currentIndexChanged.connect(self._compare)
        self._compare()

    @property
    def version(self) -> int:
        """Return the version that is chosen."""
        return int(self.after.currentData())

    def _compare(self) -> None:
        after, before = int(self.after.currentData()), int(self.before.currentData())
        self.use.setEnabled(after > 0)
        self.edit.setEnabled(after > 0)
        found = self._changes(before, after)
        self.list.clear()
        for title, what in found:
            self.list.addItem(rows_item(self.appearance.icon("polygon", "text_faint"), title, what, title))
        self.told.setText(self.appearance.word("units.versions.changes", count=len(found)))
