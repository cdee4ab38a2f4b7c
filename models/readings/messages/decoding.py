"""Readings out of the messages of a source, and what is wrong with those that give none.

Invariants
----------
1. Nothing that a message holds raises: each that gives no reading is counted under the kind of its fault.
2. What a message may cost is bounded: its size, its depth (orjson), its readings, the length of names.
3. No message is judged by another: the order in which they come changes counts of nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from models.readings.batch import Quality
from models.readings.messages.drift import Shapes
from models.readings.messages.faults import Faults
from models.readings.messages.message import MOST_BYTES, Message
from models.readings.messages.times import BadTimeError, time_us_of
from models.readings.messages.topic_template import is_plain_name, reader_of
from models.readings.source import LiveSource, MessageMapping

MOST_READINGS = 10_000
_GOOD = frozenset({"", "good", "ok", "valid", "normal", "192", "true", "正常", "有效"})
_BAD = frozenset({"bad", "invalid", "error", "fault", "异常", "无效", "故障"})
_NOT_FINITE = re.compile(rb"[:\[,]\s*[-+]?(NaN|Infinity|Inf)\b", re.IGNORECASE)
_NONE: Any = object()
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Decoded:
    """Readings by column, in the order in which they came; a unit is as the source sends it."""

    sensor: list[str] = field(default_factory=list)
    quantity: list[str] = field(default_factory=list)
    unit: list[str] = field(default_factory=list)
    time_us: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    received_us: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.value)


class _FaultError(ValueError):
    """A message or reading that gives nothing; its text is the kind of fault."""

    def __init__(self, kind: str, example: object = "") -> None:
        super().__init__(kind)
        self.kind, self.example = kind, example


class Decoder:
    """Reads the messages of one source.

    Parameters
    ----------
    source : LiveSource
    """

    def __init__(self, source: LiveSource) -> None:
        self.source, self._mapping = source, source.mapping
        self._topic: Callable[[str], dict[str, str] | None] = reader_of(source.topics)
        self._told: dict[str, dict[str, str] | None] = {}
        self._paths = _Paths(source.mapping)
        self.faults = Faults()
        self.shapes = Shapes()
        self.messages = 0

    @property
    def has_times(self) -> bool:
        """Whether the source says when it observed."""
        return bool(self._paths.time)

    def decode(self, messages: Iterable[Message]) -> Decoded:
        """Return the readings of messages; what gives none is counted in ``faults``."""
        out = Decoded()
        for message in messages:
            self.messages += 1
            try:
                self._read(message, out)
            except _FaultError as bad:
                self.faults.add(bad.kind, bad.example, message.received_us)
        return out

    def _read(self, message: Message, out: Decoded) -> None:
        if len(message.payload) > MOST_BYTES:
            raise _FaultError("too_large", f"{len(message.payload) / 1024**2:.1f} MB")
        told = self._tells(message.topic)
        document = _json(message.payload)
        items = _at(document, self._paths.records) if self._paths.records else document
        if items is _NONE:
            raise _FaultError("no_value", message.payload)
        rows = items if isinstance(items, list) else [items]
        if len(rows) > MOST_READINGS:
            self.faults.add("too_many", message.topic, message.received_us, len(rows) - MOST_READINGS)
        whole = document if isinstance(document, dict) else {}
        for row in rows[:MOST_READINGS]:
            try:
                self._read_item(row, whole, told, message, out)
            except _FaultError as bad:
                self.faults.add(bad.kind, bad.example, message.received_us)

    def _read_item(
        self, item: Any, whole: dict[str, Any], told: dict[str, str], message: Message, out: Decoded
    ) -> None:
        paths, mapping = self._paths, self._mapping
        if isinstance(item, dict):
            self.shapes.add(item)
        elif not told and not paths.quantity:
            raise _FaultError("no_value", message.payload)

        def said(path: Path) -> Any:
            found = _at(item, path)
            return _at(whole, path) if found is _NONE and item is not whole else found

        sensor = _name(said(paths.sensor), "no_sensor") if paths.sensor else told.get("sensor", "")
        if not sensor:
            raise _FaultError("no_sensor", message.topic or message.payload)
        time_us = message.received_us
        if paths.time:
            when = said(paths.time)
            if when is _NONE or when is None:
                raise _FaultError("no_time", message.payload)
            try:
                time_us = time_us_of(when, mapping.time_form, self.source.zone, message.received_us)
            except BadTimeError as bad:
                raise _FaultError(str(bad), when) from None
        quality = _quality(said(paths.quality)) if paths.quality else 0
        if abs(message.received_us - time_us) > self.source.clock_s * 1e6 and time_us > message.received_us:
            quality |= int(Quality.CLOCK)
        if paths.wide:
            self._read_wide(said, (sensor, time_us, quality, message), out)
            return
        quantity = mapping.fixed_quantity or told.get("quantity", "")
        if paths.quantity:
            quantity = _name(said(paths.quantity), "no_quantity")
        if not quantity:
            raise _FaultError("no_quantity", message.topic or message.payload)
        unit = mapping.fixed_unit or told.get("unit", "")
        if paths.unit and isinstance(stated := said(paths.unit), str):
            unit = stated.strip()[:40]
        bare = item if not isinstance(item, (dict, list)) else _NONE
        value = _value(said(paths.value) if bare is _NONE else bare, message.payload)
        _put(out, sensor, quantity, unit, time_us, value, quality, message.received_us)

    def _read_wide(self, said: Callable[[Path], Any], known: tuple[str, int, int, Message], out: Decoded) -> None:
        sensor, time_us, quality, message = known
        found = False
        for path, quantity, unit in self._paths.wide:
            value = said(path)
            if value is _NONE or value is None:
                continue
            found = True
            try:
                number = _value(value, message.payload)
            except _FaultError as bad:
                self.faults.add(bad.kind, bad.example, message.received_us)
                continue
            _put(out, sensor, quantity, unit, time_us, number, quality, message.received_us)
        if not found:
            raise _FaultError("no_value", message.payload)

    def _tells(self, topic: str) -> dict[str, str]:
        if not self.source.topics:
            return {}
        if topic not in self._told:
            if len(self._told) > 200_000:  # a broker with endless topics fills no memory
                self._told.clear()
            self._told[topic] = self._topic(topic)
        told = self._told[topic]
        if told is None:
            raise _FaultError("topic", topic)
        return told


class _Paths:
    def __init__(self, mapping: MessageMapping) -> None:
        self.records, self.sensor, self.quantity = (
            _path(text) for text in (mapping.records, mapping.sensor, mapping.quantity)
        )
        self.value, self.time, self.unit, self.quality = (
            _path(text) for text in (mapping.value, mapping.time, mapping.unit, mapping.quality)
        )
        self.wide = [(_path(one.path), one.quantity, one.unit) for one in mapping.wide]


def _put(
    out: Decoded, sensor: str, quantity: str, unit: str, time_us: int, value: float, quality: int, received_us: int
) -> None:
    out.sensor.append(sensor)
    out.quantity.append(quantity)
    out.unit.append(unit)
    out.time_us.append(time_us)
    out.value.append(value)
    out.quality.append(quality)
    out.received_us.append(received_us)


def _json(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise _FaultError("not_finite" if _NOT_FINITE.search(payload) else "not_json", payload) from None


def _path(text: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in text.split(".")) if text else ()


def _at(document: Any, path: Path) -> Any:
    for part in path:
        if isinstance(document, dict):
            document = document.get(str(part), _NONE)
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        else:
            return _NONE
    return document


def _name(value: Any, kind: str) -> str:
    if value is _NONE or value is None or value == "":
        raise _FaultError(kind)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _FaultError("bad_name", value)
    text = str(value).strip()
    if not is_plain_name(text):
        raise _FaultError("bad_name", text)
    return text


def _value(value: Any, payload: bytes) -> float:
    if value is _NONE or value is None:
        raise _FaultError("no_value", payload)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise _FaultError("not_a_number", value) from None
    if not isinstance(value, (int, float)):  # True and False are one and nought, as contacts and pumps send them
        raise _FaultError("not_a_number", value)
    if not math.isfinite(value):
        raise _FaultError("not_finite", value)
    return float(value)


def _quality(value: Any) -> int:
    if value is _NONE or value is None:
        return 0
    text = str(value).strip().lower()
    return int(Quality.GOOD if text in _GOOD else Quality.BAD if text in _BAD else Quality.SUSPECT)
