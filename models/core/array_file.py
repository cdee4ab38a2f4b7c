"""Many arrays in one file that is mapped at once: opening thirty files costs more than reading them.

The file begins with the length of a JSON text, then the text (name → kind, shape and offset of each array), then the
arrays, each where a cache line begins.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ALIGN = 64
_LENGTH = np.dtype("<u8")


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays of numbers, one after another."""
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    at, listing = 0, {}
    for name, array in whole.items():
        listing[name] = (array.dtype.str, list(array.shape), at)
        at += _padded(array.nbytes)
    header = json.dumps(listing).encode("ascii")
    head = np.array([len(header)], dtype=_LENGTH).tobytes() + header
    with path.open("wb", buffering=1 << 16) as file:
        file.write(head)
        written = len(head)
        for array in filter(lambda one: one.nbytes, whole.values()):  # no padding behind the last: a cut is a cut
            file.write(b"\0" * (_padded(written) - written))
            file.write(memoryview(array.reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
            written = _padded(written) + array.nbytes


def read_arrays(path: Path, *, mapped: bool = True) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file, read-only.

    Parameters
    ----------
    path : Path
    mapped : bool
        Let the system fetch what is looked at; False reads everything, for a file that goes away.

    Raises
    ------
    ValueError, OSError
        The file is shorter than it says, or is another.
    """
    data: Any
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if mapped else file.read()
    length = int(np.frombuffer(data, dtype=_LENGTH, count=1)[0])
    if length > len(data) - _LENGTH.itemsize:
        raise ValueError("the file is cut off")
    start = _padded(_LENGTH.itemsize + length)
    listing = json.loads(bytes(data[_LENGTH.itemsize : _LENGTH.itemsize + length]))
    found = {}
    for name, (kind, shape, at) in listing.items():
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        if not count:
            found[name] = np.empty(shape, dtype=dtype)
        else:
            found[name] = np.frombuffer(data, dtype=dtype, count=count, offset=start + at).reshape(shape)
    return found


def _padded(count: int) -> int:
    return -(-count // _ALIGN) * _ALIGN
