"""A stranger's project, and a start without one, connect to nothing and touch no file of others.

What Python opens and asks is seen by an audit hook in a process of its own; what libraries of C do besides was looked
at with strace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.stranger import add_basemap, change, project_of_a_stranger

HOOK = """
import json, os, sys
seen = []
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        seen.append([event, repr(args[1:])])
    elif event in ("open", "os.listdir", "os.scandir") and args and isinstance(args[0], (str, bytes, os.PathLike)):
        seen.append([event, os.path.abspath(os.fsdecode(args[0]))])
    elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "webbrowser.open"):
        seen.append([event, repr(args[1] if len(args) > 1 else args)])
sys.addaudithook(hook)
sys.path.insert(0, ROOT)
from app.command_line.main import run
code = run(ARGUMENTS)
open(OUT, "w").write(json.dumps(seen))
sys.exit(code)
"""


def watched(tmp_path: Path, *arguments: str) -> tuple[int, list[tuple[str, str]], str]:
    """Run a command in a process of its own; return its exit code, what it did, and what it said."""
    out, home, here = tmp_path / "seen.json", tmp_path / "home", tmp_path / "here"
    for folder in (here, tmp_path / "temporary"):
        folder.mkdir(exist_ok=True)
    words = f"ROOT, OUT, ARGUMENTS = {str(ROOT)!r}, {str(out)!r}, {list(arguments)!r}\n"
    environment = {**os.environ, "CHENGJING_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["TMPDIR"] = str(tmp_path / "temporary")
    environment.pop("DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-c", words + HOOK], cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    seen = json.loads(out.read_text(encoding="utf-8")) if out.exists() else []
    return done.returncode, [(event, what) for event, what in seen], done.stdout + done.stderr


def foreign(tmp_path: Path, project: Path, seen: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return what was touched that is neither the project's folder, our own, nor the system's."""
    own = [str(tmp_path / name) for name in ("home", "here", "temporary", "seen.json")]
    home = [str(Path.home() / name) for name in (".cache", ".config", ".local", ".matplotlib")]
    system = ["/usr", "/lib", "/etc", "/proc", "/sys", "/dev", "/var/cache", "/var/lib", "/opt"]
    python = [sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix)]
    known = (str(project.parent), str(ROOT), *own, *home, *system, *python)

    def is_known(what: str) -> bool:
        return any(what == one or what.startswith(one + os.sep) for one in known)

    return [(event, what) for event, what in seen if event.startswith(("open", "os.")) and not is_known(what)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = project_of_a_stranger(tmp_path / "from_elsewhere")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "ground.tif").write_bytes((path.parent / "ground.tif").read_bytes())
    change(path, "update chengjing_layers set source_path='../secret/ground.tif' where source_path!=''")
    add_basemap(path, "http://127.0.0.1:9/tile/{z}/{x}/{y}?k={key}")
    return path


@pytest.mark.skipif(os.name == "nt", reason="the folders of the system are named for POSIX")
@pytest.mark.parametrize("verb", ["info", "indicators"])
def test_a_strangers_project_reaches_nothing_outside_its_folder(tmp_path: Path, project: Path, verb: str) -> None:
    _, seen, said = watched(tmp_path, verb, str(project), "--lang", "en")
    assert seen, said
    assert not [one for one in seen if one[0].startswith("socket.") and "AF_UNIX" not in one[1]]
    assert not [one for one in seen if str(tmp_path / "secret") in one[1]]
    assert not foreign(tmp_path, project, seen)
    if verb != "info":
        assert "http://127.0.0.1:9" in said
        assert str(tmp_path / "secret" / "ground.tif") in said


@pytest.mark.skipif(os.name == "nt", reason="the folders of the system are named for POSIX")
def test_a_start_reaches_nothing(tmp_path: Path) -> None:
    code, seen, said = watched(tmp_path, "doctor", "--json")
    assert code in (0, 3), said
    assert not [one for one in seen if one[0].startswith("socket.")]
