"""A city of random parcels and parks as a partition, without any layer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from models.health.partition import Partition

CRS = "EPSG:4548"


def frame(shapes, layer="l", **columns) -> pd.DataFrame:
    """Return a table of objects as a partition has it."""
    shapes = np.asarray(shapes, dtype=object)
    table = pd.DataFrame({"_layer": layer, "_oid": np.arange(1, len(shapes) + 1), **columns})
    return table.assign(_shape=pd.Series(shapes, dtype=object))


def random_city() -> Partition:
    """Return four districts of 25 km² with 2,000 parcels and 60 parks, some of them across borders."""
    dice = np.random.default_rng(7)
    quarters = np.asarray([shapely.box(x, y, x + 5000, y + 5000) for x in (0, 5000) for y in (0, 5000)], dtype=object)
    x, y = dice.uniform(0, 9900, (2, 2000))
    px, py = dice.uniform(0, 9800, (2, 60))
    side = dice.uniform(30, 180, 60)
    return Partition(
        frame(quarters, "districts", code=list("ABCD"), name=list("甲乙丙丁")),
        quarters,
        np.ones(4, dtype=bool),
        {
            "parcels": frame(
                shapely.box(x, y, x + 90, y + 90), "parcels", land_use=np.where(dice.random(2000) < 0.9, "R2", "B1")
            ),
            "green": frame(
                shapely.box(px, py, px + side, py + side), "green", kind="park", open_to_public=True, historic=False,
                green_cover=0.9,
            ),
        },
    )  # fmt: skip
