"""Apply a layer's standing (its corrections) to data in memory; no file is read again.

Invariants
----------
1. Changing only the CRS copies no coordinate.
2. The data as it was read is not touched: a new object is returned, so that undo gives back the very same numbers.
3. Rasters and models are moved by an affine transform alone: what a step does is fitted, nothing is resampled or
   bent. Finer pieces of a raster are asked for through the steps themselves (:class:`models.terrain.pyramid.Restated`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution
from models.crs.doctor.levels import HEIGHT_FIELDS
from models.crs.doctor.steps import Step, apply, height_offset_m, in_plane, undo
from models.crs.doctor.verdict import Standing
from models.crs.frame import parse_crs

if TYPE_CHECKING:
    from models.layers.layer import CloudData, Layer, LayerData, ModelData, RasterData, VectorData

Array = NDArray[np.float64]

_GRID = 9
#: The whole of a raster as shown from afar lies off by more than one of its pixels; pieces from near do not.
_BENT = "crs_doctor.grid_bent"
#: Where ``info`` of moved data keeps its own transform or placement.
_UNMOVED = "unmoved"


def restated(data: LayerData, before: Standing | None, after: Standing | None) -> LayerData:
    """Return data that stands as ``before`` says, standing as ``after`` says.

    Parameters
    ----------
    data : LayerData
    before, after : Standing or None
        None: as read.
    """
    from models.layers.layer import CloudData, RasterData, VectorData

    if before == after:
        return data
    old = before.steps if before else ()
    new = after.steps if after else ()
    crs = after.crs if after else (before.read_crs if before else "")
    if isinstance(data, VectorData):
        return _vector(data, old, new, crs)
    if isinstance(data, RasterData):
        return _raster(data, old, new, crs)
    return _cloud(data, old, new, crs) if isinstance(data, CloudData) else _model(data, old, new, crs)


def crs_of(data: LayerData) -> str:
    """Return the CRS of data as it stands, empty for none."""
    return str(getattr(data, "crs", "") or "")


def read_crs_of(layer: Layer, data: LayerData) -> str:
    """Return the CRS in which a layer's data came, before any standing."""
    return layer.standing.read_crs if layer.standing is not None else crs_of(data)


def _move(old: Sequence[Step], new: Sequence[Step]) -> Any:
    """Return the function of points (n, 2) from one standing to the other, None where nothing moves."""
    was, will = in_plane(old), in_plane(new)
    if was == will:
        return None
    return lambda points: apply(will, undo(was, points))


def _vector(data: VectorData, old: Sequence[Step], new: Sequence[Step], crs: str) -> VectorData:
    from models.layers.layer import VectorData

    move, lift = _move(old, new), height_offset_m(new) - height_offset_m(old)
    features = getattr(data, "features", None)
    if features is not None:
        from models.geometry.feature_table import Features

        if move is None and not lift:
            moved = Features.__new__(Features)
            moved.__dict__.update(features.__dict__)  # the same columns, boxes and tree under another name
            moved.crs, moved._frame = crs, None
            return VectorData(cautions=list(data.cautions), features=moved)
        import pyarrow as pa
        import pyarrow.compute as pc
        import shapely

        shapes = _shapes(shapely.from_wkb(features.wkb.to_numpy(zero_copy_only=False)), move, lift)
        column = pa.array(shapely.to_wkb(shapes), pa.large_binary())
        at = features.table.column_names.index("geometry")
        table = features.table.set_column(at, "geometry", column)
        for name in _lifted_fields(table.column_names) if lift else ():
            if pa.types.is_floating(table.schema.field(name).type):
                at = table.column_names.index(name)
                table = table.set_column(at, name, pc.add(table.column(name), pa.scalar(lift)))
        return VectorData(cautions=list(data.cautions), features=Features(table, features.fids, crs))
    frame: Any = data.frame
    if getattr(frame, "geometry", None) is None:
        return data
    if move is None and not lift:
        return VectorData(frame.set_crs(crs, allow_override=True) if crs else _nowhere(frame), list(data.cautions))
    shapes = _shapes(np.asarray(frame.geometry.array, dtype=object), move, lift)
    raised = {
        name: frame[name] + lift for name in (_lifted_fields(frame.columns) if lift else ())
        if frame[name].dtype.kind == "f"
    }  # fmt: skip
    moved_frame = frame.assign(**{frame.geometry.name: shapes, **raised})
    return VectorData(moved_frame.set_geometry(frame.geometry.name, crs=crs or None), list(data.cautions))


def _lifted_fields(names: Iterable[Any]) -> list[str]:
    """Return which columns hold heights above the datum, which go up and down with the geometry."""
    return [str(name) for name in names if name in HEIGHT_FIELDS]


def _nowhere(frame: Any) -> Any:
    return frame.set_crs(None, allow_override=True)


