"""City models against their peers, ratios in one run.

A large CityJSON made here, opened by us (file to arrays that a picture needs) and by ``cjio`` (``cityjson.reader``:
file to its object), each in a process of its own; a tileset made here, opened by us and by
``vtkCesium3DTilesReader``. ``cjio`` lives in another environment, as this project does not need it: its Python is named
by ``CJIO_PYTHON``. What is not there is left out and said.

    python -m benchmarks.city3d [--buildings 40000] [--tiles 256] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parents[1]
#: Peak of this process's memory, MB; what ``getrusage`` says begins with the parent's.
_PEAK = """
def peak():
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024
"""
_OURS = """
import sys, time
from pathlib import Path
from models.io.registry import find_format
from models.io.request import ReadRequest
from models.core.progress import Progress
import models.io.{module}
t = time.perf_counter()
path = Path(sys.argv[1])
data = find_format(path).read(path, ReadRequest(), Progress())[0].data
s = time.perf_counter() - t
print(s, peak(), data.meshes.triangle_count)
"""
_CJIO = """
import sys, time
from cjio import cityjson
t = time.perf_counter()
{call}
s = time.perf_counter() - t
print(s, peak(), 0)
"""
_READ = "with open(sys.argv[1]) as f: cm = cityjson.reader(f)"
_VTK = """
import sys, time
from vtkmodules.vtkIOCesium3DTiles import vtkCesium3DTilesReader
t = time.perf_counter()
r = vtkCesium3DTilesReader()
r.SetFileName(sys.argv[1])
r.SetLevel(int(sys.argv[2]))
r.Update()
out = r.GetOutput()
n = 0
it = out.NewTreeIterator() if hasattr(out, "NewTreeIterator") else out.NewIterator()
it.InitTraversal()
while not it.IsDoneWithTraversal():
    d = it.GetCurrentDataObject()
    n += d.GetNumberOfCells() if hasattr(d, "GetNumberOfCells") else 0
    it.GoToNextItem()
