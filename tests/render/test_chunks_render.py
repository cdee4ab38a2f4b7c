"""Large layers on the target: nothing lost, colours without geometry, picks by oid, budgets kept."""

import itertools
import time

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.geometry.feature_table import Features
from models.layers.layer import Layer, Style, VectorData
from models.project.selection import ObjectKey
from models.terrain.ground import Ground
from viewers.render.chunks import choosing, source
from viewers.render.chunks.choosing import Eye, choose
from viewers.render.chunks.city_texture_baking import CityTextureBaker
from viewers.render.chunks.layer import FULL, PLAIN, ChunkedLayer
from viewers.render.chunks.preparation import PreparedChunks, prepare
from viewers.render.chunks.source import source_of
from viewers.render.geometry import ray as ray_of_sight
from viewers.render.palette.context import PrepareContext
from viewers.render.scene import camera as cameras
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene

pytestmark = pytest.mark.render
CRS = "EPSG:4547"
FRAME = Frame(CRS, None, (500_000, 3_400_000, 0))
SIZE = (640, 400)
LAYER = Layer("houses", "houses", "vector", "buildings", style=Style(height_field="height"))


def houses(side=26, seed=1):
    """Return side² houses on a loose grid, a few of them Ls, one courtyard and one in two parts."""
    rng = np.random.default_rng(seed)
    n = side * side
    x = 500_000 + (np.arange(n) % side) * 60.0 + rng.uniform(-8, 8, n)
    y = 3_400_000 + (np.arange(n) // side) * 60.0 + rng.uniform(-8, 8, n)
    shapes = shapely.box(x, y, x + rng.uniform(14, 30, n), y + rng.uniform(14, 30, n))
    for k in range(0, n, 9):
        shapes[k] = shapely.Polygon([(0, 0), (24, 0), (24, 10), (10, 10), (10, 26), (0, 26)])
        shapes[k] = shapely.transform(shapes[k], lambda c, k=k: c + np.array([x[k], y[k]]))
    shapes[4] = shapely.Polygon(shapely.box(x[4], y[4], x[4] + 30, y[4] + 30).exterior,
                                [shapely.box(x[4] + 9, y[4] + 9, x[4] + 20, y[4] + 20).exterior])  # fmt: skip
    shapes[5] = shapely.MultiPolygon([shapely.box(x[5], y[5], x[5] + 12, y[5] + 9),
                                      shapely.box(x[5], y[5] + 14, x[5] + 12, y[5] + 25)])  # fmt: skip
    return gpd.GeoDataFrame({"height": np.round(rng.gamma(2.0, 8.0, n) + 4, 1)}, geometry=shapes, crs=CRS)


def context():
    return PrepareContext(FRAME, Ground(None, CRS, 0.0))


def chunked(frame, layer=LAYER, leaf_most=60):
    made = source_of(layer, Features.of_frame(frame), context(), leaf_most)
    return PreparedChunks(bounds=made.bounds, source=made, baker=CityTextureBaker(made))


@pytest.fixture
def few(monkeypatch):
    """Let inner nodes of the small city show few houses, so that it has levels to speak of."""
    monkeypatch.setattr(source, "KEPT", 20)


@pytest.fixture
def scene():
    with off_screen(SIZE) as target:
        made = Scene(target, FRAME)
        yield made
        made.close()


def look_at(scene, x, y, width, pitch=-89.9, height=10.0):
    box = np.array([[x - width / 2, y - width / 4, 0.0], [x + width / 2, y + width / 4, height]])
    scene.set_camera(cameras.looking_at(box, FRAME, aspect=1.6, pitch_deg=pitch, bearing_deg=20.0))


def large(scene) -> ChunkedLayer:
    return scene.chunks.layers[0]


def pixels_of(scene, xyz):
    """Return the display pixels (x, y from below) of local points."""
    renderer, found = scene.target.renderer, []
    for point in xyz:
        renderer.SetWorldPoint(*point, 1.0)
        renderer.WorldToDisplay()
        found.append(renderer.GetDisplayPoint()[:2])
    return np.round(np.array(found)).astype(int)


def test_a_picture_of_chunks_is_the_picture_of_the_layer_as_a_whole(scene, few):
    frame = houses(16)
    look_at(scene, 480, 480, 420, pitch=-35.0)
    scene.quality("still")
    scene.put(LAYER, prepare(LAYER, VectorData(frame), FRAME, Ground(None, CRS, 0.0)))
    whole = grab(scene.target).astype(int)
    scene.put(LAYER, chunked(frame))
    pieces = grab(scene.target).astype(int)
    assert large(scene).is_complete
    assert (0, PLAIN) in large(scene).held
    assert {level for _, level in large(scene).held} == {PLAIN, FULL}
    assert np.abs(whole - pieces).mean() < 6.0
    scene.remove(LAYER.id)
    empty = grab(scene.target).astype(int)
    assert np.abs(whole - empty).mean() > 25.0  # there was something to lose


@pytest.mark.parametrize("width", [500, 1600, 6000, 20_000])
def test_at_rest_no_house_is_lost_however_far_the_eye_is(scene, few, width):
    frame = houses()
    scene.put(LAYER, chunked(frame))
    look_at(scene, 780, 780, width)
    scene.quality("picture")
    scene.set_selection([])
    shown = grab(scene.target).astype(int)
    middles = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.array)) - FRAME.origin[:2]
    at = pixels_of(scene, np.column_stack([middles, np.zeros(len(middles))]))
    scene.set_visible(LAYER.id, False)
    empty = grab(scene.target).astype(int)
    inside = (at[:, 0] > 3) & (at[:, 0] < SIZE[0] - 3) & (at[:, 1] > 3) & (at[:, 1] < SIZE[1] - 3)
    assert inside.sum() > 20
    there = np.abs(shown - empty).max(axis=2) > 2
    lost = [k for k in np.flatnonzero(inside) if not there[SIZE[1] - 1 - at[k, 1] - 2 : SIZE[1] - 1 - at[k, 1] + 3,
                                                           at[k, 0] - 2 : at[k, 0] + 3].any()]  # fmt: skip
    assert lost == []


