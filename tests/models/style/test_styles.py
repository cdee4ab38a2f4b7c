"""Styles by value: classes against independent references, colours that are the legend's, files that come back."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import geopandas as gpd
import mapclassify
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.session import Session
from app.usecases.style import styles
from models.buildings.heights import heights, once, read_number
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, Style, VectorData, style_from
from models.project.project import ProjectState
from models.style.breaks import class_of, figure, limits, rounded
from models.style.classify import (
    NO_DATA,
    classified,
    codes_of,
    counts_of,
    numbers_of,
    proposed,
    shares_of,
    with_limits,
)
from models.style.density import heat, hexagons
from models.style.kinds import METHODS, Class, Density, Extrusion, Labels, ScaleRange, Sizes, Symbology
from models.style.ramps import ramp, ramps
from models.terrain.ground import Ground
from models.views.viewpoint import Camera, Theme
from viewers.render.geometry.parts import LabelPart, LinePart, MeshPart, form_id, layer_of
from viewers.render.layers.areas import HATCH
from viewers.render.symbology.style_colours import form_key, is_replaced, pictured, plain_style, style_colours

FRAME = Frame("EPSG:4548", origin=(500_000, 3_400_000, 0))
EAST, NORTH = 500_000.0, 3_400_000.0
RNG = np.random.default_rng(4)


def blocks(count: int = 12, **columns: object) -> VectorData:
    """Return squares of 40 m in a row, 60 m apart."""
    x = EAST + 60.0 * np.arange(count)
    geometry = shapely.box(x, NORTH, x + 40.0, NORTH + 40.0)
    frame = gpd.GeoDataFrame(columns or {"value": np.arange(count, dtype=float)}, geometry=geometry, crs="EPSG:4548")
    return VectorData(frame)


def layer_with(symbology: Symbology | None, role: str = "other", **style: object) -> Layer:
    return Layer("blocks", "街块", "vector", role, style=Style(symbology=symbology, **style), name_en="Blocks")  # type: ignore[arg-type]


def state_of(layer: Layer) -> ProjectState:
    return ProjectState(frame=FRAME, layers=(layer,))


# --- classes ----------------------------------------------------------------------------------------------------------


def test_quantiles_hold_as_many_values_as_those_of_mapclassify() -> None:
    values = RNG.lognormal(3, 1, 997)
    ours = np.bincount(class_of(values, limits(values, "quantiles", 5)))
    theirs = mapclassify.Quantiles(values, k=5).counts
    assert np.abs(ours - theirs).max() <= 1


def test_equal_intervals_are_those_of_mapclassify() -> None:
    values = RNG.normal(50, 12, 400)
    assert limits(values, "equal", 6) == pytest.approx(tuple(mapclassify.EqualInterval(values, k=6).bins[:-1]))


def test_natural_breaks_part_values_as_fisher_jenks_does() -> None:
    values = np.concatenate([RNG.normal(centre, 1, 60) for centre in (10, 50, 90, 160)])
    reference = mapclassify.FisherJenks(values, k=4)
    assert class_of(values, limits(values, "jenks", 4)).tolist() == reference.yb.tolist()


def test_natural_breaks_of_many_values_are_sampled_and_the_same_every_time() -> None:
    values = np.concatenate([RNG.normal(centre, 1, 20_000) for centre in (10, 50, 90)])
    first = limits(values, "jenks", 3)
    assert first == limits(RNG.permutation(values), "jenks", 3)
    centres = class_of(np.array([10.0, 12.0, 49.0, 51.0, 89.0, 91.0]), first)
    assert centres.tolist() == [0, 0, 1, 1, 2, 2]


def test_limits_by_deviation_stand_around_the_mean() -> None:
    values = RNG.normal(100, 10, 5000)
    found = limits(values, "deviation", 4)
    mean, spread = values.mean(), values.std()
    assert found == pytest.approx((mean - spread, mean, mean + spread))


def test_pretty_limits_are_round() -> None:
    found = limits(np.array([3.2, 17.0, 96.4]), "pretty", 5)
    assert found == (20.0, 40.0, 60.0, 80.0)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.floats(-1e9, 1e9, allow_nan=False, width=64), max_size=60),
    st.sampled_from([method for method in METHODS if method != "manual"]),
    st.integers(1, 9),
)
def test_every_value_falls_into_exactly_one_class(values: list[float], method: str, count: int) -> None:
    known = np.array([*values, np.nan, np.inf])
    inner = limits(known, method, count)
    assert all(low < high for low, high in itertools.pairwise(inner))
    found = class_of(known, inner)
    assert (found[-2:] == NO_DATA).all()
    edges = np.array([-np.inf, *inner, np.inf])
    inside = (known[:-2, None] >= edges[:-1]) & (known[:-2, None] < edges[1:])
    assert (inside.sum(axis=1) == 1).all()
    assert found[:-2].tolist() == inside.argmax(axis=1).tolist() if len(values) else True


def test_rounding_limits_moves_next_to_no_value_into_another_class() -> None:
    values = RNG.gamma(2, 9, 3000)
    exact = limits(values, "quantiles", 5)
    short = rounded(exact, values)
    assert sum(len(f"{one:g}") for one in short) < sum(len(f"{one:g}") for one in exact)
    assert (class_of(values, exact) != class_of(values, short)).mean() <= 0.04


def test_figures_are_written_with_the_digits_that_their_neighbours_need() -> None:
    assert figure(1234567.0) == "1,234,567"
    assert figure(0.25, 0.05) == "0.25"
    assert figure(-3.5, 0.5) == "−3.5"


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UserError, match=r"style\.unknown_method"):
        limits(np.arange(9.0), "guess", 3)


def test_categories_merge_what_is_written_alike_and_empty_is_no_category() -> None:
    table = pd.DataFrame({"use": ["a", "a ", "b", None, "", 3.0, "3"]})
    made = proposed("categorised", "use", table)
    assert {one.value for one in made.classes} == {"a", "b", "3"}
    assert (codes_of(made, table) == NO_DATA).tolist() == [False, False, False, True, True, False, False]


def test_of_many_categories_the_rest_is_other() -> None:
    table = pd.DataFrame({"use": [f"k{n}" for n in range(50) for _ in range(n + 1)]})
    made = proposed("categorised", "use", table)
    counts, other, blank = counts_of(made, codes_of(made, table))
    assert len(made.classes) == 30
    assert min(counts) == 21  # the fullest thirty
    assert other == sum(range(1, 21))
    assert blank == 0


def test_the_first_rule_that_holds_wins_and_the_empty_one_takes_the_rest() -> None:
    table = pd.DataFrame({"h": [3.0, 20.0, 90.0, np.nan]})
    rules = (Class(expression="h > 50"), Class(expression="h > 10"), Class())
    assert codes_of(Symbology(kind="rules", classes=rules), table).tolist() == [2, 1, 0, 2]
    assert codes_of(Symbology(kind="rules", classes=rules[:2]), table).tolist() == [2, 1, 0, 2]  # 2 is "other"


def test_a_diverging_ramp_has_its_middle_at_the_midpoint() -> None:
    values = np.array([-10.0, 0.0, 40.0])
    shares = shares_of(Symbology(kind="ramp", low=-10, high=40, midpoint=0.0), values)
    assert shares.tolist() == pytest.approx([0.375, 0.5, 1.0])


# --- ramps ------------------------------------------------------------------------------------------------------------


def lightness(rgb: np.ndarray) -> np.ndarray:
    """Return CIE L* of (n, 3) bytes."""
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return 116 * np.where(y > 0.008856, np.cbrt(y), 7.787 * y + 16 / 116) - 16


def blind(rgb: np.ndarray, kind: str) -> np.ndarray:
    """Return colours as a dichromat sees them (Viénot, Brettel, Mollon 1999), linear light."""
    linear = (rgb / 255.0) ** 2.2
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    loss = {"protan": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
            "deutan": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]}[kind]  # fmt: skip
    seen = np.linalg.inv(to_lms) @ np.array(loss) @ to_lms @ linear.T
    return np.clip(seen.T, 0, 1) ** (1 / 2.2) * 255


@pytest.mark.parametrize("id_", [one.id for one in ramps().values() if one.kind == "sequential"])
def test_the_lightness_of_a_sequential_ramp_goes_one_way(id_: str) -> None:
    light = lightness(ramp(id_).at(np.linspace(0, 1, 40)).astype(float))
    steps = np.diff(light)
    assert (steps > -0.05).all() or (steps < 0.05).all()
    assert abs(light[-1] - light[0]) > 45


@pytest.mark.parametrize("kind", ["protan", "deutan"])
@pytest.mark.parametrize("id_", [one.id for one in ramps().values() if one.safe])
def test_a_ramp_marked_safe_keeps_its_classes_apart_with_red_green_blindness(id_: str, kind: str) -> None:
    count = len(ramp(id_).colours) if ramp(id_).kind == "qualitative" else 5
    colours = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in ramp(id_).classes(count)], dtype=float)
    seen = blind(colours, kind)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)[np.triu_indices(count, 1)]
    assert apart.min() > (25 if ramp(id_).kind == "qualitative" else 20)


# --- heights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [("15m", 15), ("15 米", 15), ("约12", 12), ("１２．５", 12.5), ("39 ft", 11.8872), ("1,5", 1.5), ("12,000", 12000),
     ("十二层", 12), ("二十", 20), ("6F", 6), (7, 7)],
)  # fmt: skip
def test_heights_are_read_as_people_write_them(text: object, number: float) -> None:
    assert read_number(text) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "不详", None, True, float("nan")])
def test_what_says_no_number_is_no_data(text: object) -> None:
    assert np.isnan(read_number(text))


def test_nonsense_heights_are_not_drawn_and_are_said() -> None:
    table = pd.DataFrame({"height": [12.0, -3.0, 9999.0, 0.0, np.nan, np.nan], "floors": [4, 2, 3, 5, 6, np.nan]})
    known = heights(table, storey_height_m=3.0)
    assert known.height_m.tolist() == [12.0, 6.0, 9.0, 15.0, 18.0, 9.0]
    assert known.origin.tolist() == ["known", "storeys", "storeys", "storeys", "storeys", "assumed"]
    said = {one.code: dict(one.facts) for one in known.cautions}
    assert said["heights.nonsense"]["count"] == 2  # zero means "nothing is known" and is no nonsense
    assert said["heights.estimated"] == {"layer": "", "count": 5, "of": 6}


def test_a_building_part_of_openstreetmap_begins_where_it_says() -> None:
    known = heights(pd.DataFrame({"height": [30.0, 30.0], "min_height": [12.0, np.nan]}))
    assert known.bottom_m.tolist() == [12.0, 0.0]
    assert known.height_m.tolist() == [18.0, 30.0]  # its roof stays at 30 m


def test_of_repeated_footprints_the_highest_is_drawn_once() -> None:
    same, other = shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 11)
    kept = once(np.array([same, same, other, same]), np.array([9.0, 12.0, 9.0, 3.0]))
    assert kept.tolist() == [False, True, True, False]


# --- density ----------------------------------------------------------------------------------------------------------


def test_hexagons_hold_every_point_once_and_within_reach() -> None:
    xy = RNG.uniform(0, 1000, (4000, 2))
    cells = hexagons(xy, 80.0)
    assert cells.counts.sum() == 4000
    nearest = np.min(np.linalg.norm(xy[:, None] - cells.centres[None], axis=2), axis=1)
    assert nearest.max() <= 80 / np.sqrt(3) + 1e-6
    sums = hexagons(xy, 80.0, "sum", np.full(4000, 2.0))
    assert sums.values == pytest.approx(2.0 * cells.counts)


def test_the_mean_of_a_hexagon_leaves_missing_values_out() -> None:
    cells = hexagons(np.zeros((3, 2)), 10.0, "mean", np.array([4.0, np.nan, 8.0]))
    assert cells.values.tolist() == [6.0]
    assert np.isnan(hexagons(np.zeros((2, 2)), 10.0, "sum", np.full(2, np.nan)).values[0])


def test_a_heat_map_sums_up_to_its_objects() -> None:
    xy = RNG.uniform(0, 2000, (500, 2))
    grid = heat(xy, 200.0)
    cell_km2 = (grid.high[0] - grid.low[0]) / grid.values.shape[1] * (grid.high[1] - grid.low[1]) / grid.values.shape[0]
    assert grid.values.sum() * cell_km2 / 1e6 == pytest.approx(500, rel=0.01)


# --- colours and legend -----------------------------------------------------------------------------------------------


def test_a_million_rows_are_coloured_column_by_column() -> None:
    count = 100_000
    data = VectorData(pd.DataFrame({"v": RNG.normal(size=count), "use": RNG.choice(["a", "b", "c"], count)}))  # type: ignore[arg-type]
    data.frame.loc[5, "v"] = np.nan
    for made in (proposed("graduated", "v", data.frame), proposed("ramp", "v", data.frame)):
        oids, rgba = style_colours(layer_with(made), data) or (None, None)
        assert oids is not None
        assert rgba is not None
        assert len(oids) == count + 1  # one has no value: its hatch comes after
        assert oids[-1] == 5 + HATCH
    oids, rgba = style_colours(layer_with(proposed("categorised", "use", data.frame)), data) or (None, None)
    assert rgba is not None
    assert len(np.unique(rgba, axis=0)) == 3


def test_classes_in_the_legend_are_the_colours_of_the_objects() -> None:
    data = blocks(12, value=[*range(11), np.nan])
    layer = layer_with(proposed("graduated", "value", data.frame))
    picture = pictured(state_of(layer), {"blocks": data}, Theme(), lang="en")
    oids, rgba = picture.colours["blocks"]
    painted = {"#{:02x}{:02x}{:02x}".format(*row[:3]) for row in rgba[oids < HATCH]}
    rows = [entry for entry in picture.legend.entries if entry.count is not None]
    assert {entry.colour for entry in rows} == painted
    assert sum(entry.count or 0 for entry in rows) == 12
    blank = [entry for entry in rows if entry.pattern == "hatch"]
    assert [(entry.text, entry.count) for entry in blank] == [("No data", 1)]


def test_what_is_hidden_is_neither_drawn_nor_in_the_legend() -> None:
    data = blocks(4, use=["a", "a", "b", "b"])
    made = proposed("categorised", "use", data.frame)
    first = replace(made.classes[0], visible=False)
    layer = layer_with(replace(made, classes=(first, *made.classes[1:])))
    picture = pictured(state_of(layer), {"blocks": data}, Theme(), lang="zh")
    assert (picture.colours["blocks"][1][:2, 3] == 0).all()
    assert "a" not in {entry.text for entry in picture.legend.entries}


def test_of_thirty_categories_the_legend_lists_some_and_counts_the_rest() -> None:
    data = blocks(60, use=[f"类{n // 2:02d}" for n in range(60)])
    layer = layer_with(proposed("categorised", "use", data.frame))
    legend = pictured(state_of(layer), {"blocks": data}, Theme(), lang="zh").legend
    rows = [entry for entry in legend.entries if entry.count is not None]
    assert len(rows) == 16
    assert rows[-1].symbol == "none"
    assert "15" in rows[-1].text
    assert sum(entry.count or 0 for entry in rows) == 60


def test_a_theme_speaks_over_a_style_and_brings_no_styled_layer_to_light() -> None:
    data = blocks(3, value=[1.0, 2.0, 3.0])
    layer = replace(layer_with(proposed("graduated", "value", data.frame)), visible=False)
    picture = pictured(state_of(layer), {"blocks": data}, Theme(), lang="zh")
    assert set(picture.colours) == {"blocks", form_id("blocks")}
    assert not picture.called
    assert layer_of(form_id("blocks")) == "blocks"


def test_geometry_does_not_depend_on_colours_labels_and_ranges() -> None:
    plain = Style(height_field="h")
    dressed = replace(plain, symbology=Symbology(kind="ramp"), labels=Labels("n"), scales=ScaleRange(0, 5000))
    assert plain_style(dressed) == plain
    one = layer_with(Symbology(kind="graduated", field="v", classes=(Class("#ffffff"),)))
    two = layer_with(Symbology(kind="graduated", field="v", classes=(Class("#000000"),), ramp="clay"))
    assert form_key(one) == form_key(two)
    assert form_key(layer_with(Symbology(extrusion=Extrusion("v")))) is not None
    assert is_replaced(layer_with(Symbology(extrusion=Extrusion("v"))))
    assert not is_replaced(layer_with(Symbology(extrusion=Extrusion("v", shape="column"))))


# --- forms ------------------------------------------------------------------------------------------------------------


def form_of(symbology: Symbology | None, data: VectorData, role: str = "other", **style: object) -> list[object]:
    from viewers.render.layers.makers import PrepareContext
    from viewers.render.symbology.style_shapes import make_form

    made = make_form(layer_with(symbology, role, **style), data, PrepareContext(FRAME, Ground(None, FRAME.horizontal)))
    return [] if made is None else list(made.parts)


def test_areas_are_raised_by_their_value_times_the_factor() -> None:
    data = blocks(3, value=[10.0, 20.0, np.nan])
    (part,) = (one for one in form_of(Symbology(extrusion=Extrusion("value", 2.0)), data) if isinstance(one, MeshPart))
    tops = [part.points[part.faces[part.oids == oid].ravel(), 2].max() for oid in range(3)]
    assert tops[:2] == pytest.approx([20.0, 40.0])
    assert tops[2] < 0.5  # no data stays on the ground, it is not zero high


def test_columns_stand_inside_their_areas_and_have_their_width() -> None:
    data = blocks(2, value=[1.0, 3.0])
    (part,) = form_of(Symbology(extrusion=Extrusion("value", 10.0, "column", 12.0)), data)
    assert isinstance(part, MeshPart)
    mine = part.points[part.faces[part.oids == 0].ravel()]
    assert np.ptp(mine[:, 0]) == pytest.approx(12.0)
    assert mine[:, 0].mean() == pytest.approx(20.0, abs=1.0)


def test_the_area_of_discs_grows_with_the_value() -> None:
    data = blocks(2, value=[25.0, 100.0])
    parts = form_of(Symbology(sizes=Sizes("value", 50.0)), data)
    flat = next(one for one in parts if isinstance(one, MeshPart))
    wide = [np.ptp(flat.points[flat.faces[flat.oids == oid].ravel(), 0]) for oid in (0, 1)]
    assert wide == pytest.approx([25.0, 50.0])


def test_what_has_no_value_is_hatched_inside_its_area() -> None:
    data = blocks(4, value=[1.0, 2.0, 3.0, np.nan])
    parts = form_of(proposed("graduated", "value", data.frame), data)
    hatch = next(one for one in parts if isinstance(one, LinePart) and (one.oids >= HATCH).any())
    assert set(hatch.oids.tolist()) == {3 + HATCH}
    assert hatch.points[:, 0].min() >= 180.0 - 1e-3
    assert hatch.points[:, 0].max() <= 220.0 + 1e-3


def test_labels_say_fields_and_texts_and_larger_objects_come_first() -> None:
    data = blocks(3, name=["甲", "", "丙"], floors=[3, 4, 5])
    (part,) = form_of(None, data, labels=Labels(expression="{name}（{floors} 层）"))
    assert isinstance(part, LabelPart)
    assert part.texts == ["甲（3 层）", "（4 层）", "丙（5 层）"]
    (part,) = form_of(None, data, labels=Labels("name", priority_field="floors"))
    assert isinstance(part, LabelPart)
    assert part.texts == ["甲", "丙"]
    assert part.priority[1] > part.priority[0]


@pytest.mark.render
def test_recolouring_makes_no_geometry_and_the_picture_shows_the_legends_colours() -> None:
    from viewers.render.layers.makers import prepare
    from viewers.render.scene.offscreen import grab, off_screen_plotter
    from viewers.render.scene.scene import Scene
    from viewers.render.symbology.style_shapes import put_form

    data = blocks(2, value=[1.0, 9.0])
    made = with_limits(Symbology(kind="graduated", field="value", ramp="clay"), (5.0,))
    layer, ground = layer_with(made), Ground(None, FRAME.horizontal)
    camera = Camera((EAST + 50, NORTH + 20, 400.0), (EAST + 50, NORTH + 20, 0.0), (0, 1, 0), 30.0, 60.0)
    with off_screen_plotter((240, 160)) as plotter:
        scene = Scene(plotter, FRAME)
        try:
            scene.put(layer, prepare(layer, data, FRAME, ground))
            put_form(scene, layer, data, ground)
            scene.set_camera(camera)
            before = [id(one.data) for shown in scene._layers.values() for one in shown.bases]
            first = grab(plotter)
            other = replace(
                layer, style=replace(layer.style, symbology=with_limits(replace(made, ramp="lake"), (5.0,)))
            )
            colours = style_colours(other, data)
            assert colours is not None
            scene.set_colours("blocks", colours)
            after = [id(one.data) for shown in scene._layers.values() for one in shown.bases]
            assert after == before
            second = grab(plotter)
            scene.set_scales("blocks", ScaleRange(1_000_000, 0))
            scene.set_scales(form_id("blocks"), ScaleRange(1_000_000, 0))
            gone = grab(plotter)
        finally:
            scene.close()
    for picture, symbology in ((first, made), (second, other.style.symbology)):
        assert symbology is not None
        for x, one in ((66, symbology.classes[0]), (173, symbology.classes[1])):
            seen = picture[80, x].astype(float)
            wanted = np.array([int(one.colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=float)
            assert np.argmax(seen) == np.argmax(wanted)
            assert np.abs(seen / seen.sum() - wanted / wanted.sum()).max() < 0.06, (x, seen, wanted)
    assert np.abs(gone[80, 66].astype(int) - first[80, 66].astype(int)).max() > 10


@pytest.mark.render
def test_no_label_is_written_where_something_floats_over_the_picture() -> None:
    from viewers.render.scene.offscreen import off_screen_plotter
    from viewers.render.scene.scene import Scene
    from viewers.render.symbology.style_shapes import put_form

    data = blocks(30, name=[f"名{n}" for n in range(30)])
    layer, ground = layer_with(None, labels=Labels("name")), Ground(None, FRAME.horizontal)
    with off_screen_plotter((600, 200)) as plotter:
        scene = Scene(plotter, FRAME)
        try:
            put_form(scene, layer, data, ground)
            scene.set_camera(Camera((EAST + 900, NORTH, 3000.0), (EAST + 900, NORTH, 0.0), (0, 1, 0), 30.0, 320.0))
            plotter.render_window.Render()
            free = list(scene._labels.placed)
            scene.set_labels((), [(0.0, 0.0, 300.0, 200.0)])
            plotter.render_window.Render()
            kept = list(scene._labels.placed)
            scene.set_labels([form_id("blocks")])
            plotter.render_window.Render()
            silent = list(scene._labels.placed)
        finally:
            scene.close()
    assert any(one.box[0] < 300 for one in free)
    assert kept
    assert all(one.box[0] >= 300 for one in kept)
    assert silent == []


# --- kept and exchanged -----------------------------------------------------------------------------------------------


def some_styles(data: VectorData) -> Iterator[Symbology]:
    yield Symbology(classes=(Class("#336699", opacity=0.5),))
    yield proposed("categorised", "use", data.frame)
    yield proposed("graduated", "value", data.frame)
    rules = (Class("#aa0000", expression="value > 5", label="高"), Class("#00aa00"))
    yield Symbology(kind="rules", classes=rules)


def test_a_style_comes_back_from_its_json_form() -> None:
    import json

    data = blocks(6, value=np.arange(6.0), use=list("aabbcc"))
    for symbology in some_styles(data):
        full = replace(symbology, extrusion=Extrusion("v", 2.0), sizes=Sizes("v"), density=Density(50.0))
        style = Style(symbology=full, labels=Labels("name", size_px=18), scales=ScaleRange(500, 50_000))
        assert style_from(json.loads(json.dumps(asdict(style)))) == style
    assert style_from({"colour": "#112233", "later": 1}) == Style(colour="#112233")


def test_a_style_comes_back_from_the_project_file(session: Session, tmp_path: Path) -> None:
    from app.usecases.project import opening

    data = blocks(6, value=np.arange(6.0), use=list("aabbcc"))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    layer_id = session.project.state.layers[0].id
    made = styles.style_by(session, layer_id, "graduated", "value", method="equal", count=3)
    opening.save_project(session, tmp_path / "city.gpkg")
    opening.open_project(session, tmp_path / "city.gpkg")
    assert session.project.state.layers[0].style.symbology == made


def test_qgis_gets_the_look_that_is_drawn_and_gives_it_back(session: Session, tmp_path: Path) -> None:
    from models.store.qgis_style import qml
    from models.store.style_files import read_style

    data = blocks(8, value=[0.5, 1, 2, 3, 4, 5, 6, np.nan], use=list("aabbccdd"))
    for number, symbology in enumerate(some_styles(data)):
        layer = layer_with(symbology, opacity=0.8, labels=Labels("use"), scales=ScaleRange(1000, 25_000))
        path = tmp_path / f"{number}.qml"
        path.write_text(qml(layer, data.frame), encoding="utf-8")
        read = read_style(path)
        assert not read.cautions
        assert read.symbology.kind == symbology.kind
        assert read.opacity == pytest.approx(0.8)
        assert read.scales == ScaleRange(1000, 25_000)
        assert read.labels is not None
        assert read.labels.field == "use"
        ours, theirs = codes_of(symbology, data.frame), codes_of(read.symbology, data.frame)
        assert [symbology.classes[k].colour for k in ours if k >= 0] == [
            read.symbology.classes[k].colour for k in theirs if k >= 0
        ]


SLD = """<?xml version="1.0" encoding="UTF-8"?>
<StyledLayerDescriptor version="1.1.0" xmlns="http://www.opengis.net/sld" xmlns:ogc="http://www.opengis.net/ogc"
 xmlns:se="http://www.opengis.net/se"><NamedLayer><se:Name>x</se:Name><UserStyle><se:FeatureTypeStyle>{rules}
