"""No home, a full one, one that cannot be written: the program works and says what is not kept. So does any locale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.project import own_files
from tests.support.paths import ROOT


def session_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setenv("CHENGJING_HOME", str(home))
    return Session(Settings.of_user(), Jobs(inline=True), lang="en")


def test_a_home_that_cannot_be_made_is_said_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    session = session_of(tmp_path / "file" / "home", monkeypatch)
    own_files.tell(session)
    assert [notice.key for notice in session.notices.all] == ["caution.settings.not_kept"]
    session.settings.set("author", "甲")
    assert session.settings.get("author") == "甲"
    session.close()


def test_a_full_home_leaves_the_old_settings_and_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(tmp_path, monkeypatch)
    session.settings.set("author", "甲")
    before = (tmp_path / "settings.toml").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert not session.settings.can_be_kept()
    session.settings.set("author", "乙")
    assert (tmp_path / "settings.toml").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]
    session.close()


def test_a_home_in_order_is_not_spoken_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of(tmp_path / "new", monkeypatch)
    own_files.tell(session)
    assert session.notices.all == []
    assert list((tmp_path / "new").iterdir()) == []
    session.close()


def test_a_file_is_looked_into_from_wherever_one_is(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lon,lat\n117.1,36.6\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "info", "a.csv", "--json"],
        cwd=tmp_path, env=os.environ | {"CHENGJING_HOME": str(tmp_path / "home")}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()


# --- a locale that writes 1,5 ---

PROGRAM = """
import json, locale, sys
from pathlib import Path
from app.background.jobs import Jobs
from app.session import Session
from app.settings import Settings
from app.usecases.layers.exporting import export
from app.usecases.project import opening
folder = Path(sys.argv[1])
locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")  # as Qt does when it starts
radix = locale.localeconv()["decimal_point"]
session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=folder / "cache")
opening.open_files(session, [folder / "a.csv"])
(layer,) = session.project.state.layers
for name in ("out.csv", "out.geojson", "out.gpkg", "out.xlsx"):
    export(session, layer.id, folder / name)
opening.save_project(session, folder / "p.gpkg")
opening.open_project(session, folder / "p.gpkg")
(data,) = session.project.data.values()
print(json.dumps({"radix": radix, "values": list(data.frame["v"])}))
session.close()
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment with a locale that writes decimals with a comma; skip where there is none."""
    folder = tmp_path_factory.mktemp("locales")
    try:
        subprocess.run(
            ["localedef", "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no German locale here")
    return {**os.environ, "LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8", "PYTHONPATH": str(ROOT)}


def test_numbers_in_files_are_the_same_in_a_locale_that_writes_a_comma(tmp_path: Path, german: dict[str, str]) -> None:
    import geopandas as gpd
    import openpyxl

    (tmp_path / "a.csv").write_text("lon,lat,v\n117.125,36.625,1.5\n117.25,36.75,-0.003\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], env=german, cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told = json.loads(done.stdout.decode().splitlines()[-1])
    assert told == {"radix": ",", "values": [1.5, -0.003]}
    rows = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    assert "1.5" in rows[1].split(",")
    for name in ("out.geojson", "out.gpkg"):
        frame = gpd.read_file(tmp_path / name)
        assert list(frame["v"]) == [1.5, -0.003]
        assert frame.to_crs("EPSG:4326").geometry.x.round(6).tolist() == [117.125, 117.25]
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows() for cell in row]
    assert {1.5, -0.003} <= set(cells)
