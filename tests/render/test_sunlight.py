"""The sun of a moment lights the city and throws its shadows."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from models.crs.frame import Frame
from models.layers.layer import Layer, Style, VectorData
from models.project.project import ProjectState
from models.store.rows.snapshot_json import as_json, of_json
from models.views.camera import Camera
from models.views.snapshot_spec import SnapshotSpec
from models.views.sun import Sun, SunTime
from viewers.render.palette.lighting import look
from viewers.render.palette.sunlight import look_by_sun
from viewers.render.scene.offscreen import render_picture

CRS, EAST, NORTH = "EPSG:4548", 502_000, 4_059_000  # 117.0° east, 36.7° north
CAMERA = Camera((EAST, NORTH - 1.0, 420.0), (EAST, NORTH, 0.0), angle_deg=30.0)


def tower():
    box = shapely.box(EAST - 10, NORTH - 10, EAST + 10, NORTH + 10)
    frame = gpd.GeoDataFrame({"h": [40.0]}, geometry=[box], crs=CRS)
    layer = Layer("tower", "tower", "vector", "buildings", style=Style(height_field="h"))
    return ProjectState(frame=Frame(CRS, None, (EAST, NORTH, 0)), layers=(layer,)), {"tower": VectorData(frame)}


def picture(sun):
    state, data = tower()
    return render_picture(state, data, CAMERA, (160, 120), quality="still", sun=sun).astype(int).sum(axis=2)


def shade(sun):
    """Where it is darker than the ground far off, as rows and columns from the middle (down, right)."""
    seen = picture(sun)
    dark = seen < 0.9 * np.median(seen)
    dark[50:70, 70:90] = False  # the tower itself
    rows, columns = np.nonzero(dark)
    return rows - 60, columns - 80


@pytest.mark.render
def test_in_the_morning_shadows_lie_in_the_west_and_in_the_evening_in_the_east():
    _, morning = shade(SunTime("2026-06-21", 7 * 60))
    _, evening = shade(SunTime("2026-06-21", 17 * 60 + 30))
    assert len(morning) > 60
    assert len(evening) > 60
    assert np.median(morning) < -8
    assert np.median(evening) > 8


@pytest.mark.render
def test_at_noon_shadows_lie_in_the_north_and_are_longer_in_winter():
    summer, _ = shade(SunTime("2026-06-21", 12 * 60 + 15))
    winter, _ = shade(SunTime("2026-12-21", 12 * 60 + 15))
    assert np.median(winter) < -8, "up in a picture that looks north"
    assert len(winter) > 2 * len(summer)


@pytest.mark.render
def test_by_night_it_is_dark_and_nothing_throws_a_shadow():
    night = SunTime("2026-06-21", 0)
    assert picture(night).mean() < 0.7 * picture(SunTime("2026-06-21", 12 * 60)).mean()
    around = picture(night)
    around[48:72, 68:92] = np.median(around)
    assert np.abs(around[20:100, 30:130] - np.median(around)).max() < 45, "level ground and nothing on it"


def test_light_goes_over_from_day_to_night_without_a_jump():
    day, night = look(False), look(True)
    assert look_by_sun(Sun(180.0, 60.0)).sky_top == day.sky_top
    assert look_by_sun(Sun(180.0, -20.0)).sky_top == night.sky_top
    strengths = [look_by_sun(Sun(270.0, float(height))).sun_strength for height in range(30, -15, -1)]
    assert np.abs(np.diff(strengths)).max() < 0.08
    assert look_by_sun(Sun(270.0, 6.0)).sun[2] < day.sun[2], "a low sun is warm"
    assert look_by_sun(Sun(90.0, 30.0)).to_sun[0] > 0.8, "in the east"


def test_a_picture_keeps_its_sun():
    spec = SnapshotSpec("", 320, 320, CAMERA, sun=SunTime("2026-12-21", 600))
    assert of_json(as_json(spec)) == spec
    assert "sun" not in as_json(SnapshotSpec("", 320, 320, CAMERA))
