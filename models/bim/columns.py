"""Values of a model by field: attributes, properties and quantities of all elements at once.

Invariants
----------
1. What the model does not state is not known: an empty text, a null and ``UNKNOWN`` are no values, and never zero.
2. All property sets of a model are parsed once, in one pass; each field after that is a few array operations.
3. Numbers stand in the units that :class:`models.io.ifc.property_sets.PsetStore` keeps: m, m², m³, °, kg, s, °C,
   coherent SI.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import ModelData

Mask = NDArray[np.bool_]

#: Columns of the element table that are offered as fields, in this order.
ATTRIBUTES = (
    "ifc_class", "name", "type_name", "storey", "material", "system", "classification", "predefined_type",
    "object_type", "long_name", "description", "tag", "elevation_m", "floor_level_m", "guid",
)  # fmt: skip
_SILENT = ("", "UNKNOWN", "NOTDEFINED", "NULL", "n/a")


@dataclass(frozen=True, slots=True)
class Field:
    """One field by which elements can be asked and coloured.

    Parameters
    ----------
    id : str
        ``"ifc_class"``, or set and property: ``"Pset_WallCommon.IsExternal"``.
    label : str
        The property's own name; for attributes the id, whose word is ``field.<id>``.
    group : str
        Name of the set; empty for attributes.
    count : int
        Elements that state it.
    kind : str
        ``"text"``, ``"number"`` or ``"bool"``.
    unit : str
        Symbol of the numbers' unit, empty where there is none.
    """

    id: str
    label: str
    group: str
    count: int
    kind: str
    unit: str = ""


def fields(data: ModelData) -> list[Field]:
    """Return the fields that at least one element states: attributes first, then sets and properties by name."""
    found = []
    for name in ATTRIBUTES:
        if name in data.elements:
            values, known = _attribute(data, name)
            if known.any():
                kind = "number" if values.dtype.kind == "f" else "text"
                found.append(Field(name, name, "", int(known.sum()), kind, "m" if name.endswith("_m") else ""))
    index = index_of(data)
    for group, name in sorted(index.columns, key=lambda key: (key[0].casefold(), key[1].casefold())):
        values, known = index.column(group, name)
        if known.any():
            kind = kind_of(values, known)
            found.append(Field(f"{group}.{name}", name, group, int(known.sum()), kind, index.unit(group, name)))
    return found


def field(data: ModelData, field_id: str) -> Field:
    """Return one field.

    Raises
    ------
    UserError
        ``bim.no_field``.
    """
    values, known = column(data, field_id)
    kind = kind_of(values, known)
    if field_id in ATTRIBUTES:
        return Field(field_id, field_id, "", int(known.sum()), kind, "m" if field_id.endswith("_m") else "")
    index = index_of(data)
    group, name = index.split(field_id)
    return Field(field_id, name, group, int(known.sum()), kind, index.unit(group, name))


def column(data: ModelData, field_id: str) -> tuple[NDArray[Any], Mask]:
    """Return the values of a field for all elements, and which elements state it.

    Returns
    -------
    values : ndarray
        float64 (NaN where not stated) if all values are numbers, else object (None where not stated).
    known : ndarray of bool

    Raises
    ------
    UserError
        ``bim.no_field``.
    """
    if field_id in ATTRIBUTES:
        return _attribute(data, field_id)
    index = index_of(data)
    return index.column(*index.split(field_id))


def columns_named(data: ModelData, name: str) -> list[tuple[str, NDArray[Any], Mask]]:
    """Return (set, values, known) of every set that has a property of this name, whatever its case."""
    wanted = name.casefold()
    index = index_of(data)
    return [(group, *index.column(group, prop)) for group, prop in index.named.get(wanted, ())]


def kind_of(values: NDArray[Any], known: Mask) -> str:
    """Return the kind of a column: ``"number"``, ``"bool"`` or ``"text"``."""
    if values.dtype.kind == "f":
        return "number"
    return "bool" if known.any() and all(isinstance(value, bool) for value in values[known]) else "text"


class Index:
    """All property sets of one model, column by column.

    Parameters
    ----------
    psets : PsetStore
    """

    def __init__(self, psets: PsetStore) -> None:
        numbers: dict[tuple[str, str], list[int]] = {}
        cells: dict[tuple[str, str], list[Any]] = {}
        sets = psets.all_sets()
        for number, (group, values) in enumerate(sets):
            for name, value in _flat(values):
                key = (group, name)
                if key not in cells:
                    numbers[key], cells[key] = [], []
                numbers[key].append(number)
                cells[key].append(value)
        self._sets, self._count = len(sets), len(psets)
        self._owner, self._set_of = psets.owners()
        self._units = psets.units
        #: Set numbers and packed values of each (set, property).
        self.columns = {
            key: (np.array(numbers[key], np.int64), *_packed(values, key[1])) for key, values in cells.items()
        }
        #: (set, property) pairs by the property's name in lower case.
        self.named: dict[str, list[tuple[str, str]]] = {}
        for group, name in self.columns:
            self.named.setdefault(name.casefold(), []).append((group, name))

    def split(self, field_id: str) -> tuple[str, str]:
        """Return (set, property) of a field id; names of sets may hold full stops too."""
        at = field_id.find(".")
        while at >= 0:
            key = (field_id[:at], field_id[at + 1 :])
            if key in self.columns:
                return key
            at = field_id.find(".", at + 1)
        raise UserError("bim.no_field", field=field_id)

    def unit(self, group: str, name: str) -> str:
        """Return the symbol of a property's unit."""
        return str(self._units.get(group, {}).get(name, ""))

    def unit_named(self, group: str, name: str) -> str:
        """Return the symbol of a property's unit by a name of any case."""
        return next((self.unit(*key) for key in self.named.get(name.casefold(), ()) if key[0] == group), "")

    def column(self, group: str, name: str) -> tuple[NDArray[Any], Mask]:
        """Return values and which elements state them; see :func:`column`."""
        numbers, cells, stated = self.columns[group, name]
        row_of_set = np.full(self._sets, -1, np.int64)
        row_of_set[numbers] = np.arange(len(numbers))
        rows = row_of_set[self._set_of]
        uses = np.flatnonzero(rows >= 0)
        uses = uses[stated[rows[uses]]]
        row = np.full(self._count, -1, np.int64)
        row[self._owner[uses]] = rows[uses]  # of several, the last one written stays
        known = row >= 0
        values = np.full(self._count, np.nan if cells.dtype.kind == "f" else None, cells.dtype)
        values[known] = cells[row[known]]
        return values, known


