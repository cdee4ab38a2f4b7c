"""Looking into models: what is hidden, faded, lifted, cut and measured, in pictures, picks and figures."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from models.core.errors import UserError
from models.crs.frame import Frame
from models.geometry.meshes import MeshStore
from models.layers.layer import Layer, ModelData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.terrain.ground import Ground
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec
from models.views.visibility import Cut, ElementAppearance, Plane, SectionBox
from viewers.render.chunks.preparation import prepare
from viewers.render.geometry.local_plane import LocalPlane
from viewers.render.geometry.parts import Body
from viewers.render.geometry.welding import coarsened, weld
from viewers.render.overlays.measures import Measure, arc_points
from viewers.render.scene.offscreen import render_picture
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene
from viewers.render.section import cut_faces as capping
from viewers.render.section.clip_planes import Cutter
from viewers.sheets.record import read_record, write_png

pytestmark = pytest.mark.render

CRS = "EPSG:4548"
FRAME = Frame(CRS, None, (500_000, 4_000_000, 0))
SIZE = (320, 200)
BOX = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=np.float32)
BOX_FACES = np.array(
    [[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4], [2, 6, 7], [2, 7, 3], [0, 4, 6], [0, 6, 2],
     [1, 3, 7], [1, 7, 5]], dtype=np.int32,
)  # fmt: skip


def boxes(corners: list[tuple[float, ...]], sizes: list[tuple[float, ...]], faces: Any = BOX_FACES) -> MeshStore:
    """Boxes by their lowest corner and size, one element each."""
    matrices = np.tile(np.eye(4), (len(corners), 1, 1))
    for matrix, corner, size in zip(matrices, corners, sizes, strict=True):
        matrix[:3, :3] = np.diag(size)
        matrix[:3, 3] = corner
    return MeshStore(
        BOX, faces, np.zeros(len(faces), np.int32), np.array([0, 8]), np.array([0, len(faces)]),
        np.zeros(len(corners), np.int32), np.arange(len(corners), dtype=np.int32), matrices,
        np.array([[0.8, 0.7, 0.6, 1.0]], np.float32),
    )  # fmt: skip


def model(store: MeshStore, at: tuple[float, float, float] = (500_100.0, 4_000_200.0, 10.0)) -> ModelData:
    placement = np.eye(4)
    placement[:3, 3] = at
    count = int(store.placement_element.max()) + 1
    return ModelData(store, pd.DataFrame({"ifc_class": ["IfcWall"] * count}), {}, placement, CRS)


LAYER = Layer("m", "模型", "model", "model")
#: Element 0 stands left, 1 right, 2 on top of both.
STORE = boxes([(0, 0, 0), (6, 0, 0), (0, 0, 4)], [(4, 4, 3), (4, 4, 3), (10, 4, 3)])
FRONT = Camera((500_105.0, 4_000_170.0, 16.0), (500_105.0, 4_000_200.0, 13.5), angle_deg=30.0)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with off_screen(SIZE) as target:
        shown = Scene(target, FRAME)
        shown.put(LAYER, prepare(LAYER, model(STORE), FRAME, Ground(None, CRS, 10.0)))
        shown.set_camera(FRONT)
        grab(target)
        yield shown
        shown.close()


def pixel_of(scene: Scene, world: tuple[float, float, float]) -> tuple[int, int]:
    renderer = scene.target.renderer
    renderer.SetWorldPoint(*FRAME.to_local(np.array([world]))[0], 1.0)
    renderer.WorldToDisplay()
    x, y, _ = renderer.GetDisplayPoint()
    return round(x), round(y)


def at(e: float, n: float, h: float) -> tuple[float, float, float]:
    return (500_100.0 + e, 4_000_200.0 + n, 10.0 + h)


def vector(corner: Any, *step: float) -> tuple[float, float, float]:
    x, y, z = (corner + np.array(step)).tolist()
    return x, y, z


def where(one: Any, other: Any) -> Any:
    return np.abs(one.astype(int) - other.astype(int)).max(axis=2) > 12


def key_at(scene: Scene, world: tuple[float, float, float]) -> int | None:
    pick = scene.pick(*pixel_of(scene, world))
    return None if pick is None or pick.key is None else pick.key.oid


# --- looks ------------------------------------------------------------------------------------------------------------


def test_what_is_hidden_is_neither_drawn_nor_picked_and_its_points_stay_where_they_are(scene: Scene) -> None:
    before = grab(scene.target)
    (one,) = scene._layers["m"].bases
    points = one.data.GetPoints().GetData()
    written = points.GetMTime()
    assert key_at(scene, at(2, 0, 1.5)) == 0
    scene.set_look("m", ElementAppearance(hidden=frozenset({0})))
    after = where(grab(scene.target), before)
    left, right = pixel_of(scene, at(2, 0, 1.5)), pixel_of(scene, at(8, 0, 1.5))
    assert after[SIZE[1] - 1 - left[1], left[0]]
    assert not after[SIZE[1] - 1 - right[1], right[0]]
    assert key_at(scene, at(2, 0, 1.5)) != 0
    assert one.data.GetPoints().GetData() is points
    assert points.GetMTime() == written
    scene.set_look("m", None)
    assert not where(grab(scene.target), before).any()
    assert key_at(scene, at(2, 0, 1.5)) == 0


def test_a_ghost_is_seen_faintly_and_lets_picks_through(scene: Scene) -> None:
    before = grab(scene.target)
    scene.set_look("m", ElementAppearance(hidden=frozenset({0})))
    away = grab(scene.target)
    scene.set_look("m", ElementAppearance(ghost=frozenset({0})))
    faint = grab(scene.target)
    x, y = pixel_of(scene, at(2, 0, 1.5))
    body, gone, ghost = (np.asarray(p[SIZE[1] - 1 - y, x], dtype=float) for p in (before, away, faint))
    assert 0.02 < np.linalg.norm(ghost - gone) / np.linalg.norm(body - gone) < 0.5
    assert where(faint, away).sum() > 100, "its outlines are seen"
    assert key_at(scene, at(2, 0, 1.5)) != 0


def test_lifted_elements_are_drawn_picked_and_bounded_where_they_are_lifted_to(scene: Scene) -> None:
    scene.set_look("m", ElementAppearance(lift_m={2: 5.0}))
    grab(scene.target)
    assert key_at(scene, at(5, 0, 5.5)) is None
    assert key_at(scene, at(5, 0, 10.5)) == 2
    box = scene.bounds_of([ObjectKey("m", 2)])
    assert box is not None
    assert np.allclose(box, [at(0, 0, 9), at(10, 4, 12)], atol=1e-3)
    snap = scene.snap(*pixel_of(scene, at(0, 0, 12)))
    assert snap is not None
    assert snap.kind == "vertex"
    assert np.allclose(snap.world, at(0, 0, 12), atol=1e-3)


def test_colours_of_a_look_lie_over_those_of_the_theme_and_the_theme_comes_back(scene: Scene) -> None:
    x, y = pixel_of(scene, at(2, 0, 1.5))
    scene.set_colours("m", {0: (0, 200, 0, 255), 1: (0, 200, 0, 255)})
    green = grab(scene.target)[SIZE[1] - 1 - y, x]
    scene.set_look("m", ElementAppearance(colours={0: (200, 0, 0, 255)}))
    red = grab(scene.target)[SIZE[1] - 1 - y, x]
    scene.set_look("m", None)
    assert green[1] > green[0] + 50
    assert red[0] > red[1] + 50
    assert np.array_equal(grab(scene.target)[SIZE[1] - 1 - y, x], green)


def test_a_look_and_a_cut_survive_a_finer_stage_of_the_same_layer(scene: Scene) -> None:
    scene.set_look("m", ElementAppearance(hidden=frozenset({0}), colours={1: (200, 0, 0, 255)}))
    scene.set_cut(Cut(planes=(Plane(at(0, 2, 0), (0.0, -1.0, 0.0)),)))
    before = grab(scene.target)
    scene.put(LAYER, prepare(LAYER, model(STORE), FRAME, Ground(None, CRS, 10.0)))
    assert scene.caps_due
    scene.put_caps(scene.caps_work()())
    assert not where(grab(scene.target), before).any()


def test_a_selected_element_that_is_hidden_leaves_no_mark(scene: Scene) -> None:
    scene.set_look("m", ElementAppearance(hidden=frozenset({0})))
    before = grab(scene.target)
    scene.set_selection([ObjectKey("m", 0)])
    assert not where(grab(scene.target), before).any()


# --- cuts -------------------------------------------------------------------------------------------------------------


def test_what_is_cut_away_is_neither_drawn_nor_hit_and_the_cut_face_answers_for_its_element(scene: Scene) -> None:
    scene.set_cut(Cut(planes=(Plane(at(0, 1.5, 0), (0.0, -1.0, 0.0)),)))
    grab(scene.target)
    pick = scene.pick(*pixel_of(scene, at(2, 1.5, 1.5)))
    assert pick is not None
    assert pick.key == ObjectKey("m", 0)
    assert pick.world is not None
    assert pick.world[1] == pytest.approx(4_000_201.5, abs=2e-3)
    snap = scene.snap(*pixel_of(scene, at(0, 1.5, 3)), radius_px=4)
    assert snap is not None
    assert snap.world[1] > 4_000_201.49, "the front corners are gone"
    scene.set_cut(None)
    pick = scene.pick(*pixel_of(scene, at(2, 0, 1.5)))
    assert pick is not None
    assert pick.world is not None
    assert pick.world[1] == pytest.approx(4_000_200.0, abs=2e-3)


def test_cut_walls_of_a_plan_answer_for_their_element(scene: Scene) -> None:
    scene.set_cut(Cut(planes=(Plane(at(0, 0, 1.2345), (0.0, 0.0, 1.0)),), models_only=True))
    scene.set_camera(Camera(at(5, 2, 60), at(5, 2, 2), (0.0, 1.0, 0.0), parallel_scale_m=6.0))
    grab(scene.target)
    for east, oid in ((2.0, 0), (8.0, 1)):
        pick = scene.pick(*pixel_of(scene, at(east, 2, 1.2345)))
        assert pick is not None
        assert pick.world is not None
        assert pick.key == ObjectKey("m", oid)
        assert pick.world[2] == pytest.approx(11.2345, abs=1e-3), "the cut face, not the floor below it"


def test_a_selected_wall_is_marked_on_its_cut_face_and_not_where_it_is_cut_away(scene: Scene) -> None:
    scene.set_cut(Cut(planes=(Plane(at(0, 0, 1.2345), (0.0, 0.0, 1.0)),), models_only=True))
    before = grab(scene.target)
    scene.set_selection([ObjectKey("m", 0)])
    marked = where(grab(scene.target), before)
    face, above = pixel_of(scene, at(2, 2, 1.2345)), pixel_of(scene, at(2, 0, 2.9))
    assert not marked[SIZE[1] - 1 - face[1], face[0]], "the face keeps its own colour …"
    rows, columns = np.nonzero(marked)
    assert rows.min() < SIZE[1] - 1 - face[1] < rows.max(), "… within the outline"
    assert columns.min() < face[0] < columns.max()
    assert not marked[SIZE[1] - 1 - above[1] - 4, above[0]]
    scene.set_cut(None)
    scene.set_selection([])
    assert not scene._marks


def test_a_cut_face_far_from_the_origin_answers_though_its_corners_are_rounded() -> None:
    far = 540_100.0  # single floats stand four millimetres apart
    with off_screen(SIZE) as target:
        shown = Scene(target, FRAME)
        shown.put(LAYER, prepare(LAYER, model(STORE, (far, 4_000_200.0, 10.0)), FRAME, Ground(None, CRS, 10.0)))
        shown.set_camera(Camera((far + 40.0, 4_000_202.0, 11.5), (far + 2.0, 4_000_202.0, 11.5)))
        for east in (2.3451, 2.3462, 2.3473, 2.3484):
            shown.set_cut(Cut(planes=(Plane((far + east, 4_000_202.0, 11.5), (1.0, 0.0, 0.0)),)))
            grab(target)
            pick = shown.pick(SIZE[0] // 2, SIZE[1] // 2)
            assert pick is not None
            assert pick.world is not None
            assert pick.key == ObjectKey("m", 0)
            assert pick.world[0] == pytest.approx(far + east, abs=0.01), "the cut face, not the wall behind it"
        shown.close()


def test_hidden_elements_have_no_cut_faces(scene: Scene) -> None:
    cut = Cut(planes=(Plane(at(0, 1.5, 0), (0.0, -1.0, 0.0)),))
    scene.set_look("m", ElementAppearance(hidden=frozenset({0})))
    scene.set_cut(cut)
    oids = {int(o) for one in scene._layers["m"].caps for o in one.oids}
    assert oids == {1, 2}


def test_a_cut_for_models_only_leaves_the_city_whole(scene: Scene) -> None:
    cutter = Cutter(Cut(planes=(Plane(at(0, 0, 0), (0.0, 0.0, 1.0)),), models_only=True), FRAME)
    assert cutter.cuts("model")
    assert not cutter.cuts("vector")


def test_a_section_box_turned_clockwise_keeps_what_lies_in_it() -> None:
    box = SectionBox((500_090.0, 4_000_199.0, 0.0), (500_110.0, 4_000_201.0, 9.0), bearing_deg=90.0)
    cutter = Cutter(Cut(box=box), FRAME)
    points = np.array([[100.0, 209.0, 5.0], [109.0, 200.0, 5.0], [100.0, 200.0, 9.5]])
    assert cutter.kept(points).tolist() == [True, False, False]
    tilted = Cutter(Cut(box=SectionBox(box.low, box.high, 30.0)), FRAME)
    east = np.array([[100 + 9 * np.cos(np.radians(30)), 200 - 9 * np.sin(np.radians(30)), 5.0]])
    assert tilted.kept(east).all(), "its long side turns from east towards south"


def test_a_stale_cut_face_is_dropped(scene: Scene) -> None:
    scene.set_cut(Cut(planes=(Plane(at(0, 1.5, 0), (0.0, -1.0, 0.0)),)), final=False)
    work = scene.caps_work()
    scene.set_look("m", ElementAppearance(hidden=frozenset({0})))
    scene.put_caps(work())
    assert not scene._layers["m"].caps
    assert scene.caps_due


# --- cut faces --------------------------------------------------------------------------------------------------------


def cap_area(store: MeshStore, plane: LocalPlane) -> tuple[float, Any]:
    """Return the area of the cut faces of a model, and the part."""
    prepared = prepare(LAYER, model(store, (500_000.0, 4_000_000.0, 0.0)), FRAME, Ground(None, CRS, 0.0))
    assert prepared is not None
    part: Any = prepared.parts[0]
    made = capping.caps([Body(part, None, 0.0, part.colours)], [plane], 0)
    if made is None:
        return 0.0, None
    corner = made.points[made.faces].astype(np.float64)
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    return float(np.linalg.norm(normal, axis=1).sum() / 2), made


def mesh_of(points: Any, faces: Any) -> MeshStore:
    return MeshStore(
        np.asarray(points, np.float32), np.asarray(faces, np.int32), np.zeros(len(faces), np.int32),
        np.array([0, len(points)]), np.array([0, len(faces)]), np.zeros(1, np.int32), np.zeros(1, np.int32),
        np.eye(4)[None], np.array([[0.5, 0.5, 0.5, 1.0]], np.float32),
    )  # fmt: skip


def pipe(outer_m: float, inner_m: float, sides: int, turned: bool = False) -> MeshStore:
    """A hollow prism, 6 m long, along z."""
    turn = np.arange(sides) * 2 * np.pi / sides
    ring = np.column_stack([np.cos(turn), np.sin(turn)])
    rings = [(outer_m, 0.0), (outer_m, 6.0), (inner_m, 6.0), (inner_m, 0.0)]
    points = np.concatenate([np.column_stack([ring * r, np.full(sides, z)]) for r, z in rings])
    faces = []
    for k in range(4):
        for i in range(sides):
            a, b = k * sides + i, k * sides + (i + 1) % sides
            c, d = (k + 1) % 4 * sides + i, (k + 1) % 4 * sides + (i + 1) % sides
            faces += [[a, b, d], [a, d, c]] if not (turned and i % 3 == 0) else [[a, d, b], [a, c, d]]
    return mesh_of(points, faces)


UP = LocalPlane(np.array([0.0, 0.0, 2.0]), np.array([0.0, 0.0, 1.0]))


@pytest.mark.parametrize("turned", [False, True], ids=["wound one way", "wound at random"])
def test_the_cut_face_of_a_hollow_pipe_is_the_ring_and_not_the_hole(turned: bool) -> None:
    area, made = cap_area(pipe(1.0, 0.8, 24, turned), UP)
    assert area == pytest.approx(0.5 * 24 * np.sin(2 * np.pi / 24) * (1 - 0.64), rel=1e-3)
    assert (made.points[:, 2] == 2.0).all()
    slanted = LocalPlane(np.array([0.0, 0.0, 3.0]), np.array([0.0, 0.6, 0.8]))
    assert cap_area(pipe(1.0, 0.8, 24, turned), slanted)[0] == pytest.approx(area / 0.8, rel=1e-3)


def test_cut_faces_of_boxes_have_their_exact_area_and_outline_and_a_darker_colour() -> None:
    area, made = cap_area(boxes([(0, 0, 0), (6, 0, 0)], [(4, 0.3, 3), (0.2, 5, 3)]), UP)
    assert area == pytest.approx(4 * 0.3 + 0.2 * 5, rel=2e-3)
    assert set(made.oids.tolist()) == {0, 1}
    side = made.points.reshape(-1, 3, 3)
    length = np.linalg.norm(np.roll(side, -1, axis=1) - side, axis=2)[made.edge_flags.reshape(-1, 3) == 1].sum()
    assert length == pytest.approx(2 * (4.3 + 5.2), rel=2e-3)
    assert made.colours[:, :3].max() < 160
    assert made.colours[:, 3].min() == 255


def test_a_plane_through_the_very_face_of_a_box_breaks_nothing() -> None:
    for height in (0.0, 3.0):
        area, _ = cap_area(boxes([(0, 0, 0)], [(4, 2, 3)]), LocalPlane(np.array([0, 0, height]), UP.normal))
        assert area == pytest.approx(0.0) or area == pytest.approx(8.0, rel=2e-3)


def test_overlapping_bodies_of_one_element_are_full_where_they_overlap() -> None:
    store = boxes([(0, 0, 0), (1, 1, 0)], [(2, 2, 3), (2, 2, 3)])
    one = MeshStore(*(getattr(store, name) for name in store.__dataclass_fields__))
    object.__setattr__(one, "placement_element", np.zeros(2, np.int32))
    _, made = cap_area(one, UP)
    filled = shapely.union_all(shapely.polygons(made.points[:, :2].reshape(-1, 3, 2)))
    assert filled.area == pytest.approx(7.0, rel=2e-3)


def test_an_open_shell_is_not_filled_and_its_closed_neighbour_is() -> None:
    lone_side = mesh_of(BOX * [4, 4, 3], BOX_FACES[4:10])
    assert cap_area(lone_side, UP)[0] == 0.0
    assert cap_area(mesh_of(BOX * [4, 4, 3], BOX_FACES[4:]), UP)[0] == pytest.approx(16.0, rel=2e-3)


# --- snaps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [(0, 0), (39_500_000, 4_412_345)], ids=["near", "far"])
def test_a_snap_gives_the_corner_of_a_model_to_the_millimetre_however_far_its_coordinates(
    origin: tuple[int, int],
) -> None:
    frame = Frame("EPSG:4527", None, (*origin, 0))
    corner = np.array([origin[0] + 1_903.123456, origin[1] + 1_777.654321, 12.345678])
    data = model(boxes([(0, 0, 0)], [(4, 5, 3)]), tuple(corner))
    data.crs = "EPSG:4527"
    with off_screen(SIZE) as target:
        shown = Scene(target, frame)
        shown.put(LAYER, prepare(LAYER, data, frame, Ground(None, "EPSG:4527", 0.0)))
        shown.set_camera(Camera(vector(corner, -6, -14, 9), vector(corner, 2, 2, 1), angle_deg=35.0))
        grab(target)
        for step, kind in (((0, 0, 3), "vertex"), ((4, 0, 0), "vertex"), ((2, 0, 3), "edge"), ((2, 0, 1.5), "face")):
            wanted = corner + step
            target.renderer.SetWorldPoint(*frame.to_local(wanted[None])[0], 1.0)
            target.renderer.WorldToDisplay()
            x, y, _ = target.renderer.GetDisplayPoint()
            snap = shown.snap(round(x), round(y), radius_px=8)
            assert snap is not None
            assert snap.kind == kind
            assert snap.key == ObjectKey("m", 0)
            if kind != "face":
                assert np.linalg.norm(np.subtract(snap.world, wanted)) < 1e-3
                assert snap.middle == (kind == "edge")
            else:
                assert snap.world[1] == pytest.approx(corner[1], abs=1e-3)
        shown.close()


def test_a_corner_that_is_hidden_behind_a_wall_is_not_snapped_to(scene: Scene) -> None:
    far = at(0, 4, 0)  # behind the front of element 0
    snap = scene.snap(*pixel_of(scene, far), radius_px=3)
    assert snap is None or np.linalg.norm(np.subtract(snap.world, far)) > 0.5


def test_a_snap_in_the_sky_is_nothing(scene: Scene) -> None:
    assert scene.snap(3, SIZE[1] - 3) is None


# --- measures, pictures -----------------------------------------------------------------------------------------------


def test_measures_are_drawn_over_everything_and_go_away(scene: Scene) -> None:
    before = grab(scene.target)
    behind = Measure("distance", (at(1, 3.9, 1), at(3, 3.9, 1)), "2.00 m")
    scene.set_measures([behind])
    changed = where(grab(scene.target), before)
    x, y = pixel_of(scene, at(2, 3.9, 1))
    assert changed[SIZE[1] - 2 - y : SIZE[1] - y + 1, x].any(), "a line behind the wall is seen"
    solid = changed.sum()
    scene.set_measures([Measure("distance", behind.points, "", dashed=True)])
    assert 0 < where(grab(scene.target), before).sum() < solid
    scene.set_measures([])
    assert not where(grab(scene.target), before).any()


@pytest.mark.parametrize("kind", ["point", "distance", "area", "angle", "volume"])
def test_every_kind_of_measure_is_drawn_also_behind_the_eye_and_in_the_dark(scene: Scene, kind: str) -> None:
    scene.set_dark(True)
    before = grab(scene.target)
    points = (at(1, 0, 1), at(5, 0, 2), at(5, -60, 3)) if kind != "point" else (at(1, 0, 1),)
    scene.set_measures([Measure(kind, points, "面积 12.0 m²")])
    assert where(grab(scene.target), before).sum() > 20


def test_the_arc_of_an_angle_runs_from_arm_to_arm() -> None:
    arc = arc_points(np.array([[4.0, 0, 0], [0, 0, 0], [0, 0, 2.0]]))
    assert np.allclose(np.linalg.norm(arc, axis=1), 0.6)
    assert np.allclose(arc[0], [0.6, 0, 0])
    assert np.allclose(arc[-1], [0, 0, 0.6])


def test_a_picture_shows_looks_and_cuts_and_its_recipe_brings_them_back(tmp_path: Path) -> None:
    state, data = ProjectState(frame=FRAME, layers=(LAYER,)), {"m": model(STORE)}
    looks = {"m": ElementAppearance(frozenset({0}), frozenset({1}), {2: (10, 200, 30, 255)}, {2: 1.5})}
    cut = Cut((Plane(at(0, 1, 0), (0.0, -1.0, 0.0)),), SectionBox(at(-1, -1, -1), at(9, 9, 9), 12.0), models_only=True)
    spec = SnapshotSpec("", *SIZE, FRONT, looks=looks, cut=cut)
    first = render_picture(state, data, spec.camera, SIZE, quality="still", looks=spec.looks, cut=spec.cut)
    assert where(first, render_picture(state, data, spec.camera, SIZE, quality="still")).mean() > 0.02
    write_png(first, spec, tmp_path / "a.png")
    again, _ = read_record(tmp_path / "a.png")
    assert again.looks == looks
    assert again.cut == cut
    second = render_picture(state, data, again.camera, SIZE, quality="still", looks=again.looks, cut=again.cut)
    assert np.array_equal(first, second)


def test_a_recipe_brings_measures_back_and_says_many_colours_briefly(tmp_path: Path) -> None:
    colours = {oid: ((200, 30, 10, 255), (10, 30, 200, 255), (0, 0, 0, 128))[oid * oid % 3] for oid in range(100_000)}
    looks = {"m": ElementAppearance(frozenset(range(7, 90_000, 2)), frozenset({1, 2, 3, 8}), colours, {4: 0.5, 5: 0.5})}
    measures = (Measure("distance", (at(0, 0, 0), at(4, 0, 0)), "4.00 m"), Measure("point", (at(1, 2, 3),)))
    spec = SnapshotSpec("", *SIZE, FRONT, looks=looks, measures=measures)
    write_png(np.zeros((4, 4, 3), np.uint8), spec, tmp_path / "a.png")
    again, _ = read_record(tmp_path / "a.png")
    assert again == spec
    assert (tmp_path / "a.png").stat().st_size < 20_000
    write_png(np.zeros((4, 4, 3), np.uint8), again, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    "looks", ["no base64!", "AAAA", {"m": {"hidden": [-5, 3]}}, {"m": {"hidden": [0, 10**12]}}, [1]]
)
def test_a_recipe_with_broken_looks_is_refused_by_name(tmp_path: Path, looks: Any) -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    write_png(np.zeros((4, 4, 3), np.uint8), SnapshotSpec("", *SIZE, FRONT), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        record = json.loads(image.text["chengjing"])
        record["spec"]["looks"] = looks
        info = PngInfo()
        info.add_itxt("chengjing", json.dumps(record))
        image.save(tmp_path / "b.png", pnginfo=info)
    with pytest.raises(UserError, match=r"picture\.no_spec"):
        read_record(tmp_path / "b.png")


# --- very dense models ------------------------------------------------------------------------------------------------


def dense(count: int = 60) -> ModelData:
    """Balls of 4,900 triangles in a row, each of the storey 0, which has no geometry."""
    turn, tilt = np.meshgrid(np.linspace(0, 2 * np.pi, 50), np.linspace(0, np.pi, 51), indexing="ij")
    points = np.stack([np.cos(turn) * np.sin(tilt), np.sin(turn) * np.sin(tilt), np.cos(tilt)], axis=-1)
    number = np.arange(turn.size).reshape(turn.shape)
    a, b, c, d = (part.ravel() for part in (number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]))
    faces = np.concatenate([np.stack([a, c, b], axis=1), np.stack([a, d, c], axis=1)]).astype(np.int32)
    matrices = np.tile(np.eye(4), (count, 1, 1))
    matrices[:, :3, :3] *= 2.0
    matrices[:, 0, 3], matrices[:, 1, 3] = 1.3 * (np.arange(count) % 10), 1.3 * (np.arange(count) // 10)
    store = MeshStore(
        0.3 * points.reshape(-1, 3).astype(np.float32), faces, np.zeros(len(faces), np.int32), np.array([0, turn.size]),
        np.array([0, len(faces)]), np.zeros(count, np.int32), np.arange(1, count + 1, dtype=np.int32), matrices,
        np.array([[0.8, 0.7, 0.6, 1.0]], np.float32),
    )  # fmt: skip
    placement = np.eye(4)
    placement[:3, 3] = at(0, 0, 0)
    elements = pd.DataFrame({
        "ifc_class": ["IfcBuildingStorey"] + ["IfcFurniture"] * count, "parent": [-1] + [0] * count
    })  # fmt: skip
    return ModelData(store, elements, {}, placement, CRS)


@pytest.fixture
def crowd() -> Iterator[Scene]:
    with off_screen(SIZE) as target:
        shown = Scene(target, FRAME)
        shown.put(LAYER, prepare(LAYER, dense(), FRAME, Ground(None, CRS, 10.0)))
        shown.set_camera(FRONT)
        shown.quality("still")
        grab(target)
        yield shown
        shown.close()


def faces_drawn(scene: Scene) -> int:
    return sum(
        one.data.GetNumberOfPolys() for one in scene._layers["m"].drawn if one.actor.GetVisibility()
    )  # fmt: skip


def test_while_the_eye_moves_a_dense_model_is_drawn_with_few_triangles_and_looks_the_same(crowd: Scene) -> None:
    still, all_faces = grab(crowd.target), faces_drawn(crowd)
    hit = key_at(crowd, at(0, 0, 0))
    assert hit is not None
    crowd.quality("moving")
    moving = grab(crowd.target)
    assert faces_drawn(crowd) < all_faces / 4
    assert where(still, moving).mean() < 0.05
    assert key_at(crowd, at(0, 0, 0)) == hit, "picks meet the model itself"
    crowd.set_look("m", ElementAppearance(hidden=frozenset(range(61))))
    assert where(grab(crowd.target), moving).mean() > 0.04, "what is hidden has no stand-in"
    crowd.set_look("m", None)
    crowd.quality("still")
    assert np.array_equal(grab(crowd.target), still)


def test_a_coarse_mesh_stays_within_a_cell_of_the_fine_one() -> None:
    store = dense(1).meshes
    fine = weld(store)
    rough = coarsened(fine, np.array([0.6]))
    assert len(rough.faces) < len(fine.faces) / 2
    assert np.abs(np.linalg.norm(rough.points, axis=1) - 0.3).max() < 1e-6
    assert not rough.outlined.any()
    assert rough.face_start[-1] == len(rough.faces)
    box = weld(boxes([(0, 0, 0)], [(1, 1, 1)]))
    same = coarsened(box, np.array([1.0]))
    assert np.array_equal(same.faces, box.faces), "a box is left as it is"
    assert np.array_equal(same.outlined, box.outlined)


def test_a_large_selection_is_shown_by_colour_and_goes_away_without_a_trace(crowd: Scene) -> None:
    before, actors = grab(crowd.target), crowd.target.renderer.GetActors().GetNumberOfItems()
    crowd.set_selection([ObjectKey("m", oid) for oid in range(1, 61)])
    assert crowd.target.renderer.GetActors().GetNumberOfItems() == actors
    marked = grab(crowd.target)
    assert where(marked, before).mean() > 0.04
    crowd.set_look("m", ElementAppearance(lift_m=dict.fromkeys(range(1, 31), 1.0)))
    crowd.set_look("m", None)
    assert np.array_equal(grab(crowd.target), marked), "a look keeps the selection's colour"
    crowd.set_selection([ObjectKey("m", 3)])
    assert where(grab(crowd.target), before).any()
    crowd.set_selection([])
    assert np.array_equal(grab(crowd.target), before)


def test_a_storey_has_the_box_of_what_stands_on_it_and_is_marked_with_it(crowd: Scene) -> None:
    box = crowd.bounds_of([ObjectKey("m", 0)])
    assert box is not None
    assert box == pytest.approx(np.array([at(-0.6, -0.6, -0.6), at(12.3, 7.1, 0.6)]), abs=2e-3)
    before = grab(crowd.target)
    crowd.set_selection([ObjectKey("m", 0)])
    assert where(grab(crowd.target), before).mean() > 0.04
    assert crowd.bounds_of([ObjectKey("m", 99)]) is None


def test_a_snap_among_very_many_triangles_is_found_in_a_twentieth_of_a_second(crowd: Scene) -> None:
    spent = []
    for east in np.linspace(0.0, 11.0, 12):
        began = time.thread_time()
        assert crowd.snap(*pixel_of(crowd, at(float(east), 0.0, 0.0))) is not None
        spent.append(time.thread_time() - began)
    assert float(np.median(spent)) < 0.05


def test_the_box_of_a_store_is_that_of_all_its_placed_corners() -> None:
    rng = np.random.default_rng(3)
    store = boxes([tuple(rng.normal(0, 50, 3)) for _ in range(60)], [tuple(rng.uniform(0.1, 9, 3)) for _ in range(60)])
    turn = np.linalg.qr(rng.normal(size=(60, 3, 3)))[0]
    store.placement_matrix[:, :3, :3] = turn @ store.placement_matrix[:, :3, :3]
    corners = np.concatenate([BOX @ m[:3, :3].T + m[:3, 3] for m in store.placement_matrix])
    box = store.bounds()
    assert box is not None
    assert np.allclose(box, [corners.min(axis=0), corners.max(axis=0)], atol=1e-9)


def test_nothing_of_looks_cuts_and_measures_outlives_the_scene() -> None:
    with off_screen(SIZE) as target:
        shown = Scene(target, FRAME)
        before = target.renderer.GetViewProps().GetNumberOfItems()
        shown.put(LAYER, prepare(LAYER, model(STORE), FRAME, Ground(None, CRS, 10.0)))
        shown.set_look("m", ElementAppearance(ghost=frozenset({0}), lift_m={2: 4.0}))
        shown.set_cut(Cut(planes=(Plane(at(0, 1.5, 0), (0.0, -1.0, 0.0)),)))
        shown.set_measures([Measure("point", (at(0, 0, 0),), "0")])
        grab(target)
        shown.close()
        gc.collect()
        assert target.renderer.GetViewProps().GetNumberOfItems() <= before


def test_a_look_that_names_no_colour_changes_none() -> None:
    from viewers.render.drawing.drawn_layer import ColourTable

    base = np.full((3, 4), 7, dtype=np.uint8)
    for colours in ({}, (np.zeros(0, np.int64), np.zeros((0, 4)))):
        assert (ColourTable.of(colours).look_up(np.arange(3, dtype=np.int32), base) == base).all()


def with_rooms_and_lines() -> ModelData:
    """Return a wall, a room beside it and an alignment beside that."""
    store = boxes([(0, 0, 0), (10, 0, 0)], [(4, 4, 4), (4, 4, 4)])
    store = replace(
        store, placement_room=np.array([False, True]), line_points=np.array([[20.0, -10, 2], [20.0, 10, 2]]),
        line_starts=np.array([0, 2]), line_element=np.array([2], np.int32),
    )  # fmt: skip
    made = model(store)
    table = pd.DataFrame({
        "ifc_class": ["IfcWall", "IfcSpace", "IfcAlignment"], "name": ["w", "101", "A"], "parent": -1,
        "has_geometry": True, "long_name": ["", "办公", ""], "storey": "", "type_name": "", "guid": ["a", "b", "c"],
    })  # fmt: skip
    return replace(made, elements=table)


def test_rooms_are_drawn_named_and_picked_while_a_look_asks_for_them(scene: Scene) -> None:
    data = with_rooms_and_lines()
    scene.put(LAYER, prepare(LAYER, data, FRAME, Ground(None, CRS, 10.0)))
    scene.set_camera(Camera(at(10, -30, 20), at(10, 2, 2)))
    assert key_at(scene, at(2, 2, 4)) == 0
    assert key_at(scene, at(12, 2, 4)) is None
    scene.set_look("m", ElementAppearance(spaces=True))
    assert key_at(scene, at(12, 2, 4)) == 1
    scene.set_look("m", ElementAppearance(spaces=True, hidden=frozenset({1})))
    assert key_at(scene, at(12, 2, 4)) is None
    scene.set_look("m", None)
    assert key_at(scene, at(12, 2, 4)) is None


def test_lines_of_a_model_are_picked_and_hidden_as_other_elements(scene: Scene) -> None:
    data = with_rooms_and_lines()
    scene.put(LAYER, prepare(LAYER, data, FRAME, Ground(None, CRS, 10.0)))
    scene.set_camera(Camera(at(20, -30, 20), at(20, 0, 2)))
    assert key_at(scene, at(20, 0, 2)) == 2
    scene.set_look("m", ElementAppearance(hidden=frozenset({2})))
    assert key_at(scene, at(20, 0, 2)) is None
    scene.set_look("m", None)
    assert key_at(scene, at(20, 0, 2)) == 2
