"""3D Tiles: a tileset, and a tile by itself."""

from __future__ import annotations

import re
from pathlib import Path

from models.io.common.dependent_files import PICTURES
from models.io.format import Format, Writer

_SHAPES = (".glb", ".gltf", ".bin")


def is_tileset(head: bytes, path: Path) -> bool:
    """Whether it is the JSON of a tileset: an asset, a geometric error and a root."""
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return False
    names = [re.search(rb'"%b"\s*:' % name, head) is not None for name in (b"asset", b"geometricError", b"root")]
    return sum(names) >= 2 and names[1] and b'"CityObjects"' not in head


def is_tile(head: bytes, path: Path) -> bool:
    """Whether it begins with the signature of a tile of 3D Tiles 1.0."""
    return head[:4] in (b"b3dm", b"i3dm", b"cmpt")


FORMATS = (
    Format(
        "tiles3d",
        (".tileset.json",),
        ("model",),
        "models.io.tiles3d.reader:read",
        is_tileset,
        version=2,
        # A name without an ending is a tile of an implicit tree.
        dependents=(*PICTURES, *_SHAPES, ".json", ".b3dm", ".i3dm", ".pnts", ".cmpt", ".subtree", ".subt", ""),
    ),
    Format(
        "tile",
        (".b3dm", ".i3dm", ".cmpt"),
        ("model",),
        "models.io.tiles3d.reader:read_tile",
        is_tile,
        version=2,
        dependents=(*PICTURES, *_SHAPES),
    ),
)
WRITERS = (
    Writer(
        ".tileset.json",
        "solids",
        {"model": 3, "footprints": 9},
        "models.io.mesh.write_gltf:write_tileset",
        has_fixed_crs=True,
    ),
)
