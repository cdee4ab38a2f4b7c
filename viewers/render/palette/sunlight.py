"""The light of a scene by where the sun stands: day, low sun, dusk, night."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any

import numpy as np

from models.views.sun import Sun
from viewers.render.palette.context import scene_theme
from viewers.render.palette.lighting import Look, look, rgb

#: It is night when the sun is lower than the first, and day when it is higher than the second, degrees.
DUSK_DEG = (-6.0, 8.0)
#: Up to here its light is warm, degrees.
LOW_DEG = 22.0
#: Light comes from at least this far above the horizon, else level ground would be black.
LEAST_DEG = 4.0
#: Share of light that the sky adds under a low sun.
FROM_SKY = 0.18


def look_by_sun(sun: Sun) -> Look:
    """Return light, sky and haze under a sun."""
    day, night, low = look(False), look(True), scene_theme()["low_sun"]
    share = float(np.clip((sun.elevation_deg - DUSK_DEG[0]) / (DUSK_DEG[1] - DUSK_DEG[0]), 0.0, 1.0))
    share = share * share * (3 - 2 * share)
    mixed: dict[str, Any] = {
        one.name: _between(getattr(night, one.name), getattr(day, one.name), share) for one in fields(Look)
    }
    warm = float(np.clip(1.0 - sun.elevation_deg / LOW_DEG, 0.0, 1.0)) * share
    for name in ("sun", "horizon", "haze"):
        mixed[name] = _between(mixed[name], rgb(low[name]), warm * float(low["strength"]))
    blended = replace(day, **mixed)
    # A low sun grazes the ground: the sky gives more, as an eye that has got used to it sees it.
    height = math.sin(math.radians(max(sun.elevation_deg, LEAST_DEG))) / math.sin(math.radians(day.sun_elevation))
    return replace(
        blended, sun_azimuth=sun.azimuth_deg, sun_elevation=max(sun.elevation_deg, LEAST_DEG),
        ambient=blended.ambient + FROM_SKY * share * (1.0 - min(height, 1.0)),
        windows=float(np.clip(1.0 - sun.elevation_deg / DUSK_DEG[1], 0.0, 1.0)),
    )  # fmt: skip


def _between(one: object, two: object, share: float) -> object:
    if isinstance(one, tuple) and isinstance(two, tuple):
        return tuple(a + (b - a) * share for a, b in zip(one, two, strict=True))
    assert isinstance(one, float) and isinstance(two, float)  # noqa: S101, PT018 - a look is of these
    return one + (two - one) * share
