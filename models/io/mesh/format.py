"""The mesh formats: glTF and Wavefront OBJ."""

from __future__ import annotations

import re
from pathlib import Path

from models.io.common.dependent_files import PICTURES
from models.io.format import Format, Writer


def is_gltf(head: bytes, path: Path) -> bool:
    """Whether it is a glTF, binary or JSON; a tileset has an asset too and is asked before."""
    if head[:4] == b"glTF":
        return True
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return False
    return re.search(rb'"asset"\s*:\s*\{[^{}]*"version"', head) is not None or (
        path.suffix.lower() == ".gltf" and re.search(rb'"(meshes|nodes|accessors|buffers)"\s*:', head) is not None
    )


def is_obj(head: bytes, path: Path) -> bool:
    """Whether it is a text with the statements of OBJ; nothing else tells it, so the ending counts."""
    if path.suffix.lower() != ".obj" or b"\x00" in head[:4096]:
        return False
    return re.search(rb"^(v|vn|vt|f|o|g|mtllib|usemtl)\s+\S", head, re.MULTILINE) is not None


FORMATS = (
    Format("gltf", (".glb", ".gltf"), ("model",), "models.io.mesh.gltf:read", is_gltf, dependents=(*PICTURES, ".bin")),
    Format("obj", (".obj",), ("model",), "models.io.mesh.obj:read", is_obj, dependents=(*PICTURES, ".mtl")),
)
WRITERS = (Writer(".glb", "solids", {"model": 2, "footprints": 8}, "models.io.mesh.write_gltf:write_glb"),)
