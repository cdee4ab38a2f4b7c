"""What a chart of sensors draws, with its words; no chart is loaded for it."""

from __future__ import annotations

from dataclasses import dataclass

from models.readings.curves import Curve


@dataclass(frozen=True, slots=True)
class ShownCurve:
    """A curve with its words.

    Parameters
    ----------
    curve : Curve
    name : str
        Device and quantity.
    unit : str
    digits : int
        Behind the point.
    """

    curve: Curve
    name: str
    unit: str
    digits: int = 2


@dataclass(frozen=True, slots=True)
class ShownThreshold:
    """A line of a rule: unit of its plot, value, words, level (1 the gravest)."""

    unit: str
    value: float
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One series in the list: channel, name, value under the cursor."""

    channel: int
    name: str
    value: str
