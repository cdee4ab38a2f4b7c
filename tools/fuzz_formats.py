"""Open broken copies of small files of every format; each must end in layers or in a refusal by name.

    python tools/fuzz_formats.py [--mutants N] [--seed S] [--only SUFFIX,…] [--keep FOLDER] [--json FILE]

Mutants: bits flipped, runs cut out, doubled, swapped, filled with one byte, ends cut off, numbers blown up, words
exchanged. Each is looked into, previewed and read as the program does it, in a child process that is kept for many
mutants; where it dies, or is silent for a minute, another one takes its place.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

LIMIT_S = 60.0
_WORDS = (
    b"NaN",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"\xff\xfe",
    b"\x00",
    b"null",
    b"{",
    b"]",
    b"</",
    b"'",
    b'"',
)


@dataclass
class Outcome:
    """What came of the mutants: endings by code, what no reader expected, and what should never happen."""

    endings: Counter[str] = field(default_factory=Counter)
    by_format: dict[str, Counter[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    unexpected: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def add(self, name: str, answer: dict[str, Any], seconds: float) -> None:
        """Count one answer."""
        ending = "fault" if "fault" in answer else answer.get("code") or "opened"
        self.endings[ending] += 1
        self.by_format.setdefault(name, Counter())[ending] += 1
        self.slowest_s = max(self.slowest_s, seconds)
        if ending == "io.unread":
            self.unexpected[f"{name}: {answer['reason']}"] += 1


class Reading:
    """A child process that reads one file after another."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-X", "utf8", __file__, "read"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip

    def read(self, path: Path) -> dict[str, Any]:
        """Return the answer, ``{"fault": …}`` for a death or a stall."""
        stdin, stdout = cast("IO[str]", self.process.stdin), cast("IO[str]", self.process.stdout)
        try:
            stdin.write(f"{path}\n")
            stdin.flush()
        except OSError:
            return {"fault": f"died before: exit {self.process.wait()}"}
        ready, _, _ = select.select([stdout], [], [], LIMIT_S)
        line = stdout.readline() if ready else ""
        if not line:
            code = self.process.poll()
            self.end()
            return {"fault": f"stalled for {LIMIT_S:g} s" if not ready else f"died: exit {code}"}
        return dict(json.loads(line))

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None

    def end(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def fuzz(mutants: int, seed: int = 1, only: str = "", folder: Path | None = None, keep: Path | None = None) -> Outcome:
    """Read that many mutants.

    Parameters
    ----------
    mutants, seed : int
    only : str
        Endings of the formats to try, parted by commas.
    folder : Path, optional
        Where seeds and mutants are written.
    keep : Path, optional
        Where mutants that found a fault are copied to.
    """
    from tests.support.every_format import makers, write

    outcome, draw = Outcome(), random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="chengjing_fuzz_") as spare:
        room = folder or Path(spare)
        names = sorted(name for name in makers if not only or name in only.split(","))
        seeds: dict[str, Path] = {}
        for name in names:
            home = room / f"seed{len(seeds)}"
            home.mkdir()
            seeds[name] = write(home, name)
        reading = Reading()
        try:
            for number in range(mutants):
                name = names[number % len(names)]
                path = _mutant(seeds[name], room / f"m{number}", draw)
                if not reading.is_alive:
                    reading = Reading()
                began = time.monotonic()
                answer = reading.read(path)
                outcome.add(name, answer, time.monotonic() - began)
                if "fault" in answer:
                    outcome.faults.append(f"{name} seed={seed} mutant={number}: {answer['fault'][-1500:]}")
                    if keep is not None:
                        shutil.copytree(path.parent, keep / f"{seed}_{number}", dirs_exist_ok=True)
                shutil.rmtree(path.parent, ignore_errors=True)
        finally:
            reading.end()
    return outcome