</se:FeatureTypeStyle></UserStyle></NamedLayer></StyledLayerDescriptor>"""
RULE = """<se:Rule><se:Name>{name}</se:Name>{filter}<se:PolygonSymbolizer><se:Fill>
<se:SvgParameter name="fill">{colour}</se:SvgParameter></se:Fill></se:PolygonSymbolizer></se:Rule>"""


def sld_test(operator: str, value: object) -> str:
    return (f"<ogc:{operator}><ogc:PropertyName>value</ogc:PropertyName><ogc:Literal>{value}</ogc:Literal>"
            f"</ogc:{operator}>")  # fmt: skip


def test_an_sld_of_categories_and_one_of_ranges_are_taken_over(tmp_path: Path) -> None:
    from models.store.style_files import read_style

    path = tmp_path / "a.sld"
    rules = "".join(
        RULE.format(name=f"n{n}", colour=f"#0000{n:02x}",
                    filter=f"<ogc:Filter>{sld_test('PropertyIsEqualTo', n)}</ogc:Filter>")
        for n in (1, 2, 3)
    )  # fmt: skip
    path.write_text(SLD.format(rules=rules), encoding="utf-8")
    read = read_style(path).symbology
    assert (read.kind, read.field) == ("categorised", "value")
    assert [(one.value, one.colour, one.label) for one in read.classes] == [
        ("1", "#000001", "n1"), ("2", "#000002", "n2"), ("3", "#000003", "n3"),
    ]  # fmt: skip
    ranges = "".join(
        RULE.format(
            name=f"{low}", colour=f"#00{low:02x}00",
            filter=f"<ogc:Filter><ogc:And>{sld_test('PropertyIsGreaterThanOrEqualTo', low)}"
            f"{sld_test('PropertyIsLessThan', low + 10)}</ogc:And></ogc:Filter>",
        )
        for low in (0, 10, 20)
    )  # fmt: skip
    path.write_text(SLD.format(rules=ranges), encoding="utf-8")
    read = read_style(path).symbology
    assert read.kind == "graduated"
    assert codes_of(read, pd.DataFrame({"value": [5.0, 10.0, 25.0]})).tolist() == [0, 1, 2]


def test_broken_and_foreign_style_files_are_refused_clearly(tmp_path: Path) -> None:
    from models.store.style_files import read_style

    def refused(name: str, text: str) -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError) as raised:
            read_style(path)
        return raised.value.code

    assert refused("a.qml", "<qgis><renderer-v2") == "style.broken_file"
    assert refused("b.qml", "") == "style.broken_file"
    assert refused("c.qml", "<qgis/>") == "style.broken_file"
    assert refused("d.qml", '<qgis><renderer-v2 type="heatmapRenderer"/></qgis>') == "style.not_simple"
    assert refused("e.sld", "<kml/>") == "style.broken_file"
    assert refused("f.txt", "x") == "style.unknown_file"
    bomb = '<!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><qgis>&b;</qgis>'
    assert refused("g.qml", bomb) == "style.broken_file"


def test_a_rule_that_is_not_understood_is_left_out_and_said(tmp_path: Path) -> None:
    from models.store.style_files import read_style

    path = tmp_path / "r.qml"
    path.write_text(
        '<qgis><renderer-v2 type="RuleRenderer"><rules key="r"><rule filter="aggregate(\'x\',{{) &gt; 1" symbol="0"/>'
        '<rule filter="&quot;value&quot; &gt; 3" symbol="0" label="much"/></rules><symbols>'
        '<symbol name="0" type="fill">'
        '<layer class="SimpleFill"><prop k="color" v="10,20,30,255"/></layer></symbol></symbols></renderer-v2></qgis>',
        encoding="utf-8",
    )
    read = read_style(path)
    assert [one.label for one in read.symbology.classes] == ["much"]
    assert read.symbology.classes[0].colour == "#0a141e"
    assert [one.code for one in read.cautions] == ["style.left_out"]


# --- use cases --------------------------------------------------------------------------------------------------------


@pytest.fixture
def styled(session: Session, tmp_path: Path) -> tuple[Session, str]:
    from app.usecases.project import opening

    data = blocks(6, value=np.arange(6.0), use=list("aabbcc"))
    data.frame.to_file(tmp_path / "blocks.gpkg", layer="blocks")
    opening.open_files(session, [tmp_path / "blocks.gpkg"])
    return session, session.project.state.layers[0].id


def test_a_burst_of_changes_is_one_step_to_undo(styled: tuple[Session, str]) -> None:
    session, layer_id = styled
    before = session.project.state
    for number in range(5):
        style = Style(symbology=Symbology(classes=(Class(f"#0000{number:02x}"),)))
        styles.set_style(session, layer_id, style, "burst")
    styles.set_style(session, layer_id, Style(colour="#ff0000"), "another")
    session.history.undo()
    assert session.project.state.layer(layer_id).style.symbology == Symbology(classes=(Class("#000004"),))
    session.history.undo()
    assert session.project.state == before


def test_a_style_by_a_field_that_is_not_there_or_holds_words_is_refused(styled: tuple[Session, str]) -> None:
    session, layer_id = styled
    for kind, field, code in (("graduated", "gone", "style.no_field"), ("ramp", "use", "style.no_numbers"),
                              ("spots", "value", "style.unknown_kind")):  # fmt: skip
        with pytest.raises(UserError) as raised:
            styles.style_by(session, layer_id, kind, field)
        assert raised.value.code == code
    assert session.history.undo_label != "history.style_layer"


def test_the_facts_of_a_style_count_what_the_table_holds(styled: tuple[Session, str]) -> None:
    session, layer_id = styled
    styles.style_by(session, layer_id, "categorised", "use")
    facts = styles.facts_of(session.project.state.layer(layer_id), styles.data_of(session, layer_id), "zh")
    assert facts.counts == (2, 2, 2)
    assert (facts.other, facts.blank, facts.total) == (0, 0, 6)
    styles.style_by(session, layer_id, "graduated", "value", method="equal", count=2)
    facts = styles.facts_of(session.project.state.layer(layer_id), styles.data_of(session, layer_id), "zh")
    assert sum(facts.heights) == 6
    assert facts.counts == (3, 3)


def test_pasting_a_style_leaves_the_fields_that_give_heights(styled: tuple[Session, str]) -> None:
    copied = Style(symbology=Symbology(kind="ramp", field="value"), height_field="x", opacity=0.4)
    onto = styles.pasted(Style(height_field="h"), copied)
    assert (onto.height_field, onto.opacity, onto.symbology) == ("h", 0.4, copied.symbology)


def test_the_verbs_choices_are_those_of_the_models() -> None:
    from app.command_line import style as style_verb
    from models.style.kinds import KINDS

    assert style_verb.KINDS == KINDS
    assert (*style_verb.METHODS, "manual") == METHODS


def test_classes_made_again_keep_names_and_what_is_hidden() -> None:
    table = pd.DataFrame({"use": list("aab")})
    made = proposed("categorised", "use", table)
    named = replace(made, classes=(replace(made.classes[0], label="甲", visible=False), *made.classes[1:]))
    again = classified(named, pd.DataFrame({"use": list("aabc")}))
    assert again.classes[0].label == "甲"
    assert not again.classes[0].visible
    assert numbers_of(table, "gone").tolist() == pytest.approx([np.nan] * 3, nan_ok=True)
