"""Our fonts, in a Qt application that is there also without a display."""

from __future__ import annotations

import os

from PySide6.QtGui import QFontDatabase, QGuiApplication

from resources import HERE

_families: list[str] = []
_app: list[QGuiApplication] = []


def ensure_qt() -> None:
    """Have a Qt application for fonts, without a display where there is none, and our fonts in it."""
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        _app.append(QGuiApplication(["chengjing"]))
    if not _families:
        for path in sorted((HERE / "fonts").glob("*.otf")):
            number = QFontDatabase.addApplicationFont(str(path))
            _families.extend(QFontDatabase.applicationFontFamilies(number) if number >= 0 else [])


def font_family() -> str:
    """Return the family in which sheets are written; :func:`ensure_qt` comes before."""
    return _families[0] if _families else "sans-serif"
