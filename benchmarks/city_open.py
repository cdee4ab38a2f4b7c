"""A city of a hundred thousand or a million buildings: from the file to the first picture, and what a hand does then.

Run: ``python benchmarks/city_open.py [--count 100000,1000000] [--brief] [--out table.md] [--keep FOLDER]``

Footprints are made here, from a seed (synthetic): rotated rectangles and Ls in blocks, with height, class and year.
They are written as GeoPackage and GeoParquet. Every figure comes from a process of its own, so that its peak memory is
its own, and all of one table from one run: the ratios count, the seconds are this machine's.

- bare: ``pyogrio.read_dataframe(use_arrow=True)``, for GeoParquet ``geopandas.read_parquet``; no picture.
- bare first frame: one VTK actor of the massing of all footprints, seen as our first picture sees them, in a render
  window that stands already; arrays in memory. Our first picture has fewer things and a painted sheet: "of the most
  prominent" is the bare frame of those things alone, without sheet, ground, sky and haze.
- ours, first: an empty cache; a child process reads, writes the cache, this one maps it and draws the whole city into a
  render window that stands already, as the window's does. The child is warm, as the window keeps one. As in the
  window, the first picture has the whole city as fabric and its most prominent objects as things; the complete one,
  with every object that the view resolves, has a line of its own.
- ours, again: the same with the entry in the cache.
- "processor": the same in seconds of processor time, child included; on a machine that others use too these count.
- naive: PyVista, every footprint extruded, one ``add_mesh``.

``CITY_CJIO_PYTHON`` names a Python that has cjio: then a large CityJSON is made and both open it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
SIZE = (1600, 900)
CRS = "EPSG:4547"
CENTRE = (520_000.0, 3_470_000.0)
BLOCK_M = 170.0
FRAMES = 16
#: Files beside the cache with what a bare frame draws: the massing of all footprints, and of those that our first
#: picture draws as things.
MASSING, THINGS = "massing.npz", "things.npz"

Floats = NDArray[np.float64]


# --- the city ---------------------------------------------------------------------------------------------------------


def _block(kind: str, rng: np.random.Generator, count: int) -> dict[str, Floats]:
    """Return local middles, sizes, heights of ``count`` blocks of one kind, each (count, buildings)."""
    columns, rows, width, depth, low, high, levels = {
        "towers": (3, 3, (22, 36), (20, 32), 60.0, 190.0, 3.4),
        "slabs": (3, 6, (34, 46), (11, 13), 15.0, 54.0, 3.0),
        "old": (7, 6, (9, 17), (9, 14), 3.5, 10.0, 3.2),
        "works": (2, 2, (44, 62), (38, 60), 8.0, 16.0, 6.0),
        "villas": (4, 4, (14, 20), (12, 16), 7.0, 12.0, 3.0),
    }[kind]
    n = columns * rows
    i, j = np.arange(n) % columns, np.arange(n) // columns
    inner = BLOCK_M - 26.0
    x = (i + 0.5) * inner / columns - inner / 2 + rng.normal(0, 0.9, (count, n))
    y = (j + 0.5) * inner / rows - inner / 2 + rng.normal(0, 0.7, (count, n))
    most_w, most_d = inner / columns - 2.0, inner / rows - 2.0
    w = np.minimum(rng.uniform(*width, (count, n)), most_w)
    d = np.minimum(rng.uniform(*depth, (count, n)), most_d)
    common = rng.beta(1.4, 3.0, (count, 1))
    h = low + (high - low) * np.clip(common + rng.normal(0, 0.10, (count, n)), 0, 1)
    return {"x": x, "y": y, "w": w, "d": d, "h": np.round(h / levels) * levels}


def city(count: int, seed: int = 1) -> dict[str, NDArray[Any]]:
    """Return exactly ``count`` footprints as arrays: x, y, w, d (metres), angle, height, class, year, which are Ls."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count / 8.0))) + 8
    i, j = (a.ravel() for a in np.meshgrid(np.arange(side) - side / 2, np.arange(side) - side / 2))
    radius = np.hypot(i, j)
    noise = sum(
        np.sin(i * a + p) * np.cos(j * b + q) for a, b, p, q in
        ((0.11, 0.13, 0.4, 1.9), (0.05, 0.07, 2.2, 0.3), (0.23, 0.19, 1.1, 4.0), (0.021, 0.027, 0.8, 2.6))
    )  # fmt: skip
    river = np.abs(j * 0.9 + 9.0 * np.sin(i / 17.0) + 0.25 * i) < 2.6
    park = (np.sin(i * 0.37 + 1.0) * np.sin(j * 0.31 + 2.0) > 0.93) | (noise < -2.2)
    avenue = (np.mod(np.floor(i), 7) == 0) & (np.mod(np.floor(j), 2) == 0)
    built = ~river & ~park & ~(avenue & (rng.random(len(i)) < 0.5))
    order = np.flatnonzero(built)
    order = order[np.argsort(radius[order] + 5.0 * noise[order] + rng.normal(0, 1.2, len(order)), kind="stable")]
    reach = radius[order] / (np.sqrt(count / 25.0) / 2 + 1)
    dice = rng.random(len(order))
    kinds = np.select(
        [
            (reach < 0.30) & (dice < 0.6) | ((reach < 0.7) & (noise[order] > 2.0)),
            dice < 0.52, (dice < 0.72) & (reach > 0.25), (dice < 0.80) & (reach > 0.45),
        ],
        ["towers", "slabs", "old", "works"], default="villas",
    )  # fmt: skip
    kinds = np.where((noise[order] < -1.1) & (reach > 0.5), "old", kinds)
    parts: list[dict[str, NDArray[Any]]] = []
    for kind in ("towers", "slabs", "old", "works", "villas"):
        mine = np.flatnonzero(kinds == kind)
        made = _block(kind, rng, len(mine))
        at = order[mine]
        turn = 0.10 * np.sin(i[at] / 23.0) + 0.08 * np.cos(j[at] / 19.0)
        c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
        mid_x, mid_y = i[at] * BLOCK_M + 120 * np.sin(j[at] / 13.0), j[at] * BLOCK_M + 120 * np.sin(i[at] / 11.0)
        rank = np.repeat(mine, made["x"].shape[1])
        parts.append({
            "x": (mid_x[:, None] + made["x"] * c - made["y"] * s).ravel(),
            "y": (mid_y[:, None] + made["x"] * s + made["y"] * c).ravel(),
            "w": made["w"].ravel(), "d": made["d"].ravel(), "h": made["h"].ravel(), "rank": rank,
            "angle": np.repeat(turn, made["x"].shape[1]),
            "class": np.full(len(rank), {"towers": "office", "slabs": "residential", "old": "old_house",
                                         "works": "industrial", "villas": "residential"}[kind]),
        })  # fmt: skip
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    first = np.argsort(joined["rank"], kind="stable")[:count]
    if len(first) < count:
        raise ValueError("the plan holds too few blocks")
    first = rng.permutation(first)  # files are seldom sorted by place
    result = {name: values[first] for name, values in joined.items() if name != "rank"}
    result["ell"] = (rng.random(count) < 0.18) & (result["w"] > 11) & (result["d"] > 11)
    result["year"] = rng.integers(1952, 2025, count).astype(np.int32)
    return result


