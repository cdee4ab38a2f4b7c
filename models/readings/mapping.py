"""Which columns of a table are times, devices and values: guessed, shown to a person, changed, kept as a profile.

Long tables (a row a reading: device, time, quantity, value) and wide ones (a column a quantity) are one kind: a row has
a time and a device, and one or several columns of values, whose quantity stands in the mapping, in a column of the
row, or with the device.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.core.errors import UserError
from models.readings.quantities import quantity_named

#: Texts that mean that nothing was measured.
NO_DATA = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "-", "--", "/", "无", "缺测", "NODATA")
#: Parts of a time that stand in columns of their own, in this order.
PARTS = ("year", "month", "day", "hour", "minute", "second")
VERSION = 1
_MOST_BYTES, _MOST_TEXT, _MOST_COLUMNS = 200_000, 200, 500

_NAMES = {
    "time": "time datetime timestamp date observedat observed ts "
    "时间 监测时间 采集时间 观测时间 上报时间 日期时间 数据时间",
    "sensor": "sensor sensorid station stationid device deviceid code stcd 设备 设备编号 设备编码 "
    "站点 站点名称 站点编号 监测点 监测点编号 传感器 传感器编号 测站 测站编码",
    "quantity": "quantity parameter indicator item property 指标 监测指标 监测项 监测项目 参数 项目 因子",
    "value": "value reading result data 数值 监测值 值 读数 测值",
    "unit": "unit units uom 单位 计量单位",
}
_PART_NAMES = {
    "year": "year yr 年 年份", "month": "month mon 月 月份", "day": "day 日", "hour": "hour hr 时 小时",
    "minute": "minute min 分 分钟", "second": "second sec 秒",
}  # fmt: skip
_UNIT = re.compile(r"^(.*?)\s*[(（\[]\s*([^)）\]]*)\s*[)）\]]\s*$")
_SUFFIXED = {"pct": "%", "mm": "mm", "mpa": "MPa", "kpa": "kPa", "kwh": "kWh", "kw": "kW"}


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of values.

    Parameters
    ----------
    column : str
    quantity : str
        Id of a quantity, or a name of the source's own; empty where the row or the device says it.
    unit : str
        Unit of the values; empty for the quantity's own, or where the row says it.
    """

    column: str
    quantity: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ReadingMap:
    """How the rows of a table become readings.

    Parameters
    ----------
    time : tuple of str
        One column, or those of year, month, day, hour … in this order.
    zone : str
        IANA name of the zone of times that say none, empty where nobody has stated it: then such times are refused.
    values : tuple of ValueColumn
    sensor : str
        Column of the device's code; empty where ``sensor_name`` is that of all rows.
    sensor_name : str
    quantity, unit : str
        Columns; empty where the rows do not say it.
    no_data : tuple of str
        Texts that mean that nothing was measured.
    no_data_numbers : tuple of float
    name : str
        Of the profile, empty for none.
    """

    time: tuple[str, ...] = ()
    zone: str = ""
    values: tuple[ValueColumn, ...] = ()
    sensor: str = ""
    sensor_name: str = ""
    quantity: str = ""
    unit: str = ""
    no_data: tuple[str, ...] = NO_DATA
    no_data_numbers: tuple[float, ...] = ()
    name: str = ""

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return what it does not say and must: ``"time"``, ``"sensor"``, ``"values"``."""
        said = {"time": self.time, "sensor": self.sensor or self.sensor_name, "values": self.values}
        return tuple(name for name, value in said.items() if not value)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that it reads."""
        named = (*self.time, self.sensor, self.quantity, self.unit, *(one.column for one in self.values))
        return tuple(dict.fromkeys(name for name in named if name))

    def with_value(self, fresh: ValueColumn) -> ReadingMap:
        """Return a mapping that reads a column as is said, beside the others."""
        others = tuple(one for one in self.values if one.column != fresh.column)
        return replace(self, values=(*others, fresh))


