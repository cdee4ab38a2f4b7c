"""The sample city from a seed: fabric, then everything that stands in, under and beside it, then the files."""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Polygon, box

from models.cases.step import CaseStep
from models.core.errors import UserError
from models.core.progress import Progress
from models.health.profile import CityProfile
from models.health.years import year_file
from models.layers.layer import Layer, LayerData, Source, VectorData
from models.project.project import ProjectState
from models.roles import LayerKind, RasterKind, Role
from models.sample import (
    cases,
    components,
    ifc_buildings,
    pipes,
    rasters,
    sensors,
    tables,
    tiles,
    truth,
)
from models.sample.blocks import make_blocks, right_of_way
from models.sample.city import CENTRE, CRS, DATA_SOURCE, FRAME, HALF_M, MARGIN_M, TODAY, City, stream
from models.sample.fabric import fill, hill_area
from models.sample.green import make_trees
from models.sample.health import last_year
from models.sample.health import plant as health
from models.sample.health.truth import make as health_truth
from models.sample.networks import faults
from models.sample.operations import case_steps, monitoring
from models.sample.plan import make_plan
from models.sample.profiles import startup
from models.sample.roads import make_network
from models.sample.scenes import make as scenes
from models.sample.terrain import make_terrain
from models.views.camera import Camera
from models.views.viewpoint import Viewpoint


def make_city(seed: int, progress: Progress | None = None, plan_seed: int | None = None) -> City:
    """Return the fabric of the small city: everything of :class:`City` but what is made from it.

    Parameters
    ----------
    plan_seed : int, optional
        Seed of roads, river and ground where they should be those of another city; ``seed`` otherwise.
    """
    progress = progress or Progress()
    plan_seed = seed if plan_seed is None else plan_seed
    progress.step(0.02, "progress.sample.roads")
    plan = make_plan(plan_seed)
    network = make_network(plan)
    blocks = make_blocks(network)
    progress.step(0.1, "progress.sample.buildings")
    fabric = fill(blocks, network, plan, seed)
    progress.step(0.4, "progress.sample.terrain")
    hill = hill_area(plan)
    terrain, levels = make_terrain(plan_seed, network.water, [row["geometry"] for row in fabric.water], hill)
    progress.step(0.5, "progress.sample.tables")
    lanes = tables.make_lanes(fabric, network)
    districts, communities = tables.make_units(plan, network)
    estates = tables.estate_names(fabric, seed)
    buildings = tables.make_buildings(fabric, terrain, districts, communities, estates)
    tables.make_population(buildings, communities, districts)
    roads = tables.make_roads([*network.roads, *lanes])
    footways = tables.make_footways(fabric, network, seed)
    progress.step(0.7, "progress.sample.trees")
    trees = make_trees(fabric, network, [lane.line for lane in lanes], seed)
    land = [*fabric.land, *_countryside(seed, hill, right_of_way(network).union(network.water.buffer(8.0)))]
    return City(
        seed=seed,
        size="small",
        terrain=terrain,
        districts=tables.table(districts, ("code", "name", "name_en", "population")),
        built_up=tables.make_built_up(districts, hill),
        communities=tables.table(communities, ("code", "name", "name_en", "district_code", "population", "households")),
        land=tables.table(land, ("use",)),
        parcels=tables.make_parcels(fabric, districts, communities, estates),
        green=tables.make_green(fabric),
        water=tables.make_water(fabric, network, levels),
        roads=roads,
        footways=footways,
        buildings=buildings,
        trees=trees,
        amenities=tables.make_amenities(fabric, districts, communities),
        surveys=tables.make_surveys(districts),
        ifc_sites=tables.make_sites(fabric, terrain),
    )


