"""Property sets of a model, kept so that 100,000 elements cost little until somebody clicks one.

Invariants
----------
1. A set that many elements share (a type's, a repeated value) is stored once, as JSON text in one blob.
2. Opening maps four arrays; nothing is parsed before ``psets[oid]`` is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Sets = Mapping[str, Mapping[str, Any]]
_FIELDS = ("pset_text", "pset_ends", "pset_of_element", "pset_element_ends")


class PsetStore(Mapping[int, Sets]):
    """Property sets by element, ``{oid: {"Pset_WallCommon": {"IsExternal": True}}}``, read from arrays when asked.

    Parameters
    ----------
    text : ndarray of uint8
        All sets as JSON objects ``{"name": …, "values": {…}}``, one after another.
    ends : ndarray of int64
        Where each set ends in ``text``.
    of_element : ndarray of int32
        Numbers of the sets, element after element; of two sets with one name the later one wins value by value.
    element_ends : ndarray of int64
        Where each element ends in ``of_element``.
    """

    def __init__(
        self,
        text: NDArray[np.uint8],
        ends: NDArray[np.int64],
        of_element: NDArray[np.int32],
        element_ends: NDArray[np.int64],
    ) -> None:
        self._text, self._ends, self._of_element, self._element_ends = text, ends, of_element, element_ends

    @classmethod
    def build(cls, sets: Sequence[tuple[str, Mapping[str, Any]]], of_elements: Sequence[Sequence[int]]) -> PsetStore:
        """Pack named sets and, for each element, the numbers of its sets."""
        blobs = [
            json.dumps({"name": name, "values": values}, ensure_ascii=False, default=str).encode()
            for name, values in sets
        ]
        return cls(
            np.frombuffer(b"".join(blobs), dtype=np.uint8),
            np.cumsum([len(blob) for blob in blobs], dtype=np.int64),
            np.asarray([number for numbers in of_elements for number in numbers], dtype=np.int32),
            np.cumsum([len(numbers) for numbers in of_elements], dtype=np.int64),
        )

    @classmethod
    def of(cls, psets: Mapping[int, Sets], count: int) -> PsetStore:
        """Pack any mapping of ``count`` elements."""
        if isinstance(psets, PsetStore):
            return psets
        sets: list[tuple[str, Mapping[str, Any]]] = []
        of_elements = []
        for oid in range(count):
            mine = psets.get(oid, {})
            of_elements.append(range(len(sets), len(sets) + len(mine)))
            sets += list(mine.items())
        return cls.build(sets, of_elements)

    def __getitem__(self, oid: int) -> Sets:
        if not 0 <= oid < len(self._element_ends):
            raise KeyError(oid)
        start = int(self._element_ends[oid - 1]) if oid else 0
        merged: dict[str, dict[str, Any]] = {}
        for number in self._of_element[start : int(self._element_ends[oid])]:
            begin = int(self._ends[number - 1]) if number else 0
            entry = json.loads(self._text[begin : int(self._ends[number])].tobytes())
            merged.setdefault(entry["name"], {}).update(entry["values"])
        return merged

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._element_ends)))

    def __len__(self) -> int:
        return len(self._element_ends)

    def save(self, folder: Path) -> None:
        """Write the arrays into ``folder``."""
        arrays: tuple[NDArray[Any], ...] = (self._text, self._ends, self._of_element, self._element_ends)
        for name, array in zip(_FIELDS, arrays, strict=True):
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path, *, mapped: bool = True) -> PsetStore:
        """Map (or read) what :meth:`save` wrote."""
        mode: Any = "r" if mapped else None
        return cls(*(np.load(folder / f"{name}.npy", mmap_mode=mode, allow_pickle=False) for name in _FIELDS))
