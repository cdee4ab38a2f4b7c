"""Components, trees, pipes, building models, areas and labels become the right shapes in the right places."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from models.bim.model_matrix import model_matrix
from models.crs.frame import Frame, transformer
from models.facilities.coding.editions import editions
from models.facilities.register import states
from models.geometry.meshes import MeshStore
from models.layers.layer import Layer, ModelData, Style, VectorData
from models.style.kinds import PipeLook
from models.terrain.ground import Ground
from models.views.camera import Camera
from viewers.render.geometry.glyphs import TINTS, shape, shape_names, tint_image
from viewers.render.geometry.parts import GlyphPart, LabelPart, LinePart, MeshPart, Prepared
from viewers.render.geometry.tubes import BOX, ROUND, SIDES, sweep
from viewers.render.layers.areas import HATCH
from viewers.render.layers.areas import make as make_areas
from viewers.render.layers.building_models import make as make_model
from viewers.render.layers.building_models import weld
from viewers.render.layers.facilities import MARKER, symbols_of
from viewers.render.layers.facilities import make as make_facilities
from viewers.render.layers.pipe_kinds import kind_colour
from viewers.render.layers.pipes import make as make_pipes
from viewers.render.layers.trees import kind_of_species
from viewers.render.layers.trees import make as make_trees
from viewers.render.overlays.labels import pack, plate
from viewers.render.palette.context import PrepareContext
from viewers.render.palette.pipe_shading import ASSUMED, DASH, SOLID
from viewers.render.palette.status_colours import rgba, status
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))
CONTEXT = PrepareContext(FRAME, Ground(None, FRAME.horizontal, 30.0))
OLD = editions()["cjt214_2007"]


def layer(role: str, kind: str = "vector", **style: Any) -> Layer:
    edition = "cjt214_2007" if role == "facilities" else ""
    return Layer(role, role, kind, role, style=Style(**style), code_edition=edition)


def table(geometry: Any, index: Any = None, **columns: Any) -> VectorData:
    moved = shapely.transform(np.asarray(geometry, dtype=object), lambda xy: np.add(xy, [502000, 4059000]))
    if shapely.has_z(geometry).any():
        moved = shapely.transform(geometry, lambda xyz: np.add(xyz, [502000, 4059000, 0]), include_z=True)
    return VectorData(gpd.GeoDataFrame(columns, geometry=moved, index=index, crs=FRAME.horizontal))


def register(count: int = 60, seed: int = 1) -> VectorData:
    random = np.random.default_rng(seed)
    code = random.choice(["0101", "0103", "0104", "0118", "0402", "0305", "0210", "0113", "0209"], count)
    return table(
        shapely.points(random.uniform(-900, 900, (count, 2))),
        index=np.arange(count) + 7,
        ObjID=[f"370102{c}{k:06d}" for k, c in enumerate(code)],
        ObjState=random.choice(["完好", "破损", "丢失", "移位", "占用", None], count, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]),
        height_m=np.where(code == "0118", 9.0, np.nan),
        bearing_deg=random.uniform(0, 360, count),
        Material=np.where(code == "0402", "国槐", "铸铁"),
    )


def glyphs(prepared: Prepared) -> list[GlyphPart]:
    return [part for part in prepared.parts if isinstance(part, GlyphPart)]


# --- shapes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shape_names())
def test_a_shape_stands_on_the_ground_is_one_unit_high_and_small(name: str) -> None:
    one = shape(name)
    low, high = one.points.min(axis=0), one.points.max(axis=0)
    flat = name in ("cover", "grate", "pit")
    assert low[2] > -0.12
    assert high[2] == pytest.approx(1.0, abs=0.16) or (flat and high[2] < 0.1)
    assert one.face_count <= 260
    assert np.allclose(np.linalg.norm(one.normals, axis=1), 1.0, atol=0.35)
    assert (np.abs(one.tint) <= 1.0).all()


def test_every_symbol_of_the_code_table_has_a_shape() -> None:
    known = set(shape_names())
    for entry in status()["symbols"].values():
        assert entry["shape"] in known
    for facility in OLD.classes.values():
        assert facility.symbol in status()["symbols"], facility.code
    assert set(status()["markers"].values()) <= known
    assert {row["shape"] for row in status()["trees"]["species"]} <= known


def test_states_that_need_somebody_are_told_apart_by_shape_as_well_as_by_colour() -> None:
    markers = status()["markers"]
    faulty = [known for known in states().values() if known.severity > 1]
    assert {known.id for known in faulty} == set(markers)
    assert len(set(markers.values())) == len(markers) == len({known.colour for known in faulty})


def test_the_middle_row_of_the_tint_ramp_is_grey_and_runs_from_black_to_white() -> None:
    image = tint_image()
    assert image.shape == (3, TINTS, 3)
    assert (image[1, :, 0] == image[1, :, 2]).all()
    assert image[1, 0, 0] == 0
    assert image[1, -1, 0] == 255


# --- components -------------------------------------------------------------------------------------------------------


def test_every_component_is_drawn_once_where_it_stands() -> None:
    data = register(400)
    parts = [p for p in glyphs(make_facilities(layer("facilities"), data, CONTEXT)) if not p.far]
    oids = np.concatenate([p.oids for p in parts])
    assert sorted(oids) == sorted(data.frame.index)
    where = dict(zip(oids.tolist(), np.concatenate([p.points for p in parts]).tolist(), strict=True))
    for oid, point in zip(data.frame.index, data.frame.geometry, strict=True):
        assert where[oid][:2] == pytest.approx([point.x - 502000, point.y - 4059000], abs=1e-3)
        assert 29.9 < where[oid][2] < 30.3


def test_a_marker_of_the_states_colour_floats_above_each_faulty_component_and_above_no_other() -> None:
    data = register(400)
    parts = glyphs(make_facilities(layer("facilities"), data, CONTEXT))
    stands = {int(o): p.points[k] for p in parts if not p.far for k, o in enumerate(p.oids)}
    seen: dict[int, tuple[int, ...]] = {}
    for part in parts:
        if part.far:
            assert part.theme_ids is not None
            assert (part.theme_ids == part.oids + MARKER).all()
            for oid, colour, point in zip(part.oids.tolist(), part.colours.tolist(), part.points, strict=True):
                seen[oid] = tuple(colour)
                assert point[2] > stands[oid][2] + 0.5
                assert point[:2] == pytest.approx(stands[oid][:2])
    words = {word: known for known in states().values() for word in known.words}
    wanted = {
        int(oid): rgba(words[said].colour)
        for oid, said in data.frame.ObjState.items()
        if isinstance(said, str) and said != "完好"
    }
    assert seen == wanted


def test_a_lamp_is_as_high_as_the_register_says_and_looks_where_it_says() -> None:
    data = table([shapely.Point(0, 0)], index=[5], ObjID=["3701020118000001"], height_m=[12.0], bearing_deg=[77.0])
    (part,) = glyphs(make_facilities(layer("facilities"), data, CONTEXT))
    assert part.shape == "lamp"
    assert part.scale[0, 2] == pytest.approx(12.0)
    assert part.bearing_deg[0] == pytest.approx(77.0)


def test_a_lamp_on_a_bridge_stands_on_the_bridge() -> None:
    code = ["3701020118000001", "3701020118000002"]
    data = table(shapely.points([[0, 0], [5, 0]]), ObjID=code, ground_m=[38.5, 30.3])
    (part,) = glyphs(make_facilities(layer("facilities"), data, CONTEXT))
    assert part.points[:, 2].tolist() == pytest.approx([38.5, 30.0])


def test_an_unknown_class_gets_a_symbol_by_its_large_class_or_a_post() -> None:
    assert symbols_of(np.array(["0118", "0403", "9999", ""], dtype=object), OLD).tolist() == [
        "lamp",
        "pit",
        "default",
        "default",
    ]


def test_a_table_without_states_or_codes_is_drawn_without_markers() -> None:
    data = table(shapely.points(np.random.default_rng(0).uniform(0, 9, (12, 2))), label=list("abcdefghijkl"))
    parts = glyphs(make_facilities(layer("facilities"), data, CONTEXT))
    assert sum(len(p.oids) for p in parts) == 12
    assert not any(p.far for p in parts)


def test_thirty_thousand_components_are_prepared_within_a_few_seconds_on_any_machine() -> None:
    data = register(30_000)
    begin = time.perf_counter()
    make_facilities(layer("facilities"), data, CONTEXT)
    assert time.perf_counter() - begin < 60  # takes 0.1 s; one object at a time it would take minutes


def test_sensors_and_closed_cases_are_pins_of_their_own() -> None:
    sensors = table(shapely.points([[0, 0], [1, 1]]), status=["online", "离线"])
    (part,) = glyphs(make_facilities(layer("sensors"), sensors, CONTEXT))
    assert part.shape == "sensor"
    assert part.far
    assert part.colours[:, :3].tolist() == [list(rgba(status()["sensors"][k])[:3]) for k in ("colour", "offline")]
    cases = table(shapely.points([[0, 0], [1, 1]]), closed_at=[None, "2025-07-02T10:00:00+08:00"])
    (part,) = glyphs(make_facilities(layer("cases"), cases, CONTEXT))
    assert part.colours[:, :3].tolist() == [list(rgba(status()["cases"][k])[:3]) for k in ("open", "closed")]


# --- trees ------------------------------------------------------------------------------------------------------------


def test_a_tree_has_the_height_and_crown_of_the_table_and_the_shape_of_its_species() -> None:
    data = table(
        shapely.points([[0, 0], [9, 0]]), species=["雪松", "国槐"], height_m=[14.0, np.nan], crown_m=[5.0, 6.0]
    )
    parts = {p.shape: p for p in glyphs(make_trees(layer("trees"), data, CONTEXT))}
    assert set(parts) == {"tree_conical", "tree_broad"}
    assert parts["tree_conical"].scale[0] == pytest.approx([5.0, 5.0, 14.0], rel=0.1)
    assert 4.0 < parts["tree_broad"].scale[0, 2] < 12.0
    assert kind_of_species(np.array(["无名", "Plane tree"], dtype=object)).tolist()[0] == 0


def test_neighbouring_trees_differ_and_the_same_tree_is_always_the_same() -> None:
    data = table(shapely.points(np.arange(40).reshape(20, 2) * 5.0), height_m=np.full(20, 8.0))
    first, again = (glyphs(make_trees(layer("trees"), data, CONTEXT))[0] for _ in range(2))
    assert (first.colours == again.colours).all()
    assert len(np.unique(first.colours, axis=0)) > 10
    assert len(np.unique(first.bearing_deg)) > 10


# --- pipes ------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.tuples(*[st.integers(-50, 50)] * 3), min_size=1, max_size=6), min_size=1, max_size=4),
    st.floats(0.1, 3.0),
)
def test_a_tube_keeps_its_radius_and_covers_its_line(lines: list[list[tuple[int, int, int]]], radius: float) -> None:
    points = np.array([p for one in lines for p in one], dtype=float)
    wide = np.full(len(lines), 2 * radius)
    made = sweep(points, np.array([len(one) for one in lines]), ROUND, wide, wide)
    straight = [np.array(one, dtype=float) for one in lines]
    real = [k for k, one in enumerate(straight) if len(one) > 1 and (np.diff(one, axis=0) != 0).any()]
    if made is None:
        assert not real
        return
    assert set(made.line.tolist()) == set(real)
    assert made.faces.max() < len(made.points)
    assert np.allclose(np.linalg.norm(made.normals, axis=1), 1.0)
    centre = made.points.reshape(-1, SIDES, 3).mean(axis=1)
    reach = np.linalg.norm(made.points.reshape(-1, SIDES, 3) - centre[:, None], axis=2)
    assert (reach > radius * 0.999).all()
    assert (reach < radius * 2.001).all()
    assert np.allclose(made.reach_m, radius)
    assert np.isfinite(made.points).all()
    lengths = {k: np.linalg.norm(np.diff(straight[k], axis=0), axis=1).sum() for k in real}
    for k in real:
        assert made.along_m[made.point_line == k].max() == pytest.approx(lengths[k])


@pytest.mark.parametrize("section", [ROUND, BOX], ids=["round", "box"])
def test_faces_of_a_pipe_look_outwards(section: Any) -> None:
    made = sweep(
        np.array([[0, 0, 0], [10, 0, 0], [10, 8, -2.0]]), np.array([3]), section, np.array([1.0]), np.array([1.0])
    )
    assert made is not None
    side = made.faces[: 2 * 2 * len(section.walls)]
    corner = made.points[side]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    first = np.arange(len(side)) < len(side) // 2
    axis = np.where(first[:, None], [5, 0, 0], [10, 4, -1.0])
    along = np.where(first[:, None], [1, 0, 0], [0, 8, -2.0])
    out = corner.mean(axis=1) - axis
    out -= along * ((out * along).sum(1) / (along * along).sum(1))[:, None]
    assert ((normal * out).sum(axis=1) > 0).all()


def bodies(prepared: Prepared) -> list[MeshPart]:
    return [part for part in prepared.parts if isinstance(part, MeshPart) and part.pipe is not None]


def test_pipes_lie_at_their_heights_and_sizes_in_the_colours_of_the_standard_and_rain_is_dashed() -> None:
    data = table(
        shapely.linestrings(
            [[[0, 0, 28.0], [60, 0, 27.7]], [[0, 9, 27.0], [60, 9, 26.0]], [[0, 5, 29.0], [60, 5, 29.0]]]
        ),
        index=[3, 4, 9], kind=["YS", "WS", "JS"], diameter_mm=[600, 500, 200],
    )  # fmt: skip
    (part,) = bodies(make_pipes(layer("pipes"), data, CONTEXT))
    assert part.pipe is not None
    seen = {oid: {tuple(c) for c in part.colours[part.oids == oid].tolist()} for oid in (3, 4, 9)}
    brown = rgba(kind_colour("WS"))
    assert brown == (76, 57, 38, 255)
    assert seen == {3: {brown}, 4: {brown}, 9: {(0, 255, 255, 255)}}
    pattern = {oid: set(part.pipe[part.faces[part.oids == oid].ravel(), 2].tolist()) for oid in (3, 4, 9)}
    assert pattern == {3: {DASH}, 4: {SOLID}, 9: {SOLID}}
    water = part.points[part.faces[part.oids == 9].ravel()]
    assert water[:, 2].mean() == pytest.approx(29.0, abs=0.01)
    assert np.ptp(water[:, 2]) == pytest.approx(0.2, rel=0.02)


def test_pipes_without_heights_follow_their_inverts_or_lie_below_the_ground_and_say_so() -> None:
    lines = shapely.linestrings([[[0, 0], [50, 0]], [[0, 9], [50, 9]]])
    data = table(
        lines, kind=["WS", "RQ"], diameter_mm=[400, 200], start_invert_m=[27.0, np.nan], end_invert_m=[26.0, np.nan]
    )
    (part,) = bodies(make_pipes(layer("pipes"), data, CONTEXT))
    assert part.pipe is not None
    rows = [part.faces[part.oids == oid].ravel() for oid in (0, 1)]
    sewer, gas = (part.points[one] for one in rows)
    assert sewer[sewer[:, 0] < 1][:, 2].mean() == pytest.approx(27.2, abs=0.05)
    assert sewer[sewer[:, 0] > 49][:, 2].mean() == pytest.approx(26.2, abs=0.05)
    assert gas[:, 2].max() < 29.0
    assert set(part.pipe[rows[0], 2].tolist()) == {SOLID}
    assert set(part.pipe[rows[1], 2].tolist()) == {SOLID + ASSUMED}


def test_box_culverts_eggs_and_banks_of_ducts_have_their_own_sections() -> None:
    lines = shapely.linestrings([[[0, y, 28.0], [40, y, 28.0]] for y in (0, 10, 20)])
    data = table(
        lines, kind=["YS", "HS", "DL"], shape=["矩形", "蛋形", "管块"], width_mm=[2000, 800, 900],
        section_height_mm=[1500, 1200, 600], ducts=[None, None, "3x2"], diameter_mm=[np.nan, np.nan, 110],
    )  # fmt: skip
    parts = bodies(make_pipes(layer("pipes"), data, CONTEXT))
    for oid, size in ((0, (2.0, 1.5)), (1, (0.8, 1.2))):
        (part,) = (one for one in parts if oid in one.oids)
        corners = part.points[part.faces[part.oids == oid].ravel()]
        assert np.ptp(corners[:, 1]) == pytest.approx(size[0], rel=0.02)
        assert np.ptp(corners[:, 2]) == pytest.approx(size[1], rel=0.02)
    (bank,) = (one for one in parts if 2 in one.oids)
    assert len(bank.faces) == 6 * 2 * (SIDES + SIDES - 2)
    (around,) = (one for one in parts if not one.pickable)
    assert np.ptp(around.points[:, 1]) == pytest.approx(0.9, abs=1e-3)


def test_an_arrow_points_where_levels_say_that_water_flows_and_is_hollow_where_only_the_drawing_says_it() -> None:
    data = table(
        shapely.linestrings([[[0, y], [40, y]] for y in (0, 10, 20, 30)]), kind=["WS", "WS", "JS", "DL"],
        diameter_mm=[400] * 4, start_invert_m=[27.0, 26.0, 28.0, 28.0], end_invert_m=[26.0, 27.0, 27.0, 27.0],
    )  # fmt: skip
    (arrows,) = (p for p in make_pipes(layer("pipes"), data, CONTEXT).parts
                 if isinstance(p, MeshPart) and p.arrow is not None)  # fmt: skip
    assert arrows.normals is not None
    tip = {round(float(y)): float(arrows.normals[8 * k, 0]) for k, y in enumerate(arrows.points[::8, 1])}
    assert tip[0] > 0.5
    assert tip[10] < -0.5
    assert set(tip) == {0, 10, 20}
    table_ = status()["pipes"]
    middle = {tuple(colour): set() for colour in arrows.colours.tolist()}
    for face, colour in zip(arrows.faces, arrows.colours.tolist(), strict=True):
        middle[tuple(colour)].add(round(float(arrows.points[face[0], 1])))
    assert middle[rgba(table_["arrow"])] == {0, 10}
    assert middle[rgba(table_["arrow_drawn"])] == {20}
    off = make_pipes(layer("pipes", pipes=PipeLook(arrows=False, labels=False)), data, CONTEXT)
    assert all(isinstance(p, MeshPart) and p.arrow is None for p in off.parts)


def test_words_along_a_pipe_say_size_material_and_kind_and_nothing_that_is_not_known() -> None:
    data = table(
        shapely.linestrings([[[0, y, 28.0], [40, y, 28.0]] for y in (0, 10, 20)]), kind=["YS", "DL", None],
        diameter_mm=[400, 150, np.nan], material=["钢筋混凝土", "CPVC", None],
    )  # fmt: skip
    words = [p for p in make_pipes(layer("pipes"), data, CONTEXT).parts if isinstance(p, LabelPart)]
    assert sorted(text for part in words for text in part.texts) == ["DN400 钢筋混凝土 雨水", "φ150 CPVC 电力"]
    assert sorted(text for part in words for text in part.texts_en)[0] == "DN400 Reinforced concrete Stormwater"
    assert all(part.is_buried and part.half_m is not None and abs(part.half_m[0, 0]) == 20 for part in words)


def test_a_pipe_keeps_a_width_that_is_seen_and_met_from_far_away() -> None:
    data = table(shapely.linestrings([[[-300, 0, 28.0], [300, 0, 28.0]]]), kind=["JS"], diameter_mm=[100], index=[7])
    for away, least, most in ((2.0, 16, 22), (300.0, 1, 4)):
        with off_screen((300, 200)) as target:
            scene = Scene(target, FRAME)
            scene.put(layer("pipes", pipes=PipeLook(False, False)), make_pipes(layer("pipes"), data, CONTEXT))
            scene.set_camera(Camera((502000, 4059000 - 0.7 * away, 28 + 0.7 * away), (502000, 4059000, 28)))
            picture = grab(target).astype(int)
            blue = (picture[..., 2] - picture[..., 0] > 60).sum(axis=0)
            assert least <= np.median(blue[100:200]) <= most
            found = scene.pick(150, 101)
            assert found is not None
            assert found.key is not None
            assert found.key.oid == 7
            scene.close()


def test_a_manhole_has_a_lid_at_the_ground_a_neck_and_a_chamber_with_its_bottom_at_the_invert() -> None:
    data = table(
        shapely.points([[0, 0], [20, 0], [40, 0]]), kind=["YS", "JS", "YS"],
        node_type=["manhole", "valve", "manhole"], invert_m=[26.5, 28.0, np.nan],
    )  # fmt: skip
    (part,) = bodies(make_pipes(layer("pipe_nodes"), data, CONTEXT))
    assert part.pipe is not None
    shaft = part.points[part.faces[part.oids == 0].ravel()]
    assert shaft[:, 2].max() == pytest.approx(30.02, abs=1e-3)
    wide = np.hypot(shaft[:, 0], shaft[:, 1])
    assert wide[np.abs(shaft[:, 2] - 28.0) < 1e-3].max() == pytest.approx(0.55, abs=1e-3)
    assert wide[(shaft[:, 2] > 28.1) & (shaft[:, 2] < 29.8)].max() == pytest.approx(0.35, abs=1e-3)
    assert (np.abs(shaft[:, 2] - 26.5) < 1e-3).any()
    unknown = part.pipe[part.faces[part.oids == 2].ravel(), 2]
    assert set(unknown.tolist()) == {ASSUMED}


# --- building models --------------------------------------------------------------------------------------------------


def box_store(
    placements: list[np.ndarray[Any, Any]], materials: Any = ((1.0, 0, 0, 1.0), (0.2, 0.4, 0.9, 0.3))
) -> MeshStore:
    corner = np.array([[x, y, z] for z in (0, 3) for y in (0, 4) for x in (0, 10)], dtype=np.float32)
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    loose = np.concatenate([corner[list(q)] for q in quads])  # no corner is shared, as kernels give it
    faces = np.concatenate([[[4 * k, 4 * k + 1, 4 * k + 2], [4 * k, 4 * k + 2, 4 * k + 3]] for k in range(6)])
    return MeshStore(
        loose, faces.astype(np.int32), np.array([0] * 10 + [1] * 2, np.int32), np.array([0, 24]), np.array([0, 12]),
        np.zeros(len(placements), np.int32), np.arange(len(placements), dtype=np.int32), np.stack(placements),
        np.array(materials, np.float32),
    )  # fmt: skip


def moved(x: float, y: float, z: float) -> np.ndarray[Any, Any]:
    matrix = np.eye(4)
    matrix[:3, 3] = [x, y, z]
    return matrix


def building(store: MeshStore, placement: Any, crs: str = "EPSG:4548", ifc_class: str = "IfcWall") -> ModelData:
    elements = pd.DataFrame({"ifc_class": [ifc_class] * len(store.placement_mesh)})
    return ModelData(store, elements, {}, np.asarray(placement, dtype=float), crs)


def test_a_box_has_twelve_outlines_and_none_across_its_sides() -> None:
    welded = weld(box_store([np.eye(4)]))
    assert len(welded.points) == 8
    assert len(welded.edges) == 12
    lengths = np.linalg.norm(welded.points[welded.edges[:, 0]] - welded.points[welded.edges[:, 1]], axis=1)
    assert sorted(set(lengths.round(3).tolist())) == [3.0, 4.0, 10.0]


def test_a_model_stands_exactly_where_its_placement_says_and_glass_is_apart() -> None:
    store = box_store([moved(0, 0, 0), moved(0, 0, 3)])
    prepared = make_model(layer("model", "model"), building(store, moved(502100.25, 4059050.5, 31.0)), CONTEXT)
    meshes = [p for p in prepared.parts if isinstance(p, MeshPart)]
    assert prepared.bounds.tolist() == [[100.25, 50.5, 31.0], [110.25, 54.5, 37.0]]
    solid, glass = meshes
    assert solid.colours[:, 3].min() == 255
    assert glass.colours[:, 3].max() < 255
    assert len(solid.faces) == 20
    assert len(glass.faces) == 4
    assert set(solid.oids.tolist()) == {0, 1}
    assert solid.edge_flags is not None
    assert len(solid.edge_flags) == len(solid.points)
    assert 0 < solid.edge_flags.sum() < len(solid.edge_flags)


def test_a_model_without_a_place_stands_on_the_ground_at_the_origin() -> None:
    prepared = make_model(
        layer("model", "model"), building(box_store([moved(900, 900, 77)]), np.eye(4), crs=""), CONTEXT
    )
    assert prepared.bounds.mean(axis=0)[:2] == pytest.approx([0, 0], abs=1e-4)
    assert prepared.bounds[0, 2] == pytest.approx(30.0, abs=1e-4)


def test_a_model_in_the_neighbouring_zone_is_turned_by_the_convergence_of_the_grids() -> None:
    change = transformer("EPSG:4548", "EPSG:4549")
    x, y = change.transform(502300.0, 4059200.0)
    matrix = model_matrix(
        building(box_store([np.eye(4)]), moved(x, y, 31.0), crs="EPSG:4549"), CONTEXT.frame, CONTEXT.ground
    )
    for corner in ([0, 0, 0, 1], [10, 0, 0, 1], [10, 4, 3, 1]):
        east, north = change.transform(x + corner[0], y + corner[1], direction="INVERSE")
        here = (matrix @ corner)[:3]
        assert here == pytest.approx([east - 502000, north - 4059000, 31.0 + corner[2]], abs=2e-3)
    assert abs(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))) > 1.0


def test_spaces_are_not_drawn() -> None:
    prepared = make_model(
        layer("model", "model"), building(box_store([np.eye(4)]), np.eye(4), ifc_class="IfcSpace"), CONTEXT
    )
    assert prepared.parts == []


# --- areas ------------------------------------------------------------------------------------------------------------


def districts() -> VectorData:
    names = {"name": ["山前街道", "文华街道"], "name_en": ["Shanqian", ""], "code": ["1", "2"]}
    return table([shapely.box(-400, -300, 0, 300), shapely.box(0, -300, 400, 300)], index=[11, 12], **names)


def test_a_district_is_an_outline_a_name_and_an_invisible_wash_that_no_click_hits() -> None:
    parts = make_areas(layer("districts"), districts(), CONTEXT).parts
    wash = next(p for p in parts if isinstance(p, MeshPart))
    assert (wash.colours[:, 3] == 0).all()
    assert set(wash.oids.tolist()) == {11, 12}
    assert not any(p.pickable for p in parts if isinstance(p, (MeshPart, LinePart)))
    label = next(p for p in parts if isinstance(p, LabelPart))
    assert label.texts == ["山前街道", "文华街道"]
    assert label.texts_en == ["Shanqian", ""]


def test_the_hatch_of_a_district_stays_inside_it_and_has_a_number_of_its_own() -> None:
    parts = make_areas(layer("districts"), districts(), CONTEXT).parts
    hatch = next(p for p in parts if isinstance(p, LinePart) and p.oids.min() >= HATCH)
    assert set((hatch.oids - HATCH).tolist()) == {11, 12}
    assert (hatch.colours[:, 3] == 0).all()
    assert len(hatch.oids) > 30
    owner = np.repeat(hatch.oids - HATCH, np.diff(hatch.starts))
    assert (hatch.points[owner == 11][:, 0] <= 0.01).all()
    assert (hatch.points[owner == 12][:, 0] >= -0.01).all()


def test_a_running_track_gets_lanes_and_a_green_and_can_be_picked() -> None:
    track = shapely.LineString([(-40, 0), (40, 0)]).buffer(38)
    data = table([track], index=[4], kind=["running_track"], name=["操场"])
    parts = make_areas(layer("amenities"), data, CONTEXT).parts
    fills = [p for p in parts if isinstance(p, MeshPart)]
    lines = [p for p in parts if isinstance(p, LinePart)]
    assert len(fills) == 2
    assert max(len(p.oids) for p in lines) == 5
    assert all(p.pickable and set(p.oids.tolist()) == {4} for p in fills)


# --- labels -----------------------------------------------------------------------------------------------------------


def test_chinese_words_draw_their_own_strokes() -> None:
    one, other, blank = (plate(text, 18, "#203040") for text in ("山前街道", "文华街道", "\ue000\ue000\ue000\ue000"))
    dark = lambda picture: int((picture[..., :3].sum(axis=2) < 300).sum())  # noqa: E731
    assert dark(one) > 250
    assert one.shape[1] > 4 * 18
    assert not np.array_equal(one, other)
    assert not np.array_equal(one[:, : blank.shape[1]], blank[:, : one.shape[1]])
    assert one[..., 3].max() > 200
    assert one[0, 0, 3] < 60  # rounded corners


def test_packed_plates_are_found_again_where_the_atlas_says() -> None:
    plates = [plate(text, size, "#203040") for text, size in (("甲", 12), ("乙丙丁", 20), ("Park", 14), ("公园", 14))]
    atlas, sprites = pack(plates, width=120)
    for picture, (x, y, wide, tall) in zip(plates, sprites, strict=True):
        assert np.array_equal(atlas[y : y + tall, x : x + wide][::-1], picture)


@pytest.mark.render
def test_labels_of_a_crowded_city_never_touch_and_important_ones_stay() -> None:
    from viewers.render.scene.render_target import grab, off_screen
    from viewers.render.scene.scene import Scene

    random = np.random.default_rng(3)
    spots = np.column_stack([random.uniform(-500, 500, (150, 2)), np.full(150, 40.0)]).astype(np.float32)
    crowd = LabelPart(spots, [f"小区{k}号" for k in range(150)], [f"Estate {k}" for k in range(150)],
                      np.full(150, 10, np.float32))  # fmt: skip
    chief = LabelPart(np.array([[0, 0, 60]], np.float32), ["东泉街道"], [""], np.array([99], np.float32), size_px=19)
    base = MeshPart(
        np.array([[-600, -600, 0], [600, -600, 0], [600, 600, 0], [-600, 600, 0]], np.float32),
        np.array([[0, 1, 2], [0, 2, 3]], np.int32), np.array([-1, -1], np.int32), np.full((2, 4), 230, np.uint8),
    )  # fmt: skip
    prepared = Prepared([base, crowd, chief], np.array([[-600, -600, 0], [600, 600, 60.0]]))
    with off_screen((800, 500)) as target:
        scene = Scene(target, FRAME)
        try:
            scene.put(layer("communities"), prepared)
            east, north, _ = FRAME.origin
            scene.set_camera(Camera((east + 250.0, north - 1500.0, 1000.0), (east, north, 0.0)))
            plain = grab(target)
            placed_labels = list(scene._labels.placed)
            boxes = np.array([p.box for p in placed_labels])
            assert 15 < len(boxes) < 151
            assert "东泉街道" in {p.text for p in placed_labels}
            for k, a in enumerate(boxes):
                rest = boxes[k + 1 :]
                apart = (rest[:, 0] >= a[2]) | (rest[:, 2] <= a[0]) | (rest[:, 1] >= a[3]) | (rest[:, 3] <= a[1])
                assert apart.all()
            assert (boxes[:, :2] >= 0).all()
            assert (boxes[:, 2:] <= [800, 500]).all()
            left, low, right, high = next(p.box for p in placed_labels if p.text == "东泉街道")
            crop = plain[500 - high : 500 - low, left:right, :3].astype(int)
            assert (crop.sum(axis=2) < 330).sum() > 150  # strokes
            assert (crop.min(axis=2) > 225).sum() > 300  # the plate
            scene.set_language("en")
            scene.render()
            assert any(p.text.startswith("Estate") for p in scene._labels.placed)
            assert "东泉街道" in {p.text for p in scene._labels.placed}  # has no English name
            scene.set_visible("communities", False)
            scene.render()
            assert scene._labels.placed == []
        finally:
            scene.close()


@pytest.mark.parametrize("name", [name for name in shape_names() if not name.startswith("tree")])
def test_the_far_form_of_a_thing_has_its_outline_and_its_tones_and_no_more_triangles(name: str) -> None:
    near, far = shape(name), shape(name, far=True)
    assert far.face_count <= near.face_count
    size = max(1.0, float(np.ptp(near.points, axis=0).max()))
    for side in (np.min, np.max):
        assert np.abs(side(near.points, axis=0) - side(far.points, axis=0)).max() < 0.08 * size
    assert near.points[:, 2].max() == pytest.approx(far.points[:, 2].max(), abs=0.02)

    def tone(one: Any) -> Any:
        corners = one.points.reshape(-1, 3, 3)
        area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        return (np.abs(one.tint) * area).sum() / area.sum()

    assert tone(far) == pytest.approx(tone(near), abs=0.06)


@pytest.mark.render
def test_a_marker_shows_its_colour_until_a_theme_hides_it_and_is_picked_as_its_component() -> None:
    from models.views.camera import Camera
    from viewers.render.scene.render_target import grab, off_screen
    from viewers.render.scene.scene import Scene

    data = table([shapely.Point(0, 0)], index=[42], ObjID=["3701020103000001"], ObjState=["丢失"])
    prepared = make_facilities(layer("facilities"), data, CONTEXT)
    camera = Camera((502000, 4058980, 40), (502000, 4059000, 33))
    red = np.array(rgba(states()["missing"].colour)[:3])
    with off_screen((200, 160)) as target:
        scene = Scene(target, FRAME)
        try:
            scene.put(layer("facilities"), prepared)
            scene.set_camera(camera)

            def reddish() -> int:
                scene.render()
                picture = grab(target).astype(int)
                return int(((picture[..., 0] - picture[..., 1] > 80) & (picture[..., 0] > 0.4 * red[0])).sum())

            assert reddish() > 100
            picked = scene.pick(100, 80)
            assert picked is not None
            assert picked.key is not None
            assert picked.key.oid == 42
            scene.set_colours("facilities", {42 + MARKER: (0, 0, 0, 0)})
            assert reddish() == 0
        finally:
            scene.close()


def test_a_layers_size_scales_its_symbols() -> None:
    data = table([shapely.Point(0, 0)], ObjID=["3701020113000001"])
    normal, large = (
        glyphs(make_facilities(replace(layer("facilities"), style=Style(size=s)), data, CONTEXT))[0].scale
        for s in (1.0, 2.0)
    )
    assert large == pytest.approx(2 * normal)
