"""The few questions that need an answer before work can go on. A dialog only asks; it does nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon
from PySide6.QtWidgets import (
    QColorDialog,
    QComboBox,
    QDialog,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from models.layers.layer import Layer, Style
from models.roles import ROLES
from viewers.widgets.common.appearance import Appearance, chip, icon_path
from viewers.widgets.common.controls import button, caption, column, label, line, number_field, row
from viewers.widgets.common.plain import PlainCombo


class Ask(QDialog):
    """A dialog with a title, a body and buttons at the foot; the last button is the proposed answer."""

    def __init__(self, appearance: Appearance, title: str, parent: QWidget | None, **facts: object) -> None:
        super().__init__(parent)
        self.appearance = appearance
        self.answer = ""
        self.setModal(True)
        appearance.say(self.setWindowTitle, title, **facts)
        self.body = column(margins=(22, 20, 22, 16), gap=12)
        self._foot = row(1, margins=(22, 12, 22, 16), gap=8)
        self.setLayout(column(self.body, 1, line(), self._foot, gap=0))

    def add_button(self, key: str, answer: str, kind: str = "") -> QPushButton:
        """Add a button; pressing it ends the dialog with ``answer``."""
        press = button(self.appearance, key, kind)
        press.setDefault(kind == "primary")
        press.setAutoDefault(kind == "primary")
        press.clicked.connect(lambda: self._end(answer))
        self._foot.addWidget(press)
        return press

    def ask(self) -> str:
        """Show the dialog and return the answer, empty if it was closed."""
        self.answer = ""
        self.exec()
        return self.answer

    def _end(self, answer: str) -> None:
        self.answer = answer
        self.accept() if answer else self.reject()


class UnsavedQuestion(Ask):
    """Save, discard or cancel: answers ``"save"``, ``"discard"`` or nothing."""

    def __init__(self, appearance: Appearance, name: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "unsaved.title", parent)
        self.body.addWidget(caption(appearance, "unsaved.question", "heading", wrap=True, name=name))
        self.body.addWidget(caption(appearance, "unsaved.why", "soft", wrap=True))
        self.discard = self.add_button("unsaved.discard", "discard")
        self.cancel = self.add_button("window.cancel", "")
        self.save = self.add_button("unsaved.save", "save", "primary")
        self.setFixedWidth(440)


class SaveConflict(Ask):
    """What to do where somebody else has saved or holds the project: ``"reload"``, ``"save_as"``, ``"overwrite"``.

    Parameters
    ----------
    error : str
        Word key of what is in the way; its cure says what each answer does.
    reload : bool
        Whether there is something newer on the disk to load.
    """

    def __init__(
        self, appearance: Appearance, error: str, parent: QWidget | None = None, *, reload: bool, **facts: object
    ) -> None:
        super().__init__(appearance, "conflict.title", parent)
        self.body.addWidget(caption(appearance, error, "heading", wrap=True, **facts))
        self.body.addWidget(caption(appearance, f"{error}.cure", "soft", wrap=True, **facts))
        if reload:
            self.reload = self.add_button("conflict.reload", "reload")
        self.overwrite = self.add_button("conflict.overwrite", "overwrite")
        self.cancel = self.add_button("window.cancel", "")
        self.save_as = self.add_button("conflict.save_as", "save_as", "primary")
        self.setFixedWidth(520)


class NameQuestion(Ask):
    """Ask for a name; :attr:`name` holds it."""

    def __init__(self, appearance: Appearance, title: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, title, parent)
        self.field = QLineEdit(name)
        self.field.selectAll()
        appearance.say(self.field.setAccessibleName, title)
        self.body.addWidget(caption(appearance, title, "heading", wrap=True))
        self.body.addWidget(self.field)
        self.add_button("window.cancel", "")
        self.ok = self.add_button("window.ok", "ok", "primary")
        self.field.textChanged.connect(lambda text: self.ok.setEnabled(bool(text.strip())))
        self.ok.setEnabled(bool(name.strip()))
        self.setFixedWidth(400)

    @property
    def name(self) -> str:
        """Return what was typed."""
        return self.field.text().strip()


#: CRSs that Chinese city data usually has: CGCS2000 3-degree zones by central meridian, without and with zone prefix.
COMMON_CRS = (
    *((f"EPSG:{4534 + n}", "crs.cgcs2000_3", 75 + 3 * n, 25 + n) for n in range(21)),
    *((f"EPSG:{4513 + n}", "crs.cgcs2000_3_zone", 75 + 3 * n, 25 + n) for n in range(21)),
    ("EPSG:4490", "crs.cgcs2000_degrees", 0, 0),
    ("EPSG:4326", "crs.wgs84_degrees", 0, 0),
    ("EPSG:3857", "crs.web_mercator", 0, 0),
    *((f"EPSG:{32643 + n}", "crs.utm", 75 + 6 * n, 43 + n) for n in range(11)),
)


class CrsQuestion(Ask):
    """Ask in which CRS a file's coordinates stand; :attr:`crs` holds the code."""

    def __init__(self, appearance: Appearance, file: str, like: str = "", parent: QWidget | None = None) -> None:
        super().__init__(appearance, "crs_question.title", parent)
        self.body.addWidget(caption(appearance, "crs_question.question", "heading", wrap=True, file=file))
        self.body.addWidget(caption(appearance, "crs_question.why", "soft", wrap=True))
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "crs_question.search")
        self.search.textChanged.connect(self._fill)
        self.list = QListWidget()
        self.list.setMinimumHeight(230)
        self.list.setAlternatingRowColors(True)
        self.list.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.list.itemDoubleClicked.connect(self._on_double_clicked)
        self.detail = label("small", wrap=True)
        self.detail.setMinimumHeight(34)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignTop)
        for part in (self.search, self.list, self.detail):
            self.body.addWidget(part)
        self.crs = ""
        self._like = like
        self.add_button("window.cancel", "")
        self.ok = self.add_button("crs_question.use", "ok", "primary")
        self.resize(560, 560)
        self._fill("")

    def _fill(self, query: str) -> None:
        self.list.clear()
        entries = sorted(COMMON_CRS, key=lambda entry: entry[0] != self._like)
        needle = query.strip().lower()
        for code, key, meridian, zone in entries:
            text = self.appearance.word(key, meridian=meridian, zone=zone)
            if not needle or needle in text.lower() or needle in code.lower():
                item = QListWidgetItem(f"{code}   {text}")
                item.setData(Qt.ItemDataRole.UserRole, code)
                self.list.addItem(item)
        digits = needle.removeprefix("epsg:")
        if digits.isdigit() and 4 <= len(digits) <= 6 and not self.list.count():
            item = QListWidgetItem(f"EPSG:{digits}")
            item.setData(Qt.ItemDataRole.UserRole, f"EPSG:{digits}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._on_chosen()

    def _on_double_clicked(self) -> None:
        if self.crs:
            self._end("ok")

    def _on_chosen(self) -> None:
        from models.core.errors import UserError
        from models.crs.frame import parse_crs

        item = self.list.currentItem()
        self.crs = str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""
        if not self.crs:
            self.detail.setText(self.appearance.word("crs_question.none"))
        else:
            try:
                crs = parse_crs(self.crs)
                area = crs.area_of_use.name if crs.area_of_use is not None else ""
                self.detail.setText(f"{crs.name}. {area}")
            except UserError:
                self.detail.setText(self.appearance.word("crs_question.unknown", crs=self.crs))
                self.crs = ""
        self.ok.setEnabled(bool(self.crs))


class StyleDialog(Ask):
    """Ask how a layer is drawn; :attr:`style_` and :attr:`role` hold the answer."""

    def __init__(
        self, appearance: Appearance, layer: Layer, fields: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(appearance, "style.title", parent, name=layer.title(appearance.lang))
        self.style_ = layer.style
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(10)
        self.role_ = PlainCombo()
        for role, facts in ROLES.items():
            self.role_.addItem(appearance.word(facts.word), role)
        self.role_.setCurrentIndex(self.role_.findData(layer.role))
        form.addRow(caption(appearance, "style.role"), self.role_)
        self.colour = QPushButton()
        self.plain = button(appearance, "style.default_colour", "quiet")
        self.colour.clicked.connect(self._choose_colour)
        self.plain.clicked.connect(lambda: self._set_colour(""))
        form.addRow(caption(appearance, "style.colour"), row(self.colour, self.plain, 1))
        self.opacity = QSpinBox()
        self.opacity.setRange(5, 100)
        self.opacity.setSuffix(" %")
        self.opacity.setValue(round(layer.style.opacity * 100))
        form.addRow(caption(appearance, "layers.opacity"), self.opacity)
        self.size_ = number_field(0.2, 5.0, layer.style.size, step=0.1)
        self.size_.setPrefix("× ")
        form.addRow(caption(appearance, "style.size"), self.size_)
        self.fields: dict[str, QComboBox] = {}
        names = ["by", "label_field"]
        if layer.role == "buildings":
            names += ["height_field", "storeys_field"]
        for name in names if fields else []:
            box = PlainCombo()
            box.addItem(appearance.word("style.automatic"), "")
            for field in fields:
                box.addItem(field, field)
            box.setCurrentIndex(max(box.findData(getattr(layer.style, name)), 0))
            self.fields[name] = box
            form.addRow(caption(appearance, f"style.{name}"), box)
        if layer.role == "buildings":
            self.storey = number_field(2.0, 8.0, layer.style.storey_height_m, suffix=" m", step=0.1)
            form.addRow(caption(appearance, "style.storey_height"), self.storey)
        self.body.addLayout(form)
        self._set_colour(layer.style.colour)
        self.add_button("window.cancel", "")
        self.add_button("window.apply", "ok", "primary")
        self.setMinimumWidth(420)

    @property
    def role(self) -> str:
        """Return the role that was chosen."""
        return str(self.role_.currentData())

    @property
    def style_chosen(self) -> Style:
        """Return the style that was chosen."""
        style = replace(self.style_, opacity=self.opacity.value() / 100, size=round(self.size_.value(), 2))
        for name, box in self.fields.items():
            chosen: Any = {name: str(box.currentData() or "")}
            style = replace(style, **chosen)
        if hasattr(self, "storey"):
            style = replace(style, storey_height_m=round(self.storey.value(), 2))
        return style

    def _choose_colour(self) -> None:
        start = QColor(self.style_.colour or self.appearance.colours["accent"])
        chosen = QColorDialog.getColor(start, self, self.appearance.word("style.colour"))
        if chosen.isValid():
            self._set_colour(chosen.name())

    def _set_colour(self, colour: str) -> None:
        self.style_ = replace(self.style_, colour=colour)
        self.colour.setIcon(chip(colour or self.appearance.colours["none"], 16, hatch=not colour))
        if colour:
            self.appearance.hush(self.colour.setText)
            self.colour.setText(colour)
        else:
            self.appearance.say(self.colour.setText, "style.by_role")


class AboutDialog(Ask):
    """What this program is."""

    def __init__(self, appearance: Appearance, version: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "action.help.about", parent)
        picture = label()
        picture.setPixmap(QIcon(str(icon_path())).pixmap(QSize(84, 84)))
        words = column(
            caption(appearance, "app.name", "title"), caption(appearance, "about.version", "small", version=version),
            caption(appearance, "about.what", wrap=True), caption(appearance, "about.license", "faint", wrap=True),
            gap=6,
        )  # fmt: skip
        layout = row(picture, words, gap=20)
        layout.setStretch(1, 1)
        layout.setAlignment(picture, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(layout)
        self.add_button("window.close", "", "primary")
        self.setFixedWidth(500)


class TextDialog(Ask):
    """A text that can be copied: the doctor's report, the list of keys."""

    def __init__(self, appearance: Appearance, title: str, why: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(appearance, title, parent)
        self.body.addWidget(caption(appearance, why, "soft", wrap=True))
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.body.addWidget(self.text)
        self.body.setStretch(1, 1)
        copy = self.add_button("window.copy", "")
        copy.clicked.disconnect()
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        self.add_button("window.close", "", "primary")
        self.resize(720, 520)