def test_a_snapshot_holds_all_that_its_camera_wants_in_full_where_it_is_near(scene, few):
    scene.put(LAYER, chunked(houses()))
    look_at(scene, 780, 780, 300, pitch=-30.0)
    scene.quality("picture")
    grab(scene.target)
    layer = large(scene)
    wanted = choose(layer.source, Eye.of(scene.target.renderer), "picture")
    assert wanted.full.any()
    assert layer.wants() == []
    assert all((node, FULL) in layer.held and layer.held[node, FULL].shown for node in np.flatnonzero(wanted.full))


def test_a_parent_stays_until_all_children_in_sight_are_ready(scene, few):
    scene.put(LAYER, chunked(houses()))
    layer = large(scene)
    look_at(scene, 780, 780, 900)
    eye = Eye.of(scene.target.renderer)
    layer.take((0, PLAIN), layer.make((0, PLAIN)))
    layer.follow_eye(eye, "still")
    assert layer.held[0, PLAIN].shown
    children = list(layer.source.tree.children_of(0))
    for child in children[:-1]:
        layer.take((child, PLAIN), layer.make((child, PLAIN)))
        layer.follow_eye(eye, "still")
        assert [key for key, held in layer.held.items() if held.shown] == [(0, PLAIN)]
    layer.take((children[-1], PLAIN), layer.make((children[-1], PLAIN)))
    layer.follow_eye(eye, "still")
    assert {key for key, held in layer.held.items() if held.shown} == {(child, PLAIN) for child in children}


def test_what_is_drawn_of_two_levels_never_overlaps(scene, few):
    scene.put(LAYER, chunked(houses()))
    for width in (400, 1200, 5000):
        look_at(scene, 700, 800, width, pitch=-25.0)
        for quality in ("moving", "still"):
            scene.quality(quality)
            grab(scene.target)
            layer = large(scene)
            shown = [key for key, held in layer.held.items() if held.shown]
            nodes = [node for node, _ in shown]
            assert len(nodes) == len(set(nodes))
            spans = sorted((int(layer.source.tree.first[n]), int(layer.source.tree.last[n])) for n in nodes)
            assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


