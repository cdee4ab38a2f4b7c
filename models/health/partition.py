"""What a method of an indicator is given and what it gives back: a partition of the city, and sums over it.

A partition is some units (districts) of a city with the objects that can matter to them. A method is a function of a
partition and an indicator's definition; it knows no project, layer or file, so that an engine can run it on many
machines and add the sums (:func:`combined`).

Invariants
----------
1. Every unit of the city is in every partition, in the same order, because an object on a border belongs to one unit
   only; :attr:`Partition.counted` says which units this partition works out. The others get zero.
2. All geometries are in one projected CRS, metres.
3. A frame has the columns ``_layer`` and ``_oid`` (the key of the object), ``_shape`` (its geometry, None), the fields
   that the method declares (:attr:`Method.fields`) where the layer has them, and :data:`NAME_FIELDS`. Nothing else, so
   that a method cannot read what it did not declare.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from models.facilities.register import NAME_FIELDS as OBJECT_NAMES
from models.facilities.register import field_of
from models.health.coverage import Floats, Geometries, Ints
from models.health.editions import IndicatorDef, Threshold

#: Business codes of an object, best first.
CODE_FIELDS = ("ObjID", "code")
#: Fields copied for the reader of a problem list; no figure depends on them.
NAME_FIELDS = (*CODE_FIELDS, *OBJECT_NAMES, "name_en")
#: What the edition of a layer of components says of each row: its id, and whether it is a manhole cover. Methods
#: declare them like fields.
CODE_EDITION, COVER = "code_edition", "is_cover"
#: The administrative unit that a row was of where a check unit took its place, and how many of those the unit has.
MEMBER, MEMBERS = "_member", "_members"
#: Unit of an object that belongs to none in particular.
NO_UNIT = -1

_OBJECT_COLUMNS = (
    "layer", "oid", "code", "name", "name_en", "reason", "value", "severity", "unit", "loss", "beyond_m",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Partition:
    """Some units of a city with what can matter to them.

    Parameters
    ----------
    units : DataFrame
        One row a unit, all of the city, as invariant 3 describes, with ``code``, ``name`` and ``name_en`` where known.
    shapes : ndarray of polygon, shape (units,)
    counted : ndarray of bool, shape (units,)
        Which units are worked out here.
    frames : mapping of str to DataFrame
        Objects by role; every role that the method needs is there.
    """

    units: pd.DataFrame
    shapes: Geometries
    counted: Any
    frames: Mapping[str, pd.DataFrame]

    def only(self, values: Floats) -> Floats:
        """Return values by unit with zero for the units that are not worked out here."""
        return np.where(self.counted, values, 0.0)

    def counts(self, unit: Ints) -> Any:
        """Return which objects, given the unit of each, lie in a unit that is worked out here."""
        return (unit >= 0) & self.counted[unit]


@dataclass(frozen=True, slots=True)
class Shape:
    """A geometry that explains a result on the map.

    Parameters
    ----------
    kind : str
        ``"site"`` or ``"uncovered"``.
    geometry : shapely geometry
    unit : int
        Position of its unit, :data:`NO_UNIT` for none.
    layer, oid : str, int
        Key of the object; empty for none.
    """

    kind: str
    geometry: Any
    unit: int = NO_UNIT
    layer: str = ""
    oid: int = NO_UNIT


def no_objects() -> pd.DataFrame:
    """Return an empty table of objects."""
    return pd.DataFrame({name: pd.Series(dtype=object) for name in _OBJECT_COLUMNS})


def objects(
    frame: pd.DataFrame,
    positions: Any,
    unit: Any,
    reason: Any,
    value: Any = None,
    severity: Any = 0.0,
    *,
    loss: Any = None,
    beyond_m: Any = None,
) -> pd.DataFrame:
    """Return rows of a frame as a table of objects.

    Parameters
    ----------
    frame : DataFrame
    positions : array of int, shape (n,)
    unit, reason, value, severity : scalar or array, shape (n,)
        Position of the unit, why the object is listed, how bad it is, and what sorts the list (highest first).
    loss, beyond_m : scalar or array, shape (n,), optional
        What is missing here, in the numerator's unit; how far it lies beyond the nearest service radius, metres.
    """
    chosen = frame.iloc[positions]
    table: dict[str, Any] = {"layer": chosen["_layer"].to_numpy(object), "oid": chosen["_oid"].to_numpy(np.int64)}
    table |= object_texts(chosen) | {"reason": reason, "value": value, "severity": severity, "unit": unit}
    table |= {"loss": loss, "beyond_m": beyond_m}
    return pd.DataFrame(table, columns=list(_OBJECT_COLUMNS))


def object_texts(frame: pd.DataFrame) -> dict[str, Any]:
    """Return code and names of every row as arrays of text, empty where the layer has none."""
    sources = {
        "code": field_of(frame, CODE_FIELDS),
        "name": field_of(frame, OBJECT_NAMES),
        "name_en": field_of(frame, ("name_en",)),
    }
    texts = {}
    for column, source in sources.items():
        if source is None:
            texts[column] = np.full(len(frame), "", dtype=object)
        else:
            texts[column] = np.where(frame[source].notna(), frame[source].astype(str), "").astype(object)
    return texts


def text_at(table: pd.DataFrame, column: str, row: int) -> str:
    """Return a cell as text, empty where the column or the value is missing."""
    if column not in table.columns:
        return ""
    value = table[column].iloc[row]
    return "" if pd.isna(value) else str(value)


@dataclass(frozen=True, slots=True)
class Measured:
    """Sums over the units of a partition.

    Parameters
    ----------
    numerator, denominator : ndarray, shape (units,)
        In the units of the indicator's formula. Of an indicator that counts (``form = "count"``) the numerator is the
        figure (buildings that fail, places that are lacking) and the denominator how many objects were looked at: those
        of which somebody says whether they fail.
    factor : float
        Turns numerator ÷ denominator, or the numerator of a count, into the indicator's unit.
    seen : ndarray or None, shape (units,)
        The denominator as it would be if the value of every object were known, of a count: all objects that should be
        looked at; None where that is the denominator.
    good, bad : DataFrame
        The objects that make the figure good and bad, as :func:`objects` gives them.
    shapes : tuple of Shape
    used : mapping of str to DataFrame
        By role: ``_layer`` and ``_oid`` of what was counted.
    remarks : tuple of Threshold
        What was assumed or left out because of what the layers hold: rules that nobody can tell from the definition.
    whole : (float, float) or None
        Numerator and denominator of all units, where those of the units do not add up to them (the greatest, a mean);
        such sums cannot be combined.
    """

    numerator: Floats
    denominator: Floats
    factor: float = 1.0
    seen: Floats | None = None
    good: pd.DataFrame = field(default_factory=no_objects)
    bad: pd.DataFrame = field(default_factory=no_objects)
    shapes: tuple[Shape, ...] = ()
    used: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    remarks: tuple[Threshold, ...] = ()
    whole: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A field that tells the objects of a role apart: without it, nobody can say which of them count.

    Parameters
    ----------
    role : str
    fields : tuple of str
        Names that the field may have, best first.
    known : tuple of str
        Values that the method understands; a field that holds none of them tells nothing apart. Empty for any.
    may_be_empty : bool
        Whether an empty cell tells something too (no closing date: the case is open); the field must only be there.
    unless : str
        A role whose objects tell the same; where there are any, the field is not needed.
    """

    role: str
    fields: tuple[str, ...]
    known: tuple[str, ...] = ()
    may_be_empty: bool = False
    unless: str = ""

    def is_met(self, frame: pd.DataFrame) -> bool:
        """Whether some object of the role says what it is, in words that are understood."""
        for name in self.fields:
            if name in frame.columns:
                if self.may_be_empty:
                    return True
                values = frame[name][has_value(frame[name])]
                if len(values) and (not self.known or values.astype("str").str.strip().isin(self.known).any()):
                    return True
        return False

    def is_waived(self, frames: Mapping[str, pd.DataFrame | None]) -> bool:
        """Whether objects of another role tell the same."""
        other = frames.get(self.unless) if self.unless else None
        return other is not None and len(other) > 0


