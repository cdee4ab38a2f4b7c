"""Where people live: gated quarters (小区) of slabs and towers, the old quarter, the urban village.

Numbers of the trade behind the layouts: slabs are 11–14 m deep and face south within 17°; rows of walk-ups stand
1.3 times their height apart so that the ground floor sees the winter sun; end walls keep 6 m (low) or 13 m (high).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon, box
from shapely.ops import nearest_points

from models.sample import shapes
from models.sample.blocks import Block, largest
from models.sample.lots import Fabric, Lot, core
from models.sample.roads import Network


@dataclass(frozen=True, slots=True)
class House:
    """A kind of housing."""

    storeys: tuple[int, ...]
    depth_m: tuple[float, float]
    length_m: tuple[float, float]
    gap_m: float
    spacing: float
    years: tuple[int, int]
    structure: str
    land_use: str = "R2"


HOUSES: dict[str, House] = {
    "slab6": House((5, 6, 6, 6, 7), (11.2, 12.8), (36, 66), 7.5, 1.22, (1983, 2003), "砖混结构"),
    "slab11": House((9, 11, 11, 11), (12.4, 13.6), (32, 56), 12.0, 0.98, (2003, 2015), "剪力墙结构"),
    "tower": House((18, 24, 26, 28, 32, 33), (17.5, 20.5), (26, 40), 17.0, 0.62, (2009, 2023), "剪力墙结构"),
    "villa": House((2, 3, 3), (10.5, 12.0), (11, 23), 8.0, 1.5, (2006, 2014), "框架结构", "R1"),
}
STOREY_M = 2.95
Warp = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def split(block: Block, west: str, east: str) -> list[Block]:
    """Cut a big block into two quarters by a lane across its longer side."""
    x0, y0, x1, y1 = block.polygon.bounds
    c = block.polygon.centroid
    cut = (
        LineString([(c.x, y0 - 9), (c.x, y1 + 9)]) if x1 - x0 > y1 - y0 else LineString([(x0 - 9, c.y), (x1 + 9, c.y)])
    )
    parts = [largest(p) for p in block.polygon.difference(cut.buffer(4.0, cap_style="flat")).geoms]
    parts.sort(key=lambda p: (p.centroid.x, p.centroid.y))
    return [
        Block(block.number * 10 + 1000 + i, part, use, block.angle)
        for i, (part, use) in enumerate(zip(parts, (west, east), strict=False))
    ]


def quarter(
    block: Block, kind: str, network: Network, fabric: Fabric, rng: np.random.Generator, *, ifc: bool = False
) -> None:
    """Fill a block with one gated quarter: shops to the street, a wall, a loop lane, rows around a green."""
    house = HOUSES[kind]
    lot = Lot(block, fabric, rng, 0.0)
    year = int(rng.integers(*house.years))
    storeys = int(rng.choice(house.storeys))
    entries = _gates(block, network) or _gates(block, network, 20.0)
    shops = _shops(lot, rng, year, entries) if kind in ("slab6", "slab11", "tower") and rng.random() < 0.85 else []
    ground = core(lot, 3.0)
    for shop in shops:
        ground = largest(ground.difference(shop.buffer(5.0, join_style="mitre")))
    loop_face = largest(ground.buffer(-9.0, join_style="mitre").buffer(6.0, quad_segs=4))
    lot.free = largest(loop_face.buffer(-5.0, join_style="mitre"))
    if lot.free.area < 900:
        return
    x0, y0, x1, y1 = lot.free.bounds
    middle = ((x0 + x1) / 2 + rng.uniform(-6, 6), (y0 + y1) / 2 + rng.uniform(-4, 4))

    lanes: list[LineString] = [LineString(loop_face.exterior)]
    if x1 - x0 > 120:
        spine = LineString([(middle[0], y0 - 40), (middle[0], y1 + 40)]).intersection(loop_face.buffer(2.0))
        if isinstance(spine, LineString):
            lanes.append(spine)
            lot.keep_off(spine.buffer(5.5, cap_style="flat"))
    _central_green(lot, middle, kind, rng, shift=x1 - x0 > 120)
    if kind in ("slab11", "tower") and lot.free.area > 9000 and rng.random() < 0.40:
        _kindergarten(lot, rng, year)
    if ifc:
        spot = lot.find(36.0, 26.0, 0.8, 0.25)
        if spot is not None:
            keep_site(lot, "tower", spot)
    _rows(lot, house, kind, storeys, year, rng)
    _small_things(lot, rng, year)

    outward = [lot.outward(line) for line in lanes]
    for gate in entries:
        near = nearest_points(LineString(shapely.get_coordinates(outward[0])), Point(gate.coords[1]))[0]
        # A little past the loop, so that the two cross and are noded; the stub falls away.
        (ax, ay), (bx, by) = gate.coords[1], near.coords[0]
        past = 1.0 + 2.0 / max(float(np.hypot(bx - ax, by - ay)), 0.1)
        outward.append(LineString([(ax + past * (bx - ax), ay + past * (by - ay)), gate.coords[1], gate.coords[0]]))
        fabric.gates.append(LineString([gate.coords[0], gate.coords[1]]))
    fabric.lanes.append((outward, ""))
    fabric.land.append({"geometry": block.polygon, "use": "residential"})
    cut = [row["geometry"] for row in fabric.amenities if row.get("block") == block.number]
    parcel = block.polygon.difference(shapely.union_all(cut)) if cut else block.polygon
    fabric.parcels.append(
        {"geometry": largest(parcel), "land_use": house.land_use, "block": block.number, "kind": kind}
    )
    fabric.groves.append((block.polygon, 8.0, 0.40, "estate"))


def keep_site(lot: Lot, name: str, spot: Polygon) -> None:
    """Keep a place free for an IFC building."""
    x0, y0, x1, y1 = spot.bounds
    bearing = (-float(np.degrees(lot.block.angle))) % 360.0
    lot.fabric.sites[name] = (lot.outward(spot), bearing, x1 - x0, y1 - y0)
    lot.fabric.bare.append(lot.outward(spot))
    lot.keep_off(spot, 8.0)


def _gates(block: Block, network: Network, margin_m: float = 38.0) -> list[LineString]:
    """Return one or two entries: from a road's centre line straight into the block, away from junctions."""
    outline = LineString(block.polygon.exterior.coords)
    penalty = {"branch": 0.0, "sub_arterial": 22.0, "arterial": 60.0}
    roads = [
        r for r in network.roads if r.road_class in penalty and not r.bridge and r.line.distance(block.polygon) < 42
    ]
    found: list[tuple[float, LineString]] = []
    for d in np.arange(0.0, outline.length, 5.0):
        p = outline.interpolate(d)
        for road in roads:
            at = road.line.project(p)
            if not margin_m < at < road.line.length - margin_m:
                continue
            q = road.line.interpolate(at)
            reach = p.distance(q)
            if reach > 42:
                continue
            inner = Point(p.x + (p.x - q.x) / reach * 5.0, p.y + (p.y - q.y) / reach * 5.0)
            line = LineString([(round(q.x, 2), round(q.y, 2)), (inner.x, inner.y)])
            off_centre = abs(at - road.line.length / 2) * 0.12
            found.append((reach + penalty[road.road_class] + off_centre, line))
    found.sort(key=lambda f: f[0])
    kept: list[LineString] = []
    for _, line in found:
        inner = Point(line.coords[1])
        if block.polygon.contains(inner) and all(line.distance(k) > 90 for k in kept):
            kept.append(line)
        if len(kept) == 2:
            break
    return kept


