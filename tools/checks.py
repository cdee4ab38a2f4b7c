"""Run all gates, then all tests in tiers, the fast ones first; the last line is the sum of pytest's closing lines.

Run: ``python tools/checks.py`` with the Python of ``.venv`` (``gates`` as an argument runs the gates alone). Each tier
is a process of its own: models never see Qt, rendering sees no display, windows get one (Xvfb where there is none).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
NO_TESTS = 5

GATES = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy", "--no-error-summary"),
    ("lint-imports",),
)

#: Name, pytest's marker expression, whether it needs a display.
TIERS = (
    ("models and use cases", "not render and not window and not data and not slow", False),
    ("rendering", "render and not window and not slow", False),
    ("slow and real data", "(slow or data) and not window", False),
    ("window", "window", True),
)


def main() -> int:
    """Return 0 if everything passed, 1 if not."""
    gates_ok = all([_gate(gate) for gate in GATES])  # noqa: C419 - each is run even if one failed
    if "gates" in sys.argv[1:]:
        return 0 if gates_ok else 1
    started, counts, tests_ok = time.perf_counter(), Counter[str](), True
    with tempfile.TemporaryDirectory(prefix="chengjing-tests-") as home:
        for name, marker, windowed in TIERS:
            print(f"== tests: {name}", flush=True)
            status, said = _tier(marker, windowed, home)
            counts.update(said)
            tests_ok = tests_ok and status in (0, NO_TESTS)
    if not gates_ok:
        print("!! a gate failed, see above")
    if not tests_ok and not counts["failed"] and not counts["error"]:
        print("!! a tier ended without its closing line, see above")
    order = ("failed", "error", "passed", "skipped", "xfailed", "warnings")
    summary = ", ".join(f"{counts[name]} {name}" for name in order if counts[name]) or "no tests ran"
    print(f"===== {summary} in {time.perf_counter() - started:.2f}s =====")
    return 0 if gates_ok and tests_ok else 1


def _gate(gate: tuple[str, ...]) -> bool:
    print("== " + " ".join(gate), flush=True)
    return subprocess.run([str(BIN / gate[0]), *gate[1:]], cwd=ROOT, check=False).returncode == 0


def _tier(marker: str, windowed: bool, home: str) -> tuple[int, dict[str, int]]:
    """Run one tier, passing its output on; return pytest's status and what its closing line counts."""
    environment = {**os.environ, "CHENGJING_HOME": home}
    command = [sys.executable, "-m", "pytest", "-q", "-m", marker]
    if not windowed:
        environment.pop("DISPLAY", None)
        environment.pop("WAYLAND_DISPLAY", None)
    elif not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")) and shutil.which("xvfb-run"):
        command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *command]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, errors="replace")
    closing: dict[str, int] = {}
    for line in process.stdout or ():
        print(line, end="", flush=True)
        if re.search(r" in \d+\.\d+s", line):
            found = re.findall(r"(\d+) (passed|failed|skipped|xfailed|errors?|warnings?)", line)
            closing = {{"errors": "error", "warning": "warnings"}.get(name, name): int(n) for n, name in found}
    return process.wait(), closing


if __name__ == "__main__":
    sys.exit(main())
