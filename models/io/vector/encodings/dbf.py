"""The text encoding of a ``.dbf``. Files declare it wrongly or not at all, and Chinese offices write GBK."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.io.common.text_encoding import Cut, decodes, python_name, settled

# Language driver id (byte 29) → code page (Esri, "Shapefile C Library" and dBASE's own lists); 0 means "not stated",
# and 0x57 "the page of the machine that wrote it".
_LDID = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x26: "cp866", 0x4D: "gb18030", 0x4E: "cp949",
    0x4F: "cp950", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x78: "cp950",
    0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0x7C: "cp874", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254",
    0xCB: "cp1253",
}  # fmt: skip
SAMPLE_BYTES = 4_000_000
#: A field's name has ten bytes at the most; UTF-8 may be cut there.
_NAME_BYTES = 10


def encoding_of_dbf(path: Path, cpg: str = "") -> tuple[str, bool]:
    """Return the encoding of a table and whether it had to be guessed.

    Parameters
    ----------
    path : Path
        The ``.dbf``.
    cpg : str
        What the ``.cpg`` beside it says, empty without one. It is believed as far as
        :func:`models.io.common.text_encoding.settled` believes anything.
    """
    with path.open("rb") as file:
        raw = file.read(SAMPLE_BYTES)
    if len(raw) < 32:
        return "utf-8", False
    declared = python_name(cpg) or _LDID.get(raw[29], "")
    return settled(texts_of_dbf(raw), declared)


def odd_texts(path: Path, encoding: str) -> int:
    """Count the values, of those that are looked at, that are no text of an encoding."""
    with path.open("rb") as file:
        return sum(not decodes(cell, encoding) for cell in texts_of_dbf(file.read(SAMPLE_BYTES)))


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


def texts_of_dbf(raw: bytes, are_texts: Sequence[bool] = ()) -> list[bytes]:
    """Return field names, and the values of character fields that go beyond ASCII.

    Parameters
    ----------
    raw : bytes
        The beginning of a table.
    are_texts : sequence of bool
        Which fields hold texts, where something else than the table itself knows it.
    """
    header = int.from_bytes(raw[8:10], "little")
    length = int.from_bytes(raw[10:12], "little")
    if header < 33 or length < 2:
        return []
    spans, names, at = [], [], 1
    for start in range(32, header - 1, 32):
        field = raw[start : start + 32]
        if len(field) < 32 or field[0] == 0x0D:
            break
        name = field[:11].split(b"\x00")[0]
        names.append(Cut(name) if len(name) >= _NAME_BYTES - 1 else name)
        if are_texts[len(names) - 1] if len(names) <= len(are_texts) else field[11:12] in (b"C", b"M"):
            spans.append((at, at + field[16]))
        at += field[16]
    rows = (raw[row : row + length] for row in range(header, len(raw) - length + 1, length))
    cells = (record[a:b] for record in rows for a, b in spans)
    return names + [
        cell.strip(b" \x00") if cell[-1:] in (b" ", b"\x00") else Cut(cell.strip(b" \x00"))
        for cell in cells
        if not cell.isascii()
    ]
