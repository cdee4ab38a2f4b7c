"""Kill what makes papers at random moments, go on, and look whether anything half-written looks whole.

``python tools/kill_deliver.py city.gpkg --rounds 20 --what deliver,package,atlas,report,video``. Each round starts a
verb of the command line in a folder of its own, kills it, every other time with all its children, by SIGKILL after a
while, and looks with a fresh eye: every file that lies under its final name can be opened and is whole (archives and
documents by their checksums, PDFs by their pages, PNGs to the last part, packages by their manifest), and
``SHA256SUMS``, where it lies, is true. After the last kill the verb is let run, and must end well. POSIX only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from models.core.errors import UserError
from models.delivery import archive, paper_set

ROOT = Path(__file__).parents[1]
#: Words of the verbs; ``{out}`` is a folder.
VERBS: dict[str, tuple[str, ...]] = {
    "deliver": ("deliver", "{project}", "--out", "{out}", "--only", "{parts}", "--dpi", "60"),
    "package": ("package", "make", "{project}", "--out", "{out}/city.cjreview"),
    "unpack": ("package", "open", "{package}", "--out", "{out}/unpacked"),
    "atlas": ("atlas", "{project}", "--out", "{out}", "--by", "district", "--dpi", "60"),
    "report": ("report", "{project}", "--out", "{out}/report.docx", "--xlsx", "{out}/report.xlsx"),
    "video": ("video", "{project}", "--out", "{out}/video.mp4"),
}
_ARCHIVES = (".docx", ".xlsx", ".pptx", ".bcf", ".kmz", ".zip", ".3tz")


def faults(folder: Path) -> list[str]:
    """Return what lies in a folder under a final name and is not whole."""
    wrong = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        if reason := _fault(path):
            wrong.append(f"{inside}: {reason}")
    sums = folder / paper_set.SUMS
    for line in sums.read_text(encoding="utf-8").splitlines() if sums.exists() else ():
        digest, _, name = line.partition("  ")
        named = folder / name
        if not named.is_file() or hashlib.sha256(named.read_bytes()).hexdigest() != digest:
            wrong.append(f"{paper_set.SUMS}: {name} is another")
    return wrong


def _fault(path: Path) -> str:
    """Return why a file is not whole, empty where it is."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".cjreview":
            found = archive.differences(path)[1]
            return ", ".join(f"{one.name} {one.what}" for one in found)
        if suffix in _ARCHIVES:
            with zipfile.ZipFile(path) as held:
                return held.testzip() or ""
        if suffix == ".pdf":
            import pikepdf

            with pikepdf.open(path) as pages:
                return "" if len(pages.pages) else "no pages"
        if suffix in (".png", ".jpg"):
            from PIL import Image

            with Image.open(path) as picture:
                picture.load()
        if suffix == ".json":
            import json

            json.loads(path.read_text(encoding="utf-8"))
        if suffix == ".mp4":
            raw = path.read_bytes()
            return "" if b"moov" in raw and b"mdat" in raw else "no index of frames"
    except (UserError, OSError, ValueError, zipfile.BadZipFile) as error:
        return f"{type(error).__name__} {error}"
    except Exception as error:  # whatever a library says of a broken file
        return f"{type(error).__name__} {error}"
    return "" if path.stat().st_size else "empty"


def children_of(pid: int) -> list[int]:
    """Return the processes below one, itself last."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if parent == pid:
                found += children_of(int(entry.name))
    return [*found, pid]


def started(words: list[str], home: Path) -> subprocess.Popen[bytes]:
    """Start a verb in a home of its own."""
    return subprocess.Popen(
        [sys.executable, "main.py", "--lang", "en", *words], cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, env=os.environ | {"CHENGJING_HOME": str(home)},
    )  # fmt: skip


def killed(words: list[str], home: Path, after_s: float, *, only_first: bool) -> bool:
    """Start a verb, kill it, alone or with all below it, and return whether it had ended before."""
    with started(words, home) as child:
        try:
            child.wait(after_s)
        except subprocess.TimeoutExpired:
            for pid in [child.pid] if only_first else children_of(child.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            child.wait()
            return False
        return True


def run(
    what: str, project: Path, rounds: int, longest_s: float, parts: str, seed: int
) -> tuple[Counter[str], list[str]]:
    """Kill one verb so often, then let it end; return figures and everything that went wrong."""
    chance, figures, wrong = random.Random(f"{what}{seed}"), Counter[str](), []
    with tempfile.TemporaryDirectory(prefix="chengjing_kills_") as name:
        folder, home = Path(name) / "out", Path(name) / "home"
        folder.mkdir()
        package = Path(name) / "made.cjreview"
        if what == "unpack":
            with started(["package", "make", str(project), "--out", str(package)], home) as child:
                child.communicate()
        fill = {"project": str(project), "out": str(folder), "parts": parts, "package": str(package)}
        words = [one.format(**fill) for one in VERBS[what]]
        for number in range(rounds):
            ended = killed(words, home, chance.uniform(0.5, longest_s), only_first=bool(number % 2))
            figures["ended before the kill" if ended else "killed"] += 1
            if number % 2:
                time.sleep(1.0)  # children notice that their parent is gone
            figures["whole files seen"] += sum(path.is_file() for path in folder.rglob("[!.]*"))
            wrong += [f"{what}, round {number}: {one}" for one in faults(folder)]
            if ended and what == "unpack":
                break
        if what == "unpack" and (folder / "unpacked").exists():
            return figures, wrong
        with started(words, home) as child:
            _, said = child.communicate()
            if child.returncode:
                wrong.append(f"{what} did not end well: {said.decode(errors='replace')[-400:]}")
        wrong += [f"{what}, at the end: {one}" for one in faults(folder)]
        left = [str(path) for path in folder.rglob(".*") if time.time() - path.stat().st_mtime > 600]
        wrong += [f"{what} left {one}" for one in left]
    return figures, wrong


def main() -> int:
    """Kill and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("--what", default="deliver,package,unpack")
    parser.add_argument("--parts", default="lists,package", help="of deliver")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--longest-s", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    bad = 0
    for what in arguments.what.split(","):
        figures, wrong = run(
            what, arguments.project.resolve(), arguments.rounds, arguments.longest_s, arguments.parts, arguments.seed
        )
        print(f"{what}: {', '.join(f'{count} {name}' for name, count in figures.items())}", flush=True)
        print(
            "\n".join(f"  {one}" for one in wrong) or "  nothing half-written looked whole; it ended well", flush=True
        )
        bad += len(wrong)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
