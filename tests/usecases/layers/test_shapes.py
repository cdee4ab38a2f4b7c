"""Objects are moved with undo, and stay where they were put."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pyproj
import pytest
from shapely.geometry import LineString, Point

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers import shapes
from app.usecases.project import opening
from models.core.errors import UserError


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=tmp_path / "cache")
    points = gpd.GeoDataFrame(
        {"ObjID": ["a", "b"]}, geometry=[Point(500100, 4040100, 3.5), Point(500200, 4040200, 4.5)], crs="EPSG:4548"
    )
    points.to_file(tmp_path / "covers.gpkg", layer="covers")
    opening.open_files(made, [tmp_path / "covers.gpkg"])
    yield made
    made.close()


def place(session: Session, oid: int) -> tuple[float, ...]:
    data = session.project.data[session.project.state.layers[0].id]
    return tuple(data.frame.geometry.loc[oid].coords[0])  # type: ignore[union-attr]


def test_a_moved_object_stands_where_it_was_put_and_undo_puts_it_back(session: Session) -> None:
    layer = session.project.state.layers[0].id
    first, second = place(session, 1), place(session, 2)
    shapes.set_shapes(session, layer, {1: Point(500101.25, 4040100.5, 3.25)})
    assert place(session, 1) == (500101.25, 4040100.5, 3.25)
    assert place(session, 2) == second
    session.history.undo()
    assert place(session, 1) == first
    session.history.redo()
    assert place(session, 1) == (500101.25, 4040100.5, 3.25)


def test_a_moved_object_is_there_after_saving_and_opening_and_is_undone_by_nobody(
    session: Session, tmp_path: Path
) -> None:
    layer = session.project.state.layers[0].id
    shapes.set_shapes(session, layer, {1: Point(500101.25, 4040100.5, 3.25)}, basis="gnss", source="rtk.csv")
    opening.save_project(session, tmp_path / "city.gpkg")
    opening.open_project(session, tmp_path / "city.gpkg")
    assert place(session, 1) == (500101.25, 4040100.5, 3.25)
    assert session.project.state.edits[0].source == "rtk.csv"


def test_a_place_given_in_another_crs_is_brought_into_that_of_the_layer(session: Session) -> None:
    from models.project.edits import SHAPE, Edit, edited, shape_text

    layer = session.project.state.layers[0].id
    frame = session.project.data[layer].frame  # type: ignore[union-attr]
    lon, lat = pyproj.Transformer.from_crs(4548, 4490, always_xy=True).transform(500150, 4040150)
    edit = Edit(layer, 2, SHAPE, None, shape_text(Point(lon, lat, 7.0), "EPSG:4490"))
    moved = edited(frame, (), (edit,)).geometry.loc[2]
    assert (moved.x, moved.y, moved.z) == pytest.approx((500150, 4040150, 7.0), abs=1e-3)


def test_a_table_without_shapes_says_so(session: Session, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("code,value\na,1\nb,2\n", encoding="utf-8")
    opening.open_files(session, [tmp_path / "list.csv"])
    table = session.project.state.layers[-1].id
    with pytest.raises(UserError, match=r"layer\.no_shapes"):
        shapes.set_shapes(session, table, {1: LineString([(0, 0), (1, 1)])})
