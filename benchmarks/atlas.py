"""What a sheet of an atlas costs against a bare off-screen screenshot of the same scene and size, ratios in one run.

* ours: sheets of one atlas drawn by one process, its scene built before the clock runs: framing, picture, words, PDF;
* bare: a ``pyvista`` plotter with the same triangles and colours, lights and no more, asked for a screenshot of as many
  pixels from the same cameras, anti-aliased as ours (SSAA, twice the pixels), written as PNG;
* memory: what one process holds over many small sheets, and how it grows a sheet (a line through all but the first).

Processor seconds, children included.

    python -m benchmarks.atlas [sample.gpkg] [--sheets 4] [--paper A3] [--dpi 300] [--small 60] [--json OUT]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.health import health
from app.usecases.project import opening
from app.usecases.sheets.atlas.child import memory_mb
from app.usecases.sheets.atlas.drawing import PageDrawer
from app.usecases.sheets.atlas.entries import pages_of
from models.sheets.atlas.plan import AtlasPage
from models.sheets.atlas.spec import AtlasSpec

ROOT = Path(__file__).resolve().parents[1]


def timed(steps: Iterator[Any]) -> list[float]:
    """Return the processor seconds of each step."""
    found = []
    while True:
        begin = time.process_time()
        if next(steps, None) is None:
            return found
        found.append(time.process_time() - begin)


def ours(drawer: PageDrawer, pages: list[AtlasPage]) -> list[float]:
    """Draw sheets; the first is not counted, for it builds the scene."""
    return timed(drawer.draw(page) for page in pages)[1:]


def bare(drawer: PageDrawer, folder: Path, records: list[dict[str, Any]]) -> list[float]:
    """Take screenshots of the triangles that our scene holds, from the cameras of the sheets that were made."""
    import pyvista
    from vtkmodules.util.numpy_support import vtk_to_numpy

    from viewers.render.scene import camera as cameras
    from viewers.sheets.record import read_sheet

    scene = drawer.pictures._scene._scene  # type: ignore[union-attr]  # its triangles, as they are drawn
    views = [
        next(item.view for item in read_sheet(folder / row["file"])[0].items if item.kind == "view") for row in records
    ]
    plotter = pyvista.Plotter(off_screen=True, window_size=(views[0].width_px, views[0].height_px))
    plotter.enable_anti_aliasing("ssaa")
    for _, one in scene.visible_actors():
        data = one.data
        if data.GetNumberOfPolys():
            mesh = pyvista.wrap(data)
            colours = (
                vtk_to_numpy(data.GetCellData().GetArray("colour")) if data.GetCellData().HasArray("colour") else None
            )
            plotter.add_mesh(mesh, scalars=colours, rgb=colours is not None, show_scalar_bar=False)

    def shots() -> Iterator[Any]:
        for number, view in enumerate(views):
            cameras.write(plotter.camera, view.camera, scene.frame)
            plotter.reset_camera_clipping_range()
            plotter.window_size = (view.width_px, view.height_px)
            plotter.screenshot(str(folder / f"bare-{number}.png"))
            yield number

    found = timed(shots())[1:]
    plotter.close()
    return found


def slope(drawer: PageDrawer, pages: list[AtlasPage], count: int) -> dict[str, float]:
    """Draw many small sheets and return how memory grows, MB."""
    held = [memory_mb() for page in islice(cycle(pages), count) if drawer.draw(page)]
    half = np.array(held[count // 4 :])
    return {
        "sheets": count, "first_mb": round(held[0]), "last_mb": round(held[-1]),
        "kb_a_sheet": round(1000 * float(np.polyfit(np.arange(len(half)), half, 1)[0]), 1) if len(half) > 1 else 0.0,
    }  # fmt: skip


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("project", nargs="?", type=Path, default=ROOT / "sample.gpkg")
    parser.add_argument("--sheets", type=int, default=4)
    parser.add_argument("--paper", default="A3")
    parser.add_argument("--dpi", type=int, default=300)
    parser.add_argument("--small", type=int, default=60)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="atlas_"))
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=folder / "cache")
    opening.open_project(session, arguments.project.resolve())
    health.compute_indicators(session, ("HC25-25",))
    spec = AtlasSpec(by="community", indicators=("HC25-25",), paper=arguments.paper, dpi=arguments.dpi)
    pages = list(islice(cycle(pages_of(session, spec)), arguments.sheets + 1))
    with PageDrawer(session, spec, folder, "") as drawer:
        mine = ours(drawer, pages)
        records = [json.loads(file.read_text()) for file in sorted((folder / "pages").glob("*.json"))]
        theirs = bare(drawer, folder, records[: len(pages)])
    small = replace(spec, paper="A4", dpi=50)
    with PageDrawer(session, small, folder / "small", "") as drawer:
        memory = slope(drawer, list(pages_of(session, small)), arguments.small)
    one, other = float(np.median(mine)), float(np.median(theirs))
    result = {
        "paper": arguments.paper, "dpi": arguments.dpi, "sheets": len(mine), "ours_s": round(one, 2),
        "bare_s": round(other, 2), "ratio": round(one / other, 2), "memory": memory,
    }  # fmt: skip
    print(json.dumps(result))
    if arguments.json:
        arguments.json.write_text(json.dumps(result), encoding="utf-8")
    session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