def table_of(count: int) -> Any:
    """Return the city as an Arrow table with WKB."""
    import pyarrow as pa
    import shapely

    made = city(count)
    u = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) / 2
    v = np.array([[-1, -1], [1, -1], [1, 0], [0, 0], [0, 1], [-1, 1], [-1, -1]]) / 2
    shapes = np.empty(count, dtype=object)
    cos, sin = np.cos(made["angle"])[:, None], np.sin(made["angle"])[:, None]
    for mask, form in ((~made["ell"], u), (made["ell"], v)):
        x, y = form[:, 0] * made["w"][mask][:, None], form[:, 1] * made["d"][mask][:, None]
        c, s = cos[mask], sin[mask]
        east = np.round(CENTRE[0] + made["x"][mask][:, None] + x * c - y * s, 3)
        north = np.round(CENTRE[1] + made["y"][mask][:, None] + x * s + y * c, 3)
        shapes[mask] = shapely.polygons(np.stack([east, north], axis=2))
    return pa.table({
        "height": pa.array(np.round(made["h"], 1)), "class": pa.array(made["class"]), "year": pa.array(made["year"]),
        "geometry": pa.array(shapely.to_wkb(shapes), pa.binary()),
    })  # fmt: skip


def write(count: int, folder: Path) -> dict[str, Path]:
    """Write the city in both formats; return the paths."""
    import geopandas as gpd
    import pyogrio
    import shapely

    paths = {"GeoPackage": folder / f"buildings_{count}.gpkg", "GeoParquet": folder / f"buildings_{count}.parquet"}
    if not all(path.exists() for path in paths.values()):
        table = table_of(count)
        for path in paths.values():
            path.unlink(missing_ok=True)
        pyogrio.write_arrow(
            table, paths["GeoPackage"], layer="buildings", driver="GPKG", geometry_name="geometry",
            geometry_type="Polygon", crs=CRS,
        )  # fmt: skip
        frame = table.drop_columns(["geometry"]).to_pandas()
        shapes = shapely.from_wkb(table.column("geometry").to_numpy(zero_copy_only=False))
        gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS).to_parquet(paths["GeoParquet"])
    return paths


