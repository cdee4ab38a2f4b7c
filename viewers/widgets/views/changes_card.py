"""What has changed since a picture was made: a card over the view, and the picture itself laid over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import button, caption, column, label, row
from viewers.widgets.common.dialogs import Ask
from viewers.widgets.common.tool_bar_card import ToolCard

#: Lines that are shown; how many more there are is said.
MOST_LINES = 7
WIDE_PX = 380


class ChangesCard(ToolCard):
    """Says of which picture the view is, and what is otherwise now.

    Signals
    -------
    picture_wanted : (bool) the picture as it was is to lie over the view, or no longer
    """

    picture_wanted = Signal(bool)

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(appearance, "clock-counter-clockwise", "seen.card", parent)
        self.of = label("small", wrap=True)
        self.says = label("strong", wrap=True)
        self.lines = label(wrap=True)
        self.show_ = button(appearance, "seen.show", icon="image")
        self.show_.setCheckable(True)
        self.show_.toggled.connect(self._on_toggled)
        self.fill_head(())
        self.setFixedWidth(WIDE_PX)
        self.lay_out(self.of, self.says, self.lines, row(self.show_, 1), gap=7, margins=(12, 6, 8, 10))

    @property
    def shows_picture(self) -> bool:
        """Whether the picture as it was is asked for."""
        return self.show_.isChecked()

    def show_changes(self, file: str, date: str, lines: Sequence[str], *, knows: bool, has_picture: bool) -> None:
        """Say what has changed.

        Parameters
        ----------
        file, date : str
            Of the picture.
        lines : sequence of str
            One a change.
        knows : bool
            Whether the picture says what it was made of.
        has_picture : bool
            Whether it can be laid over the view.
        """
        say, word = self.appearance.say, self.appearance.word
        say(self.of.setText, "seen.of" if date else "seen.of.undated", file=file, date=date)
        if lines:
            say(self.says.setText, "seen.changed", count=len(lines))
        else:
            say(self.says.setText, "seen.same" if knows else "seen.unknown")
        shown = [f"· {line}" for line in lines[:MOST_LINES]]
        if len(lines) > MOST_LINES:
            shown.append(word("seen.more", count=len(lines) - MOST_LINES))
        self.lines.setText("\n".join(shown))
        self.lines.setVisible(bool(shown))
        self.show_.setChecked(False)
        self.show_.setVisible(has_picture)
        self.adjustSize()
        self.resized.emit()

    def _on_toggled(self, on: bool) -> None:
        self.appearance.say(self.show_.setText, "seen.hide" if on else "seen.show")
        self.picture_wanted.emit(on)


class PictureOver(QWidget):
    """A picture over the view, as high as the view: what lies in its middle lies over the same place."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._image = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_image(self, image: QImage) -> None:
        """Show a picture."""
        self._image = image
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the picture in the middle."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        wide = self.height() * self._image.width() / self._image.height()
        painter.drawImage(QRectF((self.width() - wide) / 2, 0, wide, self.height()), self._image)


class OtherProject(Ask):
    """What to do with a picture of another project: answers ``"open"``, ``"here"`` or nothing."""

    def __init__(
        self, appearance: Appearance, file: str, project: str, parent: QWidget | None = None, *, exists: bool,
        is_open: bool,
    ) -> None:  # fmt: skip
        super().__init__(appearance, "seen.other.title", parent)
        key = "seen.other" if exists else "seen.other.gone"
        words = column(
            caption(appearance, key, "heading", wrap=True, file=file, project=project),
            caption(appearance, "seen.other.why", "soft", wrap=True), gap=8,
        )  # fmt: skip
        self.body.addLayout(words)
        self.add_button("window.cancel", "")
        if is_open:
            self.add_button("seen.other.here", "here", "" if exists else "primary")
        if exists:
            self.add_button("seen.other.open", "open", "primary")
        self.setFixedWidth(480)
