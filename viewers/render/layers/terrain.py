"""The ground: a smooth mesh from a terrain raster with a surrounding plain, and images draped over it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.crs.frame import transformer
from models.io.raster.layer_pyramid import pyramid_of
from models.layers.layer import Layer, LayerData, RasterData
from models.terrain.raster_display import Display, colourise, limits, ramp_colours, ramp_of, statistics
from viewers.render.geometry.drape_tiles import Drape
from viewers.render.geometry.draping import solid_colours
from viewers.render.geometry.lattice import Lattice, cells_between, lattice_of, terrain_box
from viewers.render.geometry.parts import MeshPart, Prepared
from viewers.render.palette.context import PrepareContext

if TYPE_CHECKING:
    from models.terrain.pyramid import Pyramid

Floats = NDArray[np.float64]

#: How far the ground runs out beyond the raster, and where it has become level, metres.
APRON_M, LEVEL_M = 40_000.0, 2_500.0
#: How far a base map reaches from the origin of the project, metres.
BASEMAP_M = 40_000.0
#: Side of the repeating pattern of fields, metres.
FIELD_TILE_M = 1_600.0

#: A lattice coarser than this shows a landscape, not a city's ground; it is shaded as a relief map, whose 95th
#: percentile of slope is raised to ``RELIEF_SLOPE``, but by no more than ``RELIEF_MOST`` times.
COARSE_M, RELIEF_SLOPE, RELIEF_MOST = 8.0, 0.6, 6.0


def make(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Draw the terrain on the project's lattice, with an apron of ever larger cells around it."""
    if not isinstance(data, RasterData) or data.values.ndim != 2:
        return Prepared()
    from models.terrain.ground import Ground

    if any(data is finer for finer in context.ground.finer):
        return Prepared()  # drawn with the coarsest one, whose holes and surroundings it fills
    if context.ground.terrain is not data:
        finite = data.values[np.isfinite(data.values)]
        base = float(np.median(finite)) if finite.size else context.ground.base_m
        context = PrepareContext(context.frame, Ground(data, context.frame.horizontal, base), context.palette)
    box = terrain_box(context)
    if box is None:
        return Prepared()
    lattice = lattice_of(context)
    step = lattice.step_m
    low, high = np.ceil(box[0] / step).astype(int), np.floor(box[1] / step).astype(int)
    if (high - low < 1).any():
        return Prepared()
    cells = cells_between(lattice, low, high)
    points, faces = lattice.quads(cells)
    x, y = points[:, 0], points[:, 1]
    colour = context.rgb(layer.style.colour or "ground")
    colours = _shaded(colour, context.rgb("land.hill"), lattice, x, y, faces)
    if step > COARSE_M:
        colours[:, :3] = _relief(colours[:, :3], points, faces)
    middle = points[faces][..., :2].mean(axis=1) + context.frame.origin[:2]
    colours[~context.ground.is_known(middle[:, 0], middle[:, 1]), :3] = colour  # nobody measured here
    apron_points, apron_faces = _apron(lattice, low, high)
    far = lattice.normals(apron_points[:, 0], apron_points[:, 1])
    outside = ((apron_points[:, :2] < box[0] - 100.0) | (apron_points[:, :2] > box[1] + 100.0)).any(axis=1)
    far[outside] = (0.0, 0.0, 1.0)
    ground = MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.full(len(faces), -1, dtype=np.int32), colours,
        normals=lattice.normals(x, y), opacity=layer.style.opacity,
    )  # fmt: skip
    apron = MeshPart(
        apron_points.astype(np.float32), apron_faces.astype(np.int32), np.full(len(apron_faces), -1, dtype=np.int32),
        solid_colours(len(apron_faces), colour), normals=far, texture="ground_fields",
        uv=(apron_points[:, :2] / FIELD_TILE_M).astype(np.float32),
    )  # fmt: skip
    return Prepared([ground, apron], np.stack([points.min(axis=0), points.max(axis=0)]))


