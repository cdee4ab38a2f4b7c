"""Carry the locked dependencies to a machine without internet: gather them in a folder, and install from it.

``tools/setup.py --collect FOLDER`` and ``--offline FOLDER`` call it. The folder holds one wheel for each dependency
of one system and one Python, and ``chengjing-offline.json``, which says for which lock, system and Python they are and
what the hash of each is. The lock's own hashes are checked when they are gathered; what is built here, out of a source
that the lock names, is held to the hash that it had then.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "chengjing-offline.json"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: Dependencies that are published as source alone; each is plain Python, so that one wheel serves every system.
SOURCES = ("odfpy",)
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class SetupError(Exception):
    """What went wrong and its cure, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


@dataclass(frozen=True)
class Target:
    """A system for which wheels are gathered: its tags, and what markers of the lock read of it."""

    name: str
    tags: tuple[str, ...]
    facts: Mapping[str, str]


def _target(name: str, tags: tuple[str, ...], os_name: str, sys_platform: str, system: str, machine: str) -> Target:
    facts = {"os_name": os_name, "sys_platform": sys_platform, "platform_system": system, "platform_machine": machine}
    return Target(name, tags, facts)


#: Each manylinux tag stands for systems with that glibc or a later one; Debian 12 has 2.36.
_LINUX = (*(f"manylinux_2_{minor}_x86_64" for minor in range(36, 16, -1)), "manylinux2014_x86_64")
TARGETS = {
    target.name: target
    for target in (
        _target("win_amd64", ("win_amd64",), "nt", "win32", "Windows", "AMD64"),
        _target("macosx_arm64", ("macosx_14_0_arm64",), "posix", "darwin", "Darwin", "arm64"),
        _target("macosx_x86_64", ("macosx_15_0_x86_64",), "posix", "darwin", "Darwin", "x86_64"),
        _target("manylinux_x86_64", _LINUX, "posix", "linux", "Linux", "x86_64"),
    )
}


def this_target() -> str:
    """Return the name of the system this runs on, as far as it is one of :data:`TARGETS`."""
    machine = platform.machine().lower()
    x86 = machine in ("amd64", "x86_64")
    if sys.platform == "win32" and x86:
        return "win_amd64"
    if sys.platform == "darwin":
        return "macosx_x86_64" if x86 else "macosx_arm64"
    return "manylinux_x86_64" if sys.platform.startswith("linux") and x86 else f"{sys.platform}_{machine}"


def this_python() -> str:
    """Return the version of this Python, ``"3.11"``."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


@dataclass(frozen=True)
class Locked:
    """One row of a lock that holds for a system: name, version, hashes of the files that may be installed."""

    name: str
    version: str
    hashes: tuple[str, ...]

    @property
    def row(self) -> str:
        """Return it as a row of requirements, without marker."""
        return " ".join([f"{self.name}=={self.version}", *(f"--hash=sha256:{one}" for one in self.hashes)])


def locked(lock: Path, target: Target, python: str) -> list[Locked]:
    """Return what a lock asks for on a system with a Python; its markers are read for that one, not for this."""
    from pip._vendor.packaging.markers import Marker  # every virtual environment has pip, none has packaging yet

    environment = {
        **target.facts, "python_version": python, "python_full_version": f"{python}.0", "extra": "",
        "implementation_name": "cpython", "platform_python_implementation": "CPython",
        "implementation_version": f"{python}.0", "platform_release": "", "platform_version": "",
    }  # fmt: skip
    text = re.sub(r"\\\n\s*", " ", lock.read_text(encoding="utf-8"))
    rows = [(match, line) for line in text.splitlines() if (match := _REQUIREMENT.match(line))]
    return [
        Locked(match["name"], match["version"], tuple(_HASH.findall(line)))
        for match, line in rows
        if not match["marker"] or Marker(match["marker"].split("--hash")[0].strip()).evaluate(environment)
    ]


def collect(folder: Path, lock: Path, target: Target, python: str) -> int:
    """Gather the wheels of a lock for a system in a folder; return how many.

    Raises
    ------
    SetupError
        A dependency has no wheel for that system, or the index cannot be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = locked(lock, target, python)
    with tempfile.TemporaryDirectory() as scratch:
        rows = Path(scratch) / "wheels.txt"
        rows.write_text("\n".join(one.row for one in wanted if one.name not in SOURCES) + "\n", encoding="utf-8")
        tags = [word for tag in target.tags for word in ("--platform", tag)]
        _pip(
            "download", "--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version", python,
            "--implementation", "cp", *tags, "--dest", str(folder), "-r", str(rows),
        )  # fmt: skip
        for one in wanted:
            if one.name in SOURCES:
                rows.write_text(one.row + "\n", encoding="utf-8")
                _pip("wheel", "--no-deps", "--require-hashes", "--wheel-dir", str(folder), "-r", str(rows))
    files = {name: _wheel_of(folder, one) for one in wanted for name in [f"{one.name}=={one.version}"]}
    missing = [name for name, file in files.items() if file is None]
    if missing:
        raise SetupError(f"没有收集到：{', '.join(missing)}", f"Not gathered: {', '.join(missing)}")
    document = {
        "lock": lock.name, "lock_sha256": _sha256(lock), "platform": target.name, "python": python,
        "wheels": {name: {"file": file.name, "sha256": _sha256(file)} for name, file in files.items() if file},
    }  # fmt: skip
    kept = {str(row["file"]) for row in document["wheels"].values()}  # type: ignore[attr-defined]
    for other in folder.glob("*.whl"):  # of an earlier lock
        if other.name not in kept:
            other.unlink()
    (folder / MANIFEST).write_text(json.dumps(document, indent=1), encoding="utf-8")
    return len(files)


