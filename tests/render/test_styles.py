"""Styles as drawn: legends, colours, raised areas, discs and labels, each as the style says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.crs.frame import Frame
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.style.classify import (
    proposed,
    with_limits,
)
from models.style.kinds import Class, Extrusion, Labels, ScaleRange, Sizes, Symbology
from models.terrain.ground import Ground
from models.views.camera import Camera
from models.views.scene_state import Theme
from tests.support.blocks import EAST, NORTH, blocks, layer_with
from viewers.render.geometry.parts import LabelPart, LinePart, MeshPart, form_id, layer_of
from viewers.render.layers.areas import HATCH
from viewers.render.overlays.style_labels import texts_of
from viewers.render.symbology.style_colours import form_key, is_replaced, plain_style, style_colours
from viewers.render.symbology.theming import pictured

FRAME = Frame("EPSG:4548", origin=(500_000, 3_400_000, 0))


def state_of(layer: Layer) -> ProjectState:
    return ProjectState(frame=FRAME, layers=(layer,))


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


def form_of(symbology: Symbology | None, data: VectorData, role: str = "other", **style: object) -> list[object]:
    from viewers.render.palette.context import PrepareContext
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
    from viewers.render.chunks.preparation import prepare
    from viewers.render.scene.render_target import grab, off_screen
    from viewers.render.scene.scene import Scene
    from viewers.render.scene.style_layers import put_form

    data = blocks(2, value=[1.0, 9.0])
    made = with_limits(Symbology(kind="graduated", field="value", ramp="clay"), (5.0,))
    layer, ground = layer_with(made), Ground(None, FRAME.horizontal)
    camera = Camera((EAST + 50, NORTH + 20, 400.0), (EAST + 50, NORTH + 20, 0.0), (0, 1, 0), 30.0, 60.0)
    with off_screen((240, 160)) as target:
        scene = Scene(target, FRAME)
        try:
            scene.put(layer, prepare(layer, data, FRAME, ground))
            put_form(scene, layer, data, ground)
            scene.set_camera(camera)
            before = [id(one.data) for shown in scene._layers.values() for one in shown.bases]
            first = grab(target)
            other = replace(
                layer, style=replace(layer.style, symbology=with_limits(replace(made, ramp="lake"), (5.0,)))
            )
            colours = style_colours(other, data)
            assert colours is not None
            scene.set_colours("blocks", colours)
            after = [id(one.data) for shown in scene._layers.values() for one in shown.bases]
            assert after == before
            second = grab(target)
            scene.set_scales("blocks", ScaleRange(1_000_000, 0))
            scene.set_scales(form_id("blocks"), ScaleRange(1_000_000, 0))
            gone = grab(target)
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
    from viewers.render.scene.render_target import off_screen
    from viewers.render.scene.scene import Scene
    from viewers.render.scene.style_layers import put_form

    data = blocks(30, name=[f"名{n}" for n in range(30)])
    layer, ground = layer_with(None, labels=Labels("name")), Ground(None, FRAME.horizontal)
    with off_screen((600, 200)) as target:
        scene = Scene(target, FRAME)
        try:
            put_form(scene, layer, data, ground)
            scene.set_camera(Camera((EAST + 900, NORTH, 3000.0), (EAST + 900, NORTH, 0.0), (0, 1, 0), 30.0, 320.0))
            target.render_window.Render()
            free = list(scene._labels.placed)
            scene.set_labels((), [(0.0, 0.0, 300.0, 200.0)])
            target.render_window.Render()
            kept = list(scene._labels.placed)
            scene.set_labels([form_id("blocks")])
            target.render_window.Render()
            silent = list(scene._labels.placed)
        finally:
            scene.close()
    assert any(one.box[0] < 300 for one in free)
    assert kept
    assert all(one.box[0] >= 300 for one in kept)
    assert silent == []


def test_labels_say_what_the_table_shows() -> None:
    table = pd.DataFrame({
        "use": ["residential", "office", None], "slope": [0.003, 1.23e-5, np.nan], "year": [1998.0, np.nan, 2001.0],
        "bid": pd.array([9007199254740993, None, 3], "Int64"), "area_m2": [1234567.25, 1.0, np.nan],
    })  # fmt: skip
    assert texts_of(Labels(field="use"), table).tolist() == ["居住", "办公", ""]
    assert texts_of(Labels(field="use"), table, "en").tolist() == ["residential", "office", ""]
    assert texts_of(Labels(field="slope"), table).tolist() == ["0.003", "1.23e-5", ""]
    assert texts_of(Labels(field="year"), table).tolist() == ["1998", "", "2001"]
    assert texts_of(Labels(field="bid"), table).tolist() == ["9007199254740993", "", "3"]
    both = Labels(expression="{use} {area_m2}")
    assert texts_of(both, table).tolist()[0] == "居住 1,234,567.25"
    assert texts_of(Labels(expression="slope * 2"), table).tolist()[0] == "0.006"
