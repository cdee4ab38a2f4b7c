"""The model browser in the real window, on two tiny models: needs a display (Xvfb serves)."""

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from models.geometry.meshes import MeshStore
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import Layer, ModelData
from models.project.project import ProjectState
from models.project.selection import ObjectKey
from tests.support.window import FRAME, settle, spin

#: class, name, parent, storey, fire rating
ROWS = (
    ("IfcProject", "Project", -1, "", ""), ("IfcBuilding", "Block", 0, "", ""),
    ("IfcBuildingStorey", "Ground", 1, "", ""), ("IfcBuildingStorey", "First", 1, "", ""),
    *((("IfcWall" if at % 3 else "IfcSlab"), f"Part {at}", 2 + at % 2, ("Ground", "First")[at % 2],
       ("REI 60", "REI 90", "")[at % 3]) for at in range(12)),
)  # fmt: skip
DRAWN = range(4, 16)


def tiny_model(east_m: float) -> ModelData:
    """Return twelve boxes on two storeys."""
    corners = np.array([[x, y, z] for z in (0, 3) for y in (0, 4) for x in (0, 4)], dtype=np.float32)
    faces = np.array(
        [[0, 2, 1], [1, 2, 3], [4, 5, 6], [5, 7, 6], [0, 1, 5], [0, 5, 4],
         [2, 6, 7], [2, 7, 3], [0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]], dtype=np.int32,
    )  # fmt: skip
    places = np.tile(np.eye(4), (12, 1, 1))
    places[:, 0, 3] = [6 * (at // 2) for at in range(12)]
    places[:, 2, 3] = [4 * (at % 2) for at in range(12)]
    meshes = MeshStore(
        corners, faces, np.zeros(12, np.int32), np.array([0, 8]), np.array([0, 12]), np.zeros(12, np.int32),
        np.array(DRAWN, np.int32), places, np.array([[0.8, 0.8, 0.75, 1]], np.float32),
    )  # fmt: skip
    frame = pd.DataFrame(ROWS, columns=["ifc_class", "name", "parent", "storey", "rating"])
    frame = frame.astype({"parent": np.int32})
    psets = PsetStore.of(
        {at: {"Pset_Common": {"FireRating": row[4]}} for at, row in enumerate(ROWS) if row[4]}, len(ROWS)
    )
    frame = frame.drop(columns="rating")
    for name in ("type_name", "long_name", "tag", "description", "material", "system", "classification",
                 "object_type", "predefined_type"):  # fmt: skip
        frame[name] = ""
    frame["guid"] = [chr(97 + at) * 22 for at in range(len(frame))]
    frame["elevation_m"] = [4.0 if row[1] == "First" else 0.0 if row[0] == "IfcBuildingStorey" else np.nan
                            for row in ROWS]  # fmt: skip
    frame["has_geometry"] = [at in DRAWN for at in range(len(frame))]
    placement = np.eye(4)
    placement[:3, 3] = (502000 + east_m, 4059000, 20)
    return ModelData(meshes, frame, psets, placement, "EPSG:4548", {"stage": "exact", "georef": "map_conversion"})


@pytest.fixture
def window(make):
    window = make(city=False, lang="en")
    models = {"a": tiny_model(0), "b": tiny_model(60)}
    layers = tuple(Layer(name, f"Model {name}", "model", "model") for name in models)
    window.session.project.replace_all(ProjectState("Town", frame=FRAME, layers=layers), models, None)
    settle(window)
    window.context.commands.run("model.browse")
    settle(window)
    return window


def row_of(window, name, layer="a"):
    rows = window.features["model"].panel.tree.rows_model.rows
    return next(at for at in range(len(rows)) if rows.labels[at] == name and rows.layer_of(at) == layer)


def press(window, row, *, eye=False, modifier=Qt.KeyboardModifier.NoModifier):
    tree = window.features["model"].panel.tree
    index = tree.rows_model.index_of(row)
    tree.scrollTo(index)
    box = tree.visualRect(index)
    x = tree.viewport().width() - 12 if eye else box.left() + 40
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, modifier, QPoint(x, box.center().y()))
    spin(seconds=0.1)


def hidden(window, layer="a"):
    return set(window.session.visibility.of(layer).hidden)


def test_without_a_model_the_panel_says_how_one_is_opened(make):
    window = make()
    window.context.commands.run("panel.model") if not window.context.docks[
        "model"
    ].isVisible() else window.context.docks.bring_forward("model")
    spin(seconds=0.2)
    assert window.features["model"].panel.hint.isVisible()
    assert not window.context.commands.actions["model.browse"].isEnabled()


def test_both_models_are_listed_and_a_storey_is_isolated_by_a_click_and_a_key(window):
    panel = window.features["model"].panel
    assert [panel.models.itemText(at) for at in range(3)] == ["All models (2)", "Model b", "Model a"]
    press(window, row_of(window, "Ground"))
    assert window.session.selection.keys[-1] == ObjectKey("a", 2), "the storey itself is described"
    assert set(window.session.selection.of_layer("a")) == {2, 4, 6, 8, 10, 12, 14}
    QTest.keyClick(panel.tree, Qt.Key.Key_I)
    settle(window)
    assert hidden(window) == {5, 7, 9, 11, 13, 15}
    assert hidden(window, "b") == set(DRAWN)
    assert window.session.selection.keys == (ObjectKey("a", 2),), "what is looked at keeps its own colours"
    notice = window.features["model"].notice
    assert notice.isVisible()
    assert notice.words.text() == "18 hidden"
    QTest.mouseClick(notice.back, Qt.MouseButton.LeftButton)
    settle(window)
    assert not window.session.visibility.elements
    assert not notice.isVisible()


def test_an_eye_hides_what_is_below_it_and_the_rows_say_so(window):
    tree = window.features["model"].panel.tree
    ground, block = row_of(window, "Ground"), row_of(window, "Block")
    before = window.session.selection.keys
    press(window, ground, eye=True)
    assert hidden(window) == {4, 6, 8, 10, 12, 14}
    assert window.session.selection.keys == before, "an eye selects nothing"
    assert (tree.rows_model.states[ground], tree.rows_model.states[block]) == (2, 1)
    press(window, ground, eye=True)
    assert hidden(window) == set()
    assert (tree.rows_model.states[ground], tree.rows_model.states[block]) == (0, 0)


def test_what_is_selected_in_the_city_is_brought_into_sight_without_taking_the_focus(window):
    panel = window.features["model"].panel
    window.context.canvas.view.setFocus()
    panel.tree.collapseAll()
    window.session.selection.set([ObjectKey("b", 9)])
    spin(seconds=0.1)
    row = row_of(window, "Part 5", "b")
    assert panel.tree.marked == [row]
    assert panel.tree.viewport().rect().contains(panel.tree.visualRect(panel.tree.rows_model.index_of(row)).center())
    assert not panel.tree.hasFocus()


def test_a_search_narrows_the_tree_and_giving_it_up_brings_everything_back(window):
    panel = window.features["model"].panel
    whole = panel.tree.rows_model.shown.order
    QTest.keyClicks(panel.search, "part 11")
    assert spin(lambda: len(panel.tree.rows_model.shown.order) < len(whole), 3)
    assert panel.count.text() == "2 found"
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    assert window.session.selection.keys[-1].oid == 15
    panel.search.setText("no such thing")
    assert spin(panel.none.isVisible, 3)
    panel.search.clear()
    assert spin(lambda: len(panel.tree.rows_model.shown.order) == len(whole), 3)


def test_a_finer_stage_keeps_what_stands_open_and_what_is_hidden(window):
    panel = window.features["model"].panel
    press(window, row_of(window, "First"), eye=True)
    panel.tree.expand(panel.tree.rows_model.index_of(row_of(window, "First")))
    opened = {panel.tree.rows_model.rows.labels[row] for row in panel.tree.open_rows()}
    window.session.project.put_data("a", tiny_model(0))
    settle(window)
    assert {panel.tree.rows_model.rows.labels[row] for row in panel.tree.open_rows()} == opened
    assert hidden(window) == {5, 7, 9, 11, 13, 15}


def test_a_rule_answers_while_it_is_typed_and_is_kept_as_a_set(window, monkeypatch):
    panel = window.features["model"].panel
    window.context.commands.run("model.rules")
    QTest.keyClicks(panel.rules.edit, "IfcWall, FireRating = 'REI 90'")
    assert spin(lambda: panel.rules.answer.text() == "8 match", 3) or panel.rules.answer.text().startswith("8 match")
    QTest.mouseClick(panel.rules.select, Qt.MouseButton.LeftButton)
    chosen = {window.session.project.data["a"].elements["name"].iat[oid]
              for oid in window.session.selection.of_layer("a")}  # fmt: skip
    assert chosen == {"Part 1", "Part 4", "Part 7", "Part 10"}
    monkeypatch.setattr(window.context, "ask_name", lambda *_: "Ninety")
    QTest.mouseClick(panel.rules.keep, Qt.MouseButton.LeftButton)
    assert spin(lambda: panel.rules.sets.count() == 1)
    assert panel.rules.sets.item(0).text() == "Ninety"
    window.session.selection.set(())
    panel.rules.sets.itemClicked.emit(panel.rules.sets.item(0))
    assert len(window.session.selection.keys) == 8
    window.context.commands.run("edit.undo")
    assert spin(lambda: not panel.rules.sets.count()), "keeping a set is a change like any other"


def test_a_rule_that_cannot_be_read_is_explained_in_its_place(window):
    panel = window.features["model"].panel
    window.context.commands.run("model.rules")
    notices = len(window.session.notices.all)
    panel.rules.set_rule("IfcWall, <")
    spin(seconds=0.2)
    assert panel.rules.answer.isVisible()
    assert panel.rules.answer.property("role") == "bad"
    assert not panel.rules.select.isVisible()
    assert len(window.session.notices.all) == notices, "no banner for every letter that is typed"


def test_models_are_coloured_by_a_property_and_the_legend_selects(window):
    panel = window.features["model"].panel
    window.context.commands.run("model.colour")
    settle(window)
    names = [panel.colours.fields.item(at).data(Qt.ItemDataRole.UserRole) for at in range(panel.colours.fields.count())]
    assert "Pset_Common.FireRating" in names
    panel.colours.field_chosen.emit("Pset_Common.FireRating")
    settle(window)
    legend = window.context.canvas.legend
    assert legend.isVisible()
    assert legend.title.text() == "FireRating"
    colours = window.session.visibility.of("a").colours
    assert set(colours) == set(DRAWN), "what the model does not state has its own entry and colour"
    assert len(set(colours.values())) == 3
    legend.pressed.emit(0)
    assert len(window.session.selection.keys) == 8
    window.features["display"].set_lang("zh")
    settle(window)
    assert "未注明" in "".join(part.text() for part in legend.findChildren(QLabel)), "said in the other language"
    window.context.commands.run("model.colour_none")
    settle(window)
    assert not window.session.visibility.elements


def test_properties_are_searched_and_lead_to_where_an_element_stands(window):
    window.session.selection.set([ObjectKey("a", 5)])
    spin(seconds=0.1)
    panel = window.features["properties"].panel
    links = [part for part in panel.page.findChildren(QLabel) if "href" in part.text()]
    assert links, "the path is made of links"
    links[0].linkActivated.emit("2")
    assert window.session.selection.keys == (ObjectKey("a", 3),)
    window.session.selection.set([ObjectKey("a", 5)])
    panel.search.setText("REI")
    spin(seconds=0.3)
    shown = [part.text() for part in panel.page.findChildren(QLabel) if part.isVisible()]
    assert "REI 90" in shown
    assert "f" * 22 not in shown
