r"""Texts of files as they may be shown: without what steers a terminal, turns the writing round or breaks a line.

A name stays as it is in the data; only where it is shown, printed or logged are its control characters neutralised:
``"\x1b"`` (a terminal obeys it), ``"\x00"`` (a text ends there), U+202E (what follows is written backwards, so that
``"gpj.exe"`` reads ``"exe.jpg"``).
"""

from __future__ import annotations

import re

#: In the place of a control character: visible, in every font, one column wide.
SIGN = "\N{REPLACEMENT CHARACTER}"
_SPACES = "\t\n\x0b\x0c\r\x85\u2028\u2029"
_UNSEEN = "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_ODD = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_UNSEEN}\ud800-\udfff\U000e0000-\U000e007f]")
_TABLE = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)], SIGN),
    **{ord(sign): " " for sign in _SPACES},
    **{ord(sign): None for sign in _UNSEEN},
    **dict.fromkeys(range(0xE0000, 0xE0080)),
}
_LINES_TABLE = {**_TABLE, ord("\n"): "\n", ord("\t"): "\t", ord("\r"): None}


def visible_text(text: str) -> str:
    """Return a text for one line: breaks become spaces, control characters a sign, marks of direction nothing."""
    return text.translate(_TABLE) if _ODD.search(text) else text


def visible_lines(text: str) -> str:
    """Return a text of several lines: as :func:`visible_text`, its line breaks and tabs kept."""
    return text.translate(_LINES_TABLE) if _ODD.search(text) else text


def visible_json(text: str) -> str:
    r"""Return JSON with such characters written as ``\u202e``, which means the same and steers nothing."""
    return _ODD.sub(lambda found: found.group() if found.group() in "\n\t\r" else _escaped(found.group()), text)


def _escaped(sign: str) -> str:
    data = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[at]:02x}{data[at + 1]:02x}" for at in range(0, len(data), 2))
