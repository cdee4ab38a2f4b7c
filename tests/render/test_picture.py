"""A picture that is kept: one doubled frame, in one piece or in tiles, and the soft shade in its corners."""

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from models.views.annotations import Note
from models.views.camera import Camera
from viewers.render.geometry.parts import LabelPart, Prepared
from viewers.render.scene.occlusion import occlusion
from viewers.render.scene.offscreen import fill
from viewers.render.scene.picture import _Tiling, draw_picture
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene

pytestmark = pytest.mark.render
CRS, X, Y = "EPSG:4548", 502_000, 4_059_000
SIZE = (321, 203)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    spots = [(dx, dy) for dx in range(-150, 151, 50) for dy in range(-100, 101, 50)]
    houses = gpd.GeoDataFrame(
        {"use": ["residential"] * len(spots), "storeys": [3 + k % 9 for k in range(len(spots))],
         "height_m": [9.0 + 3.0 * (k % 9) for k in range(len(spots))], "base_m": [0.0] * len(spots)},
        geometry=[shapely.box(X + dx, Y + dy, X + dx + 24, Y + dy + 16) for dx, dy in spots], crs=CRS,
    )  # fmt: skip
    parks = gpd.GeoDataFrame(
        {"name": ["中央公园", "河滨"], "name_en": ["Central park", "Riverside"], "class": ["park", "park"]},
        geometry=[shapely.box(X - 60, Y - 40, X - 20, Y), shapely.box(X + 60, Y - 140, X + 120, Y - 110)], crs=CRS,
    )  # fmt: skip
    layers = (Layer("green", "绿", "vector", "greens"), Layer("houses", "楼", "vector", "buildings"))
    state = ProjectState(frame=Frame(CRS, None, (X, Y, 0)), layers=layers)
    with off_screen(SIZE) as target:
        shown = Scene(target, state.frame)
        fill(shown, state, {"houses": VectorData(houses), "green": VectorData(parks)})
        spots_m = np.array([[-40, -20, 2], [90, -125, 2], [0, 60, 30]], np.float32)
        words = LabelPart(spots_m, ["中央公园", "河滨", "学校"], ["", "", ""], np.ones(3, np.float32))
        shown.put(Layer("names", "名", "vector", "other"), Prepared([words], np.array([[-150.0] * 3, [150.0] * 3])))
        shown.set_notes([Note("n", "text", ((X + 0.0, Y + 20.0, 30.0),), "这里", "#cc3344")])
        yield shown
        shown.close()


EYE = Camera((X - 40.0, Y - 300.0, 130.0), (X + 0.0, Y + 0.0, 10.0), angle_deg=40.0)
VIEWS = {
    "from the air": EYE,
    "to the horizon": replace(EYE, position=(X + 0.0, Y - 260.0, 30.0), focal_point=(X + 0.0, Y + 0.0, 40.0)),
    "from above": Camera((X + 0.0, Y + 0.0, 500.0), (X + 0.0, Y + 0.0, 0.0), (0.0, 1.0, 0.0), 40.0, 150.0),
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_in_tiles_is_the_picture_in_one_piece(scene: Scene, view: str) -> None:
    scene.set_camera(VIEWS[view])
    whole = draw_picture(scene)
    assert whole.shape == (203, 321, 3)
    assert whole.std() > 10
    for side in (150, 64):
        tiled = draw_picture(scene, tile_px=side)
        away = np.abs(tiled.astype(np.int16) - whole).max(axis=2)
        assert (away > 6).mean() < 2e-3, "but for a pixel here and there on an edge, no seam"
        assert away.mean() < 0.2


def test_a_picture_shows_what_the_frame_shows_with_words_at_the_same_places(scene: Scene) -> None:
    scene.set_camera(EYE)
    scene.quality("still")
    frame = grab(scene.target)
    words = {one.text: np.array(one.box) for one in scene._labels.placed}
    assert words
    picture = draw_picture(scene, with_occlusion=False)
    for one in scene._labels.placed:
        assert np.abs(np.array(one.box) / 2 - words.pop(one.text)).max() <= 2
    assert not words
    assert np.abs(picture.astype(np.int16) - frame).mean() < 4


def test_the_camera_and_the_window_are_afterwards_as_they_were(scene: Scene) -> None:
    scene.set_camera(EYE)
    scene.quality("still")
    before, camera = grab(scene.target), scene.camera
    draw_picture(scene, tile_px=100)
    scene.quality("still")
    assert scene.camera == camera
    assert np.array_equal(grab(scene.target), before)


@pytest.mark.parametrize(("width", "height", "most"), [(1920, 1080, 2048), (14_043, 9_933, 2048), (321, 203, 64)])
def test_tiles_cover_the_picture_and_the_middle_stays_the_middle(width: int, height: int, most: int) -> None:
    tiling = _Tiling.of(width, height, most)
    assert max(tiling.tile) <= most
    assert tiling.tile[0] * tiling.columns == width + 2 * tiling.margin[0]
    assert tiling.tile[1] * tiling.rows == height + 2 * tiling.margin[1]
    assert max(tiling.margin) <= max(tiling.columns, tiling.rows)


def test_shade_lies_in_corners_and_not_on_level_ground_and_not_in_the_sky() -> None:
    """A floor seen from above with a wall on it: the foot of the wall is darker, the same in any band of rows."""
    rows, columns = 520, 300
    focal = rows / 2 / np.tan(np.radians(20.0))
    slope = (np.arange(rows) - rows / 2) / focal
    floor = 30.0 / np.maximum(np.sin(np.radians(35.0)) + slope * np.cos(np.radians(35.0)), 1e-3)
    away = np.repeat(floor[:, None], columns, axis=1).astype(np.float32)
    away[:300, 100:200] = np.minimum(away[:300, 100:200], away[300, 0])  # a wall that faces the eye
    away[:20] = 9_000.0
    light = occlusion(away, 40.0)
    assert light[:10].min() == 1.0, "the sky"
    assert light[430:500, 40:260].mean() > 0.97, "the open floor"
    assert light[301:306, 120:180].mean() < light[430:500, 40:260].mean() - 0.05, "the foot of the wall"
    assert light.min() >= 1.0 - 0.56
