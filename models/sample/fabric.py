"""From blocks to everything that stands on them: each block's word picks its filler."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import LineString, Polygon, box

from models.sample import places, quarters, shapes
from models.sample.blocks import Block, largest, right_of_way
from models.sample.city import HALF_M, stream
from models.sample.lots import Fabric
from models.sample.plan import REACH_M, Plan
from models.sample.roads import Network


def fill(blocks: list[Block], network: Network, plan: Plan, seed: int) -> Fabric:
    """Build on every block, each with its own random stream."""
    fabric = Fabric()
    for block in blocks:
        _fill(block, network, fabric, stream(seed, f"block {block.number}"))
    _hill(network, plan, fabric)
    return fabric


def _fill(block: Block, network: Network, fabric: Fabric, rng: np.random.Generator) -> None:
    use = block.use
    match use:
        case "slab6" | "slab11" | "tower" | "villa":
            if block.polygon.area > 52_000:
                for part in quarters.split(block, use, use):
                    quarters.quarter(part, part.use, network, fabric, rng)
            else:
                quarters.quarter(block, use, network, fabric, rng)
        case "tower_ifc":
            quarters.quarter(block, "tower", network, fabric, rng, ifc=True)
        case "mixed":
            kinds = ("slab6", "tower") if block.polygon.centroid.x < 0 else ("tower", "slab11")
            for part in quarters.split(block, *kinds):
                quarters.quarter(part, part.use, network, fabric, rng)
        case "slab6_old":
            quarters.quarter(block, "slab6", network, fabric, rng)
        case "old_quarter":
            quarters.old_quarter(block, fabric, rng, park=block.polygon.centroid.y > 40)
        case "village":
            quarters.village(block, fabric, rng)
        case "village_fields":
            quarters.village(block, fabric, rng, share=0.42)
        case "primary_school" | "middle_school":
            places.school(block, use, fabric, rng)
        case "nine_year_school":
            places.school(block, use, fabric, rng, ifc=True)
        case "primary_park":
            _primary_park(block, network, fabric, rng)
        case "hospital":
            places.hospital(block, fabric, rng)
        case "clinic":
            places.clinic(block, fabric, rng)
        case "market":
            places.market(block, fabric, rng)
        case "office":
            places.offices(block, fabric, rng, tall=False)
        case "pocket_office":
            places.offices(block, fabric, rng, tall=False, pocket=True)
        case "cbd":
            places.offices(block, fabric, rng, tall=True)
        case "cbd_plaza":
            places.offices(block, fabric, rng, tall=True, plaza=True)
        case "mall":
            places.mall(block, fabric, rng)
        case "industrial":
            places.works(block, fabric, rng)
        case "logistics":
            places.works(block, fabric, rng, logistics=True)
        case "construction":
            places.construction(block, fabric, rng)
        case "fire_station":
            places.fire_station(block, fabric, rng)
        case "nursery":
            places.nursery(block, fabric, rng)
        case "city_park":
            places.city_park(block, fabric, rng)
        case "riverside":
            places.riverside(block, fabric, rng)
        case _:
            places.pocket(block, fabric)


def _primary_park(block: Block, network: Network, fabric: Fabric, rng: np.random.Generator) -> None:
    """A primary school in the east; in the west a garden (0.2–1 ha) south of a few slabs."""
    west, east = quarters.split(block, "rest", "primary_school")
    places.school(east, "primary_school", fabric, rng)
    x0, y0, x1, y1 = west.polygon.bounds
    line = box(x0 - 9, y0 - 9, x1 + 9, y0 + 0.40 * (y1 - y0))
    garden = largest(west.polygon.intersection(line))
    while garden.area > 9_000:
        garden = garden.buffer(-1.0)
    fabric.green.append({"geometry": garden, "kind": "park", "open_to_public": True, "noun": "south_park"})
    fabric.land.append({"geometry": garden, "use": "park"})
    fabric.footways.append({"geometry": LineString(garden.buffer(-10).exterior), "width_m": 2.4})
    fabric.groves.append((garden, 7.5, 0.6, "park"))
    homes = largest(west.polygon.difference(line.buffer(4.0, join_style="mitre")))
    quarters.quarter(Block(west.number * 10, homes, "slab11", west.angle), "slab11", network, fabric, rng)


def hill_area(plan: Plan) -> Polygon:
    """Return the land north-west of the avenue that rounds the hill, as far as the world goes."""
    south = plan.line("e2", -REACH_M - 20, 0.0)
    east = plan.line("n2", 200.0, REACH_M + 20)
    lines = [
        LineString(south),
        LineString(east),
        LineString(box(-REACH_M - 10, -REACH_M - 10, REACH_M + 10, REACH_M + 10).exterior),
    ]
    faces = shapely.polygonize(list(shapely.union_all(lines).geoms))
    corner = shapely.Point(-900.0, 800.0)
    return next(face for face in faces.geoms if face.contains(corner))


def _hill(network: Network, plan: Plan, fabric: Fabric) -> None:
    """The wooded hill, and the garden at its foot."""
    hill = largest(hill_area(plan).difference(right_of_way(network)))
    foot = shapes.rounded(box(-560.0, 345.0, -455.0, 420.0), 14.0).intersection(hill.buffer(-4.0))
    foot = largest(foot)
    fabric.green.append({"geometry": foot, "kind": "park", "open_to_public": True, "noun": "foot"})
    fabric.land.append({"geometry": foot, "use": "park"})
    fabric.footways.append({"geometry": LineString(foot.buffer(-9).exterior), "width_m": 2.4})
    fabric.groves.append((foot, 8.0, 0.6, "park"))
    taken = [foot]
    # Two gardens that look as if they served the quarters below, and do not: one is private, one too small.
    for shape, noun, is_open in (
        (box(-985, 330, -880, 440), "club", False),
        (box(-795, 300, -760, 366), "corner", True),
    ):
        garden = largest(shape.intersection(hill.buffer(-4.0)))
        while noun == "corner" and garden.area > 1_800:
            garden = garden.buffer(-0.5)
        taken.append(garden)
        fabric.green.append({"geometry": garden, "kind": "park", "open_to_public": is_open, "noun": noun})
        fabric.land.append({"geometry": garden, "use": "park"})
        fabric.groves.append((garden, 8.0, 0.6, "park"))
    gardens = shapely.union_all(taken)
    inner = largest(hill.intersection(box(-HALF_M, -HALF_M, HALF_M, HALF_M)))
    woods = largest(inner.difference(gardens.buffer(2.0)))
    fabric.green.append({"geometry": woods, "kind": "hill", "open_to_public": True, "noun": "hill"})
    fabric.land.append({"geometry": largest(hill.difference(gardens)), "use": "hill"})
    fabric.groves.append(
        (largest(hill.intersection(box(-1150, 0, HALF_M, 1150)).difference(gardens.buffer(4))), 14.5, 0.82, "hill")
    )
    # A way up: serpentines from the garden to the top, and a pavilion there.
    way = [
        (-500, 420),
        (-560, 480),
        (-640, 500),
        (-700, 560),
        (-660, 630),
        (-720, 700),
        (-800, 720),
        (-840, 790),
        (-850, 830),
    ]
    smooth = _smooth(np.asarray(way, dtype=np.float64))
    fabric.footways.append({"geometry": LineString(smooth), "width_m": 2.2})
    fabric.bare.append(LineString(smooth).buffer(3.0))
    spot = box(-856, 832, -846, 842)
    fabric.buildings.append(
        {
            "geometry": spot,
            "block": -1,
            "use": "public",
            "storeys": 2,
            "height_m": 8.4,
            "year": 1987,
            "structure": "砖木结构",
            "roof": "hip",
            "noun": "pavilion",
        }
    )


def _smooth(points: np.ndarray) -> np.ndarray:
    """Return a curve through points."""
    from scipy.interpolate import CubicSpline

    t = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    s = np.arange(0.0, t[-1], 9.0)
    return np.column_stack([CubicSpline(t, points[:, i], bc_type="natural")(s) for i in (0, 1)])
