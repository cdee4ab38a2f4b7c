"""IFC: a building model with its geometry, its elements, their properties and its place on the Earth.

The work is split by question: :mod:`models.io.ifc_file` opens, :mod:`models.io.ifc_preview` gives the first picture,
:mod:`models.io.ifc_exact` and :mod:`models.io.ifc_geometry` the final geometry, :mod:`models.io.ifc_elements` lists,
:mod:`models.io.ifc_georef` places. IFC2X3, IFC4 and IFC4X3 are read as they are, other labels through the nearest of
the three, with a caution that says what was lost.

A model is read in two stages (``info["stage"]``): ``"preview"`` and ``"exact"``. Elements have the same oids in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import Caution, UserError
from models.geometry import MeshStore
from models.io import ifc_exact, ifc_preview
from models.io.coordinates import stem_of
from models.io.ifc_attributes import by_type, text
from models.io.ifc_elements import Elements, collect
from models.io.ifc_file import parse, prepared_bytes
from models.io.ifc_geometry import FAST_KERNEL, products, says_body
from models.io.ifc_georef import find
from models.io.ifc_units import Units
from models.io.meshes import joined
from models.io.request import Opened, ReadRequest
from models.layers import Layer, ModelData, Source, new_layer_id
from models.progress import Progress

_MAX_NAMED = 5


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a model as one layer, all in this process; ``app.stages`` does the same with a child that may die.

    Parameters
    ----------
    path : Path
        ``.ifc`` or ``.ifczip``.
    request : ReadRequest
        ``options["kernel"]`` names another geometry library; ``crs`` is for models that name none.
    progress : Progress

    Raises
    ------
    UserError
        ``io.damaged``, ``io.zip_bomb``, ``io.no_elements``.
    """
    progress.step(0.0, "progress.io.reading")
    reading = Reading.open(path, request)
    meshes = []
    done, count = 0, max(len(reading.bodies), 1)
    for batch in reading.plan():

        def beat(key: int, at: int = done) -> None:
            progress.step(0.1 + 0.7 * at / count, "progress.io.geometry")

        meshes.append(ifc_exact.tessellate(reading.model, batch, beat)[0])
        done += len(batch.ids)
    return [reading.exact(meshes, progress=progress.part(0.8, 1.0))]


