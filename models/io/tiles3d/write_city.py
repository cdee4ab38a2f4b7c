"""The city as it is seen as 3D Tiles 1.1, and as one binary glTF.

Invariants
----------
1. A tileset stands on the ellipsoid: every point is carried there by itself and told in the east-north-up frame of the
   city's origin, which the root's transform lays on the earth (EPSG:4978).
2. Heights are written as they are, plus what a person states as the height of the geoid: without it they are heights
   above the vertical datum that stand where ellipsoidal heights do, and ``asset.extras`` says so.
3. One tile is in memory at a time.

Source: OGC 22-025r4 (3D Tiles 1.1)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from models.core.errors import UserError
from models.core.progress import Progress
from models.geometry.styled import Floats, Styled, StyledCity
from models.io.mesh.glb import MOST_BYTES, Binary, packed, packed_chunks, packed_size
from models.io.mesh.styled_glb import Box, StyledGlb, embedded
from models.io.mesh.write_gltf import box_of, on_earth
from models.io.tiles3d.size_tree import Node, size_tree
from models.store.atomic import replacing
from models.store.whole_files import of_bytes

TILES, TEXTURES = "tiles", "textures"


def write_city_tiles(folder: Path, city: StyledCity, progress: Progress, geoid_m: float | None = None) -> int:
    """Write ``tileset.json``, ``tiles/`` and ``textures/`` into a folder that is empty.

    Parameters
    ----------
    folder : Path
    city : StyledCity
    progress : Progress
    geoid_m : float or None
        Height of the vertical datum's zero above the ellipsoid here, metres; None where nobody said.

    Returns
    -------
    int
        Number of tiles.

    Raises
    ------
    UserError
        ``export.nothing`` for a city of which nothing is seen.
    """
    writing = _Tiles(folder, city, progress, geoid_m)
    return writing.write()


def write_city_glb(path: Path, city: StyledCity, progress: Progress) -> None:
    """Write the whole city as one .glb in metres from the city's origin, y up.

    Raises
    ------
    UserError
        ``export.nothing``; ``handover.glb_too_large`` where it would be more than the format can hold; and those of
        writing files.
    """
    tree, first = _tree(city)
    glb = StyledGlb(city.tables, lambda points: points, embedded)
    for done, node in enumerate(_all(tree), start=1):
        progress.step(0.8 * done / tree.count, "progress.writing")
        glb.add(_pieces(city, node, first), str(done))
    place = {
        "crs": city.crs, "vertical_datum": city.vertical, "origin_easting_northing_height_m": list(city.origin),
        "axes": "x east, y up, z south",
    }  # fmt: skip
    document, binary = glb.document({"place": place, "synthetic": city.synthetic, **city.about})
    if not document["nodes"]:
        raise UserError("export.nothing", file=path.name)
    count = packed_size(document, binary)
    if count > MOST_BYTES:
        raise UserError("handover.glb_too_large", file=path.name, gigabytes=round(count / 1e9, 1))
    with replacing(path, of_bytes(count)) as fresh, fresh.open("wb") as stream:
        for chunk in packed_chunks(document, binary):
            progress.step(0.9, "progress.writing")
            stream.write(chunk)
    progress.step(1.0, "progress.writing")


class _Tiles:
    def __init__(self, folder: Path, city: StyledCity, progress: Progress, geoid_m: float | None) -> None:
        self._folder, self._city, self._progress, self._geoid_m = folder, city, progress, geoid_m
        self._origin = np.asarray(city.origin, dtype=np.float64)
        self._count, self._total = 0, 1
        self._first: list[int] = []
        #: Where the tileset's frame stands: heights are ellipsoidal as far as anybody said.
        self._stand: Floats = self._origin + np.array([0.0, 0.0, geoid_m or 0.0])
        self._matrix, _ = on_earth(city.crs, self._stand, np.zeros((0, 3)))

    def write(self) -> int:
        tree, self._first = _tree(self._city)
        self._total = tree.count
        (self._folder / TILES).mkdir(parents=True, exist_ok=True)
        made = self._tile(tree)
        if made is None:
            raise UserError("export.nothing", file="tileset.json")
        root, box = made
        root["transform"] = self._matrix.T.ravel().tolist()
        whole = float(np.linalg.norm(box.high - box.low))
        root["geometricError"] = min(float(root["geometricError"]), whole)
        city = self._city
        heights = "as in the project, above its vertical datum; the geoid is not taken into account"
        if self._geoid_m is not None:
            heights = f"ellipsoidal: heights of the project plus {self._geoid_m:g} m of the geoid"
        document = {
            "asset": {
                "version": "1.1",
                "extras": {
                    "name": city.name, "crs": city.crs, "vertical_datum": city.vertical, "heights": heights,
                    "geoid_height_m": self._geoid_m, "origin_easting_northing_height_m": list(city.origin),
                    "synthetic": city.synthetic, **city.about,
                },
            },
            "geometricError": whole, "root": root,
        }  # fmt: skip
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        (self._folder / "tileset.json").write_text(text, encoding="utf-8")
        self._progress.step(1.0, "progress.writing")
        return self._count

    def _tile(self, node: Node) -> tuple[dict[str, Any], Box] | None:
        """Write a tile and those below it; return its entry and a box around all of them."""
        self._progress.step(0.95 * self._count / max(self._total, 1), "progress.writing")
        number = self._count
        self._count += 1
        glb = StyledGlb(self._city.tables, self._placed, self._beside)
        box = glb.add(_pieces(self._city, node, self._first))
        entry: dict[str, Any] = {}
        if box is not None:
            name = f"{TILES}/{number}.glb"
            document, binary = glb.document({"synthetic": self._city.synthetic})
            (self._folder / name).write_bytes(packed(document, binary))
            entry["content"] = {"uri": name, "boundingVolume": {"box": box_of(box.low, box.high)}}
        children = [made for made in map(self._tile, node.children) if made is not None]
        for _, inner in children:
            box = inner if box is None else box.joined(inner)
        if box is None:
            return None
        made: dict[str, Any] = {
            "boundingVolume": {"box": box_of(box.low, box.high)}, "geometricError": node.error_m if children else 0.0,
            "refine": "ADD", **entry,
        }  # fmt: skip
        if children:
            made["children"] = [child for child, _ in children]
        return made, box

    def _placed(self, points: Floats) -> Floats:
        return on_earth(self._city.crs, self._stand, points + self._stand)[1]

    def _beside(self, binary: Binary, content: bytes, name: str) -> dict[str, Any]:
        """Put a texture beside the tiles, once for all that use it."""
        file = self._folder / TEXTURES / name
        file.parent.mkdir(exist_ok=True)
        if not file.exists():
            file.write_bytes(content)
        return {"uri": f"../{TEXTURES}/{name}"}


def _tree(city: StyledCity) -> tuple[Node, list[int]]:
    """Return the tiles, and the number of the first thing of each lot."""
    names = ("x", "y", "size_m", "weight")
    x, y, size_m, weight = (
        np.concatenate([np.zeros(0), *(getattr(lot, name) for lot in city.lots)]) for name in names
    )  # fmt: skip
    first = np.cumsum([0, *(len(lot.x) for lot in city.lots)]).tolist()
    return size_tree(x, y, size_m, weight), first


def _pieces(city: StyledCity, node: Node, first: list[int]) -> list[Styled]:
    rows = np.sort(node.rows)
    found: list[Styled] = []
    for lot, low, high in zip(city.lots, first, first[1:], strict=False):
        own = rows[np.searchsorted(rows, low) : np.searchsorted(rows, high)] - low
        if len(own):
            found += lot.make(own)
    return found


def _all(node: Node) -> list[Node]:
    return [node, *(one for child in node.children for one in _all(child))]
