"""What a model holds, and where it is not as it should be.

Invariants
----------
1. An issue names every element that has it; a weakness of the model as a whole names the element it sits in (project,
   site, storey) or none.
2. Nothing is judged that the schema allows for: openings, grids, spatial parts and assemblies need no geometry of their
   own, only what is meant to be built needs a material.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.bim.measure import Bodies, bodies
from models.bim.possible import impossible
from models.bim.rules import of_kind
from models.bim.tree import SPATIAL, parents_of
from models.io.ifc.property_sets import PsetStore
from models.layers.layer import ModelData

Oids = NDArray[np.int32]
Mask = NDArray[np.bool_]

SEVERITIES = ("error", "warning", "info")
#: Farther than this from the model's origin, float32 and CAD kernels lose millimetres.
FAR_M = 10_000.0
#: No single part of a building is as large; roads, sites and alignments are left out.
HUGE_M = 500.0
#: A part that is nowhere thicker is a flat picture or a leftover.
FLAT_M = 1e-4
#: From this share of proxies on the model says little of what its elements are.
MANY_PROXIES = 0.1
_GUID = re.compile(r"[0-3][0-9A-Za-z_$]{21}")
_LARGE = ("IfcSpatialElement", "IfcSpatialStructureElement", "IfcGeographicElement", "IfcAlignment", "IfcLinearElement",
          "IfcCivilElement", "IfcEarthworksElement", "IfcCourse", "IfcPavement", "IfcRail", "IfcAnnotation", "IfcGrid",
          "IfcPositioningElement")  # fmt: skip
_BUILT = ("IfcWall", "IfcSlab", "IfcColumn", "IfcBeam", "IfcRoof", "IfcFooting", "IfcPile", "IfcMember", "IfcPlate",
          "IfcCovering", "IfcWindow", "IfcDoor", "IfcStair", "IfcStairFlight", "IfcRamp", "IfcRailing")  # fmt: skip
#: Properties named in one sentence.
_NAMED = 4
_STOREY_NUMBER = re.compile(r"(?<!\d)(-?\d{1,3})(?!\d)")


@dataclass(frozen=True, slots=True, eq=False)
class Issue:
    """One kind of weakness and the elements that have it.

    Parameters
    ----------
    code : str
        ``quality.<code>`` is its sentence, ``quality.<code>.tip`` what to do.
    severity : str
        ``"error"``, ``"warning"`` or ``"info"``.
    oids : ndarray of int32
    facts : mapping
        Values for the sentence; ``count`` always.
    """

    code: str
    severity: str
    oids: Oids
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """Return the key of its sentence; ``.tip`` behind it is what to do."""
        return f"quality.{self.code}"


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a model.

    Parameters
    ----------
    elements, with_geometry, triangles, unique_meshes, placements : int
    classes : mapping of str to int
        Elements by class, most first.
    storeys, spaces, types, materials, systems, property_sets : int
        Distinct ones.
    """

    elements: int
    with_geometry: int
    triangles: int
    unique_meshes: int
    placements: int
    classes: Mapping[str, int]
    storeys: int
    spaces: int
    types: int
    materials: int
    systems: int
    property_sets: int


def statistics(data: ModelData) -> Statistics:
    """Count a model."""
    elements = data.elements
    classes = {str(name): int(count) for name, count in elements["ifc_class"].value_counts().items()}

    def distinct(name: str) -> int:
        return int(elements[name][elements[name] != ""].nunique())

    psets = data.psets if isinstance(data.psets, PsetStore) else PsetStore.of(data.psets, len(elements))
    return Statistics(
        elements=len(elements),
        with_geometry=int(elements["has_geometry"].sum()),
        triangles=data.meshes.triangle_count,
        unique_meshes=max(len(data.meshes.mesh_faces) - 1, 0),
        placements=len(data.meshes.placement_mesh),
        classes=classes,
        storeys=classes.get("IfcBuildingStorey", 0),
        spaces=classes.get("IfcSpace", 0),
        types=distinct("type_name"),
        materials=distinct("material"),
        systems=distinct("system"),
        property_sets=len({name for name, _ in psets.all_sets()}),
    )


def issues(data: ModelData) -> list[Issue]:
    """Return a model's weaknesses, errors first."""
    found = _Examiner(data).all()
    return sorted(found, key=lambda issue: SEVERITIES.index(issue.severity))


