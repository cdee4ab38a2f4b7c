"""Styles over layers of very many objects, and over what a filter leaves of a layer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.session import Session
from app.usecases.layers.building_heights import cautions_of
from app.usecases.project.opening import open_files
from app.usecases.style import styles
from models.crs.frame import Frame
from models.geometry.feature_table import Features
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.style.classify import with_limits
from models.style.kinds import Class, Density, Extrusion, Labels, ScaleRange, Symbology
from models.terrain.ground import Ground
from models.views.camera import Camera
from models.views.scene_state import Theme
from viewers.render.chunks.preparation import PreparedChunks, prepare
from viewers.render.geometry.parts import LabelPart, MeshPart
from viewers.render.layers.areas import HATCH
from viewers.render.palette.context import PrepareContext
from viewers.render.scene.render_target import grab, off_screen
from viewers.render.scene.scene import Scene
from viewers.render.scene.style_layers import put_form
from viewers.render.symbology.style_colours import style_colours
from viewers.render.symbology.style_shapes import make_form
from viewers.render.symbology.theming import pictured

FRAME = Frame("EPSG:4548", origin=(500_000, 3_400_000, 0))
EAST, NORTH = 500_000.0, 3_400_000.0
GROUND = Ground(None, FRAME.horizontal)
SIDE = 150


def town() -> VectorData:
    """Return 22,500 houses in rows 30 m apart; those in the west have little, in the east much, a strip nothing."""
    at = np.arange(SIDE * SIDE)
    x, y = EAST + 30.0 * (at % SIDE), NORTH + 30.0 * (at // SIDE)
    value = np.where(at % SIDE < SIDE // 2, 1.0, 9.0)
    value[(at % SIDE >= 70) & (at % SIDE < 80)] = np.nan
    frame = gpd.GeoDataFrame(
        {"value": value, "height": 6.0, "name": [f"楼{k}" for k in at]},
        geometry=shapely.box(x, y, x + 22.0, y + 22.0), crs="EPSG:4548",
    )  # fmt: skip
    return VectorData(None, None, Features.of_frame(frame))


def layer_with(symbology: Symbology | None, **changes: object) -> Layer:
    return Layer(
        "town", "楼", "vector", "buildings", style=Style(symbology=symbology, height_field="height"), **changes
    )  # type: ignore[arg-type]


GRADUATED = with_limits(Symbology(kind="graduated", field="value", ramp="clay"), (5.0,))


def hue(picture: np.ndarray, x: int, y: int) -> np.ndarray:
    """Return the share of red, green and blue in the brightest third of a small square: roofs, no streets."""
    patch = picture[y - 12 : y + 12, x - 12 : x + 12].reshape(-1, 3).astype(float)
    strong = patch[np.argsort(np.ptp(patch, axis=1))[-len(patch) // 3 :]].mean(axis=0)
    return np.asarray(strong / strong.sum())


def share(colour: str) -> np.ndarray:
    wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=float)
    return wanted / wanted.sum()


@pytest.mark.render
@pytest.mark.parametrize("wide_m", [900.0, 4400.0], ids=["near", "far"])
def test_a_layer_in_chunks_has_the_colours_of_its_style_and_its_range(wide_m: float) -> None:
    data, layer = town(), layer_with(GRADUATED)
    middle = (EAST + 15.0 * SIDE, NORTH + 15.0 * SIDE)
    camera = Camera((*middle, 5000.0), (*middle, 0.0), (0, 1, 0), 30.0, wide_m / 3)
    with off_screen((480, 320)) as target:
        scene = Scene(target, FRAME)
        try:
            scene.put(layer, prepare(layer, data, FRAME, GROUND))
            put_form(scene, layer, data, GROUND)
            scene.set_camera(camera)
            scene.quality("picture")
            first = grab(target)
            (large,) = scene.chunks.layers
            made = {key: [id(one.data) for one in held.drawn] for key, held in large.held.items()}
            other = replace(layer, style=replace(layer.style, symbology=with_limits(
                replace(GRADUATED, ramp="lake", classes=()), (5.0,))))  # fmt: skip
            scene.set_colours("town", style_colours(other, data, FRAME))
            second = grab(target)
            assert {key: [id(one.data) for one in held.drawn] for key, held in large.held.items()} == made
            low, high = other.style.symbology.classes
            west = replace(other.style.symbology, classes=(replace(low, visible=False), high))
            scene.set_colours(
                "town", style_colours(replace(other, style=replace(other.style, symbology=west)), data, FRAME)
            )
            third = grab(target)
            scene.set_scales("town", ScaleRange(1e9, 0))
            gone = grab(target)
            assert scene.chunks.layers == []
            assert scene.pick(240, 160) is None or scene.pick(240, 160).key is None
            scene.set_scales("town", None)
            back = grab(target)
        finally:
            scene.close()
    for picture, symbology in ((first, GRADUATED), (second, other.style.symbology)):
        for x, one in ((60, symbology.classes[0]), (420, symbology.classes[1])):
            assert np.abs(hue(picture, x, 160) - share(one.colour)).max() < 0.07, (x, hue(picture, x, 160), one)
    assert np.abs(third[140:180, 40:80].astype(int) - gone[140:180, 40:80]).mean() < 16  # hidden: shade at the most
    assert np.abs(third[140:180, 400:440].astype(int) - second[140:180, 400:440]).mean() < 2
    assert np.abs(back.astype(int) - third).mean() < 1


def test_what_has_no_data_in_a_layer_in_chunks_keeps_its_grey_and_the_rest_its_row() -> None:
    data, layer = town(), layer_with(GRADUATED)
    oids, rgba = style_colours(layer, data, FRAME) or (np.zeros(0), np.zeros(0))
    blank = np.isnan(data.attributes["value"].to_numpy())
    assert (oids[: SIDE * SIDE] == data.attributes.index.to_numpy()).all()
    assert set(oids[SIDE * SIDE :] - HATCH) == set(data.attributes.index[blank])
    grey = np.array([int(GRADUATED.no_data.colour[k : k + 2], 16) for k in (1, 3, 5)])
    assert (rgba[: SIDE * SIDE][blank][:, :3] == grey).all()
    prepared = prepare(layer, data, FRAME, GROUND)
    assert prepared is not None
    assert isinstance(prepared, PreparedChunks)


# --- what is said when buildings are opened -------------------------------------------------------------------------


def test_doubtful_heights_and_repeated_footprints_are_said_once_when_a_file_is_opened(
    session: Session, tmp_path: Path
) -> None:
    box = [shapely.box(EAST + 60 * k, NORTH, EAST + 60 * k + 20, NORTH + 20) for k in (0, 1, 2, 3, 3)]
    frame = gpd.GeoDataFrame({"height": [12.0, 9999.0, None, 15.0, 18.0]}, geometry=box, crs="EPSG:4548")
    file = tmp_path / "buildings.geojson"
    frame.to_crs("EPSG:4326").to_file(file)
    open_files(session, [file])
    assert session.project.state.layers[0].role == "buildings"
    said = [one for one in session.notices.all if one.key.startswith("caution.heights.")]
    assert [(one.key.removeprefix("caution.heights."), one.facts.get("count")) for one in said] == [
        ("nonsense", 1), ("estimated", 2), ("repeated", 1),
    ]  # fmt: skip
    assert all(session.project.state.layers[0].title("zh") in one.text("zh") for one in said)


def test_of_a_layer_in_chunks_repeated_footprints_are_told_from_its_boxes() -> None:
    data = town()
    assert data.features is not None
    more = data.features.subset(np.r_[np.arange(SIDE * SIDE), 5, 7]).reset_index(drop=True)
    twice = VectorData(None, None, Features.of_frame(more))
    assert [one.code for one in cautions_of(layer_with(None), twice, "en")] == ["heights.repeated"]
    assert cautions_of(layer_with(None), data, "en") == []


# --- filters ----------------------------------------------------------------------------------------------------------


def row() -> VectorData:
    """Return ten squares in a row: five of use a, five of use b, values 0…9."""
    x = EAST + 60.0 * np.arange(10)
    frame = gpd.GeoDataFrame(
        {"use": list("ab") * 5, "value": np.arange(10.0), "name": [f"名{k}" for k in range(10)]},
        geometry=shapely.box(x, NORTH, x + 40.0, NORTH + 40.0), crs="EPSG:4548",
    )  # fmt: skip
    return VectorData(frame)


def filtered_row(symbology: Symbology | None, **style: object) -> Layer:
    return Layer("row", "街块", "vector", "other", filter="value >= 6", style=Style(symbology=symbology, **style))  # type: ignore[arg-type]


def form_of(layer: Layer) -> list[object]:
    made = make_form(layer, row(), PrepareContext(FRAME, GROUND))
    return [] if made is None else list(made.parts)


def test_legend_and_colours_leave_out_what_the_filter_leaves_out() -> None:
    classes = (Class("#aa0000", value="a"), Class("#00aa00", value="b"))
    layer = filtered_row(Symbology(kind="categorised", field="use", classes=classes))
    state = ProjectState(frame=FRAME, layers=(layer,))
    picture = pictured(state, {"row": row()}, Theme(), lang="en")
    assert [(one.text, one.count) for one in picture.legend.entries if one.count] == [("a", 2), ("b", 2)]
    assert picture.colours["row"][0].tolist() == [6, 7, 8, 9]


def test_counts_and_classes_of_the_panel_are_of_what_the_filter_leaves(session: Session) -> None:
    layer = filtered_row(None)
    session.project.replace_all(ProjectState(frame=FRAME, layers=(layer,)), {"row": row()}, None)
    made = styles.style_by(session, "row", "graduated", "value", method="equal", count=3)
    assert made.classes[0].high == pytest.approx(7.0)
    facts = styles.facts_of(session.project.state.layer("row"), styles.data_of(session, "row"), "zh")
    assert (facts.total, sum(facts.counts), facts.edges[0]) == (4, 4, 6.0)
    (entry, *_) = [one for one in styles.legend_rows(session, session.project.state.layer("row")) if one.count]
    assert sum(one.count or 0 for one in styles.legend_rows(session, session.project.state.layer("row"))) == 4
    assert entry.count in (1, 2)


def test_columns_hexagons_heat_and_labels_are_of_what_the_filter_leaves() -> None:
    single = Symbology(classes=(Class(),), extrusion=Extrusion("value", 2.0, "column"))
    (columns, *_) = form_of(filtered_row(single))
    assert isinstance(columns, MeshPart)
    assert set(columns.oids.tolist()) == {6, 7, 8, 9}
    (hexes, *_) = form_of(filtered_row(Symbology(kind="hex", density=Density(size_m=100.0))))
    (warm, *_) = form_of(filtered_row(Symbology(kind="heat", density=Density(size_m=50.0))))
    assert isinstance(hexes, MeshPart)
    assert isinstance(warm, MeshPart)
    assert hexes.points[:, 0].min() > 300.0 - 100.0
    middle = (warm.points[:, 0].min() + warm.points[:, 0].max()) / 2
    assert middle == pytest.approx(470.0, abs=30.0)
    (names,) = form_of(filtered_row(None, labels=Labels("name")))
    assert isinstance(names, LabelPart)
    assert names.texts == ["名6", "名7", "名8", "名9"]


@pytest.mark.render
@pytest.mark.parametrize("role", ["communities", "districts", "parcels", "other"])
def test_areas_of_any_role_are_filled_with_the_colour_of_their_style(role: str) -> None:
    layer = replace(filtered_row(Symbology(classes=(Class("#d02020"),))), filter="", role=role)
    with off_screen((480, 120)) as target:
        scene = Scene(target, FRAME)
        try:
            scene.put(layer, prepare(layer, row(), FRAME, GROUND))
            put_form(scene, layer, row(), GROUND)
            scene.set_labels([layer.id])
            scene.set_camera(Camera((EAST + 290, NORTH + 20, 1500.0), (EAST + 290, NORTH + 20, 0), (0, 1, 0), 30, 80.0))
            picture = grab(target)
        finally:
            scene.close()
    assert np.abs(hue(picture, 240 - 23, 60) - share("#d02020")).max() < 0.14


def test_a_filter_that_cannot_be_understood_is_not_in_the_legend() -> None:
    layer = replace(filtered_row(Symbology(classes=(Class(),))), filter="value >=")
    picture = pictured(ProjectState(frame=FRAME, layers=(layer,)), {"row": row()}, Theme(), lang="en")
    assert picture.legend.entries == ()
