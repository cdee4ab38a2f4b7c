"""The guide in the window, Qt's own words, the list of what was done, and the properties of a project."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox

from app.usecases.project import opening
from app.window.features.project.properties import ProjectDialog
from app.window.shell.guide import DOCS, OF_PANEL
from models.project.about import About
from tests.support.window import spin
from viewers.widgets.shell.guide import PAGES, file_of, headings, slug


@pytest.fixture
def guide(window):
    window.context.commands.run("help.guide")
    return window.features["guide"].window


def test_the_guide_opens_in_the_language_of_the_window_with_contents_and_pictures(window, guide):
    assert guide.isVisible()
    assert guide.page == "guide"
    assert guide.browser.toPlainText().startswith("使用说明")
    assert guide.contents.count() > 30
    assert guide.browser.pictures, "pictures have their room"
    assert all(not image.isNull() for image in guide.browser.pictures.values())
    window.context.commands.run("view.lang.en")
    assert guide.browser.toPlainText().startswith("User guide")


def test_a_link_leads_to_its_heading_and_back_again(window, guide):
    guide._follow(QUrl("city.zh.md#服务器" if "服务器" in headings(guide._text("city")) else "city.zh.md"))
    assert guide.page == "city"
    guide._follow(QUrl("models.zh.md"))
    QTest.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert guide.page == "city"
    QTest.mouseClick(guide.back, Qt.MouseButton.LeftButton)
    assert guide.page == "guide"
    assert not guide.back.isEnabled()


def test_a_search_goes_on_over_the_pages(window, guide):
    guide.search.setText("BCF")
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.browser.textCursor().selectedText().upper() == "BCF"
    guide.search.setText("qwertz")
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert "qwertz" in guide.told.text()


def test_a_panel_leads_to_what_the_guide_says_of_it(window):
    window.context.docks["layers"].raise_()
    window.features["layers"].panel.list.setFocus()
    assert spin(lambda: window.features["layers"].panel.list.hasFocus(), 3)
    window.context.commands.run("help.guide")
    assert window.features["guide"].window.page == "city"


def test_where_no_pages_came_along_it_says_so(make, tmp_path):
    window = make(city=False)
    window.features["guide"].folder = tmp_path
    window.context.commands.run("help.guide")
    assert str(tmp_path) in window.features["guide"].window.browser.toPlainText()


def test_both_languages_have_the_same_headings_in_number_and_every_panel_one_that_is_there():
    for page in ("guide", "city", "models", "facilities"):
        texts = [file_of(DOCS, page, lang).read_text(encoding="utf-8") for lang in ("zh", "en")]
        assert len(headings(texts[0])) == len(headings(texts[1]))
    for page, heading in OF_PANEL.values():
        assert 0 < heading <= len(headings(file_of(DOCS, page, "en").read_text(encoding="utf-8")))
    assert all(file_of(DOCS, page, "en") for page in PAGES)
    assert slug("3D city models and point clouds") == "3d-city-models-and-point-clouds"


def test_the_buttons_of_qts_own_dialogs_speak_the_language(window):
    def cancel():
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        return box.buttons()[0].text()

    assert "取消" in cancel()
    assert QCoreApplication.translate("QFileDialog", "Look in:") != "Look in:"
    window.context.commands.run("view.lang.en")
    assert "Cancel" in cancel()
    window.context.commands.run("view.lang.zh")
    assert "取消" in cancel()


def test_the_list_of_what_was_done_goes_back_several_steps_at_a_click(window):
    history = window.session.history
    for name in ("甲", "乙", "丙"):
        history.do("history.rename_project", lambda state, name=name: replace(state, name=name))
    window.features["editing"].refresh()
    menu = window.context.commands.menus["edit.history"]
    menu.aboutToShow.emit()
    entries = menu.actions()
    assert [entry.isChecked() for entry in entries] == [True, False, False, False]
    entries[2].trigger()
    assert window.session.project.state.name == "甲"
    menu.aboutToShow.emit()
    assert [entry.isChecked() for entry in menu.actions()] == [False, False, True, False]
    menu.actions()[0].trigger()
    assert window.session.project.state.name == "丙"


def test_the_properties_of_a_project_are_told_and_changed_and_undone(window, tmp_path, monkeypatch):
    told = []

    def ask(self):
        told.extend(self.facts)
        self.title_.setText("历下区体检 ")
        self.source.setText("自然资源局")
        self.author.setText("规划院")
        return "ok"

    monkeypatch.setattr(ProjectDialog, "ask", ask)
    opening.save_project(window.session, tmp_path / "city.gpkg")
    window.context.commands.run("file.properties")
    state = window.session.project.state
    assert (state.name, state.about) == ("历下区体检", About("自然资源局", "规划院"))
    assert any("EPSG:4548" in text or "4548" in text for text in told)
    assert any("city.gpkg" in text for text in told)
    assert any(text.startswith("3 个") for text in told)
    opening.save_project(window.session)
    window.context.commands.run("edit.undo")
    assert window.session.project.state.about == About()
    opening.open_project(window.session, tmp_path / "city.gpkg")
    assert spin(lambda: window.session.project.state.about.source == "自然资源局")
