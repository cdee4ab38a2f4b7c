"""The house's rules, checked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PACKAGES = ("app", "models", "viewers", "resources")


def tracked_files() -> list[Path]:
    """Return what git tracks or would track."""
    try:
        said = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git here")
    names = said.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_import_directions_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[-4000:]


def test_a_broken_import_direction_is_caught(tmp_path: Path) -> None:
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "models" / "bad.py").write_text("import viewers\n", encoding="utf-8")
    (tmp_path / ".importlinter").write_text(
        "[importlinter]\nroot_packages =\n  app\n  models\n  viewers\n  resources\n"
        "[importlinter:contract:1]\nname = layers\ntype = layers\nlayers =\n  app\n  viewers\n  models\n",
        encoding="utf-8",
    )
    tool = Path(sys.executable).with_name("lint-imports")
    said = subprocess.run([str(tool), "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.returncode != 0
    assert "models.bad -> viewers" in said.stdout


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_says_more_than_one_thing_at_length(package: str) -> None:
    """A module of more than 700 lines is two modules; the generator, which lists what a city holds, is let off."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 700 and path.parent.name != "sample"
    }
    assert not long, "\n".join(map(str, long))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_says_what_it_is(package: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*.py")
        if path.read_text(encoding="utf-8").strip()
        and not path.read_text(encoding="utf-8").lstrip().removeprefix("r").startswith('"""')
    ]
    assert not silent, "\n".join(map(str, silent))


def test_nothing_is_evaluated_or_unpickled() -> None:
    wrong = re.compile(
        r"^\s*(import pickle|from pickle|import marshal)|(?<![\w.])(eval|exec)\(|allow_pickle=True", re.M
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group(0).strip()}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for match in wrong.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(map(str, found))


def test_the_repository_names_no_machine_and_no_package_index() -> None:
    this = Path(__file__).resolve()
    # Put together here, so that this file does not find itself.
    words = [
        "/wo" + "rk/",
        "/ro" + "ot/",
        "/ho" + "me/",
        "pypi" + ".org",
        "files.python" + "hosted",
        "--index" + "-url",
        "--extra-index",
    ]
    found = []
    for path in tracked_files():
        if path == this or path.suffix in (".png", ".otf", ".ttf", ".gpkg", ".tif", ".svg"):
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if word in text]
    assert not found, "\n".join(map(str, found))


def test_no_file_in_the_repository_is_large() -> None:
    large = {
        str(path.relative_to(ROOT)): path.stat().st_size for path in tracked_files() if path.stat().st_size > 5_000_000
    }
    assert not large, "\n".join(map(str, large))


def test_every_dependency_is_locked_with_its_hash() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {_plain(re.split(r"[<>=\[ ;]", text)[0]) for text in project["dependencies"]}
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        locked = {_plain(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", text, re.M)}
        assert names <= locked, f"{lock} lacks {names - locked}; run tools/lock.sh"
        entries = re.split(r"^(?=[A-Za-z0-9._-]+==)", text, flags=re.M)[1:]
        assert all("--hash=sha256:" in entry for entry in entries)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
