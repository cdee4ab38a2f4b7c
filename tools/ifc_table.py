"""Open every IFC file of a folder as the window does and write what came of it as a Markdown table.

    python tools/ifc_table.py FOLDER [--out table.md] [--budget SECONDS] [--only TEXT]

Columns: first picture and final geometry in seconds, counted from asking; elements of the table, with and without
geometry; those with approximate geometry; cautions by code. A file that is refused stands there with its error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.background.ingest import begin
from app.background.workers import Workers
from models.core.errors import UserError
from models.core.progress import Progress
from models.io.request import ReadRequest
from models.layers.layer import ModelData
from models.store.cache import GeometryCache

HEAD = "| file | MB | first, s | final, s | elements | with geometry | without | approximate | cautions |"


def row_of(path: Path, cache: GeometryCache, workers: Workers, budget_s: float) -> str:
    """Open one file and return its row."""
    options = {"budget_s": str(budget_s)} if budget_s else {}
    start = time.monotonic()
    first = ""
    try:
        opened, rest = begin(path, ReadRequest(options=options), cache, Progress(), workers)
        if opened and rest is not None:
            first = f"{time.monotonic() - start:.2f}"
        if rest is not None:
            opened = rest.finish(Progress())
        final = time.monotonic() - start
        data = opened[0].data
    except UserError as error:
        return f"| {path.name} | {_mb(path)} | – | {time.monotonic() - start:.2f} | refused: {error} | | | | |"
    except Exception as error:  # a fault of ours is a row too, and the table goes on
        return f"| {path.name} | {_mb(path)} | – | {time.monotonic() - start:.2f} | FAULT: {error!r} | | | | |"
    if not isinstance(data, ModelData):
        return f"| {path.name} | {_mb(path)} | – | {final:.2f} | no model | | | | |"
    shown = int(data.elements["has_geometry"].sum())
    said = Counter(caution.code for caution in data.cautions)
    numbers = {caution.code: caution.facts.get("count") for caution in data.cautions}
    cautions = ", ".join(code + (f" {numbers[code]}" if numbers[code] else "") for code in said)
    return (
        f"| {path.name} | {_mb(path)} | {first or '–'} | {final:.2f} | {len(data.elements)} | {shown} | "
        f"{len(data.elements) - shown} | {len(data.info['approximate'])} | {cautions} |"
    )


def main() -> int:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--budget", type=float, default=0.0)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    files = sorted(path for path in arguments.folder.rglob("*") if path.suffix.lower() in (".ifc", ".ifczip"))
    lines = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    sys.stdout.write("\n".join(lines) + "\n")
    workers = Workers()
    workers.warm_up()
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            if arguments.only.lower() in path.name.lower():
                lines.append(row_of(path, GeometryCache(Path(folder)), workers, arguments.budget))
                sys.stdout.write(lines[-1] + "\n")
                sys.stdout.flush()
                time.sleep(1.0)  # until the next spare child has warmed up
    workers.close()
    if arguments.out:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


def _mb(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.2f}"


if __name__ == "__main__":
    sys.exit(main())
