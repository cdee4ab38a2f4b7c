"""The ways to the window that README and the guides show, each as a process of its own in a clean home."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

#: Says what the window shows as soon as its files are open, and closes it.
WATCH = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.window.main_window import MainWindow
run = QApplication.exec
def watched(*_):
    timer = QTimer()
    def look():
        window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()), None)
        if window is None or window.session.jobs.active or len(window.session.project.state.layers) < wanted:
            return
        timer.stop()
        heavy = sorted({"pyvista", "pyvistaqt", "matplotlib", "pyqtgraph"} & set(sys.modules))
        found = {"lang": window.session.lang, "layers": len(window.session.project.state.layers), "heavy": heavy}
        print(json.dumps(found), flush=True)
        window.session.project.mark_saved()
        window.close()
    timer.timeout.connect(look)
    timer.start(50)
    return run()
QApplication.exec = watched
wanted = int(sys.argv.pop(1))
sys.argv[0] = "main.py"
import main
sys.exit(main.main())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "layers", "lang"),
    [
        ([], 0, "zh"),
        (["--lang", "en"], 0, "en"),
        (["sample.gpkg"], 10, "zh"),
        (["--lang", "en", "sample.gpkg"], 10, "en"),
        (["open", "a!b#c.geojson", "--lang=en"], 1, "en"),
    ],
    ids=lambda value: " ".join(value) or "no words" if isinstance(value, list) else None,
)
def test_the_window_opens_as_the_pages_say(words, layers, lang, sample_city, tmp_path):
    desk, home = tmp_path / "desk", tmp_path / "home"
    shutil.copytree(sample_city.parent, desk)
    home.mkdir()
    (desk / "a!b#c.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1},'
        '"geometry":{"type":"Point","coordinates":[120.3,36.1]}}]}'
    )
    kept = {
        name: os.environ[name] for name in ("PATH", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY") if name in os.environ
    }
    env = kept | {"HOME": str(home), "USERPROFILE": str(home), "LC_ALL": "zh_CN.UTF-8", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", WATCH, str(layers), *words], cwd=desk, env=env, capture_output=True, text=True,
        encoding="utf-8", check=False, timeout=240,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-800:]
    assert "Traceback" not in ended.stderr
    assert f'"lang": "{lang}"' in ended.stdout
    assert '"heavy": []' in ended.stdout, "neither a plotter nor the library of charts before a chart is shown"
