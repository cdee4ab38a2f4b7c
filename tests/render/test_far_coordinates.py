"""Far from the origin nothing trembles: at zone-prefixed CGCS2000 coordinates every kind of actor gives the pixels that
it gives at the origin, from two metres and from afar, and while the eye moves."""

import functools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.geometry.feature_table import Features
from models.layers.layer import CloudData, Layer, RasterData, Style, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.terrain.excavation import Pit
from models.views.annotations import Note
from models.views.camera import Camera
from models.views.snapshot_spec import Measure
from models.views.visibility import Cut, ElementAppearance, GroundTransparency, Plane
from tests.support.bim_models import table_model
from viewers.render.chunks.city_texture_baking import CityTextureBaker
from viewers.render.chunks.preparation import PreparedChunks, prepare
from viewers.render.chunks.source import source_of
from viewers.render.geometry.parts import GlyphPart, LabelPart, LinePart, MeshPart, Prepared
from viewers.render.palette.context import PrepareContext
from viewers.render.scene.offscreen import ground_of
from viewers.render.scene.raster_streaming import Streamer
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene
from viewers.render.scene.scene_underground import look_through, put_pits
from viewers.render.underground.excavation import carved, is_cut

pytestmark = pytest.mark.render

CRS = "EPSG:4527"
#: Where the scene stands: beside the zero of the numbers, and where the city is; both as far from a whole kilometre.
HERE, FAR = (1000.123, 2000.456), (39_500_000.123, 4_400_000.456)
SIZE = (160, 120)
#: Two pictures may differ by so many grey levels in so many of their pixels.
LEVELS, SHARE = 6, 0.002


