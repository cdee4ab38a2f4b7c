"""A whole city's atlas, killed and taken up again: the communities of Ningbo × 2 indicators, A4 at 150 dots an inch.

The values are seeded numbers that nobody measured: project and layer say so (示例数据), and every sheet does. The run
is killed (SIGKILL, children included) at a random sheet, again and again, then let finish; afterwards every sheet must
be there once, whole, with the value of its own community, and no sheet may have been drawn twice.

    python -m benchmarks.atlas_ningbo [--kills 5] [--communities 401] [--out DIR] [--dpi 150] [--paper A4]

Needs ``../shared/data/cn/ningbo``; POSIX only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pikepdf
from shapely.geometry import MultiPolygon, Polygon

if TYPE_CHECKING:
    from models.layers.layer import Layer

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT.parent / "shared/data/cn/ningbo/communities_shequ.geojson"
CODES = ("HC25-12", "HC25-10")
SEED, CRS = 20251130, "EPSG:4549"


def make_project(project: Path, count: int) -> dict[str, dict[str, float]]:
    """Make the project and return the values by indicator and code of the community."""
    from app.background.jobs import Jobs
    from app.session import Session
    from app.settings import Settings
    from app.usecases.health import entering
    from app.usecases.layers import layers
    from app.usecases.project import opening
    from models.health.entered.values import EnteredValue

    read = gpd.read_file(SOURCE).to_crs(CRS).head(count)
    read.geometry = [
        shape if isinstance(shape, (Polygon, MultiPolygon)) else shape.buffer(0) for shape in read.geometry
    ]
    table = gpd.GeoDataFrame(
        {"code": [f"330200{k:06d}" for k in range(1, len(read) + 1)], "name": read["社区名称"].fillna("").astype(str)},
        geometry=read.geometry.force_2d(), crs=CRS,
    )  # fmt: skip
    source = project.with_name("communities.gpkg")
    table.to_file(source, layer="communities", driver="GPKG")
    session = Session(Settings(None), Jobs(inline=True), lang="zh", cache_root=project.parent / "cache")
    opening.open_files(session, [source])
    layer = session.project.state.layers[0]
    layers.set_role(session, layer.id, "communities")
    opening.rename_project(session, "宁波（示例数据）", "Ningbo (sample values)")
    session.history.do("history.role_layer", lambda state: state.with_layer(_synthetic(state.layer(layer.id))))
    chance = np.random.default_rng(SEED)
    values = {code: dict(zip(table["code"], chance.integers(0, 9, len(table)).tolist(), strict=True)) for code in CODES}
    entering.take(session, [
        EnteredValue(code, "community", unit, float(value), source="示例数据", grade="C")
        for code, row in values.items() for unit, value in row.items()
    ])  # fmt: skip
    opening.save_project(session, project)
    session.close()
    return values


def _synthetic(layer: Layer) -> Layer:
    return replace(layer, synthetic=True)


def main() -> int:
    """Make, kill, resume, check; print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--communities", type=int, default=401)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--paper", default="A4")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if not SOURCE.exists():
        print("no data of Ningbo here")
        return 1
    out = arguments.out or Path(tempfile.mkdtemp(prefix="ningbo_"))
    out.mkdir(parents=True, exist_ok=True)
    project, folder = out / "ningbo.gpkg", out / "atlas"
    values = make_project(project, arguments.communities)
    command = [
        sys.executable, "main.py", "--lang", "zh", "atlas", str(project), "--by", "community", "--indicators",
        ",".join(CODES), "--paper", arguments.paper, "--dpi", str(arguments.dpi), "--out", str(folder), "--workers",
        str(arguments.workers), "--json",
    ]  # fmt: skip
    env = {**os.environ, "CHENGJING_HOME": str(out / "home")}
    chance, begin = random.Random(arguments.seed), time.monotonic()
    total = len(CODES) * arguments.communities
    drawn_at: dict[str, int] = {}
    twice: set[str] = set()

    def note() -> int:
        files = [file for file in (folder / "pages").glob("[0-9]*.json") if not file.name.startswith(".")]
        for file in files:
            stamp = file.stat().st_mtime_ns
            if drawn_at.setdefault(file.name, stamp) != stamp:
                twice.add(file.name)
        return len(files)

    for kill in range(arguments.kills):
        wanted = chance.randrange(
            total * kill // (arguments.kills + 1) + 1, total * (kill + 1) // (arguments.kills + 1)
        )
        run = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
        while run.poll() is None and note() < wanted:
            time.sleep(0.1)
        if run.poll() is not None:
            print(f"the run ended by itself with {run.returncode} before kill {kill + 1}")
            return 1
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        print(f"kill {kill + 1} at {note()} of {total} sheets, {time.monotonic() - begin:.0f} s", flush=True)
    last = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
    note()
    if last.returncode:
        print(last.stderr[-2000:])
        return 1
    print(f"finished: {last.stdout.strip()}, {time.monotonic() - begin:.0f} s")
    return check(folder, values, total, twice)


def check(folder: Path, values: dict[str, dict[str, float]], total: int, twice: set[str]) -> int:
    """Look at what was made; return 0 where all is well."""
    listing = json.loads((folder / "pages.json").read_text(encoding="utf-8"))["pages"]
    wrong = [
        row["number"] for row in listing if not row["value"].startswith(f"{values[row['indicator']][row['code']]}")
    ]
    files = sorted(file.name for file in (folder / "pages").iterdir())
    with pikepdf.open(folder / "all.pdf") as book:
        pages, index = len(book.pages), len(book.pages) - total
    result = {
        "sheets": len(listing), "wanted": total, "pages of all.pdf": pages, "of them index": index,
        "drawn twice": len(twice), "wrong value": len(wrong), "hidden": sum(bool(row["hidden"]) for row in listing),
        "files": len(files), "half-written": sum(name.startswith(".") for name in files),
        "MB": round((folder / "all.pdf").stat().st_size / 1e6, 1),
        "MB of the sheets": round(sum((folder / row["file"]).stat().st_size for row in listing) / 1e6, 1),
    }  # fmt: skip
    print(json.dumps(result, ensure_ascii=False))
    sound = len(listing) == len({row["id"] for row in listing}) == total and len(files) == 2 * total
    return 0 if sound and not twice and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