def test_the_coarser_picture_of_a_moving_eye_costs_fewer_triangles(few, monkeypatch):
    made = chunked(houses()).source
    monkeypatch.setattr(choosing, "BUDGET", {"moving": 3000, "still": 10**6, "picture": 10**6})
    with off_screen(SIZE) as target:
        scene = Scene(target, FRAME)
        look_at(scene, 780, 780, 1500, pitch=-30.0)
        eye = Eye.of(target.renderer)
        scene.close()
    cost = {}
    for quality in ("moving", "still"):
        shown = np.flatnonzero(choose(made, eye, quality).shown)
        cost[quality] = sum(len(made.places(node)) for node in shown) * choosing.PLAIN_COST["polygon"]
    assert cost["moving"] <= 3000 < cost["still"]


def test_new_colours_touch_no_geometry(scene, few):
    frame = houses(16)
    scene.put(LAYER, chunked(frame))
    look_at(scene, 480, 480, 500, pitch=-40.0)
    scene.quality("still")
    grab(scene.target)
    layer = large(scene)
    drawn = [one for held in layer.held.values() for one in held.drawn]
    before = [(one.data.GetPoints().GetMTime(), one.data.GetPolys().GetMTime()) for one in drawn]
    red = np.tile(np.array([220, 20, 30, 255], np.uint8), (len(frame), 1))
    scene.set_colours(LAYER.id, (frame.index.to_numpy(), red))
    picture = grab(scene.target).astype(int)
    assert [(one.data.GetPoints().GetMTime(), one.data.GetPolys().GetMTime()) for one in drawn] == before
    assert [one for held in layer.held.values() for one in held.drawn] == drawn
    reddish = picture[..., 0] - picture[..., 1:].max(axis=2) > 60
    assert reddish.mean() > 0.1
    scene.set_colours(LAYER.id, None)
    again = grab(scene.target).astype(int)
    assert not (again[..., 0] - again[..., 1:].max(axis=2) > 60).any()


def test_the_fabric_takes_the_colours_of_a_theme(scene, few):
    frame = houses()
    scene.put(LAYER, chunked(frame))
    look_at(scene, 780, 780, 15_000)
    scene.quality("still")
    before = grab(scene.target).astype(int)
    blue = np.tile(np.array([10, 40, 230, 255], np.uint8), (len(frame), 1))
    scene.set_colours(LAYER.id, (frame.index.to_numpy(), blue))
    assert not large(scene).is_complete
    after = grab(scene.target).astype(int)
    bluer = (after[..., 2] - after[..., 0]) - (before[..., 2] - before[..., 0])
    assert (bluer > 12).sum() > 400
    assert (bluer > -6).all()
    assert large(scene).is_complete


def test_picks_name_the_house_under_the_pixel_whatever_is_drawn_there(scene, few):
    frame = houses()
    scene.put(LAYER, chunked(frame))
    top = frame["height"].to_numpy()
    middles = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.array)) - FRAME.origin[:2]
    for width, quality in ((500, "still"), (3000, "moving")):
        look_at(scene, 780, 780, width)
        scene.quality(quality)
        grab(scene.target)
        at = pixels_of(scene, np.column_stack([middles, top]))
        inside = (at > 2).all(axis=1) & (at[:, 0] < SIZE[0] - 2) & (at[:, 1] < SIZE[1] - 2)
        for k in np.flatnonzero(inside)[::17]:
            pick = scene.pick(*at[k].tolist())
            assert pick is not None
            assert pick.key == ObjectKey(LAYER.id, int(frame.index[k]))
            assert pick.world[2] == pytest.approx(top[k], abs=6.0)  # stair heads stand on a roof


