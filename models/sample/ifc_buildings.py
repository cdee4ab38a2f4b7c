"""The three buildings of the sample city that are known to the last door: a tower, a school and a clinic, as IFC.

Each is a design in its own metres: x along the front from west to east, y from front to back, z = 0 on the finished
ground floor, the first corner of the plan at zero. Its place is stated by an IfcMapConversion alone (never twice:
the site's own placement stays at zero), turned with the street.

The school exists twice, in IFC4 and as a twin in IFC2X3 with equal GlobalIds, because most of the models that an
office receives are still IFC2X3 and say their place in property sets (``ePSet_MapConversion``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shapely import box as shapely_box
from shapely.geometry import Polygon
from shapely.ops import unary_union

from models.sample.city import City, IfcSite
from models.sample.ifc_author import Author, Entity, Georeference, Point2, Point3, rectangle

#: Room that each design needs along its own x and y, metres, with steps, canopies and balconies.
FOOTPRINT_M = {"tower": (36.0, 17.2), "school": (55.4, 37.6), "clinic": (26.0, 18.0)}

CREAM, WHITE, BROWN, STONE, PLINTH = "#efe5d4", "#f8f5ee", "#b08968", "#a39788", "#6f665f"
INNER, SCREED, CONCRETE = "#f3efe7", "#d9d4ca", "#c9c6c0"
FRAME_GREY, GLASS, RAIL_GLASS, METAL = "#4b5258", "#86a9bf/0.35", "#a9c6d2/0.45", "#8d949a"
TERRACOTTA, TILE, WOOD, LEAF_DOOR, RED = "#c26f4f", "#7d4a3e", "#b98a5a", "#7a5a44", "#c8372d"
SPACE = "#9fc3df/0.8"


@dataclass(frozen=True, slots=True)
class Hole:
    """An opening in a wall: where it starts along the wall, its sill, its size and what fills it."""

    at_m: float
    sill_m: float
    width_m: float
    height_m: float
    filling: str = ""


class Draft:
    """A building being drawn: storeys, walls with holes, slabs, spaces."""

    def __init__(self, schema: str, design: str, name: str, site: str, building: dict[str, Any]) -> None:
        self.a = Author(schema, design)
        self.project = self.a.project(name, "示例数据，由城镜示例生成器生成 / synthetic sample data")
        self.site = self.a.rooted("IfcSite", "site", Name=site, CompositionType="ELEMENT")
        self.a.place(self.site)
        self.building = self.a.rooted("IfcBuilding", "building", Name=name, CompositionType="ELEMENT")
        self.a.place(self.building, relative=self.site)
        self.a.aggregate(self.project, self.site)
        self.a.aggregate(self.site, self.building)
        self.a.pset(self.building, "Pset_BuildingCommon", building)
        self.count: dict[str, int] = {}

    def storey(self, name: str, elevation_m: float) -> Entity:
        """Add a storey at a height above the ground floor."""
        storey = self.a.rooted(
            "IfcBuildingStorey", f"storey/{name}", Name=name, CompositionType="ELEMENT", Elevation=elevation_m
        )
        self.a.place(storey, (0.0, 0.0, elevation_m), relative=self.building)
        self.a.aggregate(self.building, storey)
        self.a.pset(
            storey, "Pset_BuildingStoreyCommon", {"AboveGround": elevation_m >= 0, "EntranceLevel": elevation_m == 0}
        )
        return storey

    def key(self, storey: Entity, ifc_class: str) -> str:
        """Return a key that is unique and follows the order of drawing."""
        stem = f"{storey.Name}/{ifc_class}"
        self.count[stem] = self.count.get(stem, 0) + 1
        return f"{stem}/{self.count[stem]}"

    def put(
        self,
        storey: Entity,
        ifc_class: str,
        name: str,
        items: Callable[[], Sequence[Entity]],
        at: Point3 = (0.0, 0.0, 0.0),
        angle_deg: float = 0.0,
        shape_key: Hashable | None = None,
        type_class: str = "",
        material: str = "",
        psets: dict[str, dict[str, Any]] | None = None,
        **attributes: Any,
    ) -> Entity:
        """Add an element to a storey; with ``shape_key`` its shape is drawn once and mapped."""
        a = self.a
        element = a.rooted(ifc_class, self.key(storey, ifc_class), Name=name, **attributes)
        a.place(element, at, angle_deg, storey)
        kind = None
        if type_class:
            kind = a.type(type_class, name, PredefinedType=attributes.get("PredefinedType", "NOTDEFINED"))
            a.typed(element, kind)
        if shape_key is None:
            a.shape(element, items())
        else:
            a.mapped(element, a.shape_map(shape_key, items, kind))
        a.contain(storey, element)
        if material:
            a.material(element, material)
        for pset, values in (psets or {}).items():
            a.pset(element, pset, values)
        return element

    def wall(
        self,
        storey: Entity,
        start: Point2,
        end: Point2,
        height_m: float,
        name: str,
        colour: str,
        thickness_m: float = 0.2,
        holes: Sequence[Hole] = (),
        bands: Sequence[tuple[float, float, str]] = (),
        external: bool = True,
        bearing: bool = True,
        cut: bool = True,
        grow_m: float = 0.0,
        material: str = "钢筋混凝土 C30",
    ) -> Entity:
        """Add a wall along an axis.

        Parameters
        ----------
        grow_m : float
            How far the wall goes on beyond both ends, so that two walls close a corner; less than zero draws it back.
        holes : sequence of Hole
            Openings along the wall; with ``cut`` they are IfcOpeningElements, else they are left out of the wall's
            elevation, which lets equal walls share one shape.
        bands : sequence of (from, to, colour)
            Stretches of another colour, metres along the wall.
        """
        a = self.a
        length = math.dist(start, end)
        angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
        half = thickness_m / 2
        if grow_m:
            ahead = ((end[0] - start[0]) / length, (end[1] - start[1]) / length)
            start = (start[0] - ahead[0] * grow_m, start[1] - ahead[1] * grow_m)
            length = round(length + 2 * grow_m, 4)
            holes = [replace(hole, at_m=round(hole.at_m + grow_m, 4)) for hole in holes]
            bands = [(round(x0 + grow_m, 4), round(x1 + grow_m, 4), tint) for x0, x1, tint in bands]
        empty = () if cut else tuple(holes)

        def solids() -> list[Entity]:
            rest = shapely_box(0.0, 0.0, length, height_m)
            for hole in empty:
                rest = rest.difference(
                    shapely_box(hole.at_m, hole.sill_m, hole.at_m + hole.width_m, hole.sill_m + hole.height_m)
                )
            parts = [(rest.intersection(shapely_box(x0, 0.0, x1, height_m)), tint) for x0, x1, tint in bands]
            plain = rest.difference(unary_union([shapely_box(x0, 0.0, x1, height_m) for x0, x1, _ in bands]))
            return [
                a.upright(_ring(piece.exterior), -half, half, tint, [_ring(ring) for ring in piece.interiors])
                for part, tint in [(plain, colour), *parts]
                for piece in _polygons(part)
            ]

        psets = {
            "Pset_WallCommon": {
                "IsExternal": external, "LoadBearing": bearing, "FireRating": "3.00h" if bearing else "1.00h",
                "Reference": ("IfcIdentifier", name),
                **({"ThermalTransmittance": ("IfcThermalTransmittanceMeasure", 0.45)} if external else {}),
            }
        }  # fmt: skip
        # A wall that openings cut has its own body: a mapped body that is cut comes out empty from one geometry kernel.
        shared = ("wall", length, height_m, thickness_m, colour, empty, tuple(bands), name)
        element = self.put(
            storey, "IfcWall", name, solids, (*start, 0.0), angle, None if cut and holes else shared,
            "IfcWallType", material, psets, PredefinedType="STANDARD",
        )  # fmt: skip
        for number, hole in enumerate(holes):
            opening = None
            if cut:
                key = f"{element.GlobalId}/{number}"
                # Faces that lie in one plane are what boolean kernels fail on: a door cuts a little below its wall.
                under = 0.0 if hole.sill_m else -0.05
                opening = a.rooted("IfcOpeningElement", key, Name="洞口", PredefinedType="OPENING")
                a.place(opening, (hole.at_m, 0.0, hole.sill_m), relative=element)
                a.shape(
                    opening,
                    [a.box((0.0, -half - 0.05, under), (hole.width_m, half + 0.05, hole.height_m), CONCRETE)],
                )
                a.void(element, opening, key)
            if hole.filling:
                self._fill(storey, element, opening, hole, external)
        return element

    def _fill(self, storey: Entity, wall: Entity, opening: Entity | None, hole: Hole, external: bool) -> None:
        a = self.a
        spec = FILLINGS[hole.filling]
        door = spec.door
        ifc_class = "IfcDoor" if door else "IfcWindow"
        name = f"{spec.name} {round(hole.width_m * 1000)}×{round(hole.height_m * 1000)}"
        key = self.key(storey, ifc_class)
        element = a.rooted(
            ifc_class, key, Name=name, OverallWidth=hole.width_m, OverallHeight=hole.height_m,
            PredefinedType="DOOR" if door else "WINDOW",
        )  # fmt: skip
        at = (0.0, 0.0, 0.0) if opening is not None else (hole.at_m, 0.0, hole.sill_m)
        a.place(element, at, relative=opening if opening is not None else wall)
        attributes = {"OperationType": spec.operation} if door else {"PartitioningType": spec.operation}
        if a.schema == "IFC2X3":
            attributes = {}
        kind = a.type(
            "IfcDoorType" if door else "IfcWindowType", name, PredefinedType="DOOR" if door else "WINDOW", **attributes
        )
        a.typed(element, kind)
        a.mapped(
            element,
            a.shape_map(("fill", hole.filling, hole.width_m, hole.height_m),
                        lambda: spec.draw(a, hole.width_m, hole.height_m), kind),
        )  # fmt: skip
        a.contain(storey, element)
        a.material(element, spec.material)
        common: dict[str, Any] = {"IsExternal": external, "FireRating": "甲级" if spec.fire else "无"}
        if not door:
            common["ThermalTransmittance"] = ("IfcThermalTransmittanceMeasure", 1.8)
        a.pset(element, "Pset_DoorCommon" if door else "Pset_WindowCommon", common)
        if opening is not None:
            a.fill(opening, element, key)

    def slab(
        self,
        storey: Entity,
        outline: Sequence[Point2],
        top_m: float,
        thickness_m: float,
        name: str,
        colour: str = CONCRETE,
        kind: str = "FLOOR",
        holes: Sequence[Sequence[Point2]] = (),
        at: Point2 = (0.0, 0.0),
        external: bool = False,
    ) -> Entity:
        """Add a slab by its outline, its top at a height above the storey."""
        a = self.a
        return self.put(
            storey, "IfcSlab", name,
            lambda: [a.extrude(outline, thickness_m, colour, a.axes((0.0, 0.0, -thickness_m)), holes)],
            (*at, top_m), 0.0, ("slab", tuple(outline), thickness_m, colour, name), "IfcSlabType", "钢筋混凝土 C30",
            {"Pset_SlabCommon": {"IsExternal": external, "LoadBearing": True, "FireRating": "1.50h"}},
            PredefinedType=kind,
        )  # fmt: skip

    def block(
        self,
        storey: Entity,
        ifc_class: str,
        name: str,
        boxes: Sequence[tuple[Point3, Point3, str]],
        at: Point3,
        angle_deg: float = 0.0,
        type_class: str = "",
        material: str = "",
        psets: dict[str, dict[str, Any]] | None = None,
        **attributes: Any,
    ) -> Entity:
        """Add an element made of boxes, drawn once for all equal ones."""
        return self.put(
            storey, ifc_class, name, lambda: [self.a.box(low, high, tint) for low, high, tint in boxes], at, angle_deg,
            ("block", ifc_class, name, tuple(boxes)), type_class, material, psets, **attributes,
        )  # fmt: skip

    def column(self, storey: Entity, at: Point3, size_m: float, height_m: float, colour: str) -> Entity:
        """Add a square column, its foot's middle at a point."""
        half = size_m / 2
        return self.block(
            storey, "IfcColumn", f"框架柱 {round(size_m * 1000)}×{round(size_m * 1000)}",
            [((-half, -half, 0.0), (half, half, height_m), colour)], at, 0.0, "IfcColumnType", "钢筋混凝土 C40",
            {"Pset_ColumnCommon": {"LoadBearing": True, "IsExternal": False, "FireRating": "3.00h"}},
            PredefinedType="COLUMN",
        )  # fmt: skip

    def railing(
        self, storey: Entity, start: Point2, end: Point2, z_m: float, glass: bool, height_m: float = 1.1
    ) -> Entity:
        """Add a railing along a line: glass between posts, or upright bars."""
        length = math.dist(start, end)
        angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
        boxes: list[tuple[Point3, Point3, str]] = [((0.0, -0.03, height_m - 0.06), (length, 0.03, height_m), METAL)]
        if glass:
            boxes.append(((0.03, -0.008, 0.1), (length - 0.03, 0.008, height_m - 0.06), RAIL_GLASS))
            posts, width = max(1, round(length / 1.3)), 0.05
        else:
            boxes.append(((0.0, -0.02, 0.1), (length, 0.02, 0.14), METAL))
            posts, width = max(1, round(length / 0.45)), 0.03
        for i in range(posts + 1):
            x = min(max(i * length / posts, width / 2), length - width / 2)
            boxes.append(((x - width / 2, -0.02, 0.0), (x + width / 2, 0.02, height_m - 0.06), METAL))
        return self.block(
            storey, "IfcRailing", "玻璃栏板" if glass else "金属栏杆", boxes, (*start, 0.0), angle, "IfcRailingType",
            "夹胶玻璃" if glass else "不锈钢",
            {"Pset_RailingCommon": {"IsExternal": True, "Height": ("IfcPositiveLengthMeasure", height_m)}},
            PredefinedType="GUARDRAIL",
        )  # fmt: skip

    def space(
        self, storey: Entity, number: str, use: str, low: Point2, high: Point2, height_m: float, external: bool = False
    ) -> Entity:
        """Add a room with its net area; it belongs to its storey as a part, not as contents."""
        a = self.a
        inset = 0.1
        width, depth = high[0] - low[0] - 2 * inset, high[1] - low[1] - 2 * inset
        space = a.rooted(
            "IfcSpace", f"space/{storey.Name}/{number}", Name=number, LongName=use, CompositionType="ELEMENT",
            PredefinedType="INTERNAL",
        )  # fmt: skip
        a.place(space, (low[0] + inset, low[1] + inset, 0.0), relative=storey)
        size = (round(width, 3), round(depth, 3), round(height_m, 3))
        a.mapped(space, a.shape_map(("space", *size), lambda: [a.box((0.0, 0.0, 0.0), size, SPACE)]))
        a.aggregate(storey, space)
        area = round(width * depth, 2)
        a.pset(space, "Pset_SpaceCommon", {
            "Reference": ("IfcIdentifier", use), "IsExternal": external,
            "NetPlannedArea": ("IfcAreaMeasure", area), "PubliclyAccessible": use in PUBLIC_USES,
        })  # fmt: skip
        a.pset(space, "Qto_SpaceBaseQuantities", {
            "NetFloorArea": ("IfcAreaMeasure", area), "Height": ("IfcLengthMeasure", size[2]),
            "NetVolume": ("IfcVolumeMeasure", round(area * size[2], 2)),
        })  # fmt: skip
        return space

    def stair(self, storey: Entity, low: Point2, width_m: float, depth_m: float, rise_m: float) -> None:
        """Add a half-turn stair: two flights that climb north and back, with their landing."""
        a = self.a
        risers = 2 * math.ceil(rise_m / 2 / 0.175)
        half = risers // 2
        riser = rise_m / risers
        tread = min(0.28, (depth_m - 1.2) / half)
        flight = width_m / 2 - 0.08
        landing = half * tread
        whole = a.rooted(
            "IfcStair", self.key(storey, "IfcStair"), Name="楼梯", PredefinedType="HALF_TURN_STAIR",
        )  # fmt: skip
        a.place(whole, (*low, 0.0), relative=storey)
        a.contain(storey, whole)
        a.pset(whole, "Pset_StairCommon", {
            "NumberOfRiser": ("IfcCountMeasure", risers), "RiserHeight": ("IfcPositiveLengthMeasure", round(riser, 4)),
            "TreadLength": ("IfcPositiveLengthMeasure", round(tread, 3)), "IsExternal": False, "FireExit": True,
        })  # fmt: skip

        def steps() -> list[Entity]:
            profile: list[Point2] = [(0.0, 0.0)]
            for i in range(half):
                profile += [(i * tread, (i + 1) * riser), ((i + 1) * tread, (i + 1) * riser)]
            profile += [(landing, half * riser - 0.18), (0.18, 0.0)]
            return [a.upright(profile, 0.0, flight, CONCRETE)]

        source = ("flight", half, round(riser, 4), round(tread, 4), round(flight, 3))
        for number, (at, turn) in enumerate(
            (((flight, 0.0, 0.0), 90.0), ((width_m - flight, landing, half * riser), -90.0))
        ):
            part = a.rooted(
                "IfcStairFlight", self.key(storey, "IfcStairFlight"), Name=f"梯段 {number + 1}",
                NumberOfRisers=half, NumberOfRiser=half, RiserHeight=round(riser, 4), TreadLength=round(tread, 4),
                PredefinedType="STRAIGHT",
            )  # fmt: skip
            a.place(part, at, turn, whole)
            a.mapped(part, a.shape_map(source, steps))
            a.aggregate(whole, part)
        rest = a.rooted("IfcSlab", self.key(storey, "IfcSlab/landing"), Name="休息平台", PredefinedType="LANDING")
        a.place(rest, (0.0, landing, half * riser), relative=whole)
        size = (round(width_m, 3), round(depth_m - landing - 0.1, 3))
        a.mapped(
            rest, a.shape_map(("landing", *size), lambda: [a.box((0.0, 0.0, -0.12), (*size, 0.0), CONCRETE)])
        )  # fmt: skip
        a.aggregate(whole, rest)

    def finish(self, path: Path, where: Georeference) -> None:
        """Say where the building stands and write the file."""
        self.a.georeference(where, self.project, self.site)
        self.a.write(path, "示例数据 synthetic")


