"""What scene presets draw: each kind of new layer as shapes, reaches on the ground, and nothing of what is left out."""

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.layers.layer import Layer, Style, VectorData
from models.project.scene import with_scene
from models.readings.current_columns import asks_now
from models.scenes.library import built_in
from models.scenes.matching import readiness, scene_of
from models.style.kinds import Class, Reach, Symbology
from models.terrain.ground import Ground
from models.views.camera import Camera
from models.views.visibility import GroundTransparency
from tests.support.cities.scene_city import CRS, EAST, FRAME, NORTH, street
from viewers.render.geometry.parts import GlyphPart, LinePart, MeshPart
from viewers.render.geometry.sections import swept
from viewers.render.layers.facilities import MARKER
from viewers.render.layers.makers import make_parts
from viewers.render.palette.context import PrepareContext
from viewers.render.scene.offscreen import render_picture
from viewers.render.symbology.reach_shapes import reach_parts
from viewers.render.symbology.style_colours import style_colours
from viewers.render.symbology.style_legend import layer_rows
from viewers.render.symbology.style_shapes import make_form

CONTEXT = PrepareContext(FRAME, Ground(None, CRS, 0.0))
PRESETS = {one.id: one for one in built_in()}


def made(name):
    state, data = street(name)
    prepared = make_parts(state.layer(name), data[name], CONTEXT)
    assert prepared is not None
    return prepared.parts


def drawn_area(parts):
    """Return the area in plan of the fills among some parts, m²."""
    return sum(
        float(shapely.area(shapely.polygons(part.points[part.faces][:, :, :2])).sum())
        for part in parts if isinstance(part, MeshPart)
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", [name for name, one in PRESETS.items() if name not in ("greening", "smart_roads") and not one.is_in_time]
)
def test_every_layer_that_a_preset_means_is_drawn_and_told(name):
    state, data = street()
    match = readiness(PRESETS[name], state, data)
    shown = with_scene(state, scene_of(match, state))
    for layer_id in {layer_id for one in match.matches for layer_id in one.layer_ids}:
        layer, table = shown.layer(layer_id), data[layer_id]
        prepared = make_parts(layer, table, CONTEXT)
        assert prepared is not None and np.isfinite(prepared.bounds).all()  # noqa: PT018
        colours = style_colours(layer, table, FRAME)
        assert colours is not None
        assert (colours[1][:, 3] > 0).any()
        rows = [row for row in layer_rows(layer, table, "en", state=shown) if row.count]
        assert rows and all(row.text.isascii() or "≥" in row.text or "–" in row.text for row in rows)  # noqa: PT018


@pytest.mark.parametrize("name", [name for name, one in PRESETS.items() if one.is_in_time])
def test_a_sensor_of_which_nothing_is_known_is_drawn_as_no_data(name):
    wanted = PRESETS[name].layer("sensors")
    frame = gpd.GeoDataFrame(
        {"code": ["A"], "kind": [wanted.where.split("'")[1]], "period_min": [10.0], "limit_value": [1.0]},
        geometry=[shapely.Point(EAST, NORTH)], crs=CRS,
    )  # fmt: skip
    layer = Layer("s", "s", "vector", "sensors", style=Style(symbology=wanted.symbology))
    assert asks_now(layer)
    colours = style_colours(layer, VectorData(frame), FRAME)
    assert colours is not None
    assert colours[1][0, :3].tolist() == [0x9A, 0xA1, 0xA5]


def test_devices_hang_at_their_height_and_look_where_they_look():
    glyphs = {part.shape: part for part in made("devices") if isinstance(part, GlyphPart)}
    camera = glyphs["camera_head"]
    assert camera.points[:, 2].tolist() == [6.0, 6.0]
    assert camera.bearing_deg.tolist() == [90.0, 45.0]
    assert glyphs["antenna"].points[0].tolist() == pytest.approx([20.0, 0.0, 10.0])


def test_a_bridge_lies_over_its_road_and_a_tunnel_below_the_ground():
    parts = [part for part in made("structures") if isinstance(part, MeshPart)]
    slab, tube = parts
    assert set(slab.oids.tolist()) == {1, 2, 3}
    assert set(tube.oids.tolist()) == {4}
    assert tube.points[:, 2].max() < -2.0
    raised = slab.points[np.unique(slab.faces[slab.oids == 3])]
    assert raised[:, 2].min() > 7.0, "eight metres above the ground"
    width = np.ptp(slab.points[np.unique(slab.faces[slab.oids == 1])][:, 0])
    assert width == pytest.approx(10.0 + 1.4)


def test_a_compartment_has_its_stated_section_and_holds_its_lines():
    body, inside = (part for part in made("tunnel") if isinstance(part, MeshPart))
    first = body.points[np.unique(body.faces[body.oids == 1])]
    assert np.ptp(first[:, 1]) == pytest.approx(3.6)
    assert first[:, 2].min() == pytest.approx(-6.2)
    assert first[:, 2].max() == pytest.approx(-6.0 + 3.4)
    assert not inside.pickable
    lines = inside.points[np.unique(inside.faces[inside.oids % (1 << 29) == 1])]
    low, high = first.min(axis=0), first.max(axis=0)
    assert ((lines >= low - 1e-3) & (lines <= high + 1e-3)).all(), "lines lie inside their compartment"


