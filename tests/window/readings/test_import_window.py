"""A table of readings is looked at, its mapping changed and taken in with real clicks; what was not taken is told."""

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.usecases.project import opening
from app.usecases.readings.readings import store_of
from tests.support.window import LEFT, spin
from viewers.widgets.readings.import_dialog import ImportedDialog, ReadingImportDialog


def test_a_table_is_taken_in_as_its_columns_were_corrected_and_what_was_refused_is_told(make, tmp_path):
    window = make(city=False)
    session = window.session
    opening.save_project(session, tmp_path / "city.gpkg")
    assert spin(lambda: session.project.path is not None)
    table = tmp_path / "levels.csv"
    table.write_bytes(
        b"time,device,height\n2025-07-18 08:00,L1,1.5\n2025-07-18 09:00,L1,x\n2025-07-18 10:00,L1,1.7\n1,2,3,4\n"
    )
    seen = []

    def correct():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ReadingImportDialog)
        seen.append((dialog.ok.isEnabled(), dialog.told.text()))
        dialog.kinds[2].setCurrentIndex(dialog.kinds[2].findData("value"))
        dialog.quantities[2].setCurrentIndex(dialog.quantities[2].findData("level"))
        seen.append([dialog.preview.item(0, at).text() for at in range(4)])
        QTest.mouseClick(dialog.ok, LEFT)

    timer = QTimer(interval=50)
    timer.timeout.connect(lambda: (timer.stop(), correct()) if QApplication.activeModalWidget() else None)
    timer.start()
    window.features["reading_import"].open(table)
    spin(lambda: store_of(session) is not None and store_of(session).channels(), seconds=5)
    spin(lambda: isinstance(QApplication.activeModalWidget(), ImportedDialog), seconds=5)
    assert seen[0][0] is False
    assert seen[0][1].endswith(session.word("readings.is.value"))
    assert seen[1][1] == "L1"
    assert seen[1][3] == "1.5"
    (channel,) = store_of(session).channels()
    assert (channel.sensor, channel.quantity) == ("L1", "level")
    assert store_of(session).series([channel.id], 0, 2**62).value.tolist() == [1.5, 1.7]
    told = QApplication.activeModalWidget()
    assert session.word("readings.refused.bad_line", count="1") in told.text.toPlainText()
    assert session.word("readings.refused.unread", count="1") in told.text.toPlainText()
    told.close()
