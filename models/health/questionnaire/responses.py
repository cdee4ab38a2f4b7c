"""The table of answers: one row a person, only what quotas and satisfaction need.

Invariants
----------
1. No name, telephone, address or identity number is kept; people are numbered anew.
2. An answer is points, 0 (worst) … 100 (best); what was not answered is missing, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from models.health.questionnaire.questions import questionnaire
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered
from models.roles import Role

#: What is kept of a person beside the answers.
PERSON_FIELDS = (
    "response", "community_code", "district_code", "age_group", "sex", "occupation", "income", "resident", "counts",
)  # fmt: skip
#: Role of the layer.
ROLE: Role = "responses"


def responses_of(state: ProjectState, data: Mapping[str, LayerData]) -> pd.DataFrame | None:
    """Return the answers of all layers of the role that count, one row a person; None where there is no layer."""
    parts = []
    for layer in state.with_role(ROLE):
        found = data.get(layer.id)
        if isinstance(found, VectorData):
            crs = state.frame.horizontal if state.frame is not None else ""
            left = filtered(layer, found, crs)
            if isinstance(left, VectorData):
                parts.append(pd.DataFrame(left.attributes))
    if not parts:
        return None
    table = pd.concat(parts, ignore_index=True)
    known = [name for name in (*PERSON_FIELDS, *questionnaire().questions) if name in table.columns]
    return table[known]


def that_count(table: pd.DataFrame) -> pd.DataFrame:
    """Return the answers of people who are asked for: old enough, and living here for long enough."""
    if "counts" not in table.columns:
        return table
    return table[table["counts"].astype("str").str.strip().isin(("yes", "True", "true", "1", "是"))]
