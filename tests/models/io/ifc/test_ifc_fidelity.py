"""The exact stage against IfcOpenShell's OpenCASCADE kernel run directly: element for element, on real files."""

import ifcopenshell.geom
import numpy as np
import pytest
from numpy.typing import NDArray

from models.geometry.meshes import MeshStore
from models.io.ifc import exact_geometry as ifc_exact
from models.io.ifc import reader as ifc
from models.io.ifc.geometry import FAST_KERNEL, SAFE_KERNEL, settings
from models.io.request import ReadRequest
from tests.support.paths import IFC_FILES

pytestmark = [
    pytest.mark.data,
    pytest.mark.slow,
    pytest.mark.skipif(not IFC_FILES.exists(), reason="needs the real files"),
]

FILES = (
    "AC20-FZK-Haus.ifc",  # ArchiCAD, IFC4: clipped walls, openings
    "duplex.ifc",  # Revit, IFC2X3
    "Office_A_20110811.ifc",  # round railings and sinks
    "SampleHouse.ifc",  # curtain wall with arcs
    "infra-bridge.ifc",  # IFC4X3
    "Building-Structural.ifc",
    "OMG_KS_BGT-Paal.ifc",  # 1,051 posts
    "DrainageSystem-1-1.ifc",  # only round things
    "Building-Hvac.ifc",
)

Figures = tuple[NDArray[np.float64], NDArray[np.float64], float]


def figures(points: NDArray[np.float64], faces: NDArray[np.int32]) -> Figures:
    """Return low corner, high corner and area of triangles in metres."""
    corners = points[faces]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    return corners.min(axis=(0, 1)), corners.max(axis=(0, 1)), float(area)


def reference(model: ifcopenshell.file, ids: list[int]) -> dict[int, Figures]:
    """Return what OpenCASCADE makes of each element, straight from the iterator and in double precision."""
    found: dict[int, Figures] = {}
    iterator = ifcopenshell.geom.iterator(
        settings(), model, 1, include=[model.by_id(key) for key in ids], geometry_library=SAFE_KERNEL
    )
    assert iterator.initialize()
    while True:
        shape = iterator.get()
        faces = np.frombuffer(shape.geometry.faces_buffer, dtype=np.int32).reshape(-1, 3)
        if len(faces):
            points = np.frombuffer(shape.geometry.verts_buffer, dtype=np.float64).reshape(-1, 3)
            matrix = np.frombuffer(shape.transformation_buffer, dtype=np.float64).reshape(4, 4).T
            found[shape.id] = figures(points @ matrix[:3, :3].T + matrix[:3, 3], faces)
        if not iterator.next():
            return found


def ours(stores: list[MeshStore]) -> dict[int, Figures]:
    """Return the same figures of what the exact stage stores."""
    points: dict[int, list[NDArray[np.float64]]] = {}
    for store in stores:
        for mesh, element, matrix in zip(
            store.placement_mesh, store.placement_element, store.placement_matrix, strict=True
        ):
            local = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(np.float64)
            faces = store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]]
            points.setdefault(int(element), []).append((local @ matrix[:3, :3].T + matrix[:3, 3])[faces].reshape(-1, 3))
    return {
        key: figures(np.concatenate(parts), np.arange(sum(map(len, parts)), dtype=np.int32).reshape(-1, 3))
        for key, parts in points.items()
    }


@pytest.mark.parametrize("name", FILES)
def test_every_element_is_as_opencascade_makes_it(name: str) -> None:
    reading = ifc.Reading.open(IFC_FILES / name, ReadRequest())
    batches = reading.plan()
    made = ours([ifc_exact.tessellate(reading.model, batch, lambda key: None)[0] for batch in batches])
    wanted = reference(reading.model, list(reading.bodies))
    assert wanted
    bad = []
    for key, (low, high, area) in wanted.items():
        if key not in made:
            bad.append((key, "missing"))
            continue
        off_m = max(np.abs(made[key][0] - low).max(), np.abs(made[key][1] - high).max())
        off = abs(made[key][2] - area) / area if area else 0.0
        if off_m > 1e-3 or off > 5e-3:
            bad.append((key, f"{off_m * 1000:.1f} mm, area {off:.2%}"))
    assert len(bad) <= len(wanted) / 1000, bad[:10]
    assert not wanted.keys() - made.keys()


def test_flat_and_round_elements_are_told_apart() -> None:
    reading = ifc.Reading.open(IFC_FILES / "SampleHouse.ifc", ReadRequest())
    kernels = {key: batch.kernel for batch in reading.plan() for key in batch.ids}
    assert kernels[2628] == SAFE_KERNEL  # a pane whose profile has an arc
    assert list(kernels.values()).count(FAST_KERNEL) > 10
    assert sorted(kernels) == sorted(reading.bodies)