# --- the measurements, each in a process of its own -------------------------------------------------------------------


def peak_mb() -> float:
    """Return the largest memory this process and its children had."""
    own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + child) / 1024


def read_bare(path: Path) -> Any:
    """Read a file as one does without us."""
    if path.suffix == ".parquet":
        import geopandas as gpd

        return gpd.read_parquet(path)
    import pyogrio

    return pyogrio.read_dataframe(path, use_arrow=True)


def bare(path: Path) -> dict[str, float]:
    """Measure reading alone; libraries are loaded before the clock starts, as ours are."""
    import geopandas  # noqa: F401
    import pyogrio  # noqa: F401

    path.read_bytes()  # both find the file in memory
    begin, cpu = time.perf_counter(), time.process_time()
    frame = read_bare(path)
    took, cpu = time.perf_counter() - begin, time.process_time() - cpu
    del frame
    return {"read": took, "cpu": cpu, "peak": peak_mb()}


def ours(path: Path, cache: Path, picture: str) -> dict[str, Any]:
    """Measure from the file to the picture, and what a hand does then."""
    sys.path.insert(0, str(ROOT))
    import models.io.vector.large_tables  # noqa: F401
    from app.background.ingest import ingest
    from app.background.workers import Workers, _cpu_s
    from app.usecases.project.project_frame import frame_for
    from models.core.progress import Progress
    from models.io.request import ReadRequest
    from models.project.project import ProjectState
    from models.store.cache import GeometryCache
    from viewers.render.chunks.preparation import prepare
    from viewers.render.scene.offscreen import ground_of
    from viewers.render.scene.render_target import grab, off_screen
    from viewers.render.scene.scene import Scene

    path.read_bytes()
    workers = Workers(keep_spare=True)
    workers._refill()
    spare = workers._spare
    assert spare is not None
    warm = -1.0
    while (now := _cpu_s(spare.process.pid) or 0.0) != warm or not warm:  # the window's has been ready for long
        warm = now
        time.sleep(1.0)
    with off_screen(SIZE) as target:
        target.render_window.Render()
        marks = [("", time.perf_counter(), time.process_time())]

        def mark(name: str) -> None:
            marks.append((name, time.perf_counter(), time.process_time()))

        opened = ingest(path, ReadRequest(), GeometryCache(cache), Progress(), workers=workers)
        mark("read, write the cache, map it")
        child = resource.getrusage(resource.RUSAGE_CHILDREN)
        child_cpu = max(child.ru_utime + child.ru_stime - warm, 0.0)
        layer, data = opened[0].layer, opened[0].data
        frame = frame_for([data])
        assert frame is not None
        state = ProjectState(frame=frame, layers=(layer,))
        ground = ground_of(state, {layer.id: data})
        prepared = prepare(layer, data, frame, ground)
        mark("places, colours, nodes")
        scene = Scene(target, frame)
        scene.chunks.in_background()
        scene.put(layer, prepared)
        scene.home()
        scene.quality("moving")
        mark("actors")
        image = grab(target)
        mark("draw")
        _, ended, cpu_ended = marks[-1]
        first, first_cpu = ended - marks[0][1], cpu_ended - marks[0][2] + child_cpu
        parts = {name: at - marks[number][1] for number, (name, at, _) in enumerate(marks[1:])}
        cpus = {name: at - marks[number][2] for number, (name, _, at) in enumerate(marks[1:])}
        cpus["read, write the cache, map it"] += child_cpu
        if picture:
            keep_picture(image, picture)
        keep_massing(prepared.source, np.arange(prepared.source.count), target, cache / MASSING)
        keep_massing(prepared.source, prepared.source.places(0), target, cache / THINGS)
        begin, cpu = time.perf_counter(), time.process_time()
        scene.chunks.close()  # from here on every frame waits until it is complete
        scene.chunks.follow("moving")
        image = grab(target)
        complete, complete_cpu = time.perf_counter() - begin, time.process_time() - cpu
        scene.quality("still")
        begin = time.perf_counter()
        image = grab(target)
        still = time.perf_counter() - begin
        if picture:
            keep_picture(image, picture.replace(".png", "_still.png"))
        time.sleep(5.0)  # what is kept for the next opening is written behind the first picture
        deeds = deeds_of(scene, target, data)
        scene.close()
    workers.close()
    return {
        "first": first, "first_cpu": first_cpu, "complete": complete, "complete_cpu": complete_cpu, "still": still,
        "parts": parts, "cpus": cpus, "peak": peak_mb(), **deeds,
    }  # fmt: skip


