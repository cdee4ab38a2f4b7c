"""Where people work, learn, heal, trade and rest: schools, hospital, market, offices, works, parks."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, box

from models.sample import shapes
from models.sample.blocks import Block, largest
from models.sample.lots import Fabric, Lot
from models.sample.quarters import keep_site

#: Outer size (m) of running tracks by their length.
TRACKS = {400: (92.6, 177.0), 300: (61.0, 139.0), 250: (54.0, 121.0), 200: (41.0, 93.0)}


def _site(lot: Lot, kind: str, use: str, shape: Polygon | None = None, **attributes: Any) -> None:
    """Record an amenity's site and its land."""
    ground = lot.block.polygon if shape is None else lot.outward(shape)
    lot.fabric.amenities.append({"geometry": ground, "kind": kind, "block": lot.block.number, **attributes})
    lot.fabric.land.append({"geometry": ground, "use": use})


def _track(lot: Lot, u: float, sizes: tuple[int, ...]) -> bool:
    for size in sizes:
        w, d = TRACKS[size]
        spot = lot.find(w, d, u, 0.5)
        if spot is None:
            continue
        track = shapes.stadium(spot)
        x0, y0, x1, y1 = spot.bounds
        lanes = {400: 9.8, 300: 7.4, 250: 6.2, 200: 5.0}[size]
        half_w = w / 2 - lanes - 1.0
        half_d = (d - w) / 2 + half_w * 0.45
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        pitch = box(cx - half_w, cy - half_d, cx + half_w, cy + half_d)
        lot.fabric.amenities.append({"geometry": lot.outward(track), "kind": "running_track", "capacity": size})
        lot.fabric.amenities.append(
            {
                "geometry": lot.outward(pitch),
                "kind": "football_pitch",
                "pitch_size": {400: 11, 300: 7, 250: 7, 200: 5}[size],
            }
        )
        lot.fabric.bare.append(lot.outward(track.buffer(3.0)))
        lot.keep_off(spot, 9.0)
        return True
    return False


def school(
    block: Block, kind: str, fabric: Fabric, rng: np.random.Generator, *, area: Polygon | None = None, ifc: bool = False
) -> None:
    """A campus: gate and teaching comb on one side, track and pitch on the other, gym and canteen between."""
    lot = Lot(block, fabric, rng, 5.0)
    if area is not None:
        lot.free = lot.free.intersection(area.buffer(-4.0))
        lot.outline = area
    big = kind != "primary_school"
    capacity = {"primary_school": 1080, "middle_school": 1500, "nine_year_school": 2160}[kind]
    _site(lot, kind, "education", area, capacity=capacity)
    year = int(rng.integers(1996, 2018))
    west = rng.random() < 0.5
    side = 0.72 if west else 0.28
    attributes = {"use": "education", "year": year, "structure": "框架结构", "roof": "flat"}
    if ifc:
        spot = lot.find(64.0, 40.0, side, 0.30) or lot.find(58.0, 36.0, side, 0.30)
        if spot is not None:
            keep_site(lot, "school", spot)
    lot.place(
        74 if big else 60,
        66 if big else 50,
        side,
        0.62,
        10,
        lambda s: shapes.comb(s, 10.5, 3),
        storeys=5 if big else 4,
        height_m=19.6 if big else 15.7,
        noun="teaching",
        **attributes,
    )
    sizes = (400, 300, 250, 200) if big and not ifc else (300, 250, 200) if big else (250, 200)
    _track(lot, 0.06 if west else 0.94, sizes)
    lot.place(42, 27, side, 0.08, 9, None, storeys=2, height_m=13.5, noun="gym", **{**attributes, "roof": "hip"})
    if big:
        lot.place(
            56, 13, side, 0.98, 9, None, storeys=6, height_m=20.0, noun="dormitory", **{**attributes, "roof": "gable"}
        )
        lot.place(34, 24, side, 0.16, 9, None, storeys=3, height_m=12.0, noun="canteen", **attributes)
        lot.place(50, 15, 0.5, 0.9, 8, None, storeys=4, height_m=15.8, noun="laboratory", **attributes)
    for _ in range(3):
        court = lot.find(16.0, 29.0, side, 0.2)
        if court is not None:
            fabric.bare.append(lot.outward(court))
            lot.keep_off(court, 2.0)
    fabric.groves.append((lot.outward(lot.outline), 9.5, 0.55, "park"))