def frame(place):
    """A project's frame at a place, its origin in whole metres as a project has it."""
    return Frame(CRS, None, (int(place[0] // 1000) * 1000, int(place[1] // 1000) * 1000, 20))


def city(place):
    """The same small city at a place: terrain, image, land, road, house, tree, lamp, pipe, model, names."""
    e, n = place

    def vector(shapes, **columns):
        return VectorData(gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS))

    box = shapely.box
    side = 24
    x, y = np.meshgrid((np.arange(side) + 0.5) * 4 - 48, 48 - (np.arange(side) + 0.5) * 4)
    to = (4.0, 0.0, e - 48, 0.0, -4.0, n + 48)
    heights = RasterData((24.0 + 0.02 * x - 0.03 * y).astype(np.float32), to, CRS)
    chance = np.random.default_rng(1)
    picture = np.repeat(np.repeat(chance.integers(60, 220, (6, 6, 3)), 4, axis=0), 4, axis=1).astype(np.uint8)
    model = table_model([
        {"ifc_class": "IfcBuilding", "name": "House"},
        {"ifc_class": "IfcWall", "name": "wall", "parent": 0, "box": ((-2, -2, 0), (4, 0.3, 3))},
        {"ifc_class": "IfcSlab", "name": "slab", "parent": 0, "box": ((-2, -2, -0.3), (4, 4, 0.3))},
    ])  # fmt: skip
    model.placement[:3, 3] = [e + 8, n + 8, 26.0]
    model.crs = CRS
    layers = [
        (Layer("terrain", "地形", "terrain", "terrain"), heights),
        (Layer("image", "影像", "image", "image"), RasterData(picture, to, CRS)),
        (Layer("land", "地块", "vector", "land"), vector([box(e - 20, n - 20, e - 4, n - 4)], use=["residential"])),
        (Layer("road", "道路", "vector", "roads"),
         vector([shapely.LineString([(e - 30, n + 16), (e + 30, n + 18)])], width_m=[7.0])),
        (Layer("house", "楼", "vector", "buildings", style=Style(height_field="h")),
         vector([box(e - 8, n - 2, e - 1, n + 6)], h=[9.0])),
        (Layer("tree", "树", "vector", "trees"), vector([shapely.Point(e + 3, n - 5), shapely.Point(e + 6, n - 7)])),
        (Layer("lamp", "部件", "vector", "facilities"), vector([shapely.Point(e + 1, n - 3)], code=["0103"])),
        (Layer("pipe", "管线", "vector", "pipes"),
         vector([shapely.LineString([(e - 12, n - 9, 22.0), (e + 12, n - 8, 21.5)])], kind=["YS"], diameter=[600.0])),
        (Layer("line", "线", "vector", "other"), vector([shapely.LineString([(e - 9, n - 12), (e + 9, n - 10)])])),
        (Layer("point", "点", "vector", "other", style=Style(label_field="name")),
         vector([shapely.Point(e + 2, n + 3)], name=["泉川"])),
        (Layer("model", "模型", "model", "model"), model),
    ]  # fmt: skip
    state = ProjectState("远", frame=frame(place), layers=tuple(layer for layer, _ in layers))
    return state, {layer.id: data for layer, data in layers}


def eye(place, back, up, aside=0.0):
    """A camera over the scene."""
    e, n = place
    return Camera((e + aside, n - back, 25.0 + up), (e + 1.5 + aside / 3, n + 0.5, 25.0), angle_deg=40.0)


#: Near, far, and two places of a moving eye a hand's breadth apart.
EYES = {"near": (2.0, 1.2, 0.0), "far": (90.0, 55.0, 10.0), "moving": (9.0, 6.0, 0.0), "moved": (9.0, 6.0, 0.13)}


def pictures(place, roles, act=None, quality="still", eyes=EYES):
    """What the layers of some ids look like from every eye; ``act`` changes the scene before."""
    state, data = city(place)
    shown = tuple(layer for layer in state.layers if layer.id in roles)
    state = replace(state, layers=shown)
    pits = act is dig
    if pits:
        ring = tuple((place[0] + x, place[1] + y) for x, y in ((-6, -14), (10, -14), (10, -5), (-6, -6)))
        state = replace(state, pits=(Pit("p", "坑", ring, 3.0),))
    ground = ground_of(state, data)
    found = {}
    with off_screen(SIZE) as target:
        scene = Scene(target, state.frame)
        try:
            for layer in shown:
                prepared = prepare(layer, data[layer.id], state.frame, ground)
                scene.put(layer, carved(prepared, state.pits, state.frame) if pits and is_cut(layer) else prepared)
            if act is not None:
                act(scene, place, state, ground)
            for name, where in eyes.items():
                scene.quality("moving" if name.startswith("mov") else quality)
                scene.set_camera(eye(place, *where))
                if act is weave:
                    Streamer(scene).finish()
                found[name] = grab(target).astype(np.int16)
        finally:
            scene.close()
    return found


def dig(scene, place, state, ground):
    put_pits(scene, state, ground)


def through(scene, place, state, ground):
    look_through(scene, state, ground, GroundTransparency(0.4, 0.5, True))


def measure(scene, place, state, ground):
    e, n = place
    scene.set_measures([
        Measure("distance", ((e - 3, n, 25.0), (e + 4, n + 2, 26.0)), "7.348 m"),
        Measure("area", ((e, n, 25.0), (e + 3, n, 25.0), (e + 3, n + 3, 25.0)), "4.5 m²"),
        Measure("angle", ((e + 2, n, 25.0), (e, n, 25.0), (e, n + 2, 26.0)), "90.00°"),
        Measure("drape", tuple((e + k / 2, n - 2, 25.0) for k in range(9)), "4 m"),
    ])  # fmt: skip


def write(scene, place, state, ground):
    e, n = place
    scene.set_notes([
        Note("1", "text", ((e + 1, n + 1, 25.0),), "注意"), Note("2", "pin", ((e - 1, n + 2, 25.0),), number=3),
        Note("3", "arrow", ((e + 3, n + 1, 26.0), (e + 1, n, 25.0))),
        Note("4", "area", ((e - 3, n - 1, 25.0), (e - 1, n - 1, 25.0), (e - 2, n + 1, 25.0))),
        Note("5", "line", ((e, n - 1, 25.0), (e + 2, n - 1, 25.2))),
        Note("6", "freehand", ((e, n, 25.0), (e, n + 1, 25.0))),
    ])  # fmt: skip


def choose(scene, place, state, ground):
    scene.set_selection([ObjectKey("house", 0), ObjectKey("model", 1), ObjectKey("tree", 0), ObjectKey("pipe", 0)])


def cut(scene, place, state, ground):
    e, n = place
    scene.set_cut(Cut((Plane((e - 4, n, 25.0), (0.0, -1.0, 0.1)), Plane((e, n, 30.5), (0.0, 0.0, 1.0)))))


def ghost(scene, place, state, ground):
    scene.set_look("model", ElementAppearance(ghost=frozenset({1})))


def scan(scene, place, state, ground):
    """A point cloud: a wall and the ground before it."""
    x, y = (side.ravel() for side in np.meshgrid(np.linspace(-4, 4, 90), np.linspace(0, 4, 60)))
    points = np.concatenate([np.column_stack([x, 0 * x + 2, y]), np.column_stack([x, y - 2, 0.05 * x])])
    colours = np.random.default_rng(2).integers(40, 220, (len(points), 3)).astype(np.uint8)
    offset = np.array([place[0], place[1], 25.0])
    cloud = Layer("scan", "点云", "cloud")
    scene.put(cloud, prepare(cloud, CloudData(points.astype(np.float32), offset, CRS, colours), state.frame, ground))


def weave(scene, place, state, ground):
    """A block of houses in chunks, drawn in full where it is near."""
    e, n = place
    x, y = (side.ravel() * 9.0 for side in np.meshgrid(np.arange(12) - 6, np.arange(12)))
    shapes = shapely.box(e + x, n + y, e + x + 5, n + y + 6)
    houses = gpd.GeoDataFrame({"h": np.linspace(4, 20, len(x))}, geometry=shapes, crs=CRS)
    layer = Layer("block", "街区", "vector", "buildings", style=Style(height_field="h"))
    made = source_of(layer, Features.of_frame(houses), PrepareContext(state.frame, ground), 30)
    scene.put(layer, PreparedChunks(bounds=made.bounds, source=made, baker=CityTextureBaker(made)))


#: Every kind of thing a scene draws: the layers that are in it, and what is done to it.
KINDS = {
    "terrain": (("terrain",), None),
    "image": (("terrain", "image"), None),
    "draped areas and roads": (("terrain", "land", "road"), None),
    "buildings": (("terrain", "house"), None),
    "glyphs": (("terrain", "tree", "lamp"), None),
    "pipes": (("pipe",), None),
    "lines and points": (("terrain", "line", "point"), None),
    "models": (("terrain", "model"), None),
    "a plain": (("house",), None),
    "selection": (("terrain", "house", "model", "tree", "pipe"), choose),
    "cut faces": (("house", "model", "pipe"), cut),
    "ghosts": (("terrain", "model"), ghost),
    "measures": (("terrain",), measure),
    "annotations": (("terrain",), write),
    "pits": (("terrain", "image", "land", "road", "line", "pipe"), dig),
    "the underground": (("terrain", "house", "pipe"), through),
    "point clouds": (("terrain",), scan),
    "chunks": (("terrain",), weave),
}


@functools.lru_cache(maxsize=1)
def empty():
    """An empty scene from every eye."""
    return pictures(HERE, ())


def apart(one, two):
    """The share of pixels that differ by more than is allowed."""
    return float((np.abs(one - two).max(axis=2) > LEVELS).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_far_from_the_origin_a_thing_gives_the_same_pixels(kind):
    roles, act = KINDS[kind]
    near, far = pictures(HERE, roles, act), pictures(FAR, roles, act)
    bare = empty()
    for name in EYES:
        assert apart(near[name], far[name]) <= SHARE, f"{kind}, {name}: {apart(near[name], far[name]):.2%} differ"
    assert max(apart(near[name], bare[name]) for name in EYES) > 0.01, f"{kind} is seen at all"


def parts_at(place):
    """Parts of every kind, made by hand: what a maker could hand to the scene."""
    at = frame(place).to_local(np.array([[*place, 25.0]]))[0]
    corners = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 1], [0, 2, 1]], float) + at
    white = np.full((2, 4), 255, np.uint8)
    white[:, 1] = 90
    mesh = MeshPart(
        corners.astype(np.float32), np.array([[0, 1, 2], [0, 2, 3]], np.int32), np.zeros(2, np.int32), white
    )
    line = LinePart(
        (corners + np.array([0, -1, 0.2])).astype(np.float32), np.array([0, 4]), np.zeros(1, np.int32), white[:1], 3.0
    )
    feet = (corners + np.array([-2, 0, 0])).astype(np.float32)
    glyph = GlyphPart(feet, np.arange(4, dtype=np.int32), np.tile(white, (2, 1)), "lamp", np.ones((4, 3), np.float32),
                      np.zeros(4, np.float32))  # fmt: skip
    label = LabelPart((corners[:1] + np.array([1, 1, 2])).astype(np.float32), ["远处"], ["far"], np.ones(1, np.float32))
    return Prepared([mesh, line, glyph, label], np.stack([corners.min(axis=0) - 3, corners.max(axis=0) + 3]))


