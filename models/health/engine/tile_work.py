"""Measure one tile and keep what came of it: the work of a worker, wherever it runs.

What a worker sends back is a few numbers a unit; the objects on both sides stay on disk beside the tiles.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.health.editions import IndicatorDef
from models.health.engine.tiles import Tile, partition_of
from models.health.methods import method
from models.health.partition import Measured, no_objects

RESULTS = "results"
_NUMBERS = ("value", "severity", "loss", "beyond_m")
_WHOLE = ("oid", "unit")


@dataclass(frozen=True, slots=True)
class TileSums:
    """What one tile came to.

    Parameters
    ----------
    name : str
        Of the result on disk: tile, definition and program in one hash.
    numerator, denominator : list of float
        By unit of the city.
    seen : list of float or None
    factor : float
    """

    name: str
    numerator: list[float]
    denominator: list[float]
    seen: list[float] | None
    factor: float


def result_name(tile: Tile, definition: IndicatorDef) -> str:
    """Return the name under which what a tile comes to is kept."""
    text = json.dumps([tile.name, asdict(definition), _code_print()], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def _code_print() -> str:
    """Return a hash of what measures: what another version of it came to is not taken for the same."""
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def finished(folder: Path, name: str) -> TileSums | None:
    """Return what a tile came to before; None if it is to be measured."""
    try:
        content = json.loads((folder / RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        return TileSums(name, *(content[key] for key in ("numerator", "denominator", "seen", "factor")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def measure_tile(folder: str, files: Mapping[str, str], name: str, definition: IndicatorDef) -> TileSums:
    """Measure a tile, keep the objects behind it on disk and return its sums."""
    place = Path(folder) / RESULTS
    place.mkdir(exist_ok=True)
    measured = method(definition.method).measure(partition_of(Path(folder), files), definition)
    sums = TileSums(
        name,
        measured.numerator.tolist(),
        measured.denominator.tolist(),
        None if measured.seen is None else measured.seen.tolist(),
        measured.factor,
    )
    used = [frame[["_layer", "_oid"]].assign(role=role) for role, frame in measured.used.items()]
    for side, table in (
        ("good", _typed(measured.good)),
        ("bad", _typed(measured.bad)),
        ("used", pd.concat(used) if used else pd.DataFrame({"_layer": [], "_oid": [], "role": []})),
    ):
        table.to_parquet(place / f".{name}-{side}.parquet", index=False)
        (place / f".{name}-{side}.parquet").replace(place / f"{name}-{side}.parquet")
    text = json.dumps({key: value for key, value in asdict(sums).items() if key != "name"})
    fresh = place / f".{name}.json"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(place / f"{name}.json")  # last: with it the tile is finished
    return sums


def whole(folder: Path, sums: TileSums) -> Measured:
    """Return what a tile came to with the objects behind it."""
    place = folder / RESULTS
    used = pd.read_parquet(place / f"{sums.name}-used.parquet")
    return Measured(
        np.array(sums.numerator),
        np.array(sums.denominator),
        sums.factor,
        None if sums.seen is None else np.array(sums.seen),
        _objects(place / f"{sums.name}-good.parquet"),
        _objects(place / f"{sums.name}-bad.parquet"),
        (),
        {str(role): rows[["_layer", "_oid"]] for role, rows in used.groupby("role", sort=False)},
    )


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of objects with one type a column, as a file wants it."""
    numbers: dict[str, Any] = {name: pd.to_numeric(table[name]).astype(np.float64) for name in _NUMBERS}
    numbers |= {name: table[name].astype(np.int64) for name in _WHOLE}
    texts = {name: table[name].astype(str) for name in table.columns if name not in numbers}
    return table.assign(**numbers, **texts)


def _objects(file: Path) -> pd.DataFrame:
    table = pd.read_parquet(file)
    if not len(table):
        return no_objects()
    return table.assign(**{name: table[name].astype(object) for name in table.columns if table[name].dtype == "str"})
