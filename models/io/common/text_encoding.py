"""Which encoding text without a label, or with a wrong one, is in: by how common its characters are in their script.

Chinese offices write GBK into formats that say Latin-1 or nothing, and a single short name must do to tell.

Invariants
----------
1. Good UTF-8 of three bytes a letter is UTF-8 whatever is declared: no other text looks like it by chance.
2. A Western code page is no declaration: programs write it where they know of none, and every byte is valid in it. Any
   other declaration is believed if the text can be decoded with it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

#: Western code pages, which old programs state for want of a better one.
WEAK = frozenset({"cp1252", "iso8859-1", "iso8859-15", "ascii", "cp437", "cp850"})
#: Signs that stand alone in plain English tables.
_SIGNS = frozenset("°²³±×÷µ§©®")
#: So many texts are enough to tell, and so many bytes are read at a time to find them.
_SAMPLE, _PIECE = 4000, 1 << 20
_GBK = ("936", "GBK", "GB2312", "GB18030", "GB-2312", "EUC-CN", "GB2312-80")


class Cut(bytes):
    """Text that fills its field, so that its last letter may be cut off."""

    __slots__ = ()


def settled(texts: Sequence[bytes], declared: str = "") -> tuple[str, bool]:
    """Return the encoding of texts, and whether it was guessed against or without a declaration.

    Parameters
    ----------
    texts : sequence of bytes
        Pieces that were encoded whole: cells, lines.
    declared : str
        What the file says, as Python names it (:func:`python_name`); empty for nothing.

    Examples
    --------
    >>> settled(["名称".encode("gbk")], "cp1252"), settled(["Höhe".encode("cp1252")], "cp1252"), settled([b"A"])
    (('gb18030', True), ('cp1252', False), ('utf-8', False))
    """
    high = sampled(texts)
    if not high:
        return declared or "utf-8", False
    is_valid = bool(declared) and all(decodes(text, declared) for text in high)
    if is_valid and declared not in WEAK and (declared == "utf-8" or not looks_utf8(high, declared)):
        return declared, False
    found = guess(high)
    if is_valid and found == "cp1252":
        return declared, False
    # Nothing declared and UTF-8 found is what everybody would take: no need to alarm anybody.
    return found, found != (declared or "utf-8")


def sampled(texts: Iterable[bytes]) -> list[bytes]:
    """Return the first texts with something beyond ASCII, each once."""
    found: dict[bytes, None] = {}
    for text in texts:
        if not text.isascii():
            found[text] = None
            if len(found) >= _SAMPLE:
                break
    return list(found)


def lines_beyond_ascii(path: Path) -> list[bytes]:
    """Return the first lines of a file with something beyond ASCII; all of it is looked through to find them."""
    found: list[bytes] = []
    rest = b""
    with path.open("rb") as stream:
        while len(found) < _SAMPLE and (piece := stream.read(_PIECE)):
            if rest.isascii() and piece.isascii():
                rest = b"" if b"\n" in piece else rest  # nothing of an ASCII line is needed
                continue
            lines = re.split(rb"[\r\n]+", rest + piece)
            rest = lines.pop() if len(lines[-1]) < _PIECE else b""
            found += [line for line in lines if not line.isascii()]
    return sampled([*found, rest])


def decodes(text: bytes, encoding: str) -> bool:
    """Whether a text is valid in an encoding."""
    try:
        _decoded(text, encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _decoded(text: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("strict").decode(text, final=not isinstance(text, Cut))


def python_name(stated: str) -> str:
    """Return an encoding as Python names it, empty for none that it knows; GB2312 and GBK are read as GB18030.

    Examples
    --------
    >>> python_name("ANSI 1252"), python_name("gb_2312"), python_name("65001"), python_name("klingon")
    ('cp1252', 'gb18030', 'utf-8', '')
    """
    text = stated.strip().strip("\x00").upper().replace("_", "-")
    bare = re.sub(r"^(CP|ANSI|OEM|MS|WINDOWS|DOS|X)[- ]?(?=\w)", "", text)
    if bare in _GBK or bare.removeprefix("X-") in _GBK:
        return "gb18030"
    if bare == "65001":
        return "utf-8"
    names = {"SJIS": "cp932", "SHIFTJIS": "cp932", "SHIFT-JIS": "cp932", "BIG5": "cp950", "88591": "iso-8859-1"}
    name = names.get(bare) or (f"iso-{bare}" if bare.startswith("8859") else f"cp{bare}" if bare.isdigit() else text)
    try:
        return codecs.lookup(name).name if text else ""
    except LookupError:
        return ""


def guess(texts: Iterable[bytes]) -> str:
    """Return the encoding of byte strings without a label; ``"utf-8"`` when all of them are.

    Examples
    --------
    >>> guess(["首层平面图".encode("gbk")]), guess(["プロジェクト".encode("cp932")]), guess(["Höhe".encode("cp1252")])
    ('gb18030', 'cp932', 'cp1252')
    """
    high = sampled(texts)
    good = [_decoded(text, "utf-8") for text in high if decodes(text, "utf-8")]
    # Most of them are enough: a damaged row or two change nothing.
    if 2 * sum(any(ord(one) > 0x7FF for one in text) for text in good) > len(high):
        return "utf-8"
    if len(good) == len(high):
        found = {character for text in good for character in text if ord(character) > 0x7F}
        # A character or two of GBK may be valid UTF-8 by chance: 墙 is then ǽ, 住宅楼 is סլ¥.
        is_chinese = _mean(_gb18030, high) == 1.0 and not _in_words(high) and not found <= _SIGNS
        if not found or (all(_is_letter(ord(one)) for one in found) and not is_chinese):
            return "utf-8"
    fits = {name: sum(decodes(text, name) for text in high) for name in _SCORES}
    means = {name: _mean(_SCORES[name], high) for name in _SCORES if fits[name] >= 0.8 * max(fits.values())}
    best = max(means, key=lambda name: means[name])
    if best != "gb18030" and "gb18030" in means and _is_rare_chinese(high, means):
        return "gb18030"
    return best


def _is_letter(code: int) -> bool:
    """Whether a character of two bytes in UTF-8 is of a European, Greek or Cyrillic alphabet."""
    return 0xA0 <= code <= 0x17F or 0x370 <= code <= 0x52F


def _in_words(texts: list[bytes]) -> bool:
    """Whether something beyond ASCII stands beside a Latin letter, as in European words."""
    return any(re.search(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]", text) for text in texts)


def _is_rare_chinese(texts: list[bytes], means: dict[str, float]) -> bool:
    """Whether uncommon Chinese characters explain texts that no other script explains well either."""
    decoded = "".join(_decoded(text, "gb18030") for text in texts if decodes(text, "gb18030"))
    high = [one for one in decoded if ord(one) > 0x7F]
    return max(means.values()) < 0.6 and all("\u3000" <= one <= "\u9fff" or one > "\ud7ff" for one in high)


def looks_utf8(texts: Sequence[bytes], encoding: str) -> bool:
    """Whether texts are UTF-8 and meant as such, against the encoding that is declared or found for the rest.

    Two or more characters of three bytes say so against any other reading.
    """
    if not all(decodes(text, "utf-8") for text in texts):
        return False
    multi = sum(ord(character) > 0x7FF for text in texts for character in _decoded(text, "utf-8"))
    score = _SCORES.get("cp1252" if encoding in ("latin-1", "iso8859-1") else encoding)
    return multi > 1 and (score is None or _mean(score, list(texts)) < 0.9)


# How plausible bytes are in an encoding: 1 for a character that is common in its script, less for rare ones, -1 for
# what is none at all. The ranges are those of the character sets' own first levels, sorted by frequency of use.


def _mean(score: Callable[[bytes], Iterator[float]], texts: list[bytes]) -> float:
    values = list(score(b"\n".join(texts)))
    return sum(values) / len(values) if values else 0.0


def _pairs(raw: bytes, is_lead: Callable[[int], bool]) -> Iterator[tuple[int, int]]:
    """Yield lead and trail bytes, -1 for a trail that is missing and for a lead that stands alone."""
    at, end = 0, len(raw)
    while at < end:
        byte = raw[at]
        at += 1
        if byte < 0x80:
            continue
        if is_lead(byte) and at < end and raw[at] >= 0x40:
            yield byte, raw[at]
            at += 1
        else:
            yield byte, -1


#: A character of four bytes, as GB18030 alone has them, and one of two that is as good.
_FOUR, _TWO = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]"), b"\xb0\xa1"


def _gb18030(raw: bytes) -> Iterator[float]:
    raw = _FOUR.sub(_TWO, raw)
    for lead, trail in _pairs(raw, lambda byte: 0x81 <= byte <= 0xFE):
        if trail < 0x40 or trail in (0x7F, 0xFF):
            yield -1.0
        elif trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3):
            yield 1.0
        elif trail >= 0xA1 and 0xD8 <= lead <= 0xF7:
            yield 0.6
        else:
            yield 0.2


def _cp932(raw: bytes) -> Iterator[float]:
    for lead, trail in _pairs(raw, lambda byte: 0x81 <= byte <= 0x9F or 0xE0 <= byte <= 0xFC):
        if 0xA1 <= lead <= 0xDF:  # half-width katakana: one byte each, and rare in names
            yield 0.2
        elif trail < 0x40 or trail in (0x7F, 0xFD, 0xFE, 0xFF):
            yield -1.0
        elif lead in (0x81, 0x82, 0x83) or 0x88 <= lead <= 0x97:
            yield 1.0
        else:
            yield 0.5 if lead <= 0x9F or lead <= 0xEA else 0.1


def _big5(raw: bytes) -> Iterator[float]:
    for lead, trail in _pairs(raw, lambda byte: 0x81 <= byte <= 0xFE):
        if trail < 0x40 or 0x7F <= trail <= 0xA0 or trail == 0xFF or lead < 0xA1:
            yield -1.0
        else:
            yield 0.97 if 0xA1 <= lead <= 0xC6 else 0.4


def _cp949(raw: bytes) -> Iterator[float]:
    hangul = [0xB0 <= lead <= 0xC8 and trail >= 0xA1 for lead, trail in _pairs(raw, lambda byte: 0x81 <= byte <= 0xFE)]
    # The same bytes are common Chinese characters: only many of them, all Hangul, are Korean.
    yield from (
        (0.5 if is_one else -1.0 for is_one in hangul)
        if len(hangul) < 24
        else (1.01 if is_one else -1.0 for is_one in hangul)
    )


_LATIN_SIGNS = frozenset("°²³µ±§©®·×–—‘’“”„…€½¼¾«»¿¡£•™ªº".encode("cp1252"))


def _cp1252(raw: bytes) -> Iterator[float]:
    for run in re.findall(rb"[\x80-\xff]+", raw):
        share = {1: 1.0, 2: 0.7}.get(len(run), 0.1)
        for byte in run:
            if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
                yield -1.0
            else:
                yield share if byte >= 0xC0 or byte in _LATIN_SIGNS or byte in b"\x8a\x8c\x8e\x9a\x9c\x9e\x9f" else 0.1


def _cp1251(raw: bytes) -> Iterator[float]:
    for run in re.findall(rb"[\x80-\xff]+", raw):
        word = run.decode("cp1251", "replace")
        is_word = len(run) > 2 and (word.islower() or word.isupper() or word[1:].islower())
        for byte in run:
            yield 0.95 if is_word and (byte >= 0xC0 or byte in b"\xa8\xb8\xb9") else 0.1


_SCORES: dict[str, Callable[[bytes], Iterator[float]]] = {
    "gb18030": _gb18030, "cp932": _cp932, "big5": _big5, "cp1252": _cp1252, "cp1251": _cp1251, "cp949": _cp949,
}  # fmt: skip
