"""Places that several real files show: opened together in one project, they must lie on each other.

    python tools/place_neighbours.py [DATA] [--out table.md]

Each row opens its files one after another in one session, as a person would, and measures in the project's frame what
must hold of neighbours: the same vertices in two formats, manholes on their mains, scanned roofs on registered
buildings, borders in GCJ-02 on communities in WGS 84 once the CRS doctor has moved them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.background.jobs import Jobs  # noqa: E402
from app.session import Session  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.usecases.crs import crs_doctor  # noqa: E402
from app.usecases.project.opening import open_files  # noqa: E402
from models.crs.frame import Frame  # noqa: E402
from models.layers.layer import CloudData, LayerData, RasterData, VectorData  # noqa: E402
from tools.place_table import DATA, distances, given_crs, world_points  # noqa: E402

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Layers of several files in one frame.

    Parameters
    ----------
    frame : Frame
    data : dict of str to list of LayerData
        By file name.
    codes : dict of str to str
        What the CRS doctor says and did, by file name.
    """

    frame: Frame
    data: dict[str, list[LayerData]]
    codes: dict[str, str]

    def points(self, name: str) -> Array:
        """Return the points of a file in the frame, (n, 3)."""
        return np.concatenate([points for data in self.data[name] for points in world_points(data, self.frame)])

    def shapes(self, name: str) -> NDArray[np.object_]:
        """Return the shapes of a file of features in the frame."""
        from viewers.render.palette.context import PrepareContext

        context = PrepareContext(self.frame, None)  # type: ignore[arg-type]
        held = [data for data in self.data[name] if isinstance(data, VectorData)]
        return np.concatenate([context.local_frame(data).geometry.to_numpy() for data in held])


def opened(folder: Path, names: list[str], cache: Path, *, agreeing: bool = False) -> Place:
    """Open files one after another in one session; ``agreeing`` does what the doctor proposes of the last one."""
    session = Session(Settings(None), Jobs(inline=True), lang="en", cache_root=cache)
    try:
        by_name: dict[str, list[str]] = {}
        for name in names:
            known = {layer.id for layer in session.project.state.layers}
            open_files(session, [folder / name], given_crs(folder / name))
            by_name[name] = [layer.id for layer in session.project.state.layers if layer.id not in known]
        layers = {layer.id: layer for layer in session.project.state.layers}
        data = {name: [session.project.data_of(one) for one in ids] for name, ids in by_name.items()}
        said = {name: layers[ids[0]].verdict for name, ids in by_name.items()}
        if agreeing:
            crs_doctor.accept(session, by_name[names[-1]][0])
            data[names[-1]] = [session.project.data_of(one) for one in by_name[names[-1]]]
        frame = session.project.state.frame
        assert frame is not None  # noqa: S101 - something with a place was opened
        return Place(frame, data, {name: f"{one.code} {one.done}" if one else "—" for name, one in said.items()})
    finally:
        session.close()


def overlap(one: Array, other: Array) -> tuple[float, float]:
    """Return intersection over union of two sets' boxes in plan, and the share of the first box inside the second."""
    a, b = (shapely.box(*np.nanmin(p[:, :2], axis=0), *np.nanmax(p[:, :2], axis=0)) for p in (one, other))
    both = a.intersection(b).area
    return both / a.union(b).area, both / a.area


def near_m(points: Array, shapes: NDArray[np.object_]) -> Array:
    """Return the distance from each point to the nearest shape, metres."""
    tree = shapely.STRtree(shapes)
    (asked, _), found = tree.query_nearest(shapely.points(points[:, :2]), return_distance=True, all_matches=False)
    result = np.full(len(points), np.nan)
    result[asked] = found
    return result


# --- the places -------------------------------------------------------------------------------------------------------