def of_units(partition: Partition, role: str, name: str) -> Floats:
    """Return a field of the layer of the units themselves, in their order; NaN where it says nothing."""
    frame, keys = partition.frames[role], ["_layer", "_oid"]
    values = pd.Series(numbers(frame, name), pd.MultiIndex.from_frame(frame[keys]))
    return np.asarray(values.reindex(pd.MultiIndex.from_frame(partition.units[keys])), dtype=np.float64)


def tally(unit: Ints, chosen: Any, count: int) -> Floats:
    """Return how many of some objects, given the unit of each and which are chosen, lie in each of so many units."""
    return np.asarray(np.bincount(unit[chosen], minlength=count), dtype=np.float64)


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as numbers, NaN where there is none, or no such column."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64)


def no_needs(_: IndicatorDef) -> Sequence[Need]:
    """Return no needs: every object of the role counts."""
    return ()


def has_value(column: pd.Series) -> pd.Series:
    """Return which cells say something: neither empty nor blank."""
    return column.notna() & column.astype("str").str.strip().ne("")


_YES = ("true", "yes", "y", "t", "1", "1.0", "是", "有", "开放")
_NO = ("false", "no", "n", "f", "0", "0.0", "否", "无", "不开放", "封闭")


def yes_or_no(column: pd.Series) -> pd.Series:
    """Return a column of any type as nullable booleans; what is neither yes nor no is missing."""
    meaning: dict[str, bool] = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
    return column.astype("str").str.strip().str.casefold().map(meaning).astype("boolean")


