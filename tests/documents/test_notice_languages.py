"""What is said names layers as the language of the reader does."""

from __future__ import annotations

import pytest

from app.notices import notice_of, notice_of_caution
from app.session import Session
from models.core.errors import Caution, UserError
from tests.support.small_city import city


def test_a_caution_about_a_layer_has_its_english_name_in_english() -> None:
    said = notice_of_caution(Caution("project.shapes_unread", layer="建筑", layer_en="Buildings", count=2, rows="1, 2"))
    assert "建筑" in said.text("zh")
    assert "Buildings" in said.text("en")
    assert "建筑" not in said.text("en")
    alone = notice_of_caution(Caution("project.shapes_unread", layer="建筑", layer_en="", count=2, rows="1, 2"))
    assert "建筑" in alone.text("en"), "one without an English name keeps its own"


def test_an_error_about_a_layer_without_data_names_it_so_too(session: Session) -> None:
    city(session)
    layer = session.project.state.layers[0]
    session.project.data.pop(layer.id)
    with pytest.raises(UserError) as caught:
        session.project.data_of(layer.id)
    assert layer.title("en") in notice_of(caught.value).text("en")
    assert layer.name in notice_of(caught.value).text("zh")