def hospital(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """Outpatients to the street, the medical block behind, ward slabs to the north, a helipad of green."""
    lot = Lot(block, fabric, rng, 7.0)
    _site(lot, "hospital", "medical", capacity=900)
    a = {"use": "medical", "year": int(rng.integers(2004, 2019)), "structure": "框架-剪力墙结构", "roof": "flat"}
    lot.place(86, 44, 0.5, 0.15, 12, lambda s: shapes.you(s, 16.0), storeys=5, height_m=22.5, noun="outpatient", **a)
    lot.place(
        70, 46, 0.45, 0.48, 12, lambda s: shapes.you(s, 15.0, False), storeys=6, height_m=26.4, noun="medical", **a
    )
    lot.place(72, 19, 0.5, 0.80, 16, lambda s: shapes.slab(s, 4), storeys=16, height_m=62.5, noun="ward", **a)
    lot.place(60, 17, 0.5, 1.0, 12, lambda s: shapes.slab(s, 3), storeys=11, height_m=43.0, noun="ward", **a)
    lot.place(30, 24, 0.95, 0.5, 9, None, storeys=3, height_m=12.6, noun="infectious", **a)
    lot.place(22, 14, 0.05, 0.9, 8, None, storeys=2, height_m=9.0, noun="boiler", **a)
    fabric.groves.append((block.polygon, 10.0, 0.5, "park"))


def clinic(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """A block of neighbourhood services: clinic (IFC site), elderly care, a kindergarten, a community centre."""
    lot = Lot(block, fabric, rng, 5.0)
    fabric.land.append({"geometry": block.polygon, "use": "medical"})
    a = {"structure": "框架结构", "roof": "flat", "year": int(rng.integers(2008, 2020))}
    x0, y0, x1, y1 = lot.outline.bounds
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    for kind, area, capacity in (
        ("clinic", box(x0, y0, mx, my), 60),
        ("elderly_care", box(mx, y0, x1, my), 180),
        ("kindergarten", box(x0, my, mx, y1), 360),
        ("shelter", box(mx, my, x1, y1), 2600),
    ):
        ground = largest(lot.outline.intersection(area.buffer(-2.0)))
        fabric.amenities.append(
            {"geometry": lot.outward(ground), "kind": kind, "capacity": capacity, "block": block.number}
        )
    spot = lot.find(38.0, 26.0, 0.25, 0.25)
    if spot is not None:
        keep_site(lot, "clinic", spot)
    lot.place(
        44,
        32,
        0.76,
        0.25,
        9,
        lambda s: shapes.you(s, 12.0),
        use="public",
        storeys=5,
        height_m=17.4,
        noun="elderly",
        **a,
    )
    lot.place(
        46,
        30,
        0.25,
        0.76,
        9,
        lambda s: shapes.ell(s, 12.5),
        use="education",
        storeys=3,
        height_m=11.4,
        noun="kindergarten",
        **a,
    )
    lot.place(34, 22, 0.78, 0.90, 9, None, use="public", storeys=3, height_m=12.0, noun="community_centre", **a)
    fabric.groves.append((block.polygon, 8.5, 0.5, "park"))


def market(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """A wholesale and food market: halls with gable roofs in the middle, a rim of shops, a parking yard."""
    lot = Lot(block, fabric, rng, 4.0)
    _site(lot, "market", "commercial", capacity=420)
    a = {"use": "commercial", "year": int(rng.integers(1997, 2010)), "structure": "钢结构"}
    lot.place(76, 34, 0.5, 0.55, 10, None, storeys=1, height_m=9.5, roof="gable", noun="market_hall", **a)
    lot.place(76, 28, 0.5, 0.25, 10, None, storeys=1, height_m=8.5, roof="gable", noun="market_hall", **a)
    for u, v in ((0.0, 0.3), (1.0, 0.3), (0.0, 0.8), (1.0, 0.8)):
        lot.place(
            13, 46, u, v, 3, None, storeys=2, height_m=8.1, roof="flat", noun="shops", **{**a, "structure": "框架结构"}
        )
    lot.place(
        62, 15, 0.5, 1.0, 4, None, storeys=3, height_m=12.0, roof="flat", noun="shops", **{**a, "structure": "框架结构"}
    )


def offices(
    block: Block, fabric: Fabric, rng: np.random.Generator, *, tall: bool, plaza: bool = False, pocket: bool = False
) -> None:
    """Towers on podiums around a paved court; the riverside one leaves its south to a plaza."""
    lot = Lot(block, fabric, rng, 8.0)
    fabric.land.append({"geometry": block.polygon, "use": "commercial"})
    x0, y0, x1, y1 = lot.outline.bounds
    if plaza:
        place = largest(lot.outline.buffer(-3).intersection(box(x0, y0, x1, y0 + 0.42 * (y1 - y0))))
        fabric.land.append({"geometry": lot.outward(place), "use": "plaza"})
        _plaza(lot, place, rng)
        lot.keep_off(place, 3.0)
    if pocket:
        spot = lot.find(58.0, 48.0, 0.2, 0.3)
        if spot is not None:
            ground = lot.outward(shapes.rounded(spot, 9.0))
            fabric.green.append({"geometry": ground, "kind": "park", "open_to_public": True, "noun": "pocket"})
            fabric.groves.append((ground, 7.5, 0.6, "park"))
            fabric.footways.append({"geometry": LineString(ground.buffer(-8.0).exterior), "width_m": 2.4})
            lot.keep_off(spot, 5.0)
    year = int(rng.integers(2009, 2023))
    targets = (
        [(0.15, 0.25), (0.85, 0.3), (0.2, 0.85), (0.8, 0.85)] if not plaza else [(0.2, 0.62), (0.8, 0.72), (0.5, 1.0)]
    )
    for u, v in targets:
        w, d = float(rng.uniform(50, 66)), float(rng.uniform(44, 56))
        for scale in (1.0, 0.85, 0.72, 0.6):
            spot = lot.find(w * scale, d * scale, u, v, 0.42)
            if spot is not None:
                homes = plaza and (u, v) == targets[0]
                _tower_on_podium(lot, spot, year, tall, rng, homes)
                break
    for u, v in ((0.5, 0.05), (0.5, 0.95), (0.0, 0.5), (1.0, 0.5)):
        if rng.random() < 0.6:
            storeys = int(rng.integers(3, 9))
            lot.place(
                38,
                18,
                u,
                v,
                9,
                None,
                use="office",
                storeys=storeys,
                height_m=round(storeys * 3.9, 1),
                year=year,
                structure="框架结构",
                roof="flat",
                noun="office",
            )
    fabric.groves.append((block.polygon, 11.0, 0.30, "park"))


def _tower_on_podium(
    lot: Lot, spot: Polygon, year: int, tall: bool, rng: np.random.Generator, homes: bool = False
) -> None:
    x0, y0, x1, y1 = spot.bounds
    storeys = int(rng.integers(3, 6))
    height = round(storeys * 4.8, 1)
    a = {"year": year, "structure": "框架-核心筒结构", "roof": "flat"}
    shape = (
        shapes.rounded(spot, 6.0)
        if rng.random() < 0.6
        else shapes.ell(spot, (x1 - x0) * 0.62, bool(rng.random() < 0.5))
    )
    lot.build(shape, 11.0, use="commercial", storeys=storeys, height_m=height, noun="podium", **a)
    side = min(x1 - x0, y1 - y0)
    size = min(side * 0.66, float(rng.uniform(27, 37)))
    base = shape.representative_point() if not shape.contains(Point((x0 + x1) / 2, (y0 + y1) / 2)) else shape.centroid
    cx, cy = base.x, base.y
    for scale in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5):
        half = size * scale / 2
        foot = box(cx - half, cy - half, cx + half, cy + half)
        if shape.contains(foot):
            break
    else:
        return
    floors = int(rng.integers(26, 46)) if tall else int(rng.integers(13, 25))
    floors = min(floors, int(1.25 * size * scale))
    foot = shapes.notched(foot, size * 0.09) if rng.random() < 0.55 else shapes.rounded(foot, size * 0.2)
    top = round(floors * 4.0, 1)
    hotel = rng.random() < 0.15
    use, noun = (
        ("residential", "apartments") if homes else ("commercial", "hotel") if hotel else ("office", "office_tower")
    )
    lot.build(foot, 0.0, use=use, storeys=floors, height_m=top, bottom_m=height, noun=noun, **a)
    if floors > 32:
        crown = largest(foot.buffer(-size * 0.13, join_style="mitre"))
        if crown.area < 60:
            return
        lot.build(crown, 0.0, use="office", storeys=2, height_m=9.0, bottom_m=round(height + top, 1), noun="crown", **a)


def _plaza(lot: Lot, place: Polygon, rng: np.random.Generator) -> None:
    c = place.centroid
    pool = shapes.blob((c.x, c.y), 17.0, 10.0, rng, 0.05)
    lot.fabric.water.append({"geometry": lot.outward(pool), "kind": "pond"})
    lot.fabric.bare.append(lot.outward(pool))
    lot.fabric.amenities.append({"geometry": lot.outward(place), "kind": "shelter", "capacity": 3000})
    lot.fabric.groves.append((lot.outward(place), 8.0, 0.5, "rows"))


def mall(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """A shopping centre with a hotel tower and a cinema box."""
    lot = Lot(block, fabric, rng, 9.0)
    fabric.land.append({"geometry": block.polygon, "use": "commercial"})
    a = {"year": int(rng.integers(2008, 2020)), "structure": "框架结构", "roof": "flat"}
    spot = lot.find(104, 84, 0.5, 0.6) or lot.find(84, 70, 0.5, 0.6)
    if spot is not None:
        hall = shapes.rounded(spot, 14.0)
        lot.build(hall, 12.0, use="commercial", storeys=5, height_m=26.5, noun="mall", **a)
        x0, y0, x1, y1 = spot.bounds
        lot.build(
            box(x1 - 42, y1 - 34, x1 - 14, y1 - 12),
            0.0,
            use="commercial",
            storeys=20,
            height_m=72.0,
            bottom_m=26.5,
            noun="hotel",
            **a,
        )
        lot.build(
            box(x0 + 16, y0 + 14, x0 + 46, y0 + 34),
            0.0,
            use="commercial",
            storeys=2,
            height_m=10.0,
            bottom_m=26.5,
            noun="cinema",
            **a,
        )
    place = lot.find(60, 26, 0.5, 0.05)
    if place is not None:
        fabric.land.append({"geometry": lot.outward(place), "use": "plaza"})
        fabric.groves.append((lot.outward(place), 8.0, 0.5, "rows"))
        lot.keep_off(place, 4.0)
    for u, v in ((0.0, 0.5), (1.0, 0.2), (0.5, 0.0)):
        lot.place(48, 18, u, v, 9, None, use="commercial", storeys=4, height_m=17.5, noun="shops", **a)


def works(block: Block, fabric: Fabric, rng: np.random.Generator, *, logistics: bool = False) -> None:
    """Sheds with low gable roofs in ranks, an office house at the gate."""
    lot = Lot(block, fabric, rng, 8.0)
    fabric.land.append({"geometry": block.polygon, "use": "industrial"})
    year = int(rng.integers(1988, 2016))
    a = {"use": "industrial", "year": year, "structure": "钢结构", "roof": "gable"}
    depth = 30.0 if logistics else float(rng.uniform(19, 26))
    _, y, _, top = lot.free.bounds
    lot.place(
        46,
        14,
        0.1,
        0.05,
        9,
        None,
        use="office",
        storeys=4,
        height_m=15.6,
        year=year,
        structure="框架结构",
        roof="flat",
        noun="office",
    )
    while y < top - depth:
        for left, right in lot.intervals(y, y + depth):
            x = left
            while right - x > 34:
                length = min(float(rng.uniform(48, 104)), right - x)
                if right - x - length < 40:
                    length = min(right - x, 118.0)
                spot = box(x, y, x + length, y + depth)
                if lot.free.buffer(0.05).contains(spot) and rng.random() > 0.1:
                    lot.build(spot, 6.0, storeys=1, height_m=round(float(rng.uniform(8.0, 12.5)), 1), noun="shed", **a)
                x += length + 13.0
        y += depth + (19.0 if logistics else 14.0)
    if not logistics:
        lot.place(
            9,
            9,
            0.95,
            0.95,
            4,
            lambda s: s.centroid.buffer(4.0, quad_segs=6),
            use="industrial",
            storeys=1,
            height_m=24.0,
            year=year,
            structure="钢结构",
            roof="flat",
            noun="tank",
        )
    fabric.groves.append((block.polygon, 14.0, 0.22, "estate"))


def construction(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """A building site: half-grown towers, site huts, bare earth."""
    lot = Lot(block, fabric, rng, 16.0)
    fabric.land.append({"geometry": block.polygon, "use": "construction"})
    fabric.bare.append(block.polygon)
    for u in (0.15, 0.5, 0.85):
        for v in (0.3, 0.75):
            storeys = int(rng.integers(2, 22))
            lot.place(
                30,
                18,
                u,
                v,
                22,
                shapes.tower,
                use="other",
                storeys=storeys,
                height_m=round(storeys * 3.0, 1),
                year=2025,
                structure="剪力墙结构",
                roof="flat",
                noun="unfinished",
            )
    for u in (0.1, 0.3, 0.5):
        lot.place(
            24,
            6,
            u,
            0.02,
            4,
            None,
            use="other",
            storeys=2,
            height_m=5.6,
            year=2024,
            structure="钢结构",
            roof="gable",
            noun="site_hut",
        )


def fire_station(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """A fire station with its drill yard, a bus depot, and some shops."""
    lot = Lot(block, fabric, rng, 5.0)
    fabric.land.append({"geometry": block.polygon, "use": "commercial"})
    site = lot.find(76, 62, 0.2, 0.85) or lot.find(60, 50, 0.2, 0.85)
    if site is not None:
        x0, y0, x1, y1 = site.bounds
        fabric.amenities.append(
            {"geometry": lot.outward(site), "kind": "fire_station", "capacity": 45, "block": block.number}
        )
        lot.build(
            shapes.ell(box(x0 + 4, y1 - 34, x1 - 6, y1 - 6), 14.0, north=False),
            0.0,
            use="public",
            storeys=4,
            height_m=16.4,
            year=2006,
            structure="框架结构",
            roof="flat",
            noun="fire_station",
        )
        lot.build(
            box(x1 - 12, y0 + 5, x1 - 5, y0 + 12),
            0.0,
            use="public",
            storeys=7,
            height_m=24.0,
            year=2006,
            structure="框架结构",
            roof="flat",
            noun="drill_tower",
        )
        fabric.bare.append(lot.outward(site))
        lot.keep_off(site, 8.0)
    for u, v in ((0.7, 0.8), (0.4, 0.3), (0.2, 0.4)):
        lot.place(
            46,
            20,
            u,
            v,
            10,
            None,
            use="commercial",
            storeys=3,
            height_m=13.2,
            year=2003,
            structure="框架结构",
            roof="flat",
            noun="shops",
        )
    fabric.groves.append((block.polygon, 11.0, 0.4, "estate"))


def nursery(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """A city tree nursery beside the expressway, with two glass houses."""
    lot = Lot(block, fabric, rng, 8.0)
    _site(lot, "nursery", "park")
    fabric.green.append({"geometry": block.polygon, "kind": "roadside", "open_to_public": False, "noun": "nursery"})
    for u in (0.45, 0.6):
        lot.place(
            44,
            14,
            u,
            0.3,
            5,
            None,
            use="other",
            storeys=1,
            height_m=4.5,
            year=2012,
            structure="钢结构",
            roof="gable",
            noun="glasshouse",
        )
    fabric.groves.append((block.polygon, 8.0, 0.75, "rows"))


def city_park(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """The city park: a lake with an island, a loop and winding paths, pavilions, a football ground."""
    lot = Lot(block, fabric, rng, 10.0)
    outline = lot.outline
    fabric.land.append({"geometry": block.polygon, "use": "park"})
    fabric.green.append({"geometry": block.polygon, "kind": "park", "open_to_public": True, "noun": "city_park"})
    x0, y0, x1, y1 = outline.bounds
    w, d = x1 - x0, y1 - y0
    lake = shapes.blob((x0 + 0.47 * w, y0 + 0.60 * d), 0.25 * w, 0.20 * d, rng, 0.22)
    island = shapes.blob((x0 + 0.52 * w, y0 + 0.61 * d), 12.0, 9.0, rng, 0.1)
    water = largest(lake.difference(island))
    fabric.water.append({"geometry": lot.outward(water), "kind": "lake"})
    fabric.bare.append(lot.outward(water.buffer(1.5)))
    lot.keep_off(water, 7.0)
    loop = largest(outline.buffer(-26).buffer(14, quad_segs=5))
    shore = Polygon(lake.buffer(6.0).exterior)
    fabric.footways += [
        {"geometry": lot.outward(LineString(g.exterior)), "width_m": m} for g, m in ((loop, 4.5), (shore, 3.0))
    ]
    for t in np.linspace(0, 1, 6, endpoint=False) + 0.07:
        a = loop.exterior.interpolate(t, normalized=True)
        b = shore.exterior.interpolate(shore.exterior.project(a))
        e = outline.exterior.interpolate(outline.exterior.project(a))
        bend = rng.uniform(-9, 9)
        middle = Point((a.x + b.x) / 2 + bend, (a.y + b.y) / 2 - bend)
        curve = [
            (
                (1 - s) ** 2 * a.x + 2 * s * (1 - s) * middle.x + s**2 * b.x,
                (1 - s) ** 2 * a.y + 2 * s * (1 - s) * middle.y + s**2 * b.y,
            )
            for s in np.linspace(0, 1, 9)
        ]
        fabric.footways.append({"geometry": lot.outward(LineString([(e.x, e.y), *curve])), "width_m": 2.6})
    paths = [lot.inward(row["geometry"]) for row in fabric.footways[-8:]]
    lot.keep_off(shapely.union_all(shapely.buffer(paths, 4.0)))
    for width, depth, size, u, v in ((40, 62, 7, 0.82, 0.2), (22, 42, 5, 0.6, 0.12), (16, 26, 3, 0.2, 0.12)):
        spot = lot.find(width, depth, u, v)
        if spot is not None:
            fabric.amenities.append({"geometry": lot.outward(spot), "kind": "football_pitch", "pitch_size": size})
            fabric.bare.append(lot.outward(spot.buffer(2)))
            lot.keep_off(spot, 6.0)
    a = {"use": "public", "storeys": 1, "year": 1998, "structure": "砖木结构"}
    for u, v, width, depth, noun in (
        (0.3, 0.85, 12, 12, "pavilion"),
        (0.75, 0.5, 9, 9, "pavilion"),
        (0.4, 0.3, 26, 14, "teahouse"),
        (0.1, 0.5, 18, 9, "gatehouse"),
    ):
        lot.place(width, depth, u, v, 4, None, height_m=4.2, roof="hip", noun=noun, **a)
    fabric.amenities.append(
        {"geometry": lot.outward(largest(loop.difference(lake.buffer(12)))), "kind": "shelter", "capacity": 12000}
    )
    fabric.groves.append((block.polygon, 9.0, 0.58, "park"))


def riverside(block: Block, fabric: Fabric, rng: np.random.Generator) -> None:
    """The strip between river and river road; where it is wide it is a park, else protective green."""
    wide = block.polygon.area > 13_000
    noun = "riverside_park" if wide else "bank"
    fabric.green.append(
        {"geometry": block.polygon, "kind": "park" if wide else "roadside", "open_to_public": True, "noun": noun}
    )
    fabric.land.append({"geometry": block.polygon, "use": "park" if wide else "road_green"})
    if wide:
        lot = Lot(block, fabric, rng, 8.0)
        path = largest(block.polygon.buffer(-11).buffer(4))
        fabric.footways.append({"geometry": LineString(path.exterior), "width_m": 3.0})
        lot.free = lot.free.difference(lot.inward(LineString(path.exterior)).buffer(5.0))
        for u in (0.25, 0.75):
            lot.place(
                11,
                9,
                u,
                0.6,
                4,
                None,
                use="public",
                storeys=1,
                height_m=4.2,
                year=2011,
                structure="砖木结构",
                roof="hip",
                noun="pavilion",
            )
    fabric.groves.append((block.polygon, 9.5, 0.6, "park"))


def pocket(block: Block, fabric: Fabric) -> None:
    """A left-over corner: planted, and a park if it is large enough."""
    large = block.polygon.area >= 2_000
    fabric.green.append(
        {"geometry": block.polygon, "kind": "park" if large else "roadside", "open_to_public": True, "noun": "pocket"}
    )
    fabric.land.append({"geometry": block.polygon, "use": "park" if large else "road_green"})
    fabric.groves.append((block.polygon, 8.0, 0.6, "park"))
