"""A PNG looked through part by part (ISO/IEC 15948, 5): its size, its texts and its checksums, no pixel of it unpacked.

So that a picture of any size can be checked and asked, and a small file that claims to be a huge picture does no harm.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: More parts than that no writer makes; a longer text than that is none of ours, bytes.
MOST_PARTS, MOST_TEXT = 200_000, 64 * 1024**2
_BLOCK = 1 << 20


def require_whole(path: Path) -> tuple[int, int]:
    """Return width and height of a PNG whose parts are there to the last, each with its checksum.

    Raises
    ------
    ValueError
        Saying what is wrong.
    """
    size = (0, 0)
    with path.open("rb") as stream:
        for kind, length in _parts(stream):
            found, left = zlib.crc32(kind), length
            while left:
                block = stream.read(min(left, _BLOCK))
                if not block:
                    raise ValueError("cut short")
                if kind == b"IHDR" and left == length:
                    size = (int.from_bytes(block[:4], "big"), int.from_bytes(block[4:8], "big"))
                found, left = zlib.crc32(block, found), left - len(block)
            if int.from_bytes(stream.read(4), "big") != found:
                raise ValueError(f"checksum of {kind!r}")
    return size


def text_in(path: Path, keyword: str) -> str:
    """Return the international text (iTXt) of a PNG under a keyword, empty where there is none.

    Raises
    ------
    ValueError
        For what is no PNG, is cut short, or holds a text that cannot be read.
    """
    wanted, text = keyword.encode("latin-1") + b"\0", ""
    with path.open("rb") as stream:
        for kind, length in _parts(stream):
            if kind == b"iTXt" and not text and length <= MOST_TEXT:
                raw = stream.read(length)
                if raw.startswith(wanted):
                    text = _text(raw[len(wanted) :])
    return text


def _text(raw: bytes) -> str:
    packed, method = raw[:1] == b"\1", raw[1:2]
    _, _, rest = raw[2:].partition(b"\0")  # the language
    _, _, rest = rest.partition(b"\0")  # the keyword, translated
    if packed:
        unpacker = zlib.decompressobj()
        try:
            rest = unpacker.decompress(rest, MOST_TEXT)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if method != b"\0" or not unpacker.eof:
            raise ValueError("a text that is too long or cut short")
    return rest.decode("utf-8")


def _parts(stream: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield kind and length of each part, the stream at its content; at the end every part was there."""
    if stream.read(len(SIGNATURE)) != SIGNATURE:
        raise ValueError("no PNG")
    size = stream.seek(0, 2)
    at = len(SIGNATURE)
    for number in range(MOST_PARTS):
        stream.seek(at)
        head = stream.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        end = at + 12 + length
        if len(head) < 8 or end > size or (number == 0) != (kind == b"IHDR"):
            raise ValueError("cut short")
        yield kind, length
        if kind == b"IEND":
            return
        at = end
    raise ValueError("too many parts")