def test_a_swept_section_keeps_its_width_in_a_bend():
    bend = np.array([[0.0, 0, 0], [10, 0, 0], [10, 10, 0]])
    points, faces, _ = swept(bend, np.array([3]), np.array([[-0.5, 0.0], [0.5, 0.0]]), np.array([2.0]),
                             np.array([1.0]), is_closed=False)  # fmt: skip
    outline = shapely.union_all(shapely.polygons(points[faces][:, :, :2]))
    assert outline.area == pytest.approx(shapely.LineString(bend[:, :2]).buffer(1.0, cap_style="flat",
                                                                                join_style="mitre").area)  # fmt: skip


def test_sectors_and_discs_cover_what_geometry_says():
    _, data = street("devices")
    symbology = Symbology("rules", classes=(Class("#3f7fb8"),), reach=Reach("reach_m", "angle_deg", "bearing_deg"))
    parts = reach_parts(symbology, data["devices"], CONTEXT)
    area = math.pi * (150**2 + 200**2 + 45**2 * 60 / 360 + 60**2 * 50 / 360)
    assert drawn_area(parts) == pytest.approx(area, rel=0.01)
    assert not any(part.pickable for part in parts), "they lie over half a city"
    only = replace(symbology, reach=Reach("reach_m", "angle_deg", "bearing_deg", where="kind = 'camera'"))
    assert drawn_area(reach_parts(only, data["devices"], CONTEXT)) == pytest.approx(
        math.pi * (45**2 * 60 / 360 + 60**2 * 50 / 360), rel=0.01
    )


def test_merged_reaches_of_a_class_are_one_area_with_one_rim():
    _, data = street("poles")
    symbology = Symbology("rules", classes=(Class("#1f9a8a"),), reach=Reach(constant_m=30.0, is_merged=True))
    parts = reach_parts(symbology, data["poles"], CONTEXT)
    discs = shapely.union_all(shapely.buffer(shapely.points(np.arange(5) * 10.0, np.zeros(5)), 30.0, quad_segs=18))
    assert drawn_area(parts) == pytest.approx(discs.area, rel=0.01)
    (rim,) = (part for part in parts if isinstance(part, LinePart))
    assert len(rim.starts) == 2


def test_a_reach_is_a_form_of_its_layer_and_changes_with_it():
    state, data = street("poles")
    symbology = Symbology("rules", classes=(Class("#1f9a8a"),), reach=Reach(constant_m=30.0))
    layer = replace(state.layer("poles"), style=Style(symbology=symbology))
    form = make_form(layer, data["poles"], CONTEXT)
    assert form is not None
    assert len(form.parts) == 2


def test_what_a_scene_leaves_out_carries_no_sign_either():
    _, data = street("poles")
    table = data["poles"]
    assert isinstance(table, VectorData)
    style = Style(symbology=Symbology("rules", classes=(Class("#123456", expression="code = 'P1'"),),
                                      other=Class(visible=False)))  # fmt: skip
    layer = Layer("c", "部件", "vector", "facilities", style=style)
    oids, colours = style_colours(layer, table, FRAME) or (np.zeros(0), np.zeros((0, 4)))
    by_oid = dict(zip(oids.tolist(), colours[:, 3].tolist(), strict=True))
    assert by_oid[1 + MARKER] == 0
    assert 2 + MARKER not in by_oid


def test_pipes_that_a_scene_shows_are_seen_through_the_ground_among_those_that_it_does_not():
    """Cells that are not drawn must not make the others wait for the ground, which would hide them."""
    state, data = street("pipes")
    match = readiness(PRESETS["drainage"], state, data)
    shown = with_scene(state, scene_of(match, state))
    ground = VectorData(street("tunnel")[1]["tunnel"].frame.iloc[:1].assign(  # type: ignore[union-attr]
        geometry=[shapely.box(EAST - 300, NORTH - 300, EAST + 500, NORTH + 300)], use="residential"))  # fmt: skip
    layers = (Layer("land", "地", "vector", "land"), *shown.layers)
    camera = Camera((EAST + 50, NORTH - 5, 60.0), (EAST + 50, NORTH - 5, 0.0), (0.0, 1.0, 0.0), 30.0, 8.0)
    picture = render_picture(
        replace(shown, layers=layers), {"land": ground, **data}, camera, (320, 200),
        through=GroundTransparency(0.3, 0.3, depths=False),
    )  # fmt: skip
    pixels = np.asarray(picture)[:, :, :3].astype(int)
    blue = (pixels[:, :, 2] - pixels[:, :, 0]) > 25
    assert blue.mean() > 0.01, "the rain pipe, 1 m wide in a picture of 25 m"
