"""Responsibility grids of a project: joined from a layer of unit grids, checked, added as a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.usecases.facilities.unit_grids import add_grid_layer, frames_of, geometries
from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.coding.codes import texts
from models.facilities.coding.responsibility_grids import By, check_responsibility_grids, make_responsibility_grids
from models.layers.layer import Layer, VectorData
from models.project.column_changes import ColumnChange

if TYPE_CHECKING:
    import pandas as pd

    from app.session import Session

#: Field of a unit grid that holds the code of its responsibility grid.
MEMBER_FIELD = "responsibility_grid"
#: So many rows show whether a layer is one of unit grids.
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Unit grids (``code``, ``shape``; index = oid) of a layer, and the names of areas by code."""

    layer_id: str
    grids: pd.DataFrame
    names: dict[str, str]
    is_synthetic: bool


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Responsibility grids, the code of that of each unit grid, and what the check found."""

    given: Given
    grids: pd.DataFrame
    member: pd.Series[str]
    findings: pd.DataFrame


def unit_grid_layers(session: Session) -> list[Layer]:
    """Return the layers of unit grids, the newest first: polygons whose ``code`` has 15 digits."""
    found = []
    for layer in session.project.state.layers:
        data = session.project.data.get(layer.id)
        if layer.kind != "vector" or not isinstance(data, VectorData) or "code" not in data.fields:
            continue
        codes = texts(data.attributes["code"].head(_LOOKED_AT))
        if len(codes) and codes.str.fullmatch("[0-9]{15}").mean() > 0.9:
            shapes: Any = data.frame
            if shapes.geometry.head(_LOOKED_AT).geom_type.isin(["Polygon", "MultiPolygon"]).all():
                found.append(layer)
    return found[::-1]


def given_grids(session: Session, layer_id: str) -> Given:
    """Return the unit grids of a layer in the project's CRS.

    Raises
    ------
    UserError
        ``facilities.no_unit_grids``.
    """
    import pandas as pd
    import shapely

    state = session.project.state
    layer = state.layer(layer_id)
    frame = next((frame for one, frame in frames_of(session, layer.role) if one.id == layer_id), None)
    if frame is None or "code" not in frame.columns or not len(frame):
        raise UserError("facilities.no_unit_grids")
    shapes = shapely.make_valid(geometries(list(frame.geometry)))
    names: dict[str, str] = {}
    for role in ("communities", "districts"):
        for _, areas in frames_of(session, role):
            if {"code", "name"} <= set(areas.columns):
                names |= dict(zip(texts(areas["code"]), texts(areas["name"]), strict=True))
    grids = pd.DataFrame({"code": texts(frame["code"]), "shape": shapes}, index=frame.index)
    return Given(layer_id, grids, names, layer.synthetic)


def make(session: Session, layer_id: str, by: By, number: int, progress: Progress) -> Made:
    """Join unit grids and check what came of it; for a job thread, nothing is changed.

    Raises
    ------
    UserError
        ``facilities.no_unit_grids``.
    """
    given = given_grids(session, layer_id)
    made, member = make_responsibility_grids(given.grids, by, number, progress.part(0.0, 0.8))
    findings = check_responsibility_grids(made, given.grids)
    progress.step(1.0)
    named = [
        f"{given.names.get(area, '')} {serial if of > 1 else ''}".strip()
        for area, serial, of in zip(made["area_code"], made["serial"], made["of"], strict=True)
    ]
    return Made(given, made.assign(name=named), member, findings)


def add(session: Session, made: Made, *, set_member: bool = False) -> Layer:
    """Add responsibility grids as a layer and, if asked, their codes to the unit grids, as one step."""
    import geopandas as gpd
    import pandas as pd

    given, frame = made.given, session.project.state.frame
    assert frame is not None  # noqa: S101 - given_grids() looked
    table = made.grids[["code", "name", "area_code", "unit_grids", "area_m2"]]
    table = table.set_axis(pd.RangeIndex(1, len(table) + 1, name="fid")).assign(responsible="")
    changes: tuple[ColumnChange, ...] = ()
    if set_member:
        data = session.project.data_of(given.layer_id)
        assert isinstance(data, VectorData)  # noqa: S101 - given_grids() looked
        held = data.attributes
        before = held[MEMBER_FIELD] if MEMBER_FIELD in held.columns else None
        after = made.member.reindex(held.index).fillna("").astype("str")
        changes = (ColumnChange(given.layer_id, MEMBER_FIELD, before, after),)
    shapes = gpd.GeoDataFrame(table, geometry=list(made.grids["shape"]), crs=frame.horizontal)
    return add_grid_layer(
        session, "responsibility_grids", "grids.responsibility.layer", shapes, changes,
        "history.responsibility_grids", synthetic=given.is_synthetic,
    )  # fmt: skip


def places(layer: Layer, made: Made) -> pd.DataFrame:
    """Return what the check found with the object of each: ``code``, ``kind``, ``value``, ``layer`` and ``oid``."""
    found = made.findings
    of_unit = found["of_unit"].to_numpy(dtype=bool)
    return found.assign(
        layer=[made.given.layer_id if unit else layer.id for unit in of_unit],
        oid=found["oid"].where(of_unit, found["oid"] + 1),
    )
