"""What a theme gives: colours of objects, a legend made from the same table, and numbers that stand in the city."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.layers.layer import Layer, LayerData, VectorData
from viewers.legend import Legend
from viewers.render.layers.areas import HATCH
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours


@dataclass(frozen=True, slots=True)
class Number:
    """A number that stands over an object, the same as in its list.

    Parameters
    ----------
    text : str
    easting_m, northing_m : float
        Project CRS.
    above_m : float
        Over the ground.
    """

    text: str
    easting_m: float
    northing_m: float
    above_m: float


@dataclass(frozen=True, slots=True)
class ThemePicture:
    """The colours of a theme and what they mean.

    Parameters
    ----------
    colours : mapping of str to (oids, rgba)
        By layer id; a layer that is not named, and an object that is not named in it, keeps its own colours. A layer
        that is named has to be seen, whether or not it is switched on.
    legend : Legend
    styled : frozenset of str
        What is coloured without being asked for, by its own style or because it steps back: it need not be seen.
    numbers : tuple of Number
        The first ones are kept where there is not room for all.
    signs : frozenset of str
        Layers of components over which signs stand.
    """

    colours: Mapping[str, LayerColours] = field(default_factory=dict)
    legend: Legend = field(default_factory=Legend)
    styled: frozenset[str] = frozenset()
    numbers: tuple[Number, ...] = ()
    signs: frozenset[str] = frozenset()

    @property
    def called(self) -> frozenset[str]:
        """Return the ids of the layers that the theme itself colours, which have to be seen."""
        return frozenset(self.colours) - self.styled


def joined(parts: Sequence[LayerColours]) -> LayerColours:
    """Return several tables of colours as one."""
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def over(below: LayerColours, above: LayerColours) -> LayerColours:
    """Return two tables as one in which the second wins."""
    keep = ~np.isin(below[0], above[0])
    return np.concatenate([below[0][keep], above[0]]), np.concatenate([below[1][keep], above[1]])


def one_colour(oids: NDArray[Any], colour: tuple[int, int, int, int]) -> LayerColours:
    """Return one colour for many objects."""
    oids = np.asarray(oids, dtype=np.int64)
    return oids, np.tile(np.array(colour, dtype=np.uint8), (len(oids), 1))


def hatched(oids: NDArray[Any], *, quiet: bool = False) -> LayerColours:
    """Return wash and hatch of districts without data; ``quiet`` beside something that has to be seen first."""
    general = status()["general"]
    share = general["quiet_hatch"] if quiet else 1.0
    oids = np.asarray(oids, dtype=np.int64)
    wash = rgba(general["no_data"], general["no_data_wash"] * share)
    hatch = rgba(general["hatch_line"], general["hatch"] * share)
    return joined([one_colour(oids, wash), one_colour(oids + HATCH, hatch)])


def table_of(layer: Layer, data: Mapping[str, LayerData]) -> pd.DataFrame | None:
    """Return the attributes of a layer of features, None for any other and where its data is not here."""
    found = data.get(layer.id)
    if not isinstance(found, VectorData):
        return None
    return found.frame if found.features is None else found.attributes
