"""How sheets are printed, with a picture of the paper as it will come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QRadioButton, QSpinBox, QWidget

from models.core.errors import UserError
from models.sheets.layout import Box
from models.sheets.print_order import Duplex, PrintOrder, is_cut, pages_of, placed
from models.sheets.spec import PAPERS, SheetSpec
from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import caption, column, label, row, tool
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.plain import PlainCombo

#: Room of the picture of the paper, pixels; what printers leave white, as far as nobody knows better, millimetres.
ROOM, WHITE_MM = QSize(430, 380), 4.0
MOST_COPIES = 99


class PaperPicture(QWidget):
    """A sheet of paper with a page on it."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._paper: tuple[float, float] = (420.0, 297.0)
        self._place: Box = (0.0, 0.0, 420.0, 297.0)
        self._image = QImage()
        self.setFixedSize(ROOM)

    def show_paper(self, paper_mm: tuple[float, float], place_mm: Box, image: QImage, *, grey: bool) -> None:
        """Show a page on paper."""
        self._paper, self._place = paper_mm, place_mm
        self._image = image.convertToFormat(QImage.Format.Format_Grayscale8) if grey and not image.isNull() else image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the paper in the middle, what lies beside it not at all."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        scale = min((self.width() - 16) / self._paper[0], (self.height() - 16) / self._paper[1])
        paper = QRectF(0, 0, self._paper[0] * scale, self._paper[1] * scale)
        paper.moveCenter(QRectF(self.rect()).center())
        painter.setPen(QPen(self._appearance.colour("line_strong"), 1))
        painter.setBrush(QColor("#ffffff"))
        painter.drawRect(paper)
        painter.setClipRect(paper)
        left, top, width, height = (side * scale for side in self._place)
        place = QRectF(paper.left() + left, paper.top() + top, width, height)
        if self._image.isNull():
            painter.fillRect(place, QColor("#f1f4f6"))
        else:
            painter.drawImage(place, self._image)