def _shapes(shapes: NDArray[Any], move: Any, lift: float) -> NDArray[Any]:
    import shapely

    if move is not None:  # heights stay as they are
        coordinates = shapely.get_coordinates(shapes)
        moved = move(coordinates)
        has_z = shapely.has_z(shapes)
        if has_z.any():
            high = shapely.get_coordinates(shapes, include_z=True)
            high[:, :2] = moved
            result = shapes.copy()
            counts = shapely.get_num_coordinates(shapes)
            in_z = np.repeat(has_z, counts)
            result[has_z] = shapely.set_coordinates(shapes[has_z].copy(), high[in_z])
            result[~has_z] = shapely.set_coordinates(shapes[~has_z].copy(), moved[~in_z])
            shapes = result
        else:
            shapes = shapely.set_coordinates(shapes.copy(), moved)
    if lift:
        has_z = shapely.has_z(shapes)
        shapes = shapes.copy()
        shapes[has_z] = shapely.transform(shapes[has_z], lambda p: p + np.array([0.0, 0.0, lift]), include_z=True)
    return shapes


def _raster(data: RasterData, old: Sequence[Step], new: Sequence[Step], crs: str) -> RasterData:
    lift, steps = height_offset_m(new) - height_offset_m(old), in_plane(new)
    values = data.values + np.float32(lift) if lift and data.values.ndim == 2 else data.values
    cautions = [one for one in data.cautions if one.code != _BENT]
    # The file's own transform is kept: undoing what was only fitted would not lead back to it.
    own = tuple(data.info.get(_UNMOVED, data.transform))
    info = {key: value for key, value in data.info.items() if key != _UNMOVED}
    if not steps:
        return replace(data, values=values, transform=own, crs=crs, cautions=cautions, info=info)
    transform, miss = moved_affine(own, data.values.shape[:2], lambda points: apply(steps, points))
    pixel = math.sqrt(abs(transform[0] * transform[4] - transform[1] * transform[3]))
    if pixel > 0 and miss > pixel:
        metres = miss * 111_195.0 if parse_crs(crs).is_geographic else miss
        cautions.append(Caution(_BENT, metres=round(metres, 1), pixels=round(miss / pixel, 1)))
    return replace(
        data, values=values, transform=transform, crs=crs, cautions=cautions, info={**info, _UNMOVED: own}
    )  # fmt: skip


def moved_affine(
    transform: tuple[float, float, float, float, float, float], shape: tuple[int, ...], move: Any
) -> tuple[tuple[float, float, float, float, float, float], float]:
    """Return the affine transform that comes nearest to moving a grid, and its largest miss in units of the CRS."""
    a, b, c, d, e, f = transform
    rows, columns = shape[:2]
    i, j = (g.ravel() for g in np.meshgrid(np.linspace(0, columns, _GRID), np.linspace(0, rows, _GRID)))
    wanted = move(np.column_stack([a * i + b * j + c, d * i + e * j + f]))
    middle = np.array([i.mean(), j.mean()])
    design = np.column_stack([i - middle[0], j - middle[1], np.ones_like(i)])
    (a, b, c), (d, e, f) = np.linalg.lstsq(design, wanted, rcond=None)[0].T
    miss = float(np.abs(design @ np.array([[a, d], [b, e], [c, f]]) - wanted).max())
    c, f = c - a * middle[0] - b * middle[1], f - d * middle[0] - e * middle[1]
    return (float(a), float(b), float(c), float(d), float(e), float(f)), miss


def _cloud(data: CloudData, old: Sequence[Step], new: Sequence[Step], crs: str) -> CloudData:
    move, lift = _move(old, new), height_offset_m(new) - height_offset_m(old)
    if move is None and not lift:
        return replace(data, crs=crs)
    world = data.points.astype(np.float64) + data.offset
    if move is not None:
        world[:, :2] = move(world[:, :2])
    world[:, 2] += lift
    offset = np.floor(world.min(axis=0))
    return replace(data, points=(world - offset).astype(np.float32), offset=offset, crs=crs)


def _model(data: ModelData, old: Sequence[Step], new: Sequence[Step], crs: str) -> ModelData:
    """Move a city model as a whole, by the affine transform of its plan that comes nearest to the steps.

    One that stated no place was stood on the project's origin when it came; its own numbers are kept in
    ``info["as_read"]`` and count again.
    """
    lift, steps = height_offset_m(new), in_plane(new)
    stated = data.info.get(_UNMOVED, data.placement if data.info.get("as_read") is None else data.info["as_read"])
    placement = np.array(stated, dtype=np.float64)
    info = {key: value for key, value in data.info.items() if key != _UNMOVED}
    if new or (crs and data.info.get("georef") == "none"):
        info[_UNMOVED] = [[float(v) for v in row] for row in placement]
    box = data.meshes.bounds()
    if steps and box is not None:
        x, y = (g.ravel() for g in np.meshgrid(*np.linspace(box[0, :2], box[1, :2], _GRID).T))
        plan = np.column_stack([x, y, np.full_like(x, box[0, 2]), np.ones_like(x)]) @ placement.T
        there = apply(steps, plan[:, :2])
        middle, aim = plan[:, :2].mean(axis=0), there.mean(axis=0)  # about both middles, or millions eat the digits
        fit = np.linalg.lstsq(plan[:, :2] - middle, there - aim, rcond=None)[0]
        change = np.eye(4)
        change[:2, :2] = fit.T
        change[:2, 3] = aim - fit.T @ middle
        placement = change @ placement
    placement[2, 3] += lift
    georef = "crs" if crs else "none"
    return replace(data, placement=placement, crs=crs, info={**info, "georef": georef})
