"""What 200,000 components cost: made ready, first picture, a frame of an orbit, and all recoloured at once.

Run: ``python benchmarks/facilities.py [count]``. Off-screen, 1280 × 720. Seconds are processor time of this process;
what counts are the ratios to one resting frame of the same picture without signs, which nothing can undercut.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
SIZE, TIMES = (1280, 720), 7
#: Eyes above a city 16 km wide, metres from its middle: over all of it, over a district, in a street.
EYES = {"city": (0.0, -14_000.0, 9_000.0), "district": (0.0, -1_200.0, 800.0), "street": (0.0, -130.0, 80.0)}


def median(act: Callable[[], Any], times: int = TIMES) -> float:
    """Return the median processor time of some runs, seconds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        act()
        found.append(time.process_time() - start)
    return statistics.median(found)


def register(count: int) -> Any:
    """Return a register of components of ten classes over a city of 16 × 16 km."""
    import geopandas as gpd
    import numpy as np
    import shapely

    random = np.random.default_rng(1)
    code = random.choice(["0101", "0102", "0103", "0104", "0111", "0118", "0209", "0305", "0402", "0407"], count)
    xy = random.uniform(-8000, 8000, (count, 2)) + np.array([502_000, 4_059_000])
    return gpd.GeoDataFrame(
        {"ObjID": [f"370102{c}{k % 1_000_000:06d}" for k, c in enumerate(code)],
         "ObjState": random.choice(["完好", "破损", "丢失", "移位"], count, p=[0.9, 0.06, 0.02, 0.02])},
        geometry=shapely.points(xy), crs="EPSG:4548",
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(ROOT))
    import numpy as np

    from models.crs.frame import Frame
    from models.facilities.coding.editions import editions
    from models.layers.layer import Layer, VectorData
    from models.terrain.ground import Ground
    from models.views.camera import Camera
    from viewers.render.chunks.preparation import prepare
    from viewers.render.scene.render_target import off_screen
    from viewers.render.scene.scene import Scene

    frame = Frame("EPSG:4548", None, (502_000, 4_059_000, 0))
    edition = next(name for name, one in editions().items() if one.classes)
    layer, data = Layer("c", "c", "vector", "facilities", code_edition=edition), VectorData(register(COUNT))
    start = time.process_time()
    prepared = prepare(layer, data, frame, Ground(None, frame.horizontal, 30.0))
    print(f"{COUNT:,} components made ready: {time.process_time() - start:.2f} s")
    with off_screen(SIZE) as target:
        scene = Scene(target, frame)

        def draw() -> None:
            target.render_window.Render()
            target.render_window.WaitForCompletion()

        start = time.process_time()
        scene.put(layer, prepared)
        scene.quality("still")
        scene.set_camera(Camera((502_000, 4_045_000, 9_030), (502_000, 4_059_000, 30)))
        draw()
        print(f"put and first picture: {time.process_time() - start:.2f} s")
        oids = data.frame.index.to_numpy()
        colours = [np.full((COUNT, 4), value, np.uint8) for value in (90, 200)]
        for colour in colours:
            colour[:, 3] = 255
        for name, (east, north, up) in EYES.items():
            scene.set_camera(Camera((502_000 + east, 4_059_000 + north, 30 + up), (502_000, 4_059_000, 30)))
            scene.show_signs([])
            draw()
            bare = median(draw)
            turn = iter(range(10_000))

            def recolour(turn: Any = turn) -> None:
                scene.set_colours("c", (oids, colours[next(turn) % 2]))

            painted = median(lambda again=recolour: (again(), draw()))  # type: ignore[misc]
            only = median(recolour)
            scene.set_colours("c", None)
            scene.show_signs(["c"])
            draw()
            renderer = target.renderer

            def orbit(renderer: Any = renderer) -> None:
                renderer.GetActiveCamera().Azimuth(3.0)
                draw()

            signed, turned, count = median(draw), median(orbit), len(scene.signs)
            print(
                f"{name}: bare frame {bare * 1e3:.0f} ms; recolour alone {only * 1e3:.0f} ms ({only / bare:.2f} ×), "
                f"with its frame {painted / bare:.2f} ×; {count} signs {signed / bare:.2f} ×, "
                f"orbit {turned / bare:.2f} ×"
            )
        scene.close()


if __name__ == "__main__":
    main()