class PrintDialog(Ask):
    """Ask for printer, paper, sides, pages, copies and size.

    Signals
    -------
    page_wanted : (position of a sheet) its picture is to be painted; :meth:`show_page` takes it

    Parameters
    ----------
    appearance : Appearance
    sheets : sequence of SheetSpec
    printers : sequence of str
        The usual one first; there is at least one.
    sides_of, papers_of : callable
        What a printer can.
    """

    page_wanted = Signal(int)

    def __init__(
        self, appearance: Appearance, sheets: Sequence[SheetSpec], printers: Sequence[str],
        sides_of: Callable[[str], Sequence[Duplex]], papers_of: Callable[[str], Sequence[str]],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "print.title", parent)
        self._sheets, self._sides_of, self._papers_of = list(sheets), sides_of, papers_of
        self._images: dict[int, QImage] = {}
        self._at = 0
        self.picture = PaperPicture(appearance)
        self.before = tool(appearance, "caret-left", "print.before", size=16)
        self.next = tool(appearance, "caret-right", "print.next", size=16)
        self.before.clicked.connect(lambda: self._turn(-1))
        self.next.clicked.connect(lambda: self._turn(1))
        self.says = label("small")
        self.says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.says.setMinimumWidth(170)
        self.warns = label("warn", wrap=True)
        self.warns.setFixedWidth(ROOM.width())
        self.warns.setMinimumHeight(2 * self.warns.fontMetrics().lineSpacing())
        self.warns.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.printer, self.paper, self.sides = PlainCombo(), PlainCombo(), PlainCombo()
        self.printer.offer([(name, name) for name in printers])
        self.pages = QLineEdit()
        appearance.say(self.pages.setPlaceholderText, "print.pages.hint", count=len(sheets))
        self.copies = QSpinBox()
        self.copies.setRange(1, MOST_COPIES)
        self.copies.lineEdit().setTextMargins(7, 0, 0, 0)  # the style's padding does not reach the text
        self.collate, self.grey = QCheckBox(), QCheckBox()
        appearance.say(self.collate.setText, "print.collate")
        appearance.say(self.grey.setText, "print.grey")
        self.collate.setChecked(True)
        self.fitted, self.true = QRadioButton(), QRadioButton()
        appearance.say(self.fitted.setText, "print.fit.paper")
        appearance.say(self.true.setText, "print.fit.true")
        appearance.say(self.true.setToolTip, "print.fit.true.tip")
        self.fitted.setChecked(True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        copies = row(self.copies, self.collate, 1, gap=12)
        for key, field in (
            ("printer", self.printer), ("paper", self.paper), ("size", column(self.fitted, self.true, gap=4)),
            ("sides", self.sides), ("pages", self.pages), ("copies", copies), ("colour", self.grey),
        ):  # fmt: skip
            form.addRow(caption(appearance, f"print.{key}"), field)
        for widget, key in (
            (self.printer, "printer"), (self.paper, "paper"), (self.sides, "sides"), (self.pages, "pages"),
            (self.copies, "copies"),
        ):  # fmt: skip
            appearance.say(widget.setAccessibleName, f"print.{key}")
        turn = row(1, self.before, self.says, self.next, 1, gap=4)
        left = column(self.picture, turn, self.warns, 1, gap=6)
        right = column(form, 1)
        both = row(left, right, gap=24)
        both.setStretch(1, 1)
        self.body.addLayout(both)
        self.add_button("window.cancel", "")
        self.go = self.add_button("print.go", "ok", "primary")
        self.printer.activated.connect(lambda _: self._on_printer())
        for changed in (
            self.paper.activated, self.sides.activated, self.fitted.toggled, self.grey.toggled, self.pages.textChanged,
        ):  # fmt: skip
            changed.connect(lambda *_: self._show())
        self.setMinimumWidth(ROOM.width() + 470)
        self._on_printer()

    @property
    def order(self) -> PrintOrder:
        """Return what was chosen.

        Raises
        ------
        UserError
            ``print.bad_pages``
        """
        return PrintOrder(
            str(self.printer.currentData() or ""), str(self.paper.currentData() or ""),
            self.sides.currentData() or "none", pages_of(self.pages.text(), len(self._sheets)), self.copies.value(),
            self.collate.isChecked(), "paper" if self.fitted.isChecked() else "true", self.grey.isChecked(),
        )  # fmt: skip

    def show_page(self, at: int, image: QImage) -> None:
        """Take the picture of a page."""
        self._images[at] = image
        self._show()

    def ask_for_page(self) -> None:
        """Ask for the picture of the page that is looked at."""
        if self._at not in self._images:
            self.page_wanted.emit(self._at)

    def _on_printer(self) -> None:
        name, word = str(self.printer.currentData() or ""), self.appearance.word
        self.paper.offer([("", word("print.paper.own")), *((one, one) for one in self._papers_of(name))])
        self.sides.offer([(side, word(f"print.sides.{side}")) for side in self._sides_of(name)])
        self.sides.setEnabled(self.sides.count() > 1)
        self._show()

    def _turn(self, by: int) -> None:
        pages = self._pages()
        at = pages.index(self._at) + by if self._at in pages else 0
        self._at = pages[min(max(at, 0), len(pages) - 1)]
        self._show()
        self.ask_for_page()

    def _pages(self) -> tuple[int, ...]:
        try:
            return pages_of(self.pages.text(), len(self._sheets))
        except UserError:
            return ()

    def _show(self) -> None:
        pages, word = self._pages(), self.appearance.word
        self.go.setEnabled(bool(pages))
        if pages and self._at not in pages:
            self._at = pages[0]
            self.ask_for_page()
        at = pages.index(self._at) if pages else 0
        self.before.setEnabled(at > 0)
        self.next.setEnabled(at < len(pages) - 1)
        sheet = self._sheets[self._at]
        paper = str(self.paper.currentData() or sheet.paper)
        short, long = PAPERS[paper]
        size = (float(long), float(short)) if sheet.landscape else (float(short), float(long))
        room = (WHITE_MM, WHITE_MM, size[0] - 2 * WHITE_MM, size[1] - 2 * WHITE_MM)
        place = placed(sheet.size_mm, size, room, "paper" if self.fitted.isChecked() else "true")
        self.picture.show_paper(size, place, self._images.get(self._at, QImage()), grey=self.grey.isChecked())
        percent = place[2] / sheet.size_mm[0] * 100
        told = word("print.says", at=at + 1, count=max(len(pages), 1), paper=paper, percent=f"{percent:.0f}")
        self.says.setText(told)
        if not pages:
            self.warns.setText(word("error.print.bad_pages", text=self.pages.text(), count=len(self._sheets)))
        else:
            self.warns.setText(word("print.cut") if is_cut(place, size) else "")
