"""Chinese as it is set: signs of numbers, and no gaps between signs and what stands among them."""

from __future__ import annotations

import re

_SIGNS, _TEN = "零一二三四五六七八九", "十"
_GAPS = re.compile(r"(?<=[一-鿿，。、（）“”]) (?=\[\[|[0-9])|(?<=\]\]) (?=[一-鿿])")


def chinese_number(number: int) -> str:
    """Return a number up to 99 in Chinese signs, as headings count."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _SIGNS[ones]
    return ("" if tens == 1 else _SIGNS[tens]) + _TEN + (_SIGNS[ones] if ones else "")


def tightened(text: str) -> str:
    """Return a Chinese sentence without gaps between its signs and the numbers in it."""
    return _GAPS.sub("", text)
