"""One indicator over tiles: everything that is not finished is measured, and the sums are added up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from models.core.progress import Progress
from models.health.coverage import Geometries
from models.health.editions import IndicatorDef
from models.health.engine.tile_work import TileSums, finished, measure_tile, result_name, whole
from models.health.engine.tiles import Tile, Tiles
from models.health.partition import Measured, Split, combined

#: ``(work, tasks, progress)`` → number of the task and what came of it, as tasks end.
Doer = Callable[[Callable[..., Any], Sequence[tuple[Any, ...]], Progress], Iterator[tuple[int, Any]]]


@dataclass(frozen=True, slots=True)
class TilesDone:
    """What became of the tiles of a city.

    Parameters
    ----------
    sums : tuple of TileSums
        Of the tiles that are finished, in the order of the tiles.
    missing : tuple of Tile
        What was not finished: its worker died again and again.
    kept : int
        How many were finished before.
    """

    sums: tuple[TileSums, ...]
    missing: tuple[Tile, ...]
    kept: int

    @property
    def numerator(self) -> Any:
        """Return the sum of the numerators by unit."""
        return np.add.reduce([np.array(one.numerator) for one in self.sums])


def run(tiles: Tiles, definition: IndicatorDef, doer: Doer, progress: Progress | None = None) -> TilesDone:
    """Measure every tile that is not finished.

    Parameters
    ----------
    tiles : Tiles
    definition : IndicatorDef
    doer : callable
        Who does the work: :func:`~models.health.engine.scheduler.done_here`, or ``done_by`` with a client.
    progress : Progress, optional
        Cancelling leaves what is finished on disk.
    """
    progress = progress or Progress()
    names = [result_name(tile, definition) for tile in tiles.tiles]
    found = [finished(tiles.folder, name) for name in names]
    open_ones = [number for number, sums in enumerate(found) if sums is None]
    tasks = [(str(tiles.folder), dict(tiles.tiles[n].files), names[n], definition) for n in open_ones]
    for task, sums in doer(measure_tile, tasks, progress):
        found[open_ones[task]] = sums
    return TilesDone(
        tuple(sums for sums in found if sums is not None),
        tuple(tile for tile, sums in zip(tiles.tiles, found, strict=True) if sums is None),
        len(found) - len(open_ones),
    )


def measured(tiles: Tiles, done: TilesDone, split: Split, shapes: Geometries) -> Measured:
    """Return the sums of a city with the objects behind them.

    Units into which a tile reaches that is missing have no data: nothing is said of half a unit.

    Parameters
    ----------
    tiles : Tiles
    done : TilesDone
    split : Split
    shapes : ndarray of polygon, shape (units,)
        The units of the city.
    """
    blank = np.zeros(len(shapes))
    parts = [whole(tiles.folder, sums) for sums in done.sums] or [Measured(blank, blank)]
    result = combined(parts, split.per_unit)
    if not done.missing:
        return result
    lost = np.zeros(len(shapes), dtype=bool)
    for tile in done.missing:
        lost |= shapely.intersects(shapes, shapely.box(*tile.bounds))
    seen = result.denominator if result.seen is None else result.seen
    return replace(
        result,
        numerator=np.where(lost, 0.0, result.numerator),
        denominator=np.where(lost, 0.0, result.denominator),
        seen=np.where(lost, np.inf, seen),
    )
