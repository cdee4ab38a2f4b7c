"""What is really seen in a picture: the scene drawn once more with a number for a colour, and the pixels counted.

What stands (houses, models, ground) hides; what lies draped on the ground (districts, parcels, roads) hides nothing of
another such layer, for it is drawn see-through: each of these layers is looked at by itself, over what stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkGlyph3DMapper, vtkPolyDataMapper

from models.project.selection import Keys, ObjectKey
from viewers.render.geometry.actors import Drawn
from viewers.render.geometry.draping import is_shadow
from viewers.render.geometry.parts import LinePart, MeshPart, layer_of
from viewers.render.geometry.vtk_arrays import direct_colours, triangles
from viewers.render.layers.areas import HATCH
from viewers.render.palette.lighting import draw_nearer
from viewers.render.scene.render_target import OffScreenTarget, grab

if TYPE_CHECKING:
    from viewers.render.scene.scene import Scene

#: Longest side of the picture of numbers, pixels; what is a pixel here is a few in the picture.
SIDE_PX = 1400
#: What lets more light through than this hides nothing.
CLEAR = 0.6


@dataclass(slots=True)
class _Numbered:
    """An actor that draws numbers, and of what it was made."""

    actor: Any
    made_of: tuple[Any, ...]
    clear: NDArray[np.bool_] | None
    first: int
    oids: NDArray[np.int64]
    layer: str
    is_flat: bool


class IdPass:
    """Numbers in the place of colours, on a target of its own.

    Parameters
    ----------
    scene : Scene
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._target = OffScreenTarget((64, 64))
        self._target.renderer.SetBackground(0.0, 0.0, 0.0)
        self._made: dict[int, _Numbered] = {}
        self._next = 1

    def close(self) -> None:
        """Free the graphics."""
        self._target.renderer.RemoveAllViewProps()
        self._made.clear()
        self._target.close()

    def seen(self, keys: Iterable[ObjectKey] | None = None) -> dict[ObjectKey, int]:
        """Return pixels by object of the scene as it stands, in the size of its own picture."""
        width, height = self._scene.target.render_window.GetSize()
        scale = min(1.0, SIDE_PX / max(width, height))
        self._scene.follow_camera()
        renderer, window = self._target.renderer, self._target.render_window
        renderer.SetActiveCamera(self._scene.target.renderer.GetActiveCamera())
        window.SetSize(max(round(width * scale), 1), max(round(height * scale), 1))
        numbered = self._numbered()
        wanted = None if keys is None else Keys.of(keys).by_layer()
        flat = dict.fromkeys(one.layer for one in numbered if one.is_flat and (wanted is None or one.layer in wanted))
        standing = wanted is None or any(not one.is_flat and one.layer in wanted for one in numbered)
        counts: dict[ObjectKey, int] = {}
        for layer in ([None] if standing else []) + list(flat):
            for one in numbered:
                one.actor.SetVisibility(not one.is_flat or one.layer == layer)
            found = self._count([one for one in numbered if one.is_flat == (layer is not None)], wanted)
            for key, count in found.items():  # what stands on the ground and on a base of its own is counted once
                counts[key] = max(counts.get(key, 0), round(count / scale**2))
        for sign in self._scene.signs:  # it stands for its components: what is counted on a disc is in the picture
            left, bottom, right, top = sign.box
            layer_id = layer_of(sign.layer_id)
            oids = sign.oids if wanted is None else sign.oids[np.isin(sign.oids, wanted.get(layer_id, ()))]
            for oid in oids.tolist():
                key = ObjectKey(layer_id, oid)
                counts[key] = max(counts.get(key, 0), round((right - left) * (top - bottom)))
        return counts

    def _count(
        self, asked: list[_Numbered], wanted: Mapping[str, NDArray[np.int64]] | None
    ) -> dict[ObjectKey, int]:  # fmt: skip
        rgb = grab(self._target).astype(np.int64)
        numbers, counts = np.unique((rgb[..., 0] << 16) | (rgb[..., 1] << 8) | rgb[..., 2], return_counts=True)
        found: dict[ObjectKey, int] = {}
        for one in asked:
            mine = (numbers >= one.first) & (numbers < one.first + len(one.oids))
            oids, pixels = one.oids[numbers[mine] - one.first], counts[mine]
            keep = (oids >= 0) & (oids < HATCH)
            if wanted is not None:
                keep &= np.isin(oids, wanted.get(one.layer, np.zeros(0, np.int64)))
            for oid, count in zip(oids[keep].tolist(), pixels[keep].tolist(), strict=True):
                key = ObjectKey(one.layer, oid)
                found[key] = found.get(key, 0) + count
        return found

    def _numbered(self) -> list[_Numbered]:
        """Return an actor for everything that is drawn now; those that are not needed any more go."""
        found: dict[int, _Numbered] = {}
        for layer, one in self._scene.visible_actors():
            if one.ghost or one.stand_in or not one.count or _is_clear(one):
                continue
            held = self._made.get(id(one))
            shown, clear = one.shown, one.clear
            made_of = (one.actor, id(shown), id(one.data.GetPolys()) if isinstance(one.part, MeshPart) else 0)
            if held is None or held.made_of != made_of or not _same(held.clear, clear):
                if held is not None:
                    self._target.renderer.RemoveActor(held.actor)
                held = self._make(layer_of(layer.id), one, made_of)
                self._target.renderer.AddActor(held.actor)
            held.actor.SetPosition(one.actor.GetPosition())
            self._scene.trim(held.actor, layer, one.cap_of)
            if one.glyph:
                held.actor.GetMapper().SetSourceData(one.actor.GetMapper().GetSource())
            elif not isinstance(one.part, MeshPart):
                held.actor.GetProperty().SetLineWidth(max(one.actor.GetProperty().GetLineWidth(), 1.0))
                held.actor.GetProperty().SetPointSize(max(one.actor.GetProperty().GetPointSize(), 1.0))
            found[id(one)] = held
        for gone in self._made.keys() - found.keys():
            self._target.renderer.RemoveActor(self._made[gone].actor)
        self._made = found
        return list(found.values())

    def _make(self, layer: str, one: Drawn, made_of: tuple[Any, ...]) -> _Numbered:
        oids, inverse = np.unique(one.oids.astype(np.int64), return_inverse=True)
        first, self._next = self._next, self._next + len(oids)
        rgb = _colours(first + inverse)
        clear = one.clear
        data = vtkPolyData()
        data.ShallowCopy(one.data)
        if isinstance(one.part, MeshPart):
            if one.shown is not None:
                rgb = rgb[one.shown]
            if clear is not None:
                left = ~(clear if one.shown is None else clear[one.shown])
                faces = vtk_to_numpy(one.data.GetPolys().GetConnectivityArray()).reshape(-1, 3)
                data.SetPolys(triangles(faces[left]))
                rgb = rgb[left]
        elif one.shown is not None:
            rgb = rgb[one.shown]
        array = numpy_to_vtk(np.ascontiguousarray(rgb), deep=True)
        array.SetName("colour")
        (data.GetPointData() if one.glyph or one.dot else data.GetCellData()).AddArray(array)
        flat = one.part.offset if not one.dot and hasattr(one.part, "offset") else 4.0
        actor, mapper = vtkActor(), _glyphs(one) if one.glyph else vtkPolyDataMapper()
        mapper.SetInputData(data)
        direct_colours(mapper, cell=not (one.glyph or one.dot))
        actor.SetMapper(mapper)
        shading = actor.GetProperty()
        shading.LightingOff()
        shading.SetAmbient(1.0)
        shading.SetDiffuse(0.0)
        shading.SetInterpolationToFlat()
        if flat:
            draw_nearer(actor, flat)
        is_flat = bool(flat) or one.dot or isinstance(one.part, LinePart)
        return _Numbered(actor, made_of, clear, first, oids, layer, is_flat)


def _is_clear(one: Drawn) -> bool:
    """Whether this hides nothing and is no object: shadows, glass, what is painted on the ground."""
    part = one.part
    if not isinstance(part, MeshPart):
        return False
    return is_shadow(part) or (not part.offset and part.opacity <= CLEAR)


def _same(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other)


def _colours(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return numbers as colours (n, 3)."""
    return np.stack([numbers >> 16 & 255, numbers >> 8 & 255, numbers & 255], axis=1).astype(np.uint8)


def _glyphs(one: Drawn) -> Any:
    mapper = vtkGlyph3DMapper()
    mapper.SetSourceData(one.actor.GetMapper().GetSource())
    mapper.SetScaleArray("scale")
    mapper.SetScaleModeToScaleByVectorComponents()
    mapper.SetOrientationArray("turn")
    mapper.SetOrientationModeToRotation()
    return mapper
