"""Make the virtual environment and install the locked dependencies, on any system, with nothing but Python.

Run: ``python tools/setup.py`` (``python tools/setup.py dev`` for the tests as well). The lock's hash is stamped into
the environment, so that a second run is instant.

Without internet: ``--collect FOLDER`` on a machine that has it gathers the dependencies (``--platform`` and
``--python`` for another system than this one), and ``--offline FOLDER`` installs from that folder alone; see
``docs/offline.md``.
"""

import argparse
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
OFFLINE = ROOT / "tools" / "offline.py"


def main() -> int:
    """Return 0 when everything is in place, 3 when it cannot be."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what an old Python would run
        print("需要 Python 3.11 或更高版本。/ Python 3.11 or newer is needed.", file=sys.stderr)
        return 3
    asked = arguments().parse_args()
    lock = ROOT / ("requirements-dev.lock" if asked.kind == "dev" else "requirements.lock")
    if asked.collect is not None:
        make_environment()
        return run(OFFLINE, "collect", asked.collect.resolve(), lock, asked.platform, asked.python)
    # The development lock holds everything of the other one: a stamp of it serves both.
    stamps = {stamp_of(ROOT / "requirements-dev.lock"), stamp_of(lock)}
    stamp = HOME / "chengjing.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") in stamps:
        return 0
    make_environment()
    print(f"安装依赖（锁定版本）/ installing locked dependencies: {lock.name}", flush=True)
    if asked.offline is not None:
        failed = run(OFFLINE, "install", asked.offline.resolve(), lock)
    else:
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r")
        failed = run(*pip, lock)
        if failed:
            print(
                "依赖安装失败，请检查网络或软件源；不能上网时见 docs/offline.md。\n"
                "Installing failed; check the network. Without internet, see docs/offline.md.",
                file=sys.stderr,
            )
    if failed:
        return 3
    stamp.write_text(stamp_of(lock), encoding="utf-8")
    return 0


def arguments() -> argparse.ArgumentParser:
    """Return what can be asked for."""
    sys.path.insert(0, str(OFFLINE.parent))
    from offline import PYTHONS, TARGETS, this_python, this_target

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="?", choices=("dev",), help="what the tests need as well")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--collect", type=Path, metavar="FOLDER", help="gather the dependencies in a folder")
    way.add_argument("--offline", type=Path, metavar="FOLDER", help="install from such a folder, without internet")
    parser.add_argument("--platform", choices=sorted(TARGETS), default=this_target(), help="of the other machine")
    parser.add_argument("--python", choices=PYTHONS, default=this_python(), help="of the other machine")
    return parser


def make_environment() -> None:
    """Make the virtual environment where there is none; pip comes with Python."""
    if not PYTHON.exists():
        print("建立虚拟环境 / making the virtual environment: .venv", flush=True)
        venv.create(HOME, with_pip=True)


def run(*words: object) -> int:
    """Run the Python of the environment; return its exit code."""
    return subprocess.run([str(PYTHON), *map(str, words)], check=False).returncode


def stamp_of(lock: Path) -> str:
    """Return what says that exactly this lock was installed for this Python."""
    return f"{sys.version_info[0]}.{sys.version_info[1]} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


if __name__ == "__main__":
    sys.exit(main())