class _Examiner:
    def __init__(self, data: ModelData) -> None:
        self.data, self.elements = data, data.elements
        self.count = len(data.elements)
        self.spatial: Mask = self.elements["ifc_class"].isin(SPATIAL).to_numpy()
        self.drawn: Mask = self.elements["has_geometry"].to_numpy(bool)
        self.parents = parents_of(self.elements)
        self.product = self._mask("IfcElement") & ~self._mask("IfcFeatureElement")
        self.bodies: Bodies = bodies(data.meshes, self.count)

    def all(self) -> list[Issue]:
        """Run every check."""
        found: list[Issue] = []
        for check in (
            self._identity, self._placing, self._geometry, self._sizes, self._quantities, self._copies, self._said,
            self._storeys, self._georeference,
        ):  # fmt: skip
            found += check()
        return found

    def _mask(self, *classes: str) -> Mask:
        mask = np.zeros(self.count, bool)
        mask[of_kind(self.data, *classes)] = True
        return mask

    def _issue(self, code: str, severity: str, mask: Mask, **facts: object) -> list[Issue]:
        oids = np.flatnonzero(mask).astype(np.int32)
        return [Issue(code, severity, oids, {"count": len(oids), **facts})] if len(oids) else []

    def _identity(self) -> list[Issue]:
        guids = self.elements["guid"]
        twice = guids.duplicated(keep=False).to_numpy() & (guids != "").to_numpy()
        malformed = np.array([_GUID.fullmatch(guid) is None for guid in guids], bool)
        return [
            *self._issue("duplicate_guid", "error", twice, distinct=int(guids[twice].nunique())),
            *self._issue("malformed_guid", "error", malformed),
        ]

    def _placing(self) -> list[Issue]:
        """Find elements that stand in no site, building, storey or other spatial part, and circles."""
        house = self.spatial & (self.elements["ifc_class"] != "IfcProject").to_numpy()
        placed = house.copy()
        at = self.parents.copy()
        for _ in range(64):
            going = at >= 0
            if not going.any():
                break
            placed[going] |= house[at[going]]
            at[going] = self.parents[at[going]]
        return [
            *self._issue("unplaced", "warning", self.product & ~placed),
            *self._issue("circular", "error", at >= 0),
        ]

    def _geometry(self) -> list[Issue]:
        has_parts = np.zeros(self.count, bool)
        drawn = np.flatnonzero(self.drawn)
        at = self.parents[drawn]
        for _ in range(64):
            at = at[at >= 0]
            if not len(at):
                break
            has_parts[at] = True
            at = np.unique(self.parents[at])
        none = self.product & ~self.drawn & ~has_parts
        if none.sum() == self.product.sum() and none.any():
            return self._issue("nothing_drawn", "warning", none)
        return self._issue("no_geometry", "warning", none)

    def _sizes(self) -> list[Issue]:
        low, high = self.bodies.bounds_m[:, 0], self.bodies.bounds_m[:, 1]
        sizes = high - low
        with np.errstate(invalid="ignore"):
            far = np.abs((low + high) / 2).max(axis=1) > FAR_M
            huge = (sizes.max(axis=1) > HUGE_M) & ~self._mask(*_LARGE)
            point = sizes.max(axis=1) < 1e-3
            flat = (sizes.min(axis=1) < FLAT_M) & ~point & self._mask(*_BUILT)
            empty = self.bodies.closed & (self.bodies.volume_m3 < 1e-9) & ~point & ~flat & self.product
        distance = float(np.nanmax(np.abs((low + high) / 2))) if far.any() else 0.0
        return [
            *self._issue("far_from_origin", "warning", far, distance_km=f"{distance / 1000:,.0f}"),
            *self._issue("huge", "warning", huge, limit_m=f"{HUGE_M:g}"),
            *self._issue("tiny", "warning", point & self.product),
            *self._issue("flat", "info", flat),
            *self._issue("no_volume", "warning", empty),
        ]

    def _quantities(self) -> list[Issue]:
        """Find elements that state sizes which cannot be."""
        found = impossible(self.data, self.bodies)
        mask = np.zeros(self.count, bool)
        mask[[one.oid for one in found]] = True
        names = [name for name, _ in Counter(one.name for one in found).most_common(_NAMED)]
        return self._issue("impossible_size", "warning", mask, names=", ".join(names))

    def _copies(self) -> list[Issue]:
        """Find elements of one class with the same body at the same place (to the millimetre)."""
        rows = np.flatnonzero(self.drawn & self.product & np.isfinite(self.bodies.surface_m2))
        if not len(rows):
            return []
        frame = pd.DataFrame(np.round(self.bodies.bounds_m[rows].reshape(-1, 6), 3))
        frame["area"] = np.round(self.bodies.surface_m2[rows], 3)
        frame["triangles"] = self.bodies.triangles[rows]
        frame["class"] = self.elements["ifc_class"].to_numpy()[rows]
        same = frame.duplicated(keep=False).to_numpy()
        mask = np.zeros(self.count, bool)
        mask[rows[same]] = True
        more = int(frame[same].duplicated().sum())
        return self._issue("same_place", "warning", mask, more=more)

    def _said(self) -> list[Issue]:
        proxies = self.elements["ifc_class"].isin(("IfcBuildingElementProxy", "IfcBuildingElement", "IfcBuiltElement"))
        share = float(proxies.sum()) / max(int(self.product.sum()), 1)
        psets: Any = (
            self.data.psets if isinstance(self.data.psets, PsetStore) else PsetStore.of(self.data.psets, self.count)
        )
        bare = np.ones(self.count, bool)
        bare[np.unique(psets.owners()[0])] = False
        nameless = (self.elements["name"].fillna("").str.strip() == "").to_numpy()
        material = (self.elements["material"].fillna("") == "").to_numpy()
        built = self._mask(*_BUILT) & self.drawn
        return [
            *self._issue(
                "proxies",
                "warning" if share > MANY_PROXIES else "info",
                proxies.to_numpy(),
                percent=f"{share * 100:.0f}",
            ),
            *self._issue("no_name", "info", nameless & self.product),
            *self._issue("no_material", "info", material & built),
            *self._issue("no_properties", "info", bare & self.product),
        ]

    def _storeys(self) -> list[Issue]:
        storeys = of_kind(self.data, "IfcBuildingStorey")
        mask = np.zeros(self.count, bool)
        if not len(storeys):
            walls = self._mask("IfcWall", "IfcSlab")
            return self._issue("no_storeys", "warning", walls)
        heights = self.elements["elevation_m"].to_numpy(float)
        silent, level, order = mask.copy(), mask.copy(), mask.copy()
        silent[storeys] = ~np.isfinite(heights[storeys])
        for building in np.unique(self.parents[storeys]):
            mine = [int(oid) for oid in storeys if self.parents[oid] == building and np.isfinite(heights[oid])]
            by_height: dict[float, list[int]] = {}
            for oid in mine:
                by_height.setdefault(round(float(heights[oid]), 3), []).append(oid)
            for same in by_height.values():
                level[same] = len(same) > 1
            numbered = [(int(found[1]), heights[oid], oid) for oid in mine if (found := _number(self.elements, oid))]
            numbered.sort(key=lambda item: item[1])
            for (a, low, one), (b, high, other) in pairwise(numbered):
                if a > b and high > low:
                    order[[one, other]] = True
        return [
            *self._issue("storey_no_elevation", "warning", silent),
            *self._issue("storey_same_elevation", "info", level),
            *self._issue("storey_order", "warning", order),
        ]

    def _georeference(self) -> list[Issue]:
        if self.data.info.get("georef") in (None, "", "none"):
            sites = of_kind(self.data, "IfcSite")
            return [Issue("no_georeference", "info", sites, {"count": len(sites)})]
        if self.data.info.get("georef") == "site_latlon":
            sites = of_kind(self.data, "IfcSite")
            return [Issue("unsure_place", "info", sites, {"count": len(sites)})]
        return []


def _number(elements: pd.DataFrame, oid: int) -> re.Match[str] | None:
    """Return the number in the name of a storey above ground: "Level 2", "2F", "03 OG"; None for other names."""
    name = str(elements["name"].iat[oid])
    if re.search(r"(?i)\b(?:B\d|UG|KG|basement|cellar|mezz)|地下|负|夹层|米|m\b|[+.]", name):
        return None
    return _STOREY_NUMBER.search(name)
