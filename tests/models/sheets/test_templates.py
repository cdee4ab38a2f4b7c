"""Templates laid out on every paper: nothing off the page, nothing over another thing, no hole where nothing stands."""

from __future__ import annotations

from itertools import combinations

import pytest
from shapely.geometry import box

from models.core.errors import UserError
from models.sheets.spec import PAPERS
from models.sheets.templates import ORDER, items_on, letters, template, templates

EVERY = [(name, paper, wide) for name in ORDER for paper in PAPERS for wide in (True, False)]


def shape(item):  # type: ignore[no-untyped-def]
    x, y, width, height = item.box
    return box(x, y, x + width, y + height)


@pytest.mark.parametrize(("name", "paper", "wide"), EVERY)
def test_everything_stands_on_the_page_and_only_corners_lie_over_their_picture(
    name: str, paper: str, wide: bool
) -> None:
    chosen = template(name)
    items = items_on(chosen, paper, wide)
    assert {item.id for item in items} == {item.id for item in chosen.items}
    short, long = PAPERS[paper]
    page = box(0, 0, *((long, short) if wide else (short, long)))
    over = {corner.item: corner.of for corner in chosen.corners}
    for item in items:
        assert page.contains(shape(item)), item
        assert min(item.box[2:]) > 8 * letters(paper), item
    for one, two in combinations(items, 2):
        if over.get(two.id) == one.id:
            assert shape(one).contains(shape(two))
        else:
            assert shape(one).intersection(shape(two)).area < 0.1, (one.id, two.id)


@pytest.mark.parametrize("name", ORDER)
def test_the_room_of_what_a_page_does_not_have_goes_to_its_neighbours(name: str) -> None:
    chosen = template(name)
    whole = items_on(chosen, "A3", True)
    absent = {item.id for item in chosen.items if item.kind in ("logo", "photo", "keymap", "chart", "table")}
    fewer = items_on(chosen, "A3", True, absent)
    assert {item.id for item in fewer} == {item.id for item in whole} - absent
    covered, before = (sum(shape(item).area for item in items if item.kind not in ("north", "scale"))
                       for items in (fewer, whole))  # fmt: skip
    assert covered > before * 0.98


def test_letters_grow_more_slowly_than_the_paper() -> None:
    sizes = [letters(paper) for paper in ("A4", "A3", "A2", "A1", "A0")]
    assert sizes == sorted(sizes)
    assert sizes[1] == 1.0
    assert sizes[-1] / sizes[0] < 1189 / 297


def test_templates_have_two_names_and_what_is_unknown_is_refused() -> None:
    for one in templates():
        assert one.title("zh") != one.title("en")
    with pytest.raises(UserError, match=r"sheets\.no_template"):
        template("../health_map")
    with pytest.raises(UserError, match=r"sheets\.no_paper"):
        items_on(template("health_map"), "B5", True)
