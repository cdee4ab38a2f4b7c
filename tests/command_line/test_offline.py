"""Setting up without internet: what is gathered, what is told where it does not fit, and an installation from it."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.support.paths import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import offline

LOCK = ROOT / "requirements.lock"


def wheel(folder, name, version="1.0"):
    """Write a wheel of one module and return its file."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    texts = {
        f"{name}.py": "here = True\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for path, text in texts.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(text)}")
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in texts.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]) + "\n")
    return file


@pytest.fixture
def gathered(tmp_path):
    """Return a lock of two dependencies and the folder in which they were gathered for this machine."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    files = [wheel(folder, name) for name in ("one_thing", "other_thing")]
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        f"one-thing==1.0 \\\n    --hash=sha256:{hashes[0]}\n"
        f"other-thing==1.0 ; sys_platform != 'os2' \\\n    --hash=sha256:{hashes[1]}\n"
        f"never==1.0 ; sys_platform == 'os2' \\\n    --hash=sha256:{hashes[1]}\n"
    )
    rows = {
        f"{name}==1.0": {"file": file.name, "sha256": digest}
        for name, file, digest in zip(("one-thing", "other-thing"), files, hashes, strict=True)
    }
    facts = {"platform": offline.this_target(), "python": offline.this_python(), "wheels": rows}
    (folder / offline.MANIFEST).write_text(json.dumps(facts))
    return lock, folder


def told(gathered):
    lock, folder = gathered
    with pytest.raises(offline.SetupError) as caught:
        offline.requirements(folder, lock)
    return str(caught.value)


def change(folder, **facts):
    file = folder / offline.MANIFEST
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def test_the_lock_is_read_for_the_other_machine_and_not_for_this_one():
    names = {
        name: {one.name for one in offline.locked(LOCK, target, "3.11")} for name, target in offline.TARGETS.items()
    }
    assert "pywin32-ctypes" in names["win_amd64"]
    assert "pywin32-ctypes" not in names["macosx_arm64"]
    assert "secretstorage" in names["manylinux_x86_64"]
    assert "secretstorage" not in names["win_amd64"] | names["macosx_arm64"] | names["macosx_x86_64"]
    for every in ("numpy", "pyside6-essentials", "vtk", "odfpy", "ifcopenshell"):
        assert all(every in found for found in names.values())


def test_each_version_of_python_has_its_own_rows_of_the_lock():
    windows = offline.TARGETS["win_amd64"]
    old = {one.name: one.version for one in offline.locked(LOCK, windows, "3.11")}
    new = {one.name: one.version for one in offline.locked(LOCK, windows, "3.13")}
    assert old["numpy"] != new["numpy"]
    assert all(one.hashes for one in offline.locked(LOCK, windows, "3.12"))


def test_what_was_gathered_is_installed_by_its_hashes(gathered):
    lock, folder = gathered
    rows = offline.requirements(folder, lock).splitlines()
    assert [row.split()[0] for row in rows] == ["one-thing==1.0", "other-thing==1.0"]
    assert all("--hash=sha256:" in row for row in rows)


def test_a_missing_wheel_is_named(gathered):
    (gathered[1] / "other_thing-1.0-py3-none-any.whl").unlink()
    assert "other-thing==1.0" in told(gathered)
    assert "one-thing" not in told(gathered)


def test_a_newer_lock_names_what_the_folder_does_not_have(gathered):
    lock, _ = gathered
    lock.write_text(lock.read_text().replace("one-thing==1.0", "one-thing==2.0"))
    assert "one-thing==2.0" in told(gathered)


def test_a_wheel_that_was_copied_in_part_is_named(gathered):
    file = gathered[1] / "one_thing-1.0-py3-none-any.whl"
    file.write_bytes(file.read_bytes()[:-20])
    assert file.name in told(gathered)


def test_the_folder_of_another_system_says_for_which_it_is(gathered):
    other = next(name for name in offline.TARGETS if name != offline.this_target())
    change(gathered[1], platform=other)
    assert other in told(gathered)
    assert f"--platform {offline.this_target()}" in told(gathered)


def test_the_folder_of_another_python_says_for_which_it_is(gathered):
    change(gathered[1], python="3.99")
    assert "3.99" in told(gathered)
    assert f"--python {offline.this_python()}" in told(gathered)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"wheels": 3, "platform": "a", "python": "b"}'])
def test_a_folder_that_was_not_gathered_says_how_it_is_made(gathered, text):
    file = gathered[1] / offline.MANIFEST
    file.unlink() if text is None else file.write_text(text)
    assert "--collect" in told(gathered)


@pytest.mark.slow
def test_setup_installs_from_the_folder_with_the_network_off(gathered, tmp_path):
    lock, folder = gathered
    program = tmp_path / "program"
    (program / "tools").mkdir(parents=True)
    for file in ("setup.py", "offline.py"):
        shutil.copy(ROOT / "tools" / file, program / "tools")
    for name in ("requirements.lock", "requirements-dev.lock"):
        shutil.copy(lock, program / name)
    nowhere = "http://127.0.0.1:9"  # nothing listens there: whoever asks the network fails
    off = dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "PIP_INDEX_URL"), nowhere)
    command = [sys.executable, str(program / "tools" / "setup.py"), "--offline", str(folder)]
    done = subprocess.run(command, env=os.environ | off, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    python = program / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    seen = subprocess.run([str(python), "-c", "import one_thing, other_thing"], check=False)
    assert seen.returncode == 0
    (folder / "one_thing-1.0-py3-none-any.whl").unlink()
    again = subprocess.run(command, env=os.environ | off, capture_output=True, text=True, timeout=240, check=False)
    assert again.returncode == 0, "all is in place, nothing is asked for"