# -- what fills an opening ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filling:
    """A door or window: what it is called and how it is drawn (x along the wall, y out of it, z up)."""

    name: str
    door: bool
    operation: str
    material: str
    draw: Callable[[Author, float, float], list[Entity]]
    fire: bool = False


def _sash(
    a: Author, width: float, height: float, columns: int, transom: bool, y: float = 0.0, tint: str = FRAME_GREY
) -> list[Entity]:
    bar = 0.06
    holes = []
    pane = (width - bar * (columns + 1)) / columns
    rows = [(bar, height - bar)]
    if transom:
        split = height * 0.7
        rows = [(bar, split - bar / 2), (split + bar / 2, height - bar)]
    for i in range(columns):
        x0 = bar + i * (pane + bar)
        holes += [rectangle(x0, z0, x0 + pane, z1) for z0, z1 in rows]
    return [
        a.upright(rectangle(0.0, 0.0, width, height), y - 0.04, y + 0.04, tint, holes),
        a.upright(rectangle(bar, bar, width - bar, height - bar), y - 0.01, y + 0.01, GLASS),
    ]


def _window(
    columns: int, transom: bool, tint: str = FRAME_GREY, sill: bool = True
) -> Callable[[Author, float, float], list[Entity]]:
    def draw(a: Author, width: float, height: float) -> list[Entity]:
        items = _sash(a, width, height, columns, transom, 0.0, tint)
        if sill:
            items.append(a.box((-0.05, -0.17, -0.06), (width + 0.05, 0.17, 0.0), WHITE))
        return items

    return draw