def _mutant(seed: Path, folder: Path, draw: random.Random) -> Path:
    """Copy a seed with all that lies beside it, and break one of its files."""
    shutil.copytree(seed.parent, folder, ignore=shutil.ignore_patterns("*.d"))
    path = folder / seed.name
    parts = sorted(entry for entry in folder.rglob("*") if entry.is_file() and entry.stat().st_size)
    target = draw.choice(parts) if path.is_dir() or draw.random() < 0.4 else path
    raw = bytearray(target.read_bytes())
    for _ in range(draw.choice((1, 1, 1, 2, 4, 12))):
        if len(raw) < 4:
            break
        at = draw.randrange(len(raw))
        end = min(len(raw), at + draw.choice((1, 2, 4, 16, 64, 400)))
        kind = draw.randrange(9)
        if kind == 0:
            raw[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del raw[at:end]
        elif kind == 2:
            raw[at:at] = raw[at:end]
        elif kind == 3:
            raw[at:end] = bytes([draw.choice((0, 255, 32, 128))]) * (end - at)
        elif kind == 4:
            raw[at:end] = draw.choice(_WORDS)
        elif kind == 5:
            raw[at:end] = draw.randbytes(end - at)
        elif kind == 6:
            other = draw.randrange(len(raw))
            raw[at:end], raw[other : other + end - at] = raw[other : other + end - at], raw[at:end]
        elif kind == 7:
            size = draw.choice((2, 4, 8))
            raw[at : at + size] = draw.choice((b"\xff" * size, b"\x00" * size, b"\xff" * (size - 1) + b"\x7f"))
        else:
            found = list(re.finditer(rb"\d+(?:\.\d+)?", raw))
            if found:
                one = draw.choice(found)
                raw[one.start() : one.end()] = draw.choice((b"0", b"-7", b"1e308", b"2147483648", b"NaN", b""))
    if draw.random() < 0.1:
        del raw[draw.randrange(1, len(raw) + 1) :]
    target.write_bytes(bytes(raw))
    return path


def _serve() -> int:
    """Answer ``{"ok": true}``, ``{"code": …}`` or ``{"fault": trace}`` for each path on standard input."""
    import os
    import traceback
    import warnings

    from models.core.errors import UserError
    from models.core.progress import Progress
    from models.io.inspect import inspect
    from models.io.preview_table import first_rows
    from models.io.registry import find_format
    from models.io.request import ReadRequest
    from models.store.cache import read_entry, write_entry
    from viewers.documents import bcf

    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        answer: dict[str, Any] = {"ok": True}
        try:
            for look in (inspect, lambda path: first_rows(path, "", "", 20)):
                with contextlib.suppress(UserError):
                    look(path)
            if path.suffix == ".bcf":
                bcf.read(path)
            else:
                opened = find_format(path).read(path, ReadRequest(crs="EPSG:4548"), Progress())
                with tempfile.TemporaryDirectory() as folder:
                    write_entry(Path(folder), opened)
                    read_entry(Path(folder), mapped=False)
        except UserError as error:
            answer = {"code": error.code, "reason": str(error.facts.get("reason", ""))}
        except BaseException:  # whatever it was, it must be told
            answer = {"fault": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
    return 0


def main() -> int:
    """Run from the command line."""
    if sys.argv[1:] == ["read"]:
        return _serve()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    outcome = fuzz(arguments.mutants, arguments.seed, arguments.only, keep=arguments.keep)
    for code, count in outcome.endings.most_common():
        print(f"{count:6d}  {code}")
    for name, endings in sorted(outcome.by_format.items()):
        print(f"{name:16s} " + "  ".join(f"{code} {count}" for code, count in endings.most_common()))
    for told, count in outcome.unexpected.most_common():
        print(f"{count:6d}  not expected by the reader: {told}")
    print(f"slowest: {outcome.slowest_s:.1f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(outcome.by_format, indent=1))
    for fault in outcome.faults:
        print(f"\n{fault}")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
