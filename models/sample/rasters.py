"""Two rasters: the ground as a GeoTIFF, and a painted picture of the land to drape over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from shapely import LineString
from shapely.ops import substring

from models.sample.city import CENTRE, CRS, HALF_M, MARGIN_M, City, Terrain
from models.sample.terrain import gaussian_noise

PIXEL_M = 1.0
Colour = tuple[int, int, int]

LAND_COLOURS: dict[str, Colour] = {
    "residential": (176, 187, 142),
    "commercial": (206, 202, 196),
    "industrial": (193, 193, 192),
    "education": (208, 202, 178),
    "medical": (207, 203, 193),
    "park": (143, 172, 107),
    "farmland": (184, 190, 128),
    "plaza": (214, 205, 190),
    "road_green": (146, 172, 112),
    "hill": (101, 134, 80),
    "construction": (190, 168, 132),
    "old_quarter": (190, 180, 163),
}
FIELD_COLOURS: tuple[Colour, ...] = (
    (176, 186, 116),
    (150, 174, 98),
    (201, 194, 138),
    (162, 181, 120),
    (190, 178, 128),
    (136, 166, 98),
)
GREEN_COLOURS: dict[str, Colour] = {
    "park": (140, 172, 103),
    "gated_green": (139, 171, 106),
    "roadside": (146, 173, 110),
    "hill": (99, 132, 79),
    "activity_ground": (150, 175, 115),
}
GROUND: Colour = (170, 183, 128)
WATER: Colour = (112, 153, 168)
BANK: Colour = (196, 190, 178)
PAVEMENT: Colour = (203, 198, 189)
ROADS: dict[str, Colour] = {
    "expressway": (126, 127, 131),
    "arterial": (134, 135, 138),
    "sub_arterial": (140, 141, 143),
    "branch": (147, 147, 148),
    "lane": (178, 174, 166),
}


def write_dem(terrain: Terrain, path: Path) -> None:
    """Write the ground: float32, EPSG:4548, heights in the 1985 datum."""
    import rasterio
    from rasterio.transform import Affine

    values = terrain.values
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype="float32",
        crs=CRS,
        transform=Affine(*terrain.transform),
        nodata=-9999.0,
        compress="deflate",
        predictor=3,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        zlevel=6,
    ) as file:
        file.write(values, 1)
        file.set_band_description(1, "height_m")
        file.update_tags(VERTICAL_DATUM="EPSG:5737", SYNTHETIC="YES")


def write_image(city: City, path: Path) -> None:
    """Write the painted land: 1 m pixels, RGB, EPSG:4548."""
    import rasterio
    from rasterio.transform import Affine

    picture = paint(city)
    reach = HALF_M + MARGIN_M
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=picture.shape[1],
        height=picture.shape[0],
        count=3,
        dtype="uint8",
        crs=CRS,
        transform=Affine(PIXEL_M, 0, CENTRE[0] - reach, 0, -PIXEL_M, CENTRE[1] + reach),
        photometric="YCBCR",
        compress="jpeg",
        jpeg_quality=88,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        interleave="pixel",
    ) as file:
        file.write(np.moveaxis(picture, 2, 0))
        file.update_tags(SYNTHETIC="YES")


def paint(city: City) -> NDArray[np.uint8]:
    """Return the picture, shape (rows, cols, 3)."""
    reach = HALF_M + MARGIN_M
    size = int(2 * reach / PIXEL_M)
    rng = city.rng("image")
    palette: list[Colour] = [GROUND]
    shapes: list[tuple[Any, int]] = []

    def lay(geometries: Any, colour: Colour) -> None:
        palette.append(colour)
        shapes.extend((g, len(palette) - 1) for g in geometries if g is not None and not g.is_empty)

    roads, land, green = city.roads, city.land, city.green
    at_grade = roads[(roads["class"] != "lane") & (roads["elevated_m"] == 0)]
    # Pavement and roadside green lie under everything else that is built.
    wide = shapely.buffer(at_grade.geometry.to_numpy(), at_grade["width_m"].to_numpy() / 2 + 9.0, quad_segs=4)
    lay(wide, (168, 184, 134))
    for use, colour in LAND_COLOURS.items():
        part = land[land["use"] == use].geometry
        if use == "farmland":
            pick = rng.integers(0, len(FIELD_COLOURS), len(part))
            for i, field in enumerate(FIELD_COLOURS):
                lay(part[pick == i], field)
        elif use not in ("education", "medical", "plaza"):
            lay(part, colour)
    for use in ("education", "medical", "plaza"):
        lay(land[land["use"] == use].geometry, LAND_COLOURS[use])
    for kind, colour in GREEN_COLOURS.items():
        lay(green[green["kind"] == kind].geometry, colour)
    houses = city.buildings
    lay(shapely.buffer(houses.geometry.to_numpy(), 3.4, quad_segs=2), (199, 197, 187))
    river = city.water[city.water["kind"] == "river"].geometry
    lay(river.buffer(9.0), BANK)
    walks = city.footways
    lay(shapely.buffer(walks.geometry.to_numpy(), walks["width_m"].to_numpy() / 2 + 0.2, cap_style="flat"), PAVEMENT)
    lanes = roads[roads["class"] == "lane"]
    lay(shapely.buffer(lanes.geometry.to_numpy(), lanes["width_m"].to_numpy() / 2), ROADS["lane"])
    sites = city.amenities
    lay(sites[sites["kind"] == "running_track"].geometry, (183, 104, 80))
    lay(sites[sites["kind"] == "football_pitch"].geometry, (108, 158, 84))
    lay(city.water.geometry, WATER)
    for name in ("branch", "sub_arterial", "arterial", "expressway"):
        chosen = at_grade[at_grade["class"] == name]
        lay(shapely.buffer(chosen.geometry.to_numpy(), chosen["width_m"].to_numpy() / 2, quad_segs=4), ROADS[name])
    marks = _marks(at_grade)
    lay(marks, (214, 213, 206))

    return _textured(np.asarray(palette, dtype=np.float32)[_burn(shapes, size, reach)], rng)


def _marks(roads: Any) -> list[Any]:
    """Return the painted lines: the middle of two-way roads, and dashes between lanes."""
    out = []
    for line, width, lanes, name in zip(roads.geometry, roads["width_m"], roads["lanes"], roads["class"], strict=True):
        short = line.length
        if short < 40 or name == "expressway":
            continue
        inner = substring(line, 18.0, short - 18.0)
        if lanes >= 4:
            out.append(inner.buffer(0.5, cap_style="flat"))
        step = width / (lanes + (1 if lanes >= 4 else 0))
        offsets = [0.0] if lanes < 4 else [s * k * step for s in (1, -1) for k in range(1, lanes // 2)]
        for offset in offsets:
            base = inner.offset_curve(offset) if offset else inner
            if not isinstance(base, LineString):
                continue
            for at in np.arange(0.0, base.length - 5.0, 14.0):
                out.append(substring(base, at, at + 5.0).buffer(0.3, cap_style="flat"))
    return out


def _burn(shapes: list[tuple[Any, int]], size: int, reach: float) -> NDArray[np.uint8]:
    """Return the palette index of every pixel."""
    from rasterio.features import rasterize
    from rasterio.transform import Affine

    transform = Affine(PIXEL_M, 0, CENTRE[0] - reach, 0, -PIXEL_M, CENTRE[1] + reach)
    return np.asarray(rasterize(shapes, out_shape=(size, size), transform=transform, fill=0, dtype="uint8"))


def _textured(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Soften edges a little and give grass, woods and earth a grain, as a photograph has."""
    greenness = np.clip((picture[..., 1] - picture[..., 2]) / 50.0, 0.0, 1.0)
    soft = gaussian_filter(picture, (0.55, 0.55, 0))
    size = picture.shape[0]
    fine = rng.standard_normal((size, size), dtype=np.float32)
    clumps = gaussian_filter(fine, 2.2)
    clumps /= max(float(clumps.std()), 1e-6)
    broad = gaussian_noise(rng, (size, size), 60).astype(np.float32)
    grain = greenness * (5.5 * clumps + 9.0 * broad) + (1.0 - greenness) * (1.1 * fine + 3.0 * broad)
    tint = np.asarray([1.0, 0.92, 0.72], dtype=np.float32)
    return np.asarray(np.clip(soft + grain[..., None] * tint, 0, 255).astype(np.uint8))
