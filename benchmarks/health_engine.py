"""A city of millions of parcels over tiles: in sequence, through a local cluster, and with a worker killed.

The same work in the same run: the cluster against the sequence, equal tile by tile. The tiles are made without holding
the city: each has its own parcels and sites, and what its neighbours lend.

Run: ``python benchmarks/health_engine.py`` (ten million parcels and a million sites); ``--tiles 9`` for less.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from models.health.editions import indicator
from models.health.engine import run as tile_run
from models.health.engine import tiles as tile_files
from models.health.engine.scheduler import client_of, done_by, done_here
from models.health.engine.tile_work import RESULTS
from models.health.methods import method

CRS, CODE = "EPSG:4548", "HC25-25"
PARCELS, SITES, TILE_M = 100_000, 10_000, 20_000.0
WORKERS = 2


def sites_of(column: int, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Return squares of 0.25 to 0.9 ha in one cell, and their ids; the same whoever asks."""
    dice = np.random.default_rng([column, row, 1])
    x, y = column * TILE_M + dice.random(SITES) * TILE_M, row * TILE_M + dice.random(SITES) * TILE_M
    side = dice.uniform(50, 95, SITES)
    return shapely.box(x, y, x + side, y + side), (column * 1000 + row) * SITES + np.arange(SITES)


def parcels_of(column: int, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Return squares of 40 m in one cell, and their ids."""
    dice = np.random.default_rng([column, row, 2])
    x, y = column * TILE_M + dice.random(PARCELS) * TILE_M, row * TILE_M + dice.random(PARCELS) * TILE_M
    return shapely.box(x, y, x + 40, y + 40), (column * 1000 + row) * PARCELS + np.arange(PARCELS)


def made(folder: Path, side: int, reach_m: float) -> tile_files.Tiles:
    """Write side × side tiles."""
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [(x, y) for x in range(side) for y in range(side)]
    quarter = np.asarray(
        [shapely.box(x * TILE_M, y * TILE_M, (x + 1) * TILE_M, (y + 1) * TILE_M) for x, y in blocks], object
    )
    units = pd.DataFrame(
        {"_layer": "d", "_oid": np.arange(1, len(blocks) + 1), "code": [f"{x}-{y}" for x, y in blocks]}
    )
    print_of_units = tile_files.write_units(units.assign(_shape=quarter), quarter, CRS, folder)
    tiles = []
    for x, y in blocks:
        shapes, ids = parcels_of(x, y)
        box = shapely.total_bounds(shapes)
        near = shapely.box(box[0] - reach_m, box[1] - reach_m, box[2] + reach_m, box[3] + reach_m)
        lent = [
            sites_of(x + dx, y + dy)
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            if 0 <= x + dx < side and 0 <= y + dy < side
        ]
        sites, site_ids = (np.concatenate(part) for part in zip(*lent, strict=True))
        reach_in = shapely.intersects(near, sites)
        frames = {
            "parcels": table(shapes, ids, "parcels", land_use="R2"),
            "green": table(
                sites[reach_in],
                site_ids[reach_in],
                "green",
                kind="park",
                open_to_public=True,
                historic=False,
                green_cover=0.9,
            ),
        }
        tiles.append(tile_files.write_tile(frames, CRS, folder, print_of_units, objects=PARCELS, bounds=box.tolist()))
    return tile_files.write_index(tile_files.Tiles(folder, CRS, tuple(tiles)))


def table(shapes: np.ndarray, ids: np.ndarray, layer: str, **columns: object) -> pd.DataFrame:
    """Return objects as a partition has them."""
    frame = pd.DataFrame({"_layer": layer, "_oid": ids, **columns})
    return frame.assign(_shape=pd.Series(shapes, dtype=object))


def main() -> None:
    """Print seconds, ratios and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=100, help="a square number")
    side = max(1, round(parser.parse_args().tiles ** 0.5))
    definition = indicator(CODE)
    split = method(definition.method).split
    assert split is not None
    with tempfile.TemporaryDirectory(prefix="chengjing-benchmark-") as place:
        begun = time.perf_counter()
        tiles = made(Path(place) / "tiles", side, split.reach_m(definition))
        print(
            f"{tiles.objects:,} parcels, {side * side * SITES:,} sites, {len(tiles.tiles)} tiles, made in "
            f"{time.perf_counter() - begun:.1f} s"
        )

        begun = time.perf_counter()
        alone = tile_run.run(tiles, definition, done_here)
        sequence_s = time.perf_counter() - begun
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"in sequence      {sequence_s:7.1f} s   1.00 ×   {peak_mb:5.0f} MB")

        for title, kill in (("local cluster", False), ("a worker killed", True)):
            shutil.rmtree(tiles.folder / RESULTS)
            begun = time.perf_counter()
            with client_of("local", workers=WORKERS, folder=Path(place)) as client:

                def doer(work, tasks, progress, client=client, kill=kill):
                    for count, one in enumerate(done_by(client, work, tasks, progress)):
                        if kill and count == len(tasks) // 3:
                            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)
                        yield one

                done = tile_run.run(tiles, definition, doer)
                took_s = time.perf_counter() - begun
                peaks = client.run(lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, on_error="ignore")
            equal = done.sums == alone.sums and not done.missing
            print(
                f"{title:16} {took_s:7.1f} s  {took_s / sequence_s:5.2f} ×   {max(peaks.values()):5.0f} MB a worker "
                f"  equal tile by tile: {equal}"
            )


if __name__ == "__main__":
    main()