def _bay(a: Author, width: float, height: float) -> list[Entity]:
    """Bay window (飘窗): a glazed box 0.55 m before the wall between two thin slabs."""
    out, inn = -0.65, -0.1
    items = [
        a.box((-0.1, out - 0.05, -0.12), (width + 0.1, inn, 0.0), WHITE),
        a.box((-0.1, out - 0.05, height), (width + 0.1, inn, height + 0.12), WHITE),
        *_sash(a, width, height, 3, True, out + 0.04),
    ]
    for x in (0.0, width - 0.05):
        items.append(a.box((x, out + 0.08, 0.0), (x + 0.05, inn, height), GLASS))
    return items


def _sliding(a: Author, width: float, height: float) -> list[Entity]:
    return _sash(a, width, height, 4 if width > 2.4 else 2, False)


def _leaf(tint: str) -> Callable[[Author, float, float], list[Entity]]:
    def draw(a: Author, width: float, height: float) -> list[Entity]:
        bar = 0.05
        frame = [(0.0, 0.0), (bar, 0.0), (bar, height - bar), (width - bar, height - bar), (width - bar, 0.0),
                 (width, 0.0), (width, height), (0.0, height)]  # fmt: skip
        return [
            a.upright(frame, -0.06, 0.06, FRAME_GREY),
            a.upright(rectangle(bar, 0.01, width - bar, height - bar), -0.025, 0.025, tint),
        ]

    return draw


FILLINGS = {
    "window2": Filling("断桥铝平开窗", False, "DOUBLE_PANEL_VERTICAL", "断桥铝合金", _window(2, False)),
    "window1": Filling("断桥铝上悬窗", False, "SINGLE_PANEL", "断桥铝合金", _window(1, False)),
    "window3": Filling("教室推拉窗", False, "TRIPLE_PANEL_HORIZONTAL", "断桥铝合金", _window(3, True)),
    "high": Filling("高窗", False, "DOUBLE_PANEL_VERTICAL", "断桥铝合金", _window(4, False)),
    "white2": Filling("白色平开窗", False, "DOUBLE_PANEL_VERTICAL", "断桥铝合金", _window(2, True, WHITE)),
    "bay": Filling("飘窗", False, "TRIPLE_PANEL_VERTICAL", "断桥铝合金", _bay),
    "shop": Filling("落地玻璃", False, "NOTDEFINED", "断桥铝合金", _window(3, True, FRAME_GREY, False)),
    "sliding": Filling("阳台推拉门", True, "DOUBLE_DOOR_SLIDING", "断桥铝合金", _sliding),
    "entrance": Filling("入口玻璃门", True, "DOUBLE_DOOR_SINGLE_SWING", "断桥铝合金", _sliding),
    "flat": Filling("防盗门", True, "SINGLE_SWING_LEFT", "钢", _leaf(LEAF_DOOR), True),
    "room": Filling("木门", True, "SINGLE_SWING_LEFT", "木", _leaf(WOOD)),
    "class": Filling("教室门", True, "SINGLE_SWING_RIGHT", "木", _leaf(WOOD)),
    "fire": Filling("防火门", True, "SINGLE_SWING_LEFT", "钢", _leaf("#8c3b30"), True),
}
PUBLIC_USES = {"大堂", "走廊", "楼梯间", "电梯厅", "候诊厅", "体育馆", "门厅", "连廊"}


# -- the tower ------------------------------------------------------------------------------------------------------

TOWER_STOREYS = 22
_UNIT, _FLAT, _DEEP = 17.7, 8.85, 12.0
_TYPICAL_M, _GROUND_M = 2.9, 4.2

#: Rooms of a flat in its own metres; the flat beside it is the same, mirrored.
_ROOMS = (
    ("主卧", (0.0, 0.0), (3.3, 5.1)),
    ("主卫", (0.0, 5.1), (3.3, 7.2)),
    ("北卧", (0.0, 7.2), (3.3, 12.0)),
    ("客厅", (3.3, 0.0), (6.6, 5.7)),
    ("书房", (6.6, 0.0), (8.85, 4.8)),
    ("餐厅", (3.3, 5.7), (6.6, 8.7)),
    ("卫生间", (3.3, 8.7), (4.8, 12.0)),
    ("厨房", (4.8, 8.7), (6.6, 12.0)),
)
#: Partitions of a flat: from, to, doors.
_PARTITIONS: tuple[tuple[Point2, Point2, tuple[Hole, ...]], ...] = (
    ((3.3, 0.0), (3.3, 12.0), (Hole(4.2, 0.0, 0.85, 2.1, "room"), Hole(7.4, 0.0, 0.85, 2.1, "room"))),
    ((6.6, 0.0), (6.6, 4.8), (Hole(3.7, 0.0, 0.85, 2.1, "room"),)),
    ((0.0, 5.1), (3.3, 5.1), (Hole(1.2, 0.0, 0.75, 2.1, "room"),)),
    ((0.0, 7.2), (3.3, 7.2), ()),
    ((3.3, 8.7), (6.6, 8.7), (Hole(0.4, 0.0, 0.75, 2.1, "room"), Hole(1.75, 0.0, 1.3, 2.2, "sliding"))),
    ((4.8, 8.7), (4.8, 12.0), ()),
    ((6.6, 4.8), (8.85, 4.8), ()),
)
#: The stair and lift core of a unit: from and to along the front.
_CORE = (6.6, 11.1)


def _mirror(unit: int, side: int, x: float) -> float:
    base = unit * _UNIT
    return base + x if side == 0 else base + _UNIT - x


def _span(unit: int, side: int, start: Point2, end: Point2, holes: Sequence[Hole]) -> tuple[Point2, Point2, list[Hole]]:
    """Mirror a wall and its holes; walls always run west to east or south to north, so equal ones share a shape."""
    a, b = (_mirror(unit, side, start[0]), start[1]), (_mirror(unit, side, end[0]), end[1])
    if b[0] < a[0]:
        length = math.dist(a, b)
        return (
            b,
            a,
            [Hole(round(length - h.at_m - h.width_m, 4), h.sill_m, h.width_m, h.height_m, h.filling) for h in holes],
        )
    return a, b, list(holes)


def _bands(length: float, bands: Sequence[tuple[float, float, str]], side: int) -> list[tuple[float, float, str]]:
    return [(x0, x1, c) if side == 0 else (round(length - x1, 4), round(length - x0, 4), c) for x0, x1, c in bands]


