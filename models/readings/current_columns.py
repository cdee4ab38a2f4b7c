"""What sensors say now, as columns of their layer: expressions of styles and cards ask for them as for any field.

``now_<quantity>`` holds the value of the last reading that is not old (empty where there is none), ``now_age_min`` how
many minutes ago the sensor spoke last. ``alarm_level`` (1 the gravest, 0 none), ``alarm_name``, ``alarm_since``,
``alarm_hours`` and ``alarm_times`` say what is wrong at the moment. Nothing is written into the layer.

Invariants
----------
1. A reading that is older than three of its periods, or that its source calls wrong, is no present value: the cell is
   empty, never zero.
2. Every quantity of the layer's channels has a column, also where no sensor speaks at the moment, so that a lack of
   readings and a lack of such sensors differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.layers.layer import Layer, VectorData
from models.project.selection import ObjectKey
from models.readings.batch import HOUR_US, MINUTE_US, SECOND_US, Quality, Readings
from models.readings.channel import Channel
from models.style.matching import ALARM, NOW

_PERIODS, _DEFAULT_OLD_US = 3.0, 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class PresentAlarm:
    """What is wrong at a sensor at the moment.

    Parameters
    ----------
    level : int
        1 the gravest.
    name : str
        Of the rule, in the language of whoever reads it.
    since_us : int
    since : str
        The same in words.
    times : int
        How often it was raised until the moment.
    """

    level: int
    name: str
    since_us: int
    since: str
    times: int = 1


def asks_now(layer: Layer) -> bool:
    """Whether a layer's style speaks of present values."""
    symbology = layer.style.symbology
    if symbology is None:
        return False
    texts = (symbology.field, *(one.expression for one in symbology.classes))
    return any(NOW in text or ALARM in text for text in texts)


def with_current(
    table: VectorData, layer_id: str, channels: Sequence[Channel], devices: Mapping[int, ObjectKey], last: Readings,
    moment_us: int, alarms: Mapping[ObjectKey, PresentAlarm],
) -> VectorData:  # fmt: skip
    """Return a layer of sensors with columns of what they say at a moment.

    Parameters
    ----------
    table : VectorData
    layer_id : str
    channels : sequence of Channel
    devices : mapping of int to ObjectKey
        Sensor of each channel.
    last : Readings
        The last reading of each channel until the moment.
    moment_us : int
    alarms : mapping of ObjectKey to PresentAlarm
        By sensor, the gravest of each.
    """
    frame = table.frame
    oids = frame.index.to_numpy(np.int64)
    order = np.argsort(oids)
    mine = [one for one in channels if one.id in devices and devices[one.id].layer == layer_id]
    columns: dict[str, Any] = {f"{NOW}{one.quantity}": np.full(len(oids), np.nan) for one in mine}
    age = np.full(len(oids), np.nan)
    good = last.taken((last.quality & int(Quality.BAD)) == 0)
    of_channel = {int(channel): row for row, channel in enumerate(good.channel.tolist())}
    for one in mine:
        row = of_channel.get(one.id)
        at = _row_of(oids, order, devices[one.id].oid)
        if row is None or at is None:
            continue
        passed_us = moment_us - int(good.time_us[row])
        age[at] = np.nanmin([age[at], passed_us / MINUTE_US])
        if passed_us <= (one.period_s * _PERIODS * SECOND_US if one.period_s > 0 else _DEFAULT_OLD_US):
            columns[f"{NOW}{one.quantity}"][at] = good.value[row]
    columns[f"{NOW}age_min"] = age
    columns |= _alarm_columns(oids, order, layer_id, moment_us, alarms)
    return VectorData(frame.assign(**columns), table.cautions)


def _row_of(oids: NDArray[np.int64], order: NDArray[np.intp], oid: int) -> int | None:
    at = int(np.searchsorted(oids, oid, sorter=order))
    return int(order[at]) if at < len(oids) and oids[order[at]] == oid else None


def _alarm_columns(
    oids: NDArray[np.int64], order: NDArray[np.intp], layer_id: str, moment_us: int,
    alarms: Mapping[ObjectKey, PresentAlarm],
) -> dict[str, Any]:  # fmt: skip
    level, times = np.zeros(len(oids)), np.zeros(len(oids))
    hours = np.full(len(oids), np.nan)
    name, since = np.full(len(oids), None, dtype=object), np.full(len(oids), None, dtype=object)
    for key, alarm in alarms.items():
        at = _row_of(oids, order, key.oid) if key.layer == layer_id else None
        if at is not None:
            level[at], name[at], since[at] = alarm.level, alarm.name, alarm.since
            hours[at], times[at] = (moment_us - alarm.since_us) / HOUR_US, alarm.times
    return {f"{ALARM}level": level, f"{ALARM}name": name, f"{ALARM}since": since, f"{ALARM}hours": hours,
            f"{ALARM}times": times}  # fmt: skip
