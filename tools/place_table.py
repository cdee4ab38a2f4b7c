"""Open every file of some folders as a person would and say how far it lands from where a second reading puts it.

    python tools/place_table.py [FOLDER…] [--out table.md] [--only TEXT]

Each file is opened alone in a fresh session (child process, empty cache in a temporary folder, CRS doctor). Its points
go through the project's frame, as the scene has them, to longitude and latitude, and are compared with what
:mod:`tools.second_source` reads from the same file and pyproj puts straight into EPSG:4326. The distance is the largest
between a point of ours and the nearest of theirs; *of theirs found* is how many of their points have one of ours within
a millimetre. Files without a CRS are given the one that a person would give (``GIVEN``); files of which nobody knows
where they stand are compared by shape alone, corner on corner.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.background.jobs import Jobs  # noqa: E402
from app.session import Session  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.usecases.project.opening import open_files  # noqa: E402
from app.usecases.project.project_frame import LOCAL_CRS  # noqa: E402
from models.core.errors import UserError  # noqa: E402
from models.crs.frame import Frame, crs_label, transformer  # noqa: E402
from models.io.registry import companions, find_format  # noqa: E402
from models.io.vector.probe import is_geodatabase  # noqa: E402
from models.layers.layer import CloudData, LayerData, ModelData, RasterData, VectorData  # noqa: E402
from tools.second_source import CORNERS, Second, second, straight  # noqa: E402

Array = NDArray[np.float64]
DATA = ROOT.parent / "shared" / "data"
#: What a person says of files that do not say it: pattern of the path, CRS.
GIVEN = (
    ("*/cn/shapefiles/sz.shp", "EPSG:4326"), ("*/cn/shapefiles/metroline2.shp", "EPSG:4326"),
    ("*/scenes/*.obj", "EPSG:28992"), ("*.laz", "EPSG:7415"),
    ("*/cjio/DH_01*", "EPSG:28992"), ("*/cjio/multi_lod*", "EPSG:28992"), ("*/cjio/rotterdam*", "EPSG:28992"),
    ("*/cjdb/vienna*", "EPSG:31256"),
)  # fmt: skip
#: Words about the data, parts of other files, and settings of other programs: never opened by anybody as a layer.
LEFT_OUT = ("*.md", "*.ifc", "*.ifczip", "*.ifcxml", "*.ifcx", "*.mtl", "*.yml", "*.qgs", "*license*", "*.sbn", "*.sbx",
            "*.cpg", "*.aux.xml", "*.subtree", "*/*_appearance/*", "*/content/content_*", "*/tree-*.glb")  # fmt: skip
HEADS = ("file", "reader", "layers", "objects", "CRS", "doctor", "second source", "off by mm", "of theirs found",
         "cautions", "s")  # fmt: skip
#: Rasters wider than this fit into no plane.
WIDE_DEG = 90.0
#: So many points of ours are compared.
MOST = 60_000


@dataclass(slots=True)
class Row:
    """What came of one file; ``off_mm`` is NaN where there is nothing to compare."""

    file: str
    reader: str = "—"
    layers: int = 0
    objects: int = 0
    crs: str = "—"
    doctor: str = "—"
    how: str = "—"
    off_mm: float = np.nan
    found: float = np.nan
    refused: str = ""
    cautions: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def cells(self) -> list[str]:
        """Return the row as texts under ``HEADS``."""
        off = "—" if np.isnan(self.off_mm) else f"{self.off_mm:.3f}"
        found = "—" if np.isnan(self.found) else f"{100 * self.found:.1f} %"
        said = f"**{self.refused}**" if self.refused else ", ".join(
            f"{code} × {count}" if count > 1 else code for code, count in self.cautions.items()
        )  # fmt: skip
        return [self.file, self.reader, str(self.layers), str(self.objects), self.crs, self.doctor, self.how, off,
                found, said, f"{self.seconds:.1f}"]  # fmt: skip


def files_in(folder: Path) -> list[Path]:
    """Return every file of a folder that somebody could want to open: not what only helps another."""
    entries = [folder] if folder.is_file() else sorted(folder.rglob("*"))
    files = [entry for entry in entries if entry.is_file() or is_geodatabase(entry)]
    helping = {other for entry in files for other in companions(entry)}
    return [
        entry for entry in files
        if entry not in helping and not any(fnmatch(str(entry).lower(), pattern) for pattern in LEFT_OUT)
        and not (entry.suffix.lower() == ".dbf" and entry.with_suffix(".shp").exists())
    ]  # fmt: skip


def given_crs(path: Path) -> str:
    """Return the CRS that a person gives, empty where the file says it."""
    return next((crs for pattern, crs in GIVEN if fnmatch(str(path), pattern)), "")


def row_of(path: Path, cache: Path, name: str = "") -> Row:
    """Open a file and compare it."""
    row, crs = Row(name or path.name), given_crs(path)
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=cache)
    started = time.perf_counter()
    try:
        open_files(session, [path], crs)
        row.reader = "—" if is_geodatabase(path) else find_format(path).id
    except UserError as error:
        row.refused = error.code
    except Exception as error:  # a table of many files says which one failed, and goes on
        row.refused = f"fault: {str(error).splitlines()[-1]}"
    finally:
        row.seconds = time.perf_counter() - started
        session.close()
    if not row.refused:
        _fill(row, session)
        _compare(row, session, second(path, crs))
    return row


def _fill(row: Row, session: Session) -> None:
    layers = session.project.state.layers
    held = [session.project.data_of(layer.id) for layer in layers]
    row.layers = len(layers)
    row.objects = sum(_count(data) for data in held)
    row.crs = ", ".join(dict.fromkeys(_label(data.crs) for data in held))
    verdicts = [layer.verdict for layer in layers if layer.verdict is not None]
    row.doctor = ", ".join(dict.fromkeys(f"{one.code} {one.sure:.2f} {one.done}" for one in verdicts[:3])) or "—"
    row.cautions = Counter(caution.code for data in held for caution in data.cautions)


def _label(crs: str) -> str:
    return "—" if not crs else "local" if crs == LOCAL_CRS else crs_label(crs)


def _count(data: LayerData) -> int:
    if isinstance(data, VectorData):
        return data.count
    if isinstance(data, RasterData):
        return int(np.prod(data.values.shape[:2]))
    return len(data.elements) if isinstance(data, ModelData) else len(data.points)


def _compare(row: Row, session: Session, other: Second | None) -> None:
    frame = session.project.state.frame
    if other is None or frame is None:
        row.how = "no coordinates" if other is None else "—"
        return
    held = [session.project.data_of(layer.id) for layer in session.project.state.layers]
    mine = np.concatenate([points for data in held for points in world_points(data, frame)])
    row.how = other.how
    if other.crs and isinstance(held[0], RasterData) and np.ptp(other.lonlat()[:, 0]) > WIDE_DEG:
        ours, theirs = metres(straight(_corners(held[0]), held[0].crs), other.lonlat())
        row.how += ", in its own CRS"  # no plane holds half the earth
    elif other.crs:
        ours, theirs = metres(straight(mine, frame.horizontal), other.lonlat())
    else:
        ours, theirs = mine - mine.min(axis=0), other.points - other.points.min(axis=0)
        row.how += ", shape alone"
    row.off_mm, row.found = distances(ours, theirs)


def world_points(data: LayerData, frame: Frame) -> Iterator[Array]:
    """Yield the points of a layer in the project's frame, (n, 3), as the scene has them before their origin goes."""
    from viewers.render.palette.context import PrepareContext

    if isinstance(data, VectorData):
        import shapely

        if data.crs:
            local = PrepareContext(frame, None).local_frame(data)  # type: ignore[arg-type]
            yield shapely.get_coordinates(local.geometry.to_numpy(), include_z=True)
        return
    if isinstance(data, RasterData):
        points = _corners(data)
    elif isinstance(data, CloudData):
        points = data.points.astype(np.float64) + data.offset
    else:
        store, found = data.meshes, []
        for mesh, matrix in zip(store.placement_mesh.tolist(), store.placement_matrix, strict=True):
            local = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(np.float64)
            found.append(local @ matrix[:3, :3].T + matrix[:3, 3])
        points = np.concatenate(found) @ data.placement[:3, :3].T + data.placement[:3, 3]
    if data.crs and crs_label(data.crs) != crs_label(frame.horizontal):
        x, y = transformer(data.crs, frame.horizontal).transform(points[:, 0], points[:, 1])
        points = np.column_stack([x, y, points[:, 2]])
    yield points


