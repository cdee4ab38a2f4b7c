"""Rows of lists and trees: one delegate that measures, fills and draws them, and the plain list of two-line rows.

A list that shows more than icon, title and second line gives :class:`RowDelegate` its own :meth:`~RowDelegate.draw`;
:class:`RowPainter` has the pieces of which all rows are made.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from resources.visible_text import visible_text
from viewers.widgets.common.appearance import TYPE_SCALE, Appearance
from viewers.widgets.common.plain import plain_tip

Index = QModelIndex | QPersistentModelIndex
#: Where a row of :func:`rows_list` keeps its second line.
DETAIL = Qt.ItemDataRole.UserRole + 9
#: An icon so wide is a picture of something, one that is narrower stands for it.
_LEAST_PICTURE_PX = 72
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class RowPainter:
    """Draws the pieces of one row.

    Parameters
    ----------
    painter : QPainter
    option : QStyleOptionViewItem
        Of the row: its place, state and font.
    appearance : Appearance

    Attributes
    ----------
    box : QRect
        The row.
    """

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, appearance: Appearance) -> None:
        self.painter, self.appearance = painter, appearance
        self.box = QRect(option.rect)
        self.selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self.hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        self._font = QFont(option.font)

    def fill(self) -> None:
        """Fill the row where it is selected or under the cursor."""
        if self.selected or self.hovered:
            self.painter.fillRect(self.box, self.appearance.colour("accent_soft" if self.selected else "hover"))

    def icon(self, name: str, tint: str, left: int, size: int) -> None:
        """Draw an icon of the family, in the middle of the row's height."""
        top = self.box.top() + (self.box.height() - size) // 2
        self.appearance.icon(name, tint).paint(self.painter, QRect(left, top, size, size))

    def width_of(self, text: str, size: str, *, bold: bool = False) -> int:
        """Return how wide a text is in a size of the type scale, pixels."""
        self._take_font(size, bold)
        return self.painter.fontMetrics().horizontalAdvance(text)

    def text(
        self,
        room: QRect,
        text: str,
        size: str = "body",
        tint: str = "text",
        *,
        bold: bool = False,
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> int:
        """Draw a text in the middle of a room's height, shortened to its width; return how wide it is drawn."""
        self._take_font(size, bold)
        text = visible_text(text)
        metrics = self.painter.fontMetrics()
        shown = metrics.elidedText(text, elide, room.width())
        self.painter.setPen(self.appearance.colour(tint))
        self.painter.drawText(room, _MIDDLE | align, shown)
        return metrics.horizontalAdvance(shown)

    def badge(self, text: str, right: int, size: str, tint: str, *, spare_px: int = 0) -> int:
        """Draw a count that ends at ``right``, cut off ``spare_px`` beyond it; return its width."""
        text = visible_text(text)
        width = self.width_of(text, size)
        self.painter.setPen(self.appearance.colour(tint))
        self.painter.drawText(QRect(right - width, self.box.top(), width + spare_px, self.box.height()), _MIDDLE, text)
        return width

    def dot(self, tint: str, left: int, top: int, size: int) -> None:
        """Draw a small disc."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.appearance.colour(tint))
        self.painter.drawEllipse(left, top, size, size)

    def rounded(self, frame: QRect, radius: int, tint: str) -> QPainterPath:
        """Fill a rectangle with round corners; return its outline."""
        outline = QPainterPath()
        outline.addRoundedRect(frame, radius, radius)
        self.painter.fillPath(outline, self.appearance.colour(tint))
        return outline

    def _take_font(self, size: str, bold: bool) -> None:
        self._font.setPixelSize(TYPE_SCALE[size])
        self._font.setBold(bold)
        self.painter.setFont(self._font)


class RowDelegate(QStyledItemDelegate):
    """Draws rows of a list or tree: an icon, a title, and below it a second line (:data:`DETAIL`), quieter.

    Parameters
    ----------
    appearance : Appearance
    parent : QWidget
        The list.
    """

    #: Whether a selected row, and the one under the cursor, is filled.
    fills = True

    def __init__(self, appearance: Appearance, parent: QWidget) -> None:
        super().__init__(parent)
        self.appearance = appearance

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return 46 if index.data(DETAIL) else 30

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Return the size of a row."""
        return QSize(120, self.height_of(index))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = RowPainter(painter, option, self.appearance)
        if self.fills:
            row.fill()
        self.draw(row, index)
        painter.restore()

    def draw(self, row: RowPainter, index: Index) -> None:
        """Draw what a row holds."""
        box, detail = row.box, str(index.data(DETAIL) or "")
        top = QRect(box.left() + 38, box.top() + (4 if detail else 0), box.width() - 48, 20 if detail else box.height())
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QPixmap):
            icon = QIcon(icon)
        if isinstance(icon, QIcon):
            icon.paint(row.painter, box.left() + 14, top.center().y() - 7, 15, 15)
        row.text(top, str(index.data()))
        if detail:
            row.text(top.translated(0, 19), detail, "small", "text_faint")


class PictureDelegate(RowDelegate):
    """Draws rows with a picture at the left, framed with round corners.

    Parameters
    ----------
    appearance : Appearance
    parent : QWidget
    size : QSize
        Of the picture.
    margin : int
        Above and below it.
    """

    def __init__(self, appearance: Appearance, parent: QWidget, size: QSize, margin: int) -> None:
        super().__init__(appearance, parent)
        self._size, self._margin = size, margin

    def height_of(self, index: Index) -> int:
        """Return how high a row is, pixels."""
        return self._size.height() + 2 * self._margin

    def frame_of(self, row: RowPainter) -> QRect:
        """Return where the picture is."""
        return QRect(row.box.topLeft() + QPoint(12, self._margin), self._size)

    def draw_picture(self, row: RowPainter, index: Index) -> QRect:
        """Draw the picture of a row, or its icon in the middle of the frame where it has none; return the frame."""
        painter, frame = row.painter, self.frame_of(row)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = row.rounded(frame, 4, "hover")
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QIcon):
            painter.setClipPath(outline)
            is_picture = max((size.width() for size in icon.availableSizes()), default=0) >= _LEAST_PICTURE_PX
            icon.paint(painter, frame if is_picture else QRect(frame.center() - QPoint(8, 8), QSize(17, 17)))
            painter.setClipping(False)
        painter.setPen(self.appearance.colour("line"))
        painter.drawPath(outline)
        return frame


def rows_list(appearance: Appearance) -> QListWidget:
    """Return a list of two-line rows."""
    result = QListWidget()
    result.setItemDelegate(RowDelegate(appearance, result))
    result.setMouseTracking(True)
    result.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    appearance.look_changed.connect(result.viewport().update)
    return result


def rows_item(icon: QIcon | QPixmap, title: str, detail: str, data: object) -> QListWidgetItem:
    """Return one row of :func:`rows_list`; ``data`` is what it stands for."""
    item = QListWidgetItem(QIcon(icon), visible_text(title))
    item.setData(DETAIL, detail)
    item.setData(Qt.ItemDataRole.UserRole, data)
    item.setToolTip(plain_tip(f"{title}\n{detail}" if detail else title))
    return item
