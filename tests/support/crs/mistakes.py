"""Real layers spoilt by two mistakes at a time, as files come out of offices: a chain of stages, one mistake in each.

A layer's places in degrees go through four stages: the *datum* in which somebody kept them, the *numbers* that were
written, the *rows* that were lost, the *label* that the file carries. A case takes one mistake from each of two stages.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from models.crs.doctor import gcj02
from models.crs.doctor.evidence import Evidence, Neighbour, evidence_of, neighbour_of
from models.layers.layer import Layer, VectorData

Move = Callable[[np.ndarray], np.ndarray]

#: Files under the folder of shared data: the layer that is spoilt, the one beside it that is not, "" for its own other
#: half. Districts of one province are put together.
SCENES = {
    "Nanjing houses": ("cn/nanjing_jianye/buildings_fwst.geojson", "cn/nanjing_jianye/buildings_fangwu1.geojson"),
    "Hefei houses": ("cn/hefei_hfut_campus/buildings.geojson", "cn/hefei_hfut_campus/roads.geojson"),
    "Ningbo communities": ("cn/ningbo/communities_shequ.geojson", ""),
    "Jinan bus lines": ("cn/shandong/buslines_jinan_wgs84.geojson", ""),
    "Shanghai streets": ("osm/shanghai_downtown.osm", ""),
    "Chongqing counties": ("cn/shapefiles/区县界_area.shp", ""),
    "Guangdong parcels": ("cn/urbanvca/2015.shp", "cn/urbanvca/2018.shp"),
    "Qingdao districts": ("cn/admin_cnmaps/3702*.geojson", ""),
}
#: More features than so many are not looked at by the doctor either.
_MOST = 2500


@dataclass(frozen=True, slots=True)
class Scene:
    """A layer whose places are known, and one beside it, degrees."""

    name: str
    shapes: np.ndarray
    beside: np.ndarray
    kind: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: what it does at its stage.

    Parameters
    ----------
    name, stage : str
        ``"datum"``, ``"numbers"``, ``"rows"``, ``"label"``.
    wants : str
        ``"plane"``, ``"degrees"``, or empty for either.
    hidden : bool
        Whether numbers and label alone do not show it: only another layer can.
    """

    name: str
    stage: str
    wants: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A file with two mistakes.

    Parameters
    ----------
    scene, pair : str
    seen : Evidence
    truth : ndarray (n, 2)
        Where the points truly are, degrees; NaN for rows that were lost.
    around : tuple of Neighbour
    old_datum : bool
        Whether only local parameters lead to the truth.
    hidden : int
        How many of the mistakes neither numbers nor label show.
    """

    scene: str
    pair: str
    seen: Evidence
    truth: np.ndarray
    around: tuple[Neighbour, ...]
    old_datum: bool = False
    hidden: int = 0


MISTAKES = (
    Mistake("GCJ-02", "datum", hidden=True), Mistake("BD-09", "datum", hidden=True),
    Mistake("Beijing 1954 numbers", "datum", "plane", hidden=True),
    Mistake("Xian 1980 numbers", "datum", "plane", hidden=True),
    Mistake("swapped", "numbers"), Mistake("millimetres", "numbers", "plane"), Mistake("feet", "numbers", "plane"),
    Mistake("kilometres", "numbers", "plane"), Mistake("no false easting", "numbers", "plane"),
    Mistake("x 1e6", "numbers", "degrees"), Mistake("DDD.MMSS", "numbers", "degrees"),
    Mistake("DDDMM.mmmm", "numbers", "degrees"),
    Mistake("negative longitude", "numbers", "degrees", hidden=True),  # it could be in America
    Mistake("zone number unsaid", "label", "plane"), Mistake("zone number said, not written", "label", "plane"),
    Mistake("label missing", "label"), Mistake("next zone", "label", "plane", hidden=True),
    Mistake("3 as 6 degrees", "label", "plane", hidden=True), Mistake("6 as 3 degrees", "label", "plane", hidden=True),
    Mistake("6 degrees as UTM", "label", "plane", hidden=True),
    Mistake("UTM as 6 degrees", "label", "plane", hidden=True),
    Mistake("called degrees", "label", "plane", hidden=True),  # there is no zone number to tell the zone
    Mistake("called metres", "label", "degrees"), Mistake("Mercator as a zone", "label", "plane"),
    Mistake("a zero", "rows"), Mistake("three zeros", "rows"), Mistake("a lost row", "rows"),
    Mistake("-9999 in two rows", "rows"),
)  # fmt: skip
#: Pairs that no file can have: a zone number without a false easting, a web map on an old datum.
_NEVER = (
    {"no false easting", "zone number unsaid"}, {"no false easting", "Mercator as a zone"},
    {"Beijing 1954 numbers", "Mercator as a zone"}, {"Xian 1980 numbers", "Mercator as a zone"},
)  # fmt: skip
#: Old datums: the shape of their ellipsoid, and how far off they are where no parameters are known, metres east, north.
_OLD = {
    "Beijing 1954 numbers": ("+ellps=krass", (-62.0, 38.0)),
    "Xian 1980 numbers": ("+a=6378140 +rf=298.257", (71.0, -29.0)),
}


def scene(root: Path, name: str) -> Scene | None:
    """Return a scene, None where its files are not there."""
    first, second = SCENES[name]
    paths = sorted(root.glob(first)) if "*" in first else [root / first]
    if not paths or not all(path.exists() for path in paths):
        return None
    shapes = np.concatenate([_degrees(path) for path in paths])
    if second:
        beside = _degrees(root / second)
    else:
        shapes, beside = shapes[::2], shapes[1::2]
    kind = "polygon" if shapely.get_dimensions(shapes[0]) == 2 else "line"
    return Scene(name, shapes[:_MOST], beside, kind)


def pairs() -> list[tuple[Mistake, Mistake]]:
    """Return all pairs of mistakes of different stages that can meet in one file."""
    found = []
    for one, other in itertools.combinations(MISTAKES, 2):
        wants = {one.wants, other.wants} - {""}
        if one.stage != other.stage and len(wants) < 2 and {one.name, other.name} not in _NEVER:
            found.append((one, other))
    return found


def cases(scenes: list[Scene], each: int) -> Iterator[Spoilt]:
    """Return each pair at some scenes in turn, alone and beside the true layer."""
    for number, pair in enumerate(pairs()):
        for turn in range(min(each, len(scenes))):
            here = scenes[(number + turn * 3) % len(scenes)]
            # A pair that does not ask for a plane or for degrees is tried in both, in turn.
            wants = next((one.wants for one in pair if one.wants), ("plane", "degrees")[(number + turn) % 2])
            for near in (False, True):
                yield spoilt(here, pair, wants, near)


def spoilt(here: Scene, pair: tuple[Mistake, Mistake], wants: str, near: bool) -> Spoilt:
    """Return one file: the layer with both mistakes, alone or beside the true one."""
    names = {mistake.name for mistake in pair}
    middle = np.median(shapely.get_coordinates(here.shapes), axis=0)
    written, label = _written_and_label(names, wants, float(middle[0]))
    datum: Move = gcj02.gcj02_of if "GCJ-02" in names else gcj02.bd09_of if "BD-09" in names else _as_it_is
    to_plane = _onto(written, names)
    numbers = _numbers(names)
    shapes = shapely.transform(here.shapes, lambda p: numbers(to_plane(datum(p))))
    shapes = _with_lost_rows(shapes, names, float(shapely.get_coordinates(shapes)[:, 0].mean()))
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=label or None)
    seen = evidence_of(Layer("layer", "layer", "vector"), VectorData(frame))
    assert seen is not None
    around = ()
    if near:
        known = gpd.GeoDataFrame(geometry=list(here.beside), crs="EPSG:4490")
        other = neighbour_of(Layer("beside", "beside", "vector"), VectorData(known), 0.95)
        assert other is not None
        around = (other,)
    truth = evidence_of(Layer("t", "t", "vector"), VectorData(gpd.GeoDataFrame(geometry=list(here.shapes))))
    assert truth is not None
    place = {(int(o), k): p for o, k, p in zip(truth.owner, _nth(truth.owner), truth.points, strict=True)}
    where = np.array([place.get((int(o), int(k)), (np.nan, np.nan)) for o, k in zip(seen.owner, _nth(seen.owner),
                                                                                   strict=True)])  # fmt: skip
    old = bool(names & set(_OLD))
    # Without a label and a zone number nothing tells the zone.
    hidden = sum(mistake.hidden for mistake in pair) + (names == {"no false easting", "label missing"})
    return Spoilt(here.name, " + ".join(mistake.name for mistake in pair), seen, where, around, old, hidden)


def _nth(owner: np.ndarray) -> np.ndarray:
    """Return the place of each vertex within its feature."""
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    return np.arange(len(owner)) - np.repeat(starts, np.diff(np.r_[starts, len(owner)]))


def _written_and_label(names: set[str], wants: str, lon: float) -> tuple[str, str]:
    """Return the CRS in which numbers are written, and the one that the file names."""
    zone, six = round(lon / 3), int(lon // 6) * 6 + 3
    plain, numbered = f"EPSG:{4534 + zone - 25}", f"EPSG:{4513 + zone - 25}"
    wide, utm = f"EPSG:{4502 + (six - 75) // 6}", f"EPSG:{32600 + int((lon + 180) // 6) + 1}"
    if wants == "degrees":
        return "EPSG:4490", "" if "label missing" in names else plain if "called metres" in names else "EPSG:4490"
    table = (
        ("zone number unsaid", numbered, plain), ("zone number said, not written", plain, numbered),
        ("label missing", plain if "no false easting" in names else numbered, ""),
        ("next zone", plain, f"EPSG:{4534 + zone - 25 + (1 if zone < 40 else -1)}"),
        ("3 as 6 degrees", plain, wide), ("6 as 3 degrees", wide, plain), ("6 degrees as UTM", wide, utm),
        ("UTM as 6 degrees", utm, wide), ("called degrees", plain, "EPSG:4490"),
        ("Mercator as a zone", "EPSG:3857", plain),
    )  # fmt: skip
    for name, written, label in table:
        if name in names:
            return written, label
    return plain, plain


def _onto(written: str, names: set[str]) -> Move:
    if written == "EPSG:4490":
        return _as_it_is
    off = np.zeros(2)
    for name, (ellipsoid, away_m) in _OLD.items():
        if name in names:  # its own degrees on its own ellipsoid, as an old survey gave them
            off = np.array(away_m)
            known = {one.name: one.value for one in CRS(written).coordinate_operation.params}
            text = (
                f"+proj=tmerc +lat_0=0 +lon_0={known['Longitude of natural origin']} "
                f"+k={known['Scale factor at natural origin']} +x_0={known['False easting']} +y_0=0 {ellipsoid}"
            )
            move = Transformer.from_crs(f"+proj=longlat {ellipsoid}", text, always_xy=True)
            break
    else:
        move = Transformer.from_crs("EPSG:4490", written, always_xy=True)
    return lambda p: np.column_stack(move.transform(p[:, 0], p[:, 1])) + off


def _numbers(names: set[str]) -> Move:
    def packed(p: np.ndarray) -> np.ndarray:
        d = np.floor(p)
        m = np.floor((p - d) * 60)
        return np.asarray(d + m / 100 + (p - d - m / 60) * 0.36)

    known: dict[str, Move] = {
        "swapped": lambda p: p[:, ::-1], "millimetres": lambda p: p * 1000.0, "feet": lambda p: p / 0.3048,
        "kilometres": lambda p: p / 1000.0, "no false easting": lambda p: p - [5e5, 0.0],
        "x 1e6": lambda p: np.round(p * 1e6), "DDD.MMSS": packed, "negative longitude": lambda p: p * [-1.0, 1.0],
        "DDDMM.mmmm": lambda p: np.floor(p) * 100 + (p - np.floor(p)) * 60,
    }  # fmt: skip
    return next((move for name, move in known.items() if name in names), _as_it_is)


def _with_lost_rows(shapes: np.ndarray, names: set[str], x: float) -> np.ndarray:
    lost: list[Any] = []
    for name, places in (
        ("a zero", [(0.0, 0.0)]), ("three zeros", [(0.0, 0.0)] * 3), ("a lost row", [(x * 37.0 + 4e5, -7.0)]),
        ("-9999 in two rows", [(-9999.0, -9999.0)] * 2),
    ):  # fmt: skip
        if name in names:
            lost += [shapely.Point(*place) for place in places]
    return np.array([*shapes, *lost], dtype=object)


def _as_it_is(points: np.ndarray) -> np.ndarray:
    return points


def _degrees(path: Path) -> np.ndarray:
    frame = gpd.read_file(path, layer="lines") if path.suffix == ".osm" else gpd.read_file(path)
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    frame = frame if frame.crs is not None else frame.set_crs("EPSG:4326")
    flat = shapely.force_2d(np.asarray(frame.geometry.array, dtype=object))
    if frame.crs.is_geographic:
        return flat
    move = Transformer.from_crs(frame.crs, "EPSG:4490", always_xy=True)
    return np.asarray(shapely.transform(flat, lambda p: np.column_stack(move.transform(p[:, 0], p[:, 1]))))
