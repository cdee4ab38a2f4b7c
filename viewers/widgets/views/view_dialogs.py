"""Questions about views: a film's size, a theme's name, the list of themes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QListWidget, QListWidgetItem, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, row, tool
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: Sizes of a film.
SIZES = ((1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
RATES = (10, 24, 25, 30, 50, 60)


class FilmDialog(Ask):
    """Ask for the size and the rate of a film's frames."""

    def __init__(self, appearance: Appearance, duration_s: float, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "tour.frames", parent)
        self._duration_s = duration_s
        self._size, self._rate = PlainCombo(), PlainCombo()
        for width, height in SIZES:
            self._size.addItem(f"{width} × {height}", (width, height))
        self._size.setCurrentIndex(1)
        for rate in RATES:
            self._rate.addItem(str(rate), rate)
        self._rate.setCurrentIndex(RATES.index(25))
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        form.addRow(caption(appearance, "snapshot.size"), self._size)
        form.addRow(caption(appearance, "tour.rate"), self._rate)
        self.body.addLayout(form)
        self._count = caption(appearance, "tour.count", "soft", count=0)
        self.body.addWidget(self._count)
        self.body.addWidget(caption(appearance, "tour.frames.why", "faint", wrap=True))
        self._rate.currentIndexChanged.connect(lambda _: self._tell())
        self.add_button("window.cancel", "")
        self.add_button("tour.choose_folder", "ok", "primary")
        self.setMinimumWidth(440)
        self._tell()

    @property
    def frame_size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        width, height = self._size.currentData()
        return width, height

    @property
    def rate(self) -> int:
        """Return frames a second."""
        return int(self._rate.currentData())

    def _tell(self) -> None:
        self.appearance.say(self._count.setText, "tour.count", count=f"{int(self._duration_s * self.rate) + 1:,}")


class ThemesDialog(Ask):
    """The themes of layers: order, names, and which go.

    Signals
    -------
    apply_requested, rename_requested, delete_requested, update_requested : (theme id)
    move_requested : (theme id, position)
    """

    apply_requested = Signal(str)
    rename_requested = Signal(str)
    delete_requested = Signal(str)
    update_requested = Signal(str)
    move_requested = Signal(str, int)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "themes.title", parent)
        self.list = QListWidget()
        self.list.setMinimumHeight(220)
        self.list.itemActivated.connect(lambda item: self.apply_requested.emit(self._id(item)))
        self.body.addWidget(caption(appearance, "themes.why", "soft", wrap=True))
        self.body.addWidget(self.list)
        presses = []
        for icon, key, act in (
            ("eye", "themes.apply", lambda: self._emit(self.apply_requested)),
            ("arrow-up", "themes.up", lambda: self._move(-1)),
            ("arrow-down", "themes.down", lambda: self._move(1)),
            ("arrows-clockwise", "themes.update", lambda: self._emit(self.update_requested)),
            ("pencil-simple", "themes.rename", lambda: self._emit(self.rename_requested)),
            ("trash", "themes.delete", lambda: self._emit(self.delete_requested)),
        ):
            press = tool(appearance, icon, key, size=17)
            press.clicked.connect(act)
            presses.append(press)
        self.body.addLayout(row(*presses, 1, gap=2))
        self.add_button("window.close", "ok", "primary")
        self.setMinimumWidth(440)

    def show_themes(self, themes: Sequence[tuple[str, str]]) -> None:
        """Show ``(id, title)`` of each theme."""
        current = self._id(self.list.currentItem())
        self.list.clear()
        for id_, title in themes:
            item = QListWidgetItem(self.appearance.icon("stack", "accent"), title)
            item.setData(Qt.ItemDataRole.UserRole, id_)
            self.list.addItem(item)
            if id_ == current or self.list.currentItem() is None:
                self.list.setCurrentItem(item)

    def _id(self, item: QListWidgetItem | None) -> str:
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))

    def _emit(self, signal: object) -> None:
        if chosen := self._id(self.list.currentItem()):
            signal.emit(chosen)  # type: ignore[attr-defined]

    def _move(self, step: int) -> None:
        if chosen := self._id(self.list.currentItem()):
            self.move_requested.emit(chosen, self.list.currentRow() + step)
