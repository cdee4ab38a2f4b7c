"""What the register of components says: class and state of each, counts, and the manhole covers among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.facilities.coding.codes import UNKNOWN_CLASS, classify
from models.facilities.coding.editions import NO_CLASS, Edition, FacilityClass
from resources.standards import standard

#: Columns that may hold the code and the state, best first (exchange format, then common names).
CODE_FIELDS = ("ObjID", "class_code", "SmallClass", "code", "objid", "objcode")
STATE_FIELDS = ("ObjState", "state", "status", "objstate")
NAME_FIELDS = ("ObjName", "name", "objname")

#: State of a component of which none is recorded, or a word that is not in the table.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FacilityState:
    """One state a component can be in.

    Parameters
    ----------
    id : str
        ``"intact"``, ``"damaged"``, ``"missing"``, ``"moved"``, ``"occupied"``, ``"abandoned"`` or ``"unknown"``.
    name, name_en : str
    colour : str
        ``"#rrggbb"``.
    severity : int
        0 = nothing to do; the higher, the more urgent.
    words : tuple of str
        Values of the register that mean it.
    active : bool
        Whether a component in this state is still in use: one that is not is kept and counted apart.
    certainty : str
        How sure it is that the standard has the state, ``"A"`` … ``"D"``; empty for our own.
    """

    id: str
    name: str
    name_en: str
    colour: str
    severity: int
    words: tuple[str, ...]
    active: bool = True
    certainty: str = ""

    def title(self, lang: str) -> str:
        """Return the name in a language."""
        return self.name_en if lang == "en" else self.name


@lru_cache(maxsize=1)
def states() -> Mapping[str, FacilityState]:
    """Return every state by its id, in the order in which they are listed."""
    return {
        row["id"]: FacilityState(
            row["id"],
            row["zh"],
            row["en"],
            row["colour"],
            row["severity"],
            tuple(row["words"]),
            bool(row.get("active", True)),
            row.get("certainty", ""),
        )
        for row in standard("facility_states")["state"]
    }


def out_of_use() -> tuple[str, ...]:
    """Return the states of components that are kept but no longer counted."""
    return tuple(state.id for state in states().values() if not state.active)


def field_of(frame: pd.DataFrame, candidates: tuple[str, ...]) -> str | None:
    """Return the first candidate column that the frame has."""
    return next((name for name in candidates if name in frame.columns), None)


def classes_of(frame: pd.DataFrame, edition: Edition) -> NDArray[np.object_]:
    """Return the class of every row in the edition that its layer states, ``""`` where it is not known."""
    field = field_of(frame, CODE_FIELDS)
    if field is None:
        return np.full(len(frame), UNKNOWN_CLASS, dtype=object)
    return classify(frame[field], edition)


def status_of(frame: pd.DataFrame) -> NDArray[np.object_]:
    """Return the state id of every row.

    An empty or unlisted value is ``"unknown"``, never intact.
    """
    field = field_of(frame, STATE_FIELDS)
    if field is None:
        return np.full(len(frame), UNKNOWN, dtype=object)
    meaning = {word.casefold(): state.id for state in states().values() for word in (state.id, *state.words)}
    text = frame[field].astype("str").str.strip().str.casefold()
    return text.map(meaning).fillna(UNKNOWN).to_numpy(dtype=object)


def counts(frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Count the components of one layer by class and state.

    Returns
    -------
    DataFrame
        Index ``class_code`` (``""`` = unknown class, last), only classes that occur; one column a state id, and
        ``total``.
    """
    names = list(states())
    table = pd.crosstab(
        pd.Series(classes_of(frame, edition), dtype=object, name="class_code"),
        pd.Series(status_of(frame), dtype=object, name="state"),
    ).reindex(columns=names, fill_value=0)
    order = [code for code in (*edition.classes, UNKNOWN_CLASS) if code in table.index]
    table = table.reindex(order).astype(np.int64)
    table["total"] = table[names].sum(axis=1)
    table.index.name, table.columns.name = "class_code", None
    return table


def counts_by_class(layers: Sequence[tuple[pd.DataFrame, Edition]]) -> pd.DataFrame:
    """Count the components of several layers by class and state.

    Returns
    -------
    DataFrame
        As :func:`counts`, but the index holds :class:`FacilityClass`, :data:`NO_CLASS` for the unknown ones, last:
        layers of different editions can have the same digits for different things.
    """
    parts = []
    for frame, edition in layers:
        part = counts(frame, edition)
        part.index = pd.Index([edition.classes.get(code, NO_CLASS) for code in part.index], dtype=object)
        parts.append(part)
    if not parts:
        return pd.DataFrame(columns=[*states(), "total"], dtype=np.int64)
    table = pd.concat(parts).groupby(level=0, sort=False).sum()
    kinds: list[FacilityClass] = sorted(table.index, key=lambda kind: (kind == NO_CLASS, kind.table, kind.code))
    return table.reindex(kinds)


def rows_by_class(counted: pd.DataFrame) -> Iterator[tuple[FacilityClass, pd.Series[int]]]:
    """Go through the rows of :func:`counts_by_class`."""
    for kind, (_, row) in zip(counted.index, counted.iterrows(), strict=True):
        yield kind, row


def is_cover(frame: pd.DataFrame, edition: Edition) -> NDArray[np.bool_]:
    """Return which rows are manhole covers (窨井盖)."""
    covers = [code for code, kind in edition.classes.items() if kind.cover]
    return np.isin(classes_of(frame, edition).astype(str), covers)
