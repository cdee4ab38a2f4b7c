"""Colours of live values over those of theme and style: a look-up by object id, no geometry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from models.facilities.live_status import LiveValue
from models.facilities.register import UNKNOWN, states
from viewers.render.palette.status_colours import rgba
from viewers.render.symbology.layer_colours import LayerColours


def with_live(base: LayerColours | None, values: Mapping[int, LiveValue]) -> LayerColours | None:
    """Return a layer's colours with those of its live values over them.

    Parameters
    ----------
    base : (oids, rgba) or None
        What theme and style give; None where the layer has its own colours.
    values : mapping of int to LiveValue
        By object id. Facilities that are not in it keep their colour.
    """
    if not values:
        return base
    known = states()
    table = {name: rgba(state.colour) for name, state in known.items()}
    oids = np.fromiter(values, np.int64, len(values))
    colours = np.array([table.get(value.status, table[UNKNOWN]) for value in values.values()], dtype=np.uint8)
    if base is None:
        return oids, colours
    kept = ~np.isin(base[0], oids)
    return np.concatenate([base[0][kept], oids]), np.concatenate([base[1][kept], colours])
