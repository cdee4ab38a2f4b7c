"""What a picture of the city shall be like, with a small picture of the sheet as it will be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QGridLayout,
    QLineEdit,
    QRadioButton,
    QSpinBox,
    QWidget,
)

from models.views.scene_state import Theme
from models.views.snapshot_spec import FURNITURE
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: Sizes by name: pixels of screens, millimetres of paper (width, height).
SCREENS_PX = {"hd": (1920, 1080), "4k": (3840, 2160)}
PAPERS_MM = {"a4": (297, 210), "a3": (420, 297)}
PRINT_DPI, LEAST_DPI = 300, 72
LEAST_PX, MOST_PX = 320, 16384
MM_AN_INCH = 25.4
#: Room of the small picture, pixels of the screen.
PREVIEW = QSize(520, 340)
#: A change is drawn after so many milliseconds without a further one.
REST_MS = 90


@dataclass(frozen=True, slots=True)
class SnapshotChoice:
    """What was chosen for a picture.

    Parameters
    ----------
    width_px, height_px : int
    dpi : int
        Pixels an inch of paper, 0 for a screen.
    title : str
    theme : Theme
    lang : str
    without : tuple of str
        What of the furniture is left out.
    dark : bool
    selection : bool
        Whether what is selected is marked, with its call-out.
    suffix : str
        ``".png"`` or ``".pdf"``.
    transparent : bool
        Whether the sky is left clear.
    """

    width_px: int
    height_px: int
    dpi: int
    title: str
    theme: Theme
    lang: str
    without: tuple[str, ...]
    dark: bool
    selection: bool
    suffix: str
    transparent: bool = False


class SnapshotDialog(Ask):
    """Ask for kind, size, title and furniture of a picture; :attr:`choice` holds the answer.

    Signals
    -------
    changed : ()
        Something was chosen, and the small picture is to be drawn again.

    Parameters
    ----------
    appearance : Appearance
    title : str
        The title that is proposed.
    themes : sequence of (Theme, str)
    current : Theme
        The one in view.
    view_size : tuple of int
        Pixels of the view.
    selected : str
        What is selected, in words; empty for nothing.
    synthetic : bool
        Whether the sheet says that its data is a sample.
    """

    changed = Signal()

    def __init__(
        self, appearance: Appearance, title: str, themes: Sequence[tuple[Theme, str]], current: Theme,
        view_size: tuple[int, int], *, selected: str = "", synthetic: bool = False, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "snapshot.title", parent)
        self._current, self._proposed = current, title
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.changed)
        self.title_ = QLineEdit(title)
        self.title_.setCursorPosition(0)  # a long one is read from its beginning
        self.kinds = QButtonGroup(self)
        self.png, self.pdf = QRadioButton(), QRadioButton()
        for kind, name in ((self.png, "png"), (self.pdf, "pdf")):
            self.kinds.addButton(kind)
            appearance.say(kind.setText, f"snapshot.{name}")
            appearance.say(kind.setToolTip, f"snapshot.{name}.tip")
        self.png.setChecked(True)
        self.size_ = PlainCombo()
        self.size_.addItem(appearance.word("snapshot.size.view", width=view_size[0], height=view_size[1]), view_size)
        for name, (width, height) in SCREENS_PX.items():
            self.size_.addItem(appearance.word(f"snapshot.size.{name}", width=width, height=height), (width, height))
        for name, (wide, tall) in PAPERS_MM.items():
            self.size_.addItem(appearance.word(f"snapshot.size.{name}", width=wide, height=tall), name)
        self.size_.addItem(appearance.word("snapshot.size.own"), None)
        self.size_.setCurrentIndex(1)
        self.dpi = QSpinBox()
        self.dpi.setRange(LEAST_DPI, 600)
        self.dpi.setSuffix(" dpi")
        self.dpi.setValue(PRINT_DPI)
        self.width_, self.height_ = QSpinBox(), QSpinBox()
        for box in (self.width_, self.height_):
            box.setRange(LEAST_PX, MOST_PX)
            box.setSuffix(" px")
        for box in (self.width_, self.height_, self.dpi):
            box.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.theme, self.lang = PlainCombo(), PlainCombo()
        for at, (theme, text) in enumerate(themes):
            self.theme.addItem(text, theme)
            if theme == current:
                self.theme.setCurrentIndex(at)
        for code in ("zh", "en"):
            self.lang.addItem(appearance.word(f"lang.{code}"), code)
        self.lang.setCurrentIndex(self.lang.findData(appearance.lang))
        self.parts = {name: self._check(f"snapshot.part.{name}") for name in FURNITURE}
        self.selection = self._check("snapshot.part.selection", on=bool(selected))
        self.selection.setEnabled(bool(selected))
        self.synthetic = self._check("snapshot.part.synthetic", on=synthetic)
        self.synthetic.setEnabled(False)
        appearance.say(self.synthetic.setToolTip, "snapshot.part.synthetic.tip")
        self.dark = self._check("snapshot.dark", on=appearance.dark)
        self.transparent = self._check("snapshot.transparent", on=False)
        parts = QGridLayout()
        parts.setHorizontalSpacing(14)
        parts.setVerticalSpacing(6)
        checks = (*self.parts.values(), self.selection, self.synthetic, self.dark, self.transparent)
        for at, check in enumerate(checks):
            parts.addWidget(check, at // 2, at % 2)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key, field in (
            ("snapshot.heading", self.title_), ("snapshot.kind", row(self.png, self.pdf, 1, gap=18)),
            ("snapshot.size", self.size_), ("", row(self.width_, self.height_, self.dpi, gap=6)),
            ("snapshot.theme", self.theme), ("snapshot.lang", self.lang), ("snapshot.parts", parts),
        ):  # fmt: skip
            form.addRow(caption(appearance, key) if key else label(), field)
        named: tuple[tuple[QWidget, str], ...] = ((self.title_, "snapshot.heading"), (self.size_, "snapshot.size"),
                           (self.theme, "snapshot.theme"), (self.lang, "snapshot.lang"),
                           (self.width_, "snapshot.width"), (self.height_, "snapshot.height"),
                           (self.dpi, "snapshot.dpi"))  # fmt: skip
        for widget, key in named:
            appearance.say(widget.setAccessibleName, key)
        self.picture = label()
        self.picture.setFixedSize(PREVIEW)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        appearance.say(self.picture.setAccessibleName, "snapshot.preview")
        self.note = label("faint", wrap=True)
        self.note.setFixedWidth(PREVIEW.width())
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing())
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        left = column(self.picture, self.note, 1, gap=8)
        right = column(form, 1, caption(appearance, "snapshot.why", "faint", wrap=True), gap=12)
        both = row(left, right, gap=24)
        both.setStretch(1, 1)
        self.body.addLayout(both)
        self.add_button("window.cancel", "")
        self.add_button("snapshot.save", "ok", "primary")
        self.size_.currentIndexChanged.connect(self._on_size_chosen)
        self.dpi.valueChanged.connect(self._on_size_chosen)
        for changed in (
            self.title_.textChanged, self.kinds.buttonToggled, self.width_.valueChanged, self.height_.valueChanged,
            self.theme.currentIndexChanged, self.lang.currentIndexChanged, *(check.toggled for check in checks),
        ):  # fmt: skip
            changed.connect(lambda *_: self._on_changed())
        self.setMinimumWidth(PREVIEW.width() + 530)
        self._on_size_chosen()

    @property
    def choice(self) -> SnapshotChoice:
        """Return what was chosen."""
        theme = self.theme.currentData()
        return SnapshotChoice(
            self.width_.value(), self.height_.value(), self.dpi.value() if self._paper_mm else 0,
            self.title_.text().strip(), theme if isinstance(theme, Theme) else Theme(), str(self.lang.currentData()),
            tuple(name for name, check in self.parts.items() if not check.isChecked()),
            self.dark.isChecked(), self.selection.isChecked(), ".pdf" if self.pdf.isChecked() else ".png",
            self.transparent.isChecked(),
        )  # fmt: skip

    @property
    def is_renamed(self) -> bool:
        """Whether the person gave the sheet a title of its own."""
        return self.title_.text().strip() != self._proposed

    def propose_title(self, title: str) -> None:
        """Put another title where the person has not written one."""
        if not self.is_renamed:
            self._proposed = title
            self.title_.setText(title)
            self.title_.setCursorPosition(0)

    def show_preview(self, image: QImage) -> None:
        """Show the small picture."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self.picture.setPixmap(pixmap)

    def preview_width(self) -> int:
        """Return how many pixels wide the small picture is to be, so that it fits its room."""
        scale = min(PREVIEW.width() / self.width_.value(), PREVIEW.height() / self.height_.value())
        return max(round(self.width_.value() * scale * self.devicePixelRatioF()), 16)

    @property
    def _paper_mm(self) -> tuple[int, int] | None:
        return PAPERS_MM.get(self.size_.currentData()) if isinstance(self.size_.currentData(), str) else None

    def _check(self, key: str, *, on: bool = True) -> QCheckBox:
        result = QCheckBox()
        self.appearance.say(result.setText, key)
        result.setChecked(on)
        return result

    def _on_size_chosen(self, *_: object) -> None:
        size, paper = self.size_.currentData(), self._paper_mm
        self.dpi.setEnabled(paper is not None)
        for box in (self.width_, self.height_):
            box.setEnabled(size is None)
        if paper is not None:
            self.dpi.setMaximum(min(600, int(MOST_PX * MM_AN_INCH / max(paper))))
            size = tuple(round(mm / MM_AN_INCH * self.dpi.value()) for mm in paper)
        if size is not None:
            self.width_.setValue(size[0])
            self.height_.setValue(size[1])
        self._on_changed()

    def _on_changed(self) -> None:
        other = self.theme.currentData() != self._current or self.dark.isChecked() != self.appearance.dark
        size = f"{self.width_.value()} × {self.height_.value()} px"
        key = "snapshot.preview.colours" if other else "snapshot.preview.as_is"
        self.appearance.say(self.note.setText, key, size=size)
        self._rest.start()
