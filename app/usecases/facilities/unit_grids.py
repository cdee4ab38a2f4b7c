"""Unit grids of a project: made from its communities, roads, land and buildings, added as a layer, set as ``BGID``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from models.core.errors import UserError
from models.core.progress import Progress
from models.facilities.coding.unit_grids import GridOptions, check_unit_grids, grid_of, make_unit_grids
from models.layers.layer import Layer, Source, Style, VectorData, new_layer_id
from models.project.column_changes import ColumnChange, without_cells
from models.project.selection import ObjectKey
from models.style.kinds import Class, Symbology
from resources.standards import standard
from resources.words import word as said

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from app.session import Session
    from models.project.project import ProjectState


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What unit grids are made from, in the project's CRS: arrays of geometries, the areas with codes and keys."""

    areas: Any
    codes: list[str]
    keys: list[ObjectKey]
    roads: Any
    minor: Any
    buildings: Any
    is_synthetic: bool


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Unit grids, what their check found (see :mod:`models.facilities.coding.unit_grids`), and columns of BGID."""

    given: Inputs
    grids: pd.DataFrame
    findings: pd.DataFrame
    bgid: tuple[ColumnChange, ...]


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
    areas, codes, keys, synthetic = [], [], [], False
    for layer, frame in frames_of(session, "communities"):
        if "code" not in frame.columns:
            continue
        told = texts(frame["code"]).tolist()
        for oid, shape, code in zip(frame.index, frame.geometry, told, strict=True):
            if shape is not None and len(code) == 12 and shapely.get_dimensions(shape) == 2:
                areas.append(shapely.make_valid(shapely.force_2d(shape)))
                codes.append(code)
                keys.append(ObjectKey(layer.id, int(oid)))
        synthetic = synthetic or layer.synthetic
    if not areas or state.frame is None:
        raise UserError("facilities.no_communities")
    minor_classes = standard("component_codes/unit_grid")["grid"]["minor_classes"]
    roads, minor = [], []
    for _, frame in frames_of(session, "roads"):
        lesser = frame["class"].isin(minor_classes) if "class" in frame.columns else np.zeros(len(frame), dtype=bool)
        roads += list(frame.geometry[~lesser])
        minor += list(frame.geometry[lesser])
    for role in ("parcels", "land"):
        minor += [
            shape.boundary for _, frame in frames_of(session, role) for shape in frame.geometry if shape is not None
        ]
    houses = [shape for _, frame in frames_of(session, "buildings") for shape in frame.geometry]
    return Inputs(geometries(areas), codes, keys, geometries(roads), geometries(minor), geometries(houses), synthetic)


def make(session: Session, area_m2: float, progress: Progress, *, set_bgid: bool = False) -> Made:
    """Make unit grids and check them; for a job thread, nothing is changed.

    Raises
    ------
    UserError
        Those of :func:`inputs` and :func:`models.facilities.coding.unit_grids.make_unit_grids`.
    """
    given = inputs(session)
    options = GridOptions(area_m2)
    grids = make_unit_grids(
        given.areas, given.codes, given.roads, given.minor, given.buildings, options, progress.part(0.0, 0.8)
    )
    findings = check_unit_grids(grids, given.areas, given.codes, given.roads, given.buildings, options)
    progress.step(0.95)
    bgid = _bgid_changes(session, grids) if set_bgid else ()
    progress.step(1.0)
    return Made(given, grids, findings, bgid)


def check(session: Session, layer_id: str, progress: Progress) -> pd.DataFrame:
    """Check a layer of unit grids, made here or elsewhere; for a job thread. Returns what :func:`places` does.

    Raises
    ------
    UserError
        Those of :func:`inputs`; ``project.no_layer``.
    """
    import pandas as pd
    import shapely

    from models.facilities.coding.codes import texts

    layer = session.project.state.layer(layer_id)
    progress.step(0.0, "progress.check_grids")
    given = inputs(session)
    frame = next(frame for one, frame in frames_of(session, layer.role) if one.id == layer_id)
    shapes = shapely.make_valid(geometries(list(frame.geometry)))
    grids = pd.DataFrame({"code": texts(frame["code"]), "shape": shapes}, index=frame.index)
    options = GridOptions(standard("component_codes/unit_grid")["grid"]["area_m2"])
    found = check_unit_grids(grids, given.areas, given.codes, given.roads, given.buildings, options)
    progress.step(1.0)
    return _placed(found, layer_id, given)


def add(session: Session, made: Made) -> Layer:
    """Add unit grids as a layer, and their codes to the components that stand in them, as one step."""
    import geopandas as gpd
    import pandas as pd

    state = session.project.state
    assert state.frame is not None  # noqa: S101 - inputs() looked
    index = pd.RangeIndex(1, len(made.grids) + 1, name="fid")
    word = session.word
    found = made.findings[made.findings["oid"] >= 0].groupby("oid")["kind"].agg(
        lambda kinds: word("grids.and").join(word(f"grids.kind.{kind}") for kind in kinds)
    )  # fmt: skip
    table = made.grids.drop(columns=["shape", "note"]).assign(note=found.reindex(made.grids.index))
    frame = gpd.GeoDataFrame(
        table.set_axis(index), geometry=list(made.grids["shape"]), crs=state.frame.horizontal
    )  # fmt: skip
    return add_grid_layer(session, "unit_grids", "grids.layer", frame, made.bgid, "history.unit_grids",
                          synthetic=made.given.is_synthetic)  # fmt: skip


def add_grid_layer(
    session: Session, kind: str, title: str, frame: gpd.GeoDataFrame, changes: tuple[ColumnChange, ...], step: str, *,
    synthetic: bool,
) -> Layer:  # fmt: skip
    """Add a layer of grids (``"unit_grids"``, ``"responsibility_grids"``) and columns in other layers as one step."""
    layer_id = new_layer_id(kind)
    look = standard("component_codes/unit_grid")["style"][kind]
    symbology = Symbology(
        classes=(Class(look["colour"], opacity=look["opacity"]),), outline=look["colour"], outline_px=look["outline_px"]
    )  # fmt: skip
    layer = Layer(layer_id, said(title, "zh"), "vector", "other", Source(sublayer=layer_id, crs=str(frame.crs)),
                  Style(colour=look["colour"], opacity=1.0, symbology=symbology), synthetic=synthetic,
                  name_en=said(title, "en"))  # fmt: skip
    session.project.put_data(layer_id, VectorData(frame))

    def change(state: ProjectState) -> ProjectState:
        fresh = replace(
            state, edits=without_cells(state.edits, changes), column_changes=(*state.column_changes, *changes)
        )
        return fresh.with_layer(layer)

    session.history.do(step, change)
    return layer


def places(layer: Layer, made: Made) -> pd.DataFrame:
    """Return what the check found with the object of each: ``code``, ``kind``, ``value``, ``layer`` and ``oid``."""
    found = made.findings
    of_grid = found["oid"] >= 0
    return _placed(found.assign(oid=found["oid"].where(~of_grid, found["oid"] + 1)), layer.id, made.given)


def _placed(found: pd.DataFrame, layer_id: str, given: Inputs) -> pd.DataFrame:
    areas = dict(zip(given.codes, given.keys, strict=True))
    keys = [
        ObjectKey(layer_id, int(oid)) if oid >= 0 else areas[code]
        for oid, code in zip(found["oid"], found["code"], strict=True)
    ]
    return found.assign(layer=[key.layer for key in keys], oid=[key.oid for key in keys])


def _bgid_changes(session: Session, grids: pd.DataFrame) -> tuple[ColumnChange, ...]:
    """Return the column ``BGID`` of every layer of components; where no grid is, what stands there stays."""
    import pandas as pd
    import shapely

    changes = []
    for layer, frame in frames_of(session, "facilities"):
        data = session.project.data_of(layer.id)
        assert isinstance(data, VectorData)  # noqa: S101 - frames_of looked
        table = data.attributes
        found = pd.Series(grid_of(shapely.centroid(geometries(list(frame.geometry))), grids), frame.index)
        before = table["BGID"] if "BGID" in table.columns else None
        held = pd.Series(None, table.index, dtype=object) if before is None else before.astype(object)
        after = found.reindex(table.index).fillna("")
        changes.append(ColumnChange(layer.id, "BGID", before, after.where(after != "", held).astype("str")))
    return tuple(changes)


def frames_of(session: Session, role: str) -> list[tuple[Layer, Any]]:
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


def geometries(shapes: list[Any]) -> Any:
    """Return shapes as an array, without heights."""
    import numpy as np
    import shapely

    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return shapely.force_2d(made) if len(made) else made
