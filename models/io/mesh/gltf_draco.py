"""From the primitives of a glTF to meshes with materials, whole or one a feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.io.common.mesh_builder import RGBA
from models.io.common.mesh_collector import MeshCollector
from models.io.mesh.gltf_file import Gltf, Primitive

Floats = NDArray[np.float64]

#: What a primitive without a material wears.
PLAIN: RGBA = (0.8, 0.79, 0.76, 1.0)


class GltfMaterials:
    """The materials of one glTF, added to a mesh collector once each.

    Parameters
    ----------
    gltf : Gltf
    collector : MeshCollector
    """

    def __init__(self, gltf: Gltf, collector: MeshCollector) -> None:
        self._gltf, self._pile = gltf, collector
        self._worn: dict[int, tuple[RGBA, int]] = {}
        self._pictures: dict[int, int] = {}

    def mesh(self, one: Primitive, vertices: Floats, faces: NDArray[np.int64] | None = None) -> int | None:
        """Add the faces of a primitive (all, or some) with its vertices as given; None where nothing is left."""
        chosen = one.faces if faces is None else faces
        group = np.zeros(len(chosen), dtype=np.int64)
        numbers, _ = self.meshes(one, vertices, chosen, group)
        return int(numbers[0]) if len(numbers) else None

    def meshes(
        self, one: Primitive, vertices: Floats, chosen: NDArray[np.int64], group: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Add a mesh for each group of faces; see :meth:`MeshCollector.meshes`."""
        if not len(chosen):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        rgba, texture = self._look(one.material)
        has_picture = texture >= 0 and one.uv is not None
        if one.colours is not None and not has_picture:
            rgba = rgba if one.material >= 0 else (1.0, 1.0, 1.0, 1.0)
            tinted = np.column_stack([_to_srgb(one.colours[:, :3]), one.colours[:, 3]])
            material = self._pile.face_colours(tinted, chosen, rgba)
        else:
            material = np.full(len(chosen), self._pile.material(rgba, texture if has_picture else -1), dtype=np.int64)
        uv = None
        if has_picture and one.uv is not None:
            uv = np.column_stack([one.uv[:, 0], 1.0 - one.uv[:, 1]])
        return self._pile.meshes(vertices, chosen, material, group, uv)

    def _look(self, number: int) -> tuple[RGBA, int]:
        if number not in self._worn:
            self._worn[number] = self._read(number)
        return self._worn[number]

    def _read(self, number: int) -> tuple[RGBA, int]:
        rows = self._gltf.list_of("materials")
        if not 0 <= number < len(rows):
            return PLAIN, -1
        row: Mapping[str, Any] = rows[number]
        metallic = row.get("pbrMetallicRoughness") or {}
        more = (row.get("extensions") or {}).get("KHR_materials_pbrSpecularGlossiness") or {}
        factor = metallic.get("baseColorFactor") or more.get("diffuseFactor") or (1.0, 1.0, 1.0, 1.0)
        r, g, b, a = (min(max(float(value), 0.0), 1.0) for value in [*factor, 1.0, 1.0, 1.0, 1.0][:4])
        r, g, b = (float(value) for value in _to_srgb(np.array([r, g, b])))
        alpha = a if row.get("alphaMode") == "BLEND" else 1.0
        texture = (metallic.get("baseColorTexture") or more.get("diffuseTexture") or {}).get("index", -1)
        return (r, g, b, alpha), self._picture(int(texture))

    def _picture(self, texture: int) -> int:
        if texture < 0:
            return -1
        if texture not in self._pictures:
            data = self._gltf.image(texture)
            if data is None:
                self._pile.textures.missing.append(f"#{texture}")
            self._pictures[texture] = -1 if data is None else self._pile.textures.packed(data, f"#{texture}")
        return self._pictures[texture]


def feature_of(one: Primitive, name: str) -> NDArray[np.int64]:
    """Return the feature of each face of a primitive: the number on its first corner."""
    return one.features[name][one.faces[:, 0]] if len(one.faces) else np.empty(0, dtype=np.int64)


def _to_srgb(linear: Floats) -> Floats:
    """Return colours as screens take them: glTF's factors are light, not paint."""
    result: Floats = np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055
    )
    return result
