"""The settings: pages at the left, what they hold at the right; a change holds at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QStackedWidget,
    QWidget,
)

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: The values of settings of which there are few; ``settings.<name>.<value>`` is their word.
CHOICES = {
    "lang": ("", "zh", "en"), "theme": ("system", "light", "dark"), "area_unit": ("auto", "m2", "ha", "km2", "mu"),
    "mouse": ("chengjing", "qgis", "cesium", "blender"),
}  # fmt: skip
#: Pages with their icons.
PAGES = {"look": "palette", "project": "file", "cache": "hard-drives", "privacy": "shield-check"}
#: Width of the words before the fields, on all pages.
WORDS_PX = 140
CACHE_GB = (1, 200)
AUTOSAVE_MIN = (0, 120)


class SettingsDialog(Ask):
    """Shows the settings and tells of each change at once.

    Signals
    -------
    changed : (str name, object value)
    reset_requested, clear_cache_requested, crs_requested : ()

    Parameters
    ----------
    appearance : Appearance
    get : callable
        Returns the value of a setting by its name.
    facts : mapping
        ``"user"`` (name under which the person is logged in), ``"cache"`` (usual folder of the cache).
    """

    changed = Signal(str, object)
    reset_requested = Signal()
    clear_cache_requested = Signal()
    crs_requested = Signal()

    def __init__(
        self, appearance: Appearance, get: Callable[[str], Any], facts: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "settings.title", parent)
        self._get, self._facts = get, dict(facts)
        self.boxes: dict[str, QComboBox] = {}
        self.checks: dict[str, QCheckBox] = {}
        self.pages = QListWidget()
        self.pages.setFixedWidth(150)
        self.pages.setIconSize(QSize(17, 17))
        appearance.say(self.pages.setAccessibleName, "settings.title")
        self._stack = QStackedWidget()
        for name, page in (
            ("look", self._look()), ("project", self._project()), ("cache", self._cache()),
            ("privacy", self._privacy()),
        ):  # fmt: skip
            self.pages.addItem(QListWidgetItem())
            self._stack.addWidget(page)
            page.setObjectName(name)
        self.pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        both = row(self.pages, self._stack, gap=22)
        both.setStretch(1, 1)
        self.body.addLayout(both)
        self.body.setStretch(0, 1)
        self.reset = self.add_button("settings.reset", "")
        self.reset.clicked.disconnect()
        self.reset.clicked.connect(self.reset_requested)
        self.close_ = self.add_button("window.close", "", "primary")
        self.layout().setStretch(0, 1)  # type: ignore[union-attr]
        self.setFixedWidth(720)
        self.setMinimumHeight(430)
        appearance.lang_changed.connect(self._say)
        appearance.look_changed.connect(self._say)
        self._say()
        self.pages.setCurrentRow(0)

    # --- what is shown -----------------------------------------------------------------------------------------------
    def show_values(self) -> None:
        """Show the values as they are now, without telling of a change."""
        self._say()

    def show_cache(self, size: str) -> None:
        """Show how much the cache takes; empty while that is counted."""
        key = "settings.cache.size" if size else "settings.cache.counting"
        self.appearance.say(self.size_.setText, key, size=size)
        self.clear.setEnabled(bool(size))

    def _say(self) -> None:
        word = self.appearance.word
        for at, (name, icon) in enumerate(PAGES.items()):
            item = self.pages.item(at)
            item.setText(word(f"settings.page.{name}"))
            item.setIcon(self.appearance.icon(icon))
        for name, box in self.boxes.items():
            box.blockSignals(True)
            for at, value in enumerate(CHOICES[name]):
                box.setItemText(at, word(f"settings.{name}.{value or 'system'}"))
            box.setCurrentIndex(max(box.findData(self._get(name)), 0))
            box.blockSignals(False)
        for name, check in self.checks.items():
            check.blockSignals(True)
            check.setChecked(bool(self._get(name)))
            check.blockSignals(False)
        for name, number in self.numbers.items():
            number.blockSignals(True)
            number.setValue(int(self._get(name)))
            number.blockSignals(False)
        if not self.author.hasFocus():
            self.author.setText(str(self._get("author")))
        self.author.setPlaceholderText(self._facts["user"])
        self.crs.setText(str(self._get("default_crs")))
        self.folder.setText(str(self._get("cache_folder")) or self._facts["cache"])
        self.autosave.setSuffix(word("settings.minutes"))
        self.mouse_why.setText(word(f"keys.mouse.{self._get('mouse')}"))

    # --- pages -------------------------------------------------------------------------------------------------------
    def _look(self) -> QWidget:
        self.mouse_why = label("faint", wrap=True)
        return self._page(
            ("settings.lang", self._box("lang")), ("settings.theme", self._box("theme")),
            ("settings.area_unit", self._box("area_unit")), ("", self._why("settings.area_unit.why")),
            ("settings.mouse", self._box("mouse")), ("", self.mouse_why),
        )  # fmt: skip

    def _project(self) -> QWidget:
        self.author, self.crs = QLineEdit(), QLineEdit()
        self.author.editingFinished.connect(lambda: self.changed.emit("author", self.author.text().strip()))
        self.crs.setReadOnly(True)
        self.appearance.say(self.author.setAccessibleName, "settings.author")
        self.appearance.say(self.crs.setAccessibleName, "settings.default_crs")
        self.appearance.say(self.crs.setPlaceholderText, "settings.default_crs.none")
        self.choose_crs = button(self.appearance, "settings.choose")
        self.no_crs = button(self.appearance, "settings.none", "quiet")
        self.choose_crs.clicked.connect(self.crs_requested)
        self.no_crs.clicked.connect(lambda: self.changed.emit("default_crs", ""))
        self.numbers: dict[str, QSpinBox] = {}
        self.autosave = self._number("autosave_min", AUTOSAVE_MIN)
        self.appearance.say(self.autosave.setSpecialValueText, "settings.autosave.never")
        return self._page(
            ("settings.author", self.author), ("", self._why("settings.author.why")),
            ("settings.default_crs", self._line(self.crs, self.choose_crs, self.no_crs)),
            ("", self._why("settings.default_crs.why")),
            ("settings.autosave_min", self.autosave), ("", self._why("settings.autosave.why")),
        )  # fmt: skip

    def _cache(self) -> QWidget:
        self.folder = QLineEdit()
        self.folder.setReadOnly(True)
        self.appearance.say(self.folder.setAccessibleName, "settings.cache_folder")
        self.choose_folder = button(self.appearance, "settings.choose")
        self.usual_folder = button(self.appearance, "settings.usual", "quiet")
        self.choose_folder.clicked.connect(self._choose_folder)
        self.usual_folder.clicked.connect(lambda: self.changed.emit("cache_folder", ""))
        self.size_ = label()
        self.clear = button(self.appearance, "settings.cache.clear")
        self.clear.clicked.connect(self.clear_cache_requested)
        limit = self._number("cache_gb", CACHE_GB)
        limit.setSuffix(" GB")
        self.show_cache("")
        return self._page(
            ("settings.cache_folder", self._line(self.folder, self.choose_folder, self.usual_folder)),
            ("settings.cache_gb", limit), ("settings.cache.used", self._line(self.size_, 1, self.clear)),
            ("", self._why("settings.cache.why")),
        )  # fmt: skip

    def _privacy(self) -> QWidget:
        rows: list[tuple[str, QWidget]] = []
        for name in ("keep_recent", "keep_servers"):
            check = self.checks[name] = QCheckBox()
            self.appearance.say(check.setText, f"settings.{name}")
            check.toggled.connect(lambda on, name=name: self.changed.emit(name, on))
            rows += [("", check), ("", self._why(f"settings.{name}.why"))]
        return self._page(*rows)

    def _page(self, *rows: tuple[str, QWidget]) -> QWidget:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for key, field in rows:
            if key:
                words = caption(self.appearance, key)
                words.setBuddy(field)
                words.setMinimumWidth(WORDS_PX)
                form.addRow(words, field)
            else:
                form.addRow(label() if rows[0][0] else None, field)  # type: ignore[arg-type]
        page = QWidget()
        page.setLayout(column(form, 1))
        return page

    def _box(self, name: str) -> QComboBox:
        box = self.boxes[name] = PlainCombo()
        for value in CHOICES[name]:
            box.addItem("", value)
        self.appearance.say(box.setAccessibleName, f"settings.{name}")
        box.currentIndexChanged.connect(lambda _: self.changed.emit(name, box.currentData()))
        return box

    def _number(self, name: str, limits: tuple[int, int]) -> QSpinBox:
        number = self.numbers[name] = QSpinBox()
        number.setRange(*limits)
        number.setKeyboardTracking(False)
        number.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.appearance.say(number.setAccessibleName, f"settings.{name}")
        number.valueChanged.connect(lambda value: self.changed.emit(name, value))
        return number

    def _why(self, key: str) -> QWidget:
        return caption(self.appearance, key, "faint", wrap=True)

    @staticmethod
    def _line(*parts: QWidget | int) -> QWidget:
        box = QWidget()
        box.setLayout(row(*parts, gap=6))
        return box

    def _choose_folder(self) -> None:
        start = str(self._get("cache_folder")) or self._facts["cache"]
        chosen = QFileDialog.getExistingDirectory(self, self.appearance.word("settings.cache_folder"), start)
        if chosen:
            self.changed.emit("cache_folder", chosen)
