"""Whether the sizes that a model states can be: held against what is drawn of the same element.

Exporters state areas that no wall of that length and height has (both sides and the reveals added up), volumes in mixed
units, net areas larger than gross ones. What may be at most is data, ``[[possible]]`` in
``resources/standards/ifc_facts.toml``; so is what is measured instead.

Invariants
----------
1. Only an element with final geometry is judged; silence, what is not drawn and what only the first picture's kernel
   could draw are never wrong.
2. A limit is never narrower than the shape itself: curved walls count by their faces, not by their chord.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from models.bim import outline
from models.bim.columns import Mask, index_of
from models.bim.measure import Bodies, bodies
from models.bim.rules import of_kind
from models.layers.layer import ModelData
from resources.standards import standard

Floats = NDArray[np.float64]

#: Triangles steeper than this stand: the height of their unit normal.
_STANDING = 0.5


@dataclass(frozen=True, slots=True)
class Extent:
    """What is drawn of one element.

    Parameters
    ----------
    length_m, width_m : float
        Sides of the narrowest rectangle about it in plan, the longer first.
    height_m : float
    standing_m2 : float
        Half the area of its upright faces: one side of a wall, whatever its shape in plan.
    front_m2 : float
        Its largest upright face seen square on, openings left out.
    surface_m2 : float
    """

    length_m: float
    width_m: float
    height_m: float
    standing_m2: float
    front_m2: float
    surface_m2: float

    def limit(self, name: str) -> float:
        """Return the most that a kind of size can be, m, m² or m³."""
        plan = self.length_m * self.width_m
        limits = {
            "side": max(self.length_m * self.height_m, self.standing_m2),
            "flat": max(plan, self.surface_m2 / 2),
            "plan": plan,
            "surface": self.surface_m2,
            "box": plan * self.height_m,
            "length": float(np.sqrt(self.length_m**2 + self.height_m**2) + self.width_m),
        }
        return limits[name]

    def side_m2(self) -> float:
        """Return one side of a wall: its front, of a curved or angled one half of what stands."""
        return self.front_m2 if self.front_m2 >= 0.75 * self.standing_m2 else self.standing_m2


@dataclass(frozen=True, slots=True)
class Impossible:
    """A stated size that cannot be.

    Parameters
    ----------
    oid : int
    name : str
        ``"BaseQuantities.NetSideArea"``.
    stated, limit : float
    unit : str
    """

    oid: int
    name: str
    stated: float
    limit: float
    unit: str


class Sizes:
    """Measures of a model's elements, made for those that are asked for."""

    def __init__(self, data: ModelData, measured: Bodies | None = None) -> None:
        self.data = data
        self._measured = measured
        self._extents: dict[int, Extent | None] = dict.fromkeys(data.info.get("approximate") or ())
        self.is_final = data.info.get("stage") != "preview"

    @cached_property
    def bodies(self) -> Bodies:
        """Return the measures of all elements."""
        return self._measured or bodies(self.data.meshes, len(self.data.elements))

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        places: dict[int, list[int]] = {}
        for place, oid in enumerate(np.asarray(self.data.meshes.placement_element).tolist()):
            places.setdefault(oid, []).append(place)
        return places

    def extent(self, oid: int) -> Extent | None:
        """Return what is drawn of an element, None for nothing that is final."""
        if not self.is_final:
            return None
        if oid not in self._extents:
            self._extents[oid] = self._made(oid)
        return self._extents[oid]

    def _made(self, oid: int) -> Extent | None:
        parts = [triangles for place in self._places.get(oid, ()) if len(triangles := self._triangles(place))]
        if not parts:
            return None
        triangles = np.concatenate(parts)
        points = triangles.reshape(-1, 3)
        length, width = sides_of(points[:, :2])
        normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]) / 2
        area = np.linalg.norm(normal, axis=1)
        stands = (area > 0) & (np.abs(normal[:, 2]) < _STANDING * area)
        return Extent(
            length,
            width,
            float(np.ptp(points[:, 2])),
            float(area[stands].sum() / 2),
            _front(normal[stands]),
            float(area.sum()),
        )

    def _triangles(self, place: int) -> Floats:
        meshes = self.data.meshes
        mesh, matrix = int(meshes.placement_mesh[place]), np.asarray(meshes.placement_matrix[place], np.float64)
        faces = np.asarray(meshes.faces[meshes.mesh_faces[mesh] : meshes.mesh_faces[mesh + 1]])
        points = np.asarray(meshes.vertices[meshes.mesh_vertices[mesh] : meshes.mesh_vertices[mesh + 1]], np.float64)
        placed: Floats = points @ matrix[:3, :3].T + matrix[:3, 3]
        return placed[faces] if len(faces) else np.empty((0, 3, 3))

    def instead(self, rule: Mapping[str, Any], oid: int) -> float | None:
        """Return what is measured in the place of a size that cannot be, None where nothing can."""
        extent = self.extent(oid)
        how = str(rule.get("measure", ""))
        if extent is None or not how:
            return None
        if how == "side":
            return extent.side_m2()
        if how == "front":
            return extent.length_m * extent.height_m
        if how == "outline":
            shape, _ = outline.of(self.data, [oid])
            return None if shape is None else float(shape.area)
        return self.bodies.volume_of(oid) if how == "volume" else None