def delft(folder: Path, cache: Path) -> dict[str, float | str]:
    """AHN3 scan, BGT register, CityJSON and OBJ of one quarter."""
    home = "scenes/scene_delft_3dfier/"
    scan, pand = home + "ahn3/ahn3_cropped_1.laz", home + "bgt/bgt_pand.sqlite"
    city, mesh, other = home + "output/testarea.json", home + "output/testarea.obj", "city3d/cjio/delft.json"
    place = opened(folder, [pand, scan, city, mesh, other], cache)
    (cloud,) = place.data[scan]
    assert isinstance(cloud, CloudData)  # noqa: S101
    assert cloud.classes is not None  # noqa: S101
    firm = np.isin(cloud.classes, (2, 6))  # ground and buildings; the rest may be anywhere
    points, is_roof = place.points(scan)[firm], np.asarray(cloud.classes)[firm] == 6
    houses, solid = shapely.union_all(place.shapes(pand)), place.points(city)
    inner = houses.buffer(-1.0)
    shapely.prepare(inner)
    inside, beside = (shapely.contains_xy(inner, points[:, 0] - shift, points[:, 1]) for shift in (0.0, 20.0))
    return {
        "box of OBJ against CityJSON, mm": _boxes_apart_mm(place.points(mesh), solid),
        "box of CityJSON 2.0 against 1.x, mm": _boxes_apart_mm(place.points(other), solid),
        "corners of the register's buildings on the CityJSON, median mm":
            1000.0 * float(np.median(_nearest(shapely.get_coordinates(place.shapes(pand)), solid))),
        "scan inside the register's buildings that is roof, %": 100.0 * float(is_roof[inside].mean()),
        "the same with the register moved 20 m to the east, %": 100.0 * float(is_roof[beside].mean()),
        "box of the scan in the box of the model, %": 100.0 * overlap(points, solid)[1],
        "boxes of CityJSON and OBJ, IoU": overlap(solid, place.points(mesh))[0],
    }  # fmt: skip


def brienenoord(folder: Path, cache: Path) -> dict[str, float | str]:
    """One bridge as Shapefile (POLYGONZ), GeoPackage, CityJSON and OBJ."""
    home = "scenes/scene_brienenoord/"
    shp = sorted((folder / home / "POLYGONZ").glob("*.shp"))
    names = [str(path.relative_to(folder)) for path in shp]
    place = opened(folder, [home + "export.gpkg", home + "export.json", home + "export.obj", *names], cache)
    package = place.points(home + "export.gpkg")
    shapes = np.concatenate([place.points(name) for name in names])
    return {
        "Shapefiles against GeoPackage, mm": distances(shapes, package)[0],
        "CityJSON against GeoPackage, mm": distances(place.points(home + "export.json"), package)[0],
        "OBJ against GeoPackage, mm": distances(place.points(home + "export.obj"), package)[0],
        "boxes of GeoPackage and CityJSON, IoU": overlap(package, place.points(home + "export.json"))[0],
    }


def eindhoven(folder: Path, cache: Path) -> dict[str, float | str]:
    """Poles, trees, parcels and zoning of one quarter."""
    names = [f"scenes/eindhoven_s1_{name}_rd.geojson" for name in
             ("bgt-paal", "bgt-vegetatieobject", "brk-perceel", "ruimtelijkeplannen-enkelbestemming")]  # fmt: skip
    poles, trees, parcels, zones = names
    place = opened(folder, names, cache)
    result: dict[str, float | str] = {}
    for name, what in ((parcels, "parcels"), (zones, "zones")):
        for points, which in ((poles, "poles"), (trees, "trees")):
            away = near_m(place.points(points), place.shapes(name))
            result[f"{which} inside {what}, %"] = 100.0 * float((away < 0.01).mean())
    result["boxes of poles and trees, IoU"] = overlap(place.points(poles), place.points(trees))[0]
    result["boxes of parcels and zones, IoU"] = overlap(place.points(parcels), place.points(zones))[0]
    return result


