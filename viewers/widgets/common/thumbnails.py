"""Small pictures of views: taken from what is on the screen, drawn in lists."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

from viewers.widgets.canvas.view3d import View3D

#: Size in a list, and how many times finer a picture is kept.
SIZE = QSize(72, 44)
RECENT = QSize(70, 42)
FINER = 2
#: JPEG quality: some 4 kB a picture.
QUALITY = 78


def thumbnail_of(view: View3D, size: QSize = SIZE) -> bytes:
    """Return what a view shows as a small JPEG; empty if it shows nothing yet."""
    image = view.grabFramebuffer()
    if image.isNull() or image.width() < 8 or image.height() < 8:
        return b""
    return jpeg(image, size)


def picture_of(view: View3D) -> bytes:
    """Return what a view shows as a small PNG for the list of recent projects; empty if it shows nothing yet."""
    image = view.grabFramebuffer()
    if image.isNull() or image.width() < 8 or image.height() < 8:
        return b""
    return _encoded(_middle(image, RECENT * FINER), "PNG", -1)


def jpeg(image: QImage, size: QSize = SIZE) -> bytes:
    """Return the middle of a picture as a small JPEG, for a place of a size."""
    return _encoded(_middle(image, size * FINER), "JPEG", QUALITY)


def _middle(image: QImage, size: QSize) -> QImage:
    scaled = image.scaled(
        size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (scaled.width() - size.width()) // 2, (scaled.height() - size.height()) // 2
    return scaled.copy(QRect(left, top, size.width(), size.height())).convertToFormat(QImage.Format.Format_RGB32)


def _encoded(image: QImage, kind: str, quality: int) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, kind, quality)  # type: ignore[call-overload]  # the stub wants bytes, the binding text
    buffer.close()
    return bytes(held.data())


def icon_of(picture: bytes) -> QIcon | None:
    """Return a small picture as an icon, None if there is none."""
    pixmap = QPixmap()
    if not picture or not pixmap.loadFromData(picture):
        return None
    return QIcon(pixmap)
