"""What one frame of an orbit costs: our scene, and the same scene with one actor a building.

Run: ``python benchmarks/orbit.py``; needs ``sample.gpkg`` (``python main.py sample``), or the path of one.
Off-screen, 1280 × 720.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
#: The sample project: the first argument, or the one that ``python main.py sample`` made in the checkout.
SAMPLE = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "sample.gpkg").resolve()
SIZE = (1280, 720)
FRAMES = 24


def orbit(target: Any, frames: int = FRAMES) -> float:
    """Return the median time of a frame, in seconds, while the camera goes once around."""
    times = []
    for _ in range(frames):
        target.renderer.GetActiveCamera().Azimuth(360 / frames)
        start = time.perf_counter()
        target.render_window.Render()
        target.render_window.WaitForCompletion()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def actors_of_buildings(prepared: Any) -> list[Any]:
    """Return one VTK actor a building, with the triangles and colours of ours but no textures."""
    import numpy as np
    import pyvista
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    actors = []
    for part in prepared.parts:
        if not hasattr(part, "faces"):
            continue
        order = np.argsort(part.oids, kind="stable")
        starts = np.flatnonzero(np.diff(part.oids[order], prepend=part.oids[order[0]] - 1))
        for rows in np.split(order, starts[1:]):
            used, faces = np.unique(part.faces[rows], return_inverse=True)
            cells = np.column_stack([np.full(len(rows), 3), faces.reshape(-1, 3)])
            mesh = pyvista.PolyData(part.points[used], cells.ravel())
            mesh.cell_data["rgb"] = part.colours[rows][:, :3]
            mapper = vtkPolyDataMapper()
            mapper.SetInputData(mesh)
            mapper.SetScalarModeToUseCellFieldData()
            mapper.SelectColorArray("rgb")
            mapper.SetColorModeToDirectScalars()
            actor = vtkActor()
            actor.SetMapper(mapper)
            actors.append(actor)
    return actors


def main() -> None:
    """Measure and print."""
    if not SAMPLE.exists():
        sys.exit("no sample.gpkg: run `python main.py sample`, or name one")
    sys.path.insert(0, str(ROOT))
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.project import opening
    from app.usecases.views import snapshots as pictures
    from viewers.render.chunks.preparation import prepare
    from viewers.render.scene.offscreen import fill, ground_of
    from viewers.render.scene.render_target import off_screen
    from viewers.render.scene.scene import Scene

    with tempfile.TemporaryDirectory() as cache:
        session = Session(Settings(None), Jobs(inline=True), cache_root=Path(cache))
        opening.open_project(session, SAMPLE)
        state, data = session.project.state, session.project.data
        assert state.frame is not None
        camera = pictures.make_spec(session).camera
        buildings = [layer for layer in state.with_role("buildings") if layer.id in data]

        def measure(naive: bool, quality: str) -> tuple[float, int]:
            with off_screen(SIZE) as target:
                scene = Scene(target, state.frame)
                fill(scene, state, data, [layer.id for layer in buildings] if naive else ())
                count = 0
                if naive:
                    ground = ground_of(state, data)
                    for layer in buildings:
                        for actor in actors_of_buildings(prepare(layer, data[layer.id], state.frame, ground)):
                            target.renderer.AddActor(actor)
                            count += 1
                scene.set_camera(camera)
                scene.quality(quality)
                took = orbit(target)
                scene.close()
                return took, count

        for quality in ("moving", "still"):
            ours, _ = measure(False, quality)
            naive, count = measure(True, quality)
            print(
                f"{quality:7s} ours {ours * 1000:7.1f} ms a frame   one actor a building ({count:,} actors) "
                f"{naive * 1000:7.1f} ms   {naive / ours:5.2f} × ours"
            )
        session.close()


if __name__ == "__main__":
    main()
