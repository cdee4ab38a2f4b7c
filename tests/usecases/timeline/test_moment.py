"""The city at a moment: followed by the clock, kept in pictures, views and stops, and brought back by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import opening
from app.usecases.readings.readings import store_for_writing
from app.usecases.timeline import moment
from app.usecases.timeline.line import line_of
from app.usecases.views import returning, snapshots, viewpoints
from models.core.progress import Progress
from models.layers.layer import Layer, VectorData
from models.readings.batch import HOUR_US, MINUTE_US, readings
from models.store.rows.snapshot_json import as_json, of_json
from models.timeline.city_state import NO_DATA, NORMAL, OLD
from models.timeline.zone import us_of_iso
from models.views.camera import Camera
from tests.support.window import tiny_city
from viewers.legend import Legend, LegendEntry
from viewers.render.symbology.moment_colours import condition_colour
from viewers.render.symbology.theme_picture import ThemePicture
from viewers.sheets.content import sheet_of

STORM = us_of_iso("2025-07-18T18:40+08:00")
CAMERA = Camera((502000.0, 4058500.0, 400.0), (502000.0, 4059000.0, 30.0))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a city of three gauges; the first reports rain, the second stopped, the third never spoke."""
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    state, data = tiny_city()
    frame = gpd.GeoDataFrame(
        {"code": ["G1", "G2", "G3"]}, geometry=[Point(502000 + n, 4059000) for n in range(3)], crs="EPSG:4548",
        index=[1, 2, 3],
    )  # fmt: skip
    layer = Layer(id="sensors", name="监测设备", kind="vector", role="sensors")
    session.project.replace_all(
        replace(state, layers=(*state.layers, layer)), {**data, "sensors": VectorData(frame)}, None
    )
    opening.save_project(session, tmp_path / "city.gpkg")
    store = store_for_writing(session)
    one, two = (store.channel_for(code, "rainfall", "mm", 600) for code in ("G1", "G2"))
    times = STORM - 2 * HOUR_US + np.arange(13) * 10 * MINUTE_US
    store.append(readings(np.full(13, one), times, np.full(13, 0.5)))
    store.append(readings([two], times[:1], [4.0]))
    yield session
    session.close()
    session.readings.close()


def test_what_is_shown_follows_the_clock_and_ends_with_what_is_live(session: Session):
    moments = moment.Moments(session)
    session.clock.go(STORM)
    assert session.shown.state is not None
    assert session.shown.state.layers["sensors"].condition.tolist() == [NORMAL, OLD, NO_DATA]
    session.clock.go(STORM - 3 * HOUR_US)
    assert session.shown.state.layers["sensors"].condition.tolist() == [NO_DATA, NO_DATA, NO_DATA]
    session.clock.go_live()
    assert session.shown.state is None
    moments.close()


def test_the_line_reaches_over_all_readings_and_says_how_much_it_rained(session: Session):
    line = line_of(session)(Progress())
    assert line.whole_us == (STORM - 2 * HOUR_US, STORM)
    assert line.rain_mm[0] == pytest.approx((0.5 + 4.0) / 2)  # two gauges reported
    assert np.nansum(line.rain_mm) == pytest.approx(2.25 + 12 * 0.5)


def test_a_picture_keeps_its_moment_and_brings_it_back(session: Session):
    session.clock.go(STORM)
    spec = snapshots.make_spec(session, CAMERA)
    assert spec.moment == "2025-07-18T18:40:00+08:00"
    assert of_json(as_json(spec)) == spec
    assert "moment" not in as_json(replace(spec, moment=""))
    with pytest.raises(ValueError, match="2025"):
        of_json({**as_json(spec), "moment": "2025-07-18T18:40"})  # of no zone
    assert "时刻 2025-07-18 18:40（北京时间）" in sheet_of(spec, session.project.state, None).footer
    session.clock.go_live()
    returning.show_view(session, spec)
    assert session.clock.moment_us == STORM
    returning.show_view(session, replace(spec, moment=""))
    assert session.clock.is_live


def test_a_view_with_its_layers_keeps_the_moment_and_one_without_leaves_it(session: Session, tmp_path: Path):
    session.clock.go(STORM)
    whole = viewpoints.save_viewpoint(session, "暴雨", CAMERA, with_scene=True)
    bare = viewpoints.save_viewpoint(session, "全城", CAMERA)
    opening.save_project(session, tmp_path / "city.gpkg")
    opening.open_project(session, tmp_path / "city.gpkg")
    session.clock.go_live()
    viewpoints.show_scene(session, bare.id)
    assert session.clock.is_live
    viewpoints.show_scene(session, whole.id)
    assert session.clock.moment_us == STORM


STATED = "2025-07-18T18:40:00+08:00"


def test_colours_and_legend_of_a_kept_picture_are_those_of_its_moment(session: Session):
    picture = moment.pictured_at_moment(
        session, ThemePicture(legend=Legend("部件")), STATED, "zh", session.project.state
    )
    oids, colours = picture.colours["sensors"]
    shades = ["#{:02x}{:02x}{:02x}".format(*one[:3]) for one in colours.tolist()]
    assert oids.tolist() == [1, 2, 3]
    assert shades == [condition_colour(one) for one in (NORMAL, OLD, NO_DATA)]
    assert [entry.count for entry in picture.legend.entries] == [1, 1, 1]
    assert "时刻 2025-07-18 18:40" in picture.legend.note
    under = Legend("部件", (LegendEntry("破损", "#e08a1e"),), "备注")
    whole = moment.pictured_at_moment(session, ThemePicture(legend=under), STATED, "zh", session.project.state).legend
    assert whole.entries[0].text == "时刻 2025-07-18 18:40（北京时间）"
    assert [entry.text for entry in whole.entries[-2:]] == ["部件", "破损"]
    assert whole.note == "备注"
    assert moment.pictured_at_moment(session, picture, "", "zh", session.project.state) is picture
