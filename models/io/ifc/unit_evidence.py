"""Which unit a model's values have where it assigns none: what its own geometry allows.

The schema leaves a measure without an assigned unit to the reader. Some exporters then write square metres, others the
square of their millimetres, and a column of 0.12 m³ becomes one of 118,896,206 m³. Both readings are compared with what
was drawn; where nothing can be compared, the unit is unknown and stays so.

Invariants
----------
1. Only kinds of measure that the model uses and assigns no unit to are decided, and only where readings differ.
2. The coherent SI unit is taken if it is possible; another only where SI is not and it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.bim.measure import Bodies, bodies
from models.geometry.meshes import MeshStore
from models.io.ifc.attributes import by_type, entities, entity, field, number

#: Share of compared values that a reading must make possible.
MOST = 0.9
#: Values compared of one kind at most.
ENOUGH = 5000
#: How far a stated volume may be from that of the closed body (gross of openings, net of layers).
VOLUME_RANGE = (0.2, 5.0)
#: A stated volume in shares of the bounding box, where the body is not closed.
BOX_RANGE = (1e-5, 1.05)
#: A stated area in shares of the body's surface.
SURFACE_RANGE = (1e-5, 1.05)
#: Density of what buildings are made of, kg/m³: from insulation to lead.
DENSITY_RANGE = (15.0, 15_000.0)

_QUANTITIES = {
    "IfcQuantityArea": ("AREAUNIT", "AreaValue"),
    "IfcQuantityVolume": ("VOLUMEUNIT", "VolumeValue"),
    "IfcQuantityWeight": ("MASSUNIT", "WeightValue"),
}
_MEASURES = {
    "IfcAreaMeasure": "AREAUNIT", "IfcVolumeMeasure": "VOLUMEUNIT", "IfcMassMeasure": "MASSUNIT",
    "IfcPlaneAngleMeasure": "PLANEANGLEUNIT", "IfcPositivePlaneAngleMeasure": "PLANEANGLEUNIT",
}  # fmt: skip
_LENGTHS = {1e-3: "mm", 1e-2: "cm", 0.1: "dm", 0.0254: "in", 0.3048: "ft", 1e3: "km"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The unit that a kind of measure was given.

    Parameters
    ----------
    kind : str
        ``"AREAUNIT"``.
    factor : float or None
        To coherent SI; None where the unit is unknown.
    unit : str
        Symbol, ``"mm²"``; empty where it is unknown.
    si : str
        Symbol of the SI unit.
    compared : int
        Values that were compared with geometry.
    count : int
        Values found.
    """

    kind: str
    factor: float | None
    unit: str
    si: str
    compared: int
    count: int


def choices(model: Any, assigned: Mapping[str, Any], length_m: float, meshes: MeshStore | None) -> dict[str, Choice]:
    """Decide the units of kinds that are used and not assigned, by kind.

    Parameters
    ----------
    model : ifcopenshell.file
    assigned : mapping
        Kinds of unit that the project assigns.
    length_m : float
        Metres in the project's unit of length.
    meshes : MeshStore or None
        Geometry by STEP id; None where there is none.
    """
    readings = {kind: units for kind, units in _readings(length_m).items() if kind not in assigned and len(units) > 1}
    if not readings:
        return {}
    values: dict[str, list[tuple[float, int]]] = {kind: [] for kind in readings}
    for kind, value, owner in _values(model):
        if kind in values and value > 0 and len(values[kind]) < ENOUGH:
            values[kind].append((value, owner))
    used = {kind: found for kind, found in values.items() if found}
    if not used:
        return {}
    sizes = _Sizes(meshes)
    made = {kind: _decided(kind, found, readings[kind], sizes) for kind, found in used.items()}
    return {kind: _as_its_sister(choice, made, readings[kind]) for kind, choice in made.items()}


def _readings(length_m: float) -> dict[str, list[tuple[float, str]]]:
    """Return the units in which a kind of measure may be written, the SI one first: (factor to SI, symbol)."""
    name = next((text for size, text in _LENGTHS.items() if math.isclose(size, length_m, rel_tol=1e-4)), "")
    derived = [] if math.isclose(length_m, 1.0, rel_tol=1e-6) else [name or f"{length_m:g} m"]
    return {
        "AREAUNIT": [(1.0, "m²"), *((length_m**2, f"{one}²") for one in derived)],
        "VOLUMEUNIT": [(1.0, "m³"), *((length_m**3, f"{one}³") for one in derived)],
        "MASSUNIT": [(1.0, "kg"), (1e-3, "g"), (1e3, "t")],
        "PLANEANGLEUNIT": [(1.0, "rad"), (math.pi / 180, "°")],
    }


