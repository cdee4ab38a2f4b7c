"""Characters that can be printed: our font, fonts of the system that step in, and what none of them has.

Our font holds the characters of GB 2312. Names in the rest of GB 18030 (昇, 喆, 堃, 垚, 峧, 澥) are written in
a font of Chinese that the system has, run by run, as Qt falls back; which one is decided here, and looked up here, so
that a character that no font has is told and not found by the reader of the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtGui import QFont, QFontDatabase, QRawFont

from viewers.sheets.fonts import ensure_qt, font_family

#: Families of Chinese that systems have, the best first.
PREFERRED = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC",
    "Heiti SC", "SimHei", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Droid Sans Fallback",
    "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "SimSun-ExtB", "Noto Sans CJK JP", "Noto Sans CJK TC",
)  # fmt: skip
_PROBE_PX = 16


@lru_cache(maxsize=1)
def stepping_in() -> tuple[str, ...]:
    """Return the families of the system that step in for ours, the best first; a Qt application is there before."""
    known = set(QFontDatabase.families())
    return tuple(family for family in PREFERRED if family in known)


def missing_glyphs(texts: Iterable[str]) -> str:
    """Return the characters of some texts that no font here can draw, each once, in their order.

    Parameters
    ----------
    texts : iterable of str
        Of a sheet, a report, a list.
    """
    ensure_qt()
    signs = dict.fromkeys(sign for text in texts for sign in text if sign.isprintable() and not sign.isspace())
    families = (font_family(), *stepping_in())
    return "".join(sign for sign in signs if not any(_has(family, sign) for family in families))


@lru_cache(maxsize=32)
def _raw(family: str) -> QRawFont:
    font = QFont(family)
    font.setPixelSize(_PROBE_PX)
    font.setStyleStrategy(QFont.StyleStrategy.NoFontMerging)
    return QRawFont.fromFont(font)


@lru_cache(maxsize=65536)
def _has(family: str, sign: str) -> bool:
    return bool(_raw(family).supportsCharacter(ord(sign)))
