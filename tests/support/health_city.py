"""Two sub-districts, a long parcel and a park: a city whose figures are worked out by hand."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
from shapely import box
from shapely.affinity import translate

from models.crs.frame import Frame
from models.health.profile import CityProfile
from models.health.results import IndicatorResult
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState

E0, N0 = 502_000.0, 4_059_000.0
CRS = "EPSG:4548"


def at(shape, dx=0.0, dy=0.0):
    return translate(shape, E0 + dx, N0 + dy)


def layer_of(role: str, shapes, crs=CRS, **columns) -> tuple[Layer, VectorData]:
    index = pd.RangeIndex(1, len(shapes) + 1, name="fid")
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)
    edition = "cjt214_2007" if role == "facilities" else ""
    return Layer(role, role, "vector", role, code_edition=edition), VectorData(frame)


def districts():
    """Return two districts of 1 km² side by side: A west, B east."""
    shapes = [at(box(0, 0, 1000, 1000)), at(box(1000, 0, 2000, 1000))]
    return layer_of("districts", shapes, code=["A", "B"], name=["甲街道", "乙街道"], name_en=["East", "West"])


def built_up(shape=None):
    """Return the built-up area: both districts whole, if no shape is given."""
    return layer_of("built_up", [at(box(0, 0, 2000, 1000)) if shape is None else shape])


#: What the city needs to know of itself for every benchmark to hold.
PREFECTURE = CityProfile("prefecture", "large_2")


def survey(*rows: tuple[str, str, float]) -> tuple[Layer, VectorData]:
    frame = pd.DataFrame(rows, columns=["district_code", "theme", "share"])
    return Layer("surveys", "", "table", "surveys"), VectorData(frame)


def city(*parts, frame=Frame(CRS, None, (502000, 4059000, 0))):  # noqa: B008 - frozen
    layers, data = zip(*parts, strict=True)
    return ProjectState(frame=frame, layers=layers), {layer.id: item for layer, item in zip(layers, data, strict=True)}


def park(shape, kind="park", open_to_public=True, historic=False):
    return layer_of("green", [shape], kind=[kind], open_to_public=[open_to_public], historic=[historic])


#: A parcel 1,000 m long beside the park: from its edge eastward, 900 m in A and 100 m in B.
STRIP = at(box(100, 400, 1100, 500))


#: 1 ha, therefore 500 m: reaches to x = 600 for all of the strip's width.
PARK = at(box(0, 400, 100, 500))


def strip_city(*more, green=None):
    parcels = layer_of("parcels", [STRIP], code=["P1"], name=["长街"], land_use=["R2"])
    return city(districts(), parcels, green or park(PARK), *more)


def units(result: IndicatorResult) -> dict[str, float | None]:
    return {unit.unit_code: unit.value for unit in result.units}