_indexes: dict[int, tuple[weakref.ref[PsetStore], Index]] = {}


def index_of(data: ModelData) -> Index:
    """Return the columns of a model's property sets; made once for each model that lives."""
    psets = data.psets
    if not isinstance(psets, PsetStore):
        return Index(PsetStore.of(psets, len(data.elements)))
    kept = _indexes.get(id(psets))
    if kept is None or kept[0]() is not psets:
        number = id(psets)
        kept = weakref.ref(psets, lambda _: _indexes.pop(number, None)), Index(psets)
        _indexes[number] = kept
    return kept[1]


def _attribute(data: ModelData, name: str) -> tuple[NDArray[Any], Mask]:
    series = data.elements[name]
    if series.dtype.kind == "f":
        numbers = series.to_numpy(np.float64)
        return numbers, np.isfinite(numbers)
    values = series.to_numpy(dtype=object, copy=True)
    known = series.notna().to_numpy() & ~series.isin(_SILENT).to_numpy()
    values[~known] = None
    return values, known


def _flat(values: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    """Return the values of a set; those inside a complex property as ``"outer.inner"``."""
    found: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{above}{name}.")
        else:
            found.append((f"{above}{name}", value))
    return found


def _packed(cells: list[Any], name: str) -> tuple[NDArray[Any], Mask]:
    """Return values as an array, numbers as float64, and which of them say something.

    A text that only repeats the property's name (``FireRating: "Fire Rating"``) is what templates leave behind.
    """
    placeholder = name.replace(" ", "").casefold()
    plain = [", ".join(str(item) for item in cell) if isinstance(cell, (list, tuple)) else cell for cell in cells]
    stated = np.array(
        [
            value is not None
            and (
                not isinstance(value, str)
                or (value not in _SILENT and value.replace(" ", "").casefold() != placeholder)
            )
            for value in plain
        ],
        bool,
    )
    numbers = [value for value in plain if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if numbers and len(numbers) == int(stated.sum()):
        values = np.array([value if ok else np.nan for value, ok in zip(plain, stated, strict=True)], np.float64)
        return values, stated & np.isfinite(values)
    packed = np.empty(len(plain), object)
    packed[:] = plain
    return packed, stated