def _shops(lot: Lot, rng: np.random.Generator, year: int, entries: list[LineString]) -> list[Polygon]:
    """Line the east and west street sides with two-storey shops (底商)."""
    ring = core(lot, 1.0).difference(core(lot, 1.0 + rng.uniform(9.0, 11.5)))
    x0, y0, x1, y1 = lot.outline.bounds
    doors = [lot.inward(line).buffer(9.0) for line in entries]
    shops = []
    for side in ("west", "east"):
        if rng.random() < 0.35:
            continue
        middle = lot.outline.centroid.x
        half = (
            box(x0, y0, middle - 0.28 * (x1 - x0), y1) if side == "west" else box(middle + 0.28 * (x1 - x0), y0, x1, y1)
        )
        y = y0 + 18.0
        while y < y1 - 30:
            length = float(rng.uniform(22, 46))
            piece = largest(ring.intersection(half).intersection(box(x0, y, x1, min(y + length, y1 - 14))))
            y += length + (7.0 if rng.random() < 0.25 else 1.2)
            width = piece.bounds[2] - piece.bounds[0] if piece.area > 0 else 0.0
            if piece.area < 140 or width > 21 or any(piece.intersects(door) for door in doors):
                continue
            piece = largest(piece.simplify(0.4))
            storeys = int(rng.choice((2, 2, 2, 3)))
            lot.build(
                piece,
                0.0,
                use="commercial",
                storeys=storeys,
                height_m=round(storeys * 3.9, 1),
                year=year,
                structure="框架结构",
                roof="flat",
                noun="shops",
            )
            shops.append(piece)
    return shops


