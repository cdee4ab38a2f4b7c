"""The layer tree with real mouse and keys: groups, eyes, search, dragging, menus that fit, removing and undo."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView
from shapely import box

from app.usecases.health import health
from app.usecases.layers import groups, layers
from models.layers.layer import Layer
from models.style.kinds import ScaleRange
from models.views.scene_state import Theme
from tests.support.health_city import PARK, at, city, districts, layer_of, park
from tests.support.window import settle, spin
from viewers.widgets.layers.layer_rows import EYE, HEADING, ID, OUT_OF_SCALE

LEFT = Qt.MouseButton.LeftButton
ON, ABOVE, BELOW = (
    getattr(QAbstractItemView.DropIndicatorPosition, name) for name in ("OnItem", "AboveItem", "BelowItem")
)


@pytest.fixture
def tree(window, monkeypatch):
    """Return the panel of layers; a question for a name is answered with the one that is proposed, and a star."""
    monkeypatch.setattr(window.context, "ask_name", lambda _, name: f"{name}*")
    return window.features["layers"].panel


def rows(panel):
    """Return what is seen, headings in brackets."""
    items = [panel.list.item(at) for at in range(panel.list.count())]
    return [f"[{item.text()}]" if item.data(HEADING) else str(item.data(ID)) for item in items]


def row_of(panel, name):
    return panel.list.item(rows(panel).index(name))


def press(panel, name, x=110, keys=Qt.KeyboardModifier.NoModifier):
    place = panel.list.visualItemRect(row_of(panel, name)).center()
    QTest.mouseClick(panel.list.viewport(), LEFT, keys, QPoint(x, place.y()))


def entry(menu, text):
    return next(action for action in menu.actions() if action.text() == text)


def texts(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def drop(panel, on, where):
    """Lay the selected rows on, above or below a row."""
    at = panel.list.visualItemRect(row_of(panel, on)).center()
    panel.list.dropped.emit(*panel.list.place_at(at, where))


def test_layers_are_grouped_dragged_folded_renamed_saved_and_undone(window, tree, tmp_path):
    session = window.session
    press(tree, "components")
    press(tree, "buildings", keys=Qt.KeyboardModifier.ControlModifier)
    QTest.mouseClick(tree.add_group, LEFT)
    settle(window)
    assert rows(tree) == ["[分组 1*]", "components", "buildings", "districts"]
    press(tree, "districts")
    drop(tree, "buildings", ABOVE)
    settle(window)
    assert rows(tree) == ["[分组 1*]", "components", "districts", "buildings"]
    assert [layer.id for layer in session.project.state.layers] == ["buildings", "districts", "components"]
    press(tree, "components")
    drop(tree, "buildings", BELOW)
    settle(window)
    assert rows(tree) == ["[分组 1*]", "districts", "buildings", "components"]
    window.context.commands.run("edit.undo")
    settle(window)
    assert rows(tree) == ["[分组 1*]", "components", "districts", "buildings"]
    press(tree, "[分组 1*]")
    QTest.keyClick(tree.list, Qt.Key.Key_Left)
    assert rows(tree) == ["[分组 1*]"]
    assert session.settings.get("folded_groups") == [session.project.state.groups[0].id]
    window.context.commands.run("layer.rename")
    settle(window)
    assert rows(tree) == ["[分组 1**]"]
    session.current_layer.set("districts")
    assert rows(tree)[1:] == ["components", "districts", "buildings"], "what becomes current is brought out"
    press(tree, "[分组 1**]", x=40)
    settle(window)
    assert rows(tree) == ["[分组 1**]"], "and may be folded away again"
    press(tree, "[分组 1**]", x=40)
    menu = tree_menu = window.features["layers"].group_menu(session.project.state.groups[0].id)
    assert tree_menu.actions()
    entry(menu, "解散分组").trigger()
    settle(window)
    assert rows(tree) == ["components", "districts", "buildings"]
    while session.history.undo_label:
        session.history.undo()
    settle(window)
    assert rows(tree) == ["components", "buildings", "districts"]
    assert not session.project.state.groups


def test_an_eye_of_a_group_has_three_states_and_space_works_on_all_that_is_selected(window, tree):
    session = window.session
    own = groups.make_group(session, "甲", ["components", "districts"])
    settle(window)
    assert row_of(tree, "[甲]").data(EYE) == "on"
    press(tree, "districts", x=16)
    settle(window)
    assert row_of(tree, "[甲]").data(EYE) == "some"
    press(tree, "[甲]", x=16)
    settle(window)
    assert row_of(tree, "[甲]").data(EYE) == "off"
    assert not any(session.project.state.layer(one).visible for one in tree.members_of(own))
    press(tree, "[甲]")
    press(tree, "buildings", x=16)
    settle(window)
    assert tree.list.current_group == own, "what is chosen stays chosen when the list is filled anew"
    press(tree, "buildings", x=16)
    settle(window)
    press(tree, "components")
    press(tree, "buildings", keys=Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(tree.list, Qt.Key.Key_Space)
    settle(window)
    assert not any(layer.visible for layer in session.project.state.layers)
    QTest.keyClick(tree.list, Qt.Key.Key_Space)
    settle(window)
    assert [layer.id for layer in session.project.state.layers if layer.visible] == ["buildings", "components"]


def test_an_eye_tells_what_the_theme_shows_and_what_the_scale_hides(window, tree):
    session = window.session
    layers.set_visible(session, "districts", False)
    settle(window)
    assert row_of(tree, "districts").data(EYE) == "off"
    tree.set_theme_eyes({"districts"}, {"components"})
    assert row_of(tree, "districts").data(EYE) == "called"
    assert row_of(tree, "components").data(EYE) == "put_away"
    assert "当前着色需要它" in tree.tip_of("districts")
    style = session.project.state.layer("buildings").style
    layers.set_style(session, "buildings", replace(style, scales=ScaleRange(1.0, 2.0)))
    assert spin(lambda: row_of(tree, "buildings").data(OUT_OF_SCALE), 10)
    assert "当前比例尺下不显示" in tree.tip_of("buildings")


def test_a_layer_that_an_indicator_calls_forth_shows_so_and_its_own_eye_stays_shut(make):
    window = make(city=False)
    session, panel = window.session, window.features["layers"].panel
    parcels = layer_of("parcels", [at(box(120, 420, 180, 480))], code=["A"], name=["近园"], land_use=["R2"])
    session.project.replace_all(*city(districts(), parcels, park(PARK)), None)
    settle(window)
    own = session.project.state.with_role("districts")[0].id
    layers.set_visible(session, own, False)
    health.compute_indicators(session, ("HC25-25",))
    health.set_theme(session, Theme("indicator", "HC25-25"))
    settle(window)
    assert spin(lambda: row_of(panel, own).data(EYE) == "called", 10)
    assert not session.project.state.layer(own).visible
    health.set_theme(session, Theme())
    settle(window)
    assert spin(lambda: row_of(panel, own).data(EYE) == "off", 10)


def test_the_search_leaves_what_is_found_and_opens_its_group(window, tree):
    groups.make_group(window.session, "市政", ["components"])
    settle(window)
    tree.fold(on=True)
    assert rows(tree) == ["[市政]", "buildings", "districts"]
    QTest.keyClicks(tree.search, "comp")
    assert rows(tree) == ["[市政]", "components"], "the English name finds it too"
    tree.search.setText("市政")
    assert rows(tree) == ["[市政]", "components"]
    tree.search.setText("没有")
    assert rows(tree) == []
    window.session.current_layer.set("buildings")
    assert rows(tree) == ["[市政]", "buildings", "districts"], "what becomes current is brought out"


def test_removing_says_so_and_the_notice_brings_it_back_whatever_was_done_since(window, tree):
    session, banners = window.session, window.features["messages"].banners
    groups.make_group(session, "甲", ["components", "buildings"])
    settle(window)
    whole = session.project.state
    press(tree, "buildings")
    QTest.keyClick(tree.list, Qt.Key.Key_Delete)
    settle(window)
    assert rows(tree) == ["[甲]", "components", "districts"]
    assert session.current_layer.id == "districts"
    banner = banners.shown[-1]
    assert banner.notice.text == "已移除图层“房屋”"
    QTest.mouseClick(banner.mend, LEFT)
    settle(window)
    assert session.project.state == whole
    assert session.history.redo_label == "history.remove_layer", "it was undone, not done anew"
    press(tree, "[甲]")
    QTest.keyClick(tree.list, Qt.Key.Key_Delete)
    settle(window)
    assert rows(tree) == ["districts"], "a group goes with its layers"
    window.context.commands.run("edit.undo")
    settle(window)
    press(tree, "buildings")
    QTest.keyClick(tree.list, Qt.Key.Key_Delete)
    layers.set_visible(session, "districts", False)
    settle(window)
    QTest.mouseClick(banners.shown[-1].mend, LEFT)
    settle(window)
    assert rows(tree) == ["[甲]", "components", "buildings", "districts"]
    assert not session.project.state.layer("districts").visible


def test_the_menu_fits_the_kind_of_layer(window, tree):
    session, feature = window.session, window.features["layers"]
    image = Layer("picture", "影像", "image", "image", visible=False)
    session.history.do("history.add_layer", lambda state: replace(state, layers=(image, *state.layers)))
    settle(window)
    press(tree, "components")
    said = texts(feature.layer_menu())
    assert {"属性表", "图层属性", "复制样式", "导出…"} <= set(said)
    assert "栅格显示…" not in said
    menu = feature.layer_menu()
    assert entry(menu, "属性表").shortcut().toString() == "F6"
    assert entry(menu, "移除").shortcut().toString() == "Del"
    press(tree, "picture")
    said = texts(feature.layer_menu())
    assert "属性表" not in said
    assert not {"复制样式", "选择图层全部对象", "图层过滤…", "导出…"} & set(said)
    assert not tree.table.isEnabled()
    window.features["styles"].open()
    settle(window)
    assert window.features["styles"].panel._stack.currentIndex() == 2, "an image has no style of features"
    press(tree, "districts")
    QTest.mouseDClick(
        tree.list.viewport(), LEFT, pos=QPoint(110, tree.list.visualItemRect(row_of(tree, "districts")).center().y())
    )
    settle(window)
    assert window.features["properties"].panel.title.text() == "街道"
    window.context.refresh.now()
    assert window.features["properties"].panel.title.text() == "街道", "until something is selected"
    window.context.commands.run("layer.bottom")
    settle(window)
    assert rows(tree)[-1] == "districts"
    window.context.commands.run("layer.top")
    window.context.commands.run("layer.only")
    settle(window)
    assert rows(tree)[0] == "districts"
    assert [layer.id for layer in session.project.state.layers if layer.visible] == ["districts"]
    press(tree, "buildings")
    window.context.commands.run("layer.copy_style")
    press(tree, "districts")
    window.context.commands.run("layer.paste_style")
    assert not any(notice.level == "error" for notice in session.notices.all)


def test_two_hundred_layers_in_twelve_groups_are_listed_and_found(window, tree):
    session = window.session
    many = tuple(
        Layer(f"n{at}", f"图层 {at} " + "很长的名称" * (20 if at % 50 == 0 else 1), "vector") for at in range(200)
    )
    session.history.do("history.add_layer", lambda state: replace(state, layers=(*state.layers, *many)))
    for group in range(12):
        groups.make_group(session, f"专业 {group}", [f"n{at}" for at in range(group, 200, 12)])
    settle(window)
    assert tree.list.count() == 3 + 200 + 12
    QTest.mouseClick(tree.fold_all, LEFT)
    assert tree.list.count() == 3 + 12
    tree.search.setText("图层 137 ")
    assert [one for one in rows(tree) if not one.startswith("[")] == ["n137"]


def test_a_row_dropped_on_itself_asks_for_nothing(window, tree):
    press(tree, "buildings")
    before = window.session.project.state
    drop(tree, "buildings", ABOVE)
    event = QDropEvent(QPointF(60, 10), Qt.DropAction.MoveAction, QMimeData(), LEFT, Qt.KeyboardModifier.NoModifier)
    tree.list.dropEvent(event)
    assert window.session.project.state == before