def _tower(path: Path, where: Georeference) -> None:
    d = Draft("IFC4", "tower", "示例小区 1 号住宅楼", "示例小区", {
        "YearOfConstruction": "2016", "NumberOfStoreys": TOWER_STOREYS, "IsLandmarked": False,
        "OccupancyType": "住宅", "GrossPlannedArea": ("IfcAreaMeasure", round(TOWER_STOREYS * 4 * _FLAT * _DEEP, 1)),
    })  # fmt: skip
    lengths = 2 * _UNIT
    ground = d.storey("1F", 0.0)
    _tower_ground(d, ground, lengths)
    for number in range(2, TOWER_STOREYS + 1):
        storey = d.storey(f"{number}F", round(_GROUND_M + (number - 2) * _TYPICAL_M, 3))
        _tower_typical(d, storey, number, lengths)
    roof = d.storey("屋面", round(_GROUND_M + (TOWER_STOREYS - 1) * _TYPICAL_M, 3))
    _tower_roof(d, roof, lengths)
    d.finish(path, where)


def _tower_ground(d: Draft, storey: Entity, long: float) -> None:
    h = _GROUND_M
    d.block(storey, "IfcBuildingElementProxy", "室外台基", [
        ((-0.3, -1.9, -0.9), (long + 0.3, _DEEP + 0.4, -0.15), PLINTH),
    ], (0.0, 0.0, 0.0), 0.0, "", "花岗岩")  # fmt: skip
    d.slab(storey, rectangle(0.0, 0.0, long, _DEEP), 0.0, 0.15, "首层楼板", SCREED, "BASESLAB")
    shop = [Hole(round(0.55 + i * 3.54, 3), 0.25, 2.45, 3.2, "shop") for i in range(10)]
    d.wall(storey, (0.0, 0.0), (long, 0.0), h, "首层石材外墙", STONE, 0.3, shop, grow_m=0.15)
    north: list[Hole] = []
    for unit in range(2):
        middle = unit * _UNIT + _FLAT
        north += [Hole(unit * _UNIT + x, 1.2, 1.5, 1.8, "window2") for x in (0.9, 4.2)]
        north.append(Hole(middle - 1.0, 0.0, 2.0, 2.6, "entrance"))
        north += [Hole(unit * _UNIT + x, 1.2, 1.5, 1.8, "window2") for x in (12.0, 15.3)]
        d.block(storey, "IfcSlab", "入口雨篷", [
            ((-2.6, 0.0, 0.0), (2.6, 2.7, 0.22), WHITE), ((-2.65, 2.65, -0.12), (2.65, 2.75, 0.34), BROWN),
            ((-2.65, 0.0, -0.12), (-2.55, 2.75, 0.34), BROWN), ((2.55, 0.0, -0.12), (2.65, 2.75, 0.34), BROWN),
        ], (middle, _DEEP + 0.1, 3.05), 0.0, "IfcSlabType", "钢筋混凝土 C30", PredefinedType="ROOF")  # fmt: skip
        for dx in (-2.2, 2.2):
            d.column(storey, (middle + dx, _DEEP + 2.5, -0.15), 0.4, 3.2, WHITE)
        d.block(storey, "IfcBuildingElementProxy", "入口台阶", [
            ((-2.6, 0.0, -0.45), (2.6, 2.6, -0.15), STONE), ((-2.6, 2.6, -0.45), (2.6, 2.95, -0.3), STONE),
        ], (middle, _DEEP + 0.1, 0.0), 0.0, "", "花岗岩")  # fmt: skip
        d.wall(storey, (middle - 2.25, 6.6), (middle - 2.25, _DEEP), h, "剪力墙", INNER, external=False)
        d.wall(storey, (middle + 2.25, 6.6), (middle + 2.25, _DEEP), h, "剪力墙", INNER, external=False)
        d.wall(storey, (middle - 2.25, 6.6), (middle + 2.25, 6.6), h, "剪力墙", INNER, external=False)
        d.wall(storey, (middle, 8.4), (middle, _DEEP - 2.0), h, "剪力墙", INNER, external=False)
        d.space(storey, f"{unit + 1}-大堂", "大堂", (middle - 2.25, 6.6), (middle + 2.25, 12.0), 3.9)
        d.stair(storey, (middle - 2.15, 8.5), 2.1, 3.4, h)
    north.sort(key=lambda hole: hole.at_m)
    d.wall(storey, (0.0, _DEEP), (long, _DEEP), h, "首层石材外墙", STONE, 0.3, north, grow_m=0.15)
    for x in (0.0, long):
        d.wall(
            storey,
            (x, 0.0),
            (x, _DEEP),
            h,
            "首层石材外墙",
            STONE,
            0.3,
            [Hole(2.0, 1.0, 1.8, 2.0, "window2")],
            grow_m=-0.15,
        )
    for i in range(1, 4):
        d.wall(storey, (i * _FLAT, 0.0), (i * _FLAT, 6.6), h, "首层隔墙", INNER, external=False, bearing=False)
    for i, use in enumerate(("社区活动室", "物业用房", "养老驿站", "便利店")):
        d.space(storey, f"1{i + 1:02d}", use, (i * _FLAT, 0.0), ((i + 1) * _FLAT, 6.6), 3.9)
    ring = rectangle(-0.35, -0.35, long + 0.35, _DEEP + 0.35)
    d.slab(storey, ring, h + 0.05, 0.35, "腰线", WHITE, holes=[rectangle(0.1, 0.1, long - 0.1, _DEEP - 0.1)])


def _tower_typical(d: Draft, storey: Entity, number: int, long: float) -> None:
    h = _TYPICAL_M
    crown = number > TOWER_STOREYS - 2
    base, strip = (WHITE, "#8f7360") if crown else (CREAM, BROWN)
    name = "外墙 200 真石漆" + ("（顶部）" if crown else "")
    cores = [rectangle(u * _UNIT + _CORE[0] + 0.1, 8.5, u * _UNIT + _CORE[1] - 0.1, 11.9) for u in range(2)]
    d.slab(storey, rectangle(0.0, 0.0, long, _DEEP), 0.0, 0.12, "楼板 120", CONCRETE, holes=cores)
    for unit in range(2):
        base_x = unit * _UNIT
        for side in range(2):
            south = [Hole(0.6, 0.5, 2.1, 1.75, "bay"), Hole(3.75, 0.0, 2.4, 2.35, "sliding"),
                     Hole(7.1, 0.8, 1.4, 1.5, "window2")]  # fmt: skip
            start, end, holes = _span(unit, side, (0.0, 0.0), (_FLAT, 0.0), south)
            tints = _bands(_FLAT, [(0.35, 2.95, strip), (6.9, 8.7, strip)], side)
            d.wall(storey, start, end, h, name, base, 0.2, holes, tints, cut=False)
            start, end, holes = _span(unit, side, (0.0, _DEEP), (_CORE[0], _DEEP), [
                Hole(0.9, 0.9, 1.5, 1.5, "window2"), Hole(3.7, 1.2, 0.7, 1.1, "window1"),
                Hole(5.05, 0.9, 1.2, 1.5, "window2"),
            ])  # fmt: skip
            tints = _bands(_CORE[0], [(0.7, 2.6, strip), (4.9, 6.4, strip)], side)
            d.wall(storey, start, end, h, name, base, 0.2, holes, tints, cut=False)
            _tower_balcony(d, storey, unit, side, h)
            for begin, finish, doors in _PARTITIONS:
                start, end, holes = _span(unit, side, begin, finish, doors)
                d.wall(storey, start, end, h - 0.12, "隔墙 100", INNER, 0.1, holes, external=False, bearing=False,
                       cut=False, material="蒸压加气混凝土")  # fmt: skip
            flat = number * 100 + unit * 2 + side + 1
            zone = d.a.rooted("IfcZone", f"zone/{flat}", Name=f"{unit + 1}单元{flat}户", LongName="三室两厅两卫")
            for use, low, high in _ROOMS:
                xs = sorted((_mirror(unit, side, low[0]), _mirror(unit, side, high[0])))
                space = d.space(storey, f"{flat} {use}", use, (xs[0], low[1]), (xs[1], high[1]), 2.7)
                d.a.group(zone, space)
        core = [Hole(0.45, 1.1, 1.4, 1.2, "window2"), Hole(2.95, 1.1, 0.9, 1.2, "window2")]
        west, east = base_x + _CORE[0], base_x + _CORE[1]
        d.wall(storey, (west, _DEEP), (east, _DEEP), h, name, strip, 0.2, core, cut=False)
        d.wall(
            storey,
            (west, 6.6),
            (east, 6.6),
            h,
            "剪力墙 200",
            INNER,
            0.2,
            [Hole(1.0, 0.0, 1.0, 2.1, "flat"), Hole(2.5, 0.0, 1.0, 2.1, "flat")],
            external=False,
            cut=False,
        )
        for x in (west, east):
            d.wall(storey, (x, 6.6), (x, _DEEP), h, "剪力墙 200", INNER, external=False, cut=False)
        d.wall(
            storey, (base_x + _FLAT, 8.4), (base_x + _FLAT, _DEEP), h, "剪力墙 200", INNER, external=False, cut=False
        )
        d.wall(
            storey,
            (west, 8.4),
            (east, 8.4),
            h,
            "剪力墙 200",
            INNER,
            0.2,
            [Hole(0.6, 0.0, 1.0, 2.1, "fire"), Hole(2.85, 0.0, 1.1, 2.1, "fire")],
            external=False,
            cut=False,
        )
        d.wall(storey, (base_x + _FLAT, 0.0), (base_x + _FLAT, 6.6), h, "分户墙 200", INNER, external=False, cut=False)
        d.space(storey, f"{unit + 1}单元 电梯厅", "电梯厅", (west, 6.6), (east, 8.4), 2.7)
        d.space(storey, f"{unit + 1}单元 楼梯间", "楼梯间", (west, 8.4), (base_x + _FLAT, 12.0), 2.7)
        if number < TOWER_STOREYS:
            d.stair(storey, (west + 0.1, 8.5), 2.1, 3.4, h)
    d.wall(storey, (_UNIT, 0.0), (_UNIT, _DEEP), h, "分户墙 200", INNER, external=False, cut=False)
    side_hole = [Hole(5.8, 1.1, 0.7, 1.1, "window1")]
    # The outer face of a west wall is on the left of its run; windows look the same from both sides, so run both north.
    for x in (0.0, long):
        d.wall(storey, (x, 0.0), (x, _DEEP), h, name, base, 0.2, side_hole, [(4.9, 7.4, strip)], cut=False, grow_m=0.1)
    if number in (3, TOWER_STOREYS - 1):
        ring = rectangle(-0.25, -0.25, long + 0.25, _DEEP + 0.25)
        d.slab(storey, ring, 0.12, 0.24, "腰线", WHITE, holes=[rectangle(0.0, 0.0, long, _DEEP)])


