"""The scene follows what is put into it: small pictures, looked at by their structure."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, RasterData, Style, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.terrain.ground import Ground
from models.views.camera import Camera
from viewers.render.chunks.preparation import prepare
from viewers.render.scene.offscreen import fill, render_picture
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene

pytestmark = pytest.mark.render

CRS = "EPSG:4548"
SIZE = (320, 200)


def city(origin: tuple[int, int] = (502_000, 4_059_000), crs: str = CRS) -> tuple[ProjectState, dict[str, Any]]:
    """Three houses, a road and a pond on level ground around an origin."""
    x, y = origin
    houses = gpd.GeoDataFrame(
        {"use": ["residential", "office", "old_house"], "height_m": [30.0, 60.0, 6.0],
         "roof": ["flat", "flat", "gable"]},
        geometry=[shapely.box(x + e, y + n, x + e + w, y + n + d) for e, n, w, d in
                  ((-60, -10, 40, 14), (10, -10, 24, 24), (50, -30, 16, 9))],
        crs=crs, index=[11, 12, 13],
    )  # fmt: skip
    roads = gpd.GeoDataFrame(
        {"class": ["arterial"], "width_m": [20.0], "lanes": [4]},
        geometry=[shapely.LineString([(x - 200, y - 60), (x + 200, y - 60)])], crs=crs, index=[1],
    )  # fmt: skip
    layers = (Layer("roads", "路", "vector", "roads"), Layer("houses", "楼", "vector", "buildings"))
    state = ProjectState(frame=Frame(crs, None, (x, y, 0)), layers=layers)
    return state, {"houses": VectorData(houses), "roads": VectorData(roads)}


def camera(origin: tuple[int, int] = (502_000, 4_059_000)) -> Camera:
    x, y = origin
    return Camera((x + 0.0, y - 230.0, 60.0), (x + 0.0, y + 0.0, 25.0), angle_deg=40.0)


@pytest.fixture
def scene() -> Iterator[Scene]:
    state, data = city()
    with off_screen(SIZE) as target:
        shown = Scene(target, state.frame)
        fill(shown, state, data)
        shown.set_camera(camera())
        yield shown
        shown.close()


def where(picture: Any, before: Any) -> Any:
    """Return the pixels that changed by more than a shade."""
    return np.abs(picture.astype(int) - before.astype(int)).max(axis=2) > 12


def test_the_sky_is_above_and_blue_and_the_ground_is_below() -> None:
    state, data = city()
    picture = render_picture(state, data, camera(), SIZE, quality="moving")
    assert picture.shape == (200, 320, 3)
    top, bottom = picture[:10].reshape(-1, 3).mean(axis=0), picture[-10:].reshape(-1, 3).mean(axis=0)
    assert top[2] > top[0] + 15
    assert abs(bottom[2] - bottom[0]) < 30


def test_the_dark_look_is_darker() -> None:
    state, data = city()
    light = render_picture(state, data, camera(), SIZE, quality="moving")
    dark = render_picture(state, data, camera(), SIZE, quality="moving", dark=True)
    assert dark.mean() < 0.6 * light.mean()


def test_a_colour_for_one_object_changes_that_object_only_and_can_be_taken_back(scene: Scene) -> None:
    before = grab(scene.target)
    scene.set_colours("houses", {12: (200, 20, 20, 255)})
    red = grab(scene.target)
    changed = where(red, before)
    assert 200 < changed.sum() < 0.3 * changed.size
    columns = np.flatnonzero(changed.any(axis=0))
    assert columns.min() > 150, "house 12 stands right of the middle"
    assert (red[changed][:, 0] > red[changed][:, 2].astype(int) + 20).mean() > 0.9
    scene.set_colours("houses", None)
    assert not where(grab(scene.target), before).any()


def test_colours_come_as_a_mapping_or_as_arrays_in_bytes_or_shares(scene: Scene) -> None:
    scene.set_colours("houses", {12: (255, 0, 0, 255)})
    first = grab(scene.target)
    scene.set_colours("houses", (np.array([12]), np.array([[1.0, 0.0, 0.0, 1.0]])))
    assert np.array_equal(first, grab(scene.target))


def test_a_pick_gives_the_object_under_the_pixel_and_its_place_in_the_world(scene: Scene) -> None:
    before = grab(scene.target)
    scene.set_colours("houses", {11: (0, 0, 255, 255)})
    changed = where(grab(scene.target), before)
    scene.set_colours("houses", None)
    grab(scene.target)
    rows, columns = np.nonzero(changed)
    row, column = int(np.median(rows)), int(np.median(columns))
    pick = scene.pick(column, SIZE[1] - 1 - row)
    assert pick is not None
    assert pick.key == ObjectKey("houses", 11)
    assert pick.world is not None
    east, north, height = pick.world
    assert 501_938 < east < 501_982
    assert 4_058_988 < north < 4_059_006
    assert 0 < height < 33


def test_a_pick_in_the_sky_is_nothing(scene: Scene) -> None:
    grab(scene.target)
    assert scene.pick(5, SIZE[1] - 3) is None


def test_a_pick_on_bare_ground_has_a_place_but_no_object(scene: Scene) -> None:
    grab(scene.target)
    pick = scene.pick(SIZE[0] // 2, 2)
    assert pick is not None
    assert pick.key is None
    assert pick.world is not None
    assert pick.world[2] == pytest.approx(-0.1, abs=0.4)


def test_a_selection_shows_and_goes_away(scene: Scene) -> None:
    before = grab(scene.target)
    scene.set_selection([ObjectKey("houses", 13)])
    assert where(grab(scene.target), before).sum() > 50
    scene.set_selection([])
    assert not where(grab(scene.target), before).any()


def test_a_selected_object_glows_through_what_stands_in_front(scene: Scene) -> None:
    behind = Camera((502_022.0, 4_058_850.0, 30.0), (502_022.0, 4_059_000.0, 20.0), angle_deg=30.0)
    hidden = gpd.GeoDataFrame(
        {"height_m": [20.0]}, geometry=[shapely.box(502_015, 4_059_040, 502_030, 4_059_050)], crs=CRS, index=[5]
    )
    layer = Layer("hidden", "后", "vector", "buildings")
    frame = scene.frame
    scene.put(layer, prepare(layer, VectorData(hidden), frame, Ground(None, CRS, 0.0)))
    scene.set_camera(behind)
    before = grab(scene.target)
    scene.set_selection([ObjectKey("hidden", 5)])
    assert where(grab(scene.target), before).sum() > 100


def test_a_hidden_layer_is_not_drawn(scene: Scene) -> None:
    before = grab(scene.target)
    scene.set_visible("houses", False)
    assert where(grab(scene.target), before).sum() > 1000
    scene.set_visible("houses", True)
    assert not where(grab(scene.target), before).any()


def test_a_change_says_that_a_frame_is_due_once_and_draws_nothing_by_itself(scene: Scene) -> None:
    scene.render()
    said: list[int] = []
    scene.became_dirty.connect(lambda: said.append(1))
    scene.set_visible("houses", False)
    scene.set_visible("roads", False)
    assert said == [1]
    assert scene.dirty
    scene.render()
    assert not scene.dirty


def test_far_coordinates_draw_the_same_picture_as_near_ones() -> None:
    near_state, near = city((0, 0), "EPSG:4527")
    far_state, far = city((39_500_000, 4_412_345), "EPSG:4527")
    a = render_picture(near_state, near, camera((0, 0)), SIZE, quality="moving")
    b = render_picture(far_state, far, camera((39_500_000, 4_412_345)), SIZE, quality="moving")
    assert where(a, b).mean() < 0.002


def test_the_camera_comes_back_as_it_was_set(scene: Scene) -> None:
    wanted = camera()
    scene.set_camera(wanted)
    got = scene.camera
    assert np.allclose(got.position, wanted.position)
    assert np.allclose(got.focal_point, wanted.focal_point)


def test_zooming_to_an_object_brings_it_to_the_middle(scene: Scene) -> None:
    box = scene.bounds_of([ObjectKey("houses", 12)])
    assert box is not None
    assert np.allclose(box[:, 0], [502_010, 502_034], atol=0.5)
    scene.zoom_to(box)
    grab(scene.target)
    pick = scene.pick(SIZE[0] // 2, SIZE[1] // 2)
    assert pick is not None
    assert pick.key == ObjectKey("houses", 12)


def test_the_top_view_looks_straight_down_with_north_up(scene: Scene) -> None:
    scene.home()
    scene.top_view()
    now = scene.camera
    assert np.allclose(now.position[:2], now.focal_point[:2])
    assert np.allclose(now.up, (0, 1, 0))


def test_a_closed_scene_leaves_nothing_on_the_target() -> None:
    state, data = city()
    with off_screen(SIZE) as target:
        shown = Scene(target, state.frame)
        fill(shown, state, data)
        shown.set_selection([ObjectKey("houses", 11)])
        grab(target)
        shown.close()
        gc.collect()
        assert target.renderer.GetViewProps().GetNumberOfItems() == 0
        assert target.renderer.GetLights().GetNumberOfItems() == 0
        assert not target.renderer.HasObserver("StartEvent")


def test_a_picture_without_a_frame_or_with_a_size_that_cannot_be_is_refused() -> None:
    with pytest.raises(UserError) as no_frame:
        render_picture(ProjectState(), {})
    assert no_frame.value.code == "project.no_frame"
    state, data = city()
    with pytest.raises(UserError) as size:
        render_picture(state, data, size=(8, 100_000))
    assert size.value.code == "render.size"


def test_a_terrain_is_drawn_out_into_the_haze_and_buildings_stand_on_it() -> None:
    state, data = city()
    rows = 120
    heights = np.full((rows, rows), 50.0, dtype=np.float32)
    data["dem"] = RasterData(heights, (5.0, 0, 501_700.0, 0, -5.0, 4_059_300.0), CRS)
    state = ProjectState(frame=state.frame, layers=(Layer("dem", "地", "terrain", "terrain"), *state.layers))
    with off_screen(SIZE) as target:
        shown = Scene(target, state.frame)
        fill(shown, state, data)
        box = shown.bounds_of([ObjectKey("houses", 11)])
        assert box is not None
        assert box[0, 2] == pytest.approx(49.2, abs=0.3)
        assert box[1, 2] == pytest.approx(81.0, abs=5.0)
        shown.home()
        picture = grab(target)
        shown.close()
    assert picture[-1].std() < 60


def test_a_user_layer_of_any_geometry_is_drawn_by_its_type() -> None:
    x, y = 502_000, 4_059_000
    mixed = gpd.GeoDataFrame(
        {"kind": ["a", "b", "c", "d"]},
        geometry=[
            shapely.box(x - 80, y - 40, x - 30, y + 10), shapely.LineString([(x - 20, y - 40), (x + 20, y + 40)]),
            shapely.Point(x + 60, y), shapely.GeometryCollection([shapely.Point(x + 80, y + 10)]),
        ],
        crs=CRS,
    )  # fmt: skip
    layer = Layer("mine", "我的", "vector", "other", style=Style(colour="#cc2200", size=3.0))
    state = ProjectState(frame=Frame(CRS, None, (x, y, 0)), layers=(layer,))
    above = Camera((x + 0.0, y + 0.0, 220.0), (x + 0.0, y + 0.0, 0.0), up=(0.0, 1.0, 0.0), angle_deg=40.0)
    picture = render_picture(state, {"mine": VectorData(mixed)}, above, SIZE, quality="moving").astype(int)
    red = (picture[..., 0] - picture[..., 2]) > 60
    assert red[:, :120].sum() > 800, "the area"
    assert red[:, 120:200].sum() > 60, "the line"
    assert red[:, 210:].sum() > 20, "the points"


def test_a_layer_in_degrees_is_drawn_where_it_belongs() -> None:
    state, data = city()
    degrees = {key: VectorData(value.frame.to_crs("EPSG:4326")) for key, value in data.items()}
    a = render_picture(state, data, camera(), SIZE, quality="moving")
    b = render_picture(state, degrees, camera(), SIZE, quality="moving")
    assert where(a, b).mean() < 0.02


def test_the_home_view_shows_the_bulk_and_not_the_house_at_zero() -> None:
    state, data = city()
    houses = data["houses"].frame
    lost = gpd.GeoDataFrame(
        {"use": ["office"], "height_m": [9.0], "roof": ["flat"]}, geometry=[shapely.box(0, 0, 5, 5)], crs=CRS,
        index=[14],
    )  # fmt: skip
    many = pd.concat([houses.set_index(houses.index + 100 * k) for k in range(3)] + [lost])
    with off_screen(SIZE) as target:
        shown = Scene(target, state.frame)
        fill(shown, state, data)
        shown.home()
        wanted = shown.camera
        fill(shown, state, {**data, "houses": VectorData(many)})
        shown.home()
        assert np.abs(np.subtract(shown.camera.position, wanted.position)).max() < 20.0
        everything = shown.bounds_of_layer("houses")
        assert everything is not None
        assert everything[0, 0] < 10.0, "it can still be gone to"
        shown.zoom_to(shown.bounds_of([ObjectKey("houses", 14)]))
        assert abs(shown.camera.focal_point[0]) < 50.0


def test_what_is_faded_shows_what_is_behind_it_answers_no_pick_and_comes_back_as_it_was(scene: Scene) -> None:
    before = grab(scene.target)
    scene.set_colours("houses", {11: (0, 0, 255, 255)})
    blue = where(grab(scene.target), before)
    scene.set_colours("houses", None)
    rows, columns = np.nonzero(blue)
    x, y = int(np.median(columns)), SIZE[1] - 1 - int(np.median(rows))
    scene.set_faded([ObjectKey("houses", 11)])
    assert list(scene.faded) == [ObjectKey("houses", 11)]
    faded = grab(scene.target)
    assert where(faded, before)[blue].mean() > 0.6, "its place is seen through"
    assert not where(faded, before)[~blue].mean() > 0.02, "the others stay"
    pick = scene.pick(x, y)
    assert pick is None or pick.key is None or pick.key != ObjectKey("houses", 11)
    scene.set_faded(())
    assert where(grab(scene.target), before).mean() < 1e-3, "but for pixels on an edge"
    pick = scene.pick(x, y)
    assert pick is not None
    assert pick.key == ObjectKey("houses", 11)


def test_a_faded_house_stays_faded_when_its_layer_is_put_again(scene: Scene) -> None:
    state, data = city()
    scene.set_faded([ObjectKey("houses", 12)])
    faded = grab(scene.target)
    houses = state.layer("houses")
    scene.put(houses, prepare(houses, data["houses"], state.frame, Ground(None, CRS)))
    assert not where(grab(scene.target), faded).any()


def test_a_flight_stands_where_a_house_behind_a_tower_is_seen(scene: Scene) -> None:
    look = scene.look_for([ObjectKey("houses", 13)], lambda x, y: np.zeros_like(x))
    assert look is not None
    assert look().seen > 0.8
    assert scene.look_for([ObjectKey("houses", 99)], lambda x, y: np.zeros_like(x)) is None
