"""Rows of a table made readings by a mapping, and what became of each value: taken, or refused with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.readings.mapping import ReadingMap, ValueColumn
from models.readings.moments import NEVER, moments
from models.readings.quantities import quantity, quantity_named

#: A time before or after is one of a clock that was never set, or a mistake: 1990-01-01 … 2100-01-01.
EARLIEST_US, LATEST_US = 631_152_000_000_000, 4_102_444_800_000_000
#: Why a value is no reading, in the order in which it is looked at.
REASONS = ("no_time", "no_zone", "out_of_time", "no_sensor", "no_quantity", "no_data", "unread", "unit")


@dataclass(slots=True)
class Refused:
    """Values that did not become readings, by reason, with what stood there."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, reason: str, rows: NDArray[np.bool_], shown: pd.Series[Any] | None = None) -> None:
        """Count rows and keep some of their texts."""
        count = int(rows.sum())
        if not count:
            return
        self.counts[reason] += count
        if shown is not None:
            held = self.examples.setdefault(reason, Counter())
            for text, times in shown[rows].astype(str).str.slice(0, 40).value_counts().head(5).items():
                if len(held) < 20 or text in held:
                    held[str(text)] += int(times)


@dataclass(frozen=True, slots=True)
class Part:
    """Readings of one quantity and unit, by the device's code.

    Parameters
    ----------
    quantity, unit : str
        Unit of the values as they are here: the quantity's own.
    sensor : (n,) array of str codes, ``codes`` into ``sensors``
    """

    quantity: str
    unit: str
    sensors: tuple[str, ...]
    codes: NDArray[np.int64]
    time_us: NDArray[np.int64]
    value: NDArray[np.float64]


def apply(
    frame: pd.DataFrame, mapping: ReadingMap, refused: Refused, kinds: Mapping[str, tuple[str, str]] | None = None
) -> list[Part]:
    """Make readings of rows.

    Parameters
    ----------
    frame : DataFrame
        Columns that the mapping names.
    mapping : ReadingMap
    refused : Refused
        Is told of what does not become a reading.
    kinds : mapping of str to (str, str), optional
        Quantity and unit of a device's values by its code, for values of which neither mapping nor row says it.
    """
    time_us, without_zone = moments([frame[name] for name in mapping.time], mapping.zone)
    shown = frame[mapping.time[0]]
    unzoned = without_zone & (time_us == NEVER) if not mapping.zone else np.zeros(len(frame), bool)
    far = (time_us != NEVER) & ((time_us < EARLIEST_US) | (time_us >= LATEST_US))
    refused.add("no_zone", unzoned, shown)
    refused.add("no_time", (time_us == NEVER) & ~unzoned, shown)
    refused.add("out_of_time", far, shown)
    usable = (time_us != NEVER) & ~far
    if mapping.sensor:
        sensor = frame[mapping.sensor].astype(object)
        named = sensor.notna().to_numpy() & (sensor.astype(str).str.strip() != "").to_numpy()
        refused.add("no_sensor", usable & ~named)
        usable &= named
        sensor = sensor.astype(str).str.strip()
    else:
        sensor = pd.Series([mapping.sensor_name] * len(frame), index=frame.index)
    parts: list[Part] = []
    for column in mapping.values:
        parts += _of_column(frame, mapping, column, sensor, time_us, usable, refused, kinds or {})
    return parts


def _of_column(
    frame: pd.DataFrame, mapping: ReadingMap, column: ValueColumn, sensor: pd.Series[Any], time_us: NDArray[np.int64],
    usable: NDArray[np.bool_], refused: Refused, kinds: Mapping[str, tuple[str, str]],
) -> list[Part]:  # fmt: skip
    raw = frame[column.column]
    value = pd.to_numeric(raw, errors="coerce").to_numpy(np.float64)
    blank = raw.isna().to_numpy() | np.isin(value, mapping.no_data_numbers)
    if not pd.api.types.is_numeric_dtype(raw):
        blank |= raw.astype(str).str.strip().isin(mapping.no_data).to_numpy()
    unread = ~blank & ~np.isfinite(value)
    refused.add("no_data", usable & blank)
    refused.add("unread", usable & unread, raw)
    there = usable & ~blank & ~unread
    told = _quantity_and_unit(frame, mapping, column, sensor, kinds)
    parts = []
    for (name, unit), theirs in told.items():
        rows = theirs & there
        if not rows.any():
            continue
        if not name:
            refused.add("no_quantity", rows, sensor)
            continue
        known = quantity(name)
        change = (1.0, 0.0) if known is None else known.from_unit(unit)
        if change is None:
            refused.add("unit", rows, pd.Series([f"{name}: {unit}"] * len(frame), index=frame.index))
            continue
        factor, offset = change
        codes, sensors = pd.factorize(sensor[rows])
        values = value[rows] if change == (1.0, 0.0) else np.round(value[rows] * factor + offset, 9)
        parts.append(
            Part(name, unit if known is None else known.unit, tuple(map(str, sensors)), codes, time_us[rows], values)
        )
    return parts


def _quantity_and_unit(
    frame: pd.DataFrame, mapping: ReadingMap, column: ValueColumn, sensor: pd.Series[Any],
    kinds: Mapping[str, tuple[str, str]],
) -> dict[tuple[str, str], NDArray[np.bool_]]:  # fmt: skip
    """Return which rows hold which quantity in which unit."""
    count = len(frame)
    if column.quantity:
        names = pd.Series([column.quantity] * count, index=frame.index)
        units = pd.Series([column.unit] * count, index=frame.index)
    elif mapping.quantity:
        names = frame[mapping.quantity].fillna("").astype(str).str.strip()
        names = names.map({one: known.id if (known := quantity_named(one)) else one for one in names.unique()})
        units = pd.Series([column.unit] * count, index=frame.index)
    else:
        names = sensor.map({one: kinds.get(one, ("", ""))[0] for one in sensor.unique()})
        units = sensor.map({one: kinds.get(one, ("", ""))[1] for one in sensor.unique()})
        if column.unit:
            units = pd.Series([column.unit] * count, index=frame.index)
    if mapping.unit and not column.unit and not column.quantity:
        said = frame[mapping.unit].fillna("").astype(str).str.strip()
        units = said.where(said != "", units)
    codes, distinct = pd.factorize(pd.MultiIndex.from_arrays([names, units]))
    return {(str(name), str(unit)): codes == code for code, (name, unit) in enumerate(distinct)}
