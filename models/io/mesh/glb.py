"""The binary form of glTF 2.0: one growing chunk of numbers, its views and accessors, and the file around it.

Source: glTF 2.0 §3.6 (accessors), §4.4 (GLB)
"""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, USHORT, UINT, UBYTE = 5126, 5123, 5125, 5121
#: Largest file that the format can hold: its length is a whole number of 32 bits.
MOST_BYTES = 2**32 - 1
#: Numbers of one file that are kept in memory; what is more waits in a temporary file.
_IN_MEMORY = 64_000_000
_ARRAY, _ELEMENTS = 34962, 34963


class Binary:
    """The binary chunk of a glTF, growing: views are aligned to eight bytes."""

    def __init__(self) -> None:
        self._spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - lives as long as this
        self.size = 0
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def view(self, values: bytes, target: int | None = None) -> int:
        """Add bytes and return the number of their view."""
        pad = -self.size % 8
        self._spool.write(b"\0" * pad)
        self.size += pad
        self.views.append({"buffer": 0, "byteOffset": self.size, "byteLength": len(values)})
        if target is not None:
            self.views[-1]["target"] = target
        self._spool.write(values)
        self.size += len(values)
        return len(self.views) - 1

    def accessor(self, values: NDArray[Any], kind: str, component: int, *, normalised: bool = False,
                 is_index: bool = False) -> int:  # fmt: skip
        """Add an array and return the number of its accessor."""
        array = np.ascontiguousarray(values)
        target = _ELEMENTS if is_index or (kind == "SCALAR" and component == UINT) else _ARRAY
        made: dict[str, Any] = {
            "bufferView": self.view(array.tobytes(), target),
            "componentType": component, "count": len(array), "type": kind,
        }  # fmt: skip
        if kind == "VEC3" and component == FLOAT:
            made |= {"min": array.min(axis=0).tolist(), "max": array.max(axis=0).tolist()}
        if normalised:
            made["normalized"] = True
        self.accessors.append(made)
        return len(self.accessors) - 1

    def chunks(self) -> Iterator[bytes]:
        """Yield everything that was added, padded to four bytes."""
        self._spool.seek(0)
        while block := self._spool.read(1 << 22):
            yield block
        yield b"\0" * (-self.size % 4)


def packed_size(document: dict[str, Any], binary: Binary) -> int:
    """Return the length of a .glb, bytes."""
    return 12 + 8 + len(_json(document)) + 8 + binary.size + -binary.size % 4


def packed_chunks(document: dict[str, Any], binary: Binary) -> Iterator[bytes]:
    """Yield a .glb piece by piece."""
    text = _json(document)
    data = binary.size + -binary.size % 4
    yield struct.pack("<4sII", b"glTF", 2, packed_size(document, binary))
    yield struct.pack("<I4s", len(text), b"JSON") + text
    yield struct.pack("<I4s", data, b"BIN\0")
    yield from binary.chunks()


def _json(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return text + b" " * (-len(text) % 4)


def packed(document: dict[str, Any], binary: Binary) -> bytes:
    """Return a .glb as bytes."""
    return b"".join(packed_chunks(document, binary))
