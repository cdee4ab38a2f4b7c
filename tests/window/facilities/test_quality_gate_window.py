"""The quality gate by clicks: run, list what fails, fly there, repair with a preview and undo, change a rule."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.facilities.quality.rules import book_text, standard_book
from models.project.edits import Edit
from models.views.scene_state import Theme
from tests.support.window import settle

LEFT = Qt.MouseButton.LeftButton


def opened(window):
    window.context.commands.run("facilities.check")
    settle(window)
    return window.features["quality_gate"].panel


def spoiled(window, oid=3, value="已修复"):
    """Put a state into the register that no list knows; return the object's number."""
    frame = window.session.project.data["components"].frame
    edit = Edit("components", oid, "ObjState", frame.at[oid, "ObjState"], value)
    window.session.history.do("history.edit_cell", lambda state: _with(state, edit))
    settle(window)
    return oid


def _with(state, edit):
    from dataclasses import replace

    return replace(state, edits=(*state.edits, edit))


def test_failures_are_listed_flown_to_and_repaired_in_place(window):
    oid, panel = spoiled(window), opened(window)
    QTest.mouseClick(panel.run, LEFT)
    settle(window)
    assert not panel.busy.isVisible()
    QTest.mouseClick(panel.cards["component.state"], LEFT)
    settle(window)
    assert panel.shown_rule == "component.state"
    assert [int(one) for one in panel.list.ranking.oids] == [oid]
    row = panel.list.view.visualRect(panel.list.model.index(0, 1)).center()
    QTest.mouseClick(panel.list.view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, row)
    settle(window)
    assert window.session.selection.keys == (("components", oid),)

    panel.value.setCurrentIndex(panel.value.findData("完好"))
    QTest.mouseClick(panel.repair, LEFT)
    settle(window)
    ask = QApplication.activeModalWidget()
    assert [ask.table.item(0, at).text() for at in (2, 3)] == ["已修复", "完好"]
    assert window.session.project.data["components"].frame.at[oid, "ObjState"] == "已修复", "a preview changes nothing"
    QTest.mouseClick(ask.apply, LEFT)
    settle(window)
    assert window.session.project.data["components"].frame.at[oid, "ObjState"] == "完好"
    assert panel.old.isVisible(), "the figures are from before"
    assert panel.list.model.rowCount() == 1, "and stay"
    window.session.history.undo()
    settle(window)
    assert not panel.old.isVisible()


def test_the_city_shows_what_fails(window):
    spoiled(window)
    panel = opened(window)
    QTest.mouseClick(panel.run, LEFT)
    settle(window)
    QTest.mouseClick(panel.overlay, LEFT)
    settle(window)
    assert window.session.project.state.theme == Theme("gate")
    legend = window.context.scene_sync._legend
    assert any(entry.count for entry in legend.entries)
    QTest.mouseClick(panel.cards["component.state"], LEFT)
    settle(window)
    assert window.session.project.state.theme == Theme("gate", "component.state"), "the rule that is listed"


def test_a_rule_is_changed_in_its_form_and_restored(window):
    panel = opened(window)
    panel.edit_rule("component.height")
    form = panel.form
    QTest.mouseClick(form.enabled, LEFT, Qt.KeyboardModifier.NoModifier, form.enabled.rect().center().transposed())
    form.enabled.setChecked(False)
    form.fields["most"].setValue(80.0)
    QTest.keyClicks(form.note, "tall masts")
    QTest.mouseClick(form.save, LEFT)
    settle(window)
    rules = window.features["quality_gate"]
    from app.usecases.facilities import quality_gate

    kept = quality_gate.book_of(rules.session).rule("component.height")
    assert (kept.enabled, kept.of("most"), kept.note) == (False, 80.0, "tall masts")
    panel.edit_rule("component.height")
    QTest.mouseClick(form.restore, LEFT)
    settle(window)
    assert window.session.project.state.quality_rules == ""


def test_what_a_form_cannot_use_is_said_and_nothing_is_kept(window):
    panel = opened(window)
    panel.edit_rule("component.grid")
    panel.form.fields["pattern"].setText("((")
    QTest.mouseClick(panel.form.save, LEFT)
    settle(window)
    assert panel.form.problem.isVisible()
    assert window.session.project.state.quality_rules == ""


def test_a_rule_file_is_opened_by_the_menu(window, tmp_path, monkeypatch):
    from dataclasses import replace

    from PySide6.QtWidgets import QFileDialog

    panel, book = opened(window), standard_book()
    path = tmp_path / "规则.toml"
    path.write_text(book_text(replace(book, rules=book.rules[:2])), encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    panel._fill_menu()
    panel.more.menu().actions()[0].trigger()
    settle(window)
    assert list(panel.cards) == [rule.id for rule in book.rules[:2]]
    path.write_text("kaputt", encoding="utf-8")
    panel.more.menu().actions()[0].trigger()
    settle(window)
    assert list(panel.cards) == [rule.id for rule in book.rules[:2]], "a damaged file changes nothing"


def test_the_checks_of_models_and_the_gate_lead_to_each_other(window):
    panel = opened(window)
    QTest.mouseClick(panel.models, LEFT)
    settle(window)
    checks = window.features["checks"].panel
    assert checks.isVisible()
    QTest.mouseClick(checks.gate, LEFT)
    settle(window)
    assert panel.isVisible()
