"""Trees of parks, hill and estates; those along streets are components and made elsewhere."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from models.sample.city import CENTRE, CRS, HALF_M, stream
from models.sample.lots import Fabric
from models.sample.roads import Network

#: Species, height (m) and crown (m) ranges of each kind of grove.
SPECIES: dict[str, tuple[tuple[str, float, float, float, float], ...]] = {
    "hill": (
        ("侧柏", 5.0, 9.0, 3.2, 5.0),
        ("油松", 6.0, 11.0, 4.0, 6.5),
        ("刺槐", 8.0, 13.0, 5.0, 7.5),
        ("黄栌", 3.5, 6.0, 3.5, 5.0),
    ),
    "park": (
        ("垂柳", 7.0, 12.0, 5.5, 8.5),
        ("银杏", 7.0, 13.0, 4.0, 6.5),
        ("雪松", 8.0, 14.0, 4.5, 7.0),
        ("樱花", 3.5, 6.0, 3.5, 5.5),
        ("国槐", 7.0, 11.0, 5.0, 8.0),
    ),
    "estate": (
        ("国槐", 6.0, 10.0, 4.5, 7.0),
        ("法桐", 8.0, 13.0, 5.5, 8.0),
        ("桂花", 2.8, 4.5, 2.6, 3.8),
        ("白蜡", 6.0, 10.0, 4.0, 6.5),
    ),
    "court": (("石榴", 2.8, 4.2, 2.4, 3.4), ("柿树", 4.5, 7.0, 3.5, 5.0), ("香椿", 6.0, 9.0, 2.8, 4.2)),
    "rows": (("银杏", 6.0, 9.0, 3.4, 4.6),),
}


def make_trees(
    fabric: Fabric, network: Network, lanes: list[shapely.LineString], seed: int, most: int = 5_600
) -> gpd.GeoDataFrame:
    """Plant the groves: jittered grids thinned by chance, off buildings, roads, paths, pitches and water."""
    rng = stream(seed, "trees")
    houses = shapely.STRtree([shapely.buffer(row["geometry"], 2.6) for row in fabric.buildings])
    hard = [
        network.surface().buffer(2.0),
        network.water.buffer(3.0),
        *fabric.bare,
        *(line.buffer(3.6) for line in lanes),
    ]
    hard += [row["geometry"].buffer(row["width_m"] / 2 + 0.9) for row in fabric.footways]
    off = shapely.STRtree(hard)
    points: list[NDArray[np.float64]] = []
    kinds: list[str] = []
    for shape, spacing, share, kind in fabric.groves:
        x0, y0, x1, y1 = shape.bounds
        x, y = np.meshgrid(np.arange(x0, x1, spacing), np.arange(y0, y1, spacing * (0.87 if kind != "rows" else 1.0)))
        if kind != "rows":
            x[1::2] += spacing / 2
            x, y = x + rng.uniform(-0.36, 0.36, x.shape) * spacing, y + rng.uniform(-0.36, 0.36, y.shape) * spacing
        p = np.column_stack([x.ravel(), y.ravel()])
        p = p[rng.random(len(p)) < share]
        p = p[shapely.contains_xy(shape.buffer(-1.5), p[:, 0], p[:, 1])]
        points.append(p)
        kinds += [kind] * len(p)
    all_points = np.vstack(points)
    geometry = shapely.points(all_points)
    blocked = np.zeros(len(geometry), dtype=bool)
    for tree in (houses, off):
        blocked[tree.query(geometry, predicate="intersects")[0]] = True
    inside = np.abs(all_points).max(axis=1) < HALF_M + 140
    kept = np.flatnonzero(~blocked & inside)
    kept = kept[~_crowded(all_points[kept], 3.6)]
    if len(kept) > most:
        kept = np.sort(rng.permutation(kept)[:most])
    rows = []
    for i in kept:
        species, h0, h1, c0, c1 = SPECIES[kinds[i]][int(rng.integers(0, len(SPECIES[kinds[i]])))]
        grown = float(rng.beta(2.2, 2.0))
        rows.append(
            (
                species,
                round(h0 + (h1 - h0) * grown, 1),
                round(c0 + (c1 - c0) * float(np.clip(grown + rng.normal(0, 0.12), 0, 1)), 1),
            )
        )
    xy = np.round(all_points[kept] + CENTRE, 2)
    frame = gpd.GeoDataFrame(
        {"species": [r[0] for r in rows], "height_m": [r[1] for r in rows], "crown_m": [r[2] for r in rows]},
        geometry=shapely.points(xy), crs=CRS,
    )  # fmt: skip
    frame.index = np.arange(1, len(frame) + 1)
    frame.index.name = "fid"
    return frame


def _crowded(points: NDArray[np.float64], least_m: float) -> NDArray[np.bool_]:
    """Whether an earlier point stands nearer than this."""
    from scipy.spatial import cKDTree

    pairs = cKDTree(points).query_pairs(least_m, output_type="ndarray")
    out = np.zeros(len(points), dtype=bool)
    if len(pairs):
        out[np.maximum(pairs[:, 0], pairs[:, 1])] = True
    return out