def _values(model: Any) -> Iterator[tuple[str, float, int]]:
    """Yield (kind, value, STEP id of its owner) of quantities and properties without a unit of their own."""
    for relation in by_type(model, "IfcRelDefinesByProperties"):
        owners = [thing.id() for thing in entities(field(relation, "RelatedObjects"))]
        for definition in entities(field(relation, "RelatingPropertyDefinition")):
            for kind, value in _of_set(definition):
                for owner in owners:
                    yield kind, value, owner


def _of_set(definition: Any) -> Iterator[tuple[str, float]]:
    for one in (*entities(field(definition, "Quantities")), *entities(field(definition, "HasProperties"))):
        if entity(field(one, "Unit")) is not None:
            continue
        name = one.is_a()
        if name in _QUANTITIES:
            kind, attribute = _QUANTITIES[name]
            value = number(field(one, attribute))
        elif name == "IfcPropertySingleValue":
            stated = entity(field(one, "NominalValue"))
            kind = "" if stated is None else _MEASURES.get(stated.is_a(), "")
            value = number(stated) if kind else None
        else:
            continue
        if value is not None:
            yield kind, value


class _Sizes:
    """Measures of drawn elements by STEP id; nothing is measured before it is asked for."""

    def __init__(self, meshes: MeshStore | None) -> None:
        self._meshes = meshes
        self._rows: dict[int, int] = {}
        self._bodies: Bodies | None = None

    def _measured(self) -> Bodies | None:
        if self._bodies is None and self._meshes is not None and len(self._meshes.placement_mesh):
            from dataclasses import replace

            keys, rows = np.unique(np.asarray(self._meshes.placement_element), return_inverse=True)
            self._rows = {int(key): row for row, key in enumerate(keys)}
            self._bodies = bodies(replace(self._meshes, placement_element=rows.astype(np.int32)), len(keys))
        return self._bodies

    def range_of(self, kind: str, owner: int) -> tuple[float, float] | None:
        """Return what a value of an element may be in SI, None where nothing can be said."""
        found = self._measured()
        row = self._rows.get(owner)
        if found is None or row is None:
            return None
        if kind == "AREAUNIT":
            return _times(SURFACE_RANGE, float(found.surface_m2[row]))
        volume = found.volume_of(row)
        if kind == "VOLUMEUNIT":
            size = np.diff(found.bounds_m[row], axis=0)
            return _times(VOLUME_RANGE, volume) if volume else _times(BOX_RANGE, float(np.prod(size)))
        return _times(DENSITY_RANGE, volume) if volume else None


def _times(limits: tuple[float, float], size: float) -> tuple[float, float] | None:
    return (limits[0] * size, limits[1] * size) if math.isfinite(size) and size > 0 else None


def _decided(kind: str, values: list[tuple[float, int]], readings: list[tuple[float, str]], sizes: _Sizes) -> Choice:
    limit: Callable[[int], tuple[float, float] | None]
    if kind == "PLANEANGLEUNIT":  # no geometry needed: no angle is more than a full turn
        largest = max(value for value, _ in values)
        factor, unit = readings[0] if largest <= 2 * math.pi + 1e-3 else readings[1]
        return Choice(kind, factor, unit, readings[0][1], len(values), len(values))
    limit = {owner: sizes.range_of(kind, owner) for owner in {owner for _, owner in values}}.get
    compared = [(value, *bounds) for value, owner in values if (bounds := limit(owner)) is not None]
    if compared:
        value, low, high = np.array(compared).T
        for factor, unit in readings:
            if np.mean((value * factor >= low) & (value * factor <= high)) >= MOST:
                return Choice(kind, factor, unit, readings[0][1], len(compared), len(values))
    return Choice(kind, None, "", readings[0][1], len(compared), len(values))


def _as_its_sister(choice: Choice, made: Mapping[str, Choice], readings: list[tuple[float, str]]) -> Choice:
    """Let areas and volumes go together where only one of them could be compared with anything."""
    sister = made.get({"AREAUNIT": "VOLUMEUNIT", "VOLUMEUNIT": "AREAUNIT"}.get(choice.kind, ""))
    if choice.factor is not None or choice.compared or sister is None or sister.factor is None:
        return choice
    factor, unit = readings[0] if sister.unit == sister.si else readings[1]
    return Choice(choice.kind, factor, unit, choice.si, sister.compared, choice.count)