def sewers(folder: Path, cache: Path) -> dict[str, float | str]:
    """Manholes lie on the mains of their town."""
    result: dict[str, float | str] = {}
    for town, mains in (("kamloops", ("mains",)), ("esquimalt", ("mains",)), ("regina", ("storm_pipes",)),
                        ("moncton", ("combined_mains", "sanitary_mains", "storm_mains")),
                        ("surrey", ("storm_pipes",))):  # fmt: skip
        home = f"networks/sewers/{town}/"
        lines, nodes = [home + f"{name}.geojson" for name in mains], home + "manholes.geojson"
        place = opened(folder, [*lines, nodes], cache)
        away = near_m(place.points(nodes), np.concatenate([place.shapes(name) for name in lines]))
        result[f"{town}: manholes to mains, median m"] = float(np.nanmedian(away))
        result[f"{town}: manholes within 1 m, %"] = 100.0 * float((away < 1.0).mean())
    return result


def kentucky(folder: Path, cache: Path) -> dict[str, float | str]:
    """Water mains in a CRS of feet, with the heights of a raster in the same CRS."""
    home = "networks/epanet/"
    names = [home + "ky4_pipes.geojson", home + "ky4_junctions.geojson", home + "ky4_elevation.tif"]
    place = opened(folder, names, cache)
    away = near_m(place.points(names[1]), place.shapes(names[0]))
    raster = place.data[names[2]][0]
    assert isinstance(raster, RasterData)  # noqa: S101
    return {
        "frame": place.frame.label,
        "junctions to pipes, largest mm": 1000.0 * float(away.max()),
        "box of junctions in the raster, %": 100.0 * overlap(place.points(names[1]), place.points(names[2]))[1],
    }


def ningbo(folder: Path, cache: Path) -> dict[str, float | str]:
    """Borders in GCJ-02 beside communities in WGS 84: moved as the doctor proposes, and where they lay before."""
    first, second = "cn/ningbo/communities_shequ.geojson", "cn/admin_datav/330200_full.json"
    place = opened(folder, [first, second], cache, agreeing=True)
    alone = opened(folder, [second], cache)
    across = Transformer.from_crs(alone.frame.horizontal, place.frame.horizontal, always_xy=True)
    borders, before = place.points(second)[:, :2], np.column_stack(across.transform(*alone.points(second)[:, :2].T))
    inside = shapely.union_all(shapely.make_valid(place.shapes(second)))
    parts = shapely.make_valid(place.shapes(first))
    held = float(shapely.area(shapely.intersection(parts, inside)).sum() / shapely.area(parts).sum())
    return {
        "doctor on the borders": place.codes[second],
        "borders moved, median m": float(np.median(np.hypot(*(borders - before).T))),
        "communities' area inside the borders, %": 100.0 * held,
    }


def _boxes_apart_mm(one: Array, other: Array) -> float:
    """Return the largest difference between the sides of two boxes in plan."""
    ends = [np.concatenate([p[:, :2].min(axis=0), p[:, :2].max(axis=0)]) for p in (one, other)]
    return 1000.0 * float(np.abs(ends[0] - ends[1]).max())


def _nearest(points: Array, others: Array) -> Array:
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(others[:, :2]).query(points[:, :2])[0])


PLACES: dict[str, Callable[[Path, Path], dict[str, float | str]]] = {
    "Delft": delft, "Van Brienenoordbrug": brienenoord, "Eindhoven": eindhoven, "Canadian sewers": sewers,
    "Kentucky": kentucky, "Ningbo": ningbo,
}  # fmt: skip


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    lines = ["| place | what | figure |", "| --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as cache:
        for name, measure in PLACES.items():
            if arguments.only not in name:
                continue
            for what, value in measure(arguments.data.resolve(), Path(cache)).items():
                lines.append(f"| {name} | {what} | {value if isinstance(value, str) else f'{value:.3f}'} |")
                print(lines[-1], file=sys.stderr, flush=True)
    text = "\n".join(lines) + "\n"
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
