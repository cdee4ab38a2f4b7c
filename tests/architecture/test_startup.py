"""What answers at once must not drag the heavy libraries in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

HEAVY = ("PySide6", "vtkmodules", "vtk", "qtawesome")
ALSO_HEAVY = ("numpy", "pandas", "geopandas", "shapely", "rasterio", "ifcopenshell", "scipy", "PIL")
#: What writes papers, videos and PDFs: each is imported where a paper is made.
PAPERS = ("docx", "docxtpl", "pptx", "jinja2", "lxml", "pikepdf", "imageio", "imageio_ffmpeg")


def imported_by(*arguments: str) -> set[str]:
    """Run the program in a fresh process and return the top-level modules it had imported at its end."""
    code = (
        "import json, sys\n"
        f"sys.argv = ['main.py', *{list(arguments)!r}]\n"
        "import main\n"
        "status = main.main()\n"
        "sys.stderr.write('\\n' + json.dumps([status, sorted({name.split('.')[0] for name in sys.modules})]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    status, names = json.loads(done.stderr.splitlines()[-1])
    assert status == 0, done.stderr
    return set(names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["snapshot", "--help"],
        ["deliver", "--help"],
        ["package", "--help"],
        ["--help", "--lang", "en"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not imported_by(*arguments) & {*HEAVY, *ALSO_HEAVY, *PAPERS}


def test_info_imports_no_qt_and_no_vtk(tmp_path: Path) -> None:
    file = tmp_path / "a.geojson"
    file.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲"},'
        '"geometry":{"type":"Point","coordinates":[117.0,36.6]}}]}',
        encoding="utf-8",
    )
    assert not imported_by("info", str(file)) & set(HEAVY)
    assert not imported_by("info", str(file), "--json") & set(HEAVY)


@pytest.mark.parametrize(
    "module", ["models", "app.command_line.main", "app.actions", "app.session", "models.io.registry"]
)
def test_importing_this_stays_light(module: str) -> None:
    code = f"import sys, {module}; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & {*HEAVY, "geopandas", "rasterio", "ifcopenshell"}


#: What neither a window nor a picture needs to be there: each costs a tenth of a second or more.
NOT_TO_DRAW = ("pyvista", "pyvistaqt", "matplotlib", "pyqtgraph", "scipy", "ifcopenshell", "rasterio")


@pytest.mark.parametrize(
    "modules",
    ["app.gui", "viewers.render.scene.offscreen, viewers.sheets.compose", "app.window.features.registry"],
    ids=["window", "picture", "features"],
)
def test_drawing_brings_no_plotter_no_charts_and_no_numerics(modules: str) -> None:
    topics = "; app.window.features.registry.modules('feature')" if modules.endswith("registry") else ""
    code = f"import sys, {modules}{topics}; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {name.split(".")[0] for name in done.stdout.split()} & {*NOT_TO_DRAW, *PAPERS}
    assert "PySide6.QtPrintSupport" not in done.stdout.split()
