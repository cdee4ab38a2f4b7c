"""Derives the facts of one model by the rules in :mod:`models.bim.facts`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from models.bim import outline
from models.bim.columns import index_of
from models.bim.fact import Fact, Refused, Value, says
from models.bim.measure import Bodies, bodies
from models.bim.possible import Sizes, rule_for, sides_of
from models.bim.rules import of_kind
from models.bim.tree import ancestor_of_class, parts_of
from models.core.errors import UserError
from models.layers.layer import ModelData
from resources.standards import standard

_UNITS = {"height_m": "m", "wall_u_value": "W/(m²·K)"}
_BUILT = ("IfcWall", "IfcCurtainWall", "IfcSlab", "IfcRoof", "IfcColumn", "IfcBeam", "IfcMember", "IfcPlate",
          "IfcCovering", "IfcStair")  # fmt: skip
#: A gross floor area below this share of what its rooms add up to cannot be one.
_LEAST_NET = 0.95
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


@dataclass(slots=True)
class _Areas:
    """Areas of elements: as stated, those that count, and which cannot be."""

    stated: dict[int, float] = field(default_factory=dict)
    areas: dict[int, float] = field(default_factory=dict)
    wrong: list[int] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def fact(self, told: Fact) -> Fact:
        """Return a fact with its source, and with what of it was refused."""
        name = ", ".join(self.sources)
        if not self.wrong:
            return replace(told, source=name)
        refused = Refused(name, sum(self.stated.values()), len(self.wrong))
        if told.value is None:
            return replace(told, basis="", source="", oids=(), certainty="refused", refused=refused)
        whole = len(self.wrong) == len(self.stated)
        return replace(
            told, basis="geometry" if whole else "quantity", source="measured_elements" if whole else name,
            certainty="corrected", refused=refused,
        )  # fmt: skip


class FactReader:
    """Answers one model's facts; what several facts need is worked out once."""

    def __init__(self, data: ModelData) -> None:
        self.data, self.elements = data, data.elements
        self.rules: dict[str, Any] = standard("ifc_facts")
        self.names = [f"{a} {b}" for a, b in zip(self.elements["name"], self.elements["long_name"], strict=True)]

    def fact(self, code: str) -> Fact:
        """Return one fact: as stated if it is, else as this class can work it out."""
        finder: Callable[[], Fact | None] | None = getattr(self, f"_{code}", None)
        stated = self._stated(code)
        if stated is not None and self._is_possible(stated):
            return stated
        found = (finder() if finder else None) or Fact(code, None, self._unit(code))
        if stated is None or not isinstance(stated.value, (int, float)):
            return found
        certainty = "refused" if found.value is None else "corrected"
        return replace(found, certainty=certainty, refused=Refused(stated.source, float(stated.value)))

    def _is_possible(self, stated: Fact) -> bool:
        """Whether a figure of the building fits what is drawn of it; where nothing is drawn, anything does."""
        rule = next((row for row in self.rules["possible_building"] if row["fact"] == stated.code), None)
        if rule is None or not isinstance(stated.value, (int, float)) or isinstance(stated.value, bool):
            return True
        if stated.code == "gross_floor_area_m2" and sum(self._room_areas().areas.values()) * _LEAST_NET > stated.value:
            return False
        box = self._built_box if self.sizes.is_final else None
        if box is None:
            return True
        limit = {"plan": box[0] * box[1], "height": box[2], "storeys": box[0] * box[1] * self._storeys_drawn}
        most = limit[str(rule["limit"])]
        return most <= 0 or stated.value <= most * float(rule["at_most"])

    @cached_property
    def _built_box(self) -> tuple[float, float, float] | None:
        """Return length, width and height of the narrowest box about all that is built, None without walls or slabs."""
        shell = of_kind(self.data, "IfcWall", "IfcSlab", "IfcCurtainWall")
        if np.isnan(self.bodies.bounds_m[shell, 0, 0]).all():
            return None
        boxes = self.bodies.bounds_m[of_kind(self.data, *_BUILT)]
        boxes = boxes[np.isfinite(boxes[:, 0, 0])]
        corners = np.concatenate([boxes[:, i, :2] if i == j else np.stack([boxes[:, i, 0], boxes[:, j, 1]], axis=1)
                                  for i in (0, 1) for j in (0, 1)])  # fmt: skip
        length, width = sides_of(corners)
        return length, width, float(np.ptp(boxes[:, :, 2]))

    @property
    def _storeys_drawn(self) -> int:
        """Return the storeys that an area may be spread over, 0 where none is known."""
        above, below = self._floors
        return len(above) + len(below)

    @staticmethod
    def _unit(code: str) -> str:
        return _UNITS.get(code, "m²" if code.endswith("_m2") else "")

    # --- stated

    def _stated(self, code: str) -> Fact | None:
        """Return what a property of the building, the site or the project says."""
        names = next((row["names"] for row in self.rules["property"] if row["fact"] == code), ())
        where = [*of_kind(self.data, "IfcBuilding"), *of_kind(self.data, "IfcSite"), *of_kind(self.data, "IfcProject")]
        for name in names:
            found: list[tuple[int, Value]] = []
            for values, known, kind in self._columns(name):
                for oid in where if "site" not in kind else ():
                    value = self._fitting(code, values[oid]) if known[oid] else None
                    if value is not None:
                        found.append((int(oid), value))
                if found:
                    break
            if found:
                return self._of_buildings(code, name, found)
        return None

    def _of_buildings(self, code: str, name: str, found: list[tuple[int, Value]]) -> Fact:
        """Add up areas of several buildings; of anything else the first one counts."""
        first, value = found[0]
        oids: tuple[int, ...] = (first,)
        of_buildings = [(oid, v) for oid, v in found if self.elements["ifc_class"].iat[oid] == "IfcBuilding"]
        if code.endswith("_m2") and len(of_buildings) > 1:
            oids = tuple(oid for oid, _ in of_buildings)
            value = sum(float(v) for _, v in of_buildings if isinstance(v, (int, float)))
        basis = "quantity" if "Quantities" in name else "property"
        return Fact(code, value, self._unit(code), oids, basis, name, "stated")

    def _columns(self, name: str) -> list[tuple[Any, Any, str]]:
        """Return (values, known, set) of a property given as ``Set.Name`` or as a mere name."""
        index = index_of(self.data)
        if "." in name:
            try:
                group, prop = index.split(name)
            except UserError:
                return []
            return [(*index.column(group, prop), group.casefold())]
        pairs = index.named.get(name.casefold(), ())
        return [(*index.column(*pair), pair[0].casefold()) for pair in pairs]

    def _fitting(self, code: str, value: Any) -> Value:
        """Return a stated value as what the fact is, None where it says nothing of it."""
        if code == "year":
            found = _YEAR.search(f"{value:.0f}" if isinstance(value, (float, np.floating)) else str(value))
            return int(found[1]) if found else None
        if code == "structure":
            return next((row["id"] for row in self.rules["structure"] if says(str(value), row["words"])), str(value))
        if code == "accessible":
            return value if isinstance(value, bool) else None
        if code == "use":
            return re.sub(r"^citygml:\d+\s*", "", str(value)).strip("() ") or None
        try:
            number = float(value)
        except (TypeError, ValueError):
            found = re.match(r"\s*(\d+(?:\.\d+)?)", str(value))
            number = float(found[1]) if found else np.nan
        if not np.isfinite(number) or number <= 0:
            return None
        return round(number) if code in ("dwellings", "storeys_above", "storeys_below") else number

    # --- storeys

    @cached_property
    def _storey_of(self) -> Any:
        return ancestor_of_class(self.elements, "IfcBuildingStorey")

    @cached_property
    def _floors(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return storeys above and below ground, lowest first; each a list of levels that lie within one storey."""
        rules = self.rules["storey"]
        heights = self.elements["elevation_m"].to_numpy(float)
        used = {int(oid) for oid in self._storey_of[[*self.rooms, *of_kind(self.data, "IfcDoor", "IfcWindow")]]}
        walked = {int(oid) for oid in self._storey_of[[*self.rooms, *of_kind(self.data, "IfcDoor")]]}
        kept = []
        for oid in of_kind(self.data, "IfcBuildingStorey").tolist():
            drawn_only = says(self.names[oid], rules["not_a_storey"])
            if oid in walked if drawn_only else oid in used or not used - {-1}:
                kept.append(oid)
        kept.sort(key=lambda oid: (np.nan_to_num(heights[oid]), oid))
        buried = re.compile(rules["below_pattern"], re.IGNORECASE)
        index = index_of(self.data)
        stated = dict.fromkeys(range(0))
        if ("Pset_BuildingStoreyCommon", "AboveGround") in index.columns:
            values, known = index.column("Pset_BuildingStoreyCommon", "AboveGround")
            stated = {oid: values[oid] for oid in kept if known[oid]}
        above: list[list[int]] = []
        below: list[list[int]] = []
        last = {id(above): -np.inf, id(below): -np.inf}
        for oid in kept:
            name = str(self.elements["name"].iat[oid])
            under = says(self.names[oid], rules["below"]) or buried.search(name) is not None or heights[oid] < -1.5
            side = above if stated.get(oid, not under) in (True, "TRUE") else below
            if side and heights[oid] - last[id(side)] < rules["least_height_m"]:
                side[-1].append(oid)
            else:
                side.append([oid])
                last[id(side)] = heights[oid]
        return above, below

    def _storeys_above(self) -> Fact | None:
        above, below = self._floors
        if not above:
            index = index_of(self.data)
            if ("Pset_BuildingCommon", "NumberOfStoreys") not in index.columns or below:
                return None
            values, known = index.column("Pset_BuildingCommon", "NumberOfStoreys")
            first = int(np.flatnonzero(known)[0]) if known.any() else -1
            if first < 0:
                return None
            name = "Pset_BuildingCommon.NumberOfStoreys"
            return Fact("storeys_above", int(values[first]), "", (first,), "property", name, "guessed")
        oids = [oid for level in above for oid in level]
        return Fact("storeys_above", len(above), "", tuple(oids), "elements", "IfcBuildingStorey", "derived")

    def _storeys_below(self) -> Fact | None:
        above, below = self._floors
        if not above and not below:
            return None
        oids = [oid for level in below for oid in level]
        if (
            not below
            and not np.isfinite(self.elements["elevation_m"].to_numpy(float)[[o for lv in above for o in lv]]).all()
        ):
            return None
        return Fact("storeys_below", len(below), "", tuple(oids), "elements", "IfcBuildingStorey", "derived")

    # --- sizes

    @cached_property
    def bodies(self) -> Bodies:
        """Return the measures of all elements."""
        return bodies(self.data.meshes, len(self.elements))

    def _gross_floor_area_m2(self) -> Fact | None:
        above, below = self._floors
        levels = [oid for level in (*above, *below) for oid in level]
        for name in ("Qto_BuildingStoreyBaseQuantities.GrossFloorArea", "BaseQuantities.GrossFloorArea"):
            for values, known, _ in self._columns(name):
                if levels and known[levels].all():
                    total = float(np.sum(values[levels].astype(float)))
                    if total > 0:
                        return Fact("gross_floor_area_m2", total, "m²", tuple(levels), "quantity", name, "stated")
        total, used = 0.0, list[int]()
        for level in (*above, *below):
            shape, oids = outline.of_building(self.data, *self.built_on(level))
            if shape is None:
                return None
            total += float(shape.area)
            used += oids
        if not total:
            return None
        return Fact("gross_floor_area_m2", total, "m²", tuple(used), "geometry", "storey_outlines", "derived")

    def built_on(self, levels: Sequence[int]) -> tuple[list[int], list[int]]:
        """Return what stands (walls, columns) and what lies (slabs) on levels; on any if none are given."""
        roofs = self.elements["predefined_type"].to_numpy()

        def on(*classes: str) -> list[int]:
            mine = of_kind(self.data, *classes).tolist()
            return [oid for oid in mine if not len(levels) or (self._storey_of[oid] in levels and roofs[oid] != "ROOF")]

        return on("IfcWall", "IfcCurtainWall", "IfcColumn", "IfcPlate"), on("IfcSlab")

    def footprint(self) -> tuple[Any, list[int]]:
        """Return the outline of the ground floor, of the whole model where no floor has geometry."""
        above, _ = self._floors
        shape, used = outline.of_building(self.data, *self.built_on(above[0] if above else ()))
        return (shape, used) if shape is not None else outline.of_building(self.data, *self.built_on(()))

    def _footprint_m2(self) -> Fact | None:
        shape, used = self.footprint()
        if shape is None:
            return None
        area = float(shape.area)
        return Fact("footprint_m2", area, "m²", tuple(used), "geometry", "ground_outline", "derived")

    def _height_m(self) -> Fact | None:
        above, _ = self._floors
        parts = of_kind(self.data, *_BUILT)
        tops = self.bodies.bounds_m[parts, 1, 2]
        if not len(parts) or np.isnan(tops).all() or not above:
            return None
        ground = self._ground_m(above[0])
        if ground is None:
            return None
        highest = int(parts[np.nanargmax(tops)])
        height = float(np.nanmax(tops) - ground)
        oids = (above[0][0], highest)
        return Fact("height_m", height, "m", oids, "geometry", "highest_part", "derived")

    def _ground_m(self, levels: list[int]) -> float | None:
        """Return the height of the ground floor in model coordinates: where its doors stand, else its walls."""
        for name in ("IfcDoor", "IfcWall", "IfcSlab"):
            mine = [oid for oid in of_kind(self.data, name) if self._storey_of[oid] in levels]
            lows = self.bodies.bounds_m[mine, 0 if name != "IfcSlab" else 1, 2]
            if mine and np.isfinite(lows).any():
                return float(np.nanmedian(lows))
        return None

    # --- rooms

    @cached_property
    def rooms(self) -> list[int]:
        """Return the rooms that people can be in."""
        rules = self.rules["rooms"]
        return [
            oid for oid in of_kind(self.data, "IfcSpace").tolist() if not says(self.names[oid], rules["not_a_room"])
        ]

    @cached_property
    def _lived_in(self) -> bool:
        """Whether there are rooms that people live in."""
        return any(says(self.names[oid], self.rules["rooms"]["dwelling"]) for oid in self.rooms)

    def _rooms(self) -> Fact | None:
        if not self.rooms:
            return None
        return Fact("rooms", len(self.rooms), "", tuple(self.rooms), "elements", "IfcSpace", "stated")

    def _dwellings(self) -> Fact | None:
        """Count kitchens, where there are rooms that people live in: one a flat."""
        kitchens = [oid for oid in self.rooms if says(self.names[oid], self.rules["rooms"]["kitchen"])]
        if not self._lived_in or not kitchens:
            return None
        return Fact("dwellings", len(kitchens), "", tuple(kitchens), "elements", "kitchens", "guessed")

    def _areas_by_use(self) -> Fact | None:
        uses = self.rules["use"]
        found = self._room_areas()
        areas = found.areas
        total: dict[str, float] = {}
        for oid, area in areas.items():
            use = next((row["id"] for row in uses if says(self.names[oid], row["words"])), "other")
            if use == "residential" and not self._lived_in:  # the kitchen of a restaurant
                use = "other"
            total[use] = total.get(use, 0.0) + area
        if not total:
            return None
        parts = tuple(sorted(total.items(), key=lambda item: -item[1]))
        return found.fact(
            Fact("areas_by_use", sum(total.values()), "m²", tuple(areas), "quantity", "", "guessed", parts)
        )

    def _room_areas(self) -> _Areas:
        found = _Areas()
        for name in self.rules["rooms"]["net_area"]:
            for values, known, _ in self._columns(name):
                fresh = [oid for oid in self.rooms if oid not in found.stated and known[oid]]
                if fresh and values.dtype.kind == "f":
                    self._take(found, name, "IfcSpace", {oid: float(values[oid]) for oid in fresh})
        return found

    def _take(self, found: _Areas, name: str, ifc_class: str, stated: Mapping[int, float]) -> None:
        """Add areas that elements state; those that cannot be are measured, or left out where nothing can."""
        rules = [rule for rule in self.rules["possible"] if ifc_class in rule["classes"] and rule["unit"] == "m²"]
        rule = rule_for(name, rules)
        for oid, value in stated.items():
            found.stated[oid] = value
            extent = None if rule is None else self.sizes.extent(oid)
            if rule is None or extent is None or value <= extent.limit(rule["limit"]) * float(rule["at_most"]):
                found.areas[oid] = value
                continue
            found.wrong.append(oid)
            measured = self.sizes.instead(rule, oid)
            if measured is not None:
                found.areas[oid] = measured
        if name not in found.sources:
            found.sources.append(name)

    @cached_property
    def sizes(self) -> Sizes:
        """Return what is drawn of elements, against which stated sizes are held."""
        return Sizes(self.data, self.bodies)

    # --- parts

    def _lifts(self) -> Fact | None:
        rules = self.rules["lift"]
        types = self.elements["predefined_type"].astype(str).str.upper().to_numpy()
        found = []
        for oid in of_kind(self.data, *rules["also_in"]).tolist():
            text = f"{self.names[oid]} {self.elements['type_name'].iat[oid]} {self.elements['object_type'].iat[oid]}"
            by_name = says(text, rules["words"]) and not says(text, rules["not_words"])
            transport = self.elements["ifc_class"].iat[oid] in rules["classes"]
            if types[oid] not in rules["types_not"] and (by_name or (transport and types[oid] in rules["types"])):
                found.append(oid)
        return self._counted("lifts", found, "IfcTransportElement")

    def _ramps(self) -> Fact | None:
        rules = self.rules["ramp"]
        found = of_kind(self.data, *rules["classes"]).tolist() or of_kind(self.data, *rules["alone"]).tolist()
        return self._counted("ramps", found, "IfcRamp")

    def _accessible(self) -> Fact | None:
        """Say so where rooms, ramps, stairs or doors state it; a mixture is no answer for the building."""
        oids, values = self._property_of(range(len(self.elements)), self.rules["accessible"]["property"])
        if not oids or len(set(values)) > 1:
            return None
        return Fact("accessible", bool(values[0]), "", tuple(oids), "property", "HandicapAccessible", "derived")

    def _accessible_toilets(self) -> Fact | None:
        words = self.rules["rooms"]["accessible_toilet"]
        found = [oid for oid in self.rooms if says(self.names[oid], words)]
        return self._counted("accessible_toilets", found, "IfcSpace", "guessed")

    def _fire_exits(self) -> Fact | None:
        doors = of_kind(self.data, *self.rules["fire_exit"]["classes"]).tolist()
        oids, values = self._property_of(doors, self.rules["fire_exit"]["property"])
        exits = [oid for oid, value in zip(oids, values, strict=True) if value]
        if not oids or (not exits and len(oids) < len(doors)):
            return None
        return Fact("fire_exits", len(exits), "", tuple(exits or oids), "property", "FireExit", "stated")

    def _counted(self, code: str, found: list[int], source: str, certainty: str = "stated") -> Fact | None:
        return Fact(code, len(found), "", tuple(found), "elements", source, certainty) if found else None

    def _property_of(self, oids: Iterable[int], name: str) -> tuple[list[int], list[bool]]:
        """Return the elements that state a yes or no, and what they say."""
        answers: dict[int, bool] = {}
        columns = self._columns(name)
        for oid in oids:
            for values, known, _ in columns:
                if known[oid] and isinstance(values[oid], bool):
                    answers[oid] = values[oid]
        return list(answers), list(answers.values())

    # --- envelope

    @cached_property
    def _outer_walls(self) -> list[int]:
        walls = of_kind(self.data, *self.rules["envelope"]["walls"]).tolist()
        oids, values = self._property_of(walls, self.rules["envelope"]["property"])
        return [oid for oid, value in zip(oids, values, strict=True) if value]

    def _external_wall_m2(self) -> Fact | None:
        return self._area_sum("external_wall_m2", self._outer_walls, self.rules["envelope"]["wall_area"])

    def _window_m2(self) -> Fact | None:
        windows = of_kind(self.data, "IfcWindow").tolist()
        oids, values = self._property_of(windows, self.rules["envelope"]["property"])
        inner = {oid for oid, value in zip(oids, values, strict=True) if not value}
        return self._area_sum(
            "window_m2", [oid for oid in windows if oid not in inner], self.rules["envelope"]["window_area"]
        )

    def _area_sum(self, code: str, oids: Sequence[int], names: Sequence[str]) -> Fact | None:
        """Add up a stated area; None unless every element states it."""
        for name in names if oids else ():
            for values, known, _ in self._columns(name):
                if known[list(oids)].all() and values.dtype.kind == "f":
                    found = _Areas()
                    kind = "IfcWindow" if code == "window_m2" else "IfcWall"
                    self._take(found, name, kind, {oid: float(values[oid]) for oid in oids})
                    total = sum(found.areas.values()) if len(found.areas) == len(oids) else None
                    return found.fact(Fact(code, total, "m²", tuple(oids), "quantity", name, "stated"))
        return None

    def _wall_materials(self) -> Fact | None:
        texts = self.elements["material"].to_numpy()
        walls = [oid for oid in self._outer_walls if texts[oid]]
        if not walls:
            return None
        shares: dict[str, float] = {}
        for oid in walls:
            shares[texts[oid]] = shares.get(texts[oid], 0.0) + 1 / len(walls)
        parts = tuple(sorted(shares.items(), key=lambda item: -item[1]))
        value = ", ".join(parts_of(parts[0][0]))
        return Fact("wall_materials", value, "", tuple(walls), "property", "IfcRelAssociatesMaterial", "stated", parts)

    def _wall_u_value(self) -> Fact | None:
        """Return the mean of the external walls' thermal transmittance."""
        for values, known, _ in self._columns(self.rules["envelope"]["transmittance"]):
            mine = [oid for oid in self._outer_walls if known[oid] and values.dtype.kind == "f" and values[oid] > 0]
            if mine:
                mean = float(np.mean(values[mine]))
                source = "Pset_WallCommon.ThermalTransmittance"
                return Fact("wall_u_value", mean, _UNITS["wall_u_value"], tuple(mine), "property", source, "derived")
        return None

    def _structure(self) -> Fact | None:
        """Name the structure after the material that most of the bearing parts' volume is of."""
        rules = self.rules["bearing"]
        parts = of_kind(self.data, *rules["classes"]).tolist()
        oids, values = self._property_of(parts, rules["property"])
        bearing = [oid for oid, value in zip(oids, values, strict=True) if value]
        texts = self.elements["material"].to_numpy()
        volumes: dict[str, float] = {}
        used = []
        for oid in bearing:
            volume = self.bodies.volume_of(oid)
            kinds = [kind for name in parts_of(str(texts[oid])) if (kind := self._kind_of_material(name))]
            if volume and kinds:
                volumes[kinds[0]] = volumes.get(kinds[0], 0.0) + volume
                used.append(oid)
        if not volumes:
            return None
        name, most = max(volumes.items(), key=lambda item: item[1])
        if most < rules["share"] * sum(volumes.values()):
            return None
        return Fact("structure", name, "", tuple(used), "geometry", "bearing_materials", "guessed")

    def _kind_of_material(self, name: str) -> str:
        for row in self.rules["material"]:
            if says(name, row["words"]) and not says(name, row.get("not_words", ())):
                return str(row["structure"])
        return ""
