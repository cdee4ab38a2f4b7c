"""Every command that README and the guides show runs as it stands there: in a clean home, without a display.

What opens the window is started with a display in ``tests/window/test_start.py``; here it must say that there is none.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.command_line import main as cli
from app.command_line.ifc import VERBS as IFC_VERBS
from tests.support.network.hydraulic_models import SWMM
from tests.support.paths import ROOT

PAGES = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")] if path.name != "CHANGELOG.md")
#: Verbs that show a window where there is a display; without one, ``run`` renders off-screen instead.
NEEDS_DISPLAY = ("open",)
#: Verbs that are a whole command by themselves.
WHOLE = ("run", "sample", "doctor")
PATTERN = re.compile(r" \| |<")
IDS = """<ids xmlns="http://standards.buildingsmart.org/IDS"><info><title>t</title></info><specifications>
<specification name="walls" ifcVersion="IFC4"><applicability minOccurs="0" maxOccurs="unbounded"><entity><name>
<simpleValue>IFCWALL</simpleValue></name></entity></applicability><requirements><attribute cardinality="required"><name>
<simpleValue>Name</simpleValue></name></attribute></requirements></specification></specifications></ids>"""


def commands(page: Path) -> list[str]:
    """Return the words after ``main.py`` of every command on a page, in its order."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]*main\.py[^`\n]*)`", re.sub(r"```.*?```", "", text, flags=re.S))
    found = [re.search(r"python\d?(?:\.exe)? main\.py ?(.*)$", line) for line in lines]
    return list(dict.fromkeys(match[1].strip() for match in found if match))


def shown_first_on(page: Path) -> list[str]:
    """Return the commands of a page that no page before it shows: each is run once."""
    before = {command for other in PAGES[: PAGES.index(page)] for command in commands(other)}
    return [command for command in commands(page) if command not in before]


def test_the_pages_show_commands_and_they_are_found() -> None:
    found = {page.name: commands(page) for page in PAGES}
    assert "run" in found["README.md"]
    assert "" in found["cli.md"]
    assert "doctor" in found["guide.zh.md"]
    assert len(found["cli.md"]) > 15


@pytest.fixture(scope="session")  # with several processes a module's tests come in pieces
def files(sample_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the pages speak of. Do not write to it."""
    folder = tmp_path_factory.mktemp("files") / "desk"
    shutil.copytree(sample_city.parent, folder)
    school = next((folder / "sample_files").rglob("*.ifc"))
    for name in ("school", "architecture", "services", "old", "new"):
        shutil.copy(school, folder / f"{name}.ifc")
    shutil.copy(next((folder / "sample_files").rglob("*.tif")), folder / "dem.tif")
    (folder / "delivery.ids").write_text(IDS, encoding="utf-8")
    (folder / "model.inp").write_text(SWMM, encoding="utf-8")
    import geopandas as gpd

    gpd.read_file(folder / "sample.gpkg", layer="buildings")[["geometry"]].to_file(folder / "buildings.shp")
    pipes = gpd.read_file(folder / "sample.gpkg", layer="pipes").head(50)
    pipes[["code", "kind", "material", "geometry"]].to_file(folder / "pipes.shp")
    assert run(["snapshot", "sample.gpkg", "--out", "a.png", "--size", "320x320"], folder).returncode == cli.DONE
    return folder


@pytest.fixture
def desk(files: Path, tmp_path: Path) -> Path:
    """Return a copy of the files for one page, beside which no home is yet."""
    return shutil.copytree(files, tmp_path / "desk")


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user without a display does, in a home where it never ran."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    env = kept | {"HOME": str(home), "USERPROFILE": str(home), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *words], cwd=folder, env=env, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
@pytest.mark.parametrize("page", [page for page in PAGES if shown_first_on(page)], ids=lambda page: page.name)
def test_every_command_on_a_page_does_what_it_says(page: Path, desk: Path) -> None:
    wrong = []
    _, verbs = cli.build_parser("en")
    for command in shown_first_on(page):
        if PATTERN.search(command) or (command in verbs and command not in WHOLE):
            continue  # a pattern or the name of a verb, not a command
        words = [word for token in shlex.split(command) for word in _matches(desk, token)]
        shows = not words or words[0] in NEEDS_DISPLAY or (desk / words[0]).exists()
        ended = run(words, desk)
        if ended.returncode != (cli.CANNOT if shows else cli.DONE) or "Traceback" in ended.stderr:
            wrong.append(f"main.py {command} → {ended.returncode}\n{ended.stderr[-600:]}")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_patterns_of_commands_name_verbs_that_are_there(page: Path) -> None:
    _, verbs = cli.build_parser("en")
    for command in commands(page):
        if " | " in command:
            outer, *inner = re.findall(r"[a-z]+", command)
            assert outer == "ifc"
            assert set(inner) <= set(IFC_VERBS)
        elif "<verb>" in command:
            assert command == "<verb> --help"
            assert all(cli.run([verb, "--help"]) == cli.DONE for verb in verbs)


def _matches(folder: Path, token: str) -> list[str]:
    """Return what the shell makes of a word."""
    return sorted(path.name for path in folder.glob(token)) if "*" in token else [token]
