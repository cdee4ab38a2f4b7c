"""Comparison of two versions of a model: elements added, deleted and changed.

Elements are known by ``GlobalId``. Exporters that make new ones at each export leave nothing to compare by; what then
has no partner is looked for a second time by its tag, else by class, name and shape, and told as "probably the same".

Invariants
----------
1. Both versions are compared in model coordinates, and what nearly all elements moved by is taken off first
   (:attr:`Comparison.shift_m`), so that a model that was merely placed elsewhere has one difference, not a thousand.
2. Shape is compared by figures that neither order of triangles nor place nor rotation changes: area, volume and the
   moments of the surface. Where these agree and the place does not, the element was moved.
3. A value that one version does not have is None in the change, never an empty text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.core.plain_values import is_missing
from models.core.progress import Progress
from models.layers.layer import ModelData

Floats = NDArray[np.float64]

#: What is compared beside shape and properties: column → aspect.
_ASPECTS = {
    "ifc_class": "class", "name": "attribute", "long_name": "attribute", "description": "attribute", "tag": "attribute",
    "object_type": "attribute", "predefined_type": "attribute", "elevation_m": "attribute", "type_name": "type",
    "material": "material", "material_layers": "layers", "classification": "classification", "system": "system",
    "storey": "container",
}  # fmt: skip
ASPECTS = ("geometry", "moved", "class", "type", "material", "layers", "classification", "system", "container",
           "attribute", "property", "quantity")  # fmt: skip
#: Beginnings of the names of sets that hold quantities, not properties.
_QUANTITIES = ("Qto_", "BaseQuantities", "BaseQuantity")
#: Share of the elements in both versions that must have moved alike for it to be the model that moved.
_MOST = 0.9
#: Sets that exporters count anew each time.
_NOISE = frozenset({"id", "ExportDate", "ExportTime"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: ``aspect`` of :data:`ASPECTS`, which field, and its two values (None: not there)."""

    aspect: str
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One element that is not the same in both versions.

    Parameters
    ----------
    code : str
        ``"added"``, ``"deleted"``, ``"changed"``.
    old, new : int or None
        Oids.
    changes : tuple of Change
    match : str
        How the two were recognised: ``"guid"``, ``"tag"`` or ``"shape"``.
    """

    code: str
    old: int | None
    new: int | None
    changes: tuple[Change, ...] = ()
    match: str = "guid"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of a model.

    Parameters
    ----------
    differences : list of Difference
        Changed first, then added, then deleted, in the order of the newer model.
    shift_m : ndarray, shape (3,)
        What nearly all elements moved by, model axes; it is no difference of theirs. Zeros for nothing.
    """

    differences: list[Difference]
    shift_m: Floats


@dataclass(frozen=True, slots=True)
class Shapes:
    """Figures of the elements' geometry, one row an oid; NaN for elements without any.

    Parameters
    ----------
    area_m2, volume_m3 : ndarray, shape (n,)
    spread_m : ndarray, shape (n, 3)
        Standard deviations of the surface about its middle along its main axes, ascending.
    middle : ndarray, shape (n, 3)
    low, high : ndarray, shape (n, 3)
        Box, model coordinates.
    """

    area_m2: Floats
    volume_m3: Floats
    spread_m: Floats
    middle: Floats
    low: Floats
    high: Floats