s = time.perf_counter() - t
print(s, peak(), n)
"""


def make_cityjson(path: Path, buildings: int) -> None:
    """Write a town of gabled houses, LoD 2 with semantics and attributes."""
    side = int(np.ceil(np.sqrt(buildings)))
    objects, vertices = {}, []
    for number in range(buildings):
        x, y = 20_000 * (number % side), 20_000 * (number // side)
        high = 6000 + number % 7 * 900
        base = 10 * number
        vertices += [[x, y, 0], [x + 12000, y, 0], [x + 12000, y + 9000, 0], [x, y + 9000, 0],
                     [x, y, high], [x + 12000, y, high], [x + 12000, y + 9000, high], [x, y + 9000, high],
                     [x, y + 4500, high + 3000], [x + 12000, y + 4500, high + 3000]]  # fmt: skip
        rings = [[0, 3, 2, 1], [0, 1, 5, 4], [1, 2, 6, 9, 5], [2, 3, 7, 6], [3, 0, 4, 8, 7], [4, 5, 9, 8], [6, 7, 8, 9]]
        objects[f"b{number}"] = {
            "type": "Building", "attributes": {"measuredHeight": high / 1000 + 3, "storeysAboveGround": high // 3000,
                                               "yearOfConstruction": 1950 + number % 70, "function": "1000"},
            "geometry": [{"type": "Solid", "lod": "2", "boundaries": [[[[base + i for i in ring]] for ring in rings]],
                          "semantics": {"surfaces": [{"type": "GroundSurface"}, {"type": "WallSurface"},
                                                     {"type": "RoofSurface"}],
                                        "values": [[0, 1, 1, 1, 1, 2, 2]]}}],
        }  # fmt: skip
    said = {"type": "CityJSON", "version": "2.0", "CityObjects": objects, "vertices": vertices,
            "transform": {"scale": [0.001] * 3, "translate": [85_000.0, 446_000.0, 0.0]},
            "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"}}  # fmt: skip
    path.write_text(json.dumps(said, separators=(",", ":")), encoding="utf-8")


def make_tileset(folder: Path, tiles: int, boxes: int = 200) -> Path:
    """Write a tileset of GLB tiles on the earth, each of many boxes."""
    from tests.support.city_files import Writer, b3dm, box, earth_matrix, tile_json, tileset, triangles

    side = int(np.ceil(np.sqrt(tiles)))
    children, files = [], {}
    for number in range(tiles):
        x, y = 200.0 * (number % side), 200.0 * (number // side)
        corners = np.concatenate([
            box(x + 12.0 * (i % 15), y + 12.0 * (i // 15), 0, (9, 7, 5 + i % 9)) for i in range(boxes)
        ])  # fmt: skip
        faces = np.concatenate([triangles() + 8 * i for i in range(boxes)])
        writer = Writer()
        writer.node(writer.mesh(corners, faces, _BATCHID=np.repeat(np.arange(boxes), 8).astype(np.float32)))
        batch = {"height": [float(5 + i % 9) for i in range(boxes)], "name": [f"h{number}-{i}" for i in range(boxes)]}
        files[f"t{number}_b3dm"] = b3dm(writer.glb(), batch, count=boxes)
        near = [x + 100, y + 100, 10, 100, 0, 0, 0, 100, 0, 0, 0, 10]
        children.append({**tile_json(f"t{number}.b3dm"), "boundingVolume": {"box": near}})
    middle = side * 100.0
    root = tile_json(
        "", 500.0, refine="ADD", transform=earth_matrix(116.39, 39.91, 44).T.ravel().tolist(), children=children
    )
    root["boundingVolume"] = {"box": [middle, middle, 10, middle, 0, 0, 0, middle, 0, 0, 0, 10]}
    return tileset(folder, root, **files)


def measured(python: str, code: str, *arguments: str) -> dict[str, float]:
    """Run some code in a process of its own; it prints seconds, MB and triangles."""
    environment = {**os.environ, "PYTHONPATH": str(HERE)} if python == sys.executable else dict(os.environ)
    answer = subprocess.run(
        [python, "-c", _PEAK + code, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=900,
    )
    if answer.returncode:
        return {"failed": float(answer.returncode), "seconds": float("nan"), "mb": float("nan"), "triangles": 0.0}
    seconds, mb, count = (float(value) for value in answer.stdout.split()[-3:])
    return {"seconds": seconds, "mb": mb, "triangles": count}


def tiles_ours(path: Path) -> dict[str, float]:
    """Return seconds, MB and triangles of a tileset read by us."""
    return measured(sys.executable, _OURS.format(module="tiles3d"), str(path))


def tiles_vtk(path: Path, level: int = 1) -> dict[str, float]:
    """Return seconds, MB and triangles of a tileset read by ``vtkCesium3DTilesReader``."""
    return measured(sys.executable, _VTK, str(path), str(level))


def compare(buildings: int, tiles: int, folder: Path, rounds: int = 3) -> dict[str, Any]:
    """Measure everything, the best of some rounds, peers taking turns."""
    city = folder / "town.city.json"
    make_cityjson(city, buildings)
    tileset_path = make_tileset(folder / "tiles", tiles)
    result: dict[str, Any] = {"buildings": buildings, "cityjson_mb": city.stat().st_size / 1e6, "tiles": tiles}
    cjio = os.environ.get("CJIO_PYTHON", "")
    runs = {
        "ours": lambda: measured(sys.executable, _OURS.format(module="cityjson"), str(city)),
        **({"cjio_reader": lambda: measured(cjio, _CJIO.format(call=_READ), str(city))} if cjio else {}),
        "tiles_ours": lambda: tiles_ours(tileset_path),
        "tiles_vtk": lambda: tiles_vtk(tileset_path),
    }  # fmt: skip
    for _ in range(rounds):
        for name, run in runs.items():
            found = run()
            if name not in result or not result[name]["seconds"] <= found["seconds"]:
                result[name] = found
    if "cjio_reader" in result:
        result["ratio_cjio"] = result["ours"]["seconds"] / result["cjio_reader"]["seconds"]
    result["ratio_vtk"] = result["tiles_ours"]["seconds"] / result["tiles_vtk"]["seconds"]
    return result


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=40_000)
    parser.add_argument("--tiles", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chengjing_city3d_") as folder:
        found = compare(arguments.buildings, arguments.tiles, Path(folder), arguments.rounds)
    text = json.dumps(found, indent=1)
    if arguments.json:
        arguments.json.write_text(text, encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
