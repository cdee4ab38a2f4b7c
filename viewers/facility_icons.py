"""Icons of municipal components, painted from ``resources/icons/facilities.toml`` for lists, legends and the city.

Invariants
----------
1. Every class has an icon: its own, else that of the glyph that draws it, else that of its large class, else a dot.
2. A plate tells the large class by its colour and covers by its round shape, so that hue is never alone.
3. An icon is the same picture wherever it stands: one painter, without Qt and VTK.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from resources import HERE

if TYPE_CHECKING:
    from models.facilities.coding.editions import FacilityClass

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]

#: Side of the grid on which signs are drawn.
GRID = 16.0
#: An icon is painted so many times larger and brought down, which smooths its edges.
_FINER = 8
_WHITE = (255, 255, 255, 255)


@dataclass(frozen=True, slots=True)
class Icon:
    """What an icon shows.

    Parameters
    ----------
    sign : str
        Row of ``[signs]``.
    colour : str
        Of the plate, ``"#rrggbb"``.
    is_round : bool
        Whether the plate is a disc (covers).
    """

    sign: str = "dot"
    colour: str = "#7f8a91"
    is_round: bool = False


@lru_cache(maxsize=1)
def table() -> Mapping[str, Any]:
    """Return ``resources/icons/facilities.toml``."""
    return MappingProxyType(tomllib.loads((HERE / "icons" / "facilities.toml").read_text(encoding="utf-8")))


def icon_of(kind: FacilityClass) -> Icon:
    """Return the icon of a class."""
    rows, group = table(), kind.code[:2]
    own = rows["classes"].get(kind.code, "") if kind.table.startswith("cjt214") else ""
    sign = own or rows["symbols"].get(kind.symbol, "") or rows["groups"].get(group, "dot")
    return Icon(sign, rows["plates"].get(group, rows["plates"][""]), kind.cover)


@lru_cache(maxsize=2048)
def paint(icon: Icon, size_px: int, ring: str = "") -> Picture:
    """Paint an icon, (size, size, 4) uint8, top row first; not to be changed.

    Parameters
    ----------
    icon : Icon
    size_px : int
    ring : str
        Colour of a rim around the plate (a state), empty for none.
    """
    from PIL import Image, ImageDraw

    side = size_px * _FINER
    scale = side / GRID
    image = Image.new("RGBA", (side, side), (*_rgb(icon.colour), 0))
    draw = ImageDraw.Draw(image)
    edge = 0.0
    if ring:
        edge = 1.7
        _plate(draw, icon, 0.0, scale, (*_rgb(ring), 255))
        _plate(draw, icon, edge - 0.6, scale, _WHITE)
    _plate(draw, icon, edge, scale, (*_rgb(icon.colour), 255))
    shrink = 1.0 - 2 * edge / GRID * 0.8
    for mark in table()["signs"].get(icon.sign, table()["signs"]["dot"]):
        cut = mark.startswith("-")
        ink = (*_rgb(icon.colour), 255) if cut else _WHITE
        _mark(draw, mark.lstrip("-"), scale * shrink, (GRID / 2) * scale * (1 - shrink), ink)
    small = image.resize((size_px, size_px), Image.Resampling.BOX)
    picture = np.asarray(small, dtype=np.uint8).copy()
    picture.setflags(write=False)
    return picture


def _plate(draw: Any, icon: Icon, edge: float, scale: float, colour: tuple[int, ...]) -> None:
    low, high = edge * scale, (GRID - edge) * scale - 1
    if icon.is_round:
        draw.ellipse((low, low, high, high), fill=colour)
    else:
        corner = max(table()["grid"]["corner"] - edge, 1.0)
        draw.rounded_rectangle((low, low, high, high), radius=corner * scale, fill=colour)


def _mark(draw: Any, mark: str, scale: float, shift: float, ink: tuple[int, ...]) -> None:
    """Draw one mark of a sign."""
    name, *words = mark.split()
    numbers = np.array([float(word) for word in words])
    width = table()["grid"]["stroke"] * scale
    if name in "dc":
        x, y, r = numbers
        box = [(x - r) * scale + shift, (y - r) * scale + shift, (x + r) * scale + shift, (y + r) * scale + shift]
        if name == "d":
            draw.ellipse(box, fill=ink)
        else:
            turns = np.linspace(0, 2 * np.pi, 49)
            _stroke(draw, np.column_stack([x + r * np.cos(turns), y + r * np.sin(turns)]) * scale + shift, width, ink)
    elif name in "fr":
        x, y, w, h, corner = numbers
        if name == "f":
            box = [x * scale + shift, y * scale + shift, (x + w) * scale + shift, (y + h) * scale + shift]
            draw.rounded_rectangle(box, radius=corner * scale, fill=ink)
        else:
            _stroke(draw, _rounded(x, y, w, h, corner) * scale + shift, width, ink)
    elif name == "p":
        draw.polygon([tuple(point) for point in (numbers.reshape(-1, 2) * scale + shift).tolist()], fill=ink)
    elif name == "l":
        _stroke(draw, numbers.reshape(-1, 2) * scale + shift, width, ink)
    elif name == "q":
        _stroke(draw, _curve(numbers.reshape(-1, 2)) * scale + shift, width, ink)
    elif name == "a":
        x, y, r, begin, end = numbers
        turns = np.radians(np.linspace(begin, end, 25))
        _stroke(draw, np.column_stack([x + r * np.cos(turns), y + r * np.sin(turns)]) * scale + shift, width, ink)


def _stroke(draw: Any, points: Floats, width: float, ink: tuple[int, ...]) -> None:
    """Draw a polyline with round joints and ends."""
    flat = [tuple(point) for point in points.tolist()]
    draw.line(flat, fill=ink, width=round(width))
    for x, y in flat:
        r = width / 2
        draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)


def _rounded(x: float, y: float, w: float, h: float, corner: float) -> Floats:
    """Return the closed outline of a box with round corners."""
    turns = np.linspace(0, np.pi / 2, 7)
    quarter = np.column_stack([np.cos(turns), np.sin(turns)]) * corner
    turned = np.column_stack([-quarter[:, 1], quarter[:, 0]])
    right, left, low, high = x + w - corner, x + corner, y + h - corner, y + corner
    pieces = [
        quarter + np.array([right, low]), turned + np.array([left, low]), np.array([left, high]) - quarter,
        np.array([right, high]) - turned,
    ]  # fmt: skip
    outline = np.concatenate(pieces)
    return np.concatenate([outline, outline[:1]])


def _curve(points: Floats) -> Floats:
    """Return points along quadratic pieces: start, then control and end of each."""
    share = np.linspace(0, 1, 13)[:, None]
    found = [points[:1]]
    for k in range(0, len(points) - 2, 2):
        a, b, c = points[k], points[k + 1], points[k + 2]
        found.append((1 - share) ** 2 * a + 2 * share * (1 - share) * b + share**2 * c)
    return np.concatenate(found)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