def _central_green(lot: Lot, middle: tuple[float, float], kind: str, rng: np.random.Generator, shift: bool) -> None:
    x0, y0, x1, y1 = lot.free.bounds
    width = (x1 - x0) * {"slab6": 0.18, "slab11": 0.26, "tower": 0.36, "villa": 0.2}[kind]
    depth = (y1 - y0) * {"slab6": 0.13, "slab11": 0.20, "tower": 0.24, "villa": 0.16}[kind]
    x = middle[0] + (width * 0.62 + 6.5 if shift and kind == "slab6" else 0.0)
    spot = box(x - width / 2, middle[1] - depth / 2, x + width / 2, middle[1] + depth / 2)
    green = largest(shapes.rounded(spot, min(width, depth) * 0.28).intersection(lot.free))
    if green.area < 250:
        return
    lot.keep_off(green, 5.0)
    placed = lot.outward(green)
    lot.fabric.green.append(
        {"geometry": placed, "kind": "gated_green", "open_to_public": False, "block": lot.block.number}
    )
    lot.fabric.groves.append((placed, 6.5, 0.55, "park"))
    if green.area > 1500:
        lot.fabric.footways.append({"geometry": LineString(placed.buffer(-3.0).exterior), "width_m": 1.8})
        if kind == "tower":
            pond = shapes.blob((green.centroid.x, green.centroid.y), width * 0.13, depth * 0.16, rng)
            pond = largest(pond.intersection(green.buffer(-4.0)))
            if pond.area < 40:
                return
            lot.fabric.water.append({"geometry": lot.outward(pond), "kind": "pond"})
            lot.fabric.bare.append(lot.outward(pond))


def _kindergarten(lot: Lot, rng: np.random.Generator, year: int) -> None:
    site = lot.find(52.0, 46.0, float(rng.choice((0.1, 0.9))), float(rng.choice((0.15, 0.85))))
    if site is None:
        return
    x0, _, x1, y1 = site.bounds
    house = shapes.ell(box(x0 + 5, y1 - 30, x1 - 5, y1 - 5), 12.0, east=bool(rng.random() < 0.5), north=False)
    lot.build(
        house,
        0.0,
        use="education",
        storeys=3,
        height_m=11.4,
        year=year,
        structure="框架结构",
        roof="flat",
        noun="kindergarten",
    )
    lot.fabric.amenities.append(
        {"geometry": lot.outward(site), "kind": "kindergarten", "capacity": 270, "block": lot.block.number}
    )
    lot.fabric.land.append({"geometry": lot.outward(site), "use": "education"})
    lot.keep_off(site, 7.0)