@dataclass(slots=True)
class Reading:
    """A model that is open for reading.

    Parameters
    ----------
    path : Path
    request : ReadRequest
    raw : bytes
        As every IFC library can read it; see :func:`models.io.ifc_file.prepared_bytes`.
    header : Header
    model : ifcopenshell.file
    cautions : list of Caution
        What opening met.
    bodies : dict of int to entity_instance
        Products that may have a body, by STEP id.
    """

    path: Path
    request: ReadRequest
    raw: bytes
    header: Any
    model: Any
    cautions: list[Caution]
    bodies: dict[int, Any]
    fast: dict[int, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, request: ReadRequest, *, preview: bool = False) -> Reading:
        """Parse a file and, where a preview is wanted, tessellate it at the same time on another core.

        Raises
        ------
        UserError
            ``io.damaged``, ``io.zip_bomb``.
        """
        path = Path(path)
        raw, header, cautions = prepared_bytes(path, request.encoding)
        with ThreadPoolExecutor(1) as pool:
            fast: Future[dict[int, Any]] | None = pool.submit(ifc_preview.tessellate, raw) if preview else None
            model, lost = parse(raw, header, path.name)
            bodies = products(model)
            return cls(path, request, raw, header, model, [*cautions, *lost], bodies, fast.result() if fast else {})

    def plan(self) -> list[ifc_exact.Batch]:
        """Return the batches of the exact stage."""
        return ifc_exact.plan(self.model, list(self.bodies), self.request.options.get("kernel", ""))

    def preview(self) -> Opened | None:
        """Return the first picture, None where the fast kernel shows nothing."""
        meshes = ifc_preview.preview_meshes(self.fast, self.bodies)
        self.fast = {}
        if not len(meshes.placement_mesh):
            return None
        return self._opened(meshes, "preview", [])

    def exact(
        self,
        chunks: Sequence[MeshStore],
        given_up: Collection[int] = (),
        cautions: Sequence[Caution] = (),
        progress: Progress | None = None,
    ) -> Opened:
        """Return the model with its final geometry.

        Parameters
        ----------
        chunks : sequence of MeshStore
            What the batches gave; ``placement_element`` holds STEP ids.
        given_up : collection of int
            STEP ids of elements that took too long or broke the kernel; their cautions are told by the caller.
        cautions : sequence of Caution
        progress : Progress, optional

        Notes
        -----
        Elements that only the fast kernel could tessellate keep its meshes and are listed in ``info["approximate"]``.
        """
        progress = progress or Progress()
        progress.step(0.0, "progress.io.elements")
        told = list(cautions)
        got = {int(key) for chunk in chunks for key in np.unique(chunk.placement_element)}
        left = [key for key in self.bodies if key not in got]
        stopgap: list[int] = []
        if left:
            meshes = ifc_preview.preview_meshes(ifc_preview.tessellate(self.raw, left), left)
            stopgap = np.unique(meshes.placement_element).tolist()
            chunks = [*chunks, meshes]
        kept = [key for key in stopgap if key not in given_up]
        if kept:
            told.append(Caution("io.preview_kept", file=self.path.name, count=len(kept), names=self.names(kept)))
        missing = [key for key in left if key not in stopgap and (key in given_up or says_body(self.bodies[key]))]
        if missing:
            told.append(Caution("io.no_shape", file=self.path.name, count=len(missing), names=self.names(missing)))
        progress.step(0.2, "progress.io.elements")
        return self._opened(joined(chunks), "exact", told, stopgap)

    def names(self, keys: Sequence[int]) -> str:
        """Return the first few elements as a person would look them up: class, name and STEP id."""
        said = [f"{self.bodies[key].is_a()} #{key}" for key in keys[:_MAX_NAMED] if key in self.bodies]
        return ", ".join(said) + (" …" if len(keys) > _MAX_NAMED else "")

    def _opened(
        self, meshes: MeshStore, stage: str, cautions: Sequence[Caution], approximate: Sequence[int] = ()
    ) -> Opened:
        length_m = _length_m(self.model)
        shown = {int(key) for key in np.unique(meshes.placement_element)}
        elements = collect(self.model, shown, length_m, brief=stage == "preview")
        if not len(elements.frame):
            raise UserError("io.no_elements", file=self.path.name)
        meshes = _by_oid(meshes, elements)
        bounds = meshes.bounds()
        centre = None if bounds is None else bounds.mean(axis=0)
        place = find(self.model, length_m, centre, self.request.crs, self.path.name)
        said = [*self.cautions, *cautions, *place.cautions]
        if bounds is None:
            said.append(Caution("io.no_geometry", file=self.path.name))
        project = next(iter(by_type(self.model, "IfcProject")), None)
        info = {
            "stage": stage,
            "schema": self.header.schema,
            "label": self.header.label,
            "application": self.header.application,
            "author": self.header.author,
            "timestamp": self.header.timestamp,
            "project": text(project, "Name") or text(project, "LongName"),
            "length_unit_m": length_m,
            "georef": place.kind,
            "georef_detail": place.detail,
            "kernel": "ifc-lite" if stage == "preview" else self.request.options.get("kernel") or FAST_KERNEL,
            "counts": dict(Counter(elements.frame["ifc_class"]).most_common()),
            "triangles": meshes.triangle_count,
            "meshes": len(meshes.mesh_faces) - 1,
            "placements": len(meshes.placement_mesh),
            "approximate": sorted(elements.oid_of[key] for key in approximate if key in elements.oid_of),
        }
        data = ModelData(meshes, elements.frame, elements.psets, place.placement, place.crs, info, said)
        name = stem_of(self.path)
        source = Source(path=str(self.path), reader="ifc", crs=place.crs, options=dict(self.request.options))
        return Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=source), data)


def _by_oid(meshes: MeshStore, elements: Elements) -> MeshStore:
    """Let placements name rows of the table instead of STEP ids; what is not in the table is not drawn."""
    keys, place = np.unique(np.asarray(meshes.placement_element), return_inverse=True)
    oids = np.array([elements.oid_of.get(int(key), -1) for key in keys], dtype=np.int32)
    of = oids[place] if len(keys) else np.empty(0, dtype=np.int32)
    known = of >= 0
    return replace(
        meshes,
        placement_element=of[known],
        placement_mesh=np.asarray(meshes.placement_mesh)[known],
        placement_matrix=np.asarray(meshes.placement_matrix)[known],
    )


def _length_m(model: Any) -> float:
    """Return metres in the project's unit of length; 1 where none is assigned, as the schema's default."""
    length_m = Units(model).length_m
    return length_m if 1e-9 < length_m < 1e9 else 1.0
