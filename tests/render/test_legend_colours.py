"""A class has the same colour in the legend and in the scene, by day and by night."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.views.camera import Camera
from viewers.render.palette.status_colours import status
from viewers.render.scene.offscreen import render_picture

pytestmark = pytest.mark.render
CRS, EAST, NORTH = "EPSG:4548", 502_000, 4_059_000
GRADES = [*status()["grades"]["below"], *status()["grades"]["met"], *status()["grades"]["plain"]]
#: Share of a channel by which a colour may differ: haze, the ground below, a little shade.
NEAR, NEAR_BODY = 38, 46


def rgb(text):
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)])


def picture(role, style, colours, dark, box):
    frame = gpd.GeoDataFrame({"code": ["1"], "h": [30.0]}, geometry=[box], crs=CRS, index=[5])
    layer = Layer("one", "one", "vector", role, style=style)
    state = ProjectState(frame=Frame(CRS, None, (EAST, NORTH, 0)), layers=(layer,))
    camera = Camera((EAST, NORTH - 1.0, 260.0), (EAST, NORTH, 0.0), angle_deg=30.0)
    pixels = render_picture(
        state, {"one": VectorData(frame)}, camera, (96, 64), {"one": colours}, quality="still", dark=dark
    )
    return pixels[30:34, 44:52].reshape(-1, 3).mean(axis=0)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("colour", GRADES)
def test_a_district_has_the_colour_of_its_class(colour, dark):
    box = shapely.box(EAST - 150, NORTH - 150, EAST + 150, NORTH + 150)
    painted = {5: (*rgb(colour).tolist(), round(255 * status()["general"]["fill"]))}
    assert np.abs(picture("districts", Style(), painted, dark, box) - rgb(colour)).max() < NEAR


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("colour", [GRADES[0], GRADES[2], GRADES[5]])
def test_a_roof_has_the_colour_of_its_class(colour, dark):
    box = shapely.box(EAST - 60, NORTH - 60, EAST + 60, NORTH + 60)
    painted = {5: (*rgb(colour).tolist(), 255)}
    style = Style(height_field="h")
    assert np.abs(picture("buildings", style, painted, dark, box) - rgb(colour)).max() < NEAR_BODY


def test_classes_are_told_apart_by_night_as_by_day():
    box = shapely.box(EAST - 150, NORTH - 150, EAST + 150, NORTH + 150)
    fill = round(255 * status()["general"]["fill"])
    classes = GRADES[:6]
    seen = [picture("districts", Style(), {5: (*rgb(one).tolist(), fill)}, True, box) for one in classes]
    nearest = [int(np.argmin([np.abs(rgb(one) - found).sum() for one in classes])) for found in seen]
    assert nearest == list(range(len(classes)))
