"""Colour ramps: colours at a fraction of the ramp, or for a number of classes.

Colours between anchors are found in OKLab, where equal steps look equal; the result is in sRGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import UserError
from resources.standards import standard

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

#: Ramps from which categories take their colours, and the one that a new style has.
DEFAULT, DEFAULT_CATEGORIES, DEFAULT_DIVERGING = "lake", "atlas", "tidal"

_TO_LMS = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_TO_LAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ramp:
    """One ramp.

    Parameters
    ----------
    id : str
        Its word is ``ramp.<id>``.
    kind : {"sequential", "diverging", "qualitative"}
    colours : tuple of str
        Anchors, equally far apart.
    safe : bool
        Whether its steps stay apart with red-green blindness.
    """

    id: str
    kind: str
    colours: tuple[str, ...]
    safe: bool

    def at(self, share: Any, *, reverse: bool = False) -> Bytes:
        """Return the colours at shares 0…1 of the way, (n, 3) uint8; shares beyond the ends take the ends."""
        anchors = _to_oklab(np.array([_rgb(colour) for colour in self.colours]))
        place = np.clip(np.asarray(share, dtype=np.float64), 0.0, 1.0)
        if reverse:
            place = 1.0 - place
        steps = np.linspace(0.0, 1.0, len(anchors))
        return _from_oklab(np.stack([np.interp(place, steps, anchors[:, axis]) for axis in range(3)], axis=-1))

    def classes(self, count: int, *, reverse: bool = False) -> tuple[str, ...]:
        """Return a colour for each of ``count`` classes: ends to ends, or in turn for a qualitative ramp."""
        if self.kind == "qualitative":
            turn = [self.colours[k % len(self.colours)] for k in range(count)]
            return tuple(turn[::-1] if reverse else turn)
        share = np.array([0.5]) if count == 1 else np.linspace(0.0, 1.0, count)
        # The very ends of a sequential ramp are paper and ink; few classes need neither.
        if self.kind == "sequential" and 1 < count < 7:
            share = 0.06 + share * 0.9
        return tuple("#{:02x}{:02x}{:02x}".format(*row) for row in self.at(share, reverse=reverse))


@lru_cache(maxsize=1)
def ramps() -> dict[str, Ramp]:
    """Return all ramps by id, as the table orders them."""
    return {
        row["id"]: Ramp(row["id"], row["kind"], tuple(row["colours"]), bool(row["safe"]))
        for row in standard("ramps")["ramp"]
    }


def ramp(id_: str) -> Ramp:
    """Return a ramp.

    Raises
    ------
    UserError
        ``style.unknown_ramp``.
    """
    found = ramps().get(id_)
    if found is None:
        raise UserError("style.unknown_ramp", ramp=id_, known=", ".join(ramps()))
    return found


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def _to_oklab(rgb: Floats) -> Floats:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    result: Floats = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return result


def _from_oklab(lab: Floats) -> Bytes:
    linear = ((lab @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0.0, 1.0)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    result: Bytes = np.round(np.clip(rgb, 0.0, 1.0) * 255).astype(np.uint8)
    return result
