"""Make the virtual environment and install the locked dependencies, on any system, with nothing but Python.

Run: ``python tools/setup.py`` (``python tools/setup.py dev`` for the tests as well). The lock's hash is stamped into
the environment, so that a second run is instant.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".venv"
PYTHON = HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def main() -> int:
    """Return 0 when everything is in place, 3 when it cannot be."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what an old Python would run
        print("需要 Python 3.11 或更高版本。/ Python 3.11 or newer is needed.", file=sys.stderr)
        return 3
    kinds = ("dev", "run") if "dev" in sys.argv[1:] else ("run",)
    lock = ROOT / ("requirements-dev.lock" if kinds[0] == "dev" else "requirements.lock")
    # The development lock holds everything of the other one: a stamp of it serves both.
    stamps = {stamp_of(ROOT / "requirements-dev.lock"), stamp_of(lock)}
    stamp = HOME / "chengjing.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") in stamps:
        return 0
    if not PYTHON.exists():
        print("建立虚拟环境 / making the virtual environment: .venv", flush=True)
        venv.create(HOME, with_pip=True)
    print(f"安装依赖（锁定版本）/ installing locked dependencies: {lock.name}", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    done = subprocess.run([*pip, "-r", str(lock)], check=False)
    if done.returncode:
        print("依赖安装失败，请检查网络或软件源。/ Installing failed; check the network.", file=sys.stderr)
        return 3
    stamp.write_text(stamp_of(lock), encoding="utf-8")
    return 0


def stamp_of(lock: Path) -> str:
    """Return what says that exactly this lock was installed for this Python."""
    return f"{sys.version_info[0]}.{sys.version_info[1]} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


if __name__ == "__main__":
    sys.exit(main())
