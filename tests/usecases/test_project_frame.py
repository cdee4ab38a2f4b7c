"""The frame of a project: the bulk of the first-named file gives it, not outliers and not who is read first."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.session import Session
from app.usecases.crs.far_features import far_features
from app.usecases.project import opening
from app.usecases.project.project_frame import FirstNamed, frame_for, place_of
from models.crs.frame import Frame
from models.geometry.bulk import bulk_box, bulk_of
from models.io.request import Opened
from models.layers.layer import Layer, VectorData
from models.project.project import ProjectState
from tests.support.crs import cases as crs_cases
from tests.support.crs.files import write
from tests.support.paths import DATA


def town_with(places: list[tuple[float, float]], city: str = "Nanjing") -> VectorData:
    """Return the houses of a town in degrees and some small ones elsewhere."""
    houses, _ = crs_cases.town(city)
    lost = [shapely.box(x, y, x + 1e-4, y + 1e-4) if x else shapely.Point(x, y).buffer(0) for x, y in places]
    lost = [shapely.Point(x, y) if one.is_empty else one for one, (x, y) in zip(lost, places, strict=True)]
    return VectorData(gpd.GeoDataFrame(geometry=[*houses, *lost], crs="EPSG:4490"))


def opened(name: str, data: VectorData) -> Opened:
    return Opened(Layer(name, name, "vector"), data)


# --- bulk -------------------------------------------------------------------------------------------------------------


def test_the_bulk_leaves_out_what_lies_many_times_farther_than_it_is_wide() -> None:
    rng = np.random.default_rng(1)
    town = rng.normal([118.79, 32.05], 0.02, (300, 2))
    lost = np.array([[0.0, 0.0], [0.0, 0.0], [-9999.0, -9999.0], [np.nan, 32.0]])
    inside = bulk_of(np.concatenate([town, lost]))
    assert inside[:300].all()
    assert not inside[300:].any()
    assert bulk_box(np.concatenate([town, lost])) == pytest.approx(np.array([town.min(axis=0), town.max(axis=0)]))


def test_two_towns_and_a_local_plane_about_its_zero_have_no_outliers() -> None:
    rng = np.random.default_rng(2)
    towns = np.concatenate([rng.normal([118, 32], 0.02, (300, 2)), rng.normal([121, 30], 0.02, (120, 2))])
    assert bulk_of(towns).all()
    plan = np.concatenate([rng.normal([0, 0], 500.0, (80, 2)), [[0.0, 0.0]]])
    assert bulk_of(plan).all()
    assert bulk_of(np.zeros((3, 2))).all()
    assert bulk_of(np.empty((0, 2))).tolist() == []


# --- frame ------------------------------------------------------------------------------------------------------------


def test_zeros_and_a_lost_row_do_not_move_the_zone_nor_the_origin() -> None:
    alone = frame_for([town_with([])])
    spoilt = frame_for([town_with([(0, 0), (0, 0), (73.0, 5.0)])])
    assert alone is not None
    assert alone.horizontal == "EPSG:4549"  # 120° E, not 96° or 114°
    assert spoilt is not None
    assert spoilt.horizontal == alone.horizontal
    assert np.abs(np.subtract(spoilt.origin, alone.origin)).max() < 20
    place = place_of(town_with([(0, 0), (73.0, 5.0)]))
    assert place is not None
    assert place[1][:, 0].min() > 118.0


def test_the_first_named_file_gives_the_frame_whichever_is_read_first() -> None:
    nanjing, jinan = opened("a", town_with([])), opened("b", town_with([], "Jinan"))
    named, state = FirstNamed(), ProjectState()
    early = named.frame_of(state, [jinan], 1)
    assert early is not None
    assert early.horizontal == "EPSG:4548"
    state = ProjectState(frame=early)
    late = named.frame_of(state, [nanjing], 0)
    assert late is not None
    assert late.horizontal == "EPSG:4549"
    assert named.frame_of(ProjectState(frame=late), [jinan], 2) == late
    assert FirstNamed().frame_of(state, [nanjing], 0) == early, "files opened later keep what is there"
    chosen = Frame("EPSG:4547")
    assert named.frame_of(ProjectState(frame=chosen), [nanjing], -1) == chosen, "a person's choice stays"


def test_a_file_whose_place_nobody_knows_does_not_give_the_frame_to_one_that_has_a_place(
    session: Session, tmp_path: Path
) -> None:
    boxes = np.array([shapely.box(9.0 * k + 5, 8, 9.0 * k + 11, 30) for k in range(8)])
    plan = write(tmp_path / "plan.gpkg", boxes, "EPSG:4549")
    city = write(tmp_path / "city.gpkg", crs_cases.town("Jinan")[0], "EPSG:4490")
    opening.open_files(session, [plan, city])
    assert session.project.state.frame is not None
    assert session.project.state.frame.horizontal == "EPSG:4548"


# --- what lies far off ------------------------------------------------------------------------------------------------


def test_features_far_off_are_counted_and_named_and_those_beyond_the_zone_too() -> None:
    data = town_with([(0, 0), (73.0, 5.0)])
    frame = frame_for([data])
    assert frame is not None
    (lost,) = far_features(data, frame)
    count = len(data.frame)
    assert (lost.code, lost.zeros, lost.total) == ("outliers", 1, count)
    assert lost.oids.tolist() == [count - 2, count - 1]
    (beyond,) = far_features(town_with([]), Frame("EPSG:4547"))  # 114° E
    assert beyond.code == "beyond_zone"
    assert len(beyond.oids) == count - 2
    assert beyond.degrees == pytest.approx(4.8, abs=0.1)
    assert far_features(town_with([]), frame) == []


def test_opening_says_how_many_features_lie_far_off(session: Session, tmp_path: Path) -> None:
    houses, _ = crs_cases.town("Nanjing")
    path = write(tmp_path / "h.gpkg", np.append(houses, shapely.box(0, 0, 1e-4, 1e-4)), "EPSG:4490")
    opening.open_files(session, [path])
    (said,) = [one for one in session.notices.all if one.key == "caution.frame.outliers"]
    assert said.facts["count"] == 1
    assert "1" in said.text("zh")
    assert "far from the others" in said.text("en")


def test_a_local_plane_is_not_measured_against_the_meridian_of_a_zone(session: Session, tmp_path: Path) -> None:
    boxes = np.array([shapely.box(9.0 * k + 5, 8, 9.0 * k + 11, 30) for k in range(8)])
    opening.open_files(session, [write(tmp_path / "plan.gpkg", boxes, "EPSG:4549")])
    (layer,) = session.project.state.layers
    assert layer.verdict is not None
    assert layer.verdict.asks
    assert not [one for one in session.notices.all if one.key == "caution.frame.beyond_zone"]


@pytest.mark.data
@pytest.mark.skipif(not DATA.is_dir(), reason="no shared data")
def test_nanjing_stands_in_its_own_zone(session: Session) -> None:
    folder = DATA / "cn" / "nanjing_jianye"
    opening.open_files(session, sorted(folder.glob("*.geojson")))
    assert session.project.state.frame is not None
    assert session.project.state.frame.horizontal == "EPSG:4549"
