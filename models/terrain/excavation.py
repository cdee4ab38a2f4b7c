"""Excavations (开挖): pits in the ground, and the earth that comes out of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.terrain import relief
from models.terrain.ground import Ground

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pit:
    """A pit with upright walls and a level floor.

    Parameters
    ----------
    id : str
    name : str
    ring : tuple of (E, N)
        Its outline in plan, project CRS, metres; not closed.
    depth_m : float
        From the lowest point of the rim down to the floor, so that it is nowhere shallower.
    level_m : float or None
        Height of the floor instead; ``depth_m`` is then not looked at.
    name_en : str
    """

    id: str
    name: str
    ring: tuple[tuple[float, float], ...]
    depth_m: float = 5.0
    level_m: float | None = None
    name_en: str = ""

    def title(self, lang: str) -> str:
        """Return the name in a language, falling back to the one there is."""
        return self.name_en if lang == "en" and self.name_en else self.name


def rim_of(pit: Pit, ground: Ground) -> Floats:
    """Return the rim as world points (n, 3) on the ground, as finely as the terrain is."""
    ring = np.asarray(pit.ring, dtype=np.float64)
    closed = np.concatenate([ring, ring[:1]])
    pieces = np.linalg.norm(np.diff(closed, axis=0), axis=1)
    step = max(relief.step_of(ground) / 2, float(pieces.sum()) / 2000, 0.25)
    parts = [
        start + (stop - start) * np.linspace(0.0, 1.0, max(int(np.ceil(length / step)), 1), endpoint=False)[:, None]
        for start, stop, length in zip(closed[:-1], closed[1:], pieces, strict=True)
        if length > 0
    ]
    xy = np.concatenate(parts)
    return np.column_stack([xy, np.asarray(ground.height_m(xy[:, 0], xy[:, 1]), dtype=np.float64)])


def floor_m(pit: Pit, ground: Ground) -> float:
    """Return the height of the floor."""
    if pit.level_m is not None:
        return pit.level_m
    return float(rim_of(pit, ground)[:, 2].min()) - pit.depth_m


def volume(pit: Pit, ground: Ground) -> relief.Earthwork:
    """Return the earth that comes out of a pit, from the terrain; no volume where no terrain is known."""
    return relief.earthwork(np.asarray(pit.ring, dtype=np.float64), ground, floor_m(pit, ground))