def shapes(data: ModelData, progress: Progress | None = None) -> Shapes:
    """Measure every element's geometry, in model coordinates."""
    store, count = data.meshes, len(data.elements)
    area, volume, outward = np.zeros(count), np.zeros(count), np.zeros((count, 3))
    first, second = np.zeros((count, 3)), np.zeros((count, 3, 3))
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    origin = np.full((count, 3), np.nan)  # of each element its own: models typed in at world coordinates lose nothing
    placements = zip(store.placement_mesh, store.placement_element, store.placement_matrix, strict=True)
    for number, (mesh, oid, matrix) in enumerate(placements):
        if progress is not None and number % 500 == 0:
            progress.step(number / len(store.placement_mesh), "progress.checks.measuring")
        points = store.vertices[store.mesh_vertices[mesh] : store.mesh_vertices[mesh + 1]].astype(np.float64)
        faces = store.faces[store.mesh_faces[mesh] : store.mesh_faces[mesh + 1]]
        if not len(faces):
            continue
        corners = (points @ matrix[:3, :3].T + matrix[:3, 3])[faces]
        low[oid] = np.minimum(low[oid], corners.min((0, 1)))
        high[oid] = np.maximum(high[oid], corners.max((0, 1)))
        if np.isnan(origin[oid, 0]):
            origin[oid] = corners[0, 0]
        a, b, c = (corners[:, at] - origin[oid] for at in range(3))
        normal = np.cross(b - a, c - a)
        weight, total = np.linalg.norm(normal, axis=1) / 2, a + b + c
        area[oid] += weight.sum()
        outward[oid] += normal.sum(axis=0) / 2
        volume[oid] += np.einsum("ij,ij->", a, normal) / 6
        first[oid] += weight @ total / 3
        for point in (a, b, c, total):  # the exact second moments of a triangle
            second[oid] += np.einsum("k,ki,kj->ij", weight, point, point) / 12
    has = area > 0
    for values in (area, volume, first, second, low, high):
        values[~has] = np.nan
    with np.errstate(invalid="ignore"):
        middle = first / area[:, None]
        moments = second / area[:, None, None] - np.einsum("ni,nj->nij", middle, middle)
    # about the surface's middle, so that a body that is not closed has the same figure wherever it stands
    volume = np.abs(volume - np.einsum("ij,ij->i", middle, outward) / 3)
    spread = np.full((count, 3), np.nan)
    if has.any():
        spread[has] = np.sqrt(np.maximum(np.linalg.eigvalsh(moments[has]), 0.0))
    return Shapes(area, volume, spread, middle + origin, low, high)


def compare(old: ModelData, new: ModelData, progress: Progress, *, tolerance_m: float = 0.001) -> Comparison:
    """Return every difference.

    Parameters
    ----------
    old, new : ModelData
    progress : Progress
    tolerance_m : float
        Places and sizes that differ less are the same.
    """
    was = shapes(old, progress.part(0.0, 0.3))
    now = shapes(new, progress.part(0.3, 0.6))
    progress.step(0.6, "progress.checks.matching")
    shift = _shift(was, now, _guid_pairs(old, new), tolerance_m)
    if shift.any():
        now = replace(now, middle=now.middle - shift, low=now.low - shift, high=now.high - shift)
    pairs = _partners(old, new, was, now, tolerance_m)
    changed = []
    had, has = _fields(old), _fields(new)
    for count, (i, j, match) in enumerate(sorted(pairs, key=lambda pair: pair[1])):
        if count % 200 == 0:
            progress.step(0.65 + 0.35 * count / len(pairs), "progress.checks.comparing")
        changes = [*_shape_changes(was, i, now, j, tolerance_m), *_field_changes(had, i, has, j),
                   *_property_changes(old.psets.get(i, {}), new.psets.get(j, {}))]  # fmt: skip
        if match != "guid":
            changes.insert(0, Change("attribute", "guid", old.elements["guid"].iat[i], new.elements["guid"].iat[j]))
        if changes:
            changed.append(Difference("changed", i, j, tuple(changes), match))
    kept_old, kept_new = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    added = [Difference("added", None, j) for j in _compared(new) if j not in kept_new]
    deleted = [Difference("deleted", i, None) for i in _compared(old) if i not in kept_old]
    return Comparison([*changed, *added, *deleted], shift)


