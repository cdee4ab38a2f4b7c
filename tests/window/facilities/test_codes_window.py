"""The edition of codes is asked for, codes are mended and migrated with the mouse, and undo takes it back."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QRadioButton

from models.layers.layer import VectorData
from tests.support.window import LEFT, settle, spin


def spoilt(window):
    """Spoil two codes: one stands twice, one says no division that is there."""
    frame = window.session.project.data["components"].frame.copy()
    frame.loc[frame.index[5], "ObjID"] = frame["ObjID"].iloc[4]
    frame.loc[frame.index[7], "ObjID"] = "370199" + frame["ObjID"].iloc[7][6:]
    window.session.project.put_data("components", VectorData(frame))
    settle(window)


def codes_of(window):
    return window.session.project.data["components"].attributes["ObjID"].tolist()


def choose_kind(rows, at):
    place = rows.kinds.visualItemRect(rows.kinds.item(at)).center()
    QTest.mouseClick(rows.kinds.viewport(), LEFT, pos=place)


def test_codes_are_checked_previewed_and_mended_as_one_step(window):
    spoilt(window)
    before = codes_of(window)
    window.context.commands.run("facilities.repair_codes")
    dialog = window.features["codes"].repair_dialog
    assert spin(dialog.isVisible, 5)
    assert not dialog.apply.isEnabled()
    QTest.mouseClick(dialog.look, LEFT)
    settle(window)
    assert [dialog.rows.kinds.item(at).text().split("  ")[1] for at in range(4)] == ["3", "1", "1", "1"]
    choose_kind(dialog.rows, 3)
    shown = dialog.rows.view.model()
    row = [shown.index(0, at).data() for at in range(4)]
    assert row[1:3] == [before[4], "3701020101000041"]
    item = dialog.rows.kinds.item(2)
    item.setCheckState(Qt.CheckState.Unchecked)
    assert "2" in dialog.apply.text()
    QTest.mouseClick(dialog.apply, LEFT)
    settle(window)
    after = codes_of(window)
    assert [at for at in range(40) if before[at] != after[at]] == [5, 7]
    assert after[7] == "3701020101000007"
    assert dialog.rows.kinds.count() == 2, "what was left out is still a finding"
    window.session.history.undo()
    assert codes_of(window) == before


def test_single_rows_can_be_left_out_and_the_list_exported(window, tmp_path, monkeypatch):
    spoilt(window)
    before = codes_of(window)
    window.context.commands.run("facilities.repair_codes")
    dialog = window.features["codes"].repair_dialog
    QTest.mouseClick(dialog.look, LEFT)
    settle(window)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "清单.csv"), ""))
    QTest.mouseClick(dialog.export, LEFT)
    assert (tmp_path / "清单.csv").read_text(encoding="utf-8-sig").count("\n") == 4
    view = dialog.rows.view
    place = view.visualRect(view.model().index(0, 0))
    QTest.mouseClick(view.viewport(), LEFT, pos=QPoint(place.left() + 12, place.center().y()))
    assert "2" in dialog.apply.text()
    left_out = int(dialog.rows.rows["oid"].iloc[0])
    QTest.mouseClick(dialog.apply, LEFT)
    settle(window)
    at = window.session.project.data["components"].attributes.index.get_loc(left_out)
    after = codes_of(window)
    assert after[at] == before[at]
    assert sum(a != b for a, b in zip(after, before, strict=True)) == 2


def test_codes_go_to_the_new_standard_with_a_preview_and_back_again(window, tmp_path, monkeypatch):
    before = codes_of(window)
    (tmp_path / "对照.csv").write_text("旧类别编码,新类别编码\n0101,01001\n", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "对照.csv"), ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "模板.xlsx"), ""))
    window.context.commands.run("facilities.migrate_codes")
    dialog = window.features["codes"].migration_dialog
    QTest.mouseClick(dialog.template, LEFT)
    assert (tmp_path / "模板.xlsx").exists()
    QTest.mouseClick(dialog.choose_file, LEFT)
    settle(window)
    assert dialog.file.text() == "对照.csv"
    assert codes_of(window) == before, "a preview changes nothing"
    assert dialog.rows.view.model().index(3, 2).data() == "3701020100100003"
    QTest.mouseClick(dialog.apply, LEFT)
    settle(window)
    layer = window.session.project.state.layer("components")
    assert layer.code_edition == "gbt47678_2026"
    assert window.session.project.data["components"].attributes["ObjID_old"].tolist() == before
    window.session.history.undo()
    settle(window)
    assert codes_of(window) == before
    assert window.session.project.state.layer("components").code_edition == "cjt214_2007"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_layer_without_an_edition_is_asked_for_with_evidence_and_a_click(make, lang):
    window = make(lang=lang)
    session = window.session
    layer = session.project.state.layer("components")
    session.history.do("history.code_edition", lambda state: state.with_layer(replace(layer, code_edition="")))
    window.context.docks.bring_forward("facilities")
    settle(window)
    assert [notice.key for notice in session.notices.all if "edition" in notice.key] == [
        "caution.facilities.edition_unstated"
    ]
    seen = []

    def answer():
        dialog = window.features["codes"].edition_dialog
        seen.append(dialog.chosen)
        texts = [one.text() for one in dialog.findChildren(QRadioButton)]
        seen.append(any("6 + 2 + 3 + 5" in text for text in texts))
        dialog.choose("cjt214_2007")
        QTest.mouseClick(dialog.ok, LEFT)

    QTimer.singleShot(300, answer)
    window.features["facilities"].panel.edition_requested.emit("components")
    assert seen == ["", True]
    assert session.project.state.layer("components").code_edition == "cjt214_2007"


def test_unit_grids_are_made_by_a_dialog_and_said_with_what_is_not_right(window):
    session = window.session
    state = session.project.state
    district = state.layer("districts")
    frame = session.project.data["districts"].frame.assign(code=["370102001001"])
    session.project.put_data("communities", VectorData(frame))
    community = replace(district, id="communities", role="communities")
    session.history.do("history.add_layer", lambda state: state.with_layer(community))

    def answer():
        dialog = window.features["grids"].unit_dialog
        QTest.mouseClick(dialog.bgid, LEFT, pos=QPoint(9, dialog.bgid.height() // 2))
        QTest.mouseClick(dialog.ok, LEFT)

    QTimer.singleShot(300, answer)
    window.context.commands.run("facilities.unit_grids")
    settle(window)
    assert session.notices.all[-1].key == "grids.made"
    assert session.project.state.layers[-1].name == "单元网格"
    bgid = session.project.data["components"].attributes["BGID"]
    assert bgid.str.fullmatch("370102001001[0-9]{3}").all()