def _tower_balcony(d: Draft, storey: Entity, unit: int, side: int, h: float) -> None:
    x0, x1 = sorted((_mirror(unit, side, 3.3), _mirror(unit, side, 6.6)))
    d.block(storey, "IfcSlab", "阳台板", [
        ((0.0, -1.5, -0.12), (3.3, -0.1, 0.0), WHITE), ((0.0, -1.62, -0.32), (3.3, -1.5, 0.12), WHITE),
    ], (x0, 0.0, 0.0), 0.0, "IfcSlabType", "钢筋混凝土 C30",
        {"Pset_SlabCommon": {"IsExternal": True, "LoadBearing": True}}, PredefinedType="FLOOR")  # fmt: skip
    for x in (x0, x1 - 0.15):
        d.block(storey, "IfcWall", "阳台侧墙", [((0.0, -1.62, 0.0), (0.15, -0.1, h), WHITE)], (x, 0.0, 0.0), 0.0,
                "IfcWallType", "钢筋混凝土 C30", {"Pset_WallCommon": {"IsExternal": True, "LoadBearing": False}},
                PredefinedType="STANDARD")  # fmt: skip
    d.railing(storey, (x0 + 0.15, -1.55), (x1 - 0.15, -1.55), 0.12, True, 1.0)
    ac = _mirror(unit, side, 6.6) + (0.02 if side == 0 else -0.52)
    slats = [((0.0, -0.68, 0.15 + i * 0.15), (0.5, -0.62, 0.23 + i * 0.15), METAL) for i in range(7)]
    d.block(storey, "IfcBuildingElementProxy", "空调机位百叶", [
        ((0.0, -0.7, 0.0), (0.5, -0.1, 0.1), WHITE), *slats,
    ], (ac, 0.0, 0.0), 0.0, "", "铝合金")  # fmt: skip


def _tower_roof(d: Draft, storey: Entity, long: float) -> None:
    d.slab(storey, rectangle(0.0, 0.0, long, _DEEP), 0.04, 0.19, "屋面板", "#b9b3a9", "ROOF", external=True)
    ring = rectangle(-0.3, -0.3, long + 0.3, _DEEP + 0.3)
    d.slab(storey, ring, 0.1, 0.3, "檐口线", WHITE, holes=[rectangle(0.0, 0.0, long, _DEEP)], external=True)
    corners = rectangle(0.0, 0.0, long, _DEEP)
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        d.wall(storey, start, end, 1.4, "女儿墙", WHITE, cut=False, grow_m=0.1)
    for unit in range(2):
        x0, wide = unit * _UNIT + _CORE[0], _CORE[1] - _CORE[0]
        box = [((x0, 6.6), (x0 + wide, 6.6)), ((x0, _DEEP), (x0 + wide, _DEEP)), ((x0, 6.6), (x0, _DEEP)),
               ((x0 + wide, 6.6), (x0 + wide, _DEEP))]  # fmt: skip
        for number, (start, end) in enumerate(box):
            holes = [Hole(1.2, 0.0, 1.0, 2.1, "fire")] if number == 0 else []
            d.wall(storey, start, end, 4.2, "机房外墙", CREAM, 0.2, holes, cut=False, grow_m=0.1)
        d.slab(
            storey,
            rectangle(-0.4, -0.4, wide + 0.4, 5.8),
            4.45,
            0.25,
            "机房屋面",
            WHITE,
            "ROOF",
            at=(x0, 6.6),
            external=True,
        )
        d.space(storey, f"{unit + 1}单元 电梯机房", "电梯机房", (x0, 6.6), (x0 + wide, _DEEP), 4.0)
        # The crown: an open frame over the living rooms that ends the two stripes of balconies.
        for side in range(2):
            left, right = sorted((_mirror(unit, side, 3.3), _mirror(unit, side, 6.6)))
            for x in (left, right - 0.3):
                d.block(
                    storey,
                    "IfcColumn",
                    "构架柱",
                    [((0.0, -1.6, 0.0), (0.3, -1.2, 2.6), WHITE)],
                    (x, 0.0, 0.0),
                    0.0,
                    "IfcColumnType",
                    "钢筋混凝土 C30",
                    PredefinedType="COLUMN",
                )
            d.block(storey, "IfcBeam", "构架梁", [
                ((0.0, -1.6, 2.6), (right - left, -1.2, 3.0), WHITE), ((0.0, -1.2, 2.6), (0.3, 3.2, 3.0), WHITE),
                ((right - left - 0.3, -1.2, 2.6), (right - left, 3.2, 3.0), WHITE),
                ((0.0, 2.8, 0.0), (0.3, 3.2, 2.6), WHITE),
                ((right - left - 0.3, 2.8, 0.0), (right - left, 3.2, 2.6), WHITE),
            ], (left, 0.0, 0.0), 0.0, "IfcBeamType", "钢筋混凝土 C30", PredefinedType="BEAM")  # fmt: skip
            d.block(
                storey,
                "IfcSlab",
                "阳台顶板",
                [((0.0, -1.62, -0.15), (3.3, -0.1, 0.1), WHITE)],
                (left, 0.0, 0.0),
                0.0,
                "IfcSlabType",
                "钢筋混凝土 C30",
                PredefinedType="ROOF",
            )


# -- the school -----------------------------------------------------------------------------------------------------

SCHOOL_STOREYS = 4
_CLASS, _WING, _GALLERY, _SCHOOL_H = 9.0, 7.8, 2.6, 3.9


def _school(path: Path, where: Georeference, schema: str = "IFC4") -> None:
    d = Draft(
        schema,
        "school",
        "示例学校教学楼",
        "示例学校",
        {
            "YearOfConstruction": "2012",
            "NumberOfStoreys": SCHOOL_STOREYS,
            "IsLandmarked": False,
            "OccupancyType": "中小学校",
        },
    )
    long = 6 * _CLASS
    deep = _WING + _GALLERY
    _school_basement(d, d.storey("B1", -4.2))
    for number in range(1, SCHOOL_STOREYS + 1):
        storey = d.storey(f"{number}F", round((number - 1) * _SCHOOL_H, 3))
        _school_main(d, storey, number, long, deep)
        _school_leg(d, storey, number, deep)
        if number == 1:
            _school_hall(d, storey, deep)
    _school_roof(d, d.storey("屋面", SCHOOL_STOREYS * _SCHOOL_H), long, deep)
    d.finish(path, where)


def _school_basement(d: Draft, storey: Entity) -> None:
    x0, x1, y1, h = 27.0, 54.0, 10.4, 4.05
    d.slab(storey, rectangle(x0 - 0.3, -0.3, x1 + 0.3, y1 + 0.3), 0.0, 0.4, "筏板基础", CONCRETE, "BASESLAB")
    for start, end in (((x0, 0.0), (x1, 0.0)), ((x0, y1), (x1, y1)), ((x0, 0.0), (x0, y1)), ((x1, 0.0), (x1, y1))):
        d.wall(storey, start, end, h, "地下室外墙 300", CONCRETE, 0.3, material="钢筋混凝土 C35 P8")
    d.wall(storey, (x0, 7.8), (x1, 7.8), h, "地下室隔墙", INNER, 0.2,
           [Hole(x, 0.0, 1.2, 2.1, "fire") for x in (3.0, 12.0, 21.0)], external=False)  # fmt: skip
    for x in (36.0, 45.0):
        d.wall(storey, (x, 0.0), (x, 7.8), h, "地下室隔墙", INNER, external=False)
    for i, use in enumerate(("变配电室", "消防泵房", "储藏室")):
        d.space(storey, f"B10{i + 1}", use, (x0 + 9 * i, 0.0), (x0 + 9 * i + 9, 7.8), 3.7)
    d.space(storey, "B1-走廊", "走廊", (x0, 7.8), (x1, y1), 3.7)


