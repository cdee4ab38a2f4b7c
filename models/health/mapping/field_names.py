"""Fields of a layer under the names that indicators know, as a person said: nothing of the layer itself is changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

Frame = TypeVar("Frame", bound=pd.DataFrame)


@dataclass(frozen=True, slots=True)
class FieldName:
    """A column of a layer that is read as a field.

    Parameters
    ----------
    layer : str
        Id of the layer.
    field : str
        The name that indicators know: ``"floor_area_m2"``.
    column : str
        The layer's own name.
    values : tuple of (str, str)
        What stands in the column → what indicators know; other values stay as they are.
    who, at : str
    """

    layer: str
    field: str
    column: str
    values: tuple[tuple[str, str], ...] = ()
    who: str = ""
    at: str = ""


def of_layer(named: Iterable[FieldName], layer: str) -> tuple[FieldName, ...]:
    """Return what was said of one layer."""
    return tuple(one for one in named if one.layer == layer)


def renamed(frame: Frame, named: Sequence[FieldName]) -> Frame:
    """Return a table in which mapped columns stand under the names that indicators know, beside their own.

    A column that the table lacks is left out: the field is then missing, as it would be without a mapping.
    """
    there = [one for one in named if one.column in frame.columns]
    if not there:
        return frame
    made = {}
    for one in there:
        column = frame[one.column]
        if one.values:
            texts = column.astype("str").str.strip()
            known = texts.isin([text for text, _ in one.values])
            column = texts.map(dict(one.values)).astype(object).where(known, column.astype(object))
        made[one.field] = column
    return frame.assign(**made)


def own_names(fields: Sequence[str], named: Sequence[FieldName]) -> tuple[str, ...]:
    """Return the columns of a layer in which fields stand."""
    columns = {one.field: one.column for one in named}
    return tuple(columns.get(name, name) for name in fields)