def _corners(data: RasterData) -> Array:
    a, b, c, d, e, f = data.transform
    rows, columns = data.values.shape[:2]
    cells = [(columns * i, rows * j) for i, j in CORNERS]
    return np.array([(a * i + b * j + c, d * i + e * j + f, np.nan) for i, j in cells])


def metres(ours: Array, theirs: Array) -> tuple[Array, Array]:
    """Return two sets of longitude, latitude, height as metres around the middle of the second."""
    from pyproj import Geod

    good = theirs[np.isfinite(theirs[:, :2]).all(axis=1)]
    if not len(good):
        return ours, theirs
    lon, lat = np.median(good[:, 0]), np.clip(np.median(good[:, 1]), -89.0, 89.0)
    geod = Geod(ellps="WGS84")
    east = geod.inv(lon, lat, lon + 1e-4, lat)[2] * 1e4
    north = geod.inv(lon, lat, lon, lat + 1e-4)[2] * 1e4
    factor = np.array([east, north, 1.0])
    middle = np.array([lon, lat, 0.0])
    return (ours - middle) * factor, (theirs - middle) * factor


def distances(ours: Array, theirs: Array) -> tuple[float, float]:
    """Return the largest distance from a point of ours to the nearest of theirs in mm, and the share of theirs found.

    Heights count where both have them.
    """
    from scipy.spatial import cKDTree

    ours, theirs = (points[np.isfinite(points[:, :2]).all(axis=1)] for points in (ours, theirs))
    if not len(ours) or not len(theirs):
        return np.nan, np.nan
    axes = 3 if np.isfinite(ours[:, 2]).all() and np.isfinite(theirs[:, 2]).all() else 2
    chance = np.random.default_rng(1)
    mine, yours = (
        points[chance.permutation(len(points))[:MOST], :axes] if len(points) > MOST else points[:, :axes]
        for points in (ours, theirs)
    )
    off = cKDTree(theirs[:, :axes]).query(mine)[0].max()
    found = (cKDTree(ours[:, :axes]).query(yours)[0] < 1e-3).mean()
    return 1000.0 * float(off), float(found)


def table(rows: list[Row]) -> str:
    """Return rows as a Markdown table."""
    lines = ["| " + " | ".join(HEADS) + " |", "|" + " --- |" * len(HEADS)]
    return "\n".join([*lines, *("| " + " | ".join(row.cells()) + " |" for row in rows)]) + "\n"


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[DATA])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as cache:
        for folder in arguments.folders:
            for path in files_in(folder.resolve()):
                name = str(path.relative_to(folder.resolve())) if folder.is_dir() else path.name
                if arguments.only in name:
                    rows.append(row_of(path, Path(cache), name))
                    print("| " + " | ".join(rows[-1].cells()) + " |", file=sys.stderr, flush=True)
    if arguments.out:
        arguments.out.write_text(table(rows), encoding="utf-8")
    else:
        print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