def _rows(lot: Lot, house: House, kind: str, storeys: int, year: int, rng: np.random.Generator) -> None:
    """Set rows from south to north, high ones staggered."""
    _, y, _, top = lot.free.bounds
    row = 0
    gable = kind == "slab6" and year < 1999 and rng.random() < 0.6
    while y < top - house.depth_m[0]:
        depth = float(rng.uniform(*house.depth_m))
        here = storeys if kind != "tower" else int(rng.choice((storeys, max(18, storeys - 6), min(33, storeys + 2))))
        height = here * STOREY_M
        for left, right in lot.intervals(y, y + depth):
            width = right - left
            stagger = (row % 2) * 0.42 * (house.length_m[0] + house.gap_m) if kind == "tower" and width > 95 else 0.0
            count = max(1, int(np.ceil((width - stagger + house.gap_m) / (house.length_m[1] + house.gap_m))))
            length = (width - stagger - (count - 1) * house.gap_m) / count
            if length < house.length_m[0] * 0.86:
                count = max(1, count - 1)
                length = min((width - stagger - (count - 1) * house.gap_m) / count, house.length_m[1])
            if kind == "tower":
                length = min(length, float(rng.uniform(*house.length_m)))
            if length < house.length_m[0] * 0.8:
                continue
            pitch = (width - stagger - length) / (count - 1) if count > 1 else 0.0
            for i in range(count):
                x = left + stagger + i * pitch
                spot = box(x, y, x + length, y + depth)
                if not lot.free.buffer(0.05).contains(spot) or rng.random() < 0.02:
                    continue
                _house(lot, spot, kind, here, year, gable, house, rng, end=i == count - 1)
        y += depth + (height * house.spacing if kind != "tower" else 22.0 + 0.11 * height)
        row += 1
    # Corners that no row reached: as many single houses as the sun allows.
    clear = 0.62 if kind != "tower" else 0.30
    for _ in range(8):
        length = float(rng.uniform(house.length_m[0], 0.5 * sum(house.length_m)))
        depth = house.depth_m[0]
        spot = lot.find(length, depth + clear * storeys * STOREY_M, 0.5, 0.5)
        if spot is None:
            spot = lot.find(house.length_m[0], depth + clear * storeys * STOREY_M, 0.5, 0.5)
        if spot is None:
            return
        x0, y0, x1, y1 = spot.bounds
        low = y0 + 0.5 * (y1 - y0 - depth)
        _house(lot, box(x0, low, x1, low + depth), kind, storeys, year, gable, house, rng, end=False)


def _house(
    lot: Lot,
    spot: Polygon,
    kind: str,
    storeys: int,
    year: int,
    gable: bool,
    house: House,
    rng: np.random.Generator,
    end: bool,
) -> None:
    x0, _, x1, y1 = spot.bounds
    shape, roof = spot, "flat"
    if kind == "tower":
        shape = shapes.tower(spot)
    elif kind == "villa":
        roof = "hip" if rng.random() < 0.6 else "gable"
    elif gable:
        roof = "gable"
    else:
        shape = shapes.slab(spot, max(2, round((x1 - x0) / 16)))
        if kind == "slab6" and end and rng.random() < 0.30:
            wing = box(x1 - 11.5, y1 - 0.2, x1, y1 + 9.5)
            if lot.free.contains(wing):
                shape = Polygon(shape.union(wing).exterior)
    lot.build(
        shape,
        5.0,
        use="residential",
        storeys=storeys,
        height_m=round(storeys * STOREY_M + rng.choice((0.3, 0.6, 0.9)), 1),
        year=year + int(rng.integers(0, 3)),
        structure=house.structure,
        roof=roof,
        noun="block",
    )


