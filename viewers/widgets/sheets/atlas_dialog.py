"""Asks what an atlas is to be: what its sheets are about, indicators, order, paper; shows its first sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFormLayout, QListWidget, QListWidgetItem, QSpinBox, QWidget

from models.sheets.atlas.spec import BY, ORDERS, AtlasSpec
from models.sheets.spec import PAPERS
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo, plain_tip

#: Room of the picture of the first sheet, pixels.
ROOM = QSize(440, 330)
#: Changes of the form are counted after so many milliseconds without another.
_PAUSE_MS = 350
_LEAST_DPI, _MOST_DPI = 60, 600


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a list: its key and its words."""

    key: str
    text: str


class AtlasDialog(Ask):
    """Ask for an atlas.

    Signals
    -------
    changed : () something else is wanted: :meth:`show_count` takes how many sheets that is
    preview_wanted : () the first sheet is to be drawn; :meth:`show_preview` takes it

    Parameters
    ----------
    appearance : Appearance
    spec : AtlasSpec
        What is proposed.
    indicators : sequence of Choice
        Those with a result.
    templates : sequence of (Choice, what it is made for)
    chosen : int
        Buildings that are selected now.
    """

    changed = Signal()
    preview_wanted = Signal()

    def __init__(
        self, appearance: Appearance, spec: AtlasSpec, indicators: Sequence[Choice],
        templates: Sequence[tuple[Choice, Sequence[str]]], chosen: int = 0, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "atlas.dialog.title", parent)
        word = appearance.word
        self._appearance, self._spec, self._templates = appearance, spec, list(templates)
        self.by, self.order, self.template, self.paper, self.way, self.format = (PlainCombo() for _ in range(6))
        self.by.offer([(name, word(f"atlas.by.{name}")) for name in BY])
        self.order.offer([(name, word(f"atlas.order.{name}")) for name in ORDERS])
        self.paper.offer([(name, name) for name in PAPERS])
        self.way.offer([(name, word(f"sheets.way.{name}")) for name in ("landscape", "portrait")])
        self.format.offer([(".pdf", word("atlas.format.pdf")), (".png", word("atlas.format.png"))])
        self.dpi = QSpinBox()
        self.dpi.setRange(_LEAST_DPI, _MOST_DPI)
        self.dpi.setSingleStep(50)
        self.dpi.setValue(spec.dpi)
        self.dpi.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.indicators = QListWidget()
        self.indicators.setFixedHeight(150)
        self.indicators.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.indicators.setTextElideMode(Qt.TextElideMode.ElideRight)
        for one in indicators:
            item = QListWidgetItem(one.text)
            item.setData(Qt.ItemDataRole.UserRole, one.key)
            item.setToolTip(plain_tip(one.text))
            wanted = one.key in spec.indicators if spec.indicators else one is indicators[0]
            item.setCheckState(Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked)
            self.indicators.addItem(item)
            if wanted:
                self.indicators.setCurrentItem(item)
        self.hint = label("faint", wrap=True)
        self._chosen = chosen
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(9)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for key, field in (
            ("by", self.by), ("indicators", column(self.indicators, self.hint, gap=4)), ("order", self.order),
            ("template", self.template), ("paper", row(self.paper, self.way, gap=8)), ("dpi", self.dpi),
            ("format", self.format),
        ):  # fmt: skip
            form.addRow(caption(appearance, f"atlas.dialog.{key}"), field)
        for key, widget in (
            ("by", self.by), ("indicators", self.indicators), ("order", self.order), ("template", self.template),
            ("paper", self.paper), ("dpi", self.dpi), ("format", self.format),
        ):  # fmt: skip
            appearance.say(widget.setAccessibleName, f"atlas.dialog.{key}")
        appearance.say(self.way.setAccessibleName, "sheets.page.way")
        self.picture = label("faint", wrap=True)
        self.picture.setFixedSize(ROOM)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setText(word("atlas.dialog.no_preview"))
        self.show_first = button(appearance, "atlas.dialog.preview")
        self.show_first.clicked.connect(self._ask_for_preview)
        self.count, self.time = label("heading"), label("small")
        right = column(self.picture, row(self.show_first, 1), self.count, self.time, 1, gap=8)
        both = row(column(form, 1), right, gap=24)
        both.setStretch(0, 1)
        self.body.addLayout(both)
        self.add_button("window.cancel", "")
        self.go = self.add_button("atlas.dialog.go", "ok", "primary")
        self.setMinimumWidth(ROOM.width() + 460)
        for box, value in (
            (self.by, spec.by), (self.order, spec.order), (self.paper, spec.paper), (self.format, spec.suffix),
            (self.way, "landscape" if spec.landscape else "portrait"),
        ):  # fmt: skip
            box.setCurrentIndex(max(box.findData(value), 0))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self.changed)
        self._on_by()
        self.by.activated.connect(lambda _: self._on_by())
        for signal in (
            self.order.activated, self.template.activated, self.paper.activated, self.way.activated,
            self.format.activated, self.dpi.valueChanged, self.indicators.itemChanged,
        ):  # fmt: skip
            signal.connect(lambda *_: self._timer.start())

    @property
    def spec(self) -> AtlasSpec:
        """Return what is asked for."""
        items = [self.indicators.item(at) for at in range(self.indicators.count())]
        codes = [str(one.data(Qt.ItemDataRole.UserRole)) for one in items if one.checkState() == Qt.CheckState.Checked]
        by = str(self.by.currentData())
        return replace(
            self._spec, by=by, indicators=() if by == "facilities" else tuple(codes), only=(),
            order=str(self.order.currentData()), template=str(self.template.currentData() or ""),
            paper=str(self.paper.currentData()), landscape=self.way.currentData() == "landscape",
            dpi=self.dpi.value(), suffix=str(self.format.currentData()),
        )  # fmt: skip

    def show_count(self, count: int, why: str = "") -> None:
        """Say how many sheets it would have; ``why`` there are none."""
        word = self._appearance.word
        self.count.setText(word("atlas.dialog.count", count=f"{count:,}") if count else word("atlas.dialog.none"))
        self.go.setEnabled(count > 0)
        self.show_first.setEnabled(count > 0)
        if not count:
            self.time.setText(why)

    def show_time(self, seconds: float) -> None:
        """Say how long that takes, about; 0 where nobody knows yet."""
        word = self._appearance.word
        if seconds <= 0:
            self.time.setText(word("atlas.dialog.time.unknown"))
        elif seconds < 90:
            self.time.setText(word("atlas.dialog.time.seconds", count=max(round(seconds / 10) * 10, 10)))
        else:
            self.time.setText(word("atlas.dialog.time.minutes", count=round(seconds / 60)))

    def show_preview(self, image: QImage | None, text: str = "") -> None:
        """Show the first sheet, or say why it is not there."""
        self.show_first.setEnabled(True)
        if image is None or image.isNull():
            self.picture.setText(text or self._appearance.word("atlas.dialog.no_preview"))
            return
        ratio = self.devicePixelRatioF()
        small = image.scaled(
            ROOM * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        small.setDevicePixelRatio(ratio)
        self.picture.setPixmap(QPixmap.fromImage(small))

    def _ask_for_preview(self) -> None:
        self.show_first.setEnabled(False)
        self.picture.setText(self._appearance.word("atlas.dialog.drawing"))
        self.preview_wanted.emit()

    def _on_by(self) -> None:
        by = str(self.by.currentData())
        self.template.offer([(one.key, one.text) for one, made_for in self._templates if by in made_for])
        self.template.setCurrentIndex(max(self.template.findData(self._spec.template), 0))
        self.indicators.setEnabled(by != "facilities" and not (by == "building" and self._chosen))
        key = "building.chosen" if by == "building" and self._chosen else by
        self.hint.setText(self._appearance.word(f"atlas.hint.{key}", count=f"{self._chosen:,}"))
        self._timer.start()