def make_image(layer: Layer, data: LayerData, context: PrepareContext) -> Prepared:
    """Drape an image or a coloured surface over the ground, on the lattice of the terrain; finer pieces come later."""
    if not isinstance(data, RasterData):
        return Prepared()
    pyramid = pyramid_of(layer, data)
    if data.info.get("basemap"):
        return Prepared([], np.full((2, 3), np.nan), stream=_basemap(layer, pyramid, context))
    data = in_colours(layer, data)
    rows, columns = data.values.shape[:2]
    a, b, c, d, e, f = data.transform
    lattice = lattice_of(context)
    step = lattice.step_m
    col, row = np.meshgrid(np.linspace(0, columns, 17), np.linspace(0, rows, 17))
    x, y = a * col + b * row + c, d * col + e * row + f
    if data.crs and data.crs != context.frame.horizontal:
        x, y = transformer(data.crs, context.frame.horizontal).transform(x, y)
    origin = context.frame.origin
    x, y = x - origin[0], y - origin[1]
    extent = max(float(np.ptp(x)), float(np.ptp(y)))
    if not np.isfinite(extent) or extent <= 0:
        return Prepared()
    if context.ground.terrain is None or extent / step > 900:
        step = extent / 200.0
        lattice = Lattice(context, step)
    low = np.array([np.floor(x.min() / step), np.floor(y.min() / step)]).astype(np.int64)
    high = np.array([np.ceil(x.max() / step), np.ceil(y.max() / step)]).astype(np.int64)
    flat, faces = lattice.plane(cells_between(lattice, low, high))
    gx, gy = flat[:, 0], flat[:, 1]
    wx, wy = gx + origin[0], gy + origin[1]
    if data.crs and data.crs != context.frame.horizontal:
        wx, wy = transformer(context.frame.horizontal, data.crs).transform(wx, wy)
    determinant = a * e - b * d
    u = (e * (wx - c) - b * (wy - f)) / determinant / columns
    v = (-d * (wx - c) + a * (wy - f)) / determinant / rows
    outside = (u < -1e-6) | (u > 1 + 1e-6) | (v < -1e-6) | (v > 1 + 1e-6)
    margin = outside[faces].all(axis=1)
    faces = faces[~margin]
    if not len(faces):
        return Prepared()
    # Nodes that stick out are pulled to the image's edge, so that its border is its own and not the lattice's.
    cu, cv = np.clip(u, 0, 1), np.clip(v, 0, 1)
    ex, ey = a * cu * columns + b * cv * rows + c, d * cu * columns + e * cv * rows + f
    if data.crs and data.crs != context.frame.horizontal:
        ex, ey = transformer(data.crs, context.frame.horizontal).transform(ex, ey)
    px = np.where(outside, np.asarray(ex) - origin[0], gx)
    py = np.where(outside, np.asarray(ey) - origin[1], gy)
    points = np.column_stack([px, py, lattice.height(px, py) + 0.02])
    image = _shrunk(data.values)[::-1]
    part = MeshPart(
        points.astype(np.float32), faces.astype(np.int32), np.full(len(faces), -1, dtype=np.int32),
        np.full((len(faces), 4), 255, dtype=np.uint8), uv=np.column_stack([cu, 1.0 - cv]).astype(np.float32),
        image=np.ascontiguousarray(image), normals=lattice.normals(px, py), opacity=layer.style.opacity, offset=0.5,
    )  # fmt: skip
    used = points[np.unique(faces)]
    bounds = np.stack([used.min(axis=0), used.max(axis=0)]).astype(np.float64)
    if pyramid is None:
        return Prepared([part], bounds)
    whole = not data.info.get("sampled") or bool(data.info.get("reduced"))
    drape = Drape(pyramid, lattice, bounds[:, :2], layer.style.opacity, 0.6, whole)
    return Prepared([part], bounds, stream=drape)


def in_colours(layer: Layer, data: RasterData) -> RasterData:
    """Return the colours of a surface's values, or of an image as its display says now."""
    display = Display.of(layer.source.options)
    if data.values.ndim == 2:
        ramp = ramp_colours(ramp_of(display, "surface"), display.reverse)
        alpha = np.where(np.isfinite(data.values), 255, 0).astype(np.uint8)
        rgba = colourise(np.asarray(data.values)[None], alpha, [surface_limits(display, data)], ramp)
        return replace(data, values=rgba if not alpha.all() else np.ascontiguousarray(rgba[..., :3]))
    if layer.kind == "image" and display.as_text() != data.info.get("display", ""):
        from models.io.raster.reader import recoloured

        return recoloured(layer, data)
    return data


def surface_limits(display: Display, data: RasterData) -> tuple[float, float]:
    """Return the values of the first and the last colour of a surface."""
    stats = data.info.get("stats") or []
    band = (display.bands or (1,))[0]
    known = stats[band - 1] if 0 < band <= len(stats) else statistics(data.values, np.isfinite(data.values))
    return limits(display, known, is_byte=False)