def test_a_pick_meets_what_a_ray_meets_among_all_triangles(few):
    made = chunked(houses()).source
    from viewers.render.chunks.massing import mesh_of
    from viewers.render.chunks.picking import pick

    mesh, owner = mesh_of(made, np.arange(made.count))
    hits = 0
    with off_screen(SIZE) as target:
        scene = Scene(target, FRAME)
        look_at(scene, 780, 780, 700, pitch=-20.0)
        rng = np.random.default_rng(8)
        for x, y in rng.integers(10, 390, (40, 2)).tolist():
            ray = ray_of_sight.Ray(target.renderer, x, y)
            known = ray_of_sight.first_triangle(ray.lay(mesh.points), mesh.faces)
            found = pick(made, ray)
            assert (known is None) == (found is None)
            if known is not None:
                hits += 1
                assert found.oid == made.oids[owner[known[0]]]
                assert found.depth_m == pytest.approx(known[1], rel=1e-6)
        scene.close()
    assert hits > 10


def test_what_is_held_stays_within_its_budget_and_what_is_drawn_never_goes(scene, few):
    scene.put(LAYER, chunked(houses()))
    layer = large(scene)
    scene.quality("still")
    for x in range(100, 1500, 200):
        look_at(scene, x, 800, 250, pitch=-30.0)
        grab(scene.target)
    shown = {key for key, held in layer.held.items() if held.shown}
    least = sum(held.nbytes for held in layer.held.values() if held.shown) + layer.city_texture.nbytes
    everything = layer.nbytes
    assert least < everything
    budget = (least + everything) // 2
    assert layer.evict(budget)
    assert layer.nbytes <= max(budget, least) + max(held.nbytes for held in layer.held.values())
    layer.evict(0)
    assert shown <= set(layer.held)


def test_a_filter_takes_houses_out_of_picture_and_picks(scene, few):
    frame = houses()
    scene.put(LAYER, chunked(frame))
    look_at(scene, 780, 780, 900)
    scene.quality("still")
    tall = frame["height"].to_numpy() > 20
    scene.set_rows(LAYER.id, tall)
    grab(scene.target)
    middles = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.array)) - FRAME.origin[:2]
    at = pixels_of(scene, np.column_stack([middles, frame["height"].to_numpy()]))
    inside = (at > 2).all(axis=1) & (at[:, 0] < SIZE[0] - 2) & (at[:, 1] < SIZE[1] - 2)
    for k in np.flatnonzero(inside)[::11]:
        pick = scene.pick(*at[k].tolist())
        hit = pick is not None and pick.key is not None and pick.key.oid == int(frame.index[k])
        assert hit == bool(tall[k])
    assert sum(len(np.unique(one.oids)) for held in large(scene).held.values() for one in held.drawn[:1]) > 0
    drawn = np.unique(np.concatenate([one.oids for h in large(scene).held.values() for one in h.drawn]))
    assert set(drawn.tolist()) - {-1} <= set(frame.index[tall].tolist())


def test_selection_box_and_mark_find_one_house_of_many(scene, few):
    frame = houses()
    scene.put(LAYER, chunked(frame))
    look_at(scene, 780, 780, 500, pitch=-40.0)
    scene.quality("still")
    before = grab(scene.target).astype(int)
    middle = len(frame) // 2 + 13
    box = scene.bounds_of([ObjectKey(LAYER.id, middle)])
    np.testing.assert_allclose(box[:, :2].ravel(), frame.geometry.iloc[middle].bounds, atol=0.02)
    assert box[1, 2] == pytest.approx(frame["height"].iloc[middle], abs=0.01)
    scene.set_selection([ObjectKey(LAYER.id, middle)])
    after = grab(scene.target).astype(int)
    changed = np.abs(after - before).max(axis=2) > 30
    assert 10 < changed.sum() < 6000
    scene.set_selection([])
    assert np.abs(grab(scene.target).astype(int) - before).max() < 3


