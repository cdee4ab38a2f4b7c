"""What the files of a hand-over tell of each object: its key, name, value under the theme, and its first fields."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.geometry.styled import Ints, ObjectTable
from models.health.results import IndicatorResult
from models.layers.layer import Layer, LayerData, ModelData, VectorData
from models.project.business_keys import business_keys
from models.query.filtering import filtered
from resources.words import word

#: Further fields of each layer.
MOST_FIELDS = 12
_NAMES = ("name", "名称", "Name", "NAME", "ObjName", "label")


def table_of_objects(
    layer: Layer, data: LayerData, lang: str, result: IndicatorResult | None = None
) -> ObjectTable | None:
    """Return what is told of the objects of a layer, None for what has none.

    Parameters
    ----------
    layer : Layer
    data : LayerData
    lang : {"zh", "en"}
    result : IndicatorResult, optional
        Of the theme: the values of its units, and what is wrong with an object.
    """
    data = filtered(layer, data)
    if isinstance(data, ModelData):
        table = data.elements
    elif isinstance(data, VectorData):
        table = data.attributes
    else:
        return None
    oids = np.asarray(table.index.to_numpy(), dtype=np.int64)
    order = np.argsort(oids, kind="stable")
    keys = business_keys(data)
    named = _name_column(table, layer)
    columns: dict[str, NDArray[np.generic]] = {
        "layer": np.full(len(oids), layer.id, dtype=object),
        "oid": oids.astype(np.int32),
        "key": np.full(len(oids), "", dtype=object) if keys is None else keys.values.astype(object),
        "name": np.full(len(oids), "", dtype=object) if not named else _texts(table[named]),
    }
    if result is not None:
        columns |= _of_theme(layer.id, oids, result, lang)
    taken = {named, "" if keys is None else keys.field, "geometry"}
    fields = [str(name) for name in table.columns if str(name) not in taken and str(name) not in columns]
    for name in fields[:MOST_FIELDS]:
        columns[name] = _column(table[name])
    return ObjectTable(layer.title(lang), oids[order], {name: values[order] for name, values in columns.items()})


def shown_names(table: ObjectTable, lang: str) -> dict[str, str]:
    """Return how the columns that every layer has are called."""
    own = ("layer", "oid", "key", "name", "value", "finding")
    return {name: word(f"handover.column.{name}", lang) for name in own if name in table.columns}


def _of_theme(layer: str, oids: Ints, result: IndicatorResult, lang: str) -> dict[str, NDArray[np.generic]]:
    """Return the value of units, and the finding of what is wrong; no column where the theme says nothing here."""
    found: dict[str, NDArray[np.generic]] = {}
    values = {
        unit.unit_oid: np.nan if unit.value is None else unit.value
        for unit in (*result.units, *result.estates) if unit.unit_layer == layer
    }  # fmt: skip
    if values:
        found["value"] = pd.Series(oids).map(values).to_numpy(dtype=np.float64)
    reasons = {one.key.oid: word(f"problem.{one.reason}", lang) for one in result.problems if one.key.layer == layer}
    if reasons:
        found["finding"] = pd.Series(oids).map(reasons).fillna("").to_numpy(dtype=object)
    return found


def _name_column(table: pd.DataFrame, layer: Layer) -> str:
    return next((name for name in (layer.style.label_field, *_NAMES) if name and name in table.columns), "")


def _column(column: pd.Series[Any]) -> NDArray[np.generic]:
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _texts(column)


def _texts(column: pd.Series[Any]) -> NDArray[np.generic]:
    return column.astype("str").where(column.notna(), "").to_numpy(dtype=object)
