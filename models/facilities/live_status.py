"""Live values of facilities: what a sensor or an inspector reports now, apart from what the register holds.

Invariants
----------
1. A live value is no edit: the register's table, the project's state, its history and its results stay as they are, so
   that nothing becomes old because a sensor speaks. Whoever needs a value in a figure reads it from here and says so.
2. One signal a batch: a source that reports thousands of facilities at once makes one repaint.
3. Only what really changed is told; the same value again is silent.
4. What sensors and alarms say of whole layers comes as arrays (:meth:`LiveStatus.show`), the same that a moment of the
   past is shown by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from psygnal import Signal

from models.project.selection import ObjectKey
from models.timeline.city_state import LayerState

_NONE: Mapping[int, LiveValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LiveValue:
    """What is reported of one facility.

    Parameters
    ----------
    status : str
        One of :func:`models.facilities.register.states` (``"intact"``, ``"damaged"`` …); one that is not among them is
        shown as unknown, never as intact.
    value : float or None
        The reading behind it, None where only a state is reported.
    unit : str
        Unit of the value, as the source declares it.
    time : datetime or None
        When it was observed, with its zone.
    quality : str
        The source's flag, empty for a plain good value.
    """

    status: str
    value: float | None = None
    unit: str = ""
    time: datetime | None = None
    quality: str = ""


class LiveStatus:
    """The live values of one session by facility.

    Signals
    -------
    changed : (frozenset of str) layers of which some facility has another value now
    """

    changed = Signal(frozenset)

    def __init__(self) -> None:
        self._values: dict[str, dict[int, LiveValue]] = {}
        self._conditions: dict[str, LayerState] = {}

    def get(self, key: ObjectKey) -> LiveValue | None:
        """Return the live value of a facility, None if nothing is reported of it."""
        return self.of_layer(key.layer).get(key.oid)

    def of_layer(self, layer_id: str) -> Mapping[int, LiveValue]:
        """Return the live values of a layer by object id."""
        return self._values.get(layer_id, _NONE)

    def layers(self) -> frozenset[str]:
        """Return the layers of which some facility has a live value or condition."""
        return frozenset(layer_id for layer_id, held in self._values.items() if held) | frozenset(self._conditions)

    def conditions_of(self, layer_id: str) -> LayerState | None:
        """Return what the sensors and alarms say of the facilities of a layer now, None where none are heard."""
        return self._conditions.get(layer_id)

    def show(self, layers: Mapping[str, LayerState]) -> None:
        """Take over what sensors and alarms say of all facilities now, in the place of what they said before."""
        before, self._conditions = self._conditions, dict(layers)
        self._tell({
            layer_id for layer_id in {*before, *layers} if not _looks_alike(before.get(layer_id), layers.get(layer_id))
        })  # fmt: skip

    def put(self, values: Mapping[ObjectKey, LiveValue]) -> None:
        """Take over a batch of values, the latest of each facility.

        Parameters
        ----------
        values : mapping of ObjectKey to LiveValue
            A value observed before the one that is held is late and changes nothing; without times the last one holds.
        """
        touched = set()
        for key, value in values.items():
            held = self._values.setdefault(key.layer, {})
            before = held.get(key.oid)
            if value == before or _is_late(value, before):
                continue
            held[key.oid] = value
            touched.add(key.layer)
        self._tell(touched)

    def forget(self, keys: Iterable[ObjectKey]) -> None:
        """Drop the values of facilities: what the register holds of them shows again."""
        self._tell({key.layer for key in keys if self._values.get(key.layer, {}).pop(key.oid, None) is not None})

    def clear(self) -> None:
        """Drop all values, as another project opens."""
        touched = {layer_id for layer_id, held in self._values.items() if held} | set(self._conditions)
        self._values.clear()
        self._conditions = {}
        self._tell(touched)

    def _tell(self, layers: set[str]) -> None:
        if layers:
            self.changed.emit(frozenset(layers))


def _looks_alike(before: LayerState | None, after: LayerState | None) -> bool:
    if before is None or after is None:
        return before is after
    return np.array_equal(before.oids, after.oids) and np.array_equal(before.condition, after.condition)


def _is_late(value: LiveValue, before: LiveValue | None) -> bool:
    return before is not None and before.time is not None and value.time is not None and value.time < before.time
