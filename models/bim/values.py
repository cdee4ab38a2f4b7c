"""Values of elements by field, and colours for them with a legend that accounts for every element.

Invariants
----------
1. The classes of a legend are disjoint and together hold every element that was asked about.
2. "Not stated" is a class of its own, never a value and never the lowest colour of a scale.
3. Categories take colours that people with any colour vision tell apart (Okabe and Ito 2008, Tol 2021 "muted");
   numbers take one scale from light to dark (ColorBrewer YlGnBu), which prints in grey too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bim.columns import Field, column, field, kind_of
from models.core import value_text
from models.core.errors import UserError
from models.layers.layer import ModelData
from models.views.visibility import RGBA8

#: How numbers are put into classes: as many elements in each, or as wide each.
BREAKS = ("quantile", "equal")

CATEGORIES = (
    "#4477aa", "#ee7733", "#228833", "#cc3377", "#66ccee", "#ccbb44", "#aa3377", "#44aa99", "#882255", "#999933",
    "#332288", "#ddaa88",
)  # fmt: skip
_SCALE = ("#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58")
_TRUE, _FALSE = "#0072b2", "#e69f00"
_REST, _SILENT = "#8a8f98", "#c9cdd3"
_MOST_CLASSES = len(_SCALE)


@dataclass(frozen=True, slots=True, eq=False)
class ColourClass:
    """One entry of a legend.

    Parameters
    ----------
    text : str
        The value as the model has it, or a range ``"0.2 – 0.4"``; empty where ``word`` says it.
    colour : tuple of int
        (r, g, b, a), 0…255.
    count : int
    oids : ndarray of int32
    stated : bool
        False for the class of elements that do not state the field.
    rest : bool
        True for the class that takes all rarer values together.
    word : str
        Key of the word for what is no text of the model: ``"bim.true"``, ``"bim.not_stated"`` …
    """

    text: str
    colour: RGBA8
    count: int
    oids: NDArray[np.int32]
    stated: bool = True
    rest: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """Colours by a field, and the classes that explain them, as a legend lists them."""

    field: Field
    classes: tuple[ColourClass, ...]
    colours: Mapping[int, RGBA8]


def colour_classes(
    data: ModelData,
    field_id: str,
    breaks: str = "quantile",
    classes: int = 6,
    oids: Sequence[int] | NDArray[np.integer[Any]] | None = None,
) -> Colouring:
    """Return colours for elements by the values of a field.

    Parameters
    ----------
    data : ModelData
    field_id : str
        Of :func:`fields`.
    breaks : str
        ``"quantile"`` or ``"equal"``, for numbers.
    classes : int
        Wanted number of classes for numbers, 2…8; fewer where the values do not differ enough.
    oids : sequence of int, optional
        Elements to colour; those with geometry if not given.

    Raises
    ------
    UserError
        ``bim.no_field``, ``bim.no_breaks``.
    """
    if breaks not in BREAKS:
        raise UserError("bim.no_breaks", breaks=breaks)
    values, known = column(data, field_id)
    asked = (
        np.flatnonzero(data.elements["has_geometry"].to_numpy(bool)) if oids is None else np.unique(np.asarray(oids))
    )
    mine = asked[known[asked]].astype(np.int32)
    silent = asked[~known[asked]].astype(np.int32)
    kind = kind_of(values, known)
    if not len(mine):
        made: list[ColourClass] = []
    elif kind == "number":
        made = _numbers(values[mine], mine, breaks, min(max(classes, 2), _MOST_CLASSES))
    elif kind == "bool":
        truth = np.array([bool(value) for value in values[mine]])
        made = [
            ColourClass("", rgba(colour), int(part.sum()), mine[part], word=word)
            for part, colour, word in ((truth, _TRUE, "bim.true"), (~truth, _FALSE, "bim.false"))
            if part.any()
        ]
    else:
        made = _categories(values[mine], mine)
    if len(silent):
        made.append(ColourClass("", rgba(_SILENT), len(silent), silent, stated=False, word="bim.not_stated"))
    colours = {oid: one.colour for one in made for oid in one.oids.tolist()}
    return Colouring(field(data, field_id), tuple(made), colours)


def rgba(colour: str) -> RGBA8:
    """Return ``"#rrggbb"`` as numbers.

    Examples
    --------
    >>> rgba("#0072b2")
    (0, 114, 178, 255)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255


def _categories(values: NDArray[Any], oids: NDArray[np.int32]) -> list[ColourClass]:
    """Return one class a value, the most frequent first; what has no colour left is one class."""
    import pandas as pd

    codes, names = pd.factorize(np.array([str(value) for value in values], object))
    counts = np.bincount(codes, minlength=len(names))
    order = sorted(range(len(names)), key=lambda code: (-counts[code], str(names[code])))
    shown = order if len(order) <= len(CATEGORIES) else order[: len(CATEGORIES) - 1]
    made = [
        ColourClass(str(names[code]), rgba(CATEGORIES[place]), int(counts[code]), oids[codes == code])
        for place, code in enumerate(shown)
    ]
    if len(shown) < len(order):
        rest = oids[~np.isin(codes, shown)]
        made.append(ColourClass("", rgba(_REST), len(rest), rest, rest=True, word="bim.other_values"))
    return made


def _numbers(values: NDArray[np.float64], oids: NDArray[np.int32], breaks: str, wanted: int) -> list[ColourClass]:
    distinct = np.unique(values)
    if len(distinct) <= wanted:
        edges = distinct
        place = np.searchsorted(distinct, values)
        texts = [value_text.distinct(value, distinct) for value in distinct]
    else:
        if breaks == "equal":
            edges = np.linspace(distinct[0], distinct[-1], wanted + 1)
        else:
            edges = np.unique(np.quantile(values, np.linspace(0, 1, wanted + 1)))
        place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        texts = [
            f"{value_text.distinct(low, edges)} – {value_text.distinct(high, edges)}" for low, high in pairwise(edges)
        ]
    made = []
    for number, text in enumerate(texts):
        mine = oids[place == number]
        if len(mine):
            made.append(ColourClass(text, rgba(_shade(number, len(texts))), len(mine), mine))
    return made


def _shade(number: int, count: int) -> str:
    """Return a colour of the scale so that few classes stand as far apart as many."""
    return _SCALE[round(number * (len(_SCALE) - 1) / max(count - 1, 1))]
