"""Placing a model by hand in a project: undo, the project file, the words."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.session import Session
from app.usecases.crs import placement as places
from app.usecases.query import describe
from models.bim.placement import BY_HAND, standing
from models.bim.placement_value import Placement
from models.core.errors import UserError
from models.layers.layer import ModelData
from models.project.selection import ObjectKey
from models.store import project_file
from tests.support.placed_house import session_with_house


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return session_with_house(tmp_path)


def test_a_model_is_placed_undone_and_reset(session: Session) -> None:
    start = places.present_place(session, "house")
    assert start.height_m == pytest.approx(25.0, abs=0.1)  # without a place it stands on the terrain at the origin
    placed = replace(start, east_m=502100.0, north_m=4059050.0, bearing_deg=30.0)
    places.place_model(session, "house", placed)
    assert np.allclose(places.matrix_of(session, "house"), placed.matrix())
    assert places.place_report(session, "house").kind == BY_HAND
    session.history.undo()
    assert session.project.state.layer("house").place is None
    assert np.allclose(places.matrix_of(session, "house"), start.matrix())
    session.history.redo()
    assert session.project.state.layer("house").place == placed
    places.reset_place(session, "house")
    assert np.allclose(places.matrix_of(session, "house"), start.matrix())
    assert session.history.undo_label == "history.reset_place"


def test_a_models_foot_finds_the_terrain(session: Session) -> None:
    data = session.project.data["house"]
    assert isinstance(data, ModelData)
    put = places.on_ground(Placement(502300.0, 4059000.0, 99.0, 45.0, "EPSG:4548"), data, places.ground_of(session))
    east, _, height, _ = put.matrix() @ [10.0, 5.0, 0.0, 1.0]
    assert height == pytest.approx(20.0 + (east - 501505.0) / 100.0, abs=1e-3)


def test_only_models_are_placed(session: Session) -> None:
    with pytest.raises(UserError, match=r"place\.not_a_model"):
        places.place_model(session, "ground", Placement(0, 0, 0))


def test_a_place_survives_the_project_file(session: Session, tmp_path: Path) -> None:
    placed = Placement(502100.125, 4059050.25, 31.5, 123.456789, "EPSG:4548", (1.0, 2.0, 3.0))
    places.place_model(session, "house", placed)
    project_file.save_project(session.project.state, {}, tmp_path / "town.gpkg")
    state, _ = project_file.open_project(tmp_path / "town.gpkg")
    assert state.layer("house").place == placed
    assert state.layer("ground").place is None


def test_the_files_own_place_stays_untouched_below_a_hand_made_one(session: Session) -> None:
    layer, data = places.model_of(session, "house")
    own = replace(data, info={"georef": "map_conversion", "georef_detail": {"certainty": "sure"}})
    stands = standing(replace(layer, place=Placement(1.0, 2.0, 3.0, crs="EPSG:4548")), own)
    assert isinstance(stands, ModelData)
    assert stands.info["georef"] == BY_HAND
    assert np.allclose(stands.placement[:3, 3], [1, 2, 3])
    assert own.info["georef"] == "map_conversion"
    assert standing(layer, own) is own


@pytest.mark.parametrize(("lang", "said"), [("zh", "手动放置"), ("en", "placed by hand")])
def test_the_project_element_says_that_the_model_was_placed_by_hand(session: Session, lang: str, said: str) -> None:
    session.set_lang(lang)
    places.place_model(session, "house", Placement(502100.0, 4059050.0, 31.5, 0.0, "EPSG:4548"))
    sections = {one.title_key: dict(one.rows) for one in describe.describe(session, ObjectKey("house", 0))}
    assert said in sections["section.georef"].values()
    assert "502,100.000, 4,059,050.000, 31.500 m" in sections["section.georef"].values()


def test_a_model_far_from_everything_else_is_noticed(session: Session) -> None:
    assert places.far_caution(session, "house") is None
    places.place_model(session, "house", Placement(602000.0, 4059000.0, 0.0, 0.0, "EPSG:4548"))
    caution = places.far_caution(session, "house")
    assert caution is not None
    assert caution.facts["km"] == 100
