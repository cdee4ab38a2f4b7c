"""Quantities that sensors measure: their units, what they can be, and how a longer step is made of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.readings.channel import Channel
from resources.standards import standard


@dataclass(frozen=True, slots=True)
class Quantity:
    """A row of ``resources/standards/quantities.toml``.

    Parameters
    ----------
    id, theme : str
    zh, en : str
    unit : str
        Unit of the readings of its channels; empty where it has none.
    least, greatest : float
        What lies outside is no measurement of this quantity.
    digits : int
        Behind the point, as it is shown.
    adds : str
        How a longer step is made of readings: ``"mean"``, ``"sum"``, ``"max"``, ``"last"``.
    others : tuple of (str, float, float)
        Other units with the factor and the offset that bring a value to ``unit``.
    names : tuple of str
        What a column that holds it is called.
    """

    id: str
    theme: str
    zh: str
    en: str
    unit: str
    least: float
    greatest: float
    digits: int = 2
    adds: str = "mean"
    others: tuple[tuple[str, float, float], ...] = ()
    names: tuple[str, ...] = ()

    def name(self, lang: str) -> str:
        """Return its name in a language."""
        return self.zh if lang == "zh" else self.en

    def from_unit(self, unit: str) -> tuple[float, float] | None:
        """Return factor and offset that bring a value in a unit to this quantity's, None where nobody knows them.

        A value without a unit is taken to be in the quantity's own.
        """
        wanted = folded_unit(unit)
        if not wanted or wanted == folded_unit(self.unit):
            return 1.0, 0.0
        found = (pair for other, *pair in self.others if folded_unit(other) == wanted)
        return next(((factor, offset) for factor, offset in found), None)


@lru_cache(maxsize=1)
def quantities() -> dict[str, Quantity]:
    """Return the known quantities by id, in the order of the table."""
    return {row["id"]: _quantity(row) for row in standard("quantities")["quantity"]}


def quantity(name: str) -> Quantity | None:
    """Return a quantity by its id, None for one of a source's own."""
    return quantities().get(name)


def quantity_named(column: str) -> Quantity | None:
    """Return the quantity that a column's name means, None where nobody can tell."""
    return _by_name().get(_folded(column))


def quantity_names(lang: str) -> list[tuple[str, str]]:
    """Return id and name of each known quantity, in the order of the table."""
    return [(one.id, one.name(lang)) for one in quantities().values()]


def quantity_name(name: str, lang: str) -> str:
    """Return what a quantity is called; one of a source's own goes by its id."""
    found = quantity(name)
    return found.name(lang) if found else name


def folded_unit(unit: str) -> str:
    """Return a unit as units are compared: ``"ug/m3"``, ``"µg/m³"`` and ``"μg/m^3"`` are one."""
    text = unicodedata.normalize("NFKC", unit).strip().replace("μ", "u").replace("µ", "u").replace("^", "")
    return re.sub(r"\s+", "", text)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the channels of a store can measure, as arrays by channel id."""

    least: NDArray[np.float64]
    greatest: NDArray[np.float64]

    def outside(self, channel: NDArray[np.int32], value: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which values are no measurement of their channel's quantity."""
        return np.asarray((value < self.least[channel]) | (value > self.greatest[channel]))


def limits(channels: tuple[Channel, ...]) -> Limits:
    """Return the limits of channels; a quantity of a source's own has none."""
    size = max((channel.id for channel in channels), default=-1) + 1
    least, greatest = np.full(size, -np.inf), np.full(size, np.inf)
    for channel in channels:
        known = quantity(channel.quantity)
        if known is not None and folded_unit(channel.unit) == folded_unit(known.unit):
            least[channel.id], greatest[channel.id] = known.least, known.greatest
    return Limits(least, greatest)


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Quantity]:
    found: dict[str, Quantity] = {}
    for one in quantities().values():
        for name in (one.id, one.zh, one.en, *one.names):
            found.setdefault(_folded(name), one)
    return found


def _folded(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "", unicodedata.normalize("NFKC", name)).casefold()


def _quantity(row: dict[str, Any]) -> Quantity:
    others = tuple((one["unit"], one["factor"], one.get("offset", 0.0)) for one in row.get("other", ()))
    plain = {name: value for name, value in row.items() if name not in ("other", "names")}
    return Quantity(**plain, others=others, names=tuple(row.get("names", ())))
