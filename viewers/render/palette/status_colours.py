"""``resources/theme/status.toml``: colours and symbols of states, indicators, facilities and areas, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources import HERE


@lru_cache(maxsize=1)
def status() -> Mapping[str, Any]:
    """Return the table."""
    return MappingProxyType(tomllib.loads((HERE / "theme" / "status.toml").read_text(encoding="utf-8")))


def rgba(text: str, opacity: float = 1.0) -> tuple[int, int, int, int]:
    """Return ``"#rrggbb"`` and an opacity 0…1 as four bytes."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16), round(255 * opacity)


def rows_of(colour: str, count: int, opacity: float = 1.0) -> NDArray[np.uint8]:
    """Return one colour ``count`` times, (count, 4) uint8."""
    return np.tile(np.array(rgba(colour, opacity), dtype=np.uint8), (count, 1))


def chance(oids: NDArray[Any], salt: int = 0) -> NDArray[np.float64]:
    """Return a number 0…1 for each object, the same one every time."""
    mixed = (np.asarray(oids, dtype=np.uint64) + np.uint64(salt * 7919 + 1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(40)).astype(np.float64) / float(1 << 24)
