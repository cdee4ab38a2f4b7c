"""Every role of a layer is complete: drawn by something that exists, with an icon, a colour and a name."""

import ast
import importlib.util
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from models.roles import KINDS, RASTER_KINDS, ROLES, Role, RoleRow, drawn_row, role_named, role_row
from resources.words import LANGUAGES, word

ROWS = [pytest.param(row, id=row.role) for row in ROLES.values()]


def test_there_is_one_row_for_each_role_and_a_raster_kind_is_both_kind_and_role() -> None:
    assert tuple(ROLES) == Role.__args__
    assert all(name == row.role for name, row in ROLES.items())
    assert set(RASTER_KINDS) <= set(ROLES) & set(KINDS)


@pytest.mark.parametrize("row", ROWS)
def test_a_role_is_named_in_both_languages(row: RoleRow) -> None:
    assert all(word(row.word, lang) not in ("", row.word) for lang in LANGUAGES)


@pytest.mark.parametrize("row", ROWS)
def test_a_role_has_an_icon_of_the_family_and_a_colour(row: RoleRow) -> None:
    names = json.loads((files("qtawesome") / "fonts" / "phosphor-charmap-1.3.0.json").read_text(encoding="utf-8"))
    assert row.icon in names
    assert re.fullmatch(r"#[0-9a-f]{6}", row.colour)


@pytest.mark.parametrize("maker", sorted({drawn_row(kind, role).maker for kind in KINDS for role in ROLES} - {""}))
def test_what_draws_a_role_exists(maker: str) -> None:
    module, _, function = maker.partition(":")
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_only_tables_of_values_have_no_place_in_space() -> None:
    assert {row.role for row in ROLES.values() if not row.maker} == {
        "readings",
        "surveys",
        "check_records",
        "responses",
    }
    assert not drawn_row("table", "buildings").maker


def test_a_role_of_a_later_version_is_drawn_as_other() -> None:
    assert role_named("tunnels") is None
    assert role_row("tunnels") is ROLES["other"]
    assert drawn_row("vector", "tunnels") is ROLES["other"]


def test_the_places_in_an_order_are_taken_once() -> None:
    for order in ("load_order", "draw_last"):
        places = sorted(place for row in ROLES.values() if (place := getattr(row, order)) is not None)
        assert places == list(range(len(places)))