def _compared(data: ModelData) -> list[int]:
    """Return the oids that are compared: openings and the like are no elements of their own."""
    skipped = data.elements["ifc_class"].isin({"IfcOpeningElement", "IfcVirtualElement", "IfcGrid", "IfcAnnotation"})
    return [int(oid) for oid in np.flatnonzero(~skipped.to_numpy())]


def _shift(was: Shapes, now: Shapes, pairs: list[tuple[int, int]], tolerance_m: float) -> Floats:
    """Return what at least nine tenths of the elements in both versions moved by, zeros for nothing.

    A site or building that was placed anew moves everything in it; two elements at least must agree.
    """
    none = np.zeros(3)
    if not pairs:
        return none
    first, second = np.array(pairs).T
    moves = now.middle[second] - was.middle[first]
    moves = moves[np.isfinite(moves).all(axis=1)]
    if len(moves) < 2:
        return none
    common: Floats = np.round(np.median(moves, axis=0), 6)
    agree = np.abs(moves - common).max(axis=1) <= tolerance_m
    return common if agree.mean() >= _MOST and np.abs(common).max() > tolerance_m else none


def _partners(
    old: ModelData, new: ModelData, was: Shapes, now: Shapes, tolerance_m: float
) -> list[tuple[int, int, str]]:
    """Return (old oid, new oid, how) of what is the same thing."""
    pairs: list[tuple[int, int, str]] = []
    left, right = _compared(old), _compared(new)

    def pair_up(how: str, key_old: Mapping[int, Any], key_new: Mapping[int, Any]) -> None:
        nonlocal left, right
        ours, theirs = _by_key(left, key_old), _by_key(right, key_new)
        taken_old, taken_new = set(), set()
        for key, oids in ours.items():
            others = theirs.get(key, [])
            # a key that several share says nothing, but for a GUID that a file holds twice
            if others and (how == "guid" or len(oids) == len(others) == 1):
                for i, j in zip(oids, others, strict=False):
                    pairs.append((i, j, how))
                    taken_old.add(i)
                    taken_new.add(j)
        left = [oid for oid in left if oid not in taken_old]
        right = [oid for oid in right if oid not in taken_new]

    pair_up("guid", _column(old, "guid"), _column(new, "guid"))
    if left and right:
        pair_up("tag", _column(old, "ifc_class", "tag"), _column(new, "ifc_class", "tag"))
    if left and right:
        pair_up("shape", _shape_keys(old, was, tolerance_m), _shape_keys(new, now, tolerance_m))
    return pairs


def _guid_pairs(old: ModelData, new: ModelData) -> list[tuple[int, int]]:
    ours, theirs = (_by_key(_compared(data), _column(data, "guid")) for data in (old, new))
    return [(oids[0], theirs[key][0]) for key, oids in ours.items() if key in theirs]


def _by_key(oids: Iterable[int], keys: Mapping[int, Any]) -> dict[Any, list[int]]:
    found: dict[Any, list[int]] = defaultdict(list)
    for oid in oids:
        if (key := keys.get(oid)) is not None:
            found[key].append(oid)
    return found


def _column(data: ModelData, *names: str) -> dict[int, tuple[str, ...]]:
    columns = [data.elements[name].astype(str).tolist() for name in names]
    return {oid: values for oid, values in enumerate(zip(*columns, strict=True)) if all(values)}


def _shape_keys(data: ModelData, measured: Shapes, tolerance_m: float) -> dict[int, tuple[object, ...]]:
    """Return class, name and a coarse shape with place, or the name alone for what has no geometry."""
    step = max(tolerance_m, 0.001) * 10
    keys: dict[int, tuple[object, ...]] = {}
    rows = zip(data.elements["ifc_class"], data.elements["name"], strict=True)
    for oid, (ifc_class, name) in enumerate(rows):
        if np.isfinite(measured.area_m2[oid]):
            place = tuple(np.round(measured.middle[oid] / step).astype(int).tolist())
            keys[oid] = (ifc_class, _stem(str(name)), round(float(measured.area_m2[oid]), 2), place)
        elif name:
            keys[oid] = (ifc_class, name)
    return keys


