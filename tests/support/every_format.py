"""A small sound file of every format that opens, for the fuzzer and for tests of what holds for all of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tests.support import city_files, layer_files
from tests.support.io_models import write_model

CRS = layer_files.CRS
EAST, NORTH = layer_files.EAST, layer_files.NORTH


def write(folder: Path, name: str) -> Path:
    """Write the file of one format into a folder of its own and return it; ``name`` is its ending."""
    path = folder / f"buildings{name}"
    makers[name](path)
    return path


def _raster(driver: str, kind: str = "float32") -> Callable[[Path], None]:
    def make(path: Path) -> None:
        import rasterio
        import rasterio.shutil

        source = path.with_name("source.tif")
        values = np.arange(2304, dtype=np.float64).reshape(1, 48, 48) % 251
        about = {"width": 48, "height": 48, "count": 1, "dtype": kind, "crs": CRS}
        at = rasterio.Affine(2, 0, EAST, 0, -2, NORTH)
        with rasterio.open(source, "w", driver="GTiff", transform=at, compress="deflate", **about) as target:
            target.write(values.astype(kind))
        if driver == "GTiff":
            source.rename(path)
            return
        more = {"WORLDFILE": "YES"} if driver == "PNG" else {}
        rasterio.shutil.copy(source, path, driver=driver, **more)
        source.unlink()

    return make


def _cloud(path: Path) -> None:
    import laspy
    import pyproj

    header = laspy.LasHeader(point_format=7, version="1.4")
    header.offsets, header.scales = [EAST, NORTH, 0], [0.001] * 3
    header.add_crs(pyproj.CRS.from_user_input(CRS))
    chance = np.random.default_rng(3)
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = EAST + 100 * chance.random(600), NORTH + 80 * chance.random(600), chance.random(600)
    cloud.classification = chance.choice([2, 5, 6], 600)
    cloud.write(str(path))


def _ifczip(path: Path) -> None:
    inner = write_model(path.with_name("inner.ifc"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "model.ifc")
    inner.unlink()


def _cityjson(path: Path) -> None:
    corners = (city_files.box() * 1000).astype(int).tolist()
    solid = {"type": "Solid", "lod": "2.2", "boundaries": [[[face] for face in city_files.FACES]]}
    document = {
        "type": "CityJSON", "version": "2.0", "transform": {"scale": [0.001] * 3, "translate": [EAST, NORTH, 30.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/4548"},
        "CityObjects": {"a": {"type": "Building", "attributes": {"name": "图书馆"}, "geometry": [solid]}},
        "vertices": corners,
    }  # fmt: skip
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _citygml(path: Path) -> None:
    path.write_text(city_files.citygml("2.0", city_files.building_2(city_files.box())), encoding="utf-8")


def _gltf(path: Path) -> None:
    glb = city_files.box_glb()
    size = int.from_bytes(glb[12:16], "little")
    document = json.loads(glb[20 : 20 + size])
    document["buffers"][0]["uri"] = "box.bin"
    path.write_text(json.dumps(document))
    path.with_name("box.bin").write_bytes(glb[28 + size :])


def _obj(path: Path) -> None:
    Image.new("RGB", (8, 8), (200, 80, 30)).save(path.with_name("wall.png"))
    path.with_name("house.mtl").write_text("newmtl wall\nKd 0.8 0.7 0.6\nmap_Kd wall.png\n")
    corners = "".join(f"v {x} {y} {z}\n" for x, y, z in city_files.box().tolist())
    faces = "".join(f"f {' '.join(f'{at + 1}/1' for at in face)}\n" for face in city_files.FACES)
    path.write_text(f"mtllib house.mtl\n{corners}vt 0 0\no 房屋\nusemtl wall\n{faces}", encoding="utf-8")


def _tileset(path: Path) -> None:
    root = city_files.tile_json(
        "a.b3dm", 10.0, transform=city_files.earth_matrix(116.39, 39.91, 44.0).T.ravel().tolist(),
        children=[city_files.tile_json("b.pnts")],
    )  # fmt: skip
    city_files.tileset(
        path.parent, root, name=path.name, a_b3dm=city_files.b3dm(city_files.two_boxes_glb(), count=2),
        b_pnts=city_files.pnts(city_files.box().astype(np.float32)),
    )  # fmt: skip


def _b3dm(path: Path) -> None:
    path.write_bytes(city_files.b3dm(city_files.two_boxes_glb(), {"name": ["甲", "乙"]}, count=2))


def _rows(path: Path) -> None:
    rows = [{"id": n, "name": f"站点{n}", "lng": 117.02 + n / 1000, "lat": 36.66} for n in range(12)]
    path.write_text(json.dumps({"count": 12, "records": rows}, ensure_ascii=False), encoding="utf-8")


def _bcf(path: Path) -> None:
    from models.review.topics import Topic, TopicView, new_guid
    from models.views.camera import Camera
    from viewers.documents import bcf

    view = TopicView(new_guid(), Camera((10.0, -5.0, 8.0), (10.0, 5.0, 2.0), angle_deg=50.0), in_model=True, aspect=1.6)
    bcf.write([Topic(new_guid(), "净距不足", "2026-11-22T09:30:00+08:00", "李工", views=(view,))] * 2, path)


makers: dict[str, Callable[[Path], Any]] = {
    **layer_files.makers,
    ".rows.json": _rows, ".tif": _raster("GTiff"), ".asc": _raster("AAIGrid"), ".img": _raster("HFA"),
    ".png": _raster("PNG", "uint8"), ".nc": _raster("netCDF"), ".las": _cloud, ".laz": _cloud, ".ifc": write_model,
    ".ifczip": _ifczip, ".city.json": _cityjson, ".city.gml": _citygml, ".gltf": _gltf, ".obj": _obj,
    ".glb": lambda path: path.write_bytes(city_files.box_glb()), ".tileset.json": _tileset, ".b3dm": _b3dm,
    ".bcf": _bcf,
}  # fmt: skip