def _basemap(layer: Layer, pyramid: Pyramid | None, context: PrepareContext) -> Drape | None:
    """Return the pieces of a base map, around the origin of the project."""
    if pyramid is None:
        return None
    reach = np.array([BASEMAP_M, BASEMAP_M])
    return Drape(pyramid, lattice_of(context), np.stack([-reach, reach]), layer.style.opacity, 0.3, False)


def _shaded(
    colour: tuple[int, int, int], hill: tuple[int, int, int], lattice: Lattice, x: Floats, y: Floats,
    faces: NDArray[Any],
) -> NDArray[np.uint8]:  # fmt: skip
    """Return face colours: steep ground turns green-brown."""
    around = [lattice.normals(x + dx, y + dy)[:, 2] for dx in (-12.0, 12.0) for dy in (-12.0, 12.0)]
    slope = 1.0 - np.mean(around, axis=0)
    share = np.clip((slope - 0.01) / 0.08, 0.0, 0.8)[:, None]
    mixed = np.array(colour, dtype=np.float64) * (1 - share) + np.array(hill, dtype=np.float64) * share
    rgba = np.full((len(faces), 4), 255, dtype=np.uint8)
    rgba[:, :3] = mixed[faces].mean(axis=1)
    return rgba


def _relief(rgb: NDArray[np.uint8], points: Floats, faces: NDArray[Any]) -> NDArray[np.uint8]:
    """Return face colours with the light and shade of a relief map: seen from afar, real slopes hardly catch light."""
    a, b, c = (points[faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    slope = -normal[:, :2] / np.maximum(np.abs(normal[:, 2:]), 1e-9) * np.sign(normal[:, 2:])
    steep = float(np.percentile(np.hypot(slope[:, 0], slope[:, 1]), 95))
    exaggeration = float(np.clip(RELIEF_SLOPE / max(steep, 1e-6), 1.0, RELIEF_MOST))
    # Light from the north-west, as on every map.
    lit = (slope @ np.array([np.sqrt(0.5), -np.sqrt(0.5)])) * exaggeration
    factor = 1.0 + 0.35 * lit / np.sqrt(1.0 + lit * lit)
    shaded: NDArray[np.uint8] = np.clip(rgb * factor[:, None], 0, 255).astype(np.uint8)
    return shaded


def _apron(lattice: Lattice, low: NDArray[Any], high: NDArray[Any]) -> tuple[Floats, NDArray[np.int64]]:
    """Return rings of ground around the mesh, whose heights sink to their mean and whose cells grow with distance."""
    low, high = low + 1, high - 1  # a little under the mesh, so that coarse cells leave no crack at its fine border
    i, j = np.arange(low[0], high[0], 8), np.arange(low[1], high[1], 8)
    ring = np.concatenate([
        np.column_stack([i, np.full(len(i), low[1])]), np.column_stack([np.full(len(j), high[0]), j]),
        np.column_stack([i[::-1] + 1, np.full(len(i), high[1])]),
        np.column_stack([np.full(len(j), low[0]), j[::-1] + 1]),
    ])  # fmt: skip
    border = np.column_stack([ring * lattice.step_m, lattice.z(ring[:, 0], ring[:, 1]) - 0.3])
    x, y = border[:, 0], border[:, 1]
    centre = np.array([(x.min() + x.max()) / 2, (y.min() + y.max()) / 2])
    level = float(np.percentile(border[:, 2], 30))
    away = border[:, :2] - centre
    length = np.hypot(away[:, 0], away[:, 1])[:, None]
    out = away / length
    rings = [border]
    for distance in (40.0, 120.0, 300.0, 700.0, 1400.0, LEVEL_M, 6_000.0, APRON_M):
        share = min(distance / LEVEL_M, 1.0)
        share = share * share * (3 - 2 * share)
        height = border[:, 2] * (1 - share) + level * share
        rings.append(np.column_stack([border[:, :2] + out * distance, height]))
    points = np.concatenate(rings)
    n = len(border)
    near = np.arange(n)
    after = (near + 1) % n
    faces = [
        np.stack([near + k * n, near + (k + 1) * n, after + (k + 1) * n, near + k * n, after + (k + 1) * n,
                  after + k * n],
                 axis=1).reshape(-1, 3)
        for k in range(len(rings) - 1)
    ]  # fmt: skip
    return points, np.concatenate(faces)


def _shrunk(image: NDArray[np.uint8], most: int = 4096) -> NDArray[np.uint8]:
    """Return an image of at most ``most`` pixels a side, by leaving out rows and columns."""
    step = int(np.ceil(max(image.shape[:2]) / most))
    return image[::step, ::step] if step > 1 else image
