"""Looking into models without a window: isolate, hide, fade, colour, select what is alike, and the rows of a tree."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.bim import visibility as looking
from app.usecases.query import describe
from models.core.errors import UserError
from models.crs.frame import Frame
from models.layers.layer import Layer, ModelData
from models.project.project import ProjectState
from models.project.selection import Keys, ObjectKey
from models.views.visibility import GroundTransparency
from viewers.widgets.common.tree_rows import Branch, Heading, TreeRows

FRAME = Frame("EPSG:4548", "EPSG:5737", (502000, 4059000, 0))

#: class, name, parent, drawn, storey, type
ROWS = (
    ("IfcProject", "P", -1, False, "", ""), ("IfcBuilding", "B", 0, False, "", ""),
    ("IfcBuildingStorey", "1F", 1, False, "1F", ""), ("IfcBuildingStorey", "2F", 1, False, "2F", ""),
    ("IfcWall", "W1", 2, True, "1F", "240"), ("IfcWall", "W2", 2, True, "1F", "120"),
    ("IfcWindow", "N1", 4, True, "1F", ""), ("IfcSpace", "R1", 2, True, "1F", ""),
    ("IfcWall", "W3", 3, True, "2F", "240"), ("IfcSlab", "S1", 3, True, "2F", ""),
)  # fmt: skip


def model(psets=None):
    """Return a model of two storeys: three walls, a window in one of them, a slab, and a space that is not drawn."""
    frame = pd.DataFrame(ROWS, columns=["ifc_class", "name", "parent", "has_geometry", "storey", "type_name"])
    for name in ("guid", "long_name", "tag", "description", "material", "system", "classification"):
        frame[name] = [f"{name}{at}" for at in range(len(frame))] if name == "guid" else ""
    return ModelData(SimpleNamespace(), frame, psets or {}, np.eye(4), "EPSG:4548")  # type: ignore[arg-type]


@pytest.fixture
def session():
    made = Session(Settings(None), Jobs(inline=True), lang="zh")
    layers = tuple(Layer(name, name, "model", "model") for name in ("a", "b"))
    made.project.replace_all(ProjectState(frame=FRAME, layers=layers), {"a": model(), "b": model()}, None)
    return made


def keys(layer, *oids):
    return [ObjectKey(layer, oid) for oid in oids]


def test_isolating_a_storey_leaves_what_is_in_it_and_hides_every_other_model(session):
    looking.isolate(session, keys("a", 2))
    assert session.visibility.of("a").hidden == {8, 9}, "the window in the wall of the storey stays too"
    assert session.visibility.of("b").hidden == {4, 5, 6, 8, 9}
    looking.show_all(session)
    assert session.visibility.elements == {}


def test_isolating_within_one_model_leaves_the_others_alone(session):
    looking.isolate(session, keys("a", 9), ("a",))
    assert session.visibility.of("a").hidden == {4, 5, 6, 8}
    assert session.visibility.of("b").hidden == frozenset()


def test_fading_the_rest_shows_what_was_hidden_of_the_chosen(session):
    looking.hide(session, keys("a", 3))
    assert session.visibility.of("a").hidden == {8, 9}
    looking.isolate(session, keys("a", 8), ("a",), ghost=True)
    look = session.visibility.of("a")
    assert (look.hidden, look.ghost) == ({9}, {4, 5, 6}), "what was hidden stays hidden, the rest is faded"


def test_hiding_and_showing_again_leaves_no_trace(session):
    looking.hide(session, keys("a", 1))
    assert looking.counts(session).hidden == 5
    looking.show(session, keys("a", 1))
    assert not looking.counts(session).any


def test_what_cannot_be_seen_or_is_no_model_is_refused_by_name(session):
    for act, code in (
        (lambda: looking.isolate(session, keys("nothing", 1)), "look.nothing"),
        (lambda: looking.isolate(session, keys("a", 7)), "look.unseen"),
        (lambda: looking.hide(session, []), "look.nothing"),
        (lambda: looking.alike(session, keys("a", 9), "type_name"), "look.not_stated"),
    ):
        with pytest.raises(UserError) as error:
            act()
        assert error.value.code == code
    assert session.visibility.elements == {}


def test_a_circle_of_parents_ends(session):
    data = session.project.data["a"]
    data.elements.loc[2, "parent"] = 4
    assert set(looking.with_parts(data, [2])) == {2, 4, 5, 6, 7}


def test_what_is_alike_is_found_over_all_models(session):
    assert looking.alike(session, keys("a", 4), "type_name") == keys("b", 4, 8) + keys("a", 4, 8)
    assert {key.oid for key in looking.alike(session, keys("a", 6), "storey")} == {4, 5, 6}, "the space is not drawn"


def test_one_value_has_one_colour_in_every_model_and_silence_is_its_own_entry(session):
    models = [(layer.id, data) for layer, data in looking.model_layers(session)]
    found = looking.shades(models, "type_name")
    assert [(one.text, len(one.keys)) for one in found if one.stated] == [("240", 4), ("120", 2)]
    silent = [one for one in found if not one.stated]
    assert len(silent) == 1
    assert {key.oid for key in silent[0].keys} == {6, 9}
    assert len({one.colour for one in found}) == 3
    drawn = sum(looking.drawn(data).sum() for _, data in models)
    assert sum(len(one.keys) for one in found) == drawn, "every drawn element has its entry"


def test_colours_leave_what_is_hidden_hidden_and_go_without_a_trace(session):
    looking.hide(session, keys("a", 9))
    looking.colour(session, {"a": {4: (1, 2, 3, 255)}})
    assert session.visibility.of("a").hidden == {9}
    assert looking.counts(session).coloured == 1
    looking.colour(session, {"b": {4: (1, 2, 3, 255)}})
    assert session.visibility.of("a").colours is None
    looking.clear_colours(session)
    looking.show_all(session)
    assert session.visibility.elements == {}


def test_only_fields_that_something_drawn_states_are_offered():
    data = model({7: {"Pset_SpaceCommon": {"Area": 12.0}}, 4: {"Pset_WallCommon": {"IsExternal": True}}})
    found, total = looking.shared_fields([data, data])
    counts = {one.id: one.count for one in found}
    assert "Pset_SpaceCommon.Area" not in counts, "spaces are not drawn"
    assert counts["Pset_WallCommon.IsExternal"] == 2, "one in each model"
    assert total == 10


def test_numbers_of_two_models_share_one_scale(session):
    psets = [{oid: {"Qto": {"Area": float(oid * factor)}} for oid in (4, 5, 8)} for factor in (1, 10)]
    models = [("a", model(psets[0])), ("b", model(psets[1]))]
    found = [one for one in looking.shades(models, "Qto.Area") if one.stated]
    values = {("a", 4): 4.0, ("a", 5): 5, ("a", 8): 8, ("b", 4): 40, ("b", 5): 50, ("b", 8): 80}
    order = [values[key] for one in found for key in sorted(one.keys, key=lambda key: values[key])]
    assert order == sorted(values.values()), "the classes of the legend stand in the order of the numbers"


def test_an_element_is_described_with_links_to_what_it_stands_in_and_holds(session):
    section = describe.describe(session, ObjectKey("a", 4))[0]
    rows = dict(section.rows)
    assert rows["所在"] == "P / B / 1F"
    assert [key.oid for _, key in section.links["所在"]] == [0, 1, 2]
    assert section.links["包含"] == (("N1", ObjectKey("a", 6)),)
    assert "说明" not in rows, "what the model does not state is left out"


def test_measured_values_are_shown_with_their_units(session):
    from models.io.ifc.property_sets import PsetStore

    store = PsetStore.build(
        [("Qto_WallBaseQuantities", {"Length": 3.2, "Count": 2}), ("Pset_WallCommon", {"IsExternal": True})],
        [[]] * 4 + [[0, 1]] + [[]] * 5,
        {"Qto_WallBaseQuantities": {"Length": "m"}},
    )
    session.project.put_data("a", model(store))
    sections = describe.describe(session, ObjectKey("a", 4))[1:]
    assert [section.title for section in sections] == ["Pset_WallCommon", "Qto_WallBaseQuantities"]
    assert dict(sections[1].rows) == {"Length": "3.2 m", "Count": "2"}
    assert dict(sections[0].rows) == {"IsExternal": "是"}


# --- rows of a tree ---------------------------------------------------------------------------------------------------
def leaf(oid, *children):
    return Heading(ROWS[oid][1], ROWS[oid][0], children, oid)


def rows_of(*roots, drawn=None):
    seen = np.array([row[3] and row[0] != "IfcSpace" for row in ROWS]) if drawn is None else drawn
    texts = [f"{row[1]} {row[0]}".casefold() for row in ROWS]
    return TreeRows([Branch("a", roots, seen, [row[0] for row in ROWS], texts)])


@pytest.fixture
def rows():
    return rows_of(leaf(0, leaf(1, leaf(2, leaf(4, leaf(6)), leaf(5), leaf(7)), leaf(3, leaf(8), leaf(9)))))


def test_a_tree_counts_what_is_seen_below_each_row(rows):
    by_name = {rows.labels[at]: int(rows.drawn_below[at]) for at in range(len(rows))}
    assert by_name == {"P": 5, "B": 5, "1F": 3, "2F": 2, "W1": 2, "N1": 1, "W2": 1, "R1": 0, "W3": 1, "S1": 1}
    assert rows.elements_of(rows.row_of("a", 2)) == [4, 5, 6]
    assert rows.elements_of(rows.row_of("a", 2), drawn=False) == [2, 4, 5, 6, 7]
    assert rows.row_of("a", 99) == -1


def test_a_search_keeps_what_stands_above_and_below_a_hit(rows):
    kept = rows.reaching(rows.matching("W1"))
    assert {rows.labels[at] for at in np.flatnonzero(kept)} == {"P", "B", "1F", "W1", "N1"}
    assert {rows.labels[at] for at in np.flatnonzero(rows.matching("ifcwall w"))} == {"W1", "W2", "W3"}
    assert not rows.matching("no such thing").any()


def test_a_narrowed_tree_places_every_kept_row_below_its_parent(rows):
    kept = rows.reaching(rows.matching("W3") | rows.matching("N1"))
    shown = rows.narrowed(kept)

    def names(row):
        first, count = shown.first[row], shown.count[row]
        return {rows.labels[at]: names(at) for at in shown.order[first : first + count]}

    roots = {rows.labels[at]: names(at) for at in shown.order[: shown.roots]}
    assert roots == {"P": {"B": {"1F": {"W1": {"N1": {}}}, "2F": {"W3": {}}}}}
    for row in shown.order[shown.roots :]:
        parent = rows.parent[row]
        assert shown.order[shown.first[parent] + shown.place[row]] == row
    assert (shown.place[~kept] == -1).all()


def test_an_eye_says_whether_all_some_or_nothing_is_seen(rows):
    states = rows.states({"a": frozenset({8, 9, 6})}, {"a": frozenset({5})})
    by_name = {rows.labels[at]: int(states[at]) for at in range(len(rows))}
    assert by_name == {
        "P": 1, "B": 1, "1F": 1, "2F": 2, "W1": 1, "N1": 2, "W2": 3, "R1": -1, "W3": 2, "S1": 2
    }  # fmt: skip


def test_an_element_in_two_systems_is_counted_in_each_and_found_in_the_first():
    rows = rows_of(Heading("S1", "system", (leaf(4), leaf(5))), Heading("S2", "system", (leaf(5),)))
    assert [int(rows.drawn_below[at]) for at in (0, 1)] == [2, 1]
    assert rows.parent[rows.row_of("a", 5)] == 0


def test_a_hundred_thousand_rows_are_filtered_and_counted():
    count = 100_000
    leaves = tuple(Heading(f"Wall {at}", "IfcWall", (), at) for at in range(count))
    groups = tuple(Heading(f"G{at}", "type", leaves[at : at + 1000]) for at in range(0, count, 1000))
    branch = Branch("a", groups, np.ones(count, bool), ["IfcWall"] * count, [f"wall {at}" for at in range(count)])
    rows = TreeRows([branch])
    shown = rows.narrowed(rows.reaching(rows.matching("wall 7777")))
    hits = [at for at in range(count) if "7777" in str(at)]
    assert shown.roots == len({at // 1000 for at in hits})
    assert len(shown.order) == len(hits) + shown.roots
    states = rows.states({"a": frozenset(range(1000))}, {})
    assert states[:2].tolist() == [2, 0], "of the first group nothing is seen, of the second all"


def test_what_stands_for_others_brings_what_is_drawn_of_it_and_no_key_is_made(session, monkeypatch):
    found = looking.drawn_keys(session, [ObjectKey("town", 7), *keys("a", 2, 4)])
    assert list(found) == [ObjectKey("town", 7), *keys("a", 2, 4, 5, 6)], "the storey, and what of it is drawn"
    monkeypatch.setattr(Keys, "__iter__", lambda self: pytest.fail("a million tuples"))
    many = Keys([("town", np.arange(1_000_000))])
    assert len(looking.drawn_keys(session, many)) == 1_000_000


def test_showing_all_and_a_new_project_end_the_look_through_the_ground(session):
    session.visibility.set_through(GroundTransparency())
    looking.show_all(session)
    assert session.visibility.through is None
    session.visibility.set_through(GroundTransparency())
    session.visibility.clear()
    assert session.visibility.through is None
