"""A result that is looked at: its objects in their colours, the rest of their layers stepped back, a legend of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from resources.words import word
from viewers.legend import Legend, LegendEntry
from viewers.render.palette.status_colours import rgba, status
from viewers.render.symbology.layer_colours import LayerColours
from viewers.render.symbology.theme_picture import Number, ThemePicture, one_colour, over


@dataclass(frozen=True, slots=True)
class Shown:
    """Objects of one meaning.

    Parameters
    ----------
    what : str
        Name of the colour in ``[network_result]`` of the theme, and end of its word ``legend.network.<what>``.
    layer : str
    oids : ndarray of int
    symbol : str
        As in a legend.
    """

    what: str
    layer: str
    oids: NDArray[np.int64]
    symbol: Literal["", "line", "dot"] = "line"


def result_view(
    shown: Sequence[Shown],
    rest: Mapping[str, NDArray[np.int64]],
    title: str,
    lang: str,
    dark: bool = False,
    numbers: Sequence[Number] = (),
) -> ThemePicture:
    """Return the picture of a result.

    Parameters
    ----------
    shown : sequence of Shown
        Later ones win where an object is in several.
    rest : mapping of str to ndarray
        Objects that step back, by layer.
    title : str
        Of the legend.
    lang : {"zh", "en"}
    dark : bool
    numbers : sequence of Number
    """
    table = status()["network_result"]
    calm = rgba(table["calm_dark" if dark else "calm"])
    colours: dict[str, LayerColours] = {layer: one_colour(oids, calm) for layer, oids in rest.items()}
    counts: dict[str, int] = {}
    symbols: dict[str, str] = {}
    for one in shown:
        if not len(one.oids):
            continue
        own = one_colour(np.unique(one.oids), rgba(table[one.what]))
        colours[one.layer] = over(colours[one.layer], own) if one.layer in colours else own
        counts[one.what] = counts.get(one.what, 0) + len(own[0])
        symbols[one.what] = one.symbol
    entries = tuple(
        LegendEntry(word(f"legend.network.{what}", lang), table[what], symbol=symbols[what], count=count)
        for what, count in counts.items()
    )
    return ThemePicture(colours, Legend(title, entries), frozenset(colours), tuple(numbers))
