"""Which layer may be which input, and which of its columns which field: proposals, each with why it was made.

Nothing here changes anything. Two columns that fit equally well are left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from models.facilities.register.column_values import numbers_in
from models.facilities.register.fields import folded, name_and_unit
from models.health.mapping.field_names import FieldName, of_layer
from models.health.mapping.fields import KnownField, KnownRole, Wanted, known_roles
from models.health.partition import has_value, yes_or_no
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState

#: Rows that are looked at, spread over a table.
SAMPLE = 5_000
#: A proposal by name needs so much of what stands there to be readable; of choices less, for a person maps words.
_LEAST_READ, _LEAST_CHOICE = 0.6, 0.3
_MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class ColumnProposal:
    """A column for a field.

    Parameters
    ----------
    field : str
    column : str
        Empty where none fits.
    reason : str
        ``"same"`` (it has the very name), ``"kept"`` (a person said so), ``"alias"``, ``"part"`` (of its name), or
        ``"chosen"``; empty where none fits.
    filled : float
        Share of rows in which something stands that can be read, 0…1.
    values : tuple of (str, str)
        Words in the column → what indicators know.
    unread : tuple of str
        Words of a choice that nobody knows, the most frequent first.
    """

    field: str
    column: str = ""
    reason: str = ""
    filled: float = 0.0
    values: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerProposal:
    """A layer that may be an input.

    Parameters
    ----------
    layer : str
        Its id.
    has_role : bool
        Whether it has the role already.
    score : float
        How well it fits, 0…1.
    columns : tuple of ColumnProposal
        One a field that is wanted.
    """

    layer: str
    has_role: bool
    score: float
    columns: tuple[ColumnProposal, ...]


@dataclass(frozen=True, slots=True)
class RoleProposal:
    """One input: what is wanted of it and which layers may be it, those that are it first."""

    wanted: Wanted
    layers: tuple[LayerProposal, ...]

    @property
    def best(self) -> LayerProposal | None:
        """Return the layer that is the input, or may be; None where none fits."""
        return next(iter(self.layers), None)


def proposals(
    state: ProjectState, data: Mapping[str, LayerData], wanted: Mapping[str, Wanted]
) -> tuple[RoleProposal, ...]:
    """Return for each input which layers may be it, and their columns.

    Layers that have another role than ``"other"`` are proposed for nothing else.
    """
    tables: dict[str, tuple[Layer, pd.DataFrame, str]] = {}
    for layer in state.layers:
        found = data.get(layer.id)
        if isinstance(found, VectorData) and layer.source.options.get("made") is None:
            tables[layer.id] = (layer, _sample(found), _geometry(found))
    made = []
    for role, one in wanted.items():
        known = known_roles().get(role, KnownRole(role, "", (), ()))
        listed = []
        for layer, table, geometry in tables.values():
            has_role = layer.role == role
            if not has_role and (layer.role != "other" or (known.geometry and not geometry.endswith(known.geometry))):
                continue
            kept = of_layer(state.health.field_names, layer.id)
            columns = tuple(propose_column(table, known.field(name), kept) for name in one.fields)
            score = _score(layer, known, columns)
            if has_role or score >= 0.5:
                listed.append(LayerProposal(layer.id, has_role, score, columns))
        listed.sort(key=lambda proposal: (not proposal.has_role, -proposal.score))
        made.append(RoleProposal(one, tuple(listed)))
    return tuple(made)


def propose_column(table: pd.DataFrame, field: KnownField, kept: Sequence[FieldName] = ()) -> ColumnProposal:
    """Return the column of a table that may be a field."""
    said = next((one for one in kept if one.field == field.id and one.column in table.columns), None)
    if said is not None:
        return _described(table, field, said.column, "kept", dict(said.values))
    if field.id in table.columns:
        return _described(table, field, field.id, "same")
    wanted = [folded(word) for word in (field.id, field.name, field.name_en, *field.aliases)]
    names = {str(name): name_and_unit(str(name))[0] for name in table.columns if name != "geometry"}
    for reason in ("alias", "part"):
        found = [column for column, name in names.items() if _fits(name, wanted, reason)]
        least = _LEAST_CHOICE if field.type == "choice" else _LEAST_READ
        read = (_described(table, field, column, reason) for column in found)
        sound = [one for one in read if one.filled >= least * _spoken(table[one.column]) > 0]
        if len(sound) == 1:
            return sound[0]
        if sound and reason == "alias":  # the first alias that the table of words names
            order = {word: at for at, word in enumerate(wanted)}
            return min(sound, key=lambda one: order.get(names[one.column], len(order)))
    return ColumnProposal(field.id)


def _fits(name: str, wanted: Sequence[str], reason: str) -> bool:
    """Whether a column's folded name is one of the words for a field, or begins or ends with one."""
    if reason == "alias":
        return name in wanted
    return any(len(word) >= 2 and (name.startswith(word) or name.endswith(word)) for word in wanted)


