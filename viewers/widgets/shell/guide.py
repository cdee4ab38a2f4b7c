"""The guide inside the program: pages of the documentation with contents, search, back, and pictures; offline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QImageReader,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from viewers.widgets.common.appearance import Appearance
from viewers.widgets.common.controls import column, label, row, tool

#: Pages in the order of the contents; ``guide.page.<name>`` is their word.
PAGES = ("guide", "city", "models", "facilities", "health", "cli", "actions", "offline")
WIDE_PX, HIGH_PX = 1040, 680
CONTENTS_PX = 250
_MARGIN_PX = 40
_LINE_PERCENT, _HEAD_PX, _PARAGRAPH_PX = 125, 16, 8
_IMAGE = int(QTextDocument.ResourceType.ImageResource.value)
_PAGE, _HEADING = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


def file_of(folder: Path, page: str, lang: str) -> Path | None:
    """Return the file of a page, in the language where it is written in it; None where it is not there."""
    names = (f"{page}.zh.md", f"{page}.md") if lang == "zh" else (f"{page}.md",)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def slug(heading: str) -> str:
    """Return the anchor that a heading has: letters and digits in small, spaces as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def headings(text: str) -> list[str]:
    """Return the headings of the second level, without those in code."""
    return re.findall(r"^## (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)


def scaled(path: Path, width: int, ratio: float) -> QImage:
    """Read a picture, at most so wide; for any thread."""
    image = QImage(str(path))
    most = round(width * ratio)
    if image.width() > most:
        image = image.scaledToWidth(most, Qt.TransformationMode.SmoothTransformation)
    image.setDevicePixelRatio(ratio)
    return image


class Page(QTextBrowser):
    """One page; its pictures come later and have their room from the beginning."""

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._appearance = appearance
        self.folder = Path()
        self.pictures: dict[str, QImage] = {}
        self.wanted: list[str] = []
        self.setOpenLinks(False)
        self.setObjectName("guidePage")
        self.document().setDocumentMargin(_MARGIN_PX / 2)

    @property
    def picture_px(self) -> int:
        """Return how wide a picture may be."""
        return max(self.viewport().width() - _MARGIN_PX - 10, 200)

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802
        """Return a picture of the page's folder, an empty one of its size until it is read; nothing else is fetched."""
        key = name.toString() if isinstance(name, QUrl) else name
        if kind != _IMAGE or "://" in key:
            return None
        if key not in self.pictures:
            size = QImageReader(str(self.folder / key)).size()
            if not size.isValid():
                return None
            size.scale(QSize(min(size.width(), self.picture_px), 10_000), Qt.AspectRatioMode.KeepAspectRatio)
            empty = QImage(size, QImage.Format.Format_RGB32)
            empty.fill(self._appearance.colour("sunken"))
            self.pictures[key] = empty
            self.wanted.append(key)
        return self.pictures[key]

    def take_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """Show pictures that were read."""
        self.pictures.update(pictures)
        for key, image in pictures.items():
            self.document().addResource(_IMAGE, QUrl(key), image)
        self.document().markContentsDirty(0, self.document().characterCount())
        self.viewport().update()


class GuideWindow(QDialog):
    """The guide in a window of its own, beside which the work goes on.

    Signals
    -------
    pictures_wanted : (list of Path, int width in pixels) :meth:`show_pictures` takes them

    Parameters
    ----------
    appearance : Appearance
    folder : Path
        Where the pages lie.
    """

    pictures_wanted = Signal(object, int)

    def __init__(self, appearance: Appearance, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.appearance, self._folder = appearance, folder
        self._page, self._heading = "", 0
        self._behind: list[tuple[str, int]] = []
        appearance.say(self.setWindowTitle, "guide.title")
        self.browser = Page(appearance)
        self.browser.anchorClicked.connect(self._follow)
        appearance.say(self.browser.setAccessibleName, "guide.title")
        self.contents = QListWidget()
        self.contents.setFixedWidth(CONTENTS_PX)
        self.contents.itemActivated.connect(self._on_chosen)
        self.contents.itemClicked.connect(self._on_chosen)
        appearance.say(self.contents.setAccessibleName, "guide.contents")
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        appearance.say(self.search.setPlaceholderText, "guide.search")
        appearance.say(self.search.setAccessibleName, "guide.search")
        self.search.returnPressed.connect(self.find_next)
        self.back = tool(appearance, "arrow-left", "guide.back")
        self.back.clicked.connect(self.go_back)
        self.told = label("small")
        top = row(self.back, self.search, self.told, margins=(10, 8, 10, 8))
        top.setStretch(1, 1)
        both = row(self.contents, self.browser, gap=0)
        both.setStretch(1, 1)
        self.setLayout(column(top, both, gap=0))
        self.resize(WIDE_PX, HIGH_PX)
        appearance.lang_changed.connect(self._show_again)
        appearance.look_changed.connect(self._show_again)

    @property
    def page(self) -> str:
        """Return the name of the page that is shown."""
        return self._page

    def open(self, page: str = "guide", heading: int = 0) -> None:
        """Show a page from its beginning, or from its n-th heading (1 is the first)."""
        self._fill_contents()
        self.show()  # first, so that the page has its width and pictures theirs
        self._show(page, heading)
        self.raise_()
        self.activateWindow()
        self.search.setFocus()

    def show_pictures(self, pictures: Sequence[tuple[Path, QImage]]) -> None:
        """Put pictures into their places."""
        keys = {(self.browser.folder / key).resolve(): key for key in self.browser.pictures}
        self.browser.take_pictures({keys[path]: image for path, image in pictures if path in keys})
        self._scroll()

    def go_back(self) -> None:
        """Show what was shown before."""
        if self._behind:
            self._show(*self._behind.pop(), keep=False)

    def find_next(self) -> None:
        """Find the next place of the text, on this page and then on those after it."""
        text = self.search.text().strip()
        self.told.setText("")
        if not text or self.browser.find(text):
            return
        order = [*PAGES[PAGES.index(self._page) + 1 :], *PAGES[: PAGES.index(self._page) + 1]]
        for page in order:
            if text.lower() in self._text(page).lower():
                if page != self._page:
                    self._show(page)
                self.browser.moveCursor(QTextCursor.MoveOperation.Start)
                if self.browser.find(text):
                    return
        self.told.setText(self.appearance.word("guide.not_found", text=text))

    def _text(self, page: str) -> str:
        file = file_of(self._folder, page, self.appearance.lang)
        return file.read_text(encoding="utf-8") if file is not None else ""

    def _fill_contents(self) -> None:
        self.contents.clear()
        for page in PAGES:
            if text := self._text(page):
                self._add(self.appearance.word(f"guide.page.{page}"), page, 0)
                for at, heading in enumerate(headings(text) if page in PAGES[:4] else (), 1):
                    self._add(f"    {heading}", page, at)

    def _add(self, text: str, page: str, heading: int) -> None:
        item = QListWidgetItem(text)
        item.setData(_PAGE, page)
        item.setData(_HEADING, heading)
        font = item.font()
        font.setBold(heading == 0)
        item.setFont(font)
        self.contents.addItem(item)

    def _show_again(self) -> None:
        if self._page:
            self._fill_contents()
            self._show(self._page, self._heading, keep=False)

    def _show(self, page: str, heading: int = 0, *, keep: bool = True) -> None:
        if keep and self._page and (page, heading) != (self._page, self._heading):
            self._behind.append((self._page, self._heading))
        self.back.setEnabled(bool(self._behind))
        text, browser = self._text(page), self.browser
        self._page, self._heading = page, heading
        browser.folder, browser.pictures, browser.wanted = self._folder, {}, []
        if not text:
            browser.setPlainText(self.appearance.word("guide.missing", folder=str(self._folder)))
            return
        browser.document().setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        _give_air(browser.document())
        browser.moveCursor(QTextCursor.MoveOperation.Start)
        self._scroll()
        for at in range(self.contents.count()):
            item = self.contents.item(at)
            if (item.data(_PAGE), item.data(_HEADING)) == (page, heading):
                self.contents.setCurrentRow(at)
        if browser.wanted:
            self.pictures_wanted.emit([(self._folder / key).resolve() for key in browser.wanted], browser.picture_px)

    def _scroll(self) -> None:
        found = self._blocks()
        if 0 < self._heading <= len(found):
            layout = self.browser.document().documentLayout()
            top = layout.blockBoundingRect(found[self._heading - 1]).top()
            self.browser.verticalScrollBar().setValue(int(top) - 6)

    def _blocks(self) -> list[QTextBlock]:
        block, found = self.browser.document().begin(), []
        while block.isValid():
            if block.blockFormat().headingLevel() == 2:
                found.append(block)
            block = block.next()
        return found

    def _follow(self, link: QUrl) -> None:
        if link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)
            return
        name = Path(link.path()).name.removesuffix(".md").removesuffix(".zh") if link.path() else self._page
        if name not in PAGES:
            return
        anchors = [slug(heading) for heading in headings(self._text(name))]
        mark = link.fragment(QUrl.ComponentFormattingOption.FullyDecoded)
        self._show(name, anchors.index(mark) + 1 if mark in anchors else 0)

    def _on_chosen(self, item: QListWidgetItem) -> None:
        self._show(str(item.data(_PAGE)), int(item.data(_HEADING)))


def _give_air(document: QTextDocument) -> None:
    """Set lines and paragraphs apart, which Markdown does not say."""
    block = document.begin()
    while block.isValid():
        form, level = block.blockFormat(), block.blockFormat().headingLevel()
        form.setLineHeight(_LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if not QTextCursor(block).currentTable():
            form.setTopMargin(_HEAD_PX if level else 0)
            form.setBottomMargin(_PARAGRAPH_PX)
        QTextCursor(block).setBlockFormat(form)
        block = block.next()
