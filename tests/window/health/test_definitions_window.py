"""The dialog of definitions, by clicks and keys: a threshold typed, a reading chosen, all of it frozen and undone."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QRadioButton

from models.health.book import definition_of, freeze_of
from tests.support.window import LEFT, settle, spin


@pytest.fixture
def opened(make):
    """Return a window and a function that opens the dialog and does something while it is there."""
    window = make()
    window.session.settings.set("author", "王工")

    def with_dialog(code, act):
        feature, faults = window.features["health_definitions"], []

        def later():
            dialog = feature.dialog
            try:
                act(dialog)
            except AssertionError as fault:  # in a slot of Qt it would end the program
                faults.append(fault)
            finally:
                dialog.accept()

        QTimer.singleShot(0, later)
        feature.open(code)
        settle(window)
        if faults:
            raise faults[0]

    return window, with_dialog


def fields(dialog):
    spin()
    return [field for field in dialog.page.body.findChildren(QLineEdit) if field.isVisible()]


def readings(dialog):
    return [press for press in dialog.page.body.findChildren(QRadioButton) if press.isVisible()]


def test_a_threshold_is_typed_with_its_document_and_undone(opened):
    window, with_dialog = opened

    def act(dialog):
        dialog.document.setText("市体检办〔2026〕3号")  # no key types it
        field = fields(dialog)[0]
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, "80")
        QTest.keyClick(field, Qt.Key.Key_Return)
        spin()
        assert dialog.log.rowCount() == 2  # value and source
        field = fields(dialog)[0]
        field.selectAll()
        QTest.keyClicks(field, "viel")
        QTest.keyClick(field, Qt.Key.Key_Return)
        spin()
        assert "HC25-25" in dialog.state.text()
        assert fields(dialog)[0].text() == "80"

    with_dialog("HC25-25", act)
    health = window.session.project.state.health
    first = definition_of(health, "HC25-25").benchmarks[0]
    assert (first.value, first.source) == (80.0, "市体检办〔2026〕3号")
    assert health.changes[0].who == "王工"
    window.session.history.undo()
    assert definition_of(window.session.project.state.health, "HC25-25").benchmarks[0].value == 85.0


def test_a_reading_is_chosen_and_frozen_definitions_can_only_be_looked_at(opened):
    window, with_dialog = opened

    def act(dialog):
        spin()
        other = readings(dialog)[1]
        QTest.mouseClick(other, LEFT, pos=other.rect().center())
        spin()
        QTest.mouseClick(dialog.freeze, LEFT)
        spin()
        assert [press.isEnabled() for press in readings(dialog)] == [False, False]
        assert not dialog.add.isEnabled()
        dialog.search.setText("老旧")
        shown = [item.text(0) for item in dialog._leaves() if not item.isHidden()]
        assert len(shown) == 4
        assert all("老旧" in text for text in shown)

    with_dialog("HC25-52", act)
    health = window.session.project.state.health
    assert definition_of(health, "HC25-52").reading == "year_plan"
    assert freeze_of(health).who == "王工"
