"""What of an indicator can be worked out from the layers of a project, and what is missing where it cannot.

This looks at columns only: no geometry is moved and nothing is measured, so that all sixty indicators are answered at
once. Whether there is a value is another matter: a layer can be there, with its fields, and empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from models.health import methods
from models.health.book import book_of, definition_of
from models.health.editions import IndicatorDef
from models.health.inputs import PROJECTIONS
from models.health.mapping.field_names import of_layer, renamed
from models.health.partition import CODE_EDITION, COVER, Need
from models.layers.layer import Layer, LayerData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered

#: What is said of an indicator: it can be worked out now; a layer or a field that it needs is missing; it does not hold
#: for a city of this class; no method of layers answers it, so that somebody has to enter or import its figure.
Standing = Literal["computed", "missing_layer", "missing_field", "not_applicable", "not_computed"]


@dataclass(frozen=True, slots=True)
class Availability:
    """What the layers of a project say of an indicator.

    Parameters
    ----------
    code : str
    standing : str
        One of :data:`Standing`.
    layers : tuple of str
        Roles that it needs and that no layer with data has.
    fields : tuple of str
        ``"role.field"`` that it needs and that no layer of the role tells, in words that are understood.
    further : tuple of str
        ``"role.field"`` that the method would read and no layer has: the figure is there without them, from less.
    """

    code: str
    standing: Standing
    layers: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    further: tuple[str, ...] = ()


def availability(code: str, state: ProjectState, data: Mapping[str, LayerData]) -> Availability:
    """Return what the layers of a project say of an indicator, by the reading that the project has chosen.

    Parameters
    ----------
    code : str
    state : ProjectState
    data : mapping of str to LayerData
        A layer without data counts as missing.

    Raises
    ------
    UserError
        ``health.no_indicator``, ``health.no_edition``; what is wrong with the filter of a layer.
    """
    return _of(definition_of(state.health, code), state, data, {})


def availabilities(state: ProjectState, data: Mapping[str, LayerData]) -> tuple[Availability, ...]:
    """Return that of every indicator of a project, in the order of its edition."""
    read: dict[str, list[tuple[Layer, pd.DataFrame]]] = {}
    return tuple(_of(definition, state, data, read) for definition in book_of(state.health).indicators.values())


_Tables = dict[str, list[tuple[Layer, pd.DataFrame]]]


def _of(definition: IndicatorDef, state: ProjectState, data: Mapping[str, LayerData], read: _Tables) -> Availability:
    if not definition.applicable(state.profile):
        return Availability(definition.code, "not_applicable")
    if not definition.computed:
        return Availability(definition.code, "not_computed")
    method = methods.method(definition.method)
    fields = method.fields_of(definition)
    needs = method.needs(definition)
    roles = dict.fromkeys([*(item.role for item in definition.inputs), *(need.role for need in needs)])
    for role in (*roles, *fields, *(need.unless for need in needs)):
        if role and role not in read and role != PROJECTIONS:
            read[role] = _tables(role, state, data)
    layers = tuple(dict.fromkeys(role for role in roles if not read[role]))
    untold = tuple(
        f"{need.role}.{need.fields[0]}" for need in needs if read[need.role] and not _is_told(need, read, state)
    )
    further = tuple(
        f"{role}.{name}"
        for role, names in fields.items()
        for name in names
        if name not in (CODE_EDITION, COVER) and f"{role}.{name}" not in untold and not _has(role, name, read)
    )
    standing: Standing = "missing_layer" if layers else "missing_field" if untold else "computed"
    return Availability(definition.code, standing, layers, untold, further)


def _tables(role: str, state: ProjectState, data: Mapping[str, LayerData]) -> list[tuple[Layer, pd.DataFrame]]:
    crs = state.frame.horizontal if state.frame is not None else ""
    found = ((layer, data.get(layer.id)) for layer in state.with_role(role))
    parts = ((layer, filtered(layer, item, crs)) for layer, item in found if item is not None)
    named = state.health.field_names
    return [
        (layer, renamed(part.attributes, of_layer(named, layer.id)))
        for layer, part in parts if isinstance(part, VectorData)
    ]  # fmt: skip


def _is_told(need: Need, read: _Tables, state: ProjectState) -> bool:
    """Whether some layer of a role tells its objects apart; of empty layers nothing is asked."""
    tables = read[need.role]
    if need.is_waived({role: table for role in (need.unless,) for _, table in read.get(role, ()) if len(table)}):
        return True
    if CODE_EDITION in need.fields:
        return any(state.edition_of(layer).id for layer, _ in tables)
    return all(not len(table) for _, table in tables) or any(need.is_met(table) for _, table in tables)


def _has(role: str, name: str, read: _Tables) -> bool:
    if role == PROJECTIONS:
        return True
    return any(name in table.columns for _, table in read[role])
