"""Run all gates, then all tests in tiers, the fast ones first; the last line is the sum of pytest's closing lines.

Run: ``python tools/checks.py`` with the Python of ``.venv`` (``gates`` as an argument runs the gates alone). Each tier
is a pytest of its own: models never see Qt, rendering sees no display, windows get one (Xvfb where there is none). A
tier runs in two processes at once where its tests allow it. Windows do not share a display, as focus and clipboard are
one to a display: their test files are dealt out to two runs, each with its own Xvfb. The gates run beside the first
tier; what they print comes before it.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
WINDOWS = "tests/window"
XVFB = ("xvfb-run", "-a", "-s", "-screen 0 1600x1000x24")
WORKERS = 2
NO_TESTS = 5

GATES = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("mypy", "--no-error-summary"),
    ("lint-imports",),
)

#: Name and pytest's marker expression of the tiers that need no display.
TIERS = (
    ("models and use cases", "not render and not window and not data and not slow"),
    ("rendering", "render and not window and not slow"),
    ("slow and real data", "(slow or data) and not window"),
)


@dataclass
class Run:
    """One pytest: its status, what its closing line counts, and what it printed."""

    status: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def main() -> int:
    """Return 0 if everything passed, 1 if not."""
    if "gates" in sys.argv[1:]:
        return 0 if _gates() else 1
    started, runs = time.perf_counter(), list[Run]()
    with tempfile.TemporaryDirectory(prefix="chengjing-tests-") as home, ThreadPoolExecutor() as pool:
        gates = pool.submit(_gates)
        for name, marker in TIERS:
            beside_the_gates = not gates.done()  # what they print is not to stand between the lines of the tests
            if not beside_the_gates:
                print(f"== tests: {name}", flush=True)
            arguments = ["-m", marker, f"--ignore={WINDOWS}", "-n", str(WORKERS)]
            runs.append(_run(arguments, home, quiet=beside_the_gates))
            gates_ok = gates.result()
            if beside_the_gates:
                print(f"== tests: {name}", "".join(runs[-1].lines), sep="\n", end="", flush=True)
        runs += _windows(home)
    counts = sum((Counter(run.counts) for run in runs), Counter[str]())
    tests_ok = all(run.status in (0, NO_TESTS) for run in runs)
    if not gates_ok:
        print("!! a gate failed, see above")
    if not tests_ok and not counts["failed"] and not counts["error"]:
        print("!! a tier ended without its closing line, see above")
    order = ("failed", "error", "passed", "skipped", "xfailed", "warnings")
    summary = ", ".join(f"{counts[name]} {name}" for name in order if counts[name]) or "no tests ran"
    print(f"===== {summary} in {time.perf_counter() - started:.2f}s =====")
    return 0 if gates_ok and tests_ok else 1


def _gates() -> bool:
    return all([_gate(gate) for gate in GATES])  # noqa: C419 - each is run even if one failed


def _gate(gate: tuple[str, ...]) -> bool:
    print("== " + " ".join(gate), flush=True)
    return subprocess.run([str(BIN / gate[0]), *gate[1:]], cwd=ROOT, check=False).returncode == 0


def _windows(home: str) -> list[Run]:
    """Run the tests of the window: on a display of their own each, two runs at once; else one run on what there is."""
    print("== tests: window", flush=True)
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or not shutil.which(XVFB[0]):
        return [_run(["-m", "window", WINDOWS], home, display=True)]
    shares = _dealt_out(sorted((ROOT / WINDOWS).rglob("test_*.py")))
    with ThreadPoolExecutor() as pool:
        begun = [
            pool.submit(_run, ["-m", "window", *files], home, xvfb=99 + 100 * n, quiet=True)
            for n, files in enumerate(shares)
        ]
        runs = [one.result() for one in begun]
    for run in runs:
        print("".join(run.lines), end="", flush=True)
    return runs


def _dealt_out(files: Iterable[Path]) -> list[list[str]]:
    """Share files out so that the shares are about as long: each, longest first, to the share that has least."""
    shares: list[list[str]] = [[] for _ in range(WORKERS)]
    sizes = [0] * WORKERS
    for size, name in sorted(((file.stat().st_size, str(file)) for file in files), reverse=True):
        least = sizes.index(min(sizes))
        shares[least].append(name)
        sizes[least] += size
    return shares


def _run(arguments: list[str], home: str, *, display: bool = False, xvfb: int = 0, quiet: bool = False) -> Run:
    """Run pytest and gather what it prints, passing it on unless it is to be quiet.

    ``xvfb`` starts a display for it, the first free one from this number on: two that start at once never try the same.
    """
    run = Run()
    environment = {**os.environ, "CHENGJING_HOME": home}
    # Hundreds of children start here; each would compile the whole program anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if not display:
        environment.pop("DISPLAY", None)
        environment.pop("WAYLAND_DISPLAY", None)
    command = [*((*XVFB, "-n", str(xvfb)) if xvfb else ()), sys.executable, "-m", "pytest", "-q", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, errors="replace")
    for line in process.stdout or ():
        run.lines.append(line)
        if not quiet:
            print(line, end="", flush=True)
        if re.search(r" in \d+\.\d+s", line):
            found = re.findall(r"(\d+) (passed|failed|skipped|xfailed|errors?|warnings?)", line)
            run.counts = {{"errors": "error", "warning": "warnings"}.get(name, name): int(n) for n, name in found}
    run.status = process.wait()
    return run


if __name__ == "__main__":
    sys.exit(main())