def keep_massing(source: Any, places: Any, target: Any, path: Path) -> None:
    """Write the massing of some footprints, with the camera of the first picture, for :func:`bare_frame`."""
    from viewers.render.chunks.massing import mesh_of

    mesh, _ = mesh_of(source, places)
    camera = target.renderer.GetActiveCamera()
    np.savez(
        path, points=mesh.points, faces=mesh.faces, colours=mesh.colours,
        camera=[camera.GetPosition(), camera.GetFocalPoint(), camera.GetViewUp()], angle=camera.GetViewAngle(),
    )  # fmt: skip


def bare_frame(path: Path) -> dict[str, float]:
    """Measure the first frame of a bare VTK scene of the massing that :func:`keep_massing` wrote: one mesh, one actor.

    The render window stands already, as in :func:`ours`, and the arrays are in memory.
    """
    sys.path.insert(0, str(ROOT))
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    from viewers.render.scene.render_target import grab, off_screen

    kept = np.load(path)
    arrays = {name: kept[name] for name in kept}
    with off_screen(SIZE) as target:
        target.renderer.AutomaticLightCreationOn()
        target.render_window.Render()
        begin, cpu = time.perf_counter(), time.process_time()
        points, faces, data = vtkPoints(), vtkCellArray(), vtkPolyData()
        points.SetData(numpy_to_vtk(arrays["points"]))
        faces.SetData(3, numpy_to_vtk(arrays["faces"].ravel()))
        data.SetPoints(points)
        data.SetPolys(faces)
        data.GetCellData().SetScalars(numpy_to_vtk(arrays["colours"]))
        mapper, actor = vtkPolyDataMapper(), vtkActor()
        mapper.SetInputData(data)
        actor.SetMapper(mapper)
        actor.GetProperty().SetInterpolationToFlat()
        target.renderer.AddActor(actor)
        camera = target.renderer.GetActiveCamera()
        camera.SetPosition(arrays["camera"][0])
        camera.SetFocalPoint(arrays["camera"][1])
        camera.SetViewUp(arrays["camera"][2])
        camera.SetViewAngle(float(arrays["angle"]))
        target.renderer.ResetCameraClippingRange()
        grab(target)
        return {"frame": time.perf_counter() - begin, "cpu": time.process_time() - cpu}


