"""Names of objects that outlive a table: ObjID, code, GUID.

An :class:`~models.project.selection.ObjectKey` names a row. A table that is imported again, exported and brought back,
or changed by another program may have the same objects in other rows. What must outlive that (saved selections, edits,
problem lists, topics) is found again by the business key: the value of the one field that names each object.

Invariants
----------
1. A value that stands in several rows names none of them, except the row in which it stood before.
2. A row that is not found again is gone; nothing is led to another object in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.layers.layer import LayerData, ModelData, VectorData
from resources.standards import standard

#: Object id of what is gone: no row of any table.
GONE_OID = -2

Oids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BusinessKeys:
    """Objects of one layer by row and by name.

    Parameters
    ----------
    field : str
        Which field names them; empty where no field does.
    oids : ndarray of int64, shape (n,)
    values : ndarray of str, shape (n,)
        Empty where an object has none.
    """

    field: str
    oids: Oids
    values: NDArray[np.object_]

    def single(self) -> dict[str, int]:
        """Return the row of each value that stands in one row only."""
        rows = pd.Series(self.oids, index=self.values)
        rows = rows[~rows.index.duplicated(keep=False) & (rows.index != "")]
        return {str(value): int(oid) for value, oid in zip(rows.index, rows, strict=True)}

    def only(self, oids: Iterable[int] | Oids) -> BusinessKeys:
        """Return those of some rows."""
        wanted = np.asarray(oids if isinstance(oids, np.ndarray) else list(oids), dtype=np.int64)
        keep = np.isin(self.oids, wanted)
        return BusinessKeys(self.field, self.oids[keep], self.values[keep])


@dataclass(frozen=True, slots=True)
class Renaming:
    """Which row an object stands in now.

    Parameters
    ----------
    before : ndarray of int64, shape (n,)
        Ascending.
    after : ndarray of int64, shape (n,)
        :data:`GONE_OID` where the object is gone.
    """

    before: Oids
    after: Oids

    @property
    def changes(self) -> bool:
        """Whether any object stands in another row, or is gone."""
        return not np.array_equal(self.before, self.after)

    @property
    def moved(self) -> int:
        """Return how many objects stand in another row."""
        return int(((self.after != GONE_OID) & (self.after != self.before)).sum())

    @property
    def gone(self) -> int:
        """Return how many objects are gone."""
        return int((self.after == GONE_OID).sum())

    def of(self, oids: Iterable[int] | Oids) -> Oids:
        """Return where objects stand now; :data:`GONE_OID` for what is gone or was never there."""
        asked = np.asarray(oids if isinstance(oids, np.ndarray) else list(oids), dtype=np.int64)
        if not len(self.before):
            return np.full(len(asked), GONE_OID, np.int64)
        at = np.minimum(np.searchsorted(self.before, asked), len(self.before) - 1)
        return np.where(self.before[at] == asked, self.after[at], GONE_OID)

    def one(self, oid: int) -> int:
        """Return where one object stands now."""
        return int(self.of([oid])[0])


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, ...], float, float]:
    row = standard("business_keys")["key"]
    return tuple(row["fields"]), float(row["filled"]), float(row["distinct"])


def business_keys(data: LayerData | None, field: str = "") -> BusinessKeys | None:
    """Return the business keys of a layer.

    Parameters
    ----------
    data : LayerData or None
    field : str
        The field to take; empty for the first of ``resources/standards/business_keys.toml`` that serves.

    Returns
    -------
    BusinessKeys or None
        None where no field names the objects.
    """
    if isinstance(data, ModelData):
        return _taken(data.elements, "guid") if field in ("", "guid") else None
    if not isinstance(data, VectorData):
        return None
    table = data.attributes
    if field:
        return _taken(table, field) if field in table.columns else None
    fields, filled, distinct = _rules()
    for name in fields:
        if name not in table.columns or not len(table):
            continue
        keys = _taken(table, name)
        present = keys.values[keys.values != ""]
        if len(present) >= filled * len(table) and len(pd.unique(present)) >= distinct * len(present):
            return keys
    return None


def _taken(table: pd.DataFrame, field: str) -> BusinessKeys:
    column = table[field]
    if pd.api.types.is_float_dtype(column):  # a code that a spreadsheet made a number
        whole = column.notna() & (column % 1 == 0)
        column = column.astype("Int64").astype("str").where(whole) if whole.all() else column
    text = column.astype("str").str.strip().where(column.notna(), "").to_numpy(dtype=object)
    return BusinessKeys(field, table.index.to_numpy(np.int64), text)


def renaming(before: BusinessKeys, after: BusinessKeys) -> Renaming:
    """Return where the objects of one table stand in another that has the same key.

    Parameters
    ----------
    before, after : BusinessKeys
        Of the same field.
    """
    order = np.argsort(before.oids, kind="stable")
    oids, values = before.oids[order], before.values[order]
    rows = pd.Series(after.oids, index=after.values)
    once = rows[~rows.index.duplicated(keep=False)]
    found = once.reindex(values).fillna(GONE_OID).to_numpy(np.int64)
    nameless = pd.Series(values, dtype=object).duplicated(keep=False).to_numpy() | (values == "")
    found = np.where(nameless, GONE_OID, found)
    # the row in which it stood keeps it, also where its name stands in other rows too, or it has none
    there = pd.Series(after.values, index=after.oids).reindex(oids).to_numpy(dtype=object)
    found = np.where(there == values, oids, found)
    return Renaming(oids, found.astype(np.int64))


def between(before: LayerData, after: LayerData) -> Renaming | None:
    """Return where the objects of a layer stand in the table that comes in its place.

    Returns
    -------
    Renaming or None
        None where the two have no key in common.
    """
    old = business_keys(before)
    new = None if old is None else business_keys(after, old.field)
    return None if old is None or new is None else renaming(old, new)