def _countryside(seed: int, hill: Polygon, taken: Any) -> list[dict[str, Any]]:
    """Return the fields outside: long strips between headlands, as they lie round a northern city."""
    rng = stream(seed, "countryside")
    reach = HALF_M + MARGIN_M
    centre = box(-1040.0, -1015.0, 1045.0, 1070.0)
    outside = box(-reach, -reach, reach, reach).difference(shapely.union_all([centre, hill, taken]))
    shapely.prepare(outside)
    rows: list[dict[str, Any]] = []
    y = -reach
    while y < reach:
        depth = float(rng.uniform(90, 150))
        x = -reach + float(rng.uniform(-80, 0))
        while x < reach:
            width = float(rng.uniform(45, 160))
            skew = float(rng.uniform(-9, 9))
            cell = Polygon(
                [
                    (x + 2, y + 2),
                    (x + width - 2, y + 2),
                    (x + width - 2 + skew, y + depth - 2),
                    (x + 2 + skew, y + depth - 2),
                ]
            )
            left = cell.intersection(outside)
            rows += [
                {"geometry": part, "use": "farmland"}
                for part in getattr(left, "geoms", [left])
                if isinstance(part, Polygon) and part.area > 600
            ]
            x += width
        y += depth
    return rows


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was made.

    Parameters
    ----------
    path : Path
        The project file.
    counts : dict of str to int
        Rows of each layer.
    files : tuple of Path
        Files beside the project: terrain, image, building models, truth.
    planted : int
        Problems with a known answer.
    """

    path: Path
    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    planted: int = 0


#: Layers, bottom to top: id (= table), role, Chinese and English name, shown at first.
LAYERS: tuple[tuple[str, Role, str, str, bool], ...] = (
    ("land", "land", "用地", "Land cover", True),
    ("parcels", "parcels", "居住用地", "Residential land", False),
    ("green", "green", "绿地", "Green space", True),
    ("water", "water", "水体", "Water", True),
    ("districts", "districts", "街道", "Sub-districts", False),
    ("communities", "communities", "社区", "Communities", False),
    ("built_up", "built_up", "建成区", "Built-up area", False),
    ("surveys", "surveys", "普查记录", "Surveys", False),
    ("roads", "roads", "道路", "Roads", True),
    ("footways", "footways", "步行道", "Footways", True),
    ("amenities", "amenities", "公共服务设施", "Amenities", True),
    ("buildings", "buildings", "建筑", "Buildings", True),
    ("trees", "trees", "树木", "Trees", True),
    ("pipes", "pipes", "地下管线", "Pipes", False),
    ("pipe_nodes", "pipe_nodes", "管点", "Pipe nodes", False),
    ("components", "facilities", "城市部件", "Municipal components", True),
    ("sensors", "sensors", "监测设备", "Sensors", False),
    ("readings", "readings", "监测数据", "Readings", False),
    ("cases", "cases", "案件", "Cases", False),
)


def generate(out: Path, seed: int = 1, size: str = "small", progress: Progress | None = None) -> SampleReport:
    """Write the sample city: a project file and the files that it links.

    Parameters
    ----------
    out : Path
        The project file, ``sample.gpkg``; rasters, models and truth go into ``<stem>_files`` beside it.
    seed : int
        The same seed gives the same bytes of every file.
    size : {"small", "city", "startup"}
        ``"small"``: 2 × 2 km with everything. ``"city"``: about 100,000 buildings, fabric only.
        ``"startup"``: the small city as it once was (:mod:`models.sample.profiles.startup`), from a seed of its own.
    progress : Progress, optional

    Raises
    ------
    UserError
        As :func:`models.store.project_file.save_project`.
    """
    progress = progress or Progress()
    out = Path(out)
    folder = out.parent / f"{out.stem}_files"
    with _saying_why(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if size == "city":
            return _big(out, folder, seed, progress)
        if size == "startup":
            return _small(out, folder, startup.SEED, progress, is_frozen=True)
        return _small(out, folder, seed, progress)


def _small(out: Path, folder: Path, seed: int, progress: Progress, *, is_frozen: bool = False) -> SampleReport:
    """Make the small city with everything in it, or with what the frozen profile has of it."""
    city = make_city(seed, progress.part(0.0, 0.25))
    city.is_frozen = is_frozen
    measured: list[monitoring.Channel] = []
    logged: tuple[CaseStep, ...] = ()
    frames: dict[str, Any] = {row[0]: getattr(city, row[0]) for row in LAYERS if hasattr(city, row[0])}
    progress.step(0.3, "progress.sample.components")
    frames["components"] = components.make(city)
    progress.step(0.48, "progress.sample.pipes")
    frames["pipes"], frames["pipe_nodes"] = pipes.make(city, frames["components"])
    progress.step(0.52, "progress.sample.sensors")
    frames["sensors"], frames["readings"] = sensors.make(city, frames["components"], frames["pipe_nodes"])
    wrong = {} if is_frozen else faults.plant(city, frames)
    progress.step(0.57, "progress.sample.cases")
    frames["cases"] = cases.make(city, frames["components"])
    if not is_frozen:
        progress.step(0.58, "progress.sample.scenes")
        frames |= scenes.make(city, frames)
        progress.step(0.585, "progress.sample.sensors")
        measured = [*monitoring.first_five(frames["sensors"], frames["readings"])]
        frames["sensors"], further = monitoring.make(city, frames)
        measured += further.channels
        progress.step(0.59, "progress.sample.health")
        frames |= health.make(city, frames)
        frames["cases"], logged = case_steps.make(frames["cases"], frames["components"])
    progress.step(0.6, "progress.sample.rasters")
    rasters.write_dem(city.terrain, folder / "dem.tif")
    rasters.write_image(city, folder / "image.tif")
    progress.step(0.75, "progress.sample.models")
    written = ifc_buildings.write(city, folder)
    progress.step(0.85, "progress.sample.truth")
    truth_file = folder / "truth.json"
    known = truth.make(city, frames["components"]) if is_frozen else health_truth.content(city, frames)
    content = json.dumps(known | {"quality_gate": wrong}, ensure_ascii=False, indent=1, sort_keys=True)
    truth_file.write_text(content + "\n", encoding="utf-8")
    if is_frozen:
        frames = startup.frozen_tables(frames)
        written = [row for row in written if Path(row["path"]).name in startup.MODELS]
    state = _state(frames, folder.name, ("terrain", "image"), written)
    files = [folder / "dem.tif", folder / "image.tif", *(folder / row["path"] for row in written), truth_file]
    if not is_frozen:
        before = last_year.record(city, frames, known["indicators"])
        state = replace(state, health=replace(state.health, years=(before,)))
        state = replace(state, operations=replace(state.operations, case_steps=logged))
        files.append(folder / last_year.FILE)
        files[-1].write_text(year_file.content_of(before), encoding="utf-8")
    _save(state, frames, out, progress.part(0.9, 0.98))
    if measured:
        progress.step(0.98, "progress.sample.readings")
        _write_readings(out, measured)
    return SampleReport(out, {name: len(frame) for name, frame in frames.items()}, tuple(files), len(city.planted))


def _big(out: Path, folder: Path, seed: int, progress: Progress) -> SampleReport:
    """Make the big city: fabric only."""
    part = 0.5 / tiles.VARIANTS
    seeds = [seed, *(int(s) for s in stream(seed, "variants").integers(0, 2**31, tiles.VARIANTS - 1))]
    cities = [make_city(s, progress.part(i * part, (i + 1) * part), seed) for i, s in enumerate(seeds)]
    frames, terrain = tiles.make_tiled(cities, seed, progress.part(0.5, 0.75))
    rasters.write_dem(terrain, folder / "dem.tif")
    _save(_state(frames, folder.name, ("terrain",), []), frames, out, progress.part(0.75, 1.0))
    return SampleReport(out, {name: len(frame) for name, frame in frames.items()}, (folder / "dem.tif",))


def _save(state: ProjectState, frames: dict[str, Any], out: Path, progress: Progress) -> None:
    from models.store.project_file import save_project

    data: dict[str, LayerData] = {name: VectorData(frame) for name, frame in frames.items()}
    save_project(state, data, out, progress, stamp=f"{TODAY}T00:00:00+00:00")


def _write_readings(out: Path, measured: list[monitoring.Channel]) -> None:
    """Write the store of readings beside the project, in the place of an earlier one."""
    from models.readings.batch import joined, readings
    from models.readings.folder import folder_beside
    from models.store.readings.store import ReadingStore

    folder = folder_beside(out)
    shutil.rmtree(folder, ignore_errors=True)
    with ReadingStore.open(folder) as store:
        ids = store.channels_for([(one.sensor, one.quantity, one.unit, one.period_s) for one in measured])
        store.append(joined(
            readings(np.full(len(one.minutes), number, np.int32), one.time_us, one.value)
            for number, one in zip(ids, measured, strict=True)
        ))  # fmt: skip
        store.settle()


@contextlib.contextmanager
def _saying_why(folder: Path) -> Iterator[None]:
    """Turn what a full or read-only disk answers into words of ours."""
    try:
        yield
    except OSError as error:
        code = "store.disk_full" if error.errno == errno.ENOSPC else "store.read_only"
        if error.errno not in (errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise UserError(code, file=folder) from error


def _state(frames: dict[str, Any], folder: str, kinds: tuple[str, ...], models: list[dict[str, str]]) -> ProjectState:
    def layer(name: str, kind: LayerKind, role: Role, zh: str, en: str, shown: bool, source: Source) -> Layer:
        return Layer(name, zh, kind, role, source, visible=shown, synthetic=True, name_en=en, data_source=DATA_SOURCE)

    layers = []
    rasters: tuple[tuple[RasterKind, str, str, str], ...] = (
        ("terrain", "地形", "Terrain", "dem.tif"),
        ("image", "地表影像", "Ground picture", "image.tif"),
    )
    for raster, zh, en, file in rasters:
        if raster in kinds:
            layers.append(layer(raster, raster, raster, zh, en, True, Source(f"{folder}/{file}", "", "raster", CRS)))
    for name, role, zh, en, shown in (*LAYERS, *scenes.LAYERS, *health.LAYERS):
        if name in frames:
            kind: LayerKind = "vector" if hasattr(frames[name], "geometry") else "table"
            made = layer(name, kind, role, zh, en, shown, Source(sublayer=name, crs=CRS))
            layers.append(replace(made, code_edition=components.CODE_EDITION) if role == "facilities" else made)
    for row in models:
        stem = Path(row["path"]).stem
        source = Source(f"{folder}/{Path(row['path']).name}", "", "ifc", CRS)
        layers.append(layer(stem, "model", "model", row["name"], row["name_en"], "2x3" not in stem, source))
    words = tables.names()["city"]
    return ProjectState(
        words["zh"], words["en"], FRAME, tuple(layers), _viewpoints(), profile=CityProfile("prefecture", "small_2"),
        groups=tuple(group for group in health.GROUPS if set(group.layers) <= set(frames)),
    )  # fmt: skip


def _viewpoints() -> tuple[Viewpoint, ...]:
    x, y = CENTRE

    def view(name: str, zh: str, en: str, eye: tuple[float, float, float], at: tuple[float, float, float]) -> Viewpoint:
        camera = Camera((x + eye[0], y + eye[1], eye[2]), (x + at[0], y + at[1], at[2]))
        return Viewpoint(name, zh, camera, en)

    top = Camera((x, y, 4000.0), (x, y, 30.0), (0.0, 1.0, 0.0), 30.0, 1080.0)
    return (
        view("overview", "全城鸟瞰", "Bird's-eye view", (1260, -1000, 400), (40, 150, 20)),
        view("river", "滨河中心区", "Riverside centre", (-420, -330, 230), (270, 260, 50)),
        view("old_quarter", "古驿老街", "Old quarter", (-330, -190, 170), (-150, 170, 30)),
        view("hill", "山前住区", "Below the hill", (-130, -260, 300), (-520, 640, 45)),
        view("school", "学校与小区", "School and estates", (-60, -980, 230), (-110, -600, 32)),
        Viewpoint("top", "俯视图", top, "Top view"),
    )