def keep_picture(image: NDArray[np.uint8], path: str) -> None:
    """Write a picture to look at."""
    from PIL import Image

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


def deeds_of(scene: Any, target: Any, data: Any) -> dict[str, float]:
    """Measure a frame of an orbit, new colours and a pick."""
    window, camera = target.render_window, target.renderer.GetActiveCamera()
    scene.quality("moving")

    def frame() -> float:
        begin = time.perf_counter()
        window.Render()
        window.WaitForCompletion()
        return time.perf_counter() - begin

    times = []
    for _ in range(FRAMES):
        camera.Azimuth(360 / FRAMES)
        times.append(frame())
    plain = statistics.median(frame() for _ in range(3))
    year = data.attributes["year"].to_numpy()
    ramp = np.column_stack([np.linspace(40, 250, 256), np.linspace(70, 220, 256), np.linspace(140, 90, 256)])
    colours = np.column_stack([ramp, np.full(256, 255)]).astype(np.uint8)
    classes = ((year - 1952) * (255 / 73)).astype(np.uint8)
    oids = data.features.fids if data.features is not None else data.frame.index.to_numpy()
    layer_id = next(iter(scene.layer_ids))
    scene.set_colours(layer_id, (oids, colours[classes[::-1]]))  # the second time, as a hand that tries ramps does
    frame()
    begin, cpu = time.perf_counter(), time.process_time()
    scene.set_colours(layer_id, (oids, colours[classes]))
    arrays = time.perf_counter() - begin
    scene.chunks.follow("moving")
    painted, painted_cpu = time.perf_counter() - begin, time.process_time() - cpu
    window.Render()
    window.WaitForCompletion()
    recolour = time.perf_counter() - begin
    picks = []
    for x in range(200, 1500, 100):
        for y in (150, 300, 420):
            begin = time.perf_counter()
            scene.pick(x, y)
            picks.append(time.perf_counter() - begin)
    return {
        "orbit": statistics.median(times), "worst": max(times[1:]), "frame": plain, "recolour": recolour,
        "arrays": arrays, "painted": painted, "painted_cpu": painted_cpu, "pick": statistics.median(picks),
        "pick_worst": max(picks),
    }  # fmt: skip


