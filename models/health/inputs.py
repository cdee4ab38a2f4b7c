"""From the project's layers to a partition that a method can measure.

Layers are found by their role, their filters are applied and their geometries brought into the project's CRS; a layer
whose data is not here counts as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from models.core.errors import UserError
from models.crs.frame import Frame, require_projected
from models.health import coverage
from models.health.coverage import Floats
from models.health.editions import IndicatorDef
from models.health.partition import NAME_FIELDS, Method, Partition
from models.health.projections import projections
from models.layers.layer import LayerData, VectorData
from models.project.project import ProjectState
from models.query.filtering import filtered

#: Fields that are read of the units and of the survey table, whatever the method.
UNIT_FIELDS = ("code",)
SURVEY_FIELDS = ("district_code", "theme", "share", "surveyed_on")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an indicator is measured from.

    Parameters
    ----------
    partition : Partition
        All units of the city, with the objects of every role that is there.
    surveyed : ndarray, shape (units,)
        Share of each unit for which the themes that the indicator needs were surveyed, 0…1.
    missing : tuple of str
        Roles that the indicator needs and no layer holds.
    """

    partition: Partition
    surveyed: Floats
    missing: tuple[str, ...]


def inputs_of(
    state: ProjectState, data: Mapping[str, LayerData], frame: Frame, definition: IndicatorDef, method: Method
) -> Inputs:
    """Return the inputs of an indicator.

    Raises
    ------
    UserError
        ``health.no_districts``, ``crs.missing``.
    """
    layers = _Layers(state, data, frame, definition.name)
    units = layers.table("districts", UNIT_FIELDS)
    if units is None or not len(units):
        raise UserError("health.no_districts")
    surveyed = _surveyed(layers.table("surveys", SURVEY_FIELDS), units, definition.survey_themes)
    missing = tuple(item.role for item in definition.inputs if not layers.holds(item.role))
    frames: dict[str, pd.DataFrame] = {}
    if not missing:
        for role, fields in method.fields_of(definition).items():
            table = layers.projected() if role == "projections" else layers.table(role, fields)
            frames[role] = pd.DataFrame({"_layer": [], "_oid": [], "_shape": []}) if table is None else table
    shapes = coverage.polygons(units["_shape"])
    return Inputs(Partition(units, shapes, np.ones(len(units), dtype=bool), frames), surveyed, missing)


class _Layers:
    """The project's layers by role, brought into the project's CRS and joined into one table a role."""

    def __init__(self, state: ProjectState, data: Mapping[str, LayerData], frame: Frame, operation: str) -> None:
        self._state, self._data, self._frame, self._operation = state, data, frame, operation

    def holds(self, role: str) -> bool:
        """Whether a layer of this role has features or rows."""
        return any(isinstance(self._data.get(layer.id), VectorData) for layer in self._state.with_role(role))

    def table(self, role: str, fields: tuple[str, ...]) -> pd.DataFrame | None:
        """Return the rows of a role that pass their layers' filters, with the fields asked for and those of names.

        None if no layer holds the role.
        """
        parts = [
            self._placed(layer.id, left.frame, (*fields, *NAME_FIELDS))
            for layer in self._state.with_role(role)
            if isinstance(found := self._data.get(layer.id), VectorData)
            and isinstance(left := filtered(layer, found, self._frame.horizontal), VectorData)
        ]
        return pd.concat(parts, ignore_index=True) if parts else None

    def projected(self) -> pd.DataFrame:
        """Return the ground that each object of 3D data covers, with the role of its layer as ``_role``."""
        columns = ["_layer", "_oid", "_shape", "_role"]
        parts = [
            pd.DataFrame(
                {
                    "_layer": part.layer.id,
                    "_oid": part.oids,
                    "_shape": pd.Series(part.shapes, dtype=object),
                    "_role": part.layer.role,
                },
                columns=columns,
            )
            for part in projections(self._state, self._data, self._frame)
            if len(part.shapes)
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)

    def _placed(self, layer_id: str, frame: Any, fields: tuple[str, ...]) -> pd.DataFrame:
        import geopandas as gpd

        plain = pd.DataFrame(frame)
        if isinstance(frame, gpd.GeoDataFrame) and frame._geometry_column_name in frame.columns:
            if frame.crs is None:
                require_projected(None, self._operation)
            flat = gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), crs=_horizontal(frame.crs))
            shapes = flat.to_crs(self._frame.horizontal).to_numpy()
            plain = plain.drop(columns=frame._geometry_column_name)
        else:
            shapes = np.full(len(frame), None, dtype=object)
        plain = plain[[name for name in plain.columns if name in fields]]
        return plain.assign(
            _layer=layer_id, _oid=frame.index.to_numpy(), _shape=pd.Series(shapes, plain.index, dtype=object)
        )


def _horizontal(crs: Any) -> Any:
    return crs.sub_crs_list[0] if crs.is_compound else crs


def _surveyed(surveys: pd.DataFrame | None, units: pd.DataFrame, themes: tuple[str, ...]) -> Floats:
    """Return the surveyed share of each unit, the least of the themes an indicator needs.

    A theme without a row is complete; a row without a share was not surveyed.
    """
    shares = np.ones(len(units))
    if surveys is None or not {"district_code", "theme", "share"} <= set(surveys.columns):
        return shares
    wanted = surveys[surveys["theme"].isin(themes)]
    if "surveyed_on" in wanted.columns:
        wanted = wanted.sort_values("surveyed_on", kind="stable", na_position="first")
    latest = wanted.drop_duplicates(["district_code", "theme"], keep="last")
    found = (
        latest.assign(share=latest["share"].astype(float).fillna(0.0))
        .groupby(latest["district_code"].astype("str"))["share"]
        .min()
    )
    for position in range(len(shares)):
        shares[position] = min(max(float(found.get(text_at(units, "code", position), 1.0)), 0.0), 1.0)
    return shares


def text_at(frame: pd.DataFrame, column: str, row: int) -> str:
    """Return a cell as text, empty where there is no such column or no value."""
    if column not in frame.columns:
        return ""
    value = frame[column].iloc[row]
    return "" if pd.isna(value) else str(value)
