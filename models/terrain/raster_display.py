"""How the numbers of a raster become colours: which bands, which stretch, which ramp. NumPy only.

What a person chose is a :class:`Display`, kept as text in ``Layer.source.options["display"]`` (so that undo, the
project file and the reader all see it). The overview of a layer and every tile of it are coloured with the same ranges,
which come from statistics of the whole raster: a tile stretched by its own values would stand out from its neighbours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Option of a source in which a :class:`Display` is kept.
OPTION = "display"

#: How values are spread over the colours; "" leaves it to the data type.
STRETCHES = ("", "none", "minmax", "percentile", "stddev", "range")

#: Colours from low to high, evenly spaced. Viridis and magma are those of matplotlib (CC0), thinned.
RAMPS: Mapping[str, tuple[str, ...]] = {
    "viridis": ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"),
    "magma": ("#000004", "#221150", "#5f187f", "#982d80", "#d3436e", "#f8765c", "#febb81", "#fcfdbf"),
    "heat": ("#2b5c8a", "#6ba3c8", "#cfe3ea", "#fdf3c4", "#f8b765", "#e0663c", "#a31621"),
    "greens": ("#8c6a3f", "#c9ab72", "#f1e8bf", "#c2dd8d", "#7fbc58", "#3a8b3a", "#0d5626"),
    "blues": ("#f3f8fc", "#c9dff0", "#8dbfdd", "#4b94c6", "#1d66a8", "#083b78"),
    "noise": ("#b8d6a8", "#e3e59a", "#f8d36c", "#ef9a4b", "#d9553c", "#a32152", "#5d1a63"),
    "relief": ("#3f7d5a", "#8fb573", "#dfd9a0", "#c9a36d", "#9a7250", "#b9a9a0", "#f6f4f2"),
    "grey": ("#141414", "#f5f5f5"),
}


@dataclass(frozen=True, slots=True)
class Display:
    """How a raster is shown; everything empty means: as its data suggests.

    Parameters
    ----------
    bands : tuple of int
        Bands from 1: three for red, green, blue, or the one that is shown. Empty: those that say they are red, green
        and blue, else the first three, else the first.
    stretch : str
        One of :data:`STRETCHES`. ``"percentile"`` spreads the 2nd to 98th percentile, ``"stddev"`` the mean ± two
        standard deviations, ``"range"`` takes ``low`` and ``high`` as they stand.
    low, high : float or None
        Ends of the colours for ``"range"``, in the raster's unit.
    ramp : str
        Name in :data:`RAMPS`, for one band; empty: grey for images, viridis for surfaces.
    reverse : bool
        The ramp's colours from high to low.
    unit : str
        Unit of the values as written in the legend (``"dB"``); empty: what the file says.
    no_data : float or None
        A further value that means no data, where the file declares none.
    height_unit : str
        Unit of a terrain's heights: ``"m"``, ``"ft"`` (0.3048 m), ``"us-ft"``; empty: what the file says, else metres.
    """

    bands: tuple[int, ...] = ()
    stretch: str = ""
    low: float | None = None
    high: float | None = None
    ramp: str = ""
    reverse: bool = False
    unit: str = ""
    no_data: float | None = None
    height_unit: str = ""

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Display:
        """Return the display kept in a source's options; what cannot be understood is left out."""
        try:
            kept = json.loads(options.get(OPTION) or "{}")
        except ValueError:
            return cls()
        kept = {name: value for name, value in kept.items() if name in cls.__dataclass_fields__}
        kept["bands"] = tuple(int(band) for band in kept.get("bands", ()))
        return cls(**kept)

    def as_text(self) -> str:
        """Return the text that :meth:`of` reads; empty for a display that leaves everything to the data."""
        default = asdict(Display())
        changed = {name: value for name, value in asdict(self).items() if value != default[name]}
        return json.dumps(changed, sort_keys=True) if changed else ""

    @property
    def as_read(self) -> tuple[float | None, str]:
        """Return what changes the values themselves, so that a change of it means reading the file again."""
        return self.no_data, self.height_unit


#: Metres in the units in which heights are given. The U.S. survey foot is 1200/3937 m (NIST SP 811, B.6).
HEIGHT_UNITS: Mapping[str, float] = {"m": 1.0, "ft": 0.3048, "us-ft": 1200.0 / 3937.0}

#: What files write for those units.
_HEIGHT_UNITS = {
    "m": "m", "meter": "m", "metre": "m", "meters": "m", "metres": "m", "米": "m",
    "ft": "ft", "feet": "ft", "foot": "ft", "international foot": "ft", "英尺": "ft",
    "us survey foot": "us-ft", "us-ft": "us-ft", "ftus": "us-ft", "foot_us": "us-ft", "us_survey_foot": "us-ft",
}  # fmt: skip


