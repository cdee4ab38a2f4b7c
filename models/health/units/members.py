"""The administrative units of which check units are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.health.units.rules import Level
from models.health.units.sources import rows_of_role, texts
from models.layers.layer import LayerData
from models.project.project import ProjectState

#: Fields of members that are read.
FIELDS = ("code", "name", "name_en", "district_code", "population", "built_year")


def members_of(level: Level, state: ProjectState, data: Mapping[str, LayerData], crs: str) -> tuple[pd.DataFrame, str]:
    """Return the administrative units of a level, also where check units took their place, and the id of their layer.

    Raises
    ------
    UserError
        ``units.no_layer``.
    """
    aside = [one.layer for one in state.health.stood_aside if one.role == level.role]
    layers = [layer for layer in state.layers if layer.id in aside] or list(state.with_role(level.role))
    for layer in layers:
        shown = replace(state, layers=(replace(layer, role="communities"),))
        rows = rows_of_role(shown, data, "communities", crs, FIELDS)
        rows = rows[shapely.get_dimensions(rows["_shape"].to_numpy()) == 2].reset_index(drop=True)
        if len(rows):
            codes = texts(rows["code"])
            codes = np.where(codes == "", [f"{layer.id}/{oid}" for oid in rows["_oid"]], codes)
            made = {name: texts(rows[name]) for name in ("name", "name_en", "district_code")}
            numbers = {name: pd.to_numeric(rows[name], errors="coerce") for name in ("population", "built_year")}
            shapes = shapely.make_valid(rows["_shape"].to_numpy())
            return rows.assign(code=codes, _shape=shapes, **made, **numbers), layer.id
    raise UserError("units.no_layer", role=level.role)