@dataclass(frozen=True, slots=True)
class Split:
    """How a city can be cut into tiles without changing a figure.

    Parameters
    ----------
    own : callable
        ``(IndicatorDef) -> roles`` whose objects are counted: each belongs to one tile.
    lent : callable
        ``(IndicatorDef) -> roles`` of what only serves: every tile gets what can reach into it.
    reach_m : callable
        ``(IndicatorDef) -> float``: how far that reaches at the most, metres.
    per_unit : bool
        The denominator is of the units (area, people), the same in every tile.
    hinders : callable
        ``(Partition, IndicatorDef) -> bool``: whether something in these inputs can only be known of the whole city.
    """

    own: Callable[[IndicatorDef], Sequence[str]]
    lent: Callable[[IndicatorDef], Sequence[str]] = lambda _: ()
    reach_m: Callable[[IndicatorDef], float] = lambda _: 0.0
    per_unit: bool = False
    hinders: Callable[[Partition, IndicatorDef], bool] = lambda _, __: False


@dataclass(frozen=True, slots=True)
class Method:
    """How an indicator is measured.

    Parameters
    ----------
    measure : callable
        ``(Partition, IndicatorDef) -> Measured``.
    thresholds : callable
        ``(IndicatorDef) -> sequence of Threshold``: the rules that go in, beside the benchmarks.
    fields : mapping of str to tuple of str, or callable
        Fields read, by role; those under ``""`` are read of every other input of the definition. Where they depend on
        the indicator: ``(IndicatorDef) -> mapping``. A role that is no input of the definition may be missing.
    lists_units : bool
        Whether the units below the benchmark are the problem list; otherwise the method names the objects.
    needs : callable
        ``(IndicatorDef) -> sequence of Need``: without one of them there is no data, never "all".
    by_estate : bool
        Whether the figure means something for a single estate (小区), so that it is measured over those too.
    split : Split or None
        How it can be measured tile by tile; None while nobody has shown that it can.
    """

    measure: Callable[[Partition, IndicatorDef], Measured]
    thresholds: Callable[[IndicatorDef], Sequence[Threshold]]
    fields: Mapping[str, tuple[str, ...]] | Callable[[IndicatorDef], Mapping[str, tuple[str, ...]]]
    lists_units: bool = False
    needs: Callable[[IndicatorDef], Sequence[Need]] = no_needs
    by_estate: bool = True
    split: Split | None = None

    def fields_of(self, definition: IndicatorDef) -> dict[str, tuple[str, ...]]:
        """Return the fields that this method reads for an indicator, by role."""
        known = self.fields(definition) if callable(self.fields) else self.fields
        rest = known.get("", ())
        roles = {name: fields for name, fields in known.items() if name}
        return roles | {item.role: rest for item in definition.inputs if "" in known and item.role not in roles}


def combined(parts: Sequence[Measured], per_unit: bool = False) -> Measured:
    """Return the sums of several partitions of one city: numerators and denominators add up, ratios never.

    Parameters
    ----------
    parts : sequence of Measured
        At least one; each object, or each unit, counted in one of them only.
    per_unit : bool
        The denominator is of the units and not of objects (:attr:`Split.per_unit`): it is the same in every part.
    """
    denominators = [part.denominator for part in parts]
    knows_all = all(part.seen is None for part in parts)
    seen = [part.denominator if part.seen is None else part.seen for part in parts]
    shapes = {(shape.kind, shape.layer, shape.oid, shape.unit): shape for part in parts for shape in part.shapes}
    roles = dict.fromkeys(role for part in parts for role in part.used)
    remarks = [remark for part in parts for remark in part.remarks]
    add = np.maximum.reduce if per_unit else np.add.reduce
    return Measured(
        np.add.reduce([part.numerator for part in parts]),
        add(denominators),
        parts[0].factor,
        None if knows_all else add(seen),
        _joined([part.good for part in parts]),
        _joined([part.bad for part in parts]),
        tuple(shapes.values()),
        {
            role: pd.concat([part.used[role] for part in parts if role in part.used]).drop_duplicates(
                ["_layer", "_oid"], ignore_index=True
            )
            for role in roles
        },
        tuple(remark for at, remark in enumerate(remarks) if remark not in remarks[:at]),
    )


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    full = [table for table in tables if len(table)]
    if not full:
        return tables[0]
    return pd.concat(full, ignore_index=True).drop_duplicates(["layer", "oid", "reason"], ignore_index=True)
