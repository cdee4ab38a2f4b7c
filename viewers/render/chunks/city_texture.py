"""The city texture: objects too small to be drawn one by one, as one picture draped over the ground.

Seen from so far that a house is a pixel or two, neither triangles nor dots show a city: a million of them flicker and
cost seconds. What the eye sees then is how much of the ground is roof, how much shade, how much street. That is summed
up here once for all objects, in texels of some metres, and drawn as a single textured sheet: smooth, right in its
shares, and as cheap as one building. Squares of the tree whose objects are drawn as things are left out of the sheet.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from viewers.render.chunks.city_texture_baking import CityTextureBaker
from viewers.render.chunks.source import ChunkSource
from viewers.render.geometry.actors import Drawn, shade
from viewers.render.geometry.draping import RANK
from viewers.render.geometry.parts import MeshPart
from viewers.render.geometry.vtk_arrays import polydata, triangles
from viewers.render.palette.lighting import Look, appearance, texture_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Steps of the sheet across a leaf where the ground is not level.
_STEPS = 4
_LIFT_M = 0.5


class CityTexture:
    """The textured sheet of one layer.

    Parameters
    ----------
    source : ChunkSource
    baker : CityTextureBaker
    current : Look
    """

    def __init__(self, source: ChunkSource, baker: CityTextureBaker, current: Look) -> None:
        self._source, self._baker = source, baker
        self._leaves = source.tree.leaves
        self._points, self._quads, self._leaf_of = self._sheet()
        #: The sheet itself, and the shade that plain houses stand in, where it is taken out of the sheet.
        self.drawn = self._actor(current)
        self.shade = self._actor(current)
        self.shade.data.SetPolys(triangles(self._quads[:0]))
        self._covered: NDArray[np.bool_] | None = None
        self.is_ready = False
        self._shown_dark: NDArray[np.uint8] | None = None
        self.leave_out(np.zeros(source.tree.count, dtype=bool))

    def _actor(self, current: Look) -> Drawn:
        data = polydata(self._points)
        uv = (self._points[:, :2] - self._baker.corner) / self._baker.side_m
        data.GetPointData().SetTCoords(numpy_to_vtk(uv.astype(np.float32), deep=True))
        normals = np.zeros((len(self._points), 3), np.float32)
        normals[:, 2] = 1.0
        data.GetPointData().SetNormals(numpy_to_vtk(normals, deep=True))
        mapper, actor = vtkPolyDataMapper(), vtkActor()
        mapper.SetInputData(data)
        mapper.SetStatic(True)
        mapper.ScalarVisibilityOff()
        actor.SetMapper(mapper)
        shade(actor, current)
        appearance(actor, offset=RANK["shadow"])
        actor.PickableOff()
        none = np.zeros(0, np.int32)
        part = MeshPart(
            np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), none, np.zeros((0, 4), np.uint8), pickable=False
        )
        return Drawn(actor, none, part.colours, data, part)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the picture with its smaller copies."""
        return self._baker.texels**2 * 4 * 4 // 3

    def _sheet(self) -> tuple[Floats, Ints, Ints]:
        """Return points, triangles and leaf of each triangle."""
        source = self._source
        steps = _STEPS if source.context.ground.terrain is not None else 1
        cell = source.tree.cell[self._leaves]
        share = np.linspace(0.0, 1.0, steps + 1)
        u, v = (a.ravel() for a in np.meshgrid(share, share))
        x = cell[:, :1] + u * (cell[:, 2:3] - cell[:, :1])
        y = cell[:, 1:2] + v * (cell[:, 3:] - cell[:, 1:2])
        ground = source.context.ground_local_m(x.ravel(), y.ravel()) + _LIFT_M
        points = np.column_stack([x.ravel(), y.ravel(), ground])
        i, j = (a.ravel() for a in np.meshgrid(np.arange(steps), np.arange(steps)))
        at = j * (steps + 1) + i
        one = np.stack([at, at + 1, at + steps + 2], axis=1)
        two = np.stack([at, at + steps + 2, at + steps + 1], axis=1)
        pattern = np.concatenate([one, two])
        base = (np.arange(len(cell)) * (steps + 1) ** 2)[:, None, None]
        quads = (base + pattern).reshape(-1, 3)
        return points, quads, np.repeat(self._leaves, len(pattern))

    def leave_out(self, drawn: NDArray[np.bool_], plain: NDArray[np.bool_] | None = None) -> None:
        """Take out the squares of leaves that are drawn as things, told by masks of nodes.

        Where these are ``plain``, without shadows of their own, the shade stays.
        """
        plain = np.zeros(len(drawn), dtype=bool) if plain is None else plain
        covered = np.stack([drawn[self._leaves], plain[self._leaves]])
        if self._covered is not None and np.array_equal(covered, self._covered):
            return
        self._covered = covered
        for one, mask in ((self.drawn, ~drawn), (self.shade, plain)):
            one.data.SetPolys(triangles(self._quads[mask[self._leaf_of]]))
            one.data.Modified()

    def take(self, image: NDArray[np.uint8]) -> None:
        """Put a baked picture on the sheet."""
        self.drawn.actor.SetTexture(texture_of(image, repeat=False))
        self.is_ready = True
        dark = self._baker.dark
        if dark is not None and dark is not self._shown_dark:
            self._shown_dark = dark
            self.shade.actor.SetTexture(texture_of(dark, repeat=False))

    def show(self, visible: bool) -> None:
        """Show or hide the sheets; one that has no picture yet stays hidden."""
        self.drawn.show(visible and self.is_ready)
        self.shade.show(visible and self._shown_dark is not None)