def _small_things(lot: Lot, rng: np.random.Generator, year: int) -> None:
    """Add what every estate has: a substation hut, a waste station, bicycle sheds, a committee house."""
    for width, depth, noun, use in (
        (6.5, 4.5, "substation", "other"),
        (16.0, 8.0, "committee", "public"),
        (24.0, 4.0, "shed", "other"),
    ):
        if rng.random() < 0.7:
            spot = lot.find(width, depth, float(rng.random()), float(rng.random()), 0.35)
            if spot is not None:
                storeys = 2 if use == "public" else 1
                lot.build(
                    spot,
                    4.0,
                    use=use,
                    storeys=storeys,
                    height_m=3.3 * storeys,
                    year=year,
                    structure="砖混结构",
                    roof="flat",
                    noun=noun,
                )


def old_quarter(block: Block, fabric: Fabric, rng: np.random.Generator, park: bool = False) -> None:
    """Fill a block with courtyard houses (四合院) along alleys that are not quite straight."""
    lot = Lot(block, fabric, rng, 2.0)
    lot.fabric.land.append({"geometry": block.polygon, "use": "old_quarter"})
    parcel = block.polygon
    if park:
        spot = lot.find(48.0, 38.0, 0.55, 0.5)
        if spot is not None:
            ground = lot.outward(shapes.rounded(spot, 5.0))
            fabric.green.append(
                {"geometry": ground, "kind": "park", "open_to_public": True, "historic": True, "noun": "old_well"}
            )
            fabric.groves.append((ground, 7.0, 0.6, "park"))
            parcel = largest(parcel.difference(ground))
            lot.keep_off(spot, 2.0)
    fabric.parcels.append({"geometry": parcel, "land_use": "R3", "block": block.number, "kind": "old_quarter"})
    phase = rng.uniform(0, 6.28, 4)

    def warp(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = points[:, 0], points[:, 1]
        return np.column_stack(
            [
                x + 3.2 * np.sin(y / 41 + phase[0]) + 1.2 * np.sin(y / 17 + phase[1]),
                y + 3.0 * np.sin(x / 47 + phase[2]) + 1.0 * np.sin(x / 19 + phase[3]),
            ]
        )

    free = lot.free
    x0, y0, x1, y1 = free.bounds
    alley, lanes = 3.4, []
    y = y0 - 6.0
    while y < y1 + 6:
        depth = float(rng.uniform(16.0, 19.5))
        lanes.append([(x, y - alley / 2) for x in np.arange(x0 - 12, x1 + 12, 6.0)])
        for side in (0, 1):
            base = y + side * (depth + 0.5)
            x = x0 - 6.0 + float(rng.uniform(0, 8))
            run = 0
            while x < x1 + 6:
                width = float(rng.uniform(12.5, 17.5))
                _court(lot, free, warp, x, base, width, depth, rng)
                x += width + 0.7
                run += 1
                if run == 5:
                    x += alley
                    run = 0
        y += 2 * depth + 1.0 + alley
    inside = block.polygon.buffer(-1.0)
    lines = [lot.outward(LineString(shapely.get_coordinates(LineString(warp(np.asarray(line)))))) for line in lanes]
    if park:
        inside = inside.difference(
            shapely.union_all([row["geometry"] for row in fabric.green if row.get("historic")]).buffer(1.5)
        )
    kept = [part for line in lines for part in getattr(line.intersection(inside), "geoms", [line.intersection(inside)])]
    fabric.lanes.append(([line for line in kept if isinstance(line, LineString) and line.length > 20], "alley"))
    fabric.groves.append((block.polygon, 11.0, 0.5, "court"))


def largest_line(geometry: shapely.Geometry) -> LineString | None:
    """Return the longest line of whatever an intersection left."""
    parts = [p for p in getattr(geometry, "geoms", [geometry]) if isinstance(p, LineString) and not p.is_empty]
    return max(parts, key=lambda p: p.length) if parts else None


def _court(
    lot: Lot, free: Polygon, warp: Warp, x: float, y: float, w: float, d: float, rng: np.random.Generator
) -> None:
    """One courtyard: main house on the north, wings east and west, a gate house on the south."""
    g = 0.5
    main = float(rng.uniform(5.6, 6.6))
    south = float(rng.uniform(4.0, 4.8))
    wing = float(rng.uniform(3.3, 4.0))
    two = rng.random() < 0.14
    year = int(rng.integers(1912, 1978))
    boxes = [(x + g, y + d - main, x + w - g, y + d - g, 2 if two else 1)]
    if rng.random() < 0.85:
        boxes.append((x + g, y + south + 0.9, x + g + wing, y + d - main - 0.8, 1))
    if rng.random() < 0.70:
        boxes.append((x + w - g - wing, y + south + 0.9, x + w - g, y + d - main - 0.8, 1))
    if rng.random() < 0.72:
        boxes.append((x + g, y + g, x + w - g - 2.6, y + south, 1))
    if rng.random() < 0.06:
        return
    for a, b, c, e, storeys in boxes:
        shape = Polygon(warp(np.array([(a, b), (c, b), (c, e), (a, e)])))
        if e - b > 2.5 and free.contains(shape):
            lot.fabric.buildings.append(
                {
                    "geometry": lot.outward(shape),
                    "block": lot.block.number,
                    "use": "old_house",
                    "storeys": storeys,
                    "height_m": round(3.1 * storeys + float(rng.uniform(0.0, 0.7)), 1),
                    "year": year,
                    "structure": "砖木结构",
                    "roof": "gable",
                    "noun": "court",
                }
            )


def village(block: Block, fabric: Fabric, rng: np.random.Generator, share: float = 1.0) -> None:
    """Fill a block with self-built houses shoulder to shoulder: an urban village (城中村)."""
    lot = Lot(block, fabric, rng, 5.0)
    area = lot.free
    if share < 1.0:
        x0, y0, x1, y1 = area.bounds
        area = area.intersection(box(x0, y1 - (y1 - y0) * share, x1, y1))
        rest = largest(lot.outline.intersection(box(x0 - 9, y0 - 9, x1 + 9, y1 - (y1 - y0) * share - 6)))
        fabric.land.append({"geometry": lot.outward(rest), "use": "farmland"})
        fabric.bare.append(lot.outward(rest))
        home = lot.outward(largest(lot.outline.difference(rest.buffer(3.0))))
    else:
        home = block.polygon
    fabric.land.append({"geometry": home, "use": "residential"})
    fabric.parcels.append({"geometry": home, "land_use": "R3", "block": block.number, "kind": "village"})
    x0, y0, x1, y1 = area.bounds
    y, row, lanes = y0, 0, []
    while y < y1 - 9:
        depth = float(rng.uniform(10.0, 12.5))
        x = x0
        while x < x1 - 9:
            width = float(rng.uniform(9.0, 13.5))
            back = float(rng.uniform(0.0, 1.6))
            spot = box(x, y + back, x + width, y + depth)
            if area.contains(spot) and rng.random() > 0.07:
                storeys = int(rng.choice((2, 3, 3, 4, 4, 5)))
                shape = shapes.ell(spot, width * 0.62, bool(rng.random() < 0.5)) if rng.random() < 0.2 else spot
                lot.fabric.buildings.append(
                    {
                        "geometry": lot.outward(shape),
                        "block": block.number,
                        "use": "residential",
                        "storeys": storeys,
                        "height_m": round(storeys * 3.2, 1),
                        "year": int(rng.integers(1992, 2012)),
                        "structure": "砖混结构",
                        "roof": "gable" if storeys == 2 and rng.random() < 0.7 else "flat",
                        "noun": "village_house",
                    }
                )
            x += width + float(rng.choice((1.5, 1.8, 2.4, 4.5), p=(0.4, 0.3, 0.2, 0.1)))
        row += 1
        wide = row % 2 == 0
        if wide:
            lanes.append(LineString([(x0, y + depth + 2.4), (x1, y + depth + 2.4)]))
        y += depth + (4.8 if wide else 2.2)
    kept = [largest_line(lot.outward(line).intersection(home.buffer(-3.0))) for line in lanes]
    fabric.lanes.append(([line for line in kept if line is not None and line.length > 30], "village"))
    fabric.groves.append((home, 12.0, 0.5, "court"))
