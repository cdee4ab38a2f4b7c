"""Buildings that their attributes make candidates (待核查): worth looking at, and kept apart from what was found.

Several storeys and no lift make a building a candidate for retrofit; whether one can be added has to be looked at. So a
candidate is never counted in an indicator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.health.editions import IndicatorDef
from models.health.registers.conditions import UNKNOWN, YES, Around, answers
from models.health.registers.rules import rules_of, year_of
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.project.selection import Keys
from models.query.filtering import filtered


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of an indicator.

    Parameters
    ----------
    keys : Keys
    unknown : int
        Of how many objects nobody says enough to tell.
    """

    keys: Keys
    unknown: int


def candidates(definition: IndicatorDef, state: ProjectState, data: Mapping[str, LayerData]) -> Candidates | None:
    """Return the candidates of an indicator by attributes; None where its edition has no rule for them.

    Raises
    ------
    UserError
        ``health.bad_condition``; what is wrong with the filter of a layer.
    """
    rules = rules_of(definition)
    if "candidates" not in rules:
        return None
    runs, unknown = [], 0
    crs = state.frame.horizontal if state.frame is not None else ""
    for layer in state.with_role(rules["role"]):
        found = data.get(layer.id)
        part = None if found is None else filtered(layer, found, crs)
        if isinstance(part, VectorData):
            table = part.attributes
            said = answers((*rules.get("among", ()), *rules["candidates"]), table, Around(year_of(rules), {}))
            runs.append((layer.id, table.index.to_numpy()[said == YES].astype(np.int64)))
            unknown += int(np.count_nonzero(said == UNKNOWN))
    return Candidates(Keys((layer, oids) for layer, oids in runs if len(oids)), unknown)
