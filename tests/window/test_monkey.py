"""Random clicks and keys: nothing falls over, nothing is written into the log.

``CHENGJING_MONKEY=2000`` makes it two thousand, ``CHENGJING_MONKEY_SEED`` repeats a run.
"""

import logging
import os
import random

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from tests.support.monkey import Monkey
from tests.support.window import settle, spin

COUNT = int(os.environ.get("CHENGJING_MONKEY", "500"))
SEED = int(os.environ.get("CHENGJING_MONKEY_SEED", str(random.Random().randrange(10**6))))


@pytest.mark.slow
def test_random_clicks_and_keys_leave_the_log_empty(make, tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    window = make(inline=False)
    window.context.commands._targets["file.quit"] = lambda: None
    faults = []
    window.session.notices.added.connect(lambda notice: faults.append(notice) if notice.level == "fault" else None)
    over = []
    monkey = Monkey(window, COUNT, SEED, lambda: over.append(True))
    with caplog.at_level(logging.ERROR):
        monkey.start()
        assert spin(lambda: bool(over), 600), f"seed {SEED}: stuck after {monkey.trail[-5:]}"
        for job in list(window.session.jobs.active):
            job.cancel()
        settle(window)
    told = [caplog.handler.format(record) for record in caplog.records if record.levelno >= logging.ERROR]
    assert not told + faults, f"seed {SEED}: {told[:3]} {faults[:3]} after {monkey.trail}"
    assert window.isVisible()
    assert QApplication.activeModalWidget() is None
