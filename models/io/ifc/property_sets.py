"""Property sets of a model, kept so that 100,000 elements cost little until somebody clicks one.

Invariants
----------
1. A set that many elements share (a type's, a repeated value) is stored once, as JSON text in one blob.
2. Opening maps a few arrays; nothing is parsed before ``psets[oid]`` is asked for.
3. Numbers with a unit are kept in one set of units (m, m², m³, °, kg, s, °C, coherent SI), whatever the file measures
   in; :attr:`PsetStore.units` says which, so that a panel can write "3.200 m" and rules can compare.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from models.core.array_file import read_arrays, write_arrays

Sets = Mapping[str, Mapping[str, Any]]
_FIELDS = ("text", "ends", "of_element", "element_ends", "units")
_FILE = "psets.bin"


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
    units : mapping, optional
        ``{set: {property: symbol}}`` of the values that have a unit.
    """

    def __init__(
        self,
        text: NDArray[np.uint8],
        ends: NDArray[np.int64],
        of_element: NDArray[np.int32],
        element_ends: NDArray[np.int64],
        units: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._text, self._ends, self._of_element, self._element_ends = text, ends, of_element, element_ends
        #: ``{set: {property: symbol}}``; inside a complex property ``"outer.inner"``.
        self.units: Mapping[str, Mapping[str, str]] = units or {}

    def unit_of(self, set_name: str, prop: str) -> str:
        """Return the symbol of the unit of a property, ``"m²"``, empty for what has none.

        Examples
        --------
        >>> PsetStore.build([("Qto", {"Length": 3.2})], [[0]], {"Qto": {"Length": "m"}}).unit_of("Qto", "Length")
        'm'
        """
        return self.units.get(set_name, {}).get(prop, "")

    @classmethod
    def build(
        cls,
        sets: Sequence[tuple[str, Mapping[str, Any]]],
        of_elements: Sequence[Sequence[int]],
        units: Mapping[str, Mapping[str, str]] | None = None,
    ) -> PsetStore:
        """Pack named sets, for each element the numbers of its sets, and the units of the values."""
        encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
        blobs = [encode({"name": name, "values": values}).encode(errors="replace") for name, values in sets]
        return cls(
            np.frombuffer(b"".join(blobs), dtype=np.uint8),
            np.cumsum([len(blob) for blob in blobs], dtype=np.int64),
            np.asarray([number for numbers in of_elements for number in numbers], dtype=np.int32),
            np.cumsum([len(numbers) for numbers in of_elements], dtype=np.int64),
            units,
        )

    @classmethod
    def of_group(cls, name: str, values: Sequence[Mapping[str, Any]]) -> PsetStore:
        """Pack one set an element, all called ``name``; quicker than :meth:`build`, for values that came from JSON.

        Elements without values have no set.
        """
        head = b'{"name":' + json.dumps(name).encode() + b',"values":'
        blobs = [head + _encoded(row) + b"}" for row in values if row]
        return cls(
            np.frombuffer(b"".join(blobs), dtype=np.uint8),
            np.cumsum(np.fromiter(map(len, blobs), dtype=np.int64, count=len(blobs))),
            np.arange(len(blobs), dtype=np.int32),
            np.cumsum(np.fromiter(map(bool, values), dtype=np.int64, count=len(values))),
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

    def all_sets(self) -> list[tuple[str, dict[str, Any]]]:
        """Return every stored set as (name, values), by number, in one pass, for questions about all elements."""
        text, begin = self._text.tobytes(), 0
        pieces = []
        for end in self._ends.tolist():
            pieces.append(text[begin:end])
            begin = end
        return [(entry["name"], entry["values"]) for entry in json.loads(b"[" + b",".join(pieces) + b"]")]

    def owners(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return element and set number of every use of a set, in the order in which later values win."""
        counts = np.diff(self._element_ends, prepend=0)
        return np.repeat(np.arange(len(counts), dtype=np.int64), counts), np.asarray(self._of_element)

    def save(self, folder: Path) -> None:
        """Write the arrays into ``folder``, in one file that can be memory-mapped."""
        units = json.dumps(self.units, ensure_ascii=False).encode(errors="replace")
        arrays = (self._text, self._ends, self._of_element, self._element_ends, np.frombuffer(units, dtype=np.uint8))
        write_arrays(folder / _FILE, dict(zip(_FIELDS, arrays, strict=True)))

    @classmethod
    def load(cls, folder: Path, *, mapped: bool = True) -> PsetStore:
        """Map (or read) what :meth:`save` wrote."""
        found = read_arrays(folder / _FILE, mapped=mapped)
        text, ends, of_element, element_ends, units = (found[name] for name in _FIELDS)
        return cls(text, ends, of_element, element_ends, json.loads(units.tobytes()))


def _encoded(values: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(values, default=str, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:  # half a letter, a number of 65 bits, a name that is none
        text: str = json.dumps(values, ensure_ascii=False, default=str)
        return text.encode(errors="replace")
