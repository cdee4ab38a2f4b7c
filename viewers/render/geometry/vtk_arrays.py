"""NumPy arrays as VTK data: points, cells, colours and outlines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData


def shared(values: NDArray[Any]) -> Any:
    """Return an array as VTK's without a copy: VTK holds on to it, and nobody may write to it any more."""
    return numpy_to_vtk(np.ascontiguousarray(values), deep=False)


def polydata(points: NDArray[Any], faces: NDArray[Any] | None = None) -> Any:
    """Return VTK polygons of points (n, 3) and triangles (f, 3); points in single precision are not copied."""
    data = vtkPolyData()
    holder = vtkPoints()
    holder.SetData(shared(np.asarray(points, dtype=np.float32)))
    data.SetPoints(holder)
    if faces is not None:
        data.SetPolys(triangles(faces))
    return data


def triangles(faces: NDArray[Any]) -> Any:
    """Return a VTK cell array of triangles (f, 3), without offsets.

    In 64 bits: VTK 9.7 overlooks edge flags where cells are kept in 32.
    """
    array = vtkCellArray()
    array.SetData(3, numpy_to_vtkIdTypeArray(np.ascontiguousarray(faces, dtype=np.int64).ravel(), deep=False))
    return array


def cells(starts: NDArray[Any], connectivity: NDArray[Any]) -> Any:
    """Return a VTK cell array from offsets and point numbers."""
    array = vtkCellArray()
    array.SetData(
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(starts, dtype=np.int64), deep=True),
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(connectivity, dtype=np.int64), deep=True),
    )
    return array


def direct_colours(mapper: Any, cell: bool) -> None:
    """Make a mapper take the array ``"colour"`` as it stands."""
    if cell:
        mapper.SetScalarModeToUseCellFieldData()
    else:
        mapper.SetScalarModeToUsePointFieldData()
    mapper.SelectColorArray("colour")
    mapper.SetColorModeToDirectScalars()
    mapper.ScalarVisibilityOn()


def edge_flags(faces: NDArray[np.int32], edges: NDArray[np.int32], count: int) -> NDArray[np.uint8]:
    """Return, for each corner of each triangle, whether the side that begins there is an outline, (f, 3) uint8.

    Parameters
    ----------
    faces : ndarray (f, 3)
    edges : ndarray (e, 2)
        Point pairs in any order.
    count : int
        Number of points.
    """
    sides = np.stack([faces, np.roll(faces, -1, axis=1)], axis=2).astype(np.int64)
    sides.sort(axis=2)
    near = np.zeros(count, dtype=bool)
    near[faces] = True  # a square of the city meets few of its outlines
    wanted = np.sort(edges[near[edges].all(axis=1)].astype(np.int64), axis=1)
    return np.isin(sides[..., 0] * count + sides[..., 1], wanted[:, 0] * count + wanted[:, 1]).astype(np.uint8)
