"""The text encoding of a ``.dbf``. Files declare it wrongly or not at all, and Chinese offices write GBK."""

from __future__ import annotations

import codecs
from pathlib import Path

# Language driver id (byte 29) → code page, the ones met in practice; 0 means "not stated".
_LDID = {0x03: "cp1252", 0x13: "cp932", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "big5", 0x57: "cp1252", 0x7A: "gb18030",
         0x7B: "cp932", 0x78: "big5", 0x79: "cp949", 0xC9: "cp1251"}  # fmt: skip
SAMPLE_BYTES = 4_000_000


def encoding_of_dbf(path: Path, cpg: str = "") -> tuple[str, bool]:
    """Return the encoding of a table and whether it had to be guessed.

    Parameters
    ----------
    path : Path
        The ``.dbf``.
    cpg : str
        What the ``.cpg`` beside it says, empty without one. It is believed only if the text can be decoded with it.
    """
    with path.open("rb") as file:
        raw = file.read(SAMPLE_BYTES)
    if len(raw) < 32:
        return "utf-8", False
    texts = _texts(raw)
    declared = _python_name(cpg) or _LDID.get(raw[29], "")
    if declared and _decodes(texts, declared):
        return declared, False
    if texts.isascii():
        return "utf-8", False
    guess = guess_encoding(texts)
    # Nothing declared and UTF-8 found is what GDAL itself would take: no need to alarm anybody.
    return guess, bool(declared) or guess != "utf-8"


def with_whole_names(raw: bytes, encoding: str) -> bytes:
    """Return the head of a table in which no field name ends in half a letter, as ten bytes of UTF-8 often do.

    Parameters
    ----------
    raw : bytes
        The beginning of a ``.dbf``, at least its whole head.
    encoding : str
    """
    head = bytearray(raw)
    for start in range(32, min(int.from_bytes(raw[8:10], "little"), len(raw)) - 31, 32):
        if raw[start] == 0x0D:
            break
        name = raw[start : start + 11].split(b"\x00")[0]
        try:
            name.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(name) - 3:
                head[start + error.start : start + 11] = bytes(11 - error.start)
        except LookupError:
            break
    return bytes(head)


def guess_encoding(raw: bytes) -> str:
    """Return ``"utf-8"``, ``"gb18030"`` or what charset-normalizer finds for text without a label."""
    for name in ("utf-8", "gb18030"):
        if _decodes(raw, name) and (name == "utf-8" or _is_mostly_chinese(raw)):
            return name
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:200_000]).best()
    return best.encoding if best is not None else "gb18030"


def _texts(raw: bytes) -> bytes:
    """Return the raw bytes of the character fields, row by row, blanks and field borders as newlines."""
    header = int.from_bytes(raw[8:10], "little")
    length = int.from_bytes(raw[10:12], "little")
    if header < 33 or length < 2:
        return b""
    spans, at = [], 1
    for start in range(32, header - 1, 32):
        field = raw[start : start + 32]
        if len(field) < 32 or field[0] == 0x0D:
            break
        if field[11:12] in (b"C", b"M"):
            spans.append((at, at + field[16]))
        at += field[16]
    names = b"\n".join(raw[start : start + 11].split(b"\x00")[0] for start in range(32, header - 1, 32))
    rows = (raw[row : row + length] for row in range(header, len(raw) - length + 1, length))
    cells = (record[a:b].strip(b" \x00") for record in rows for a, b in spans)
    return names + b"\n" + b"\n".join(cell for cell in cells if not cell.isascii())


def _decodes(raw: bytes, encoding: str) -> bool:
    """Whether the text is valid, but for a character that a fixed field width cut off."""
    bad = 0
    for cell in raw.split(b"\n"):
        try:
            cell.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(cell) - 3:
                bad += 1
        except LookupError:
            return False
    return bad == 0


def _is_mostly_chinese(raw: bytes) -> bool:
    text = raw.decode("gb18030", "ignore")
    high = [c for c in text if ord(c) > 127]
    common = sum(1 for c in high if "\u4e00" <= c <= "\u9fa5" or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef")
    return bool(high) and common > 0.9 * len(high)


def _python_name(cpg: str) -> str:
    text = cpg.strip().upper().replace("_", "-")
    if not text:
        return ""
    digits = text.removeprefix("CP").removeprefix("ANSI ").removeprefix("OEM ").strip()
    if digits in ("936", "GBK", "GB2312"):
        return "gb18030"
    if digits == "65001":
        return "utf-8"
    name = f"cp{digits}" if digits.isdigit() else text
    if digits.startswith("8859") and digits.isdigit() is False:
        name = "iso-" + digits
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""