def _school_main(d: Draft, storey: Entity, number: int, long: float, deep: float) -> None:
    h = _SCHOOL_H
    ground = number == 1
    if ground:
        d.block(storey, "IfcBuildingElementProxy", "台基", [
            ((-0.3, -0.3, -1.2), (27.0, deep + 0.3, -0.15), PLINTH),
            ((27.0, -0.3, -1.2), (long + 0.3, -0.15, -0.15), PLINTH),
            ((27.0, deep + 0.15, -1.2), (long + 0.3, deep + 0.3, -0.15), PLINTH),
            ((long + 0.15, -0.15, -1.2), (long + 0.3, deep + 0.15, -0.15), PLINTH),
        ], (0.0, 0.0, 0.0), 0.0, "", "花岗岩")  # fmt: skip
    wells = [] if ground else [rectangle(0.2, 0.2, 3.4, 7.0), rectangle(long - 3.4, 0.2, long - 0.2, 7.0)]
    d.slab(storey, rectangle(0.0, 0.0, long, deep), 0.0, 0.15, "楼板 150", CONCRETE,
           "BASESLAB" if ground else "FLOOR", wells)  # fmt: skip
    # The first and the last 3.6 m are stairs; between them five rooms and a middle bay.
    rooms = [(3.6 + i * 9.36, 3.6 + (i + 1) * 9.36) for i in range(5)]
    holes: list[Hole] = [Hole(0.9, 1.6, 1.8, 1.5, "window2"), Hole(long - 2.7, 1.6, 1.8, 1.5, "window2")]
    bands: list[tuple[float, float, str]] = []
    for x0, x1 in rooms:
        pitch = (x1 - x0 - 0.6) / 3
        middle = ground and abs((x0 + x1) / 2 - long / 2) < 1.0
        for i in range(3):
            at = round(x0 + 0.3 + i * pitch + 0.3, 3)
            width = round(pitch - 0.6, 3)
            if middle:
                holes.append(Hole(at, 0.0, width, 2.9, "entrance"))
            else:
                holes.append(Hole(at, 0.9, width, 2.1, "window3"))
            bands.append((round(at - 0.1, 3), round(at + width + 0.1, 3), WHITE if middle else TERRACOTTA))
    holes.sort(key=lambda hole: hole.at_m)
    d.wall(storey, (0.0, 0.0), (long, 0.0), h, "外墙 240 面砖", WHITE, 0.24, holes, bands, grow_m=0.12)
    for x in (0.0, long):
        side = [Hole(3.0, 1.2, 1.5, 1.8, "window2")] if x else [Hole(8.6, 0.0, 1.2, 2.4, "class")] if ground else []
        d.wall(storey, (x, 0.0), (x, deep), h, "山墙 240", TERRACOTTA if x else WHITE, 0.24, side, grow_m=-0.12)
    # Towards the court the rooms open on a gallery with columns and a railing.
    doors: list[Hole] = [Hole(1.2, 0.0, 1.2, 2.1, "fire"), Hole(long - 2.4, 0.0, 1.2, 2.1, "fire")]
    for number_of, (x0, x1) in enumerate(rooms):
        middle = ground and number_of == 2
        if middle:
            doors.append(Hole(x0 + 3.2, 0.0, 3.0, 2.6, "entrance"))
        else:
            doors += [Hole(round(x, 3), 0.0, 1.0, 2.4, "class") for x in (x0 + 0.5, x1 - 1.5)]
            doors += [Hole(round(x0 + x, 3), 1.2, 2.2, 1.5, "window2") for x in (2.0, 5.2)]
        use = "门厅" if middle else ("普通教室", "普通教室", "多媒体教室", "普通教室", "教师办公室")[number_of]
        d.space(storey, f"{number}0{number_of + 1}", use, (x0, 0.0), (x1, _WING), 3.6)
        d.wall(storey, (round(x0, 3), 0.0), (round(x0, 3), _WING), h - 0.15, "隔墙 200", INNER, external=False)
    d.wall(
        storey,
        (round(rooms[-1][1], 3), 0.0),
        (round(rooms[-1][1], 3), _WING),
        h - 0.15,
        "隔墙 200",
        INNER,
        external=False,
    )
    doors.sort(key=lambda hole: hole.at_m)
    d.wall(storey, (0.0, _WING), (long, _WING), h, "廊墙 200", WHITE, 0.2, doors)
    d.space(storey, f"{number}F 连廊", "连廊", (0.0, _WING), (long, deep), 3.6, external=True)
    for i in range(1, 13):
        d.column(storey, (i * 4.5, deep - 0.2, 0.0), 0.4, h - 0.15, WHITE)
    start = 10.4 if number < SCHOOL_STOREYS + 1 else 0.0
    if not ground:
        d.railing(storey, (start, deep - 0.2), (long - 0.2, deep - 0.2), 0.0, False, 1.2)
    d.block(storey, "IfcBeam", "廊边梁", [((0.0, -0.12, 0.0), (long - start, 0.12, 0.5), WHITE)],
            (start, deep - 0.1, h - 0.55), 0.0, "IfcBeamType", "钢筋混凝土 C30", PredefinedType="BEAM")  # fmt: skip
    if number < SCHOOL_STOREYS:
        for x in (0.3, long - 3.3):
            d.stair(storey, (x, 0.3), 3.0, 6.6, h)
    for i, x in enumerate((0.0, long - 3.6)):
        d.space(storey, f"{number}F 楼梯间{i + 1}", "楼梯间", (x, 0.0), (x + 3.6, _WING), 3.6)
    if ground:
        middle_x = long / 2
        d.block(storey, "IfcSlab", "入口雨篷", [
            ((-5.2, -3.4, 0.0), (5.2, -0.12, 0.3), TERRACOTTA), ((-5.3, -3.5, 0.3), (5.3, -0.12, 0.45), WHITE),
        ], (middle_x, 0.0, 3.2), 0.0, "IfcSlabType", "钢筋混凝土 C30", PredefinedType="ROOF")  # fmt: skip
        for x in (-4.6, 4.6):
            d.column(storey, (middle_x + x, -3.0, -0.45), 0.6, 3.65, WHITE)
        d.block(storey, "IfcBuildingElementProxy", "台阶", [
            ((-5.2, -3.4, -0.45), (5.2, -0.3, -0.15), STONE), ((-5.2, -3.75, -0.45), (5.2, -3.4, -0.3), STONE),
        ], (middle_x, 0.0, 0.0), 0.0, "", "花岗岩")  # fmt: skip


def _school_leg(d: Draft, storey: Entity, number: int, deep: float) -> None:
    """The short leg of the L: laboratories over a gallery that looks into the court."""
    h, north, wide = _SCHOOL_H, deep + 15.6, 10.4
    ground = number == 1
    if ground:
        d.block(storey, "IfcBuildingElementProxy", "台基", [
            ((-0.3, deep + 0.3, -1.2), (wide + 0.3, north + 0.3, -0.15), PLINTH),
        ], (0.0, 0.0, 0.0), 0.0, "", "花岗岩")  # fmt: skip
    d.slab(storey, rectangle(0.0, deep, wide, north), 0.0, 0.15, "楼板 150", CONCRETE)
    west = [Hole(round(0.7 + i * 2.5, 3), 0.9, 1.9, 2.1, "window3") for i in range(6)]
    tints = [(round(x.at_m - 0.1, 3), round(x.at_m + x.width_m + 0.1, 3), TERRACOTTA) for x in west]
    d.wall(storey, (0.0, deep), (0.0, north), h, "外墙 240 面砖", WHITE, 0.24, west, tints)
    d.wall(storey, (0.0, north), (_WING, north), h, "山墙 240", TERRACOTTA, 0.24, [Hole(3.0, 1.2, 1.5, 1.8, "window2")])
    doors = [Hole(x, 0.0, 1.0, 2.4, "class") for x in (0.8, 6.0, 8.6, 13.8)]
    lights = [Hole(x, 1.2, 2.0, 1.5, "window2") for x in (2.6, 10.6)]
    d.wall(
        storey, (_WING, deep), (_WING, north), h, "廊墙 200", WHITE, 0.2, sorted(doors + lights, key=lambda o: o.at_m)
    )
    d.wall(storey, (0.0, deep + 7.8), (_WING, deep + 7.8), h - 0.15, "隔墙 200", INNER, external=False)
    for i, use in enumerate(("物理实验室", "化学实验室") if number % 2 else ("图书室", "音乐教室")):
        d.space(storey, f"{number}1{i + 1}", use, (0.0, deep + 7.8 * i), (_WING, deep + 7.8 * (i + 1)), 3.6)
    d.space(storey, f"{number}F 西连廊", "连廊", (_WING, deep), (wide, north), 3.6, external=True)
    for y in (deep + 5.2, deep + 10.4, north - 0.25):
        d.column(storey, (wide - 0.2, y, 0.0), 0.4, h - 0.15, WHITE)
    if not ground:
        d.railing(storey, (wide - 0.2, deep), (wide - 0.2, north), 0.0, False, 1.2)
        d.railing(storey, (_WING, north - 0.25), (wide - 0.2, north - 0.25), 0.0, False, 1.2)
    d.block(
        storey,
        "IfcBeam",
        "廊边梁",
        [((0.0, -0.12, 0.0), (15.6, 0.12, 0.5), WHITE)],
        (wide - 0.1, deep, h - 0.55),
        90.0,
        "IfcBeamType",
        "钢筋混凝土 C30",
        PredefinedType="BEAM",
    )