def test_parts_made_by_hand_do_not_tremble_either():
    def put(scene, place, state, ground):
        scene.put(Layer("hand", "手", "vector", "other"), parts_at(place))

    near, far = pictures(HERE, (), put), pictures(FAR, (), put)
    assert all(apart(near[name], far[name]) <= SHARE for name in EYES)
    assert apart(near["near"], empty()["near"]) > 0.01


def test_the_test_would_notice_a_trembling_scene():
    """Float32 world coordinates, the classic mistake: half a metre of noise at four million."""

    def wrong(scene, place, state, ground):
        prepared = parts_at(place)
        origin = np.asarray(state.frame.origin, dtype=np.float64)
        for part in prepared.parts:
            world = (part.points.astype(np.float64) + origin).astype(np.float32)
            part.points = (world.astype(np.float64) - origin).astype(np.float32)
        scene.put(Layer("hand", "手", "vector", "other"), prepared)

    near, far = pictures(HERE, (), wrong), pictures(FAR, (), wrong)
    assert apart(near["near"], far["near"]) > 10 * SHARE


def test_layers_on_one_another_are_looked_through_as_one_ground():
    """Terrain, land and road at an opacity of 0.4: what lies below keeps 0.6 of its contrast, not 0.6³."""

    def looked(opacity):
        def act(scene, place, state, ground):
            look_through(scene, state, ground, GroundTransparency(opacity, 1.0, False))

        return pictures(HERE, ("terrain", "land", "road", "pipe"), act, eyes={"far": (30.0, 40.0, 0.0)})["far"]

    clear, half, solid = looked(0.0), looked(0.4), looked(1.0)
    ground = np.s_[3 * SIZE[1] // 4 :]
    assert np.median(np.abs(solid - clear)[ground].max(axis=2)) > 5 * LEVELS, "ground and depths differ"
    off = np.abs(half - (0.6 * clear + 0.4 * solid))[ground].max(axis=2)
    assert np.mean(off > 2 * LEVELS) < 0.05


def test_a_camera_comes_back_from_far_coordinates_as_it_was():
    with off_screen(SIZE) as target:
        scene = Scene(target, frame(FAR))
        try:
            wanted = eye(FAR, 2.0, 1.2)
            scene.set_camera(wanted)
            assert np.allclose(scene.camera.position, wanted.position, atol=1e-6)
            assert np.allclose(scene.camera.focal_point, wanted.focal_point, atol=1e-6)
        finally:
            scene.close()
