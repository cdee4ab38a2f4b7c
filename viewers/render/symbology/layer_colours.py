"""Colours of the objects of a layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Colours of one layer: oids (n,) and rgba (n, 4) uint8, as :meth:`Scene.set_colours` takes them.
LayerColours = tuple[NDArray[np.int64], NDArray[np.uint8]]