def requirements(folder: Path, lock: Path) -> str:
    """Return the rows that pip installs from a folder, after a look whether all is there and meant for this machine.

    Raises
    ------
    SetupError
        The folder is none that was gathered, is for another system, Python or version of the program, or lacks a file.
    """
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        wheels = {str(name): (str(row["file"]), str(row["sha256"])) for name, row in document["wheels"].items()}
        meant = str(document["platform"]), str(document["python"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetupError(
            f"{folder} 不是收集好的依赖文件夹（缺少或读不出 {MANIFEST}）。"
            "请在能上网的电脑上运行 python tools/setup.py --collect 文件夹。",
            f"{folder} is no folder of gathered dependencies ({MANIFEST} is missing or cannot be read). "
            "Run python tools/setup.py --collect FOLDER on a machine with internet.",
        ) from error
    if meant[0] != this_target():
        raise SetupError(
            f"这些依赖是为 {meant[0]} 收集的，本机是 {this_target()}。请用 --platform {this_target()} 重新收集。",
            f"These dependencies are for {meant[0]}, this machine is {this_target()}. "
            f"Gather them again with --platform {this_target()}.",
        )
    if meant[1] != this_python():
        raise SetupError(
            f"这些依赖是为 Python {meant[1]} 收集的，当前是 Python {this_python()}。"
            f"请用 Python {meant[1]} 运行，或用 --python {this_python()} 重新收集。",
            f"These dependencies are for Python {meant[1]}, this is Python {this_python()}. "
            f"Run it with Python {meant[1]}, or gather them again with --python {this_python()}.",
        )
    wanted = [f"{one.name}=={one.version}" for one in locked(lock, TARGETS[meant[0]], meant[1])]
    if missing := [name for name in wanted if name not in wheels or not (folder / wheels[name][0]).is_file()]:
        raise SetupError(
            f"文件夹 {folder} 里缺少：{', '.join(missing)}。请重新收集，并完整复制。",
            f"Missing in {folder}: {', '.join(missing)}. Gather them again and copy the whole folder.",
        )
    if broken := [wheels[name][0] for name in wanted if _sha256(folder / wheels[name][0]) != wheels[name][1]]:
        raise SetupError(
            f"文件已损坏（复制不完整？）：{', '.join(broken)}。请重新复制。",
            f"Damaged (copied in part?): {', '.join(broken)}. Copy them again.",
        )
    return "\n".join(f"{name} --hash=sha256:{wheels[name][1]}" for name in wanted) + "\n"


def install(folder: Path, lock: Path) -> None:
    """Install from a folder alone into the environment of this Python.

    Raises
    ------
    SetupError
        What :func:`requirements` says, or pip fails.
    """
    rows = requirements(folder, lock)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "requirements.txt"
        file.write_text(rows, encoding="utf-8")
        flags = ["--no-index", "--find-links", str(folder), "--no-deps", "--require-hashes", "-r", str(file)]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        done = subprocess.run([*pip, *flags], check=False)
    if done.returncode:
        raise SetupError("安装失败，原因见上。", "Installing failed, as told above.")


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words, "--quiet"]
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        said = done.stderr.splitlines()
        lines = [line for line in said if line.startswith("ERROR: No matching")] or said
        raise SetupError(
            "收集失败：没有适用的安装包，或连不上软件源。",
            "\n".join(["Gathering failed: there is no fitting wheel, or the index cannot be reached.", *lines[-6:]]),
        )


def _wheel_of(folder: Path, one: Locked) -> Path | None:
    """Return the wheel of a locked dependency; an old one of another version is not it."""
    name = re.sub(r"[-_.]+", "_", one.name).lower()
    for file in sorted(folder.glob("*.whl")):
        parts = file.stem.split("-")
        if re.sub(r"[-_.]+", "_", parts[0]).lower() == name and parts[1] == one.version:
            return file
    return None


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def main(words: list[str]) -> int:
    """Gather or install, as ``tools/setup.py`` asks: return 0, or 3 where it cannot be done."""
    task, folder, lock, *rest = words
    try:
        if task == "collect":
            if rest[0] not in TARGETS:
                raise SetupError(
                    f"没有为 {rest[0]} 准备的安装包，请用 --platform 指定。",
                    f"Nothing is known of {rest[0]}; say another with --platform.",
                )
            count = collect(Path(folder), Path(lock), TARGETS[rest[0]], rest[1])
            print(f"已收集 {count} 个依赖 / gathered {count} dependencies: {rest[0]}, Python {rest[1]} → {folder}")
        else:
            install(Path(folder), Path(lock))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
