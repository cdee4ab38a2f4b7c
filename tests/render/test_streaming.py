"""Pieces of draped pictures: what is in view is complete, in its place, and within its budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.crs.frame import Frame
from models.layers.layer import Layer, RasterData
from models.terrain.ground import Ground
from models.views.camera import Camera
from viewers.render.chunks.preparation import prepare
from viewers.render.geometry.drape_tiles import Drape, Tile
from viewers.render.palette.context import PrepareContext
from viewers.render.scene import raster_streaming as streaming
from viewers.render.scene.raster_streaming import Streamer, piece

CRS = "EPSG:4548"
FRAME = Frame(CRS, None, (500_000, 4_000_000, 0))
pytestmark = pytest.mark.render


class Plan:
    """A picture whose red is the easting and green the northing of each pixel, in steps of 8 m; blue 200."""

    bounds = (499_000.0, 3_999_000.0, 501_000.0, 4_001_000.0)
    finest = 0.25

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[float, ...], tuple[int, int]]] = []

    def locate(self, crs: str, x: Any, y: Any) -> tuple[Any, Any]:
        return x, y

    def read(self, bounds: Any, size_px: tuple[int, int]) -> NDArray[np.uint8]:
        self.asked.append((bounds, size_px))
        width, height = size_px
        x = bounds[0] + (np.arange(width) + 0.5) * (bounds[2] - bounds[0]) / width
        y = bounds[3] - (np.arange(height) + 0.5) * (bounds[3] - bounds[1]) / height
        rgba = np.zeros((height, width, 4), np.uint8)
        rgba[..., 0] = np.clip((x - self.bounds[0]) / 8, 0, 255)[None, :]
        rgba[..., 1] = np.clip((y - self.bounds[1]) / 8, 0, 255)[:, None]
        rgba[..., 2:] = 200, 255
        return rgba


def hills() -> RasterData:
    x, y = np.meshgrid(np.arange(201), np.arange(201))
    values = (40 + 12 * np.sin(x / 9.0) * np.cos(y / 7.0)).astype(np.float32)
    return RasterData(values, (10.0, 0.0, 499_000.0, 0.0, -10.0, 4_001_010.0), CRS, info={"role": "terrain"})


@pytest.fixture
def scene() -> Iterator[Any]:
    from viewers.render.scene.render_target import off_screen
    from viewers.render.scene.scene import Scene

    with off_screen((300, 300)) as target:
        made = Scene(target, FRAME)
        yield made
        made.close()


def put(scene: Any, plan: Plan, terrain: RasterData | None) -> None:
    ground = Ground(terrain, CRS, 40.0)
    if terrain is not None:
        layer = Layer(id="dem", name="dem", kind="terrain", role="terrain")
        scene.put(layer, prepare(layer, terrain, FRAME, ground))
    data = RasterData(
        np.full((8, 8, 3), 128, np.uint8), (250.0, 0.0, 499_000.0, 0.0, -250.0, 4_001_000.0), CRS,
        info={"shape": [8000, 8000], "sampled": True}, pyramid=plan,
    )  # fmt: skip
    layer = Layer(id="image", name="image", kind="image", role="image")
    scene.put(layer, prepare(layer, data, FRAME, ground))


def look(scene: Any, x: float, y: float, away: float, tilt: float = 0.0) -> None:
    position = (500_000 + x, 4_000_000 + y - away * tilt, 40 + away)
    scene.set_camera(Camera(position, (500_000 + x, 4_000_000 + y, 40.0), (0, 1, 0), 30.0))


def blue_of(scene: Any) -> NDArray[np.bool_]:
    """Return where the picture shows the plan and not its grey overview or the ground."""
    from viewers.render.scene.render_target import grab

    pixels = grab(scene.target).astype(int)
    return (pixels[..., 2] - pixels[..., :2].min(axis=2)) > 25


def test_all_that_is_in_view_is_covered_with_pieces_near_and_far(scene: Any) -> None:
    plan = Plan()
    put(scene, plan, hills())
    streamer = Streamer(scene)
    for away in (2500.0, 300.0):
        look(scene, -420.0, -420.0, away)
        assert streamer.plan()
        streamer.finish()
        assert not streamer.plan()
        if away < 1000:
            assert blue_of(scene).mean() > 0.999  # no hole, no crack, nothing of the overview


def test_pieces_near_are_finer_than_pieces_far(scene: Any) -> None:
    plan = Plan()
    put(scene, plan, None)
    streamer = Streamer(scene)
    look(scene, -700.0, -700.0, 60.0, tilt=3.0)
    streamer.finish()
    sizes = sorted((bounds[2] - bounds[0]) / size[0] for bounds, size in plan.asked)
    assert sizes[0] < 0.6
    assert sizes[-1] > 1.5 * sizes[0]
    wanted = [tile.level for tile in streamer._layers["image"].wanted]
    assert min(wanted) < max(wanted)


def test_what_a_piece_shows_stands_in_its_place() -> None:
    context = PrepareContext(FRAME, Ground(hills(), CRS, 40.0))
    from viewers.render.geometry.lattice import lattice_of

    lattice = lattice_of(context)
    drape = Drape(Plan(), lattice, np.array([[-1000.0, -1000.0], [1000.0, 1000.0]]))
    for tile in (Tile(0, 3, 2), Tile(-2, 5, -7), Tile(2, -1, 0)):
        part = piece(drape, tile)
        assert part is not None
        assert part.uv is not None
        assert part.image is not None
        height, width = part.image.shape[:2]
        u = np.clip(np.round(part.uv[:, 0] * width - 0.5), 0, width - 1).astype(int)
        v = np.clip(np.round(part.uv[:, 1] * height - 0.5), 0, height - 1).astype(int)
        seen = part.image[v, u].astype(float)
        assert np.abs(seen[:, 0] - (part.points[:, 0] + 1000) / 8).max() < 1.6
        assert np.abs(seen[:, 1] - (part.points[:, 1] + 1000) / 8).max() < 1.6
        x, y = part.points[:, 0].astype(float), part.points[:, 1].astype(float)
        assert np.abs(part.points[:, 2] - lattice.height(x, y) - 0.03).max() < 1e-3  # on the ground as it is drawn


def test_memory_is_bounded_and_what_is_seen_stays(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BUDGET_BYTES", 3_000_000)
    plan = Plan()
    put(scene, plan, None)
    streamer = Streamer(scene)
    for x in (-800.0, -400.0, 0.0, 400.0, 800.0):
        look(scene, x, 0.0, 120.0)
        streamer.finish()
        streamer.plan()
        assert all(tile in streamer._layers["image"].held for tile in streamer._layers["image"].wanted)
    seen = sum(streamer._layers["image"].held[tile].bytes for tile in streamer._layers["image"].wanted)
    assert streamer.bytes <= max(3_000_000, seen)
    assert blue_of(scene).mean() > 0.999


def test_a_layer_that_goes_takes_its_pieces_along(scene: Any) -> None:
    put(scene, Plan(), None)
    streamer = Streamer(scene)
    look(scene, 0.0, 0.0, 300.0)
    streamer.finish()
    actors = scene.target.renderer.GetActors().GetNumberOfItems()
    job = ("image", Tile(0, 0, 0))
    late = streamer.load(job)
    scene.remove("image")
    assert scene.target.renderer.GetActors().GetNumberOfItems() < actors
    assert not streamer.plan()
    streamer.put(late, job)
    assert streamer.bytes == 0


def test_a_piece_that_cannot_be_read_is_told_and_not_asked_for_again(scene: Any) -> None:
    from models.core.errors import UserError

    class Broken(Plan):
        def read(self, bounds: Any, size_px: tuple[int, int]) -> NDArray[np.uint8]:
            self.asked.append((bounds, size_px))
            raise UserError("io.damaged", file="a.tif", reason="block")

    plan = Broken()
    put(scene, plan, None)
    streamer = Streamer(scene)
    look(scene, 0.0, 0.0, 300.0)
    streamer.plan()
    job = streamer.next()
    assert job is not None
    loaded = streamer.load(job)
    assert loaded is not None
    assert isinstance(loaded.error, UserError)
    streamer.put(loaded, job)
    streamer.finish()
    asked = len(plan.asked)
    streamer.finish()
    assert len(plan.asked) == asked
