"""IFC: a building model with its geometry, its elements, their properties and its place on the Earth.

The work is split by question: :mod:`models.io.ifc.open_file` opens, :mod:`models.io.ifc.preview` gives the first
picture, :mod:`models.io.ifc.exact_geometry` and :mod:`models.io.ifc.geometry` the final geometry,
:mod:`models.io.ifc.elements` lists, :mod:`models.io.ifc.place.georeference` places. IFC2X3, IFC4 and IFC4X3 are read
as they are, other labels through the nearest of the three, with a caution that says what was lost.

A model is read in two stages (``info["stage"]``): ``"preview"`` and ``"exact"``. Elements have the same oids in both.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ifcopenshell
import numpy as np

from models.core.errors import Caution, UserError
from models.core.progress import Progress
from models.geometry.meshes import MeshStore
from models.io.common.coordinates import stem_of
from models.io.common.mesh_builder import joined
from models.io.ifc import exact_geometry, preview
from models.io.ifc.cuts import find_cuts
from models.io.ifc.elements import Elements, collect
from models.io.ifc.geometry import FAST_KERNEL, products, says_body
from models.io.ifc.open_file import parse, prepared_bytes
from models.io.ifc.place.georeference import find
from models.io.ifc.shapes import shortfall, touching
from models.io.ifc.shapes.face_colours import coloured
from models.io.ifc.shapes.lines import announced, line_products
from models.io.ifc.shapes.outlines import TOUCH_M
from models.io.ifc.skim import skimmed
from models.io.ifc.step_text import Header, classes_in
from models.io.ifc.units import Units
from models.io.request import Opened, ReadRequest
from models.layers.layer import Layer, ModelData, new_layer_id
from models.layers.layer import Source as Link

_MAX_NAMED = 5
#: How much longer the first picture may take for what is cut: a share of what it took without, and seconds.
_GRACE, _GRACE_S = 0.25, 0.12
_COLOUR_MAP = b"IFCINDEXEDCOLOURMAP"


def read(path: Path, request: ReadRequest, progress: Progress) -> list[Opened]:
    """Read a model as one layer, all in this process; ``app.background.staged_reading`` does the same with a child
    that may die.

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

        meshes.append(exact_geometry.tessellate(reading.model, batch, beat)[0])
        done += len(batch.ids)
    return [reading.exact(meshes, progress=progress.part(0.8, 1.0))]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A model as the first picture needs it: its elements without properties, and what is to be shown of them.

    Parameters
    ----------
    model : ifcopenshell.file
    bodies : collection of int
        Products that may have a body, by STEP id.
    elements : Elements
    length_m : float
    lines, coming : set of int
        Products that say they have lines; that say they have lines or a body, and count as having geometry from the
        first: what the fast kernel cannot show of them is still to come.
    has_maps : bool
        Whether faces have colours of their own.
    """

    model: Any
    bodies: Collection[int]
    elements: Elements
    length_m: float
    lines: Collection[int]
    coming: set[int]
    has_maps: bool


@dataclass(slots=True)
class Source:
    """A model's text, before anything is known of it.

    Parameters
    ----------
    path : Path
    request : ReadRequest
    raw : bytes
        As every IFC library can read it; see :func:`models.io.ifc.open_file.prepared_bytes`.
    header : Header
    cautions : list of Caution
        What opening met.
    """

    path: Path
    request: ReadRequest
    raw: bytes
    header: Header
    cautions: list[Caution]
    _model: Any = None

    @classmethod
    def open(cls, path: Path, request: ReadRequest) -> Source:
        """Read the text.

        Raises
        ------
        UserError
            ``io.damaged``, ``io.zip_bomb``.
        """
        return cls(Path(path), request, *prepared_bytes(Path(path), request.encoding))

    def preview(self) -> Opened | None:
        """Return the first picture with all that is cut, None where the fast kernel shows nothing."""
        return next(self.previews(hasty=False), None)

    def previews(self, *, hasty: bool = True) -> Iterator[Opened]:
        """Yield the first picture, if the fast kernel shows anything, and a better one where cuts take long.

        The kernel works beside this thread, which meanwhile lists the elements of what is left of the text once shapes
        and properties are out of it; see :mod:`models.io.ifc.skim`. What is cut is tessellated by itself: if it is not
        there when all else is, these elements are shown whole (``info["uncut"]`` lists them, those too of which
        nothing can be shown yet) and the picture with their cuts is the second; see :mod:`models.io.ifc.cuts`.

        Parameters
        ----------
        hasty : bool
            False waits for the cuts: there is one picture.

        Raises
        ------
        UserError
            As :meth:`whole`, which is asked where the text cannot be skimmed.
        """
        began = time.monotonic()
        cuts = find_cuts(self.raw)
        cut: Collection[int] = cuts.elements if cuts is not None else ()
        with ThreadPoolExecutor(1) as pool:  # in turn: the kernel has threads of its own, which take what is slow first
            fast = pool.submit(preview.tessellate, self.raw if cuts is None else cuts.uncut)
            slow = None if cuts is None else pool.submit(preview.tessellate, self.raw, cut)
            del cuts
            listed = self._listed()
            whole = fast.result()
            uncut = {key: whole.pop(key) for key in cut if key in whole}
            rest = preview.preview_meshes(whole, listed.bodies)
            del fast, whole  # the kernel's own copy of all corners
            if slow is None:
                yield from self._pictures(listed, [rest], ())
                return
            if hasty and not wait([slow], _GRACE_S + _GRACE * (time.monotonic() - began)).done:
                stopgap = preview.preview_meshes(uncut, listed.bodies)
                yield from self._pictures(listed, [rest, stopgap], [key for key in cut if key in listed.bodies])
            del uncut
            yield from self._pictures(listed, [rest, preview.preview_meshes(slow.result(), listed.bodies)], ())

    def _listed(self) -> _Listed:
        """Return what the first picture shows, from as little of the text as tells it."""
        has_maps = _COLOUR_MAP in self.raw  # which are among what is left out
        small = None if has_maps else skimmed(self.raw)
        model = _parsed(small) if small is not None else None
        if model is None:
            model = self._parse()
        length_m = _length_m(model)
        bodies = products(model)
        lines = announced(line_products(model, bodies), self.raw)
        elements = collect(model, set(), length_m, announced=lines, brief=True)
        coming = lines.union(key for key, product in bodies.items() if says_body(product))
        return _Listed(model, bodies, elements, length_m, lines, coming & elements.oid_of.keys(), has_maps)

    def _pictures(self, listed: _Listed, stores: Sequence[MeshStore], uncut: Sequence[int]) -> Iterator[Opened]:
        """Yield the picture of some meshes, nothing where they show nothing."""
        meshes, elements = joined(stores), listed.elements
        if listed.has_maps:
            meshes = coloured(meshes, listed.model, listed.length_m)
        if not len(meshes.placement_mesh):
            return
        shown = listed.coming.union(np.unique(meshes.placement_element).tolist())
        if shown <= elements.oid_of.keys():
            elements.frame["has_geometry"] = [key in shown for key in elements.oid_of]
        else:  # annotations that announce nothing are listed only where they show something
            elements = collect(listed.model, shown, listed.length_m, announced=listed.lines, brief=True)
        yield _opened(self, listed.model, elements, meshes, "preview", self.cautions, uncut=uncut)

    def whole(self) -> Reading:
        """Parse everything.

        Raises
        ------
        UserError
            ``io.damaged``, ``io.mostly_lost``, ``io.not_ifc``.
        """
        model, self._model = self._parse(), None
        touch = TOUCH_M / _length_m(model)
        faulty = touching.find(model, self.raw, touch)
        mended = touching.mend(model, faulty.touching, touch)
        left = [key for key in faulty.touching if key not in set(mended)]
        if faulty.touching:
            self.cautions.append(Caution("io.faces_mended", file=self.path.name, count=len(mended), left=len(left)))
        bodies = products(model)
        return Reading(self, model, bodies, line_products(model, bodies), [*left, *faulty.crossing])

    def _parse(self) -> Any:
        if self._model is None:
            self._model, lost = parse(self.raw, self.header, self.path.name)
            self.cautions += lost
        return self._model


@dataclass(slots=True)
class Reading:
    """A model that is open for reading.

    Parameters
    ----------
    source : Source
    model : ifcopenshell.file
    bodies : dict of int to entity_instance
        Products that may have a body, by STEP id.
    lines : dict of int to entity_instance
        Alignments, grids, annotations and referents without one.
    faulty : list of int
        Outlines that touch or cross themselves and are not mended, by STEP id.
    """

    source: Source
    model: Any
    bodies: dict[int, Any]
    lines: dict[int, Any]
    faulty: list[int]

    @classmethod
    def open(cls, path: Path, request: ReadRequest) -> Reading:
        """Read and parse a file.

        Raises
        ------
        UserError
            ``io.damaged``, ``io.zip_bomb``, ``io.mostly_lost``, ``io.not_ifc``.
        """
        return Source.open(path, request).whole()

    def plan(self) -> list[exact_geometry.Batch]:
        """Return the batches of the exact stage."""
        kernel = self.source.request.options.get("kernel", "")
        return exact_geometry.plan(self.model, list(self.bodies), kernel, list(self.lines))

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
        told, name = list(cautions), self.source.path.name
        got = {int(key) for chunk in chunks for key in np.unique(chunk.placement_element)}
        left = [key for key in self.bodies if key not in got]
        stopgap: list[int] = []
        if left:
            meshes = preview.preview_meshes(preview.tessellate(self.source.raw, left), left)
            stopgap = np.unique(meshes.placement_element).tolist()
            chunks = [*chunks, meshes]
        kept = [key for key in stopgap if key not in given_up]
        if kept:
            told.append(Caution("io.preview_kept", file=name, count=len(kept), names=self.names(kept)))
        missing = [key for key in left if key not in stopgap and (key in given_up or says_body(self.bodies[key]))]
        if missing:
            told.append(
                Caution("io.no_shape", file=self.source.path.name, count=len(missing), names=self.names(missing))
            )
        progress.step(0.2, "progress.io.elements")
        meshes = joined(chunks)
        told += self._lost_faces(meshes, (got | {*stopgap}) & self.bodies.keys())
        meshes = coloured(meshes, self.model, _length_m(self.model))
        shown = set(meshes.shown_elements.tolist())
        lines = announced(self.lines, self.source.raw)
        elements = collect(self.model, shown, _length_m(self.model), announced=lines, meshes=meshes)
        return _opened(self.source, self.model, elements, meshes, "exact", [*self.source.cautions, *told], stopgap)

    def _lost_faces(self, meshes: MeshStore, keys: Collection[int]) -> list[Caution]:
        """Say which of some elements show less than their outlines state, or may do so."""
        if not self.faulty:
            return []
        lost = shortfall.compare(self.model, meshes, self.faulty, _length_m(self.model), keys)
        code, found = ("io.faces_lost", lost.short) if lost.short else ("io.faces_unsure", lost.unknown)
        facts = {"count": len(found), "names": self.names(found), "unknown": len(lost.unknown)}
        return [Caution(code, file=self.source.path.name, **facts)] if found else []

    def names(self, keys: Sequence[int]) -> str:
        """Return the first few elements as a person would look them up: class, name and STEP id."""
        known = self.bodies | self.lines
        listed = [f"{known[key].is_a()} #{key}" for key in keys[:_MAX_NAMED] if key in known]
        return ", ".join(listed) + (" …" if len(keys) > _MAX_NAMED else "")


def _opened(
    source: Source,
    model: Any,
    elements: Elements,
    meshes: MeshStore,
    stage: str,
    cautions: Sequence[Caution],
    approximate: Sequence[int] = (),
    uncut: Sequence[int] = (),
) -> Opened:
    file, request = source.path.name, source.request
    if not len(elements.frame):
        raise UserError("io.no_elements", file=file)
    length_m = _length_m(model)
    meshes = _with_rooms(_by_oid(meshes, elements), elements)
    bounds = meshes.bounds()
    centre = None if bounds is None else bounds.mean(axis=0)
    place = find(model, length_m, centre, request.crs, file)
    all_cautions = [*cautions, *place.cautions, *_unit_cautions(model, elements, meshes, file)]
    all_cautions += [Caution(code, file=file, **facts) for code, facts in elements.told]
    if bounds is None:
        all_cautions.append(Caution("io.no_geometry", file=file))
    project = next(iter(model.by_type("IfcProject")), None)
    info = {
        "stage": stage,
        "schema": source.header.schema,
        "label": source.header.label,
        "application": source.header.application,
        "author": source.header.author,
        "timestamp": source.header.timestamp,
        "project": str(getattr(project, "Name", "") or getattr(project, "LongName", "") or ""),
        "length_unit_m": length_m,
        "georef": place.kind,
        "georef_detail": place.detail,
        "kernel": "ifc-lite" if stage == "preview" else request.options.get("kernel") or FAST_KERNEL,
        "counts": dict(Counter(elements.frame["ifc_class"]).most_common()),
        "triangles": meshes.triangle_count,
        "meshes": len(meshes.mesh_faces) - 1,
        "placements": len(meshes.placement_mesh),
        "approximate": sorted(elements.oid_of[key] for key in approximate if key in elements.oid_of),
        "uncut": sorted(elements.oid_of[key] for key in uncut if key in elements.oid_of),
    }
    data = ModelData(meshes, elements.frame, elements.psets, place.placement, place.crs, info, all_cautions)
    name = stem_of(source.path)
    link = Link(path=str(source.path), reader="ifc", crs=place.crs, options=dict(request.options))
    return Opened(Layer(id=new_layer_id(name), name=name, kind="model", role="model", source=link), data)


def _unit_cautions(model: Any, elements: Elements, meshes: MeshStore, file: str) -> list[Caution]:
    """Say which units were taken where the model assigns none, and why."""
    told = []
    bounds = meshes.bounds()
    if bounds is not None and not Units(model).is_assigned("LENGTHUNIT"):
        size_m = round(float(np.diff(bounds, axis=0).max()), 2)
        told.append(Caution("io.no_length_unit", file=file, size=size_m))
    for one in elements.units:
        facts = {"file": file, "si": one.si, "count": one.count}
        if one.factor is None:
            code = "io.unit_contradicts" if one.compared else "io.unit_unknown"
            told.append(Caution(code, **facts))
        elif one.kind == "PLANEANGLEUNIT":
            told.append(Caution("io.unit_by_values", unit=one.unit, **facts))
        else:
            told.append(Caution("io.unit_by_geometry", unit=one.unit, compared=one.compared, **facts))
    return told


def _parsed(small: bytes) -> Any:
    """Return a skimmed text as a model, None where a parser loses any of it: then the whole must be looked at."""
    try:
        model = ifcopenshell.file.from_string(small.decode("latin-1"))
        return model if len(model.entity_names()) == sum(classes_in(small).values()) else None
    except (ifcopenshell.Error, RuntimeError, OSError, ValueError, AttributeError, OverflowError):
        return None


def _by_oid(meshes: MeshStore, elements: Elements) -> MeshStore:
    """Let placements name rows of the table instead of STEP ids; what is not in the table is not drawn."""
    keys, place = np.unique(np.asarray(meshes.placement_element), return_inverse=True)
    oids = np.array([elements.oid_of.get(int(key), -1) for key in keys], dtype=np.int32)
    of = oids[place] if len(keys) else np.empty(0, dtype=np.int32)
    known = of >= 0
    if meshes.line_element is not None:
        drawn = np.array([elements.oid_of.get(key, -1) for key in meshes.line_element.tolist()], dtype=np.int32)
        sizes = np.diff(np.asarray(meshes.line_starts))
        meshes = replace(
            meshes,
            line_points=np.asarray(meshes.line_points)[np.repeat(drawn >= 0, sizes)],
            line_starts=np.cumsum([0, *sizes[drawn >= 0]], dtype=np.int64),
            line_element=drawn[drawn >= 0],
        )
    return replace(
        meshes,
        placement_element=of[known],
        placement_mesh=np.asarray(meshes.placement_mesh)[known],
        placement_matrix=np.asarray(meshes.placement_matrix)[known],
    )


def _with_rooms(meshes: MeshStore, elements: Elements) -> MeshStore:
    """Mark what draws rooms and zones."""
    is_room = elements.frame["ifc_class"].isin(("IfcSpace", "IfcSpatialZone")).to_numpy()
    rooms = is_room[meshes.placement_element]
    return replace(meshes, placement_room=rooms) if rooms.any() else meshes


def _length_m(model: Any) -> float:
    """Return metres in the project's unit of length; 1 where none is assigned, as the schema's default."""
    length_m = Units(model).length_m
    return length_m if 1e-9 < length_m < 1e9 else 1.0