def _school_hall(d: Draft, storey: Entity, deep: float) -> None:
    """The sports hall across the court: one tall room under a shallow curved roof."""
    x0, y0, wide, depth, h = 23.6, deep + 7.8, 30.0, 14.8, 8.4
    x1, y1 = x0 + wide, y0 + depth
    d.block(
        storey,
        "IfcBuildingElementProxy",
        "台基",
        [((x0 - 0.3, y0 - 0.3, -1.2), (x1 + 0.3, y1 + 0.3, -0.15), PLINTH)],
        (0.0, 0.0, 0.0),
        0.0,
        "",
        "花岗岩",
    )
    d.slab(storey, rectangle(x0, y0, x1, y1), 0.0, 0.15, "体育馆地面", "#c99b63", "BASESLAB")
    high = [Hole(round(1.2 + i * 4.8, 3), 5.0, 3.6, 2.2, "high") for i in range(6)]
    bands = [(round(x.at_m - 0.15, 3), round(x.at_m + 3.75, 3), TERRACOTTA) for x in high]
    d.wall(storey, (x0, y1), (x1, y1), h, "体育馆外墙", WHITE, 0.3, high, bands, grow_m=0.15)
    south = [Hole(12.6, 0.0, 3.0, 2.6, "entrance"), *high[2:]]
    d.wall(storey, (x0, y0), (x1, y0), h, "体育馆外墙", WHITE, 0.3, [high[0], high[1], *south], bands, grow_m=0.15)
    for x in (x0, x1):
        d.wall(storey, (x, y0), (x, y1), h, "体育馆外墙", WHITE, 0.3, grow_m=-0.15)
    a = d.a
    arc = [
        (depth / 2 - (depth / 2 + 0.7) * math.cos(math.pi * i / 14), 2.3 * math.sin(math.pi * i / 14))
        for i in range(15)
    ]
    top = [(x, z + 0.3) for x, z in arc]
    low = [(x, z) for x, z in reversed(arc)]

    def vault() -> list[Entity]:
        shell = a.upright([*top, *low], -wide - 0.6, 0.6, METAL)
        gables = [
            a.upright([(0.0, 0.0), *[p for p in arc if 0 < p[0] < depth], (depth, 0.0)], y - 0.15, y + 0.15, WHITE)
            for y in (-0.15, -wide + 0.15)
        ]
        return [shell, *gables]

    d.put(storey, "IfcRoof", "体育馆拱形屋面", vault, (x0, y0, h), 90.0, None, "", "铝镁锰板",
          {"Pset_RoofCommon": {"IsExternal": True, "FireRating": "1.00h"}}, PredefinedType="BARREL_ROOF")  # fmt: skip
    for i in range(1, 6):
        for y in (y0 + 0.35, y1 - 0.35):
            d.column(storey, (x0 + i * 5.0, y, 0.0), 0.5, h, WHITE)
    d.space(storey, "体育馆", "体育馆", (x0, y0), (x1, y1), 8.0)
    d.slab(storey, rectangle(x0 + 11.0, y0 - 2.4, x0 + 17.2, y0 - 0.15), 3.2, 0.25, "体育馆雨篷", TERRACOTTA, "ROOF")


def _school_roof(d: Draft, storey: Entity, long: float, deep: float) -> None:
    north, wide = deep + 15.6, 10.4
    outline = [(0.0, 0.0), (long, 0.0), (long, deep), (wide, deep), (wide, north), (0.0, north)]
    d.slab(storey, outline, 0.04, 0.19, "屋面板", "#b9b3a9", "ROOF", external=True)
    rim = Polygon(outline).buffer(0.6, join_style="mitre")
    inner = Polygon(outline).buffer(-0.2, join_style="mitre")
    d.slab(storey, _ring(rim.exterior), 0.15, 0.3, "挑檐", WHITE, "ROOF", [_ring(inner.exterior)], external=True)
    corners = [(0.0, 0.0), (long, 0.0), (long, deep), (wide, deep), (wide, north), (0.0, north)]
    for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        d.wall(storey, start, end, 1.2, "女儿墙", WHITE, 0.2, grow_m=0.1)
    d.block(storey, "IfcBuildingElementProxy", "钟塔", [
        ((0.0, 0.0, 0.0), (3.6, 3.6, 5.4), TERRACOTTA), ((-0.3, -0.3, 5.4), (3.9, 3.9, 5.75), WHITE),
        ((0.9, -0.08, 3.0), (2.7, 0.0, 4.8), WHITE), ((1.74, -0.12, 3.9), (1.86, -0.08, 4.6), FRAME_GREY),
        ((1.8, -0.12, 3.84), (2.4, -0.08, 3.96), FRAME_GREY),
    ], (0.0, 0.0, 0.0), 0.0, "", "砖")  # fmt: skip
    d.block(storey, "IfcBuildingElementProxy", "楼梯间出屋面", [
        ((0.0, 0.0, 0.0), (3.6, 7.8, 3.0), WHITE), ((-0.3, -0.3, 3.0), (3.9, 8.1, 3.2), TERRACOTTA),
    ], (long - 3.6, 0.0, 0.0), 0.0, "", "砖")  # fmt: skip


# -- the clinic -----------------------------------------------------------------------------------------------------

CLINIC_STOREYS = 3


def _clinic(path: Path, where: Georeference) -> None:
    long, deep, h = 24.0, 13.2, 3.6
    d = Draft("IFC4", "clinic", "示例社区卫生服务中心", "示例社区", {
        "YearOfConstruction": "2019", "NumberOfStoreys": CLINIC_STOREYS, "IsLandmarked": False, "OccupancyType": "医疗",
    })  # fmt: skip
    uses = (("候诊厅", "全科诊室", "中医诊室", "药房", "预防接种室", "检验室"),
            ("妇幼保健室", "口腔诊室", "康复室", "心理咨询室", "B 超室", "处置室"),
            ("健康教育室", "会议室", "档案室", "值班室", "办公室", "资料室"))  # fmt: skip
    for number in range(1, CLINIC_STOREYS + 1):
        storey = d.storey(f"{number}F", round((number - 1) * h, 3))
        ground = number == 1
        if ground:
            d.block(
                storey,
                "IfcBuildingElementProxy",
                "台基",
                [((-0.25, -0.25, -0.9), (long + 0.25, deep + 0.25, -0.15), PLINTH)],
                (0.0, 0.0, 0.0),
                0.0,
                "",
                "花岗岩",
            )
        d.slab(storey, rectangle(0.0, 0.0, long, deep), 0.0, 0.15, "楼板 150", CONCRETE,
               "BASESLAB" if ground else "FLOOR",
               holes=[] if ground else [rectangle(long - 3.1, 7.7, long - 0.2, deep - 0.3)])  # fmt: skip
        tint, base = ("#cfe0dc", STONE) if ground else ("#a8c9c1", WHITE)
        south = [
            Hole(round(0.9 + 3.0 * i, 3), 0.9, 1.2, 1.9, "white2") for i in range(8) if not (ground and i in (3, 4))
        ]
        if ground:
            south.append(Hole(10.0, 0.0, 4.0, 2.7, "entrance"))
        bands = [] if ground else [(round(o.at_m - 0.25, 3), round(o.at_m + o.width_m + 0.25, 3), tint) for o in south]
        south.sort(key=lambda hole: hole.at_m)
        d.wall(storey, (0.0, 0.0), (long, 0.0), h, "外墙 240", base, 0.24, south, bands, grow_m=0.12)
        north = [Hole(round(0.9 + 3.0 * i, 3), 0.9, 1.2, 1.6, "white2") for i in range(8)]
        d.wall(storey, (0.0, deep), (long, deep), h, "外墙 240", base, 0.24, north, grow_m=0.12)
        for x in (0.0, long):
            d.wall(
                storey,
                (x, 0.0),
                (x, deep),
                h,
                "外墙 240",
                base,
                0.24,
                [Hole(5.9, 0.9, 1.4, 1.6, "white2")],
                grow_m=-0.12,
            )
        for y in (5.4, 7.8):
            doors = [Hole(x, 0.0, 1.0, 2.1, "room") for x in (1.5, 6.5, 15.5, 19.0)]
            d.wall(storey, (0.0, y), (long, y), h - 0.15, "走廊墙 200", INNER, 0.2, doors, external=False)
        for x in (8.0, 16.0):
            d.wall(storey, (x, 0.0), (x, 5.4), h - 0.15, "隔墙 200", INNER, 0.2, external=False)
        for x in (6.0, 13.0, 20.8):
            d.wall(storey, (x, 7.8), (x, deep), h - 0.15, "隔墙 200", INNER, 0.2, external=False)
        plan = [
            ((0.0, 0.0), (8.0, 5.4)),
            ((8.0, 0.0), (16.0, 5.4)),
            ((16.0, 0.0), (24.0, 5.4)),
            ((0.0, 7.8), (6.0, deep)),
            ((6.0, 7.8), (13.0, deep)),
            ((13.0, 7.8), (20.8, deep)),
        ]
        order = uses[number - 1]
        named = [order[1], order[0], *order[2:]]
        for i, ((low, high), use) in enumerate(zip(plan, named, strict=True)):
            d.space(storey, f"{number}0{i + 1}", use, low, high, 3.3)
        d.space(storey, f"{number}F 走廊", "走廊", (0.0, 5.4), (long, 7.8), 3.3)
        d.space(storey, f"{number}F 楼梯间", "楼梯间", (20.8, 7.8), (long, deep), 3.3)
        if number < CLINIC_STOREYS:
            d.stair(storey, (21.0, 7.95), 2.8, 5.0, h)
        if number > 1:
            ring = rectangle(-0.2, -0.2, long + 0.2, deep + 0.2)
            d.slab(storey, ring, 0.1, 0.25, "腰线", WHITE, holes=[rectangle(0.1, 0.1, long - 0.1, deep - 0.1)])
        if ground:
            _clinic_entrance(d, storey, long)
    _clinic_roof(d, d.storey("屋面", CLINIC_STOREYS * h), long, deep)
    d.finish(path, where)


