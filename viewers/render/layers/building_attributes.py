"""What is known of buildings: heights, uses and the colours of their walls and roofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.buildings.heights import heights
from models.layers.layer import Style
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.facade_textures import BY_USE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Uses of a building, by which facade and colours are chosen.
USES = tuple(BY_USE)

#: Colours that a use may choose from, and shades of each.
_MOST_NAMES, _TONES = 4, 32


def heights_of(frame: Any, style: Style) -> tuple[Floats, Floats]:
    """Return height in metres and number of storeys of each building, see :mod:`models.buildings.heights`."""
    known = heights(frame, style.height_field, style.storeys_field, style.storey_height_m)
    return known.height_m, known.storeys


def first_numbers(frame: Any, names: list[str]) -> Floats:
    """Return the numbers of the first of some columns that holds any, NaN where none does."""
    import pandas as pd

    columns = {str(c).lower(): c for c in frame.columns}
    for name in names:
        column = columns.get(name.lower()) if name else None
        if column is not None:
            values: Floats = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
            if np.isfinite(values).any():
                return values
    return np.full(len(frame), np.nan)


def uses_of(frame: Any) -> Ints:
    """Return the row in ``USES`` of each building."""
    other = USES.index("other")
    if "use" not in frame.columns:
        return np.full(len(frame), other, dtype=np.int64)
    import pandas as pd

    rows = {name: number for number, name in enumerate(USES)}
    codes, words = pd.factorize(frame["use"])
    table = np.array([*(rows.get(str(word), other) for word in words), other], dtype=np.int64)
    return table[codes]  # code -1, nothing said, is the last row


def hashed_share(oids: NDArray[Any], salt: int) -> Floats:
    """Return a number 0…1 for each object, the same on every run."""
    mixed = (oids.astype(np.uint32) + np.uint32(salt * 7919)) * np.uint32(2654435761)
    dice: Floats = ((mixed >> np.uint32(7)) & np.uint32(0xFFFF)).astype(np.float64) / 65535.0
    return dice


def wall_and_roof_colours(
    use: Ints, dice: Floats, dice2: Floats, style: Style, context: PrepareContext
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return wall and roof colours of polygons, (n, 4) uint8, with a little variety."""
    palette = context.palette
    # Every colour there can be is reckoned once: a million buildings only look theirs up.
    tones = 0.965 + 0.05 * np.linspace(0.0, 1.0, _TONES)
    tone = (dice2 * (_TONES - 1) + 0.5).astype(np.uint8)
    tables: list[NDArray[np.uint8]] = []
    kinds: tuple[Callable[[str, Mapping[str, str]], list[str]], ...] = (_wall_names, _roof_names)
    for kind in kinds:
        table = np.full((len(USES), _MOST_NAMES, _TONES, 4), round(255 * style.opacity), np.uint8)
        for row, use_name in enumerate(USES):
            names = kind(use_name, palette)
            rgb = np.array([context.rgb(style.colour or name) for name in names], dtype=np.float64)
            if style.colour and kind is _roof_names:
                rgb *= 0.94
            rgb = rgb[np.minimum(np.arange(_MOST_NAMES), len(names) - 1)]
            table[row, :, :, :3] = np.clip(rgb[:, None] * tones[:, None], 0, 255)
        tables.append(table)
    found = []
    for table, kind, thrown in zip(tables, kinds, (dice, dice2), strict=True):
        counts = np.array([len(kind(name, palette)) for name in USES])
        choice = np.minimum((thrown * counts[use]).astype(np.uint8), (counts[use] - 1).astype(np.uint8))
        at = (use * _MOST_NAMES + choice) * _TONES + tone
        found.append(table.reshape(-1, 4).view(np.uint32).ravel()[at].view(np.uint8).reshape(-1, 4))
    return found[0], found[1]


def _wall_names(use: str, palette: Mapping[str, str]) -> list[str]:
    return [c for c in (f"wall.{use}", f"wall.{use}.b", f"wall.{use}.c", f"wall.{use}.d") if c in palette]


def _roof_names(use: str, _: Mapping[str, str]) -> list[str]:
    if use == "old_house":
        return ["roof.tile", "roof.tile.b", "roof.tile.c"]
    return {"industrial": ["roof.industrial"]}.get(use, ["roof.flat", "roof.flat.b", "roof.flat.c"])