def column_for(table: pd.DataFrame, field: KnownField, column: str) -> ColumnProposal:
    """Return a column that a person chose for a field, with what is read of it."""
    return _described(table, field, column, "chosen")


def _described(
    table: pd.DataFrame, field: KnownField, column: str, reason: str, held: Mapping[str, str] | None = None
) -> ColumnProposal:
    values = table[column]
    there = has_value(values)
    if field.type == "number":
        read = np.isfinite(numbers_in(values).values)
        return ColumnProposal(field.id, column, reason, float(np.mean(read)) if len(values) else 0.0)
    if field.type == "yes_no":
        return ColumnProposal(field.id, column, reason, float(yes_or_no(values).notna().mean()) if len(values) else 0.0)
    if field.type != "choice" or not field.values:
        return ColumnProposal(field.id, column, reason, float(there.mean()) if len(values) else 0.0)
    words = {folded(word): known for known, spoken in field.values.items() for word in (known, *spoken)}
    counts = values[there].astype("str").str.strip().value_counts()
    told = {str(text): words.get(folded(text), "") for text in counts.index[:_MOST_VALUES]} | dict(held or {})
    known = {text: value for text, value in told.items() if value}
    read_rows = int(sum(count for text, count in counts.items() if known.get(str(text)) or str(text) in field.values))
    return ColumnProposal(
        field.id, column, reason, read_rows / len(values) if len(values) else 0.0,
        tuple((text, value) for text, value in known.items() if text != value),
        tuple(text for text, value in told.items() if not value),
    )  # fmt: skip


def _spoken(values: pd.Series) -> float:
    return float(has_value(values).mean()) if len(values) else 0.0


def _score(layer: Layer, known: KnownRole, columns: Sequence[ColumnProposal]) -> float:
    """Return how well a layer fits: by its name, and by the columns that were found."""
    told = folded(f"{layer.name} {layer.name_en} {layer.source.sublayer}")
    named = 0.5 if any(folded(word) in told for word in known.names) else 0.0
    found = sum(bool(one.column) for one in columns) / max(len(columns), 1)
    return named + 0.5 * found


def _sample(data: VectorData) -> pd.DataFrame:
    table = data.attributes
    if len(table) <= SAMPLE:
        return table
    return table.iloc[np.unique(np.linspace(0, len(table) - 1, SAMPLE).astype(np.int64))]


def _geometry(data: VectorData) -> str:
    """Return the type of the first geometry that there is, empty for a table."""
    if data.columnar is not None:
        return ("Point", "LineString", "Polygon")[int((np.asarray(data.columnar.kind[:1000]) - 1).max() % 3)]
    frame = data.frame
    if not isinstance(frame, gpd.GeoDataFrame):
        return ""
    return next((str(name) for name in frame.geometry.head(100).geom_type if name), "")