def height_unit(text: str) -> str:
    """Return ``"m"``, ``"ft"`` or ``"us-ft"`` for what a file says of its heights; empty if it is none of them."""
    return _HEIGHT_UNITS.get(text.strip().lower(), "")


def statistics(values: NDArray[Any], valid: NDArray[np.bool_]) -> dict[str, float]:
    """Return count, min, max, mean, standard deviation and percentiles 2 and 98 of what is valid; NaN of nothing."""
    known = values[valid].astype(np.float64)
    known = known[np.isfinite(known)]
    if not known.size:
        return {"count": 0} | dict.fromkeys(("min", "max", "mean", "std", "p2", "p98"), math.nan)
    p2, p98 = np.percentile(known, (2, 98))
    return {
        "count": int(known.size), "min": float(known.min()), "max": float(known.max()), "mean": float(known.mean()),
        "std": float(known.std()), "p2": float(p2), "p98": float(p98),
    }  # fmt: skip


def limits(display: Display, stats: Mapping[str, float], is_byte: bool) -> tuple[float, float]:
    """Return the values that get the first and the last colour.

    Parameters
    ----------
    display : Display
    stats : mapping
        As :func:`statistics` gives them, of the whole raster.
    is_byte : bool
        Whether the file holds bytes, which are colours already unless somebody says otherwise.
    """
    stretch = display.stretch or ("none" if is_byte else "percentile")
    if stretch == "range" and display.low is not None and display.high is not None:
        low, high = display.low, display.high
    elif stretch == "minmax":
        low, high = stats["min"], stats["max"]
    elif stretch == "stddev":
        low, high = stats["mean"] - 2 * stats["std"], stats["mean"] + 2 * stats["std"]
    elif stretch == "none":
        low, high = 0.0, 255.0
    else:
        low, high = stats["p2"], stats["p98"]
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    return (low, high) if low != high else (low, low + 1.0)


def ramp_colours(name: str, reverse: bool = False, count: int = 256) -> NDArray[np.uint8]:
    """Return a ramp as ``count`` colours, (count, 3) uint8."""
    anchors = RAMPS.get(name) or RAMPS["viridis"]
    colours = np.array([[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in anchors], dtype=np.float64)
    at = np.linspace(0, len(colours) - 1, count)
    table = np.stack([np.interp(at, np.arange(len(colours)), colours[:, k]) for k in range(3)], axis=1)
    rounded: NDArray[np.uint8] = np.round(table).astype(np.uint8)
    return rounded[::-1] if reverse else rounded


def ramp_of(display: Display, kind: str) -> str:
    """Return the ramp in which one band is shown."""
    return display.ramp or ("viridis" if kind == "surface" else "grey")


def colourise(
    bands: NDArray[Any],
    alpha: NDArray[np.uint8],
    ranges: Sequence[tuple[float, float]],
    ramp: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Return the colours of values.

    Parameters
    ----------
    bands : ndarray (n, h, w)
        One band, coloured by ``ramp`` (or grey without one), or three: red, green, blue.
    alpha : ndarray (h, w) uint8
        0 where there is no data.
    ranges : sequence of (low, high)
        One a band.
    ramp : ndarray (k, 3) uint8 or None

    Returns
    -------
    ndarray (h, w, 4) uint8
        No data is transparent, never the colour of zero.
    """
    shape = bands.shape[1:]
    result = np.empty((*shape, 4), dtype=np.uint8)
    alpha = np.where(np.isfinite(bands).all(axis=0), alpha, 0) if bands.dtype.kind == "f" else alpha
    result[..., 3] = alpha
    if len(bands) < 3 and ramp is not None:
        low, high = ranges[0]
        share = np.nan_to_num((bands[0].astype(np.float64) - low) / (high - low))
        result[..., :3] = ramp[np.clip(np.rint(share * (len(ramp) - 1)), 0, len(ramp) - 1).astype(np.int64)]
        return result
    for channel in range(3):
        number = min(channel, len(bands) - 1)
        result[..., channel] = _bytes(bands[number], ranges[number])
    return result


def _bytes(values: NDArray[Any], limit: tuple[float, float]) -> NDArray[np.uint8]:
    if values.dtype == np.uint8 and limit == (0.0, 255.0):
        return values
    low, high = limit
    stretched = np.nan_to_num((values.astype(np.float32) - low) / (high - low) * 255.0)
    return np.asarray(np.clip(np.rint(stretched), 0, 255), dtype=np.uint8)


def legend_steps(low: float, high: float, count: int = 6) -> list[float]:
    """Return up to ``count`` round values from low to high, for a legend."""
    span = high - low
    if not span > 0:
        return [low]
    raw = span / max(count - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]