def guess(columns: Iterable[str], table: str = "", zone: str = "") -> ReadingMap:
    """Propose a mapping from the names of columns; a person sees it before anything is taken in.

    Parameters
    ----------
    columns : iterable of str
    table : str
        Name of the table, the device's where no column names one.
    zone : str
        Zone of times that say none.
    """
    names = [str(name) for name in columns]
    found = {what: _first(names, aliases) for what, aliases in _NAMES.items()}
    parts = {part: _first(names, aliases) for part, aliases in _PART_NAMES.items()}
    if found["time"]:
        time: tuple[str, ...] = (found["time"],)
    elif parts["year"] and parts["month"] and parts["day"]:
        time = tuple(parts[part] for part in PARTS if parts[part])
    else:
        time = ()
    taken = {*time, found["sensor"], found["quantity"], found["unit"]}
    values = [ValueColumn(found["value"])] if found["value"] else []
    for name in names:
        bare, unit = name_and_unit(name)
        known = quantity_named(bare) if name not in taken and name != found["value"] else None
        if known is not None:
            values.append(ValueColumn(name, known.id, unit if known.from_unit(unit) is not None else ""))
    return ReadingMap(
        time, zone, tuple(values), found["sensor"], "" if found["sensor"] else table, found["quantity"], found["unit"]
    )


def name_and_unit(column: str) -> tuple[str, str]:
    """Return the name of a column without its unit, and the unit: ``"水位(m)"``, ``"battery_pct"``."""
    parts = _UNIT.match(column)
    if parts:
        return parts[1], parts[2]
    bare, _, last = column.rpartition("_")
    return (bare, _SUFFIXED[last.lower()]) if bare and last.lower() in _SUFFIXED else (column, "")


def document_of(mapping: ReadingMap) -> dict[str, Any]:
    """Return a mapping as plain values for TOML."""
    return {
        "readings": {
            "version": VERSION, "name": mapping.name, "time": list(mapping.time), "zone": mapping.zone,
            "sensor": mapping.sensor, "sensor_name": mapping.sensor_name, "quantity": mapping.quantity,
            "unit": mapping.unit, "no_data": list(mapping.no_data), "no_data_numbers": list(mapping.no_data_numbers),
        },
        "value": [{"column": one.column, "quantity": one.quantity, "unit": one.unit} for one in mapping.values],
    }  # fmt: skip


def read_profile(path: Path) -> ReadingMap:
    """Read a profile, as a stranger's.

    Raises
    ------
    UserError
        ``readings.profile_bad`` with the reason.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError(f"> {_MOST_BYTES // 1000} kB")
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        head = document["readings"]
        if not isinstance(head["version"], int) or head["version"] > VERSION:
            raise ValueError(f"version = {head['version']}")
        values = tuple(
            ValueColumn(_text(row["column"]), _text(row.get("quantity", "")), _text(row.get("unit", "")))
            for row in document["value"][:_MOST_COLUMNS]
        )
        texts = {
            name: _text(head.get(name, "")) for name in ("zone", "sensor", "sensor_name", "quantity", "unit", "name")
        }
        return ReadingMap(
            time=_texts(head["time"]), values=values, no_data=_texts(head.get("no_data", list(NO_DATA))),
            no_data_numbers=tuple(float(one) for one in head.get("no_data_numbers", ())), **texts,
        )  # fmt: skip
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError, TypeError, KeyError,
            AttributeError) as error:  # fmt: skip
        raise UserError("readings.profile_bad", file=path.name, reason=str(error)[:120]) from error


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > _MOST_COLUMNS:
        raise TypeError(f"{values!r}"[:60])
    return tuple(_text(one) for one in values)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        raise TypeError(f"{value!r}"[:60])
    return value


def _first(names: list[str], aliases: str) -> str:
    wanted = aliases.split()
    folded: Mapping[str, str] = {_folded(name_and_unit(name)[0]): name for name in reversed(names)}
    return next((folded[alias] for alias in wanted if alias in folded), "")


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "", unicodedata.normalize("NFKC", name)).casefold()