def naive(path: Path) -> dict[str, float]:
    """Measure what one writes with PyVista in ten lines."""
    import pyvista as pv
    import shapely

    path.read_bytes()
    begin, cpu = time.perf_counter(), time.process_time()
    table = read_bare(path)
    xy, owner = shapely.get_coordinates(table.geometry.array, return_index=True)
    xy -= xy.mean(axis=0)
    keep = np.append(owner[:-1] == owner[1:], False)
    xy, owner = xy[keep], owner[keep]
    counts = np.bincount(owner)
    starts = np.concatenate([[0], np.cumsum(counts)])
    flat = pv.PolyData(np.column_stack([xy, np.zeros(len(xy))]), np.insert(np.arange(len(xy)), starts[:-1], counts))
    mesh = flat.extrude((0, 0, 1), capping=True)
    heights = table["height"].to_numpy()
    points = mesh.points
    corner = np.tile(owner, len(points) // len(owner))[: len(points)]
    points[:, 2] *= heights[corner]
    mesh.points = points
    mesh.point_data["value"] = heights[corner]
    plotter = pv.Plotter(off_screen=True, window_size=list(SIZE))
    plotter.add_mesh(mesh, scalars="value")
    plotter.show(auto_close=False)
    first, first_cpu = time.perf_counter() - begin, time.process_time() - cpu
    window = plotter.render_window
    times = []
    for _ in range(4):
        plotter.camera.Azimuth(360 / FRAMES)
        begin = time.perf_counter()
        window.Render()
        window.WaitForCompletion()
        times.append(time.perf_counter() - begin)
    year = table["year"].to_numpy()
    begin = time.perf_counter()
    mesh.point_data["value"] = year[corner]
    plotter.mapper.scalar_range = (1952, 2024)
    window.Render()
    window.WaitForCompletion()
    recolour = time.perf_counter() - begin
    from vtkmodules.vtkRenderingCore import vtkCellPicker

    picker = vtkCellPicker()
    begin = time.perf_counter()
    picker.Pick(800, 420, 0, plotter.renderer)
    return {
        "first": first, "first_cpu": first_cpu, "orbit": statistics.median(times), "recolour": recolour,
        "pick": time.perf_counter() - begin,
        "peak": peak_mb(),
    }  # fmt: skip


def cityjson(path: Path, python: str) -> dict[str, float]:
    """Measure opening a large CityJSON with ours and with cjio's own load."""
    sys.path.insert(0, str(ROOT))
    from app.background.ingest import ingest
    from models.core.progress import Progress
    from models.io.request import ReadRequest
    from models.store.cache import GeometryCache

    with tempfile.TemporaryDirectory() as cache:
        begin = time.perf_counter()
        ingest(path, ReadRequest(), GeometryCache(Path(cache)), Progress())
        took = time.perf_counter() - begin
    code = (
        "import sys,time\nfrom cjio import cityjson\nb=time.perf_counter()\n"
        "cityjson.reader(open(sys.argv[1]), ignore_duplicate_keys=True).load_from_j()\nprint(time.perf_counter()-b)"
    )
    said = subprocess.run([python, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return {"ours": took, "cjio": float(said.stdout.split()[-1])}


#: Further comparisons by name: function (folder, count) -> rows; 3D Tiles joins here.
MORE: dict[str, Callable[[Path, int], list[tuple[str, float, float]]]] = {}


# --- the table --------------------------------------------------------------------------------------------------------


def apart(*words: object) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    said = subprocess.run(
        [sys.executable, __file__, "--measure", *map(str, words)], capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    lines = [line for line in said.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"{words}: {said.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def rows_of(count: int, folder: Path, pictures: Path | None, *, brief: bool = False) -> list[str]:
    """Return the lines of the table for one size."""
    lines = []
    for kind, path in write(count, folder).items():
        if brief and kind != "GeoPackage":
            continue
        reads = [apart("bare", path) for _ in range(3)]  # the best of three, of each clock
        read = min(reads, key=lambda one: float(one["read"]))
        base, base_cpu = float(read["read"]), min(float(one["cpu"]) for one in reads)
        with tempfile.TemporaryDirectory(dir=folder) as cache:
            picture = str(pictures / f"city_{count}_{path.suffix[1:]}.png") if pictures else ""
            first = apart("ours", path, cache, picture)
            again = apart("ours", path, cache, picture.replace(".png", "_again.png"))
            frames = [[apart("frame", Path(cache) / kept) for _ in range(3)] for kept in (MASSING, THINGS)]
        (frame, frame_cpu), (things, things_cpu) = (
            [min(float(one[clock]) for one in same) for clock in ("frame", "cpu")] for same in frames
        )

        def line(what: str, ours_s: float, other: str, other_s: float, aim: str, kind: str = kind) -> str:
            return (
                f"| {count:,} | {kind} | {what} | {ours_s:.3f} s | {other} {other_s:.3f} s | "
                f"{ours_s / max(other_s, 1e-9):.3f} × | {aim} |"
            )

        both, only = "bare read + bare first frame", "bare first frame"
        for what, clock, floors in (("", "first", (base, frame)), (", processor", "first_cpu", (base_cpu, frame_cpu))):
            lines.append(line(f"file → first picture{what}", first[clock], both, sum(floors), "≤ 1.6"))
            lines.append(line(f"again, from the cache → picture{what}", again[clock], only, floors[1], "≤ 1.5"))
        both, only = "bare read + bare frame of the most prominent", "bare frame of the most prominent"
        for what, clock, floors in (
            ("", "first", (base, things)),
            (", processor", "first_cpu", (base_cpu, things_cpu)),
        ):
            lines.append(line(f"file → first picture{what}", first[clock], both, sum(floors), ""))
            lines.append(line(f"again, from the cache → picture{what}", again[clock], only, floors[1], ""))
        if brief:
            continue
        for what, one in (("file → first picture", first), ("again, from the cache → picture", again)):
            lines.append(line(what, one["first"], "bare read", base, ""))
            lines.append(line(f"{what}, processor", one["first_cpu"], "bare read", base_cpu, ""))
            for name, took in one["parts"].items():
                lines.append(line(f"· {name}", took, "bare read", base, ""))
                lines.append(line(f"· {name}, processor", one["cpus"][name], "bare read", base_cpu, ""))
            lines.append(line("complete picture, after that", one["complete"], "bare read", base, ""))
            lines.append(line("· processor", one["complete_cpu"], "bare read", base_cpu, ""))
            lines.append(line("fine picture, after that", one["still"], "bare read", base, ""))
        if kind != "GeoPackage":
            continue
        other = apart("naive", path)
        lines.append(line("file → first picture", first["first"], "naive", other["first"], ""))
        lines.append(line("frame of an orbit", first["orbit"], "naive", other["orbit"], "≤ 0.25"))
        lines.append(line("· the worst of them", first["worst"], "naive", other["orbit"], ""))
        lines.append(line("recolour, to the picture", first["recolour"], "naive", other["recolour"], ""))
        lines.append(
            line("· without the frame itself", first["painted"], "naive from the file", other["first"], "≤ 0.02")
        )
        lines.append(line("· the same, processor", first["painted_cpu"], "naive from the file", other["first_cpu"], ""))
        lines.append(line("· the same", first["painted"], "naive new colours", other["recolour"], ""))
        lines.append(line("pick, median", first["pick"], "vtkCellPicker", other["pick"], "≤ 0.050 s"))
        lines.append(line("· the worst of them", first["pick_worst"], "vtkCellPicker", other["pick"], "≤ 0.050 s"))
        lines.append(
            f"| {count:,} | {kind} | peak memory, child included | {first['peak']:.0f} MB | "
            f"naive {other['peak']:.0f} MB (bare {read['peak']:.0f} MB) | "
            f"{first['peak'] / other['peak']:.3f} × | lower |"
        )
    for compare in MORE.values():
        for what, mine, theirs in compare(folder, count):
            lines.append(f"| {count:,} | | {what} | {mine:.3f} s | {theirs:.3f} s | {mine / theirs:.3f} × | |")
    return lines


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--count", default="100000,1000000")
    options.add_argument("--out", type=Path)
    options.add_argument("--keep", type=Path, help="folder for the files, kept")
    options.add_argument("--brief", action="store_true", help="only the ratios of opening, for GeoPackage")
    options.add_argument("--pictures", type=Path)
    options.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    said = options.parse_args()
    if said.measure:
        what, *words = said.measure
        run: dict[str, Callable[..., dict[str, Any]]] = {
            "bare": lambda path: bare(Path(path)),
            "ours": lambda path, cache, picture="": ours(Path(path), Path(cache), picture),
            "frame": lambda path: bare_frame(Path(path)),
            "naive": lambda path: naive(Path(path)),
            "cityjson": lambda path, python: cityjson(Path(path), python),
        }
        print(json.dumps(run[what](*words)))
        return
    with tempfile.TemporaryDirectory(prefix="city_open_") as temporary:
        folder = said.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["| buildings | format | what | ours | other | ratio | aim |", "|---|---|---|---|---|---|---|"]
        for count in (int(text) for text in said.count.split(",")):
            lines += rows_of(count, folder, said.pictures, brief=said.brief)
    text = "\n".join(lines)
    print(text)
    if said.out is not None:
        said.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
