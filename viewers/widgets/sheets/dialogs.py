"""What is asked about sheets: from which template a new one is made, and who makes the sheets of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFormLayout, QLineEdit, QRadioButton, QWidget

from models.sheets.spec import PAPERS, TitleBlock
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo
from viewers.widgets.common.rows import rows_item, rows_list

#: What the title block says, in the order of the form.
FIELDS = ("organisation", "drawn_by", "checked_by", "approved_by", "map_approval", "secrecy")
LOGO_PX = 56


class NewSheet(Ask):
    """Ask for template, subject and paper of a new sheet.

    Parameters
    ----------
    appearance : Appearance
    templates : sequence of (id, name, what it shows, paper, whether it lies)
    subjects : mapping by template of sequences of (key, words)
        What it can be about; the first is proposed.
    """

    def __init__(
        self,
        appearance: Appearance,
        templates: Sequence[tuple[str, str, str, str, bool]],
        subjects: Mapping[str, Sequence[tuple[str, str]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(appearance, "sheets.new.title", parent)
        self._templates, self._subjects = list(templates), subjects
        self.body.addWidget(caption(appearance, "sheets.new.question", "heading"))
        self.list = rows_list(appearance)
        self.list.setMinimumHeight(46 * min(len(templates), 6) + 8)
        for name, title, detail, _, lies in templates:
            icon = appearance.icon("presentation" if lies else "file", "accent")
            self.list.addItem(rows_item(icon, title, detail, name))
        self.list.currentRowChanged.connect(lambda _: self._show_template())
        self.list.itemDoubleClicked.connect(lambda _: self._end("ok"))
        appearance.say(self.list.setAccessibleName, "sheets.new.template")
        self.subject, self.paper, self.way = PlainCombo(), PlainCombo(), PlainCombo()
        self.paper.offer([(name, name) for name in PAPERS])
        self.way.offer([(name, appearance.word(f"sheets.way.{name}")) for name in ("landscape", "portrait")])
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(caption(appearance, "sheets.new.subject"), self.subject)
        form.addRow(caption(appearance, "sheets.page.paper"), row(self.paper, self.way, gap=8))
        for widget, key in (
            (self.subject, "sheets.new.subject"), (self.paper, "sheets.page.paper"), (self.way, "sheets.page.way"),
        ):  # fmt: skip
            appearance.say(widget.setAccessibleName, key)
        self.body.addWidget(self.list)
        self.body.addLayout(form)
        self.add_button("window.cancel", "")
        self.add_button("sheets.new.make", "ok", "primary")
        self.setMinimumWidth(480)
        self.list.setCurrentRow(0)

    @property
    def template(self) -> str:
        """Return the id of the chosen template."""
        return self._templates[max(self.list.currentRow(), 0)][0]

    @property
    def chosen(self) -> tuple[str, str, bool]:
        """Return subject, paper and whether it lies."""
        return str(self.subject.currentData()), str(self.paper.currentData()), self.way.currentData() == "landscape"

    def _show_template(self) -> None:
        name, _, _, paper, lies = self._templates[max(self.list.currentRow(), 0)]
        self.subject.offer(list(self._subjects.get(name, ())))
        self.subject.setEnabled(self.subject.count() > 1)
        self.paper.setCurrentIndex(self.paper.findData(paper))
        self.way.setCurrentIndex(0 if lies else 1)


class TitleBlockDialog(Ask):
    """Ask who makes, checks and approves the sheets of the project.

    Signals
    -------
    logo_wanted : () a picture is to be chosen; :meth:`set_logo` takes it
    """

    logo_wanted = Signal()

    def __init__(self, appearance: Appearance, block: TitleBlock, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "sheets.title_block.title", parent)
        self._block = block
        self.body.addWidget(caption(appearance, "sheets.title_block.why", "soft", wrap=True))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.fields: dict[str, QLineEdit] = {}
        for name in FIELDS:
            field = self.fields[name] = QLineEdit(getattr(block, name))
            field.setMaxLength(200)
            appearance.say(field.setAccessibleName, f"sheets.title_block.{name}")
            form.addRow(caption(appearance, f"sheets.title_block.{name}"), field)
        appearance.say(self.fields["map_approval"].setPlaceholderText, "sheets.title_block.map_approval.hint")
        appearance.say(self.fields["secrecy"].setPlaceholderText, "sheets.title_block.secrecy.hint")
        self.picture = label("faint")
        self.picture.setFixedSize(LOGO_PX * 2, LOGO_PX)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.choose = button(appearance, "sheets.title_block.choose_logo")
        self.choose.clicked.connect(self.logo_wanted)
        self.drop = button(appearance, "sheets.title_block.no_logo", "quiet")
        self.drop.clicked.connect(lambda: self.set_logo(b""))
        form.addRow(caption(appearance, "sheets.title_block.logo"), row(self.picture, self.choose, self.drop, 1, gap=8))
        self.wrong = label("bad", wrap=True)
        self.wrong.hide()
        self.body.addLayout(form)
        self.body.addLayout(column(self.wrong))
        self.add_button("window.cancel", "")
        self.add_button("window.ok", "ok", "primary")
        self.setMinimumWidth(520)
        self._show_logo()

    @property
    def block(self) -> TitleBlock:
        """Return what was entered."""
        said = {name: field.text().strip() for name, field in self.fields.items()}
        return replace(self._block, **said)  # type: ignore[arg-type]

    def set_logo(self, picture: bytes, wrong: str = "") -> None:
        """Take a logo (PNG or JPEG), empty for none; or say what is wrong with it."""
        self.wrong.setText(wrong)
        self.wrong.setVisible(bool(wrong))
        if not wrong:
            self._block = replace(self._block, logo=picture)
            self._show_logo()

    def _show_logo(self) -> None:
        image = QImage.fromData(self._block.logo) if self._block.logo else QImage()
        self.drop.setVisible(not image.isNull())
        if image.isNull():
            self.picture.setPixmap(QPixmap())
            self.appearance.say(self.picture.setText, "sheets.title_block.none")
            return
        self.appearance.hush(self.picture.setText)
        ratio = self.devicePixelRatioF()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        pixmap = QPixmap.fromImage(image).scaled(self.picture.size() * ratio, keep, smooth)
        pixmap.setDevicePixelRatio(ratio)
        self.picture.setPixmap(pixmap)


class ExportDialog(Ask):
    """Ask as what sheets are written."""

    def __init__(self, appearance: Appearance, count: int, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "sheets.export.title", parent)
        self.body.addWidget(caption(appearance, "sheets.export.question", "heading", count=count))
        kinds = ("pdf", "pdfs", "png") if count > 1 else ("pdf", "png")
        self.kinds = {name: QRadioButton() for name in kinds}
        for name, choice in self.kinds.items():
            appearance.say(choice.setText, f"sheets.export.{name}" if count > 1 else f"sheets.export.{name}.one")
        self.kinds["pdf"].setChecked(True)
        self.dpi = PlainCombo()
        own = appearance.word("sheets.export.own_dpi")
        self.dpi.offer([("", own), *((str(dots), f"{dots} dpi") for dots in (150, 200, 300, 400, 600))])
        appearance.say(self.dpi.setAccessibleName, "sheets.export.dpi")
        self.body.addLayout(column(*self.kinds.values(), gap=8))
        self.body.addLayout(row(caption(appearance, "sheets.export.dpi"), self.dpi, 1, gap=12))
        self.add_button("window.cancel", "")
        self.add_button("sheets.export.go", "ok", "primary")
        self.setMinimumWidth(400)

    @property
    def chosen(self) -> tuple[str, bool, int]:
        """Return suffix, whether all go into one file, and dots an inch (0 as each sheet says)."""
        name = next(name for name, choice in self.kinds.items() if choice.isChecked())
        return ".png" if name == "png" else ".pdf", name == "pdf", int(self.dpi.currentData() or 0)
