"""Materials and pictures of a CityGML file: which surface has which, and its texture coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.errors import Caution
from models.io.common.mesh_builder import RGBA
from models.io.common.textures import Textures
from models.io.vector.gml import children, local, numbers

Floats = NDArray[np.float64]


class Appearances:
    """What stands in ``app:Appearance``; the first theme that speaks of a surface counts.

    Parameters
    ----------
    folder : Path
        The file's own.
    """

    def __init__(self, folder: Path) -> None:
        self.textures = Textures(folder)
        self.materials: list[RGBA] = []
        #: Material by id of a polygon or of what holds it.
        self.material_of: dict[str, int] = {}
        #: Picture by id of a polygon; coordinates by id of a ring.
        self.texture_of: dict[str, int] = {}
        self.coordinates: dict[str, Floats] = {}
        self._skipped = 0

    def take(self, appearance: Any) -> None:
        """Take an ``app:Appearance``."""
        for member in appearance.iter():
            if not isinstance(member.tag, str):
                continue
            name = local(member.tag)
            if name == "ParameterizedTexture":
                self._texture(member)
            elif name == "X3DMaterial":
                self._material(member)
            elif name == "GeoreferencedTexture":
                self._skipped += 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing wears anything."""
        return not self.material_of and not self.texture_of

    def cautions(self) -> Iterator[Caution]:
        """Yield what was left out."""
        if self._skipped:
            yield Caution("city3d.draped_texture", count=self._skipped)

    def _texture(self, element: Any) -> None:
        image = next((one.text for one in children(element) if local(one.tag) == "imageURI" and one.text), "")
        if not image:
            return
        number = self.textures.named(image.strip())
        for target in element.iter():
            if not isinstance(target.tag, str) or local(target.tag) not in ("target", "textureParameterization"):
                continue
            self._target(target, number)

    def _target(self, target: Any, number: int) -> None:
        uri = next((value for key, value in target.attrib.items() if local(key) == "uri"), "")
        if not uri:  # CityGML 3: app:TextureAssociation/app:target
            uri = next((one.text or "" for one in target.iter() if isinstance(one.tag, str)
                        and local(one.tag) == "target" and one is not target), "")  # fmt: skip
        lists = [one for one in target.iter() if isinstance(one.tag, str) and local(one.tag) == "textureCoordinates"]
        named = [one for one in target.iter() if isinstance(one.tag, str) and local(one.tag) == "ring"]
        rings = [one.get("ring", "") for one in lists]
        if not any(rings) and len(named) == len(lists):
            rings = [one.text or "" for one in named]
        if not uri or not lists:
            return
        self.texture_of.setdefault(uri.strip().removeprefix("#"), number)
        for one, ring in zip(lists, rings, strict=True):
            values = numbers(one.text)
            if len(values) % 2 == 0 and ring:
                self.coordinates.setdefault(ring.strip().removeprefix("#"), values.reshape(-1, 2))

    def _material(self, element: Any) -> None:
        colour, clear, targets = np.array([0.8, 0.8, 0.8]), 0.0, []
        for one in children(element):
            name = local(one.tag)
            if name == "diffuseColor":
                found = numbers(one.text)
                colour = found[:3] if len(found) >= 3 else colour
            elif name == "transparency":
                clear = float((one.text or "0").strip())
            elif name == "target":
                targets.append((one.text or "").strip().removeprefix("#"))
        r, g, b = (float(min(max(value, 0.0), 1.0)) for value in colour)
        self.materials.append((r, g, b, 1.0 - min(max(clear, 0.0), 1.0)))
        for target in targets:
            self.material_of.setdefault(target, len(self.materials) - 1)
