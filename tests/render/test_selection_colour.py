"""A selection is an outline in a colour that nothing else has, and leaves objects their own colours."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from models.style.ramps import ramp, ramps
from models.views.camera import Camera
from viewers.render.palette.context import material_colours
from viewers.render.scene.offscreen import render_picture

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
#: CIE 1976 colour difference from which on two colours are told apart at a glance.
FAR = 40.0
CRS, EAST, NORTH = "EPSG:4548", 502_000, 4_059_000
SIZE = (360, 240)


def lab(rgb):
    """CIELAB (D65) of sRGB 0…255."""
    share = np.asarray(rgb, dtype=float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                       [0.0193339, 0.1191920, 0.9503041]])  # fmt: skip
    xyz = linear @ to_xyz.T / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def rgb(text):
    return [int(text[k : k + 2], 16) for k in (1, 3, 5)]


def test_the_colour_of_a_selection_is_far_from_every_colour_that_means_something():
    ours = {material_colours()["select"], material_colours()["select.halo"]}
    found = {}
    for file in (*(RESOURCES / "standards").glob("*.toml"), *(RESOURCES / "theme").glob("*.toml")):
        found |= dict.fromkeys(re.findall(r"#[0-9a-fA-F]{6}\b", file.read_text(encoding="utf-8")), file.name)
    named = [text for text in found if text not in ours]
    assert len(named) > 300
    away = np.linalg.norm(lab([rgb(text) for text in named]) - lab(rgb(material_colours()["select"])), axis=1)
    nearest = int(np.argmin(away))
    assert away[nearest] > FAR, f"{named[nearest]} of {found[named[nearest]]}"
    for id_ in ramps():
        steps = ramp(id_).at(np.linspace(0.0, 1.0, 128))[:, :3]
        assert np.linalg.norm(lab(steps) - lab(rgb(material_colours()["select"])), axis=1).min() > FAR, id_


def city():
    """A house, an area, a line and a point beside each other on level ground."""
    box = shapely.box
    shapes = {
        "house": box(-60, -10, -35, 12),
        "area": box(-25, -12, 0, 12),
        "line": shapely.LineString([(12, -12), (28, 12)]),
        "point": shapely.Point(50, 0),
    }
    layers, data = [], {}
    for name, shape in shapes.items():
        placed = shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH]))
        frame = gpd.GeoDataFrame({"h": [18.0]}, geometry=[placed], crs=CRS, index=[7])
        house = name == "house"
        role, style = ("buildings", Style(height_field="h", colour="#d8c8a8")) if house else ("other", Style())
        layers.append(Layer(name, name, "vector", role, style=style))
        data[name] = VectorData(frame)
    return ProjectState(frame=Frame(CRS, None, (EAST, NORTH, 0)), layers=tuple(layers)), data


def picture(dark, selection=(), hidden=()):
    state, data = city()
    camera = Camera((EAST, NORTH - 150.0, 95.0), (EAST, NORTH, 4.0), angle_deg=40.0)
    return render_picture(state, data, camera, SIZE, selection=selection, quality="still", dark=dark, hidden=hidden)


@pytest.mark.render
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["house", "area", "line", "point"])
def test_what_is_selected_has_an_outline_and_a_halo_around_its_own_colours(name, dark):
    plain = picture(dark)
    marked = picture(dark, [ObjectKey(name, 7)])
    changed = np.abs(plain.astype(int) - marked).max(axis=2) > 12
    outline = np.linalg.norm(lab(marked) - lab(rgb(material_colours()["select"])), axis=2) < 20
    halo = np.linalg.norm(lab(marked) - lab(rgb(material_colours()["select.halo"])), axis=2) < 8
    assert (outline & changed).sum() >= 12
    assert (halo & changed).sum() >= 12
    own = np.abs(plain.astype(int) - picture(dark, hidden=[name])).max(axis=2) > 12
    if name in ("house", "area"):
        assert (changed & own).sum() < 0.25 * own.sum(), "its own colours are seen"
    assert changed.sum() < 0.06 * changed.size


@pytest.mark.render
def test_an_outline_is_seen_through_what_stands_in_front():
    state, data = city()
    wall = gpd.GeoDataFrame({"h": [40.0]}, geometry=[shapely.box(EAST - 80, NORTH - 40, EAST + 80, NORTH - 36)],
                            crs=CRS, index=[1])  # fmt: skip
    layer = Layer("wall", "wall", "vector", "buildings", style=Style(height_field="h"))
    state = ProjectState(frame=state.frame, layers=(*state.layers, layer))
    camera = Camera((EAST, NORTH - 150.0, 20.0), (EAST, NORTH, 4.0), angle_deg=40.0)
    data |= {"wall": VectorData(wall)}
    seen = render_picture(state, data, camera, SIZE, selection=[ObjectKey("house", 7)], quality="still")
    outline = np.linalg.norm(lab(seen) - lab(rgb(material_colours()["select"])), axis=2) < 20
    assert outline.sum() > 30
