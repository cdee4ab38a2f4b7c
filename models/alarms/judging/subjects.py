"""Who is judged by a rule: a facility each, with the channels that its quantities come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from models.alarms.facts import Facts
from models.alarms.rule import AlarmRule, AllOf, AnyOf, Compare, Condition, NoneOf, Silent
from models.project.selection import ObjectKey
from models.readings.channel import Channel

#: What is read: quantity, and of which neighbour ("" for the facility itself).
Raw: TypeAlias = tuple[str, str]
ANY_QUANTITY = "*"


@dataclass(frozen=True, slots=True)
class Subjects:
    """The subjects of a rule.

    Parameters
    ----------
    sensors : tuple of str
        Code of the device that stands for each.
    keys : tuple of ObjectKey or None
    units : tuple of tuple of str
        By column; empty where it does not have the quantity.
    columns : tuple of Raw
    layers : tuple of (subject, column)
        By channel, -1 for none; a channel that serves several subjects (a neighbour) stands in several layers.
    period_s : (n,) float64
        Of the slowest channel; 0 where nobody says.
    complete : (n,) bool
        Whether it has every quantity that the rule reads of the facility itself.
    """

    sensors: tuple[str, ...]
    keys: tuple[ObjectKey | None, ...]
    units: tuple[tuple[str, ...], ...]
    columns: tuple[Raw, ...]
    layers: tuple[tuple[NDArray[np.int32], NDArray[np.int8]], ...]
    period_s: NDArray[np.float64]
    complete: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.sensors)


def leaves(condition: Condition) -> Iterator[Compare | Silent]:
    """Yield the comparisons of a condition, in their order."""
    match condition:
        case AllOf(all=parts) | AnyOf(any=parts) | NoneOf(none=parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield condition


def conditions(rule: AlarmRule) -> Iterator[Condition]:
    """Yield the conditions of a rule: of its levels, then that of its clearing."""
    yield from (level.condition for level in rule.levels)
    if rule.clear.condition is not None:
        yield rule.clear.condition


def raw_columns(rule: AlarmRule) -> tuple[Raw, ...]:
    """Return what a rule reads, each once."""
    found: dict[Raw, None] = {}
    for condition in conditions(rule):
        for leaf in leaves(condition):
            if isinstance(leaf, Silent):
                found[leaf.silent, ""] = None
            else:
                found[leaf.quantity, ""] = None
                if leaf.neighbour:
                    found[leaf.quantity, leaf.neighbour] = None
    return tuple(found)


def subjects_of(rule: AlarmRule, channels: Sequence[Channel], facts: Facts) -> Subjects:
    """Return who a rule judges.

    A facility with several devices of one quantity is judged once for each device: its other quantities come from the
    same device where that has them, else from the first that does.
    """
    columns = raw_columns(rule)
    own = [quantity for quantity, neighbour in columns if not neighbour]
    by_place: dict[object, dict[str, list[Channel]]] = defaultdict(lambda: defaultdict(list))
    for channel in sorted(channels, key=lambda channel: channel.id):
        if rule.kinds and facts.kinds.get(channel.id) not in rule.kinds:
            continue
        place = None if ANY_QUANTITY in own else facts.places.get(channel.id)
        by_place[channel.sensor if place is None else place][channel.quantity].append(channel)
    sensors: list[str] = []
    keys: list[ObjectKey | None] = []
    units: list[tuple[str, ...]] = []
    periods: list[float] = []
    complete: list[bool] = []
    serves: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for held in by_place.values():
        listed = {
            quantity: [one for many in held.values() for one in many] if quantity == ANY_QUANTITY else held[quantity]
            for quantity in own
            if quantity == ANY_QUANTITY or quantity in held
        }
        if not listed:
            continue
        devices = max(({one.sensor: None for one in many} for many in listed.values()), key=len)
        for device in devices:
            subject, used, measured = len(sensors), [], [""] * len(columns)
            for column, (quantity, neighbour) in enumerate(columns):
                if neighbour or quantity not in listed:
                    continue
                same = [one for one in listed[quantity] if one.sensor == device] or listed[quantity]
                chosen = same if quantity == ANY_QUANTITY else same[:1]
                used += chosen
                measured[column] = chosen[0].unit
                for one in chosen:
                    serves[one.id].append((subject, column))
            key = facts.places.get(used[0].id)
            for column, (quantity, neighbour) in enumerate(columns):
                other = facts.neighbours.get(neighbour, {}).get(key) if neighbour and key is not None else None
                if other is not None and (there := by_place.get(other, {}).get(quantity)):
                    serves[there[0].id].append((subject, column))
            sensors.append(device)
            keys.append(key)
            units.append(tuple(measured))
            periods.append(max(one.period_s for one in used))
            complete.append(len(listed) == len(own))
    return Subjects(
        tuple(sensors), tuple(keys), tuple(units), columns, _layers(serves, channels),
        np.asarray(periods, np.float64), np.asarray(complete, bool),
    )  # fmt: skip


def _layers(
    serves: dict[int, list[tuple[int, int]]], channels: Sequence[Channel]
) -> tuple[tuple[NDArray[np.int32], NDArray[np.int8]], ...]:
    size = max((channel.id for channel in channels), default=-1) + 2
    layers = []
    for depth in range(max((len(many) for many in serves.values()), default=0)):
        subject, column = np.full(size, -1, np.int32), np.zeros(size, np.int8)
        for channel, many in serves.items():
            if depth < len(many):
                subject[channel], column[channel] = many[depth]
        layers.append((subject, column))
    return tuple(layers)
