"""Numbers over the objects of a list, the same as in the list."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.terrain.ground import Ground
from viewers.render.geometry.parts import LabelPart
from viewers.render.palette.status_colours import status
from viewers.render.scene.scene import Scene
from viewers.render.symbology.theme_picture import Number


def put_numbers(scene: Scene, numbers: Sequence[Number], ground: Ground) -> None:
    """Write exactly these numbers into the city, the first ones where there is not room for all.

    Parameters
    ----------
    scene : Scene
    numbers : sequence of Number
    ground : Ground
        What they stand above.
    """
    places = np.array([(one.easting_m, one.northing_m) for one in numbers], dtype=np.float64).reshape(-1, 2)
    height = ground.height_m(places[:, 0], places[:, 1]) + np.array([one.above_m for one in numbers])
    points = scene.frame.to_local(np.column_stack([places, height]))
    style = status()["labels"]["rank"]
    part = LabelPart(
        points.astype(np.float32), [one.text for one in numbers], [""] * len(numbers),
        (style["priority"] - np.arange(len(numbers))).astype(np.float32), size_px=style["size_px"],
        colour=style["colour"], reach_m=style["reach_m"], gap_px=1.0,
    )  # fmt: skip
    scene.set_numbers([part] if numbers else [])