def sides_of(points: Floats) -> tuple[float, float]:
    """Return the sides of the narrowest rectangle about points in plan, the longer first."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shapely.multipoints(points)))
    if len(corners) < 3:
        return float(np.linalg.norm(corners[-1] - corners[0])) if len(corners) else 0.0, 0.0
    sides = np.linalg.norm(np.diff(corners[:3], axis=0), axis=1)
    return float(sides.max()), float(sides.min())


def _front(normals: Floats) -> float:
    """Return the largest area that upright faces show to one side, m²."""
    if not len(normals):
        return 0.0
    size = np.linalg.norm(normals[:, :2], axis=1)
    most = np.argsort(size)[-8:]
    towards = normals[most, :2] / np.maximum(size[most], 1e-12)[:, None]
    seen = normals[:, :2] @ towards.T
    along = seen / np.maximum(size, 1e-12)[:, None]
    front = np.where(along > 0.99, seen, 0.0).sum(axis=0)
    back = np.where(along < -0.99, -seen, 0.0).sum(axis=0)
    return float(np.maximum(front, back).max())


def rule_for(name: str, rules: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the rule that holds for a property, ``"BaseQuantities.NetSideArea"``, None for none."""
    group, _, prop = name.rpartition(".")
    for rule in rules:
        sets = rule.get("sets")
        if prop in rule["names"] and (not sets or any(one.casefold() in group.casefold() for one in sets)):
            return rule
    return None


def impossible(data: ModelData, measured: Bodies | None = None) -> list[Impossible]:
    """Return all stated sizes of a model that its geometry rules out, and net sizes above gross ones."""
    sizes = Sizes(data, measured)
    found: list[Impossible] = []
    for rule in standard("ifc_facts")["possible"]:
        mine = np.zeros(len(data.elements), bool)
        mine[of_kind(data, *rule["classes"])] = True
        for name, values, known in _columns(data, rule):
            for oid in np.flatnonzero(mine & known).tolist():
                if not np.isfinite(values[oid]) or (extent := sizes.extent(oid)) is None:
                    continue
                limit = extent.limit(rule["limit"]) * float(rule["at_most"])
                if values[oid] > limit and limit > 0:
                    found.append(Impossible(oid, name, float(values[oid]), limit, str(rule["unit"])))
    return found + list(_net_over_gross(data))


def _columns(data: ModelData, rule: Mapping[str, Any]) -> Iterator[tuple[str, Any, Mask]]:
    """Yield (name, values, known) of the properties for which a rule holds and whose unit is the rule's."""
    index = index_of(data)
    for prop in rule["names"]:
        for group, name in index.named.get(prop.casefold(), ()):
            full = f"{group}.{name}"
            if index.unit(group, name) == rule["unit"] and rule_for(full, [{**rule, "names": [name]}]) is not None:
                values, known = index.column(group, name)
                if values.dtype.kind == "f":
                    yield full, values, known


def _net_over_gross(data: ModelData) -> Iterator[Impossible]:
    index = index_of(data)
    for row in standard("ifc_facts")["net_and_gross"]:
        for group, name in index.named.get(row["net"].casefold(), ()):
            gross_name = next((one for at, one in index.named.get(row["gross"].casefold(), ()) if at == group), "")
            if not gross_name:
                continue
            (net, has_net), (gross, has_gross) = index.column(group, name), index.column(group, gross_name)
            if net.dtype.kind != "f" or gross.dtype.kind != "f":
                continue
            both = has_net & has_gross
            over = np.zeros(len(both), bool)
            over[both] = (net[both] > gross[both] * float(row["at_most"])) & (gross[both] > 0)
            for oid in np.flatnonzero(over).tolist():
                unit = index.unit(group, name)
                yield Impossible(oid, f"{group}.{name}", float(net[oid]), float(gross[oid]), unit)