def _stem(name: str) -> str:
    """Return a name without the number that Revit puts behind it: ``"Basic Wall:Ext:130892"``."""
    head, _, tail = name.rpartition(":")
    return head if tail.isdigit() else name


def _shape_changes(was: Shapes, i: int, now: Shapes, j: int, tolerance_m: float) -> list[Change]:
    had, has = np.isfinite(was.area_m2[i]), np.isfinite(now.area_m2[j])
    if not had and not has:
        return []
    if had != has:
        return [Change("geometry", "geometry", bool(had), bool(has))]
    size = max(float(np.linalg.norm(was.high[i] - was.low[i])), tolerance_m)
    alike = (
        abs(was.area_m2[i] - now.area_m2[j]) <= 4 * size * tolerance_m
        and abs(was.volume_m3[i] - now.volume_m3[j]) <= 2 * size * size * tolerance_m
        and np.abs(was.spread_m[i] - now.spread_m[j]).max() <= tolerance_m
    )
    if not alike:
        found = [Change("geometry", "size_m", _rounded(was.high[i] - was.low[i]), _rounded(now.high[j] - now.low[j]))]
        for field, before, after in (("area_m2", was.area_m2[i], now.area_m2[j]),
                                     ("volume_m3", was.volume_m3[i], now.volume_m3[j])):  # fmt: skip
            if abs(before - after) > 1e-3:
                found.append(Change("geometry", field, round(float(before), 3), round(float(after), 3)))
        return found
    if np.abs(was.middle[i] - now.middle[j]).max() > tolerance_m:
        return [Change("moved", "middle_m", _rounded(was.middle[i]), _rounded(now.middle[j]))]
    if max(np.abs(was.low[i] - now.low[j]).max(), np.abs(was.high[i] - now.high[j]).max()) > tolerance_m:
        return [Change("moved", "size_m", _rounded(was.high[i] - was.low[i]), _rounded(now.high[j] - now.low[j]))]
    return []


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 3) for value in values]


def _fields(data: ModelData) -> list[list[Any]]:
    """Return the compared columns as lists, last the parents in words: cell by cell a data frame takes minutes."""
    frame = data.elements
    columns = [
        [_plain(value) for value in frame[field].tolist()] if field in frame.columns else [None] * len(frame)
        for field in _ASPECTS
    ]
    words = [f"{kind} {name}".strip() for kind, name in zip(frame["ifc_class"], frame["name"], strict=True)]
    columns.append([words[parent] if parent >= 0 else None for parent in frame["parent"].tolist()])
    return columns


def _field_changes(old: list[list[Any]], i: int, new: list[list[Any]], j: int) -> list[Change]:
    found = [
        Change(aspect, field, one[i], other[j])
        for (field, aspect), one, other in zip(_ASPECTS.items(), old, new, strict=False)
        if not _same(one[i], other[j])
    ]
    if old[-1][i] != new[-1][j] and not any(change.aspect == "container" for change in found):
        found.append(Change("container", "parent", old[-1][i], new[-1][j]))
    return found


def _plain(value: Any) -> Any:
    return None if value == "" or is_missing(value) else value


def _same(one: Any, other: Any) -> bool:
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other)):
        return bool(abs(one - other) <= 1e-6 * max(abs(one), abs(other), 1.0))
    return bool(one == other)


def _property_changes(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[Change]:
    if old == new:
        return []
    found = []
    for name in sorted({*old, *new}):
        before, after = old.get(name, {}), new.get(name, {})
        aspect = "quantity" if name.startswith(_QUANTITIES) else "property"
        found += [
            Change(aspect, f"{name}.{field}", before.get(field), after.get(field))
            for field in sorted({*before, *after})
            if field not in _NOISE and not _same(before.get(field), after.get(field))
        ]
    return found