def test_lines_and_points_are_drawn_and_picked_in_chunks_too(scene, few):
    rng = np.random.default_rng(6)
    begin = rng.random((3000, 2)) * 3000 + FRAME.origin[:2]
    lines = shapely.linestrings(np.stack([begin, begin + rng.normal(0, 60, (3000, 2))], axis=1))
    pipes = Layer("ways", "ways", "vector", "other")
    scene.put(pipes, chunked(gpd.GeoDataFrame({"a": range(3000)}, geometry=lines, crs=CRS), pipes, 200))
    look_at(scene, 1500, 1500, 2500)
    scene.quality("still")
    with_lines = grab(scene.target).astype(int)
    assert large(scene).source.shape == "line"
    assert large(scene).is_complete
    scene.set_visible("ways", False)
    assert (np.abs(grab(scene.target).astype(int) - with_lines).max(axis=2) > 10).mean() > 0.05
    scene.remove("ways")
    points = Layer("marks", "marks", "vector", "other")
    places = gpd.GeoDataFrame({"a": range(3000)}, geometry=shapely.points(begin), crs=CRS)
    scene.put(points, chunked(places, points, 200))
    grab(scene.target)
    assert large(scene).source.shape == "point"
    at = pixels_of(scene, np.column_stack([begin - FRAME.origin[:2], np.full(3000, 0.3)]))
    inside = (at > 2).all(axis=1) & (at[:, 0] < SIZE[0] - 2) & (at[:, 1] < SIZE[1] - 2)
    for k in np.flatnonzero(inside)[::60]:
        pick = scene.pick(*at[k].tolist())
        assert pick is not None
        assert pick.key is not None
        # Several may lie within a pixel or two of each other.
        found = shapely.get_coordinates(places.geometry.iloc[pick.key.oid])[0]
        assert np.hypot(*(found - begin[k])) < 6 * 2500 / 640


def test_a_large_layer_in_degrees_stands_where_its_projected_twin_does(few):
    frame = houses(20)
    flat = chunked(frame).source
    round_ = chunked(frame.to_crs("EPSG:4490")).source
    places = np.argsort(flat.oids), np.argsort(round_.oids)
    for name in ("x", "y", "top"):
        np.testing.assert_allclose(getattr(flat, name)[places[0]], getattr(round_, name)[places[1]], atol=0.05)
    np.testing.assert_allclose(flat.area[places[0]], round_.area[places[1]], rtol=0.02)


def test_no_chunk_is_made_beside_the_frame_that_wants_it(few, monkeypatch):
    begun = []
    make = ChunkedLayer.make
    monkeypatch.setattr(ChunkedLayer, "make", lambda self, key: begun.append(key) or make(self, key))
    with off_screen(SIZE) as target:
        scene = Scene(target, FRAME)
        scene.put(LAYER, chunked(houses()))
        scene.chunks.in_background()
        look_at(scene, 780, 780, 700, pitch=-30.0)
        scene.quality("still")
        begun.clear()
        beside = []

        def drawn(*_):
            time.sleep(0.1)  # long enough for a thread to begin
            beside.extend(begun)

        target.renderer.AddObserver("EndEvent", drawn)
        target.render_window.Render()
        end = time.monotonic() + 30
        while not begun and time.monotonic() < end:
            time.sleep(0.01)
        assert begun
        assert not beside
        scene.close()


def test_chunks_come_in_the_background_and_end_complete(few):
    ready = []
    with off_screen(SIZE) as target:
        scene = Scene(target, FRAME)
        scene.put(LAYER, chunked(houses()))
        scene.chunks.in_background(lambda: ready.append(time.monotonic()))
        look_at(scene, 780, 780, 700, pitch=-30.0)
        scene.quality("still")
        target.render_window.Render()
        assert not scene.chunks.is_complete  # nothing is waited for
        end = time.monotonic() + 30
        while not scene.chunks.is_complete and time.monotonic() < end:
            if scene.chunks.take(0.05):
                target.render_window.Render()
            time.sleep(0.01)
        assert scene.chunks.is_complete
        assert ready
        scene.close()
        assert scene.chunks._loader is None