def _clinic_entrance(d: Draft, storey: Entity, long: float) -> None:
    middle = long / 2
    d.block(storey, "IfcSlab", "入口雨篷", [
        ((-4.0, -3.6, 0.0), (4.0, -0.12, 0.25), WHITE), ((-4.08, -3.68, -0.08), (4.08, -3.6, 0.4), "#5b9a8b"),
        ((-4.08, -3.68, -0.08), (-4.0, -0.12, 0.4), "#5b9a8b"), ((4.0, -3.68, -0.08), (4.08, -0.12, 0.4), "#5b9a8b"),
    ], (middle, 0.0, 3.05), 0.0, "IfcSlabType", "钢筋混凝土 C30", PredefinedType="ROOF")  # fmt: skip
    for x in (-3.5, 3.5):
        d.column(storey, (middle + x, -3.2, -0.45), 0.45, 3.5, WHITE)
    d.block(storey, "IfcBuildingElementProxy", "台阶", [
        ((-2.4, -3.3, -0.45), (4.0, -0.25, -0.15), STONE), ((-2.4, -3.65, -0.45), (4.0, -3.3, -0.3), STONE),
    ], (middle, 0.0, 0.0), 0.0, "", "花岗岩")  # fmt: skip
    a = d.a
    d.put(storey, "IfcRamp", "无障碍坡道",
          lambda: [a.upright([(0.0, -0.45), (5.4, -0.15), (5.4, -0.6), (0.0, -0.6)], 0.0, 1.4, STONE)],
          (middle - 2.4 - 5.4, -3.3, 0.0), 0.0, None, "", "花岗岩", {"Pset_RampCommon": {"IsExternal": True,
          "HandicapAccessible": True}}, PredefinedType="STRAIGHT_RUN_RAMP", ShapeType="STRAIGHT_RUN_RAMP")  # fmt: skip
    d.railing(storey, (middle - 7.8, -3.25), (middle - 2.4, -3.25), -0.3, False, 0.9)
    d.block(storey, "IfcBuildingElementProxy", "标识", [
        ((-0.2, -0.1, -0.6), (0.2, 0.0, 0.6), RED), ((-0.6, -0.1, -0.2), (-0.2, 0.0, 0.2), RED),
        ((0.2, -0.1, -0.2), (0.6, 0.0, 0.2), RED),
    ], (middle, -0.2, 9.0), 0.0, "", "铝塑板")  # fmt: skip


def _clinic_roof(d: Draft, storey: Entity, long: float, deep: float) -> None:
    """A hip roof of 27°: four tiled planes that meet in a ridge, on a boxed eave."""
    over, slope = 0.9, math.tan(math.radians(27.0))
    x0, x1, y0, y1 = -over, long + over, -over, deep + over
    half = (y1 - y0) / 2
    top = round(half * slope, 3)
    eave = 0.18
    points: list[Point3] = [
        (x0, y0, 0.0), (x1, y0, 0.0), (x1, y1, 0.0), (x0, y1, 0.0),
        (x0, y0, eave), (x1, y0, eave), (x1, y1, eave), (x0, y1, eave),
        (x0 + half, y0 + half, eave + top), (x1 - half, y0 + half, eave + top),
    ]  # fmt: skip
    faces = [
        (3, 2, 1, 0),
        (0, 1, 5, 4),
        (1, 2, 6, 5),
        (2, 3, 7, 6),
        (3, 0, 4, 7),
        (4, 5, 9, 8),
        (5, 6, 9),
        (6, 7, 8, 9),
        (7, 4, 8),
    ]
    a = d.a
    d.put(
        storey,
        "IfcRoof",
        "四坡屋面",
        lambda: [a.solid_of_faces(points, faces, TILE)],
        (0.0, 0.0, 0.12),
        0.0,
        None,
        "",
        "陶土瓦",
        {"Pset_RoofCommon": {"IsExternal": True, "FireRating": "1.00h"}},
        PredefinedType="HIP_ROOF",
    )
    d.slab(
        storey, rectangle(x0 - 0.05, y0 - 0.05, x1 + 0.05, y1 + 0.05), 0.12, 0.27, "檐沟", WHITE, "ROOF", external=True
    )
    d.block(
        storey,
        "IfcBuildingElementProxy",
        "屋脊",
        [((0.0, -0.12, 0.0), (x1 - x0 - 2 * half, 0.12, 0.16), "#6a3c32")],
        (x0 + half, y0 + half, 0.12 + eave + top - 0.05),
        0.0,
        "",
        "陶土瓦",
    )


# -- all of them ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Design:
    site: str
    file: str
    name: str
    name_en: str
    middle: Point2
    floor_m: float
    draw: Callable[[Path, Georeference], None]


_DESIGNS = (
    _Design("tower", "tower.ifc", "示例住宅楼", "Sample residential tower", (17.7, 6.6), 0.45, _tower),
    _Design("school", "school.ifc", "示例学校", "Sample school", (27.0, 14.8), 0.45, _school),
    _Design("school", "school_ifc2x3.ifc", "示例学校（IFC2X3）", "Sample school (IFC2X3)", (27.0, 14.8), 0.45,
            lambda path, where: _school(path, where, "IFC2X3")),
    _Design("clinic", "clinic.ifc", "示例社区卫生服务中心", "Sample community clinic", (12.0, 5.2), 0.45, _clinic),
)  # fmt: skip


def write(city: City, folder: Path) -> list[dict[str, str]]:
    """Write the sample city's IFC buildings into a folder.

    Parameters
    ----------
    city : City
        ``ifc_sites`` says where each footprint's middle stands and where its back looks.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of dict
        ``name``, ``name_en``, ``path`` (file name inside the folder) and ``site`` of each file, in a fixed order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for design in _DESIGNS:
        if design.site not in city.ifc_sites:
            continue
        design.draw(folder / design.file, _georeference(city.ifc_sites[design.site], design))
        made.append({"name": design.name, "name_en": design.name_en, "path": design.file, "site": design.site})
    return made


def _georeference(site: IfcSite, design: _Design) -> Georeference:
    """Return where a design's zero stands so that the middle of its plan stands in the middle of the site."""
    rotation = -site.bearing_deg
    c, s = math.cos(math.radians(rotation)), math.sin(math.radians(rotation))
    x, y = design.middle
    return Georeference(
        round(site.easting - (x * c - y * s), 4),
        round(site.northing - (x * s + y * c), 4),
        round(site.height_m + design.floor_m, 4),
        rotation,
    )


def _ring(ring: Any) -> list[Point2]:
    points = [(round(x, 4), round(y, 4)) for x, y in ring.coords[:-1]]
    area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, [*points[1:], points[0]], strict=True))
    return points if area > 0 else points[::-1]


def _polygons(shape: Any) -> list[Any]:
    if shape.is_empty:
        return []
    return [p for p in getattr(shape, "geoms", [shape]) if p.geom_type == "Polygon" and p.area > 1e-6]
