"""Unit grids of a project: made from its communities, roads, land and buildings, added as a layer, set as ``BGID``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.coding.unit_grids import GridOptions, check_unit_grids, grid_of, make_unit_grids
from models.layers.layer import Layer, Source, VectorData, new_layer_id
from models.project.column_changes import ColumnChange, without_cells
from resources.standards import standard
from resources.words import word as said

if TYPE_CHECKING:
    import pandas as pd

    from app.session import Session
    from models.project.project import ProjectState


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What unit grids are made from, in the project's CRS: arrays of geometries, and the codes of the areas."""

    areas: Any
    codes: list[str]
    roads: Any
    minor: Any
    buildings: Any
    is_synthetic: bool


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Unit grids (see :func:`make_unit_grids`) and what their check found (see :func:`check_unit_grids`)."""

    grids: pd.DataFrame
    findings: pd.DataFrame
    is_synthetic: bool


def inputs(session: Session) -> Inputs:
    """Return what unit grids are made from.

    Raises
    ------
    UserError
        ``facilities.no_communities`` without communities that have codes of twelve digits, ``crs.missing``.
    """
    import numpy as np
    import shapely

    from models.facilities.coding.codes import texts

    state = session.project.state
    areas, codes, synthetic = [], [], False
    for layer, frame in _frames(session, "communities"):
        if "code" not in frame.columns:
            continue
        told = texts(frame["code"]).tolist()
        for shape, code in zip(frame.geometry, told, strict=True):
            if shape is not None and len(code) == 12 and shapely.get_dimensions(shape) == 2:
                areas.append(shapely.make_valid(shapely.force_2d(shape)))
                codes.append(code)
        synthetic = synthetic or layer.synthetic
    if not areas or state.frame is None:
        raise UserError("facilities.no_communities")
    minor_classes = standard("component_codes/unit_grid")["grid"]["minor_classes"]
    roads, minor = [], []
    for _, frame in _frames(session, "roads"):
        lesser = frame["class"].isin(minor_classes) if "class" in frame.columns else np.zeros(len(frame), dtype=bool)
        roads += list(frame.geometry[~lesser])
        minor += list(frame.geometry[lesser])
    for role in ("parcels", "land"):
        minor += [
            shape.boundary for _, frame in _frames(session, role) for shape in frame.geometry if shape is not None
        ]
    houses = [shape for _, frame in _frames(session, "buildings") for shape in frame.geometry]
    return Inputs(_array(areas), codes, _array(roads), _array(minor), _array(houses), synthetic)


def make(given: Inputs, area_m2: float, progress: Progress) -> Made:
    """Make unit grids and check them; for a job thread."""
    options = GridOptions(area_m2)
    grids = make_unit_grids(
        given.areas, given.codes, given.roads, given.minor, given.buildings, options, progress.part(0.0, 0.8)
    )
    findings = check_unit_grids(grids, given.areas, given.codes, given.roads, given.buildings, options)
    progress.step(1.0)
    return Made(grids, findings, given.is_synthetic)


def add(session: Session, made: Made, *, set_bgid: bool = False) -> Layer:
    """Add unit grids as a layer and, if asked, their codes to the components that stand in them, as one step."""
    import geopandas as gpd
    import pandas as pd

    state = session.project.state
    assert state.frame is not None  # noqa: S101 - inputs() looked
    index = pd.RangeIndex(1, len(made.grids) + 1, name="fid")
    word = session.word
    found = made.findings[made.findings["oid"] >= 0].groupby("oid")["kind"].agg(
        lambda kinds: "、".join(word(f"grids.kind.{kind}") for kind in kinds)
    )  # fmt: skip
    table = made.grids.drop(columns=["shape", "note"]).assign(note=found.reindex(made.grids.index))
    frame = gpd.GeoDataFrame(
        table.set_axis(index), geometry=list(made.grids["shape"]), crs=state.frame.horizontal
    )  # fmt: skip
    layer_id = new_layer_id("unit_grids")
    layer = Layer(
        layer_id, said("grids.layer", "zh"), "vector", "other", Source(sublayer=layer_id, crs=state.frame.horizontal),
        synthetic=made.is_synthetic, name_en=said("grids.layer", "en"),
    )  # fmt: skip
    changes = _bgid_changes(session, made) if set_bgid else ()
    session.project.put_data(layer_id, VectorData(frame))

    def change(state: ProjectState) -> ProjectState:
        fresh = replace(
            state, edits=without_cells(state.edits, changes), column_changes=(*state.column_changes, *changes)
        )
        return fresh.with_layer(layer)

    session.history.do("history.unit_grids", change)
    return layer


def _bgid_changes(session: Session, made: Made) -> tuple[ColumnChange, ...]:
    """Return the column ``BGID`` of every layer of components; where no grid is, what stands there stays."""
    import pandas as pd
    import shapely

    changes = []
    for layer, frame in _frames(session, "facilities"):
        data = session.project.data_of(layer.id)
        assert isinstance(data, VectorData)  # noqa: S101 - _frames looked
        table = data.attributes
        found = pd.Series(grid_of(shapely.centroid(_array(list(frame.geometry))), made.grids), frame.index)
        before = table["BGID"] if "BGID" in table.columns else None
        held = pd.Series(None, table.index, dtype=object) if before is None else before.astype(object)
        after = found.reindex(table.index).fillna("")
        changes.append(ColumnChange(layer.id, "BGID", before, after.where(after != "", held).astype("str")))
    return tuple(changes)


def _frames(session: Session, role: str) -> list[tuple[Layer, Any]]:
    """Return the layers of a role with their tables in the project's CRS, those without shapes left out."""
    state = session.project.state
    found = []
    for layer in state.with_role(role):
        data = session.project.data.get(layer.id)
        if isinstance(data, VectorData) and state.frame is not None and hasattr(data.frame, "geometry"):
            frame: Any = data.frame
            frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
            found.append((layer, frame.to_crs(state.frame.horizontal) if frame.crs is not None else frame))
    return found


def _array(shapes: list[Any]) -> Any:
    import numpy as np
    import shapely

    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return shapely.force_2d(made) if len(made) else made
