"""A cutting plane in the scene's frame."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class LocalPlane(NamedTuple):
    """A plane in the scene's frame; what lies on the side of ``normal`` (unit length) is cut away."""

    point: Floats
    normal: Floats

    def beyond_m(self, points: NDArray[Any]) -> Floats:
        """Return how far points (…, 3) lie on the side that is cut away, negative on the other."""
        away: Floats = (points - self.point) @ self.normal
        return away
